//! GitLab's audit events.

use std::borrow::Cow;

use flightbox_event::Json;

use crate::mapping::{
    Field::*,
    Frame, Mapping,
    Rule::{At, Fixed, If, Made, Word},
    Sign::Has,
    text_at,
};

/// The format.
pub static GITLAB: Mapping = Mapping {
    name: "gitlab",
    title: "GitLab audit events",
    described: "https://docs.gitlab.com/user/compliance/audit_event_schema/",
    notes: "The API, streams, and `audit_json.log`. Where there is no name of the event, as in the API, it is made of what \
            was added, removed or changed.",
    frame: Frame::Json,
    signs: &[Has("author_id"), Has("entity_id"), Has("entity_type"), Has("created_at"), Has("details")],
    inside: &[],
    rows: &[
        (Id, &[At("id")]),
        (Time, &[At("created_at"), At("time")]),
        (Actor, &[At("details.author_email"), At("author_name"), At("details.author_name"), At("author_id")]),
        (ActorType, &[Made(&["author_id"], "`anonymous` for -1, else `user`", kind)]),
        (ActorName, &[At("author_name"), At("details.author_name")]),
        (ActorEmail, &[At("details.author_email")]),
        (
            Action,
            &[
                At("event_type"),
                At("details.event_name"),
                At("event_name"),
                Made(&["details"], "`add.user`: what was done and to which property", action),
            ],
        ),
        (
            Resource,
            &[
                At("entity_path"),
                At("details.entity_path"),
                At("target_details"),
                At("details.target_details"),
                At("entity_id"),
            ],
        ),
        (ResourceType, &[At("entity_type"), At("target_type"), At("details.target_type")]),
        (ResourceName, &[At("details.target_details"), At("target_details")]),
        (
            Outcome,
            &[
                If("details.failed_login", "failure"),
                Word(
                    "event_type",
                    &[
                        ("login_failed_with_otp_authentication", "failure"),
                        ("login_failed_with_standard_authentication", "failure"),
                        ("login_failed_with_webauthn_authentication", "failure"),
                    ],
                ),
                Fixed("success"),
            ],
        ),
        (Reason, &[At("details.custom_message"), At("details.failed_login"), At("details.as")]),
        (Ip, &[At("details.ip_address"), At("ip_address")]),
        (Request, &[At("correlation_id")]),
    ],
};

fn kind(record: &Json) -> Option<Cow<'_, str>> {
    let nobody = text_at(record, "author_id").is_some_and(|id| id == "-1");
    Some(Cow::Borrowed(if nobody { "anonymous" } else { "user" }))
}

fn action(record: &Json) -> Option<Cow<'_, str>> {
    let verbs = ["add", "remove", "change", "with", "failed_login"];
    let found = verbs.iter().find_map(|verb| Some((*verb, text_at(record, &format!("details.{verb}"))?.into_owned())));
    match found {
        Some((verb, what)) => Some(Cow::Owned(format!("{verb}.{}", what.replace(' ', "_")))),
        None => match record.get("details")?.get("custom_message")?.as_str() {
            Some(message) => Some(Cow::Borrowed(message)),
            None => None,
        },
    }
}
