//! Checkpoints: what a verifier with a pinned origin and key believes.

use chrono::DateTime;
use flightbox_domain::{
    random::Random,
    tree::{Checkpoint, CheckpointError, KeyError, NodeHash, Origin, PublicKey, SecretKey},
};

fn key(origin: &str, seed: u8) -> SecretKey {
    SecretKey::generate(Origin::parse(origin).unwrap(), &Random::new(move |bytes| bytes.fill(seed)))
}

fn checkpoint(origin: &str, size: u64) -> Checkpoint {
    let origin = Origin::parse(origin).unwrap();
    let signed_at = DateTime::from_timestamp_millis(1_795_536_000_123).unwrap();
    Checkpoint { origin, size, root: NodeHash([7; 32]), signed_at }
}

#[test]
fn a_checkpoint_is_text_that_people_can_read() {
    let note = checkpoint("log.example/audit", 41_878).sign(&[&key("log.example/audit", 1)]).unwrap();
    let lines: Vec<_> = note.lines().collect();
    let root = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=";
    assert_eq!(&lines[..5], ["log.example/audit", "41878", root, "signed 2026-11-24T16:00:00.123Z", ""]);
    assert!(lines[5].starts_with("— log.example/audit "));
    assert_eq!(lines.len(), 6);
}

#[test]
fn t7_a_verifier_with_a_pinned_origin_and_key_refuses_any_other() {
    let (mine, made) = (key("log.example/audit", 1), checkpoint("log.example/audit", 9));
    let pinned = PublicKey::parse(&mine.public().to_string()).unwrap();
    let note = made.sign(&[&mine]).unwrap();
    assert_eq!(Checkpoint::open(note.as_bytes(), &pinned), Ok(made.clone()));

    let other_key = made.sign(&[&key("log.example/audit", 2)]).unwrap();
    assert_eq!(Checkpoint::open(other_key.as_bytes(), &pinned), Err(CheckpointError::Unsigned(pinned.name())));
    let elsewhere = checkpoint("log.example/other", 9).sign(&[&key("log.example/other", 1)]).unwrap();
    let refused = Checkpoint::open(elsewhere.as_bytes(), &pinned);
    assert!(matches!(refused, Err(CheckpointError::Origin { .. })), "{refused:?}");
    let error = checkpoint("log.example/other", 9).sign(&[&mine]).unwrap_err();
    assert_eq!(error.to_string(), "it is of the log log.example/other, not log.example/audit");
}

#[test]
fn t8_no_altered_checkpoint_is_believed() {
    let mine = key("log.example/audit", 1);
    let note = checkpoint("log.example/audit", 9).sign(&[&mine]).unwrap().into_bytes();
    for at in 0..note.len() {
        for bit in 0..8 {
            let mut altered = note.clone();
            altered[at] ^= 1 << bit;
            assert!(Checkpoint::open(&altered, &mine.public()).is_err(), "bit {bit} of byte {at}");
        }
        assert!(Checkpoint::open(&note[..at], &mine.public()).is_err());
    }
}

#[test]
fn a_checkpoint_that_two_keys_signed_is_believed_with_either() {
    let (old, new) = (key("log.example/audit", 1), key("log.example/audit", 2));
    let made = checkpoint("log.example/audit", 9);
    let note = made.sign(&[&old, &new]).unwrap();
    assert_eq!(Checkpoint::open(note.as_bytes(), &old.public()), Ok(made.clone()));
    assert_eq!(Checkpoint::open(note.as_bytes(), &new.public()), Ok(made));
}

#[test]
fn keys_are_read_as_they_were_written_and_not_otherwise() {
    let secret = key("log.example/audit", 1);
    let (text, public) = (secret.to_text(), secret.public().to_string());
    assert_eq!(SecretKey::parse(&text).unwrap().public(), secret.public());
    assert_eq!(format!("{secret:?}"), format!("SecretKey(of {})", secret.public().name()));
    assert_eq!(PublicKey::parse(&public), Ok(secret.public()));
    assert_eq!(PublicKey::parse(&text), Err(KeyError::Form));
    assert_eq!(PublicKey::parse(&public.replace("audit", "audits")), Err(KeyError::Id));
    assert_eq!(PublicKey::parse(&public.replace("+A", "+B")), Err(KeyError::Algorithm));
    assert_eq!(Origin::parse("two words"), Err(KeyError::Name));
    assert_eq!(Origin::parse(""), Err(KeyError::Name));
}

#[test]
fn another_implementation_reads_our_notes_and_keys_and_we_read_its() {
    use signed_note::{Note, StandardSigner, StandardVerifier, VerifierList};
    let mine = key("log.example/audit", 1);
    let made = checkpoint("log.example/audit", 9);
    let verifier = StandardVerifier::new(&mine.public().to_string()).unwrap();
    let known = VerifierList::new(vec![Box::new(verifier)]);
    let note = Note::from_bytes(made.sign(&[&mine]).unwrap().as_bytes()).unwrap();
    assert_eq!(note.verify(&known).unwrap().0.len(), 1);

    let mut theirs = Note::new(made.body().as_bytes(), &[]).unwrap();
    theirs.add_sigs(&[&StandardSigner::new(&mine.to_text()).unwrap()]).unwrap();
    assert_eq!(Checkpoint::open(&theirs.to_bytes(), &mine.public()), Ok(made));
}
