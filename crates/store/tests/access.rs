//! Who may send and who may read, against a database of its own.

use std::sync::atomic::{AtomicU8, Ordering};

use chrono::{DateTime, TimeDelta, Utc};
use flightbox_domain::{
    keys::Master,
    name::{PersonName, SourceName, TokenName},
    random::Random,
    role::{Role, Roles},
    scope::{Scope, Sources},
    secret::{Secret, SecretHash, SecretKind},
};
use flightbox_store::{
    AddError, Device, LinkFor, PasswordHash, PersonChange, PersonId, SessionId, SessionLimits, Store,
};

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
async fn sources_are_known_by_the_hash_of_their_token() {
    let log = Log::new().await;
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
    let log = Log::new().await;
    let (name, token): (TokenName, _) = ("siem".parse().unwrap(), log.secret(SecretKind::Read));
    let (roles, sources) = (Roles::from_iter([Role::Viewer]), Sources::Only(["billing".to_owned()].into()));
    log.store.add_token(&name, &token.hash(), &roles, &sources, log.now).await.unwrap();
    let found = log.store.token_by_hash(&token.hash(), log.now).await.unwrap().unwrap();
    assert_eq!((&found.name, &found.roles, &found.sources), (&name, &roles, &sources));
    let twice = log.store.add_token(&name, &log.secret(SecretKind::Read).hash(), &roles, &sources, log.now).await;
    assert!(matches!(twice, Err(AddError::Exists)));
    assert!(log.store.revoke_token(&name, log.now).await.unwrap());
    assert!(log.store.token_by_hash(&token.hash(), log.now).await.unwrap().is_none());
    assert!(!log.store.revoke_token(&name, log.now).await.unwrap());
}

#[tokio::test]
async fn a_link_makes_one_admin_once_and_within_its_time() {
    let log = Log::new().await;
    let (old, link) = (log.secret(SecretKind::Link).hash(), log.secret(SecretKind::Link).hash());
    let expires = log.now + TimeDelta::hours(1);
    log.store.add_link(&old, expires).await.unwrap();
    log.store.add_link(&link, expires).await.unwrap();
    assert!(!log.open(&old, log.now).await, "a new link replaces the last");
    assert!(log.open(&link, log.now).await);
    assert!(!log.open(&link, expires).await);

    let (name, hash): (PersonName, _) = ("root".parse().unwrap(), PasswordHash::new("x"));
    let late = log.store.first_admin(&link, &name, &hash, expires).await.unwrap();
    assert_eq!((late, log.store.any_person().await.unwrap()), (None, false));

    let attempt = || log.store.first_admin(&link, &name, &hash, log.now);
    let (one, two) = tokio::join!(attempt(), attempt());
    assert_eq!([one.unwrap(), two.unwrap()].iter().flatten().count(), 1);
    let admin = log.store.person_by_name(&name).await.unwrap().unwrap().person;
    assert_eq!((admin.roles, admin.sources), (Roles::from_iter([Role::Admin]), Sources::All));
    assert!(!log.open(&link, log.now).await);
}

#[tokio::test]
async fn a_link_opens_nothing_once_somebody_is_there() {
    let log = Log::new().await;
    let link = log.secret(SecretKind::Link).hash();
    log.store.add_link(&link, log.now + TimeDelta::hours(1)).await.unwrap();
    log.person("alice", &[Role::Viewer]).await;
    assert!(!log.open(&link, log.now).await);
    let made = log.store.first_admin(&link, &"eve".parse().unwrap(), &PasswordHash::new("x"), log.now).await;
    assert_eq!(made.unwrap(), None);
}

