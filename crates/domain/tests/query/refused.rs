//! What is refused: where, why, and with what advice.

use flightbox_domain::query::{Query, QueryError, QueryErrorCode};

/// (what it shows, typed with the marked part between ‹ and ›, code, suggestion)
const CORPUS: &[(&str, &str, &str, Option<&str>)] = &[
    ("a slip in a key", "‹actr›:alice", "unknown_key", Some("actor")),
    ("a slip in an alias", "alice ‹usr›:bob", "unknown_key", Some("user")),
    ("a slip in capitals", "‹RESUORCE›:x", "unknown_key", Some("resource")),
    ("a key like no other", "‹xyzzy›:1", "unknown_key", None),
    ("a web address is no key", "‹http›://x/y", "unknown_key", None),
    ("a keyword is no key", "‹or›:x", "unknown_key", None),
    ("a path without names", "‹@›:x", "bad_path", None),
    ("a path that starts with a dot", "‹@.a›:x", "bad_path", Some("@a")),
    ("a path that ends with a dot", "-‹@a.›:x", "bad_path", Some("@a")),
    ("a path with two dots", "‹@a..b›:x", "bad_path", Some("@a.b")),
    ("a path of dots", "‹@..›:x", "bad_path", None),
    ("a slip in a new key", "‹statsu›:400", "unknown_key", Some("status")),
    ("a slip in a key with a dot", "‹actor.typ›:user", "unknown_key", Some("actor.type")),
    ("a key in the plural", "‹methods›:POST", "unknown_key", Some("method")),
    ("a path without its sign", "‹amount›:100", "unknown_key", None),
    ("positions count characters", "日志 ‹aktion›:login", "unknown_key", Some("action")),
    ("a colon without a key", "‹:›x", "missing_key", None),
    ("a key without a value", "actor:‹›", "missing_value", None),
    ("a space after the colon", "actor:‹› alice", "missing_value", None),
    ("parentheses instead of a list", "actor:‹›(a OR b)", "missing_value", None),
    ("a key closed at once", "(actor:‹›)", "missing_value", None),
    ("a comma at the end", "action:a,‹›", "missing_value", None),
    ("a comma at the start", "action:‹›,a", "missing_value", None),
    ("two commas", "action:a,‹›,b", "missing_value", None),
    ("a space after a comma", "action:a,‹› b", "missing_value", None),
    ("contains nothing", "actor:~‹›", "missing_value", None),
    ("contains an empty text", "actor:~\"\"‹›", "missing_value", None),
    ("a comparison with nothing", "created:>‹›", "missing_value", None),
    ("a comparison with nothing in a list", "created:>=‹›,-24h", "missing_value", None),
    ("a quote that is not closed", "alice ‹\"open›", "unclosed_quote", None),
    ("a value's quote that is not closed", "actor:‹\"open\\\"›", "unclosed_quote", None),
    ("a backslash at the end", "‹\"open\\›", "unclosed_quote", None),
    ("a backslash before a letter", "actor:\"CORP‹\\a›lice\"", "bad_escape", Some("\\\\a")),
    ("a quote inside a word", "al‹\"›ice\"", "misplaced_character", None),
    ("a quote inside a value", "actor:al‹\"›ice\"", "misplaced_character", None),
    ("text right behind a quote", "\"alice\"‹b›ob", "misplaced_character", None),
    ("two quotes side by side", "\"alice\"‹\"›bob\"", "misplaced_character", None),
    ("a colon behind a quote", "\"actor\"‹:›alice", "misplaced_character", None),
    ("a value right behind a quote", "actor:\"a\"‹b›", "misplaced_character", None),
    ("a parenthesis inside a word", "call‹(›x)", "misplaced_character", None),
    ("a parenthesis inside a value", "resource:/a‹(›b)", "misplaced_character", None),
    ("an invisible character", "ali‹\u{7}›ce", "misplaced_character", None),
    ("an invisible character in a value", "actor:‹\u{0}›", "misplaced_character", None),
    ("a star in text", "‹al*›", "misplaced_character", Some("\"al*\"")),
    ("a star alone", "‹*›", "misplaced_character", Some("\"*\"")),
    ("a parenthesis that is not closed", "‹(›a", "unclosed_parenthesis", None),
    ("a parenthesis with nothing behind it", "a ‹(›", "unclosed_parenthesis", None),
    ("the inner of two is not closed", "(a) ‹(›b", "unclosed_parenthesis", None),
    ("a parenthesis too many", "a‹)›", "unopened_parenthesis", None),
    ("a parenthesis that closes nothing", "‹)› a", "unopened_parenthesis", None),
    ("a value with a parenthesis too many", "actor:a‹)›", "unopened_parenthesis", None),
    ("nothing in parentheses", "a ‹()›", "empty_parentheses", None),
    ("a space in parentheses", "‹( )›", "empty_parentheses", None),
    ("OR with nothing before", "‹OR› a", "missing_term", None),
    ("OR with nothing behind", "a ‹OR›", "missing_term", None),
    ("OR twice", "a OR ‹OR› b", "missing_term", None),
    ("OR before a parenthesis", "(a ‹OR›)", "missing_term", None),
    ("OR behind a parenthesis", "(‹OR› a)", "missing_term", None),
    ("AND with nothing behind", "a ‹AND›", "missing_term", None),
    ("AND with nothing before", "‹and› a", "missing_term", None),
    ("AND and OR", "a AND ‹OR› b", "missing_term", None),
    ("NOT alone", "‹NOT›", "missing_term", None),
    ("NOT OR", "a NOT ‹OR› b", "missing_term", None),
    ("a hyphen alone", "‹-›", "missing_term", None),
    ("a hyphen between spaces", "a ‹-› b", "missing_term", None),
    ("a hyphen before a parenthesis", "(a ‹-›)", "missing_term", None),
    ("a text without words", "a ‹...›", "no_words", None),
    ("an empty text", "‹\"\"›", "no_words", None),
    ("an outcome there is none of", "outcome:‹maybe›", "bad_value", None),
    ("a slip in an outcome", "outcome:success,‹Deneid›", "bad_value", Some("denied")),
    ("outcomes have no parts", "outcome:‹~fail›", "bad_operator", None),
    ("outcomes have no prefixes", "outcome:‹succ*›", "bad_operator", None),
    ("outcomes have no order", "outcome:‹>failure›", "bad_operator", None),
    ("actors have no order", "actor:‹>5›", "bad_operator", Some("\">5\"")),
    ("addresses have no order", "ip:‹<=10.0.0.1›", "bad_operator", Some("\"<=10.0.0.1\"")),
    ("a star after ~", "actor:‹~a*b›", "bad_operator", Some("~\"a*b\"")),
    ("an address that cannot be", "ip:‹999.1.1.1›", "bad_value", None),
    ("half an address", "ip:‹10.0›", "bad_value", None),
    ("an address with a port", "ip:‹10.0.0.1:80›", "bad_value", None),
    ("a wrong IPv6 address", "ip:‹2001:db8:::1›", "bad_value", None),
    ("a network that cannot be", "ip:‹10.0.0.0/33›", "bad_value", None),
    ("a network without an address", "ip:‹example/8›", "bad_value", None),
    ("a network without a length", "ip:10.0.0.1,‹10.0.0.0/›", "bad_value", None),
    ("a day that is none", "created:‹yesterdayish›", "bad_value", None),
    ("a month that is none", "created:‹2026-13-01›", "bad_value", None),
    ("a leap day in a common year", "created:‹2026-02-29›", "bad_value", None),
    ("an hour that is none", "created:‹2026-01-01T24:00:00Z›", "bad_value", None),
    ("a leap second", "created:‹2016-12-31T23:59:60Z›", "bad_value", None),
    ("an offset that is none", "created:‹2026-01-01T10:00:00+24:00›", "bad_value", None),
    ("a day with an offset", "created:‹2026-01-01Z›", "bad_value", None),
    ("a day without zeros", "created:‹2026-1-1›", "bad_value", None),
    ("a fraction of ten digits", "created:‹2026-01-01T10:00:00.0123456789Z›", "bad_value", None),
    ("a time ago without its sign", "created:‹24h›", "bad_value", Some("-24h")),
    ("a time ago without its unit", "created:‹-24›", "bad_value", None),
    ("a time ago in an unknown unit", "created:‹-2y›", "bad_value", None),
    ("a time ago without a number", "created:‹-h›", "bad_value", None),
    ("a time before all calendars", "created:‹-100000w›", "bad_value", None),
    ("a time with stars", "created:‹2026-01-*›", "bad_value", None),
    ("a comparison with a range", "created:‹>2026-01-01..2026-01-31›", "bad_value", None),
    ("a range in quotes", "created:‹\"2026-01-01..2026-01-31\"›", "bad_value", None),
    ("a range without ends", "created:‹*..*›", "bad_value", Some("*")),
    ("a range with nothing at an end", "created:‹2026-01-01..›", "bad_value", None),
    ("times have no parts", "created:‹~2026›", "bad_operator", None),
    ("an end before the start", "created:‹2026-02-01..2026-01-01›", "reversed_range", Some("2026-01-01..2026-02-01")),
    ("an end before the start, ago", "created:‹-1h..-2h›", "reversed_range", Some("-2h..-1h")),
    ("received takes times", "received:‹yesterday›", "bad_value", None),
    ("received times ago without a sign", "received:‹7d›", "bad_value", Some("-7d")),
    ("received has no parts", "received:‹~2026›", "bad_operator", None),
    (
        "an end before the start, received",
        "received:‹2026-02-01..2026-01-01›",
        "reversed_range",
        Some("2026-01-01..2026-02-01"),
    ),
    ("an actor type there is none of", "actor.type:‹robot›", "bad_value", None),
    ("a slip in an actor type", "actor.type:‹servce›", "bad_value", Some("service")),
    ("actor types have no prefixes", "actor.type:‹serv*›", "bad_operator", None),
    ("a severity there is none of", "severity:‹fatal›", "bad_value", None),
    ("a slip in a severity", "severity:‹criticl›", "bad_value", Some("critical")),
    ("severities have no order", "severity:‹>=warning›", "bad_operator", None),
    ("severities have no parts", "severity:‹~warn›", "bad_operator", None),
    ("sensitive is yes or no", "sensitive:‹true›", "bad_value", None),
    ("sensitive has no prefixes", "sensitive:‹y*›", "bad_operator", None),
    ("a flag there is none of", "flag:‹strange›", "bad_value", None),
    ("a slip in a flag", "flag:‹clock-skw›", "bad_value", Some("clock-skew")),
    ("flags have no prefixes", "flag:‹first-seen-*›", "bad_operator", None),
    ("a word that is empty", "severity:‹\"\"›", "bad_value", None),
    ("a status that is no number", "status:‹abc›", "bad_value", None),
    ("a status with a star", "status:‹4*›", "bad_value", None),
    ("a status with letters", "status:‹4xx›", "bad_value", None),
    ("a comparison of a status with nothing", "status:>‹›", "missing_value", None),
    ("a status with a fraction", "status:‹200.5›", "bad_value", None),
    ("a status below zero", "status:‹-1›", "bad_value", None),
    ("a comparison with a fraction", "status:‹>=399.5›", "bad_value", None),
    ("a range to a fraction", "status:‹400..499.5›", "bad_value", None),
    ("a status that is too large", "status:‹9007199254740993›", "bad_value", None),
    ("statuses have no parts", "status:‹~4›", "bad_operator", None),
    ("a range without ends", "status:‹*..*›", "bad_value", Some("*")),
    ("a range with nothing at its end", "status:‹400..›", "bad_value", None),
    ("a range in quotes", "status:‹\"400..499\"›", "bad_value", None),
    ("a range of three", "status:‹1..2..3›", "bad_value", None),
    ("a range behind a comparison", "status:‹>400..499›", "bad_value", None),
    ("an end before the start, of statuses", "status:‹499..400›", "reversed_range", Some("400..499")),
    ("an end before the start, of durations", "duration:‹5..1›", "reversed_range", Some("1..5")),
    ("a duration that is no number", "duration:‹long›", "bad_value", None),
    ("a duration with a unit", "duration:‹>10ms›", "bad_value", None),
    ("infinity", "duration:‹>inf›", "bad_value", None),
    ("no number at all", "duration:‹NaN›", "bad_value", None),
    ("a number beyond all doubles", "duration:‹1e400›", "bad_value", None),
    ("a number with a plus", "duration:‹+5›", "bad_value", None),
    ("a number without a digit before its point", "duration:‹.5›", "bad_value", None),
    ("a number without a digit behind its point", "duration:‹5.›", "bad_value", None),
    ("a number in hexadecimal", "duration:‹0x10›", "bad_value", None),
    ("durations have no parts", "duration:‹~5›", "bad_operator", None),
    ("a seq that is no number", "seq:‹last›", "bad_value", None),
    ("a seq with a fraction", "seq:‹1.5›", "bad_value", None),
    ("an end before the start, of seqs", "seq:‹10..1›", "reversed_range", Some("1..10")),
    ("countries have no order", "country:‹>DE›", "bad_operator", Some("\">DE\"")),
    ("methods have no order", "method:‹<=POST›", "bad_operator", Some("\"<=POST\"")),
    ("paths have no order", "path:‹>/a›", "bad_operator", Some("\">/a\"")),
    ("agents have no order", "agent:‹<5›", "bad_operator", Some("\"<5\"")),
    ("sessions have no order", "session:‹>=1›", "bad_operator", Some("\">=1\"")),
    ("ids have no order", "id:‹>1›", "bad_operator", Some("\">1\"")),
    ("contains nothing, in a path", "path:~‹›", "missing_value", None),
    ("contains a star, in an agent", "agent:‹~cu*l›", "bad_operator", Some("~\"cu*l\"")),
    ("a detail without a value", "@amount:‹›", "missing_value", None),
    ("a detail compared with nothing", "@amount:>=‹›", "missing_value", None),
    ("a detail compared with text", "@amount:‹>=many›", "bad_value", None),
    ("a detail compared with a pattern", "@amount:‹>1*›", "bad_value", None),
    ("a detail compared with a version", "@version:‹<1.2.3›", "bad_value", None),
    ("a detail compared with a time", "@due:‹>2026-01-01›", "bad_value", None),
    ("a star after ~ in a detail", "@a:‹~x*›", "bad_operator", Some("~\"x*\"")),
    ("an end before the start, in a detail", "@amount:‹10..5›", "reversed_range", Some("5..10")),
    ("a detail's quote that is not closed", "@a:‹\"x›", "unclosed_quote", None),
    ("a quote inside a path", "@a‹\"›b\":x", "misplaced_character", None),
    ("a space inside a path", "@a ‹b›:x", "unknown_key", None),
    (
        "an end before the start, with offsets",
        "created:‹2026-01-01T10:00:00Z..2026-01-01T10:00:00+01:00›",
        "reversed_range",
        Some("2026-01-01T10:00:00+01:00..2026-01-01T10:00:00Z"),
    ),
    (
        "an end before the start in any zone",
        "created:‹2026-01-03..2026-01-01T00:00:00Z›",
        "reversed_range",
        Some("2026-01-01T00:00:00Z..2026-01-03"),
    ),
];

