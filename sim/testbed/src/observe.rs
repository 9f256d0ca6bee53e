//! CPU and memory of every process of the country, sampled while it runs.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use procfs::process::Process;
use sim_clock::Clock;
use sim_metrics::{ProcessSample, ProcessUse};

/// Time between two looks.
const SAMPLE_INTERVAL: Duration = Duration::from_millis(500);
/// Samples kept of one process; beyond, every second one is dropped and the interval doubles.
const MAX_SAMPLES: usize = 600;

/// A process to watch.
#[derive(Clone, Debug)]
pub struct Watched {
    /// The part's name.
    pub name: String,
    /// The part's kind, as on the command line.
    pub kind: String,
    /// Its process.
    pub process_id: i32,
}

/// Samples processes on a thread of its own until it is asked for the result.
pub struct Observer {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<Vec<ProcessUse>>>,
    latest: Arc<Mutex<Vec<PartCpu>>>,
}

/// What a process used of a processor at the last look.
#[derive(Clone, Debug, PartialEq)]
pub struct PartCpu {
    /// The part's name.
    pub name: String,
    /// 1 is one core fully used.
    pub share: f64,
}

/// The kernel's books of a thread: time on a processor, and time ready for one.
#[derive(Clone, Copy)]
struct ThreadBooks {
    busy_ns: u64,
    waiting_ns: u64,
}

struct Track {
    watched: Watched,
    process: Option<Process>,
    /// CPU time and moment of the sample before; none before the first one.
    latest: Option<(f64, f64)>,
    /// The first look at the first thread's books, and the moment.
    first_books: Option<(ThreadBooks, f64)>,
    result: ProcessUse,
}

// === impl Watched ===

impl Watched {
    /// The process that calls, which drives a run and audits it.
    #[must_use]
    pub fn conductor() -> Self {
        Self {
            name: "roadtest".to_owned(),
            kind: "conductor".to_owned(),
            process_id: std::process::id().cast_signed(),
        }
    }
}

// === impl Observer ===

impl Observer {
    /// Starts to watch.
    pub fn start(processes: Vec<Watched>, clock: Clock) -> std::io::Result<Self> {
        let stop = Arc::new(AtomicBool::new(false));
        let asked = Arc::clone(&stop);
        let latest = Arc::new(Mutex::new(Vec::new()));
        let told = Arc::clone(&latest);
        let thread = std::thread::Builder::new()
            .name("observer".to_owned())
            .spawn(move || watch(processes, clock, &asked, &told))?;
        Ok(Self {
            stop,
            thread: Some(thread),
            latest,
        })
    }

    /// What each process uses, as of the last look; empty before the first.
    #[must_use]
    pub fn latest(&self) -> Vec<PartCpu> {
        self.latest.lock().clone()
    }

    /// Takes a last sample and returns what each process used.
    #[must_use]
    pub fn finish(mut self) -> Vec<ProcessUse> {
        self.stop.store(true, Ordering::Release);
        self.thread
            .take()
            .map(|thread| {
                thread.thread().unpark();
                thread.join().unwrap_or_default()
            })
            .unwrap_or_default()
    }
}

fn watch(
    processes: Vec<Watched>,
    clock: Clock,
    stop: &AtomicBool,
    told: &Mutex<Vec<PartCpu>>,
) -> Vec<ProcessUse> {
    let began = clock.monotonic();
    let mut interval = SAMPLE_INTERVAL;
    let mut tracks: Vec<Track> = processes.into_iter().map(Track::new).collect();
    loop {
        let stopping = stop.load(Ordering::Acquire);
        let at = clock.monotonic();
        for track in &mut tracks {
            track.sample(at.duration_since(began));
        }
        *told.lock() = tracks.iter().filter_map(Track::latest_share).collect();
        if stopping {
            return tracks.into_iter().map(|track| track.result).collect();
        }
        if tracks
            .iter()
            .any(|track| track.result.series.len() >= MAX_SAMPLES)
        {
            tracks.iter_mut().for_each(Track::thin_out);
            interval *= 2;
        }
        pause(interval, at, clock, stop);
    }
}

