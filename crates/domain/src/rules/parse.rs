//! Reading rules from their text.

use flightbox_event::{can_be_sensitive, mask::bare, nearest, sensitive_paths};

use super::{Detector, Effect, Name, Rule, Rules, What};
use crate::name::SourceName;

/// More rules than this nobody keeps an eye on, and every value of every event is asked of each.
const MOST: usize = 200;
/// The longest text of rules, in bytes and in lines, remarks included.
const LONGEST: (usize, usize) = (32 * 1024, 1_000);
/// The longest name of a kind.
const LONGEST_KIND: usize = 32;
/// What may stand behind what a rule is about.
const OPTIONS: [&str; 4] = ["as", "in", "subject", "searchable"];

/// What is wrong with a text of rules.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {message}")]
pub struct RuleError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong and what to do.
    pub message: String,
}

impl Rules {
    /// Reads rules, one a line; `#` starts a remark.
    ///
    /// # Errors
    /// Everything that is wrong with them, by line.
    pub fn parse(text: &str, version: i64) -> Result<Self, Vec<RuleError>> {
        let (mut rules, mut errors) = (Vec::new(), Vec::new());
        let (bytes, lines) = (text.len(), text.lines().count());
        if bytes > LONGEST.0 || lines > LONGEST.1 {
            let (most_bytes, most_lines) = LONGEST;
            let message = format!(
                "the text has {lines} lines and {bytes} bytes; keep at most {most_lines} lines and {most_bytes} bytes"
            );
            return Err(vec![RuleError { line: lines, message }]);
        }
        for (index, line) in text.lines().enumerate() {
            let line = line.split('#').next().unwrap_or_default();
            if line.trim().is_empty() {
                continue;
            }
            match rule(line) {
                Ok(rule) => rules.push(rule),
                Err(message) => errors.push(RuleError { line: index + 1, message }),
            }
        }
        if rules.len() > MOST {
            let message = format!("there are {} rules; keep at most {MOST}", rules.len());
            errors.push(RuleError { line: text.lines().count(), message });
        }
        if errors.is_empty() { Ok(Self { version, rules }) } else { Err(errors) }
    }
}

fn rule(line: &str) -> Result<Rule, String> {
    // A comma belongs to the word before it, however it is spaced.
    let spaced = line.replace(',', " , ");
    let mut words = spaced.split_whitespace().peekable();
    let effect = match words.next() {
        Some("seal") => Effect::Seal,
        Some("mask") => Effect::Mask,
        other => return Err(expected("seal or mask", other, &["seal", "mask"])),
    };
    let what = match words.next() {
        Some("key") => {
            let mut names = vec![name(words.next())?];
            while words.next_if_eq(&",").is_some() {
                names.push(name(words.next())?);
            }
            What::Keys(names)
        }
        Some("path") => What::Path(path(words.next())?),
        Some("value") => {
            let word = words.next();
            let known = Detector::ALL.map(Detector::as_str);
            let detector = Detector::ALL.into_iter().find(|detector| word == Some(detector.as_str()));
            What::Value(detector.ok_or_else(|| expected(&format!("one of {}", known.join(", ")), word, &known))?)
        }
        other => return Err(expected("key, path or value", other, &["key", "path", "value"])),
    };
    let mut rule = Rule { effect, kind: kind_of(&what), what, source: None, subject: None, searchable: false };
    while let Some(word) = words.next() {
        match word {
            "as" => rule.kind = kind(words.next())?,
            "in" => rule.source = Some(source(words.next())?),
            "subject" => rule.subject = Some(subject(words.next())?),
            "searchable" => rule.searchable = true,
            other => return Err(expected("as, in, subject, searchable or the end of the line", Some(other), &OPTIONS)),
        }
    }
    if effect == Effect::Mask && (rule.searchable || rule.subject.is_some()) {
        return Err("a masked value is gone: it has no subject and cannot be searched for; leave that out".to_owned());
    }
    Ok(rule)
}

