//! Keycloak's user and admin events.

use std::borrow::Cow;

use flightbox_event::Json;

use crate::mapping::{
    Field::*,
    Frame, Mapping,
    Rule::{At, Fixed, If, Made},
    Sign::{Any, Has},
    text_at,
};

/// The format.
pub static KEYCLOAK: Mapping = Mapping {
    name: "keycloak",
    title: "Keycloak events",
    described: "https://www.keycloak.org/docs/latest/server_admin/#configuring-auditing-to-track-events",
    notes: "User events and admin events as the admin API and listeners give them in JSON.",
    frame: Frame::Json,
    signs: &[
        Has("realmId"),
        Has("time"),
        Any(&["type", "operationType"]),
        Any(&["ipAddress", "authDetails"]),
        Any(&["clientId", "resourcePath"]),
    ],
    inside: &[],
    rows: &[
        (Id, &[At("id"), At("uid")]),
        (Time, &[At("time")]),
        (
            Actor,
            &[
                At("details.username"),
                At("authDetails.username"),
                At("userId"),
                At("authDetails.userId"),
                At("clientId"),
            ],
        ),
        (
            ActorType,
            &[If("userId", "user"), If("details.username", "user"), If("authDetails.userId", "user"), Fixed("service")],
        ),
        (ActorName, &[At("details.username"), At("authDetails.username")]),
        (
            Action,
            &[Made(&["operationType", "resourceType"], "`USER.CREATE`: what is changed, then how", admin), At("type")],
        ),
        (Resource, &[At("resourcePath"), At("clientId"), At("realmId")]),
        (ResourceType, &[At("resourceType"), If("clientId", "client"), Fixed("realm")]),
        (
            Outcome,
            &[
                Made(
                    &["error", "type"],
                    "`denied` for an error of permission, `failure` for any other or `…_ERROR`",
                    outcome,
                ),
                Fixed("success"),
            ],
        ),
        (Reason, &[At("error"), At("details.reason")]),
        (Ip, &[At("ipAddress"), At("authDetails.ipAddress")]),
        (UserAgent, &[At("details.user_agent")]),
        (Session, &[At("sessionId")]),
        (Request, &[At("details.code_id")]),
    ],
};

/// Errors by which somebody known was not let do something.
const REFUSALS: &[&str] = &[
    "access_denied",
    "not_allowed",
    "user_disabled",
    "user_temporarily_disabled",
    "unauthorized_client",
    "client_disabled",
];

fn admin(record: &Json) -> Option<Cow<'_, str>> {
    let operation = text_at(record, "operationType")?;
    let kind = text_at(record, "resourceType");
    Some(kind.map_or(operation.clone(), |kind| Cow::Owned(format!("{kind}.{operation}"))))
}

fn outcome(record: &Json) -> Option<Cow<'_, str>> {
    let error = text_at(record, "error");
    let failed = error.is_some() || text_at(record, "type").is_some_and(|kind| kind.ends_with("_ERROR"));
    let denied = error.is_some_and(|error| REFUSALS.contains(&&*error));
    failed.then_some(Cow::Borrowed(if denied { "denied" } else { "failure" }))
}
