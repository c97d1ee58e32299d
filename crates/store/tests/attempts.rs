//! Counting what was tried in vain.

use chrono::{DateTime, TimeDelta, Utc};
use flightbox_domain::{keys::Master, random::Random};
use flightbox_store::{Attempt, AttemptKey, Store};

const WINDOW: TimeDelta = TimeDelta::minutes(15);

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000 + seconds, 0).unwrap()
}

async fn open(folder: &tempfile::TempDir) -> Store {
    let master = Master::new([7; 32]).unwrap();
    Store::open(folder.path(), master.into(), Random::new(|bytes| bytes.fill(7))).await.unwrap()
}

/// Tries with two tries a window.
async fn attempt(store: &Store, key: AttemptKey, now: DateTime<Utc>) -> Attempt {
    store.attempt([key], WINDOW, now, |[taken]| (taken >= 2).then_some(0)).await.unwrap()
}

#[tokio::test]
async fn the_limit_holds_for_a_key_and_a_window_also_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder).await;
    let (a, b) = (store.attempt_key(&[b"a"]), store.attempt_key(&[b"b"]));
    assert_eq!(
        (attempt(&store, a, at(0)).await, attempt(&store, a, at(1)).await),
        (Attempt::Admitted, Attempt::Admitted)
    );
    assert_eq!(attempt(&store, a, at(2)).await, Attempt::Refused { until: at(900), first: true });
    store.close().await;
    let store = open(&folder).await;
    assert_eq!(attempt(&store, a, at(3)).await, Attempt::Refused { until: at(900), first: false });
    assert_eq!(attempt(&store, b, at(3)).await, Attempt::Admitted);
    assert_eq!(attempt(&store, a, at(900)).await, Attempt::Admitted);
    // A clock that was set back keeps nobody waiting.
    assert_eq!(attempt(&store, a, at(10_000)).await, Attempt::Admitted);
    assert_eq!(attempt(&store, a, at(10_000)).await, Attempt::Admitted);
    assert_eq!(attempt(&store, a, at(0)).await, Attempt::Admitted);
}

#[tokio::test]
async fn any_number_at_once_are_counted_and_what_went_well_does_not_count() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder).await;
    let key = store.attempt_key(&[b"a"]);
    for _ in 0..5 {
        assert_eq!(attempt(&store, key, at(0)).await, Attempt::Admitted);
        store.forgive_attempt(&[key]).await.unwrap();
    }
    store.forgive_attempt(&[key, store.attempt_key(&[b"unknown"])]).await.unwrap();
    let tries: Vec<_> = (0..20)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move { attempt(&store, key, at(0)).await })
        })
        .collect();
    let mut admitted = 0;
    for tried in tries {
        admitted += usize::from(tried.await.unwrap() == Attempt::Admitted);
    }
    assert_eq!(admitted, 2);
}

#[tokio::test]
async fn what_is_remembered_is_bounded_and_the_oldest_goes_first() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder).await;
    let key = |n: u32| store.attempt_key(&[&n.to_le_bytes()]);
    // Many keys at once: a transaction each would take long.
    for n in (0..10_000_u32).step_by(100) {
        let keys: [AttemptKey; 100] = std::array::from_fn(|at| key(n + at as u32));
        store.attempt(keys, WINDOW, at(i64::from(n > 0)), |_| None).await.unwrap();
    }
    let taken = async |n: u32| {
        let mut seen = 0;
        store
            .attempt([key(n)], WINDOW, at(2), |[taken]| {
                seen = taken;
                Some(0)
            })
            .await
            .unwrap();
        seen
    };
    assert_eq!(taken(0).await, 1, "the table is just full");
    store.attempt([key(10_000)], WINDOW, at(2), |_| None).await.unwrap();
    let kept = [taken(10_000).await, taken(9_999).await, taken(200).await];
    assert_eq!(kept, [1, 1, 1]);
    let mut first = 0;
    for n in 0..100 {
        first += taken(n).await;
    }
    assert!(first < 100, "one of those that began first is forgotten");
}
