//! Looking through a log: whatever is altered in the database is found, and the first event that it concerns is named.

#[path = "../common/mod.rs"]
mod common;

use std::{fs, path::Path};

use chrono::{DateTime, Utc};
use common::{Dice, Fixture, parsed};
use flightbox_domain::{keys::Master, page::Position, record::LeafHash, tree::NodeHash};
use flightbox_event::Event;
use flightbox_store::{Audit, Audited, DamageKind, StoreError};
use sqlx::{AssertSqlSafe, ConnectOptions, Executor as _, SqliteConnection, sqlite::SqliteConnectOptions};

const EVENTS: usize = 600;
/// How many times the log is altered.
const DAMAGES: usize = 200;

fn event(n: usize) -> Event {
    let day = 1 + n % 28;
    parsed(&format!(r#"{{"actor":"a{n}","action":"read","occurred_at":"2026-{:02}-{day:02}T12:00:00Z"}}"#, 1 + n % 3))
}

async fn audit(folder: &Path, sizes: &[u64]) -> Result<Audited, StoreError> {
    let mut audit = Audit::open(folder, &common::master().into()).await.unwrap();
    audit.verify(sizes, |_, _| ()).await
}

async fn connect(folder: &Path) -> SqliteConnection {
    SqliteConnectOptions::new().filename(folder.join("flightbox.db")).connect().await.unwrap()
}

#[tokio::test]
async fn a_whole_log_is_found_whole_beside_its_owner_and_its_roots_are_those_of_the_tree() {
    let mut log = Fixture::open().await;
    assert_eq!(audit(log.folder(), &[0]).await.unwrap().roots, [Some(NodeHash::empty())]);
    for batch in 0..3 {
        log.append("billing", (batch * 300..batch * 300 + 300).map(event)).await.unwrap();
        // Beside a store that is open, and after it was closed.
        let size = log.store.events().cast_unsigned();
        let mut told = Vec::new();
        let mut looked = Audit::open(log.folder(), &common::master().into()).await.unwrap();
        let audited = looked.verify(&[17, size, size + 1], |done, of| told.push((done, of))).await.unwrap();
        let roots = vec![Some(log.store.root(17).await.unwrap()), Some(log.store.root(size).await.unwrap()), None];
        assert_eq!(audited, Audited { events: size, removed: 0, roots, damage: None });
        assert_eq!(told.last(), Some(&(size, size)));
        log.reopen().await;
    }
    assert!(
        Audit::open(log.folder(), &Master::new([2; 32]).unwrap().into()).await.is_err(),
        "T6: nothing passes unread"
    );
}

/// What an event is stored as.
struct Row {
    table: String,
    position: i64,
    body: Vec<u8>,
}

async fn row(connection: &mut SqliteConnection, seq: usize) -> Row {
    for month in 1..=3 {
        let table = format!("event_2026{month:02}");
        let sql = format!("SELECT position, body FROM {table} WHERE seq = {seq}");
        if let Some((position, body)) =
            sqlx::query_as(AssertSqlSafe(sql)).fetch_optional(&mut *connection).await.unwrap()
        {
            return Row { table, position, body };
        }
    }
    panic!("no row of {seq}");
}

async fn set(connection: &mut SqliteConnection, row: &Row, body: &[u8]) {
    let sql = format!("UPDATE {} SET body = ? WHERE position = {}", row.table, row.position);
    sqlx::query(AssertSqlSafe(sql)).bind(body).execute(connection).await.unwrap();
}

async fn run(connection: &mut SqliteConnection, sql: String) {
    assert!(connection.execute(AssertSqlSafe(sql.clone())).await.unwrap().rows_affected() > 0, "{sql}");
}

/// Exchanges two leaf hashes.
async fn swap_leaves(connection: &mut SqliteConnection, a: usize, b: usize) {
    let [first, second] = [a, b].map(|seq| (seq / 127, seq % 127 * 32));
    let mut rows: Vec<Vec<u8>> = sqlx::query_scalar("SELECT hashes FROM tree WHERE row < 100 ORDER BY row")
        .fetch_all(&mut *connection)
        .await
        .unwrap();
    for at in 0..32 {
        let (x, y) = (rows[first.0][first.1 + at], rows[second.0][second.1 + at]);
        rows[first.0][first.1 + at] = y;
        rows[second.0][second.1 + at] = x;
    }
    for block in [first.0, second.0] {
        let update = sqlx::query("UPDATE tree SET hashes = ? WHERE row = ?").bind(&rows[block]).bind(block as i64);
        update.execute(&mut *connection).await.unwrap();
    }
}

/// Alters something; the first event that it concerns.
async fn damage(connection: &mut SqliteConnection, dice: &mut Dice) -> (String, usize) {
    let (a, b) = (dice.below(EVENTS), dice.below(EVENTS - 1));
    let b = if b >= a { b + 1 } else { b };
    let (one, two) = (row(connection, a).await, row(connection, b).await);
    let Row { table, position, body } = &one;
    match dice.below(11) {
        0 => {
            set(connection, &one, &two.body).await;
            (format!("{a} says what {b} does"), a)
        }
        1 => {
            let mut body = body.clone();
            body.truncate(body.len() / 2);
            set(connection, &one, &body).await;
            (format!("{a} is cut"), a)
        }
        2 => {
            run(connection, format!("DELETE FROM {table} WHERE position = {position}")).await;
            (format!("{a} is deleted"), a)
        }
        3 => {
            set(connection, &one, &two.body).await;
            set(connection, &two, body).await;
            (format!("{a} and {b} are swapped"), a.min(b))
        }
        4 => {
            run(connection, format!("UPDATE {table} SET position = position - 12345678 WHERE seq = {a}")).await;
            (format!("{a} is backdated"), a)
        }
        5 => {
            // At its place, but said to have been moved there from a later time.
            let mut body = body.clone();
            let bits = body.pop().unwrap();
            body.extend((-3_600_000_i64).to_le_bytes());
            body.push(bits | 1 << 7);
            set(connection, &one, &body).await;
            (format!("{a} is said to be of an hour later"), a)
        }
        6 => {
            run(
                connection,
                format!("INSERT INTO {table} SELECT position + 7654321, seq, body FROM {table} WHERE seq = {a}"),
            )
            .await;
            (format!("{a} stands there twice"), a)
        }
        7 => {
            let block = a / 256;
            run(connection, format!("DELETE FROM locator WHERE block = {block}")).await;
            (format!("block {block} of the locator is deleted"), block * 256)
        }
        8 => {
            swap_leaves(connection, a, b).await;
            (format!("the leaves of {a} and {b} are swapped"), a.min(b))
        }
        9 => {
            let block = a / 127;
            run(connection, format!("DELETE FROM tree WHERE row = {block}")).await;
            (format!("row {block} of the leaves is deleted"), block * 127)
        }
        _ => {
            let tile = dice.below(EVENTS / 256);
            let bytes = format!("substr(hashes, 1, {0}) || zeroblob(32) || substr(hashes, {0} + 33)", tile * 32);
            run(connection, format!("UPDATE tree SET hashes = CAST({bytes} AS BLOB) WHERE row = 1 << 40")).await;
            (format!("the hash over tile {tile} is another"), tile * 256)
        }
    }
}

#[tokio::test]
async fn t1_each_alteration_of_the_database_is_found_and_the_first_event_that_it_concerns_is_named() {
    let log = Fixture::open().await;
    log.append("billing", (0..EVENTS).map(event)).await.unwrap();
    let folder = log.close().await;
    let [database, sound] = ["flightbox.db", "sound.db"].map(|name| folder.path().join(name));
    fs::copy(&database, &sound).unwrap();
    let mut dice = Dice(0x5eed);
    for round in 0..DAMAGES {
        let mut connection = connect(folder.path()).await;
        let (what, first) = damage(&mut connection, &mut dice).await;
        sqlx::Connection::close(connection).await.unwrap();
        let found = audit(folder.path(), &[EVENTS as u64]).await.unwrap().damage;
        let found = found.unwrap_or_else(|| panic!("round {round}: {what}, and nothing was found"));
        assert_eq!(found.first, first as u64, "round {round}: {what}, and found was {found:?}");
        for name in ["flightbox.db-wal", "flightbox.db-shm"] {
            let _ = fs::remove_file(folder.path().join(name));
        }
        fs::copy(&sound, &database).unwrap();
    }
    assert_eq!(audit(folder.path(), &[]).await.unwrap().damage, None, "the copy is sound");
}

#[tokio::test]
async fn a_row_far_behind_all_others_hides_no_alteration_and_is_not_walked_to() {
    for planted in [
        "locator VALUES (1 << 50, x'00')",
        "locator VALUES (1 << 50, x'')",
        "locator VALUES (1 << 56, x'00')",
        "tree VALUES ((1 << 40) - 1, zeroblob(32))",
    ] {
        let log = Fixture::open().await;
        // Whole blocks: nothing of the row is in the last of them.
        log.append("billing", (0..512).map(event)).await.unwrap();
        let mut other = connect(log.folder()).await;
        run(&mut other, format!("INSERT INTO {planted}")).await;
        assert!(audit(log.folder(), &[]).await.unwrap().damage.is_some(), "{planted}");
        let altered = row(&mut other, 5).await;
        set(&mut other, &altered, b"nothing that was ever packed").await;
        assert_eq!(audit(log.folder(), &[]).await.unwrap().damage.expect(planted).first, 5, "{planted}");
    }
}

#[tokio::test]
async fn a_damage_lies_between_the_times_of_the_events_around_it() {
    let log = Fixture::open().await;
    log.append("billing", (0..20).map(event)).await.unwrap();
    let mut other = connect(log.folder()).await;
    run(&mut other, "DELETE FROM event_202601 WHERE seq = 0 OR seq = 3".to_owned()).await;
    let damage = audit(log.folder(), &[]).await.unwrap().damage.unwrap();
    assert_eq!((damage.first, damage.last, damage.places), (0, 3, 2));
    assert_eq!(damage.kind, DamageKind::Missing);
    let received: DateTime<Utc> = Position::floor(common::now());
    assert_eq!((damage.after, damage.before), (None, Some(received)));
}

#[tokio::test]
async fn a_proof_is_made_from_the_tree_alone() {
    let log = Fixture::open().await;
    let appended = log.append("billing", (0..EVENTS).map(event)).await.unwrap();
    let leaf: LeafHash = appended.receipts[257].leaf;
    let mut audit = Audit::open(log.folder(), &common::master().into()).await.unwrap();
    let size = EVENTS as u64;
    let proof = audit.inclusion(257, size).await.unwrap().unwrap();
    let root = log.store.root(size).await.unwrap();
    flightbox_domain::tree::verify_inclusion(leaf, 257, size, &proof, root).unwrap();
    assert_eq!(audit.inclusion(size, size).await.unwrap(), None);
}

#[tokio::test]
async fn the_index_follows_from_the_record_of_an_event_with_more_terms_than_it_may_have_whatever_their_order() {
    let log = Fixture::open().await;
    let words: Vec<_> = (0..300).map(|n| format!("w{n}")).collect();
    // Written down, the members stand the other way round.
    let event = format!(r#"{{"actor":"a","action":"x","details":{{"b":"{}","a":"early words"}}}}"#, words.join(" "));
    log.store.record("flightbox", parsed(&event), common::now()).await.unwrap();
    log.append("billing", [parsed(&event)]).await.unwrap();
    let mut audit = Audit::open(log.folder(), &common::master().into()).await.unwrap();
    assert_eq!(audit.derived().await.unwrap(), [""; 0]);
}

#[tokio::test]
async fn an_index_and_counts_that_do_not_follow_from_the_records_are_told_by_their_name() {
    let mut log = Fixture::open().await;
    log.append("billing", (0..EVENTS).map(event)).await.unwrap();
    // Values beyond those that are told apart are counted together.
    let many =
        |n: usize| parsed(&format!(r#"{{"actor":"a","action":"act.{n}","occurred_at":"2026-02-01T12:00:00Z"}}"#));
    log.append("identity", (0..2_100).map(many)).await.unwrap();
    log.reopen().await;
    let mut audit = Audit::open(log.folder(), &common::master().into()).await.unwrap();
    assert_eq!(audit.derived().await.unwrap(), [""; 0]);

    let mut connection = connect(log.folder()).await;
    let row = row(&mut connection, 7).await;
    let month = row.table.strip_prefix("event_").unwrap();
    let position = row.position;
    for (change, back, wrong) in [
        (
            format!("INSERT INTO term_{month} (rowid, t) VALUES ({position}, 'foreign')"),
            None,
            format!("the index of 2026-{}", &month[4..]),
        ),
        (
            "UPDATE tally SET count = count + 1 WHERE span = 1".to_owned(),
            Some("UPDATE tally SET count = count - 1 WHERE span = 1"),
            "the counts".to_owned(),
        ),
        (
            "INSERT INTO tally SELECT span, 999999, source, value, 1 FROM tally LIMIT 1".to_owned(),
            Some("DELETE FROM tally WHERE start = 999999"),
            "the counts".to_owned(),
        ),
        (
            "UPDATE tally_value SET value = value || 'x' WHERE facet = 'action' AND value = 'act.7'".to_owned(),
            None,
            "the counts".to_owned(),
        ),
    ] {
        run(&mut connection, change).await;
        assert!(audit.derived().await.unwrap().contains(&wrong), "{wrong}");
        if let Some(back) = back {
            run(&mut connection, back.to_owned()).await;
            assert!(!audit.derived().await.unwrap().contains(&wrong));
        }
    }
}
