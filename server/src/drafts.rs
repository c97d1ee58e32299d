//! Texts that people are about to confirm. A grant names such a text by its digest, for it does not fit into a URL; here
//! it waits for whoever comes back from confirming. It is a convenience and no more: where it is gone, by a restart or
//! because others came, the text is made again, and nothing was changed.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
};

use flightbox_domain::rules;
use flightbox_store::PersonId;

/// How many texts are kept, of all people together.
const MOST: usize = 32;

/// The texts, the latest first.
#[derive(Default)]
pub struct Drafts(Mutex<VecDeque<(PersonId, String, String)>>);

impl Drafts {
    /// Keeps a text of somebody.
    pub fn keep(&self, person: PersonId, text: &str) {
        let digest = rules::digest(text);
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|(of, known, _)| (*of, known) != (person, &digest));
        kept.push_front((person, digest, text.to_owned()));
        kept.truncate(MOST);
    }

    /// Somebody's own text of that digest.
    pub fn find(&self, person: PersonId, digest: &str) -> Option<String> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter().find(|(of, known, _)| *of == person && known == digest).map(|(.., text)| text.clone())
    }
}
