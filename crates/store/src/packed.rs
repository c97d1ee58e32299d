//! A record as it lies on disk, before compression: its fields one behind the other, in the order in which they
//! compress best, without the names that its canonical text repeats in each record.
//!
//! Nothing is lost: what is unpacked has the canonical bytes, and so the leaf hash, of what was packed. A free value
//! (details, changes, a duration) stands here as its canonical text.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use flightbox_domain::{glance::Glance, record::Record};
use flightbox_event::{Actor, ActorKind, Change, Event, Http, Json, Origin, Outcome, Resource, Severity, json};

use crate::{
    fields::{Fields, Unread},
    sealed,
};

/// The first byte of every record packed in this way.
const VERSION: u8 = 1;

/// Borrows its texts from the record that it was made of, or from the bytes that it was read from.
#[derive(Default)]
pub(crate) struct Packed<'a> {
    rules: i64,
    kind: ActorKind,
    outcome: Outcome,
    severity: Severity,
    received_at: Moment,
    occurred_at: Moment,
    status: Option<u16>,
    port: Option<u16>,
    source: &'a str,
    action: &'a str,
    actor: &'a str,
    name: Option<&'a str>,
    email: Option<&'a str>,
    resource: Option<&'a str>,
    resource_type: Option<&'a str>,
    resource_name: Option<&'a str>,
    method: Option<&'a str>,
    path: Option<&'a str>,
    agent: Option<&'a str>,
    ip: Option<&'a str>,
    country: Option<&'a str>,
    reason: Option<&'a str>,
    id: Option<&'a str>,
    session: Option<&'a str>,
    request: Option<&'a str>,
    duration: Option<Cow<'a, str>>,
    changes: Option<Cow<'a, str>>,
    details: Option<Cow<'a, str>>,
    sensitive: Option<Cow<'a, str>>,
    seals: Cow<'a, [u8]>,
}

/// Milliseconds since 1970, and the nanoseconds beyond them.
#[derive(Clone, Copy, Default)]
struct Moment(i64, i64);

impl<'a> Packed<'a> {
    pub(crate) fn of(record: &'a Record) -> Self {
        let event = &record.event;
        let (origin, http) = (&event.origin, event.http.as_ref());
        let resource = event.resource.as_ref();
        let text = |json: &Json| Cow::Owned(json.canonical());
        let sensitive = || Json::Array(event.sensitive.iter().map(|path| path.as_str().into()).collect());
        Self {
            rules: record.rules,
            kind: event.actor.kind,
            outcome: event.outcome,
            severity: event.severity,
            received_at: Moment::of(record.received_at),
            occurred_at: Moment::of(record.occurred_at()),
            status: http.and_then(|http| http.status),
            port: origin.port,
            source: &record.source,
            action: &event.action,
            actor: &event.actor.id,
            name: event.actor.name.as_deref(),
            email: event.actor.email.as_deref(),
            resource: resource.map(|resource| resource.id.as_str()),
            resource_type: resource.and_then(|resource| resource.kind.as_deref()),
            resource_name: resource.and_then(|resource| resource.name.as_deref()),
            method: http.and_then(|http| http.method.as_deref()),
            path: http.and_then(|http| http.path.as_deref()),
            agent: origin.user_agent.as_deref(),
            ip: origin.ip.as_deref(),
            country: origin.country.as_deref(),
            reason: event.reason.as_deref(),
            id: event.id.as_deref(),
            session: origin.session_id.as_deref(),
            request: origin.request_id.as_deref(),
            duration: http.and_then(|http| http.duration_ms.as_ref()).map(text),
            changes: event.changes_to_json().as_ref().map(text),
            details: event.details.as_ref().map(text),
            sensitive: (!event.sensitive.is_empty()).then(|| text(&sensitive())),
            seals: sealed::pack(&record.seals).into(),
        }
    }

    /// Its bytes. Times count from the time it is ordered by, which its row has anyway.
    pub(crate) fn bytes(&self, order: DateTime<Utc>) -> Vec<u8> {
        let order = Moment::of(order).0;
        let words = self.kind as u8 | (self.outcome as u8) << 2 | (self.severity as u8) << 4;
        let mut fields = Fields::new([VERSION, words]);
        fields.number((self.rules != 1).then_some(self.rules));
        for Moment(millis, nanos) in [self.received_at, self.occurred_at] {
            fields.number(Some(millis.wrapping_sub(order)).filter(|since| *since != 0));
            fields.number(Some(nanos).filter(|nanos| *nanos != 0));
        }
        fields.number(self.status.map(i64::from));
        fields.number(self.port.map(i64::from));
        for text in [self.source, self.action, self.actor] {
            fields.text(Some(text));
        }
        for text in self.optional() {
            fields.text(text);
        }
        fields.tail(&self.seals);
        fields.bytes()
    }

    fn optional(&self) -> [Option<&str>; 18] {
        [
            self.name,
            self.email,
            self.resource,
            self.resource_type,
            self.resource_name,
            self.method,
            self.path,
            self.agent,
            self.ip,
            self.country,
            self.reason,
            self.id,
            self.session,
            self.request,
            self.duration.as_deref(),
            self.changes.as_deref(),
            self.details.as_deref(),
            self.sensitive.as_deref(),
        ]
    }

