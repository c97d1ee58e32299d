//! What is being written at a place, and what it could become. A bar marks the place.

use flightbox_domain::query::{KEYS, Key, Part, Query, Writing};

use crate::random::Random;

fn at(marked: &str) -> Option<Writing> {
    let place = marked.chars().position(|c| c == '|').unwrap();
    Writing::at(&marked.replacen('|', "", 1), place)
}

/// What is typed, and what the query is once `[…]` has taken its place.
fn shown(marked: &str) -> Option<(String, String)> {
    let writing = at(marked)?;
    let text: Vec<char> = marked.chars().filter(|c| *c != '|').collect();
    let (before, after) = (&text[..writing.span.start], &text[writing.span.end..]);
    let whole = before.iter().chain(&['[', '…', ']']).chain(after).collect();
    let typed = match writing.part {
        Part::Key(typed) => typed,
        Part::Path(typed) => format!("@{typed}"),
        Part::Value(key, typed) => format!("{key}:{typed}"),
    };
    Some((typed, whole))
}

#[test]
fn a_key_is_written_wherever_a_term_can_stand() {
    for (marked, typed, whole) in [
        ("|", "", "[…]"),
        ("ac|", "ac", "[…]"),
        ("ac|tion", "ac", "[…]"),
        ("ac|tor:alice", "ac", "[…]alice"),
        ("actor|:alice", "actor", "[…]alice"),
        ("login -out|", "out", "login -[…]"),
        ("-|", "", "-[…]"),
        ("(actor:a OR out|) x", "out", "(actor:a OR […]) x"),
        ("(|)", "", "([…])"),
        ("actor:a | x", "", "actor:a […] x"),
        ("actor:a |", "", "actor:a […]"),
        ("\"two words\" ac|", "ac", "\"two words\" […]"),
        ("actor:\"x y\" ac|", "ac", "actor:\"x y\" […]"),
        ("日志 ac|", "ac", "日志 […]"),
        (": ac|", "ac", ": […]"),
        ("@|", "@", "[…]"),
        ("-@user.|role:x", "@user.", "-[…]x"),
    ] {
        assert_eq!(shown(marked), Some((typed.to_owned(), whole.to_owned())), "{marked}");
    }
}

#[test]
fn a_value_is_written_behind_a_colon_or_a_comma_and_taken_whole() {
    for (marked, typed, whole) in [
        ("actor:|", "actor:", "actor:[…]"),
        ("USER:al|", "actor:al", "USER:[…]"),
        ("actor:al|ice x", "actor:al", "actor:[…] x"),
        ("actor:|alice", "actor:", "actor:[…]"),
        ("actor:alice|", "actor:alice", "actor:[…]"),
        ("action:login,log|", "action:log", "action:login,[…]"),
        ("action:lo|gin,logout", "action:lo", "action:[…],logout"),
        ("action:a,|,b", "action:", "action:a,[…],b"),
        ("-(outcome:d|)", "outcome:d", "-(outcome:[…])"),
        ("ip:10.0.|", "ip:10.0.", "ip:[…]"),
        ("ip:2001:db|", "ip:2001:db", "ip:[…]"),
        ("resource:/users/|42 x", "resource:/users/", "resource:[…] x"),
        ("actor:\"Alice B|", "actor:Alice B", "actor:[…]"),
        ("actor:\"Al|ice B\" x", "actor:Al", "actor:[…] x"),
        ("actor:\"Alice B\"|", "actor:Alice B", "actor:[…]"),
        ("actor:\"a\\\"b\\\\|\"", "actor:a\"b\\", "actor:[…]"),
        ("actor:\"Al| outcome:denied", "actor:Al", "actor:[…] outcome:denied"),
        ("created:-2|", "created:-2", "created:[…]"),
    ] {
        assert_eq!(shown(marked), Some((typed.to_owned(), whole.to_owned())), "{marked}");
    }
}

#[test]
fn nothing_is_offered_where_nothing_fits() {
    for marked in [
        "|alice",
        "|actor:alice",
        "\"two wo|rds\"",
        "\"two words\"|",
        "|\"two words\"",
        "actr:al|",
        "actor:~al|",
        "status:>=4|",
        "actor:a*|",
        "actor:\"a\"*|",
        "actor:\"a\"b|",
    ] {
        assert_eq!(at(marked), None, "{marked}");
    }
}

#[test]
fn the_rest_is_the_query_without_the_term() {
    for (marked, rest) in [
        ("source:flightbox actor:al| x", "source:flightbox  x"),
        ("a -actor:x,al|,b", "a "),
        ("(a OR out|)", "(a OR )"),
        ("a |", "a "),
    ] {
        assert_eq!(at(marked).unwrap().rest, rest, "{marked}");
    }
}

#[test]
fn any_place_in_any_text_can_be_asked_about() {
    let mut random = Random(0x3a7);
    for _ in 0..3_000 {
        let text = random.query(3);
        let length = text.chars().count();
        for place in 0..=length {
            let Some(writing) = Writing::at(&text, place) else { continue };
            assert!(writing.span.start <= place && place <= writing.span.end && writing.span.end <= length, "{text}");
        }
        assert_eq!(Writing::at(&text, length + 1), None);
    }
}

#[test]
fn keys_are_known_by_their_names_and_aliases_in_any_case() {
    let names = |typed: &str| Key::starting(typed).map(|spec| spec.name).collect::<Vec<_>>();
    assert_eq!(names("ac"), ["actor", "actor.type", "action"]);
    assert_eq!(names("USER"), ["actor"]);
    assert_eq!(names("tar"), ["resource"]);
    assert_eq!(names("日"), [""; 0]);
    assert_eq!(names("").len(), KEYS.len());
}

#[test]
fn what_is_offered_beforehand_reads_back() {
    for spec in KEYS {
        for value in spec.key.usual_values() {
            let text = format!("{}:{value}", spec.name);
            assert!(Query::parse(&text).is_ok(), "{text}");
        }
    }
    assert!(Key::Outcome.usual_values().contains(&"denied"));
    assert!(Key::Actor.usual_values().is_empty());
}

#[test]
fn a_value_is_written_in_quotes_where_it_has_to_be() {
    for (key, value, written) in [
        (Key::Actor, "alice", Some("alice")),
        (Key::Actor, "Alice \"B\"", Some(r#""Alice \"B\"""#)),
        (Key::Actor, "*", Some("\"*\"")),
        (Key::Ip, "::ffff:10.0.0.1", Some("10.0.0.1")),
        (Key::Country, "de", Some("DE")),
        (Key::Status, "x", None),
    ] {
        assert_eq!(key.written(value).as_deref(), written, "{key}:{value}");
    }
}
