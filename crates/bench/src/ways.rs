//! Ingest by how many events come at once, and over how many connections; and single events at a steady rate.

use std::time::{Duration, Instant};

use flightbox_domain::sample::Plan;
use tokio::task::JoinSet;

use crate::{
    Failure,
    load::{self, Ingested},
    server::Server,
    yardstick::percentiles,
};

/// Events in a batch, connections, batches.
const WAYS: [(usize, usize, usize); 9] = [
    (1, 1, 500),
    (1, 16, 5_000),
    (1, 64, 10_000),
    (100, 1, 500),
    (100, 16, 2_000),
    (100, 64, 2_000),
    (1_000, 1, 150),
    (1_000, 16, 300),
    (1_000, 64, 300),
];
/// Single events a second, and for how long they come.
const STEADY: u64 = 1_000;
const SECONDS: u64 = 10;
/// No other sample of the run has this seed, so none of its ids.
const SEED: u64 = 2;

/// Prints a line for each way.
pub async fn measure(server: &Server) -> Result<(), Failure> {
    let events: usize = WAYS.iter().map(|(events, _, batches)| events * batches).sum();
    let mut lines = Plan::fixed(events as u64, SEED).events();
    for (events, connections, batches) in WAYS {
        let batch = |_| lines.by_ref().take(events).map(|event| event.to_string()).collect::<Vec<_>>().join("\n");
        let batches: Vec<String> = (0..batches).map(batch).collect();
        let Ingested { took, .. } = load::over(server, &batches, connections).await?;
        let rate = (events * batches.len()) as f64 / took.as_secs_f64();
        println!("ingest, {events:4} x {connections:2}               {rate:.0} events/s");
    }
    Ok(())
}

/// How long each of many single events takes to be acknowledged, from the moment it is due.
pub async fn steadily(server: &Server) -> Result<(f64, f64), Failure> {
    let (client, mut sent) = (reqwest::Client::new(), JoinSet::new());
    let mut due = tokio::time::interval(Duration::from_secs(1) / STEADY as u32);
    for _ in 0..STEADY * SECONDS {
        let due = due.tick().await;
        let request = load::single(&client, server);
        sent.spawn(async move {
            request.send().await?.error_for_status()?.bytes().await?;
            Ok::<_, reqwest::Error>(Instant::now() - due.into_std())
        });
    }
    let mut times = Vec::with_capacity(sent.len());
    while let Some(took) = sent.join_next().await {
        times.push(took??);
    }
    Ok(percentiles(times))
}
