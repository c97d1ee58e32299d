//! Files of other systems, imported as people import them.

use std::{
    io::Write as _,
    path::Path,
    process::{Command, Output},
};

use serde_json::json;
use tempfile::TempDir;

use crate::common::TestServer;

/// Imports files beside a server; output and exit status.
async fn import(server: &TestServer, words: &[&str], files: &[&Path]) -> Output {
    tokio::task::block_in_place(|| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_flightbox"));
        command.args(["import", "--source", "old"]).args(words).args(files);
        command.env("FLIGHTBOX_DATA", server.folder()).output().unwrap()
    })
}

fn told(output: &Output) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap().trim_end().to_owned();
    (text(&output.stdout), text(&output.stderr))
}

/// Two events of Linux's auditd, mixed, one of them denied.
const AUDIT: &str = r#"type=SYSCALL msg=audit(1783681338.100:41): arch=c000003e syscall=59 success=yes exit=0 items=1 ppid=1 pid=9 auid=1001 uid=0 ses=3 comm="id" exe="/usr/bin/id" key="run"
type=SYSCALL msg=audit(1783681338.100:42): arch=c000003e syscall=257 success=no exit=-13 items=1 ppid=1 pid=9 auid=1002 uid=1002 ses=4 comm="cat" exe="/usr/bin/cat" key=(null)
type=EXECVE msg=audit(1783681338.100:41): argc=1 a0=2F7573722F62696E2F6964
type=PATH msg=audit(1783681338.100:42): item=0 name="/etc/shadow" inode=1 dev=08:01 mode=0100640 ouid=0 ogid=42 rdev=00:00 nametype=NORMAL
type=EOE msg=audit(1783681338.100:41):
type=EOE msg=audit(1783681338.100:42):
"#;

