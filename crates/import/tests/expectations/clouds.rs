//! CloudTrail, Kubernetes, GitHub and Okta: Stratus Red Team (DataDog, Apache-2.0) says which calls each attack makes,
//! Falco (Apache-2.0) which of its rules an event fires, OCSF's examples what a record is in OCSF.

use std::path::Path;

use flightbox_event::{Event, Json};

use crate::{
    compare::Comparison,
    read::{self, text},
};

pub fn stratus(folder: &Path, comparison: &mut Comparison) {
    for technique in read::expected(&folder.join("index.json")).as_array().unwrap() {
        let name = text(technique, "technique").unwrap();
        let read = comparison.file(&folder.join(format!("{name}.json"))).unwrap();
        comparison.maybe(&name, "events", Some(&read.events.len().to_string()), text(technique, "events"));
        for call in technique.get("expected_event_names").unwrap().as_array().unwrap() {
            let (service, action) = call.as_str().unwrap().split_once(':').unwrap();
            let is_one = |event: &&Event| {
                let source = text(event.details.as_ref().unwrap(), "eventSource").unwrap();
                event.action == action && source.split('.').next() == Some(service)
            };
            let found = if read.events.iter().any(|event| is_one(&event)) { action } else { "none" };
            comparison.value(&name, "action", found, &[action]);
        }
    }
}

/// What a rule of Falco says of an event that fires it: field, then the values that it may have.
fn of_rule(rule: &str) -> Vec<(&'static str, Vec<String>)> {
    let action = |names: &[&str]| ("action", names.iter().map(|name| (*name).to_owned()).collect());
    match rule {
        "Anonymous Request Allowed" => {
            vec![("actor", vec!["system:anonymous".to_owned()]), ("outcome", vec!["success".to_owned()])]
        }
        "Attach/Exec Pod" => {
            vec![action(&["pods/exec.create", "pods/attach.create", "pods/exec.get", "pods/attach.get"])]
        }
        "ClusterRole With Wildcard Created" | "ClusterRole With Write Privileges Created" => {
            vec![action(&["clusterroles.create", "roles.create"])]
        }
        "Create Disallowed Namespace" | "K8s Namespace Created" => vec![action(&["namespaces.create"])],
        "K8s Namespace Deleted" => vec![action(&["namespaces.delete"])],
        "Create HostNetwork Pod"
        | "Create Privileged Pod"
        | "Create Sensitive Mount Pod"
        | "Pod Created in Kube Namespace" => {
            vec![action(&["pods.create"])]
        }
        "Disallowed K8s User" => vec![("actor", vec!["some-user".to_owned()])],
        "K8s ConfigMap Deleted" => vec![action(&["configmaps.delete"])],
        "K8s Deployment Created" => vec![action(&["deployments.create"])],
        "K8s Role/Clusterrole Deleted" => vec![action(&["clusterroles.delete", "roles.delete"])],
        "K8s Role/Clusterrolebinding Created" => vec![action(&["clusterrolebindings.create", "rolebindings.create"])],
        "K8s Service Created" => vec![action(&["services.create"])],
        "K8s Service Deleted" => vec![action(&["services.delete"])],
        "K8s Serviceaccount Created" | "Service Account Created in Kube Namespace" => {
            vec![action(&["serviceaccounts.create"])]
        }
        other => panic!("no such rule: {other}"),
    }
}

pub fn falco(folder: &Path, comparison: &mut Comparison) {
    for (file, expected) in read::expected(&folder.join("expected.json")).as_object().unwrap() {
        let path = folder.join(file);
        if !path.exists() {
            continue;
        }
        let Some(read) = comparison.file(&path) else { continue };
        comparison.maybe(file, "events", Some(&read.events.len().to_string()), text(expected, "events"));
        for test in expected.get("falco_tests").unwrap().as_array().unwrap() {
            for counts in test.get("detect_counts").and_then(Json::as_array).unwrap_or_default() {
                let (rule, _) = &counts.as_object().unwrap()[0];
                for (field, values) in of_rule(rule) {
                    let event = &read.events[0];
                    let ours = match field {
                        "actor" => event.actor.id.as_str(),
                        "outcome" => event.outcome.as_str(),
                        _ => event.action.as_str(),
                    };
                    comparison.value(file, field, ours, &values.iter().map(String::as_str).collect::<Vec<_>>());
                }
            }
        }
    }
}

pub fn ocsf(folder: &Path, comparison: &mut Comparison) {
    for raw in read::files(folder, ".raw") {
        let theirs = raw.with_extension("ocsf.json");
        let name = raw.file_stem().unwrap().to_string_lossy().into_owned();
        let expected = read::expected(&theirs);
        for (path, what) in [(&raw, "raw"), (&theirs, "ocsf")] {
            if let Some(read) = comparison.file(path) {
                comparison.value(&name, what, &read.events.len().to_string(), &["1"]);
                one(&format!("{name} {what}"), &read.events[0], &expected, comparison);
            }
        }
    }
}

fn one(place: &str, event: &Event, expected: &Json, comparison: &mut Comparison) {
    let one_of = |paths: &[&str]| paths.iter().filter_map(|path| text(expected, path)).collect::<Vec<_>>();
    let mut any = |field: &str, ours: Option<&str>, theirs: Vec<String>| {
        if !theirs.is_empty() {
            let theirs: Vec<_> = theirs.iter().map(String::as_str).collect();
            comparison.value(place, field, ours.unwrap_or("nothing"), &theirs);
        }
    };
    any("actor", Some(&event.actor.id), one_of(&["actor.user.name", "actor.user.email_addr", "actor.user.uid"]));
    any("action", Some(&event.action), one_of(&["api.operation", "metadata.event_code"]));
    let resource = event.resource.as_ref().map(|resource| resource.id.as_str());
    any(
        "resource",
        resource,
        one_of(&["resources[].uid", "resources[].name", "user.name", "user.uid", "group.name", "entity.name"]),
    );
    let outcome = one_of(&["status"]).into_iter().map(|status| status.to_lowercase()).collect();
    any("outcome", Some(event.outcome.as_str()), outcome);
    any("address", event.origin.ip.as_deref(), one_of(&["src_endpoint.ip"]));
    let time = event.occurred_at.map(|time| time.timestamp_millis().to_string());
    any("time", time.as_deref(), one_of(&["time"]));
}

pub fn invictus(folder: &Path, comparison: &mut Comparison) {
    let files = read::files(folder, ".gz");
    let events: usize = files.iter().map(|file| comparison.file(file).unwrap().events.len()).sum();
    comparison.value("all files", "events", &events.to_string(), &["2900"]);
}
