//! How long events are kept: a rule for all sources, rules of single ones, and what follows from them.
//!
//! Events go by the month, and those of a source together: when the month they are ordered into is over for as long as
//! their source is kept, and so is the receipt of the newest of them. What came late stays as long as what came in time.

use std::{collections::BTreeMap, fmt, str::FromStr};

use chrono::{DateTime, Duration, NaiveTime, Utc};

use crate::scope::SELF_SOURCE;

/// The longest that can be told in days, a hundred years; what is kept longer is kept for good.
pub const LONGEST: u32 = 36_500;
/// The shortest that Flightbox's own record of access is kept, in days.
pub const SHORTEST_OF_RECORD: u32 = 365;
/// When in the day, UTC, a run is due: at night for many, and never in the hour in which somebody changed a rule.
const HOUR: NaiveTime = NaiveTime::from_hms_opt(3, 0, 0).unwrap();
const THINK_IT_OVER: Duration = Duration::hours(1);

/// How long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Term {
    /// So many days, 1 to [`LONGEST`].
    Days(u32),
    /// For ever.
    ForGood,
}

/// A text that says no term.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no number of days; a whole number from 1 to 36500 is")]
pub struct BadTerm(String);

impl Term {
    /// So many days, as somebody typed them.
    pub fn of_days(text: &str) -> Result<Self, BadTerm> {
        let days = text.trim().parse().ok().filter(|days| (1..=LONGEST).contains(days));
        days.map(Self::Days).ok_or_else(|| BadTerm(text.chars().take(64).collect()))
    }

    /// What is older than this is no longer kept; nothing, where all is.
    pub fn cutoff(self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        match self {
            Self::Days(days) => now.checked_sub_signed(Duration::days(i64::from(days))),
            Self::ForGood => None,
        }
    }
}

impl fmt::Display for Term {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Days(1) => out.write_str("1 day"),
            Self::Days(days) => write!(out, "{days} days"),
            Self::ForGood => out.write_str("for good"),
        }
    }
}

/// What [`Display`](fmt::Display) writes.
impl FromStr for Term {
    type Err = BadTerm;

    fn from_str(text: &str) -> Result<Self, BadTerm> {
        match text.strip_suffix(" days").or_else(|| text.strip_suffix(" day")) {
            Some(days) => Self::of_days(days),
            None if text == "for good" => Ok(Self::ForGood),
            None => Err(BadTerm(text.to_owned())),
        }
    }
}

/// Every rule there is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// That for all sources that have none of their own.
    pub all: Term,
    /// Those of single sources, Flightbox's own among them.
    pub of_source: BTreeMap<String, Term>,
}

impl Default for Rules {
    /// Everything is kept for good.
    fn default() -> Self {
        Self { all: Term::ForGood, of_source: BTreeMap::new() }
    }
}

impl Rules {
    /// How long a source's events are kept.
    pub fn term(&self, source: &str) -> Term {
        let own = self.of_source.get(source).copied();
        match source {
            SELF_SOURCE => own.unwrap_or(Term::ForGood).max(self.least_of_record()),
            _ => own.unwrap_or(self.all),
        }
    }

    /// How long the record of access is kept at the least: a year, and as long as anything that it is about.
    pub fn least_of_record(&self) -> Term {
        let others = self.of_source.iter().filter(|(source, _)| *source != SELF_SOURCE).map(|(_, term)| *term);
        others.chain([self.all]).fold(Term::Days(SHORTEST_OF_RECORD), Term::max)
    }

    /// Whether a source's events of a month are no longer kept: `end` is where the month ends, `newest` when the last of
    /// them was received.
    pub fn is_over(&self, source: &str, end: DateTime<Utc>, newest: DateTime<Utc>, now: DateTime<Utc>) -> bool {
        self.term(source).cutoff(now).is_some_and(|cutoff| end <= cutoff && newest < cutoff)
    }

