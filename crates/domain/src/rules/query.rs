//! What a query may ask of sealed values: whether there is one, and, where a rule says so, for the exact value.

use super::{Effect, Rule, Rules, What};
use crate::query::{Key, Qualifier, Query, QueryError, Value};
use flightbox_event::mask::bare;

impl Rules {
    /// Refuses a query that would learn something of sealed values.
    ///
    /// # Errors
    /// Which part of `text`, which the query was read from, and why.
    pub fn allow(&self, query: &Query, text: &str) -> Result<(), QueryError> {
        match query {
            Query::All | Query::Text(_) => Ok(()),
            Query::And(parts) | Query::Or(parts) => parts.iter().try_for_each(|part| self.allow(part, text)),
            Query::Not(part) => self.allow(part, text),
            Query::Is(qualifier) => self.allow_qualifier(qualifier, text),
        }
    }

    fn allow_qualifier(&self, Qualifier { key, any_of }: &Qualifier, text: &str) -> Result<(), QueryError> {
        let Key::Detail(path) = key else { return Ok(()) };
        let Some(rule) = self.sealing(path.as_str()) else { return Ok(()) };
        let allowed = |value: &Value| match value {
            Value::Exists => true,
            Value::Exact(_) => rule.searchable,
            _ => false,
        };
        if any_of.iter().all(allowed) { Ok(()) } else { Err(QueryError::sealed(key, rule.searchable, text)) }
    }

    /// Whether what stands at a path of the details is sealed, or masked for good, wherever it comes from.
    pub fn hides(&self, path: &str) -> bool {
        self.named(path).next().is_some()
    }

    /// The rule that seals what stands at a path of the details in every source. A rule for one source leaves the path
    /// readable in others.
    fn sealing<'a>(&'a self, path: &'a str) -> Option<&'a Rule> {
        self.named(path).find(|rule| rule.source.is_none()).filter(|rule| rule.effect == Effect::Seal)
    }

    fn named<'a>(&'a self, path: &'a str) -> impl Iterator<Item = &'a Rule> {
        self.rules.iter().filter(move |rule| match &rule.what {
            What::Keys(names) => path.split('.').any(|key| names.iter().any(|name| name.bare == bare(key))),
            What::Path(whole) => {
                let rest = whole.strip_prefix("details.").and_then(|at| path.strip_prefix(at));
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
            }
            What::Value(_) => false,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_path_can_be_asked_whether_it_is_there_and_for_its_value_where_a_rule_says_so() {
        let rules = Rules::parse(
            "seal key email\nseal path details.user.home searchable\nseal key plate in web\nmask key pin",
            1,
        )
        .unwrap();
        let refused = |text: &str| rules.allow(&Query::parse(text).unwrap(), text).err();
        for text in
            ["email", "@email:*", "-@a.email:*", "@user.home:\"Elm St\"", "@plate:x", "@pin:1", "@user:x", "@homes:a"]
        {
            assert_eq!(refused(text), None, "{text}");
        }
        for (text, position) in [
            ("@email:a@b.de", 0),
            ("x OR @contact.e-Mail.work:a*", 5),
            ("@user.home:Elm*", 0),
            ("@user.home:x,y*", 0),
            ("-(a @Email:>3)", 4),
        ] {
            let error = refused(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!((error.code.as_str(), error.position), ("sealed", position), "{text}");
        }
    }
}
