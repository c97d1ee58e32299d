//! Taking lines of text apart into members of a record.

use flightbox_event::Json;

/// A record in the making: what is absent or empty has no member.
#[derive(Default)]
pub struct Members(Vec<(String, Json)>);

impl Members {
    /// A record of a line, which stands in it whole.
    pub fn of_line(line: &str) -> Self {
        let mut members = Self::default();
        members.text("message", line);
        members
    }

    /// Adds a text, unless it is empty or the dash that stands for nothing.
    pub fn text(&mut self, key: &str, value: &str) {
        if !value.is_empty() && value != "-" {
            self.put(key, value.into());
        }
    }

    /// Adds digits as a number, anything else as text.
    pub fn number(&mut self, key: &str, value: &str) {
        match value.parse::<i64>() {
            Ok(number) => self.put(key, number.into()),
            Err(_) => self.text(key, value),
        }
    }

    /// Adds a value; the first of equal keys stays.
    pub fn put(&mut self, key: &str, value: Json) {
        if !self.0.iter().any(|(known, _)| known == key) {
            self.0.push((key.to_owned(), value));
        }
    }

    /// The text of a member.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == key)?.1.as_str()
    }

    /// The text of a member's member.
    pub fn child(&self, key: &str, inner: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == key)?.1.get(inner)?.as_str()
    }

    /// The record.
    pub fn json(self) -> Json {
        Json::Object(self.0)
    }
}

/// What stands between two marks, and what follows the second; the first is where the text begins.
pub fn between<'a>(text: &'a str, open: &str, close: &str) -> Option<(&'a str, &'a str)> {
    text.strip_prefix(open)?.split_once(close)
}

/// A quoted text at the start, in which a backslash keeps a quote from ending it, and what follows.
pub fn quoted(text: &str) -> Option<(&str, &str)> {
    let inner = text.strip_prefix('"')?;
    let mut escaped = false;
    let end = inner.bytes().position(|byte| {
        let ends = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        ends
    })?;
    Some((&inner[..end], &inner[end + 1..]))
}

/// The values of one record of CSV: a quoted value may hold commas, line feeds, and quotes, which stand twice.
pub fn csv_fields(record: &str) -> Vec<String> {
    let (mut fields, mut field, mut quoted) = (Vec::new(), String::new(), false);
    let mut rest = record.chars().peekable();
    while let Some(next) = rest.next() {
        match next {
            '"' if quoted && rest.peek() == Some(&'"') => field.extend(rest.next()),
            '"' => quoted = !quoted,
            ',' if !quoted => fields.push(std::mem::take(&mut field)),
            other => field.push(other),
        }
    }
    fields.push(field);
    fields
}

/// Adds what a request line says: `GET /path HTTP/1.1`.
pub fn request(members: &mut Members, request: &str) {
    members.text("request", request);
    let mut words = request.split(' ');
    let (method, path, protocol) = (words.next(), words.next(), words.next());
    let is_method = |method: &&str| !method.is_empty() && method.bytes().all(|byte| byte.is_ascii_uppercase());
    if let (Some(method), Some(path)) = (method.filter(is_method), path) {
        members.text("method", method);
        members.text("path", path);
        members.text("protocol", protocol.unwrap_or_default());
        members.text("resource", path.split('?').next().unwrap_or_default());
    }
}
