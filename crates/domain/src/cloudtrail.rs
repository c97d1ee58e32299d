//! AWS CloudTrail records as events.
//!
//! | event | CloudTrail, first that is there |
//! |---|---|
//! | `id` | `eventID` |
//! | `occurred_at` | `eventTime` |
//! | `actor.id` | `userIdentity.userName`; the session issuer's user name; the role session name (the end of the assumed role's ARN or principal id); `userIdentity.invokedBy`; `userIdentity.principalId` |
//! | `actor.type` | `service` for an AWS service, else `user` |
//! | `action` | `eventName` |
//! | `resource` | `resources[].ARN`; the request's own name field; `eventSource` |
//! | `outcome` | no `errorCode`: success; one of access or authorisation: denied; any other: failure |
//! | `reason` | `errorCode` and `errorMessage` |
//! | `origin.ip`, `origin.user_agent`, `origin.request_id` | `sourceIPAddress`, `userAgent`, `requestID` as they are |
//! | `details` | the whole record, field names unchanged |

use flightbox_event::Json;

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
/// The longest reason an event may carry, in characters.
const REASON: usize = 1024;

/// Whether a value looks like a delivery file, or like one record of it.
pub fn records(json: &Json) -> Option<&[Json]> {
    match json.get("Records") {
        Some(Json::Array(records)) => Some(records),
        _ if is_record(json) => Some(std::slice::from_ref(json)),
        _ => None,
    }
}

/// Whether a value is a CloudTrail record.
pub fn is_record(json: &Json) -> bool {
    ["eventVersion", "eventName", "eventSource", "eventID"].iter().all(|key| json.get(key).is_some())
}

/// The record as an event in the native shape, for the same parser that every producer meets.
pub fn to_event(record: &Json) -> Json {
    let text = |keys: &[&str]| record.at(keys).and_then(Json::as_str).filter(|text| !text.is_empty());
    let error = text(&["errorCode"]);
    let reason = error.map(|code| match text(&["errorMessage"]) {
        Some(message) => format!("{code}: {message}").chars().take(REASON).collect(),
        None => code.to_owned(),
    });
    let origin = [
        ("ip", text(&["sourceIPAddress"])),
        ("user_agent", text(&["userAgent"])),
        ("request_id", text(&["requestID"])),
    ];
    let members = [
        ("id", record.get("eventID").cloned()),
        ("occurred_at", record.get("eventTime").cloned()),
        ("actor", Some(actor(record))),
        ("action", record.get("eventName").cloned()),
        ("resource", resource(record)),
        ("outcome", Some(outcome(error).into())),
        ("reason", reason.map(Json::String)),
        ("origin", Some(object(origin.map(|(key, value)| (key, value.map(Json::from)))))),
        ("details", Some(record.clone())),
    ];
    object(members)
}

fn object<const N: usize>(members: [(&str, Option<Json>); N]) -> Json {
    Json::Object(members.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect())
}

fn actor(record: &Json) -> Json {
    let text = |keys: &[&str]| record.get("userIdentity")?.at(keys)?.as_str().filter(|text| !text.is_empty());
    let kind = text(&["type"]);
    let id = text(&["userName"])
        .or_else(|| text(&["sessionContext", "sessionIssuer", "userName"]))
        .or_else(|| role_session(text(&["arn"]), text(&["principalId"])))
        .or_else(|| text(&["invokedBy"]))
        .or_else(|| text(&["principalId"]))
        .or_else(|| text(&["accountId"]))
        .or(kind);
    let is_service = kind == Some("AWSService") || (kind.is_none() && text(&["invokedBy"]).is_some());
    object([
        ("id", Some(id.unwrap_or("unknown").into())),
        ("type", Some(if is_service { "service" } else { "user" }.into())),
    ])
}

/// `arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION`, or a principal id `ROLEID:SESSION`.
fn role_session<'a>(arn: Option<&'a str>, principal: Option<&'a str>) -> Option<&'a str> {
    let of_arn = arn.filter(|arn| arn.contains(":assumed-role/")).and_then(|arn| arn.rsplit('/').next());
    of_arn.or_else(|| principal.and_then(|principal| principal.split_once(':')).map(|(_, session)| session))
}

fn resource(record: &Json) -> Option<Json> {
    let listed = record.get("resources").and_then(Json::as_array).unwrap_or_default();
    let arn = listed.iter().find_map(|resource| {
        let arn = resource.get("ARN")?.as_str()?;
        Some((arn, resource.get("type").and_then(Json::as_str)))
    });
    let request = |name: &&str| record.get("requestParameters")?.get(name)?.as_str().filter(|text| !text.is_empty());
    let (id, kind) = match (arn, NAMES.iter().find_map(request)) {
        (Some((arn, kind)), _) => (arn, kind),
        (None, Some(name)) => (name, None),
        (None, None) => (record.get("eventSource")?.as_str()?, None),
    };
    Some(object([("id", Some(id.into())), ("type", kind.map(Json::from))]))
}

fn outcome(error: Option<&str>) -> &'static str {
    match error {
        None => "success",
        Some(code) if REFUSALS.iter().any(|refusal| code.contains(refusal)) => "denied",
        Some(_) => "failure",
    }
}

#[cfg(test)]
mod tests {
    use flightbox_event::{Outcome, json, parse_event};

    use super::*;

    fn event(record: &str) -> flightbox_event::Event {
        let mapped = to_event(&json::parse(record.as_bytes()).unwrap());
        parse_event(&mapped).unwrap_or_else(|problems| panic!("{problems:#?}"))
    }

    #[test]
    fn the_first_name_that_is_there_names_the_actor() {
        for (identity, actor) in [
            (r#"{"type":"IAMUser","userName":"bob","principalId":"AIDA"}"#, "bob"),
            (
                r#"{"type":"AssumedRole","principalId":"AROA:session","sessionContext":{"sessionIssuer":{"userName":"role"}}}"#,
                "role",
            ),
            (r#"{"type":"AssumedRole","arn":"arn:aws:sts::1:assumed-role/role/me","principalId":"AROA:x"}"#, "me"),
            (r#"{"type":"AssumedRole","principalId":"AROA:session"}"#, "session"),
            (r#"{"type":"AWSService","invokedBy":"ec2.amazonaws.com"}"#, "ec2.amazonaws.com"),
            (r#"{"type":"Root","principalId":"123"}"#, "123"),
        ] {
            let record = format!(r#"{{"userIdentity":{identity},"eventName":"X","eventSource":"s3.amazonaws.com"}}"#);
            assert_eq!(event(&record).actor.id, actor, "{identity}");
        }
    }

    #[test]
    fn the_error_code_decides_the_outcome() {
        for (code, outcome) in [
            ("AccessDenied", Outcome::Denied),
            ("Client.UnauthorizedOperation", Outcome::Denied),
            ("NoSuchBucketPolicy", Outcome::Failure),
        ] {
            let record = format!(r#"{{"userIdentity":{{}},"eventName":"X","errorCode":"{code}"}}"#);
            assert_eq!(event(&record).outcome, outcome);
        }
    }

    #[test]
    fn the_record_stands_whole_in_the_details() {
        let record = r#"{"userIdentity":{"userName":"a"},"eventName":"X","requestParameters":{"bucketName":"b"},"readOnly":true}"#;
        let event = event(record);
        assert_eq!(event.resource.unwrap().id, "b");
        assert_eq!(event.details, json::parse(record.as_bytes()).ok());
    }
}
