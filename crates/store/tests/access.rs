//! Who may send and who may read, against a database of its own.

use std::sync::atomic::{AtomicU8, Ordering};

use chrono::{DateTime, TimeDelta, Utc};
use flightbox_domain::{
    keys::Keys,
    name::{PersonName, SourceName, TokenName},
    random::Random,
    role::{Role, Roles},
    scope::{Scope, Sources},
    secret::{Secret, SecretKind},
};
use flightbox_store::{AddError, PasswordHash, PersonChange, PersonId, SessionId, SessionLimits, Store};

const LIMITS: SessionLimits = SessionLimits { idle: TimeDelta::minutes(30), absolute: TimeDelta::hours(12) };

struct Log {
    store: Store,
    random: Random,
    now: DateTime<Utc>,
    _folder: tempfile::TempDir,
}

impl Log {
    async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path(), Keys::derive(&[7; 32])).await.unwrap();
        let next = AtomicU8::new(1);
        let random = Random::new(move |bytes| bytes.fill(next.fetch_add(1, Ordering::Relaxed)));
        Self { store, random, now: "2026-11-22T12:00:00Z".parse().unwrap(), _folder: folder }
    }

    async fn person(&self, name: &str, roles: &[Role]) -> PersonId {
        let hash = PasswordHash::new("$argon2id$…");
        let roles = Roles::from_iter(roles.iter().copied());
        self.store.add_person(&name.parse().unwrap(), &hash, &roles, &Sources::All, self.now).await.unwrap()
    }

    async fn session(&self, person: PersonId) -> SessionId {
        let id = SessionId::draw(&self.random);
        self.store.start_session(&id, person, self.now).await.unwrap();
        id
    }

    fn secret(&self, kind: SecretKind) -> Secret {
        Secret::draw(kind, &self.random)
    }

    /// Whether the session is alive so many minutes from the beginning.
    async fn alive(&self, session: &SessionId, minutes: i64) -> bool {
        let now = self.now + TimeDelta::minutes(minutes);
        self.store.session(session, now, &LIMITS).await.unwrap().is_some()
    }
}

#[tokio::test]
async fn people_are_found_by_name_and_never_added_twice() {
    let log = Log::open().await;
    assert!(!log.store.any_person().await.unwrap());
    let alice = log.person("alice", &[Role::Viewer, Role::Admin]).await;
    assert!(log.store.any_person().await.unwrap());

    let name: PersonName = "alice".parse().unwrap();
    let found = log.store.person_by_name(&name).await.unwrap().unwrap();
    assert_eq!((found.person.id, found.person.name), (alice, name.clone()));
    assert_eq!(found.person.roles, Roles::from_iter([Role::Admin, Role::Viewer]));
    assert_eq!((found.person.sources, found.person.disabled), (Sources::All, false));
    assert_eq!(found.password.as_str(), "$argon2id$…");
    assert!(!format!("{:?}", found.password).contains("argon2id"));

    let hash = PasswordHash::new("other");
    let again = log.store.add_person(&name, &hash, &Roles::default(), &Sources::All, log.now).await;
    assert!(matches!(again, Err(AddError::Exists)));
    assert!(log.store.person_by_name(&"bob".parse().unwrap()).await.unwrap().is_none());
}

#[tokio::test]
async fn a_source_scope_is_kept() {
    let log = Log::open().await;
    let name: PersonName = "carol".parse().unwrap();
    for sources in [Sources::Only(["billing".to_owned(), "hr".to_owned()].into()), Sources::Only([].into())] {
        let name: PersonName = format!("{name} {}", sources.to_string().len()).parse().unwrap();
        let hash = PasswordHash::new("x");
        log.store.add_person(&name, &hash, &Roles::default(), &sources, log.now).await.unwrap();
        assert_eq!(log.store.person_by_name(&name).await.unwrap().unwrap().person.sources, sources);
    }
}

