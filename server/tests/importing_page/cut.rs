//! Imports that come to no end, and those that come too many.

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use super::*;
use crate::common::browser::Browser;

/// A request whose body comes by and by.
struct Sending {
    connection: TcpStream,
}

impl Sending {
    async fn begin(server: &TestServer, who: &Browser<'_>, length: usize) -> Self {
        let mut sending = Self::open(server, who, length).await;
        sending.send(&field("file", "; filename=\"trail.jsonl\"")).await;
        sending
    }

    /// The same, up to the first field.
    async fn open(server: &TestServer, who: &Browser<'_>, length: usize) -> Self {
        let origin = server.origin();
        let host = origin.split_once("://").unwrap().1.to_owned();
        let mut connection = TcpStream::connect(&host).await.unwrap();
        let cookie = who.cookie("flightbox").unwrap();
        let head = format!(
            "POST {PAGE} HTTP/1.1\r\nHost: {host}\r\nOrigin: {origin}\r\nConnection: close\r\nCookie: flightbox={cookie}\r\nContent-Type: multipart/form-data; boundary={BOUNDARY}\r\nContent-Length: {length}\r\n\r\n"
        );
        connection.write_all(head.as_bytes()).await.unwrap();
        Self { connection }
    }

    /// All that is answered, of a connection that is closed then.
    async fn answer(mut self) -> String {
        let mut answer = Vec::new();
        self.connection.read_to_end(&mut answer).await.unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    }

    async fn send(&mut self, text: &str) {
        self.connection.write_all(text.as_bytes()).await.unwrap();
    }
}

/// Waits until the page says something.
async fn says(who: &Browser<'_>, what: &str) -> String {
    let said = async {
        loop {
            let page = text(&who.text(PAGE).await);
            if page.contains(what) {
                return page;
            }
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(60), said).await.expect("it says so in time")
}

async fn browser(server: &TestServer) -> Browser<'_> {
    let password = server.add_person("ada", &[Role::Admin]).await;
    let browser = Browser::new(server);
    browser.sign_in("ada", &password).await;
    browser
}

#[tokio::test]
async fn a_cancelled_import_says_exactly_what_it_stored() {
    let server = with_source().await;
    let ada = browser(&server).await;
    let since = server.settled().await;
    let mut sending = Sending::begin(&server, &ada, 100 << 20).await;
    sending.send(&lines(0..2_500)).await;
    // Two batches are stored while the rest is still to come.
    let page = says(&ada, "imported 2,000").await;
    assert!(page.contains("Importing trail.jsonl") && page.contains("of 100.0 MiB · 2,000 records"), "{page}");
    drop(sending);
    let page = says(&ada, "Cancelled").await;
    assert!(page.contains("of 100.0 MiB had come. Exactly this is stored of it, and stays."), "{page}");
    assert!(page.contains("imported 2,000"), "{page}");
    assert_eq!(events(&server).await, 2_000);
    let entries = imports(&server, since).await;
    assert_eq!((entries.len(), &entries[1]["outcome"]), (2, &json!("failure")));
    assert_eq!(entries[1]["details"]["imported"], json!(2_000));
    assert!(entries[1]["reason"].as_str().unwrap().starts_with("cancelled after "), "{}", entries[1]);

    // The rest is added by the same file.
    let mut body = form(&[], &[("trail.jsonl", lines(0..2_500).as_bytes())]);
    let kind = format!("multipart/form-data; boundary={BOUNDARY}");
    let session = format!("flightbox={}", ada.cookie("flightbox").unwrap());
    let request = server.client().post(server.url(PAGE)).header("origin", server.origin());
    let answer = request.header("cookie", session).header("content-type", kind).body(std::mem::take(&mut body));
    let page = text(&answer.send().await.unwrap().text().await.unwrap());
    assert!(page.contains("imported 500 there before 2,000"), "{page}");
}

