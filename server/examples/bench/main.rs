//! `make bench`: the figures that the README quotes, each beside a yardstick measured in the same run.
//!
//! The server is the release binary in a process of its own; the client and the yardsticks run here, on the same machine.

mod yardstick;

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use flightbox_domain::sample::Plan;
use reqwest::Client;
use tokio::sync::{Mutex, mpsc};

/// Events in a batch.
const BATCH: u64 = 1_000;
/// Batches under way at once.
const CLIENTS: usize = 4;
/// Pages that are timed.
const PAGES: usize = 400;

type Failure = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let events: u64 = std::env::var("FLIGHTBOX_BENCH_EVENTS").ok().map_or(Ok(1_000_000), |text| text.parse())?;
    let folder = tempfile::tempdir()?;
    let mut server = Server::start(folder.path())?;
    println!("events                     {events}, in batches of {BATCH}, {CLIENTS} under way");
    println!("memory at rest             {} MB", server.memory()?);

    let batches: Vec<String> = batches(events);
    let bytes: usize = batches.iter().map(String::len).sum();
    let (took, peak) = ingest(&server, batches.clone()).await?;
    let rate = events as f64 / took.as_secs_f64();
    println!("ingest over HTTP, durable  {rate:.0} events/s, {:.1} MB/s", bytes as f64 / took.as_secs_f64() / 1e6);
    println!("memory under ingest        {peak} MB at most");
    let plain = yardstick::plain_inserts(&folder.path().join("plain.db"), &batches).await?;
    println!("plain prepared inserts     {:.0} events/s of the same bytes; ratio {:.2}", plain, rate / plain);
    drop(batches);

    for (q, label) in
        [("actor:alice outcome:failure", "actor:X outcome:failure"), ("outcome:denied", "outcome:denied"), ("", "all")]
    {
        let (p50, p99, size) = pages(&server, q).await?;
        println!("page of 50, {label:23}  p50 {p50:.2} ms, p99 {p99:.2} ms, {size} bytes");
    }
    for q in ["", "outcome:failure", "actor:alice"] {
        for what in ["histogram", "facets"] {
            let (p50, p99, again) = counts(&server, what, q).await?;
            let asked = if q.is_empty() { "all" } else { q };
            println!("{what:9} of {asked:16} p50 {p50:.1} ms, p99 {p99:.1} ms; remembered {again:.2} ms");
        }
    }
    println!("memory after all that      {} MB", server.memory()?);
    server.stop()?;
    let walk = yardstick::index_walk(&folder.path().join("flightbox.db"), "alice", "failure", PAGES).await?;
    println!("the index walk alone       p50 {:.2} ms, p99 {:.2} ms in the SQLite library", walk.0, walk.1);
    let sizes = yardstick::sizes(&folder.path().join("flightbox.db")).await?;
    println!(
        "bytes an event             {:.0}",
        sizes.iter().map(|(_, bytes)| bytes).sum::<i64>() as f64 / events as f64
    );
    for (what, bytes) in sizes {
        println!("  {what:24} {:.1}", bytes as f64 / events as f64);
    }
    Ok(())
}

/// Sample events as NDJSON, made before the clock starts.
fn batches(events: u64) -> Vec<String> {
    let mut lines = Plan::fixed(events, 1).events();
    let full = (0..events.div_ceil(BATCH)).map(|_| {
        let lines: Vec<String> = lines.by_ref().take(BATCH as usize).map(|event| event.to_string()).collect();
        lines.join("\n")
    });
    full.collect()
}