#[tokio::test]
async fn a_session_lives_while_it_is_used_and_at_most_so_long() {
    let log = Log::open().await;
    let alice = log.person("alice", &[Role::Viewer]).await;
    let session = log.session(alice).await;
    assert!(log.alive(&session, 29).await);
    assert!(!log.alive(&session, 30).await);

    for minutes in (0..12 * 60).step_by(20) {
        log.store.touch_session(&session, log.now + TimeDelta::minutes(minutes)).await.unwrap();
    }
    assert!(log.alive(&session, 12 * 60 - 1).await);
    assert!(!log.alive(&session, 12 * 60).await);

    // A clock set back does not shorten what was noted, nor is anything revived by it.
    log.store.touch_session(&session, log.now).await.unwrap();
    let row = log.store.session(&session, log.now + TimeDelta::minutes(701), &LIMITS).await.unwrap().unwrap();
    assert_eq!(row.last_used_at, log.now + TimeDelta::minutes(700));
    assert_eq!((row.created_at, row.person.id), (log.now, alice));
    assert!(SessionId::parse(session.as_str()).is_some() && SessionId::parse("00").is_none());
}

#[tokio::test]
async fn what_is_taken_away_is_gone_at_once() {
    let log = Log::open().await;
    let (alice, bob) = (log.person("alice", &[Role::Admin]).await, log.person("bob", &[Role::Admin]).await);
    let start = async || log.session(bob).await;

    let ended = start().await;
    assert!(log.store.end_session(&ended, log.now).await.unwrap());
    assert!(!log.store.end_session(&ended, log.now).await.unwrap());
    log.store.touch_session(&ended, log.now + TimeDelta::minutes(1)).await.unwrap();
    assert!(!log.alive(&ended, 0).await);

    let (one, two) = (start().await, start().await);
    assert_eq!(log.store.end_sessions_of(bob, log.now).await.unwrap(), 2);
    assert!(!log.alive(&one, 0).await && !log.alive(&two, 0).await);

    let disabled = start().await;
    assert_eq!(log.store.set_person_disabled(bob, true, log.now).await.unwrap(), PersonChange::Done);
    assert!(!log.alive(&disabled, 0).await);
    assert!(log.store.person_by_name(&"bob".parse().unwrap()).await.unwrap().unwrap().person.disabled);
    assert_eq!(log.store.set_person_disabled(bob, false, log.now).await.unwrap(), PersonChange::Done);
    assert!(!log.alive(&disabled, 0).await, "letting somebody in again revives no session");

    let robbed = start().await;
    let (name, other): (PersonName, _) = ("bob".parse().unwrap(), PasswordHash::new("other"));
    assert_eq!(log.store.set_person_password(bob, &other, log.now).await.unwrap(), PersonChange::Done);
    assert!(!log.alive(&robbed, 0).await);
    assert_eq!(log.store.person_by_name(&name).await.unwrap().unwrap().password, other);

    let demoted = start().await;
    let viewer = Roles::from_iter([Role::Viewer]);
    assert_eq!(log.store.set_person_roles(bob, &viewer, log.now).await.unwrap(), PersonChange::Done);
    assert!(!log.alive(&demoted, 0).await);
    let mine = log.session(alice).await;
    assert_eq!(log.store.set_person_disabled(alice, true, log.now).await.unwrap(), PersonChange::LastAdmin);
    assert_eq!(log.store.set_person_roles(alice, &viewer, log.now).await.unwrap(), PersonChange::LastAdmin);
    assert!(log.alive(&mine, 0).await, "the last admin stays, session and all");
}

