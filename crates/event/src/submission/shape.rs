//! The native shape of an event, and the flat aliases that simple producers send.

use chrono::{DateTime, TimeZone, Utc};

use super::{
    Problem, ProblemCode,
    fields::{Fields, Found, found},
    values::{Inner, check_size, parse_time, seconds},
};
use crate::{Actor, ActorKind, Change, Event, Http, Json, Origin, Outcome, Resource, Severity, event::UnknownWord};

/// More sensitive paths than this are a mistake.
const MAX_SENSITIVE: usize = 64;
/// What only the server sets.
const RESERVED: &[&str] = &["seq", "received_at", "source", "flags", "leaf_hash"];
/// Fields that can be sensitive, beside what stands inside details and changes. All others must stay searchable.
const MAYBE_SENSITIVE: [&str; 7] =
    ["actor.name", "actor.email", "resource.name", "reason", "origin.user_agent", "origin.session_id", "http.path"];

/// Whether a path names something that can be sealed: a value inside the details or the changes, or one of a few fields.
pub fn can_be_sensitive(path: &str) -> bool {
    let inside = path.strip_prefix("details.").or_else(|| path.strip_prefix("changes."));
    MAYBE_SENSITIVE.contains(&path) || inside.is_some_and(|rest| rest.split('.').all(|key| !key.is_empty()))
}

/// What such a path can be, in words.
pub fn sensitive_paths() -> String {
    format!("details.…, changes.…, or one of {}", MAYBE_SENSITIVE.join(", "))
}

/// Reads one event in the native shape or with flat aliases, or tells every problem it has.
pub fn parse_event(json: &Json) -> Result<Event, Vec<Problem>> {
    let Json::Object(members) = json else {
        let message = "expected an object with at least actor and action";
        return Err(vec![Problem::new("", ProblemCode::Type, message, Some(json))]);
    };
    let mut reader = Reader { fields: Fields::new(members, ""), problems: Vec::new() };
    let event = reader.event();
    let Reader { fields, mut problems } = reader;
    fields.finish(RESERVED, &mut problems);
    event.filter(|_| problems.is_empty()).ok_or(problems)
}

struct Reader<'a> {
    fields: Fields<'a>,
    problems: Vec<Problem>,
}

type Member<'a> = (&'static str, &'a Json);

impl<'a> Reader<'a> {
    fn event(&mut self) -> Option<Event> {
        let id = self.text("id", None, 1, 128);
        let occurred_at = self.time();
        let actor = self.actor();
        let action = self.required("action", "action_type", "what was done, such as \"user.update\"");
        let action = action.and_then(|(path, value)| found(path, value).text(1, 128, &mut self.problems));
        let resource = self.resource();
        let http = self.http();
        let status = http.as_ref().and_then(|http| http.status);
        let outcome = self.word("outcome", Outcome::ALL);
        Some(Event {
            id,
            occurred_at,
            actor: actor.unwrap_or_default(),
            action: action.unwrap_or_default(),
            resource,
            outcome: outcome.unwrap_or_else(|| status.map_or(Outcome::Success, Outcome::of_status)),
            reason: self.text("reason", None, 0, 1024),
            origin: self.origin(),
            http,
            changes: self.changes(),
            details: self.details(),
            sensitive: self.sensitive(),
            severity: self.word("severity", Severity::ALL).unwrap_or_default(),
        })
    }

