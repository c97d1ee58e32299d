//! What values become, and the tables of keys and operators that say so.

use flightbox_domain::query::{
    DETAILS, Finite, KEYS, Key, OPERATORS, Operator, Path, Pattern, Qualifier, Query, Span, Value,
};

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
    for spec in OPERATORS {
        assert_eq!(only_value(spec.example).operator(), spec.operator, "{}", spec.example);
        assert_eq!(Query::parse(spec.example).unwrap().to_string(), spec.example);
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
