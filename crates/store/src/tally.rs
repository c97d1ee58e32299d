//! Counts that are kept while events come in, by hour and by day: what views without a filter show at once.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    ops::Range,
};

use chrono::{DateTime, TimeDelta, Utc};
use flightbox_domain::{
    glance::{Facet, Glance},
    page::Position,
};
use flightbox_event::Outcome;
use sqlx::{AssertSqlSafe, Row, SqliteConnection};

use crate::{
    Search, Store, StoreError,
    partition::{chunks, placeholders},
};

/// Values of one facet that are told apart; what comes later is counted together. Sources are always told apart, for
/// scopes depend on it.
const MOST_VALUES: usize = 2_000;
/// The value of all those together.
pub(crate) const OTHERS: &str = "";
const HOUR_MS: i64 = 3_600_000;

/// How long the stretches are that one row counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Span {
    Hour = 0,
    Day = 1,
}

impl Span {
    /// The first hour of the stretch that an hour falls into.
    pub(crate) fn start(self, hour: i64) -> i64 {
        match self {
            Span::Hour => hour,
            Span::Day => hour - hour.rem_euclid(24),
        }
    }
}

/// The start of the hour that an instant falls into.
pub(crate) fn hour(time: DateTime<Utc>) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(number(time) * HOUR_MS).unwrap_or(time)
}

/// The whole hours within a stretch of time, if there are any.
pub(crate) fn whole_hours(from: DateTime<Utc>, to: DateTime<Utc>) -> Option<Range<DateTime<Utc>>> {
    let first = if hour(from) < from { hour(from) + TimeDelta::hours(1) } else { from };
    (first < hour(to)).then(|| first..hour(to))
}

/// The hours from 1970 to an instant.
pub(crate) fn number(time: DateTime<Utc>) -> i64 {
    time.timestamp_millis().div_euclid(HOUR_MS)
}

/// What one event adds to the counts: its value in each facet that is tallied.
pub(crate) type Tallied = Vec<(Facet, String)>;

/// What is left of a source, by hour: how many events have each value.
#[derive(Clone, Debug, Default)]
pub(crate) struct Left(pub(crate) BTreeMap<(i64, Facet, String), i64>);

impl Left {
    /// Counts one more.
    pub(crate) fn add(&mut self, position: Position, glance: &Glance<'_>) {
        let hour = number(position.time());
        for facet in Facet::ALL.iter().filter(|facet| facet.is_tallied() && **facet != Facet::Source) {
            let Some(value) = facet.of(glance) else { continue };
            *self.0.entry((hour, *facet, value.to_owned())).or_default() += 1;
        }
    }
}

/// The values that have an id.
#[derive(Default)]
pub(crate) struct Values {
    ids: HashMap<Facet, HashMap<String, i64>>,
    last_id: i64,
    /// Those that no committed transaction has written yet.
    unwritten: Vec<(i64, Facet, String)>,
}

impl Values {
    pub(crate) async fn load(connection: &mut SqliteConnection) -> Result<Self, StoreError> {
        let mut values = Self::default();
        for row in sqlx::query("SELECT id, facet, value FROM tally_value").fetch_all(connection).await? {
            let id: i64 = row.try_get(0)?;
            let facet = facet_named(row.try_get(1)?, id)?;
            values.ids.entry(facet).or_default().insert(row.try_get(2)?, id);
            values.last_id = values.last_id.max(id);
        }
        Ok(values)
    }

    /// Adds events to the counts, within the transaction that stores them.
    pub(crate) async fn count(
        &mut self,
        connection: &mut SqliteConnection,
        events: impl Iterator<Item = (Position, &Tallied)>,
    ) -> sqlx::Result<()> {
        let mut counts: BTreeMap<[i64; 4], i64> = BTreeMap::new();
        for (position, tallied) in events {
            let Some((_, source)) = tallied.iter().find(|(facet, _)| *facet == Facet::Source) else { continue };
            let (hour, source) = (number(position.time()), self.id(Facet::Source, source));
            for (facet, value) in tallied.iter().filter(|(facet, _)| *facet != Facet::Source) {
                *counts.entry([Span::Hour as i64, hour, source, self.id(*facet, value)]).or_default() += 1;
            }
        }
        let mut days: BTreeMap<[i64; 4], i64> = BTreeMap::new();
        for ([_, hour, source, value], count) in &counts {
            *days.entry([Span::Day as i64, Span::Day.start(*hour), *source, *value]).or_default() += count;
        }
        self.write_new(connection).await?;
        add(connection, &counts.into_iter().chain(days).collect::<Vec<_>>()).await
    }

