//! Second factors over real HTTP: adding and removing them, and signing in with one.

use crate::common::{
    TestServer,
    browser::{ADD, Browser, code, location},
};
use chrono::Duration;
use flightbox::{auth::enrol, journal::By};
use flightbox_domain::role::Role;
use reqwest::StatusCode;

const MINUTE: Duration = Duration::minutes(1);

/// Somebody with an authenticator app, signed in.
async fn alice(server: &TestServer) -> (Browser<'_>, String, crate::common::browser::Enrolled) {
    let password = server.add_person("alice", &[Role::Viewer]).await;
    let alice = Browser::new(server);
    alice.sign_in("alice", &password).await;
    let enrolled = alice.enrol(&password).await;
    (alice, password, enrolled)
}

/// Signs in with both; the status of the second step.
async fn both<'s>(server: &'s TestServer, password: &str, code: &str) -> (Browser<'s>, StatusCode) {
    let browser = Browser::new(server);
    assert_eq!(browser.sign_in("alice", password).await, "/sign-in/second");
    let status = browser.post("/sign-in/second", &[("code", code)]).await.status();
    (browser, status)
}

/// What was recorded of one action, oldest first: outcome, reason and details of each entry.
async fn journal(server: &TestServer, action: &str) -> Vec<String> {
    let path = format!("/api/v1/events?q=source:flightbox%20action:{action}&limit=1000");
    let token =
        server.add_token(&format!("reads {action}"), &[Role::Admin], flightbox_domain::scope::Sources::All).await;
    let (_, answer) = server.read_with(&token, &path).await;
    let tell = |event: &serde_json::Value| {
        let text = |value: &serde_json::Value| value.as_str().unwrap_or("-").to_owned();
        format!("{} {} {}", text(&event["outcome"]), text(&event["reason"]), event["details"])
    };
    answer["events"].as_array().unwrap().iter().rev().map(tell).collect()
}

#[tokio::test]
async fn adding_and_removing_a_factor_is_one_entry_each_and_ends_nothing_else() {
    let server = TestServer::start().await;
    let password = server.add_person("alice", &[Role::Viewer]).await;
    let elsewhere = Browser::new(&server);
    elsewhere.sign_in("alice", &password).await;
    let alice = Browser::new(&server);
    alice.sign_in("alice", &password).await;
    let enrolled = alice.enrol(&password).await;
    assert_eq!(enrolled.codes.len(), 10);
    let page = alice.text("/account/factors").await;
    assert!(page.contains("Phone") && page.contains("10 recovery codes are left"), "{page}");
    assert!(!page.contains(&enrolled.codes[0]), "codes are shown once");
    assert!(elsewhere.is_in().await);
    // The grant was good once.
    assert_eq!(alice.get(ADD).await.status(), StatusCode::UNPROCESSABLE_ENTITY, "the name is taken");
    let tablet = ADD.replace("Phone", "Tablet");
    assert_eq!(alice.get(&tablet).await.status(), StatusCode::SEE_OTHER);

    server.clock().advance(MINUTE);
    let link = page.split("href=\"").find(|rest| rest.starts_with("/account/factors?do=remove")).unwrap();
    let remove = link.split('"').next().unwrap().replace("&amp;", "&");
    let form = [("do", "remove"), ("factor", remove.split_once("factor=").unwrap().1)];
    let led = alice.post("/account/factors", &form).await;
    assert!(location(&led).starts_with("/confirm?for=factor"), "{}", location(&led));
    let now = code(&enrolled.totp, &server);
    assert_eq!(location(&alice.confirm("factor", &remove, &password, &now).await), remove);
    assert!(alice.text(&remove).await.contains("It is your only one"));
    assert_eq!(location(&alice.post("/account/factors", &form).await), "/account/factors");
    assert!(alice.text("/account/factors").await.contains("None yet"));
    assert!(alice.is_in().await && elsewhere.is_in().await);
    assert_eq!(alice.post("/account/factors", &form).await.status(), StatusCode::NOT_FOUND);
    // The password alone lets in again, and the codes are void.
    assert_eq!(Browser::new(&server).sign_in("alice", &password).await, "/events");
    let phone = "success - {\"kind\":\"totp\",\"name\":\"Phone\"}";
    assert_eq!(
        (journal(&server, "factor.add").await, journal(&server, "factor.remove").await),
        (vec![phone.to_owned()], vec![phone.to_owned()])
    );
}

