//! What retention does to proofs: nothing.

use flightbox_domain::tree::{verify_consistency, verify_inclusion};
use flightbox_store::{Audit, DamageKind};

use super::*;

#[tokio::test]
async fn t11_old_proofs_hold_after_the_events_that_they_are_about_are_removed() {
    let log = Fixture::open().await;
    let old = received(
        &log.store,
        "chatty",
        "2026-01-10T10:00:00Z",
        (0..600).map(|n| event(&format!("a{n}"), "read", "2026-01-10T10:00:00Z")),
    )
    .await;
    let (size, root) = (600, log.store.root(600).await.unwrap());
    let proof = log.store.inclusion(17, size).await.unwrap().unwrap();
    keep(&log.store, "chatty", 60).await;
    run(&log.store, "2026-11-22T12:00:00Z").await;
    assert_eq!(log.store.event(&log.everything(), 17).await.unwrap(), None, "it is gone");

    verify_inclusion(old[17].leaf, 17, size, &proof, root).unwrap();
    let grown = log.store.events().cast_unsigned();
    assert!(grown > size, "the run is recorded");
    let whole = log.store.root(grown).await.unwrap();
    let growth = log.store.consistency(size, grown).await.unwrap().unwrap();
    verify_consistency(size, root, grown, whole, &growth).unwrap();
    let again = log.store.inclusion(17, grown).await.unwrap().unwrap();
    verify_inclusion(old[17].leaf, 17, grown, &again, whole).unwrap();
}

#[tokio::test]
async fn what_retention_removed_is_counted_by_verification_and_no_damage() {
    let log = Fixture::open().await;
    let old = (0..600).map(|n| event(&format!("a{n}"), "read", "2026-01-10T10:00:00Z"));
    received(&log.store, "chatty", "2026-01-10T10:00:00Z", old).await;
    let root = log.store.root(600).await.unwrap();
    keep(&log.store, "chatty", 60).await;
    run(&log.store, "2026-11-22T12:00:00Z").await;
    let mut audit = Audit::open(log.folder(), &common::master().into()).await.unwrap();
    let audited = audit.verify(&[600], |_, _| ()).await.unwrap();
    assert_eq!((audited.removed, audited.damage, &audited.roots[..]), (600, None, &[Some(root)][..]));
    common::sql(log.folder(), "DELETE FROM removal").await;
    let damage = audit.verify(&[], |_, _| ()).await.unwrap().damage.unwrap();
    assert_eq!((damage.first, damage.kind, damage.places), (0, DamageKind::Missing, 600));
}
