//! pgaudit's own regression script, logged by PostgreSQL 15 (PostgreSQL licence), with what was counted in its log; and
//! logs that pgbadger is tested with.

use std::{collections::BTreeMap, path::Path};

use flightbox_event::{Event, Json};

use crate::{
    compare::Comparison,
    read::{self, text},
};

pub fn compare(folder: &Path, comparison: &mut Comparison) {
    let read = comparison.file(&folder.join("postgresql-15-pgaudit.csv")).unwrap();
    let expected = read::expected(&folder.join("expected.json"));
    let details = |event: &Event, key: &str| text(event.details.as_ref().unwrap(), key).unwrap_or_default();
    let audits: Vec<_> = read.events.iter().filter(|event| details(event, "message").starts_with("AUDIT: ")).collect();
    comparison.maybe("log", "entries", Some(&read.events.len().to_string()), text(&expected, "log_entries"));
    comparison.maybe("log", "audits", Some(&audits.len().to_string()), text(&expected, "audit_entries"));
    let class = |event: &&Event| {
        let message = details(event, "message");
        let fields: Vec<_> = message.trim_start_matches("AUDIT: ").split(',').take(4).collect();
        format!("{}/{}", fields[0], fields[3])
    };
    counts(comparison, "class", audits.iter().map(class), expected.get("by_type_and_class").unwrap());
    counts(comparison, "action", audits.iter().map(|event| event.action.clone()), expected.get("by_command").unwrap());
    let severities = read.events.iter().map(|event| details(event, "error_severity"));
    counts(comparison, "severity", severities, expected.get("by_severity").unwrap());
    // Entries without a user are the server's own.
    let is_user = |event: &&Event| event.details.as_ref().unwrap().get("user").is_some();
    let user = |event: &Event| if is_user(&event) { event.actor.id.clone() } else { String::new() };
    counts(comparison, "actor", read.events.iter().map(user), expected.get("by_user").unwrap());
    for failed in expected.get("failed_connections").unwrap().as_array().unwrap() {
        let why = text(failed, "message").unwrap();
        let event = read.events.iter().find(|event| event.reason.as_deref() == Some(&why)).unwrap();
        comparison.maybe(&why, "actor", Some(&event.actor.id), text(failed, "user"));
        comparison.time(&why, event.occurred_at, text(failed, "time").unwrap().trim_end_matches(" UTC"));
        comparison.value(&why, "outcome", event.outcome.as_str(), &["failure", "denied"]);
        comparison.value(&why, "address", event.origin.ip.as_deref().unwrap_or_default(), &["127.0.0.1"]);
    }
}

fn counts(comparison: &mut Comparison, field: &str, ours: impl Iterator<Item = String>, theirs: &Json) {
    let mut counted: BTreeMap<String, usize> = BTreeMap::new();
    ours.for_each(|value| *counted.entry(value).or_default() += 1);
    for (value, count) in theirs.as_object().unwrap() {
        let ours = counted.remove(value).unwrap_or_default().to_string();
        comparison.value(value, field, &ours, &[&flightbox_import::mapping::text(count).unwrap()]);
    }
    assert!(counted.is_empty(), "{field}: {counted:?}");
}

pub fn pgbadger(folder: &Path, comparison: &mut Comparison) {
    for (file, events) in
        [("cnpg.jsonlog.gz", "2022"), ("anonymize.csv", "8"), ("csv_statement_without_duration.csv", "2")]
    {
        let read = comparison.file(&folder.join(file)).unwrap();
        comparison.value(file, "events", &read.events.len().to_string(), &[events]);
    }
}

/// The CSV log as the server would have written it in JSON and in plain text.
fn otherwise(csv: &str) -> (String, String) {
    let (mut json, mut plain) = (String::new(), String::new());
    for event in read::bytes(csv.as_bytes(), None, "UTC").unwrap().events {
        let record = event.details.unwrap();
        json.push_str(&record.canonical());
        json.push('\n');
        let get = |key| text(&record, key).unwrap_or_default();
        let remote = match get("remote_port").as_str() {
            "" => get("remote_host"),
            port => format!("{}:{port}", get("remote_host")),
        };
        let prefix = format!(
            "{} [{}] user={},db={},app={},client={remote},session={},line={},state={},backend={} ",
            get("timestamp"),
            get("pid"),
            get("user"),
            get("dbname"),
            get("application_name"),
            get("session_id"),
            get("line_num"),
            get("state_code"),
            get("backend_type").replace(' ', "_"),
        );
        let raw = |key| record.get(key).and_then(Json::as_str).unwrap_or_default().replace('\n', "\n\t");
        plain.push_str(&format!("{prefix}{}:  {}\n", get("error_severity"), raw("message")));
        for (word, key) in [("DETAIL", "detail"), ("HINT", "hint"), ("CONTEXT", "context"), ("STATEMENT", "statement")]
        {
            if record.get(key).is_some() {
                plain.push_str(&format!("{prefix}{word}:  {}\n", raw(key)));
            }
        }
    }
    (json, plain)
}

#[test]
fn the_three_ways_in_which_postgres_writes_its_log_make_the_same_events() {
    let folder = crate::folder("postgres-pgaudit").unwrap();
    let csv = std::fs::read_to_string(folder.join("postgresql-15-pgaudit.csv")).unwrap();
    let (json, plain) = otherwise(&csv);
    let without_details = |read: read::Read| {
        let strip = |event: Event| (event.details.clone(), Event { details: None, ..event });
        read.events.into_iter().map(strip).unzip::<_, _, Vec<_>, Vec<_>>()
    };
    let of = |bytes: &str, format| {
        let read = read::bytes(bytes.as_bytes(), None, "UTC").unwrap();
        assert_eq!((read.format, read.refused.len()), (format, 0));
        read
    };
    let (csv_details, csv) = without_details(of(&csv, "postgres-csv"));
    let (json_details, json) = without_details(of(&json, "postgres-json"));
    let (plain_details, plain) = without_details(of(&plain, "postgres-stderr"));
    assert_eq!(csv.len(), 530);
    for ((csv, json), plain) in csv.iter().zip(&json).zip(&plain) {
        assert_eq!(csv, json);
        assert_eq!(csv, plain);
    }
    assert_eq!((json.len(), plain.len()), (530, 530));
    // The plain log has no place for a few members; what it has is the same.
    for ((csv, json), plain) in csv_details.iter().zip(&json_details).zip(&plain_details) {
        let (csv, json, plain) = (csv.as_ref().unwrap(), json.as_ref().unwrap(), plain.as_ref().unwrap());
        assert_eq!(csv.canonical(), json.canonical());
        for (key, value) in plain.as_object().unwrap() {
            assert_eq!(csv.get(key), Some(value), "{key}");
        }
    }
}
