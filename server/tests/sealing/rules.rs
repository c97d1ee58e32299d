//! `/settings/rules`: read, tried, confirmed, put in force.

use flightbox_domain::{
    role::Role,
    rules::{INITIAL, digest},
    scope::Sources,
};
use flightbox_store::Store;
use reqwest::{Response, StatusCode, header};
use serde_json::{Value, json};

use crate::common::{
    Producer, TestServer,
    browser::{Browser, between, location},
};

pub const PAGE: &str = "/settings/rules";
/// One rule more than a log starts with.
pub fn longer() -> String {
    format!("{INITIAL}seal key plate as number-plate\n")
}

/// An admin who has signed in, and their password.
pub async fn admin<'s>(server: &'s TestServer, name: &str) -> (Browser<'s>, String) {
    let password = server.add_person(name, &[Role::Admin]).await;
    let browser = Browser::new(server);
    browser.sign_in(name, &password).await;
    (browser, password)
}

/// The words of a page.
fn words(page: &str) -> String {
    page.split('>').map(|piece| piece.split('<').next().unwrap()).collect()
}

/// What stands in the form.
pub fn text(page: &str) -> String {
    let text = between(page, "<textarea", "</textarea>").split_once('>').unwrap().1;
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#x27;", "'").replace("&amp;", "&")
}

pub async fn save(browser: &Browser<'_>, text: &str, from: i64) -> Response {
    browser.post(PAGE, &[("do", "save"), ("from", &from.to_string()), ("text", text)]).await
}

/// What is recorded of changed rules.
pub async fn changes(server: &TestServer, since: i64) -> Vec<Value> {
    let all = server.recorded(since).await;
    all.into_iter().filter(|entry| entry["action"] == "rules.change").collect()
}

async fn send(producer: &Producer<'_>, details: Value) {
    let event = json!({"actor": "ivan", "action": "drive", "details": details});
    assert_eq!(producer.send(event.to_string()).await.0, 201);
}

fn version(store: &Store) -> i64 {
    store.rules().version
}

