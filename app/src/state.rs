//! A view's state is its URL: it can be kept, shared and opened in a new tab, and the server remembers nothing.

mod path;
mod place;

use form_urlencoded::parse;
use serde::{Deserialize, Serialize};

use path::escape_into;
pub use path::{actor_path, parameter, person_path, resource_path, sign_in_path};
pub use place::Place;

/// What a view of events shows, as text from its URL and not yet judged.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ViewState {
    /// The query, as the person wrote it.
    pub q: String,
    /// The start of the window, inclusive: a time, a day or a time ago; empty for none.
    pub from: String,
    /// The end of the window, exclusive; empty for none.
    pub to: String,
    /// The zone that times are shown and read in; empty for UTC.
    pub tz: String,
    /// `oldest` to start with the oldest event; empty for the newest.
    pub sort: String,
    /// The columns, by name, separated by commas; empty for the usual ones.
    pub cols: String,
    /// `compact` for low rows; empty for the usual height.
    pub rows: String,
    /// `1` where what comes appears at once; empty where it is only announced.
    pub live: String,
    /// `off` where nothing is counted; empty where everything is.
    pub counts: String,
    /// The cursor that this page goes on from; empty for the first page.
    pub after: String,
    /// The number of the event that stands beside the list; empty for none.
    pub event: String,
    /// The list that it is a view of, which is the path of its URL.
    #[serde(default)]
    pub place: Place,
}

impl ViewState {
    /// Reads the state from a URL's query string, with or without its question mark.
    ///
    /// The router's own map of parameters decodes twice, which would turn `%2525` into `%`.
    pub fn from_search(search: &str) -> Self {
        let mut state = Self::default();
        for (key, value) in parse(search.trim_start_matches('?').as_bytes()) {
            if let Some((_, field)) = state.fields_mut().into_iter().find(|(name, _)| *name == key) {
                *field = value.trim().to_owned();
            }
        }
        state
    }

