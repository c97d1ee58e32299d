//! What even an admin may not do to people.

use flightbox_domain::{role::Role, scope::Sources};
use reqwest::StatusCode;

use super::root;
use crate::common::TestServer;

#[tokio::test]
async fn nobody_changes_what_they_may_do_themselves() {
    let server = TestServer::start().await;
    let root = root(&server).await;
    for form in [
        &[("do", "grant"), ("role", "investigator"), ("scope", "all")][..],
        &[("do", "disable")],
        &[("do", "reset")],
        &[("do", "end-all")],
    ] {
        assert_eq!(root.send("/people/root", form).await.status(), StatusCode::FORBIDDEN, "{form:?}");
    }
    let page = root.text("/people/root").await;
    assert!(page.contains("This is you.") && !page.contains("action=\"/people/root\""));
    assert_eq!(root.send("/people/nobody", &[("do", "disable")]).await.status(), StatusCode::NOT_FOUND);
    assert_eq!(root.get("/people/nobody").await.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn whoever_sees_some_sources_gives_away_no_more() {
    let server = TestServer::start().await;
    for source in ["billing", "hr"] {
        server.add_source(source).await;
    }
    let billing = Sources::Only(["billing".to_owned()].into());
    let carol = server.signed_in("carol", &[Role::Admin], billing.clone()).await;
    server.add_person("root", &[Role::Admin]).await;
    server
        .add_scoped_person("dora", &[Role::Viewer], Sources::Only(["billing".to_owned(), "hr".to_owned()].into()))
        .await;
    server.add_scoped_person("bob", &[Role::Viewer], billing).await;
    for scope in [("scope", "all"), ("source", "hr")] {
        let response = carol.send("/people", &[("name", "eve"), ("role", "viewer"), scope]).await;
        assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY, "{scope:?}");
        let response = carol.send("/people/bob", &[("do", "grant"), ("role", "viewer"), scope]).await;
        assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY, "{scope:?}");
    }
    for name in ["root", "dora"] {
        for deed in ["disable", "reset", "end-all"] {
            let response = carol.send(&format!("/people/{name}"), &[("do", deed)]).await;
            assert_eq!(response.status(), StatusCode::FORBIDDEN, "{deed} {name}");
        }
    }
    let page = carol.text("/people").await;
    assert!(page.contains("billing and 1 more") && !page.contains("hr<"), "{page}");
    assert!(!carol.text("/people/dora").await.contains(">hr<"));
    assert_eq!(carol.send("/people/bob", &[("do", "disable")]).await.status(), StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn people_are_for_admins_and_the_account_is_for_everybody() {
    let server = TestServer::start().await;
    server.add_person("bob", &[Role::Viewer]).await;
    let investigator = server.signed_in("ivy", &[Role::Viewer, Role::Investigator], Sources::All).await;
    for path in ["/people", "/people/bob", "/pages/people?tz=", "/pages/person?name=bob&tz="] {
        assert_eq!(investigator.get(path).await.status(), StatusCode::FORBIDDEN, "{path}");
    }
    for path in ["/people", "/people/bob"] {
        assert_eq!(investigator.send(path, &[("do", "disable"), ("name", "x")]).await.status(), StatusCode::FORBIDDEN);
    }
    assert!(investigator.text("/account").await.contains("viewer, investigator"));
    let nobody = server.signed_in("norole", &[], Sources::All).await;
    assert!(nobody.text("/account").await.contains("no role"));
    let foreign = investigator.post("/account").header("origin", "https://evil.example").form(&[("do", "end-all")]);
    assert_eq!(foreign.send().await.unwrap().status(), StatusCode::FORBIDDEN);
}
