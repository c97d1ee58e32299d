//! What was recorded as done and then could not be.

use flightbox::{journal::By, master};
use flightbox_domain::{role::Role, scope::Sources};
use futures_util::FutureExt as _;
use sqlx::{ConnectOptions as _, Executor as _, sqlite::SqliteConnectOptions};

use super::Log;
use crate::common::browser::{Browser, code};

/// Does something while the database refuses what it takes: `file` refuses every `statement`.
async fn broken<T>(log: &Log, file: &str, statement: &str, deed: impl Future<Output = T>) -> T {
    let options = SqliteConnectOptions::new().filename(log.server.folder().join(file));
    let mut other = options.connect().await.unwrap();
    let trigger = format!("CREATE TRIGGER broken BEFORE {statement} BEGIN SELECT RAISE(ABORT, 'broken'); END");
    other.execute(sqlx::AssertSqlSafe(trigger)).await.unwrap();
    let done = deed.await;
    other.execute("DROP TRIGGER broken").await.unwrap();
    done
}

#[tokio::test]
async fn a35_what_fails_after_it_was_recorded_is_recorded_as_failed_too() {
    let log = Log::filled().await;
    let server = &log.server;
    server.add_token("siem", &[Role::Viewer], Sources::All).await;
    let bobs = server.add_person("bob", &[Role::Viewer]).await;
    let password = server.add_person("root", &[Role::Admin]).await;
    let [root, bob] = [Browser::new(server), Browser::new(server)];
    root.sign_in("root", &password).await;
    bob.sign_in("bob", &bobs).await;
    let totp = bob.enrol(&bobs).await.totp;

    let confirm_bob = async |request: &str| {
        // No code is good twice.
        server.clock().advance(chrono::Duration::minutes(1));
        bob.confirm("factor", request, &bobs, &code(&totp, server)).await
    };
    for (statement, who, confirmed, path, form, entry) in [
        (
            "UPDATE ON token",
            &root,
            "",
            "/tokens",
            &[("do", "revoke"), ("name", "siem")][..],
            "token.revoke root _ /tokens/siem",
        ),
        (
            "UPDATE OF ended_at ON session",
            &root,
            "",
            "/people/bob",
            &[("do", "end-all")],
            "session.end root _ /people/bob",
        ),
        ("INSERT ON link", &root, "people", "/people/bob", &[("do", "reset")], "person.reset root _ /people/bob"),
        ("UPDATE ON person", &root, "people", "/people/bob", &[("do", "disable")], "person.disable root _ /people/bob"),
        ("DELETE ON factor", &root, "people", "/people/bob", &[("do", "factors")], "person.factors root _ /people/bob"),
        (
            "INSERT ON recovery_code",
            &bob,
            "factor",
            "/account/factors",
            &[("do", "codes")],
            "factor.codes bob _ /people/bob",
        ),
        (
            "DELETE ON factor",
            &bob,
            "factor",
            "/account/factors",
            &[("do", "remove"), ("factor", "1")],
            "factor.remove bob _ /people/bob",
        ),
    ] {
        let fields: Vec<_> = form.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = format!("{path}?{}", fields.join("&"));
        let confirmed = match confirmed {
            "" => None,
            "factor" => Some(confirm_bob(&request).await),
            purpose => Some(root.confirm(purpose, &request, &password, "").await),
        };
        assert!(confirmed.is_none_or(|answer| answer.status() == 303), "{entry}");
        // What a minute more changes of the session is noted before.
        server.clock().advance(chrono::Duration::minutes(1));
        assert!(who.is_in().await);
        let entries = ["success", "failure"].map(|outcome| entry.replace('_', outcome));
        let deed = broken(&log, "flightbox.db", statement, who.post(path, form));
        let answer = log.leaves(deed, &[&entries[0], &entries[1]]).await;
        assert_eq!(answer.status(), 500, "{entry}");
    }
    let rotate = master::rotate(server.app(), By::Console, None).map(|done| done.is_err());
    let entries = ["master-key.rotate console success -", "master-key.rotate console failure -"];
    assert!(log.leaves(broken(&log, "keys.db", "UPDATE ON log_key", rotate), &entries).await);
    // And it can be ended all the same.
    log.leaves(master::rotate(server.app(), By::Console, None), &[entries[0]]).await.unwrap();
}