#[tokio::test]
async fn there_are_two_imports_at_a_time_one_of_each_person_into_a_source_and_who_comes_next_is_told() {
    let server = with_source().await;
    server.add_source("other").await;
    let ada = browser(&server).await;
    let mut first = Sending::begin(&server, &ada, 1 << 20).await;
    first.send(&lines(0..1_200)).await;
    says(&ada, "imported 1,000").await;
    let session = format!("flightbox={}", ada.cookie("flightbox").unwrap());
    let kind = format!("multipart/form-data; boundary={BOUNDARY}");
    let own = server.client().post(server.url(PAGE)).header("origin", server.origin()).header("cookie", session);
    let own = own.header("content-type", kind).body(form(&[], &[("a.json", &delivery(0..1))])).send().await.unwrap();
    assert_eq!(own.status(), StatusCode::TOO_MANY_REQUESTS);
    assert!(text(&own.text().await.unwrap()).contains("You are importing into this source already."));

    let password = server.add_person("cem", &[Role::Admin]).await;
    let cem = Browser::new(&server);
    cem.sign_in("cem", &password).await;
    let mut second = Sending::begin(&server, &cem, 1 << 20).await;
    second.send(&lines(2_000..3_200)).await;
    says(&cem, "imported 1,000").await;
    let bob = server.signed_in("bob", &[Role::Admin], Sources::All).await;
    assert!(text(&bob.text(PAGE).await).contains("Two imports are under way"));
    let (status, page) = send(&bob, &server, PAGE, form(&[], &[("a.json", &delivery(0..1))])).await;
    assert_eq!(status, StatusCode::TOO_MANY_REQUESTS);
    assert!(page.contains("Two imports are under way, which is as many as there may be."), "{page}");
    assert!(!page.contains("imported 1,000"), "it is nobody else's to see");
    drop(first);
    says(&ada, "Cancelled").await;
    let (status, page) = send(&bob, &server, PAGE, form(&[], &[("a.json", &delivery(5_000..5_001))])).await;
    assert_eq!(status, StatusCode::OK, "{page}");
}

#[tokio::test]
async fn a_stop_ends_an_import_in_good_order() {
    let mut server = with_source().await;
    {
        let ada = browser(&server).await;
        let mut sending = Sending::begin(&server, &ada, 100 << 20).await;
        sending.send(&lines(0..1_500)).await;
        says(&ada, "imported 1,000").await;
        // What is on its way is dropped together with the server's connections.
        tokio::spawn(async move {
            std::future::pending::<Sending>().await;
            drop(sending)
        });
    }
    server.restart().await;
    assert_eq!(events(&server).await, 1_000);
    let entries = imports(&server, 0).await;
    assert_eq!(
        (&entries[1]["reason"], &entries[1]["details"]["imported"]),
        (&json!("the server was stopped"), &json!(1_000))
    );
}

/// Waits until so many entries tell of imports.
async fn entries(server: &TestServer, since: i64, count: usize) -> Vec<Value> {
    let told = async {
        loop {
            let entries = imports(server, since).await;
            if entries.len() >= count {
                return entries;
            }
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(60), told).await.expect("they are recorded in time")
}

#[tokio::test]
async fn an_import_ends_with_the_rights_of_whoever_imports() {
    let server = with_source().await;
    let ada = browser(&server).await;
    let since = server.settled().await;
    let mut sending = Sending::begin(&server, &ada, 100 << 20).await;
    sending.send(&lines(0..1_500)).await;
    says(&ada, "imported 1,000").await;
    let name = "aws".parse().unwrap();
    let now = server.app().clock.now();
    assert!(server.app().store.set_source_disabled(&name, true, now).await.unwrap());
    sending.send(&lines(1_500..2_500)).await;
    let page = says(&ada, "Stopped: the source was disabled").await;
    assert!(page.contains("Exactly this is stored of it") && page.contains("imported 1,000"), "{page}");
    let reason = json!("the source was disabled");
    assert_eq!((&entries(&server, since, 2).await[1]["reason"], events(&server).await), (&reason, 1_000));
    drop(sending);

    assert!(server.app().store.set_source_disabled(&name, false, now).await.unwrap());
    let since = server.settled().await;
    let mut sending = Sending::begin(&server, &ada, 100 << 20).await;
    sending.send(&lines(1_000..3_500)).await;
    says(&ada, "imported 2,000").await;
    ada.post("/sign-out", &[]).await;
    sending.send(&lines(3_500..4_500)).await;
    let reason = json!("the session of whoever imports is over");
    assert_eq!((&entries(&server, since, 2).await[1]["reason"], events(&server).await), (&reason, 3_000));
}

#[tokio::test]
async fn of_two_imports_of_one_person_into_a_source_that_begin_at_once_one_runs() {
    let server = with_source().await;
    let ada = browser(&server).await;
    let since = server.settled().await;
    let body = lines(0..10) + &format!("\r\n--{BOUNDARY}--\r\n");
    let file = field("file", "; filename=\"trail.jsonl\"");
    // Both have their turn before either has sent a file.
    let mut first = Sending::open(&server, &ada, file.len() + body.len()).await;
    let mut second = Sending::open(&server, &ada, file.len() + body.len()).await;
    let taken = async {
        while !server.app().imports.is_busy() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(60), taken).await.expect("both come in time");
    first.send(&file).await;
    says(&ada, "Importing").await;
    second.send(&(file + &body)).await;
    let answer = second.answer().await;
    assert!(answer.starts_with("HTTP/1.1 429") && answer.contains("You are importing into this source already."));
    first.send(&body).await;
    assert!(first.answer().await.starts_with("HTTP/1.1 200"));
    assert_eq!((imports(&server, since).await.len(), events(&server).await), (2, 10));
}
