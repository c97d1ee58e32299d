//! Google's ops agent (Apache-2.0): what two of its collectors make of logs of servers. And a log of 10,000 real requests
//! (elastic/examples, Apache-2.0), of which only the number is known.

use std::{fs, path::Path};

use chrono::{DateTime, Utc};

use crate::{compare::Comparison, read};

/// The zone of the machine on which one of the two ran.
const OTEL: (&str, &str) = ("output_otel.yaml", "America/Los_Angeles");
const FLUENTBIT: (&str, &str) = ("output_fluentbit.yaml", "UTC");

pub fn compare(folder: &Path, comparison: &mut Comparison) {
    let mut cases: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.retain(|case| case.is_dir());
    cases.sort();
    for case in cases {
        for (output, zone) in [FLUENTBIT, OTEL] {
            let path = case.join(output);
            let name = format!("{}/{output}", case.file_name().unwrap().to_string_lossy());
            let expected = entries(&fs::read_to_string(&path).unwrap());
            let read = read::bytes(&fs::read(case.join("input.log")).unwrap(), None, zone);
            let Some(read) = comparison.read(&path, read) else { continue };
            comparison.value(&name, "events", &read.events.len().to_string(), &[&expected.len().to_string()]);
            if read.events.len() != expected.len() {
                // Which entry is which is told by the time.
                for (index, entry) in expected.iter().enumerate() {
                    let Some(time) = entry.get("timestamp").filter(|time| time != "now") else { continue };
                    let time: DateTime<Utc> = time.parse().unwrap();
                    let found = read.events.iter().any(|event| event.occurred_at == Some(time));
                    let place = format!("{name} {}", index + 1);
                    comparison.value(
                        &place,
                        "an event of the time",
                        if found { "there" } else { "missing" },
                        &["there"],
                    );
                }
                continue;
            }
            for (index, (event, entry)) in read.events.iter().zip(&expected).enumerate() {
                let place = format!("{name} {}", index + 1);
                let http = event.http.clone().unwrap_or_default();
                let status = http.status.map(|status| status.to_string());
                if let Some(time) = entry.get("timestamp").filter(|time| time != "now") {
                    comparison.time(&place, event.occurred_at, &time);
                }
                comparison.maybe(&place, "method", http.method.as_deref(), entry.get("requestMethod"));
                comparison.maybe(&place, "path", http.path.as_deref(), entry.get("requestUrl"));
                let theirs = entry.get("status").map(|status| status.trim_end_matches(".0").to_owned());
                comparison.maybe(&place, "status", status.as_deref(), theirs);
                let address = entry.get("remoteIp").or_else(|| entry.get("client"));
                comparison.maybe(&place, "address", event.origin.ip.as_deref(), address);
                comparison.maybe(&place, "agent", event.origin.user_agent.as_deref(), entry.get("userAgent"));
            }
        }
    }
}

/// The few members of an entry that are compared.
struct Entry(Vec<(String, String)>);

impl Entry {
    fn get(&self, key: &str) -> Option<String> {
        self.0.iter().find(|(known, _)| known == key).map(|(_, value)| value.clone()).filter(|value| !value.is_empty())
    }
}

/// Reads what is needed of the YAML: entries begin with a dash, members of theirs are `key: value` on a line.
fn entries(yaml: &str) -> Vec<Entry> {
    let mut entries = Vec::new();
    let of_entries = yaml.split("\n- collector_errors").next().unwrap();
    for line in of_entries.lines() {
        if line.starts_with("  - ") {
            entries.push(Entry(Vec::new()));
        }
        if let (Some(Entry(members)), Some((key, value))) = (entries.last_mut(), line.trim().split_once(": ")) {
            members.push((key.trim_start_matches("- ").to_owned(), value.trim_matches('"').to_owned()));
        }
    }
    entries
}

pub fn elastic(folder: &Path, comparison: &mut Comparison) {
    let read = comparison.file(&folder.join("apache_logs.gz")).unwrap();
    comparison.value("apache_logs.gz", "events", &read.events.len().to_string(), &["10000"]);
}
