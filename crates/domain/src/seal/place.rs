//! Where a value stands in an event.

use std::fmt;

use flightbox_event::{Event, Json};

/// Where a value stands in an event as the API returns it: a JSON pointer (RFC 6901), such as `/details/users/0/email`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place(String);

/// Leads a pointer one step further (RFC 6901, section 3).
pub(crate) fn push_key(pointer: &mut String, key: &str) {
    pointer.push('/');
    for letter in key.chars() {
        match letter {
            '~' => pointer.push_str("~0"),
            '/' => pointer.push_str("~1"),
            letter => pointer.push(letter),
        }
    }
}

impl Place {
    /// The place that these keys and positions lead to.
    pub fn of(keys: &[&str]) -> Self {
        keys.iter().fold(Self(String::new()), |place, key| place.at(key))
    }

    /// The place that a pointer names.
    pub fn read(pointer: &str) -> Self {
        Self(pointer.to_owned())
    }

    /// The place one step further.
    pub fn at(&self, key: &str) -> Self {
        let mut pointer = self.0.clone();
        push_key(&mut pointer, key);
        Self(pointer)
    }

    /// The pointer.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The keys and positions that lead there.
    pub fn keys(&self) -> impl Iterator<Item = String> {
        self.0.split('/').skip(1).map(|key| key.replace("~1", "/").replace("~0", "~"))
    }

    /// The path inside the details as a query names it, positions in arrays left out; `None` elsewhere.
    pub fn detail_path(&self, event: &Event) -> Option<String> {
        let mut keys = self.keys();
        let mut at = event.details.as_ref().filter(|_| keys.next().as_deref() == Some("details"));
        let mut path = String::new();
        for key in keys {
            match at {
                Some(Json::Array(items)) => at = key.parse::<usize>().ok().and_then(|index| items.get(index)),
                inside => {
                    at = inside.and_then(|inside| inside.get(&key));
                    path = if path.is_empty() { key } else { format!("{path}.{key}") };
                }
            }
        }
        self.0.starts_with("/details/").then_some(path)
    }

    /// Puts a value there, where the way there exists; a member that is missing at its end is added.
    pub fn put(&self, tree: &mut Json, value: Json) {
        let mut keys = self.keys().peekable();
        let mut at = tree;
        while let Some(key) = keys.next() {
            let last = keys.peek().is_none();
            at = match at {
                Json::Array(items) => match key.parse::<usize>().ok().and_then(|index| items.get_mut(index)) {
                    Some(item) => item,
                    None => return,
                },
                Json::Object(members) => {
                    let known = members.iter().position(|(name, _)| *name == key);
                    let Some(index) = known.or_else(|| last.then_some(members.len())) else { return };
                    if index == members.len() {
                        members.push((key, Json::Null));
                    }
                    &mut members[index].1
                }
                _ => return,
            };
        }
        *at = value;
    }
}

/// The pointer.
impl fmt::Display for Place {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use flightbox_event::{json, parse_event};

    use super::*;

    #[test]
    fn a_place_leads_where_it_was_made_for() {
        let text = r#"{"actor":"a","action":"x","details":{"a/b":{"~":[1,{"c":2}]},"0":{"d":3}}}"#;
        let event = parse_event(&json::parse(text.as_bytes()).unwrap()).unwrap();
        let place = Place::of(&["details", "a/b", "~", "1", "c"]);
        assert_eq!(place.as_str(), "/details/a~1b/~0/1/c");
        assert_eq!(place.detail_path(&event).as_deref(), Some("a/b.~.c"));
        assert_eq!(Place::read("/details/0/d").detail_path(&event).as_deref(), Some("0.d"));
        assert_eq!(Place::read("/actor/email").detail_path(&event), None);
        let mut tree = event.to_json();
        place.put(&mut tree, "new".into());
        Place::read("/actor/email").put(&mut tree, "e".into());
        Place::read("/nowhere/email").put(&mut tree, "e".into());
        assert_eq!(tree.at(&["details", "a/b", "~"]).unwrap().to_string(), r#"[1,{"c":"new"}]"#);
        assert_eq!(tree.at(&["actor", "email"]), Some(&"e".into()));
        assert_eq!(tree.get("nowhere"), None);
    }
}