    /// The transaction that counted last is committed.
    pub(crate) fn committed(&mut self) {
        self.unwritten.clear();
    }

    /// Counts what a source has left in a stretch of hours anew, within the transaction that removes the rest of it.
    pub(crate) async fn recount(
        &mut self,
        connection: &mut SqliteConnection,
        source: &str,
        times: Range<DateTime<Utc>>,
        left: &Left,
    ) -> sqlx::Result<()> {
        let source = self.id(Facet::Source, source);
        for span in [Span::Hour, Span::Day] {
            sqlx::query("DELETE FROM tally WHERE span = ? AND start >= ? AND start < ? AND source = ?")
                .bind(span as i64)
                .bind(number(times.start))
                .bind(number(times.end))
                .bind(source)
                .execute(&mut *connection)
                .await?;
        }
        let mut counts: BTreeMap<[i64; 4], i64> = BTreeMap::new();
        for ((hour, facet, value), count) in &left.0 {
            let value = self.id(*facet, value);
            for span in [Span::Hour, Span::Day] {
                *counts.entry([span as i64, span.start(*hour), source, value]).or_default() += count;
            }
        }
        self.write_new(connection).await?;
        add(connection, &counts.into_iter().collect::<Vec<_>>()).await
    }

    /// Forgets the values that nothing is counted by any more, within a transaction. Of a facet that had too many they
    /// stay: one that came later under its own name would be told by less than it has.
    pub(crate) async fn delete_unused(connection: &mut SqliteConnection) -> Result<Vec<i64>, StoreError> {
        let gone = "DELETE FROM tally_value WHERE id IN (
                SELECT id FROM tally_value WHERE facet = 'source' AND id NOT IN (SELECT source FROM tally)
                UNION ALL
                SELECT id FROM tally_value WHERE facet <> 'source' AND id NOT IN (SELECT value FROM tally)
                  AND facet NOT IN (SELECT facet FROM tally_value WHERE value = '')
            ) RETURNING id";
        Ok(sqlx::query_scalar(gone).fetch_all(connection).await?)
    }

    /// That transaction is committed.
    pub(crate) fn forget(&mut self, gone: &HashSet<i64>) {
        self.ids.values_mut().for_each(|ids| ids.retain(|_, id| !gone.contains(id)));
    }

    fn id(&mut self, facet: Facet, value: &str) -> i64 {
        let ids = self.ids.entry(facet).or_default();
        let full = facet != Facet::Source && ids.len() >= MOST_VALUES;
        let value = if full && !ids.contains_key(value) { OTHERS } else { value };
        if let Some(id) = ids.get(value) {
            return *id;
        }
        self.last_id += 1;
        ids.insert(value.to_owned(), self.last_id);
        self.unwritten.push((self.last_id, facet, value.to_owned()));
        self.last_id
    }

    async fn write_new(&self, connection: &mut SqliteConnection) -> sqlx::Result<()> {
        for chunk in chunks(&self.unwritten) {
            let sql = format!("INSERT INTO tally_value (id, facet, value) VALUES {}", placeholders(chunk.len(), 3));
            let insert = chunk.iter().fold(sqlx::query(AssertSqlSafe(sql)), |insert, (id, facet, value)| {
                insert.bind(id).bind(facet.name()).bind(value)
            });
            insert.execute(&mut *connection).await?;
        }
        Ok(())
    }
}

async fn add(connection: &mut SqliteConnection, counts: &[([i64; 4], i64)]) -> sqlx::Result<()> {
    for chunk in chunks(counts) {
        let sql = format!(
            "INSERT INTO tally (span, start, source, value, count) VALUES {} ON CONFLICT DO UPDATE SET count = count + excluded.count",
            placeholders(chunk.len(), 5)
        );
        let add = chunk.iter().fold(sqlx::query(AssertSqlSafe(sql)), |add, (key, count)| {
            key.iter().fold(add, |add, part| add.bind(part)).bind(count)
        });
        add.execute(&mut *connection).await?;
    }
    Ok(())
}

