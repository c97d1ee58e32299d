//! The rules, as their page shows them.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use flightbox_domain::{
    filter::Filter,
    page::Range,
    query::Query,
    rules::{self, Detector, Effect, Line, Rule, RuleError, Rules, Trial, WORDS},
};
use flightbox_store::{RuleSet, Search, Store, StoreError, Stored};

use super::zone;
use crate::{
    context::{self, Person},
    error::AppError,
    look::{Look, Searched, Witness},
    pages::rules::{
        Difference, Example, Left, Looks, Meaning, OneVersion, RuleLine, RulesForm, RulesShown, Standing, Tried,
        Version,
    },
};

/// How many versions are listed.
const LISTED: u32 = 50;
/// On how many events rules are tried.
const TRIED: usize = 1_000;

/// The page with a form, or, where a version is asked for, with that one; nothing where there is no such version.
pub async fn page(
    store: &Store,
    now: DateTime<Utc>,
    form: RulesForm,
    asked: Option<i64>,
) -> Result<Option<RulesShown>, StoreError> {
    let sets = store.rule_sets(LISTED).await?;
    let in_force = store.rules();
    let version = |set: &RuleSet| Version {
        number: set.version,
        made: set.made_by.as_ref().map(|by| (zone::stamp(set.made_at, Tz::UTC, now), by.clone())),
    };
    let asked = match asked {
        None => None,
        Some(number) => {
            let Some(set) = store.rule_set(number).await? else { return Ok(None) };
            // The first changed nothing: it is what a log starts with.
            let before = store.rule_set(number - 1).await?.map_or_else(|| set.text.clone(), |before| before.text);
            Some(OneVersion { version: version(&set), lines: differences(&before, &set.text) })
        }
    };
    let current = sets.iter().find(|set| set.version == in_force.version).map(version);
    Ok(Some(RulesShown {
        in_force: current.unwrap_or(Version { number: in_force.version, made: None }),
        rules: in_force.iter().map(line).collect(),
        form,
        tried: None,
        versions: sets.iter().map(version).collect(),
        asked,
        words: WORDS.map(|word| Meaning { form: word.form.to_owned(), means: word.means.to_owned() }).to_vec(),
        looks: Detector::ALL.map(looks).to_vec(),
    }))
}

/// A form with a text that was made from a version, and what it changes of the text in force.
pub fn form(text: &str, from: i64, in_force: &str, standing: Standing) -> RulesForm {
    let changes = changed(in_force, text);
    RulesForm { text: text.to_owned(), from, errors: Vec::new(), standing, changes }
}

/// What is wrong with a text, as the form tells it.
pub fn errors(errors: Vec<RuleError>) -> Vec<(usize, String)> {
    errors.into_iter().map(|RuleError { line, message }| (line, message)).collect()
}

/// What differs between two texts, what they share left out.
pub fn changed(before: &str, after: &str) -> Vec<Difference> {
    differences(before, after).into_iter().filter(|line| !matches!(line, Difference::Kept(_))).collect()
}

fn differences(before: &str, after: &str) -> Vec<Difference> {
    let difference = |line: Line<'_>| match line {
        Line::Kept(text) => Difference::Kept(text.to_owned()),
        Line::Removed(text) => Difference::Removed(text.to_owned()),
        Line::Added(text) => Difference::Added(text.to_owned()),
    };
    rules::compare(before, after).into_iter().map(difference).collect()
}

/// The newest events that somebody may see, to try rules on. Looking at them is recorded.
pub async fn newest(
    store: &Store,
    person: &Person,
    witness: &Witness,
    now: DateTime<Utc>,
) -> Result<Vec<Stored>, AppError> {
    let search = Search {
        filter: Filter::new(&Query::All, store.keys(), now, Tz::UTC),
        scope: person.scope(false),
        range: Range::ALL,
        cursor: None,
        from_oldest: false,
        limit: TRIED,
    };
    let found = store.search(&search).await.map_err(context::unanswered);
    let (begun, from, to, count) = Default::default();
    let page = "/settings/rules".to_owned();
    let searched = Searched { begun, page, query: String::new(), from, to, zone: Tz::UTC, count };
    Ok(witness.see(Look::Search(searched), found)?.events)
}

/// What came of a trial.
pub fn tried(trial: &Trial<'_>, rules: &Rules) -> Tried {
    let all: Vec<_> = rules.iter().collect();
    let example = |example: rules::Example| {
        let rule = all.get(example.rule).filter(|rule| rule.effect == Effect::Seal);
        Example { seq: example.seq, path: example.path, kind: rule.map(|rule| rule.kind.clone()) }
    };
    let left_clear = |left: rules::Left| {
        let rules::Left { path, kind, count, seq, unless } = left;
        Left { seq, path, kind, count, unless: unless.map(|looks| looks.as_str().to_owned()) }
    };
    let (left, more) = trial.left();
    Tried {
        events: trial.events,
        rules: all.iter().map(|rule| line(rule)).zip(trial.hidden.iter().copied()).collect(),
        examples: trial.examples().into_iter().map(example).collect(),
        left: left.into_iter().map(left_clear).collect(),
        more,
    }
}

fn line(rule: &Rule) -> RuleLine {
    RuleLine { line: rule.to_string(), words: rule.in_words() }
}

fn looks(detector: Detector) -> Looks {
    Looks {
        word: detector.as_str().to_owned(),
        // It goes on after "Seals", and here it starts a sentence.
        finds: detector.finds_what().replacen("a text", "A text", 1),
        misses: detector.misses().to_owned(),
    }
}
