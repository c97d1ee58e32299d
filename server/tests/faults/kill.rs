//! D1: killed under load.

use std::fs;

use crate::{
    client::{Answer, Batch, Sender},
    process::Process,
    site::{Numbers, Site, either},
    tally::{Reader, say, tally},
};

/// Producers at once. Half of them send again what got no answer, the others never do.
const PRODUCERS: u64 = 6;

#[tokio::test(flavor = "multi_thread")]
async fn d1_killed_again_and_again_under_load_it_loses_nothing_that_it_acknowledged() {
    let (site, mut numbers) = (Site::new().await, Numbers::new(1));
    let mut sender = Sender::new(&site.sender);
    let kills = either(10, 100);
    let mut checkpoints = Vec::new();
    let mut unanswered: Vec<Option<Batch>> = vec![None; PRODUCERS as usize];
    for kill in 0..kills {
        let process = site.serve(&[]);
        assert_eq!(Reader::new(&process.url, "").status("/readyz").await, 200);
        let sending: Vec<_> = (0..PRODUCERS)
            .map(|producer| {
                let again = unanswered[producer as usize].take();
                tokio::spawn(produce(sender.clone(), process.url.clone(), format!("{kill}-{producer}"), again))
            })
            .collect();
        // Somewhere on the way of a batch, or just when one is answered.
        match numbers.below(2) {
            0 => sender.begins(PRODUCERS + numbers.below(60)).await,
            _ => sender.is_answered(1 + numbers.below(60)).await,
        }
        checkpoints.push(checkpoint(&process).await);
        process.kill();
        for (producer, sending) in sending.into_iter().enumerate() {
            unanswered[producer] = Some(sending.await.unwrap()).filter(|_| producer % 2 == 0);
        }
        sender = sender.anew();
    }
    say(&format!("D1: killed {kills} times"));
    tally("D1", &site, &sender).await;
    let saved = sender.file().with_file_name("checkpoint");
    for checkpoint in checkpoints {
        fs::write(&saved, checkpoint).unwrap();
        let said = site.verify(&["--since", saved.to_str().unwrap()]);
        assert!(said.starts_with("whole: "), "{said}");
    }
}

/// Sends batch after batch until there is no answer; the batch that got none.
async fn produce(sender: Sender, url: String, name: String, again: Option<Batch>) -> Batch {
    let mut next = again;
    for number in 0.. {
        let batch = next.take().unwrap_or_else(|| Batch::new(format!("{name}-{number}"), 1 + number * 7 % 40));
        match sender.send(&url, &batch).await {
            Answer::Taken(..) => {}
            Answer::Cut => return batch,
            Answer::Refused(status, _) => panic!("{status} for {batch:?}"),
        }
    }
    unreachable!("it is killed before")
}

async fn checkpoint(process: &Process) -> String {
    reqwest::get(format!("{}/checkpoint", process.url)).await.unwrap().text().await.unwrap()
}
