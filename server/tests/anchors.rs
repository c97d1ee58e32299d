//! Anchors: where they are written, where they are sent, and what they hold a log to.

mod webhook;

use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

use crate::common::{TestServer, process};
use flightbox::{
    anchors::file::{Notes, append},
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
    kept(&server, |kept| kept.count == 1).await;
    server.stop().await;
    let path = server.folder().join("anchors");
    let mut bytes = fs::read(&path).unwrap();
    let whole = read(&server).notes.len();
    bytes.extend(b"flightbox-1\n12\nhalf a ro");
    fs::write(&path, bytes).unwrap();
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

    // Whoever puts it back can add its old anchor behind the others: that says no more than it did.
    let old = fs::read_to_string(backup.path().join("checkpoint")).unwrap();
    append(&server.folder().join("anchors"), &old).unwrap();
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
        assert_eq!(read(&server).notes.len(), anchored.count, "what is not signed is not anchored");
    }
    assert!(!server.folder().join("checkpoint").exists());
    // A folder with neither is signed as it is.
    fs::remove_file(server.folder().join("anchors")).unwrap();
    server.open().await;
    assert!(server.app().signer.last().refused.is_none());
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
