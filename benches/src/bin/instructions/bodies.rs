//! What is counted: the bodies of the benchmarks, by the names that they have there.
//!
//! A body runs in a process of its own under valgrind, where no key can be made: what it needs of
//! signatures was written to a folder before.

use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use benches::audit::{Audit, MESSAGES_PER_EXCHANGE};
use benches::hash_tree::Batch;
use benches::head_codec::HeadCodec;
use benches::http1::Pipe;
use benches::log_append::{Log, Records};
use benches::multipart::Multipart;
use benches::names_and_paths::{
    DEVIOUS_PATH, PLAIN_CLIENT, PLAIN_PATH, Rights, SERVICE, client_there_and_back, normalise,
    service_there_and_back,
};
use benches::population::People;
use benches::signing::Signing;
use bytes::Bytes;

/// Messages of a batch.
const BATCH: usize = 64;
/// Exchanges of the run that is audited.
const AUDITED: u64 = 64;
const AUDITED_MESSAGES: u64 = AUDITED * MESSAGES_PER_EXCHANGE;
const PEOPLE: u64 = 500_000;
/// People computed in a call.
const STRIDE: u64 = 1_000;
const RIGHTS: usize = 64;

/// A body that can be counted, or why it cannot.
pub(crate) struct Body {
    /// Benchmark, function and size.
    pub(crate) name: &'static str,
    pub(crate) work: Work,
}

/// How a body is counted.
#[derive(Clone, Copy)]
pub(crate) enum Work {
    Counted {
        /// Calls of the shorter of two runs; the longer one has twice as many.
        calls: u64,
        /// What a call goes through, and how many of it.
        elements: (u64, &'static str),
        prepare: fn(&Fixtures) -> Result<Call>,
    },
    /// Makes or verifies P-256 signatures with a library that does not run under valgrind.
    NeedsKeys,
}

/// One call of a body, prepared.
pub(crate) type Call = Box<dyn FnMut()>;

/// What bodies need and cannot make themselves.
pub(crate) struct Fixtures(PathBuf);

/// Every body, in the order of the table.
pub(crate) const BODIES: &[Body] = &[
    needs_keys("signing/batch/64"),
    needs_keys("verifying/stranger"),
    needs_keys("verifying/acquainted"),
    needs_keys("verifying/informed"),
    each_message("hash_tree/tree/64", 20, |_| {
        let batch = Batch::new(BATCH);
        call(move || batch.tree())
    }),
    each_message("hash_tree/chains/64", 10, |_| {
        let batch = Batch::new(BATCH);
        call(move || batch.chains())
    }),
    each_message("hash_tree/verify/64", 10, |_| {
        let batch = Batch::new(BATCH);
        let chains = batch.chains();
        call(move || batch.verify(&chains))
    }),
    each_call("head_codec/write_request", 500, |_| {
        let codec = HeadCodec::new();
        call(move || codec.write_request())
    }),
    each_call("head_codec/read_request", 500, |_| {
        let codec = HeadCodec::new();
        call(move || codec.read_request())
    }),
    each_call("head_codec/write_response", 500, |_| {
        let codec = HeadCodec::new();
        call(move || codec.write_response())
    }),
    each_call("head_codec/read_response", 500, |_| {
        let codec = HeadCodec::new();
        call(move || codec.read_response())
    }),
    each_call("head_codec/digest_request", 500, |_| {
        let codec = HeadCodec::new();
        call(move || codec.digest_request())
    }),
    each_call("multipart/write", 500, |fixtures| {
        let multipart = Multipart::new(fixtures.signature(BATCH)?);
        call(move || multipart.write())
    }),
    each_call("multipart/read", 500, |fixtures| {
        let multipart = Multipart::new(fixtures.signature(BATCH)?);
        call(move || multipart.read())
    }),
    each_call("http1/exchange", 500, |_| {
        let mut pipe = Pipe::new();
        call(move || pipe.exchange())
    }),
    each_call("names/client/plain", 1_000, |_| {
        call(|| client_there_and_back(black_box(PLAIN_CLIENT)))
    }),
    each_call("names/service", 1_000, |_| {
        call(|| service_there_and_back(black_box(SERVICE)))
    }),
    each_call("paths/normalise/plain", 1_000, |_| {
        call(|| normalise(black_box(PLAIN_PATH)))
    }),
    each_call("paths/normalise/devious", 1_000, |_| {
        call(|| normalise(black_box(DEVIOUS_PATH)))
    }),
    each_call("paths/rights/64", 1_000, |_| {
        let rights = Rights::new(RIGHTS);
        let (path, _) = normalise(PLAIN_PATH)?;
        call(move || rights.permit(black_box(&path)))
    }),
    counted(
        "population/identities/500000",
        10,
        (STRIDE, "person"),
        |_| {
            let (people, mut first) = (People::new(PEOPLE), 0);
            call(move || {
                first = (first + STRIDE) % PEOPLE;
                people.identities(first, STRIDE)
            })
        },
    ),
    each_call("population/find/500000", 1_000, |_| {
        let people = People::new(PEOPLE);
        let mut texts = people.texts(STRIDE).into_iter().cycle();
        call(move || texts.next().map(|text| people.find(&text)))
    }),
    each_call("log_append/waiting/1", 100, |fixtures| append(fixtures, 1)),
    each_message("log_append/waiting/64", 10, |fixtures| {
        append(fixtures, BATCH)
    }),
    counted(
        "audit/run/64",
        1,
        (AUDITED_MESSAGES, "message"),
        |fixtures| {
            let (audit, folder) = (Audit::new(AUDITED), fixtures.run());
            call(move || assert!(audit.run(&folder).is_clean(), "the run is genuine"))
        },
    ),
];

// === impl Fixtures ===

impl Fixtures {
    /// Those in `folder`.
    pub(crate) const fn within(folder: PathBuf) -> Self {
        Self(folder)
    }

