//! Reading as people and programs do.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use reqwest::Client;

use crate::{Failure, server::Server, yardstick::percentiles};

/// How often each page is asked for.
pub const TIMES: usize = 200;

/// The pages that are timed: what each is called, and its query, where `ADDRESS` stands for one that there is.
pub const PAGES: [(&str, &str); 8] = [
    ("latest", ""),
    ("a rare actor", "actor:u_15000"),
    ("a busy actor", "actor:svc_gateway"),
    ("an absent actor", "actor:nobody"),
    ("action and outcome", "action:login outcome:failure"),
    ("busy actor, action, outcome", "actor:svc_gateway action:login outcome:failure"),
    ("an exact address", "ip:ADDRESS"),
    ("a free word", "missing"),
];

/// Median and 99th percentile, in milliseconds, of a page of fifty as a browser gets it, its counts left out.
pub async fn page(server: &Server, browser: &Client, q: &str, address: &str) -> Result<(f64, f64), Failure> {
    let q = q.replace("ADDRESS", address);
    let url = format!("{}/events", server.url);
    let mut times = Vec::with_capacity(TIMES);
    for _ in 0..TIMES {
        let start = Instant::now();
        let request = browser.get(&url).query(&[("q", q.as_str()), ("counts", "off")]);
        request.send().await?.error_for_status()?.bytes().await?;
        times.push(start.elapsed());
    }
    Ok(percentiles(times))
}

/// The same through the API, so many pages from the newest.
pub async fn deep(server: &Server, q: &str, pages: usize) -> Result<(f64, f64), Failure> {
    let client = Client::new();
    let ask = async |after: &str, limit: &str| {
        let request = client.get(format!("{}/api/v1/events", server.url)).bearer_auth(&server.read);
        let answer = request.query(&[("q", q), ("limit", limit), ("after", after)]).send().await?.error_for_status()?;
        Ok::<_, Failure>(answer.text().await?)
    };
    let mut after = String::new();
    for _ in 0..pages {
        after = cursor(&ask(&after, "50").await?).ok_or("fewer pages than that")?;
    }
    let mut times = Vec::with_capacity(TIMES);
    for _ in 0..TIMES {
        let start = Instant::now();
        ask(&after, "50").await?;
        times.push(start.elapsed());
    }
    Ok(percentiles(times))
}

fn cursor(answer: &str) -> Option<String> {
    let (_, rest) = answer.split_once("\"next\":\"")?;
    Some(rest.split('"').next()?.to_owned())
}

/// Median and 99th percentile of counting, and the median where it is remembered, in milliseconds. Windows that start
/// before the first event differ only in that no count is remembered for them.
pub async fn counts(server: &Server, what: &str, q: &str) -> Result<(f64, f64, f64), Failure> {
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
    let (p50, p99) = percentiles(counted);
    Ok((p50, p99, percentiles(remembered).0))
}

/// Rows a second of an export of everything, its size in bytes, and the server's largest memory in MB meanwhile.
pub async fn export(server: &Server, browser: &Client, rows: u64) -> Result<(f64, usize, u64), Failure> {
    let start = Instant::now();
    let mut answer = browser.get(format!("{}/events.csv", server.url)).send().await?.error_for_status()?;
    let (mut bytes, mut peak, mut looked) = (0, 0, Instant::now());
    while let Some(part) = answer.chunk().await? {
        bytes += part.len();
        if looked.elapsed() > Duration::from_millis(50) {
            (peak, looked) = (peak.max(server.memory()?), Instant::now());
        }
    }
    Ok((rows as f64 / start.elapsed().as_secs_f64(), bytes, peak))
}

/// Searches and exports that no index helps with, so many at once, again and again until they are told to stop. Each ends
/// when it is answered, refused, or broken off because it took too long.
pub fn keep_asking(
    server: &Server,
    browser: &Client,
    questions: usize,
    stop: &Arc<AtomicBool>,
) -> Vec<tokio::task::JoinHandle<Result<(), Failure>>> {
    let question = |at: usize| {
        let page = if at.is_multiple_of(2) { "events" } else { "events.csv" };
        let (url, browser, stop) = (format!("{}/{page}", server.url), browser.clone(), stop.clone());
        tokio::spawn(async move {
            while !stop.load(Ordering::Relaxed) {
                let mut answer = browser.get(&url).query(&[("q", format!("@text:~\"nothing {at}\""))]).send().await?;
                while !stop.load(Ordering::Relaxed) && matches!(answer.chunk().await, Ok(Some(_))) {}
            }
            Ok(())
        })
    };
    (0..questions).map(question).collect()
}

/// Readers that page without pause until they are told to stop; each tells what its pages took.
pub fn keep_reading(
    server: &Server,
    readers: usize,
    stop: &Arc<AtomicBool>,
) -> Vec<tokio::task::JoinHandle<Result<Vec<Duration>, Failure>>> {
    let reader = |at: usize| {
        let (url, token, stop) = (format!("{}/api/v1/events", server.url), server.read.clone(), stop.clone());
        let q = PAGES[at % PAGES.len()].1;
        tokio::spawn(async move {
            let (client, mut times) = (Client::new(), Vec::new());
            while !stop.load(Ordering::Relaxed) {
                let start = Instant::now();
                let request = client.get(&url).bearer_auth(&token).query(&[("q", q)]);
                request.send().await?.error_for_status()?.bytes().await?;
                times.push(start.elapsed());
            }
            Ok(times)
        })
    };
    (0..readers).map(reader).collect()
}
