//! `flightbox verify`: looks through the store, beside a live server or without one, and writes nothing. Exit status 0
//! is whole, 1 damaged, 2 not checked.

mod evidence;

use std::{
    fs,
    io::{IsTerminal as _, Write as _, stderr, stdout},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use clap::Args;
use flightbox_app::integrity::Finding;
use flightbox_domain::{
    record::LeafHash,
    tree::{Checkpoint, CheckpointError, KeyError, NodeHash, PublicKey, verify_inclusion},
};
use flightbox_event::rfc3339;
use flightbox_store::{Audit, Audited};
use serde::Deserialize;

use super::{Data, Failure, order::is_data_folder};
use crate::{
    anchors::file::Notes,
    assets,
    integrity::judge::judge,
    master,
    signer::{PublicKeys, read_checkpoint},
    system_random,
};

/// How often progress is told.
const PROGRESS: Duration = Duration::from_millis(500);

/// What a log is held against.
#[derive(Args, Default)]
pub(super) struct Against {
    /// A checkpoint that was saved elsewhere: the log has to have grown from it
    #[arg(long, value_name = "FILE")]
    since: Option<PathBuf>,
    /// A receipt as it was answered to whoever sent the events: they have to be under the last checkpoint
    #[arg(long, value_name = "FILE", conflicts_with = "since")]
    receipt: Option<PathBuf>,
    /// Evidence as it was taken: it is checked by itself, and needs no data folder
    #[arg(long, value_name = "FILE", conflicts_with = "receipt")]
    evidence: Option<PathBuf>,
    /// Print the page that checks evidence in a browser, also without a network, and do nothing else
    #[arg(long, conflicts_with_all = ["since", "receipt", "evidence", "keys"])]
    page: bool,
    /// A public key that was saved elsewhere, NAME+ID+KEY; repeat it for several. Without one, those in the data folder, or
    /// the one in the evidence
    #[arg(long = "key", value_name = "PUBLIC")]
    keys: Vec<String>,
}

/// Nothing was found out.
#[derive(Debug, thiserror::Error)]
#[error("could not check: {0}")]
pub(super) struct Unchecked(Failure);

fn unchecked(error: impl Into<Failure>) -> Failure {
    Unchecked(error.into()).into()
}

/// The keys that are believed: those that are pinned, or those of the folder.
struct Believed(Vec<PublicKeys>);

impl Believed {
    fn of(folder: &Path, pinned: &[String]) -> Result<Self, Failure> {
        if pinned.is_empty() {
            return PublicKeys::read(folder).map(|keys| Self(vec![keys])).map_err(unchecked);
        }
        let parse = |key: &String| Ok(PublicKeys { current: PublicKey::parse(key.trim())?, retired: Vec::new() });
        pinned.iter().map(parse).collect::<Result<_, KeyError>>().map(Self).map_err(unchecked)
    }

    /// A checkpoint that one of them signed.
    fn open(&self, note: &[u8]) -> Result<Checkpoint, CheckpointError> {
        let mut opened = Err(CheckpointError::Note);
        for keys in &self.0 {
            opened = keys.open(note);
            if opened.is_ok() {
                break;
            }
        }
        opened
    }
}

/// `flightbox verify`
pub(super) async fn verify(data: &Data, against: &Against) -> Result<(), Failure> {
    if against.page {
        return page();
    }
    if let Some(file) = &against.evidence {
        return evidence::evidence(file, against.since.as_deref(), &against.keys);
    }
    is_data_folder(data).map_err(unchecked)?;
    // Before the log is read: it is never shorter than what was signed. And before the keys: one is there before it signs.
    let note = read_checkpoint(&data.data).map_err(unchecked)?;
    let believed = Believed::of(&data.data, &against.keys)?;
    let last = believed.open(note.as_bytes()).map_err(|error| format!("FAIL: the last checkpoint: {error}"))?;
    let masters = master::masters(&data.data, &data.key, &system_random()).map_err(unchecked)?;
    let mut audit = Audit::open(&data.data, &masters).await.map_err(unchecked)?;
    if let Some(file) = &against.receipt {
        return receipt(&mut audit, &last, file).await;
    }
    let since = match &against.since {
        None => None,
        Some(file) => {
            let note = fs::read(file).map_err(|error| unchecked(format!("{}: {error}", file.display())))?;
            let opened = believed.open(&note);
            Some(opened.map_err(|error| format!("FAIL: the checkpoint {}: {error}", file.display()))?)
        }
    };
    let anchors = anchors(data, &believed)?;
    let mut checkpoints: Vec<_> = since.iter().chain([&last]).chain(&anchors).cloned().collect();
    checkpoints.sort_by_key(|checkpoint| checkpoint.size);
    let sizes: Vec<_> = checkpoints.iter().map(|checkpoint| checkpoint.size).collect();
    let mut progress = Progress::new();
    let audited = audit.verify(&sizes, |done, of| progress.tell(done, of, "events"));
    let audited = audited.await.map_err(unchecked)?;
    let findings = judge(&audited, &checkpoints);
    if !findings.is_empty() {
        let told = findings.iter().map(|Finding { first, words }| format!("event {first}: {words}"));
        return Err(format!("FAIL: {}", told.collect::<Vec<_>>().join("\n      ")).into());
    }
    let wrong = audit.derived().await.map_err(unchecked)?;
    if !wrong.is_empty() {
        let what = wrong.join(", ");
        return Err(
            format!("FAIL: {what}: not what follows from the records, which are whole; restore a backup").into()
        );
    }
    let Audited { events, removed, .. } = audited;
    println!("whole: {events} events, {removed} of them removed by retention, whose hashes are there");
    for Checkpoint { origin, size, signed_at, .. } in since.iter().chain([&last]) {
        println!("holds: the checkpoint of {size} events of {origin}, signed {}", rfc3339(*signed_at));
    }
    if let (Some(first), Some(newest)) = (anchors.first(), anchors.last()) {
        let (from, to) = (rfc3339(first.signed_at), rfc3339(newest.signed_at));
        println!(
            "holds: {} anchors, of {} to {} events, signed {from} to {to}",
            anchors.len(),
            first.size,
            newest.size
        );
    }
    Ok(())
}

/// What is told while it takes long.
struct Progress(Instant);

impl Progress {
    fn new() -> Self {
        Self(Instant::now())
    }

    fn tell(&mut self, done: u64, of: u64, what: &str) {
        if self.0.elapsed() > PROGRESS || done == of {
            self.0 = Instant::now();
            let line = format!("{done} of {of} {what}");
            match stderr().is_terminal() {
                true if done < of => eprint!("\r{line}"),
                true => eprintln!("\r{line}"),
                false => eprintln!("{line}"),
            }
        }
    }
}

/// Prints the page that checks evidence.
fn page() -> Result<(), Failure> {
    let page = assets::named(assets::VERIFIER).ok_or("this binary was built without its assets; use `make build`")?;
    Ok(stdout().write_all(page.plain)?)
}

/// The anchors that one of the keys signed, by size. What is cut off, or signed by others, is told and passed over.
fn anchors(data: &Data, believed: &Believed) -> Result<Vec<Checkpoint>, Failure> {
    let path = data.anchors.path(&data.data);
    let Notes { notes, torn } =
        Notes::read(&path).map_err(|error| unchecked(format!("{}: {error}", path.display())))?;
    let mut opened: Vec<_> = notes.iter().filter_map(|note| believed.open(note.as_bytes()).ok()).collect();
    opened.sort_by_key(|anchor| anchor.size);
    let others = notes.len() - opened.len();
    if others + torn > 0 {
        eprintln!("{}: {torn} pieces are cut off, and {others} notes are not signed with these keys", path.display());
    }
    Ok(opened)
}

/// What an answer to events says of each.
#[derive(Deserialize)]
struct Receipt {
    seq: u64,
    leaf_hash: String,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Receipts {
    Answer { receipts: Vec<Receipt> },
    List(Vec<Receipt>),
    One(Receipt),
}

async fn receipt(audit: &mut Audit, last: &Checkpoint, file: &Path) -> Result<(), Failure> {
    let text = fs::read(file).map_err(|error| unchecked(format!("{}: {error}", file.display())))?;
    let receipts = match serde_json::from_slice(&text) {
        Ok(Receipts::Answer { receipts } | Receipts::List(receipts)) => receipts,
        Ok(Receipts::One(receipt)) => vec![receipt],
        Err(_) => return Err(unchecked(format!("{} is no receipt: seq and leaf_hash are missing", file.display()))),
    };
    if receipts.is_empty() {
        return Err(unchecked(format!("{} holds no receipt", file.display())));
    }
    let signed = format!("the checkpoint of {} events, signed {}", last.size, rfc3339(last.signed_at));
    for Receipt { seq, leaf_hash } in &receipts {
        let leaf = NodeHash::from_hex(leaf_hash);
        let leaf = leaf.ok_or_else(|| unchecked(format!("event {seq}: {leaf_hash:?} is no leaf hash")))?;
        if *seq >= last.size {
            let later = "if it was sent just now, try again in ten seconds; else it is gone";
            return Err(unchecked(format!("event {seq} is not under {signed}: {later}")));
        }
        // A tree that cannot be read proves nothing, and something altered it.
        let proof = audit.inclusion(*seq, last.size).await.map_err(|error| format!("FAIL: event {seq}: {error}"))?;
        let proved = verify_inclusion(LeafHash(leaf.0), *seq, last.size, &proof.unwrap_or_default(), last.root);
        proved.map_err(|error| format!("FAIL: event {seq} is not under {signed}: {error}"))?;
    }
    println!(
        "proved: {} under {signed}",
        match receipts.as_slice() {
            [one] => format!("event {} is", one.seq),
            several => format!("{} events are", several.len()),
        }
    );
    Ok(())
}

/// The exit status that a failure ends with.
pub(super) fn status(error: &Failure) -> u8 {
    if error.is::<Unchecked>() { 2 } else { 1 }
}
