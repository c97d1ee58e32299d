//! AWS CloudTrail.

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
pub static CLOUDTRAIL: Mapping = Mapping {
    name: "cloudtrail",
    title: "AWS CloudTrail",
    described: "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html",
    notes: "Delivery files (`Records`), records one a line, EventBridge's events (`detail`), answers of Lake \
            (`QueryResultRows`), and the same in small letters.",
    frame: Frame::Json,
    signs: &[
        Has("eventVersion"),
        Has("eventName"),
        Has("eventSource"),
        Has("eventID"),
        Has("userIdentity"),
        Has("awsRegion"),
    ],
    inside: &["detail"],
    rows: &[
        (Id, &[At("eventID")]),
        (Time, &[At("eventTime")]),
        (
            Actor,
            &[
                At("userIdentity.userName"),
                At("userIdentity.sessionContext.sessionIssuer.userName"),
                Made(
                    &["userIdentity.arn", "userIdentity.principalId"],
                    "the role session's name: the end of an assumed role's ARN, or of a principal id",
                    role_session,
                ),
                At("userIdentity.invokedBy"),
                At("userIdentity.principalId"),
                At("additionalEventData.UserName"),
                At("userIdentity.accountId"),
                At("userIdentity.type"),
            ],
        ),
        (
            ActorType,
            &[Made(
                &["userIdentity.type", "userIdentity.invokedBy"],
                "`service` for an AWS service, else `user`",
                kind,
            )],
        ),
        (Action, &[At("eventName")]),
        (
            Resource,
            &[
                At("resources[].ARN"),
                Made(&["requestParameters"], "the first of the request's fields that name a thing", named),
                At("eventSource"),
            ],
        ),
        (ResourceType, &[Made(&["resources"], "the `type` beside the first `resources[].ARN`", resource_type)]),
        (
            Outcome,
            &[
                Made(
                    &["errorCode"],
                    "`denied` for a code of access or authorisation, `failure` for any other",
                    outcome,
                ),
                Fixed("success"),
            ],
        ),
        (Reason, &[Made(&["errorCode", "errorMessage"], "code and message", reason)]),
        (Ip, &[At("sourceIPAddress")]),
        (UserAgent, &[At("userAgent")]),
        (Request, &[At("requestID")]),
    ],
};

/// Request fields that name the thing that was touched, most telling first.
const NAMES: &[&str] = &[
    "bucketName",
    "userName",
    "roleName",
    "groupName",
    "policyName",
    "policyArn",
    "instanceProfileName",
    "functionName",
    "secretId",
    "keyId",
    "tableName",
    "dBInstanceIdentifier",
    "dBClusterIdentifier",
    "clusterName",
    "instanceId",
    "name",
    "trailName",
    "logGroupName",
    "queueUrl",
    "topicArn",
    "stackName",
    "roleArn",
    "resourceArn",
    "detectorId",
    "vpcId",
    "subnetId",
    "groupId",
    "volumeId",
    "snapshotId",
    "imageId",
    "documentName",
];
/// What error codes of access and authorisation contain.
const REFUSALS: &[&str] =
    &["AccessDenied", "Unauthorized", "NotAuthorized", "AuthFailure", "Forbidden", "AuthorizationError"];

/// `arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION`, or a principal id `ROLEID:SESSION`.
fn role_session(record: &Json) -> Option<Cow<'_, str>> {
    let of_arn = match text_at(record, "userIdentity.arn") {
        Some(Cow::Borrowed(arn)) if arn.contains(":assumed-role/") => arn.rsplit('/').next(),
        _ => None,
    };
    let of_principal = || match text_at(record, "userIdentity.principalId") {
        Some(Cow::Borrowed(principal)) => principal.split_once(':').map(|(_, session)| session),
        _ => None,
    };
    of_arn.or_else(of_principal).map(Cow::Borrowed)
}

fn kind(record: &Json) -> Option<Cow<'_, str>> {
    let kind = text_at(record, "userIdentity.type");
    let invoked = text_at(record, "userIdentity.invokedBy").is_some();
    let is_service = kind.as_deref() == Some("AWSService") || (kind.is_none() && invoked);
    Some(Cow::Borrowed(if is_service { "service" } else { "user" }))
}

fn named(record: &Json) -> Option<Cow<'_, str>> {
    let request = record.get("requestParameters")?;
    NAMES.iter().find_map(|name| request.get(name)?.as_str().filter(|text| !text.is_empty())).map(Cow::Borrowed)
}

fn resource_type(record: &Json) -> Option<Cow<'_, str>> {
    let listed = record.get("resources").and_then(Json::as_array).unwrap_or_default();
    let first = listed.iter().find(|resource| resource.get("ARN").and_then(Json::as_str).is_some())?;
    first.get("type").and_then(Json::as_str).map(Cow::Borrowed)
}

fn outcome(record: &Json) -> Option<Cow<'_, str>> {
    let code = text_at(record, "errorCode")?;
    let is_refusal = REFUSALS.iter().any(|refusal| code.contains(refusal));
    Some(Cow::Borrowed(if is_refusal { "denied" } else { "failure" }))
}

fn reason(record: &Json) -> Option<Cow<'_, str>> {
    let code = text_at(record, "errorCode")?;
    Some(match text_at(record, "errorMessage") {
        Some(message) => Cow::Owned(format!("{code}: {message}")),
        None => code,
    })
}
