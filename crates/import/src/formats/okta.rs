//! Okta's system log.

use crate::mapping::{
    Field::*,
    Frame, Mapping,
    Rule::{At, Fixed, Word},
    Sign::Has,
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
        (Resource, &[At("target[].alternateId"), At("target[].id"), At("debugContext.debugData.requestUri")]),
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
