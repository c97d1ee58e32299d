//! One record as an event in the native shape, as text: for the same parser that every producer meets.

use std::{borrow::Cow, net::SocketAddr};

use flightbox_event::{Json, json::push_string, rfc3339};

use crate::{
    mapping::{Field, Mapping, Rule},
    time::{self, Assumed, Clock},
};

/// What was filled in of an event, for its record does not say it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Filled {
    /// Of its time.
    pub time: Assumed,
    /// All of its time: it gets that of its receipt.
    pub no_time: bool,
    /// Who did it.
    pub actor: bool,
}

/// Why a record makes no event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unmapped {
    /// Of the paths that were looked at, which.
    pub paths: Vec<&'static str>,
    /// What was expected there.
    pub expected: &'static str,
}

type Values<'a> = [Option<Cow<'a, str>>; Field::COUNT];

/// Appends the event that a record makes. `details` is the record as text, an object; `around` what it came in; `own_id`
/// the id it gets where it has none.
pub fn push(
    out: &mut String,
    mapping: &Mapping,
    record: &Json,
    details: &str,
    around: Option<&str>,
    clock: &Clock,
    own_id: impl FnOnce() -> String,
) -> Result<Filled, Unmapped> {
    let mut values: Values<'_> = [const { None }; Field::COUNT];
    for (field, rules) in mapping.rows {
        let slot = &mut values[*field as usize];
        if slot.is_none() {
            *slot = rules.iter().find_map(|rule| rule.value(record));
        }
    }
    let mut filled = Filled::default();
    if values[Field::Action as usize].is_none() {
        return Err(Unmapped { paths: paths(mapping, Field::Action), expected: "expected what was done" });
    }
    match values[Field::Time as usize].take() {
        None => filled.no_time = true,
        Some(text) => {
            let (time, left_out) = time::read(&text, clock)
                .ok_or_else(|| Unmapped { paths: paths(mapping, Field::Time), expected: "expected a time" })?;
            filled.time = left_out;
            values[Field::Time as usize] = Some(Cow::Owned(rfc3339(time)));
        }
    }
    if values[Field::Actor as usize].is_none() {
        filled.actor = true;
        values[Field::Actor as usize] = Some(Cow::Borrowed("unknown"));
        values[Field::ActorType as usize] = Some(Cow::Borrowed("anonymous"));
    }
    values[Field::Id as usize].get_or_insert_with(|| Cow::Owned(own_id()));
    if values[Field::Resource as usize].is_none() {
        // A type or a name alone is none of anything.
        values[Field::ResourceType as usize] = None;
        values[Field::ResourceName as usize] = None;
    }
    address_and_port(&mut values);
    numbers_only(&mut values);
    push_fields(out, &values);
    push_details(out, details, around, filled);
    Ok(filled)
}

/// The paths at which a field is looked for.
fn paths(mapping: &Mapping, field: Field) -> Vec<&'static str> {
    let rows = mapping.rows.iter().filter(|(of, _)| *of == field).flat_map(|(_, rules)| *rules);
    rows.flat_map(|rule| match rule {
        Rule::At(path) | Rule::Word(path, _) | Rule::If(path, _) => std::slice::from_ref(path),
        Rule::Made(paths, ..) => paths,
        Rule::Fixed(_) => &[],
    })
    .copied()
    .collect()
}

/// `192.0.2.7:51234` is an address and a port.
fn address_and_port(values: &mut Values<'_>) {
    let ip = values[Field::Ip as usize].as_deref();
    if let Some(socket) = ip.and_then(|ip| ip.parse::<SocketAddr>().ok()) {
        values[Field::Ip as usize] = Some(Cow::Owned(socket.ip().to_string()));
        values[Field::Port as usize].get_or_insert_with(|| Cow::Owned(socket.port().to_string()));
    }
}

/// What an event takes as a number only is left to the details where it is none, or out of bounds.
fn numbers_only(values: &mut Values<'_>) {
    let mut keep = |field: Field, fits: fn(&str) -> bool| {
        let slot = &mut values[field as usize];
        if slot.as_deref().is_some_and(|text| !fits(text)) {
            *slot = None;
        }
    };
    keep(Field::Port, |text| text.parse::<u16>().is_ok());
    keep(Field::Status, |text| text.parse::<u16>().is_ok_and(|status| (100..600).contains(&status)));
    keep(Field::Duration, |text| {
        let plain = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        plain && flightbox_event::json::parse(text.as_bytes()).is_ok()
    });
}

fn push_fields(out: &mut String, values: &Values<'_>) {
    out.push('{');
    let mut group = "";
    for field in Field::all() {
        let Some(value) = &values[field as usize] else { continue };
        let (parent, key) = field.name().split_once('.').unwrap_or(("", field.name()));
        if parent != group {
            close(out, group);
            if !parent.is_empty() {
                out.extend(["\"", parent, "\":{"]);
            }
            group = parent;
        }
        out.extend(["\"", key, "\":"]);
        match field {
            Field::Port | Field::Status | Field::Duration => out.push_str(value),
            _ => push_string(out, cut(value, field.limit())),
        }
        out.push(',');
    }
    close(out, group);
}

/// Ends a group whose last member left a comma.
fn close(out: &mut String, group: &str) {
    if !group.is_empty() {
        out.pop();
        out.push_str("},");
    }
}

/// The start of a text that is longer than the event takes; all of it stands in the details.
fn cut(text: &str, limit: usize) -> &str {
    let end = if text.len() <= limit { None } else { text.char_indices().nth(limit) };
    end.map_or(text, |(end, _)| &text[..end])
}

/// The record whole, its line feeds spaces: JSON has them between its tokens only. What is not the record's own stands
/// in it under `flightbox`.
fn push_details(out: &mut String, details: &str, around: Option<&str>, filled: Filled) {
    out.push_str("\"details\":");
    let assumed = filled.words();
    let start = out.len();
    match details.trim_start().strip_prefix('{') {
        Some(rest) if !assumed.is_empty() || around.is_some() => {
            out.push_str("{\"flightbox\":{");
            if !assumed.is_empty() {
                out.push_str("\"assumed\":[");
                assumed.iter().for_each(|word| out.extend(["\"", word, "\","]));
                out.pop();
                out.push(']');
            }
            if let Some(around) = around {
                out.push_str(if assumed.is_empty() { "\"around\":" } else { ",\"around\":" });
                out.push_str(around);
            }
            out.push_str(if rest.trim_start().starts_with('}') { "}" } else { "}," });
            out.push_str(rest);
        }
        _ => out.push_str(details),
    }
    if out.as_bytes()[start..].contains(&b'\n') || out.as_bytes()[start..].contains(&b'\r') {
        let flat = out[start..].replace(['\n', '\r'], " ");
        out.truncate(start);
        out.push_str(&flat);
    }
    out.push('}');
}

impl Filled {
    /// The words by which an event's details tell it: `year`, `zone`, `time`, `actor`.
    pub fn words(self) -> Vec<&'static str> {
        let all = [(self.time.year, "year"), (self.time.zone, "zone"), (self.no_time, "time"), (self.actor, "actor")];
        all.into_iter().filter(|(is, _)| *is).map(|(_, word)| word).collect()
    }
}
