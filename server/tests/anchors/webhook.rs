//! The webhook: what is never connected to, and what arrives.

use std::{
    collections::BTreeSet,
    io,
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{Router, extract::State, http::StatusCode, response::Redirect, routing::post};
use flightbox::{
    anchors::{
        AnchorConfig,
        webhook::{Undelivered, Webhook},
    },
    config::Config,
};
use flightbox_domain::{role::Role, scope::Sources};

use super::kept;
use crate::common::TestServer;

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
