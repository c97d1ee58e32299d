//! The tree beside the events: it grows with them, in the same transaction, and never loses a leaf.

#[path = "../common/mod.rs"]
mod common;

mod cut;
mod evidence;

use common::{Fixture, parsed};
use flightbox_domain::{
    record::LeafHash,
    tree::{self, NodeHash, Tile, WIDTH, verify_consistency, verify_inclusion},
};
use flightbox_event::Event;
use flightbox_store::{OpenError, Store, StoreError};
use sqlx::{ConnectOptions, sqlite::SqliteConnectOptions};

fn events(from: usize, count: usize) -> impl Iterator<Item = Event> {
    (from..from + count).map(|n| parsed(&format!(r#"{{"id":"e{n}","actor":"alice","action":"read"}}"#)))
}

async fn append(log: &Fixture, leaves: &mut Vec<LeafHash>, count: usize) {
    let appended = log.append("billing", events(leaves.len(), count)).await.unwrap();
    leaves.extend(appended.receipts.iter().map(|receipt| receipt.leaf));
}

/// The root of leaves by the recursion that RFC 6962 states, which shares nothing with how the store does it.
fn root(leaves: &[LeafHash]) -> NodeHash {
    match leaves {
        [] => NodeHash::empty(),
        [leaf] => (*leaf).into(),
        _ => {
            let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
            NodeHash::above(root(left), root(right))
        }
    }
}

/// Everything that the store proves holds of these leaves.
async fn holds(store: &Store, leaves: &[LeafHash]) {
    let size = leaves.len() as u64;
    let whole = root(leaves);
    assert_eq!(store.root(size).await.unwrap(), whole, "the root of {size}");
    for index in [0, size / 3, size / 2, size - 1] {
        let proof = store.inclusion(index, size).await.unwrap().unwrap();
        verify_inclusion(leaves[index as usize], index, size, &proof, whole).unwrap();
        let old = index + 1;
        let proof = store.consistency(old, size).await.unwrap().unwrap();
        verify_consistency(old, root(&leaves[..old as usize]), size, whole, &proof).unwrap();
    }
}

#[tokio::test]
async fn it_grows_with_every_batch_and_goes_on_after_a_restart() {
    let mut log = Fixture::open().await;
    let mut leaves = Vec::new();
    // Sizes at, before and behind the ends of rows (127) and of tiles (256), and of both (32,512).
    for size in [1, 2, 126, 127, 128, 254, 255, 256, 257, 508, 512, 513, 1_500, 12_700, 32_511, 32_512, 32_513, 33_000]
    {
        let more = size - leaves.len();
        append(&log, &mut leaves, more).await;
        holds(&log.store, &leaves).await;
        log.reopen().await;
    }
    let (old, size) = (513, leaves.len() as u64);
    assert_eq!(log.store.root(old).await.unwrap(), root(&leaves[..513]), "earlier roots stay what they were");
    assert_eq!(log.store.inclusion(size, size).await.unwrap(), None);
    assert_eq!(log.store.consistency(0, size).await.unwrap(), None);
    assert_eq!(log.store.consistency(size + 1, size).await.unwrap(), None);
}

#[tokio::test]
async fn a_tile_is_what_the_hashes_below_it_say() {
    let log = Fixture::open().await;
    let mut leaves = Vec::new();
    append(&log, &mut leaves, 700).await;
    let all: Vec<_> = leaves.iter().copied().map(NodeHash::from).collect();
    for index in 0..3 {
        let tile = Tile::within(0, index, 700).unwrap();
        let first = tile.first() as usize;
        let hashes = log.store.tile(tile, 700).await.unwrap().unwrap();
        assert_eq!(hashes, all[first..first + tile.width()]);
    }
    let above = log.store.tile(Tile::within(1, 0, 700).unwrap(), 700).await.unwrap().unwrap();
    assert_eq!(above, all[..512].chunks(WIDTH as usize).map(|tile| NodeHash::over(tile).unwrap()).collect::<Vec<_>>());
    assert_eq!(log.store.tile(Tile::within(0, 2, 768).unwrap(), 700).await.unwrap(), None);
    assert_eq!(tree::root_tiles(700).len(), 2);
}

#[tokio::test]
async fn a_thousand_events_write_a_handful_of_rows() {
    let log = Fixture::open().await;
    let mut leaves = Vec::new();
    append(&log, &mut leaves, 1_000).await;
    common::sql(log.folder(), "CREATE TABLE noted (row)").await;
    common::sql(log.folder(), "CREATE TRIGGER note AFTER INSERT ON tree BEGIN INSERT INTO noted VALUES (new.row); END")
        .await;
    append(&log, &mut leaves, 1_000).await;
    let rows = log.ask("SELECT count(*) FROM noted").await;
    assert!((9..=11).contains(&rows), "{rows}");
}

#[tokio::test]
async fn the_tree_takes_little_more_room_than_its_leaves() {
    let log = Fixture::open().await;
    let mut leaves = Vec::new();
    for _ in 0..6 {
        append(&log, &mut leaves, 10_000).await;
    }
    let pages = log.ask("SELECT sum(pgsize) FROM dbstat WHERE name = 'tree' AND aggregate = TRUE").await;
    let each = pages as f64 / leaves.len() as f64;
    assert!(each <= 32.7, "{each} bytes an event");
}

#[tokio::test]
async fn a_tree_that_does_not_end_where_the_events_do_is_refused() {
    for damage in [
        "DELETE FROM tree WHERE row = 0",
        "DELETE FROM tree WHERE row = 5",
        "UPDATE tree SET hashes = substr(hashes, 1, length(hashes) - 32) WHERE row = 5",
        "UPDATE tree SET hashes = zeroblob(length(hashes) + 32) WHERE row = 5",
        "INSERT INTO tree VALUES (6, zeroblob(32))",
        "DELETE FROM tree WHERE row = 1 << 40",
        "INSERT INTO tree VALUES (2 << 40, zeroblob(32))",
    ] {
        let log = Fixture::open().await;
        append(&log, &mut Vec::new(), 700).await;
        let folder = log.close().await;
        common::sql(folder.path(), damage).await;
        let opened = Store::open(folder.path(), common::master().into(), common::random()).await;
        // What is not at the edge is for proofs and for verification to find.
        let Ok(store) = opened else {
            let Err(OpenError::Store(StoreError::Corrupt { table: "tree", .. })) = opened else { panic!("{damage}") };
            continue;
        };
        assert_eq!(damage, "DELETE FROM tree WHERE row = 0");
        let refused = store.inclusion(0, 700).await;
        assert!(matches!(refused, Err(StoreError::Corrupt { table: "tree", .. })), "{refused:?}");
        store.close().await;
    }
}
