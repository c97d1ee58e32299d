//! Events of the Open Cybersecurity Schema Framework.

use crate::mapping::{
    Field::*,
    Frame, Mapping,
    Rule::{At, Fixed, Word},
    Sign::{Any, Has},
};

/// The format.
pub static OCSF: Mapping = Mapping {
    name: "ocsf",
    title: "OCSF",
    described: "https://schema.ocsf.io/",
    notes: "Events of any class, versions 1.0 to 1.8. The action is the API's operation, else what the event's type says.",
    frame: Frame::Json,
    signs: &[
        Has("class_uid"),
        Has("category_uid"),
        Any(&["activity_id", "type_uid"]),
        Has("time"),
        Has("metadata.version"),
    ],
    inside: &[],
    rows: &[
        (Id, &[At("metadata.uid")]),
        (Time, &[At("time"), At("time_dt")]),
        (
            Actor,
            &[
                At("actor.user.name"),
                At("actor.user.email_addr"),
                At("actor.user.uid"),
                At("actor.session.issuer"),
                At("actor.invoked_by"),
                At("actor.process.name"),
                At("user.name"),
                At("user.uid"),
                At("src_endpoint.ip"),
            ],
        ),
        (ActorType, &[Word("actor.user.type_id", &[("1", "user"), ("2", "user"), ("3", "system")]), Fixed("user")]),
        (ActorName, &[At("actor.user.full_name")]),
        (ActorEmail, &[At("actor.user.email_addr")]),
        (
            Action,
            &[At("api.operation"), At("metadata.event_code"), At("type_name"), At("activity_name"), At("class_name")],
        ),
        (
            Resource,
            &[
                At("resources[].uid"),
                At("resources[].name"),
                At("resource.uid"),
                At("resource.name"),
                At("user.name"),
                At("group.name"),
                At("entity.name"),
                At("dst_endpoint.svc_name"),
                At("dst_endpoint.ip"),
                At("api.service.name"),
            ],
        ),
        (ResourceType, &[At("resources[].type"), At("resource.type"), At("class_name")]),
        (ResourceName, &[At("resources[].name"), At("resource.name")]),
        (
            Outcome,
            &[
                Word("disposition_id", &[("2", "denied"), ("6", "denied")]),
                Word("action_id", &[("2", "denied")]),
                Word("status_id", &[("1", "success"), ("2", "failure")]),
                Word("status", &[("success", "success"), ("failure", "failure")]),
                Fixed("unknown"),
            ],
        ),
        (
            Severity,
            &[Word(
                "severity_id",
                &[("2", "info"), ("3", "notice"), ("4", "warning"), ("5", "critical"), ("6", "critical")],
            )],
        ),
        (Reason, &[At("status_detail"), At("message")]),
        (Ip, &[At("src_endpoint.ip"), At("device.ip")]),
        (Port, &[At("src_endpoint.port")]),
        (UserAgent, &[At("http_request.user_agent")]),
        (Country, &[At("src_endpoint.location.country")]),
        (Session, &[At("actor.session.uid"), At("session.uid")]),
        (Request, &[At("api.request.uid"), At("http_request.uid")]),
        (Method, &[At("http_request.http_method")]),
        (Path, &[At("http_request.url.path"), At("http_request.url.url_string")]),
        (Status, &[At("http_response.code")]),
    ],
};
