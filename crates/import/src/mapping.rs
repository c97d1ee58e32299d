//! What a mapping is: a table of where each field of an event stands in a record. It is data, so that the same table is
//! carried out, printed as documentation, and asked what it leaves over.

use std::{borrow::Cow, fmt};

use flightbox_event::Json;

/// A field of an event that a mapping can fill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// `id`
    Id,
    /// `occurred_at`
    Time,
    /// `actor.id`
    Actor,
    /// `actor.type`
    ActorType,
    /// `actor.name`
    ActorName,
    /// `actor.email`
    ActorEmail,
    /// `action`
    Action,
    /// `resource.id`
    Resource,
    /// `resource.type`
    ResourceType,
    /// `resource.name`
    ResourceName,
    /// `outcome`
    Outcome,
    /// `severity`
    Severity,
    /// `reason`
    Reason,
    /// `origin.ip`
    Ip,
    /// `origin.port`
    Port,
    /// `origin.user_agent`
    UserAgent,
    /// `origin.country`
    Country,
    /// `origin.session_id`
    Session,
    /// `origin.request_id`
    Request,
    /// `http.method`
    Method,
    /// `http.path`
    Path,
    /// `http.status`
    Status,
    /// `http.duration_ms`
    Duration,
}

/// Name and longest text, in characters, of each field, in the order of an event.
const FIELDS: &[(Field, &str, usize)] = &[
    (Field::Id, "id", 128),
    (Field::Time, "occurred_at", 64),
    (Field::Actor, "actor.id", 256),
    (Field::ActorType, "actor.type", 16),
    (Field::ActorName, "actor.name", 256),
    (Field::ActorEmail, "actor.email", 320),
    (Field::Action, "action", 128),
    (Field::Resource, "resource.id", 1024),
    (Field::ResourceType, "resource.type", 128),
    (Field::ResourceName, "resource.name", 256),
    (Field::Outcome, "outcome", 16),
    (Field::Severity, "severity", 16),
    (Field::Reason, "reason", 1024),
    (Field::Ip, "origin.ip", 256),
    (Field::Port, "origin.port", 5),
    (Field::UserAgent, "origin.user_agent", 2048),
    (Field::Country, "origin.country", 64),
    (Field::Session, "origin.session_id", 256),
    (Field::Request, "origin.request_id", 256),
    (Field::Method, "http.method", 32),
    (Field::Path, "http.path", 2048),
    (Field::Status, "http.status", 3),
    (Field::Duration, "http.duration_ms", 32),
];

impl Field {
    /// How many fields there are.
    pub const COUNT: usize = FIELDS.len();

    /// Every field, in the order of an event.
    pub fn all() -> impl Iterator<Item = Field> {
        FIELDS.iter().map(|(field, ..)| *field)
    }

    /// Where it stands in an event: `actor.id`.
    pub fn name(self) -> &'static str {
        FIELDS[self as usize].1
    }

    /// The longest text that an event takes there, in characters.
    pub fn limit(self) -> usize {
        FIELDS[self as usize].2
    }
}

/// Where a value comes from. Of several rules the first that yields one counts.
#[derive(Clone, Copy, Debug)]
pub enum Rule {
    /// The text, number or truth at a path: `actor.alternateId`; `resources[].ARN` is the first item that has one.
    At(&'static str),
    /// What a word at a path stands for; another word yields nothing. Case does not matter.
    Word(&'static str, &'static [(&'static str, &'static str)]),
    /// A fixed value where there is something at the path.
    If(&'static str, &'static str),
    /// A fixed value.
    Fixed(&'static str),
    /// What takes code: the paths that are read, what comes of them in words, and the code.
    Made(&'static [&'static str], &'static str, Make),
}

/// A rule's code.
pub type Make = fn(&Json) -> Option<Cow<'_, str>>;

/// By what a record is recognised.
#[derive(Clone, Copy, Debug)]
pub enum Sign {
    /// Something stands at the path.
    Has(&'static str),
    /// Something stands at one of the paths.
    Any(&'static [&'static str]),
    /// It has no members but these.
    Only(&'static [&'static str]),
    /// The text at the path starts so.
    Starts(&'static str, &'static str),
}

/// How a format's records stand in a file.
#[derive(Clone, Copy)]
pub enum Frame {
    /// JSON objects: one a line, an array, or one behind the other; also inside of a known envelope.
    Json,
    /// A line each; what reads one, or says what it expected.
    Lines(Parse),
    /// A line each with the lines behind it that belong to it: whether a line goes on with what came before.
    Entries(fn(&str, &str) -> bool, Parse),
    /// Comma-separated values, which may be quoted and hold line feeds.
    Csv(fn(Vec<String>) -> Result<Json, &'static str>),
    /// Lines of Linux's auditd: those of one event are joined.
    Auditd(Parse),
}

/// Reads a record of text as JSON, or says what was expected.
pub type Parse = fn(&str) -> Result<Json, &'static str>;

/// A format: how it is recognised, and what of a record becomes which field of the event.
pub struct Mapping {
    /// The name, as `--format` takes it.
    pub name: &'static str,
    /// What people call it.
    pub title: &'static str,
    /// Where its records are described.
    pub described: &'static str,
    /// What forms of it are read, and whatever is peculiar.
    pub notes: &'static str,
    /// How its records stand in a file.
    pub frame: Frame,
    /// By what a record is recognised: as surely as the share of these that hold. Formats of text have none.
    pub signs: &'static [Sign],
    /// Members that hold the record itself, where it came through something that wraps it.
    pub inside: &'static [&'static str],
    /// The table.
    pub rows: &'static [(Field, &'static [Rule])],
}