    /// A field by its name or its alias; both at once is a contradiction that nobody but the sender can settle.
    fn either(&mut self, name: &'static str, alias: &'static str) -> Option<Member<'a>> {
        match (self.fields.take(name), self.fields.take(alias)) {
            (Some(_), Some(value)) => {
                let message = format!("says the same as \"{name}\"; send one of the two");
                self.problems.push(Problem::new(alias, ProblemCode::Conflict, message, Some(value)));
                None
            }
            (Some(value), None) => Some((name, value)),
            (None, value) => value.map(|value| (alias, value)),
        }
    }

    fn required(&mut self, name: &'static str, alias: &'static str, what: &str) -> Option<Member<'a>> {
        let before = self.problems.len();
        let member = self.either(name, alias);
        if member.is_none() && self.problems.len() == before {
            let message = format!("is required: {what}");
            self.problems.push(Problem::new(name, ProblemCode::Missing, message, None));
        }
        member
    }

    fn text(&mut self, name: &'static str, alias: Option<&'static str>, least: usize, most: usize) -> Option<String> {
        let member = match alias {
            Some(alias) => self.either(name, alias),
            None => self.fields.take(name).map(|value| (name, value)),
        };
        member.and_then(|(path, value)| found(path, value).text(least, most, &mut self.problems))
    }

    fn word<T: std::str::FromStr<Err = UnknownWord> + std::fmt::Display>(
        &mut self,
        name: &'static str,
        words: &[T],
    ) -> Option<T> {
        let value = self.fields.take(name)?;
        found(name, value).word(words, &mut self.problems)
    }

    fn time(&mut self) -> Option<DateTime<Utc>> {
        let (path, value) = self.either("occurred_at", "created_at")?;
        let time = match value {
            Json::Number(number) => number.as_i64().and_then(|millis| Utc.timestamp_millis_opt(millis).single()),
            Json::String(text) => parse_time(text, path == "created_at"),
            _ => None,
        };
        // The years that RFC 3339 can write.
        let time = time.filter(|time| (0..=9999).contains(&chrono::Datelike::year(time)));
        time.or_else(|| {
            let message =
                "expected RFC 3339 with an offset, such as \"2026-11-22T13:31:58.930Z\", or milliseconds since 1970";
            found(path, value).refuse(ProblemCode::Value, message, &mut self.problems)
        })
    }

    fn actor(&mut self) -> Option<Actor> {
        let what = "who did it, a string or an object with id, type, name, email";
        let (path, value) = self.required("actor", "user_id", what)?;
        let here = found(path, value);
        match value {
            Json::Number(number) if path == "user_id" => Some(Actor { id: number.to_string(), ..Actor::default() }),
            Json::Object(members) if path == "actor" => self.nested(members, "actor", |inner, problems| {
                Some(Actor {
                    id: inner.required_text("id", 256, problems).unwrap_or_default(),
                    kind: inner.word("type", ActorKind::ALL, problems).unwrap_or_default(),
                    name: inner.text("name", 256, problems),
                    email: inner.text("email", 320, problems),
                })
            }),
            Json::String(_) => here.text(1, 256, &mut self.problems).map(|id| Actor { id, ..Actor::default() }),
            _ if path == "actor" => here.refuse(ProblemCode::Type, format!("expected {what}"), &mut self.problems),
            _ => here.refuse(ProblemCode::Type, "expected a string or a number", &mut self.problems),
        }
    }

    fn resource(&mut self) -> Option<Resource> {
        let (path, value) = self.either("resource", "target_resource")?;
        match value {
            Json::Object(members) if path == "resource" => self.nested(members, "resource", |inner, problems| {
                let resource = Resource::new(inner.required_text("id", 1024, problems).unwrap_or_default());
                let kind = inner.text("type", 128, problems).or(resource.kind);
                Some(Resource { kind, name: inner.text("name", 256, problems), ..resource })
            }),
            Json::String(_) => found(path, value).text(1, 1024, &mut self.problems).map(Resource::new),
            _ => {
                let message = "expected a string such as \"/users/42\", or an object with id, type, name";
                found(path, value).refuse(ProblemCode::Type, message, &mut self.problems)
            }
        }
    }

    fn origin(&mut self) -> Origin {
        let nested = self.fields.take("origin").and_then(|value| found("origin", value).object(&mut self.problems));
        let mut origin = nested
            .and_then(|members| {
                self.nested(members, "origin", |inner, problems| {
                    Some(Origin {
                        ip: inner.text("ip", 256, problems),
                        port: inner.integer("port", 0, 65_535, problems).map(|port| port as u16),
                        user_agent: inner.text("user_agent", 2048, problems),
                        country: inner.text("country", 64, problems),
                        session_id: inner.text("session_id", 256, problems),
                        request_id: inner.text("request_id", 256, problems),
                    })
                })
            })
            .unwrap_or_default();
        self.flat("client_ip", "origin.ip", &mut origin.ip, |here, problems| here.text(1, 256, problems));
        self.flat("user_agent", "origin.user_agent", &mut origin.user_agent, |here, problems| {
            here.text(1, 2048, problems)
        });
        origin
    }

    fn http(&mut self) -> Option<Http> {
        let nested = self.fields.take("http").and_then(|value| found("http", value).object(&mut self.problems));
        let nested = nested.and_then(|members| {
            self.nested(members, "http", |inner, problems| {
                Some(Http {
                    method: inner.text("method", 32, problems),
                    path: inner.text("path", 2048, problems),
                    status: inner.integer("status", 100, 599, problems).map(|status| status as u16),
                    duration_ms: inner.duration(problems),
                })
            })
        });
        let mut http = nested.unwrap_or_default();
        self.flat("method", "http.method", &mut http.method, |here, problems| here.text(1, 32, problems));
        self.flat("path", "http.path", &mut http.path, |here, problems| here.text(1, 2048, problems));
        self.flat("status_code", "http.status", &mut http.status, |here, problems| {
            here.integer(100, 599, problems).map(|status| status as u16)
        });
        self.flat("response_time", "http.duration_ms", &mut http.duration_ms, seconds);
        (http != Http::default()).then_some(http)
    }

    /// A flat alias of a nested field, unless that field is there as well.
    fn flat<T>(
        &mut self,
        alias: &'static str,
        name: &str,
        slot: &mut Option<T>,
        read: impl FnOnce(Found<'a, '_>, &mut Vec<Problem>) -> Option<T>,
    ) {
        let Some(value) = self.fields.take(alias) else { return };
        if slot.is_some() {
            let message = format!("says the same as \"{name}\"; send one of the two");
            self.problems.push(Problem::new(alias, ProblemCode::Conflict, message, Some(value)));
        } else {
            *slot = read(found(alias, value), &mut self.problems);
        }
    }

    fn changes(&mut self) -> Vec<(String, Change)> {
        let Some(value) = self.fields.take("changes") else { return Vec::new() };
        let Some(members) = found("changes", value).object(&mut self.problems) else { return Vec::new() };
        let mut changes = Vec::with_capacity(members.len());
        for (field, value) in members {
            let path = format!("changes.{field}");
            let Some(inner) = found(&path, value).object(&mut self.problems) else { continue };
            let change = self.nested(inner, &path, |inner, problems| {
                let change = Change { before: inner.any("before"), after: inner.any("after") };
                for (side, value) in [("before", &change.before), ("after", &change.after)] {
                    inner.check_size(side, value.as_ref(), problems);
                }
                Some(change)
            });
            changes.extend(change.map(|change| (field.clone(), change)));
        }
        changes
    }

    fn details(&mut self) -> Option<Json> {
        let value = self.fields.take("details")?;
        found("details", value).object(&mut self.problems)?;
        check_size("details", value, &mut self.problems);
        Some(value.clone())
    }

    fn sensitive(&mut self) -> Vec<String> {
        let Some(value) = self.fields.take("sensitive") else { return Vec::new() };
        let here = found("sensitive", value);
        let Some(paths) = value.as_array().filter(|paths| paths.len() <= MAX_SENSITIVE) else {
            let message = format!("expected an array of at most {MAX_SENSITIVE} paths, such as \"details.card\"");
            here.refuse::<()>(ProblemCode::Type, message, &mut self.problems);
            return Vec::new();
        };
        let mut parsed = Vec::with_capacity(paths.len());
        for (index, value) in paths.iter().enumerate() {
            let path = format!("sensitive[{index}]");
            let Some(text) = found(&path, value).text(1, 512, &mut self.problems) else { continue };
            if !can_be_sensitive(&text) {
                let message = format!("names nothing that can be sealed; expected {}", sensitive_paths());
                found(&path, value).refuse::<()>(ProblemCode::Value, message, &mut self.problems);
            }
            parsed.push(text);
        }
        parsed
    }

    fn nested<T>(
        &mut self,
        members: &'a [(String, Json)],
        path: &str,
        read: impl FnOnce(&mut Inner<'a>, &mut Vec<Problem>) -> Option<T>,
    ) -> Option<T> {
        let mut inner = Inner(Fields::new(members, path));
        let value = read(&mut inner, &mut self.problems);
        inner.0.finish(&[], &mut self.problems);
        value
    }
}
