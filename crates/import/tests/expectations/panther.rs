//! Panther's tests of its rules (Apache-2.0): events of many log types, cut down by hand, some with the addresses, names
//! and times that Panther found in them.

use std::{collections::BTreeMap, fs, path::Path};

use flightbox_event::{Json, json};

use crate::{
    compare::Comparison,
    read::{self, text},
};

pub fn compare(folder: &Path, comparison: &mut Comparison) {
    for file in read::files(folder, ".ndjson") {
        let lines = fs::read(&file).unwrap();
        let logs: Vec<Json> =
            json::parse_lines(&lines).map(|(_, row)| row.unwrap().get("log").unwrap().clone()).collect();
        let input: String = logs.iter().map(|log| log.canonical() + "\n").collect();
        let Some(read) = comparison.read(&file, read::bytes(input.as_bytes(), None, "UTC")) else { continue };
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        let events: BTreeMap<_, _> = read.records.iter().zip(&read.events).collect();
        for (record, log) in (1..).zip(&logs) {
            let Some(event) = events.get(&record) else { continue };
            let place = format!("{name} {record}");
            comparison.value(&place, "event", "one", &["one"]);
            let found = |key: &str| -> Vec<String> {
                let items = log.get(key).and_then(Json::as_array).unwrap_or_default();
                items.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect()
            };
            let mut any = |field: &str, ours: Option<&str>, theirs: Vec<String>| {
                if !theirs.is_empty() {
                    let theirs: Vec<_> = theirs.iter().map(String::as_str).collect();
                    comparison.value(&place, field, ours.unwrap_or("nothing"), &theirs);
                }
            };
            any("address", event.origin.ip.as_deref(), found("p_any_ip_addresses"));
            any("actor", Some(&event.actor.id), [found("p_any_usernames"), found("p_any_emails")].concat());
            if let Some(time) = text(log, "p_event_time") {
                comparison.time(&place, event.occurred_at, &time);
            }
        }
    }
}
