//! D2: no answer leaves before what it rests on was synced. The system's calls are the witness.

use std::{
    collections::{BTreeMap, HashMap},
    fs,
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

use tempfile::TempDir;

use crate::{
    client::{Answer, Batch, Sender},
    process::Process,
    site::{Site, either},
    tally::{say, tally},
};

/// What writes to a file or a socket, and what syncs.
const CALLS: &str = "trace=pwrite64,write,writev,sendto,sendmsg,fsync,fdatasync";

#[tokio::test(flavor = "multi_thread")]
async fn d2_every_2xx_is_written_after_the_write_ahead_logs_were_synced() {
    let site = Site::new().await;
    let process = site.serve(&[]);
    let sender = Sender::new(&site.sender);
    let temp = TempDir::new().unwrap();
    let file = temp.path().join("calls");
    let mut strace = attach(&process, &["-o", file.to_str().unwrap(), "-s", "16", "-e", CALLS]);
    let batches = either(40, 500);
    for number in 0..batches {
        // One behind the other: whatever is written before an answer, it rests on.
        let batch = Batch::new(format!("traced-{number}"), 1 + number % 50);
        assert!(matches!(sender.send(&process.url, &batch).await, Answer::Taken(201, _)));
    }
    process.terminate();
    strace.wait().unwrap();
    let found = read(&file);
    say(&format!(
        "D2: {} answers of 2xx, {} writes to write-ahead logs, {} syncs of them; answers before a sync: {}",
        found.answers,
        found.writes,
        found.syncs,
        found.early.len()
    ));
    assert_eq!((found.answers, found.early.as_slice()), (batches, &[][..]));
    tally("D2", &site, &sender).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn d2_what_cannot_be_synced_is_not_acknowledged() {
    let site = Site::new().await;
    let process = site.serve(&[]);
    let sender = Sender::new(&site.sender);
    assert!(matches!(sender.send(&process.url, &Batch::new("before".to_owned(), 5)).await, Answer::Taken(201, _)));
    let mut strace = attach(&process, &["-e", "trace=fsync,fdatasync", "-e", "inject=fsync,fdatasync:error=EIO"]);
    for number in 0..5 {
        let answer = sender.send(&process.url, &Batch::new(format!("unsynced-{number}"), 5)).await;
        assert_eq!(answer, Answer::Refused(503, true));
    }
    let detached = Command::new("kill").args(["-INT", &strace.id().to_string()]).status().unwrap();
    assert!(detached.success());
    strace.wait().unwrap();
    let Answer::Taken(201, _) = sender.send(&process.url, &Batch::new("after".to_owned(), 5)).await else {
        panic!("it does not go on")
    };
    process.kill();
    tally("D2, syncs that fail", &site, &sender).await;
}

/// Starts strace on a server, and waits until it watches.
fn attach(process: &Process, words: &[&str]) -> Child {
    let mut command = Command::new("strace");
    command.args(["-f", "-y"]).args(words).args(["-p", &process.id().to_string()]);
    let mut strace = command.stderr(Stdio::piped()).spawn().expect("strace is installed: .ci/setup test");
    let mut said = BufReader::new(strace.stderr.take().unwrap());
    let mut first = String::new();
    said.read_line(&mut first).unwrap();
    assert!(first.contains("attached"), "a process has to be allowed to trace its own child (ptrace): {first}");
    // It goes on telling which threads come and go, and stops where nobody listens.
    std::thread::spawn(move || std::io::copy(&mut said, &mut std::io::sink()));
    strace
}

#[derive(Default)]
struct Found {
    answers: usize,
    writes: usize,
    syncs: usize,
    /// Lines of answers that left too early.
    early: Vec<usize>,
}

/// How far one write-ahead log is written and synced, in writes.
#[derive(Default)]
struct Log {
    begun: usize,
    ended: usize,
    synced: usize,
    at_last_answer: usize,
}

/// A call as strace prints it: where it begins, where it ends, or both in one line.
fn read(file: &Path) -> Found {
    let text = String::from_utf8_lossy(&fs::read(file).unwrap()).into_owned();
    let (mut found, mut logs) = (Found::default(), BTreeMap::<String, Log>::new());
    // By thread: what it is about to do, to which log, and how far that was written when it began.
    let mut pending = HashMap::<&str, (&str, String, usize)>::new();
    for (number, line) in text.lines().enumerate() {
        let (thread, rest) = line.split_once(' ').unwrap();
        let rest = rest.trim_start();
        let (begins, ends) = (!rest.starts_with("<... "), !rest.ends_with("<unfinished ...>"));
        if begins && rest.contains("\"HTTP/1.1 2") {
            found.answers += 1;
            let early = logs.values().any(|log| log.begun != log.synced);
            let rests_on_nothing = logs.values().all(|log| log.synced == log.at_last_answer);
            if early || rests_on_nothing {
                found.early.push(number + 1);
            }
            logs.values_mut().for_each(|log| log.at_last_answer = log.synced);
        }
        if begins && let Some((call, path)) = call_on_log(rest) {
            let log = logs.entry(path.clone()).or_default();
            log.begun += usize::from(call == "pwrite64");
            // A sync covers what was written before it began; of what is on its way, nobody knows.
            let covers = if log.begun == log.ended { log.ended } else { log.synced };
            pending.insert(thread, (call, path, covers));
        }
        if ends && let Some((call, path, covers)) = pending.remove(thread) {
            let log = logs.entry(path).or_default();
            match call {
                "pwrite64" => {
                    found.writes += 1;
                    log.ended += 1;
                }
                _ if rest.trim_end().ends_with("= 0") => {
                    found.syncs += 1;
                    log.synced = log.synced.max(covers);
                }
                _ => {}
            }
        }
    }
    found
}

/// Which call it is, and on which write-ahead log, if it is on one.
fn call_on_log(rest: &str) -> Option<(&'static str, String)> {
    let call = ["pwrite64", "fdatasync", "fsync"].into_iter().find(|call| rest.starts_with(&format!("{call}(")))?;
    let path = rest.split_once('<')?.1.split_once('>')?.0;
    path.ends_with("-wal").then(|| (call, path.to_owned()))
}
