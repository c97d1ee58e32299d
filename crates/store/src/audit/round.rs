//! A round: all of a log looked through once, slice by slice, so that whoever drives it can pause, tell and stop.

use std::collections::BTreeMap;

use flightbox_domain::tree::{Frontier, NodeHash};
use sqlx::Connection as _;

use super::{Audit, Audited, Damage, TOGETHER, found::Found, levels::Levels, look, months};
use crate::{StoreError, partition::Partition};

/// A round that is under way. What comes meanwhile is the next one's.
pub struct Round {
    events: i64,
    next: Next,
    found: Found,
    levels: Levels,
    tree: Frontier,
    removed: u64,
    sizes: Vec<u64>,
    roots: BTreeMap<u64, Option<NodeHash>>,
}

/// What is looked at next.
enum Next {
    /// Events from a number on.
    Events(i64),
    /// Rows of the last of these months, behind a position, and all of the others.
    Rows(Vec<Partition>, i64),
    Nothing,
}

impl Round {
    /// How many events are done, of how many.
    pub fn progress(&self) -> (u64, u64) {
        (self.tree.size(), self.events.unsigned_abs())
    }

    /// The lowest sequence number that is known to be concerned by damage, if any is.
    pub fn first_damaged(&self) -> Option<u64> {
        self.found.damage().map(|damage| damage.first)
    }

    fn note_root(&mut self) {
        if let Some(root) = self.roots.get_mut(&self.tree.size()) {
            *root = Some(self.tree.root());
        }
    }
}

impl Audit {
    /// Looks through all of it, and computes the roots of these sizes from the records. `told` hears how many events are
    /// done, and of how many.
    pub async fn verify(&mut self, sizes: &[u64], mut told: impl FnMut(u64, u64)) -> Result<Audited, StoreError> {
        let mut round = self.begin(sizes).await?;
        let mut before = None;
        while self.step(&mut round).await? {
            let progress = round.progress();
            if before.replace(progress) != Some(progress) {
                told(progress.0, progress.1);
            }
        }
        self.end(round).await
    }

    /// Begins a round, which computes the roots of these sizes from the records.
    pub async fn begin(&mut self, sizes: &[u64]) -> Result<Round, StoreError> {
        let mut round = Round {
            events: self.events().await?,
            next: Next::Events(0),
            found: Found::default(),
            levels: Levels::default(),
            tree: Frontier::default(),
            removed: 0,
            sizes: sizes.to_vec(),
            roots: sizes.iter().map(|size| (*size, None)).collect(),
        };
        round.note_root();
        Ok(round)
    }

    /// Looks at the next slice, a transaction long; `false` where nothing was left.
    ///
    /// # Errors
    /// The round is over then, and says nothing of what it did not reach: begin another.
    pub async fn step(&mut self, round: &mut Round) -> Result<bool, StoreError> {
        round.next = match std::mem::replace(&mut round.next, Next::Nothing) {
            Next::Events(first) if first < round.events => {
                self.look_at_events(first, round).await?;
                Next::Events(first + TOGETHER)
            }
            Next::Events(_) => Next::Rows(months(&mut self.connection).await?, i64::MIN),
            Next::Rows(mut months, after) => match months.last() {
                Some(month) => match self.look_at_rows(*month, after, &mut round.found).await? {
                    Some(last) => Next::Rows(months, last),
                    None => {
                        months.pop();
                        Next::Rows(months, i64::MIN)
                    }
                },
                None => {
                    self.look_at_edge(round.tree.size(), &mut round.found).await?;
                    return Ok(true);
                }
            },
            Next::Nothing => return Ok(false),
        };
        Ok(true)
    }

    async fn look_at_events(&mut self, first: i64, round: &mut Round) -> Result<(), StoreError> {
        let seqs = first..(first + TOGETHER).min(round.events);
        let mut transaction = self.connection.begin().await?;
        for looked in look(&mut transaction, &self.keys, seqs, &mut round.found).await? {
            round.removed += u64::from(looked.removed);
            round.tree.push(looked.computed);
            let leaf = (looked.stored, looked.computed);
            round.levels.push(&mut transaction, leaf, &mut round.found).await?;
            round.note_root();
        }
        Ok(transaction.commit().await?)
    }

    /// What is wrong, as far as a round has looked.
    pub async fn damage(&mut self, round: &Round) -> Result<Option<Damage>, StoreError> {
        let Some(found) = round.found.damage() else { return Ok(None) };
        let after = self.received_near((0..found.first).rev()).await?;
        let before = self.received_near(found.last.saturating_add(1)..round.events.unsigned_abs()).await?;
        Ok(Some(Damage { after, before, ..found.clone() }))
    }

    /// What came of a round.
    pub async fn end(&mut self, round: Round) -> Result<Audited, StoreError> {
        let damage = self.damage(&round).await?;
        let roots = round.sizes.iter().map(|size| round.roots.get(size).copied().flatten()).collect();
        Ok(Audited { events: round.events.unsigned_abs(), removed: round.removed, roots, damage })
    }
}
