//! Every set of records whose makers say what they mean, imported and held against that. What differs stands in
//! `tests/differences.txt`, each with its reason; `make import-report` prints how much agrees.
//!
//! Sets under a free licence are in `tests/data`. The others are looked for in the folder that `FLIGHTBOX_DATA_SETS`
//! names: `panther-tests` (github.com/panther-labs/panther-analysis, Apache-2.0, one file a log type),
//! `ocsf-examples` (github.com/ocsf/examples), `format-detection-rsigma` (the crate rsigma-eval, MIT),
//! `cloudtrail-invictus` (github.com/invictus-ir/aws_dataset, MIT), `postgres-logs-pgbadger`
//! (github.com/darold/pgbadger), `apache-access-elastic` (github.com/elastic/examples, Apache-2.0).

mod auditd;
mod clouds;
mod compare;
mod detection;
mod opsagent;
mod panther;
mod postgres;
mod read;
mod twice;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use compare::Comparison;

/// A set: its folder, and what compares it.
type Set = (&'static str, fn(&Path, &mut Comparison));

const SETS: &[Set] = &[
    ("auditd-go-libaudit", auditd::compare),
    ("access-and-db-logs-opsagent", opsagent::compare),
    ("postgres-pgaudit", postgres::compare),
    ("k8s-audit-falco", clouds::falco),
    ("cloudtrail-stratus", clouds::stratus),
    ("ocsf-examples", clouds::ocsf),
    ("panther-tests", panther::compare),
    ("format-detection-rsigma", detection::compare),
    ("cloudtrail-invictus", clouds::invictus),
    ("postgres-logs-pgbadger", postgres::pgbadger),
    ("apache-access-elastic", opsagent::elastic),
];

/// The folder of a set, if it is here.
fn folder(set: &str) -> Option<PathBuf> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(set);
    let other = || std::env::var_os("FLIGHTBOX_DATA_SETS").map(|folder| Path::new(&folder).join(set));
    Some(own).filter(|folder| folder.is_dir()).or_else(|| other().filter(|folder| folder.is_dir()))
}

#[test]
fn whatever_others_say_of_their_records_agrees_or_is_listed_with_its_reason() {
    let (mut found, mut here, mut report) = (BTreeSet::new(), Vec::new(), String::new());
    for (set, compare) in SETS {
        let Some(folder) = folder(set) else {
            println!("not here, not compared: {set}");
            continue;
        };
        let mut comparison = Comparison::default();
        compare(&folder, &mut comparison);
        assert!(comparison.agreements() > 0, "{set}: nothing was compared");
        here.push(*set);
        report.push_str(&comparison.table(set));
        found.extend(comparison.differences.iter().map(|difference| format!("{set} | {difference}")));
    }
    println!("{}{report}", compare::HEADING);
    let listed = listed(&here);
    let new: Vec<_> = found.iter().filter(|line| !listed.contains_key(*line)).collect();
    let gone: Vec<_> = listed.keys().filter(|line| !found.contains(*line)).collect();
    assert!(new.is_empty(), "differences that are not listed:\n{}", lines(&new));
    assert!(gone.is_empty(), "listed, and no longer so:\n{}", lines(&gone));
}

/// The committed differences of the sets that are here, each with its reason. A reason stands above the lines that it is
/// for.
fn listed(here: &[&str]) -> BTreeMap<String, String> {
    let (mut listed, mut reason) = (BTreeMap::new(), "");
    for line in include_str!("../differences.txt").lines().filter(|line| !line.trim().is_empty()) {
        match line.strip_prefix("# ") {
            Some(text) => reason = text,
            None => {
                assert!(!reason.is_empty(), "{line}: without a reason");
                if line.split_once(" | ").is_some_and(|(set, _)| here.contains(&set)) {
                    listed.insert(line.to_owned(), reason.to_owned());
                }
            }
        }
    }
    listed
}

fn lines(all: &[&String]) -> String {
    all.iter().map(|line| format!("{line}\n")).collect()
}