#[test]
fn each_mistake_is_marked_explained_and_advised_on() {
    for (name, marked, code, suggestion) in CORPUS {
        let (typed, position, length) = unmark(marked);
        let error = match Query::parse(&typed) {
            Err(error) => error,
            Ok(query) => panic!("{name}: {typed} was read as {query}"),
        };
        assert_eq!(error.code.as_str(), *code, "{name}: {typed}: {error}");
        assert_eq!((error.position, error.length), (position, length), "{name}: {typed}: {error}");
        assert_eq!(error.suggestion.as_deref(), *suggestion, "{name}: {typed}: {error}");
        assert!(error.message.ends_with('.') && !error.expected.is_empty(), "{name}: {error:?}");
    }
}

/// The text without its marks, and where they stood in code points.
fn unmark(marked: &str) -> (String, usize, usize) {
    let (before, rest) = marked.split_once('‹').unwrap();
    let (inside, after) = rest.split_once('›').unwrap();
    (format!("{before}{inside}{after}"), before.chars().count(), inside.chars().count())
}

#[test]
fn what_is_suggested_for_the_marked_part_is_accepted_there() {
    for (name, marked, _, suggestion) in CORPUS {
        let Some(suggestion) = suggestion else { continue };
        let (before, rest) = marked.split_once('‹').unwrap();
        let (_, after) = rest.split_once('›').unwrap();
        let mended = format!("{before}{suggestion}{after}");
        // A star alone is still nothing to search for.
        if mended != "\"*\"" {
            assert!(Query::parse(&mended).is_ok(), "{name}: {mended}");
        }
    }
}

