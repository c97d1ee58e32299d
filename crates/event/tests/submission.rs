//! What an event may look like, and what is said of one that doesn't.

use flightbox_event::{ActorKind, Event, Outcome, Problem, json, mask, parse_event};

fn read(text: &str) -> Result<Event, Vec<Problem>> {
    parse_event(&json::parse(text.as_bytes()).expect("the test sends JSON"))
}

fn accepted(text: &str) -> Event {
    read(text).unwrap_or_else(|problems| panic!("{text}: {problems:#?}"))
}

/// Path and code of every problem.
fn refused(text: &str) -> Vec<(String, &'static str)> {
    let problems = read(text).expect_err(text);
    problems.into_iter().map(|problem| (problem.path, problem.code.as_str())).collect()
}

#[test]
fn actor_and_action_make_an_event() {
    let event = accepted(r#"{"actor":"alice","action":"user.update"}"#);
    assert_eq!((event.actor.id.as_str(), event.actor.kind), ("alice", ActorKind::User));
    assert_eq!((event.action.as_str(), event.outcome), ("user.update", Outcome::Success));
    assert_eq!(event.occurred_at, None);
}

#[test]
fn flat_aliases_mean_the_native_fields() {
    let flat = r#"{"user_id":42,"action_type":"LOGIN","target_resource":"/users/42","created_at":"2026-11-22T13:31:58",
        "client_ip":"10.0.0.1","method":"POST","path":"/login","status_code":403,"response_time":0.0125,"user_agent":"curl"}"#;
    let native = r#"{"actor":"42","action":"LOGIN","resource":{"id":"/users/42","type":"users"},"outcome":"denied",
        "occurred_at":"2026-11-22T14:31:58+01:00","origin":{"ip":"10.0.0.1","user_agent":"curl"},
        "http":{"method":"POST","path":"/login","status":403,"duration_ms":12.5}}"#;
    assert_eq!(accepted(flat), accepted(native));
}

