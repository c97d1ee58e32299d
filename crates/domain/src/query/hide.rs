//! A query as it may be written down: what people search for can itself be a secret.

use std::borrow::Cow;

use flightbox_event::mask::{MASK, is_secret_key, masked_text};

use super::{Key, Qualifier, Query, Value};
use crate::rules::Rules;

impl Query {
    /// The same query with `***` for what stands under the name of a secret (`@user.password:…`) or at a path that the
    /// rules hide, and for what looks like a secret wherever it stands. It is for people to read; it finds something else.
    pub fn masked(&self, rules: &Rules) -> Self {
        match self {
            Self::All => Self::All,
            Self::And(parts) => Self::And(parts.iter().map(|part| part.masked(rules)).collect()),
            Self::Or(parts) => Self::Or(parts.iter().map(|part| part.masked(rules)).collect()),
            Self::Not(part) => Self::Not(Box::new(part.masked(rules))),
            Self::Is(qualifier) => Self::Is(qualifier.masked(rules)),
            Self::Text(text) => Self::Text(masked_text(text)),
        }
    }
}

impl Qualifier {
    fn masked(&self, rules: &Rules) -> Self {
        let hidden = is_hidden(&self.key, rules);
        let mut any_of = Vec::new();
        for value in &self.any_of {
            let tells =
                hidden && *value != Value::Exists || value.texts().iter().any(|text| masked_text(text) != **text);
            let value = if tells { Value::Exact(MASK.to_owned()) } else { value.clone() };
            if !any_of.contains(&value) {
                any_of.push(value);
            }
        }
        Self { key: self.key.clone(), any_of }
    }
}

/// Whether the values of a key are hidden from whoever reads events, so that nobody may learn one from a query either.
fn is_hidden(key: &Key, rules: &Rules) -> bool {
    match key {
        Key::Detail(path) => path.as_str().split('.').any(is_secret_key) || rules.hides(path.as_str()),
        _ => false,
    }
}

impl Value {
    /// What it says in so many words.
    fn texts(&self) -> Vec<Cow<'_, str>> {
        match self {
            Self::Exact(text) | Self::Prefix(text) | Self::Contains(text) => vec![text.into()],
            Self::Pattern(pattern) => pattern.parts().iter().map(Cow::from).collect(),
            Self::Exists | Self::Network(_) | Self::Time(_) | Self::Number(_) => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masked(query: &str) -> String {
        Query::parse(query).unwrap().masked(&Rules::parse("seal key home searchable", 1).unwrap()).to_string()
    }

    #[test]
    fn a_secret_that_is_searched_for_is_written_down_nowhere() {
        assert_eq!(masked("@password:hunter2"), "@password:\"***\"");
        assert_eq!(masked("-(@db.api_key:a* OR @token:x,y) login"), "-(@db.api_key:\"***\" OR @token:\"***\") login");
        assert_eq!(masked("@pin:>=1000"), "@pin:\"***\"");
        assert_eq!(masked("@user.home:Elm @user.home:*"), "@user.home:\"***\" @user.home:*");
        let token = "ghp_0123456789abcdefghijABCDEFGHIJ012345";
        for query in
            [token.to_owned(), format!("agent:~{token}"), format!("\"Bearer {token}\""), format!("@a:{token}*")]
        {
            assert!(!masked(&query).contains("0123456789"), "{}", masked(&query));
        }
        assert_eq!(masked("path:\"/x?token=abc&a=b\""), "path:\"***\"");
    }

    #[test]
    fn whatever_else_is_searched_for_is_written_down_as_it_is() {
        for query in ["", "actor:al* outcome:denied", "@password:*", "password", "created:-24h (ip:10.0.0.0/8 OR x)"] {
            assert_eq!(masked(query), query);
        }
    }
}
