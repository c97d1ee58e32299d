//! D11: bits flip, files are cut off. It is told, or nothing that anybody reads has changed.

use std::{fs, path::Path};

use reqwest::Client;
use serde_json::Value;
use tempfile::TempDir;

use crate::{
    client::{Answer, Batch, Sender},
    process::{self, Process},
    site::{Numbers, Site, either},
    tally::{Reader, say},
};

const BATCHES: usize = 30;
const DATABASE: &str = "flightbox.db";
const LOG: &str = "flightbox.db-wal";

/// How it came out.
#[derive(Default)]
struct Outcomes {
    by_verify: usize,
    at_start: usize,
    nothing_changed: usize,
    silent: Vec<String>,
}

#[tokio::test(flavor = "multi_thread")]
async fn d11_flipped_bits_and_files_cut_off_are_told_or_change_nothing_that_is_read() {
    let site = Site::new().await;
    let sender = Sender::new(&site.sender);
    let killed = TempDir::new().unwrap();
    fill(&site, &sender).await;
    copy(site.folder(), killed.path());
    // What the write-ahead log holds is folded back where a server ends as it should.
    let whole = TempDir::new().unwrap();
    copy(killed.path(), whole.path());
    Process::serve(whole.path(), &[]).terminate();

    let (mut numbers, mut outcomes) = (Numbers::new(11), Outcomes::default());
    for (from, name, flips, cuts) in
        [(&whole, DATABASE, either(16, 150), either(2, 10)), (&killed, LOG, either(6, 50), either(2, 10))]
    {
        let seen = read(&site, from.path()).await.expect("nothing is damaged yet");
        let size = fs::metadata(from.path().join(name)).unwrap().len();
        for at in 0..flips + cuts {
            let offset = numbers.below(size);
            let bit = 1 << numbers.below(8);
            let what =
                format!("{name} of {size} bytes, {} {offset}", if at < flips { "bit flipped at" } else { "cut at" });
            let folder = TempDir::new().unwrap();
            copy(from.path(), folder.path());
            damage(&folder.path().join(name), usize::try_from(offset).unwrap(), (at < flips).then_some(bit));
            outcomes.add(&site, folder.path(), &seen, what).await;
        }
    }
    let Outcomes { by_verify, at_start, nothing_changed, silent } = outcomes;
    say(&format!(
        "D11: damaged {} times: told by verify {by_verify}, at the start {at_start}, nothing that is read changed \
         {nothing_changed}, silently wrong {}",
        by_verify + at_start + nothing_changed + silent.len(),
        silent.len()
    ));
    assert!(silent.is_empty(), "{silent:#?}");
}

/// Sends some, and kills it once all of them are under a checkpoint.
async fn fill(site: &Site, sender: &Sender) {
    let process = site.serve(&[]);
    for number in 0..BATCHES {
        let batch = Batch::new(format!("damage-{number}"), 20);
        assert!(matches!(sender.send(&process.url, &batch).await, Answer::Taken(201, _)));
    }
    let covered = async || {
        let note = reqwest::get(format!("{}/checkpoint", process.url)).await.unwrap().text().await.unwrap();
        note.lines().nth(1).unwrap().parse::<usize>().unwrap() >= BATCHES * 20
    };
    while !covered().await {}
    process.kill();
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        // A socket is none.
        if entry.file_type().unwrap().is_file() {
            fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
}

/// Flips a bit, or cuts the file off there.
fn damage(file: &Path, offset: usize, bit: Option<u8>) {
    let mut bytes = fs::read(file).unwrap();
    match bit {
        Some(bit) => bytes[offset] ^= bit,
        None => bytes.truncate(offset),
    }
    fs::write(file, bytes).unwrap();
}

impl Outcomes {
    async fn add(&mut self, site: &Site, folder: &Path, seen: &[Value], what: String) {
        let verified = process::run(folder, &[], &["verify"], "");
        if !verified.status.success() {
            self.by_verify += 1;
            return;
        }
        match read(site, folder).await {
            Err(_) => self.at_start += 1,
            Ok(read) if read == seen => self.nothing_changed += 1,
            Ok(_) => self.silent.push(what),
        }
    }
}

/// All that anybody reads of what was sent: as lists, as found by the index, and as counted. An error where it does not
/// start, or says of itself that it is not ready or cannot answer.
async fn read(site: &Site, folder: &Path) -> Result<Vec<Value>, String> {
    let process = Process::try_start(process::server(folder, &[]))?;
    let reader = Reader::new(&process.url, &site.reader);
    if reader.status("/readyz").await != 200 {
        return Err("it is not ready".to_owned());
    }
    let mut seen = Vec::new();
    for query in ["source:load", "source:load actor:user-7", "source:load so", "source:load action:load.send @email:*"]
    {
        seen.extend(reader.try_all(query).await?);
    }
    for path in ["/api/v1/facets?q=source:load", "/api/v1/histogram?q=source:load"] {
        let answer =
            Client::new().get(format!("{}{path}", process.url)).bearer_auth(&site.reader).send().await.unwrap();
        if answer.status() != 200 {
            return Err(format!("{path}: {}", answer.status()));
        }
        seen.push(answer.json().await.unwrap());
    }
    Ok(seen)
}