#[test]
fn a_field_under_two_names_is_a_conflict() {
    for (text, path) in [
        (r#"{"actor":"a","user_id":1,"action":"x"}"#, "user_id"),
        (r#"{"actor":"a","action":"x","action_type":"x"}"#, "action_type"),
        (r#"{"actor":"a","action":"x","origin":{"ip":"::1"},"client_ip":"::1"}"#, "client_ip"),
        (r#"{"actor":"a","action":"x","http":{"status":200},"status_code":200}"#, "status_code"),
    ] {
        assert_eq!(refused(text), [(path.to_owned(), "conflicting_fields")]);
    }
}

#[test]
fn the_status_decides_the_outcome_unless_it_is_given() {
    for (status, outcome) in [
        (200, Outcome::Success),
        (399, Outcome::Success),
        (401, Outcome::Denied),
        (403, Outcome::Denied),
        (404, Outcome::Failure),
        (500, Outcome::Failure),
    ] {
        assert_eq!(accepted(&format!(r#"{{"actor":"a","action":"x","status_code":{status}}}"#)).outcome, outcome);
    }
    assert_eq!(
        accepted(r#"{"actor":"a","action":"x","outcome":"unknown","http":{"status":500}}"#).outcome,
        Outcome::Unknown
    );
}

#[test]
fn every_problem_is_told_with_its_path() {
    let text = r#"{"acter":"a","action":"","resource":7,"outcome":"maybe","origin":{"port":70000},"http":{"status":"200"},
        "details":[],"changes":{"role":1},"sensitive":["actor.id"],"seq":1,"occurred_at":"yesterday"}"#;
    let mut found = refused(text);
    found.sort();
    let expected = [
        ("acter", "unknown_field"),
        ("action", "over_limit"),
        ("actor", "missing"),
        ("changes.role", "wrong_type"),
        ("details", "wrong_type"),
        ("http.status", "wrong_type"),
        ("occurred_at", "invalid_value"),
        ("origin.port", "invalid_value"),
        ("outcome", "invalid_value"),
        ("resource", "wrong_type"),
        ("sensitive[0]", "invalid_value"),
        ("seq", "reserved_field"),
    ];
    assert_eq!(found, expected.map(|(path, code)| (path.to_owned(), code)));
}

#[test]
fn an_unknown_field_comes_with_the_nearest_known_one() {
    let problems = read(r#"{"actor":"a","action":"x","resorce":"/x"}"#).unwrap_err();
    assert!(problems[0].message.contains("did you mean \"resource\"?"), "{}", problems[0].message);
}

#[test]
fn a_shown_value_is_short_and_masked() {
    let problems = read(r#"{"actor":"a","action":"x","password":"hunter2"}"#).unwrap_err();
    assert_eq!(problems[0].received, "string \"***\"");
    let problems = read(&format!(r#"{{"actor":"a","action":"{}"}}"#, "x".repeat(500))).unwrap_err();
    assert_eq!(problems[0].received.chars().count(), "string ".len() + 64 + 1);
}

#[test]
fn details_may_nest_sixty_four_deep_and_no_deeper() {
    let nested = |depth: usize| {
        format!(r#"{{"actor":"a","action":"x","details":{}1{}}}"#, r#"{"a":"#.repeat(depth), "}".repeat(depth))
    };
    accepted(&nested(64));
    assert_eq!(refused(&nested(65)), [("details".to_owned(), "too_deep")]);
    assert!(matches!(json::parse(nested(10_000).as_bytes()), Err(json::ParseError::TooDeep { .. })));
}

#[test]
fn a_key_that_stands_twice_is_refused_with_its_place() {
    let error = json::parse(br#"[{"a":1},{"details":{"x":1,"\u0078":2}}]"#).unwrap_err();
    assert_eq!(error, json::ParseError::DuplicateKey { path: "[1].details".into(), key: "x".into() });
    let many: Vec<_> = (0..100).map(|n| format!("\"k{n}\":1")).chain(["\"k3\":1".into()]).collect();
    assert!(json::parse(format!("{{{}}}", many.join(",")).as_bytes()).is_err());
}

#[test]
fn what_is_no_json_is_told_by_line_and_column() {
    for (text, line, column) in [("", 1, 1), ("{\"a\":1,\n  é}", 2, 3), ("[1,]", 1, 4), ("{} x", 1, 4)] {
        match json::parse(text.as_bytes()) {
            Err(json::ParseError::Syntax { line: l, column: c, .. }) => assert_eq!((l, c), (line, column), "{text}"),
            other => panic!("{text}: {other:?}"),
        }
    }
}

#[test]
fn an_event_reads_back_as_it_was_written() {
    let text = r#"{"id":"1","occurred_at":"2026-11-22T13:31:58.930Z","actor":{"id":"1042","type":"service","name":"a","email":"a@b.c"},
        "action":"user.update","resource":{"id":"/users/77","type":"users","name":"n"},"outcome":"denied","severity":"critical",
        "reason":"r","origin":{"ip":"81.2.69.142","port":1,"user_agent":"u","country":"GB","session_id":"s","request_id":"q"},
        "http":{"method":"GET","path":"/p","status":418,"duration_ms":1.5},"changes":{"role":{"before":"editor","after":null},"x":{}},
        "details":{"big":9007199254740993},"sensitive":["details.card"]}"#;
    let event = accepted(text);
    assert_eq!(accepted(&event.to_json().to_string()), event);
}

#[test]
fn secrets_are_masked_by_key_and_by_value() {
    let jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl";
    let text = format!(
        r#"{{"actor":"a","action":"x","http":{{"path":"/cb?code=1&access_token=abc"}},"reason":"sent {jwt} along",
        "changes":{{"password":{{"before":"old","after":"new"}},"role":{{"before":"a","after":"b"}}}},
        "details":{{"Secret-Access-Key":"x","nested":[{{"sessionToken":{{"deep":1}}}}],"secretId":"arn","nextToken":"n","accessKeyId":"AKIAIOSFODNN7EXAMPLE",
        "key":"-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\nafter","env":"AWS_SECRET=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "sha1":"da39a3ee5e6b4b0d3255bfef95601890afd80709","password":null}}}}"#
    );
    let mut event = accepted(&text);
    mask(&mut event);
    let written = event.to_json().to_string();
    for secret in ["abc", "c2lnbmF0dXJl", "old", "new\"", "MIIE", "wJalr", "deep"] {
        assert!(!written.contains(secret), "{secret} in {written}");
    }
    for evidence in [
        "code=1",
        "sent *** along",
        "\"arn\"",
        "AKIAIOSFODNN7EXAMPLE",
        "***\\nafter",
        "da39a3ee",
        "\"before\":\"a\"",
        "\"password\":null",
        "nextToken\":\"n\"",
    ] {
        assert!(written.contains(evidence), "{evidence} not in {written}");
    }
}

#[test]
fn a_sensitive_path_names_something_that_can_be_sealed() {
    let with = |path: &str| format!(r#"{{"actor":"a","action":"x","sensitive":["{path}"]}}"#);
    for path in ["details.card", "details.a.b", "changes.email", "actor.email", "reason", "http.path"] {
        assert_eq!(accepted(&with(path)).sensitive, [path]);
    }
    for path in ["details", "details.", "details..a", "actor", "actor.id", "http.method", "card", "user_agent", "seq"] {
        assert_eq!(refused(&with(path)), [("sensitive[0]".to_owned(), "invalid_value")], "{path}");
    }
}
