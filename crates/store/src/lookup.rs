//! Events by what addresses them: sequence numbers and producers' ids, neither of which the index knows.

use std::borrow::Cow;

use flightbox_domain::{
    page::{Position, Range},
    scope::Scope,
};
use sqlx::{AssertSqlSafe, Row as _};

use crate::{Search, Store, StoreError, Stored, blocks, codec::decode, identity, partition::Partition};

impl Store {
    /// The event of a sequence number, if it is in scope and was not removed.
    pub async fn event(&self, scope: &Scope, seq: i64) -> Result<Option<Stored>, StoreError> {
        let Some(position) = self.position_of(seq).await? else { return Ok(None) };
        if let Some(event) = self.event_at(position, seq).await? {
            return Ok(scope.allows(&event.record.source).then_some(event));
        }
        match self.removal_of(position, seq).await? {
            Some(_) => Ok(None),
            None => {
                Err(StoreError::Corrupt { table: "event", row: format!("seq {seq}"), why: "is missing".to_owned() })
            }
        }
    }

    /// The event that stands there, if it is still the one of that number.
    async fn event_at(&self, position: Position, seq: i64) -> Result<Option<Stored>, StoreError> {
        let partition = Partition::of(position);
        if !self.shared.partitions.contains(partition) {
            return Ok(None);
        }
        let sql = format!("SELECT position, seq, body FROM {} WHERE position = ?", partition.events());
        let row = sqlx::query(AssertSqlSafe(sql)).bind(position.0).fetch_optional(self.readers()).await?;
        let found = row.map(|row| decode(row.try_get(0)?, row.try_get(1)?, row.try_get(2)?)).transpose()?;
        Ok(found.filter(|event| event.seq == seq))
    }

    /// The search as the index can best answer it: within the stretch that holds the sequence numbers and producers' ids
    /// it asks for, if it does, and with its prefixes as the terms they stand for.
    pub(crate) async fn narrowed<'a>(&self, search: &'a Search) -> Result<Cow<'a, Search>, StoreError> {
        let (mut seqs, ids) = (search.filter.seqs(), search.filter.ids());
        if seqs.is_empty() && ids.is_empty() {
            return self.expanded(search).await;
        }
        if seqs.is_empty() {
            seqs = self.seqs_of(search, &ids).await?;
        }
        let mut stretch = Range { from: Position::LAST, to: Position::FIRST };
        for seq in seqs {
            if let Some(position) = self.position_of(seq).await? {
                stretch = Range { from: stretch.from.min(position), to: stretch.to.max(position.next()) };
            }
        }
        let narrowed = Search { range: search.range.and(stretch), ..search.clone() };
        Ok(Cow::Owned(self.expanded(&narrowed).await?.into_owned()))
    }

    /// The events that have one of these ids, in any source of the search.
    async fn seqs_of(&self, search: &Search, ids: &[&str]) -> Result<Vec<i64>, StoreError> {
        let sources = self.sources_of(search).await?;
        let mut seqs = Vec::new();
        for source in sources.names() {
            for id in ids {
                let found = identity::find(self.readers(), &self.keys().producer_id(source, id)).await?;
                seqs.extend(found.map(|found| found.seq));
            }
        }
        Ok(seqs)
    }

    /// The event that has a producer's id and other content, if there is one.
    pub async fn conflicting(&self, source: &str, id: &str, content: &[u8; 8]) -> Result<Option<i64>, StoreError> {
        let found = identity::find(self.readers(), &self.keys().producer_id(source, id)).await?;
        Ok(found.filter(|found| !found.is(content)).map(|found| found.seq))
    }

    pub(crate) async fn position_of(&self, seq: i64) -> Result<Option<Position>, StoreError> {
        blocks::position_of(self.readers(), seq).await
    }
}
