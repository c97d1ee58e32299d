//! G4: what is sent to make the server hold much makes it hold little. A server of its own, since it is looked at how
//! large that has become.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

use reqwest::Client;
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// How much larger it may have become, in KiB.
const ROOM: u64 = 64 * 1024;
/// How long it may take to give back what it does not need any more.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(20);

struct Running {
    child: Child,
    url: String,
    /// The link that makes the first admin.
    setup: Option<String>,
}

impl Running {
    fn start(folder: &Path) -> Self {
        let mut child = flightbox(folder, &["serve"]).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let mut setup = None;
        let url = lines.find_map(|line| {
            setup = setup.take().or_else(|| line.strip_prefix("setup ").map(str::to_owned));
            line.strip_prefix("ready ").map(str::to_owned)
        });
        Self { child, url: url.expect("it gets ready"), setup }
    }

    /// A line of what Linux tells of the process's memory, in KiB (proc_pid_status(5)).
    fn memory(&self, name: &str) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        line.trim().trim_end_matches(" kB").parse().unwrap()
    }
}

impl Running {
    /// Has Linux forget how large the process has been (proc_pid_clear_refs(5)); how large it is.
    fn forget_peak(&self) -> u64 {
        fs::write(format!("/proc/{}/clear_refs", self.child.id()), "5").unwrap();
        self.memory("VmRSS:")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn flightbox(folder: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_flightbox"));
    command.args(words).env("FLIGHTBOX_DATA", folder).env("FLIGHTBOX_LISTEN", "127.0.0.1:0");
    command
}

#[tokio::test]
async fn g4_depth_and_a_million_keys_take_little_memory() {
    let folder = TempDir::new().unwrap();
    let added = flightbox(folder.path(), &["source", "add", "hostile"]).output().unwrap();
    let token = String::from_utf8(added.stdout).unwrap().trim().to_owned();
    let server = Running::start(folder.path());
    let client = Client::new();
    let send = async |body: String| {
        let request = client.post(format!("{}/api/v1/events", server.url)).bearer_auth(&token);
        request.header("content-type", "application/json").body(body).send().await.unwrap().status().as_u16()
    };
    let event = |details: &str| format!(r#"{{"actor":"a","action":"x","details":{details}}}"#);
    // What any first event takes, or any first refusal, is no harm.
    assert_eq!(send(event("{}")).await, 201);
    for small in ["{\"k\":0,\"k\":0}", "[", "[0,[0]]"] {
        assert!(matches!(send(event(small)).await, 400 | 422), "{small}");
    }
    let idle = server.memory("VmRSS:");

    let keys: Vec<_> = (0..1_000_000).map(|n| format!("\"{n}\":0")).collect();
    let same: Vec<_> = (0..1_000_000).map(|_| r#""k":0"#).collect();
    for body in [
        event(&format!("{{{}}}", keys.join(","))),
        event(&format!("{{{}}}", same.join(","))),
        event(&"[".repeat(5_000_000)),
        event(&r#"{"a":"#.repeat(2_000_000)),
        event(&format!("[{}0]", "0,".repeat(5_000_000))),
        "[".repeat(10_000_000),
        format!("[{}{{}}]", "{},".repeat(4_000_000)),
    ] {
        let before = server.forget_peak();
        let status = send(body.clone()).await;
        assert!(matches!(status, 400 | 413 | 422), "{status} for {}…", &body[..60]);
        let most = server.memory("VmHWM:");
        assert!(most <= before + ROOM, "{} KiB more for {}…", most - before, &body[..60]);
    }
    // What was freed goes back to the system while the server goes on.
    let given_back = async {
        while server.memory("VmRSS:") > idle + ROOM {
            assert_eq!(send(event("{}")).await, 201);
        }
    };
    tokio::time::timeout(PATIENCE, given_back).await.expect("much is held for nothing");
    assert_eq!(send(event("{}")).await, 201);
}

#[tokio::test]
async fn g4_a_file_that_is_imported_takes_the_same_memory_whatever_its_size() {
    let folder = TempDir::new().unwrap();
    assert!(flightbox(folder.path(), &["source", "add", "aws"]).output().unwrap().status.success());
    let server = Running::start(folder.path());
    let link = server.setup.as_deref().unwrap();
    let (_, token) = link.split_once("token=").unwrap();
    let client = Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let form = [("token", token), ("name", "ada"), ("password", "a long enough password of hers")];
    let set_up = client.post(format!("{}/setup", server.url)).form(&form).send().await.unwrap();
    let cookie = set_up.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();

    let host = server.url.split_once("://").unwrap().1;
    let import = async |records: std::ops::Range<usize>| {
        let record = |id: usize| {
            let noise = "x".repeat(8_000);
            format!(
                "{{\"eventVersion\":\"1.08\",\"userIdentity\":{{\"type\":\"IAMUser\",\"userName\":\"ann\"}},\"eventSource\":\"s3.amazonaws.com\",\"eventName\":\"GetObject\",\"eventID\":\"t-{id:06}\",\"eventTime\":\"2026-07-10T11:42:18Z\",\"noise\":\"{noise}\"}}\n"
            )
        };
        let head = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.jsonl\"\r\n\r\n";
        let length = head.len() + records.clone().map(|id| record(id).len()).sum::<usize>() + "\r\n--b--\r\n".len();
        let mut connection = TcpStream::connect(host).await.unwrap();
        let request = format!(
            "POST /sources/aws/import HTTP/1.1\r\nHost: {host}\r\nOrigin: {}\r\nCookie: {cookie}\r\nConnection: close\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: {length}\r\n\r\n{head}",
            server.url
        );
        connection.write_all(request.as_bytes()).await.unwrap();
        for id in records.clone() {
            connection.write_all(record(id).as_bytes()).await.unwrap();
        }
        connection.write_all(b"\r\n--b--\r\n").await.unwrap();
        let mut answer = Vec::new();
        connection.read_to_end(&mut answer).await.unwrap();
        let answer = String::from_utf8_lossy(&answer);
        assert!(answer.starts_with("HTTP/1.1 200"), "{}", &answer[..300]);
    };
    // What any import takes: batches that are read, wait and are stored.
    import(0..4_000).await;
    let before = server.memory("VmHWM:");
    server.forget_peak();
    // Of 72 MB, which is more than there is room for.
    import(4_000..13_000).await;
    let most = server.memory("VmHWM:");
    assert!(most <= before + ROOM, "{} KiB more", most - before);
}
