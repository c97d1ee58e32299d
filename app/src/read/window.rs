//! The window of a view: from when to when, in whose zone.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use flightbox_domain::{
    page::Range,
    query::{Key, Qualifier, Value},
};

use super::zone;
use crate::{
    error::{AppError, WindowProblem},
    parts::time_picker::{PRESETS, WindowView, ZONES},
    state::ViewState,
};

/// A window that has been read.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    /// Its start, inclusive.
    pub from: Option<DateTime<Utc>>,
    /// Its end, exclusive.
    pub to: Option<DateTime<Utc>>,
    /// The zone that times are shown and read in.
    pub zone: Tz,
    /// The time it was read at.
    pub now: DateTime<Utc>,
}

impl Window {
    /// Reads the window of a state.
    pub fn read(state: &ViewState, now: DateTime<Utc>) -> Result<Self, AppError> {
        let zone = zone::zone(&state.tz)?;
        let read = |field: &str, text: &str| match text {
            "" => Ok(None),
            text => instant(text, now, zone).map(Some).ok_or_else(|| unreadable(field, text)),
        };
        let (from, to) = (read("from", &state.from)?, read("to", &state.to)?);
        if from.zip(to).is_some_and(|(from, to)| to <= from) {
            let message = "The window ends before it starts. Write the earlier time first.".to_owned();
            return Err(AppError::Window(WindowProblem { field: "to".to_owned(), message }));
        }
        Ok(Self { from, to, zone, now })
    }

    /// The positions inside.
    pub fn range(&self) -> Range {
        Range::between(self.from, self.to)
    }

    /// What the time picker of the page at `path` shows.
    pub fn view(&self, state: &ViewState, path: &str) -> WindowView {
        let length = self.from.map(|from| (from, self.to.unwrap_or(self.now)));
        let shifted =
            |from: DateTime<Utc>, to: DateTime<Utc>| state.with_window(&zone::exact(from), &zone::exact(to)).url(path);
        let end = self.to.or(self.from).unwrap_or(self.now);
        WindowView {
            label: self.label(state),
            offset: zone::offset(end, self.zone),
            zones: ZONES
                .iter()
                .filter_map(|name| Some(((*name).to_owned(), zone::offset(end, name.parse().ok()?))))
                .collect(),
            earlier: length.map(|(from, to)| shifted(from - (to - from), from)),
            later: length.filter(|(_, to)| *to < self.now).map(|(from, to)| shifted(to, to + (to - from))),
        }
    }

    /// The stretch just before, as long as this one; none before all time, or before one that has not begun.
    pub fn before(&self) -> Option<Self> {
        let from = self.from?;
        let length = self.to.unwrap_or(self.now) - from;
        (length > TimeDelta::zero()).then(|| Self { from: Some(from - length), to: Some(from), ..*self })
    }

    /// What a window before another is called: `the 7 days before`.
    pub fn as_before(&self) -> String {
        let length = self.from.zip(self.to).map(|(from, to)| zone::length(to - from)).unwrap_or_default();
        format!("the {} before", length.strip_prefix("1 ").unwrap_or(&length))
    }

    fn label(&self, state: &ViewState) -> String {
        let preset = PRESETS.iter().find(|preset| preset.from == state.from && state.to.is_empty());
        let brief = |time| zone::brief(time, self.zone, self.now);
        match (preset, self.from, self.to) {
            (Some(preset), ..) => preset.label.to_owned(),
            (None, Some(from), Some(to)) => format!("{} – {}", brief(from), brief(to)),
            (None, Some(from), None) => format!("Since {}", brief(from)),
            (None, None, Some(to)) => format!("Until {}", brief(to)),
            (None, None, None) => "All time".to_owned(),
        }
    }

    /// The window as the end of a sentence: `in the last hour`; empty for all time.
    pub fn phrase(&self, state: &ViewState) -> String {
        let preset = PRESETS.iter().find(|preset| preset.from == state.from && state.to.is_empty());
        let brief = |time| zone::brief(time, self.zone, self.now);
        match (preset, self.from, self.to) {
            (Some(preset), ..) if preset.from.is_empty() => String::new(),
            (Some(preset), ..) => format!("in the {}", preset.label.to_lowercase()),
            (None, Some(from), Some(to)) => format!("between {} and {}", brief(from), brief(to)),
            (None, Some(from), None) => format!("since {}", brief(from)),
            (None, None, Some(to)) => format!("until {}", brief(to)),
            (None, None, None) => String::new(),
        }
    }
}

/// The instant that a text names, in the query language's own words: a day is its first instant.
fn instant(text: &str, now: DateTime<Utc>, zone: Tz) -> Option<DateTime<Utc>> {
    let text = text.replacen(' ', "T", 1);
    let Qualifier { any_of, .. } = Qualifier::equals(Key::Created, &text).ok()?;
    match any_of.first()? {
        Value::Time(time) => time.resolve(now, zone).0,
        _ => None,
    }
}

fn unreadable(field: &str, text: &str) -> AppError {
    let message = format!(
        "\"{text}\" is no time. Write a day such as 2026-01-31, a time such as 2026-01-31 09:30, or a time ago such as -24h."
    );
    AppError::Window(WindowProblem { field: field.to_owned(), message })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(from: &str, to: &str, tz: &str) -> Result<Window, AppError> {
        let state = ViewState { tz: tz.to_owned(), ..ViewState::default() }.with_window(from, to);
        Window::read(&state, "2026-11-22T12:00:00Z".parse().unwrap())
    }

    #[test]
    fn times_are_read_in_the_views_zone() {
        let window = read("2026-11-22", "2026-11-22 11:00", "Europe/Berlin").unwrap();
        assert_eq!(window.from, "2026-11-21T23:00:00Z".parse().ok());
        assert_eq!(window.to, "2026-11-22T10:00:00Z".parse().ok());
    }

    #[test]
    fn a_window_that_ends_before_it_starts_is_refused() {
        assert!(matches!(read("-1h", "-2h", ""), Err(AppError::Window(problem)) if problem.field == "to"));
        assert!(matches!(read("soon", "", ""), Err(AppError::Window(problem)) if problem.field == "from"));
    }

    #[test]
    fn a_window_is_compared_with_one_as_long_just_before() {
        let before = |from: &str, to: &str| read(from, to, "").unwrap().before();
        let week = before("-7d", "").unwrap();
        assert_eq!((week.from, week.to), ("2026-11-08T12:00:00Z".parse().ok(), "2026-11-15T12:00:00Z".parse().ok()));
        assert_eq!(week.as_before(), "the 7 days before");
        assert_eq!(before("-2h", "-1h").unwrap().as_before(), "the hour before");
        assert!(before("", "").is_none() && before("2030-01-01", "").is_none());
    }

    #[test]
    fn a_window_says_what_it_is() {
        let state = ViewState::default().with_window("-24h", "");
        let window = Window::read(&state, "2026-11-22T12:00:00Z".parse().unwrap()).unwrap();
        assert_eq!(window.phrase(&state), "in the last 24 hours");
        let view = window.view(&state, "/events");
        assert_eq!((view.label.as_str(), view.later), ("Last 24 hours", None));
        assert!(view.zones.contains(&("Europe/Berlin".to_owned(), "UTC+01:00".to_owned())));
        assert_eq!(view.zones.len(), ZONES.len());
        let earlier = view.earlier.unwrap();
        assert_eq!(earlier, "/events?from=2026-11-20T12:00:00Z&to=2026-11-21T12:00:00Z");
    }
}
