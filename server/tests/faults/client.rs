//! A producer that keeps a file of its own of what was acknowledged.

use std::{
    collections::BTreeMap,
    fs::{self, File, OpenOptions},
    io::Write as _,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use reqwest::{Client, header::RETRY_AFTER};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::watch;

/// What is sent at once; its events follow from it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Batch {
    pub name: String,
    pub events: usize,
    /// Blanks behind them: what takes room, and little else.
    pub padding: usize,
}

impl Batch {
    pub fn new(name: String, events: usize) -> Self {
        Self { name, events, padding: 0 }
    }

    pub fn ids(&self) -> impl Iterator<Item = String> {
        (0..self.events).map(|at| format!("{}-{at}", self.name))
    }

    /// Each has something that is sealed, so that keys are made, too.
    pub fn body(&self) -> String {
        let event = |id: String| {
            let (actor, text) = (format!("user-{}", id.len() * 7 % 50), text_of(&id));
            json!({"id": id, "actor": actor, "action": "load.send", "details": {"text": text, "email": "a@e.example"}})
        };
        json!(self.ids().map(event).collect::<Vec<_>>()).to_string() + &" ".repeat(self.padding)
    }
}

/// What the event of an id says.
pub fn text_of(id: &str) -> String {
    format!("event {id} {}", "and so on ".repeat(id.len() % 9))
}

/// What an answer says of each event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    pub id: String,
    pub seq: i64,
    pub leaf_hash: String,
}

/// What became of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    Taken(u16, Vec<Receipt>),
    /// The status, and whether it says when to try again.
    Refused(u16, bool),
    /// There was none.
    Cut,
}

/// Sends for one source. Cloning it is cheap; all clones keep the same file.
#[derive(Clone)]
pub struct Sender {
    token: String,
    http: Client,
    shared: Arc<Shared>,
}

struct Shared {
    folder: TempDir,
    acknowledged: Mutex<File>,
    sent: Mutex<BTreeMap<String, Batch>>,
    begun: watch::Sender<u64>,
    done: watch::Sender<u64>,
}

impl Sender {
    pub fn new(token: &str) -> Self {
        let folder = TempDir::new().unwrap();
        let acknowledged =
            OpenOptions::new().create(true).append(true).open(folder.path().join("acknowledged")).unwrap();
        let (acknowledged, sent) = (Mutex::new(acknowledged), Mutex::default());
        let shared = Shared { folder, acknowledged, sent, begun: watch::Sender::new(0), done: watch::Sender::new(0) };
        Self { token: token.to_owned(), http: Client::new(), shared: Arc::new(shared) }
    }

    /// Forgets connections: those to a server that is gone.
    pub fn anew(&self) -> Self {
        Self { http: Client::new(), ..self.clone() }
    }

    /// The file, and where more can be kept.
    pub fn file(&self) -> PathBuf {
        self.shared.folder.path().join("acknowledged")
    }

    /// Connects, and leaves the connection open.
    pub async fn greet(&self, url: &str) {
        let answer = self.http.get(format!("{url}/healthz")).send().await.unwrap();
        assert_eq!(answer.text().await.unwrap(), "ok\n");
    }

    /// Sends a batch once. What is acknowledged is on disk here when this returns.
    pub async fn send(&self, url: &str, batch: &Batch) -> Answer {
        self.send_as(url, batch, batch.body()).await
    }

    pub async fn send_as(&self, url: &str, batch: &Batch, body: String) -> Answer {
        self.shared.sent.lock().unwrap().insert(batch.name.clone(), batch.clone());
        self.shared.begun.send_modify(|begun| *begun += 1);
        let request = self.http.post(format!("{url}/api/v1/events")).bearer_auth(&self.token);
        let Ok(answer) = request.header("content-type", "application/json").body(body).send().await else {
            return Answer::Cut;
        };
        let (status, wait) = (answer.status().as_u16(), answer.headers().contains_key(RETRY_AFTER));
        // A status that came is an answer, whole or not; but without receipts nothing can be looked up.
        let Ok(body) = answer.json::<Value>().await else { return Answer::Cut };
        if !matches!(status, 200 | 201) {
            return Answer::Refused(status, wait);
        }
        let receipts: Vec<Receipt> = serde_json::from_value(body["receipts"].clone()).unwrap();
        self.keep(&receipts);
        self.shared.done.send_modify(|done| *done += 1);
        Answer::Taken(status, receipts)
    }

    fn keep(&self, receipts: &[Receipt]) {
        let mut file = self.shared.acknowledged.lock().unwrap();
        file.write_all(format!("{}\n", serde_json::to_string(receipts).unwrap()).as_bytes()).unwrap();
        file.sync_data().unwrap();
    }

    /// Waits until so many more have been sent, whatever became of them.
    pub async fn begins(&self, more: u64) {
        until(&self.shared.begun, more).await;
    }

    /// Waits until so many more have been acknowledged.
    pub async fn is_answered(&self, more: u64) {
        until(&self.shared.done, more).await;
    }

    /// All batches that were ever sent.
    pub fn sent(&self) -> Vec<Batch> {
        self.shared.sent.lock().unwrap().values().cloned().collect()
    }
}

async fn until(counter: &watch::Sender<u64>, more: u64) {
    let mut counter = counter.subscribe();
    let start = *counter.borrow();
    let _ = counter.wait_for(|now| *now >= start + more).await;
}

/// The receipts in a file of acknowledgements, a batch a line.
pub fn acknowledged(file: &Path) -> Vec<Vec<Receipt>> {
    fs::read_to_string(file).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}
