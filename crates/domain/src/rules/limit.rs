//! How much of one event may be sealed.

use flightbox_event::{Event, Json};

use super::{Effect, Rules};

/// The most values of one event that are sealed: each has a box, a commitment and its place beside the event.
pub const MOST_SEALED: usize = 256;
/// The most bytes that their places take together.
const MOST_OF_PLACES: usize = 64 * 1024;
/// An event whose details and changes take no more than this cannot go beyond either: half of it in a name that each of
/// its slashes doubles, and half in values of six bytes under it, their names included, makes places of half the bound.
const SMALL: usize = 512;

impl Rules {
    /// Whether so much of an event would be sealed that its record could not be kept.
    pub fn seal_too_much(&self, event: &Event, source: &str) -> bool {
        let seals = |rule: &super::Rule| rule.effect == Effect::Seal && rule.is_for(source);
        if event.sensitive.is_empty() && !self.iter().any(seals) {
            return false;
        }
        let size = |value: &Json| value.extent().0;
        let changes = event.changes.iter().flat_map(|(field, change)| {
            let sides = [&change.before, &change.after].into_iter().flatten();
            sides.map(move |side| field.len() + size(side))
        });
        if event.details.as_ref().map(size).into_iter().chain(changes).sum::<usize>() <= SMALL {
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
