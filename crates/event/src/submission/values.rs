//! The fields of nested objects, and values that take more than one look.

use chrono::{DateTime, NaiveDateTime, Utc};

use super::{
    Problem, ProblemCode,
    fields::{Fields, Found, found},
};
use crate::{Json, event::UnknownWord, json::MAX_DEPTH};

/// Details beyond this many bytes belong in a store of documents, not in an audit log.
const MAX_DETAILS: usize = 256 * 1024;

/// The fields of a nested object.
pub(super) struct Inner<'a>(pub(super) Fields<'a>);

impl Inner<'_> {
    pub(super) fn text(&mut self, key: &'static str, most: usize, problems: &mut Vec<Problem>) -> Option<String> {
        let value = self.0.take(key)?;
        self.0.found(key, value).text(0, most, problems).filter(|text| !text.is_empty())
    }

    pub(super) fn required_text(
        &mut self,
        key: &'static str,
        most: usize,
        problems: &mut Vec<Problem>,
    ) -> Option<String> {
        let Some(value) = self.0.take(key) else {
            let message = format!("is required: a string of 1 to {most} characters");
            problems.push(Problem::new(self.0.path(key), ProblemCode::Missing, message, None));
            return None;
        };
        self.0.found(key, value).text(1, most, problems)
    }

    pub(super) fn word<T>(&mut self, key: &'static str, words: &[T], problems: &mut Vec<Problem>) -> Option<T>
    where
        T: std::str::FromStr<Err = UnknownWord> + std::fmt::Display,
    {
        let value = self.0.take(key)?;
        self.0.found(key, value).word(words, problems)
    }

    pub(super) fn integer(
        &mut self,
        key: &'static str,
        least: i64,
        most: i64,
        problems: &mut Vec<Problem>,
    ) -> Option<i64> {
        let value = self.0.take(key)?;
        self.0.found(key, value).integer(least, most, problems)
    }

    pub(super) fn duration(&mut self, problems: &mut Vec<Problem>) -> Option<Json> {
        let value = self.0.take("duration_ms")?;
        match value {
            Json::Number(number) if number.as_f64() >= 0.0 && number.as_f64().is_finite() => Some(value.clone()),
            _ => {
                let here = self.0.found("duration_ms", value);
                here.refuse(ProblemCode::Value, "expected milliseconds, zero or more", problems)
            }
        }
    }

    pub(super) fn any(&mut self, key: &'static str) -> Option<Json> {
        self.0.take(key).cloned()
    }

    pub(super) fn check_size(&self, key: &str, value: Option<&Json>, problems: &mut Vec<Problem>) {
        if let Some(value) = value {
            check_size(&self.0.path(key), value, problems);
        }
    }
}

/// Seconds, as some middlewares record them, in milliseconds to the microsecond.
pub(super) fn seconds(here: Found<'_, '_>, problems: &mut Vec<Problem>) -> Option<Json> {
    let seconds = match here.value {
        Json::Number(number) => Some(number.as_f64()).filter(|seconds| (0.0..1e9).contains(seconds)),
        _ => None,
    };
    let Some(seconds) = seconds else {
        return here.refuse(ProblemCode::Value, "expected seconds, zero or more", problems);
    };
    crate::json::parse(format!("{}", (seconds * 1e6).round() / 1e3).as_bytes()).ok()
}

/// RFC 3339; a time without an offset is UTC where the producer is known to write it so.
pub(super) fn parse_time(text: &str, naive_is_utc: bool) -> Option<DateTime<Utc>> {
    let with_offset = DateTime::parse_from_rfc3339(text).ok().map(|time| time.to_utc());
    with_offset.or_else(|| {
        let formats = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f"];
        let naive = || formats.iter().find_map(|format| NaiveDateTime::parse_from_str(text, format).ok());
        naive_is_utc.then(naive).flatten().map(|naive| naive.and_utc())
    })
}

pub(super) fn check_size(path: &str, value: &Json, problems: &mut Vec<Problem>) {
    let (size, depth) = value.extent();
    if size > MAX_DETAILS {
        let message = format!("expected at most {MAX_DETAILS} bytes, came {size}");
        found(path, value).refuse::<()>(ProblemCode::Limit, message, problems);
    }
    if depth > MAX_DEPTH {
        let message = format!("expected nesting of at most {MAX_DEPTH}, came {depth}");
        found(path, value).refuse::<()>(ProblemCode::TooDeep, message, problems);
    }
}