#[tokio::test(flavor = "multi_thread")]
async fn an_import_accounts_for_every_record() {
    let server = TestServer::start().await;
    let folder = TempDir::new().unwrap();
    let (trail, audit) = (folder.path().join("trail.jsonl"), folder.path().join("audit.log"));
    let record = |id: u32, more: &str| {
        format!(
            r#"{{"eventVersion":"1.08","userIdentity":{{"type":"IAMUser","userName":"ann"}},"eventSource":"s3.amazonaws.com","awsRegion":"eu-1","eventID":"t-{id}","tlsDetails":{{}},"eventTime":"2026-07-10T11:42:18Z"{more}}}"#
        )
    };
    let lines = [
        record(1, r#","eventName":"GetObject""#),
        "{\"eventVersion\": \"1.08\", \"eventName".to_owned(),
        record(3, ""),
        record(4, r#","eventName":"PutObject","errorCode":"AccessDenied""#),
        r#"{"eventID":"t-5","eventName":"X","eventTime":"soon","password":"hunter2canary"}"#.to_owned(),
    ];
    std::fs::write(&trail, lines.join("\n")).unwrap();
    std::fs::write(&audit, AUDIT).unwrap();

    let output = import(&server, &[], &[&trail, &audit]).await;
    let (out, err) = told(&output);
    assert_eq!((out.as_str(), output.status.code()), ("imported 4, duplicate 0, quarantined 3", Some(1)), "{err}");
    for line in [
        "trail.jsonl: record 2, line 2: expected JSON: ",
        "trail.jsonl: record 3, line 3: expected what was done at eventName",
        "trail.jsonl: record 5, line 5: expected a time at eventTime",
        "files by format: auditd 1, cloudtrail 1",
        "quarantined, by kind: not JSON 1, without what is needed 2",
        "in the details alone: awsRegion 2, eventVersion 2, message 2, tlsDetails 2, types 2, paths 1",
    ] {
        assert!(err.contains(line), "{line}: {err}");
    }
    assert!(!err.contains("hunter2canary"), "{err}");

    let again = import(&server, &[], &[&audit, &trail]).await;
    assert_eq!(told(&again).0, "imported 0, duplicate 4, quarantined 3; nothing new: all of it was there before");

    let (_, body) = server.read("/api/v1/events?q=source:old%20outcome:denied").await;
    let found: Vec<_> =
        body["events"].as_array().unwrap().iter().map(|event| (&event["actor"]["id"], &event["action"])).collect();
    assert_eq!(found.len(), 2, "{body}");
    assert!(found.contains(&(&json!("ann"), &json!("PutObject"))));
    assert!(found.contains(&(&json!("1002"), &json!("openat"))));
    let (_, body) = server.read("/api/v1/events?q=source:old%20action:execve").await;
    assert_eq!(body["events"][0]["reason"], json!("/usr/bin/id"), "{body}");
    let details = body["events"][0]["details"].to_string();
    assert_eq!(details.matches("type=").count(), 3, "the lines stand whole: {details}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archive_of_packed_files_is_read_file_by_file_and_what_is_of_no_format_is_refused_politely() {
    let server = TestServer::start().await;
    let folder = TempDir::new().unwrap();
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(AUDIT.as_bytes()).unwrap();
    let packed = packed.finish().unwrap();
    let path = folder.path().join("logs.tar");
    std::fs::write(
        &path,
        [entry("var/audit.log.gz", &packed), entry("var/poem.txt", b"roses are red\n"), vec![0; 1024]].concat(),
    )
    .unwrap();
    let output = import(&server, &[], &[&path]).await;
    let (out, err) = told(&output);
    assert_eq!((out.as_str(), output.status.code()), ("imported 2, duplicate 0, quarantined 0", Some(1)), "{err}");
    assert!(err.contains("logs.tar/var/poem.txt: is of no format that is known"), "{err}");

    let unsure = folder.path().join("unsure.json");
    std::fs::write(&unsure, r#"{"time":"2026-07-10T11:42:18Z","operationName":"X","request":{"id":"1"}}"#).unwrap();
    let (_, err) = told(&import(&server, &[], &[&unsure]).await);
    assert!(err.contains("is of no format for certain; nearest are entra and vault: say --format entra"), "{err}");
    let wrong = import(&server, &["--format", "nonsense"], &[&unsure]).await;
    assert_eq!(wrong.status.code(), Some(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_time_without_year_and_zone_is_resolved_as_told_and_says_so() {
    let server = TestServer::start().await;
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("auth.log");
    let text =
        "Jul 10 13:42:18 web-1 sshd[71]: Failed password for invalid user root2 from 192.0.2.7 port 51234 ssh2\n";
    std::fs::write(&path, text).unwrap();
    let written = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_700_000_000);
    std::fs::File::options().write(true).open(&path).unwrap().set_modified(written).unwrap();
    let output = import(&server, &["--zone", "Europe/Berlin"], &[&path]).await;
    let (out, err) = told(&output);
    assert_eq!(out, "imported 1, duplicate 0, quarantined 0", "{err}");
    assert!(err.contains("filled in, as details.flightbox says: year 1, zone 1"), "{err}");
    let (_, body) = server.read("/api/v1/events?q=source:old").await;
    let event = &body["events"][0];
    // The file is of November 2023.
    assert_eq!(event["occurred_at"], json!("2023-07-10T11:42:18.000Z"), "{body}");
    assert_eq!(event["details"]["flightbox"]["assumed"], json!(["year", "zone"]));
    assert_eq!(event["details"]["message"], json!(text.trim_end()));
    assert_eq!((&event["actor"]["id"], &event["outcome"]), (&json!("root2"), &json!("failure")));
    assert_eq!(event["origin"]["ip"], json!("192.0.2.7"));
}

/// A file in a tar archive: a header of 512 bytes, then its bytes in blocks of 512.
fn entry(name: &str, bytes: &[u8]) -> Vec<u8> {
    let mut header = vec![0_u8; 512];
    let mut put = |at: usize, text: &str| header[at..at + text.len()].copy_from_slice(text.as_bytes());
    put(0, name);
    put(100, "0000644\0");
    put(108, "0000000\0");
    put(116, "0000000\0");
    put(124, &format!("{:011o}\0", bytes.len()));
    put(136, "00000000000\0");
    put(148, "        ");
    put(156, "0");
    put(257, "ustar\x0000");
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    header.extend_from_slice(bytes);
    header.resize(header.len().next_multiple_of(512), 0);
    header
}