/// Waits until `interval` after `from`, or until asked to stop.
fn pause(interval: Duration, from: Instant, clock: Clock, stop: &AtomicBool) {
    while !stop.load(Ordering::Acquire) {
        let passed = clock.monotonic().duration_since(from);
        let Some(left) = interval.checked_sub(passed).filter(|left| !left.is_zero()) else {
            return;
        };
        std::thread::park_timeout(left);
    }
}

// === impl Track ===

impl Track {
    fn new(watched: Watched) -> Self {
        let result = ProcessUse {
            name: watched.name.clone(),
            kind: watched.kind.clone(),
            cpu_seconds: 0.0,
            start_cpu_seconds: 0.0,
            peak_rss_bytes: 0,
            peak_pss_bytes: None,
            idle: None,
            series: Vec::new(),
        };
        let process = Process::new(watched.process_id).ok();
        Self {
            watched,
            process,
            latest: None,
            first_books: None,
            result,
        }
    }

    /// Adds a sample, unless the process is gone.
    fn sample(&mut self, at: Duration) {
        let Some(process) = &self.process else { return };
        let Ok(stat) = process.stat() else {
            tracing::debug!(name = self.watched.name, "a watched process is gone");
            self.process = None;
            return;
        };
        let ticks = procfs::ticks_per_second().max(1);
        let cpu_s = (stat.utime + stat.stime) as f64 / ticks as f64;
        let rss_bytes = stat.rss.saturating_mul(procfs::page_size());
        let rollup = process.smaps_rollup().ok();
        let pss_bytes = rollup.and_then(|rollup| {
            let map = rollup.memory_map_rollup.0.first()?;
            map.extension.map.get("Pss").copied()
        });
        let at_s = at.as_secs_f64();
        // What was used before the first look belongs to no interval.
        let cpu_share = match self.latest {
            Some((cpu_before_s, before_s)) if at_s > before_s => {
                (cpu_s - cpu_before_s) / (at_s - before_s)
            }
            _ => 0.0,
        };
        self.result.cpu_seconds = cpu_s;
        self.result.peak_rss_bytes = self.result.peak_rss_bytes.max(rss_bytes);
        self.result.peak_pss_bytes = self.result.peak_pss_bytes.max(pss_bytes);
        self.result.series.push(ProcessSample {
            at_s,
            cpu_share,
            rss_bytes,
        });
        self.latest = Some((cpu_s, at_s));
        self.result.idle = self.idle(at_s).or(self.result.idle);
    }

    /// Share of the time since the first look in which the first thread neither ran nor waited for
    /// a processor.
    fn idle(&mut self, at_s: f64) -> Option<f64> {
        let books = self.process.as_ref()?.schedstat().ok()?;
        let books = ThreadBooks {
            busy_ns: books.sum_exec_runtime,
            waiting_ns: books.run_delay,
        };
        let (first, first_s) = *self.first_books.get_or_insert((books, at_s));
        let passed_s = at_s - first_s;
        let used_ns = (books.busy_ns - first.busy_ns.min(books.busy_ns))
            + (books.waiting_ns - first.waiting_ns.min(books.waiting_ns));
        (passed_s > 0.0).then(|| (1.0 - used_ns as f64 / 1e9 / passed_s).clamp(0.0, 1.0))
    }

    /// Absent where the process is gone.
    fn latest_share(&self) -> Option<PartCpu> {
        self.process.as_ref()?;
        Some(PartCpu {
            name: self.watched.name.clone(),
            share: self.result.series.last()?.cpu_share,
        })
    }

    fn thin_out(&mut self) {
        let mut index = 0_usize;
        self.result.series.retain(|_| {
            index += 1;
            index.is_multiple_of(2)
        });
    }
}
