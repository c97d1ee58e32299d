//! Taking out of an event what its rules say.

use flightbox_event::{Event, Json, mask::MASK, mask::bare};

use super::{Detector, Effect, Rule, Rules, SENSITIVE, What};
use crate::seal::{Place, push_key};

/// A value that was taken out of an event, to be sealed.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// Where it stood.
    pub place: Place,
    /// What it is called.
    pub kind: String,
    /// The subject that a rule names for it; the actor where there is none.
    pub subject: Option<String>,
    /// Whether it can be searched for.
    pub searchable: bool,
    /// Which rule takes it out, counted from 0; none where the event itself calls it sensitive.
    pub rule: Option<usize>,
    /// The value.
    pub value: Json,
}

/// What was done to an event's values.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Hidden {
    /// What was taken out, in the order of the event.
    pub sealed: Vec<Found>,
    /// Where values were masked for good, and by which rule, counted from 0.
    pub masked: Vec<(Place, usize)>,
}

impl Rules {
    /// Masks values of an event, and takes out those that are to be sealed: `null` stands in the place of one inside
    /// details and changes, nothing in that of a field.
    pub fn apply(&self, event: &mut Event, source: &str) -> Hidden {
        let rules = self.iter().enumerate().filter(|(_, rule)| rule.is_for(source)).collect();
        let sensitive = std::mem::take(&mut event.sensitive);
        let mut walk = Walk { rules, sensitive: &sensitive, ..Walk::default() };
        walk.remember_subjects(event);
        walk.event(event);
        let hidden = walk.hidden;
        event.sensitive = sensitive;
        hidden
    }
}

#[derive(Default)]
struct Walk<'a> {
    rules: Vec<(usize, &'a Rule)>,
    sensitive: &'a [String],
    /// Whether a value around it is about to be sealed whole: what would be sealed of it by itself is in there.
    masks_only: bool,
    hidden: Hidden,
    /// The subjects that rules name, by their path, as they were before anything was taken out.
    subjects: Vec<(&'a str, String)>,
    /// Where the walk is, as a pointer and as a path without positions in arrays.
    pointer: String,
    path: String,
}

/// What tells a value's rule beside its path.
#[derive(Clone, Copy)]
struct Here<'k> {
    /// The name that it stands under.
    key: &'k str,
    /// Whether a value is known by its looks here. A name or a label is not: it is what events are told apart by.
    looks: bool,
}

impl<'a> Walk<'a> {
    fn remember_subjects(&mut self, event: &Event) {
        for path in self.rules.iter().filter_map(|(_, rule)| rule.subject.as_deref()) {
            if self.subjects.iter().any(|(known, _)| *known == path) {
                continue;
            }
            let value = path.strip_prefix("details.").and_then(|path| {
                let keys: Vec<_> = path.split('.').collect();
                event.details.as_ref()?.at(&keys)
            });
            let text = match value {
                Some(Json::String(text)) => Some(text.clone()),
                Some(Json::Number(number)) => Some(number.to_string()),
                _ => None,
            };
            self.subjects.extend(text.filter(|text| !text.is_empty()).map(|text| (path, text)));
        }
    }

    fn event(&mut self, event: &mut Event) {
        self.field("actor", "name", false, &mut event.actor.name);
        self.field("actor", "email", true, &mut event.actor.email);
        if let Some(resource) = &mut event.resource {
            self.field("resource", "name", false, &mut resource.name);
        }
        self.field("", "reason", true, &mut event.reason);
        self.field("origin", "user_agent", false, &mut event.origin.user_agent);
        self.field("origin", "session_id", false, &mut event.origin.session_id);
        if let Some(http) = &mut event.http {
            self.field("http", "path", false, &mut http.path);
        }
        for (field, change) in &mut event.changes {
            for (side, value) in [("before", &mut change.before), ("after", &mut change.after)] {
                let Some(value) = value else { continue };
                self.at("changes", |walk| {
                    walk.at(field, |walk| {
                        let path = walk.path.len();
                        walk.at(side, |walk| {
                            // The path means both sides.
                            walk.path.truncate(path);
                            walk.value(Here { key: field, looks: true }, value);
                        });
                    });
                });
            }
        }
        if let Some(details) = &mut event.details {
            self.at("details", |walk| walk.inside(Here { key: "details", looks: true }, details));
        }
    }

