//! D7: the same batch, many times.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::{
    client::{Answer, Batch, Sender},
    site::Site,
    tally::tally,
};

const AT_ONCE: usize = 50;

#[tokio::test(flavor = "multi_thread")]
async fn d7_the_same_batch_fifty_times_at_once_and_after_a_restart_is_stored_once() {
    let site = Site::new().await;
    let (sender, batch) = (Sender::new(&site.sender), Batch::new("same".to_owned(), 20));
    let process = site.serve(&[]);
    let answers = join_all((0..AT_ONCE).map(|_| sender.send(&process.url, &batch))).await;
    let mut receipts = BTreeSet::new();
    let mut created = 0;
    for answer in answers {
        let Answer::Taken(status, told) = answer else { panic!("{answer:?}") };
        created += usize::from(status == 201);
        receipts.insert(serde_json::to_string(&told).unwrap());
    }
    assert_eq!((created, receipts.len()), (1, 1), "stored by one, and told to all: {receipts:?}");

    process.kill();
    let process = site.serve(&[]);
    let Answer::Taken(200, told) = sender.anew().send(&process.url, &batch).await else { panic!("not known any more") };
    assert!(receipts.contains(&serde_json::to_string(&told).unwrap()), "{told:?}");

    let mut other: Value = serde_json::from_str(&batch.body()).unwrap();
    other[7]["details"]["text"] = json!("something else");
    assert_eq!(sender.anew().send_as(&process.url, &batch, other.to_string()).await, Answer::Refused(409, false));
    process.kill();
    let counted = tally("D7", &site, &sender).await;
    assert_eq!(counted.stored, batch.events);
}
