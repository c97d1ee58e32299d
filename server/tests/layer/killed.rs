//! A service that is killed while its events wait on disk.

use std::{
    io::{BufRead as _, BufReader},
    path::PathBuf,
    process::{Command, Stdio},
    sync::atomic::AtomicUsize,
};

use axum::{Router, extract::Path, routing::get};
use flightbox_layer::AuditLayer;

use super::*;

const FOLDER: &str = "LAYER_KILLED_SPOOL";
const SERVER: &str = "LAYER_KILLED_SERVER";

/// The service that is killed. Nobody listens where it sends to.
#[tokio::test]
async fn child() {
    let (Ok(folder), Ok(server)) = (std::env::var(FOLDER), std::env::var(SERVER)) else { return };
    let layer = AuditLayer::builder(&server, "fbi_none").spool(PathBuf::from(folder)).required().build();
    let router = Router::new().route("/{n}", get(|Path(n): Path<String>| async { n }));
    let service = Service::start(router, layer.unwrap()).await;
    println!("\nready {}", service.url);
    std::future::pending::<()>().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_killed_at_any_time_loses_nothing_that_it_had_answered() {
    let mut server = Returning::start().await;
    let token = server.add_source("shop").await;
    let url = server.url.clone();
    server.stop().await;
    let spool = tempfile::tempdir().unwrap();
    let mut answered = Vec::new();
    for round in 0..5 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "layer::killed::child", "--nocapture"])
            .env(FOLDER, spool.path())
            .env(SERVER, &url)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let ready = lines.find_map(|line| line.unwrap().strip_prefix("ready ").map(str::to_owned)).unwrap();
        let count = Arc::new(AtomicUsize::new(0));
        let asking = (0..4).map(|client| {
            let (ready, count) = (ready.clone(), count.clone());
            tokio::spawn(async move {
                let mut answered = Vec::new();
                for n in 0.. {
                    let path = format!("/{round}-{client}-{n}");
                    match reqwest::get(format!("{ready}{path}")).await {
                        Ok(answer) if answer.status() == 200 => {
                            answered.push(path);
                            count.fetch_add(1, SeqCst);
                        }
                        Ok(answer) => panic!("{}", answer.status()),
                        Err(_) => break,
                    }
                }
                answered
            })
        });
        let asking: Vec<_> = asking.collect();
        while count.load(SeqCst) < 5 + 23 * round {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        child.kill().unwrap();
        child.wait().unwrap();
        for client in asking {
            answered.extend(client.await.unwrap());
        }
    }
    assert!(answered.len() > 200, "{}", answered.len());

    server.open().await;
    let (_layer, recorder) = AuditLayer::builder(&url, &token).spool(spool.path()).build().unwrap();
    counted(&recorder, |counters| counters.backlog == 0).await;
    let mut stored: Vec<_> =
        shop(&server).await.iter().map(|event| event["http"]["path"].as_str().unwrap().to_owned()).collect();
    let all = stored.len();
    stored.sort_unstable();
    stored.dedup();
    assert_eq!(stored.len(), all, "each of them once");
    answered.retain(|path| stored.binary_search(path).is_err());
    assert_eq!(answered, Vec::<String>::new(), "answered and lost");
}
