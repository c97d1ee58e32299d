//! What is accepted, and the canonical text it prints as.

use flightbox_domain::query::{KEYS, Key, Pattern, Qualifier, Query, Value};

/// (what it shows, typed, printed)
const CORPUS: &[(&str, &str, &str)] = &[
    ("nothing asks for everything", "", ""),
    ("white space alone asks for everything", " \t\n\u{3000}", ""),
    ("a word", "alice", "alice"),
    ("a phrase", r#""two words""#, r#""two words""#),
    ("a word in quotes is the word", r#""alice""#, "alice"),
    ("an exact value", "actor:alice", "actor:alice"),
    ("an alias prints as its key", "user:alice", "actor:alice"),
    ("target is resource", "target:42", "resource:42"),
    ("time is created", "time:-24h", "created:-24h"),
    ("keys ignore case", "ACTOR:alice", "actor:alice"),
    ("values keep their case", "actor:Alice", "actor:Alice"),
    ("a value in quotes", r#"actor:"Alice B""#, r#"actor:"Alice B""#),
    ("quotes that are not needed go away", r#"actor:"alice""#, "actor:alice"),
    ("an empty value", r#"actor:"""#, r#"actor:"""#),
    ("a hyphen negates", "-action:login", "-action:login"),
    ("NOT negates", "NOT action:login", "-action:login"),
    ("keywords ignore case", "not action:login or alice", "-action:login OR alice"),
    ("a hyphen negates text", "-alice", "-alice"),
    ("a hyphen inside a word is part of it", "sign-in", "sign-in"),
    ("a comma is OR", "action:a,b", "action:a,b"),
    ("the same value twice is one", "action:a,b,a", "action:a,b"),
    ("repeating a key is OR", "action:a action:b", "action:a,b"),
    ("repeating a key merges across other terms", "action:a alice action:b,c", "action:a,b,c alice"),
    ("repeating prefixes merges", "actor:a* actor:b", "actor:a*,b"),
    ("repeating networks merges", "ip:10.0.0.0/8 ip:192.168.0.0/16", "ip:10.0.0.0/8,192.168.0.0/16"),
    ("repeating days merges", "created:2026-01-01 created:2026-01-03", "created:2026-01-01,2026-01-03"),
    ("an alias merges with its key", "actor:a user:b", "actor:a,b"),
    ("parentheses keep terms apart", "actor:a (actor:b)", "actor:a (actor:b)"),
    ("parentheses first or last are the same", "(actor:a) actor:b", "actor:a (actor:b)"),
    ("terms beside parentheses merge past them", "actor:a (actor:b action:x) actor:c", "actor:a,c (actor:b) action:x"),
    ("each OR has groups of its own", "actor:a OR actor:b", "actor:a OR actor:b"),
    ("negations are AND", "-actor:a -actor:b", "-actor:a -actor:b"),
    ("comparisons are AND", "created:>=2026-01-01 created:<2026-02-01", "created:>=2026-01-01 created:<2026-02-01"),
    ("contains is AND", "actor:~a actor:~b", "actor:~a actor:~b"),
    ("a lone star is AND", "actor:* actor:a", "actor:* actor:a"),
    ("a list that narrows does not merge", "actor:a,~b actor:c", "actor:a,~b actor:c"),
    ("an action", "action:team", "action:team"),
    ("an action's prefix", "action:team.*", "action:team.*"),
    ("two keys are AND", "action:team.member.add outcome:denied", "action:team.member.add outcome:denied"),
    ("AND may be written", "alice AND outcome:denied", "alice outcome:denied"),
    ("AND binds tighter than OR", "actor:a OR actor:b action:x", "actor:a OR actor:b action:x"),
    ("OR in parentheses", "(actor:a OR actor:b) -outcome:success", "(actor:a OR actor:b) -outcome:success"),
    ("parentheses that are not needed go away", "((alice)) (bob carol)", "alice bob carol"),
    ("nested OR is one OR", "a OR (b OR c)", "a OR b OR c"),
    ("parentheses need no spaces around", "(a)(b)-(c d)", "a b -(c d)"),
    ("a keyword before a parenthesis", "NOT(a OR b)", "-(a OR b)"),
    ("two negations are none", "-(-actor:a)", "actor:a"),
    ("many negations", "NOT NOT --a", "a"),
    ("a double negation does not merge", "actor:b -(-actor:a)", "actor:b (actor:a)"),
    ("a negated group", "-(a b)", "-(a b)"),
    ("quotes inside quotes", r#""quote \" inside""#, r#""quote \" inside""#),
    ("a backslash inside quotes", r#"actor:"CORP\\Alice B""#, r#"actor:"CORP\\Alice B""#),
    ("a backslash outside quotes is itself", r"actor:CORP\alice", r"actor:CORP\alice"),
    ("there is a value", "actor:*", "actor:*"),
    ("there is no value", "-resource:*", "-resource:*"),
    ("many stars are one", "actor:** action:a**b", "actor:* action:a*b"),
    ("a prefix", "actor:al*", "actor:al*"),
    ("an ending", "actor:*son", "actor:*son"),
    ("a pattern", "actor:a*b", "actor:a*b"),
    ("a pattern with a star at its end", "actor:a*b*", "actor:a*b*"),
    ("a star in quotes is a star", r#"actor:"al*""#, r#"actor:"al*""#),
    ("a prefix with a space", r#"actor:"Alice B"*"#, r#"actor:"Alice B"*"#),
    ("a pattern of quoted parts", r#"actor:*"(x"*"y z""#, r#"actor:*"(x"*"y z""#),
    ("contains", "actor:~lic", "actor:~lic"),
    ("contains something in quotes", r#"resource:~"(+https""#, r#"resource:~"(+https""#),
    ("contains a tilde", "actor:~~a", r#"actor:~"~a""#),
    ("a resource that is a path", "resource:/users/42", "resource:/users/42"),
    ("a resource with a space", r#"resource:"/a b/c""#, r#"resource:"/a b/c""#),
    ("a colon inside a value", "resource:user:42", "resource:user:42"),
    ("dots inside a value are no range", "resource:/a/../b", "resource:/a/../b"),
    ("a hyphen before a value is part of it", "actor:-x", "actor:-x"),
    ("a keyword as a value", "actor:or", "actor:or"),
    ("a keyword in quotes is text", r#""or""#, r#""or""#),
    ("a hyphen in quotes is text", r#""-x""#, r#""-x""#),
    ("a colon in quotes is text", r#""http://x/y""#, r#""http://x/y""#),
    ("a comma in text", "hello,world", "hello,world"),
    ("an address with a sign in text", "alice@example.com", "alice@example.com"),
    ("CJK text", "日志", "日志"),
    ("a CJK value", r#"actor:"用户 1""#, r#"actor:"用户 1""#),
    ("an ideographic space parts terms", "日志\u{3000}alice", "日志 alice"),
    ("control characters in quotes", "actor:\"a\u{0}\tb\n\"", "actor:\"a\u{0}\tb\n\""),
    ("an outcome", "outcome:denied", "outcome:denied"),
    ("outcomes ignore case", "outcome:DENIED,Failure", "outcome:denied,failure"),
    ("outcomes in quotes", r#"outcome:"success""#, "outcome:success"),
    ("any outcome", "outcome:*", "outcome:*"),
    ("an IPv4 address", "ip:10.0.0.1", "ip:10.0.0.1"),
    ("an IPv4 network", "ip:10.0.0.0/8", "ip:10.0.0.0/8"),
    ("host bits are masked off", "ip:10.1.2.3/8", "ip:10.0.0.0/8"),
    ("a network of one address is the address", "ip:10.1.2.3/32", "ip:10.1.2.3"),
    ("an IPv6 network", "ip:2001:db8::/32", "ip:2001:db8::/32"),
    ("IPv6 loopback", "ip:::1", "ip:::1"),
    ("IPv6 in canonical form", "ip:2001:DB8:0:0:0:0:0:1", "ip:2001:db8::1"),
    ("IPv4 in IPv6 clothes", "ip:::ffff:10.0.0.1", "ip:10.0.0.1"),
    ("an IPv4 network in IPv6 clothes", "ip:::ffff:10.0.0.0/104", "ip:10.0.0.0/8"),
    ("an address in quotes", r#"ip:"::1""#, "ip:::1"),
    ("a host name", "ip:ec2.amazonaws.com", "ip:ec2.amazonaws.com"),
    ("the beginning of an address", "ip:10.0.*", "ip:10.0.*"),
    ("the end of a host name", "ip:*.amazonaws.com", "ip:*.amazonaws.com"),
    ("part of a host name", "ip:~amazon", "ip:~amazon"),
    ("in quotes nothing is a network", r#"ip:"10.0.0.0/8""#, r#"ip:"10.0.0.0/8""#),
    ("in quotes what came is looked for", r#"ip:"999.1.1.1""#, r#"ip:"999.1.1.1""#),
    ("a source", "source:billing-api", "source:billing-api"),
    ("the last day", "created:-24h", "created:-24h"),
    ("the last minutes, days and weeks", "created:-30m,-7d,-002w", "created:-30m,-7d,-2w"),
    ("since a time ago is that time ago", "created:>=-24h created:-7d..*", "created:-24h created:-7d"),
    ("before a time ago", "created:<-24h", "created:<-24h"),
    ("a range ago", "created:-7d..-1d", "created:-7d..-1d"),
    ("from a day on", "created:>=2026-01-01", "created:>=2026-01-01"),
    ("a range of days", "created:2026-01-01..2026-01-31", "created:2026-01-01..2026-01-31"),
    ("a range of one day", "created:2026-01-01..2026-01-01", "created:2026-01-01..2026-01-01"),
    ("a range without a start", "created:*..2026-01-31", "created:<=2026-01-31"),
    ("a range without an end", "created:2026-01-31..*", "created:>=2026-01-31"),
    ("a time to the minute", "created:2026-01-01T09:30", "created:2026-01-01T09:30"),
    ("a time in UTC", "created:>2026-01-01t09:30:00z", "created:>2026-01-01T09:30:00Z"),
    ("a time with an offset", "created:<2026-01-01T09:30:00-08:00", "created:<2026-01-01T09:30:00-08:00"),
    ("no offset is UTC", "created:<2026-01-01T09:30:00+00:00", "created:<2026-01-01T09:30:00Z"),
    ("parts of a second", "created:2026-01-01T09:30:00.250Z", "created:2026-01-01T09:30:00.250Z"),
    ("a time with a space", r#"created:"2026-01-01 09:30""#, "created:2026-01-01T09:30"),
    ("a leap day", "created:2028-02-29", "created:2028-02-29"),
];

#[test]
fn each_text_prints_in_its_canonical_form_and_reads_back_the_same() {
    for (name, typed, printed) in CORPUS {
        let query = Query::parse(typed).unwrap_or_else(|error| panic!("{name}: {typed}: {error}"));
        assert_eq!(query.to_string(), *printed, "{name}: {typed}");
        assert_eq!(Query::parse(printed), Ok(query), "{name}: {printed}");
    }
}

#[test]
fn every_example_of_the_help_page_is_a_query_about_its_key() {
    for spec in KEYS {
        assert_eq!(KEYS[spec.key as usize], *spec, "the table is in the order of the keys");
        let query = Query::parse(spec.example).unwrap();
        assert!(query.mentions(spec.key), "{}", spec.example);
        assert_eq!(query.to_string(), spec.example);
        for name in spec.names() {
            assert_eq!(Key::find(&name.to_uppercase()), Some(spec.key));
        }
    }
}

fn only_value(text: &str) -> Value {
    match Query::parse(text).unwrap() {
        Query::Is(Qualifier { mut any_of, .. }) if any_of.len() == 1 => any_of.remove(0),
        other => panic!("{text} is {other:?}"),
    }
}

#[test]
fn values_carry_their_kind() {
    assert_eq!(only_value("actor:alice"), Value::Exact("alice".into()));
    assert_eq!(only_value("actor:al*"), Value::Prefix("al".into()));
    assert_eq!(only_value("actor:~al"), Value::Contains("al".into()));
    assert_eq!(only_value("actor:*"), Value::Exists);
    assert_eq!(only_value(r#"actor:"*""#), Value::Exact("*".into()));
    assert_eq!(only_value("outcome:FAILURE"), Value::Exact("failure".into()));
    assert_eq!(only_value("ip:2001:DB8::0"), Value::Exact("2001:db8::".into()));
    assert_eq!(only_value("ip:10.9.9.9/8"), Value::Network("10.0.0.0/8".parse().unwrap()));
}

#[test]
fn patterns_match_whole_texts_with_their_parts_in_order() {
    let pattern = |text: &str| -> Pattern {
        match only_value(&format!("actor:{text}")) {
            Value::Pattern(pattern) => pattern,
            other => panic!("{text} is {other:?}"),
        }
    };
    for (stars, fits, does_not) in [
        ("*son", &["son", "johnson"][..], &["sons", "Johnson!", "SON"][..]),
        ("a*b", &["ab", "a-b", "abab"], &["a", "b", "ba", "abc"]),
        ("a*a", &["aa", "aba"], &["a"]),
        ("*a*", &["a", "bab"], &["", "b"]),
        ("a*b*c*d", &["abcd", "a-b-b-c-c-d"], &["acbd", "abcdx"]),
        ("*ab*b", &["abb", "ab-b"], &["ab"]),
        ("用*户", &["用户", "用x户"], &["用"]),
    ] {
        let pattern = pattern(stars);
        assert!(fits.iter().all(|text| pattern.matches(text)), "{stars} fits {fits:?}");
        assert!(!does_not.iter().any(|text| pattern.matches(text)), "{stars} does not fit {does_not:?}");
    }
}
