//! What the index holds of a record, and what is asked of it.

use flightbox_domain::{
    filter::{Expr, Vocabulary},
    scope::{Scope, Sources},
    terms::Field,
};

use crate::sample::{filter, keys, record};

/// Terms of one record that another does not have.
fn more(members: &str, than: &str) -> Vec<String> {
    let (all, known) = (record(members).terms, record(than).terms);
    all.into_iter().filter(|term| !known.contains(term)).collect()
}

fn term(field: Field, value: &str) -> String {
    field.term(&keys(), value).0
}

#[test]
fn a_word_that_is_a_value_already_costs_no_posting() {
    let words = |members: &str| -> Vec<String> {
        record(members).terms.into_iter().filter(|term| term.starts_with('w')).collect()
    };
    assert_eq!(words(r#""action":"team.add","resource":{"id":"/teams/red","type":"teams"}"#), ["wadd", "wred"]);
    assert_eq!(words(r#""action":"Login","resource":{"id":"x","type":"t"}"#), ["wlogin"]);
}

#[test]
fn what_most_requests_share_costs_no_postings() {
    let usual = r#""http":{"method":"GET","status":200}"#;
    assert_eq!(more("", usual), ["n"]);
    assert_eq!(more(r#""http":{"status":200}"#, usual), ["m\u{201}n"]);
    assert_eq!(more(r#""http":{"method":"GET"}"#, usual), ["h\u{201}n"]);
    assert_eq!(more(r#""http":{"method":"post","status":200}"#, usual), [term(Field::Method, "POST")]);
    assert_eq!(more(r#""http":{"method":"x","status":200}"#, usual), [term(Field::Method, "X"), "m\u{201}".to_owned()]);
    assert_eq!(more(r#""http":{"method":"GET","status":204}"#, usual), ["h204"]);
    assert_eq!(more(r#""http":{"method":"GET","status":226}"#, usual), ["h226", "h2\u{201}"]);
    assert_eq!(more(r#""outcome":"success","http":{"method":"GET","status":404}"#, usual), ["h404", "h4\u{201}"]);
    assert_eq!(more(usual, r#""outcome":"success","http":{"method":"POST","status":404}"#), [""; 0]);
}

#[test]
fn each_new_field_is_one_term() {
    assert_eq!(more(r#""origin":{"country":"de"}"#, ""), [term(Field::Country, "DE")]);
    assert_eq!(more(r#""origin":{"user_agent":"curl"}"#, ""), ["gcurl"]);
    assert_eq!(more(r#""occurred_at":"2030-01-01T00:00:00Z""#, ""), [term(Field::Flag, "clock-skew")]);
    assert_eq!(more(r#""sensitive":["details.card"]"#, ""), ["l"]);
    let request = more(r#""origin":{"request_id":"0123456789abcdef"}"#, "");
    assert!(request.len() == 1 && request[0].starts_with('q') && request[0].len() == 5, "{request:?}");
}

#[test]
fn statuses_are_asked_for_by_whole_classes() {
    let asks = |query: &str| filter(query).at_most(&keys(), &Scope::new(Sources::All, true)).to_string();
    assert_eq!(asks("status:>=400"), "(h4\u{201} OR h5\u{201})");
    assert_eq!(asks("status:404"), "h404");
    assert_eq!(asks("status:400..500"), "(h4\u{201} OR h500)");
    assert_eq!(asks("status:>401 status:<500"), filter_of("status:>401").and(filter_of("status:<500")).to_string());
    assert_eq!(asks("status:402..499"), "(h4\u{201} NOT (h400 OR h401))");
    assert_eq!(asks("status:600"), "(z NOT z)");
}

fn filter_of(query: &str) -> Expr {
    filter(query).at_most(&keys(), &Scope::new(Sources::All, true))
}

#[test]
fn what_the_index_knows_exactly_needs_no_test() {
    for query in [
        "method:GET",
        "-method:GET",
        "method:POST",
        "method:*",
        "status:200",
        "status:404",
        "status:*",
        "status:>=400",
        "status:<400",
        "status:200..299",
        "status:402..499",
        "severity:info",
        "severity:warning",
        "actor.type:user",
        "actor.type:service",
        "outcome:success",
        "-outcome:success,denied",
        "agent:curl/8",
        "country:de",
        "resource.type:users",
        "flag:clock-skew",
        "flag:first-seen-ip",
        "flag:*",
        "sensitive:no",
        "created:*",
        "ip:10.0.0.0/8",
        "ip:10.16.0.0/12",
        "ip:10.0.0.4/30",
    ] {
        assert!(filter(query).is_exact(), "{query}");
    }
    for query in [
        "status:430..470",
        "ip:10.0.0.0/9",
        "path:/a",
        "request:r",
        "session:s1",
        "@a:1",
        "@a:*",
        "@a:>1",
        "action:team.*",
        "id:a",
        "duration:1",
    ] {
        assert!(!filter(query).is_exact(), "{query}");
    }
}

#[test]
fn what_the_index_cannot_prove_it_still_narrows() {
    let nothing = record("");
    for query in
        ["path:/a", "request:r", "session:s", "@a:1", "@a:*", "@a:>1", "@a:x*", "action:team.*", "status:430..470"]
    {
        assert_eq!(nothing.indexed(&filter(query)), (false, false), "{query}");
    }
}

#[test]
fn a_prefix_that_the_vocabulary_knows_needs_no_test_unless_a_term_was_cut() {
    let long = "x".repeat(50);
    let known = record(&format!(r#""origin":{{"user_agent":"{long}","country":"de"}}"#));
    let exact = |query: &str| {
        let filter = filter(query);
        let mut vocabulary = Vocabulary::default();
        for prefix in filter.prefixes() {
            let terms = known.terms.iter().filter(|term| term.starts_with(prefix.stem())).cloned().collect();
            vocabulary.insert(prefix, terms);
        }
        filter.expanded(&keys(), &vocabulary).is_exact()
    };
    let longer_than_what_is_clear = format!("agent:{}*", &long[..40]);
    for query in ["country:D*", "-country:d*", "country:none*", "agent:xx*", "action:log*", "source:b* OR actor:a*"] {
        assert!(!filter(query).is_exact(), "{query}");
        assert!(exact(query), "{query}");
    }
    for query in
        [longer_than_what_is_clear.as_str(), "request:r*", "session:s*", "path:/*", "method:p*", "@a:x*", "actor:a*e"]
    {
        assert!(!exact(query), "{query}");
    }
}

#[test]
fn no_two_fields_share_a_letter() {
    use Field::*;
    let all = [
        Actor,
        ActorKind,
        Action,
        Resource,
        ResourceKind,
        Outcome,
        Address,
        Block,
        Source,
        Country,
        Agent,
        Session,
        Request,
        Method,
        Status,
        Severity,
        Flag,
        Word,
    ];
    let mut letters: Vec<_> = all.iter().map(|field| field.term(&keys(), "").0[..1].to_owned()).collect();
    letters.extend(["p", "y", "z", "u", "l", "n"].map(str::to_owned));
    let count = letters.len();
    letters.sort();
    letters.dedup();
    assert_eq!(letters.len(), count);
}
