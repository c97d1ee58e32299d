//! Views that people keep, against a database of its own.

use chrono::{DateTime, Utc};
use flightbox_domain::{
    keys::Master,
    name::{PersonName, ViewName},
    random::Random,
    role::Roles,
    scope::Sources,
    slug::Slug,
};
use flightbox_store::{AddError, PasswordHash, Store, ViewRow};

struct Log {
    store: Store,
    now: DateTime<Utc>,
    _folder: tempfile::TempDir,
}

impl Log {
    /// With alice and bob.
    async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let master = Master::new([7; 32]).unwrap();
        let store = Store::open(folder.path(), master.into(), Random::new(|bytes| bytes.fill(7))).await.unwrap();
        let now = "2026-11-22T12:00:00Z".parse().unwrap();
        for name in ["alice", "bob"] {
            let (hash, roles) = (PasswordHash::new("$argon2id$…"), Roles::default());
            store.add_person(&person(name), &hash, &roles, &Sources::All, now).await.unwrap();
        }
        Self { store, now, _folder: folder }
    }

    async fn keep(&self, owner: &str, slug: &str, name: &str, shared: bool) -> Result<(), AddError> {
        let view = ViewRow {
            slug: slug.parse().unwrap(),
            owner: person(owner),
            name: name.parse().unwrap(),
            state: format!("q={slug}"),
            shared,
        };
        self.store.add_view(&view, self.now).await
    }

    /// The names of the views that somebody can open.
    async fn names(&self, reader: &str) -> Vec<String> {
        let views = self.store.views(reader).await.unwrap();
        views.iter().map(|view| view.name.to_string()).collect()
    }
}

fn person(name: &str) -> PersonName {
    name.parse().unwrap()
}

#[tokio::test]
async fn a_view_is_its_owners_alone_until_it_is_shared() {
    let log = Log::open().await;
    log.keep("alice", "b-1", "beta", false).await.unwrap();
    log.keep("alice", "a-1", "Alpha", true).await.unwrap();
    log.keep("bob", "z-1", "Zulu", false).await.unwrap();
    assert_eq!(log.names("alice").await, ["Alpha", "beta"]);
    assert_eq!(log.names("bob").await, ["Zulu", "Alpha"], "one's own first");
    let (slug, name): (Slug, ViewName) = ("b-1".parse().unwrap(), "beta".parse().unwrap());
    assert_eq!(log.store.view("bob", &slug).await.unwrap(), None);
    assert_eq!(log.store.view("alice", &slug).await.unwrap().unwrap().state, "q=b-1");
    assert!(log.store.change_view(&person("alice"), &slug, &name, true).await.unwrap());
    assert_eq!(log.store.view("bob", &slug).await.unwrap().unwrap().owner, person("alice"));
}

#[tokio::test]
async fn nobody_keeps_two_views_of_one_name() {
    let log = Log::open().await;
    log.keep("alice", "a-1", "Denied", true).await.unwrap();
    assert!(matches!(log.keep("alice", "a-2", "Denied", false).await, Err(AddError::Exists)));
    assert!(matches!(log.keep("bob", "a-1", "Other", false).await, Err(AddError::Exists)), "the slug is taken");
    log.keep("bob", "b-1", "Denied", false).await.unwrap();
    log.keep("alice", "a-2", "Failed", false).await.unwrap();
    let (slug, name) = ("a-2".parse().unwrap(), "Denied".parse().unwrap());
    assert!(matches!(log.store.change_view(&person("alice"), &slug, &name, false).await, Err(AddError::Exists)));
    assert_eq!(log.names("alice").await, ["Denied", "Failed"]);
}

#[tokio::test]
async fn only_its_owner_changes_or_deletes_a_view() {
    let log = Log::open().await;
    log.keep("alice", "a-1", "Denied", true).await.unwrap();
    let (slug, name): (Slug, ViewName) = ("a-1".parse().unwrap(), "Mine".parse().unwrap());
    assert!(!log.store.change_view(&person("bob"), &slug, &name, false).await.unwrap());
    assert!(!log.store.delete_view(&person("bob"), &slug).await.unwrap());
    assert_eq!(log.names("bob").await, ["Denied"]);
    assert!(log.store.delete_view(&person("alice"), &slug).await.unwrap());
    assert!(!log.store.delete_view(&person("alice"), &slug).await.unwrap());
    assert_eq!(log.names("alice").await, [""; 0]);
}
