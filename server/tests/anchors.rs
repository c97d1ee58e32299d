//! Anchors: where they are written, where they are sent, and what they hold a log to.

use std::{
    collections::BTreeSet,
    fs, io,
    net::SocketAddr,
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use crate::common::{TestServer, process};
use axum::{Router, extract::State, http::StatusCode, response::Redirect, routing::post};
use flightbox::{
    anchors::{
        AnchorConfig,
        file::Notes,
        webhook::{Undelivered, Webhook},
    },
    config::Config,
    serve::Server,
    system_clock, system_random,
};
use flightbox_app::integrity::Kept;
use flightbox_domain::{role::Role, scope::Sources};

const EVENT: &str = r#"{"actor":"alice","action":"user.update"}"#;

async fn sign(server: &TestServer) {
    server.app().signer.sign(&server.app().store, server.clock().now()).await.unwrap();
}

/// Waits until something holds of what is anchored.
async fn kept(server: &TestServer, holds: impl Fn(&Kept) -> bool) -> Kept {
    let since = Instant::now();
    loop {
        let kept = server.app().anchors.kept();
        if holds(&kept) {
            return kept;
        }
        assert!(since.elapsed() < Duration::from_secs(20), "{kept:?}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

fn read(server: &TestServer) -> Notes {
    Notes::read(&server.folder().join("anchors")).unwrap()
}

fn verify(folder: &Path, words: &[&str]) -> (i32, String) {
    let output = tokio::task::block_in_place(|| process::run(folder, &[], &[&["verify"], words].concat(), ""));
    let said = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap());
    (output.status.code().unwrap(), said.concat())
}

#[tokio::test(flavor = "multi_thread")]
async fn one_is_written_at_the_start_and_one_behind_each_interval_and_none_is_rewritten() {
    let mut server = TestServer::start().await;
    server.producer("billing").await.send(EVENT).await;
    // One of nothing, and one as soon as there is something.
    kept(&server, |kept| kept.newest.as_ref().is_some_and(|newest| newest.size > 0)).await;
    let (first, count) = (fs::read_to_string(server.folder().join("anchors")).unwrap(), read(&server).notes.len());
    server.producer("hr").await.send(EVENT).await;
    server.clock().advance(chrono::Duration::minutes(5));
    sign(&server).await;
    server.app().anchors.offer(&server.app().signer.last()).await.unwrap();
    assert_eq!(server.app().anchors.kept().count, count, "not due yet");
    server.clock().advance(chrono::Duration::minutes(5));
    sign(&server).await;
    kept(&server, |kept| kept.count == count + 1).await;
    server.stop().await;
    let text = fs::read_to_string(server.folder().join("anchors")).unwrap();
    assert!(text.starts_with(&first));
    // The last of a server that stops covers all that it has.
    let notes = read(&server).notes;
    assert_eq!(notes.last(), Some(&fs::read_to_string(server.folder().join("checkpoint")).unwrap()));
    let (status, said) = verify(server.folder(), &[]);
    assert_eq!(status, 0, "{said}");
    assert!(said.contains(&format!("holds: {} anchors, of ", notes.len())), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_cut_off_is_told_and_passed_over() {
    let mut server = TestServer::start().await;
    let before = kept(&server, |kept| kept.count == 1).await.count;
    server.stop().await;
    let path = server.folder().join("anchors");
    let mut bytes = fs::read(&path).unwrap();
    let whole = read(&server).notes.len();
    bytes.extend(b"flightbox-1\n12\nhalf a ro");
    fs::write(&path, bytes).unwrap();
    assert!(whole >= before);
    server.open().await;
    server.clock().advance(chrono::Duration::seconds(1));
    server.producer("billing").await.send(EVENT).await;
    sign(&server).await;
    kept(&server, |kept| kept.count == whole + 1).await;
    let Notes { notes, torn } = read(&server);
    assert_eq!((notes.len(), torn), (whole + 1, 1));
    let admin = server.signed_in("root", &[Role::Admin], Sources::All).await;
    assert!(admin.text("/integrity").await.contains("Something in the file is cut off"));
    let (status, said) = verify(server.folder(), &[]);
    assert_eq!((status, said.contains("1 pieces are cut off")), (0, true), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_is_put_back_with_its_checkpoint_does_not_hold_against_its_anchors() {
    let mut server = TestServer::start().await;
    server.producer("billing").await.send(EVENT).await;
    server.stop().await;
    let backup = tempfile::tempdir().unwrap();
    let copied = ["flightbox.db", "checkpoint"];
    for name in copied {
        fs::copy(server.folder().join(name), backup.path().join(name)).unwrap();
    }
    server.open().await;
    server.producer("hr").await.send(format!("[{}]", [EVENT; 20].join(","))).await;
    server.stop().await;
    for name in copied {
        fs::copy(backup.path().join(name), server.folder().join(name)).unwrap();
    }
    let (status, said) = verify(server.folder(), &[]);
    assert_eq!(
        (status, said.contains("the log ends there, and is shorter than the checkpoint of")),
        (1, true),
        "{said}"
    );

    // Nor does it where its checkpoint is gone: the server goes on from the anchor, and signs nothing.
    for missing in [false, true] {
        if missing {
            fs::remove_file(server.folder().join("checkpoint")).unwrap();
        }
        server.open().await;
        let anchored = server.app().anchors.kept();
        assert!(server.app().signer.last().refused.is_some());
        assert_eq!(Some(server.app().signer.last().checkpoint), anchored.newest);
        let ready = server.client().get(server.url("/readyz")).send().await.unwrap();
        assert_eq!(ready.status(), 503);
        let viewer = server.signed_in(&format!("vera-{missing}"), &[Role::Viewer], Sources::All).await;
        let page = viewer.text("/integrity").await;
        assert!(page.contains("class=\"integrity damaged\"") && page.contains("No checkpoint is signed"), "{page}");
        drop(viewer);
        server.stop().await;
        assert_eq!(server_notes(&server), anchored.count, "what is not signed is not anchored");
    }
    assert!(!server.folder().join("checkpoint").exists());
    // A folder with neither is signed as it is.
    fs::remove_file(server.folder().join("anchors")).unwrap();
    server.open().await;
    assert!(server.app().signer.last().refused.is_none());
}

fn server_notes(server: &TestServer) -> usize {
    read(server).notes.len()
}

#[tokio::test]
async fn a_checkpoint_that_is_gone_is_gone_on_with_from_the_newest_anchor() {
    let mut server = TestServer::start().await;
    server.producer("billing").await.send(EVENT).await;
    server.stop().await;
    fs::remove_file(server.folder().join("checkpoint")).unwrap();
    server.open().await;
    let last = server.app().signer.last();
    assert!(last.refused.is_none() && server.folder().join("checkpoint").exists());
    sign(&server).await;
}

#[tokio::test]
async fn the_anchors_of_another_log_are_refused() {
    let mut other = TestServer::start().await;
    kept(&other, |kept| kept.count == 1).await;
    other.stop().await;
    let folder = tempfile::tempdir().unwrap();
    let start = || {
        let mut config = Config { public_url: String::new(), ..Config::local() };
        config.anchors.file.anchors = Some(other.folder().join("anchors"));
        Server::start(folder.path(), config, system_clock(), system_random())
    };
    let refused = start().await.err().unwrap().to_string();
    assert!(refused.contains("log.key is missing"), "{refused}");
    // A log that has a key, and another name.
    Server::start(folder.path(), Config::local(), system_clock(), system_random()).await.unwrap().stop().await.unwrap();
    let refused = start().await.err().unwrap().to_string();
    assert!(refused.contains("the file of anchors is another log's"), "{refused}");
}

/// Whoever collects anchors, on this machine.
struct Collector {
    address: SocketAddr,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Collector {
    async fn start() -> Self {
        let heard: Arc<Mutex<Vec<String>>> = Arc::default();
        let hear = |State(heard): State<Arc<Mutex<Vec<String>>>>, body: String| async move {
            heard.lock().unwrap().push(body);
            StatusCode::NO_CONTENT
        };
        let socket = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap();
        let away = move || async move { Redirect::temporary(&format!("http://127.0.0.1:{}/hook", address.port())) };
        let router = Router::new().route("/hook", post(hear)).route("/away", post(away));
        let router =
            router.route("/busy", post(|| async { StatusCode::SERVICE_UNAVAILABLE })).with_state(heard.clone());
        tokio::spawn(async move { axum::serve(socket, router).await });
        Self { address, heard }
    }

    fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }

    fn url(&self, host: &str, path: &str) -> String {
        format!("http://{host}:{}{path}", self.address.port())
    }
}

fn webhook(url: &str, allowed: &[&str]) -> Webhook {
    Webhook::new(url.parse().unwrap(), &allowed.iter().map(|host| (*host).to_owned()).collect())
}

#[tokio::test]
async fn g9_this_machine_is_reached_by_none_of_its_names_unless_that_is_allowed() {
    let collector = Collector::start().await;
    let names = [
        "localhost",
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "0.0.0.0",
        "0",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::]",
        "LOCALHOST",
    ];
    for host in names {
        let refused = webhook(&collector.url(host, "/hook"), &["collector.example"]).deliver("note").await;
        assert!(matches!(refused, Err(Undelivered::Refused(..))), "{host}: {refused:?}");
    }
    assert_eq!(collector.heard(), [""; 0]);
    for (host, allowed) in [("localhost", "LocalHost"), ("127.0.0.1", "127.0.0.1")] {
        webhook(&collector.url(host, "/hook"), &[allowed]).deliver(host).await.unwrap();
    }
    assert_eq!(collector.heard(), ["localhost", "127.0.0.1"]);
    // One name is allowed, and no other for the same address.
    assert!(webhook(&collector.url("127.0.0.1", "/hook"), &["localhost"]).deliver("note").await.is_err());
}

#[tokio::test]
async fn g9_metadata_and_link_local_addresses_are_not_connected_to() {
    let hosts =
        ["169.254.169.254", "[fd00:ec2::254]", "[fe80::1]", "168.63.129.16", "[64:ff9b::a9fe:a9fe]", "224.0.0.1"];
    for host in hosts {
        let since = Instant::now();
        let refused = webhook(&format!("http://{host}/latest/meta-data/"), &[]).deliver("note").await;
        assert!(matches!(refused, Err(Undelivered::Refused(..))), "{host}: {refused:?}");
        assert!(since.elapsed() < Duration::from_secs(5), "{host} was tried");
    }
}

#[tokio::test]
async fn g9_a_redirect_leads_nowhere_and_another_answer_is_told() {
    let collector = Collector::start().await;
    let away = webhook(&collector.url("localhost", "/away"), &["localhost", "127.0.0.1"]).deliver("note").await;
    assert!(matches!(away, Err(Undelivered::Redirect(StatusCode::TEMPORARY_REDIRECT))), "{away:?}");
    let busy = webhook(&collector.url("localhost", "/busy"), &["localhost"]).deliver("note").await;
    assert!(matches!(busy, Err(Undelivered::Answer(StatusCode::SERVICE_UNAVAILABLE))), "{busy:?}");
    assert_eq!(collector.heard(), [""; 0]);
}

#[tokio::test]
async fn g9_a_name_that_means_something_else_a_moment_later_is_looked_at_where_it_is_connected_to() {
    let collector = Collector::start().await;
    let asked = Arc::new(AtomicUsize::new(0));
    let (port, count) = (collector.address.port(), asked.clone());
    // Its first answer may be connected to, though nobody listens there; whatever it says after is this machine.
    let public: SocketAddr = "[2001:db8::1]:9".parse().unwrap();
    let resolve = move |_, _| {
        let first = count.fetch_add(1, Ordering::SeqCst) == 0;
        let addresses = if first { vec![public] } else { vec![SocketAddr::from(([127, 0, 0, 1], port))] };
        Box::pin(async { io::Result::Ok(addresses) }) as _
    };
    let url = "http://rebinding.example/hook".parse().unwrap();
    let webhook = Webhook::resolved_by(url, &BTreeSet::new(), Arc::new(resolve));
    let first = webhook.deliver("note").await;
    assert!(matches!(first, Err(Undelivered::Connect(_) | Undelivered::TooSlow)), "{first:?}");
    assert_eq!(asked.load(Ordering::SeqCst), 1, "what was looked at is what is connected to");
    let second = webhook.deliver("note").await;
    assert!(matches!(second, Err(Undelivered::Refused(..))), "{second:?}");
    assert_eq!(collector.heard(), [""; 0]);
}

async fn with_webhook(url: String, allow: &[&str]) -> TestServer {
    let anchor_allow = allow.iter().map(|host| (*host).to_owned()).collect();
    let anchors = AnchorConfig { anchor_url: Some(url.parse().unwrap()), anchor_allow, ..AnchorConfig::default() };
    TestServer::start_as(Config { anchors, public_url: String::new(), ..Config::local() }).await
}

#[tokio::test]
async fn an_anchor_arrives_at_a_webhook_that_is_allowed_and_its_address_stays_secret() {
    let collector = Collector::start().await;
    let server = with_webhook(collector.url("localhost", "/hook?token=s3cret"), &["localhost"]).await;
    let told = kept(&server, |kept| kept.delivery.as_ref().unwrap().delivered.is_some()).await;
    let heard = collector.heard();
    let arrived = server.app().signer.keys().open(heard[0].as_bytes()).unwrap();
    assert_eq!((Some(arrived.size), heard.len()), (told.delivery.unwrap().delivered.map(|(size, _)| size), 1));
    let admin = server.signed_in("root", &[Role::Admin], Sources::All).await;
    let page = admin.text("/integrity").await;
    assert!(page.contains("The last to arrive is of") && page.contains(">localhost<") && !page.contains("s3cret"));
    let viewer = server.signed_in("vera", &[Role::Viewer], Sources::All).await;
    assert!(!viewer.text("/integrity").await.contains(">localhost<"));
}

#[tokio::test]
async fn g9_a_server_whose_webhook_is_blocked_says_so_and_goes_on() {
    let collector = Collector::start().await;
    let server = with_webhook(collector.url("localhost", "/hook"), &[]).await;
    let told = kept(&server, |kept| kept.delivery.as_ref().unwrap().failure.is_some()).await;
    let (why, _) = told.delivery.unwrap().failure.unwrap();
    assert!(why.contains("a loopback address") && why.contains("FLIGHTBOX_ANCHOR_ALLOW"), "{why}");
    assert_eq!((collector.heard().len(), told.count), (0, 1));
    let token = server.add_token("watch", &[Role::Viewer], Sources::All).await;
    let metrics = server.client().get(server.url("/metrics")).bearer_auth(token).send().await.unwrap();
    assert!(metrics.text().await.unwrap().contains("\nflightbox_anchor_failed 1\n"));
}
