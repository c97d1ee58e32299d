//! An append that is cut off leaves the tree and the events as they were, or as they are to be.

use std::{
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use sqlx::{AssertSqlSafe, Executor as _, SqliteConnection};

use super::*;

const FOLDER: &str = "TREE_CUT_FOLDER";

async fn connect(folder: &std::path::Path) -> SqliteConnection {
    SqliteConnectOptions::new().filename(folder.join("flightbox.db")).connect().await.unwrap()
}

#[tokio::test]
async fn a_write_that_fails_anywhere_in_an_append_leaves_the_old_tree_and_lets_it_grow_again() {
    let mut log = Fixture::open().await;
    let mut leaves = Vec::new();
    append(&log, &mut leaves, 300).await;
    let mut other = connect(log.folder()).await;
    for table in ["event_202611", "locator", "tree", "tally", "portion"] {
        for event in ["INSERT", "UPDATE"] {
            let trigger =
                format!("CREATE TRIGGER cut_{event} AFTER {event} ON {table} BEGIN SELECT RAISE(ABORT, 'cut'); END");
            other.execute(AssertSqlSafe(trigger)).await.unwrap();
        }
        // Lost, and lost again.
        for _ in 0..2 {
            assert!(log.append("billing", events(leaves.len(), 260)).await.is_err(), "{table}");
            assert_eq!(log.store.events(), leaves.len() as i64);
            holds(&log.store, &leaves).await;
        }
        log.reopen().await;
        holds(&log.store, &leaves).await;
        other.execute("DROP TRIGGER cut_INSERT").await.unwrap();
        other.execute("DROP TRIGGER cut_UPDATE").await.unwrap();
        // Landed, and sent again by somebody who did not hear of it.
        append(&log, &mut leaves, 260).await;
        let again = log.append("billing", events(leaves.len() - 260, 260)).await.unwrap();
        assert_eq!(again.duplicates, 260);
        assert_eq!(again.receipts[0].leaf, leaves[leaves.len() - 260], "a repeat gets the receipt that it got then");
        holds(&log.store, &leaves).await;
    }
}

/// What the process does that is killed: it appends without an end.
#[tokio::test]
async fn child() {
    let Ok(folder) = std::env::var(FOLDER) else { return };
    let store = Store::open(folder.as_ref(), common::master().into(), common::random()).await.unwrap();
    for n in 0.. {
        let submitted = events(n * 200, 200).map(|event| {
            let content = store.keys().content(event.to_json().to_string().as_bytes());
            flightbox_store::Submitted { event, content, received_at: common::now() }
        });
        let batch = store.prepare("billing", submitted.collect()).await.unwrap();
        store.append(batch).await.unwrap();
    }
}

#[tokio::test]
async fn a_process_killed_while_it_appends_leaves_whole_batches_and_their_tree() {
    let folder = tempfile::tempdir().unwrap();
    Store::open(folder.path(), common::master().into(), common::random()).await.unwrap().close().await;
    let mut earlier = (0, NodeHash::empty());
    for round in 0..12u64 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "cut::child"])
            .env(FOLDER, folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut watch = connect(folder.path()).await;
        let count = "SELECT count(*) FROM event_202611";
        // It starts with what is there already, so it is let go on until there is more, and then a little.
        let until = Instant::now() + Duration::from_secs(60);
        while sqlx::query_scalar::<_, i64>(count).fetch_one(&mut watch).await.unwrap_or(0) <= earlier.0 {
            assert!(child.try_wait().unwrap().is_none() && Instant::now() < until, "nothing was appended");
            tokio::time::sleep(Duration::from_micros(500)).await;
        }
        tokio::time::sleep(Duration::from_micros(700 * round)).await;
        child.kill().unwrap();
        child.wait().unwrap();
        drop(watch);

        let store = Store::open(folder.path(), common::master().into(), common::random()).await.unwrap();
        let size = store.events();
        assert_eq!(size % 200, 0, "a batch was cut");
        let mut leaves = Vec::new();
        for index in 0..Tile::count(0, size as u64).div_ceil(WIDTH) {
            let tile = Tile::within(0, index, size as u64).unwrap();
            let hashes = store.tile(tile, size as u64).await.unwrap().unwrap();
            leaves.extend(hashes.into_iter().map(|hash| LeafHash(hash.0)));
        }
        holds(&store, &leaves).await;
        if earlier.0 > 0 {
            let proof = store.consistency(earlier.0 as u64, size as u64).await.unwrap().unwrap();
            verify_consistency(earlier.0 as u64, earlier.1, size as u64, root(&leaves), &proof).unwrap();
        }
        earlier = (size, root(&leaves));
        store.close().await;
    }
}
