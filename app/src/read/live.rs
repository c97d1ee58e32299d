//! What comes into a view while somebody looks at it, made ready to be announced or shown.

use flightbox_domain::{mark::Mark, random::Random, scope::SELF_SOURCE};
use flightbox_event::Event;
use flightbox_store::{Arrivals, StoreError, Stored};
use leptos::prelude::*;

use super::search::{View, plural};
use crate::{
    context,
    error::AppError,
    look,
    parts::{live::Onward, table::DayRows},
};

impl View {
    /// From where its page goes on, if what comes belongs on top of that.
    pub(super) fn onward(&self, shown: Mark) -> Result<Option<Onward>, AppError> {
        if !(self.state.is_open() && self.state.after.is_empty()) {
            return Ok(None);
        }
        let since = self.seal(shown, &context::random()?);
        Ok(Some(Onward { stream: self.state.stream(), since }))
    }

    /// A mark as this reader of this view may send it back.
    pub fn seal(&self, mark: Mark, random: &Random) -> String {
        mark.seal(self.store().keys(), random, self.reader(), &self.bound())
    }

    /// The mark that this reader of this view has sent back.
    pub fn mark(&self, text: &str) -> Option<Mark> {
        Mark::open(text, self.store().keys(), self.reader(), &self.bound())
    }

    /// The newest of what has come since a mark, before the log had `until` events.
    pub async fn arrivals(&self, since: Mark, until: i64, most: usize) -> Result<Arrivals, StoreError> {
        let mut search = self.search(None, most);
        search.range.from = search.range.from.max(since.floor);
        let mut found = self.store().arrivals(&search, since.seen..until).await?;
        // Looking at the record of access is recorded in it: announced to whoever looks, it would lead them round.
        found.events.retain(|stored| !(stored.record.source == SELF_SOURCE && self.is_own_look(&stored.record.event)));
        Ok(found)
    }

    fn is_own_look(&self, event: &Event) -> bool {
        event.actor.id == self.reader() && look::ACTIONS.contains(&event.action.as_str())
    }

    /// The rows of some events, by the same parts as those of the page.
    pub fn rendered(&self, events: &[Stored]) -> String {
        let rows = self.rows();
        let (days, columns) = (rows.days(events), rows.columns.clone());
        let day = |day| view! { <DayRows day state=self.state.clone() columns=columns.clone() /> };
        days.into_iter().map(|rows| day(rows).to_html()).collect()
    }
}

/// `1 new event`, `12 new events`, `More than 99 new events`.
pub fn announced(count: u64, more: bool) -> String {
    let bound = if more { "More than " } else { "" };
    format!("{bound}{}", plural(count).replace(" event", " new event"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_announced_is_honest() {
        assert_eq!(announced(1, false), "1 new event");
        assert_eq!(announced(12, false), "12 new events");
        assert_eq!(announced(99, true), "More than 99 new events");
    }
}
