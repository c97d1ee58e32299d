//! D14: copied under load, and put back.

use std::fs;

use tempfile::TempDir;

use crate::{
    client::{Answer, Batch, Sender, acknowledged},
    process::{self, Process},
    site::{Site, either},
    tally::{Reader, hold},
};

const PRODUCERS: usize = 4;
/// Part of what is sealed in each event.
const CANARY: &[u8] = b"a@e.example";

#[tokio::test(flavor = "multi_thread")]
async fn d14_a_backup_under_load_restores_verifies_and_knows_what_was_sent_before_it() {
    let site = Site::new().await;
    let (process, sender, files) = (site.serve(&[]), Sender::new(&site.sender), TempDir::new().unwrap());
    let sending: Vec<_> =
        (0..PRODUCERS).map(|producer| tokio::spawn(produce(sender.clone(), process.url.clone(), producer))).collect();
    let mut backups = Vec::new();
    for number in 0..either(3, 20) {
        sender.is_answered(20).await;
        let before = acknowledged(&sender.file());
        let [log, keys] = ["log", "keys"].map(|kind| files.path().join(format!("{number}.{kind}")));
        site.ok(&["backup", log.to_str().unwrap(), "--keys", keys.to_str().unwrap()]);
        backups.push((before, log, keys));
    }
    process.kill();
    for sending in sending {
        sending.await.unwrap();
    }
    for (number, (before, log, keys)) in backups.into_iter().enumerate() {
        for file in [&log, &keys] {
            let bytes = fs::read(file).unwrap();
            assert!(!bytes.windows(CANARY.len()).any(|window| window == CANARY), "{}", file.display());
        }
        let folder = TempDir::new().unwrap();
        fs::copy(site.folder().join("master.key"), folder.path().join("master.key")).unwrap();
        let words = ["restore", log.to_str().unwrap(), "--keys", keys.to_str().unwrap()];
        // What another log left would be read into this one.
        let left = folder.path().join("flightbox.db-wal");
        fs::write(&left, "of another log").unwrap();
        let refused = process::refused(folder.path(), &[], &words);
        assert!(refused.contains("flightbox.db-wal is left of a log that is gone"), "{refused}");
        fs::remove_file(left).unwrap();
        let said = process::ok(folder.path(), &[], &words, "");
        assert!(said.contains("whole: ") && said.contains("holds: the checkpoint of"), "{said}");

        let process = Process::serve(folder.path(), &[]);
        let reader = Reader::new(&process.url, &site.reader);
        hold(&format!("D14, backup {number}"), &reader, &sender.sent(), before.iter().flatten()).await;
        // Who sends again what was there before is told the same.
        let receipts = before.last().unwrap();
        let (name, _) = receipts[0].id.rsplit_once('-').unwrap();
        let batch = Batch::new(name.to_owned(), receipts.len());
        assert_eq!(sender.anew().send(&process.url, &batch).await, Answer::Taken(200, receipts.clone()));
    }
}

async fn produce(sender: Sender, url: String, producer: usize) {
    for number in 0.. {
        let batch = Batch::new(format!("copied-{producer}-{number}"), 1 + number % 40);
        if sender.send(&url, &batch).await == Answer::Cut {
            return;
        }
    }
}
