//! Sending events.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use flightbox_domain::sample::Plan;
use reqwest::Client;
use tokio::sync::{Mutex, mpsc};

use crate::{Failure, server::Server};

/// Events in a batch.
pub const BATCH: u64 = 1_000;
/// Batches under way at once.
pub const CLIENTS: usize = 4;

/// Events that are sent one by one.
const SINGLE: usize = 400;

/// What sending took.
pub struct Ingested {
    /// Until the last batch was acknowledged.
    pub took: Duration,
    /// The server's largest memory, in MB.
    pub peak: u64,
}

/// Sample events as NDJSON, a thousand to a batch.
pub fn batches(events: u64) -> Vec<String> {
    let mut lines = Plan::fixed(events, 1).events();
    let full = (0..events.div_ceil(BATCH)).map(|_| {
        let lines: Vec<String> = lines.by_ref().take(BATCH as usize).map(|event| event.to_string()).collect();
        lines.join("\n")
    });
    full.collect()
}

/// The address of the first event.
pub fn an_address(batches: &[String]) -> Option<String> {
    let (_, rest) = batches.first()?.split_once("\"ip\":\"")?;
    Some(rest.split('"').next()?.to_owned())
}

/// Sends batches, some at once, until all are acknowledged.
pub async fn ingest(server: &Server, batches: &[String]) -> Result<Ingested, Failure> {
    over(server, batches, CLIENTS).await
}

/// The same over so many connections.
pub async fn over(server: &Server, batches: &[String], connections: usize) -> Result<Ingested, Failure> {
    let (queue, waiting) = mpsc::channel(batches.len().max(1));
    for batch in batches {
        queue.send(batch.clone()).await?;
    }
    drop(queue);
    let waiting = Arc::new(Mutex::new(waiting));
    let start = Instant::now();
    let senders: Vec<_> = (0..connections)
        .map(|_| tokio::spawn(send(server.url.clone(), server.ingest.clone(), waiting.clone())))
        .collect();
    let mut peak = 0;
    while senders.iter().any(|sender| !sender.is_finished()) {
        peak = peak.max(server.memory()?);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    for sender in senders {
        sender.await??;
    }
    Ok(Ingested { took: start.elapsed(), peak })
}

/// Sends single events, one after the other; how long each took to be acknowledged.
pub async fn one_by_one(server: &Server) -> Result<Vec<Duration>, Failure> {
    let (client, mut times) = (Client::new(), Vec::with_capacity(SINGLE));
    for _ in 0..SINGLE {
        let start = Instant::now();
        single(&client, server).send().await?.error_for_status()?.bytes().await?;
        times.push(start.elapsed());
    }
    Ok(times)
}

/// A request with one event.
pub fn single(client: &Client, server: &Server) -> reqwest::RequestBuilder {
    let request = client.post(format!("{}/api/v1/events", server.url)).bearer_auth(&server.ingest);
    request.header("content-type", "application/json").body(r#"{"actor":"u_1","action":"login"}"#)
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
