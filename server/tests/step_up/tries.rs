//! Trying to confirm: what is right, what is wrong, and how often.

use flightbox_domain::role::Role;
use futures_util::future::join_all;
use reqwest::{StatusCode, header};

use super::{EVENT, MINUTE, journal, may_reveal};
use crate::common::{
    TestServer,
    browser::{ADD, Browser, code},
};

#[tokio::test]
async fn s5_fifty_wrong_tries_at_once_are_five_and_nothing_starts_anew() {
    let mut server = TestServer::start().await;
    let password = server.add_person("alice", &[Role::Investigator]).await;
    let cookie = {
        let alice = Browser::new(&server);
        alice.sign_in("alice", &password).await;
        let hashed = server.app().gate.passwords.done();
        let tries = (0..50).map(|_| alice.confirm("reveal", EVENT, "a wrong password", ""));
        let statuses: Vec<_> = join_all(tries).await.iter().map(|response| response.status()).collect();
        let count = |status| statuses.iter().filter(|it| **it == status).count();
        assert_eq!((count(StatusCode::UNAUTHORIZED), count(StatusCode::TOO_MANY_REQUESTS)), (5, 45));
        assert_eq!(server.app().gate.passwords.done() - hashed, 5);
        let late = alice.confirm("reveal", EVENT, &password, "").await;
        assert_eq!(late.status(), StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(late.headers()[header::RETRY_AFTER], "901");
        assert!(alice.is_in().await);
        // Another session and another purpose are the same person.
        let again = Browser::new(&server);
        again.sign_in("alice", &password).await;
        let late = again.confirm("factor", ADD, &password, "").await;
        assert_eq!(late.status(), StatusCode::TOO_MANY_REQUESTS);
        again.cookie("flightbox").unwrap()
    };
    server.restart().await;
    let alice = Browser::new(&server);
    alice.set_cookie("flightbox", &cookie);
    assert_eq!(alice.confirm("reveal", EVENT, &password, "").await.status(), StatusCode::TOO_MANY_REQUESTS);
    let told = journal(&server).await;
    assert_eq!(
        told.iter().filter(|entry| *entry == "alice failure wrong password, code or passkey reveal -").count(),
        5
    );
    assert_eq!(told.iter().filter(|entry| *entry == "alice denied too many tries reveal -").count(), 1, "{told:?}");
}

#[tokio::test]
async fn s5_ten_wrong_tries_end_the_session() {
    let server = TestServer::start().await;
    let password = server.add_person("alice", &[Role::Investigator]).await;
    let alice = Browser::new(&server);
    alice.sign_in("alice", &password).await;
    for n in 1..=10 {
        if n == 6 {
            server.clock().advance(MINUTE * 15);
            assert!(alice.is_in().await);
        }
        let thief = alice.thief();
        let response = alice.confirm("reveal", EVENT, "a wrong password", "").await;
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
        assert_eq!(response.text().await.unwrap().contains("this session has ended"), n == 10, "{n}");
        assert_eq!((alice.is_in().await, thief.is_in().await), (n < 10, n < 10), "{n}");
    }
    // Signed in again, one more is enough; a right one forgives.
    server.clock().advance(MINUTE * 15);
    alice.sign_in("alice", &password).await;
    alice.confirm("reveal", EVENT, "a wrong password", "").await;
    assert!(!alice.is_in().await);
    alice.sign_in("alice", &password).await;
    assert_eq!(alice.confirm("reveal", EVENT, &password, "").await.status(), StatusCode::SEE_OTHER);
    alice.confirm("reveal", EVENT, "a wrong password", "").await;
    assert!(alice.is_in().await && may_reveal(&server, &alice).await);
}

#[tokio::test]
async fn a_second_factor_is_asked_for_where_there_is_one_and_a_recovery_code_replaces_factors_only() {
    let server = TestServer::start().await;
    let password = server.add_person("alice", &[Role::Investigator]).await;
    let alice = Browser::new(&server);
    alice.sign_in("alice", &password).await;
    let enrolled = alice.enrol(&password).await;
    server.clock().advance(MINUTE);
    let now = code(&enrolled.totp, &server);
    for (password, code) in [(&*password, ""), (&password, "000000"), ("a wrong password", &now), ("", &now)] {
        let response = alice.confirm("reveal", EVENT, password, code).await;
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "{password} {code}");
    }
    // Beside a wrong password nothing was used up.
    assert_eq!(alice.confirm("reveal", EVENT, &password, &now).await.status(), StatusCode::SEE_OTHER);
    let recovery = &enrolled.codes[0];
    server.clock().advance(MINUTE * 15);
    assert_eq!(alice.confirm("reveal", EVENT, &password, recovery).await.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(alice.confirm("factor", ADD, &password, recovery).await.status(), StatusCode::SEE_OTHER);
    assert_eq!(alice.confirm("factor", ADD, &password, recovery).await.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_passkey_that_answers_nothing_is_no_guess_and_no_proof() {
    let server = TestServer::start().await;
    let password = server.add_person("alice", &[Role::Investigator]).await;
    let alice = Browser::new(&server);
    alice.sign_in("alice", &password).await;
    let form = [("for", "reveal"), ("next", EVENT), ("ceremony", "none"), ("credential", "{}")];
    for _ in 0..12 {
        let response = alice.post("/confirm", &form).await;
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
        assert!(response.text().await.unwrap().contains("That took too long. Try again."));
    }
    assert!(!may_reveal(&server, &alice).await);
    assert_eq!(alice.confirm("reveal", EVENT, &password, "").await.status(), StatusCode::SEE_OTHER);
}
