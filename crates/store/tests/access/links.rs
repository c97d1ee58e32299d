//! One-time links.

use chrono::TimeDelta;
use flightbox_domain::{
    name::PersonName,
    role::{Role, Roles},
    scope::Sources,
    secret::SecretKind,
};
use flightbox_store::{AddError, LinkFor, PasswordHash, PersonChange};

use crate::Log;

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
