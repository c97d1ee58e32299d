//! Made-up records in CloudTrail's shape, close to every edge that a filter has.

use serde_json::{Value, json};

/// So many records, always the same.
pub fn records(count: u32) -> Vec<Value> {
    let mut random = Random(1);
    (0..count).map(|number| record(number, &mut random)).collect()
}

fn record(number: u32, random: &mut Random) -> Value {
    let mut record = json!({
        "eventVersion": "1.08",
        "eventID": format!("00000000-0000-4000-8000-{number:012}"),
        "eventTime": format!("2023-07-10T{}Z", random.of(&["11:59:59", "12:00:00", "12:04:59", "12:05:00", "12:09:59", "12:10:00"])),
        "eventName": random.of(&["GetBucketPolicy", "PolicyCheck", "getpolicy", "DeleteTrail", "UndeleteTrail", "ConsoleLogin", "StopLogging"]),
        "eventSource": random.of(&["s3.amazonaws.com", "iam.amazonaws.com", "kms.amazonaws.com", "secretsmanager.amazonaws.com", "ec2.amazonaws.com", "ssm.amazonaws.com"]),
        "eventType": random.of(&["AwsApiCall", "AwsServiceEvent"]),
        "sourceIPAddress": random.of(&["192.168.10.20", "192.168.10.200", "10.0.0.0", "10.255.255.255", "11.0.0.1", "AWS Internal", "ec2.amazonaws.com", "ec2.amazonaws.com.example"]),
        "userIdentity": random.of(&[
            json!({"type": "IAMUser", "userName": "bert-jan"}),
            json!({"type": "IAMUser", "userName": "Bert-Jan"}),
            json!({"type": "IAMUser", "userName": "benjamin", "sessionContext": {"attributes": {"mfaAuthenticated": "true"}}}),
            json!({"type": "AssumedRole", "principalId": "AROA:bert-jan", "sessionContext": {"sessionIssuer": {"userName": "benjamin"}, "attributes": {"mfaAuthenticated": "false"}}}),
            json!({"invokedBy": "ec2.amazonaws.com"}),
        ]),
        "requestParameters": random.of(&[
            json!(null), json!({"bucketName": "logs"}), json!({"bucketName": null}), json!({"policy": {"bucketName": "logs"}}),
        ]),
    });
    for (field, values) in [
        (
            "userAgent",
            json!(["APN/1.0 HashiCorp/1.0 Terraform/1.5", "stratus-red-team_a1", "[stratus-red-team Terraform]", null]),
        ),
        (
            "errorCode",
            json!([
                null,
                null,
                "AccessDenied",
                "AccessDeniedException",
                "Client.UnauthorizedOperation",
                "Client.InvalidRouteTableID.NotFound",
                "notfound"
            ]),
        ),
        ("readOnly", json!([true, false, null])),
    ] {
        // What a record has nothing of, it does not name.
        let value = random.of(values.as_array().unwrap());
        if !value.is_null() {
            record[field] = value;
        }
    }
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
