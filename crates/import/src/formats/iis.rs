//! IIS's logs in the W3C format.

use std::borrow::Cow;

use flightbox_event::Json;

use crate::{
    fields::Members,
    mapping::{
        Field::*,
        Frame, Mapping,
        Rule::{At, Fixed, If, Made},
        text_at,
    },
};

/// The fields that IIS writes unless told otherwise.
const FIELDS: &[&str] = &[
    "date",
    "time",
    "s-ip",
    "cs-method",
    "cs-uri-stem",
    "cs-uri-query",
    "s-port",
    "cs-username",
    "c-ip",
    "cs(User-Agent)",
    "cs(Referer)",
    "sc-status",
    "sc-substatus",
    "sc-win32-status",
    "time-taken",
];

/// The format.
pub static IIS: Mapping = Mapping {
    name: "iis",
    title: "IIS access log",
    described: "https://learn.microsoft.com/en-us/windows/win32/http/w3c-logging",
    notes: "The W3C format with the fields that IIS writes unless told otherwise. Its times are UTC.",
    frame: Frame::Lines(parse),
    signs: &[],
    inside: &[],
    rows: &[
        (Time, &[Made(&["date", "time"], "date and time, UTC", time)]),
        (Actor, &[At("cs-username"), Fixed("anonymous")]),
        (ActorType, &[If("cs-username", "user"), Fixed("anonymous")]),
        (Action, &[At("cs-method")]),
        (Resource, &[At("cs-uri-stem")]),
        (Ip, &[At("c-ip")]),
        (UserAgent, &[At("cs(User-Agent)")]),
        (Method, &[At("cs-method")]),
        (Path, &[Made(&["cs-uri-stem", "cs-uri-query"], "stem and query", path)]),
        (Status, &[At("sc-status")]),
        (Duration, &[At("time-taken")]),
    ],
};

fn parse(line: &str) -> Result<Json, &'static str> {
    if line.starts_with('#') {
        return Ok(Json::Null);
    }
    let words: Vec<&str> = line.split_ascii_whitespace().collect();
    let is_date = words.first().is_some_and(|date| date.len() == 10 && date.as_bytes()[4] == b'-');
    if words.len() != FIELDS.len() || !is_date || words[11].parse::<u16>().is_err() {
        return Err("the fifteen fields that IIS writes");
    }
    let mut members = Members::of_line(line);
    FIELDS.iter().zip(words).for_each(|(field, word)| members.text(field, word));
    Ok(members.json())
}

fn time(record: &Json) -> Option<Cow<'_, str>> {
    Some(Cow::Owned(format!("{}T{}Z", text_at(record, "date")?, text_at(record, "time")?)))
}

fn path(record: &Json) -> Option<Cow<'_, str>> {
    let stem = text_at(record, "cs-uri-stem")?;
    Some(match text_at(record, "cs-uri-query") {
        Some(query) => Cow::Owned(format!("{stem}?{query}")),
        None => stem,
    })
}
