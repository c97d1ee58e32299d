//! How far an import is, and how long it will go on: a line that is written over on a terminal, a line now and then
//! elsewhere.

use std::{
    fs,
    io::{IsTerminal, stderr},
    path::PathBuf,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use crate::import::Input;

/// How often it is told on a terminal, and elsewhere.
const ON_TERMINAL: Duration = Duration::from_millis(250);
const ELSEWHERE: Duration = Duration::from_secs(10);
/// Characters of the bar.
const BAR: u64 = 24;

#[derive(Clone)]
pub struct Progress {
    /// The bytes of all files, if each has a length.
    length: Option<u64>,
    started: Instant,
    now: Arc<Mutex<Now>>,
}

struct Now {
    /// Bytes of the files before this one.
    before: u64,
    file: Arc<AtomicU64>,
    told: Instant,
    wrote: bool,
}

impl Progress {
    /// Of reading these files.
    pub fn over(files: &[PathBuf]) -> Self {
        let length = |file: &PathBuf| fs::metadata(file).ok().filter(fs::Metadata::is_file).map(|facts| facts.len());
        let started = Instant::now();
        let now = Now { before: 0, file: Arc::default(), told: started, wrote: false };
        Self { length: files.iter().map(length).sum(), started, now: Arc::new(Mutex::new(now)) }
    }

    /// Follows the next file.
    pub fn watch(&self, input: &Input) {
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        now.before += now.file.load(Ordering::Relaxed);
        now.file = Arc::clone(&input.read);
    }

    /// Tells how far it is, if it is time to.
    pub fn tell(&self, events: usize) {
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        let is_terminal = stderr().is_terminal();
        if now.told.elapsed() < if is_terminal { ON_TERMINAL } else { ELSEWHERE } {
            return;
        }
        now.told = Instant::now();
        let read = now.before + now.file.load(Ordering::Relaxed);
        let line = told(read, self.length, events, self.started.elapsed());
        if is_terminal {
            now.wrote = true;
            eprint!("\r\x1b[K{line}");
        } else {
            eprintln!("{line}");
        }
    }

    /// Leaves the terminal's line to others.
    pub fn end(&self) {
        if self.now.lock().unwrap_or_else(PoisonError::into_inner).wrote {
            eprint!("\r\x1b[K");
        }
    }
}

fn told(read: u64, length: Option<u64>, events: usize, elapsed: Duration) -> String {
    let seconds = elapsed.as_secs_f64();
    let pace = (events as f64 / seconds.max(0.001)).round();
    let Some(length) = length.filter(|length| *length > 0) else {
        return format!("{events} events, {pace}/s");
    };
    let read = read.min(length);
    let left = if read == 0 { 0.0 } else { seconds * (length - read) as f64 / read as f64 };
    let done = read * BAR / length;
    let bar: String = (0..BAR).map(|at| if at < done { '=' } else { ' ' }).collect();
    format!("[{bar}] {} %  {events} events, {pace}/s, {} left", read * 100 / length, told_time(left))
}

fn told_time(seconds: f64) -> String {
    let seconds = seconds.ceil() as u64;
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_left_follows_from_the_bytes_read() {
        let after = |read| told(read, Some(1_000), 500, Duration::from_secs(30));
        assert_eq!(after(250), "[======                  ] 25 %  500 events, 17/s, 1 min 30 s left");
        assert_eq!(after(1_000), "[========================] 100 %  500 events, 17/s, 0 s left");
        assert_eq!(told(5, None, 500, Duration::from_secs(10)), "500 events, 50/s");
    }
}
