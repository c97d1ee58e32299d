//! The query language as the domain's tables have it: what they know, the help page shows.

use flightbox_domain::query::{DETAILS, KEYS, KeySpec, OPERATORS, Operator, OperatorSpec};

use crate::{
    parts::language::{Example, KeyLine, Language, OperatorLine, Rule},
    state::ViewState,
};

/// What the tables do not say, each with a query that shows it.
const RULES: &[(&str, &str)] = &[
    ("Conditions side by side all have to hold.", "actor:alice outcome:denied"),
    ("A comma means or, and so does a key that is there twice.", "outcome:denied,failure"),
    (
        "OR stands between alternatives and binds less than standing side by side; parentheses group.",
        "(actor:alice OR actor:bob) action:login",
    ),
    ("A minus, or NOT, leaves out. Events that do not have the field at all stay.", "-action:login"),
    ("Comparisons, ranges, parts after ~ and exclusions of one key all have to hold.", "status:>=400 status:<500"),
    (
        "Words without a key are looked for in actor, action, resource, reason, path and visible details, in any case.",
        "login",
    ),
    ("In quotes they stand side by side, in this order.", "\"wrong password\""),
    (
        "A value with spaces, commas, quotes or parentheses stands in quotes, and nothing in there is an operator; \\\" is a quote and \\\\ a backslash.",
        "resource:\"/a b/*\"",
    ),
    (
        "A day without a time is that whole day in the zone of the view, and both ends of a range are included.",
        "created:2026-01-01..2026-01-31",
    ),
    (
        "Keys and words such as OR are read in any case. Values keep theirs, but for outcome, method, country and other words that have none.",
        "METHOD:post",
    ),
];

/// The language; its examples lead to views in the zone of this one.
pub fn language(state: &ViewState) -> Language {
    let place = state.zone_only();
    let example = |query: &str| Example { query: query.to_owned(), url: place.with_query(query).events() };
    let key = |spec: &KeySpec| KeyLine {
        name: spec.name.to_owned(),
        aliases: spec.aliases.iter().map(|alias| (*alias).to_owned()).collect(),
        help: spec.help.to_owned(),
        takes: spec.kind.takes(),
        example: example(spec.example),
    };
    let operator = |spec: &OperatorSpec| OperatorLine {
        sign: spec.sign.to_owned(),
        name: spec.name.to_owned(),
        help: spec.help.to_owned(),
        keys: taking(spec.operator),
        example: example(spec.example),
    };
    let rule = |(text, query): &(&str, &str)| Rule { text: (*text).to_owned(), example: example(query) };
    Language {
        keys: KEYS.iter().chain([&DETAILS]).map(key).collect(),
        operators: OPERATORS.iter().map(operator).collect(),
        rules: RULES.iter().map(rule).collect(),
    }
}

/// The keys that take an operator, in words.
fn taking(operator: Operator) -> String {
    let takes = |spec: &&KeySpec| operator.fits(spec.kind);
    let names: Vec<_> = KEYS.iter().chain([&DETAILS]).filter(takes).map(|spec| spec.name).collect();
    if names.len() == KEYS.len() + 1 { "every key".to_owned() } else { names.join(", ") }
}

#[cfg(test)]
mod tests {
    use flightbox_domain::query::Query;

    use super::*;

    #[test]
    fn every_rule_is_shown_by_a_query_that_reads() {
        for rule in language(&ViewState::default()).rules {
            assert!(Query::parse(&rule.example.query).is_ok(), "{}", rule.example.query);
        }
    }

    #[test]
    fn an_operator_names_the_keys_that_take_it() {
        assert_eq!(taking(Operator::Is), "every key");
        assert_eq!(taking(Operator::Within), "ip");
        assert_eq!(taking(Operator::Above), "status, duration, created, received, seq, @path.to.key");
    }
}