#[tokio::test]
async fn a_wrong_code_adds_nothing_and_keeps_the_secret_and_the_grant() {
    let server = TestServer::start().await;
    let password = server.add_person("alice", &[Role::Viewer]).await;
    let alice = Browser::new(&server);
    alice.sign_in("alice", &password).await;
    alice.confirm("factor", ADD, &password, "").await;
    let page = alice.text(ADD).await;
    let secret = |page: &str| crate::common::browser::between(page, "class=\"mono totp-secret\">", "<").to_owned();
    let sealed = crate::common::browser::between(&page, "name=\"sealed\" value=\"", "\"");
    let form = |sealed, name| [("do", "add"), ("kind", "totp"), ("name", name), ("sealed", sealed), ("code", "123")];
    let again = alice.post("/account/factors", &form(sealed, "Phone")).await;
    assert_eq!(again.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(secret(&again.text().await.unwrap()), secret(&page));
    // A secret that the page did not show is none.
    assert_eq!(alice.post("/account/factors", &form("00", "Phone")).await.status(), StatusCode::NOT_FOUND);
    // What was confirmed was this name.
    assert_eq!(alice.post("/account/factors", &form(sealed, "Other")).await.status(), StatusCode::SEE_OTHER);
    assert!(alice.text("/account/factors").await.contains("None yet"));
    assert_eq!(journal(&server, "factor.add").await, [""; 0]);
    for (name, message) in [("", "A name has at least one character."), ("a%E2%80%AEb", "no control or invisible")] {
        let response = alice.get(&ADD.replace("Phone", name)).await;
        assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY);
        assert!(response.text().await.unwrap().contains(message));
    }
}

#[tokio::test]
async fn the_password_alone_opens_the_second_step_and_nothing_else() {
    let server = TestServer::start().await;
    let (_, password, enrolled) = alice(&server).await;
    server.clock().advance(MINUTE);
    let browser = Browser::new(&server);
    assert_eq!(browser.sign_in("alice", &password).await, "/sign-in/second");
    assert!(browser.cookie("flightbox").is_none());
    for path in ["/events", "/account/factors", "/confirm?for=factor&next=/events"] {
        assert!(location(&browser.get(path).await).starts_with("/sign-in"), "{path}");
    }
    assert!(!browser.is_in().await);
    assert!(browser.text("/sign-in/second").await.contains("Six digits of your authenticator app"));
    let (thief, form) = (browser.thief(), [("code", &*code(&enrolled.totp, &server)), ("next", "/events/7")]);
    let response = browser.post("/sign-in/second", &form).await;
    assert_eq!((response.status(), location(&response).as_str()), (StatusCode::SEE_OTHER, "/events/7"));
    assert!(browser.is_in().await && browser.cookie("flightbox-second").is_none());
    // It is used up.
    assert_eq!(location(&thief.get("/sign-in/second").await), "/sign-in");
    assert_eq!(location(&thief.post("/sign-in/second", &form).await), "/sign-in?next=/events/7");

    let late = Browser::new(&server);
    late.sign_in("alice", &password).await;
    server.clock().advance(MINUTE * 5);
    assert_eq!(location(&late.get("/sign-in/second").await), "/sign-in");
    let entries = journal(&server, "session.sign-in").await;
    assert_eq!(entries, ["success - null", "success - {\"second_factor\":\"totp\"}"]);
}

#[tokio::test]
async fn a17_a_code_works_once_and_by_the_servers_clock_alone() {
    let server = TestServer::start().await;
    let (_, password, enrolled) = alice(&server).await;
    let spent = code(&enrolled.totp, &server);
    assert_eq!(both(&server, &password, &spent).await.1, StatusCode::UNAUTHORIZED, "it was used to add the app");
    server.clock().advance(MINUTE);
    assert_eq!(both(&server, &password, &spent).await.1, StatusCode::UNAUTHORIZED, "and is over");
    let now = code(&enrolled.totp, &server);
    let (browser, status) = both(&server, &password, &now).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    assert_eq!(both(&server, &password, &now).await.1, StatusCode::UNAUTHORIZED);
    assert_eq!(browser.confirm("reveal", "/events/7", &password, &now).await.status(), StatusCode::UNAUTHORIZED);
    // One step ahead of our clock is good, two are not; and whoever was ahead does not go back.
    let ahead = |steps: i64| enrolled.totp.generate((server.clock().now().timestamp() + 30 * steps) as u64).to_string();
    assert_eq!(both(&server, &password, &ahead(2)).await.1, StatusCode::UNAUTHORIZED);
    assert_eq!(both(&server, &password, &ahead(1)).await.1, StatusCode::SEE_OTHER);
    assert_eq!(both(&server, &password, &ahead(0)).await.1, StatusCode::UNAUTHORIZED);
    // Of many at once one is let in.
    server.clock().advance(MINUTE * 15);
    let now = code(&enrolled.totp, &server);
    let all = futures_util::future::join_all((0..5).map(|_| both(&server, &password, &now))).await;
    assert_eq!(all.iter().filter(|(_, status)| *status == StatusCode::SEE_OTHER).count(), 1);
}

