//! GitHub's audit log.

use crate::mapping::{
    Field::*,
    Frame, Mapping,
    Rule::{At, Fixed, If, Word},
    Sign::{Any, Has},
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
        (
            ResourceType,
            &[
                If("repo", "repository"),
                If("repo.name", "repository"),
                If("repository", "repository"),
                If("team", "team"),
                If("user", "user"),
                If("org", "organization"),
                If("org.login", "organization"),
                If("business", "enterprise"),
            ],
        ),
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
