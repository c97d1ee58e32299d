//! A25: many heavy questions at once. Each is answered or turned away, and what is sent meanwhile is stored.

use std::time::Duration;

use crate::common::TestServer;
use flightbox_domain::{role::Role, scope::Sources};
use futures_util::future::{join, join_all};
use serde_json::json;

/// How many questions there are at once.
const QUESTIONS: usize = 50;
/// How long each may take.
const PATIENCE: Duration = Duration::from_millis(300);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a25_fifty_heavy_questions_at_once_end_and_keep_nobody_from_sending() {
    let server = TestServer::start().await;
    let billing = server.producer("billing").await;
    let batch = |n: i64| {
        let event =
            |at: i64| json!({"actor": format!("u{at}"), "action": "pay", "details": {"text": "a b c ".repeat(20)}});
        json!((0..1_000).map(|at| event(n * 1_000 + at)).collect::<Vec<_>>()).to_string()
    };
    for n in 0..10 {
        assert_eq!(billing.send(batch(n)).await.0, 201);
    }
    server.app().store.set_patience(PATIENCE);
    let vera = server.signed_in("vera", &[Role::Viewer], Sources::All).await;
    let token = server.add_token("siem", &[Role::Viewer], Sources::All).await;
    let question = async |n: usize| {
        // None of these is answered by the index alone: every record is unpacked and looked at.
        let query = format!("@text:~\"nothing {n}\" actor:*7*");
        let request = match n % 4 {
            0 => vera.request("/events.csv"),
            1 => vera.request("/events.json"),
            2 => vera.request("/events"),
            _ => server.client().get(server.url("/api/v1/histogram")).bearer_auth(&token),
        };
        let answer = request.query(&[("q", query.as_str())]).send().await.unwrap();
        let status = answer.status().as_u16();
        // An export that ends early breaks off, which its reader sees.
        let whole = answer.bytes().await.is_ok();
        (n, status, whole)
    };
    let sending = async {
        let mut sent = 0;
        for n in 10..20 {
            sent += i32::from(billing.send(batch(n)).await.0 == 201);
        }
        sent
    };
    let (answers, sent) = join(join_all((0..QUESTIONS).map(question)), sending).await;
    for (n, status, whole) in &answers {
        assert!(matches!(status, 200 | 429 | 503), "{n}: {status}");
        assert!(*whole || n % 4 < 2, "{n}");
    }
    assert_eq!((answers.len(), sent), (QUESTIONS, 10));
    // And afterwards everybody is served as before.
    server.app().store.set_patience(Duration::from_secs(20));
    assert_eq!(server.read_with(&token, "/api/v1/events?q=actor:u19999").await.1["count"]["value"], 1);
}
