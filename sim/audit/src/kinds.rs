//! Every kind of finding, by the name it has in a run record.
//!
//! One word for one cause: whoever reads the counts must be able to tell a lying register from a
//! forged signature and a torn file.

use sim_metrics::Finding;

/// Kinds whose finding makes the evidence of a message worthless.
pub(crate) type Kind = &'static str;

// --- files ---

/// A segment is missing, cannot be read, or its header is not what it must be.
pub(crate) const SEGMENT: Kind = "segment";
/// A record's checksum does not fit its bytes, or it cannot be a record at all.
pub(crate) const CHECKSUM: Kind = "checksum";
/// A record's link does not follow from the record before it.
pub(crate) const BROKEN_LINK: Kind = "broken-link";
/// A record's sequence is not the next one.
pub(crate) const SEQUENCE: Kind = "sequence";
/// A journal has no seal.
pub(crate) const UNSEALED: Kind = "unsealed";
/// A seal counts other than the records before it, or something follows it.
pub(crate) const SEAL: Kind = "seal";
/// An index file is missing, damaged, incomplete, or names what is not there.
pub(crate) const INDEX: Kind = "index";
/// A file that does not belong into a journal's folder.
pub(crate) const STRAY_FILE: Kind = "stray-file";
/// A security server has no message log.
pub(crate) const LOG_MISSING: Kind = "log-missing";
/// A record is framed well, but its payload is not what its kind must hold.
pub(crate) const MALFORMED_RECORD: Kind = "malformed-record";

// --- messages ---

/// A head is not a serialised request or response, or contradicts its record.
pub(crate) const MALFORMED_MESSAGE: Kind = "malformed-message";
/// A record names parties that its message does not.
pub(crate) const PARTIES: Kind = "parties";
/// A record of an exchange is not in the log that must hold it.
pub(crate) const MISSING_RECORD: Kind = "missing-record";
/// A record of a message that nobody asked for.
pub(crate) const EXTRA_RECORD: Kind = "extra-record";
/// A message was logged twice on one side.
pub(crate) const DUPLICATE_RECORD: Kind = "duplicate-record";
/// A record stands in the log of a server that cannot have handled it.
pub(crate) const WRONG_SERVER: Kind = "record-at-wrong-server";
/// The two servers logged different bytes of one message.
pub(crate) const SERVERS_DIFFER: Kind = "servers-differ";
/// A logged request is not the question of the ledger.
pub(crate) const NOT_AS_ASKED: Kind = "not-as-asked";
/// A logged response is not the answer of the ledger.
pub(crate) const NOT_AS_ANSWERED: Kind = "not-as-answered";
/// A response's request hash is not that of its request.
pub(crate) const REQUEST_HASH: Kind = "request-hash";

// --- evidence ---

/// A message names a signature record that does not exist.
pub(crate) const SIGNATURE_MISSING: Kind = "signature-missing";
/// A signature document is not one, or a digest or the signature value is wrong.
pub(crate) const SIGNATURE_INVALID: Kind = "signature-invalid";
/// A valid signature, but of something else than the message it was logged with.
pub(crate) const ANOTHER_MESSAGE: Kind = "signature-over-another-message";
/// A hash chain cannot be evaluated, or leaves a part of the message out.
pub(crate) const HASH_CHAIN: Kind = "hash-chain";
/// A signing certificate without a path to the authority, or not valid when it signed.
pub(crate) const CERTIFICATE_INVALID: Kind = "certificate-invalid";
/// A message signed for one member by the certificate of another.
pub(crate) const ANOTHER_MEMBER: Kind = "certificate-of-another-member";
/// A certificate's status is unproven: response unsigned, stale, or of another certificate.
pub(crate) const OCSP_INVALID: Kind = "ocsp-invalid";
/// A certificate that was not good when it signed.
pub(crate) const CERTIFICATE_REVOKED: Kind = "certificate-revoked";
/// A token that does not verify by itself.
pub(crate) const TIME_STAMP_INVALID: Kind = "time-stamp-invalid";
/// A token that verifies, but not over the batch it was logged with.
pub(crate) const ANOTHER_BATCH: Kind = "token-of-another-batch";
/// Batches of signatures that overlap, leave a gap, or miscount.
pub(crate) const BATCHES: Kind = "time-stamp-batches";
/// A signature that was made after its time-stamp.
pub(crate) const STAMPED_TOO_EARLY: Kind = "time-stamp-before-signature";
/// A message whose signature has no time-stamp.
pub(crate) const UNSTAMPED: Kind = "unstamped";

// --- data trackers ---

/// Somebody's data were read, and no data tracker knows of it.
pub(crate) const NOT_TRACKED: Kind = "read-not-tracked";
/// A data tracker knows more than once of one read.
pub(crate) const TRACKED_TWICE: Kind = "read-tracked-twice";
/// A data tracker knows of a read that nobody made.
pub(crate) const TRACKED_UNREAD: Kind = "tracked-without-a-read";
/// A data tracker names another client or service than the one that read.
pub(crate) const TRACKED_OTHERWISE: Kind = "tracked-otherwise";

// --- questions and answers ---

/// An answer that is not the truth.
pub(crate) const WRONG_ANSWER: Kind = "wrong-answer";
/// An answer that belongs to another question.
pub(crate) const SWAPPED_ANSWER: Kind = "swapped-answer";
/// An answer that is no answer at all, though it came as one.
pub(crate) const MALFORMED_ANSWER: Kind = "malformed-answer";
/// A question that is none, or not one of this run's.
pub(crate) const MALFORMED_QUESTION: Kind = "malformed-question";
/// A message ID was used for more than one exchange.
pub(crate) const ID_USED_TWICE: Kind = "message-id-used-twice";
/// A person about whom more than one question was asked.
pub(crate) const ASKED_TWICE: Kind = "person-asked-twice";
/// A person about whom nothing was asked.
pub(crate) const NOT_ASKED: Kind = "person-not-asked";
/// The ledger holds more or fewer exchanges than the run has questions.
pub(crate) const EXCHANGE_COUNT: Kind = "exchange-count";
/// The ledger's verdict on an answer contradicts the answer.
pub(crate) const OUTCOME: Kind = "outcome";
/// A question that was refused; whatever was logged of it is no error.
pub(crate) const REFUSED: Kind = "refused";
/// A question that could not be asked, or whose answer could not be received.
pub(crate) const FAILED: Kind = "failed";
/// A question without an answer, of which the logs tell that it never went out.
pub(crate) const UNKNOWN_NEVER_SENT: Kind = "unknown-never-sent";
/// A question without an answer, of which the logs hold all four records.
pub(crate) const UNKNOWN_ANSWERED: Kind = "unknown-answered";
/// A question without an answer, of which the logs do not tell what became of it.
pub(crate) const UNKNOWN: Kind = "unknown";

/// A finding without a message or a server.
pub(crate) fn finding(kind: Kind, text: impl Into<String>) -> Finding {
    Finding {
        kind: kind.to_owned(),
        message_id: None,
        server: None,
        text: text.into(),
    }
}
