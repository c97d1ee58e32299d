//! `make bench`: the figures that the READMEs quote, each beside a yardstick measured in the same run.
//!
//! The server is the release binary in a process of its own; the client and the yardsticks run here, on the same
//! machine. `FLIGHTBOX_BENCH_EVENTS` says how many events; pages are timed at a tenth of them and at all.

mod import;
mod layer;
mod load;
mod reading;
mod server;
mod tree;
mod ways;
mod yardstick;

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use load::{BATCH, CLIENTS, ingest};
use reading::PAGES;
use server::Server;

/// Whatever may go wrong.
type Failure = Box<dyn std::error::Error + Send + Sync>;

const READERS: usize = 8;
const HEAVY: usize = 50;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let events: u64 = std::env::var("FLIGHTBOX_BENCH_EVENTS").ok().map_or(Ok(10_000_000), |text| text.parse())?;
    let folder = tempfile::tempdir()?;
    let mut server = Server::start(folder.path())?;
    let browser = server.browser().await?;
    println!("events                          {events}, in batches of {BATCH}, {CLIENTS} under way");
    reading::page(&server, &browser, "", "").await?;
    server.at_rest().await?;
    println!("memory at rest                  {} MB", server.memory()?);

    let batches = load::batches(events);
    let tenth = batches.len() / 10;
    let address = load::an_address(&batches).ok_or("no event has an address")?;
    let rate =
        |batches: &[String], took: std::time::Duration| (batches.len() as u64 * BATCH) as f64 / took.as_secs_f64();
    let first = ingest(&server, &batches[..tenth]).await?;
    println!("ingest, durable, first tenth    {:.0} events/s", rate(&batches[..tenth], first.took));
    let small = pages(&server, &browser, &address).await?;
    // The last tenth comes in while others read.
    let middle = &batches[tenth..batches.len() - tenth];
    let alone = ingest(&server, middle).await?;
    let alone_rate = rate(middle, alone.took);
    println!("ingest, durable                 {alone_rate:.0} events/s");
    println!("memory under ingest             {} MB at most", first.peak.max(alone.peak));
    let last = &batches[batches.len() - tenth..];
    while_reading(&server, last, alone_rate).await?;
    let large = pages(&server, &browser, &address).await?;
    for (at, (label, _)) in PAGES.iter().enumerate() {
        let ((p50, p99), (s50, s99)) = (large[at], small[at]);
        println!("page: {label:27} p50 {p50:6.2} ms, p99 {p99:6.2} ms; at a tenth {s50:.2}, {s99:.2}");
    }
    for depth in [0, 10, 100] {
        let (p50, p99) = reading::deep(&server, "action:login", depth).await?;
        println!("API page, {depth:3} pages deep        p50 {p50:6.2} ms, p99 {p99:6.2} ms");
    }
    for q in ["", "outcome:failure"] {
        for what in ["histogram", "facets"] {
            let (p50, p99, again) = reading::counts(&server, what, q).await?;
            let asked = if q.is_empty() { "all" } else { q };
            println!("{what:9} of {asked:19} p50 {p50:6.1} ms, p99 {p99:6.1} ms; remembered {again:.2} ms");
        }
    }
    let (idle, beside) = beside_heavy(&server, &browser).await?;
    println!(
        "one event at rest               p99 {idle:.1} ms; beside {HEAVY} heavy questions {beside:.1} ms, {:.1} times",
        beside / idle
    );
    let (p50, p99) = ways::steadily(&server).await?;
    println!("one event of 1,000 a second     p50 {p50:.1} ms, p99 {p99:.1} ms");
    let before = server.memory()?;
    let (rows, bytes, peak) = reading::export(&server, &browser, events).await?;
    println!(
        "export as CSV                   {rows:.0} rows/s, {} MB; memory {before} MB before, {peak} MB at most",
        bytes >> 20
    );
    println!("memory after all that           {} MB", server.memory()?);
    server.at_rest().await?;
    server.stop()?;
    // What comes now is no part of what is weighed below.
    let other = tempfile::tempdir()?;
    let mut server = Server::start(other.path())?;
    ways::measure(&server).await?;
    let (without, with) = layer::cost(&server).await?;
    println!(
        "flightbox-layer                 adds {:.1} µs to a request; {with:.1} µs with it, {without:.1} µs without",
        with - without
    );
    server.stop()?;

    let import::Imported { size, rate, memory, jq } = import::measure(other.path(), events.min(import::MOST))?;
    let jq = jq
        .map_or("jq is not installed".to_owned(), |jq| format!("jq reads and writes {jq:.0}, ratio {:.2}", rate / jq));
    println!("import                          {rate:.0} events/s of {size:.0} bytes, {memory} MB at most; {jq}");
    let (took, memory) = server::verify(folder.path())?;
    println!("verify                          {took:.1} s, {memory} MB at most");
    let database = folder.path().join("flightbox.db");
    let (p50, p99) = yardstick::index_walk(&database, "svc_gateway", "failure", reading::TIMES).await?;
    println!("yardstick: the index walk alone p50 {p50:6.2} ms, p99 {p99:6.2} ms in the SQLite library");
    let (with, without) = tree::cost(folder.path(), &batches[..tenth]).await?;
    println!(
        "yardstick: the log by itself    {with:.0} events/s, without the tree {without:.0}; ratio {:.2}",
        with / without
    );
    let plain = yardstick::plain_inserts(&folder.path().join("plain.db"), &batches[..tenth]).await?;
    println!("yardstick: plain inserts        {plain:.0} events/s of the same bytes; ratio {:.2}", alone_rate / plain);
    for (label, p50) in yardstick::plain_pages(&folder.path().join("table.db"), &batches, &address).await? {
        println!("yardstick: plain table, {label:27} p50 {p50:.2} ms");
    }
    let sizes = yardstick::sizes(&database).await?;
    let all = sizes.iter().map(|(_, bytes)| bytes).sum::<i64>() as f64;
    println!("bytes an event                  {:.1}", all / events as f64);
    for (what, bytes) in sizes {
        println!("  {what:29} {:.1}", bytes as f64 / events as f64);
    }
    Ok(())
}

