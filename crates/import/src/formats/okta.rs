//! Okta's system log.

use std::borrow::Cow;

use flightbox_event::Json;

use crate::mapping::{
    Field::*,
    Frame, Mapping,
    Rule::{At, Fixed, Made, Word},
    Sign::Has,
    text_at,
};

/// The format.
pub static OKTA: Mapping = Mapping {
    name: "okta",
    title: "Okta system log",
    described: "https://developer.okta.com/docs/api/openapi/okta-management/management/tag/SystemLog/",
    notes: "The API, exports, and event hooks and EventBridge (`detail`). What has no outcome, or was only asked further \
            (`CHALLENGE`), is unknown.",
    frame: Frame::Json,
    signs: &[
        Has("eventType"),
        Has("published"),
        Has("actor.alternateId"),
        Has("displayMessage"),
        Has("severity"),
        Has("uuid"),
    ],
    inside: &["detail"],
    rows: &[
        (Id, &[At("uuid")]),
        (Time, &[At("published")]),
        (Actor, &[At("actor.alternateId"), At("actor.id")]),
        (
            ActorType,
            &[
                Word(
                    "actor.type",
                    &[
                        ("SystemPrincipal", "system"),
                        ("PublicClientApp", "service"),
                        ("ClientApp", "service"),
                        ("App", "service"),
                    ],
                ),
                Fixed("user"),
            ],
        ),
        (ActorName, &[At("actor.displayName")]),
        (Action, &[At("eventType")]),
        (
            Resource,
            &[
                Made(
                    &["target"],
                    "the first target's `alternateId`; where that is `unknown`, its `displayName`",
                    target,
                ),
                At("target[].id"),
                At("debugContext.debugData.requestUri"),
            ],
        ),
        (ResourceType, &[At("target[].type")]),
        (ResourceName, &[At("target[].displayName")]),
        (
            Outcome,
            &[
                Word(
                    "outcome.result",
                    &[
                        ("SUCCESS", "success"),
                        ("ALLOW", "success"),
                        ("FAILURE", "failure"),
                        ("ABANDONED", "failure"),
                        ("RATE_LIMIT", "failure"),
                        ("DENY", "denied"),
                        ("REJECTED", "denied"),
                    ],
                ),
                Fixed("unknown"),
            ],
        ),
        (
            Severity,
            &[Word("severity", &[("DEBUG", "info"), ("INFO", "info"), ("WARN", "warning"), ("ERROR", "warning")])],
        ),
        (Reason, &[At("outcome.reason")]),
        (
            Ip,
            &[
                At("client.ipAddress"),
                At("request.ipAddress"),
                At("request.ipChain[].ip"),
                At("request.ipChain[].ipAddress"),
            ],
        ),
        (UserAgent, &[At("client.userAgent.rawUserAgent"), At("debugContext.debugData.userAgent")]),
        (Country, &[At("client.geographicalContext.country"), At("request.ipChain[].geographicalContext.country")]),
        (Session, &[At("authenticationContext.externalSessionId")]),
        (Request, &[At("debugContext.debugData.requestId"), At("transaction.id")]),
    ],
};

fn target(record: &Json) -> Option<Cow<'_, str>> {
    let named = text_at(record, "target[].alternateId").filter(|name| name != "unknown");
    named.or_else(|| text_at(record, "target[].displayName"))
}