fn facet_named(name: &str, id: i64) -> Result<Facet, StoreError> {
    let found = Facet::ALL.iter().find(|facet| facet.name() == name);
    let why = || format!("counts {name}, which nothing knows");
    found.copied().ok_or_else(|| StoreError::Corrupt { table: "tally_value", row: id.to_string(), why: why() })
}

/// Stretches of hours, each with what it is counted by: days where whole days lie inside, hours before and behind.
fn stretches(hours: &Range<i64>) -> Vec<(Span, Range<i64>)> {
    let (first, last) = (Span::Day.start(hours.start + 23), Span::Day.start(hours.end));
    let parts = if first < last {
        vec![(Span::Hour, hours.start..first), (Span::Day, first..last), (Span::Hour, last..hours.end)]
    } else {
        vec![(Span::Hour, hours.clone())]
    };
    parts.into_iter().filter(|(_, hours)| !hours.is_empty()).collect()
}

impl Store {
    /// The sources that a search can find something of.
    pub(crate) async fn sources_of(&self, search: &Search) -> Result<Sources, StoreError> {
        let scope = search.effective_scope();
        self.sources_in(|name| scope.allows(name) && search.filter.allows_source(name)).await
    }

    /// The sources that have events and pass a test of their name.
    pub(crate) async fn sources_in(&self, passes: impl Fn(&str) -> bool) -> Result<Sources, StoreError> {
        let rows = sqlx::query("SELECT id, value FROM tally_value WHERE facet = ?").bind(Facet::Source.name());
        let mut sources = Vec::new();
        for row in rows.fetch_all(self.readers()).await? {
            let name: String = row.try_get(1)?;
            if passes(&name) {
                sources.push((row.try_get(0)?, name));
            }
        }
        Ok(Sources(sources))
    }

    /// How many events there are in these hours, by facet and value.
    pub(crate) async fn tallied(
        &self,
        sources: &Sources,
        hours: &Range<DateTime<Utc>>,
    ) -> Result<Vec<(Facet, String, u64)>, StoreError> {
        let mut counts = Vec::new();
        for (span, hours) in stretches(&(number(hours.start)..number(hours.end))) {
            let from = format!("FROM tally WHERE span = ?1 AND start >= ?2 AND start < ?3 AND {}", sources.condition());
            // Each event has exactly one outcome, so outcomes count events.
            let sql = format!(
                "SELECT id, facet, tally_value.value, n
                 FROM (SELECT value, sum(count) AS n {from} GROUP BY value) AS sums JOIN tally_value ON id = sums.value
                 UNION ALL
                 SELECT id, facet, tally_value.value, n
                 FROM (SELECT source, sum(count) AS n {from} AND value IN (SELECT id FROM tally_value WHERE facet = 'outcome') GROUP BY source) AS sums
                 JOIN tally_value ON id = sums.source"
            );
            let query = sqlx::query(AssertSqlSafe(sql)).bind(span as i64).bind(hours.start).bind(hours.end);
            for row in query.fetch_all(self.readers()).await? {
                let facet = facet_named(row.try_get(1)?, row.try_get(0)?)?;
                counts.push((facet, row.try_get(2)?, row.try_get::<i64, _>(3)?.unsigned_abs()));
            }
        }
        Ok(counts)
    }

