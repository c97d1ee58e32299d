//! What holds for every text.

use flightbox_domain::query::{Key, Qualifier, Query, Value, quote};

use crate::random::Random;

/// Whether a text is accepted; if so it prints as what reads back the same, else the error lies within the text.
pub fn reads_back(typed: &str) -> bool {
    match Query::parse(typed) {
        Ok(query) => {
            let printed = query.to_string();
            assert_eq!(Query::parse(&printed).as_ref(), Ok(&query), "{typed:?} prints as {printed:?}");
            assert_eq!(Query::parse(&printed).unwrap().to_string(), printed);
            true
        }
        Err(error) => {
            assert!(error.position + error.length <= typed.chars().count(), "{typed:?}: {error:?}");
            false
        }
    }
}

#[test]
fn no_text_panics_and_every_accepted_one_reads_back() {
    let mut random = Random(0x5eed);
    let accepted = (0..20_000).filter(|_| reads_back(&random.text(24))).count();
    assert!(accepted > 100, "{accepted} is too few to show anything");
}

#[test]
fn random_values_of_every_key_read_back() {
    let mut random = Random(0xa11ce);
    let keys = ["actor:", "action:", "outcome:", "ip:", "created:", "-source:", "@", "@a:", "status:", "country:"];
    let accepted = (0..20_000).filter(|_| reads_back(&format!("{}{}", random.pick(&keys), random.text(6)))).count();
    assert!(accepted > 500, "{accepted} is too few to show anything");
}

#[test]
fn composed_queries_read_back() {
    let mut random = Random(0xc0ffee);
    let accepted = (0..5_000).filter(|_| reads_back(&random.query(5))).count();
    assert!(accepted > 4_500, "{accepted} is too few: the generator writes valid queries");
}

#[test]
fn damaged_queries_never_panic() {
    let mut random = Random(0xbad);
    for _ in 0..5_000 {
        let mut typed: Vec<char> = random.query(4).chars().collect();
        let (at, other) = (random.below(typed.len()), random.below(typed.len()));
        typed.swap(at, other);
        typed.truncate(typed.len() - random.below(3).min(typed.len()));
        reads_back(&typed.into_iter().collect::<String>());
    }
}

#[test]
fn any_string_quoted_is_that_exact_value() {
    let mut random = Random(0x0dd);
    let awkward = [
        "", "*", "a,b", "a:b", "-x", "~x", ">x", "<=x", "\"", "\\", "\\\"", " ", "\n", "\0", "(a)", "or", "a..b", "@x",
        "1..2", "*..2", "1..*",
    ];
    let random = (0..20_000).map(|_| random.text(12)).collect::<Vec<_>>();
    for value in awkward.into_iter().map(str::to_owned).chain(random) {
        let exact = |key| Ok(Query::Is(Qualifier { key, any_of: vec![Value::Exact(value.clone())] }));
        assert_eq!(Query::parse(&format!("actor:{}", quote(&value))), exact(Key::Actor), "{value:?}");
        assert_eq!(Qualifier::equals(Key::Resource, &value).map(Query::Is), exact(Key::Resource));
    }
}

#[test]
fn a_filter_made_of_any_value_reads_back() {
    let mut random = Random(0xf117e2);
    for _ in 0..20_000 {
        let value = random.text(8);
        for name in ["actor", "action", "ip", "country", "path", "id", "@a.b"] {
            let key = Key::find(name).unwrap();
            let filter = Qualifier::equals(key, &value).unwrap();
            assert_eq!(Query::parse(&filter.to_string()), Ok(Query::Is(filter)), "{value:?}");
        }
    }
}
