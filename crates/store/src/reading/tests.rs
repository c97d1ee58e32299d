//! A statement ends when nobody waits for it any more, and not before.

use super::*;

/// Some minutes of work, of which no row comes before the end.
const LONG: &str =
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000000) SELECT count(*) FROM n";

/// With one connection the next statement has to wait for the end of the last.
fn one_reader(patience: Duration) -> Readers {
    Readers::new(SqliteConnectOptions::new().in_memory(true), 1, patience, true)
}

async fn answers(readers: &Readers) -> i64 {
    let next = sqlx::query_scalar("SELECT 7").fetch_one(readers);
    tokio::time::timeout(Duration::from_secs(5), next).await.expect("the last statement ran on").unwrap()
}

#[tokio::test]
async fn a_statement_that_nobody_waits_for_ends() {
    let readers = one_reader(PATIENCE);
    for _ in 0..3 {
        let long = sqlx::query(LONG).fetch_all(&readers);
        assert!(tokio::time::timeout(Duration::from_millis(50), long).await.is_err());
        let long = sqlx::query(LONG).fetch_optional(&readers);
        assert!(tokio::time::timeout(Duration::from_millis(50), long).await.is_err());
        assert_eq!(answers(&readers).await, 7);
    }
}

#[tokio::test]
async fn a_statement_that_takes_too_long_ends_and_says_so() {
    let readers = one_reader(Duration::from_millis(100));
    let error = sqlx::query(LONG).fetch_all(&readers).await.unwrap_err();
    assert!(matches!(StoreError::from(error), StoreError::TooSlow));
    assert_eq!(answers(&readers).await, 7);
    let question = readers.patiently(std::future::pending::<Result<(), StoreError>>()).await;
    assert!(matches!(question, Err(StoreError::TooSlow)));
}

#[tokio::test]
async fn a_reader_is_free_once_its_statement_has_ended_though_nobody_takes_its_rows() {
    let readers = one_reader(PATIENCE);
    let sql = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) SELECT i FROM n";
    let mut later = sqlx::query_scalar::<_, i64>(sql).fetch(&readers);
    assert_eq!(later.try_next().await.unwrap(), Some(1));
    assert_eq!(answers(&readers).await, 7);
    assert_eq!(later.try_collect::<Vec<_>>().await.unwrap().len(), 999);
}

#[tokio::test]
async fn every_row_arrives_however_many_there_are() {
    let readers = one_reader(PATIENCE);
    let sql = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) SELECT i FROM n";
    let numbers: Vec<i64> = sqlx::query_scalar(sql).fetch_all(&readers).await.unwrap();
    assert_eq!(numbers, (1..=1000).collect::<Vec<_>>());
    let mut first = sqlx::query_scalar::<_, i64>(sql).fetch(&readers);
    assert_eq!(first.try_next().await.unwrap(), Some(1));
    drop(first);
    assert_eq!(answers(&readers).await, 7);
}
