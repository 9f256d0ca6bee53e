//! How long does the audit of a run take, and what is a message's share?
//!
//! Measured: everything that `roadtest audit` does with the ledger and both message logs of a run
//! of 64 and of 1,024 exchanges, on as many threads as there are cores.
//!
//! Model: the usual exchange of the pension scenario; 16 messages share a signature, one
//! time-stamp covers each log.
//!
//! Beware: elements are messages, four an exchange. The files were written a moment ago, so no disk
//! is waited for. Reading the trust and beginning threads is a large share of the smaller run; what
//! a signature costs is shared by as many messages as waited together, which a run decides.

use benches::audit::Audit;
use criterion::{BenchmarkId, Criterion, Throughput};

const EXCHANGES: [u64; 2] = [64, 1_024];
/// Of the larger run; each takes some tens of milliseconds.
const SAMPLES: usize = 20;

fn audit(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("audit");
    group.sample_size(SAMPLES);
    for exchanges in EXCHANGES {
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a new folder");
        let audit = Audit::new(exchanges);
        audit.write_run(folder.path());
        group.throughput(Throughput::Elements(audit.messages()));
        group.bench_function(BenchmarkId::new("run", exchanges), |bencher| {
            bencher.iter(|| {
                let result = audit.run(folder.path());
                assert!(result.is_clean(), "the run is genuine");
            });
        });
    }
    group.finish();
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    audit(&mut criterion);
    criterion.final_summary();
}
