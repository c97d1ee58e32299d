//! Adding and removing filters, as the page's links do.

use flightbox_domain::query::{Key, Qualifier, Query, QueryErrorCode};

use crate::random::Random;

fn query(text: &str) -> Query {
    Query::parse(text).unwrap()
}

fn filter(text: &str) -> Qualifier {
    match query(text) {
        Query::Is(qualifier) => qualifier,
        other => panic!("{text} is {other:?}"),
    }
}

#[test]
fn a_filter_is_added_as_if_typed_after_the_query() {
    for (before, added, after) in [
        ("", "actor:a", "actor:a"),
        ("actor:a", "actor:a", "actor:a"),
        ("actor:a", "actor:b", "actor:a,b"),
        ("actor:a (actor:b)", "actor:c", "actor:a,c (actor:b)"),
        ("-actor:a", "actor:b", "-actor:a actor:b"),
        ("a OR b", "actor:a", "(a OR b) actor:a"),
        ("created:-24h", "created:<-1h", "created:-24h created:<-1h"),
    ] {
        let sum = query(before).with(filter(added));
        assert_eq!(sum.to_string(), after);
        assert_eq!(query(after), sum);
    }
}

#[test]
fn adding_a_filter_to_any_query_is_typing_it_after_its_terms() {
    let mut random = Random(0xadd);
    for _ in 0..5_000 {
        let (before, added) = (random.query(3), random.query(0));
        let (Ok(before), Ok(Query::Is(added))) = (Query::parse(&before), Query::parse(&added)) else { continue };
        let typed =
            if matches!(before, Query::Or(_)) { format!("({before}) {added}") } else { format!("{before} {added}") };
        assert_eq!(Ok(before.with(added)), Query::parse(&typed), "{typed}");
    }
}

#[test]
fn what_a_filter_finds_can_be_left_out() {
    assert_eq!(query("").except(filter("actor:a")).to_string(), "-actor:a");
    assert_eq!(query("a OR b").except(filter("actor:a,b")).to_string(), "(a OR b) -actor:a,b");
}

#[test]
fn queries_joined_keep_their_terms_apart() {
    assert_eq!(query("actor:a").and(query("actor:b x")).to_string(), "actor:a (actor:b) x");
    assert_eq!(query("a OR b").and(query("")).to_string(), "a OR b");
    assert_eq!(query("").and(query("a OR b")).to_string(), "a OR b");
    assert_eq!(query("").and(query("")), Query::All);
}

#[test]
fn each_term_can_be_taken_away() {
    let terms = query("alice actor:a,b -(x OR y)");
    let shown: Vec<_> = terms.terms().iter().map(Query::to_string).collect();
    assert_eq!(shown, ["alice", "actor:a,b", "-(x OR y)"]);
    assert_eq!(terms.without(0).to_string(), "actor:a,b -(x OR y)");
    assert_eq!(terms.without(1).without(1).to_string(), "alice");
    assert_eq!(terms.without(3), terms);
    assert_eq!(query("a OR b").without(0), Query::All);
    assert_eq!(query("").terms(), []);
}

#[test]
fn a_query_knows_which_keys_it_mentions() {
    let query = query("alice (actor:a OR -ip:::1)");
    assert!(query.mentions(&Key::Actor) && query.mentions(&Key::Ip));
    assert!(!query.mentions(&Key::Action));
}

#[test]
fn a_link_takes_an_events_value_literally() {
    let link = |key, value| Qualifier::equals(key, value).map(|filter| filter.to_string());
    assert_eq!(link(Key::Actor, "al*").unwrap(), "actor:\"al*\"");
    assert_eq!(link(Key::Ip, "2001:DB8::1").unwrap(), "ip:2001:db8::1");
    assert_eq!(link(Key::Ip, "10.0.0.1:80").unwrap(), "ip:\"10.0.0.1:80\"");
    assert_eq!(link(Key::Outcome, "Denied").unwrap(), "outcome:denied");
    assert_eq!(link(Key::Created, "2026-01-01").unwrap(), "created:2026-01-01");
    assert_eq!(link(Key::Outcome, "maybe").unwrap_err(), {
        let mut error = Query::parse("outcome:maybe").unwrap_err();
        error.position = 0;
        error
    });
    assert_eq!(Qualifier::equals(Key::Created, "*").unwrap_err().code, QueryErrorCode::BadValue);
}

#[test]
fn a_pinned_query_means_for_good_what_it_meant_then() {
    let now = "2026-11-22T12:00:00.5Z".parse().unwrap();
    for (typed, pinned) in [
        ("created:-24h alice", "created:>=2026-11-21T12:00:00.500Z alice"),
        ("-created:-7d..-1d OR actor:a", "-created:2026-11-15T12:00:00.500Z..2026-11-21T12:00:00.500Z OR actor:a"),
        ("created:2026-01-01 received:<-1h", "created:2026-01-01 received:<2026-11-22T11:00:00.500Z"),
    ] {
        let query = Query::parse(typed).unwrap().pinned(now);
        assert_eq!(query.to_string(), pinned);
        assert_eq!(Query::parse(pinned), Ok(query));
    }
}
