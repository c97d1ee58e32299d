//! GitHub's audit log.

use std::borrow::Cow;

use flightbox_event::Json;

use crate::mapping::{
    Field::*,
    Frame, Mapping,
    Rule::{At, Fixed, Made, Word},
    Sign::{Any, Has},
    text_at,
};

/// The format.
pub static GITHUB: Mapping = Mapping {
    name: "github",
    title: "GitHub audit log",
    described: "https://docs.github.com/en/organizations/keeping-your-organization-secure/managing-security-settings-for-your-organization/audit-log-events-for-your-organization",
    notes: "Exports, the REST API, and streams. A blocked push and a failed run are failures; all else that is logged was done.",
    frame: Frame::Json,
    signs: &[
        Has("action"),
        Has("actor"),
        Any(&["@timestamp", "created_at", "at_sign_timestamp"]),
        Any(&["org", "business", "repo", "user"]),
        Any(&["_document_id", "actor_id", "actor_ip", "actor_location", "operation_type"]),
    ],
    inside: &[],
    rows: &[
        (Id, &[At("_document_id")]),
        (Time, &[At("@timestamp"), At("created_at"), At("at_sign_timestamp")]),
        (Actor, &[At("actor"), At("actor_id")]),
        (ActorType, &[Word("actor_is_bot", &[("true", "service")]), Fixed("user")]),
        (ActorEmail, &[At("external_identity_nameid")]),
        (Action, &[At("action")]),
        (
            Resource,
            &[
                Made(
                    &["action", "team", "org"],
                    "what the action begins with, of `team` and, where no user is named, `org`",
                    named,
                ),
                At("repo"),
                At("repo.name"),
                At("repository"),
                At("team"),
                At("user"),
                At("org"),
                At("org.login"),
                At("business"),
            ],
        ),
        (ResourceType, &[Made(&["action"], "what the action begins with", kind)]),
        (
            Outcome,
            &[
                Word("conclusion", &[("failure", "failure"), ("cancelled", "failure"), ("timed_out", "failure")]),
                Word(
                    "action",
                    &[
                        ("secret_scanning_push_protection.block", "denied"),
                        ("protected_branch.rejected_ref_update", "denied"),
                    ],
                ),
                Fixed("success"),
            ],
        ),
        (Reason, &[At("explanation"), At("message")]),
        (Ip, &[At("actor_ip"), At("ip_address")]),
        (UserAgent, &[At("user_agent")]),
        (Country, &[At("actor_location.country_code"), At("country")]),
        (Session, &[At("actor_session")]),
        (Request, &[At("request_id")]),
        (Method, &[At("method"), At("request_method")]),
        (Path, &[At("url_path"), At("url")]),
        (Status, &[At("status_code")]),
    ],
};

/// `team` of `team.add_member`.
fn kind(record: &Json) -> Option<Cow<'_, str>> {
    match text_at(record, "action")? {
        Cow::Borrowed(action) => action.split('.').next().map(Cow::Borrowed),
        Cow::Owned(_) => None,
    }
}

fn named(record: &Json) -> Option<Cow<'_, str>> {
    match &*kind(record)? {
        "team" => text_at(record, "team"),
        "org" if text_at(record, "user").is_none() => text_at(record, "org"),
        _ => None,
    }
}
