//! What the tree costs: the log by itself, with and without it, no server around it.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Instant,
};

use chrono::DateTime;
use flightbox_domain::{keys::Master, random::Random};
use flightbox_event::{json, parse_event};
use flightbox_store::{Masters, Store, Submitted};

use crate::{
    Failure,
    load::{BATCH, CLIENTS},
};

/// How often each of the two is measured, in turns, since machines are not equally fast all the time.
const TURNS: usize = 3;
const SOURCE: &str = "load";
/// After the last of the sample events.
const RECEIVED: &str = "2026-11-01T00:00:00Z";

/// Events a second, with the tree and without it.
pub async fn cost(folder: &Path, batches: &[String]) -> Result<(f64, f64), Failure> {
    let (mut with, mut without) = (0.0, 0.0);
    for turn in 0..TURNS {
        with += ingest(&folder.join(format!("with-{turn}")), batches, true).await?;
        without += ingest(&folder.join(format!("without-{turn}")), batches, false).await?;
    }
    let events = (TURNS * batches.len()) as f64 * BATCH as f64;
    Ok((events / with, events / without))
}

/// Seconds until all is committed.
async fn ingest(folder: &Path, batches: &[String], tree: bool) -> Result<f64, Failure> {
    std::fs::create_dir(folder)?;
    let random = Random::new(|bytes| getrandom::fill(bytes).expect("the system has randomness"));
    let masters = Masters { current: Master::new([1; 32]).ok_or("no key")?, previous: None };
    let store = Store::open(folder, masters, random).await?;
    if !tree {
        store.forgo_tree().await;
    }
    let (batches, next): (Arc<[String]>, _) = (batches.into(), Arc::new(AtomicUsize::new(0)));
    let start = Instant::now();
    let senders: Vec<_> =
        (0..CLIENTS).map(|_| tokio::spawn(send(store.clone(), batches.clone(), next.clone()))).collect();
    for sender in senders {
        sender.await??;
    }
    let took = start.elapsed().as_secs_f64();
    store.close().await;
    std::fs::remove_dir_all(folder)?;
    Ok(took)
}

async fn send(store: Store, batches: Arc<[String]>, next: Arc<AtomicUsize>) -> Result<(), Failure> {
    while let Some(batch) = batches.get(next.fetch_add(1, Ordering::Relaxed)) {
        let received_at = DateTime::parse_from_rfc3339(RECEIVED)?.to_utc();
        let events = json::parse_lines(batch.as_bytes()).map(|(_, line)| {
            let line = line.map_err(|error| format!("{error:?}"))?;
            let event = parse_event(&line).map_err(|problems| format!("{problems:?}"))?;
            Ok(Submitted { event, content: store.keys().content(line.canonical().as_bytes()), received_at })
        });
        let events = events.collect::<Result<_, Failure>>()?;
        store.append(store.prepare(SOURCE, events).await?).await?;
    }
    Ok(())
}
