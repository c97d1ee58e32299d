//! `GET /pages/completion`: what a query that is being written could go on with.

use crate::common::{TestServer, Visitor};
use flightbox_domain::{
    role::Role,
    scope::{SELF_SOURCE, Sources},
};
use reqwest::StatusCode;
use serde_json::{Value, json};

/// What is offered where the bar stands.
async fn offered(visitor: &Visitor<'_>, marked: &str) -> Value {
    let (before, after) = marked.split_once('|').unwrap();
    let request = visitor.request("/pages/completion").query(&[("before", before), ("after", after)]);
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK, "{marked}");
    response.json().await.unwrap()
}

async fn texts(visitor: &Visitor<'_>, marked: &str) -> Vec<String> {
    let offer = offered(visitor, marked).await;
    offer["choices"].as_array().unwrap().iter().map(|choice| choice["text"].as_str().unwrap().to_owned()).collect()
}

fn only(source: &str) -> Sources {
    Sources::Only([source.to_owned()].into())
}

#[tokio::test]
async fn keys_come_with_what_they_mean_and_values_with_how_many_events_have_them() {
    let server = TestServer::start().await;
    let billing = server.producer("billing").await;
    let event = |id: &str, name: &str| json!({"actor": {"id": id, "name": name}, "action": "user.update"});
    billing.send(json!([event("u_1", "Alice B"), event("u_1", "Alice B"), event("u_2", "bob")]).to_string()).await;
    let visitor = server.signed_in("vera", &[Role::Viewer], Sources::All).await;

    let offer = offered(&visitor, "日志😀 (out|)").await;
    assert_eq!(
        offer,
        json!({"from": 6, "to": 9, "unasked": false, "choices": [
            {"text": "outcome:", "label": "outcome:", "about": "How it ended: success, failure, denied or unknown.", "count": ""}
        ]})
    );
    assert_eq!(texts(&visitor, "-outcome:denied,f|").await, ["failure"]);
    assert_eq!(texts(&visitor, "severity:|").await, ["info", "notice", "warning", "critical"]);
    assert_eq!(offered(&visitor, "created:-7|").await["choices"][0]["about"], "Last 7 days");
    assert_eq!(texts(&visitor, "method:p|").await, ["POST", "PUT", "PATCH"]);
    let offer = offered(&visitor, "outcome:success actor:A|xx action:user").await;
    assert_eq!(
        offer,
        json!({"from": 22, "to": 25, "unasked": false, "choices": [
            {"text": "\"Alice B\"", "label": "Alice B", "about": "u_1", "count": "2"}
        ]})
    );
    assert_eq!(offered(&visitor, "|").await["unasked"], true);
    assert_eq!(texts(&visitor, "|").await.len(), 10);
    for nothing in ["actor:u_2|", "\"al|", "@ticket:a|", "@t|", "actr:a|", "actor:~al|", "alice|"] {
        assert_eq!(texts(&visitor, nothing).await, [""; 0], "{nothing}");
    }
}

#[tokio::test]
async fn nobody_is_offered_what_they_may_not_see() {
    let server = TestServer::start().await;
    server.producer("billing").await.send(json!({"actor": "bill", "action": "pay"}).to_string()).await;
    server.producer("hr").await.send(json!({"actor": "harriet", "action": "hire"}).to_string()).await;
    let billing = server.signed_in("bea", &[Role::Admin], only("billing")).await;
    let viewer = server.signed_in("vera", &[Role::Viewer], Sources::All).await;
    let investigator = server.signed_in("ines", &[Role::Investigator], Sources::All).await;

    for (marked, seen) in [
        ("actor:|", vec!["bill"]),
        ("actor:har|", vec![]),
        ("action:h|", vec![]),
        ("source:hr actor:h|", vec![]),
        ("source:h|", vec![]),
    ] {
        assert_eq!(texts(&billing, marked).await, seen, "{marked}");
    }
    // The journal holds who signed in, for those who may see it and ask for it.
    assert_eq!(texts(&viewer, "source:|").await, ["billing", "hr"]);
    assert_eq!(texts(&viewer, "source:flightbox actor:i|").await, [""; 0]);
    assert_eq!(texts(&viewer, "action:session|").await, [""; 0]);
    assert_eq!(texts(&investigator, "source:f|").await, [SELF_SOURCE]);
    assert_eq!(texts(&investigator, "action:session|").await, [""; 0]);
    assert!(texts(&investigator, "source:flightbox action:session|").await.contains(&"session.sign-in".to_owned()));
    assert_eq!(texts(&investigator, "source:flightbox actor:i|").await, ["ines"]);
}

