//! Sources and tokens.

use chrono::TimeDelta;
use flightbox_domain::{
    name::{SourceName, TokenName},
    role::{Role, Roles},
    scope::{Scope, Sources},
    secret::SecretKind,
};
use flightbox_store::{AddError, Rotated};

use crate::Log;

#[tokio::test]
async fn sources_are_known_by_the_hash_of_their_token() {
    let log = Log::new().await;
    let (name, token): (SourceName, _) = ("billing-api".parse().unwrap(), log.secret(SecretKind::Ingest));
    log.store.add_source(&name, &token.hash(), log.now).await.unwrap();
    let found = log.store.producer_by_token(&token.hash(), log.now).await.unwrap().unwrap();
    assert_eq!((&found.source, found.disabled, found.token), (&name, false, 1));
    assert!(log.store.source_exists(&name).await.unwrap());
    assert!(!log.store.source_exists(&"hr".parse().unwrap()).await.unwrap());
    let other = log.secret(SecretKind::Ingest);
    assert!(log.store.producer_by_token(&other.hash(), log.now).await.unwrap().is_none());
    assert!(matches!(log.store.add_source(&name, &other.hash(), log.now).await, Err(AddError::Exists)));

    assert!(log.store.set_source_disabled(&name, true, log.now).await.unwrap());
    assert!(log.store.producer_by_token(&token.hash(), log.now).await.unwrap().unwrap().disabled);
    assert!(!log.store.set_source_disabled(&"hr".parse().unwrap(), true, log.now).await.unwrap());

    log.store.add_source(&"auth".parse().unwrap(), &other.hash(), log.now).await.unwrap();
    let names = async |sources| log.store.source_names(&Scope::new(sources, true)).await.unwrap();
    assert_eq!(names(Sources::All).await, ["auth", "billing-api"]);
    assert_eq!(names(Sources::Only(["auth".to_owned(), "gone".to_owned()].into())).await, ["auth"]);
}

#[tokio::test]
async fn a_source_has_two_tokens_while_one_takes_the_others_place() {
    let log = Log::new().await;
    let (name, hour): (SourceName, _) = ("billing".parse().unwrap(), TimeDelta::hours(1));
    let tokens: Vec<_> = (0..3).map(|_| log.secret(SecretKind::Ingest).hash()).collect();
    log.store.add_source(&name, &tokens[0], log.now).await.unwrap();
    let rotate = async |token: usize, until, now| {
        log.store.rotate_ingest_token(&name, &tokens[token], until, now).await.unwrap()
    };
    assert_eq!(rotate(1, Some(log.now + hour), log.now).await, Rotated::Done(2));
    assert_eq!(rotate(2, None, log.now).await, Rotated::Enough);
    let good = async |now| {
        let mut good = Vec::new();
        for token in &tokens {
            good.push(log.store.producer_by_token(token, now).await.unwrap().is_some());
        }
        good
    };
    assert_eq!(good(log.now).await, [true, true, false]);
    assert_eq!(good(log.now + hour).await, [false, true, false]);
    let numbers = async |now| {
        let tokens = log.store.ingest_tokens("billing", now).await.unwrap();
        tokens.into_iter().map(|token| (token.number, token.expires_at)).collect::<Vec<_>>()
    };
    assert_eq!(numbers(log.now).await, [(1, Some(log.now + hour)), (2, None)]);
    assert_eq!(rotate(2, None, log.now + hour).await, Rotated::Done(3));
    assert_eq!(numbers(log.now + hour).await, [(2, None), (3, None)]);
    assert!(log.store.revoke_ingest_token(&name, 2, log.now).await.unwrap());
    assert!(!log.store.revoke_ingest_token(&name, 2, log.now).await.unwrap());
    assert_eq!(good(log.now + hour).await, [false, false, true]);
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
