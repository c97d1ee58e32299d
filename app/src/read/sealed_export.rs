//! What would leave in an export with sealed values.

use flightbox_store::Count;

use super::{approvals::format_words, search::View, sentence};
use crate::{
    context,
    error::AppError,
    look::Witness,
    pages::sealed_export::{Leaving, Step},
    parts::number::{grouped, plural},
    read::search::in_words,
};

/// Of so many of the newest events it is told how many have sealed values.
const LOOKED_AT: usize = 1_000;

/// What would leave at the request of that URL. That somebody looks for it is recorded.
pub async fn leaving(
    view: &View,
    (url, format): (&str, &str),
    found: Count,
    step: Step,
    witness: &Witness,
) -> Result<Leaving, AppError> {
    let page = view.store().search(&view.search(None, LOOKED_AT)).await.map_err(context::unanswered);
    let page = witness.see(view.searched(None, Some(found)), page)?;
    let sealed = page.events.iter().filter(|event| !event.record.seals.is_empty()).count();
    Ok(Leaving {
        url: url.to_owned(),
        view: view.state.events(),
        sentence: sentence::of_query(&view.query, &view.window.phrase(&view.state)),
        format: format_words(format),
        count: in_words(found),
        sealed: sealed_words(sealed, page.events.len(), page.older.is_none()),
        step,
        reason: String::new(),
        wrong: None,
    })
}

fn sealed_words(sealed: usize, of: usize, all: bool) -> String {
    let newest = if all { String::new() } else { "newest ".to_owned() };
    match (sealed, of) {
        (_, 0) => "none, for there is no event".to_owned(),
        (0, of) => format!("in none of the {newest}{}", plural(of as u64)),
        (sealed, of) => format!("in {} of the {newest}{}", grouped(sealed as u64), plural(of as u64)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_told_in_how_many_of_how_many() {
        assert_eq!(sealed_words(0, 0, true), "none, for there is no event");
        assert_eq!(sealed_words(1, 1, true), "in 1 of the 1 event");
        assert_eq!(sealed_words(940, 1_000, false), "in 940 of the newest 1,000 events");
        assert_eq!(sealed_words(0, 1_000, false), "in none of the newest 1,000 events");
    }
}