fn expected(what: &str, came: Option<&str>, known: &[&'static str]) -> String {
    let Some(came) = came else { return format!("expected {what}, and the line ends") };
    let hint = nearest(came, known.iter().copied()).map(|word| format!("; did you mean {word}?")).unwrap_or_default();
    format!("expected {what}, found {came}{hint}")
}

fn name(word: Option<&str>) -> Result<Name, String> {
    match word {
        Some(word) if !bare(word).is_empty() => Ok(Name { written: word.to_owned(), bare: bare(word) }),
        other => Err(expected("the name of a key", other, &[])),
    }
}

/// A path as producers name them in `sensitive`.
fn path(word: Option<&str>) -> Result<String, String> {
    let named = word.filter(|word| can_be_sensitive(word)).map(str::to_owned);
    named.ok_or_else(|| expected(&sensitive_paths(), word, &[]))
}

/// The path of a subject: the details alone say whom an event is about beside its actor.
fn subject(word: Option<&str>) -> Result<String, String> {
    let named = word.filter(|word| word.starts_with("details.") && can_be_sensitive(word)).map(str::to_owned);
    named.ok_or_else(|| expected("a path inside the details, such as details.user_id", word, &[]))
}

fn kind(word: Option<&str>) -> Result<String, String> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let fits = |word: &&str| (1..=LONGEST_KIND).contains(&word.len()) && word.chars().all(plain);
    let what = format!("a kind of 1 to {LONGEST_KIND} small letters, digits and hyphens");
    word.filter(fits).map(str::to_owned).ok_or_else(|| expected(&what, word, &[]))
}

fn source(word: Option<&str>) -> Result<String, String> {
    let named = word.and_then(|word| word.parse::<SourceName>().ok());
    named.map(|name| name.as_str().to_owned()).ok_or_else(|| expected("the name of a source", word, &[]))
}

/// What a value is called that nothing else is said of.
fn kind_of(what: &What) -> String {
    let name = match what {
        What::Keys(names) => names.first().map_or("", |name| &name.written),
        What::Path(path) => path.rsplit('.').next().unwrap_or_default(),
        What::Value(detector) => detector.as_str(),
    };
    let plain = name.to_ascii_lowercase().replace(|c: char| !c.is_ascii_alphanumeric(), "-");
    let plain = plain.trim_matches('-');
    if plain.is_empty() { super::SENSITIVE.to_owned() } else { plain.chars().take(LONGEST_KIND).collect() }
}

#[cfg(test)]
mod tests {
    use super::{super::INITIAL, *};

    #[test]
    fn a_rule_prints_as_it_reads() {
        for line in [
            "seal key email, e_mail as email",
            "seal path details.user.home as address searchable",
            "seal value card as card in billing-api",
            "seal key employee as employee subject details.employee_id",
            "mask key badge_pin",
            "mask path http.path in web",
        ] {
            let rules = Rules::parse(line, 1).unwrap();
            assert_eq!(rules.iter().map(Rule::to_string).collect::<Vec<_>>(), [line]);
        }
        let spaced = Rules::parse("  seal   key a ,b,c  # why\n\n# nothing\n", 1).unwrap();
        assert_eq!(spaced.iter().next().unwrap().to_string(), "seal key a, b, c as a");
        assert!(Rules::parse(INITIAL, 1).is_ok());
    }

    #[test]
    fn what_is_wrong_is_told_by_line() {
        let wrong = [
            ("hide key x", "expected seal or mask, found hide"),
            ("seal", "expected key, path or value, and the line ends"),
            ("seal keys x", "expected key, path or value, found keys; did you mean key?"),
            ("seal key", "expected the name of a key, and the line ends"),
            ("seal key a,", "expected the name of a key, and the line ends"),
            ("seal value emial", "found emial; did you mean email?"),
            ("seal path actor.id", "expected details.…, changes.…, or one of actor.name"),
            ("seal path details.", "expected details.…"),
            ("seal key a subject actor.email", "expected a path inside the details"),
            ("seal key a as A", "expected a kind of 1 to 32 small letters"),
            ("seal key a in", "expected the name of a source, and the line ends"),
            ("seal key a searchabel", "did you mean searchable?"),
            ("mask key a searchable", "a masked value is gone"),
        ];
        for (line, message) in wrong {
            let errors = Rules::parse(&format!("seal key ok\n{line}"), 1).unwrap_err();
            assert_eq!(errors.len(), 1);
            assert_eq!(errors[0].line, 2);
            assert!(errors[0].message.contains(message), "{line}: {}", errors[0].message);
        }
        assert_eq!(Rules::parse("a\nseal key x\nb", 1).unwrap_err().len(), 2);
        assert_eq!(Rules::parse(&"mask key x\n".repeat(201), 1).unwrap_err()[0].line, 201);
        assert_eq!(Rules::parse(&"#\n".repeat(1_001), 1).unwrap_err()[0].line, 1_001);
        assert!(Rules::parse(&"#".repeat(33 * 1024), 1).unwrap_err()[0].message.contains("bytes"));
    }
}
