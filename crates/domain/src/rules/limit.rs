//! How much of one event may be sealed.

use flightbox_event::{Event, Json};

use super::{Effect, Rules};

/// The most values of one event that are sealed: each has a box, a commitment and its place beside the event.
pub const MOST_SEALED: usize = 256;
/// The most bytes that their places take together.
const MOST_OF_PLACES: usize = 64 * 1024;
/// Values that are sealed of fields are no more than this, and their places take a few bytes.
const OF_FIELDS: usize = 16;

/// How many values an event has, and how many bytes the names take that lead to them.
#[derive(Default)]
struct Extent {
    values: usize,
    places: usize,
}

impl Extent {
    fn add(&mut self, value: Option<&Json>, above: usize) {
        /// What stands around a name, or for an item of a list.
        const STEP: usize = 8;
        match value {
            None => {}
            Some(Json::Array(items)) if !items.is_empty() => {
                items.iter().for_each(|item| self.add(Some(item), above + STEP));
            }
            Some(Json::Object(members)) if !members.is_empty() => {
                // A slash or a tilde takes two bytes.
                members.iter().for_each(|(key, value)| self.add(Some(value), above + 2 * key.len() + STEP));
            }
            Some(_) => {
                self.values += 1;
                self.places += above;
            }
        }
    }
}

impl Rules {
    /// Whether so much of an event would be sealed that its record could not be kept.
    pub fn seal_too_much(&self, event: &Event, source: &str) -> bool {
        let seals = |rule: &super::Rule| rule.effect == Effect::Seal && rule.is_for(source);
        if event.sensitive.is_empty() && !self.iter().any(seals) {
            return false;
        }
        // What is sealed is a value or what is around several: of few values that stand close, nothing is too much.
        let mut most = Extent::default();
        most.add(event.details.as_ref(), 0);
        for (field, change) in &event.changes {
            most.add(change.before.as_ref(), 2 * field.len());
            most.add(change.after.as_ref(), 2 * field.len());
        }
        if most.values <= MOST_SEALED - OF_FIELDS && most.places <= MOST_OF_PLACES / 2 {
            return false;
        }
        let sealed = self.apply(&mut event.clone(), source).sealed;
        let places: usize = sealed.iter().map(|found| found.place.as_str().len()).sum();
        sealed.len() > MOST_SEALED || places > MOST_OF_PLACES
    }
}

#[cfg(test)]
mod tests {
    use flightbox_event::{json, parse_event};

    use super::*;

    #[test]
    fn an_event_has_a_bounded_number_of_seals_and_of_bytes_that_tell_where_they_belong() {
        let rules = Rules::parse("seal value email", 1).unwrap();
        let too_much = |key: &str, count: usize| {
            let mails = vec!["\"a@b.co\""; count].join(",");
            let text = format!(r#"{{"actor":"a","action":"x","details":{{"{key}":[{mails}]}}}}"#);
            rules.seal_too_much(&parse_event(&json::parse(text.as_bytes()).unwrap()).unwrap(), "s")
        };
        assert!(!too_much("to", 1) && !too_much("to", MOST_SEALED) && too_much("to", MOST_SEALED + 1));
        let long = "k".repeat(1_024);
        assert!(!too_much(&long, 60) && too_much(&long, 70));
    }
}
