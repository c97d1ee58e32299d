//! Single events and the schema that they are of, as rsigma tells schemas apart (MIT).

use std::{fs, path::Path};

use crate::{compare::Comparison, read};

/// Schemas by the names of our formats.
const SCHEMAS: &[(&str, &str)] = &[
    ("aws_cloudtrail", "cloudtrail"),
    ("azure_activitylogs", "entra"),
    ("azure_auditlogs", "entra"),
    ("azure_signinlogs", "entra"),
    ("gcp_audit", "gcp"),
    ("github_audit", "github"),
    ("k8s_audit", "kubernetes"),
    ("m365_audit", "m365"),
    ("okta_system_log", "okta"),
];

pub fn compare(folder: &Path, comparison: &mut Comparison) {
    let mut cases: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    for case in cases.iter().filter(|case| case.join("test_event.json").exists()) {
        let said = fs::read_to_string(case.join("expected_classification.yaml")).unwrap();
        let schema = said.lines().find_map(|line| line.strip_prefix("schema: ")).unwrap();
        let ours = SCHEMAS.iter().find(|(theirs, _)| *theirs == schema).map_or(schema, |(_, ours)| ours);
        let read = read::bytes(&fs::read(case.join("test_event.json")).unwrap(), None, "UTC");
        if let Some(read) = comparison.read(case, read) {
            comparison.value(schema, "format", read.format, &[ours]);
        }
    }
}