    /// Makes them in `folder`.
    pub(crate) fn make(folder: &Path) -> Result<Self> {
        let fixtures = Self(folder.to_owned());
        for messages in [1, BATCH] {
            let document = Signing::new(messages).run().document;
            fs::write(fixtures.signature_file(messages), document)
                .context("cannot write a signature document")?;
        }
        Audit::new(AUDITED).write_run(&fixtures.run());
        Ok(fixtures)
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.0
    }

    /// The signature document of a batch of so many messages.
    fn signature(&self, messages: usize) -> Result<Bytes> {
        let file = self.signature_file(messages);
        let document = fs::read(&file);
        Ok(document
            .with_context(|| format!("cannot read {}", file.display()))?
            .into())
    }

    fn signature_file(&self, messages: usize) -> PathBuf {
        self.0.join(format!("signature-of-{messages}.xml"))
    }

    /// The folder of a whole run.
    fn run(&self) -> PathBuf {
        self.0.join("run")
    }
}

const fn needs_keys(name: &'static str) -> Body {
    let work = Work::NeedsKeys;
    Body { name, work }
}

const fn each_call(name: &'static str, calls: u64, prepare: fn(&Fixtures) -> Result<Call>) -> Body {
    counted(name, calls, (1, "call"), prepare)
}

const fn each_message(
    name: &'static str,
    calls: u64,
    prepare: fn(&Fixtures) -> Result<Call>,
) -> Body {
    counted(name, calls, (BATCH as u64, "message"), prepare)
}

const fn counted(
    name: &'static str,
    calls: u64,
    elements: (u64, &'static str),
    prepare: fn(&Fixtures) -> Result<Call>,
) -> Body {
    let work = Work::Counted {
        calls,
        elements,
        prepare,
    };
    Body { name, work }
}

fn append(fixtures: &Fixtures, messages: usize) -> Result<Call> {
    let log = Log::open(fixtures.folder());
    let mut records = Records::sharing(messages, &fixtures.signature(messages)?);
    call(move || log.append(records.next_batch()))
}

/// Keeps the compiler from leaving out what nobody looks at.
fn call<T>(mut body: impl FnMut() -> T + 'static) -> Result<Call> {
    Ok(Box::new(move || {
        black_box(body());
    }))
}
