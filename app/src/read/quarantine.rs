//! What was refused of a source, as far as whoever asks may know of it.

use flightbox_store::{About, Refusal};

use super::{people::Asker, settings::bytes};
use crate::{
    context,
    error::AppError,
    pages::quarantine::{RefusedLine, RefusedList, Told},
};

/// How much of it a page lists.
const LISTED: usize = 100;

/// What was refused of a source that an admin sees.
pub async fn list(name: &str, tz: &str) -> Result<RefusedList, AppError> {
    let asker = Asker::new(context::manager()?, tz)?;
    let sources = asker.store.sources(&asker.person.scope(false)).await.map_err(context::unanswered)?;
    if !sources.iter().any(|source| source.name == name) {
        return Err(AppError::Missing(format!("source {name}")));
    }
    let refusals = asker.store.refusals(name, LISTED as u32, asker.now).await.map_err(context::unanswered)?;
    let all = asker.store.refused(asker.now).await.map_err(context::unanswered)?;
    let all = all.get(name).map_or(0, |(all, _)| *all as usize);
    let line = |Refusal { id, received_at, about, .. }: Refusal| RefusedLine {
        id,
        url: format!("/sources/{name}/quarantine/{id}"),
        at: asker.stamp(received_at),
        told: about.map(told),
    };
    Ok(RefusedList {
        source: name.to_owned(),
        more: (all > LISTED).then(|| format!("These are the newest {LISTED}; there are {all} in all.")),
        refused: refusals.into_iter().map(line).collect(),
    })
}

fn told(about: About) -> Told {
    let (path, message) = about.first.unwrap_or_default();
    Told {
        path,
        message,
        more: about.problems.saturating_sub(1),
        records: match about.records {
            None => "no JSON".to_owned(),
            Some(1) => "1 record".to_owned(),
            Some(count) => format!("{count} records"),
        },
        size: bytes(about.bytes),
        address: about.address.map(|address| address.to_string()),
    }
}
