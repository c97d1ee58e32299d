//! Events on their way in: masked, sealed, recorded. And sealed values on their way out.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use flightbox_domain::{
    keys::{DataKey, Master, Unreadable},
    page::Position,
    record::Record,
    rules::{Found, Rules},
    scope::Scope,
    seal::{Place, Seal},
    terms::{detail_digest, scalars},
};
use flightbox_event::{Event, Json, mask};

use crate::{AppendError, Erased, Prepared, RewrapError, Store, StoreError, Stored, vault::SubjectDigest};

/// An event as it was submitted.
#[derive(Clone, Debug)]
pub struct Submitted {
    /// The event.
    pub event: Event,
    /// A digest of what was submitted, by which a repeat is told from a conflict.
    pub content: [u8; 8],
    /// When it was received.
    pub received_at: DateTime<Utc>,
}

/// What became of a sealed value that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Revealed {
    /// The value.
    Value(Json),
    /// Its key was destroyed.
    Erased,
    /// It does not open: the record or its key was altered.
    Broken,
}

/// An event whose secrets are masked and whose sensitive values are taken out, but not sealed yet.
struct Opened {
    record: Record,
    content: [u8; 8],
    found: Vec<(Found, SubjectDigest)>,
}

impl Store {
    /// Masks events, seals what their rules and they themselves say, and makes their records ready to be appended.
    ///
    /// # Errors
    /// [`AppendError::Failed`] where a key cannot be made: nothing is sealed under a key that is not on disk.
    pub async fn prepare(&self, source: &str, events: Vec<Submitted>) -> Result<Vec<Prepared>, AppendError> {
        let (store, source, rules) = (self.clone(), source.to_owned(), self.rules());
        // It keeps a thread busy for a while.
        let prepare = move || {
            let open = |submitted| store.open_up(&rules, &source, submitted);
            let opened: Vec<_> = events.into_iter().map(open).collect();
            let subjects: HashSet<_> =
                opened.iter().flat_map(|event| &event.found).map(|(_, subject)| *subject).collect();
            let now = opened.first().map(|event| event.record.received_at).unwrap_or_default();
            let keys = match subjects.is_empty() {
                true => HashMap::new(),
                false => {
                    tokio::runtime::Handle::current().block_on(store.shared.vault.keys_for(&source, subjects, now))?
                }
            };
            opened.into_iter().map(|event| store.seal(event, &keys)).collect::<Result<Vec<_>, StoreError>>()
        };
        let failed = |error: &dyn std::fmt::Display| AppendError::Failed(error.to_string());
        match tokio::task::spawn_blocking(prepare).await {
            Ok(prepared) => prepared.map_err(|error| failed(&error)),
            Err(error) => Err(failed(&error)),
        }
    }

    fn open_up(&self, rules: &Rules, source: &str, submitted: Submitted) -> Opened {
        let Submitted { mut event, content, received_at } = submitted;
        mask(&mut event);
        let found = rules.apply(&mut event, source).sealed;
        // As fine as positions are: more digits of our own clock would tell nothing, and take room in every record.
        let received_at = Position::floor(received_at);
        event.occurred_at.get_or_insert(received_at);
        let subject = |found: Found| {
            let subject = found.subject.as_deref().unwrap_or(&event.actor.id);
            let digest = self.keys().subject(source, subject);
            (found, digest)
        };
        let found = found.into_iter().map(subject).collect();
        let record = Record { received_at, source: source.to_owned(), rules: rules.version, event, seals: Vec::new() };
        Opened { record, content, found }
    }

    fn seal(&self, opened: Opened, keys: &HashMap<SubjectDigest, (i64, DataKey)>) -> Result<Prepared, StoreError> {
        let Opened { mut record, content, found } = opened;
        if !found.is_empty() {
            let binding = record.binding();
            let seal = |(found, subject): &(Found, SubjectDigest)| {
                // The value was taken out of the event: without its key it would be lost.
                let (number, key) = keys.get(subject).ok_or_else(|| keyless(found))?;
                let lookup = found.searchable.then(|| self.digest_of(&record, found)).flatten();
                Ok::<_, StoreError>(Seal::new(found, (*number, key), lookup, binding, &self.shared.random))
            };
            record.seals = found.iter().map(seal).collect::<Result<_, _>>()?;
        }
        Ok(Prepared::new(record, content, self.keys()))
    }

    /// What a sealed value is known by: one that is a scalar inside the details.
    fn digest_of(&self, record: &Record, found: &Found) -> Option<[u8; 8]> {
        let path = found.place.detail_path(&record.event)?;
        let mut digest = None;
        scalars(&found.value, |inside, text| {
            if inside.is_empty() {
                digest = Some(detail_digest(self.keys(), &path, text));
            }
        });
        digest
    }

