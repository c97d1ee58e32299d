//! Where in the text of a JSON value something stands, to point at it.

use std::ops::Range;

use super::{Json, parse};

/// Where something stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The bytes: a value, and the key before it where it has one.
    pub range: Range<usize>,
    /// Whether that is what was looked for; otherwise it is the nearest that there is around it.
    pub exact: bool,
}

/// Where each element of an array stands in its text; `None` where the text is no array, or has more than `most` of them.
/// The text is one that [`parse`] takes.
pub fn elements(text: &[u8], most: usize) -> Option<Vec<Range<usize>>> {
    let mut scan = Scan { text, at: 0 };
    scan.open(b'[')?;
    let mut elements = Vec::new();
    while scan.more() {
        if elements.len() == most {
            return None;
        }
        elements.push(scan.value()?);
    }
    Some(elements)
}

/// Where what a path names stands in the text of a value, such as `details.card` or `sensitive[2]`. A key may hold dots;
/// the longest that fits is meant. `None` where the text is no JSON.
pub fn find(text: &[u8], path: &str) -> Option<Place> {
    parse(text).ok()?;
    let mut scan = Scan { text, at: 0 };
    scan.space();
    let mut value = scan.value()?;
    let mut place = Place { range: value.clone(), exact: path.is_empty() };
    let mut rest = path;
    while !rest.is_empty() {
        let Some(step) = step(text, &value, rest) else { return Some(Place { exact: false, ..place }) };
        place = Place { range: step.shown, exact: true };
        (value, rest) = (step.value, step.rest);
    }
    Some(place)
}

/// One step further in.
struct Step<'p> {
    shown: Range<usize>,
    value: Range<usize>,
    rest: &'p str,
}

fn step<'p>(text: &[u8], within: &Range<usize>, path: &'p str) -> Option<Step<'p>> {
    let mut scan = Scan { text: &text[..within.end], at: within.start };
    if let Some((index, rest)) = path.strip_prefix('[').and_then(|path| path.split_once(']')) {
        scan.open(b'[')?;
        for _ in 0..index.parse::<usize>().ok()? {
            scan.more().then(|| scan.value())??;
        }
        let value = scan.more().then(|| scan.value())??;
        return Some(Step { shown: value.clone(), value, rest: rest.trim_start_matches('.') });
    }
    scan.open(b'{')?;
    let mut found: Option<(usize, Step<'p>)> = None;
    while scan.more() {
        let key = scan.value()?;
        scan.space();
        scan.at += 1;
        scan.space();
        let value = scan.value()?;
        let Ok(Json::String(name)) = parse(&text[key.clone()]) else { return None };
        let rest = path.strip_prefix(&name).filter(|rest| rest.is_empty() || rest.starts_with(['.', '[']));
        if let Some(rest) = rest.filter(|_| found.as_ref().is_none_or(|(length, _)| *length < name.len())) {
            let rest = rest.strip_prefix('.').unwrap_or(rest);
            found = Some((name.len(), Step { shown: key.start..value.end, value, rest }));
        }
    }
    found.map(|(_, step)| step)
}

/// A look at a text that is known to be JSON.
struct Scan<'t> {
    text: &'t [u8],
    at: usize,
}

impl Scan<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn space(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    fn open(&mut self, bracket: u8) -> Option<()> {
        self.space();
        (self.peek()? == bracket).then(|| self.at += 1)
    }

    /// Whether another element or member follows; it is next then.
    fn more(&mut self) -> bool {
        self.space();
        if self.peek() == Some(b',') {
            self.at += 1;
            self.space();
        }
        self.peek().is_some_and(|byte| !matches!(byte, b']' | b'}'))
    }

    /// Passes over a value; where it stands.
    fn value(&mut self) -> Option<Range<usize>> {
        let start = self.at;
        match self.peek()? {
            b'"' => self.string()?,
            b'{' | b'[' => {
                let mut depth = 0;
                loop {
                    match self.peek()? {
                        b'"' => {
                            self.string()?;
                            continue;
                        }
                        b'{' | b'[' => depth += 1,
                        b'}' | b']' => depth -= 1,
                        _ => (),
                    }
                    self.at += 1;
                    if depth == 0 {
                        break;
                    }
                }
            }
            _ => {
                let ends = |byte: u8| byte.is_ascii_whitespace() || matches!(byte, b',' | b']' | b'}');
                while self.peek().is_some_and(|byte| !ends(byte)) {
                    self.at += 1;
                }
            }
        }
        Some(start..self.at)
    }

    fn string(&mut self) -> Option<()> {
        self.at += 1;
        loop {
            match self.peek()? {
                b'"' => break,
                b'\\' => self.at += 2,
                _ => self.at += 1,
            }
        }
        self.at += 1;
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str =
        r#" {"actor": {"id": 7}, "a.b": {"c": [1, "x\"]", {"d": null}]}, "details": {"k\u0065y": [ ]}} "#;

    fn found(path: &str) -> (&str, bool) {
        let Place { range, exact } = find(TEXT.as_bytes(), path).unwrap();
        (&TEXT[range], exact)
    }

    #[test]
    fn what_a_path_names_is_found_with_its_key() {
        assert_eq!(found("actor.id"), (r#""id": 7"#, true));
        assert_eq!(found("a.b.c[1]"), (r#""x\"]""#, true));
        assert_eq!(found("a.b.c[2].d"), (r#""d": null"#, true));
        assert_eq!(found("details.key"), (r#""k\u0065y": [ ]"#, true));
        assert_eq!(found(""), (TEXT.trim(), true));
    }

    #[test]
    fn what_is_not_there_is_looked_for_where_it_should_be() {
        assert_eq!(found("actor.name"), (r#""actor": {"id": 7}"#, false));
        assert_eq!(found("action"), (TEXT.trim(), false));
        assert_eq!(found("a.b.c[3]"), (r#""c": [1, "x\"]", {"d": null}]"#, false));
        assert_eq!(found("actor[0]"), (r#""actor": {"id": 7}"#, false));
        assert_eq!(find(b"{\"a\": ", "a"), None);
    }

    #[test]
    fn elements_of_an_array_are_told_apart() {
        let text = br#" [ {"a": "],["} , 1,"x", [] ] "#;
        let elements: Vec<_> = elements(text, 4).unwrap().into_iter().map(|range| &text[range]).collect();
        assert_eq!(elements, [&br#"{"a": "],["}"#[..], b"1", b"\"x\"", b"[]"]);
        assert_eq!(super::elements(text, 3), None);
        assert_eq!(super::elements(b"[]", 0), Some(Vec::new()));
        assert_eq!(super::elements(b"{}", 9), None);
    }
}