    /// Reads bytes that [`Packed::bytes`] made.
    pub(crate) fn read(bytes: &'a [u8], order: DateTime<Utc>) -> Result<Self, String> {
        let ([version, words], mut fields) = Unread::of(bytes)?;
        if version != VERSION {
            return Err(format!("is packed in version {version}, which nothing reads"));
        }
        let small = |number: i64| u16::try_from(number).map_err(|_| format!("has {number} for a small number"));
        let rules = fields.number()?.unwrap_or(1);
        let order = Moment::of(order).0;
        let mut moment = || {
            let (since, nanos) = (fields.number()?.unwrap_or(0), fields.number()?.unwrap_or(0));
            Ok::<_, String>(Moment(order.wrapping_add(since), nanos))
        };
        let (received_at, occurred_at) = (moment()?, moment()?);
        let (status, port) = (fields.number()?.map(small).transpose()?, fields.number()?.map(small).transpose()?);
        let mut needed = |what: &str| fields.text()?.ok_or_else(|| format!("has no {what}"));
        let (source, action, actor) = (needed("source")?, needed("action")?, needed("actor")?);
        let seals = fields.tail().into();
        let mut text = || fields.text();
        let packed = Self {
            rules,
            kind: one_of(ActorKind::ALL, words & 3)?,
            outcome: one_of(Outcome::ALL, words >> 2 & 3)?,
            severity: one_of(Severity::ALL, words >> 4)?,
            received_at,
            occurred_at,
            status,
            port,
            source,
            action,
            actor,
            // In the order of `optional`.
            name: text()?,
            email: text()?,
            resource: text()?,
            resource_type: text()?,
            resource_name: text()?,
            method: text()?,
            path: text()?,
            agent: text()?,
            ip: text()?,
            country: text()?,
            reason: text()?,
            id: text()?,
            session: text()?,
            request: text()?,
            duration: text()?.map(Cow::Borrowed),
            changes: text()?.map(Cow::Borrowed),
            details: text()?.map(Cow::Borrowed),
            sensitive: text()?.map(Cow::Borrowed),
            seals,
        };
        fields.end().map(|()| packed)
    }

    /// What facets count of it.
    pub(crate) fn glance(&self) -> Glance<'a> {
        Glance {
            source: self.source,
            actor: self.actor,
            action: self.action,
            resource_type: self.resource_type,
            outcome: self.outcome.as_str(),
            ip: self.ip,
            method: self.method,
            status: self.status,
            severity: self.severity.as_str(),
        }
    }

    /// The record.
    pub(crate) fn record(self) -> Result<Record, String> {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        let json = |text: Option<Cow<'_, str>>| text.map(|text| free(&text)).transpose();
        let http = Http {
            method: owned(self.method),
            path: owned(self.path),
            status: self.status,
            duration_ms: json(self.duration)?,
        };
        let event = Event {
            id: owned(self.id),
            occurred_at: Some(self.occurred_at.time()?),
            actor: Actor {
                id: self.actor.to_owned(),
                kind: self.kind,
                name: owned(self.name),
                email: owned(self.email),
            },
            action: self.action.to_owned(),
            resource: self.resource.map(|id| Resource {
                id: id.to_owned(),
                kind: owned(self.resource_type),
                name: owned(self.resource_name),
            }),
            outcome: self.outcome,
            reason: owned(self.reason),
            origin: Origin {
                ip: owned(self.ip),
                port: self.port,
                user_agent: owned(self.agent),
                country: owned(self.country),
                session_id: owned(self.session),
                request_id: owned(self.request),
            },
            http: (http != Http::default()).then_some(http),
            changes: self.changes.map_or(Ok(Vec::new()), |text| changes(free(&text)?))?,
            details: json(self.details)?,
            sensitive: self.sensitive.map_or(Ok(Vec::new()), |text| paths(free(&text)?))?,
            severity: self.severity,
        };
        let received_at = self.received_at.time()?;
        Ok(Record {
            received_at,
            source: self.source.to_owned(),
            rules: self.rules,
            event,
            seals: sealed::unpack(&self.seals)?,
        })
    }
}

/// A record, its time of occurrence filled in, as it lies on disk before compression: what the dictionary learns from.
pub fn packed(record: &Record) -> Vec<u8> {
    Packed::of(record).bytes(record.order_time())
}

impl Moment {
    fn of(time: DateTime<Utc>) -> Self {
        Self(time.timestamp_millis(), i64::from(time.timestamp_subsec_nanos() % 1_000_000))
    }

    fn time(self) -> Result<DateTime<Utc>, String> {
        let beyond = chrono::TimeDelta::nanoseconds(self.1);
        let time = DateTime::from_timestamp_millis(self.0).and_then(|time| time.checked_add_signed(beyond));
        time.ok_or_else(|| "has a time beyond all times".to_owned())
    }
}

fn one_of<T: Copy>(all: &[T], at: u8) -> Result<T, String> {
    all.get(usize::from(at)).copied().ok_or_else(|| format!("has word {at} of {}", all.len()))
}

fn free(text: &str) -> Result<Json, String> {
    json::parse(text.as_bytes()).map_err(|error| format!("has a value that is no JSON: {error:?}"))
}

fn paths(json: Json) -> Result<Vec<String>, String> {
    let paths = json.as_array().into_iter().flatten();
    paths.map(|path| path.as_str().map(str::to_owned).ok_or_else(|| "has a path that is no text".to_owned())).collect()
}

fn changes(json: Json) -> Result<Vec<(String, Change)>, String> {
    let Json::Object(members) = json else { return Err("has changes that are no object".to_owned()) };
    let change = |(field, change): (String, Json)| {
        let Json::Object(sides) = change else { return Err(format!("has a change of {field} that is no object")) };
        let mut change = Change::default();
        for (side, value) in sides {
            match side.as_str() {
                "before" => change.before = Some(value),
                "after" => change.after = Some(value),
                _ => return Err(format!("has a change of {field} with {side}")),
            }
        }
        Ok((field, change))
    };
    members.into_iter().map(change).collect()
}

#[cfg(test)]
mod tests;
