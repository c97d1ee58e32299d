//! How long, how deep and how many.

use flightbox_domain::query::{MAX_DEPTH, MAX_LENGTH, MAX_TERMS, Query, QueryErrorCode as Code};

fn code(text: &str) -> Option<(Code, usize)> {
    Query::parse(text).err().map(|error| (error.code, error.position))
}

#[test]
fn nesting_ends_at_32() {
    let parentheses = |depth: usize| format!("{}a{}", "(".repeat(depth), ")".repeat(depth));
    assert_eq!(code(&parentheses(MAX_DEPTH)), None);
    assert_eq!(code(&parentheses(MAX_DEPTH + 1)), Some((Code::TooDeep, MAX_DEPTH)));
    let negations = |depth: usize| format!("{}a", "-".repeat(depth));
    assert_eq!(code(&negations(MAX_DEPTH)), None);
    assert_eq!(code(&negations(MAX_DEPTH + 1)), Some((Code::TooDeep, MAX_DEPTH)));
    assert_eq!(code(&format!("{}a", "NOT ".repeat(500))), Some((Code::TooDeep, 4 * MAX_DEPTH)));
    assert_eq!(code(&"(".repeat(MAX_LENGTH)), Some((Code::TooDeep, MAX_DEPTH)));
}

#[test]
fn a_query_has_4096_characters_of_any_size() {
    assert_eq!(code(&"日".repeat(MAX_LENGTH)), None);
    assert_eq!(code(&"日".repeat(MAX_LENGTH + 1)), Some((Code::TooLong, MAX_LENGTH)));
    assert_eq!(code(&" ".repeat(MAX_LENGTH + 1)), Some((Code::TooLong, MAX_LENGTH)));
}

#[test]
fn a_query_that_prints_longer_than_it_may_be_is_refused() {
    let fits = format!("actor:{}", "a".repeat(MAX_LENGTH - 6));
    assert_eq!(code(&fits), None);
    assert_eq!(code(&fits.replace("actor", "user")), None);
    assert_eq!(code(&format!("{}a", fits.replace("actor", "user"))), Some((Code::TooLong, 0)));
}

#[test]
fn a_query_has_64_terms_however_they_are_joined() {
    let words = |count: usize| vec!["a"; count].join(" ");
    assert_eq!(code(&words(MAX_TERMS)), None);
    assert_eq!(code(&words(MAX_TERMS + 1)), Some((Code::TooManyTerms, 2 * MAX_TERMS)));
    let list = |count: usize| format!("actor:{}", vec!["a"; count].join(","));
    assert_eq!(code(&list(MAX_TERMS)), None);
    assert_eq!(code(&list(MAX_TERMS + 1)), Some((Code::TooManyTerms, 6 + 2 * MAX_TERMS)));
    let any = |count: usize| vec!["a"; count].join(" OR ");
    assert_eq!(code(&any(MAX_TERMS)), None);
    assert_eq!(code(&any(MAX_TERMS + 1)), Some((Code::TooManyTerms, 5 * MAX_TERMS)));
}
