//! The server under test: the release binary in a process of its own.

use std::{
    io::{BufRead, BufReader, Write as _},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use reqwest::Client;

use crate::Failure;

/// A running server, and what opens its doors.
pub struct Server {
    child: Child,
    /// Its address.
    pub url: String,
    /// The token that events are sent with.
    pub ingest: String,
    /// The token that the API is read with.
    pub read: String,
}

const NAME: &str = "bench";
const PASSWORD: &str = "measured and found long enough";

impl Server {
    /// Starts a server on a folder.
    pub fn start(folder: &Path) -> Result<Self, Failure> {
        let program = program()?;
        let command = |words: &[&str]| {
            let mut command = Command::new(&program);
            command.args(words).env("FLIGHTBOX_DATA", folder).env("FLIGHTBOX_LISTEN", "127.0.0.1:0");
            command
        };
        let printed = |words: &[&str]| {
            let output = command(words).output()?;
            Ok::<_, Failure>(String::from_utf8(output.stdout)?.trim().to_owned())
        };
        let ingest = printed(&["source", "add", "load"])?;
        let read = printed(&["token", "add", "bench", "--role", "viewer"])?;
        let add = ["person", "add", NAME, "--role", "viewer", "--password-stdin"];
        let mut person = command(&add).stdin(Stdio::piped()).stdout(Stdio::null()).spawn()?;
        person.stdin.take().ok_or("no input")?.write_all(PASSWORD.as_bytes())?;
        person.wait()?;
        let mut child = command(&["serve"]).stdout(Stdio::piped()).spawn()?;
        let lines = BufReader::new(child.stdout.take().ok_or("no output")?).lines();
        let ready = lines.map_while(Result::ok).find_map(|line| line.strip_prefix("ready ").map(str::to_owned));
        Ok(Self { child, url: ready.ok_or("the server did not get ready")?, ingest, read })
    }

    /// A browser that has signed in.
    pub async fn browser(&self) -> Result<Client, Failure> {
        let browser = Client::builder().cookie_store(true).build()?;
        let form = format!("name={NAME}&password={}", PASSWORD.replace(' ', "+"));
        let request = browser.post(format!("{}/sign-in", self.url)).header("origin", &self.url);
        let request = request.header("content-type", "application/x-www-form-urlencoded").body(form);
        request.send().await?.error_for_status()?;
        Ok(browser)
    }

    /// Resident memory in MB.
    pub fn memory(&self) -> Result<u64, Failure> {
        memory(&self.child)
    }

    /// Waits until it has nothing to do any more: indexes are merged when nothing came for a while.
    pub async fn at_rest(&self) -> Result<(), Failure> {
        const WHILE: Duration = Duration::from_secs(8);
        /// Ticks of the processor that a server at rest takes meanwhile: it is watched over, and looks through its log.
        const LITTLE: u64 = 40;
        const LONGEST: Duration = Duration::from_secs(600);
        let start = Instant::now();
        while start.elapsed() < LONGEST {
            let before = self.ticks()?;
            tokio::time::sleep(WHILE).await;
            if self.ticks()? - before <= LITTLE {
                return Ok(());
            }
        }
        Err("the server finds no rest".into())
    }

    /// The processor's time that it has taken, in ticks.
    fn ticks(&self) -> Result<u64, Failure> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        let (_, after_name) = stat.rsplit_once(')').ok_or("no name")?;
        let mut fields = after_name.split_whitespace().skip(11);
        let mut next = || Ok::<u64, Failure>(fields.next().ok_or("no times")?.parse()?);
        Ok(next()? + next()?)
    }

    /// Ends it, everything written.
    pub fn stop(&mut self) -> Result<(), Failure> {
        Command::new("kill").arg(self.child.id().to_string()).status()?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Where it has stopped already there is nothing to kill.
        let _ = self.child.kill();
    }
}

fn memory(child: &Child) -> Result<u64, Failure> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id()))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no VmRSS")?;
    Ok(line.trim().trim_end_matches(" kB").parse::<u64>()? / 1024)
}

/// Verifies a log that no server has open: how many seconds it took, and the most memory in MB.
pub fn verify(folder: &Path) -> Result<(f64, u64), Failure> {
    watched(Command::new(program()?).arg("verify").env("FLIGHTBOX_DATA", folder))
}

/// Runs a command to its end: how many seconds it took, and the most memory in MB.
pub fn watched(command: &mut Command) -> Result<(f64, u64), Failure> {
    let command = command.stdout(Stdio::null()).stderr(Stdio::null());
    let (start, mut child, mut peak) = (Instant::now(), command.spawn()?, 0);
    loop {
        if let Some(status) = child.try_wait()? {
            let took = start.elapsed().as_secs_f64();
            return if status.success() { Ok((took, peak)) } else { Err(format!("{command:?}: {status}").into()) };
        }
        // It may have ended just now.
        peak = peak.max(memory(&child).unwrap_or_default());
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// The binary beside this one.
pub fn program() -> Result<PathBuf, Failure> {
    Ok(std::env::current_exe()?.parent().ok_or("no parent folder")?.join("flightbox"))
}
