//! Kubernetes' audit log.

use std::borrow::Cow;

use flightbox_event::Json;

use crate::mapping::{
    Field::*,
    Frame, Mapping,
    Rule::{At, Fixed, If, Made, Word},
    Sign::{Any, Starts},
    text_at,
};

/// The format.
pub static KUBERNETES: Mapping = Mapping {
    name: "kubernetes",
    title: "Kubernetes audit",
    described: "https://kubernetes.io/docs/reference/config-api/apiserver-audit.v1/",
    notes: "Log files, webhook batches (`items`) and EKS. A request is several events, one a stage: each is kept, and \
            has the id of its audit and stage.",
    frame: Frame::Json,
    signs: &[
        Starts("apiVersion", "audit.k8s.io/"),
        Starts("kind", "Event"),
        Any(&["verb", "requestURI"]),
        Any(&["objectRef", "user", "sourceIPs"]),
        Any(&["auditID", "stage", "responseStatus"]),
    ],
    inside: &[],
    rows: &[
        (Id, &[Made(&["auditID", "stage"], "audit and stage", id)]),
        (Time, &[At("requestReceivedTimestamp"), At("stageTimestamp"), At("timestamp"), At("requestReceivedTime")]),
        (Actor, &[At("user.username")]),
        (
            ActorType,
            &[
                Word("user.username", &[("system:anonymous", "anonymous"), ("system:unauthenticated", "anonymous")]),
                Made(&["user.username"], "`service` for `system:serviceaccount:`, `system` for other `system:`", kind),
                Fixed("user"),
            ],
        ),
        (
            Action,
            &[
                Made(&["verb", "objectRef"], "`pods/exec.create`: what is touched, then the verb", action),
                At("verb"),
                If("requestURI", "request"),
            ],
        ),
        (Resource, &[Made(&["objectRef"], "`namespace/resource/name`", resource), At("requestURI")]),
        (ResourceType, &[At("objectRef.resource")]),
        (ResourceName, &[At("objectRef.name")]),
        (
            Outcome,
            &[
                Word("annotations.authorization.k8s.io/decision", &[("forbid", "denied")]),
                Made(&["responseStatus.code"], "401 and 403 denied, other codes from 400 on failures", by_code),
                Word("responseStatus.status", &[("Success", "success"), ("Failure", "failure")]),
                Word("stage", &[("RequestReceived", "unknown"), ("Panic", "failure")]),
                Fixed("success"),
            ],
        ),
        (Reason, &[At("responseStatus.message"), At("annotations.authorization.k8s.io/reason")]),
        (Ip, &[At("sourceIPs[]")]),
        (UserAgent, &[At("userAgent")]),
        (Request, &[At("auditID")]),
        (Path, &[At("requestURI")]),
        (Status, &[At("responseStatus.code")]),
    ],
};

fn id(record: &Json) -> Option<Cow<'_, str>> {
    let audit = text_at(record, "auditID")?;
    Some(match text_at(record, "stage") {
        Some(stage) => Cow::Owned(format!("{audit}/{stage}")),
        None => audit,
    })
}

fn kind(record: &Json) -> Option<Cow<'_, str>> {
    let name = text_at(record, "user.username")?;
    let service = name.starts_with("system:serviceaccount:");
    (service || name.starts_with("system:")).then_some(Cow::Borrowed(if service { "service" } else { "system" }))
}

fn action(record: &Json) -> Option<Cow<'_, str>> {
    let (verb, resource) = (text_at(record, "verb")?, text_at(record, "objectRef.resource")?);
    Some(Cow::Owned(match text_at(record, "objectRef.subresource") {
        Some(sub) => format!("{resource}/{sub}.{verb}"),
        None => format!("{resource}.{verb}"),
    }))
}

fn resource(record: &Json) -> Option<Cow<'_, str>> {
    let parts = ["objectRef.namespace", "objectRef.resource", "objectRef.name"];
    let parts: Vec<_> = parts.iter().filter_map(|path| text_at(record, path)).collect();
    (!parts.is_empty()).then(|| Cow::Owned(parts.join("/")))
}

fn by_code(record: &Json) -> Option<Cow<'_, str>> {
    let code: u16 = text_at(record, "responseStatus.code")?.parse().ok()?;
    Some(Cow::Borrowed(flightbox_event::Outcome::of_status(code).as_str()))
}
