//! Rules in words, for whoever reads or writes them.

use super::{Effect, Rule, What};

/// What a word of a rule means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Word {
    /// The word, and what stands behind it.
    pub form: &'static str,
    /// What it means, in a sentence or two.
    pub means: &'static str,
}

/// Every word, in the order in which a rule has them.
pub const WORDS: [Word; 10] = [
    Word {
        form: "seal",
        means: "Encrypts the value under a key of the person it is about. Investigators can reveal it; erasing the person destroys it.",
    },
    Word { form: "mask", means: "Replaces the value by *** for good. Nobody gets it back." },
    Word {
        form: "key NAME, NAME",
        means: "What stands under one of these names, wherever. Case, hyphens and underscores make no difference.",
    },
    Word {
        form: "path PATH",
        means: "What stands there: details.…, changes.…, actor.name, actor.email, resource.name, reason, origin.user_agent, origin.session_id or http.path. Positions in lists are left out.",
    },
    Word { form: "value LOOKS", means: "What looks like that, in actor.email, the reason, changes and details." },
    Word { form: "as KIND", means: "What a sealed value is called. Without it: the name, or the end of the path." },
    Word { form: "in SOURCE", means: "For events of that source alone." },
    Word {
        form: "subject PATH",
        means: "Seals under the key of whoever the details name at that path. Without it: the actor’s.",
    },
    Word {
        form: "searchable",
        means: "Its exact value can be searched for, where it stands in the details. Without it: only whether there is one.",
    },
    Word { form: "# …", means: "A remark." },
];

impl Rule {
    /// What it does, in one or a few sentences.
    pub fn in_words(&self) -> String {
        let what = match &self.what {
            What::Keys(names) => match names.split_last() {
                Some((last, [])) => format!("what stands under the name {last}"),
                Some((last, others)) => {
                    let others: Vec<_> = others.iter().map(|name| name.written.as_str()).collect();
                    format!("what stands under the names {} or {last}", others.join(", "))
                }
                None => String::new(),
            },
            What::Path(path) => format!("what stands at {path}"),
            What::Value(detector) => detector.finds_what().to_owned(),
        };
        let source = self.source.iter().map(|source| format!(", in events of {source} alone")).collect::<String>();
        let mut words = match self.effect {
            Effect::Mask => format!("Replaces {what} by *** for good{source}."),
            Effect::Seal => format!("Seals {what}{source}; called “{}”.", self.kind),
        };
        if let Some(path) = &self.subject {
            words.push_str(&format!(" The key is that of whoever {path} names."));
        }
        if self.searchable {
            words.push_str(" Its exact value can be searched for.");
        }
        words
    }
}

#[cfg(test)]
mod tests {
    use super::{super::Rules, *};

    #[test]
    fn a_rule_says_what_it_does() {
        for (line, words) in [
            ("seal key email", "Seals what stands under the name email; called “email”."),
            ("seal key a, b, c as x", "Seals what stands under the names a, b or c; called “x”."),
            (
                "seal path details.home in web subject details.of searchable",
                "Seals what stands at details.home, in events of web alone; called “home”. The key is that of whoever \
                 details.of names. Its exact value can be searched for.",
            ),
            (
                "mask value email in web",
                "Replaces a text that is an e-mail address by *** for good, in events of web alone.",
            ),
        ] {
            let rules = Rules::parse(line, 1).unwrap();
            assert_eq!(rules.iter().map(Rule::in_words).collect::<Vec<_>>(), [words]);
        }
    }
}