    fn field(&mut self, group: &str, key: &str, looks: bool, field: &mut Option<String>) {
        let Some(text) = field.take() else { return };
        let mut value = Json::from(text);
        let here = Here { key, looks };
        match group {
            "" => self.at(key, |walk| walk.value(here, &mut value)),
            group => self.at(group, |walk| walk.at(key, |walk| walk.value(here, &mut value))),
        }
        if let Json::String(text) = value {
            *field = Some(text);
        }
    }

    /// Goes a step further, and back again.
    fn at(&mut self, key: &str, then: impl FnOnce(&mut Self)) {
        let (pointer, path) = (self.pointer.len(), self.path.len());
        push_key(&mut self.pointer, key);
        if path > 0 {
            self.path.push('.');
        }
        self.path.push_str(key);
        then(self);
        self.pointer.truncate(pointer);
        self.path.truncate(path);
    }

    /// Hides a value, or what is inside of it.
    fn value(&mut self, here: Here<'_>, value: &mut Json) {
        let nothing = match value {
            Json::Null => true,
            Json::String(text) => text.is_empty() || text == MASK,
            _ => false,
        };
        if nothing {
            return;
        }
        let key = bare(here.key);
        let fitting = self.rules.iter().find(|(_, rule)| fits(rule, &key, &self.path, here.looks, value)).copied();
        match fitting {
            Some((number, rule)) if rule.effect == Effect::Mask => {
                *value = MASK.into();
                self.hidden.masked.push((Place::read(&self.pointer), number));
            }
            Some((number, _)) if self.masks_only => self.mask_inside(number, here, value),
            Some((number, rule)) => {
                self.mask_inside(number, here, value);
                let subject = rule.subject.as_deref();
                let subject = subject.and_then(|path| self.subjects.iter().find(|(known, _)| *known == path));
                let subject = subject.map(|(_, subject)| subject.clone());
                self.seal(Some(number), &rule.kind, subject, rule.searchable, value);
            }
            None if self.sensitive.contains(&self.path) => {
                self.mask_inside(usize::MAX, here, value);
                self.seal(None, SENSITIVE, None, false, value);
            }
            None => self.inside(here, value),
        }
    }

    /// Masks what rules before that one mask inside of a value that is about to be sealed whole: masked is for good. Of
    /// those rules, too, the first that fits decides.
    fn mask_inside(&mut self, before: usize, here: Here<'_>, value: &mut Json) {
        let earlier = self.rules.iter().copied().filter(|(number, _)| *number < before).collect();
        let (rules, sensitive) = (std::mem::replace(&mut self.rules, earlier), std::mem::take(&mut self.sensitive));
        let masks_only = std::mem::replace(&mut self.masks_only, true);
        self.inside(here, value);
        (self.rules, self.sensitive, self.masks_only) = (rules, sensitive, masks_only);
    }

    fn seal(&mut self, rule: Option<usize>, kind: &str, subject: Option<String>, searchable: bool, value: &mut Json) {
        let (place, value) = (Place::read(&self.pointer), std::mem::take(value));
        self.hidden.sealed.push(Found { place, kind: kind.to_owned(), subject, searchable, rule, value });
    }

    fn inside(&mut self, here: Here<'_>, value: &mut Json) {
        match value {
            Json::Array(items) => {
                for (index, item) in items.iter_mut().enumerate() {
                    let pointer = self.pointer.len();
                    push_key(&mut self.pointer, &index.to_string());
                    self.value(here, item);
                    self.pointer.truncate(pointer);
                }
            }
            Json::Object(members) => {
                for (key, member) in members {
                    self.at(key, |walk| walk.value(Here { key, ..here }, member));
                }
            }
            _ => {}
        }
    }
}

fn fits(rule: &Rule, key: &str, path: &str, looks: bool, value: &Json) -> bool {
    match &rule.what {
        What::Value(detector) => looks && looks_like(*detector, value),
        _ => names(rule, key, path),
    }
}

/// Whether a rule is about what stands under that name, written bare, or at that path.
pub(super) fn names(rule: &Rule, key: &str, path: &str) -> bool {
    match &rule.what {
        What::Keys(names) => names.iter().any(|name| name.bare == key),
        What::Path(wanted) => wanted == path,
        What::Value(_) => false,
    }
}

