//! Which keys there are, for an admin.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use flightbox_domain::{
    filter::Filter,
    page::Range,
    query::{Key, Qualifier, Query},
    record::hex,
    scope::SELF_SOURCE,
};
use flightbox_event::Outcome;
use flightbox_store::{Search, SessionKeyRow, Store, Stored};
use leptos::prelude::use_context;

use super::zone;
use crate::{
    context::{self, Person},
    error::AppError,
    pages::keys::{KeysShown, MasterFrom},
    parts::stamp::Stamp,
};

/// How many of the last changes of the master key are looked into: those that failed are passed over.
const CHANGES: usize = 16;

/// Counts the keys.
pub async fn read() -> Result<KeysShown, AppError> {
    let person = context::admin()?;
    let (store, now) = (context::store()?, context::now()?);
    let from =
        use_context::<MasterFrom>().ok_or_else(|| context::failed("nobody says where the master key is from"))?;
    let counts = store.key_counts().await.map_err(context::unanswered)?;
    let sessions = store.session_keys().await.map_err(context::unanswered)?;
    let stamp = |at: DateTime<Utc>| zone::stamp(at, Tz::UTC, now);
    let standing = |key: &&SessionKeyRow| !key.revoked;
    Ok(KeysShown {
        fingerprint: hex(&counts.master),
        from,
        changed: changed(&store, &person, now).await?,
        elsewhere: counts.elsewhere.unsigned_abs(),
        in_use: counts.in_use.unsigned_abs(),
        made: counts.oldest.map(stamp).zip(counts.newest.map(stamp)),
        erased: counts.erased.unsigned_abs(),
        last_erased: counts.last_erased.map(stamp),
        session: sessions.first().map(|key| (key.number, stamp(key.created_at))),
        verifying: sessions.iter().skip(1).filter(standing).count() as u64,
    })
}

/// The last change of the master key that the record of access has.
async fn changed(store: &Store, person: &Person, now: DateTime<Utc>) -> Result<Option<(Stamp, String, i64)>, AppError> {
    let is = |key: Key, text: &str| Qualifier::equals(key, text).map(Query::Is).map_err(context::failed);
    let query = is(Key::Source, SELF_SOURCE)?.and(is(Key::Action, "master-key.rotate")?);
    let search = Search {
        filter: Filter::new(&query, store.keys(), now, Tz::UTC),
        scope: person.scope(true),
        range: Range::ALL,
        cursor: None,
        from_oldest: false,
        limit: CHANGES,
    };
    let found = store.search(&search).await.map_err(context::unanswered)?.events;
    let done = found.into_iter().find(|event| event.record.event.outcome == Outcome::Success);
    Ok(done.map(|Stored { seq, position, record, .. }| {
        (zone::stamp(position.time(), Tz::UTC, now), record.event.actor.id, seq)
    }))
}
