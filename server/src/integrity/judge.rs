//! What an audit means, held against checkpoints.

use flightbox_app::integrity::Finding;
use flightbox_domain::tree::Checkpoint;
use flightbox_event::rfc3339;
use flightbox_store::{Audited, Damage};

/// What is wrong, the lowest event first; nothing where the log is whole and is what the checkpoints say. They are ordered
/// by size, and the roots of their sizes were asked for.
pub fn judge(audited: &Audited, checkpoints: &[Checkpoint]) -> Vec<Finding> {
    let mut findings: Vec<_> = audited.damage.iter().map(damage).collect();
    findings.extend(outgrown(audited, checkpoints));
    findings.sort_by_key(|finding| finding.first);
    findings
}

/// The first checkpoint that does not hold: none behind it can, and what holds of the one before narrows it down.
fn outgrown(audited: &Audited, checkpoints: &[Checkpoint]) -> Option<Finding> {
    let held = |(checkpoint, root): &(&Checkpoint, &Option<_>)| **root == Some(checkpoint.root);
    let (at, (bad, root)) = checkpoints.iter().zip(&audited.roots).enumerate().find(|(_, pair)| !held(pair))?;
    let signed = format!("the checkpoint of {} events, signed {}", bad.size, rfc3339(bad.signed_at));
    let later = match checkpoints.len() - at - 1 {
        0 => String::new(),
        1 => "; nor can the one behind it hold".to_owned(),
        more => format!("; nor can the {more} behind it hold"),
    };
    if root.is_none() {
        let words = format!("missing; the log ends there, and is shorter than {signed}{later}");
        return Some(Finding { first: audited.events, words });
    }
    let sound = at.checked_sub(1).and_then(|before| checkpoints.get(before));
    let between = sound.map_or_else(String::new, |sound| {
        format!(" (the one of {} events, signed {}, holds)", sound.size, rfc3339(sound.signed_at))
    });
    let words = format!(
        "this or a later one: the records are not those of {signed}{between}; records and tree were altered \
         together{later}"
    );
    Some(Finding { first: sound.map_or(0, |sound| sound.size), words })
}

/// What is wrong with the log by itself.
pub fn damage(damage: &Damage) -> Finding {
    let Damage { first, last, kind, places, after, before } = damage;
    let window = match (after, before) {
        (Some(after), Some(before)) => format!("received between {} and {}", rfc3339(*after), rfc3339(*before)),
        (None, Some(before)) => format!("received until {}", rfc3339(*before)),
        (Some(after), None) => format!("received from {} on", rfc3339(*after)),
        (None, None) => "received nobody can tell when".to_owned(),
    };
    let rest = match places {
        1 => String::new(),
        places => format!("; {places} places are damaged, the last up to event {last}"),
    };
    Finding { first: *first, words: format!("{kind} ({window}){rest}") }
}

#[cfg(test)]
mod tests {
    use flightbox_domain::tree::{NodeHash, Origin};

    use super::*;

    fn checkpoint(size: u64) -> Checkpoint {
        let signed_at = chrono::DateTime::from_timestamp(size.cast_signed(), 0).unwrap();
        Checkpoint { origin: Origin::parse("log").unwrap(), size, root: NodeHash::empty(), signed_at }
    }

    #[test]
    fn the_first_checkpoint_that_does_not_hold_is_named_between_its_neighbours() {
        let checkpoints = [10, 20, 30, 40].map(checkpoint);
        let other = NodeHash([1; 32]);
        let good = Some(NodeHash::empty());
        let judged = |roots: [Option<NodeHash>; 4]| {
            judge(&Audited { events: 35, removed: 0, roots: roots.to_vec(), damage: None }, &checkpoints)
        };
        assert_eq!(judged([good; 4]), []);
        let [altered] = &judged([good, good, Some(other), None])[..] else { panic!("one finding") };
        assert_eq!(altered.first, 20);
        for told in ["of 30 events, signed 1970-01-01T00:00:30", "the one of 20 events", "the one behind it"] {
            assert!(altered.words.contains(told), "{told}: {}", altered.words);
        }
        let [short] = &judged([good, good, good, None])[..] else { panic!("one finding") };
        assert_eq!((short.first, short.words.starts_with("missing; the log ends there")), (35, true));
        assert_eq!(judged([Some(other), None, None, None])[0].first, 0);
    }
}
