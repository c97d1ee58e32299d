//! The log against a real SQLite file: order of record, idempotency, pages, counts, scope.

mod common;

use common::{Fixture, now, parsed};
use flightbox_domain::{
    keys::Master,
    page::{Cursor, Direction, Range},
    query::Query,
    scope::{Scope, Sources},
};
use flightbox_store::{About, AppendError, Conflict, OpenError, Store, Subject};
use sqlx::{ConnectOptions as _, sqlite::SqliteConnectOptions};

#[tokio::test]
async fn sequence_numbers_start_at_zero_and_have_no_gap() {
    let log = Fixture::open().await;
    for batch in 0..5 {
        let events = (0..300).map(|n| parsed(&format!(r#"{{"actor":"a","action":"x{batch}.{n}"}}"#)));
        let appended = log.append("billing", events).await.unwrap();
        let seqs: Vec<_> = appended.receipts.iter().map(|receipt| receipt.seq).collect();
        assert_eq!(seqs, (batch * 300..(batch + 1) * 300).collect::<Vec<_>>());
    }
    let scope = log.everything();
    for seq in [0, 255, 256, 1499] {
        assert_eq!(log.store.event(&scope, seq).await.unwrap().unwrap().seq, seq);
    }
    for seq in [-1, 1500, i64::MIN, i64::MAX] {
        assert_eq!(log.store.event(&scope, seq).await.unwrap(), None);
    }
}

#[tokio::test]
async fn an_index_written_piece_by_piece_is_merged_once_nothing_comes_and_finds_the_same() {
    let log = Fixture::open().await;
    for n in 0..12 {
        log.append("billing", [parsed(&format!(r#"{{"actor":"a{n}","action":"x"}}"#))]).await.unwrap();
    }
    let found = log.search("", 100).await;
    // A segment's number stands in the upper bits of its rows; what stands below the first is about all of them.
    let segments = "SELECT count(DISTINCT id >> 37) FROM term_202611_data WHERE id >> 37 > 0";
    assert!(log.ask(segments).await > 8, "each commit writes a segment of its own");
    let merged = async {
        while log.ask(segments).await > 2 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(30), merged).await.expect("nothing was merged");
    assert_eq!(log.search("", 100).await, found);
    assert_eq!(log.search("actor:a7", 100).await.len(), 1);
}

#[tokio::test]
async fn a_receipt_names_the_hash_of_what_is_stored() {
    let log = Fixture::open().await;
    let receipt = log.append("billing", [parsed(r#"{"actor":"a","action":"x"}"#)]).await.unwrap().receipts.remove(0);
    let stored = log.store.event(&log.everything(), receipt.seq).await.unwrap().unwrap();
    assert_eq!(stored.leaf(log.store.keys()), receipt.leaf);
}

#[tokio::test]
async fn the_same_event_again_is_the_same_event_even_after_a_restart() {
    let mut log = Fixture::open().await;
    let event = || parsed(r#"{"id":"1","actor":"a","action":"x"}"#);
    let first = log.append("billing", [event(), event()]).await.unwrap();
    assert_eq!((first.duplicates, first.receipts[0].seq), (1, first.receipts[1].seq));
    for _ in 0..2 {
        let again = log.append("billing", [event()]).await.unwrap();
        assert_eq!((again.duplicates, &again.receipts[0]), (1, &first.receipts[0]));
        log.reopen().await;
    }
    let elsewhere = log.append("hr", [event()]).await.unwrap();
    assert_eq!((elsewhere.duplicates, elsewhere.receipts[0].seq), (0, 1));
}

#[tokio::test]
async fn the_same_id_with_other_content_refuses_its_batch_and_no_other() {
    let log = Fixture::open().await;
    log.append("billing", [parsed(r#"{"id":"1","actor":"a","action":"x"}"#)]).await.unwrap();
    let fresh = || parsed(r#"{"id":"2","actor":"a","action":"x"}"#);
    let conflict = log.append("billing", [fresh(), parsed(r#"{"id":"1","actor":"b","action":"x"}"#)]).await;
    let told = Conflict { index: 1, id: "1".into(), seq: 0 };
    assert_eq!(conflict, Err(AppendError::Conflict(told.clone())));
    let stored = log.append("billing", [fresh()]).await.unwrap();
    assert_eq!((stored.duplicates, stored.receipts[0].seq), (0, 1));
    // Or is left out, where a part of the batch may be taken.
    let third = parsed(r#"{"id":"3","actor":"a","action":"x"}"#);
    let batch = [fresh(), parsed(r#"{"id":"1","actor":"b","action":"x"}"#), third.clone(), third];
    let part = log.store.append_part(log.prepare("billing", batch).await).await.unwrap();
    assert_eq!(part.receipts.iter().map(|receipt| receipt.seq).collect::<Vec<_>>(), [1, 2, 2]);
    assert_eq!((part.duplicates, part.conflicts), (2, vec![told]));
    assert_eq!(log.search("", 10).await.len(), 3);
}

#[tokio::test]
async fn one_batch_sent_fifty_times_at_once_is_stored_once() {
    let log = Fixture::open().await;
    let batch = || (0..20).map(|n| parsed(&format!(r#"{{"id":"{n}","actor":"a","action":"x"}}"#)));
    let prepared = log.prepare("billing", batch()).await;
    let send = |_| {
        let (store, prepared) = (log.store.clone(), prepared.clone());
        tokio::spawn(async move { store.append(prepared).await })
    };
    let sent: Vec<_> = (0..50).map(send).collect();
    let mut receipts = Vec::new();
    for answer in sent {
        receipts.push(answer.await.unwrap().unwrap().receipts);
    }
    assert!(receipts.iter().all(|one| *one == receipts[0]));
    assert_eq!(log.count("").await, 20);
}

#[tokio::test]
async fn thousands_are_counted_exactly_where_only_a_look_at_each_can_tell() {
    let log = Fixture::open().await;
    let event = |n| parsed(&format!(r#"{{"actor":"a{}","action":"x"}}"#, n % 2));
    log.append("billing", (0..3_000).map(event)).await.unwrap();
    assert_eq!(log.count("actor:*1").await, 1_500);
    assert_eq!(log.count("-actor:*1").await, 1_500);
}

#[tokio::test]
async fn events_of_one_millisecond_keep_their_order_and_spill_into_the_next_when_it_is_full() {
    let mut log = Fixture::open().await;
    // The last millisecond of a month: what spills belongs to the next partition.
    let event = |ms: i64| parsed(&format!(r#"{{"actor":"a","action":"x","occurred_at":{}}}"#, 1_793_491_200_000 + ms));
    log.append("billing", [event(1), event(0)]).await.unwrap();
    for batch in 0..5 {
        log.append("billing", (0..700).map(|_| event(-1))).await.unwrap();
        if batch == 2 {
            log.reopen().await;
        }
    }
    log.append("billing", [event(-2), event(0)]).await.unwrap();
    let found = log.search("", 10_000).await;
    let crowd: Vec<_> = found.iter().rev().map(|event| event.seq).filter(|seq| (2..3502).contains(seq)).collect();
    assert!(crowd.iter().copied().eq(2..3502), "{} of them", crowd.len());
    assert!(found.is_sorted_by(|a, b| a.position > b.position));
    assert_eq!(found.len(), 3504);
    for seq in 0..3504 {
        assert_eq!(log.store.event(&log.everything(), seq).await.unwrap().unwrap().seq, seq);
    }
}

#[tokio::test]
async fn a_search_and_a_count_go_through_as_many_months_as_there_are_in_order() {
    let log = Fixture::open().await;
    let event = |month: i32| {
        let time = format!("{}-{:02}-15T10:00:00Z", 2020 + month / 12, 1 + month % 12);
        parsed(&format!(r#"{{"actor":"a{}","action":"x","occurred_at":"{time}"}}"#, month % 2))
    };
    log.append("billing", (0..40).map(event)).await.unwrap();
    let seqs =
        async |query, limit| log.search(query, limit).await.into_iter().map(|event| event.seq).collect::<Vec<_>>();
    assert!(seqs("", 100).await.into_iter().eq((0..40).rev()));
    assert!(seqs("actor:a0", 17).await.into_iter().eq((6..40).rev().filter(|seq| seq % 2 == 0)));
    assert_eq!(seqs("actor:a1", 1).await, [39]);
    assert_eq!((log.count("").await, log.count("actor:a1").await, log.count("actor:nobody").await), (40, 20, 0));
}

#[tokio::test]
async fn pages_forwards_and_back_show_every_match_once() {
    let log = Fixture::open().await;
    let event = |n: i64| {
        let time = format!("2026-{:02}-{:02}T10:00:{:02}Z", 1 + n % 11, 1 + n % 28, n % 60);
        parsed(&format!(r#"{{"actor":"a{}","action":"x","occurred_at":"{time}","reason":"n{n}"}}"#, n % 3))
    };
    log.append("billing", (0..500).map(event)).await.unwrap();
    for query in ["", "actor:a1", "-actor:a1", "actor:a1 actor:a2 actor:*1", "actor:~A2"] {
        let expected: Vec<_> = log.search(query, 1000).await.iter().map(|event| event.seq).collect();
        let (mut older, mut cursor) = (Vec::new(), None);
        let mut last = None;
        loop {
            let page = log.page(query, cursor, 7).await;
            older.extend(page.events.iter().map(|event| event.seq));
            last = page.newer.or(last);
            cursor = page.older;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(older, expected, "{query}");
        let mut newer = Vec::new();
        let mut cursor =
            Some(Cursor { position: flightbox_domain::page::Position::FIRST, direction: Direction::Newer });
        while let Some(next) = cursor {
            let page = log.page(query, Some(next), 7).await;
            newer.extend(page.events.iter().rev().map(|event| event.seq));
            cursor = page.newer;
        }
        newer.reverse();
        newer.dedup();
        assert!(expected.iter().all(|seq| newer.contains(seq)), "{query}");
    }
}

#[tokio::test]
async fn what_is_out_of_scope_does_not_exist() {
    let log = Fixture::open().await;
    log.append("billing", [parsed(r#"{"actor":"a","action":"x"}"#)]).await.unwrap();
    log.append("hr", [parsed(r#"{"actor":"a","action":"secret"}"#)]).await.unwrap();
    log.append("flightbox", [parsed(r#"{"actor":"a","action":"session.sign-in"}"#)]).await.unwrap();
    let billing = Scope::new(Sources::Only(["billing".to_owned()].into()), false);
    for query in ["", "actor:a", "source:hr", "-source:billing", "secret", "source:flightbox"] {
        let found = log.search_in(&billing, query).await;
        assert!(found.iter().all(|event| event.record.source == "billing"), "{query}");
    }
    assert_eq!(log.store.event(&billing, 1).await.unwrap(), None);
    assert_eq!(log.store.activity(&billing, Subject::Actor("a")).await.unwrap().unwrap().events.value, 1);
    // Its own record shows up only where it may be seen and is asked for.
    assert_eq!(log.search("", 10).await.len(), 2);
    assert_eq!(log.search("source:flightbox", 10).await.len(), 1);
}

#[tokio::test]
async fn e7_a_log_opens_only_with_its_own_master_key_and_neither_an_older_nor_a_newer_schema() {
    let log = Fixture::open().await;
    let folder = log.close().await;
    let open = |master: [u8; 32]| Store::open(folder.path(), Master::new(master).unwrap().into(), common::random());
    assert!(matches!(open([9; 32]).await, Err(OpenError::WrongKey)));
    common::sql(folder.path(), "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES (999, 'later', 1, x'00', 0)").await;
    assert!(matches!(open([1; 32]).await, Err(OpenError::Newer(999))));
    common::sql(folder.path(), "DELETE FROM _sqlx_migrations WHERE version = 999").await;
    common::sql(folder.path(), "UPDATE _sqlx_migrations SET checksum = x'00' WHERE version = 1").await;
    assert!(matches!(open([1; 32]).await, Err(OpenError::Older)));
}

#[tokio::test]
async fn commits_are_synced_and_the_page_layout_is_fixed_at_creation() {
    let log = Fixture::open().await;
    let facts = log.store.facts().await.unwrap();
    assert_eq!((facts.journal.as_str(), facts.synchronous, facts.check.as_str()), ("wal", 2, "ok"));
    let version: Vec<u32> = facts.sqlite.split('.').map(|part| part.parse().unwrap()).collect();
    assert!(version >= vec![3, 51, 3], "{}", facts.sqlite);
}

#[tokio::test]
async fn a_refused_body_is_kept_sealed_and_goes_after_thirty_days() {
    let log = Fixture::open().await;
    let (now, random) = (common::now(), common::random());
    let first = Some(("action".to_owned(), "swordfish".to_owned()));
    let about = About { lines: true, address: None, bytes: 7, records: Some(1), problems: 1, first };
    log.store.quarantine("billing", &about, &[b"hun", b"ter2"], now, &random).await.unwrap();
    let listed = log.store.refusals("billing", 10, now).await.unwrap();
    assert_eq!(listed[0].about.as_ref(), Some(&about));
    let kept = log.store.quarantined("billing", listed[0].id, now).await.unwrap().unwrap();
    assert_eq!(kept.clear.as_deref(), Some(&b"hunter2"[..]));
    assert_eq!(log.store.quarantined("hr", listed[0].id, now).await.unwrap(), None);
    let later = now + chrono::Duration::days(31);
    assert_eq!(log.store.refusals("billing", 10, later).await.unwrap(), []);
    log.store.quarantine("hr", &about, &[b"x"], later, &random).await.unwrap();
    assert_eq!(log.store.refused(later).await.unwrap(), [("hr".to_owned(), (1, 1))].into());
    assert_eq!(log.ask("SELECT count(*) FROM quarantine").await, 1);
    let folder = log.close().await;
    let bytes = std::fs::read(folder.path().join("flightbox.db")).unwrap();
    for clear in [&b"hunter2"[..], b"swordfish"] {
        assert!(!bytes.windows(clear.len()).any(|window| window == clear));
    }
}

#[tokio::test]
async fn whatever_the_query_pages_hold_what_a_naive_filter_finds() {
    let log = Fixture::open().await;
    let mut dice = common::Dice(11);
    let events: Vec<_> = (0..400).map(|_| common::random_event(&mut dice)).collect();
    log.append("billing", events).await.unwrap();
    log.append("billing", common::remarkable_events(&mut dice)).await.unwrap();
    let all = log.search("", 1000).await;
    assert_eq!(all.len(), 540);
    assert!(all.iter().filter(|event| !event.flags.is_empty()).count() > 30);
    for _ in 0..400 {
        let text = common::random_query(&mut dice);
        let query = Query::parse(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
        let filter = log.filter(&query);
        let naive: Vec<_> = all
            .iter()
            .filter(|event| event.passes(&filter) && filter.range().contains(event.position))
            .map(|event| event.seq)
            .collect();
        let found: Vec<_> = log.search(&text, 1000).await.iter().map(|event| event.seq).collect();
        assert_eq!(found, naive, "{text}");
        let count = log.store.count(&log.request(&query, Range::ALL, None, 50)).await.unwrap();
        assert!(count.value <= naive.len() as u64, "{text}");
        assert!(!count.exact || count.value == naive.len() as u64, "{text}");
    }
}

#[tokio::test]
async fn an_id_or_a_sequence_number_is_found_however_deep_it_lies() {
    let log = Fixture::open().await;
    let event = |n: i64| {
        parsed(&format!(r#"{{"id":"n{n}","actor":"a","action":"x","occurred_at":{}}}"#, 1_790_000_000_000 + n))
    };
    for batch in 0..3 {
        log.append("billing", (batch * 8_000..(batch + 1) * 8_000).map(event)).await.unwrap();
    }
    log.append("hr", [event(7)]).await.unwrap();
    let seqs = async |query: &str| log.search(query, 10).await.iter().map(|event| event.seq).collect::<Vec<_>>();
    assert_eq!(seqs("id:n7").await, [24_000, 7]);
    assert_eq!(seqs("id:n7,n19999 source:billing").await, [19_999, 7]);
    assert_eq!(seqs("seq:3 actor:a").await, [3]);
    assert_eq!(seqs("seq:3 -actor:a").await, [0; 0]);
    assert_eq!(seqs("id:nothing").await, [0; 0]);
    assert_eq!(seqs("seq:99999999").await, [0; 0]);
    assert_eq!(log.count("id:n7").await, 2);
}

#[tokio::test]
async fn a_prefix_of_few_values_is_found_however_deep_it_lies_and_one_of_many_says_how_far_it_looked() {
    let log = Fixture::open().await;
    let event = |n: i64| {
        let actor = if n < 3 { format!("rare{n}") } else { format!("u{n}") };
        parsed(&format!(r#"{{"actor":"{actor}","action":"x","occurred_at":{}}}"#, 1_790_000_000_000 + n))
    };
    for batch in 0..3 {
        log.append("billing", (batch * 8_000..(batch + 1) * 8_000).map(event)).await.unwrap();
    }
    let rare = log.page("actor:rare*", None, 10).await;
    assert_eq!(rare.events.iter().map(|event| event.seq).collect::<Vec<_>>(), [2, 1, 0]);
    assert_eq!((rare.searched_back_to, log.count("actor:rare*").await), (None, 3));
    // Each of them, and ten with one more digit.
    assert_eq!(log.count("actor:u400*,u500*").await, 11 + 11);
    let narrow = log.page("actor:u500* -actor:u5003*", None, 100).await;
    assert_eq!((narrow.events.len(), narrow.searched_back_to), (10, None));
    let broad = log.page("-actor:u*", None, 10).await;
    assert_eq!((broad.events.len(), broad.searched_back_to.is_some()), (0, true));
}

#[tokio::test]
async fn a_note_is_kept_without_being_waited_for_or_refused_at_once() {
    let mut log = Fixture::open().await;
    let looked = || parsed(r#"{"actor":"ann","action":"events.search"}"#);
    // While somebody else holds the database, the writer gets no further than its first transaction.
    let options = SqliteConnectOptions::new().filename(log.folder().join("flightbox.db"));
    let mut other = options.connect().await.unwrap();
    sqlx::query("BEGIN IMMEDIATE").execute(&mut other).await.unwrap();
    let mut noted = 0;
    let refused = loop {
        match log.store.note("flightbox", looked(), now()) {
            Ok(()) => noted += 1,
            Err(error) => break error,
        }
    };
    assert_eq!(refused, AppendError::Busy);
    assert!((256..10_000).contains(&noted), "{noted}");
    sqlx::query("ROLLBACK").execute(&mut other).await.unwrap();
    log.reopen().await;
    assert_eq!(log.count("source:flightbox").await, noted);
    log.store.close().await;
    assert!(matches!(log.store.note("flightbox", looked(), now()), Err(AppendError::Failed(_))));
}