#[tokio::test]
async fn a_change_is_confirmed_and_recorded_once_and_counts_from_then_on() {
    let server = TestServer::start().await;
    let (producer, (alice, password)) = (server.producer("web").await, admin(&server, "alice").await);
    send(&producer, json!({"plate": "B-AB 123"})).await;
    let since = server.settled().await;
    let page = alice.text(PAGE).await;
    assert_eq!(text(&page), INITIAL);
    assert!(page.contains("Seals what stands under the names email, e_mail, email_address or mail; called “email”."));
    assert!(page.contains("what a new log starts with"));

    // Browsers end lines in their own way.
    let sent = longer().replace('\n', "\r\n");
    let led = save(&alice, &sent, 1).await;
    let request = format!("{PAGE}?from=1&digest={}", digest(&longer()));
    assert_eq!(led.status(), StatusCode::SEE_OTHER);
    assert!(location(&led).starts_with("/confirm?for=settings&next=/settings/rules%3Ffrom%3D1%26digest%3D"));
    assert!(alice.text(&location(&led)).await.contains("one change of the settings"));
    let draft = alice.text(&request).await;
    assert!(draft.contains("has not been confirmed"));
    assert_eq!((text(&draft), version(&server.app().store)), (longer(), 1));
    assert_eq!(location(&alice.confirm("settings", &request, &password, "").await), request);
    let draft = alice.text(&request).await;
    assert!(draft.contains("You have confirmed this change") && words(&draft).contains("changes of version 1"));
    assert_eq!(text(&draft), longer());
    // It is good for this text alone, and as often as somebody looks.
    assert!(location(&save(&alice, &longer().replace("plate", "pet"), 1).await).starts_with("/confirm"));
    assert_eq!(changes(&server, since).await.len(), 0);

    let done = save(&alice, &sent, 1).await;
    assert_eq!((done.status(), location(&done).as_str()), (StatusCode::SEE_OTHER, "/settings/rules?version=2"));
    let page = alice.text("/settings/rules?version=2").await;
    assert!(
        words(&page).contains("Version 2, in force")
            && page.contains("<ins><bdi>seal key plate as number-plate</bdi></ins>")
    );
    let entries = changes(&server, since).await;
    assert_eq!(entries.len(), 1, "{entries:?}");
    let Value::Object(entry) = &entries[0] else { panic!() };
    assert_eq!(
        (&entry["actor"]["id"], &entry["resource"]["id"], &entry["outcome"]),
        (&json!("alice"), &json!(PAGE), &json!("success"))
    );
    let expected = json!({
        "version": {"before": 1, "after": 2},
        "rules": {"before": [], "after": ["seal key plate as number-plate"]}
    });
    assert_eq!(entry["changes"], expected);

    send(&producer, json!({"plate": "B-CD 456"})).await;
    let (_, found) = server.read("/api/v1/events?q=action:drive").await;
    let plates: Vec<_> = found["events"].as_array().unwrap().iter().map(|event| &event["details"]["plate"]).collect();
    assert_eq!(plates, [&json!({"sealed": "number-plate"}), &json!("B-AB 123")], "what was stored stays as it was");
    // The grant was good once, and what says the same is no change.
    let same = save(&alice, &longer(), 2).await;
    assert_eq!(same.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(same.text().await.unwrap().contains("what version 2 says already"));
    assert!(location(&save(&alice, INITIAL, 2).await).starts_with("/confirm?for=settings"));
    assert_eq!(changes(&server, since).await.len(), 1);
    assert!(alice.text("/settings/rules?version=1").await.contains("what a new log starts with"));
    assert_eq!(alice.get("/settings/rules?version=3").await.status(), StatusCode::NOT_FOUND);
    assert_eq!(alice.get("/settings/rules?version=x").await.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_program_is_told_to_confirm_and_nothing_goes_on_without() {
    let server = TestServer::start().await;
    let (alice, _) = admin(&server, "alice").await;
    let long = longer();
    let form = [("do", "save"), ("from", "1"), ("text", long.as_str())];
    let refused = alice.call(PAGE, Some(&form)).await;
    assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
    assert!(refused.headers()[header::WWW_AUTHENTICATE].to_str().unwrap().contains("insufficient_user_authentication"));
    assert_eq!(version(&server.app().store), 1);
}

#[tokio::test]
async fn rules_that_do_not_read_are_refused_by_line_and_the_text_is_kept() {
    let server = TestServer::start().await;
    let (alice, _) = admin(&server, "alice").await;
    let wrong = "seal key ok\nseal value emial\n# </textarea><script>&amp;\nmask key a searchable\n";
    for what in ["try", "save"] {
        let form = [("do", what), ("from", "1"), ("text", wrong)];
        let answer = alice.post(PAGE, &form).await;
        assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
        let page = answer.text().await.unwrap();
        assert_eq!(text(&page), wrong);
        assert!(page.contains("did you mean email?") && page.contains("a masked value is gone"), "{page}");
        assert!(page.contains("aria-invalid=\"true\"") && !page.contains("</textarea><script"));
    }
    let long = alice.post(PAGE, &[("do", "save"), ("from", "1"), ("text", &"# x\n".repeat(9_000))]).await;
    assert_eq!(long.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(version(&server.app().store), 1);
}

#[tokio::test]
async fn trying_tells_what_would_be_hidden_and_what_would_be_left_and_changes_nothing() {
    let server = TestServer::start().await;
    let (web, hr) = (server.producer("web").await, server.producer("hr").await);
    send(&web, json!({"plate": "B-AB 123", "list": [{"plate": "B-CD 456"}], "email": "zzsealed@example.com"})).await;
    send(&hr, json!({"plate": "zzforeign", "phone": "+49 30 901820"})).await;
    let password = server.add_scoped_person("ann", &[Role::Admin], Sources::Only(["web".to_owned()].into())).await;
    let ann = Browser::new(&server);
    ann.sign_in("ann", &password).await;
    let since = server.settled().await;
    let rules = "seal key plate as number-plate\nmask key pet\n";
    let form = [("do", "try"), ("from", "1"), ("text", rules)];
    let answer = ann.post(PAGE, &form).await;
    assert_eq!(answer.status(), StatusCode::OK);
    let page = answer.text().await.unwrap();
    // Of the events that she may see.
    let told = words(&page);
    assert!(told.contains("Tried on the newest 1 event that you may see. 2 values in them are clear"), "{told}");
    let plain = told.replace(char::is_whitespace, "");
    assert!(plain.contains("sealkeyplateasnumber-plate2maskkeypet0"), "{plain}");
    assert!(told.contains("details.list.plate") && told.contains("number-plate, sealed"), "{told}");
    assert!(told.contains("Sealed today, clear in future") && told.contains("details.email"), "{told}");
    for value in ["B-AB", "B-CD", "zzsealed", "zzforeign", "details.phone"] {
        assert!(!page.contains(value), "{value}");
    }
    assert_eq!((text(&page), version(&server.app().store)), (rules.to_owned(), 1));
    let entries = server.recorded(since).await;
    let told: Vec<_> = entries.iter().map(|entry| (&entry["action"], &entry["resource"]["id"])).collect();
    assert_eq!(told, [(&json!("events.search"), &json!(PAGE))], "it is a look at events");

    // Rules are for sources that she does not see, too.
    let refused = save(&ann, rules, 1).await;
    assert_eq!(refused.status(), StatusCode::FORBIDDEN);
    let page = refused.text().await.unwrap();
    assert!(page.contains("you see only some") && !page.contains("Put in force</button>"));
    let (alice, _) = admin(&server, "alice").await;
    let page = alice.post(PAGE, &form).await.text().await.unwrap();
    assert!(words(&page).contains("newest 2 events that you may see. 3 values"), "{}", words(&page));
}

#[tokio::test]
async fn a6_rules_are_changed_by_nobody_elsewhere() {
    let server = TestServer::start().await;
    let (alice, password) = admin(&server, "alice").await;
    let request = format!("{PAGE}?from=1&digest={}", digest(&longer()));
    alice.confirm("settings", &request, &password, "").await;
    let cookie = format!("flightbox={}", alice.cookie("flightbox").unwrap());
    let form = [("do", "save"), ("from", "1"), ("text", &longer())];
    for (name, value) in [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")] {
        let request = server.client().post(server.url(PAGE)).header("cookie", &cookie).header(name, value);
        assert_eq!(request.form(&form).send().await.unwrap().status(), StatusCode::FORBIDDEN);
    }
    alice.text(&request).await;
    assert_eq!(version(&server.app().store), 1);
    assert_eq!(save(&alice, &longer(), 1).await.status(), StatusCode::SEE_OTHER);
    assert_eq!(version(&server.app().store), 2);
}
