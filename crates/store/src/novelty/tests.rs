//! Memories against a database of their own.

use chrono::{DateTime, TimeDelta, Utc};
use flightbox_event::{json, parse_event};
use sqlx::Connection as _;

use super::*;
use crate::open::MIGRATIONS;

async fn database() -> SqliteConnection {
    let mut connection = SqliteConnection::connect("sqlite::memory:").await.unwrap();
    MIGRATIONS.run_direct(None, &mut connection, false).await.unwrap();
    connection
}

fn keys() -> Keys {
    Keys::derive(&[1; 32])
}

fn event(source: &str, actor: &str, hour: i64, ip: &str) -> Prepared {
    let received_at: DateTime<Utc> = "2026-11-22T12:00:00Z".parse().unwrap();
    let at = (received_at - TimeDelta::days(30) + TimeDelta::hours(hour)).to_rfc3339();
    let text = format!(r#"{{"actor":"{actor}","action":"x","occurred_at":"{at}","origin":{{"ip":"{ip}"}}}}"#);
    let event = parse_event(&json::parse(text.as_bytes()).unwrap()).unwrap();
    let record = Record { received_at, source: source.to_owned(), rules: 1, event, seals: Vec::new() };
    Prepared::new(record, [0; 8], &keys())
}

/// How many of these are flagged.
async fn flagged(actors: &mut Actors, connection: &mut SqliteConnection, mut events: Vec<Prepared>) -> usize {
    actors.flag(connection, events.iter_mut()).await.unwrap();
    events.iter().filter(|event| event.terms.contains(" f")).count()
}

async fn known(connection: &mut SqliteConnection) -> Vec<String> {
    let rows = sqlx::query_scalar("SELECT source || ':' || id FROM actor ORDER BY 1");
    rows.fetch_all(connection).await.unwrap()
}

#[tokio::test]
async fn what_was_never_committed_is_not_remembered() {
    let mut connection = database().await;
    let mut actors = Actors::load(&mut connection, &keys()).await.unwrap();
    let settle = (0..48).map(|hour| event("a", "amy", hour, "10.0.0.1")).collect();
    assert_eq!(flagged(&mut actors, &mut connection, settle).await, 0);
    actors.committed();
    for _ in 0..3 {
        let mut transaction = connection.begin().await.unwrap();
        let odd = vec![event("a", "amy", 48, "10.0.0.2")];
        assert_eq!(flagged(&mut actors, &mut transaction, odd).await, 1);
        transaction.rollback().await.unwrap();
    }
    let odd = || vec![event("a", "amy", 48, "10.0.0.2")];
    assert_eq!(flagged(&mut actors, &mut connection, odd()).await, 1);
    actors.committed();
    assert_eq!(flagged(&mut actors, &mut connection, odd()).await, 0);
}

#[tokio::test]
async fn an_actor_that_is_not_at_hand_is_looked_up() {
    let mut connection = database().await;
    let mut actors = Actors::with_room(&mut connection, &keys(), MOST, 2).await.unwrap();
    let all = |hour: i64, ip: &str| (0..100).map(|n| event("a", &format!("u{n}"), hour, ip)).collect::<Vec<_>>();
    for hour in 0..48 {
        assert_eq!(flagged(&mut actors, &mut connection, all(hour, "10.0.0.1")).await, 0);
        actors.committed();
    }
    assert_eq!(flagged(&mut actors, &mut connection, all(48, "10.0.0.2")).await, 100);
    actors.committed();
    assert_eq!(flagged(&mut actors, &mut connection, all(49, "10.0.0.2")).await, 0);
}

#[tokio::test]
async fn the_longest_silent_of_a_source_that_has_too_many_are_forgotten_and_nobody_elses() {
    let mut connection = database().await;
    let mut actors = Actors::with_room(&mut connection, &keys(), 20, 100).await.unwrap();
    let settle = (0..48).map(|hour| event("b", "amy", hour, "10.0.0.1")).collect();
    flagged(&mut actors, &mut connection, settle).await;
    actors.committed();
    let crowd = (0..23).map(|n| event("a", &format!("u{n:02}"), 24 * n, "10.0.0.1")).collect();
    flagged(&mut actors, &mut connection, crowd).await;
    actors.committed();
    let expected: Vec<_> = (5..23).map(|n| format!("a:u{n:02}")).chain(["b:amy".to_owned()]).collect();
    assert_eq!(known(&mut connection).await, expected);
    assert_eq!((actors.of_source["a"], actors.of_source["b"]), (18, 1));
    let odd = vec![event("b", "amy", 48, "10.0.0.2")];
    assert_eq!(flagged(&mut actors, &mut connection, odd).await, 1);
    // Who comes back is new, after a restart as before.
    let again = vec![event("a", "u00", 600, "10.0.0.1")];
    flagged(&mut actors, &mut connection, again).await;
    actors.committed();
    let reloaded = Actors::load(&mut connection, &keys()).await.unwrap();
    assert_eq!((reloaded.of_source["a"], actors.of_source["a"]), (19, 19));
}