    /// Whether nothing ever goes.
    pub fn keep_everything(&self) -> bool {
        self.all == Term::ForGood && self.of_source.values().all(|term| *term == Term::ForGood)
    }
}

/// When the next run is due: the first night after the last one, and after the last change of a rule or a hold with an
/// hour to think it over. One that was missed is due at once.
pub fn next_run(last_run: Option<DateTime<Utc>>, last_change: DateTime<Utc>) -> DateTime<Utc> {
    let after = last_run.map_or(last_change + THINK_IT_OVER, |run| run.max(last_change + THINK_IT_OVER));
    let due = after.date_naive().and_time(HOUR).and_utc();
    if due > after { due } else { due + Duration::days(1) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn rules(all: Term, of_source: &[(&str, Term)]) -> Rules {
        Rules { all, of_source: of_source.iter().map(|(source, term)| ((*source).to_owned(), *term)).collect() }
    }

    #[test]
    fn a_term_is_read_as_it_is_written() {
        for term in [Term::Days(1), Term::Days(400), Term::Days(LONGEST), Term::ForGood] {
            assert_eq!(term.to_string().parse(), Ok(term));
        }
        for text in ["", "0", "-1", "36501", "1.5", "ten", "400 days"] {
            assert!(Term::of_days(text).is_err(), "{text}");
        }
        assert_eq!(Term::of_days(" 30 "), Ok(Term::Days(30)));
    }

    #[test]
    fn a_sources_own_rule_is_shorter_or_longer_than_that_for_all() {
        let rules = rules(Term::Days(400), &[("chatty", Term::Days(30)), ("payroll", Term::ForGood)]);
        assert_eq!(rules.term("other"), Term::Days(400));
        assert_eq!(rules.term("chatty"), Term::Days(30));
        assert_eq!(rules.term("payroll"), Term::ForGood);
    }

    #[test]
    fn the_record_of_access_is_kept_for_a_year_at_least_and_as_long_as_anything() {
        let own = |days| ("flightbox", Term::Days(days));
        assert_eq!(rules(Term::Days(30), &[]).term("flightbox"), Term::ForGood);
        assert_eq!(rules(Term::Days(30), &[own(10)]).term("flightbox"), Term::Days(365));
        assert_eq!(rules(Term::Days(500), &[own(400)]).term("flightbox"), Term::Days(500));
        assert_eq!(rules(Term::Days(30), &[own(400), ("a", Term::Days(700))]).term("flightbox"), Term::Days(700));
        assert_eq!(rules(Term::ForGood, &[own(400)]).term("flightbox"), Term::ForGood);
    }

    #[test]
    fn a_month_is_over_when_its_end_and_its_newest_receipt_are() {
        let rules = rules(Term::Days(30), &[]);
        let (end, now) = (at("2026-02-01T00:00:00Z"), at("2026-03-03T00:00:00Z"));
        let received = at("2026-01-31T12:00:00Z");
        assert!(rules.is_over("a", end, received, now));
        assert!(!rules.is_over("a", end, received, now - Duration::milliseconds(1)));
        assert!(!rules.is_over("a", end, now - Duration::days(30), now));
        assert!(!Rules::default().is_over("a", end, received, now));
    }

    #[test]
    fn a_run_is_due_once_a_day_and_not_before_somebody_could_think_again() {
        let changed = at("2026-11-22T12:00:00Z");
        assert_eq!(next_run(None, changed), at("2026-11-23T03:00:00Z"));
        assert_eq!(next_run(Some(at("2026-11-23T03:00:05Z")), changed), at("2026-11-24T03:00:00Z"));
        assert_eq!(next_run(None, at("2026-11-22T02:30:00Z")), at("2026-11-23T03:00:00Z"));
        assert_eq!(next_run(None, at("2026-11-22T01:59:00Z")), at("2026-11-22T03:00:00Z"));
        assert_eq!(next_run(Some(at("2026-11-22T02:59:59Z")), at("2026-01-01T00:00:00Z")), at("2026-11-22T03:00:00Z"));
    }
}
