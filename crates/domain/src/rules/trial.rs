//! What rules would do, tried on events that are stored: nothing is changed by it.
//!
//! A record holds its values as the rules of its day left them. What is clear in it can be tried for certain; of what is
//! sealed only place and kind are known, so whether a rule that goes by looks would find it again can only be guessed.

use std::collections::BTreeMap;

use flightbox_event::{Json, mask::bare};

use super::{Detector, Rule, Rules, What, apply::names};
use crate::{record::Record, seal::Place};

/// How many examples are told of anything.
const EXAMPLES: usize = 20;

/// Rules that are tried, and what came of it so far.
#[derive(Clone, Debug)]
pub struct Trial<'r> {
    rules: &'r Rules,
    in_force: &'r Rules,
    /// How many events they were tried on.
    pub events: usize,
    /// How many values that are clear each of them would hide, in their order.
    pub hidden: Vec<usize>,
    examples: Vec<(usize, Example)>,
    left: BTreeMap<(String, String), Left>,
}

/// A value that is clear and that a rule would hide.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    /// The event.
    pub seq: i64,
    /// Where it stands, as a rule names it.
    pub path: String,
    /// Which rule, counted from 0.
    pub rule: usize,
}

/// Values that are sealed, at one place and of one kind, and the like of which would stay clear.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Left {
    /// Where they stand, as a rule names it.
    pub path: String,
    /// What they are called.
    pub kind: String,
    /// How many there are.
    pub count: usize,
    /// The first event that was tried which has one.
    pub seq: i64,
    /// They would be sealed where they look like this.
    pub unless: Option<Detector>,
}

impl<'r> Trial<'r> {
    /// A trial of rules beside those that are in force.
    pub fn new(rules: &'r Rules, in_force: &'r Rules) -> Self {
        let hidden = vec![0; rules.iter().count()];
        Self { rules, in_force, events: 0, hidden, examples: Vec::new(), left: BTreeMap::new() }
    }

    /// Tries them on one event.
    pub fn see(&mut self, seq: i64, record: &Record) {
        self.events += 1;
        let tree = record.event.to_json();
        let hidden = self.rules.apply(&mut record.event.clone(), &record.source);
        let sealed = hidden.sealed.iter().filter_map(|found| Some((&found.place, found.rule?)));
        for (place, rule) in sealed.chain(hidden.masked.iter().map(|(place, rule)| (place, *rule))) {
            self.hidden[rule] += 1;
            if self.hidden[rule] <= EXAMPLES {
                let example = Example { seq, path: path(&steps(place, &tree)), rule };
                self.examples.push((self.hidden[rule], example));
            }
        }
        for seal in &record.seals {
            let steps = steps(&seal.place, &tree);
            // The event itself says so, whatever the rules.
            if steps.iter().any(|step| record.event.sensitive.contains(&step.path)) {
                continue;
            }
            if let Some(unless) = self.leaves(&record.source, &steps, &seal.kind) {
                let (path, kind) = (path(&steps), seal.kind.clone());
                let new = || Left { path: path.clone(), kind: kind.clone(), count: 0, seq, unless };
                self.left.entry((path.clone(), kind.clone())).or_insert_with(new).count += 1;
            }
        }
    }

    /// Examples of what would be hidden, some of each rule.
    pub fn examples(&self) -> Vec<Example> {
        let mut examples = self.examples.clone();
        examples.sort_by_key(|(rank, example)| (*rank, example.rule));
        examples.truncate(EXAMPLES);
        examples.sort_by_key(|(rank, example)| (example.rule, *rank));
        examples.into_iter().map(|(_, example)| example).collect()
    }

    /// What is sealed and would stay clear, the most common first; and how many places there are beyond those told.
    pub fn left(&self) -> (Vec<Left>, usize) {
        let mut left: Vec<_> = self.left.values().cloned().collect();
        left.sort_by_key(|left| std::cmp::Reverse(left.count));
        let more = left.len().saturating_sub(EXAMPLES);
        left.truncate(EXAMPLES);
        (left, more)
    }

    /// Whether the like of a sealed value would stay clear, and unless what.
    fn leaves(&self, source: &str, steps: &[Step], kind: &str) -> Option<Option<Detector>> {
        let by_name = |rules: &Rules| {
            let mut rules = rules.iter().filter(|rule| rule.is_for(source));
            rules.any(|rule| steps.iter().any(|step| names(rule, &step.key, &step.path)))
        };
        if by_name(self.rules) {
            return None;
        }
        let detector = |rule: &Rule| match rule.what {
            What::Value(detector) if rule.is_for(source) => Some(detector),
            _ => None,
        };
        // What may have sealed it: what is called so, and what calls it so.
        let was = |wanted: Detector| {
            let calls = |rule: &Rule| detector(rule) == Some(wanted) && rule.kind == kind;
            wanted.as_str() == kind || self.in_force.iter().any(calls)
        };
        match self.rules.iter().filter_map(detector).find(|detector| was(*detector)) {
            None => Some(None),
            // Sealed for its name, it need not look like anything.
            Some(detector) => by_name(self.in_force).then_some(Some(detector)),
        }
    }
}

