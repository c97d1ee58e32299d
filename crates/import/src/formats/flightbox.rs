//! Flightbox's own events, which need no mapping.

use flightbox_event::{Json, json::push_string};

use crate::mapping::{Field, Frame, Mapping, Rule::At};

/// The format.
pub static FLIGHTBOX: Mapping = Mapping {
    name: "flightbox",
    title: "Flightbox's own events",
    described: "",
    notes: "As producers send them, flat names such as `user_id` included. An event without an id gets its digest.",
    frame: Frame::Json,
    signs: &[],
    inside: &[],
    rows: &[(Field::Id, &[At("id")])],
};

/// What an event can have, by either of its names.
const MEMBERS: &[&str] = &[
    "id",
    "occurred_at",
    "created_at",
    "actor",
    "user_id",
    "action",
    "action_type",
    "resource",
    "target_resource",
    "outcome",
    "reason",
    "origin",
    "client_ip",
    "user_agent",
    "http",
    "method",
    "path",
    "status_code",
    "response_time",
    "changes",
    "details",
    "sensitive",
    "severity",
];

/// How surely a record is one: the share of its members that events have.
pub fn likeness(record: &Json) -> f64 {
    let Some(members) = record.as_object().filter(|members| !members.is_empty()) else { return 0.0 };
    let known = members.iter().filter(|(name, _)| MEMBERS.contains(&name.as_str())).count();
    let does = record.get("action").or(record.get("action_type")).is_some();
    let who = record.get("actor").or(record.get("user_id")).is_some();
    match (does, who) {
        (false, false) => 0.0,
        (true, true) if known == members.len() => 1.0,
        _ => 0.9 * known as f64 / members.len() as f64,
    }
}

/// Appends the event as it came, on one line, and with an id.
pub fn push(out: &mut String, record: &Json, text: &str, own_id: impl FnOnce() -> String) {
    let without_null = match record {
        Json::Object(members) if record.get("id").is_some_and(Json::is_null) => {
            // An id that says nothing is none, and would stand beside the one that is added.
            let others = members.iter().filter(|(name, _)| name != "id").cloned().collect();
            Some(Json::Object(others).canonical())
        }
        _ => None,
    };
    let has_id = record.get("id").is_some_and(|id| !id.is_null());
    let text = without_null.as_deref().unwrap_or(text);
    match text.trim_start().strip_prefix('{') {
        Some(rest) if !has_id => {
            out.push_str("{\"id\":");
            push_string(out, &own_id());
            if !rest.trim_start().starts_with('}') {
                out.push(',');
            }
            out.push_str(rest);
        }
        _ => out.push_str(text),
    }
    if out.as_bytes().contains(&b'\n') || out.as_bytes().contains(&b'\r') {
        *out = out.replace(['\n', '\r'], " ");
    }
}
