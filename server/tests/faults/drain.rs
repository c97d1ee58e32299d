//! D10: told to stop under load.

use std::time::{Duration, Instant};

use crate::{
    client::{Answer, Batch, Sender},
    site::{Site, either},
    tally::{say, tally},
};

const PRODUCERS: usize = 8;
/// How long it may take to finish what is under way.
const DRAIN: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread")]
async fn d10_told_to_stop_under_load_it_answers_what_it_stored_and_ends_in_time() {
    let site = Site::new().await;
    let mut sender = Sender::new(&site.sender);
    for round in 0..either(3, 20) {
        let process = site.serve(&[]);
        let sending: Vec<_> = (0..PRODUCERS)
            .map(|n| tokio::spawn(produce(sender.clone(), process.url.clone(), format!("{round}-{n}"))))
            .collect();
        sender.is_answered(20).await;
        let start = Instant::now();
        let (status, logged) = tokio::task::spawn_blocking(|| process.terminate()).await.unwrap();
        let took = start.elapsed();
        assert!(status.success() && took < DRAIN, "{status} after {took:?}: {logged}");
        for sending in sending {
            sending.await.unwrap();
        }
        say(&format!("D10: told to stop under load, it ended after {} ms", took.as_millis()));
        sender = sender.anew();
    }
    let counted = tally("D10", &site, &sender).await;
    // Nobody sent again: what was cut off before it was taken is the only thing that is not there.
    assert!(counted.sent - counted.acknowledged <= either(3, 20) * PRODUCERS * 100);
    assert!(site.verify(&[]).starts_with("whole: "));
}

/// Sends until nobody answers. While it stops, it may say so.
async fn produce(sender: Sender, url: String, name: String) {
    for number in 0.. {
        match sender.send(&url, &Batch::new(format!("{name}-{number}"), 100)).await {
            Answer::Taken(..) | Answer::Refused(503, true) => {}
            Answer::Cut => return,
            Answer::Refused(status, wait) => panic!("{status}, {wait}"),
        }
    }
}
