//! Events and their proofs in the order of the tree.

use flightbox_domain::{evidence::Contents, page::Range, query::Query, record::LeafHash, tree::Series};
use flightbox_event::Event;
use flightbox_store::StoreError;

use super::common::{Fixture, parsed};

/// Of several months, each event later in the tree than in time.
fn events(count: usize) -> impl Iterator<Item = Event> {
    (0..count).map(|n| {
        let (month, day) = (11 - n % 5, 1 + n % 20);
        parsed(&format!(
            r#"{{"id":"e{n}","actor":"alice","action":"read","occurred_at":"2026-{month:02}-{day:02}T10:00:00Z",
                "details":{{"text":"wrong{} password","n":{n}}}}}"#,
            if n % 3 == 0 { "" } else { "ish" }
        ))
    })
}

#[tokio::test]
async fn what_a_search_finds_is_read_and_proved_in_the_order_of_the_tree() {
    let log = Fixture::open().await;
    let events: Vec<_> = events(2_300).collect();
    let mut leaves = Vec::new();
    for batch in events.chunks(500) {
        leaves.extend(log.append("billing", batch.to_vec()).await.unwrap().receipts.iter().map(|receipt| receipt.leaf));
    }
    let (store, size) = (&log.store, leaves.len() as u64);
    let root = store.root(size).await.unwrap();
    // By the index alone, and by records that have to be looked at.
    for (query, step) in [("actor:alice", 1), ("\"wrong password\"", 3)] {
        let search = log.request(&Query::parse(query).unwrap(), Range::ALL, None, 1);
        let find = || store.export(&search);
        let numbers = find().await.unwrap().numbers(2_300).await.unwrap().unwrap();
        assert_eq!(numbers, (0..2_300).step_by(step).collect::<Vec<_>>(), "{query}");
        let found = numbers.len();
        assert_eq!(find().await.unwrap().numbers(found - 1).await.unwrap(), None, "one too many");

        let mut told = Contents::new(0, [].into_iter());
        store.add_contents(&numbers, &mut told).await.unwrap();
        let (mut contents, mut series) = (Contents::new(0, [].into_iter()), Series::new(size, root));
        let mut proving = store.proving(size, root);
        for chunk in numbers.chunks(700) {
            for event in store.records(chunk).await.unwrap().decode().unwrap() {
                let (seq, leaf) = (event.seq.cast_unsigned(), event.leaf(store.keys()));
                assert_eq!(leaf, leaves[seq as usize]);
                let proof = proving.prove(event.seq, leaf).await.unwrap();
                series.accept(leaf, seq, &proof).unwrap();
                contents.push(seq, leaf);
            }
        }
        assert_eq!((contents.events(), contents.finish()), (found as u64, told.finish()));
    }
}

#[tokio::test]
async fn what_is_not_there_or_is_another_is_not_proved() {
    let log = Fixture::open().await;
    log.append("billing", events(300)).await.unwrap();
    let root = log.store.root(300).await.unwrap();
    let missing = log.store.records(&[3, 299, 300]).await.err().unwrap();
    assert!(matches!(missing, StoreError::Corrupt { table: "event", .. }), "{missing}");
    let altered = log.store.proving(300, root).prove(7, LeafHash([0; 32])).await.err().unwrap();
    assert!(matches!(altered, StoreError::Corrupt { table: "tree", .. }), "{altered}");
    let other = log.store.proving(299, root).prove(7, log.store.leaf_hash(7).await.unwrap()).await.err().unwrap();
    assert!(matches!(other, StoreError::Corrupt { table: "tree", .. }), "{other}");
}
