//! Sealed values: in no file in clear, opened by their key alone, gone with it.

mod common;

use std::{collections::HashSet, fs, future::Future, path::Path, task::Poll};

use common::{Fixture, master, now, parsed, random};
use flightbox_domain::{
    hold::Held,
    keys::Master,
    rules::Rules,
    scope::{Scope, Sources},
};
use flightbox_event::Json;
use flightbox_store::{Masters, OpenError, Revealed, RewrapError, Store, Stored};

const CANARY: &str = "canary.4711@example.com";

fn event(actor: &str) -> flightbox_event::Event {
    parsed(&format!(
        r#"{{"actor":{{"id":"{actor}","email":"{CANARY}"}},"action":"user.invite","reason":"for {actor}",
            "details":{{"email":"{CANARY}","card":"4111 1111 1111 1111","note":"seen"}},"sensitive":["details.note"]}}"#
    ))
}

async fn revealed(store: &Store, stored: &Stored) -> Vec<Revealed> {
    store.reveal(stored).await.unwrap().into_iter().map(|(_, value)| value).collect()
}

fn holds(folder: &Path, canary: &str) -> Vec<String> {
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let found = files.filter(|path| {
        // A connection that is closing takes its write-ahead log along.
        let bytes = fs::read(path).unwrap_or_default();
        bytes.windows(canary.len()).any(|window| window == canary.as_bytes())
    });
    found.map(|path| path.display().to_string()).collect()
}

