//! Somebody else's service with a `flightbox-layer` around it, and what of it is in the log.

mod away;
mod flood;
mod killed;
mod refused;
mod requests;
mod required;

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU16, Ordering::SeqCst},
    },
    time::Duration,
};

use axum::Router;
use flightbox_layer::{AuditLayer, Recorder};
use serde_json::Value;

use crate::common::TestServer;

/// Patience that no test needs.
const LONG: Duration = Duration::from_secs(30);

/// A service that listens.
struct Service {
    url: String,
    recorder: Recorder,
}

impl Service {
    /// Serves that router inside of the layer.
    async fn start(router: Router, (layer, recorder): (AuditLayer, Recorder)) -> Self {
        let url = listen(router.layer(layer)).await;
        Self { url, recorder }
    }

    async fn get(&self, path: &str) -> (u16, String) {
        let answer = reqwest::get(format!("{}{path}", self.url)).await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }
}

async fn listen(router: Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async { axum::serve(listener, service).await.unwrap() });
    url
}

/// A server that can be stopped and is at the same address again when it is back, though its port is another one: whoever
/// stands at that address hands bytes on, and hangs up while nobody is behind it.
struct Returning {
    server: TestServer,
    url: String,
    port: Arc<AtomicU16>,
}

impl Returning {
    async fn start() -> Self {
        let server = TestServer::start().await;
        let door = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", door.local_addr().unwrap());
        let port = Arc::new(AtomicU16::new(server.app().config.listen.port()));
        let behind = port.clone();
        tokio::spawn(async move {
            while let Ok((mut outside, _)) = door.accept().await {
                let behind = behind.clone();
                tokio::spawn(async move {
                    if let port @ 1.. = behind.load(SeqCst)
                        && let Ok(mut inside) = tokio::net::TcpStream::connect(("127.0.0.1", port)).await
                    {
                        let _ = tokio::io::copy_bidirectional(&mut outside, &mut inside).await;
                    }
                });
            }
        });
        Self { server, url, port }
    }

    async fn stop(&mut self) {
        self.port.store(0, SeqCst);
        self.server.stop().await;
    }

    async fn open(&mut self) {
        self.server.open().await;
        self.port.store(self.server.app().config.listen.port(), SeqCst);
    }
}

impl std::ops::Deref for Returning {
    type Target = TestServer;

    fn deref(&self) -> &TestServer {
        &self.server
    }
}

/// All that the source `shop` has sent, in the order of record.
async fn shop(server: &TestServer) -> Vec<Value> {
    let (mut events, mut after) = (Vec::new(), String::new());
    loop {
        let (status, mut page) = server.read(&format!("/api/v1/events?q=source:shop&limit=1000{after}")).await;
        assert_eq!(status, 200, "{page}");
        events.append(page["events"].as_array_mut().unwrap());
        match page["next"].as_str() {
            Some(cursor) => after = format!("&after={cursor}"),
            None => break,
        }
    }
    events.sort_by_key(|event| event["seq"].as_i64());
    events
}

fn actions(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["action"].as_str().unwrap()).collect()
}

/// Waits until that holds of the counters.
async fn counted(recorder: &Recorder, what: impl Fn(flightbox_layer::Counters) -> bool) {
    let holds = async {
        while !what(recorder.counters()) {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    let late = tokio::time::timeout(LONG, holds).await;
    late.unwrap_or_else(|_| panic!("{:?}", recorder.counters()));
}
