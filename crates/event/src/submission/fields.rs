//! Reading one object field by field, remembering what was wrong and what nobody asked for.

use crate::{Json, nearest};

use super::{Problem, ProblemCode};

/// One object being read. Each field is taken once; [`Fields::finish`] reports what is left over.
pub(super) struct Fields<'a> {
    members: &'a [(String, Json)],
    path: String,
    known: Vec<&'static str>,
}

impl<'a> Fields<'a> {
    /// The object at `path`, empty for the event itself.
    pub(super) fn new(members: &'a [(String, Json)], path: &str) -> Self {
        Self { members, path: path.to_owned(), known: Vec::new() }
    }

    /// Where the field stands in the event.
    pub(super) fn path(&self, key: &str) -> String {
        join(&self.path, key)
    }

    /// A value of this object, to be checked.
    pub(super) fn found<'p>(&'p self, key: &'p str, value: &'a Json) -> Found<'a, 'p> {
        Found { value, parent: &self.path, key }
    }

    /// The field's value; `null` counts as absent.
    pub(super) fn take(&mut self, key: &'static str) -> Option<&'a Json> {
        self.known.push(key);
        self.members.iter().find(|(name, _)| name == key).map(|(_, value)| value).filter(|value| !value.is_null())
    }

    /// Reports every field that was never asked for, `reserved` ones as such.
    pub(super) fn finish(self, reserved: &[&str], problems: &mut Vec<Problem>) {
        for (key, value) in self.members.iter().filter(|(key, _)| !self.known.contains(&key.as_str())) {
            let path = self.path(key);
            if reserved.contains(&key.as_str()) {
                let message = "is set by the server alone; leave it out";
                problems.push(Problem::new(path, ProblemCode::Reserved, message, Some(value)));
                continue;
            }
            let hint = match nearest(key, self.known.iter().copied()) {
                Some(known) => format!("did you mean \"{known}\"?"),
                None if self.path.is_empty() => "put what has no field of its own into details".to_owned(),
                None => format!("known here: {}", self.known.join(", ")),
            };
            let message =
                format!("is no field of {}; {hint}", if self.path.is_empty() { "an event" } else { &self.path });
            problems.push(Problem::new(path, ProblemCode::UnknownField, message, Some(value)));
        }
    }
}

/// A value with the place it came from, so that each check is one call. Its path is put together only where it is told.
#[derive(Clone, Copy)]
pub(super) struct Found<'a, 'p> {
    pub(super) value: &'a Json,
    parent: &'p str,
    key: &'p str,
}

/// A value with its path in the event.
pub(super) fn found<'a, 'p>(path: &'p str, value: &'a Json) -> Found<'a, 'p> {
    Found { value, parent: "", key: path }
}

fn join(parent: &str, key: &str) -> String {
    if parent.is_empty() { key.to_owned() } else { format!("{parent}.{key}") }
}

impl<'a> Found<'a, '_> {
    /// Notes what was expected instead.
    pub(super) fn refuse<T>(
        self,
        code: ProblemCode,
        message: impl Into<String>,
        problems: &mut Vec<Problem>,
    ) -> Option<T> {
        problems.push(Problem::new(join(self.parent, self.key), code, message, Some(self.value)));
        None
    }

    /// Text of `least` to `most` characters.
    pub(super) fn text(self, least: usize, most: usize, problems: &mut Vec<Problem>) -> Option<String> {
        let Json::String(text) = self.value else {
            return self.refuse(
                ProblemCode::Type,
                format!("expected a string of {least} to {most} characters"),
                problems,
            );
        };
        // Bytes bound characters from above, so most texts need no counting.
        let fits = text.len() >= least && (text.len() <= most || text.chars().count() <= most);
        if !fits {
            let message = format!("expected {least} to {most} characters, came {}", text.chars().count());
            return self.refuse(ProblemCode::Limit, message, problems);
        }
        Some(text.clone())
    }

    /// One of an enumeration's words.
    pub(super) fn word<T>(self, words: &[T], problems: &mut Vec<Problem>) -> Option<T>
    where
        T: std::str::FromStr + std::fmt::Display,
    {
        let parsed = self.value.as_str().and_then(|text| text.parse().ok());
        parsed.or_else(|| {
            let words: Vec<_> = words.iter().map(T::to_string).collect();
            self.refuse(ProblemCode::Value, format!("expected one of {}", words.join(", ")), problems)
        })
    }

    /// A whole number within bounds.
    pub(super) fn integer(self, least: i64, most: i64, problems: &mut Vec<Problem>) -> Option<i64> {
        let number = match self.value {
            Json::Number(number) => number.as_i64(),
            _ => {
                return self.refuse(
                    ProblemCode::Type,
                    format!("expected a whole number from {least} to {most}"),
                    problems,
                );
            }
        };
        let fits = number.filter(|number| (least..=most).contains(number));
        fits.or_else(|| {
            self.refuse(ProblemCode::Value, format!("expected a whole number from {least} to {most}"), problems)
        })
    }

    /// The members of an object.
    pub(super) fn object(self, problems: &mut Vec<Problem>) -> Option<&'a [(String, Json)]> {
        self.value.as_object().or_else(|| self.refuse(ProblemCode::Type, "expected an object", problems))
    }
}
