//! An event as JSON.

use chrono::{DateTime, SecondsFormat, Timelike, Utc};

use super::{Actor, Change, Event, Http, Origin, Resource};
use crate::json::Json;

/// RFC 3339 in UTC with as many sub-second digits as the instant has, milliseconds at the least.
pub fn rfc3339(time: DateTime<Utc>) -> String {
    let format = match time.nanosecond() {
        nanos if nanos % 1_000_000 == 0 => SecondsFormat::Millis,
        nanos if nanos % 1_000 == 0 => SecondsFormat::Micros,
        _ => SecondsFormat::Nanos,
    };
    time.to_rfc3339_opts(format, true)
}

impl Event {
    /// The event as JSON, in the field order of the documentation, absent fields left out.
    pub fn to_json(&self) -> Json {
        let mut out = Members::default();
        out.text("id", self.id.as_deref());
        out.text("occurred_at", self.occurred_at.map(rfc3339).as_deref());
        out.put("actor", Some(self.actor.to_json()));
        out.text("action", Some(&self.action));
        out.put("resource", self.resource.as_ref().map(Resource::to_json));
        out.text("outcome", Some(self.outcome.as_str()));
        out.text("severity", Some(self.severity.as_str()));
        out.text("reason", self.reason.as_deref());
        out.object("origin", self.origin.members());
        if let Some(http) = &self.http {
            out.object("http", http.members());
        }
        out.put("changes", self.changes_to_json());
        out.put("details", self.details.clone());
        if !self.sensitive.is_empty() {
            out.put("sensitive", Some(Json::Array(self.sensitive.iter().map(|path| path.as_str().into()).collect())));
        }
        Json::Object(out.0)
    }

    /// Its changed fields as JSON, in the sender's order; `None` where there are none.
    pub fn changes_to_json(&self) -> Option<Json> {
        let members = || self.changes.iter().map(|(field, change)| (field.clone(), change.to_json())).collect();
        (!self.changes.is_empty()).then(|| Json::Object(members()))
    }
}

#[derive(Default)]
struct Members(Vec<(String, Json)>);

impl Members {
    fn put(&mut self, key: &str, value: Option<Json>) {
        self.0.extend(value.map(|value| (key.to_owned(), value)));
    }

    fn text(&mut self, key: &str, value: Option<&str>) {
        self.put(key, value.map(Json::from));
    }

    fn object(&mut self, key: &str, members: Members) {
        if !members.0.is_empty() {
            self.put(key, Some(Json::Object(members.0)));
        }
    }
}

impl Actor {
    fn to_json(&self) -> Json {
        let mut out = Members::default();
        out.text("id", Some(&self.id));
        out.text("type", Some(self.kind.as_str()));
        out.text("name", self.name.as_deref());
        out.text("email", self.email.as_deref());
        Json::Object(out.0)
    }
}

impl Resource {
    fn to_json(&self) -> Json {
        let mut out = Members::default();
        out.text("id", Some(&self.id));
        out.text("type", self.kind.as_deref());
        out.text("name", self.name.as_deref());
        Json::Object(out.0)
    }
}

impl Origin {
    fn members(&self) -> Members {
        let mut out = Members::default();
        out.text("ip", self.ip.as_deref());
        out.put("port", self.port.map(|port| i64::from(port).into()));
        out.text("user_agent", self.user_agent.as_deref());
        out.text("country", self.country.as_deref());
        out.text("session_id", self.session_id.as_deref());
        out.text("request_id", self.request_id.as_deref());
        out
    }
}

impl Http {
    fn members(&self) -> Members {
        let mut out = Members::default();
        out.text("method", self.method.as_deref());
        out.text("path", self.path.as_deref());
        out.put("status", self.status.map(|status| i64::from(status).into()));
        out.put("duration_ms", self.duration_ms.clone());
        out
    }
}

impl Change {
    fn to_json(&self) -> Json {
        let mut out = Members::default();
        out.put("before", self.before.clone());
        out.put("after", self.after.clone());
        Json::Object(out.0)
    }
}
