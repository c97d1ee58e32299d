//! JSON for reading: indented and told apart by kind, or as a flat list of paths.

use flightbox_domain::seal::Place;
use flightbox_event::Json;

use super::sealed::Seals;
use crate::parts::json::{Kind, Leaf, Token};

/// Text this long is shown plain: colour is a help to read, and nobody reads that much.
const COLOURED: usize = 64 * 1024;

/// The value over several lines, two spaces a level.
pub fn pretty(json: &Json) -> String {
    tokens(json).into_iter().map(|token| token.text).collect()
}

/// The same in pieces by kind.
pub fn coloured(json: &Json) -> Vec<Token> {
    if json.extent().0 > COLOURED {
        return vec![Token { kind: Kind::Plain, text: pretty(json) }];
    }
    tokens(json)
}

fn tokens(json: &Json) -> Vec<Token> {
    let mut printer = Printer(Vec::new());
    printer.value(json, 0);
    printer.0
}

/// A value on one line: a string as it is, anything else as JSON.
pub fn brief(json: &Json) -> String {
    match json {
        Json::String(text) => text.clone(),
        other => inline(other),
    }
}

fn inline(json: &Json) -> String {
    match json {
        Json::Array(items) => format!("[{}]", items.iter().map(inline).collect::<Vec<_>>().join(", ")),
        Json::Object(members) => {
            let member = |(key, value): &(String, Json)| format!("{}: {}", Json::from(key.as_str()), inline(value));
            format!("{{{}}}", members.iter().map(member).collect::<Vec<_>>().join(", "))
        }
        scalar => scalar.to_string(),
    }
}

/// Every scalar inside an event's details with its path, in order; empty arrays and objects count as scalars.
pub fn leaves(details: &Json, seals: &Seals<'_>) -> Vec<Leaf> {
    let mut out = Vec::new();
    walk(details, &Place::of(&["details"]), &mut Vec::new(), seals, &mut out);
    out
}

fn walk(json: &Json, place: &Place, path: &mut Vec<String>, seals: &Seals<'_>, out: &mut Vec<Leaf>) {
    if let Some(sealed) = seals.at(place) {
        return out.push(Leaf { path: path.clone(), kind: Kind::Sealed, text: sealed.words() });
    }
    let is_sealed = |at: usize| seals.at(&place.at(&at.to_string())).is_some();
    match json {
        Json::Object(members) if !members.is_empty() => members.iter().for_each(|(key, value)| {
            path.push(key.clone());
            walk(value, &place.at(key), path, seals, out);
            path.pop();
        }),
        // A list of plain values reads best as a list on one line.
        Json::Array(items)
            if items.iter().any(|item| matches!(item, Json::Object(_) | Json::Array(_)))
                || (0..items.len()).any(is_sealed) =>
        {
            items.iter().enumerate().for_each(|(at, value)| {
                path.push(at.to_string());
                walk(value, &place.at(&at.to_string()), path, seals, out);
                path.pop();
            });
        }
        Json::Array(items) if !items.is_empty() => {
            let text = items.iter().map(brief).collect::<Vec<_>>().join(", ");
            out.push(Leaf { path: path.clone(), kind: Kind::of(&items[0]), text });
        }
        scalar => out.push(Leaf { path: path.clone(), kind: Kind::of(scalar), text: brief(scalar) }),
    }
}

impl Kind {
    fn of(json: &Json) -> Self {
        match json {
            Json::Null | Json::Bool(_) => Kind::Word,
            Json::Number(_) => Kind::Number,
            Json::String(_) => Kind::Text,
            Json::Array(_) | Json::Object(_) => Kind::Plain,
        }
    }
}

struct Printer(Vec<Token>);

impl Printer {
    /// Neighbours of one kind become one piece, which halves what the page weighs.
    fn push(&mut self, kind: Kind, text: &str) {
        match self.0.last_mut().filter(|last| last.kind == kind) {
            Some(last) => last.text.push_str(text),
            None => self.0.push(Token { kind, text: text.to_owned() }),
        }
    }

    fn line(&mut self, depth: usize) {
        self.push(Kind::Plain, &format!("\n{:width$}", "", width = depth * 2));
    }

    fn value(&mut self, json: &Json, depth: usize) {
        match json {
            Json::Array(items) if !items.is_empty() => {
                self.list('[', ']', depth, items, |printer, item| printer.value(item, depth + 1));
            }
            Json::Object(members) if !members.is_empty() => {
                self.list('{', '}', depth, members, |printer, (key, value)| {
                    printer.push(Kind::Key, &Json::from(key.as_str()).to_string());
                    printer.push(Kind::Plain, ": ");
                    printer.value(value, depth + 1);
                });
            }
            scalar => self.push(Kind::of(scalar), &scalar.to_string()),
        }
    }

    fn list<T>(&mut self, open: char, close: char, depth: usize, items: &[T], each: impl Fn(&mut Self, &T)) {
        self.push(Kind::Plain, &open.to_string());
        for (at, item) in items.iter().enumerate() {
            if at > 0 {
                self.push(Kind::Plain, ",");
            }
            self.line(depth + 1);
            each(self, item);
        }
        self.line(depth);
        self.push(Kind::Plain, &close.to_string());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(text: &str) -> Json {
        flightbox_event::json::parse(text.as_bytes()).unwrap()
    }

    #[test]
    fn what_is_pretty_is_still_the_same_value() {
        let value = json(r#"{"a": [1, {"b": "x\n"}], "c": {}, "d": null, "e": 1e400}"#);
        assert_eq!(json(&pretty(&value)), value);
        assert_eq!(pretty(&json(r#"{"a":[1]}"#)), "{\n  \"a\": [\n    1\n  ]\n}");
    }

    #[test]
    fn leaves_name_their_whole_path() {
        let leaves = leaves(&json(r#"{"a": {"b": [{"c": 1}, 2]}, "tags": ["x", "y"], "none": {}}"#), &Seals::default());
        let lines: Vec<_> = leaves.iter().map(|leaf| format!("{}={}", leaf.path.join("."), leaf.text)).collect();
        assert_eq!(lines, ["a.b.0.c=1", "a.b.1=2", "tags=x, y", "none={}"]);
    }
}
