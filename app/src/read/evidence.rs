//! What a file of evidence would hold.

use flightbox_domain::evidence::MOST;
use flightbox_store::Count;

use super::{search::View, sentence};
use crate::{error::AppError, look::Witness, pages::evidence::Taking, parts::number::grouped, read::search::in_words};

/// What would be taken at the request of that URL, before anything is typed. That somebody looks for it is recorded.
pub fn taking(view: &View, url: &str, found: Count, witness: &Witness) -> Result<Taking, AppError> {
    witness.see(view.searched(None, Some(found)), Ok(()))?;
    Ok(Taking {
        url: url.to_owned(),
        view: view.state.events(),
        sentence: sentence::of_query(&view.query, &view.window.phrase(&view.state)),
        count: in_words(found),
        too_many: (found.value > MOST as u64).then(too_many),
        reason: String::new(),
        since: String::new(),
        wrong_reason: None,
        wrong_since: None,
    })
}

/// Said where more is found than goes into a file.
pub fn too_many() -> String {
    format!("One file holds {} events at most. Narrow the time, and take several.", grouped(MOST as u64))
}
