//! Made-up records in CloudTrail's shape, close to every edge that a filter has.

use serde_json::{Value, json};

const TIMES: &[&str] = &["11:59:59", "12:00:00", "12:04:59", "12:05:00", "12:09:59", "12:10:00"];
const NAMES: &[&str] =
    &["GetBucketPolicy", "PolicyCheck", "getpolicy", "DeleteTrail", "UndeleteTrail", "ConsoleLogin", "StopLogging"];
const SERVICES: &[&str] = &["s3", "iam", "kms", "secretsmanager", "ec2", "ssm"];
const TYPES: &[&str] = &["AwsApiCall", "AwsServiceEvent"];
const ADDRESSES: &[&str] = &[
    "192.168.10.20",
    "192.168.10.200",
    "10.0.0.0",
    "10.255.255.255",
    "11.0.0.1",
    "AWS Internal",
    "ec2.amazonaws.com",
    "ec2.amazonaws.com.example",
];
const AGENTS: &[Option<&str>] = &[
    Some("APN/1.0 HashiCorp/1.0 Terraform/1.5"),
    Some("stratus-red-team_a1"),
    Some("[stratus-red-team Terraform]"),
    None,
];
const ERRORS: &[Option<&str>] = &[
    Some("AccessDenied"),
    Some("AccessDeniedException"),
    Some("Client.UnauthorizedOperation"),
    Some("Client.InvalidRouteTableID.NotFound"),
    Some("notfound"),
    None,
    None,
];

/// So many records, always the same.
pub fn records(count: u32) -> Vec<Value> {
    let mut random = Random(1);
    (0..count).map(|number| record(number, &mut random)).collect()
}

fn record(number: u32, random: &mut Random) -> Value {
    let identities = [
        json!({"type": "IAMUser", "userName": "bert-jan"}),
        json!({"type": "IAMUser", "userName": "Bert-Jan"}),
        json!({"type": "IAMUser", "userName": "benjamin",
            "sessionContext": {"attributes": {"mfaAuthenticated": "true"}}}),
        json!({"type": "AssumedRole", "principalId": "AROA:bert-jan",
            "sessionContext": {"sessionIssuer": {"userName": "benjamin"}, "attributes": {"mfaAuthenticated": "false"}}}),
        json!({"invokedBy": "ec2.amazonaws.com"}),
    ];
    let requests = [
        Value::Null,
        json!({"bucketName": "logs"}),
        json!({"bucketName": null}),
        json!({"policy": {"bucketName": "logs"}}),
    ];
    let mut record = json!({
        "eventVersion": "1.08",
        "eventID": format!("00000000-0000-4000-8000-{number:012}"),
        "eventTime": format!("2023-07-10T{}Z", random.of(TIMES)),
        "eventName": random.of(NAMES),
        "eventSource": format!("{}.amazonaws.com", random.of(SERVICES)),
        "eventType": random.of(TYPES),
        "sourceIPAddress": random.of(ADDRESSES),
        "userIdentity": random.of(&identities),
        "requestParameters": random.of(&requests),
        "userAgent": random.of(AGENTS),
        "errorCode": random.of(ERRORS),
        "readOnly": random.of(&[Some(true), Some(false), None]),
    });
    // What a record says nothing of, it does not name; only its request may be null.
    record.as_object_mut().unwrap().retain(|field, value| !value.is_null() || field == "requestParameters");
    record
}

/// Knuth's linear congruential generator.
struct Random(u64);

impl Random {
    fn of<T: Clone>(&mut self, choices: &[T]) -> T {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        choices[(self.0 >> 33) as usize % choices.len()].clone()
    }
}
