//! A slow question ends when whoever asked it has left: the machine is free again, and so is the next question's way.
//!
//! It also ends when it takes too long. One test alone, since it looks at how busy this whole process is.

mod common;

use std::{fs, time::Duration};

use common::{TestServer, Visitor};
use flightbox_domain::{page::Position, role::Role, scope::Sources, terms::Field};
use futures_util::future::join_all;
use reqwest::{RequestBuilder, Response};
use sqlx::{AssertSqlSafe, ConnectOptions as _, sqlite::SqliteConnectOptions};
use tokio::time::{sleep, timeout};

/// Postings of one term: counting what has it takes a moment on any machine.
const POSTINGS: i64 = 12_000_000;
/// As many at once as the store has readers.
const AT_ONCE: usize = 4;
const PATIENCE: Duration = Duration::from_secs(60);
const MONTH: &str = "from=2026-11-01&to=2026-12-01";

/// The processor's time that this process has used (proc_pid_stat(5): utime and stime), in hundredths of a second.
fn used() -> u64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<_> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
    fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
}

/// Waits until this process has used so much more.
async fn busy(some: u64) {
    let start = used();
    let busy = async {
        while used() < start + some {
            sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(PATIENCE, busy).await.expect("nothing is worked on");
}

/// Waits until this process does nothing, whatever else the machine does; how much it has used until then.
async fn until_idle() -> u64 {
    let start = used();
    let mut before = start;
    let idle = async {
        loop {
            sleep(Duration::from_millis(200)).await;
            if used() <= before + 1 {
                return before - start;
            }
            before = used();
        }
    };
    timeout(PATIENCE, idle).await.expect("it works on for ever")
}

/// A month's index in which many events have one term more than there are records for: counting walks them all.
async fn fill(server: &TestServer) {
    server.producer("billing").await.send(r#"{"actor": "a", "action": "pay"}"#).await;
    let options = SqliteConnectOptions::new().filename(server.folder().join("flightbox.db"));
    let mut connection = options.busy_timeout(PATIENCE).connect().await.unwrap();
    let (term, _) = Field::Actor.term(server.app().store.keys(), "a");
    let start = Position::start_of("2026-11-02T00:00:00Z".parse().unwrap()).0;
    let sql = format!(
        "INSERT INTO term_202611 (rowid, t)
         WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {POSTINGS})
         SELECT {start} + i * 1024, '{term}' FROM n"
    );
    sqlx::query(AssertSqlSafe(sql)).execute(&mut connection).await.unwrap();
}

/// A question that takes a moment. No two are the same, since an answer is remembered.
fn slow(number: usize) -> String {
    let terms: Vec<_> = (0..31).map(|n| format!("actor:a,b{n}x{number}")).collect();
    terms.join("+")
}

/// A page as far as its list: what it counts comes after.
async fn list_of(visitor: &Visitor<'_>, number: usize) -> Response {
    let mut response = visitor.get(&format!("/events?q={}&{MONTH}", slow(number))).await;
    let mut seen = String::new();
    while !seen.contains("Counting…") {
        seen.push_str(&String::from_utf8_lossy(&response.chunk().await.unwrap().expect("the page has no list")));
    }
    response
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_nobody_waits_for_is_not_worked_on() {
    let server = TestServer::start().await;
    fill(&server).await;
    let ann = server.signed_in("ann", &[Role::Viewer], Sources::All).await;
    let token = server.add_token("siem", &[Role::Viewer], Sources::All).await;
    let histogram = |number: usize| {
        let url = server.url(&format!("/api/v1/histogram?q={}&{MONTH}", slow(number)));
        server.client().get(url).bearer_auth(&token)
    };
    let export = |number: usize| ann.request(&format!("/events.csv?q={}&{MONTH}", slow(number)));

    until_idle().await;
    let start = used();
    assert_eq!(histogram(0).send().await.unwrap().status(), 200);
    let alone = used() - start;

    // Several are under way, of which nothing is done after they are left; to the end they would take as long as all.
    let lists = join_all((1..=AT_ONCE).map(|number| list_of(&ann, number))).await;
    busy(alone / 10).await;
    drop(lists);
    let after = until_idle().await;
    assert!(after < alone / 3, "pages: {after} after they were left, {alone} for one");

    let requests: [(&str, &dyn Fn(usize) -> RequestBuilder); 2] = [("histograms", &histogram), ("exports", &export)];
    for (what, request) in requests {
        let asked: Vec<_> = (10..10 + AT_ONCE).map(|number| tokio::spawn(request(number).send())).collect();
        busy(alone / 10).await;
        asked.iter().for_each(|asked| asked.abort());
        let after = until_idle().await;
        assert!(after < alone / 3, "{what}: {after} after they were left, {alone} for one");
    }
    let next = timeout(PATIENCE, ann.text("/events?q=actor:nobody&counts=off")).await;
    assert!(next.expect("the next question waits").contains("Not counted."));

    says_what_takes_too_long(&server, &ann, &histogram).await;
}

/// The list stands whatever becomes of its counts; a list that takes too long says so, and what would take less.
async fn says_what_takes_too_long(server: &TestServer, ann: &Visitor<'_>, histogram: &dyn Fn(usize) -> RequestBuilder) {
    server.app().store.set_patience(Duration::from_millis(200));
    let page = ann.text(&format!("/events?q={}&from=-30d", slow(20))).await;
    assert!(page.contains("Not counted: that takes too long.") && page.contains("Last 7 days"), "{page}");

    let page = ann.get(&format!("/events?q={}+-actor:a&from=-30d", slow(21))).await;
    assert_eq!(page.status(), 503);
    let page = page.text().await.unwrap();
    assert!(page.contains("This view takes too long") && page.contains("&amp;from=-7d"), "{page}");

    let (status, body) = common::status_and_body(histogram(22).send().await.unwrap()).await;
    assert_eq!((status, &body["code"]), (503, &serde_json::json!("too_slow")));
}
