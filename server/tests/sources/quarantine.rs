//! What was refused: seen after a step-up, mended, checked, replayed, discarded.

use super::*;

const BAD: &str = r#"[{"id":"1","actor":"a","action":"x"},{"id":"2","actor":"a","actoin":"canary-4711"},{"id":"3","actor":7,"action":"x"}]"#;
const PAGE: &str = "/sources/billing/quarantine/1";

/// An admin who has just confirmed that it is they.
async fn stepped_up<'s>(server: &'s TestServer, name: &str, page: &str) -> Browser<'s> {
    let password = server.add_person(name, &[Role::Admin]).await;
    let browser = Browser::new(server);
    browser.sign_in(name, &password).await;
    assert_eq!(browser.confirm("quarantine", page, &password, "").await.status(), StatusCode::SEE_OTHER);
    browser
}

async fn with_batch(body: &str) -> TestServer {
    let server = TestServer::start().await;
    let (status, _) = server.producer("billing").await.send(body.to_owned()).await;
    assert!((400..500).contains(&status), "{status}");
    server
}

async fn events(server: &TestServer) -> i64 {
    server.read("/api/v1/events?q=source:billing").await.1["count"]["value"].as_i64().unwrap()
}

async fn post(who: &Browser<'_>, page: &str, form: &[(&str, &str)]) -> (StatusCode, String) {
    let answer = who.post(page, form).await;
    (answer.status(), answer.text().await.unwrap())
}

