//! What was sent and acknowledged, held against what a fresh process reads back.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::Write as _,
};

use reqwest::Client;
use serde_json::Value;

use crate::{
    client::{Batch, Receipt, Sender, acknowledged, text_of},
    site::Site,
};

/// The most that the API gives at once.
const PAGE: usize = 1_000;

/// Events, counted.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub sent: usize,
    pub acknowledged: usize,
    pub stored: usize,
    /// Acknowledged, and not there, or not as it was sent, or under another number or hash.
    pub lost: usize,
    /// There more than once.
    pub doubled: usize,
    /// Batches of which a part is there.
    pub torn: usize,
    /// Numbers below the largest that no event has.
    pub gaps: usize,
}

/// Counts what a fresh process reads back of all that was sent, says so, and fails unless all of it is as it has to be.
pub async fn tally(what: &str, site: &Site, sender: &Sender) -> Tally {
    let process = site.serve(&[]);
    let receipts = acknowledged(&sender.file());
    hold(what, &Reader::new(&process.url, &site.reader), &sender.sent(), receipts.iter().flatten()).await
}

/// The same of some receipts, and of whoever is asked.
pub async fn hold(
    what: &str,
    reader: &Reader<'_>,
    batches: &[Batch],
    receipts: impl Iterator<Item = &Receipt>,
) -> Tally {
    let (load, own) = (reader.all("source:load").await, reader.all("source:flightbox").await);
    let tally = count(batches, receipts, &load, &own);
    let Tally { sent, acknowledged, stored, lost, doubled, torn, gaps } = &tally;
    say(&format!(
        "{what}: sent {sent}, acknowledged {acknowledged}, stored {stored}, lost {lost}, doubled {doubled}, \
         batches in part {torn}, numbers left out {gaps}"
    ));
    assert_eq!((*lost, *doubled, *torn, *gaps), (0, 0, 0, 0), "{what}");
    assert!(tally.acknowledged <= tally.stored && tally.stored <= tally.sent, "{what}");
    tally
}

fn count<'a>(batches: &[Batch], receipts: impl Iterator<Item = &'a Receipt>, load: &[Value], own: &[Value]) -> Tally {
    let mut there: BTreeMap<&str, Vec<&Value>> = BTreeMap::new();
    load.iter().for_each(|event| there.entry(event["id"].as_str().unwrap()).or_default().push(event));
    let torn = batches.iter().filter(|batch| {
        let parts = batch.ids().filter(|id| there.contains_key(id.as_str())).count();
        parts != 0 && parts != batch.events
    });
    // A batch that was sent again was acknowledged again.
    let receipts: BTreeMap<_, _> = receipts.map(|receipt| (receipt.id.as_str(), receipt)).collect();
    let is_there = |receipt: &Receipt| {
        there.get(receipt.id.as_str()).is_some_and(|all| {
            let event = all[0];
            event["seq"] == receipt.seq
                && event["leaf_hash"] == receipt.leaf_hash.as_str()
                && event["details"]["text"] == text_of(&receipt.id)
        })
    };
    let seq = |event: &Value| event["seq"].as_i64().unwrap();
    let numbers: BTreeSet<i64> = load.iter().chain(own).map(seq).collect();
    let largest = load.iter().map(seq).max().unwrap_or(-1);
    Tally {
        sent: batches.iter().map(|batch| batch.events).sum(),
        acknowledged: receipts.len(),
        stored: load.len(),
        lost: receipts.values().filter(|receipt| !is_there(receipt)).count(),
        doubled: there.values().filter(|all| all.len() > 1).count(),
        torn: torn.count(),
        gaps: (0..largest).filter(|seq| !numbers.contains(seq)).count(),
    }
}

/// Says something wherever tests are run, also of those that pass.
pub fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// A program with a read token.
pub struct Reader<'a> {
    url: &'a str,
    token: &'a str,
    http: Client,
}

impl<'a> Reader<'a> {
    pub fn new(url: &'a str, token: &'a str) -> Self {
        Self { url, token, http: Client::new() }
    }

    /// The status of an answer.
    pub async fn status(&self, path: &str) -> u16 {
        self.http.get(format!("{}{path}", self.url)).bearer_auth(self.token).send().await.unwrap().status().as_u16()
    }

    /// All that a query finds, page by page.
    pub async fn all(&self, query: &str) -> Vec<Value> {
        self.try_all(query).await.unwrap()
    }

    /// The same, or what the server says why not.
    pub async fn try_all(&self, query: &str) -> Result<Vec<Value>, String> {
        let mut events = Vec::new();
        let mut after: Option<String> = None;
        loop {
            let request = self.http.get(format!("{}/api/v1/events", self.url)).bearer_auth(self.token);
            let request = request.query(&[("q", query), ("limit", &PAGE.to_string())]);
            let answer = request.query(&after.map(|after| [("after", after)])).send().await.unwrap();
            let (status, mut page) = (answer.status(), answer.json::<Value>().await.unwrap());
            if status != 200 {
                return Err(page.to_string());
            }
            events.append(page["events"].as_array_mut().unwrap());
            match page["next"].as_str() {
                Some(next) => after = Some(next.to_owned()),
                None => return Ok(events),
            }
        }
    }
}
