//! D6: two thousand clients at once. Each has a connection of its own, and none waits for what another holds.

use std::{fs, sync::Arc, time::Duration};

use tokio::{sync::Barrier, task::JoinSet};

use crate::{
    client::{Answer, Batch, Sender},
    process::{Process, behind, server},
    site::Site,
    tally::{say, tally},
};

const CLIENTS: usize = 2_000;
/// Until when all of them are connected.
const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread")]
async fn d6_two_thousand_clients_at_once_are_all_answered_and_stored() {
    // As many files as this side needs; the other one sees to that by itself.
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile);
    rustix::process::setrlimit(
        rustix::process::Resource::Nofile,
        rustix::process::Rlimit { current: limit.maximum, ..limit },
    )
    .unwrap();
    let site = Site::new().await;
    // The system's custom, unless a process asks for more.
    let few_files = ["sh", "-c", "ulimit -Sn 1024 && exec \"$0\" \"$@\""].map(str::to_owned);
    let process = Process::start(behind(&few_files, &server(site.folder(), &[])));
    let (sender, all_here) = (Sender::new(&site.sender), Arc::new(Barrier::new(CLIENTS + 1)));
    let mut clients = JoinSet::new();
    for client in 0..CLIENTS {
        clients.spawn(one(sender.anew(), process.url.clone(), client, all_here.clone()));
    }
    tokio::time::timeout(PATIENCE, all_here.wait()).await.expect("not all are let in");
    let connections = fs::read_dir(format!("/proc/{}/fd", process.id())).unwrap().count();
    assert!(connections > CLIENTS, "{connections}");
    let refused: usize = clients.join_all().await.into_iter().sum();
    say(&format!(
        "D6: {CLIENTS} clients at once, {refused} times told to come again, {} MiB at most",
        process.memory("VmHWM") / 1024
    ));
    process.kill();
    let counted = tally("D6, a crowd", &site, &sender).await;
    assert_eq!(counted.acknowledged, counted.sent);
}

/// Connects, waits until all others have, and sends until it is stored; how often it was told to come again.
async fn one(sender: Sender, url: String, number: usize, all_here: Arc<Barrier>) -> usize {
    sender.greet(&url).await;
    all_here.wait().await;
    let batch = Batch::new(format!("crowd-{number}"), 5);
    let mut refused = 0;
    loop {
        match sender.send(&url, &batch).await {
            Answer::Taken(..) => return refused,
            Answer::Refused(429 | 503, true) => refused += 1,
            other => panic!("{other:?}"),
        }
    }
}
