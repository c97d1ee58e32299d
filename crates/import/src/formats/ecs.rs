//! Events in the Elastic Common Schema.

use super::json_log::LEVELS;
use crate::mapping::{
    Field::*,
    Frame, Mapping,
    Rule::{At, Fixed, If, Word},
    Sign::{Any, Has},
};

/// The format.
pub static ECS: Mapping = Mapping {
    name: "ecs",
    title: "Elastic Common Schema",
    described: "https://www.elastic.co/docs/reference/ecs",
    notes: "Nested or with dots in the keys, as Elasticsearch's own log and the Beats write it.",
    frame: Frame::Json,
    signs: &[
        Has("@timestamp"),
        Has("ecs.version"),
        Any(&["event.action", "event.dataset", "event.category"]),
        Any(&["message", "log.level", "event.outcome"]),
    ],
    inside: &["_source"],
    rows: &[
        (Id, &[At("event.id")]),
        (Time, &[At("@timestamp")]),
        (
            Actor,
            &[
                At("user.name"),
                At("user.email"),
                At("user.id"),
                At("client.user.name"),
                At("service.name"),
                At("process.name"),
                At("host.name"),
            ],
        ),
        (ActorType, &[If("user.name", "user"), If("user.email", "user"), If("user.id", "user"), Fixed("service")]),
        (ActorName, &[At("user.full_name")]),
        (ActorEmail, &[At("user.email")]),
        (
            Action,
            &[
                At("event.action"),
                At("event.code"),
                At("event.dataset"),
                At("event.category"),
                At("log.logger"),
                At("log.level"),
            ],
        ),
        (
            Resource,
            &[
                At("url.path"),
                At("file.path"),
                At("user.target.name"),
                At("process.executable"),
                At("elasticsearch.node.name"),
                At("host.name"),
            ],
        ),
        (
            Outcome,
            &[
                Word("event.outcome", &[("success", "success"), ("failure", "failure"), ("unknown", "unknown")]),
                Fixed("unknown"),
            ],
        ),
        (Severity, &[Word("log.level", LEVELS)]),
        (Reason, &[At("event.reason"), At("error.message"), At("message")]),
        (Ip, &[At("source.ip"), At("client.ip"), At("source.address")]),
        (Port, &[At("source.port"), At("client.port")]),
        (UserAgent, &[At("user_agent.original")]),
        (Country, &[At("source.geo.country_iso_code"), At("client.geo.country_iso_code")]),
        (Request, &[At("http.request.id"), At("trace.id")]),
        (Method, &[At("http.request.method")]),
        (Path, &[At("url.path")]),
        (Status, &[At("http.response.status_code")]),
    ],
};