async fn pages(server: &Server, browser: &reqwest::Client, address: &str) -> Result<Vec<(f64, f64)>, Failure> {
    let mut took = Vec::with_capacity(PAGES.len());
    for (_, q) in PAGES {
        took.push(reading::page(server, browser, q, address).await?);
    }
    Ok(took)
}

/// The 99th percentile of how long one event takes to be committed, in milliseconds, at rest and beside questions that
/// read every record.
async fn beside_heavy(server: &Server, browser: &reqwest::Client) -> Result<(f64, f64), Failure> {
    let (_, idle) = yardstick::percentiles(load::one_by_one(server).await?);
    let stop = Arc::new(AtomicBool::new(false));
    let questions = reading::keep_asking(server, browser, HEAVY, &stop);
    let (_, beside) = yardstick::percentiles(load::one_by_one(server).await?);
    stop.store(true, Ordering::Relaxed);
    for question in questions {
        question.await??;
    }
    Ok((idle, beside))
}

async fn while_reading(server: &Server, batches: &[String], alone: f64) -> Result<(), Failure> {
    let stop = Arc::new(AtomicBool::new(false));
    let readers = reading::keep_reading(server, READERS, &stop);
    let took = ingest(server, batches).await?.took;
    stop.store(true, Ordering::Relaxed);
    let mut times = Vec::new();
    for reader in readers {
        times.extend(reader.await??);
    }
    let rate = (batches.len() as u64 * BATCH) as f64 / took.as_secs_f64();
    let pages = times.len() as f64 / took.as_secs_f64();
    let (p50, p99) = yardstick::percentiles(times);
    println!(
        "ingest beside {READERS} readers          {rate:.0} events/s, {:.2} of alone; {pages:.0} pages/s, p50 {p50:.1} ms, p99 {p99:.1} ms",
        rate / alone
    );
    Ok(())
}
