//! What is known of the log's integrity, in words.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::zone;
use crate::{
    context::{self, Person},
    error::AppError,
    integrity::{Delivery, Found, Kept, Round, Standing, Whole},
    look::event_path,
    pages::event::Covered,
    pages::integrity::{Anchors, FindingLine, IntegrityShown, KeyLine, Now, Progress, Signed},
    parts::{
        number::{grouped, plural},
        stamp::Stamp,
    },
};

/// All of it, for whoever may browse.
pub fn read() -> Result<IntegrityShown, AppError> {
    let person = context::signed_in()?;
    Ok(shown(context::integrity()?, &person, context::now()?))
}

fn shown(standing: Standing, person: &Person, now: DateTime<Utc>) -> IntegrityShown {
    let stands = self::now(&standing, person, now);
    let Standing { events, checkpoint: (checkpoint, note), keys: (key, retired), anchors, .. } = standing;
    let before = retired
        .iter()
        .rev()
        .map(|(key, size)| KeyLine { key: key.to_string(), about: format!("signed up to {}", plural(*size)) });
    let current = KeyLine { key: key.to_string(), about: "signs".to_owned() };
    IntegrityShown {
        now: stands,
        events: plural(events),
        signed: Signed {
            size: plural(checkpoint.size),
            root: checkpoint.root.to_base64(),
            at: stamp(checkpoint.signed_at, now),
            origin: checkpoint.origin.to_string(),
            note,
        },
        anchors: told(anchors, person.roles.may_see_access(), now),
        keys: std::iter::once(current).chain(before).collect(),
        may_verify: person.roles.may_see_access(),
    }
}

/// What changes while somebody looks at it. Who asked for a round is part of the record of access, and what broke says
/// more of the machine than whoever browses needs.
pub fn now(standing: &Standing, person: &Person, now: DateTime<Utc>) -> Now {
    let may_know = person.roles.may_see_access();
    let Found { whole, damage, round, trouble } = &standing.found;
    let state = standing.state();
    let looked = whole
        .as_ref()
        .map(|Whole { at, events, .. }| format!("{}, verified completely {}", plural(*events), zone::ago(now - *at)));
    let sentence = match (&damage, &standing.refused, looked) {
        (Some(_), _, _) => "Something in the log is not what was recorded.".to_owned(),
        (None, Some(_), _) => "No checkpoint is signed any more.".to_owned(),
        (None, None, Some(looked)) => format!("{looked}."),
        (None, None, None) => "The log is being looked through for the first time.".to_owned(),
    };
    let held = whole.as_ref().filter(|_| damage.is_none()).map(|Whole { removed, held, .. }| {
        let removed = match removed {
            0 => "Each record was hashed anew".to_owned(),
            removed => format!(
                "Each record was hashed anew but those of {} that retention removed, whose hashes are there",
                plural(*removed)
            ),
        };
        let held = if *held == 1 {
            "a signed checkpoint".to_owned()
        } else {
            format!("{} signed checkpoints", grouped(*held))
        };
        format!("{removed}; what follows from them was held against {held}.")
    });
    let findings = damage.iter().flat_map(|damage| &damage.findings).map(|finding| FindingLine {
        seq: finding.first,
        url: (finding.first < standing.events).then(|| event_path(finding.first.cast_signed())),
        words: finding.words.clone(),
    });
    Now {
        state,
        sentence,
        held,
        refused: standing.refused.clone(),
        findings: findings.collect(),
        found: damage.as_ref().map(|damage| stamp(damage.at, now)),
        whole: whole.as_ref().map(|whole| stamp(whole.at, now)),
        round: round.as_ref().map(|round| progress(round, may_know)),
        trouble: trouble.as_ref().map(|why| if may_know { why.clone() } else { "something broke".to_owned() }),
    }
}

/// What is known of one event: the checkpoint that it is under, and what is wrong with it.
pub fn covered(seq: i64, now: DateTime<Utc>) -> Result<Covered, AppError> {
    let standing = context::integrity()?;
    let (checkpoint, seq) = (&standing.checkpoint.0, seq.unsigned_abs());
    let words = if standing.refused.is_some() {
        format!("Its leaf hash is number {seq} of the tree. No checkpoint is signed any more.")
    } else if seq < checkpoint.size {
        let (size, signed) = (plural(checkpoint.size), zone::ago(now - checkpoint.signed_at));
        format!("Its leaf hash is number {seq} of the tree, under the checkpoint of {size}, signed {signed}.")
    } else {
        format!("Its leaf hash is number {seq} of the tree. The next checkpoint will cover it.")
    };
    let findings = standing.found.damage.map(|damage| damage.findings).unwrap_or_default();
    let damage = findings.into_iter().find(|finding| finding.first == seq).map(|finding| finding.words);
    Ok(Covered { words, damage })
}

fn progress(Round { done, of, by }: &Round, may_know: bool) -> Progress {
    let words = match (done, of) {
        (_, 0) => "About to begin".to_owned(),
        (done, of) => format!("{} of {} looked at", grouped(*done), plural(*of)),
    };
    let by = by.as_ref().map(|by| if may_know { by.clone() } else { "somebody".to_owned() });
    Progress { done: *done, of: (*of).max(1), words, by }
}

fn told(kept: Kept, may_know: bool, now: DateTime<Utc>) -> Anchors {
    let Kept { path, count, torn, newest, failure, delivery } = kept;
    let delivery = delivery.map(|Delivery { host, delivered, failure }| {
        let arrived = match &delivered {
            None => "None has arrived yet".to_owned(),
            Some((size, at)) => format!("The last to arrive is of {}, {}", plural(*size), zone::ago(now - *at)),
        };
        let why = failure.map(|(why, at)| match may_know {
            true => format!("The last try failed {}: {why}", zone::ago(now - at)),
            false => format!("The last try failed {}", zone::ago(now - at)),
        });
        (may_know.then_some(host), arrived, why)
    });
    Anchors {
        path: may_know.then_some(path),
        count: grouped(count as u64),
        torn,
        newest: newest.map(|anchor| (plural(anchor.size), stamp(anchor.signed_at, now))),
        failure: failure.map(|why| if may_know { why } else { "the file cannot be written".to_owned() }),
        delivery,
    }
}

fn stamp(at: DateTime<Utc>, now: DateTime<Utc>) -> Stamp {
    zone::stamp(at, Tz::UTC, now)
}
