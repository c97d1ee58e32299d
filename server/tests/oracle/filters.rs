//! What an investigator asks of CloudTrail: in our query language, and as a plain test of the record itself.

use serde_json::Value;

/// One question.
pub struct Filter {
    /// Its name in the oracle.
    pub title: &'static str,
    /// The question in our language.
    pub query: &'static str,
    /// Whether a CloudTrail record answers it; nothing of ours takes part.
    pub holds: fn(&Value) -> bool,
}

macro_rules! filters {
    ($($title:literal, $query:literal, $holds:expr;)+) => {
        pub const FILTERS: &[Filter] = &[$(Filter { title: $title, query: $query, holds: $holds }),+];
    };
}

filters! {
    "all events", "", |_| true;
    "who: actor bert-jan", "@userIdentity.userName:bert-jan", |r| user(r) == Some("bert-jan");
    "who: actor benjamin", "@userIdentity.userName:benjamin", |r| user(r) == Some("benjamin");
    "no user name at all", "-@userIdentity.userName:*", |r| user(r).is_none();
    "identity type AssumedRole", "@userIdentity.type:AssumedRole", |r| r["userIdentity"]["type"] == "AssumedRole";
    "failures (any errorCode)", "@errorCode:*", |r| error(r).is_some();
    "successes (no errorCode)", "-@errorCode:*", |r| error(r).is_none();
    "access denied family", "@errorCode:AccessDenied,Client.UnauthorizedOperation",
        |r| matches!(error(r), Some("AccessDenied" | "Client.UnauthorizedOperation"));
    "error code contains \"notfound\" ignoring case", "@errorCode:~notfound",
        |r| error(r).is_some_and(|code| code.to_lowercase().contains("notfound"));
    "S3 only", "@eventSource:s3.amazonaws.com", |r| r["eventSource"] == "s3.amazonaws.com";
    "IAM writes", "@eventSource:iam.amazonaws.com @readOnly:false",
        |r| r["eventSource"] == "iam.amazonaws.com" && writes(r);
    "all writes", "@readOnly:false", writes;
    "Delete* actions", "action:Delete*", |r| name(r).starts_with("Delete");
    "*Policy* actions (wildcard)", "action:*Policy*", |r| name(r).contains("Policy");
    "console sign-in", "action:ConsoleLogin", |r| name(r) == "ConsoleLogin";
    "from 192.168.10.20", "ip:192.168.10.20", |r| r["sourceIPAddress"] == "192.168.10.20";
    "from 10.0.0.0/8", "ip:10.0.0.0/8",
        |r| text(&r["sourceIPAddress"]).parse().is_ok_and(|ip: std::net::Ipv4Addr| ip.octets()[0] == 10);
    "source is not an IP (AWS service)", "ip:*amazonaws.com",
        |r| text(&r["sourceIPAddress"]).ends_with("amazonaws.com");
    "user agent contains terraform", "agent:~terraform", |r| agent(r).contains("terraform");
    "user agent contains stratus-red-team", "agent:~stratus-red-team", |r| agent(r).contains("stratus-red-team");
    "12:00 to 12:05 UTC", "created:>=2023-07-10T12:00:00Z created:<2023-07-10T12:05:00Z",
        |r| ("2023-07-10T12:00:00Z".."2023-07-10T12:05:00Z").contains(&text(&r["eventTime"]));
    "bert-jan failures 12:00-12:10",
        "@userIdentity.userName:bert-jan @errorCode:* created:>=2023-07-10T12:00:00Z created:<2023-07-10T12:10:00Z",
        |r| user(r) == Some("bert-jan") && error(r).is_some()
            && ("2023-07-10T12:00:00Z".."2023-07-10T12:10:00Z").contains(&text(&r["eventTime"]));
    "KMS or Secrets Manager",
        "(@eventSource:kms.amazonaws.com OR @eventSource:secretsmanager.amazonaws.com)",
        |r| r["eventSource"] == "kms.amazonaws.com" || r["eventSource"] == "secretsmanager.amazonaws.com";
    "writes not by Terraform", "@readOnly:false -agent:~terraform", |r| writes(r) && !agent(r).contains("terraform");
    "everything except ec2 and ssm", "-@eventSource:ec2.amazonaws.com,ssm.amazonaws.com",
        |r| r["eventSource"] != "ec2.amazonaws.com" && r["eventSource"] != "ssm.amazonaws.com";
    "service events", "@eventType:AwsServiceEvent", |r| r["eventType"] == "AwsServiceEvent";
    "has request parameter bucketName", "@requestParameters.bucketName:*",
        |r| !r["requestParameters"]["bucketName"].is_null();
    "MFA-authenticated sessions", "@userIdentity.sessionContext.attributes.mfaAuthenticated:true",
        |r| r["userIdentity"]["sessionContext"]["attributes"]["mfaAuthenticated"] == "true";
    "no result", "action:StopLogging @eventSource:s3.amazonaws.com",
        |r| name(r) == "StopLogging" && r["eventSource"] == "s3.amazonaws.com";
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn name(record: &Value) -> &str {
    text(&record["eventName"])
}

fn user(record: &Value) -> Option<&str> {
    record["userIdentity"]["userName"].as_str()
}

fn error(record: &Value) -> Option<&str> {
    record["errorCode"].as_str()
}

fn agent(record: &Value) -> String {
    text(&record["userAgent"]).to_lowercase()
}

fn writes(record: &Value) -> bool {
    record["readOnly"] == false
}