fn looks_like(detector: Detector, value: &Json) -> bool {
    match value {
        Json::String(text) => detector.finds(text),
        Json::Number(number) => detector.finds(number.as_str()),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use flightbox_event::{json, parse_event};

    use super::*;

    const EVENT: &str = r#"{"actor":{"id":"a@b.de","name":"Ann","email":"a@b.de"},"action":"x","reason":"card 4111 1111 1111 1111",
        "changes":{"E-Mail":{"before":"x@y.de","after":null},"role":{"after":"admin"}},
        "details":{"user":{"id":7,"Email_Address":["p@q.de","r@s.de"]},"note":"p@q.de","list":[{"pin":1},{"home":"Elm St 1"}],"ok":true},
        "sensitive":["details.list.home","details.missing"]}"#;

    fn applied(rules: &str, source: &str) -> (Event, Hidden) {
        let mut event = parse_event(&json::parse(EVENT.as_bytes()).unwrap()).unwrap();
        let hidden = Rules::parse(rules, 1).unwrap().apply(&mut event, source);
        (event, hidden)
    }

    fn told(hidden: &Hidden) -> Vec<String> {
        hidden.sealed.iter().map(|found| format!("{} {} {}", found.place, found.kind, found.value)).collect()
    }

    #[test]
    fn values_are_taken_out_by_name_by_path_by_looks_and_because_the_event_says_so() {
        let (event, hidden) =
            applied("seal key email_address, email, e_mail as email\nseal value card\nseal value email as mail", "s");
        assert_eq!(
            told(&hidden),
            [
                r#"/actor/email email "a@b.de""#,
                r#"/reason card "card 4111 1111 1111 1111""#,
                r#"/changes/E-Mail/before email "x@y.de""#,
                r#"/details/user/Email_Address email ["p@q.de","r@s.de"]"#,
                r#"/details/note mail "p@q.de""#,
                r#"/details/list/1/home sensitive "Elm St 1""#,
            ]
        );
        assert_eq!((event.actor.id.as_str(), event.actor.email, event.reason), ("a@b.de", None, None));
        let details = event.details.unwrap().to_string();
        assert_eq!(
            details,
            r#"{"list":[{"pin":1},{"home":null}],"note":null,"ok":true,"user":{"Email_Address":null,"id":7}}"#
        );
        assert_eq!(event.sensitive.len(), 2);
    }

    #[test]
    fn what_a_rule_before_masks_is_masked_inside_of_what_is_sealed_whole_and_truths_are_sealed_too() {
        let rules = "mask key pin\nseal key list as list\nmask key home\nseal key ok as flag";
        let (event, hidden) = applied(rules, "s");
        assert_eq!(
            told(&hidden),
            [r#"/details/list list [{"pin":"***"},{"home":"Elm St 1"}]"#, "/details/ok flag true"]
        );
        assert_eq!(hidden.masked.len(), 1);
        assert_eq!(event.details.unwrap().get("ok"), Some(&Json::Null));

        // What a rule before the mask seals is not masked, and leaves with what is around it.
        let (_, hidden) = applied("seal key pin as pin\nmask key pin, home\nseal key list as list", "s");
        assert_eq!(told(&hidden), [r#"/details/list list [{"pin":1},{"home":"***"}]"#]);
    }

    #[test]
    fn the_first_rule_that_fits_decides_and_one_of_another_source_does_not() {
        let rules = "mask path details.note in web\nmask key pin\nseal value email as mail subject details.user.id";
        let (event, hidden) = applied(rules, "web");
        assert_eq!(event.details.unwrap().at(&["note"]), Some(&MASK.into()));
        assert_eq!(
            hidden.masked.iter().map(|(place, rule)| format!("{place} {rule}")).collect::<Vec<_>>(),
            ["/details/note 0", "/details/list/0/pin 1"]
        );
        let (_, elsewhere) = applied(rules, "app");
        let note = elsewhere.sealed.iter().find(|found| found.place.to_string() == "/details/note").unwrap();
        assert_eq!((note.kind.as_str(), note.subject.as_deref(), note.rule), ("mail", Some("7"), Some(2)));
    }
}
