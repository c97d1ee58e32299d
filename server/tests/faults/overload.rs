//! D6: much more comes than it can take.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::task::JoinSet;

use crate::{
    client::{Answer, Batch, Sender},
    site::{MOST_MEMORY, Site, either},
    tally::{say, tally},
};

/// Who send without a pause.
const PRODUCERS: usize = 160;
const EVENTS: usize = 20;
/// Two mebibytes in each batch: all of them together are more than twice what there is room for.
const PADDING: usize = 2 << 20;

#[tokio::test(flavor = "multi_thread")]
async fn d6_overrun_it_tells_senders_to_come_again_stays_small_and_stores_what_it_accepts() {
    let site = Site::new().await;
    let process = site.serve(&[]);
    let (sender, told) = (Sender::new(&site.sender), Arc::new(AtomicUsize::new(0)));
    let until = Instant::now() + either(Duration::from_secs(12), Duration::from_secs(180));
    let mut producers = JoinSet::new();
    for producer in 0..PRODUCERS {
        producers.spawn(produce(sender.anew(), process.url.clone(), producer, told.clone(), until));
    }
    let strange: Vec<_> = producers.join_all().await.into_iter().flatten().collect();
    assert!(strange.is_empty(), "{strange:?}: {}", process.logged());
    let (refused, most) = (told.load(Ordering::Relaxed), process.memory("VmHWM") / 1024);
    say(&format!("D6: overrun by {PRODUCERS} producers: {refused} batches told to come again, {most} MiB at most"));
    assert!(refused > 0 && most < MOST_MEMORY, "{most} MiB");
    process.kill();
    tally("D6, overrun", &site, &sender).await;
}

/// Sends new batches, whatever becomes of those before, until the time is over; an answer that none should get.
async fn produce(
    sender: Sender,
    url: String,
    producer: usize,
    told: Arc<AtomicUsize>,
    until: Instant,
) -> Option<Answer> {
    for number in 0.. {
        let batch = Batch { padding: PADDING, ..Batch::new(format!("over-{producer}-{number}"), EVENTS) };
        match sender.send(&url, &batch).await {
            Answer::Taken(..) => {}
            Answer::Refused(429 | 503, true) => _ = told.fetch_add(1, Ordering::Relaxed),
            other => return Some(other),
        }
        if Instant::now() > until {
            break;
        }
    }
    None
}
