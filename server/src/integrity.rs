//! What is known of the log's integrity: in memory, for the badge of every page, and in the file `verified`, for the next
//! start. Damage stays known until all of the log was looked through once more and found whole.

pub mod judge;
mod kept;

use std::{
    io,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use chrono::{DateTime, Utc};
use flightbox_app::integrity::{Damaged, Finding, Found, Round, Standing, Whole};
use tokio::{sync::Notify, task::spawn_blocking};

use crate::{App, signer::Retired};

/// What is known, and who wants to know more.
pub struct Integrity {
    path: PathBuf,
    state: Mutex<State>,
    /// Told when somebody asks for a round.
    asked: Notify,
}

#[derive(Default)]
struct State {
    found: Found,
    /// Who asked for a round that has not begun.
    asked: Option<String>,
}

impl State {
    fn is_asked(&self) -> bool {
        self.asked.is_some() || self.found.round.as_ref().is_some_and(|round| round.by.is_some())
    }
}

impl Integrity {
    /// What was known of the log in a folder when it was last looked through. A file that cannot be read says nothing.
    pub fn of(folder: &std::path::Path) -> Self {
        let path = folder.join(kept::FILE);
        let found = kept::read(&path).unwrap_or_else(|error| {
            tracing::warn!(%error, path = %path.display(), "what was known of the log's integrity is forgotten");
            Found::default()
        });
        Self { path, state: Mutex::new(State { found, asked: None }), asked: Notify::new() }
    }

    /// What came of looking through the log so far.
    pub fn found(&self) -> Found {
        self.state().found.clone()
    }

    /// Whether a round that somebody asked for is under way, or about to be.
    pub fn is_asked(&self) -> bool {
        self.state().is_asked()
    }

    /// Has a round begin at once, at full speed, unless there is one that somebody asked for.
    pub fn ask(&self, by: &str) {
        let mut state = self.state();
        if state.is_asked() {
            return;
        }
        state.asked = Some(by.to_owned());
        // The page that comes next already tells of it.
        state.found.round = Some(Round { done: 0, of: 0, by: Some(by.to_owned()) });
        self.asked.notify_one();
    }

    /// Waits until somebody asks for a round that has not begun.
    pub async fn asked(&self) {
        // What was told may be about one that has begun since.
        while self.state().asked.is_none() {
            self.asked.notified().await;
        }
    }

    /// Begins a round; who asked for it, if anybody did.
    pub fn begin(&self) -> Option<String> {
        self.state().asked.take()
    }

    /// Notes how far a round has come.
    pub fn progress(&self, (done, of): (u64, u64), by: Option<&str>) {
        let mut state = self.state();
        // Whoever asked meanwhile sees their own.
        if state.asked.is_none() {
            state.found.round = Some(Round { done, of, by: by.map(str::to_owned) });
        }
    }

    /// Notes damage as soon as it is found. Whether that is news.
    pub async fn damaged(&self, finding: Finding, now: DateTime<Utc>) -> bool {
        {
            let mut state = self.state();
            let damage = state.found.damage.get_or_insert_with(|| Damaged { at: now, findings: Vec::new() });
            if damage.findings.iter().any(|known| known.first == finding.first) {
                return false;
            }
            damage.findings.push(finding);
            damage.findings.sort_by_key(|finding| finding.first);
        }
        self.keep().await;
        true
    }

    /// Notes what came of a whole round. Whether that is news.
    pub async fn ended(&self, whole: Whole, findings: Vec<Finding>) -> bool {
        let news = {
            let mut state = self.state();
            let found = &mut state.found;
            let before = found.damage.take();
            found.trouble = None;
            if findings.is_empty() {
                found.whole = Some(whole);
                before.is_some()
            } else {
                let (at, known) = before.map_or((whole.at, Vec::new()), |before| (before.at, before.findings));
                let findings: Vec<_> = findings.into_iter().map(|finding| as_known(finding, &known)).collect();
                let news = findings.iter().any(|finding| !known.contains(finding));
                found.damage = Some(Damaged { at, findings });
                news
            }
        };
        self.keep().await;
        news
    }

    /// Notes that a round is over, and why it came to no end.
    pub fn over(&self, trouble: Option<String>) {
        let mut state = self.state();
        if state.asked.is_none() {
            state.found.round = None;
        }
        if trouble.is_some() {
            state.found.trouble = trouble;
        }
    }

    /// Keeps what is known for the next start.
    async fn keep(&self) {
        let (path, found) = (self.path.clone(), self.found());
        let written = spawn_blocking(move || kept::write(&path, &found)).await;
        if let Err(error) = written.unwrap_or_else(|error| Err(io::Error::other(error))) {
            tracing::error!(%error, path = %self.path.display(), "what is known of the log's integrity is not kept");
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A log that ends too early grows by every event that says so, and would end somewhere else in each round: what says the
/// same stands where it was found first.
fn as_known(finding: Finding, known: &[Finding]) -> Finding {
    let same = known.iter().find(|known| known.words == finding.words && known.first <= finding.first);
    if known.contains(&finding) { finding } else { same.cloned().unwrap_or(finding) }
}

/// All of it, for the pages.
pub fn standing(app: &App) -> Standing {
    let (signed, keys) = (app.signer.last(), app.signer.keys());
    let retired = keys.retired.into_iter().map(|Retired { key, size }| (key, size)).collect();
    Standing {
        events: app.store.events().cast_unsigned(),
        checkpoint: (signed.checkpoint, signed.note),
        refused: signed.refused,
        keys: (keys.current, retired),
        anchors: app.anchors.kept(),
        found: app.integrity.found(),
    }
}

/// The same, as often as a page wants it.
pub fn watched(app: &App) -> flightbox_app::integrity::Watched {
    let app = app.clone();
    flightbox_app::integrity::Watched(Arc::new(move || standing(&app)))
}
