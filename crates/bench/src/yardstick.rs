//! What the server is measured against: the SQLite library with nothing around it.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use flightbox_domain::{keys::Keys, terms::Field};
use flightbox_event::{Json, json};
use sqlx::{
    Connection, Row, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};

use crate::{Failure, reading::PAGES};

/// Events a second of inserts that nothing is indexed or hashed for: one prepared statement a row, a thousand rows a
/// transaction, synced as the log's are.
pub async fn plain_inserts(path: &Path, batches: &[String]) -> sqlx::Result<f64> {
    let mut connection = open(path).await?;
    sqlx::query("CREATE TABLE event (id INTEGER PRIMARY KEY, body TEXT NOT NULL)").execute(&mut connection).await?;
    let (start, mut events) = (Instant::now(), 0u32);
    for batch in batches {
        let mut transaction = connection.begin().await?;
        for line in batch.lines() {
            sqlx::query("INSERT INTO event (body) VALUES (?)").bind(line).execute(&mut *transaction).await?;
            events += 1;
        }
        transaction.commit().await?;
    }
    Ok(f64::from(events) / start.elapsed().as_secs_f64())
}

/// Median and 99th percentile, in milliseconds, of finding the newest fifty that carry both terms in the latest month
/// that has any: the least that a page costs.
pub async fn index_walk(path: &Path, actor: &str, outcome: &str, times: usize) -> sqlx::Result<(f64, f64)> {
    let mut connection = open(path).await?;
    let month: i64 =
        sqlx::query_scalar("SELECT max(month) FROM partition WHERE month < 202611").fetch_one(&mut connection).await?;
    // Terms as short as these hold no digest, so any key does.
    let keys = Keys::derive(&[0; 32]);
    let terms = format!("{} AND {}", Field::Actor.term(&keys, actor).0, Field::Outcome.term(&keys, outcome).0);
    let sql = format!("SELECT rowid FROM term_{month} WHERE term_{month} MATCH ? ORDER BY rowid DESC LIMIT 51");
    let mut took = Vec::with_capacity(times);
    for _ in 0..times {
        let start = Instant::now();
        sqlx::query(sqlx::AssertSqlSafe(sql.clone())).bind(&terms).fetch_all(&mut connection).await?;
        took.push(start.elapsed());
    }
    Ok(percentiles(took))
}

/// Median times, in milliseconds, of the same pages from a plain table with an index on the actor and one on the action.
pub async fn plain_pages(path: &Path, batches: &[String], address: &str) -> Result<Vec<(&'static str, f64)>, Failure> {
    let mut connection = open(path).await?;
    for statement in [
        "CREATE TABLE event (id INTEGER PRIMARY KEY, actor TEXT, action TEXT, outcome TEXT, ip TEXT, body TEXT)",
        "CREATE INDEX by_actor ON event (actor)",
        "CREATE INDEX by_action ON event (action)",
    ] {
        sqlx::query(statement).execute(&mut connection).await?;
    }
    for batch in batches {
        let mut transaction = connection.begin().await?;
        for line in batch.lines() {
            let event = json::parse(line.as_bytes()).map_err(|error| format!("{error:?}"))?;
            let text = |path: &[&str]| event.at(path).and_then(Json::as_str).map(str::to_owned);
            sqlx::query("INSERT INTO event (actor, action, outcome, ip, body) VALUES (?, ?, ?, ?, ?)")
                .bind(text(&["actor", "id"]))
                .bind(text(&["action"]))
                .bind(text(&["outcome"]))
                .bind(text(&["origin", "ip"]))
                .bind(line)
                .execute(&mut *transaction)
                .await?;
        }
        transaction.commit().await?;
    }
    let from_there = format!("ip = '{address}'");
    let conditions = [
        "1",
        "actor = 'u_15000'",
        "actor = 'svc_gateway'",
        "actor = 'nobody'",
        "action = 'login' AND outcome = 'failure'",
        "actor = 'svc_gateway' AND action = 'login' AND outcome = 'failure'",
        &from_there,
        "body LIKE '%missing%'",
    ];
    let mut all = Vec::new();
    for ((label, _), condition) in PAGES.iter().zip(conditions) {
        let sql = format!("SELECT id, body FROM event WHERE {condition} ORDER BY id DESC LIMIT 50");
        let mut took = Vec::new();
        for _ in 0..9 {
            let start = Instant::now();
            sqlx::query(sqlx::AssertSqlSafe(sql.clone())).fetch_all(&mut connection).await?;
            took.push(start.elapsed());
        }
        all.push((*label, percentiles(took).0));
    }
    Ok(all)
}

/// Bytes on disk by what they hold.
pub async fn sizes(path: &Path) -> sqlx::Result<Vec<(String, i64)>> {
    let mut connection = open(path).await?;
    let sql = "SELECT CASE
            WHEN name GLOB 'event_*' THEN 'records'
            WHEN name GLOB 'term_*' THEN 'inverted index'
            WHEN name GLOB 'producer_id*' THEN 'producer ids'
            WHEN name = 'tree' THEN 'the tree of hashes'
            WHEN name GLOB 'tally*' THEN 'counts by hour and day'
            WHEN name = 'actor' THEN 'what actors have shown'
            WHEN name = 'locator' THEN 'positions by number'
            ELSE 'everything else' END AS what, sum(pgsize) AS bytes
        FROM dbstat WHERE aggregate = TRUE GROUP BY what ORDER BY bytes DESC";
    let rows = sqlx::query(sql).fetch_all(&mut connection).await?;
    rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
}

/// Median and 99th percentile in milliseconds.
pub fn percentiles(mut times: Vec<Duration>) -> (f64, f64) {
    times.sort_unstable();
    let at = |percent: usize| times.get(times.len() * percent / 100).map_or(0.0, |time| time.as_secs_f64() * 1e3);
    (at(50), at(99))
}

async fn open(path: &Path) -> sqlx::Result<SqliteConnection> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .page_size(8192)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full);
    SqliteConnection::connect_with(&options).await
}
