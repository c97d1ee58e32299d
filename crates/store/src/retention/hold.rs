//! Legal holds, as they were set and lifted.

use chrono::{DateTime, Utc};
use flightbox_domain::{
    filter::Expr,
    hold::{Held, Hold, HoldTest},
    name::HoldName,
    page::{Direction, Range},
    reason::Reason,
    scope::{Scope, Sources},
    terms::{Field, SENSITIVE},
};
use sqlx::{Row as _, sqlite::SqliteRow};

use crate::{Store, StoreError, Stored, codec::decode, walk::Walk};

/// Rows that are read at once.
const CHUNK: usize = 1_000;
/// Lifted holds that are told of.
const MOST_LIFTED: i64 = 100;

/// A hold, and how it ended if it did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HoldRow {
    /// The hold.
    pub hold: Hold,
    /// How it ended.
    pub lifted: Option<Lifted>,
}

/// How a hold ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lifted {
    /// When.
    pub at: DateTime<Utc>,
    /// Who lifted it.
    pub by: String,
    /// Why.
    pub reason: String,
}

/// How much is looked at for a hold.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Look {
    /// However many events it takes.
    Whole,
    /// The newest thousand.
    Bounded,
}

const COLUMNS: &str =
    "SELECT id, name, kind, held, sources, reason, set_at, set_by, lifted_at, lifted_by, lift_reason FROM hold";

impl Store {
    /// Sets a hold; its number. It stands when this returns: no run removes anything of it from then on.
    pub async fn add_hold(
        &self,
        (name, held, sources): (&HoldName, &Held, &Sources),
        (by, reason): (&str, &Reason),
        now: DateTime<Utc>,
    ) -> Result<i64, StoreError> {
        let mut connection = self.writing().await;
        let _changing = self.retention().changing();
        let insert =
            "INSERT INTO hold (name, kind, held, sources, reason, set_at, set_by) VALUES (?, ?, ?, ?, ?, ?, ?)";
        let done = sqlx::query(insert)
            .bind(name.as_str())
            .bind(held.kind())
            .bind(held.text())
            .bind(sources.to_string())
            .bind(reason.as_str())
            .bind(now.timestamp_millis())
            .bind(by)
            .execute(&mut *connection)
            .await?;
        Ok(done.last_insert_rowid())
    }

    /// Lifts a hold; `false` if none of that number stands.
    pub async fn lift_hold(
        &self,
        id: i64,
        (by, reason): (&str, &Reason),
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let mut connection = self.writing().await;
        let _changing = self.retention().changing();
        let lift = "UPDATE hold SET lifted_at = ?, lifted_by = ?, lift_reason = ? WHERE id = ? AND lifted_at IS NULL";
        let done = sqlx::query(lift).bind(now.timestamp_millis()).bind(by).bind(reason.as_str()).bind(id);
        let done = done.execute(&mut *connection).await?;
        Ok(done.rows_affected() > 0)
    }

    /// The holds that stand, the oldest first.
    pub async fn holds(&self) -> Result<Vec<Hold>, StoreError> {
        let sql = sqlx::AssertSqlSafe(format!("{COLUMNS} WHERE lifted_at IS NULL ORDER BY id"));
        let rows = sqlx::query(sql).fetch_all(self.readers()).await?;
        rows.iter().map(|row| Ok(read(row)?.hold)).collect()
    }

    /// The holds that were lifted, the last first, a hundred at most.
    pub async fn lifted_holds(&self) -> Result<Vec<HoldRow>, StoreError> {
        let sql = format!("{COLUMNS} WHERE lifted_at IS NOT NULL ORDER BY lifted_at DESC, id DESC LIMIT ?");
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(MOST_LIFTED).fetch_all(self.readers()).await?;
        rows.iter().map(read).collect()
    }

    /// The holds that stand on an event.
    pub async fn holds_on(&self, stored: &Stored) -> Result<Vec<Hold>, StoreError> {
        let tests = self.hold_tests().await?.into_iter();
        Ok(tests.filter(|test| stored.is_held(test)).map(|test| test.hold().clone()).collect())
    }

    /// The holds that stand on anything that an actor did in some sources, or that is sealed there for them as a rule's
    /// subject: on the actor, or on one such event at least. Whoever is to erase an actor asks this first.
    pub async fn holds_on_actor(&self, sources: &Sources, actor: &str) -> Result<Vec<Hold>, StoreError> {
        self.holds_touching(sources, actor, Look::Whole).await
    }

    /// The same, as far as a bounded look tells: for a page that merely shows them.
    pub async fn holds_seen_on(&self, sources: &Sources, actor: &str) -> Result<Vec<Hold>, StoreError> {
        self.holds_touching(sources, actor, Look::Bounded).await
    }