fn refuse(text: &str) -> QueryError {
    Query::parse(text).unwrap_err()
}

#[test]
fn messages_say_what_to_do() {
    let error = refuse("actr:alice");
    assert_eq!(
        error.message,
        "There is no key `actr`. Did you mean `actor`? The keys are actor, actor.type, action, resource, \
         resource.type, outcome, ip, country, agent, method, path, status, duration, session, request, source, severity, created, \
         received, sensitive, flag, id, seq and, inside the details, @path.to.key. To search for text with a colon, \
         put it in quotes."
    );
    assert!(error.expected.starts_with("one of actor, user, actor.type, "), "{}", error.expected);
    assert_eq!(
        refuse("outcome:maybe").message,
        "`maybe` is no value for outcome. It takes success, failure, denied, unknown or *."
    );
    assert_eq!(
        refuse("outcome:succ*").message,
        "outcome cannot be searched with *. It takes success, failure, denied, unknown or *."
    );
    assert_eq!(
        refuse("status:4xx").message,
        "`4xx` is no value for status. It takes a whole number such as 200, a number after >, >=, < or <=, two numbers \
         joined with .. or *."
    );
    assert_eq!(
        refuse("@amount:>many").message,
        "`many` is no value for @amount. It takes an exact value, a number after >, >=, < or <=, two numbers joined \
         with .., a prefix such as al*, a pattern such as *son, ~part or *."
    );
    assert_eq!(
        refuse("country:>DE").message,
        "country cannot be searched with >. It takes an exact value, a prefix such as al*, a pattern such as *son, \
         ~part or *. If > belongs to the value, put quotes around it."
    );
    assert_eq!(
        refuse("@a..b:1").message,
        "This is no path into the details. Write the names that lead to the value with a dot between them, such as \
         @user.role."
    );
    assert_eq!(refuse("duration:5..1").message, "This range ends before it starts. Write the smaller number first.");
    assert_eq!(
        refuse("created:2026-13-01").message,
        "No calendar or clock shows `2026-13-01`. Check the date, the time and the offset."
    );
    assert_eq!(
        refuse("a OR").message,
        "There is nothing after `OR`. Write a term there, or put OR in quotes to search for it."
    );
}

#[test]
fn messages_repeat_only_the_start_of_what_is_long() {
    let error = refuse(&format!("{}:x", "k".repeat(4_000)));
    assert!(error.message.contains(&format!("`{}…`", "k".repeat(40))), "{error}");
}

#[test]
fn codes_are_distinct_words() {
    let mut words: Vec<_> = QueryErrorCode::ALL.iter().map(|code| code.as_str()).collect();
    words.sort_unstable();
    words.dedup();
    assert_eq!(words.len(), QueryErrorCode::ALL.len());
}
