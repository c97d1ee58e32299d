//! Which months go, what is left of them, and that what is gone is gone.

use flightbox_domain::{retention::Term, scope::Scope, scope::Sources};
use flightbox_store::{RuleChange, Store};

use super::*;

const NOW: &str = "2026-11-22T12:00:00Z";

/// A marker in each month, in a source; received when it happened.
async fn months(store: &Store, source: &str, months: std::ops::RangeInclusive<u32>) {
    for month in months {
        let when = format!("2026-{month:02}-10T10:00:00Z");
        received(store, source, &when, [event("alice", &format!("marker-{source}-{month}"), &when)]).await;
    }
}

#[tokio::test]
async fn everything_is_kept_until_somebody_says_otherwise() {
    let log = Fixture::open().await;
    months(&log.store, "billing", 1..=11).await;
    let plan = log.store.plan_retention(at("2126-01-01T00:00:00Z")).await.unwrap();
    assert!(plan.parts.is_empty());
}

#[tokio::test]
async fn a_month_goes_when_all_of_it_is_over_and_its_number_says_so_for_good() {
    let mut log = Fixture::open().await;
    months(&log.store, "billing", 1..=11).await;
    keep(&log.store, "*", 100).await;
    let (plan, run, done) = run_at(&log.store, NOW).await;
    done.unwrap();
    // A hundred days before is 14 August: July is over, August not yet.
    let told: Vec<_> = plan.parts.iter().map(|part| (part.month.as_str(), part.events, part.first)).collect();
    let months = ["2026-01", "2026-02", "2026-03", "2026-04", "2026-05", "2026-06", "2026-07"];
    assert_eq!(told, months.iter().zip(0..).map(|(month, seq)| (*month, 1, seq)).collect::<Vec<_>>());
    for _ in 0..2 {
        let left: Vec<_> = log.search("", 100).await.into_iter().map(|event| event.seq).collect();
        assert_eq!(left, [10, 9, 8, 7]);
        let scope = log.everything();
        for seq in 0..7 {
            assert_eq!(log.store.event(&scope, seq).await.unwrap(), None);
            let removed = log.store.removed(&scope, seq).await.unwrap().unwrap();
            assert_eq!((removed.run, removed.source.as_str(), removed.at), (run, "billing", at(NOW)));
        }
        for seq in [7, 10, 11, 12, 500, -1] {
            assert_eq!(log.store.removed(&scope, seq).await.unwrap(), None, "{seq}");
        }
        let others = Scope::new(Sources::Only(["hr".to_owned()].into()), true);
        assert_eq!(log.store.removed(&others, 0).await.unwrap(), None);
        log.reopen().await;
    }
    // What came late is as welcome as ever, and stays until its receipt is over, too.
    received(&log.store, "billing", NOW, [event("bob", "late", "2026-03-05T00:00:00Z")]).await;
    assert_eq!(log.count("action:late").await, 1);
    super::run(&log.store, NOW).await;
    assert_eq!(log.count("action:late").await, 1);
    super::run(&log.store, "2027-04-01T00:00:00Z").await;
    assert_eq!(log.count("action:late").await, 0);
}

#[tokio::test]
async fn a_month_stays_while_its_newest_receipt_does() {
    let log = Fixture::open().await;
    months(&log.store, "billing", 1..=2).await;
    received(&log.store, "billing", "2026-11-01T00:00:00Z", [event("bob", "late", "2026-01-20T00:00:00Z")]).await;
    keep(&log.store, "*", 100).await;
    super::run(&log.store, NOW).await;
    let left: Vec<_> = log.search("", 100).await.into_iter().map(|event| event.seq).collect();
    assert_eq!(left, [2, 0]);
}

#[tokio::test]
async fn a_source_is_kept_shorter_or_longer_than_the_others_and_what_stays_stands_where_it_stood() {
    let mut log = Fixture::open().await;
    for source in ["billing", "chatty", "payroll"] {
        months(&log.store, source, 1..=11).await;
    }
    let before = everything(&log).await;
    keep(&log.store, "*", 200).await;
    keep(&log.store, "chatty", 30).await;
    log.store.set_retention(&RuleChange::Source("payroll".to_owned(), Some(Term::ForGood)), at(NOW)).await.unwrap();
    super::run(&log.store, NOW).await;
    for _ in 0..2 {
        assert_eq!((log.count("source:billing").await, log.count("source:chatty").await), (7, 2));
        assert_eq!(log.count("source:payroll").await, 11);
        let left: Vec<_> = everything(&log).await.into_iter().filter(|event| event.seq < 33).collect();
        assert_eq!(left.len(), 20);
        for event in &left {
            assert!(before.contains(event), "{event:?}");
            assert_eq!(log.store.event(&log.everything(), event.seq).await.unwrap().as_ref(), Some(event));
        }
        assert_eq!(log.count("action:marker-chatty-1").await, 0);
        assert_eq!(log.count("action:marker-payroll*").await, 11);
        log.reopen().await;
    }
    // By the rule for all again, and by a longer one, nothing comes back.
    log.store.set_retention(&RuleChange::Source("chatty".to_owned(), None), at(NOW)).await.unwrap();
    super::run(&log.store, NOW).await;
    assert_eq!(log.count("source:chatty").await, 2);
}

