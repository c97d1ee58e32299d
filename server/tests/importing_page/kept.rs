//! What an import leaves in quarantine, and what it says of that.

use super::*;

/// A record in the native shape with two things that are wrong.
const WRONG: &str = r#"{"action":"","actor":{"id":7}}"#;
const RIGHT: &str = r#"{"action":"x","actor":{"id":"ann"},"occurred_at":"2026-07-10T11:42:18Z"}"#;

#[tokio::test]
async fn what_is_kept_says_where_it_stood_and_counts_by_record() {
    let server = with_source().await;
    let ada = admin(&server).await;
    let text = [RIGHT, WRONG, "{\"action"].join("\n");
    let (status, page) =
        send(&ada, &server, PAGE, form(&[("format", "flightbox")], &[("a.jsonl", text.as_bytes())])).await;
    assert_eq!(status, StatusCode::OK, "{page}");
    assert!(page.contains("in quarantine 2") && page.contains("2 records are in quarantine."), "{page}");
    let bad = page.split_once("a.jsonl, record 2, line 2:").unwrap().1.split("a.jsonl, record 3").next().unwrap();
    assert!(bad.contains("; "), "both are told: {page}");

    let list = ada.text("/sources/aws/quarantine").await;
    let found = list.split_once("href=\"/sources/aws/quarantine/").unwrap().1.split('"').next().unwrap();
    let source = "aws".parse().unwrap();
    let id = found.split(['?', '/']).next().unwrap().parse().unwrap();
    let kept = server.app().open_kept(&source, id).await.unwrap().unwrap();
    let told: Vec<_> = kept.complaints.iter().map(|complaint| (complaint.index, complaint.message.as_str())).collect();
    assert!(told.iter().any(|(index, why)| *index == 0 && why.starts_with("a.jsonl, record 2, line 2: ")), "{told:?}");
    assert!(told.last().unwrap().1.starts_with("a.jsonl, record 3, line 3: expected JSON"), "{told:?}");
}

#[tokio::test]
async fn what_is_said_of_an_import_is_true() {
    let server = with_source().await;
    let ada = admin(&server).await;
    let import = async |fields: &[(&str, &str)], text: &str| {
        send(&ada, &server, PAGE, form(fields, &[("a.jsonl", text.as_bytes())])).await.1
    };
    let native = [("format", "flightbox")];
    let page = import(&native, WRONG).await;
    assert!(page.contains("Not imported No event was stored. 1 record is in quarantine."), "{page}");
    let both = format!("{}{}", lines(0..2), record(9, ""));
    let page = import(&[], &both).await;
    assert!(page.contains("Imported 2 events are in the log now, and can be browsed. 1 record is in"), "{page}");
    let page = import(&[], &both).await;
    assert!(page.contains("Nothing new The events that were read were there before. 1 record is in"), "{page}");
    let page = import(&[], &lines(0..2)).await;
    assert!(page.contains("Nothing new All of it was there before."), "{page}");
}

#[tokio::test]
async fn a_preview_shows_of_what_an_event_says_was_filled_in_only_what_can_be() {
    let server = with_source().await;
    let ada = admin(&server).await;
    let text = r#"{"action":"x","actor":{"id":"ann"},"details":{"flightbox":{"assumed":["year","hunter2canary"]}}}"#;
    let (_, page) = send(&ada, &server, LOOK, form(&[("format", "flightbox")], &[("a.jsonl", text.as_bytes())])).await;
    assert!(page.contains("year") && !page.contains("hunter2canary"), "{page}");
}

#[tokio::test]
async fn a_preview_shows_no_secret() {
    let server = with_source().await;
    let ada = admin(&server).await;
    let text = r#"{"action":"x","actor":{"id":"ann"},"resource":"/reset?user=7&token=hunter2canary"}"#;
    let (_, page) = send(&ada, &server, LOOK, form(&[("format", "flightbox")], &[("a.jsonl", text.as_bytes())])).await;
    assert!(page.contains("/reset?user=7") && !page.contains("hunter2canary"), "{page}");
}
