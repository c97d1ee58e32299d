//! Taking out of an event what its rules say.

use flightbox_event::{Event, Json, mask::MASK, mask::bare};

use super::{Detector, Effect, Rule, Rules, SENSITIVE, What};
use crate::seal::Place;

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
    /// The value.
    pub value: Json,
}

/// What was done to an event's values.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Hidden {
    /// What was taken out, in the order of the event.
    pub sealed: Vec<Found>,
    /// Where values were masked for good.
    pub masked: Vec<Place>,
}

impl Rules {
    /// Masks values of an event, and takes out those that are to be sealed: `null` stands in the place of one inside
    /// details and changes, nothing in that of a field.
    pub fn apply(&self, event: &mut Event, source: &str) -> Hidden {
        let rules: Vec<_> =
            self.iter().filter(|rule| rule.source.as_deref().is_none_or(|only| only == source)).collect();
        let sensitive = std::mem::take(&mut event.sensitive);
        let mut walk = Walk { rules, sensitive: &sensitive, hidden: Hidden::default(), subjects: Vec::new() };
        walk.remember_subjects(event);
        walk.event(event);
        let hidden = walk.hidden;
        event.sensitive = sensitive;
        hidden
    }
}

struct Walk<'a> {
    rules: Vec<&'a Rule>,
    sensitive: &'a [String],
    hidden: Hidden,
    /// The subjects that rules name, by their path, as they were before anything was taken out.
    subjects: Vec<(&'a str, String)>,
}

/// Where the walk is.
#[derive(Clone, Copy)]
struct Here<'a> {
    /// The name that the value stands under.
    key: &'a str,
    /// Its path, positions in arrays left out.
    path: &'a str,
    place: &'a Place,
    /// Whether a value is known by its looks here. A name or a label is not: it is what events are told apart by.
    looks: bool,
}

impl<'a> Walk<'a> {
    fn remember_subjects(&mut self, event: &Event) {
        for path in self.rules.iter().filter_map(|rule| rule.subject.as_deref()) {
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
        self.field("/actor/name", false, &mut event.actor.name);
        self.field("/actor/email", true, &mut event.actor.email);
        if let Some(resource) = &mut event.resource {
            self.field("/resource/name", false, &mut resource.name);
        }
        self.field("/reason", true, &mut event.reason);
        self.field("/origin/user_agent", false, &mut event.origin.user_agent);
        self.field("/origin/session_id", false, &mut event.origin.session_id);
        if let Some(http) = &mut event.http {
            self.field("/http/path", false, &mut http.path);
        }
        for (field, change) in &mut event.changes {
            for (side, value) in [("before", &mut change.before), ("after", &mut change.after)] {
                let (path, place) = (format!("changes.{field}"), Place::of(&["changes", field, side]));
                let here = Here { key: field, path: &path, place: &place, looks: true };
                value.iter_mut().for_each(|value| self.value(here, value));
            }
        }
        if let Some(details) = &mut event.details {
            let place = Place::of(&["details"]);
            self.inside(Here { key: "details", path: "details", place: &place, looks: true }, details);
        }
    }

    fn field(&mut self, pointer: &str, looks: bool, field: &mut Option<String>) {
        let Some(text) = field.take() else { return };
        let (mut value, place) = (Json::from(text), Place::read(pointer));
        let path = pointer[1..].replace('/', ".");
        let key = path.rsplit('.').next().unwrap_or_default();
        self.value(Here { key, path: &path, place: &place, looks }, &mut value);
        if let Json::String(text) = value {
            *field = Some(text);
        }
    }

    /// Hides a value, or what is inside of it.
    fn value(&mut self, here: Here<'_>, value: &mut Json) {
        let nothing = match value {
            Json::Null | Json::Bool(_) => true,
            Json::String(text) => text.is_empty() || text == MASK,
            _ => false,
        };
        if nothing {
            return;
        }
        let rules = std::mem::take(&mut self.rules);
        let rule = rules.iter().find(|rule| fits(rule, here, value)).copied();
        self.rules = rules;
        match rule {
            Some(rule) if rule.effect == Effect::Mask => {
                *value = MASK.into();
                self.hidden.masked.push(here.place.clone());
            }
            Some(rule) => {
                let subject = rule.subject.as_deref();
                let subject = subject.and_then(|path| self.subjects.iter().find(|(known, _)| *known == path));
                self.hidden.sealed.push(Found {
                    place: here.place.clone(),
                    kind: rule.kind.clone(),
                    subject: subject.map(|(_, subject)| subject.clone()),
                    searchable: rule.searchable,
                    value: std::mem::take(value),
                });
            }
            None if self.sensitive.iter().any(|path| path == here.path) => self.hidden.sealed.push(Found {
                place: here.place.clone(),
                kind: SENSITIVE.to_owned(),
                subject: None,
                searchable: false,
                value: std::mem::take(value),
            }),
            None => self.inside(here, value),
        }
    }

    fn inside(&mut self, here: Here<'_>, value: &mut Json) {
        match value {
            Json::Array(items) => {
                for (index, item) in items.iter_mut().enumerate() {
                    self.value(Here { place: &here.place.at(&index.to_string()), ..here }, item);
                }
            }
            Json::Object(members) => {
                for (key, member) in members {
                    let (path, place) = (format!("{}.{key}", here.path), here.place.at(key));
                    self.value(Here { key, path: &path, place: &place, ..here }, member);
                }
            }
            _ => {}
        }
    }
}

fn fits(rule: &Rule, here: Here<'_>, value: &Json) -> bool {
    match &rule.what {
        What::Keys(names) => {
            let key = bare(here.key);
            names.iter().any(|name| bare(name) == key)
        }
        What::Path(path) => path == here.path,
        What::Value(detector) => here.looks && looks(*detector, value),
    }
}

fn looks(detector: Detector, value: &Json) -> bool {
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
    fn the_first_rule_that_fits_decides_and_one_of_another_source_does_not() {
        let rules = "mask path details.note in web\nmask key pin\nseal value email as mail subject details.user.id";
        let (event, hidden) = applied(rules, "web");
        assert_eq!(event.details.unwrap().at(&["note"]), Some(&MASK.into()));
        assert_eq!(
            hidden.masked.iter().map(Place::to_string).collect::<Vec<_>>(),
            ["/details/note", "/details/list/0/pin"]
        );
        let (_, elsewhere) = applied(rules, "app");
        let note = elsewhere.sealed.iter().find(|found| found.place.to_string() == "/details/note").unwrap();
        assert_eq!((note.kind.as_str(), note.subject.as_deref()), ("mail", Some("7")));
    }
}