const SECOND: (&str, &str) = ("text", r#"{"id":"2","actor":"a","action":"y"}"#);

#[tokio::test]
async fn what_was_refused_is_seen_beside_its_errors_after_a_step_up_and_that_is_recorded() {
    let server = with_batch(BAD).await;
    let alice = admin(&server, "alice").await;
    let list = text(&alice.text("/sources/billing/quarantine").await);
    assert!(list.contains("action is required") || list.contains("action"), "{list}");
    assert!(list.contains("and 2 more") && list.contains("3 records") && list.contains("127.0.0.1"), "{list}");
    assert!(!list.contains("canary"));
    let asked = alice.get(PAGE).await;
    assert_eq!(asked.status(), StatusCode::UNAUTHORIZED);
    assert!(!asked.text().await.unwrap().contains("canary"));

    let carol = stepped_up(&server, "carol", PAGE).await;
    let since = server.settled().await;
    let page = carol.text(PAGE).await;
    assert!(page.contains("canary-4711") && !text(&page).contains("Record 1"), "what is sound is not shown");
    assert!(text(&page).contains("Record 2{") && text(&page).contains("Record 3{"));
    assert!(page.contains("<mark>") && text(&page).contains("\"actor\":7"));
    assert_eq!(journal(&server, since).await, [format!("quarantine.view carol {PAGE}")]);
    assert_eq!(events(&server).await, 0);
    server.clock().advance(Duration::minutes(11));
    assert_eq!(carol.get(PAGE).await.status(), StatusCode::SEE_OTHER, "the grant is over");
    assert_eq!(carol.call(PAGE, Some(&[("do", "replay")])).await.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn it_is_mended_checked_and_replayed_and_what_is_valid_leaves_the_quarantine() {
    let server = with_batch(BAD).await;
    let carol = stepped_up(&server, "carol", PAGE).await;
    let mended = [("record", "1"), SECOND];
    let check = [&[("do", "check")], &mended[..]].concat();
    let (status, page) = post(&carol, PAGE, &check).await;
    assert_eq!(status, StatusCode::OK);
    assert!(text(&page).contains("1 record still has something wrong."), "{}", text(&page));
    assert!(page.contains("Nothing is wrong with it."));
    assert_eq!(events(&server).await, 0, "a check stores nothing");

    let since = server.settled().await;
    let (status, page) = post(&carol, PAGE, &[&[("do", "replay")], &mended[..]].concat()).await;
    assert_eq!(status, StatusCode::OK);
    assert!(text(&page).contains("2 events are stored:"), "{}", text(&page));
    assert!(text(&page).contains("1 record is left, which is not valid yet."));
    let entries = server.recorded(since).await;
    let stored = entries.iter().find(|entry| entry["action"] == "quarantine.store").unwrap();
    let numbers: Vec<_> =
        stored["details"]["numbers"].as_array().unwrap().iter().map(|n| n.as_i64().unwrap()).collect();
    for number in &numbers {
        assert!(page.contains(&format!("href=\"/events/{number}\"")));
    }
    assert_eq!((numbers.len(), &stored["details"]["left"]), (2, &serde_json::json!(1)));
    let asked = entries.iter().find(|entry| entry["action"] == "quarantine.replay").unwrap();
    assert_eq!(asked["details"], serde_json::json!({"records": 3, "edited": 1}));
    assert!(asked["seq"].as_i64().unwrap() < numbers[0], "it was on record before");

    // Of what is left the place is another one.
    let page = carol.text(PAGE).await;
    assert!(text(&page).contains("Record 1{") && !page.contains("canary"), "{}", text(&page));
    let third = r#"{"id":"3","actor":"g","action":"z"}"#;
    let (_, page) = post(&carol, PAGE, &[("do", "replay"), ("record", "0"), ("text", third)]).await;
    assert!(text(&page).contains("Nothing is left in quarantine of this batch."));
    assert_eq!(events(&server).await, 3);
    assert_eq!(carol.get(PAGE).await.status(), StatusCode::NOT_FOUND);
    assert!(text(&carol.text("/sources/billing/quarantine").await).contains("Nothing of it was refused."));
}

#[tokio::test]
async fn a_replay_twice_stores_once() {
    let server = with_batch(r#"[{"actor":"a","action":"x"},{"id":"2","actor":"a"}]"#).await;
    let carol = stepped_up(&server, "carol", PAGE).await;
    let form = [("do", "replay"), ("record", "1"), SECOND];
    let both = tokio::join!(post(&carol, PAGE, &form), post(&carol, PAGE, &form));
    let mut answers = [both.0.0, both.1.0];
    answers.sort();
    assert_eq!(answers, [StatusCode::OK, StatusCode::NOT_FOUND]);
    assert_eq!(events(&server).await, 2, "also of an event without an id");

    // What its producer sent again meanwhile is there already.
    let billing = server.app().store.ingest_tokens("billing", server.clock().now()).await.unwrap();
    assert_eq!(billing.len(), 1);
    let auth = server.producer("auth").await;
    auth.send(r#"[{"id":"7","actor":"a","action":"x"},{"id":"8","actor":"a"}]"#).await;
    auth.send(r#"{"id":"7","actor":"a","action":"x"}"#).await;
    let page = "/sources/auth/quarantine/2";
    let dora = stepped_up(&server, "dora", page).await;
    let (_, page) = post(&dora, page, &[("do", "replay")]).await;
    assert!(text(&page).contains("1 event is stored:"), "{}", text(&page));
    assert!(text(&page).contains("One of them was there already."));
    assert_eq!(server.read("/api/v1/events?q=source:auth").await.1["count"]["value"], 1);
}

#[tokio::test]
async fn a_form_about_records_that_are_stored_already_changes_nothing() {
    let server = with_batch(r#"[{"actor":"a"},{"actor":"b"},{"actor":"c","action":"x"}]"#).await;
    let carol = stepped_up(&server, "carol", PAGE).await;
    let page = carol.text(PAGE).await;
    let (_, rest) = page.split_once("name=\"version\" value=\"").unwrap();
    let version = rest.split('"').next().unwrap();
    let mended = ("text", r#"{"actor":"a","action":"x"}"#);
    let form = [("version", version), ("do", "replay"), ("record", "0"), mended];
    let (status, page) = post(&carol, PAGE, &form).await;
    assert_eq!((status, events(&server).await), (StatusCode::OK, 2), "{}", text(&page));
    // What is left is the first record now, and not the one that the form is about.
    let (status, page) = post(&carol, PAGE, &form).await;
    assert_eq!((status, events(&server).await), (StatusCode::CONFLICT, 2));
    assert!(text(&page).contains("has changed since this page was shown"), "{}", text(&page));
    assert!(text(&page).contains(r#"{"actor":"b"}"#), "{}", text(&page));
}

#[tokio::test]
async fn where_nothing_is_valid_nothing_changes() {
    let server = with_batch("[{\"actor\":\"a\",\n").await;
    let carol = stepped_up(&server, "carol", PAGE).await;
    assert!(text(&carol.text(PAGE).await).contains("is not JSON"));
    let (status, page) = post(&carol, PAGE, &[("do", "replay"), ("record", "0"), ("text", "[{\"actor\":")]).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(text(&page).contains("None of it is valid, so nothing was stored"), "{}", text(&page));
    let whole = "[{\"actor\":\"a\",\r\n\"action\":\"x\"}, {\"actor\":\"b\",\"action\":\"x\"}]";
    let (status, page) = post(&carol, PAGE, &[("do", "replay"), ("record", "0"), ("text", whole)]).await;
    assert_eq!((status, events(&server).await), (StatusCode::OK, 2), "{}", text(&page));
}

#[tokio::test]
async fn a_conflict_is_told_by_a_check_and_left_by_a_replay() {
    let server = TestServer::start().await;
    let billing = server.producer("billing").await;
    billing.send(r#"{"id":"1","actor":"a","action":"x"}"#).await;
    billing.send(r#"[{"id":"1","actor":"a","action":"y"},{"id":"2","actor":"a","action":"y"}]"#).await;
    let carol = stepped_up(&server, "carol", PAGE).await;
    let page = text(&carol.text(PAGE).await);
    assert!(page.contains("was seen before with other content, as event") && page.contains("Record 1"), "{page}");
    let (_, page) = post(&carol, PAGE, &[("do", "replay")]).await;
    assert!(text(&page).contains("1 event is stored:") && text(&page).contains("1 record is left"));
    let page = text(&carol.text(PAGE).await);
    assert!(page.contains("\"action\":\"y\"") && !page.contains("\"id\":\"2\""), "{page}");
}

#[tokio::test]
async fn of_a_batch_of_which_part_was_taken_the_rest_alone_is_kept() {
    let server = TestServer::start().await;
    let billing = server.producer("billing").await;
    billing.send(r#"{"id":"1","actor":"a","action":"x"}"#).await;
    let lines = "{\"actor\":\"a\",\"action\":\"x\"}\n{\"actor\":1}\nnot json\n{\"id\":\"1\",\"actor\":\"b\",\"action\":\"x\"}\n";
    let (status, _) = billing.send_lines("?partial=true", lines).await;
    assert_eq!((status, events(&server).await), (207, 2));
    let carol = stepped_up(&server, "carol", PAGE).await;
    let page = text(&carol.text(PAGE).await);
    assert!(page.contains("3 records") && page.contains("not json") && page.contains("\"actor\":\"b\""), "{page}");
    let replay = [("do", "replay"), ("record", "0"), SECOND];
    post(&carol, PAGE, &replay).await;
    assert_eq!(events(&server).await, 3, "what was taken is not stored again");
}

#[tokio::test]
async fn it_is_discarded_for_a_reason_that_is_recorded() {
    let server = with_batch(BAD).await;
    let carol = stepped_up(&server, "carol", PAGE).await;
    let since = server.settled().await;
    let (status, page) = post(&carol, PAGE, &[("do", "discard"), ("reason", " x ")]).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.contains("aria-invalid") && carol.text(PAGE).await.contains("canary"), "it is kept");
    let answer = carol.post(PAGE, &[("do", "discard"), ("reason", "a test of theirs")]).await;
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    assert_eq!(carol.get(PAGE).await.status(), StatusCode::NOT_FOUND);
    let entries = server.recorded(since).await;
    let discarded = entries.iter().find(|entry| entry["action"] == "quarantine.discard").unwrap();
    assert_eq!((&discarded["reason"], &discarded["resource"]["id"]), (&"a test of theirs".into(), &PAGE.into()));
    assert!(!format!("{entries:?}").contains("canary"));
}

#[tokio::test]
async fn nothing_is_replayed_in_the_name_of_a_disabled_source_or_by_whoever_does_not_see_it() {
    let server = with_batch(r#"[{"actor":"a","action":"x"},{"actor":"a"}]"#).await;
    let carol = stepped_up(&server, "carol", PAGE).await;
    carol.post("/sources/billing", &[("do", "disable")]).await;
    let (status, page) = post(&carol, PAGE, &[("do", "replay")]).await;
    assert_eq!((status, events(&server).await), (StatusCode::UNPROCESSABLE_ENTITY, 0));
    assert!(text(&page).contains("The source is disabled"));
    let password = server.add_scoped_person("bob", &[Role::Admin], only("hr")).await;
    let bob = Browser::new(&server);
    bob.sign_in("bob", &password).await;
    assert_eq!(bob.confirm("quarantine", PAGE, &password, "").await.status(), StatusCode::SEE_OTHER);
    assert_eq!(bob.get(PAGE).await.status(), StatusCode::NOT_FOUND);
    assert_eq!(post(&bob, PAGE, &[("do", "discard"), ("reason", "whatever")]).await.0, StatusCode::NOT_FOUND);
    let (viewer, word) = ("vera", server.add_person("vera", &[Role::Viewer, Role::Investigator]).await);
    let vera = Browser::new(&server);
    vera.sign_in(viewer, &word).await;
    vera.confirm("quarantine", PAGE, &word, "").await;
    assert_eq!(vera.get(PAGE).await.status(), StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn what_is_kept_lies_on_disk_encrypted_also_the_rest_of_it() {
    let mut server = with_batch(BAD).await;
    let carol = stepped_up(&server, "carol", PAGE).await;
    let form = [("do", "replay"), ("record", "2"), ("text", r#"{"id":"3","actor":"canary-4712"}"#)];
    let (status, _) = post(&carol, PAGE, &form).await;
    assert_eq!(status, StatusCode::OK);
    assert!(carol.text(PAGE).await.contains("canary-4712"), "what is left is as it was mended");
    server.stop().await;
    for file in std::fs::read_dir(server.folder()).unwrap() {
        let path = file.unwrap().path();
        let bytes = std::fs::read(&path).unwrap_or_default();
        assert!(!bytes.windows(10).any(|window| window == b"canary-471"), "{}", path.display());
    }
}
