//! CloudTrail imported as people import it and searched over HTTP, against answers that nothing of ours computed.

mod filters;
mod records;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::common::TestServer;
use filters::FILTERS;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

/// Names the folder of what is too large to keep here: the records in `cloudtrail-invictus/` (the delivery files of
/// github.com/invictus-ir/aws_dataset, MIT), and what a script of a few lines found in them in `search-oracle/`.
const FOLDER: &str = "FLIGHTBOX_ORACLE";

/// What a search finds.
struct Found {
    ids: Vec<String>,
    /// When each happened, newest first.
    times: Vec<String>,
    count: Value,
}

#[tokio::test(flavor = "multi_thread")]
async fn real_records_are_found_as_the_oracle_finds_them() {
    let Some(folder) = std::env::var_os(FOLDER).map(PathBuf::from) else {
        println!("nothing was tested: {FOLDER} does not say where the records are");
        return;
    };
    let oracle = fs::read(folder.join("search-oracle/cloudtrail-invictus.queries.json")).unwrap();
    let oracle: Value = serde_json::from_slice(&oracle).unwrap();
    let files = fs::read_dir(folder.join("cloudtrail-invictus")).unwrap().map(|file| file.unwrap().path());
    let files: Vec<_> = files.filter(|file| file.extension().is_some_and(|extension| extension == "gz")).collect();
    let server = imported(&files).await;

    let questions = oracle["queries"].as_array().unwrap();
    let titles: Vec<_> = questions.iter().map(|question| question["title"].as_str().unwrap()).collect();
    assert_eq!(titles, FILTERS.iter().map(|filter| filter.title).collect::<Vec<_>>());
    let mut disagreements = Vec::new();
    for (expected, filter) in questions.iter().zip(FILTERS) {
        let found = search(&server, filter.query).await;
        let ours = json!({
            "count": found.count, "ids": digest(&found.ids), "first": found.times.last(), "last": found.times.first(),
        });
        let expected = json!({
            "count": {"value": expected["count"], "exact": true}, "ids": expected["sha256_of_sorted_event_ids"],
            "first": millis(&expected["first"]["eventTime"]), "last": millis(&expected["last"]["eventTime"]),
        });
        if ours != expected {
            disagreements.push(format!("{} ({}): {ours}, expected {expected}", filter.title, filter.query));
        }
    }
    assert!(disagreements.is_empty(), "{}", disagreements.join("\n"));

    the_busiest_values_agree(&server, &oracle["facets_top15"]).await;
    the_histogram_agrees(&server, &oracle["histogram_10min_utc"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn made_up_records_are_found_as_a_plain_test_of_each_finds_them() {
    let records = records::records(600);
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("delivery.json");
    fs::write(&file, json!({"Records": records}).to_string()).unwrap();
    let server = imported(&[file]).await;
    for filter in FILTERS {
        let found = search(&server, filter.query).await;
        let matches: Vec<_> = records.iter().filter(|record| (filter.holds)(record)).collect();
        let ids: Vec<_> = matches.iter().map(|record| record["eventID"].as_str().unwrap().to_owned()).collect();
        let tells = !ids.is_empty() && (filter.query.is_empty() || ids.len() < records.len());
        assert!(tells, "{} finds {}", filter.title, ids.len());
        assert_eq!((found.count, found.ids), (json!({"value": ids.len(), "exact": true}), ids), "{}", filter.title);
        let mut times: Vec<_> = matches.iter().filter_map(|record| millis(&record["eventTime"])).collect();
        times.sort_unstable_by(|a, b| b.cmp(a));
        assert_eq!(found.times, times, "{}", filter.title);
    }
}

/// The facets that both have.
async fn the_busiest_values_agree(server: &TestServer, oracle: &Value) {
    // An actor falls back on other names where a record has no user name.
    for (facet, query, field) in [
        ("action", "", "eventName"),
        ("ip", "", "sourceIPAddress"),
        ("actor", "@userIdentity.userName:*", "userIdentity.userName"),
    ] {
        let (ours, _) = facet_of(server, query, facet).await;
        let theirs: Vec<(String, u64)> = serde_json::from_value(oracle[field].clone()).unwrap();
        let theirs: BTreeMap<_, _> = theirs.into_iter().filter(|(value, _)| value != "(missing)").collect();
        // Of values that are as frequent as the last, any may be the last.
        let least = theirs.values().min().copied().unwrap_or_default();
        let more = |counts: &BTreeMap<String, u64>| -> BTreeMap<String, u64> {
            counts.iter().filter(|(_, count)| **count > least).map(|(value, count)| (value.clone(), *count)).collect()
        };
        assert_eq!(more(&ours), more(&theirs), "{facet}");
        assert!(theirs.iter().all(|(value, count)| ours.get(value) == Some(count)), "{facet}: {ours:?}");
    }
    let (outcomes, rest) = facet_of(server, "", "outcome").await;
    let errors: BTreeMap<String, u64> =
        serde_json::from_value::<Vec<_>>(oracle["errorCode"].clone()).unwrap().into_iter().collect();
    assert_eq!((outcomes["success"], rest), (errors["(missing)"], 0));
    assert_eq!(outcomes["denied"], errors["AccessDenied"] + errors["Client.UnauthorizedOperation"]);
}

/// Our bars are of five minutes, the oracle's of ten.
async fn the_histogram_agrees(server: &TestServer, oracle: &Value) {
    let window = "from=2023-07-10T11:40:00Z&to=2023-07-10T12:40:00Z&bars=12";
    let (status, body) = server.read(&format!("/api/v1/histogram?{window}")).await;
    assert_eq!((status, &body["step"]), (200, &json!("5 minutes")));
    let mut ours = BTreeMap::<String, u64>::new();
    for bar in body["bars"].as_array().unwrap() {
        let start = bar["start"].as_str().unwrap();
        let events: u64 =
            ["success", "failure", "denied", "unknown"].map(|outcome| bar[outcome].as_u64().unwrap()).iter().sum();
        *ours.entry(format!("{}0", &start[.."2023-07-10T11:4".len()])).or_default() += events;
    }
    assert_eq!(json!(ours), *oracle);
}

/// Imports files as a person would, beside a running server.
async fn imported(files: &[PathBuf]) -> TestServer {
    let server = TestServer::start().await;
    server.add_source("aws").await;
    let import = |folder: &Path| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_flightbox"));
        command.env("FLIGHTBOX_DATA", folder).args(["import", "--source", "aws"]).args(files).output().unwrap()
    };
    let output = tokio::task::block_in_place(|| import(server.folder()));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    server
}

/// All that a query finds, page by page. Its histogram has to count the same.
async fn search(server: &TestServer, query: &str) -> Found {
    let mut found = Found { ids: Vec::new(), times: Vec::new(), count: Value::Null };
    let query: String = form_urlencoded(query);
    let mut after = String::new();
    loop {
        let (status, mut body) = server.read(&format!("/api/v1/events?q={query}&limit=1000&after={after}")).await;
        assert_eq!(status, 200, "{query}: {body}");
        for event in body["events"].as_array().unwrap() {
            found.ids.push(event["id"].as_str().unwrap().to_owned());
            found.times.push(event["occurred_at"].as_str().unwrap().to_owned());
        }
        found.count = body["count"].take();
        match body["next"].as_str() {
            Some(next) => after = next.to_owned(),
            None => break,
        }
    }
    found.ids.sort_unstable();
    let (_, histogram) = server.read(&format!("/api/v1/histogram?q={query}")).await;
    assert_eq!(histogram["count"], found.count, "{query}");
    found
}

async fn facet_of(server: &TestServer, query: &str, name: &str) -> (BTreeMap<String, u64>, u64) {
    let (status, body) = server.read(&format!("/api/v1/facets?q={}", form_urlencoded(query))).await;
    assert_eq!(status, 200, "{body}");
    let facet = body["facets"].as_array().unwrap().iter().find(|facet| facet["name"] == name).unwrap();
    let values = facet["values"].as_array().unwrap().iter();
    let values = values.map(|one| (one["value"].as_str().unwrap().to_owned(), one["count"].as_u64().unwrap()));
    (values.collect(), facet["rest"].as_u64().unwrap())
}

fn form_urlencoded(text: &str) -> String {
    text.bytes()
        .map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

fn digest(sorted: &[String]) -> String {
    Sha256::digest(sorted.join("\n")).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// CloudTrail's times are of whole seconds, ours have milliseconds.
fn millis(time: &Value) -> Option<String> {
    time.as_str().map(|time| time.replace('Z', ".000Z"))
}
