//! Whoever came in, was refused or changed something.

use flightbox::{
    auth::{enrol, password::NewPassword},
    journal::By,
};
use flightbox_domain::{
    role::{Role, Roles},
    scope::Sources,
};
use serde_json::Value;

use super::{Log, form, line};

#[tokio::test]
async fn a35_each_sign_in_refusal_and_change_leaves_exactly_one_entry_and_no_secret() {
    let log = Log::filled().await;
    let server = &log.server;
    let (origin, store) = (server.origin(), &server.app().store);
    let hidden = "correct horse battery staple";
    log.leaves(server.add_person("ann", &[Role::Viewer]), &["person.add console success /people/ann"]).await;
    let token =
        log.leaves(server.add_token("siem", &[], Sources::All), &["token.add console success /tokens/siem"]).await;
    let ingest = log.leaves(server.add_source("crm"), &["source.add console success /sources/crm"]).await;
    let (name, password) = ("ann".parse().unwrap(), NewPassword::parse(hidden, "ann", "http://localhost").unwrap());
    let roles = Roles::default();
    let again = enrol::person_or_password(server.app(), By::Console, &name, password, &roles);
    log.leaves(again, &["person.password console success /people/ann"]).await.unwrap();

    let ann = server.visitor();
    let sign_in = |name: &'static str, password: &'static str| {
        let (ann, origin) = (&ann, &origin);
        async move { form(ann, origin, "/sign-in", &[("name", name), ("password", password)]).await }
    };
    log.leaves(sign_in("ann", "tr0ub4dor&3 tr0ub4dor&3"), &["session.sign-in ann failure -"]).await;
    log.leaves(sign_in("hunter2hunter2", hidden), &["session.sign-in stranger failure -"]).await;
    assert_eq!(log.leaves(sign_in("ann", hidden), &["session.sign-in ann success -"]).await, 303);

    let save = [("do", "save"), ("name", "Mine"), ("view", "?q=@password:hunter2 login")];
    let before = server.settled().await;
    assert_eq!(form(&ann, &origin, "/views", &save).await, 303);
    let saved = server.recorded(before).await;
    let slug = saved[0]["resource"]["id"].as_str().unwrap().to_owned();
    assert_eq!((saved.len(), line(&saved[0])), (1, format!("view.save ann success {slug}")));
    let short = slug.strip_prefix("/v/").unwrap();
    let change = [("do", "change"), ("slug", short), ("name", "Ours"), ("shared", "yes")];
    log.leaves(form(&ann, &origin, "/views", &change), &[&format!("view.change ann success {slug}")]).await;
    log.leaves(
        form(&ann, &origin, "/views", &[("do", "delete"), ("slug", short)]),
        &[&format!("view.delete ann success {slug}")],
    )
    .await;

    // Refusals: of another site, of a role, of a token that is none, that is for something else, or that has no role.
    log.leaves(form(&ann, "https://evil.example", "/views", &save), &["access.refuse ann denied /views"]).await;
    log.leaves(ann.get("/access"), &["access.refuse ann denied /access"]).await;
    let nobody = log.leaves(server.add_person("nobody", &[]), &["person.add console success /people/nobody"]);
    nobody.await;
    let lost = server.visitor();
    form(&lost, &origin, "/sign-in", &[("name", "nobody"), ("password", hidden)]).await;
    log.leaves(lost.get("/events"), &["access.refuse nobody denied /events"]).await;
    for (token, entry) in [
        ("nonsense", "access.refuse stranger denied /api/v1/events"),
        (&ingest, "access.refuse crm denied /api/v1/events"),
        (&token, "access.refuse siem denied /api/v1/events"),
    ] {
        let (status, _) = log.leaves(server.read_with(token, "/api/v1/events"), &[entry]).await;
        assert!(status == 401 || status == 403, "{entry}");
    }
    log.leaves(server.client().get(server.url("/metrics")).send(), &["access.refuse stranger denied /metrics"])
        .await
        .unwrap();

    // What is searched for can be a secret, too.
    for path in [
        "/events?q=@password:hunter2",
        "/events.csv?q=@user.token:hunter2",
        "/events?q=%22Bearer%20ghp_0123456789abcdefghijABCDEFGHIJ012345%22",
    ] {
        ann.text(path).await;
    }
    log.leaves(form(&ann, &origin, "/sign-out", &[]), &["session.sign-out ann success -"]).await;
    let events = store.events();
    let record = Value::Array(server.recorded(0).await).to_string();
    for secret in [hidden, "tr0ub4dor", "hunter2", &token, &ingest, "nonsense", "ghp_0123", "eyJ"] {
        assert!(!record.contains(secret), "{secret} in {events} events: {record}");
    }
    assert!(record.contains(r#"@password:\"***\""#), "{record}");
}
