//! Harm that is meant: what comes in is text, or it is refused, and what goes out tells nothing more for it.

mod answers;
mod input;

use crate::common::{TestServer, Visitor};
use flightbox_domain::{role::Role, scope::Sources};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

async fn filled() -> TestServer {
    let server = TestServer::start().await;
    let event =
        |who: &str| json!({"actor": who, "action": "pay", "resource": "/x/1", "details": {"k": who}}).to_string();
    server.producer("billing").await.send(event("ivan")).await;
    server.producer("hr").await.send(event("zzhr")).await;
    server
}

async fn billings(server: &TestServer) -> Visitor<'_> {
    server.signed_in("ann", &[Role::Viewer], only("billing")).await
}

fn only(source: &str) -> Sources {
    Sources::Only([source.to_owned()].into())
}

/// Sends a request line as it is, which no client library would.
async fn raw(server: &TestServer, target: &str, headers: &str) -> (u16, String) {
    let port = server.app().config.listen.port();
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let request = format!("GET {target} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n{headers}\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    let answer = String::from_utf8_lossy(&answer).into_owned();
    (answer.split(' ').nth(1).unwrap_or_else(|| panic!("{target}: {answer}")).parse().unwrap(), answer)
}