    /// How many events of each outcome there are in these hours, by the start of each hour, or of each day where
    /// `days` allows it and a whole day lies inside.
    pub(crate) async fn tallied_outcomes(
        &self,
        sources: &Sources,
        hours: &Range<DateTime<Utc>>,
        days: bool,
    ) -> Result<Vec<(DateTime<Utc>, Outcome, u64)>, StoreError> {
        let hours = number(hours.start)..number(hours.end);
        let parts = if days { stretches(&hours) } else { vec![(Span::Hour, hours)] };
        let sql = format!(
            "SELECT start, tally_value.value, sum(count) FROM tally JOIN tally_value ON id = tally.value
             WHERE span = ?1 AND start >= ?2 AND start < ?3 AND {}
               AND tally.value IN (SELECT id FROM tally_value WHERE facet = 'outcome')
             GROUP BY start, tally.value",
            sources.condition()
        );
        let mut counts = Vec::new();
        for (span, hours) in parts {
            let query = sqlx::query(AssertSqlSafe(sql.clone())).bind(span as i64).bind(hours.start).bind(hours.end);
            for row in query.fetch_all(self.readers()).await? {
                let (start, outcome): (i64, &str) = (row.try_get(0)?, row.try_get(1)?);
                let start = DateTime::from_timestamp_millis(start * HOUR_MS).unwrap_or_default();
                counts.push((start, outcome.parse().unwrap_or_default(), row.try_get::<i64, _>(2)?.unsigned_abs()));
            }
        }
        Ok(counts)
    }

    /// How many events there are in each of these hours, by source.
    pub(crate) async fn tallied_by_source(
        &self,
        sources: &Sources,
        hours: &Range<DateTime<Utc>>,
    ) -> Result<Vec<(String, DateTime<Utc>, u64)>, StoreError> {
        let sql = format!(
            "SELECT tally_value.value, start, n FROM
                 (SELECT source, start, sum(count) AS n FROM tally
                  WHERE span = ?1 AND start >= ?2 AND start < ?3 AND {}
                    AND value IN (SELECT id FROM tally_value WHERE facet = 'outcome') GROUP BY source, start)
             JOIN tally_value ON id = source",
            sources.condition()
        );
        let query = sqlx::query(AssertSqlSafe(sql)).bind(Span::Hour as i64);
        let rows = query.bind(number(hours.start)).bind(number(hours.end)).fetch_all(self.readers()).await?;
        let hour = |start: i64| DateTime::from_timestamp_millis(start * HOUR_MS).unwrap_or_default();
        let count = |count: i64| count.unsigned_abs();
        rows.iter().map(|row| Ok((row.try_get(0)?, hour(row.try_get(1)?), count(row.try_get(2)?)))).collect()
    }

    /// Which of these hours have events, by source; the hours of each rise.
    pub(crate) async fn hours_with_events(
        &self,
        sources: &Sources,
        hours: &Range<DateTime<Utc>>,
    ) -> Result<Vec<(String, DateTime<Utc>)>, StoreError> {
        let sql = format!(
            "SELECT tally_value.value, start FROM
                 (SELECT DISTINCT source, start FROM tally
                  WHERE span = ?1 AND start >= ?2 AND start < ?3 AND {}
                    AND value IN (SELECT id FROM tally_value WHERE facet = 'outcome'))
             JOIN tally_value ON id = source ORDER BY start",
            sources.condition()
        );
        let query = sqlx::query(AssertSqlSafe(sql)).bind(Span::Hour as i64);
        let rows = query.bind(number(hours.start)).bind(number(hours.end)).fetch_all(self.readers()).await?;
        let hour = |start: i64| DateTime::from_timestamp_millis(start * HOUR_MS).unwrap_or_default();
        rows.iter().map(|row| Ok((row.try_get(0)?, hour(row.try_get(1)?)))).collect()
    }
}

/// Sources, and the ids they are tallied under.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sources(Vec<(i64, String)>);

impl Sources {
    /// Their names.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(_, name)| name.as_str())
    }

    /// As a condition in SQL: ids are numbers, so they can stand there.
    fn condition(&self) -> String {
        let ids: Vec<_> = self.0.iter().map(|(id, _)| id.to_string()).collect();
        format!("source IN ({})", ids.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_days_are_counted_as_days() {
        let parts = |hours: Range<i64>| stretches(&hours);
        assert_eq!(parts(24..72), [(Span::Day, 24..72)]);
        assert_eq!(parts(23..73), [(Span::Hour, 23..24), (Span::Day, 24..72), (Span::Hour, 72..73)]);
        assert_eq!(parts(25..47), [(Span::Hour, 25..47)]);
        assert_eq!(parts(30..50), [(Span::Hour, 30..50)]);
        assert_eq!(parts(5..5), []);
    }
}
