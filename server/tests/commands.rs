//! The command line, run as people run it: beside a live server through its socket, and without one under the lock.

use std::{
    io::{BufRead as _, BufReader, Write},
    path::Path,
    process::{Command, Output, Stdio},
};

use crate::common::TestServer;
use serde_json::json;
use tempfile::TempDir;

/// Three CloudTrail records in the shape of a delivery file, after the format's public documentation.
const DELIVERY: &str = r#"{"Records":[
    {"eventVersion":"1.08","userIdentity":{"type":"IAMUser","userName":"alice","accessKeyId":"AKIAIOSFODNN7EXAMPLE"},"eventTime":"2026-07-10T11:42:18Z",
     "eventSource":"s3.amazonaws.com","eventName":"GetBucketPolicy","awsRegion":"us-east-1","sourceIPAddress":"192.0.2.7","userAgent":"aws-cli/2",
     "errorCode":"AccessDenied","errorMessage":"no","requestParameters":{"bucketName":"logs"},"responseElements":null,"eventID":"e-1"},
    {"eventVersion":"1.08","userIdentity":{"type":"AWSService","invokedBy":"ec2.amazonaws.com"},"eventTime":"2026-07-10T11:42:19Z",
     "eventSource":"sts.amazonaws.com","eventName":"AssumeRole","sourceIPAddress":"ec2.amazonaws.com","userAgent":"ec2.amazonaws.com",
     "responseElements":{"credentials":{"accessKeyId":"ASIAIOSFODNN7EXAMPLE","sessionToken":"sessiontokencanary"}},"eventID":"e-2"},
    {"eventVersion":"1.08","userIdentity":{"type":"IAMUser","userName":"bob"},"eventTime":"2026-07-10T11:42:20Z",
     "eventSource":"iam.amazonaws.com","eventName":"CreateUser","sourceIPAddress":"192.0.2.8","userAgent":"console","eventID":"e-3"}]}"#;