    /// Whether the key of a sealed value was destroyed.
    pub fn is_erased(&self, seal: &Seal) -> bool {
        self.shared.vault.is_erased(seal.key)
    }

    /// Opens sealed values of an event. Whoever calls this has checked that they may be seen, and recorded it.
    pub async fn reveal(&self, stored: &Stored) -> Result<Vec<(Place, Revealed)>, StoreError> {
        let binding = stored.record.binding();
        let mut revealed = Vec::with_capacity(stored.record.seals.len());
        for seal in &stored.record.seals {
            let value = match self.shared.vault.key(seal.key).await? {
                None => Revealed::Erased,
                Some(key) => match seal.open(&key, binding) {
                    Ok(value) => Revealed::Value(value),
                    Err(Unreadable) => Revealed::Broken,
                },
            };
            revealed.push((seal.place.clone(), value));
        }
        Ok(revealed)
    }

    /// The same of many events, for each key is asked for once: what of each became what.
    pub async fn reveal_each(&self, events: &[Stored]) -> Result<Vec<Vec<(Place, Revealed)>>, StoreError> {
        let numbers: HashSet<i64> = events.iter().flat_map(|event| &event.record.seals).map(|seal| seal.key).collect();
        let mut keys = HashMap::with_capacity(numbers.len());
        for number in numbers {
            keys.insert(number, self.shared.vault.key(number).await?);
        }
        let open = |event: &Stored| {
            let binding = event.record.binding();
            let value = |seal: &Seal| match keys.get(&seal.key).and_then(Option::as_ref) {
                None => Revealed::Erased,
                Some(key) => seal.open(key, binding).map_or(Revealed::Broken, Revealed::Value),
            };
            event.record.seals.iter().map(|seal| (seal.place.clone(), value(seal))).collect()
        };
        Ok(events.iter().map(|event| if event.record.seals.is_empty() { Vec::new() } else { open(event) }).collect())
    }

    /// In how many sources of a scope a subject has sealed values that can still be revealed.
    pub async fn can_be_erased(&self, scope: &Scope, subject: &str) -> Result<usize, StoreError> {
        Ok(self.keys_in_use(scope, subject).await?.len())
    }

    /// The numbers of the keys that a subject's values are sealed under in the sources of a scope.
    pub(crate) async fn keys_in_use(&self, scope: &Scope, subject: &str) -> Result<Vec<i64>, StoreError> {
        self.shared.vault.in_use(&self.digests(scope, subject).await?).await
    }

    /// Destroys the keys that a subject's values are sealed under in the sources of a scope, for good; tells how many
    /// there were, or `None` where nothing was done because rules or holds changed since
    /// [`retention_changes`](Store::retention_changes) told `changes`. It goes on to its end though nobody waits for it
    /// any more: half of it would leave the key in use.
    pub async fn erase(
        &self,
        scope: &Scope,
        subject: &str,
        (by, reason): (&str, &str),
        now: DateTime<Utc>,
        changes: u64,
    ) -> Result<Option<usize>, StoreError> {
        let (store, subjects) = (self.clone(), self.digests(scope, subject).await?);
        let (by, reason) = (by.to_owned(), reason.to_owned());
        let erasing = tokio::spawn(async move {
            // While it is held no hold is set.
            let _writing = store.writing().await;
            if store.retention_changes() != changes {
                return Ok(None);
            }
            store.shared.vault.erase(&subjects, &by, &reason, now).await.map(Some)
        });
        erasing.await.unwrap_or_else(|error| Err(StoreError::Sql(sqlx::Error::Io(error.into()))))
    }

    /// The erasures of a subject in the sources of a scope, newest first.
    pub async fn erasures(&self, scope: &Scope, subject: &str) -> Result<Vec<Erased>, StoreError> {
        self.shared.vault.erasures(&self.digests(scope, subject).await?).await
    }

    async fn digests(&self, scope: &Scope, subject: &str) -> Result<Vec<SubjectDigest>, StoreError> {
        let sources = self.shared.vault.sources().await?.into_iter().filter(|source| scope.allows(source));
        Ok(sources.map(|source| self.keys().subject(&source, subject)).collect())
    }

    /// Wraps all keys with another master key, while everything goes on; tells how many it wrapped. Cut off anywhere, it
    /// is called again and goes on.
    ///
    /// # Errors
    /// [`RewrapError::Unfinished`] where a change to another one still than this was begun and has not ended.
    pub async fn rewrap(&self, master: Master) -> Result<u64, RewrapError> {
        self.shared.vault.rewrap(master).await
    }
}

fn keyless(found: &Found) -> StoreError {
    StoreError::Corrupt { table: "data_key", row: found.kind.clone(), why: "was not made".to_owned() }
}