#[tokio::test]
async fn a_path_into_the_details_is_completed_and_then_its_values_but_none_that_is_masked() {
    let server = TestServer::start().await;
    let billing = server.producer("billing").await;
    let event = |details: Value| json!({"actor": "alice", "action": "pay", "details": details});
    let mut events = vec![
        event(
            json!({"errorCode": "Too Far", "error": {"line": 7}, "errors": [{"name": "first"}], "password": "hunter22"}),
        ),
        event(json!({"errorCode": "Denied", "not a path": 1, "purse": {"number": "4111"}})),
        event(json!({"errorCode": "Denied", "none": null})),
    ];
    events[1]["sensitive"] = json!(["details.purse.number"]);
    billing.send(json!(events).to_string()).await;
    server.producer("hr").await.send(event(json!({"errand": "secret", "errorCode": "Fired"})).to_string()).await;
    let bea = server.signed_in("bea", &[Role::Viewer], only("billing")).await;
    let all = server.signed_in("vera", &[Role::Viewer], Sources::All).await;

    let offer = offered(&bea, "-@err|x alice").await;
    assert_eq!((&offer["from"], &offer["to"], &offer["unasked"]), (&json!(1), &json!(6), &json!(false)));
    assert_eq!(offer["choices"][0], json!({"text": "@errorCode:", "label": "@errorCode:", "about": "", "count": "3"}));
    assert_eq!(texts(&bea, "@err|").await, ["@errorCode:", "@error.line:", "@errors.name:"]);
    assert_eq!(texts(&bea, "@ERROR.|").await, ["@error.line:"], "whoever types it need not know its case");
    assert_eq!(texts(&bea, "@|").await.len(), 5);
    assert_eq!(texts(&bea, "@errorCode:|").await, ["Denied", "\"Too Far\""]);
    assert_eq!(texts(&bea, "@errorCode:T|").await, ["\"Too Far\""]);
    assert_eq!(texts(&bea, "@error.line:|").await, ["7"]);
    // What nobody may read has a path and no value.
    assert_eq!(texts(&bea, "@pass|").await, ["@password:"]);
    assert_eq!(texts(&bea, "@purse|").await, ["@purse.number:"]);
    for nothing in ["@password:|", "@purse.number:|", "@errand|", "@errorCode:F|", "@errorcode:|", "@not|", "@none|"] {
        assert_eq!(texts(&bea, nothing).await, [""; 0], "{nothing}");
    }
    assert_eq!(texts(&all, "@erra|").await, ["@errand:"]);
    assert_eq!(texts(&all, "@errorCode:F|").await, ["Fired"]);
    // The record of who signed in has details, too, for those who may see it and ask for it.
    let ines = server.signed_in("ines", &[Role::Investigator], Sources::All).await;
    all.text("/events?q=alice").await;
    server.settled().await;
    assert_eq!(texts(&ines, "@query|").await, [""; 0]);
    assert_eq!(texts(&ines, "source:flightbox @query|").await, ["@query:"]);
    assert_eq!(texts(&all, "source:flightbox @query|").await, [""; 0]);
}

#[tokio::test]
async fn strangers_are_offered_nothing() {
    let server = TestServer::start().await;
    let response = server.client().get(server.url("/pages/completion?before=actor:&after=")).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
}
