//! Auth0's tenant logs.

use std::borrow::Cow;

use flightbox_event::Json;

use crate::mapping::{
    Field::*,
    Frame, Mapping,
    Rule::{At, Fixed, Made},
    Sign::Has,
    text_at,
};

/// The format.
pub static AUTH0: Mapping = Mapping {
    name: "auth0",
    title: "Auth0 tenant logs",
    described: "https://auth0.com/docs/deploy-monitor/logs/log-event-type-codes",
    notes: "The Management API, and log streams (`data`). The action is the type code, whose first letter says how it \
            ended: `s` success, `f` failure, `w` warning.",
    frame: Frame::Json,
    signs: &[Has("type"), Has("date"), Has("log_id"), Has("client_id"), Has("ip"), Has("user_agent")],
    inside: &["data"],
    rows: &[
        (Id, &[At("log_id"), At("_id")]),
        (Time, &[At("date")]),
        (
            Actor,
            &[
                At("user_id"),
                At("details.request.auth.user.user_id"),
                At("user_name"),
                At("details.request.auth.user.email"),
                At("client_name"),
                At("client_id"),
            ],
        ),
        (ActorType, &[Made(&["user_id", "user_name"], "`user` where a user is named, else `service`", kind)]),
        (ActorName, &[At("details.request.auth.user.name"), At("user_name")]),
        (ActorEmail, &[At("details.request.auth.user.email")]),
        (Action, &[At("type")]),
        (Resource, &[At("details.request.path"), At("connection"), At("client_name"), At("client_id"), At("hostname")]),
        (
            Outcome,
            &[
                Made(&["type", "details.response.statusCode"], "by the answer's status; else by the type", outcome),
                Fixed("success"),
            ],
        ),
        (Reason, &[At("description"), At("details.error.message")]),
        (Ip, &[At("ip"), At("details.request.ip")]),
        (UserAgent, &[At("user_agent"), At("details.request.userAgent")]),
        (Country, &[At("location_info.country_code")]),
        (Session, &[At("session_id"), At("details.session_id")]),
        (Method, &[At("details.request.method")]),
        (Path, &[At("details.request.path")]),
        (Status, &[At("details.response.statusCode")]),
    ],
};

/// Types of refusals: blocked accounts and addresses, and passwords known to have leaked.
const REFUSALS: &[&str] = &["limit_wc", "limit_mu", "limit_sul", "pwd_leak", "signup_pwd_leak"];

fn kind(record: &Json) -> Option<Cow<'_, str>> {
    let paths = ["user_id", "user_name", "details.request.auth.user.email", "details.request.auth.user.user_id"];
    let is_user = paths.iter().any(|path| text_at(record, path).is_some());
    Some(Cow::Borrowed(if is_user { "user" } else { "service" }))
}

fn outcome(record: &Json) -> Option<Cow<'_, str>> {
    if let Some(status) = text_at(record, "details.response.statusCode").and_then(|status| status.parse().ok()) {
        return Some(Cow::Borrowed(flightbox_event::Outcome::of_status(status).as_str()));
    }
    let code = text_at(record, "type")?;
    let by_letter = if code.starts_with('f') { "failure" } else { "success" };
    Some(Cow::Borrowed(if REFUSALS.contains(&&*code) { "denied" } else { by_letter }))
}
