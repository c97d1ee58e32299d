//! A process that is killed in the midst of a run.

use std::{
    process::{Command, Stdio},
    time::Duration,
};

use flightbox_store::Store;
use sqlx::{ConnectOptions as _, sqlite::SqliteConnectOptions};

use super::*;

const NOW: &str = "2026-11-22T12:00:00Z";
const FOLDER: &str = "RETENTION_KILLED_FOLDER";

/// What the process does that is killed: a run on a log that somebody else filled.
#[tokio::test]
async fn child() {
    let Ok(folder) = std::env::var(FOLDER) else { return };
    let store = Store::open(folder.as_ref(), common::master().into(), common::random()).await.unwrap();
    run(&store, NOW).await;
    store.close().await;
}

#[tokio::test]
async fn a_process_killed_in_the_midst_of_a_run_leaves_each_month_as_it_was_or_as_it_is_to_be() {
    // A condition to be killed at: how far the run has come, as the database tells.
    const STEPS: [&str; 6] = [
        "SELECT count(*) FROM sqlite_schema WHERE name = 'event_202601_next'",
        "SELECT count(*) FROM event_202601_next WHERE position > 0",
        "SELECT count(*) > 700 FROM event_202601_next",
        "SELECT count(*) FROM sqlite_schema WHERE name = 'event_202601_gone'",
        "SELECT count(*) FROM sqlite_schema WHERE name = 'event_202602_next'",
        "SELECT count(*) FROM removal WHERE month = 202602",
    ];
    let mut caught = 0;
    for step in STEPS {
        let log = Fixture::open().await;
        for month in 1..=2 {
            for source in ["billing", "chatty"] {
                let when = format!("2026-{month:02}-10T10:00:00Z");
                let events = (0..1_500).map(|n| event(&format!("a{n}"), "read", &when)).collect::<Vec<_>>();
                received(&log.store, source, &when, events).await;
            }
        }
        keep(&log.store, "chatty", 60).await;
        let folder = log.close().await;
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "killed::child"])
            .env(FOLDER, folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let options = SqliteConnectOptions::new().filename(folder.path().join("flightbox.db")).read_only(true);
        let mut watch = options.connect().await.unwrap();
        // A table that is not there yet, or no more, is no answer.
        while sqlx::query_scalar::<_, i64>(step).fetch_one(&mut watch).await.unwrap_or(0) == 0 {
            if child.try_wait().unwrap().is_some() {
                break;
            }
            tokio::time::sleep(Duration::from_micros(200)).await;
        }
        caught += u32::from(child.try_wait().unwrap().is_none());
        child.kill().unwrap();
        child.wait().unwrap();
        drop(watch);

        let log = Store::open(folder.path(), common::master().into(), common::random()).await.unwrap();
        let scope = flightbox_domain::scope::Scope::new(flightbox_domain::scope::Sources::All, true);
        let count = async |query: &str| {
            let query = Query::parse(query).unwrap();
            let filter = flightbox_domain::filter::Filter::new(&query, log.keys(), at(NOW), chrono_tz::Tz::UTC);
            let search =
                Search { filter, scope: scope.clone(), range: Range::ALL, cursor: None, from_oldest: false, limit: 1 };
            log.count(&search).await.unwrap().value
        };
        for month in ["2026-01-01..2026-01-31", "2026-02-01..2026-02-28"] {
            let chatty = count(&format!("source:chatty created:{month}")).await;
            assert!([0, 1_500].contains(&chatty), "{step}: {chatty} in {month}");
            assert_eq!(count(&format!("source:billing created:{month}")).await, 1_500, "{step}");
            // The first event of that source in that month.
            let of_month = if month.starts_with("2026-01") { 1_500 } else { 4_500 };
            let removed = log.removed(&scope, of_month).await.unwrap();
            assert_eq!(removed.is_some(), chatty == 0, "{step}: {month}");
            assert_eq!(log.event(&scope, of_month).await.unwrap().is_some(), chatty > 0, "{step}: {month}");
        }
        run(&log, NOW).await;
        assert_eq!((count("source:chatty").await, count("source:billing").await), (0, 3_000), "{step}");
        assert_eq!(log.facts().await.unwrap().check, "ok");
        let tables: i64 = {
            let options = SqliteConnectOptions::new().filename(folder.path().join("flightbox.db"));
            let mut connection = options.connect().await.unwrap();
            let left = "SELECT count(*) FROM sqlite_schema WHERE name LIKE '%\\_next' ESCAPE '\\' OR name LIKE '%\\_gone%' ESCAPE '\\'";
            sqlx::query_scalar(left).fetch_one(&mut connection).await.unwrap()
        };
        assert_eq!(tables, 0, "{step}");
        log.close().await;
    }
    assert!(caught > 2, "the runs were over before they could be killed");
}
