//! Google Cloud's audit logs.

use std::borrow::Cow;

use flightbox_event::Json;

use crate::mapping::{
    Field::*,
    Frame, Mapping,
    Rule::{At, Fixed, Made, Word},
    Sign::{Any, Has},
    at, text_at,
};

/// The format.
pub static GCP: Mapping = Mapping {
    name: "gcp",
    title: "Google Cloud audit logs",
    described: "https://cloud.google.com/logging/docs/reference/audit/auditlog/rest/Shared.Types/AuditLog",
    notes: "Entries as `gcloud logging read`, sinks and the API (`entries`) give them.",
    frame: Frame::Json,
    signs: &[
        Has("protoPayload"),
        Has("protoPayload.methodName"),
        Has("protoPayload.authenticationInfo"),
        Has("logName"),
        Has("insertId"),
        Any(&["timestamp", "receiveTimestamp"]),
    ],
    inside: &[],
    rows: &[
        (Id, &[At("insertId")]),
        (Time, &[At("timestamp"), At("protoPayload.requestMetadata.requestAttributes.time"), At("receiveTimestamp")]),
        (
            Actor,
            &[
                At("protoPayload.authenticationInfo.principalEmail"),
                At("protoPayload.authenticationInfo.principalSubject"),
            ],
        ),
        (
            ActorType,
            &[Made(&["protoPayload.authenticationInfo"], "`service` for a service account, else `user`", kind)],
        ),
        (Action, &[At("protoPayload.methodName"), At("methodName"), At("protoPayload.authorizationInfo[].permission")]),
        (
            Resource,
            &[
                At("protoPayload.resourceName"),
                At("protoPayload.authorizationInfo[].resource"),
                At("resource.labels.project_id"),
            ],
        ),
        (ResourceType, &[At("resource.type")]),
        (
            Outcome,
            &[
                Made(&["protoPayload.authorizationInfo"], "`denied` where a permission was not granted", refused),
                Made(&["protoPayload.status"], "7 and 16 denied, any other code but 0 a failure", by_status),
                Fixed("success"),
            ],
        ),
        (
            Severity,
            &[Word(
                "severity",
                &[
                    ("NOTICE", "notice"),
                    ("WARNING", "warning"),
                    ("ERROR", "warning"),
                    ("CRITICAL", "critical"),
                    ("ALERT", "critical"),
                    ("EMERGENCY", "critical"),
                ],
            )],
        ),
        (Reason, &[At("protoPayload.status.message")]),
        (Ip, &[At("protoPayload.requestMetadata.callerIp"), At("protoPayload.authenticationInfo.principalIp")]),
        (UserAgent, &[At("protoPayload.requestMetadata.callerSuppliedUserAgent")]),
        (Request, &[At("operation.id")]),
    ],
};

fn kind(record: &Json) -> Option<Cow<'_, str>> {
    let email = text_at(record, "protoPayload.authenticationInfo.principalEmail")
        .or_else(|| text_at(record, "protoPayload.authenticationInfo.principalSubject"))?;
    let is_service = email.ends_with("gserviceaccount.com") || email.starts_with("serviceAccount:");
    Some(Cow::Borrowed(if is_service { "service" } else { "user" }))
}

fn refused(record: &Json) -> Option<Cow<'_, str>> {
    let permissions = at(record, "protoPayload.authorizationInfo")?.as_array()?;
    let refused = permissions.iter().any(|permission| permission.get("granted") == Some(&Json::Bool(false)));
    refused.then_some(Cow::Borrowed("denied"))
}

fn by_status(record: &Json) -> Option<Cow<'_, str>> {
    let code = text_at(record, "protoPayload.status.code")?;
    Some(Cow::Borrowed(match &*code {
        "0" => "success",
        "7" | "16" => "denied",
        _ => "failure",
    }))
}