fn run(folder: &Path, words: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_flightbox"))
        .args(words)
        .env("FLIGHTBOX_DATA", folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that reads nothing may have closed its end already.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

/// Runs a command that must succeed; what it printed.
fn ok(folder: &Path, words: &[&str], input: &str) -> String {
    let output = run(folder, words, input);
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
}

#[test]
fn a15_an_empty_or_example_secret_refuses_to_start() {
    use std::os::unix::fs::PermissionsExt as _;
    let drawn = "6f1ed002ab5595859014ebf0951522d9c8a1b7e3047f62d5e98b30c17a54f6dd";
    for (key, mode, said) in [
        ("", 0o600, "holds no master key: expected 64 hexadecimal digits that were drawn, and no example"),
        ("\n", 0o600, "holds no master key"),
        ("changeme", 0o600, "holds no master key"),
        (&drawn[..62], 0o600, "holds no master key"),
        (&"0".repeat(64), 0o600, "and no example"),
        (&"ff".repeat(32), 0o600, "and no example"),
        (&"0123456789abcdef".repeat(4), 0o600, "and no example"),
        ("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", 0o600, "and no example"),
        (drawn, 0o640, "can be read by others; make it yours alone: chmod 600"),
        (drawn, 0o604, "can be read by others"),
    ] {
        let folder = TempDir::new().unwrap();
        let file = folder.path().join("master.key");
        std::fs::write(&file, key).unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
        let mut serve = Command::new(env!("CARGO_BIN_EXE_flightbox"));
        serve.arg("serve").env("FLIGHTBOX_DATA", folder.path()).env("FLIGHTBOX_LISTEN", "127.0.0.1:0");
        let mut child = serve.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut first = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).unwrap();
        if !first.is_empty() {
            child.kill().unwrap();
        }
        let output = child.wait_with_output().unwrap();
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!((first.as_str(), output.status.code()), ("", Some(1)), "{key}: {told}");
        assert!(told.contains("master.key") && told.contains(said), "{key}: {told}");
        assert!(!folder.path().join("flightbox.db").exists(), "{key}: nothing was made");
        assert!(key.len() < 4 || !told.contains(key.trim()), "{told}");
    }
}

#[test]
fn every_command_works_on_a_folder_that_nobody_serves() {
    let folder = TempDir::new().unwrap();
    every_command(folder.path());
}

#[tokio::test(flavor = "multi_thread")]
async fn every_command_works_beside_a_live_server() {
    let server = TestServer::start().await;
    let token = tokio::task::block_in_place(|| every_command(server.folder()));
    let (status, body) = server.read_with(&token, "/api/v1/events?q=source:aws%20actor:alice").await;
    assert_eq!((status, &body["events"][0]["outcome"]), (200, &json!("denied")));
    let (_, body) = server.read_with(&token, "/api/v1/events?q=source:aws").await;
    assert!(!body.to_string().contains("sessiontokencanary"));
    assert!(body.to_string().contains("ASIAIOSFODNN7EXAMPLE"));
}

/// Runs each command once; the read token.
fn every_command(folder: &Path) -> String {
    ok(
        folder,
        &["person", "add", "alice", "--role", "viewer", "--role", "admin", "--password-stdin"],
        "correct horse battery\n",
    );
    let again =
        run(folder, &["person", "add", "alice", "--role", "viewer", "--password-stdin"], "correct horse battery\n");
    assert_eq!(again.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&again.stderr).contains("alice"));

    let link = ok(folder, &["person", "reset", "alice"], "");
    assert!(link.starts_with("http://localhost:") && link.contains("/setup?token=fbl_"), "{link}");
    let nobody = run(folder, &["person", "reset", "nobody"], "");
    assert_eq!((nobody.status.code(), nobody.stdout.len()), (Some(1), 0));
    assert!(String::from_utf8_lossy(&nobody.stderr).contains("nobody called \"nobody\""));

    let before = ok(folder, &["log-key", "show"], "");
    let key = before.lines().find_map(|line| line.strip_prefix("signing  ")).unwrap();
    let after = ok(folder, &["log-key", "rotate"], "");
    assert!(
        after.contains(&format!("retired  {key} (up to ")) && !after.contains(&format!("signing  {key}")),
        "{after}"
    );
    assert_eq!(ok(folder, &["log-key", "show"], ""), after);

    let token = ok(folder, &["source", "add", "billing"], "");
    assert!(token.starts_with("fbi_") && !token.contains(char::is_whitespace), "{token}");
    assert_eq!(run(folder, &["source", "add", "Not A Name"], "").status.code(), Some(1));
    let token = ok(folder, &["token", "add", "siem", "--role", "viewer"], "");
    assert!(token.starts_with("fbr_"), "{token}");

    let files = TempDir::new().unwrap();
    let plain = files.path().join("delivery.json");
    std::fs::write(&plain, DELIVERY).unwrap();
    let packed = files.path().join("delivery.json.gz");
    let mut encoder =
        flate2::write::GzEncoder::new(std::fs::File::create(&packed).unwrap(), flate2::Compression::fast());
    encoder.write_all(DELIVERY.as_bytes()).unwrap();
    encoder.finish().unwrap();
    let import = ["import", "--source", "aws", plain.to_str().unwrap()];
    assert_eq!(ok(folder, &import, ""), "imported 3, duplicate 0, quarantined 0");
    let again = ["import", "--source", "aws", packed.to_str().unwrap()];
    assert_eq!(
        ok(folder, &again, ""),
        "imported 0, duplicate 3, quarantined 0; nothing new: all of it was there before"
    );

    let samples = ok(folder, &["generate", "--events", "1200", "--seed", "7"], "");
    assert_eq!(samples, ok(folder, &["generate", "--events", "1200", "--seed", "7"], ""));
    assert_eq!(ok(folder, &["import", "--source", "load", "-"], &samples), "imported 1200, duplicate 0, quarantined 0");

    let bad = run(
        folder,
        &["import", "--source", "load", "-"],
        "{\"actor\":\"a\",\"action\":\"x\"}\n{\"actor\":\"a\"}\nnonsense\n",
    );
    assert_eq!(bad.status.code(), Some(1));
    assert_eq!(String::from_utf8_lossy(&bad.stdout).trim_end(), "imported 1, duplicate 0, quarantined 2");
    assert!(String::from_utf8_lossy(&bad.stderr).contains("record 2"));

    assert_eq!(ok(folder, &["retention", "--dry-run"], ""), "nothing would go");
    assert_eq!(ok(folder, &["retention"], ""), "removed 0 events, 0 bytes of records");

    let report = ok(folder, &["doctor"], "");
    assert!(report.contains("quick check  ok") && report.contains("load: 1 refused, readable"), "{report}");
    token
}

#[test]
fn wrong_usage_is_status_2_and_a_missing_folder_is_not_made_by_looking() {
    let folder = TempDir::new().unwrap();
    assert_eq!(run(folder.path(), &["frobnicate"], "").status.code(), Some(2));
    assert_eq!(
        run(folder.path(), &["person", "add", "a", "--role", "king", "--password-stdin"], "").status.code(),
        Some(2)
    );
    let nowhere = folder.path().join("nowhere");
    for words in [&["doctor"][..], &["retention"], &["retention", "--dry-run"]] {
        assert_eq!(run(&nowhere, words, "").status.code(), Some(1));
    }
    assert!(!nowhere.exists());
}

#[test]
fn plain_http_off_loopback_is_refused() {
    let folder = TempDir::new().unwrap();
    let output = run(folder.path(), &["serve", "--listen", "0.0.0.0:0"], "");
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("FLIGHTBOX_TRUSTED_PROXIES"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_server_on_the_same_folder_is_refused() {
    let server = TestServer::start().await;
    let output = tokio::task::block_in_place(|| run(server.folder(), &["serve", "--listen", "127.0.0.1:0"], ""));
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("in use"));
}
