//! Google Workspace's activity reports.

use std::borrow::Cow;

use flightbox_event::Json;

use crate::mapping::{
    Field::*,
    Frame, Mapping,
    Rule::{At, Fixed, If, Made, Word},
    Sign::{Has, Starts},
    text_at,
};

/// The format.
pub static WORKSPACE: Mapping = Mapping {
    name: "workspace",
    title: "Google Workspace reports",
    described: "https://developers.google.com/workspace/admin/reports/reference/rest/v1/activities/list",
    notes: "Activities of the Reports API, alone or in a list (`items`), and the same with their first event's members \
            beside the actor's. Of an activity with several events the first names action and resource; all stand in \
            the details.",
    frame: Frame::Json,
    signs: &[
        Has("id.applicationName"),
        Has("id.time"),
        Has("actor.email"),
        Starts("kind", "admin#reports#activity"),
        Has("id.customerId"),
    ],
    inside: &[],
    rows: &[
        (
            Id,
            &[Made(&["id", "name"], "application, time and qualifier, and the event's name where it stands alone", id)],
        ),
        (Time, &[At("id.time")]),
        (
            Actor,
            &[At("actor.email"), At("actor.key"), At("actor.profileId"), At("actor.applicationInfo.applicationName")],
        ),
        (
            ActorType,
            &[
                Word("actor.callerType", &[("USER", "user"), ("KEY", "service"), ("APPLICATION", "service")]),
                Fixed("user"),
            ],
        ),
        (ActorEmail, &[At("actor.email")]),
        (Action, &[At("name"), At("events[].name"), At("type"), At("events[].type"), At("id.applicationName")]),
        (
            Resource,
            &[
                At("parameters.doc_id"),
                At("parameters.USER_EMAIL"),
                At("parameters.GROUP_EMAIL"),
                At("parameters.calendar_id"),
                At("parameters.ROLE_NAME"),
                At("parameters.SETTING_NAME"),
                At("parameters.APPLICATION_NAME"),
                At("parameters.app_name"),
                At("parameters.affected_email_address"),
                At("events[].parameters[].value"),
                At("id.applicationName"),
            ],
        ),
        (ResourceType, &[At("id.applicationName")]),
        (
            Outcome,
            &[
                Word("name", &[("login_failure", "failure")]),
                Word("events[].name", &[("login_failure", "failure")]),
                If("parameters.login_failure_type", "failure"),
                Fixed("success"),
            ],
        ),
        (Reason, &[At("parameters.login_failure_type"), At("parameters.login_challenge_status")]),
        (Ip, &[At("ipAddress")]),
        (UserAgent, &[At("parameters.user_agent")]),
    ],
};

fn id(record: &Json) -> Option<Cow<'_, str>> {
    text_at(record, "id.uniqueQualifier")?;
    let paths = ["id.applicationName", "id.time", "id.uniqueQualifier", "name"];
    let parts: Vec<_> = paths.iter().filter_map(|path| text_at(record, path)).collect();
    Some(Cow::Owned(parts.join("/")))
}
