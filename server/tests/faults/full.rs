//! D4: the disk fills up. It is a small one of its own, in memory, that nobody else sees.

use std::{
    fs::{self, File},
    io::{BufRead as _, BufReader, Write as _},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use reqwest::{Client, redirect::Policy};

use crate::{
    client::{Answer, Batch, Sender},
    process::Process,
    site::Site,
    tally::{Reader, say, tally},
};

/// The disk's size, and the room that is kept for people, in MiB.
const SIZE: u64 = 64;
const KEPT: u64 = 16;
const MIB: u64 = 1 << 20;
/// Until when it has to go on once there is room.
const PATIENCE: Duration = Duration::from_secs(20);

/// A file system of its own, in a namespace of its own, as long as this lives.
pub struct SmallDisk {
    holder: Child,
    at: PathBuf,
}

impl SmallDisk {
    pub fn mount(at: &Path) -> Self {
        let mount = format!("mount -t tmpfs -o size={SIZE}m none \"$0\" && echo mounted && exec sleep infinity");
        let mut command = Command::new("unshare");
        // Whoever is not root becomes it in a namespace of their own.
        command.arg(if is_root() { "-m" } else { "-Urm" }).args(["sh", "-c", &mount]).arg(at);
        let mut holder = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
        let mut said = String::new();
        BufReader::new(holder.stdout.take().unwrap()).read_line(&mut said).unwrap();
        assert_eq!(
            said, "mounted\n",
            "a disk of its own needs root, or user namespaces (kernel.unprivileged_userns_clone)"
        );
        Self { holder, at: at.to_owned() }
    }

    /// What has a command see it.
    pub fn prefix(&self) -> Vec<String> {
        let mut words = vec!["nsenter".to_owned(), "-t".to_owned(), self.holder.id().to_string()];
        if !is_root() {
            words.extend(["-U", "--preserve-credentials"].map(str::to_owned));
        }
        words.push("-m".to_owned());
        words
    }

    /// It, seen from outside.
    fn seen(&self) -> PathBuf {
        Path::new(&format!("/proc/{}/root", self.holder.id())).join(self.at.strip_prefix("/").unwrap())
    }

    fn free(&self) -> u64 {
        let room = rustix::fs::statvfs(self.seen()).unwrap();
        room.f_bavail * room.f_frsize
    }

    /// Takes room until so much is left.
    fn fill(&self, left: u64) {
        let mut file = File::options().append(true).create(true).open(self.seen().join("ballast")).unwrap();
        while self.free() > left {
            let piece = (self.free() - left).min(MIB);
            if file.write_all(&vec![0; usize::try_from(piece).unwrap()]).is_err() {
                return;
            }
        }
    }

    fn empty(&self) {
        fs::remove_file(self.seen().join("ballast")).unwrap();
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = self.holder.kill();
        let _ = self.holder.wait();
    }
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

#[tokio::test(flavor = "multi_thread")]
async fn d4_on_a_full_disk_nothing_is_acknowledged_people_read_and_sign_in_and_it_goes_on_once_there_is_room() {
    let site = Site::on_small_disk().await;
    let disk = site.disk();
    let password = "correct horse battery";
    site.ok_with(&["person", "add", "vera", "--role", "viewer", "--password-stdin"], password);
    let mut sender = Sender::new(&site.sender);
    let low_water = (KEPT * MIB).to_string();
    let mut number = 0;

    let process = site.serve(&[("FLIGHTBOX_LOW_WATER", low_water.as_str())]);
    fill_up(&sender, &process, &mut number, || disk.fill((KEPT - 2) * MIB)).await;
    for _ in 0..5 {
        assert_eq!(sender.send(&process.url, &next(&mut number)).await, Answer::Refused(507, false));
    }
    assert_eq!(sign_in(&process.url, "vera", password).await, 303);
    assert_eq!(Reader::new(&process.url, &site.reader).status("/api/v1/events").await, 200);
    disk.empty();
    goes_on(disk, &sender, &process, &mut number).await;
    process.kill();

    // And where nothing is kept: the write itself finds no room.
    sender = sender.anew();
    let process = site.serve(&[("FLIGHTBOX_LOW_WATER", "0")]);
    fill_up(&sender, &process, &mut number, || disk.fill(0)).await;
    let mut refused = 0;
    for _ in 0..20 {
        match sender.send(&process.url, &next(&mut number)).await {
            Answer::Refused(507 | 503, _) => refused += 1,
            Answer::Taken(..) => {}
            other => panic!("{other:?}"),
        }
    }
    assert!(refused > 0, "there was room");
    assert_eq!(Reader::new(&process.url, &site.reader).status("/api/v1/events").await, 200);
    disk.empty();
    goes_on(disk, &sender, &process, &mut number).await;
    process.kill();
    say(&format!("D4: {refused} batches refused by a disk of {SIZE} MiB that was full to the last byte"));
    tally("D4", &site, &sender).await;
    assert!(site.verify(&[]).starts_with("whole: "));
}

fn next(number: &mut usize) -> Batch {
    *number += 1;
    Batch::new(format!("full-{number}"), 200)
}

/// Some come while there is room; then there is none.
async fn fill_up(sender: &Sender, process: &Process, number: &mut usize, fill: impl Fn()) {
    for _ in 0..5 {
        assert!(matches!(sender.send(&process.url, &next(number)).await, Answer::Taken(201, _)));
    }
    fill();
}

/// Sends until it is taken again.
async fn goes_on(disk: &SmallDisk, sender: &Sender, process: &Process, number: &mut usize) {
    let start = Instant::now();
    while !matches!(sender.send(&process.url, &next(number)).await, Answer::Taken(201, _)) {
        assert!(start.elapsed() < PATIENCE, "with {} bytes free it does not go on: {}", disk.free(), process.logged());
    }
}

async fn sign_in(url: &str, name: &str, password: &str) -> u16 {
    let client = Client::builder().redirect(Policy::none()).build().unwrap();
    let form = [("name", name), ("password", password)];
    client.post(format!("{url}/sign-in")).form(&form).send().await.unwrap().status().as_u16()
}