#[tokio::test]
async fn an_invited_person_has_no_password_until_the_link_is_used() {
    let log = Log::new().await;
    let (name, link): (PersonName, _) = ("bob".parse().unwrap(), log.secret(SecretKind::Link).hash());
    let (roles, expires) = (Roles::from_iter([Role::Admin]), log.now + TimeDelta::hours(24));
    let invite = || log.store.invite_person(&name, &roles, &Sources::All, (&link, expires), log.now);
    let bob = invite().await.unwrap();
    assert!(matches!(invite().await, Err(AddError::Exists)));
    assert!(log.store.person_listed(&name).await.unwrap().unwrap().invited);
    assert_eq!(log.store.person_by_name(&name).await.unwrap().unwrap().password, None);
    let Some(LinkFor::Person(person)) = log.store.link(&link, log.now).await.unwrap() else { panic!("open") };
    assert_eq!((person.id, &person.name), (bob, &name));
    assert!(!log.open(&link, expires).await);

    // Whoever cannot sign in yet keeps no log from being without an admin.
    let alice = log.person("alice", &[Role::Admin]).await;
    assert_eq!(log.store.set_person_disabled(alice, true, log.now).await.unwrap(), PersonChange::LastAdmin);

    let hash = PasswordHash::new("x");
    assert!(!log.store.use_link(&link, alice, &hash, log.now).await.unwrap(), "somebody else's");
    let attempt = || log.store.use_link(&link, bob, &hash, log.now);
    let (one, two) = tokio::join!(attempt(), attempt());
    assert_eq!([one.unwrap(), two.unwrap()].iter().filter(|used| **used).count(), 1);
    assert!(!log.store.person_listed(&name).await.unwrap().unwrap().invited);
    assert!(!log.open(&link, log.now).await);
    assert_eq!(log.store.first_admin(&link, &"eve".parse().unwrap(), &hash, log.now).await.unwrap(), None);
}

#[tokio::test]
async fn a_link_for_a_lost_password_ends_every_session_when_it_is_used() {
    let log = Log::new().await;
    log.person("alice", &[Role::Admin]).await;
    let bob = log.person("bob", &[Role::Viewer]).await;
    let (old, link) = (log.secret(SecretKind::Link).hash(), log.secret(SecretKind::Link).hash());
    let (session, expires) = (log.session(bob).await, log.now + TimeDelta::hours(24));
    log.store.add_person_link(bob, &old, expires).await.unwrap();
    log.store.add_person_link(bob, &link, expires).await.unwrap();
    assert!(!log.open(&old, log.now).await && log.open(&link, log.now).await);
    log.store.set_person_grants(bob, &Roles::default(), &Sources::All, log.now).await.unwrap();
    assert!(log.open(&link, log.now).await, "other roles leave it as it is");
    assert!(!log.alive(&session, 0).await);
    let session = log.session(bob).await;
    assert!(log.store.use_link(&link, bob, &PasswordHash::new("y"), log.now).await.unwrap());
    assert!(!log.alive(&session, 0).await);

    let third = log.secret(SecretKind::Link).hash();
    log.store.add_person_link(bob, &third, expires).await.unwrap();
    log.store.set_person_disabled(bob, true, log.now).await.unwrap();
    log.store.set_person_disabled(bob, false, log.now).await.unwrap();
    assert!(!log.open(&third, log.now).await, "letting somebody in again revives no link");
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

#[tokio::test]
async fn a_token_never_allows_more_than_its_maker_may_now() {
    let log = Log::new().await;
    log.person("root", &[Role::Admin]).await;
    let bob = log.person("bob", &[Role::Viewer, Role::Investigator]).await;
    let (name, token): (TokenName, _) = ("siem".parse().unwrap(), log.secret(SecretKind::Read));
    let roles = Roles::from_iter([Role::Viewer, Role::Investigator]);
    let sources = Sources::Only(["billing".to_owned(), "hr".to_owned()].into());
    let expires = log.now + TimeDelta::days(7);
    log.store.add_token_of((bob, expires), &name, &token.hash(), (&roles, &sources), log.now).await.unwrap();
    let good = async |now| log.store.token_by_hash(&token.hash(), now).await.unwrap();
    assert_eq!(good(log.now).await.map(|token| (token.roles, token.sources)), Some((roles.clone(), sources.clone())));
    assert_eq!(good(expires).await, None);
    let listed = &log.store.tokens(Some(bob)).await.unwrap()[0];
    assert_eq!((listed.maker.as_ref().unwrap().as_str(), listed.expires_at), ("bob", Some(expires)));

    let billing = Sources::Only(["billing".to_owned(), "web".to_owned()].into());
    log.store.set_person_grants(bob, &Roles::from_iter([Role::Viewer]), &billing, log.now).await.unwrap();
    let bounded = (Roles::from_iter([Role::Viewer]), Sources::Only(["billing".to_owned()].into()));
    assert_eq!(good(log.now).await.map(|token| (token.roles, token.sources)), Some(bounded));
    log.store.set_person_grants(bob, &Roles::from_iter([Role::Admin]), &billing, log.now).await.unwrap();
    assert_eq!(good(log.now).await, None, "none of its roles is left");
    log.store.set_person_grants(bob, &roles, &Sources::All, log.now).await.unwrap();
    log.store.set_person_disabled(bob, true, log.now).await.unwrap();
    assert_eq!(good(log.now).await, None);
}
