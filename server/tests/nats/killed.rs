//! Either end is killed while events come, again and again: what a producer was told is safe is stored, and once.

use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use reqwest::Client;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::task::JoinSet;

use super::{events, standing, until, until_empty, until_it_says};
use crate::common::{
    TestServer,
    nats::{Nats, headers},
    process::{Process, ok},
};

/// Those who publish at once.
const PUBLISHERS: usize = 8;
/// Messages between two kills.
const STRETCH: u64 = 100;

/// Publishers that go on whatever happens.
struct Load {
    stop: Arc<AtomicBool>,
    confirmed: Arc<AtomicU64>,
    publishers: JoinSet<Vec<String>>,
}

impl Load {
    async fn start(nats: &Nats, token: &str) -> Self {
        let (stop, confirmed): (Arc<AtomicBool>, Arc<AtomicU64>) = Default::default();
        let mut publishers = JoinSet::new();
        for publisher in 0..PUBLISHERS {
            let (client, token) = (nats.client().await, token.to_owned());
            let (stop, count) = (stop.clone(), confirmed.clone());
            publishers.spawn(async move {
                let mut safe = Vec::new();
                for n in 0.. {
                    if stop.load(Ordering::Relaxed) {
                        break;
                    }
                    let resource = format!("/{publisher}/{n}");
                    // Without an id: it is the message's name that it is known by.
                    let event = json!({"actor": "a", "action": "x", "resource": resource}).to_string();
                    let sent = client.publish_with_headers("audit.events", headers(&token, &[]), event.into()).await;
                    // What is not confirmed may be stored or not, and is not sent again.
                    if let Ok(answer) = sent
                        && answer.await.is_ok()
                    {
                        safe.push(resource);
                        count.fetch_add(1, Ordering::Relaxed);
                    }
                }
                safe
            });
        }
        Self { stop, confirmed, publishers }
    }

    /// Waits until more has been confirmed.
    async fn go_on(&self) {
        let goal = self.confirmed.load(Ordering::Relaxed) + STRETCH;
        until("events are confirmed", async || self.confirmed.load(Ordering::Relaxed) >= goal).await;
    }

    /// Ends it; the resource of each event that was confirmed.
    async fn stop(self) -> Vec<String> {
        self.stop.store(true, Ordering::Relaxed);
        self.publishers.join_all().await.into_iter().flatten().collect()
    }
}

fn check(confirmed: &[String], stored: &[Value]) {
    let resources: Vec<_> = stored.iter().map(|event| event["resource"]["id"].as_str().unwrap()).collect();
    let once: HashSet<_> = resources.iter().copied().collect();
    assert_eq!(once.len(), resources.len(), "something is stored twice");
    let lost: Vec<_> = confirmed.iter().filter(|resource| !once.contains(resource.as_str())).collect();
    let (first, lost) = (lost.first(), lost.len());
    assert_eq!(lost, 0, "of {} confirmed events, the first of them {first:?}", confirmed.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn nats_is_killed_and_comes_back() {
    let mut nats = Nats::start().await;
    let client = nats.stream().await;
    let server = TestServer::start_as(nats.config()).await;
    let load = Load::start(&nats, &server.add_source("billing").await).await;
    for _ in 0..3 {
        load.go_on().await;
        nats.kill();
        until_it_says(&server, "it notices", |standing| !standing.connected).await;
        nats.restart().await;
        let taken = standing(&server).taken;
        until_it_says(&server, "it goes on", |standing| standing.connected && standing.taken > taken).await;
    }
    load.go_on().await;
    let confirmed = load.stop().await;
    until_empty(&client).await;
    check(&confirmed, &events(&server, "billing").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn flightbox_is_killed_and_comes_back() {
    let nats = Nats::start().await;
    let client = nats.stream().await;
    let folder = TempDir::new().unwrap();
    let url = nats.url();
    let environment: &[(&str, &str)] = &[("FLIGHTBOX_NATS_URL", &url), ("FLIGHTBOX_LOG", "info")];
    let token = ok(folder.path(), &[], &["source", "add", "billing"], "");
    let reader = ok(folder.path(), &[], &["token", "add", "siem", "--role", "viewer"], "");
    let load = Load::start(&nats, &token).await;
    for _ in 0..3 {
        let server = Process::serve(folder.path(), environment);
        load.go_on().await;
        let logged = server.kill();
        assert!(logged.contains("sync_interval: always"), "the warning is missing: {logged}");
        assert!(!logged.contains("s/cret") && !logged.contains("s%2Fcret") && !logged.contains(&token), "{logged}");
    }
    let server = Process::serve(folder.path(), environment);
    load.go_on().await;
    let confirmed = load.stop().await;
    until_empty(&client).await;
    let doctor = || ok(folder.path(), &[], &["doctor"], "");
    let told = "queue        flightbox: events are taken, 0 waiting";
    until("the doctor tells of it", async || doctor().contains(told)).await;
    let (mut stored, mut after) = (Vec::new(), String::new());
    loop {
        let page = format!("{}/api/v1/events?q=source:billing&limit=1000{after}", server.url);
        let page: Value = Client::new().get(page).bearer_auth(&reader).send().await.unwrap().json().await.unwrap();
        stored.extend(page["events"].as_array().unwrap().iter().cloned());
        let Some(next) = page["next"].as_str() else { break };
        after = format!("&after={next}");
    }
    check(&confirmed, &stored);
}
