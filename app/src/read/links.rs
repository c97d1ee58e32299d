//! Links that narrow a view to a value, or leave the value out.

use flightbox_domain::query::{Key, Qualifier, Query};

use crate::{
    parts::value::Value,
    state::{ViewState, actor_path, resource_path},
};

/// Where links are made from: a view and its query.
#[derive(Clone, Copy)]
pub struct Linker<'a> {
    /// The view that the links change.
    pub state: &'a ViewState,
    /// The view's query.
    pub query: &'a Query,
}

impl Linker<'_> {
    /// A value with its links.
    pub fn value(&self, key: Key, text: &str) -> Value {
        let (name, page) = (key.to_string(), self.page(&key, text));
        let (only, without) = Qualifier::equals(key, text).ok().map(|qualifier| self.of(&qualifier)).unzip();
        Value { key: name, text: text.to_owned(), only, without, page }
    }

    /// The page about a value, in the zone of the view.
    fn page(&self, key: &Key, text: &str) -> Option<String> {
        if self.query.asks_for_access() {
            // Who looks at events is not one of those whom they tell of.
            return None;
        }
        let path = match key {
            Key::Actor => actor_path(text),
            Key::Resource => resource_path(text),
            _ => return None,
        };
        Some(self.state.zone_only().url(&path))
    }

    /// The URLs of the view narrowed to what a qualifier finds, and of the view without that.
    pub fn of(&self, qualifier: &Qualifier) -> (String, String) {
        let url = |query: &Query| self.state.with_query(query.to_string()).events();
        (url(&self.others(qualifier).with(qualifier.clone())), url(&self.without(qualifier)))
    }

    /// The URL of the view narrowed to a value.
    pub fn only(&self, key: Key, text: &str) -> Option<String> {
        self.value(key, text).only
    }

    /// The query without what it says of this key: a value drills down, it does not widen `actor:a` to `actor:a,b`.
    fn others(&self, qualifier: &Qualifier) -> Query {
        self.without_key(&qualifier.key)
    }

    /// The query without what it says of a key, exclusions aside.
    pub fn without_key(&self, key: &Key) -> Query {
        remove(self.query, |term| matches!(term, Query::Is(other) if other.key == *key))
    }

    fn without(&self, qualifier: &Qualifier) -> Query {
        let wanted = Query::Is(qualifier.clone());
        let unwanted = Query::Not(Box::new(wanted.clone()));
        remove(self.query, |term| *term == wanted || *term == unwanted).except(qualifier.clone())
    }
}

fn remove(query: &Query, goes: impl Fn(&Query) -> bool) -> Query {
    let gone: Vec<_> = (0..query.terms().len()).filter(|at| goes(&query.terms()[*at])).collect();
    // From the last on, so that those before keep their places.
    gone.into_iter().rev().fold(query.clone(), |query, at| query.without(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn links(query: &str, key: Key, text: &str) -> (String, String) {
        let (state, query) = (ViewState::default(), Query::parse(query).unwrap());
        let value = Linker { state: &state, query: &query }.value(key, text);
        let q = |url: Option<String>| ViewState::from_search(url.unwrap().trim_start_matches("/events")).q;
        (q(value.only), q(value.without))
    }

    #[test]
    fn a_value_narrows_and_leaves_out() {
        assert_eq!(
            links("outcome:denied", Key::Actor, "alice b"),
            ("outcome:denied actor:\"alice b\"".to_owned(), "outcome:denied -actor:\"alice b\"".to_owned())
        );
    }

    #[test]
    fn an_actor_and_a_resource_have_pages_in_the_zone_of_the_view() {
        let state = ViewState { q: "login".to_owned(), tz: "Asia/Tokyo".to_owned(), ..ViewState::default() };
        let page = |key: Key| Linker { state: &state, query: &Query::All }.value(key, "/a b").page;
        assert_eq!(page(Key::Actor).as_deref(), Some("/actors/%2Fa%20b?tz=Asia/Tokyo"));
        assert_eq!(page(Key::Resource).as_deref(), Some("/resources/%2Fa%20b?tz=Asia/Tokyo"));
        assert_eq!(page(Key::Action), None);
    }

    #[test]
    fn a_value_of_a_key_in_use_takes_its_place() {
        let (only, without) = links("actor:a,b outcome:denied", Key::Actor, "b");
        assert_eq!(only, "outcome:denied actor:b");
        assert_eq!(without, "actor:a,b outcome:denied -actor:b");
    }

    #[test]
    fn leaving_out_the_only_value_leaves_no_contradiction() {
        assert_eq!(links("actor:a", Key::Actor, "a").1, "-actor:a");
        assert_eq!(links("-actor:a", Key::Actor, "a").1, "-actor:a");
    }

    #[test]
    fn an_alternative_is_kept_whole() {
        assert_eq!(
            links("actor:a OR ip:10.0.0.1", Key::Outcome, "denied").0,
            "(actor:a OR ip:10.0.0.1) outcome:denied"
        );
    }
}
