//! Views that people keep.

use flightbox_domain::{
    name::{PersonName, ViewName},
    slug::Slug,
};
use flightbox_store::{AddError, ViewRow};

use crate::Log;

/// With alice and bob.
async fn opened() -> Log {
    let log = Log::new().await;
    log.person("alice", &[]).await;
    log.person("bob", &[]).await;
    log
}

async fn keep(log: &Log, owner: &str, slug: &str, name: &str, shared: bool) -> Result<(), AddError> {
    let view = ViewRow {
        slug: slug.parse().unwrap(),
        owner: person(owner),
        name: name.parse().unwrap(),
        state: format!("q={slug}"),
        shared,
    };
    log.store.add_view(&view, log.now).await
}

/// The names of the views that somebody can open.
async fn names(log: &Log, reader: &str) -> Vec<String> {
    let views = log.store.views(reader).await.unwrap();
    views.iter().map(|view| view.name.to_string()).collect()
}

fn person(name: &str) -> PersonName {
    name.parse().unwrap()
}

#[tokio::test]
async fn a_view_is_its_owners_alone_until_it_is_shared() {
    let log = opened().await;
    keep(&log, "alice", "b-1", "beta", false).await.unwrap();
    keep(&log, "alice", "a-1", "Alpha", true).await.unwrap();
    keep(&log, "bob", "z-1", "Zulu", false).await.unwrap();
    assert_eq!(names(&log, "alice").await, ["Alpha", "beta"]);
    assert_eq!(names(&log, "bob").await, ["Zulu", "Alpha"], "one's own first");
    let (slug, name): (Slug, ViewName) = ("b-1".parse().unwrap(), "beta".parse().unwrap());
    assert_eq!(log.store.view("bob", &slug).await.unwrap(), None);
    assert_eq!(log.store.view("alice", &slug).await.unwrap().unwrap().state, "q=b-1");
    assert!(log.store.change_view(&person("alice"), &slug, &name, true).await.unwrap());
    assert_eq!(log.store.view("bob", &slug).await.unwrap().unwrap().owner, person("alice"));
}

#[tokio::test]
async fn nobody_keeps_two_views_of_one_name() {
    let log = opened().await;
    keep(&log, "alice", "a-1", "Denied", true).await.unwrap();
    assert!(matches!(keep(&log, "alice", "a-2", "Denied", false).await, Err(AddError::Exists)));
    assert!(matches!(keep(&log, "bob", "a-1", "Other", false).await, Err(AddError::Exists)), "the slug is taken");
    keep(&log, "bob", "b-1", "Denied", false).await.unwrap();
    keep(&log, "alice", "a-2", "Failed", false).await.unwrap();
    let (slug, name) = ("a-2".parse().unwrap(), "Denied".parse().unwrap());
    assert!(matches!(log.store.change_view(&person("alice"), &slug, &name, false).await, Err(AddError::Exists)));
    assert_eq!(names(&log, "alice").await, ["Denied", "Failed"]);
}

#[tokio::test]
async fn only_its_owner_changes_or_deletes_a_view() {
    let log = opened().await;
    keep(&log, "alice", "a-1", "Denied", true).await.unwrap();
    let (slug, name): (Slug, ViewName) = ("a-1".parse().unwrap(), "Mine".parse().unwrap());
    assert!(!log.store.change_view(&person("bob"), &slug, &name, false).await.unwrap());
    assert!(!log.store.delete_view(&person("bob"), &slug).await.unwrap());
    assert_eq!(names(&log, "bob").await, ["Denied"]);
    assert!(log.store.delete_view(&person("alice"), &slug).await.unwrap());
    assert!(!log.store.delete_view(&person("alice"), &slug).await.unwrap());
    assert_eq!(names(&log, "alice").await, [""; 0]);
}
