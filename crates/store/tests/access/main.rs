//! Who may send and who may read, against a database of its own.

mod approvals;
mod links;
mod programs;
mod views;

use std::sync::atomic::{AtomicU8, Ordering};

use chrono::{DateTime, TimeDelta, Utc};
use flightbox_domain::{
    keys::Master,
    name::PersonName,
    random::Random,
    role::{Role, Roles},
    scope::Sources,
    secret::{Secret, SecretHash, SecretKind},
};
use flightbox_store::{AddError, Device, PasswordHash, PersonChange, PersonId, SessionId, SessionLimits, Store};

const LIMITS: SessionLimits = SessionLimits { idle: TimeDelta::minutes(30), absolute: TimeDelta::hours(12) };

fn device() -> Device {
    Device { address: "192.0.2.1".to_owned(), agent: Some("a browser".to_owned()) }
}

struct Log {
    store: Store,
    random: Random,
    now: DateTime<Utc>,
    _folder: tempfile::TempDir,
}

impl Log {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let master = Master::new([7; 32]).unwrap();
        let store = Store::open(folder.path(), master.into(), Random::new(|bytes| bytes.fill(7))).await.unwrap();
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
        self.store.start_session(&id, person, &device(), self.now).await.unwrap();
        id
    }

    fn secret(&self, kind: SecretKind) -> Secret {
        Secret::draw(kind, &self.random)
    }

    /// Whether a link can be used.
    async fn open(&self, link: &SecretHash, now: DateTime<Utc>) -> bool {
        self.store.link(link, now).await.unwrap().is_some()
    }

    /// Whether the session is alive so many minutes from the beginning.
    async fn alive(&self, session: &SessionId, minutes: i64) -> bool {
        let now = self.now + TimeDelta::minutes(minutes);
        self.store.session(session, now, &LIMITS).await.unwrap().is_some()
    }
}

#[tokio::test]
async fn people_are_found_by_name_and_never_added_twice() {
    let log = Log::new().await;
    assert!(!log.store.any_person().await.unwrap());
    let alice = log.person("alice", &[Role::Viewer, Role::Admin]).await;
    assert!(log.store.any_person().await.unwrap());

    let name: PersonName = "alice".parse().unwrap();
    let found = log.store.person_by_name(&name).await.unwrap().unwrap();
    assert_eq!((found.person.id, found.person.name), (alice, name.clone()));
    assert_eq!(found.person.roles, Roles::from_iter([Role::Admin, Role::Viewer]));
    assert_eq!((found.person.sources, found.person.disabled), (Sources::All, false));
    assert_eq!(found.password.as_ref().unwrap().as_str(), "$argon2id$…");
    assert!(!format!("{:?}", found.password).contains("argon2id"));

    let hash = PasswordHash::new("other");
    let again = log.store.add_person(&name, &hash, &Roles::default(), &Sources::All, log.now).await;
    assert!(matches!(again, Err(AddError::Exists)));
    assert!(log.store.person_by_name(&"bob".parse().unwrap()).await.unwrap().is_none());
}

#[tokio::test]
async fn a_source_scope_is_kept() {
    let log = Log::new().await;
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
    let log = Log::new().await;
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
    let log = Log::new().await;
    let (alice, bob) = (log.person("alice", &[Role::Admin]).await, log.person("bob", &[Role::Admin]).await);
    let start = async || log.session(bob).await;

    let ended = start().await;
    assert!(log.store.end_session(&ended, log.now).await.unwrap());
    assert!(!log.store.end_session(&ended, log.now).await.unwrap());
    log.store.touch_session(&ended, log.now + TimeDelta::minutes(1)).await.unwrap();
    assert!(!log.alive(&ended, 0).await);

    let (one, two) = (start().await, start().await);
    assert_eq!(log.store.end_sessions_of(bob, None, log.now).await.unwrap(), 2);
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
    assert_eq!(log.store.person_by_name(&name).await.unwrap().unwrap().password, Some(other));

    let demoted = start().await;
    let viewer = Roles::from_iter([Role::Viewer]);
    assert_eq!(log.store.set_person_grants(bob, &viewer, &Sources::All, log.now).await.unwrap(), PersonChange::Done);
    assert!(!log.alive(&demoted, 0).await);
    let mine = log.session(alice).await;
    assert_eq!(log.store.set_person_disabled(alice, true, log.now).await.unwrap(), PersonChange::LastAdmin);
    assert_eq!(
        log.store.set_person_grants(alice, &viewer, &Sources::All, log.now).await.unwrap(),
        PersonChange::LastAdmin
    );
    assert!(log.alive(&mine, 0).await, "the last admin stays, session and all");
}

#[tokio::test]
async fn a_persons_sessions_are_listed_and_end_one_by_one_or_all_but_one() {
    let log = Log::new().await;
    let bob = log.person("bob", &[Role::Viewer]).await;
    let (one, two, three) = (log.session(bob).await, log.session(bob).await, log.session(bob).await);
    log.store.touch_session(&two, log.now + TimeDelta::minutes(5)).await.unwrap();
    log.store.end_session(&one, log.now).await.unwrap();
    let listed = log.store.sessions_of(bob, log.now, &LIMITS).await.unwrap();
    assert_eq!(listed.iter().map(|session| &session.id).collect::<Vec<_>>(), [&two, &three]);
    assert_eq!(listed[0].device, device());
    let seen = log.store.people().await.unwrap()[0].seen_at;
    assert_eq!(seen, Some(log.now + TimeDelta::minutes(5)));
    assert_eq!(log.store.end_sessions_of(bob, Some(&three), log.now).await.unwrap(), 1);
    assert!(log.alive(&three, 0).await && !log.alive(&two, 0).await);

    let fresh = SessionId::draw(&log.random);
    log.store.renew_password(bob, &PasswordHash::new("z"), &fresh, &device(), log.now).await.unwrap();
    assert!(log.alive(&fresh, 0).await && !log.alive(&three, 0).await);
}
