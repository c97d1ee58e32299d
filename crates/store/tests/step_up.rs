//! Second factors, grants and tries, against a database of its own.

use chrono::{DateTime, TimeDelta, Utc};
use flightbox_domain::{
    keys::Master,
    random::Random,
    recovery::RecoveryCode,
    role::Roles,
    scope::Sources,
    step_up::{Method, Purpose},
};
use flightbox_store::{
    AddError, Device, FactorKind, Guess, NewFactor, PasswordHash, PersonId, Place, SessionId, Store, StoreError, Wanted,
};
use sqlx::Connection;

struct Log {
    store: Store,
    random: Random,
    now: DateTime<Utc>,
    folder: tempfile::TempDir,
}

impl Log {
    async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let master = Master::new([7; 32]).unwrap();
        let store = Store::open(folder.path(), master.into(), Random::new(|bytes| bytes.fill(7))).await.unwrap();
        let next = std::sync::atomic::AtomicU8::new(1);
        let random = Random::new(move |bytes| bytes.fill(next.fetch_add(1, std::sync::atomic::Ordering::Relaxed)));
        Self { store, random, now: "2026-11-22T12:00:00Z".parse().unwrap(), folder }
    }

    async fn person(&self, name: &str) -> PersonId {
        let hash = PasswordHash::new("$argon2id$…");
        let name = name.parse().unwrap();
        self.store.add_person(&name, &hash, &Roles::default(), &Sources::All, self.now).await.unwrap()
    }

    async fn add(&self, person: PersonId, name: &str, codes: &[RecoveryCode]) -> Result<(), AddError> {
        let name = name.parse().unwrap();
        let factor = NewFactor { kind: FactorKind::Totp, name: &name, check: b"secret", last_step: Some(7), codes };
        self.store.add_factor(person, factor, self.now, &self.random).await
    }

    async fn execute(&self, sql: &'static str) {
        let url = format!("sqlite://{}", self.folder.path().join("flightbox.db").display());
        let mut connection = sqlx::SqliteConnection::connect(&url).await.unwrap();
        sqlx::query(sql).execute(&mut connection).await.unwrap();
    }
}

#[tokio::test]
async fn a_factor_is_its_persons_and_opens_nowhere_else() {
    let log = Log::open().await;
    let (alice, bob) = (log.person("alice").await, log.person("bob").await);
    let codes = [RecoveryCode::draw(&log.random), RecoveryCode::draw(&log.random)];
    log.add(alice, "Phone", &codes).await.unwrap();
    assert!(matches!(log.add(alice, "Phone", &[]).await, Err(AddError::Exists)));
    log.add(bob, "Phone", &[]).await.unwrap();
    let [phone] = &log.store.factors(alice).await.unwrap()[..] else { panic!("one factor") };
    assert_eq!(
        (phone.name.as_str(), phone.kind, &phone.check[..], phone.used_at),
        ("Phone", FactorKind::Totp, &b"secret"[..], None)
    );
    assert!(!format!("{phone:?}").contains("secret") && !format!("{phone:?}").contains("115"));

    // A code is good once, and to its person; with the last factor the others go.
    assert!(!log.store.use_code(bob, &codes[0], log.now).await.unwrap());
    assert!(log.store.use_code(alice, &codes[0], log.now).await.unwrap());
    assert!(!log.store.use_code(alice, &codes[0], log.now).await.unwrap());
    assert_eq!(log.store.codes_left(alice).await.unwrap(), 1);
    assert!(!log.store.remove_factor(bob, phone.id).await.unwrap());
    log.execute("UPDATE factor SET person = 3 - person, name = name || ' moved'").await;
    for person in [alice, bob] {
        assert!(matches!(log.store.factors(person).await, Err(StoreError::Corrupt { table: "factor", .. })));
    }
    log.execute("UPDATE factor SET person = 3 - person, name = name || ' back'").await;
    assert!(log.store.remove_factor(alice, phone.id).await.unwrap());
    assert!(!log.store.use_code(alice, &codes[1], log.now).await.unwrap());
}

