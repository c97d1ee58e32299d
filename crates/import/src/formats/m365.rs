//! Microsoft 365's unified audit log.

use std::borrow::Cow;

use flightbox_event::Json;

use crate::mapping::{
    Field::*,
    Frame, Mapping,
    Rule::{At, Fixed, Made, Word},
    Sign::{Any, Has},
    text_at,
};

/// The format.
pub static M365: Mapping = Mapping {
    name: "m365",
    title: "Microsoft 365 unified audit log",
    described: "https://learn.microsoft.com/en-us/office/office-365-management-api/office-365-management-activity-api-schema",
    notes: "Records of the Management Activity API. Their times are UTC, as the API says, though they do not say so.",
    frame: Frame::Json,
    signs: &[
        Has("CreationTime"),
        Has("Operation"),
        Has("RecordType"),
        Has("OrganizationId"),
        Has("Workload"),
        Any(&["UserId", "UserKey"]),
    ],
    inside: &[],
    rows: &[
        (Id, &[At("Id")]),
        (Time, &[Made(&["CreationTime"], "`CreationTime`, UTC", time)]),
        (Actor, &[At("UserId"), At("UserKey")]),
        (
            ActorType,
            &[
                Word(
                    "UserType",
                    &[
                        ("0", "user"),
                        ("1", "user"),
                        ("2", "user"),
                        ("3", "user"),
                        ("4", "system"),
                        ("5", "service"),
                        ("6", "service"),
                        ("7", "system"),
                        ("8", "system"),
                    ],
                ),
                Fixed("user"),
            ],
        ),
        (Action, &[At("Operation")]),
        (Resource, &[At("ObjectId"), At("Target[].ID"), At("MailboxOwnerUPN"), At("ApplicationId"), At("Workload")]),
        (ResourceType, &[At("ItemType"), At("Workload")]),
        (
            Outcome,
            &[
                Word("Operation", &[("UserLoginFailed", "failure")]),
                Word(
                    "ResultStatus",
                    &[
                        ("Success", "success"),
                        ("Succeeded", "success"),
                        ("PartiallySucceeded", "success"),
                        ("True", "success"),
                        ("Failed", "failure"),
                        ("Failure", "failure"),
                        ("False", "failure"),
                        ("Denied", "denied"),
                    ],
                ),
                Fixed("success"),
            ],
        ),
        (Reason, &[At("LogonError"), At("ErrorNumber"), At("ResultStatusDescription")]),
        (Ip, &[At("ClientIP"), At("ClientIPAddress"), At("ActorIpAddress")]),
        (UserAgent, &[At("UserAgent"), At("ClientInfoString")]),
        (Session, &[At("SessionId"), At("AppAccessContext.AADSessionId")]),
        (Request, &[At("AppAccessContext.CorrelationId"), At("CorrelationId"), At("InterSystemsId")]),
    ],
};

fn time(record: &Json) -> Option<Cow<'_, str>> {
    let time = text_at(record, "CreationTime")?;
    let is_bare = time.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b':' | b'.' | b' ' | b'T'));
    Some(if is_bare { Cow::Owned(format!("{}Z", time.replace(' ', "T"))) } else { time })
}