#[tokio::test]
async fn sources_are_known_by_the_hash_of_their_token() {
    let log = Log::open().await;
    let (name, token): (SourceName, _) = ("billing-api".parse().unwrap(), log.secret(SecretKind::Ingest));
    log.store.add_source(&name, &token.hash(), log.now).await.unwrap();
    let found = log.store.source_by_token(&token.hash()).await.unwrap().unwrap();
    assert_eq!((&found.name, found.disabled), (&name, false));
    assert!(log.store.source_exists(&name).await.unwrap());
    assert!(!log.store.source_exists(&"hr".parse().unwrap()).await.unwrap());
    let other = log.secret(SecretKind::Ingest);
    assert!(log.store.source_by_token(&other.hash()).await.unwrap().is_none());
    assert!(matches!(log.store.add_source(&name, &other.hash(), log.now).await, Err(AddError::Exists)));

    assert!(log.store.set_source_disabled(&name, true, log.now).await.unwrap());
    assert!(log.store.source_by_token(&token.hash()).await.unwrap().unwrap().disabled);
    assert!(!log.store.set_source_disabled(&"hr".parse().unwrap(), true, log.now).await.unwrap());

    log.store.add_source(&"auth".parse().unwrap(), &other.hash(), log.now).await.unwrap();
    let names = async |sources| log.store.source_names(&Scope::new(sources, true)).await.unwrap();
    assert_eq!(names(Sources::All).await, ["auth", "billing-api"]);
    assert_eq!(names(Sources::Only(["auth".to_owned(), "gone".to_owned()].into())).await, ["auth"]);
}

#[tokio::test]
async fn a_revoked_token_is_no_token() {
    let log = Log::open().await;
    let (name, token): (TokenName, _) = ("siem".parse().unwrap(), log.secret(SecretKind::Read));
    let (roles, sources) = (Roles::from_iter([Role::Viewer]), Sources::Only(["billing".to_owned()].into()));
    log.store.add_token(&name, &token.hash(), &roles, &sources, log.now).await.unwrap();
    let found = log.store.token_by_hash(&token.hash()).await.unwrap().unwrap();
    assert_eq!((&found.name, &found.roles, &found.sources), (&name, &roles, &sources));
    let twice = log.store.add_token(&name, &log.secret(SecretKind::Read).hash(), &roles, &sources, log.now).await;
    assert!(matches!(twice, Err(AddError::Exists)));
    assert!(log.store.revoke_token(&name, log.now).await.unwrap());
    assert!(log.store.token_by_hash(&token.hash()).await.unwrap().is_none());
    assert!(!log.store.revoke_token(&name, log.now).await.unwrap());
}

#[tokio::test]
async fn a_link_makes_one_admin_once_and_within_its_time() {
    let log = Log::open().await;
    let (old, link) = (log.secret(SecretKind::Link).hash(), log.secret(SecretKind::Link).hash());
    let expires = log.now + TimeDelta::hours(1);
    log.store.add_link(&old, expires).await.unwrap();
    log.store.add_link(&link, expires).await.unwrap();
    assert!(!log.store.link_is_open(&old, log.now).await.unwrap(), "a new link replaces the last");
    assert!(log.store.link_is_open(&link, log.now).await.unwrap());
    assert!(!log.store.link_is_open(&link, expires).await.unwrap());

    let (name, hash): (PersonName, _) = ("root".parse().unwrap(), PasswordHash::new("x"));
    let late = log.store.first_admin(&link, &name, &hash, expires).await.unwrap();
    assert_eq!((late, log.store.any_person().await.unwrap()), (None, false));

    let attempt = || log.store.first_admin(&link, &name, &hash, log.now);
    let (one, two) = tokio::join!(attempt(), attempt());
    assert_eq!([one.unwrap(), two.unwrap()].iter().flatten().count(), 1);
    let admin = log.store.person_by_name(&name).await.unwrap().unwrap().person;
    assert_eq!((admin.roles, admin.sources), (Roles::from_iter([Role::Admin]), Sources::All));
    assert!(!log.store.link_is_open(&link, log.now).await.unwrap());
}

#[tokio::test]
async fn a_link_opens_nothing_once_somebody_is_there() {
    let log = Log::open().await;
    let link = log.secret(SecretKind::Link).hash();
    log.store.add_link(&link, log.now + TimeDelta::hours(1)).await.unwrap();
    log.person("alice", &[Role::Viewer]).await;
    assert!(!log.store.link_is_open(&link, log.now).await.unwrap());
    let made = log.store.first_admin(&link, &"eve".parse().unwrap(), &PasswordHash::new("x"), log.now).await;
    assert_eq!(made.unwrap(), None);
}
