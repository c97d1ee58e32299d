//! A data folder with somebody who sends and somebody who reads, and whoever serves it.

use std::{
    io::Write as _,
    path::Path,
    process::{Command, Output, Stdio},
    time::{Duration, Instant},
};

use tempfile::TempDir;
use tokio::sync::{Mutex, MutexGuard};

use crate::{
    full::SmallDisk,
    process::{self, Environment, Process},
};

/// Until when it has to be ready.
const READY: Duration = Duration::from_secs(10);
/// What it may need, whatever comes, in MiB.
pub const MOST_MEMORY: u64 = 512;

/// Whether there is time.
pub fn is_long() -> bool {
    std::env::var("FLIGHTBOX_FAULTS").is_ok_and(|form| form == "long")
}

/// The short form's or the long form's.
pub fn either<T>(short: T, long: T) -> T {
    if is_long() { long } else { short }
}

/// Memory, disks and processors are shared: one at a time.
static ALONE: Mutex<()> = Mutex::const_new(());

pub struct Site {
    folder: TempDir,
    disk: Option<SmallDisk>,
    /// The ingest token of the source `load`.
    pub sender: String,
    /// A read token that sees all of it, Flightbox's own record as well.
    pub reader: String,
    _alone: MutexGuard<'static, ()>,
}

impl Site {
    pub async fn new() -> Self {
        Self::on(|_| None).await
    }

    /// On a disk of its own, which is soon full.
    pub async fn on_small_disk() -> Self {
        Self::on(|folder| Some(SmallDisk::mount(folder))).await
    }

    async fn on(mount: impl FnOnce(&Path) -> Option<SmallDisk>) -> Self {
        let alone = ALONE.lock().await;
        let folder = TempDir::new().unwrap();
        let disk = mount(folder.path());
        let mut this = Self { folder, disk, sender: String::new(), reader: String::new(), _alone: alone };
        this.sender = this.ok(&["source", "add", "load"]);
        this.reader = this.ok(&["token", "add", "tally", "--role", "viewer", "--role", "investigator"]);
        this
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn disk(&self) -> &SmallDisk {
        self.disk.as_ref().unwrap()
    }

    /// The command as it is, where it sees the folder.
    fn inside(&self, command: &Command) -> Command {
        match &self.disk {
            None => process::behind(&[], command),
            Some(disk) => process::behind(&disk.prefix(), command),
        }
    }

    /// Serves it, ready in time.
    pub fn serve(&self, environment: Environment<'_>) -> Process {
        let start = Instant::now();
        let process = Process::start(self.inside(&process::server(self.folder(), environment)));
        assert!(start.elapsed() < READY, "ready after {:?}", start.elapsed());
        process
    }

    pub fn run(&self, words: &[&str], input: &str) -> Output {
        let mut command = self.inside(&process::program(self.folder(), &[], words));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // A command that reads nothing may have closed its end already.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        child.wait_with_output().unwrap()
    }

    /// Runs a command that must succeed; what it printed.
    pub fn ok(&self, words: &[&str]) -> String {
        self.ok_with(words, "")
    }

    pub fn ok_with(&self, words: &[&str], input: &str) -> String {
        let output = self.run(words, input);
        assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
    }

    /// `flightbox verify`, which has to find it whole; what it said.
    pub fn verify(&self, words: &[&str]) -> String {
        self.ok(&[&["verify"], words].concat())
    }
}

/// Numbers that are the same in each run.
pub struct Numbers(u64);

impl Numbers {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(2).wrapping_add(0x9e37_79b9_7f4a_7c15))
    }

    /// The next below a bound (Marsaglia's xorshift64).
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}
