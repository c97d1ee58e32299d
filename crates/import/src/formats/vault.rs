//! HashiCorp Vault's audit devices.

use std::borrow::Cow;

use flightbox_event::Json;

use crate::mapping::{
    Field::*,
    Frame, Mapping,
    Rule::{At, Fixed, If, Made, Word},
    Sign::{Any, Has},
    text_at,
};

/// The format.
pub static VAULT: Mapping = Mapping {
    name: "vault",
    title: "HashiCorp Vault audit device",
    described: "https://developer.hashicorp.com/vault/docs/audit/schema",
    notes: "A request is two entries, itself and its response: both are kept. How it ended stands in the response; a \
            request without an error is unknown.",
    frame: Frame::Json,
    signs: &[
        Has("request.operation"),
        Has("request.path"),
        Has("request.id"),
        Any(&["auth", "error"]),
        Has("time"),
        Has("type"),
    ],
    inside: &[],
    rows: &[
        (Id, &[Made(&["request.id", "type"], "the request, and which of its entries it is", id)]),
        (Time, &[At("time")]),
        (
            Actor,
            &[
                At("auth.display_name"),
                At("auth.metadata.username"),
                At("auth.entity_id"),
                At("auth.accessor"),
                At("request.client_id"),
                If("request.id", "unauthenticated"),
            ],
        ),
        (
            ActorType,
            &[
                If("auth.display_name", "user"),
                If("auth.entity_id", "user"),
                If("auth.accessor", "service"),
                Fixed("anonymous"),
            ],
        ),
        (
            Action,
            &[Made(
                &["request.mount_type", "request.operation"],
                "`kv.read`: the kind of mount, then the operation",
                action,
            )],
        ),
        (Resource, &[At("request.path")]),
        (ResourceType, &[At("request.mount_type")]),
        (
            Outcome,
            &[
                Word("auth.policy_results.allowed", &[("false", "denied")]),
                Made(&["error"], "`denied` for want of permission, `failure` for any other error", outcome),
                Word("type", &[("request", "unknown")]),
                Fixed("success"),
            ],
        ),
        (Reason, &[At("error")]),
        (Ip, &[At("request.remote_address")]),
        (Port, &[At("request.remote_port")]),
        (UserAgent, &[Made(&["request.headers"], "the header `user-agent`", agent)]),
        (Request, &[At("request.id")]),
        (Path, &[At("request.path")]),
    ],
};

fn id(record: &Json) -> Option<Cow<'_, str>> {
    let (request, kind) = (text_at(record, "request.id")?, text_at(record, "type")?);
    Some(Cow::Owned(format!("{request}/{kind}")))
}

fn action(record: &Json) -> Option<Cow<'_, str>> {
    let operation = text_at(record, "request.operation")?;
    Some(match text_at(record, "request.mount_type") {
        Some(mount) => Cow::Owned(format!("{mount}.{operation}")),
        None => operation,
    })
}

fn outcome(record: &Json) -> Option<Cow<'_, str>> {
    let error = text_at(record, "error")?;
    Some(Cow::Borrowed(if error.contains("permission denied") { "denied" } else { "failure" }))
}

fn agent(record: &Json) -> Option<Cow<'_, str>> {
    let agents = record.get("request")?.get("headers")?.get("user-agent")?.as_array()?;
    agents.first()?.as_str().map(Cow::Borrowed)
}
