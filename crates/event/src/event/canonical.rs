//! An event's canonical text, without the detour through a tree of JSON.

use super::{Actor, Event, Http, Origin, Resource, write::rfc3339};
use crate::json::{Json, push_string};

impl Event {
    /// Appends the canonical text of [`Event::to_json`].
    pub fn push_canonical(&self, out: &mut String) {
        let mut members = Members::open(out);
        members.text("action", Some(&self.action));
        members.object("actor", |out| self.actor.push_canonical(out));
        members.json("changes", self.changes_to_json().as_ref());
        members.json("details", self.details.as_ref());
        if let Some(http) = self.http.as_ref().filter(|http| **http != Http::default()) {
            members.object("http", |out| http.push_canonical(out));
        }
        members.text("id", self.id.as_deref());
        members.text("occurred_at", self.occurred_at.map(rfc3339).as_deref());
        if self.origin != Origin::default() {
            members.object("origin", |out| self.origin.push_canonical(out));
        }
        members.text("outcome", Some(self.outcome.as_str()));
        members.text("reason", self.reason.as_deref());
        if let Some(resource) = &self.resource {
            members.object("resource", |out| resource.push_canonical(out));
        }
        if !self.sensitive.is_empty() {
            members.json(
                "sensitive",
                Some(&Json::Array(self.sensitive.iter().map(|path| path.as_str().into()).collect())),
            );
        }
        members.text("severity", Some(self.severity.as_str()));
        members.close();
    }
}

/// An object that is being written, its members in the order of their keys.
struct Members<'a> {
    out: &'a mut String,
    next: char,
}

impl<'a> Members<'a> {
    fn open(out: &'a mut String) -> Self {
        Self { out, next: '{' }
    }

    /// Keys here are of letters and underscores, and need no escapes.
    fn key(&mut self, key: &str) {
        self.out.push(self.next);
        self.out.push('"');
        self.out.push_str(key);
        self.out.push_str("\":");
        self.next = ',';
    }

    fn text(&mut self, key: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.key(key);
            push_string(self.out, value);
        }
    }

    fn number(&mut self, key: &str, value: Option<u16>) {
        if let Some(value) = value {
            self.key(key);
            self.out.push_str(&value.to_string());
        }
    }

    fn json(&mut self, key: &str, value: Option<&Json>) {
        if let Some(value) = value {
            self.key(key);
            value.push_canonical(self.out);
        }
    }

    fn object(&mut self, key: &str, write: impl FnOnce(&mut String)) {
        self.key(key);
        write(self.out);
    }

    fn close(self) {
        if self.next == '{' {
            self.out.push('{');
        }
        self.out.push('}');
    }
}

impl Actor {
    fn push_canonical(&self, out: &mut String) {
        let mut members = Members::open(out);
        members.text("email", self.email.as_deref());
        members.text("id", Some(&self.id));
        members.text("name", self.name.as_deref());
        members.text("type", Some(self.kind.as_str()));
        members.close();
    }
}

impl Resource {
    fn push_canonical(&self, out: &mut String) {
        let mut members = Members::open(out);
        members.text("id", Some(&self.id));
        members.text("name", self.name.as_deref());
        members.text("type", self.kind.as_deref());
        members.close();
    }
}

impl Origin {
    fn push_canonical(&self, out: &mut String) {
        let mut members = Members::open(out);
        members.text("country", self.country.as_deref());
        members.text("ip", self.ip.as_deref());
        members.number("port", self.port);
        members.text("request_id", self.request_id.as_deref());
        members.text("session_id", self.session_id.as_deref());
        members.text("user_agent", self.user_agent.as_deref());
        members.close();
    }
}

impl Http {
    fn push_canonical(&self, out: &mut String) {
        let mut members = Members::open(out);
        members.json("duration_ms", self.duration_ms.as_ref());
        members.text("method", self.method.as_deref());
        members.text("path", self.path.as_deref());
        members.number("status", self.status);
        members.close();
    }
}

#[cfg(test)]
mod tests {
    use crate::{json, parse_event};

    #[test]
    fn it_is_what_the_tree_of_json_says() {
        for text in [
            r#"{"actor":"a","action":"x"}"#,
            r#"{"actor":{"id":"é\"\\","type":"service","name":"N\n","email":"a@b"},"action":"x.y","outcome":"denied"}"#,
            r#"{"actor":"a","action":"x","id":"1","occurred_at":"2026-01-01T00:00:00.123456Z","reason":"","severity":"critical"}"#,
            r#"{"actor":"a","action":"x","resource":{"id":"/users/1","name":"n"},"sensitive":["details.b","actor.email"]}"#,
            r#"{"actor":"a","action":"x","origin":{"ip":"::1","port":1,"user_agent":"u","country":"DE","session_id":"s","request_id":"r"}}"#,
            r#"{"actor":"a","action":"x","http":{"method":"GET","path":"/","status":200,"duration_ms":1.50},"origin":{}}"#,
            r#"{"actor":"a","action":"x","changes":{"z":{"before":null,"after":{"k":[1e2,-0]}},"a":{"after":1}},"details":{"b":1.0,"a":{}}}"#,
        ] {
            let event = parse_event(&json::parse(text.as_bytes()).unwrap()).unwrap();
            let mut direct = String::new();
            event.push_canonical(&mut direct);
            assert_eq!(direct, event.to_json().canonical());
        }
    }
}
