//! D6: somebody else holds the database.

use sqlx::{ConnectOptions as _, Executor as _, sqlite::SqliteConnectOptions};
use tokio::{sync::watch, task::JoinSet};

use crate::{
    client::{Answer, Batch, Sender},
    site::{MOST_MEMORY, Site, is_long},
    tally::{Reader, say, tally},
};

/// More than may wait.
const CLIENTS: usize = 400;

#[tokio::test(flavor = "multi_thread")]
async fn d6_while_the_database_is_locked_senders_are_told_to_come_again_and_readers_read() {
    let site = Site::new().await;
    let process = site.serve(&[]);
    let sender = Sender::new(&site.sender);
    assert!(matches!(sender.send(&process.url, &Batch::new("before".to_owned(), 5)).await, Answer::Taken(201, _)));
    let mut other = SqliteConnectOptions::new().filename(site.folder().join("flightbox.db")).connect().await.unwrap();
    other.execute("BEGIN EXCLUSIVE").await.unwrap();

    let (told, mut refused) = watch::channel([0; 2]);
    let mut clients = JoinSet::new();
    for client in 0..CLIENTS {
        clients.spawn(one(sender.anew(), process.url.clone(), Batch::new(format!("locked-{client}"), 5), told.clone()));
    }
    // The queue is full at once. In the long form it is held until the writer itself gives up, after 30 s.
    refused.wait_for(|[busy, _]| *busy > 0).await.unwrap();
    assert!(matches!(Reader::new(&process.url, &site.reader).status("/api/v1/events").await, 200 | 503));
    if is_long() {
        refused.wait_for(|[_, failed]| *failed > 0).await.unwrap();
    }
    other.execute("ROLLBACK").await.unwrap();
    clients.join_all().await;
    let ([busy, failed], most) = (*refused.borrow(), process.memory("VmHWM") / 1024);
    say(&format!("D6: locked: {CLIENTS} clients, 429 {busy} times and 503 {failed} times, {most} MiB at most"));
    assert!(most < MOST_MEMORY);
    process.kill();
    let counted = tally("D6, locked", &site, &sender).await;
    assert_eq!(counted.acknowledged, counted.sent);
}

/// Sends until it is stored, a new attempt whenever it may.
async fn one(sender: Sender, url: String, batch: Batch, told: watch::Sender<[usize; 2]>) {
    loop {
        match sender.send(&url, &batch).await {
            Answer::Taken(..) => return,
            Answer::Refused(status @ (429 | 503), true) => {
                told.send_modify(|told| told[usize::from(status == 503)] += 1)
            }
            other => panic!("{other:?}"),
        }
    }
}