    fn fields_mut(&mut self) -> [(&'static str, &mut String); 11] {
        [
            ("q", &mut self.q),
            ("from", &mut self.from),
            ("to", &mut self.to),
            ("tz", &mut self.tz),
            ("sort", &mut self.sort),
            ("cols", &mut self.cols),
            ("rows", &mut self.rows),
            ("live", &mut self.live),
            ("counts", &mut self.counts),
            ("after", &mut self.after),
            ("event", &mut self.event),
        ]
    }

    /// The fields that are set, by the names they have in a URL.
    pub fn fields(&self) -> Vec<(&'static str, String)> {
        let mut copy = self.clone();
        let fields = copy.fields_mut().into_iter().map(|(name, value)| (name, std::mem::take(value)));
        fields.filter(|(_, value)| !value.is_empty()).collect()
    }

    /// The URL of `path`, which may have parameters of its own, in this state.
    pub fn url(&self, path: &str) -> String {
        let mut url = path.to_owned();
        for (key, value) in self.fields() {
            url.push(if url.contains('?') { '&' } else { '?' });
            url.push_str(key);
            url.push('=');
            escape_into(&mut url, &value, b"/:,@*!~()'$;?");
        }
        url
    }

    /// The list of events in this state.
    pub fn events(&self) -> String {
        self.url(self.place.path())
    }

    /// Where this view is exported with its sealed values.
    pub fn sealed_export(&self, format: &str) -> String {
        self.after("").url(&format!("/export/sealed?format={format}"))
    }

    /// Where this view is taken as evidence.
    pub fn evidence(&self) -> String {
        self.after("").url("/export/evidence")
    }

    /// The same window and zone with another query, from its first page.
    pub fn with_query(&self, q: impl Into<String>) -> Self {
        Self { q: q.into(), after: String::new(), ..self.alone() }
    }

    /// What tells of events that come into this view, which is open.
    pub fn stream(&self) -> String {
        let live = if self.is_live() { self.live.clone() } else { String::new() };
        let (sort, counts, after) = Default::default();
        Self { live, sort, counts, after, ..self.alone() }.url("/events/live")
    }

    /// The same query and zone with another window, from its first page. One that has an end is not live.
    pub fn with_window(&self, from: &str, to: &str) -> Self {
        let live = if to.is_empty() { self.live.clone() } else { String::new() };
        Self { from: from.to_owned(), to: to.to_owned(), live, after: String::new(), ..self.alone() }
    }

    /// The same view in another zone, from its first page: a day means another day there.
    pub fn with_zone(&self, tz: &str) -> Self {
        Self { tz: tz.to_owned(), after: String::new(), ..self.alone() }
    }

    /// The same view in the other order, from its first page.
    pub fn with_sort(&self, sort: &str) -> Self {
        Self { sort: sort.to_owned(), live: String::new(), after: String::new(), ..self.alone() }
    }

    /// The same view from its first page, with what comes shown at once or not.
    pub fn with_live(&self, live: bool) -> Self {
        Self { live: if live { "1".to_owned() } else { String::new() }, after: String::new(), ..self.alone() }
    }

    /// The same page with its counts or without them.
    pub fn with_counts(&self, counts: bool) -> Self {
        Self { counts: if counts { String::new() } else { "off".to_owned() }, ..self.clone() }
    }

    /// The same page with other columns.
    pub fn with_columns(&self, cols: String) -> Self {
        Self { cols, ..self.alone() }
    }

    /// The same page with rows of another height.
    pub fn with_rows(&self, rows: &str) -> Self {
        Self { rows: rows.to_owned(), ..self.alone() }
    }

    /// Whether it starts with the oldest event.
    pub fn oldest_first(&self) -> bool {
        self.sort == "oldest"
    }

    /// Whether what comes belongs on top of it: it starts with the newest events, and its window has no end.
    pub fn is_open(&self) -> bool {
        self.to.is_empty() && !self.oldest_first()
    }

    /// Whether what comes appears in it at once.
    pub fn is_live(&self) -> bool {
        self.live == "1" && self.is_open() && self.after.is_empty()
    }

    /// Whether its events are counted.
    pub fn is_counted(&self) -> bool {
        self.counts != "off"
    }

    /// The same view, going on from a cursor. Only its first page can be live.
    pub fn after(&self, cursor: impl Into<String>) -> Self {
        Self { after: cursor.into(), live: String::new(), ..self.alone() }
    }

    /// The same page with an event beside it.
    pub fn beside(&self, seq: i64) -> Self {
        Self { event: seq.to_string(), ..self.clone() }
    }

    /// The same page with nothing beside it, which is what whoever changes it in any other way goes on with.
    pub fn alone(&self) -> Self {
        Self { event: String::new(), ..self.clone() }
    }

    /// The page of an event, which leads back to this page.
    pub fn event_page(&self, seq: i64) -> String {
        self.alone().url(&format!("/events/{seq}"))
    }

    /// The zone alone, for a page about something else.
    pub fn zone_only(&self) -> Self {
        Self { tz: self.tz.clone(), ..Self::default() }
    }

    /// Whether a window is set.
    pub fn has_window(&self) -> bool {
        !(self.from.is_empty() && self.to.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_survives_its_url() {
        let state = ViewState {
            q: "actor:\"a&b=c\" 50%25 +1 #日志".to_owned(),
            from: "-24h".to_owned(),
            tz: "Europe/Berlin".to_owned(),
            ..ViewState::default()
        };
        let url = state.events();
        assert_eq!(ViewState::from_search(url.strip_prefix("/events").unwrap()), state);
        assert!(url.ends_with("&from=-24h&tz=Europe/Berlin"), "{url}");
    }

    #[test]
    fn an_event_stands_beside_the_page_it_was_opened_on_and_no_other() {
        let page = ViewState { q: "login".to_owned(), after: "c".to_owned(), ..ViewState::default() };
        let state = page.beside(7);
        assert_eq!(state.events(), "/events?q=login&after=c&event=7");
        assert_eq!(state.event_page(8), "/events/8?q=login&after=c");
        assert_eq!(state.alone(), page);
        for other in [state.with_query("x"), state.with_window("-1h", ""), state.with_rows("compact"), state.after("d")]
        {
            assert_eq!(other.event, "");
        }
    }

    #[test]
    fn only_the_newest_page_of_an_open_window_is_live() {
        let live = ViewState::default().with_query("login").with_live(true);
        assert!(live.is_live() && live.with_query("actor:a").is_live() && live.with_window("-1h", "").is_live());
        for other in [live.with_window("-2h", "-1h"), live.with_sort("oldest"), live.after("7"), live.with_live(false)]
        {
            assert!(!other.is_live() && other.live.is_empty(), "{}", other.events());
        }
    }

    #[test]
    fn a_form_writes_spaces_as_plus_signs() {
        assert_eq!(ViewState::from_search("?q=a+b%2Bc&x=1").q, "a b+c");
    }
}