#[tokio::test]
async fn a_link_for_another_password_leads_no_further_than_the_second_step() {
    let server = TestServer::start().await;
    let (_, _, enrolled) = alice(&server).await;
    let drawn = enrol::reset(server.app(), By::Console, &"alice".parse().unwrap()).await.unwrap().unwrap();
    let browser = Browser::new(&server);
    let form = [("token", drawn.secret.expose()), ("password", "heather moth umbrella")];
    assert_eq!(location(&browser.post("/setup", &form).await), "/sign-in/second");
    assert!(!browser.is_in().await);
    server.clock().advance(MINUTE);
    let now = code(&enrolled.totp, &server);
    assert_eq!(location(&browser.post("/sign-in/second", &[("code", &now)]).await), "/events");
    assert!(browser.is_in().await);
}

#[tokio::test]
async fn a_recovery_code_lets_in_once() {
    let server = TestServer::start().await;
    let (_, password, enrolled) = alice(&server).await;
    let typed = enrolled.codes[3].to_uppercase().replace('-', " ");
    assert_eq!(both(&server, &password, &typed).await.1, StatusCode::SEE_OTHER);
    assert_eq!(both(&server, &password, &typed).await.1, StatusCode::UNAUTHORIZED);
    let (browser, _) = both(&server, &password, &enrolled.codes[4]).await;
    assert!(browser.text("/account/factors").await.contains("8 recovery codes are left"));
    // Other ones make the old ones void.
    let codes = "/account/factors?do=codes";
    server.clock().advance(MINUTE);
    let now = code(&enrolled.totp, &server);
    assert_eq!(location(&browser.confirm("factor", codes, &password, &now).await), codes);
    let page = browser.post("/account/factors", &[("do", "codes")]).await.text().await.unwrap();
    assert!(page.contains("Keep these recovery codes"));
    assert_eq!(both(&server, &password, &enrolled.codes[5]).await.1, StatusCode::UNAUTHORIZED);
    assert_eq!(journal(&server, "factor.codes").await.len(), 1);
}

#[tokio::test]
async fn guessing_at_the_second_factor_is_slowed_also_after_a_restart() {
    let mut server = TestServer::start().await;
    let (password, totp) = {
        let (_, password, enrolled) = alice(&server).await;
        for _ in 0..10 {
            assert_eq!(both(&server, &password, "000000").await.1, StatusCode::UNAUTHORIZED);
        }
        (password, enrolled.totp)
    };
    server.restart().await;
    server.clock().advance(MINUTE);
    // The password is not even looked at, for the tries at what comes behind it count, too.
    let answer = Browser::new(&server).post("/sign-in", &[("name", "alice"), ("password", &password)]).await;
    assert_eq!(answer.status(), StatusCode::TOO_MANY_REQUESTS);
    server.clock().advance(MINUTE * 15);
    let now = code(&totp, &server);
    assert_eq!(both(&server, &password, &now).await.1, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn secrets_stand_nowhere_in_clear() {
    let server = TestServer::start().await;
    let (_, _, enrolled) = alice(&server).await;
    let secret = enrolled.totp.secret().as_bytes().to_vec();
    let codes: Vec<_> = enrolled.codes.iter().flat_map(|code| [code.clone(), code.replace('-', "")]).collect();
    for file in std::fs::read_dir(server.folder()).unwrap() {
        let Ok(bytes) = std::fs::read(file.unwrap().path()) else { continue };
        let has = |needle: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
        assert!(!has(&secret) && !codes.iter().any(|code| has(code.as_bytes())));
    }
}