/// Sends all batches; how long it took until the last one was acknowledged, and the server's largest memory in MB.
async fn ingest(server: &Server, batches: Vec<String>) -> Result<(Duration, u64), Failure> {
    let (queue, waiting) = mpsc::channel(batches.len());
    for batch in batches {
        queue.send(batch).await?;
    }
    drop(queue);
    let waiting = Arc::new(Mutex::new(waiting));
    let start = Instant::now();
    let senders: Vec<_> =
        (0..CLIENTS).map(|_| tokio::spawn(send(server.url.clone(), server.ingest.clone(), waiting.clone()))).collect();
    let mut peak = 0;
    while senders.iter().any(|sender| !sender.is_finished()) {
        peak = peak.max(server.memory()?);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    for sender in senders {
        sender.await??;
    }
    Ok((start.elapsed(), peak))
}

async fn send(url: String, token: String, waiting: Arc<Mutex<mpsc::Receiver<String>>>) -> Result<(), Failure> {
    let client = Client::new();
    loop {
        let Some(batch) = waiting.lock().await.recv().await else { return Ok(()) };
        let request = client.post(format!("{url}/api/v1/events")).bearer_auth(&token);
        let answer = request.header("content-type", "application/x-ndjson").body(batch).send().await?;
        if answer.status() != 201 {
            return Err(format!("{}: {}", answer.status(), answer.text().await?).into());
        }
        answer.bytes().await?;
    }
}

/// Median and 99th percentile of a page in milliseconds, and its size.
async fn pages(server: &Server, q: &str) -> Result<(f64, f64, usize), Failure> {
    let client = Client::new();
    let mut times = Vec::with_capacity(PAGES);
    let mut size = 0;
    for _ in 0..PAGES {
        let start = Instant::now();
        let request = client.get(format!("{}/api/v1/events", server.url)).bearer_auth(&server.read).query(&[("q", q)]);
        size = request.send().await?.error_for_status()?.bytes().await?.len();
        times.push(start.elapsed());
    }
    let (p50, p99) = yardstick::percentiles(times);
    Ok((p50, p99, size))
}

/// Median and 99th percentile of counting, and the median where it is remembered, in milliseconds. Windows that start
/// before the first event differ only in that no count is remembered for them.
async fn counts(server: &Server, what: &str, q: &str) -> Result<(f64, f64, f64), Failure> {
    let client = Client::new();
    let (mut counted, mut remembered) = (Vec::new(), Vec::new());
    for window in 0..20 {
        let from = format!("2000-01-01T00:00:{window:02}Z");
        for times in [&mut counted, &mut remembered] {
            let start = Instant::now();
            let request = client.get(format!("{}/api/v1/{what}", server.url)).bearer_auth(&server.read);
            request.query(&[("q", q), ("from", &from)]).send().await?.error_for_status()?.bytes().await?;
            times.push(start.elapsed());
        }
    }
    let (p50, p99) = yardstick::percentiles(counted);
    Ok((p50, p99, yardstick::percentiles(remembered).0))
}

struct Server {
    child: Child,
    url: String,
    ingest: String,
    read: String,
}

impl Server {
    fn start(folder: &Path) -> Result<Self, Failure> {
        let here = std::env::current_exe()?;
        let program = here.parent().and_then(Path::parent).ok_or("no parent folder")?.join("flightbox");
        let command = |words: &[&str]| {
            let mut command = Command::new(&program);
            command.args(words).env("FLIGHTBOX_DATA", folder).env("FLIGHTBOX_LISTEN", "127.0.0.1:0");
            command
        };
        let printed = |words: &[&str]| {
            let output = command(words).output()?;
            Ok::<_, Failure>(String::from_utf8(output.stdout)?.trim().to_owned())
        };
        let (ingest, read) =
            (printed(&["source", "add", "load"])?, printed(&["token", "add", "bench", "--role", "viewer"])?);
        let mut child = command(&["serve"]).stdout(Stdio::piped()).spawn()?;
        let lines = BufReader::new(child.stdout.take().ok_or("no output")?).lines();
        let ready = lines.map_while(Result::ok).find_map(|line| line.strip_prefix("ready ").map(str::to_owned));
        Ok(Self { child, url: ready.ok_or("the server did not get ready")?, ingest, read })
    }

    /// Resident memory in MB.
    fn memory(&self) -> Result<u64, Failure> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no VmRSS")?;
        Ok(line.trim().trim_end_matches(" kB").parse::<u64>()? / 1024)
    }

    fn stop(&mut self) -> Result<(), Failure> {
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