#[tokio::test]
async fn a_step_is_used_once_and_never_one_before_it() {
    let log = Log::open().await;
    let alice = log.person("alice").await;
    log.add(alice, "Phone", &[]).await.unwrap();
    let phone = log.store.factors(alice).await.unwrap().remove(0).id;
    for (step, good) in [(7, false), (9, true), (9, false), (8, false), (10, true)] {
        assert_eq!(log.store.use_step(phone, step, log.now).await.unwrap(), good, "{step}");
    }
}

#[tokio::test]
async fn tries_are_counted_by_person_and_place_and_a_clock_set_back_keeps_nobody_waiting() {
    let log = Log::open().await;
    let (alice, bob) = (log.person("alice").await, log.person("bob").await);
    let window = TimeDelta::minutes(15);
    let take = async |person, place, seconds| {
        let now = log.now + TimeDelta::seconds(seconds);
        log.store.take_guess(person, place, 2, window, now).await.unwrap()
    };
    for seconds in [0, 1] {
        assert_eq!(take(alice, Place::StepUp, seconds).await, Guess::Admitted);
    }
    assert_eq!(take(alice, Place::StepUp, 2).await, Guess::Exceeded { retry_after: 899, first: true });
    assert_eq!(take(alice, Place::StepUp, 3).await, Guess::Exceeded { retry_after: 898, first: false });
    assert_eq!(take(alice, Place::SignIn, 3).await, Guess::Admitted);
    assert_eq!(take(bob, Place::StepUp, 3).await, Guess::Admitted);
    assert_eq!(
        [
            log.store.guessed_wrong(alice, Place::StepUp).await.unwrap(),
            log.store.guessed_wrong(alice, Place::StepUp).await.unwrap()
        ],
        [1, 2]
    );
    // A right one takes itself back, and forgives.
    log.store.guessed_right(alice, Place::StepUp).await.unwrap();
    assert_eq!(take(alice, Place::StepUp, 4).await, Guess::Exceeded { retry_after: 897, first: false });
    assert_eq!(log.store.guessed_wrong(alice, Place::StepUp).await.unwrap(), 1);
    assert_eq!(take(alice, Place::StepUp, 900).await, Guess::Admitted);
    assert_eq!(take(bob, Place::StepUp, -60).await, Guess::Admitted);
}

#[tokio::test]
async fn a_grant_moves_with_its_session_and_ends_with_it() {
    let log = Log::open().await;
    let alice = log.person("alice").await;
    let ids: Vec<_> = (0..3).map(|_| SessionId::draw(&log.random)).collect();
    let device = Device { address: "192.0.2.1".to_owned(), agent: None };
    log.store.start_session(&ids[0], alice, &device, log.now).await.unwrap();
    let wanted = |session, purpose| Wanted { session, person: alice, purpose, request: "/x" };
    let good = async |session, purpose| log.store.grant(wanted(session, purpose), log.now).await.unwrap().is_some();
    let (reveal, factor) = (Purpose::Reveal, Purpose::Factor);
    assert!(log.store.step_up(wanted(&ids[0], reveal), Method::Totp, &ids[1], log.now).await.unwrap());
    assert!(!log.store.step_up(wanted(&ids[0], reveal), Method::Totp, &ids[2], log.now).await.unwrap(), "it is gone");
    assert!(log.store.step_up(wanted(&ids[1], factor), Method::Totp, &ids[2], log.now).await.unwrap());
    assert!(good(&ids[2], reveal).await && good(&ids[2], factor).await && !good(&ids[1], reveal).await);
    assert!(log.store.use_grant(wanted(&ids[2], factor), log.now).await.unwrap().is_some());
    assert!(log.store.use_grant(wanted(&ids[2], factor), log.now).await.unwrap().is_none());
    assert!(log.store.use_grant(wanted(&ids[2], reveal), log.now).await.unwrap().is_some());
    log.store.end_session(&ids[2], log.now).await.unwrap();
    assert!(!good(&ids[2], reveal).await);
    assert!(!log.store.step_up(wanted(&ids[2], reveal), Method::Totp, &ids[0], log.now).await.unwrap());
}