#[tokio::test]
async fn what_is_removed_can_be_read_nowhere_and_the_file_gets_shorter() {
    let log = Fixture::open().await;
    // Large enough to lie over many pages, and hard to compress.
    let mut dice = common::Dice(7);
    let secret = |n: usize, dice: &mut common::Dice| {
        let noise: String = (0..60).map(|_| format!("{:x}", dice.below(1 << 30))).collect();
        let details = format!(r#"{{"note":"canary{n} {noise}"}}"#);
        parsed(&format!(
            r#"{{"actor":"canaryactor","action":"canaryaction","occurred_at":"2026-01-10T10:00:00Z","resource":"/canary/{n}","details":{details}}}"#
        ))
    };
    let events: Vec<_> = (0..3_000).map(|n| secret(n, &mut dice)).collect();
    received(&log.store, "billing", "2026-01-10T10:00:01Z", events).await;
    months(&log.store, "billing", 10..=11).await;
    // What fits into its page unpacked, so that it can be searched for: terms of the index.
    let folder = log.close().await;
    let file = |name: &str| std::fs::read(folder.path().join(name)).unwrap_or_default();
    let holds = |what: &str| {
        ["flightbox.db", "flightbox.db-wal"]
            .iter()
            .any(|name| file(name).windows(what.len()).any(|window| window == what.as_bytes()))
    };
    assert!(holds("canaryactor") && holds("canary1"), "the test looks in the wrong place");
    let row = sqlx_row(folder.path()).await;
    let bytes = |row: &[u8]| file("flightbox.db").windows(row.len()).any(|window| window == row);
    assert!(bytes(&row));
    let before = file("flightbox.db").len();

    let store = Store::open(folder.path(), common::master().into(), common::random()).await.unwrap();
    keep(&store, "*", 100).await;
    super::run(&store, NOW).await;
    assert!(!holds("canary"), "while the server runs");
    assert!(!bytes(&row) && !file("flightbox.db-wal").windows(row.len()).any(|window| window == row));
    let after = file("flightbox.db").len();
    assert!(after * 3 < before, "{before} to {after}");
    store.close().await;
    assert!(!holds("canary"));
}

/// The end of one record that is to go, as it lies on disk.
async fn sqlx_row(folder: &std::path::Path) -> Vec<u8> {
    use sqlx::ConnectOptions as _;
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(folder.join("flightbox.db"));
    let mut connection = options.connect().await.unwrap();
    let body: Vec<u8> =
        sqlx::query_scalar("SELECT body FROM event_202601 WHERE seq = 1500").fetch_one(&mut connection).await.unwrap();
    body[body.len() - 64..].to_vec()
}

#[tokio::test]
async fn a_removed_event_sent_again_is_still_the_same_event() {
    let log = Fixture::open().await;
    let event = || parsed(r#"{"id":"1","actor":"a","action":"x","occurred_at":"2026-01-10T10:00:00Z"}"#);
    let first = received(&log.store, "billing", "2026-01-10T10:00:00Z", [event()]).await;
    keep(&log.store, "*", 100).await;
    super::run(&log.store, NOW).await;
    assert_eq!(received(&log.store, "billing", NOW, [event()]).await, first);
    assert_eq!(log.count("").await, 0);
}

#[tokio::test]
async fn the_oldest_events_share_a_partition_and_go_together() {
    let log = Fixture::open().await;
    for year in [2003, 2015] {
        let when = format!("{year}-05-05T00:00:00Z");
        received(&log.store, "billing", &when, [super::event("a", "x", &when)]).await;
    }
    keep(&log.store, "*", 3_650).await;
    super::run(&log.store, "2025-12-01T00:00:00Z").await;
    assert_eq!(log.count("").await, 2);
    let (plan, ..) = run_at(&log.store, NOW).await;
    assert_eq!(plan.parts[0].month, "before 2016-01");
    assert_eq!(log.count("").await, 0);
}
