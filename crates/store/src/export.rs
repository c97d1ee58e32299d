//! Everything that a search finds, chunk by chunk, at a memory that does not grow with it.

use flightbox_domain::{keys::Keys, page::Direction};

use crate::{
    Count, Search, Store, StoreError, Stored,
    codec::decode,
    walk::{Row, Walk},
};

/// Rows that are read at once.
const CHUNK: usize = 2_000;

/// All matches of a search at the time it was opened, newest first.
pub struct Export {
    store: Store,
    search: Search,
    /// What is stored later is left out, wherever in order it stands.
    as_of: i64,
    done: bool,
}

/// Rows of an export that nobody has decoded yet: that takes a processor, not the database.
pub struct Chunk {
    rows: Vec<(i64, i64, Vec<u8>)>,
    search: Search,
}

impl Store {
    /// Opens an export of a search, its cursor and limit aside.
    pub async fn export(&self, search: &Search) -> Result<Export, StoreError> {
        // Before a prefix's terms are looked up, so that none comes too late for them.
        let as_of = self.events();
        let search = Search { cursor: None, ..self.narrowed(search).await?.into_owned() };
        Ok(Export { as_of, store: self.clone(), search, done: false })
    }
}

impl Export {
    /// The keys of the log it is read from.
    pub fn keys(&self) -> &Keys {
        self.store.keys()
    }

    /// How many events it will have: exactly where the index can tell, else at least how many.
    pub async fn rows(&self) -> Result<Count, StoreError> {
        if !self.search.filter.is_exact() {
            return self.store.count(&self.search).await;
        }
        let expr = self.search.filter.at_most(self.store.keys(), &self.search.effective_scope());
        Ok(Count { value: self.store.count_all(&expr, self.search.window()).await?, exact: true })
    }

    /// The next rows; `None` at the end.
    pub async fn next(&mut self) -> Result<Option<Chunk>, StoreError> {
        if self.done {
            return Ok(None);
        }
        let expr = self.search.filter.at_most(self.store.keys(), &self.search.effective_scope());
        let range = self.search.window();
        let mut walk = Walk { expr: &expr, range, direction: Direction::Older };
        let mut rows = Vec::with_capacity(CHUNK);
        let (mut last, as_of) = (range.to, self.as_of);
        let seen = self
            .store
            .each(&walk, CHUNK, |Row { position, seq, body }| {
                last = position;
                if seq < as_of {
                    rows.push((position.0, seq, body.to_vec()));
                }
                Ok(())
            })
            .await?;
        walk.advance(last);
        (self.search.range, self.done) = (walk.range, seen < CHUNK);
        Ok(Some(Chunk { rows, search: self.search.clone() }))
    }
}

impl Chunk {
    /// The numbers of its matches.
    pub(crate) fn numbers(self) -> Result<Vec<i64>, StoreError> {
        if self.search.filter.is_exact() {
            return Ok(self.rows.into_iter().map(|(_, seq, _)| seq).collect());
        }
        Ok(self.decode()?.into_iter().map(|event| event.seq).collect())
    }

    /// Its matches, newest first.
    pub fn decode(self) -> Result<Vec<Stored>, StoreError> {
        let exact = self.search.filter.is_exact();
        let mut events = Vec::with_capacity(self.rows.len());
        for (position, seq, body) in self.rows {
            let event = decode(position, seq, &body)?;
            if exact || event.passes(&self.search.filter) {
                events.push(event);
            }
        }
        Ok(events)
    }
}
