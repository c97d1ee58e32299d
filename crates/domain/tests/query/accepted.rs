//! What is accepted, and the canonical text it prints as.

use flightbox_domain::query::{
    DETAILS, Finite, KEYS, Key, OPERATORS, Operator, Path, Pattern, Qualifier, Query, Span, Value,
};

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
    ("the time of receipt", "received:-24h", "received:-24h"),
    ("a range of receipt", "Received:2026-01-01..2026-01-31", "received:2026-01-01..2026-01-31"),
    ("receipts narrow", "received:>=2026-01-01 received:<-1h", "received:>=2026-01-01 received:<-1h"),
    ("an actor type", "actor.type:service", "actor.type:service"),
    ("actor types ignore case", "ACTOR.TYPE:System,anonymous", "actor.type:system,anonymous"),
    ("any actor type", "actor.type:*", "actor.type:*"),
    ("a resource type", "resource.type:users", "resource.type:users"),
    ("resource types keep their case", "resource.type:Users", "resource.type:Users"),
    ("a prefix of resource types", "resource.type:user*", "resource.type:user*"),
    ("a country", "country:DE", "country:DE"),
    ("countries ignore case", "country:de,Fr", "country:DE,FR"),
    ("the same country in two cases", "country:de country:DE", "country:DE"),
    ("a country in other letters", "country:österreich", "country:öSTERREICH"),
    ("a prefix of a country", "country:ger*", "country:GER*"),
    ("a pattern of a country", "country:*land", "country:*LAND"),
    ("part of a country", "country:~land", "country:~land"),
    ("no country", "-country:*", "-country:*"),
    ("a method", "method:post", "method:POST"),
    ("methods", "method:put,PATCH method:Delete", "method:PUT,PATCH,DELETE"),
    ("a pattern of methods", "method:p*t", "method:P*T"),
    ("an agent", "agent:curl/8.14.1", "agent:curl/8.14.1"),
    ("an agent in quotes", r#"agent:"Mozilla/5.0 (X11)""#, r#"agent:"Mozilla/5.0 (X11)""#),
    ("part of an agent", "agent:~terraform", "agent:~terraform"),
    ("a prefix of agents", "agent:curl*", "agent:curl*"),
    ("a path", "path:/users/42", "path:/users/42"),
    ("a path with a query", "path:/users?a=b&c=d", "path:/users?a=b&c=d"),
    ("a prefix of paths", "path:/admin/*", "path:/admin/*"),
    ("a pattern of paths", "path:/users/*/role", "path:/users/*/role"),
    ("a session", "session:s_42", "session:s_42"),
    ("no session", "-session:*", "-session:*"),
    ("a request", "request:9f3a", "request:9f3a"),
    ("a severity", "severity:CRITICAL", "severity:critical"),
    ("severities", "severity:warning severity:critical", "severity:warning,critical"),
    ("sensitive values", "sensitive:Yes", "sensitive:yes"),
    ("no sensitive values", "sensitive:no", "sensitive:no"),
    ("a flag", "flag:clock-skew", "flag:clock-skew"),
    ("flags", "flag:first-seen-ip,first-seen-action", "flag:first-seen-ip,first-seen-action"),
    ("more flags", "flag:First-Seen-Country,first-seen-agent", "flag:first-seen-country,first-seen-agent"),
    ("any flag", "flag:*", "flag:*"),
    ("an id", "id:evt-42", "id:evt-42"),
    ("ids", "id:a id:b", "id:a,b"),
    ("a seq", "seq:0", "seq:0"),
    ("seqs", "seq:1,2 seq:3", "seq:1,2,3"),
    ("a range of seqs", "seq:1000..1999", "seq:1000..1999"),
    ("seqs from one on", "seq:>1000", "seq:>1000"),
    ("a status", "status:404", "status:404"),
    ("statuses", "status:401,403 status:404", "status:401,403,404"),
    ("a status with zeros", "status:0404", "status:404"),
    ("a status in quotes", r#"status:"404""#, "status:404"),
    ("a status with an exponent", "status:4e2", "status:400"),
    ("a status as a fraction", "status:200.0", "status:200"),
    ("a status at least", "status:>=400", "status:>=400"),
    ("a status above", "status:>399", "status:>399"),
    ("a status below", "status:<400", "status:<400"),
    ("a status at most", "status:<=399", "status:<=399"),
    ("a range of statuses", "status:400..499", "status:400..499"),
    ("a range of one status", "status:404..404", "status:404..404"),
    ("a range of statuses without an end", "status:400..*", "status:>=400"),
    ("a range of statuses without a start", "status:*..399", "status:<=399"),
    ("comparisons of statuses are AND", "status:>=400 status:<500", "status:>=400 status:<500"),
    ("ranges of statuses are AND", "status:200..299 status:404", "status:200..299 status:404"),
    ("a list of ranges", "status:200..299,400..499", "status:200..299,400..499"),
    ("any status", "status:*", "status:*"),
    ("no status", "-status:*", "-status:*"),
    ("a duration", "duration:>1000", "duration:>1000"),
    ("a duration with a fraction", "duration:<=0.5", "duration:<=0.5"),
    ("a duration below zero", "duration:-1.5..1.5", "duration:-1.5..1.5"),
    ("a negative zero", "duration:-0", "duration:0"),
    ("zeros at an end", "duration:1.500", "duration:1.5"),
    ("a large number", "duration:>1e300", "duration:>1e300"),
    ("a small number", "duration:<1e-300", "duration:<1e-300"),
    ("a thousand stays as it is", "duration:1000", "duration:1000"),
    ("more digits than a double has", "duration:0.10000000000000000001", "duration:0.1"),
    ("a detail", "@changed.field:role", "@changed.field:role"),
    ("a detail's path keeps its case", "@userAgent:x -@useragent:x", "@userAgent:x -@useragent:x"),
    ("a detail's number as text", "@amount:100", "@amount:100"),
    ("a detail's number as it is typed", "@amount:1e3,1.50", "@amount:1e3,1.50"),
    ("details merge by path", "@a:1 @b:1 @a:2", "@a:1,2 @b:1"),
    ("a detail in quotes", r#"@reason:"too late""#, r#"@reason:"too late""#),
    ("a detail that is empty", r#"@a:"""#, r#"@a:"""#),
    ("a detail at least", "@amount:>=100", "@amount:>=100"),
    ("a detail above", "@amount:>1.5", "@amount:>1.5"),
    ("a detail below", "@amount:<-5", "@amount:<-5"),
    ("a detail at most", "@amount:<=1e3", "@amount:<=1000"),
    ("a range of details", "@amount:5..10", "@amount:5..10"),
    ("a range of negative details", "@amount:-10..-5", "@amount:-10..-5"),
    ("a range of details without an end", "@amount:5..*", "@amount:>=5"),
    ("a range of details without a start", "@amount:*..10", "@amount:<=10"),
    ("a range of no numbers is text", "@version:a..b", "@version:a..b"),
    ("a range of one number is text", "@version:1..b", "@version:1..b"),
    ("a version is text", "@version:1.2.3", "@version:1.2.3"),
    ("a range in quotes is text", r#"@a:"5..10""#, r#"@a:"5..10""#),
    ("a prefix that looks like a range", r#"@a:"5.."*"#, r#"@a:"5.."*"#),
    ("an ending that looks like a range", r#"@a:*"..5""#, r#"@a:*"..5""#),
    ("dots between stars", "@a:*..*", "@a:*..*"),
    ("there is a detail", "@reason:*", "@reason:*"),
    ("there is no detail", "-@errorCode:*", "-@errorCode:*"),
    ("a prefix of a detail", "@a.b:al*", "@a.b:al*"),
    ("a pattern of a detail", "@a:*x*", "@a:*x*"),
    ("contains, in a detail", r#"@userAgent:~"(+https""#, r#"@userAgent:~"(+https""#),
    ("a detail's time is text", "@due:2026-01-01T10:00:00Z", "@due:2026-01-01T10:00:00Z"),
    ("a path with other characters", "@a-b.c_d.日志.*.x,y:1", "@a-b.c_d.日志.*.x,y:1"),
    ("a path with another @", "@a@b:1", "@a@b:1"),
    ("a path that is a keyword", "@or:1", "@or:1"),
    ("a detail in parentheses", "(@a:1 OR @b:>2) x", "(@a:1 OR @b:>2) x"),
    ("an @ in text", "@alice", "@alice"),
    ("a dot in text", "actor.type", "actor.type"),
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
    for spec in KEYS.iter().chain([&DETAILS]) {
        let query = Query::parse(spec.example).unwrap();
        assert!(query.mentions(&spec.key), "{}", spec.example);
        assert_eq!(query.to_string(), spec.example);
    }
    for spec in KEYS {
        assert!(spec.names().all(|name| Key::find(&name.to_uppercase()).as_ref() == Some(&spec.key)));
    }
}

#[test]
fn every_operator_is_found_in_its_row_and_typed_with_its_sign() {
    for (typed, operator) in [
        ("actor:al", Operator::Is),
        ("actor:al*", Operator::StartsWith),
        ("actor:*al", Operator::Matches),
        ("actor:~al", Operator::Contains),
        ("ip:10.0.0.0/8", Operator::Within),
        ("@a:>1", Operator::Above),
        ("status:>=1", Operator::AtLeast),
        ("created:<2026-01-01", Operator::Below),
        ("duration:<=1", Operator::AtMost),
        ("seq:1..2", Operator::Between),
        ("flag:*", Operator::Exists),
    ] {
        let spec = operator.spec();
        assert_eq!((only_value(typed).operator(), spec.operator), (operator, operator), "{typed}");
        assert!(typed.contains(spec.sign), "{typed}");
    }
    assert_eq!(OPERATORS.len(), 11);
}

#[test]
fn no_key_takes_an_operator_that_its_kind_does_not() {
    for spec in KEYS.iter().chain([&DETAILS]) {
        for (operator, value) in [
            (Operator::StartsWith, "1*"),
            (Operator::Matches, "*1"),
            (Operator::Contains, "~1"),
            (Operator::Above, ">1"),
            (Operator::AtLeast, ">=-1d"),
            (Operator::Below, "<1"),
            (Operator::AtMost, "<=-1d"),
            (Operator::Exists, "*"),
        ] {
            let typed = format!("{}:{value}", spec.name);
            let taken = Query::parse(&typed).is_ok_and(|query| match query {
                Query::Is(qualifier) => qualifier.any_of[0].operator() == operator,
                _ => false,
            });
            assert!(!taken || operator.fits(spec.kind), "{typed}");
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
    let number = |number| Finite::new(number).unwrap();
    assert_eq!(only_value("status:404"), Value::Number(Span::At(number(404.0))));
    assert_eq!(only_value("duration:-0"), Value::Number(Span::At(number(0.0))));
    assert_eq!(only_value("@amount:100"), Value::Exact("100".into()));
    assert_eq!(only_value("@amount:5..10"), Value::Number(Span::Between(number(5.0), number(10.0))));
    assert_eq!(only_value("@amount:5..x"), Value::Exact("5..x".into()));
    assert_eq!(only_value("method:get"), Value::Exact("GET".into()));
}

#[test]
fn a_path_is_names_with_dots_between_them() {
    assert_eq!(Path::new("a.b").unwrap().as_str(), "a.b");
    for text in ["", ".", "a.", ".a", "a..b", "a:b", "a b", "a\"b", "a(b", "a\n"] {
        assert_eq!(Path::new(text), None, "{text:?}");
    }
}

#[test]
fn numbers_are_finite_and_zero_has_no_sign() {
    assert!([f64::NAN, f64::INFINITY, f64::NEG_INFINITY].into_iter().all(|number| Finite::new(number).is_none()));
    assert!(Finite::new(-0.0).unwrap().get().is_sign_positive());
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
