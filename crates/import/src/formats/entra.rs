//! Microsoft Entra's logs, and Azure's activity log.

use std::borrow::Cow;

use flightbox_event::Json;

use crate::mapping::{
    Field::*,
    Frame, Mapping,
    Rule::{At, Fixed, If, Made, Word},
    Sign::{Any, Has},
    text_at,
};

/// Words by which these logs tell how something ended.
const RESULTS: &[(&str, &str)] = &[
    ("success", "success"),
    ("succeeded", "success"),
    ("true", "success"),
    ("start", "unknown"),
    ("started", "unknown"),
    ("accept", "unknown"),
    ("accepted", "unknown"),
    ("active", "unknown"),
    ("failure", "failure"),
    ("failed", "failure"),
    ("timeout", "failure"),
    ("interrupted", "failure"),
    ("denied", "denied"),
    ("clientError", "failure"),
];

/// The format.
pub static ENTRA: Mapping = Mapping {
    name: "entra",
    title: "Microsoft Entra and Azure activity",
    described: "https://learn.microsoft.com/en-us/entra/identity/monitoring-health/concept-activity-log-schemas",
    notes: "Sign-ins and audits as Graph (`value`) and as diagnostic settings (`records`, `properties`) give them, and \
            Azure's activity log. A sign-in whose error code says that access is blocked is denied.",
    frame: Frame::Json,
    signs: &[
        Any(&["time", "createdDateTime", "activityDateTime", "eventTimestamp", "eventTime"]),
        Any(&[
            "operationName",
            "activityDisplayName",
            "appDisplayName",
            "properties.activityDisplayName",
            "properties.appDisplayName",
        ]),
        Any(&["tenantId", "userPrincipalName", "initiatedBy", "subscriptionId", "identity.tenantId"]),
        Any(&[
            "resourceId",
            "conditionalAccessStatus",
            "loggedByService",
            "resourceProviderName",
            "identity.userPrincipalName",
        ]),
        Has("correlationId"),
    ],
    inside: &[],
    rows: &[
        (Id, &[At("properties.id"), At("eventDataId"), Made(&["id"], "the `id`, where it is none of a resource", id)]),
        (
            Time,
            &[
                At("time"),
                At("createdDateTime"),
                At("activityDateTime"),
                At("eventTimestamp"),
                At("eventTime"),
                At("properties.activityDateTime"),
                At("properties.createdDateTime"),
            ],
        ),
        (
            Actor,
            &[
                At("properties.userPrincipalName"),
                At("userPrincipalName"),
                At("properties.initiatedBy.user.userPrincipalName"),
                At("initiatedBy.user.userPrincipalName"),
                At("identity.userPrincipalName"),
                At("caller"),
                At("identity.claims.http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn"),
                At("identity.claims.name"),
                At("properties.initiatedBy.app.displayName"),
                At("initiatedBy.app.displayName"),
                At("properties.servicePrincipalName"),
                At("servicePrincipalName"),
                At("properties.servicePrincipalId"),
                At("properties.appDisplayName"),
                At("properties.initiatedBy.user.id"),
                At("identity.claims.appid"),
                At("identity.authorization.evidence.principalId"),
                At("authentication.principalId"),
                At("properties.identity"),
                At("identity"),
            ],
        ),
        (
            ActorType,
            &[
                If("properties.userPrincipalName", "user"),
                If("properties.initiatedBy.user.userPrincipalName", "user"),
                If("properties.servicePrincipalId", "service"),
                If("properties.initiatedBy.app.displayName", "service"),
                If("initiatedBy.app.displayName", "service"),
                Word("authentication.type", &[("ServicePrincipal", "service")]),
                Word("authentication.identityType", &[("Application", "service")]),
                Fixed("user"),
            ],
        ),
        (
            ActorName,
            &[At("properties.userDisplayName"), At("userDisplayName"), At("properties.initiatedBy.user.displayName")],
        ),
        (
            Action,
            &[
                At("operationName.value"),
                At("operationName"),
                At("activityDisplayName"),
                At("properties.activityDisplayName"),
                If("createdDateTime", "Sign-in activity"),
                Word("category", &[("SignInLogs", "Sign-in activity")]),
                At("category"),
            ],
        ),
        (
            Resource,
            &[
                At("properties.targetResources[].userPrincipalName"),
                At("targetResources[].userPrincipalName"),
                At("properties.targetResources[].id"),
                At("targetResources[].id"),
                At("properties.resourceDisplayName"),
                At("resourceDisplayName"),
                At("properties.appDisplayName"),
                At("appDisplayName"),
                At("resources[].id"),
                At("resourceId"),
            ],
        ),
        (
            ResourceType,
            &[
                At("properties.targetResources[].type"),
                At("targetResources[].type"),
                At("resourceType.value"),
                At("resourceType"),
            ],
        ),
        (ResourceName, &[At("properties.targetResources[].displayName"), At("targetResources[].displayName")]),
        (
            Outcome,
            &[
                Made(
                    &["properties.status.errorCode", "status.errorCode", "resultType"],
                    "a sign-in's code: 0 success, a code that blocks access denied, any other a failure",
                    by_code,
                ),
                Word("properties.result", RESULTS),
                Word("result", RESULTS),
                Word("status.value", RESULTS),
                Word("resultType", RESULTS),
                Word("resultSignature", RESULTS),
                Fixed("unknown"),
            ],
        ),
        (
            Severity,
            &[Word(
                "level",
                &[
                    ("Informational", "info"),
                    ("Information", "info"),
                    ("Warning", "warning"),
                    ("Error", "warning"),
                    ("Critical", "critical"),
                ],
            )],
        ),
        (
            Reason,
            &[
                At("properties.status.failureReason"),
                At("status.failureReason"),
                At("properties.resultReason"),
                At("resultReason"),
                At("resultDescription"),
                At("properties.resultDescription"),
            ],
        ),
        (
            Ip,
            &[
                At("callerIpAddress"),
                At("properties.ipAddress"),
                At("ipAddress"),
                At("properties.initiatedBy.user.ipAddress"),
                At("initiatedBy.user.ipAddress"),
                At("httpRequest.clientIpAddress"),
                At("httpRequest.clientRequestIp"),
            ],
        ),
        (UserAgent, &[At("properties.userAgent"), At("userAgent")]),
        (Country, &[At("properties.location.countryOrRegion"), At("location.countryOrRegion"), At("location.country")]),
        (Session, &[At("properties.sessionId")]),
        (Request, &[At("correlationId")]),
        (Method, &[At("httpRequest.method")]),
    ],
};

/// Sign-in error codes that mean: it was you, and you may not.
const BLOCKED: &[&str] =
    &["50053", "50057", "50105", "53000", "53001", "53002", "53003", "53004", "530032", "65001", "90094", "500011"];

fn id(record: &Json) -> Option<Cow<'_, str>> {
    text_at(record, "id").filter(|id| !id.contains('/'))
}

fn by_code(record: &Json) -> Option<Cow<'_, str>> {
    let paths = ["properties.status.errorCode", "status.errorCode", "resultType"];
    let code = paths.iter().find_map(|path| text_at(record, path))?;
    if !code.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some(Cow::Borrowed(match &*code {
        "0" | "200" => "success",
        code if BLOCKED.contains(&code) => "denied",
        _ => "failure",
    }))
}