    async fn holds_touching(&self, sources: &Sources, actor: &str, look: Look) -> Result<Vec<Hold>, StoreError> {
        let scope = Scope::new(sources.clone(), false);
        let (theirs, keys) = (self.of_actor(sources, actor), self.keys_in_use(&scope, actor).await?);
        let sealed = Expr::term(SENSITIVE).and(scope.expr(self.keys()));
        let for_them = |event: &Stored| event.record.seals.iter().any(|seal| keys.contains(&seal.key));
        let mut holds = Vec::new();
        for test in self.hold_tests().await? {
            let found = match &test.hold().held {
                Held::Actor(id) => id == actor && test.hold().sources.touches(sources),
                Held::Query(_) => {
                    let expr = theirs.clone().and(test.expr(self.keys()));
                    let held = |event: &Stored| event.record.event.actor.id == actor && event.is_held(&test);
                    self.is_any(look, &expr, held).await?
                }
            };
            let expr = sealed.clone().and(test.expr(self.keys()));
            let held = |event: &Stored| for_them(event) && event.is_held(&test);
            if found || !keys.is_empty() && self.is_any(look, &expr, held).await? {
                holds.push(test.hold().clone());
            }
        }
        Ok(holds)
    }

    /// Finds everything that an actor did in some sources, and maybe more.
    fn of_actor(&self, sources: &Sources, actor: &str) -> Expr {
        let scope = Scope::new(sources.clone(), *sources == Sources::All);
        let (term, _) = Field::Actor.term(self.keys(), actor);
        Expr::Term(term).and(scope.expr(self.keys()))
    }

    /// The holds that stand, ready to be asked of events.
    pub(super) async fn hold_tests(&self) -> Result<Vec<HoldTest>, StoreError> {
        let test = |hold: Hold| {
            let id = hold.id;
            HoldTest::of(hold, self.keys()).map_err(|error| corrupt(id, error.message))
        };
        self.holds().await?.into_iter().map(test).collect()
    }

    /// Whether some event that an expression finds passes a test.
    async fn is_any(&self, look: Look, expr: &Expr, test: impl Fn(&Stored) -> bool) -> Result<bool, StoreError> {
        if look == Look::Bounded {
            return Ok(self.first_that(expr, Direction::Older, test).await?.is_some());
        }
        let mut walk = Walk { expr, range: Range::ALL, direction: Direction::Older };
        loop {
            let (mut found, mut last) = (false, walk.range.to);
            let seen = self
                .each(&walk, CHUNK, |row| {
                    last = row.position;
                    found = found || test(&decode(row.position.0, row.seq, row.body)?);
                    Ok(())
                })
                .await?;
            if found || seen < CHUNK {
                return Ok(found);
            }
            walk.advance(last);
        }
    }
}

impl Stored {
    /// Whether a hold stands on it.
    pub(super) fn is_held(&self, test: &HoldTest) -> bool {
        test.holds(self.seq, &self.record, self.flags)
    }
}

fn read(row: &SqliteRow) -> Result<HoldRow, StoreError> {
    let id = row.try_get("id")?;
    let bad = |what: &str, error: &dyn std::fmt::Display| corrupt(id, format!("{what}: {error}"));
    let (kind, held): (&str, String) = (row.try_get("kind")?, row.try_get("held")?);
    let held = match kind {
        "actor" => Held::Actor(held),
        "query" => Held::Query(held),
        other => return Err(corrupt(id, format!("is of kind {other}, which nothing knows"))),
    };
    let time = |column: &str| {
        let millis: Option<i64> = row.try_get(column)?;
        Ok::<_, StoreError>(millis.and_then(DateTime::from_timestamp_millis))
    };
    let text = |column: &str| Ok::<_, StoreError>(row.try_get::<Option<String>, _>(column)?.unwrap_or_default());
    let lifted = match time("lifted_at")? {
        Some(at) => Some(Lifted { at, by: text("lifted_by")?, reason: text("lift_reason")? }),
        None => None,
    };
    let hold = Hold {
        id,
        name: text("name")?.parse().map_err(|error| bad("name", &error))?,
        held,
        sources: Sources::from(row.try_get::<&str, _>("sources")?),
        reason: text("reason")?.parse().map_err(|error| bad("reason", &error))?,
        by: text("set_by")?,
        since: time("set_at")?.unwrap_or_default(),
    };
    Ok(HoldRow { hold, lifted })
}

fn corrupt(id: i64, why: String) -> StoreError {
    StoreError::Corrupt { table: "hold", row: id.to_string(), why }
}