#[tokio::test]
async fn e1_a_sealed_value_stands_in_no_file_and_comes_back_whole() {
    let log = Fixture::open().await;
    log.append("billing", [event("alice")]).await.unwrap();
    let stored = log.search("", 1).await.remove(0);
    let shown = stored.to_json(log.store.keys()).to_string();
    assert!(!shown.contains("canary") && !shown.contains("4111") && !shown.contains("seen"), "{shown}");
    assert!(shown.contains(r#""email":{"sealed":"email"}"#) && shown.contains(r#""note":{"sealed":"sensitive"}"#));
    let values = [CANARY.into(), CANARY.into(), Json::from("4111 1111 1111 1111"), "seen".into()];
    assert_eq!(revealed(&log.store, &stored).await, values.map(Revealed::Value));
    // With the write-ahead log, then without.
    assert_eq!(holds(log.folder(), "canary"), [""; 0]);
    let folder = log.close().await;
    for canary in ["canary", "4111 1111", "seen"] {
        assert_eq!(holds(folder.path(), canary), [""; 0]);
    }
}

#[tokio::test]
async fn a_sealed_value_is_found_by_whether_it_is_there_and_where_a_rule_says_so_by_what_it_is() {
    let log = Fixture::open().await;
    log.append("billing", [event("alice")]).await.unwrap();
    log.store.set_rules("seal key email searchable", 1, "root", now()).await.unwrap().unwrap();
    log.append("billing", [event("bob"), parsed(r#"{"actor":"c","action":"x","details":{"email":"d@e.f"}}"#)])
        .await
        .unwrap();
    let actors = async |query: &str| -> Vec<String> {
        log.search(query, 9).await.into_iter().map(|stored| stored.record.event.actor.id).collect()
    };
    assert_eq!(actors("@email:*").await, ["c", "bob", "alice"]);
    assert_eq!(actors(&format!("@email:{CANARY}")).await, ["bob"]);
    assert_eq!(actors("@email:other@example.com").await, [""; 0]);
    assert_eq!(actors("sensitive:yes").await, ["c", "bob", "alice"]);
    assert_eq!(actors("\"canary.4711\" OR canary OR 4111").await, ["bob"], "by the card that no rule seals any more");
    let versions: Vec<_> = log.search("", 9).await.iter().map(|stored| stored.record.rules).collect();
    assert_eq!(versions, [2, 2, 1]);
}

#[tokio::test]
async fn rules_are_changed_by_one_at_a_time_and_outlive_a_restart() {
    let mut log = Fixture::open().await;
    assert_eq!(log.store.set_rules("seal key a", 1, "root", now()).await.unwrap(), Some(2));
    assert_eq!(log.store.set_rules("seal key b", 1, "root", now()).await.unwrap(), None);
    assert!(log.store.set_rules("seal kee b", 2, "root", now()).await.is_err());
    log.reopen().await;
    assert_eq!(*log.store.rules(), Rules::parse("seal key a", 2).unwrap());
    let sets = log.store.rule_sets(9).await.unwrap();
    assert_eq!(sets.iter().map(|set| set.made_by.as_deref()).collect::<Vec<_>>(), [Some("root"), None]);
}

#[tokio::test]
async fn e3_no_nonce_is_drawn_twice_for_a_key() {
    let log = Fixture::open_with(common::system_random()).await;
    let events = (0..500).map(|_| event("alice"));
    log.append("billing", events).await.unwrap();
    let seals = log.search("", 500).await.into_iter().flat_map(|stored| stored.record.seals);
    let nonces: HashSet<(i64, Vec<u8>)> = seals.map(|seal| (seal.key, seal.sealed[..24].to_vec())).collect();
    assert_eq!(nonces.len(), 2_000);
    // Ten million more, told apart by eight bytes of each: two alike by chance would be a matter of millions of runs.
    let random = common::system_random();
    let mut drawn: Vec<u64> =
        (0..10_000_000).map(|_| u64::from_le_bytes(*random.bytes::<24>().first_chunk().unwrap())).collect();
    drawn.sort_unstable();
    assert!(drawn.windows(2).all(|pair| pair[0] != pair[1]));
}

#[tokio::test]
async fn e4_the_master_key_is_replaced_under_way_and_cut_off_anywhere() {
    let mut log = Fixture::open().await;
    let events: Vec<_> = (0..1_200).map(|n| event(&format!("user-{n}"))).collect();
    log.append("billing", events).await.unwrap();
    let before: Vec<_> = log.search("", 2_000).await.iter().map(|stored| stored.leaf(log.store.keys())).collect();
    let next = Master::new([2; 32]).unwrap();
    // As if the process was killed after so many steps; then it starts again with both keys, and goes on.
    let mut cut = 0;
    for steps in [1, 4, 9, 40] {
        let store = log.store.clone();
        let mut rewrap = Box::pin(store.rewrap(next.clone()));
        let mut polled = 0;
        let ended = std::future::poll_fn(|context| {
            polled += 1;
            if polled > steps { Poll::Ready(false) } else { rewrap.as_mut().poll(context).map(|_| true) }
        })
        .await;
        drop(rewrap);
        cut += i32::from(log.store.key_counts().await.unwrap().elsewhere > 0);
        // A second change has to wait for the end of the first: it would forget the key that some still need.
        let third = Master::new([3; 32]).unwrap();
        assert!(ended || matches!(log.store.rewrap(third).await, Err(RewrapError::Unfinished)));
        log.reopen_with(Masters { current: next.clone(), previous: Some(master()) }).await;
        log.append("billing", [event("late")]).await.unwrap();
    }
    assert!(cut > 0, "no change was cut off in its midst");
    log.store.rewrap(next.clone()).await.unwrap();
    assert_eq!(log.store.rewrap(next.clone()).await.unwrap(), 0);
    let counts = log.store.key_counts().await.unwrap();
    assert_eq!((counts.in_use, counts.elsewhere, counts.erased, counts.master), (1_201, 0, 0, next.fingerprint()));
    log.reopen_with(next.into()).await;
    let stored = log.search("action:user.invite", 2_000).await;
    let after: Vec<_> = stored.iter().map(|stored| stored.leaf(log.store.keys())).skip(4).collect();
    assert_eq!(after, before);
    for one in [&stored[0], &stored[500], &stored[1_203]] {
        assert_eq!(revealed(&log.store, one).await[0], Revealed::Value(CANARY.into()));
    }
    let folder = log.close().await;
    assert!(matches!(Store::open(folder.path(), master().into(), random()).await, Err(OpenError::WrongKey)));
}

#[tokio::test]
async fn nothing_is_erased_where_a_hold_was_set_since_holds_were_looked_at() {
    let log = Fixture::open().await;
    log.append("billing", [event("alice")]).await.unwrap();
    let all = Scope::new(Sources::All, false);
    let looked = log.store.retention_changes();
    let (name, held, reason) =
        ("case".parse().unwrap(), Held::Actor("alice".to_owned()), "a court asks".parse().unwrap());
    log.store.add_hold((&name, &held, &Sources::All), ("root", &reason), now()).await.unwrap();
    let why = ("root", "her request");
    assert_eq!(log.store.erase(&all, "alice", why, now(), looked).await.unwrap(), None);
    assert_eq!(log.store.can_be_erased(&all, "alice").await.unwrap(), 1);
    let looked = log.store.retention_changes();
    assert_eq!(log.store.erase(&all, "alice", why, now(), looked).await.unwrap(), Some(1));
}

#[tokio::test]
async fn e5_what_is_erased_stays_erased_whatever_backup_of_the_events_comes_back() {
    let mut log = Fixture::open().await;
    log.append("billing", [event("alice"), event("bob")]).await.unwrap();
    log.append("hr", [event("alice")]).await.unwrap();
    log.reopen().await;
    let backup = fs::read(log.folder().join("flightbox.db")).unwrap();
    let leaves: Vec<_> = log.search("", 9).await.iter().map(|stored| stored.leaf(log.store.keys())).collect();

    let billing = Scope::new(Sources::Only(["billing".parse().unwrap()].into()), false);
    let why = ("root", "her request");
    assert_eq!(log.store.erase(&billing, "alice", why, now(), 0).await.unwrap(), Some(1));
    assert_eq!(log.store.erase(&billing, "alice", why, now(), 0).await.unwrap(), Some(0));
    let folder = log.close().await;
    fs::write(folder.path().join("flightbox.db"), backup).unwrap();
    let log = Fixture::of(folder).await;

    let stored = log.search("", 9).await;
    assert_eq!(stored.iter().map(|stored| stored.leaf(log.store.keys())).collect::<Vec<_>>(), leaves);
    for one in &stored {
        let (source, actor) = (one.record.source.as_str(), one.record.event.actor.id.as_str());
        let gone = (source, actor) == ("billing", "alice");
        assert_eq!(log.store.is_erased(&one.record.seals[0]), gone);
        assert_eq!(revealed(&log.store, one).await[0] == Revealed::Erased, gone, "{source} {actor}");
    }
    let erased = log.store.erasures(&billing, "alice").await.unwrap();
    assert_eq!((erased.len(), erased[0].reason.as_str(), erased[0].by.as_str()), (1, "her request", "root"));
    let counts = log.store.key_counts().await.unwrap();
    assert_eq!((counts.in_use, counts.erased, counts.last_erased), (2, 1, Some(now())));
    // What comes later has a key of its own.
    log.append("billing", [event("alice")]).await.unwrap();
    assert_eq!(revealed(&log.store, &log.search("", 1).await[0]).await[0], Revealed::Value(CANARY.into()));
}

#[tokio::test]
async fn e7_keys_that_are_missing_or_another_logs_open_nothing() {
    let log = Fixture::open().await;
    log.append("billing", [event("alice")]).await.unwrap();
    let folder = log.close().await;
    let keys = folder.path().join("keys.db");
    fs::rename(&keys, folder.path().join("kept")).unwrap();
    assert!(matches!(Store::open(folder.path(), master().into(), random()).await, Err(OpenError::KeysMissing(_))));
    let other = Fixture::open_with(common::system_random()).await.close().await;
    fs::copy(other.path().join("keys.db"), &keys).unwrap();
    assert!(matches!(Store::open(folder.path(), master().into(), random()).await, Err(OpenError::OtherKeys)));
}