impl fmt::Debug for Mapping {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name)
    }
}

impl Mapping {
    /// How surely a record is one of these: the share of signs that hold, from 0 to 1.
    pub fn likeness(&self, record: &Json) -> f64 {
        let record = self.unwrap(record);
        let has = |path: &&str| at(record, path).is_some_and(|value| !value.is_null());
        let holds = |sign: &&Sign| match sign {
            Sign::Has(path) => has(path),
            Sign::Any(paths) => paths.iter().any(has),
            Sign::Only(names) => {
                record.as_object().is_some_and(|members| members.iter().all(|(name, _)| names.contains(&name.as_str())))
            }
            Sign::Starts(path, start) => text_at(record, path).is_some_and(|text| text.starts_with(start)),
        };
        self.signs.iter().filter(holds).count() as f64 / self.signs.len().max(1) as f64
    }

    /// The record itself, where it stands inside of another.
    pub fn unwrap<'a>(&self, record: &'a Json) -> &'a Json {
        let inner = |key: &&str| record.get(key).filter(|inner| inner.as_object().is_some());
        self.inside.iter().find_map(inner).unwrap_or(record)
    }

    /// Whether some rule reads a member of the record.
    pub fn reads(&self, member: &str) -> bool {
        let is_read =
            |path: &str| path.strip_prefix(member).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']));
        self.rows.iter().flat_map(|(_, rules)| *rules).any(|rule| match rule {
            Rule::At(path) | Rule::Word(path, _) | Rule::If(path, _) => is_read(path),
            Rule::Made(paths, ..) => paths.iter().any(|path| is_read(path)),
            Rule::Fixed(_) => false,
        })
    }
}

impl Rule {
    /// What the rule yields for a record.
    pub fn value<'a>(&self, record: &'a Json) -> Option<Cow<'a, str>> {
        match self {
            Rule::At(path) => text(at(record, path)?),
            Rule::Word(path, words) => {
                let found = text(at(record, path)?)?;
                let word = words.iter().find(|(word, _)| found.eq_ignore_ascii_case(word));
                word.map(|(_, meaning)| Cow::Borrowed(*meaning))
            }
            Rule::If(path, value) => text(at(record, path)?).map(|_| Cow::Borrowed(*value)),
            Rule::Fixed(value) => Some(Cow::Borrowed(value)),
            Rule::Made(.., make) => make(record).filter(|text| !text.is_empty()),
        }
    }
}

/// What stands at a path. A key may itself hold dots, as it does in records that were flattened; a key in another case
/// counts where there is none in this one, for some exports write all of them small.
pub fn at<'a>(value: &'a Json, path: &str) -> Option<&'a Json> {
    let mut in_other_case = None;
    for (name, value) in value.as_object()? {
        // The key ends where a step of the path does.
        let Some((key, rest)) = path.split_at_checked(name.len()) else { continue };
        if !matches!(rest.as_bytes().first(), None | Some(b'.' | b'[')) {
            continue;
        }
        if key == name {
            if let Some(found) = further(value, rest) {
                return Some(found);
            }
        } else if key.eq_ignore_ascii_case(name) {
            in_other_case = in_other_case.or(Some((value, rest)));
        }
    }
    in_other_case.and_then(|(value, rest)| further(value, rest))
}

/// What stands at the rest of a path.
fn further<'a>(value: &'a Json, rest: &str) -> Option<&'a Json> {
    if rest.is_empty() {
        return Some(value);
    }
    if let Some(path) = rest.strip_prefix('.') {
        return at(value, path);
    }
    let (items, rest) = (value.as_array()?, rest.strip_prefix("[]")?);
    match rest {
        "" => items.first(),
        _ => items.iter().find_map(|item| further(item, rest).filter(|value| text(value).is_some())),
    }
}

/// A value as text: what is empty says nothing.
pub fn text(value: &Json) -> Option<Cow<'_, str>> {
    match value {
        Json::String(text) => Some(text.trim()).filter(|text| !text.is_empty()).map(Cow::Borrowed),
        Json::Number(number) => Some(Cow::Borrowed(number.as_str())),
        Json::Bool(truth) => Some(Cow::Borrowed(if *truth { "true" } else { "false" })),
        _ => None,
    }
}

/// The text at a path.
pub fn text_at<'a>(value: &'a Json, path: &str) -> Option<Cow<'a, str>> {
    text(at(value, path)?)
}
