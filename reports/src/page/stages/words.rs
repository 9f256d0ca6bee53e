//! What each part is, for somebody who never saw one.

use sim_metrics::Part;

/// What it does, a sentence or two.
pub(super) const fn means(part: Part) -> &'static str {
    match part {
        Part::Admit => {
            "Whether this organisation may ask this: client, provider, service and access right."
        }
        Part::Parse => "Reading messages from bytes, and writing them as bytes.",
        Part::Sign => {
            "Digests of a message, and the signature that says who sent it. Messages that wait are \
             signed together."
        }
        Part::Verify => "Checking the other side’s signature: digests, hash chain, certificate.",
        Part::Ocsp => {
            "Whether the other side’s certificate is still good, with the responder that says so."
        }
        Part::TimeStamp => {
            "A third party’s word on when signatures existed; one covers many. With that party’s \
             own work."
        }
        Part::Log => "Writing every message to disk, until it cannot be lost any more.",
        Part::Tls => "Encrypting what travels between the security servers.",
        Part::Transport => {
            "The operating system’s work on sockets; as time, the way between processes and back."
        }
        Part::EventLoop => {
            "What is left of the servers’ main threads: HTTP, calling the register, turning from \
             one exchange to the next; as time, waiting for a turn."
        }
        Part::Service => "The register, which looks people up.",
        Part::LoadGenerator => {
            "Asking the questions and noting the answers; as time, the delay before a question is \
             sent."
        }
        Part::Rest => {
            "Certificates, registration and filling the register before the load; sealing the \
             logs after it."
        }
    }
}

/// The part within a sentence.
pub(super) const fn phrase(part: Part) -> &'static str {
    match part {
        Part::Admit => "checking who may ask what",
        Part::Parse => "reading and writing messages",
        Part::Sign => "signing",
        Part::Verify => "verifying signatures",
        Part::Ocsp => "certificate status",
        Part::TimeStamp => "time-stamping",
        Part::Log => "the message logs",
        Part::Tls => "encryption",
        Part::Transport => "moving bytes between processes",
        Part::EventLoop => "the servers’ event loops",
        Part::Service => "the register",
        Part::LoadGenerator => "the load generator",
        Part::Rest => "starting and ending",
    }
}
