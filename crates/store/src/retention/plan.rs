//! What would go, told before anything does.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use flightbox_domain::{
    filter::Expr,
    hold::HoldTest,
    page::{Direction, Position, Range},
    retention::{Rules, Term},
    scope::Sources,
    terms::Field,
};

use super::portion::{self, Portion};
use crate::{Store, StoreError, codec::decode, partition::Partition, walk::Walk};

/// Parts of one run: its event tells of each. What is left is the next one's.
const MOST: usize = 1_000;
/// Held events that are looked at with one statement.
const CHUNK: usize = 5_000;

/// What a run would do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// What is over, the oldest months first.
    pub parts: Vec<Part>,
    /// Whether more is over than one run removes.
    pub more: bool,
    /// How many events the log had: what came later is none of it.
    pub(super) as_of: i64,
    /// How often rules and holds had changed.
    pub(super) changes: u64,
}

/// A source's events of a month that are over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The month, as people write it.
    pub month: String,
    /// The source.
    pub source: String,
    /// How long its events are kept.
    pub term: Term,
    /// The lowest of their sequence numbers.
    pub first: i64,
    /// The highest.
    pub last: i64,
    /// How many go.
    pub events: u64,
    /// How many bytes of records go.
    pub bytes: u64,
    /// What a hold keeps of them.
    pub kept: Kept,
    pub(super) partition: Partition,
}

/// What holds keep.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// How many events.
    pub events: u64,
    /// How many bytes of records.
    pub bytes: u64,
}

impl Plan {
    /// The parts that lose events.
    pub fn removes(&self) -> impl Iterator<Item = &Part> {
        self.parts.iter().filter(|part| part.events > 0)
    }

    /// The same of some sources alone.
    pub fn of(mut self, sources: &Sources) -> Self {
        self.parts.retain(|part| sources.has(&part.source));
        self
    }

    /// The months that lose events, each with the sources that are over there.
    pub(super) fn months(&self) -> Vec<(Partition, BTreeSet<String>)> {
        let mut months: Vec<(Partition, BTreeSet<String>)> = Vec::new();
        for part in self.removes() {
            match months.last_mut().filter(|(month, _)| *month == part.partition) {
                Some((_, sources)) => _ = sources.insert(part.source.clone()),
                None => months.push((part.partition, [part.source.clone()].into())),
            }
        }
        months
    }
}

impl Store {
    /// What would go at that time, by the rules and holds that there are.
    pub async fn plan_retention(&self, now: DateTime<Utc>) -> Result<Plan, StoreError> {
        // In this order: what comes meanwhile is seen as new.
        let (changes, as_of) = (self.retention().changes(), self.events());
        let (rules, holds) = (self.retention_rules().await?, self.hold_tests().await?);
        let mut plan = Plan { parts: Vec::new(), more: false, as_of, changes };
        if rules.keep_everything() {
            return Ok(plan);
        }
        for (partition, source, portion) in portion::all(self.readers()).await? {
            if !rules.is_over(&source, partition.end(), portion.newest(), now) {
                continue;
            }
            // Parts that a hold keeps whole take nothing away: counted, they would keep later ones from ever going.
            if plan.removes().count() >= MOST {
                plan.more = true;
                break;
            }
            let kept = self.kept(partition, &source, &holds).await?;
            plan.parts.push(part(&rules, partition, source, portion, kept));
        }
        Ok(plan)
    }

    /// What holds keep of a source's events of a month.
    async fn kept(&self, month: Partition, source: &str, holds: &[HoldTest]) -> Result<Kept, StoreError> {
        let mut kept = Kept::default();
        let (term, _) = Field::Source.term(self.keys(), source);
        let holds: Vec<_> = holds.iter().filter(|test| test.hold().sources.has(source)).collect();
        let expr = Expr::any(holds.iter().map(|test| test.expr(self.keys()))).and(Expr::Term(term));
        let range = Range { from: month.start(), to: Position::start_of(month.end()) };
        let mut walk = Walk { expr: &expr, range, direction: Direction::Newer };
        loop {
            let mut last = walk.range.from;
            let seen = self
                .each(&walk, CHUNK, |row| {
                    last = row.position;
                    let event = decode(row.position.0, row.seq, row.body)?;
                    if holds.iter().any(|test| event.is_held(test)) {
                        kept.events += 1;
                        kept.bytes += row.body.len() as u64;
                    }
                    Ok(())
                })
                .await?;
            if seen < CHUNK {
                return Ok(kept);
            }
            walk.advance(last);
        }
    }
}

fn part(rules: &Rules, partition: Partition, source: String, portion: Portion, kept: Kept) -> Part {
    Part {
        month: partition.told(),
        term: rules.term(&source),
        first: portion.first,
        last: portion.last,
        events: portion.events.unsigned_abs().saturating_sub(kept.events),
        bytes: portion.bytes.unsigned_abs().saturating_sub(kept.bytes),
        kept,
        partition,
        source,
    }
}