/// A name, written bare, and a path that a rule may know a value by.
struct Step {
    key: String,
    path: String,
}

/// From the outermost value around a place that a rule can be about to the place itself.
fn steps(place: &Place, tree: &Json) -> Vec<Step> {
    let keys: Vec<_> = place.keys().collect();
    let in_changes = keys.first().is_some_and(|key| key == "changes");
    let (mut at, mut key, mut path, mut steps) = (Some(tree), String::new(), String::new(), Vec::new());
    let outermost = usize::from(keys.len() > 1);
    for (depth, next) in keys.into_iter().enumerate() {
        if let Some(Json::Array(items)) = at {
            at = next.parse::<usize>().ok().and_then(|index| items.get(index));
        } else {
            at = at.and_then(|inside| inside.get(&next));
            // Before and after are sides of what changed, and no names.
            if !(in_changes && depth == 2) {
                path = if path.is_empty() { next.clone() } else { format!("{path}.{next}") };
                key = bare(&next);
            }
        }
        steps.push(Step { key: key.clone(), path: path.clone() });
    }
    steps.split_off(outermost)
}

fn path(steps: &[Step]) -> String {
    steps.last().map(|step| step.path.clone()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use flightbox_event::{json, parse_event};

    use super::*;
    use crate::seal::Seal;

    const EVENT: &str = r#"{"actor":{"id":"a","name":"Ann"},"action":"x","reason":"card 4111 1111 1111 1111",
        "changes":{"home":{"before":null,"after":"x"}},
        "details":{"user":{"mail":null,"pet":"cat"},"list":[null,{"pet":"dog"}],"own":null},"sensitive":["details.own"]}"#;

    fn record() -> Record {
        let event = parse_event(&json::parse(EVENT.as_bytes()).unwrap()).unwrap();
        let seal = |(place, kind): (&str, &str)| Seal {
            place: Place::read(place),
            kind: kind.to_owned(),
            key: 1,
            commitment: [0; 32],
            lookup: None,
            sealed: Vec::new(),
        };
        let seals = [
            ("/actor/email", "email"),
            ("/changes/home/before", "address"),
            ("/details/user/mail", "email"),
            ("/details/list/0", "iban"),
            ("/details/own", "sensitive"),
        ];
        let seals = seals.map(seal).to_vec();
        Record { received_at: Default::default(), source: "web".to_owned(), rules: 1, event, seals }
    }

    const IN_FORCE: &str = "seal key email, mail as email\nseal key home as address\nseal value iban\nseal value email";

    fn tried(text: &str) -> (Vec<usize>, Vec<String>, Vec<String>) {
        let (rules, in_force) = (Rules::parse(text, 2).unwrap(), Rules::parse(IN_FORCE, 1).unwrap());
        let mut trial = Trial::new(&rules, &in_force);
        trial.see(7, &record());
        trial.see(6, &record());
        let example = |example: Example| format!("{} {} {}", example.seq, example.path, example.rule);
        let left = |left: Left| {
            let unless = left.unless.map_or("", Detector::as_str);
            format!("{} {} {} {} {unless}", left.count, left.path, left.kind, left.seq).trim_end().to_owned()
        };
        let examples = trial.examples().into_iter().map(example).collect();
        (trial.hidden.clone(), examples, trial.left().0.into_iter().map(left).collect())
    }

    #[test]
    fn what_is_clear_and_would_be_hidden_is_counted_by_rule() {
        let (hidden, examples, left) =
            tried(&format!("{IN_FORCE}\nmask key pet\nseal value card\nseal key pet in app"));
        assert_eq!(hidden, [0, 2, 0, 0, 4, 2, 0]);
        assert_eq!(examples[..2], ["7 changes.home 1", "6 changes.home 1"]);
        assert!(examples.contains(&"7 details.list.pet 4".to_owned()) && examples.contains(&"6 reason 5".to_owned()));
        assert_eq!(left, [""; 0]);
    }

    #[test]
    fn what_is_sealed_and_would_stay_clear_is_told_by_place_and_kind() {
        let (.., left) = tried("seal path changes.home\nseal value email as mail\nseal value card");
        let by_looks = ["2 actor.email email 7 email", "2 details.list iban 7", "2 details.user.mail email 7 email"];
        assert_eq!(left, by_looks);
        let (.., left) = tried("mask path details.user\nseal key email, home, list in web");
        assert_eq!(left, [""; 0], "what stands inside of something hidden is hidden");
        let (.., left) = tried("seal key email, home, mail, list in app");
        assert_eq!(left.len(), 4, "{left:?}");
    }

    #[test]
    fn examples_are_few_and_some_of_each_rule() {
        let (rules, none) = (Rules::parse("mask key pet\nseal value card", 2).unwrap(), Rules::default());
        let mut trial = Trial::new(&rules, &none);
        (0..50).for_each(|seq| trial.see(seq, &record()));
        let examples = trial.examples();
        let of = |rule: usize| examples.iter().filter(|example| example.rule == rule).count();
        assert_eq!((trial.hidden.clone(), of(0), of(1)), (vec![100, 50], 10, 10));
    }
}
