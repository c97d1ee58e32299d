//! The one tokenizer: what it makes of a text is what the index holds and what a search looks for.

use std::borrow::Cow;

/// The longest word, in bytes; what is longer is cut at a character boundary.
const LONGEST: usize = 64;

/// The words of a text, in order: runs of letters and digits in lower case, at most 64 bytes of each.
///
/// Chinese, Japanese and Korean put no spaces between words, so a run of their characters gives every pair of
/// neighbours instead, and a character that stands alone gives itself.
pub fn words(text: &str) -> impl Iterator<Item = Cow<'_, str>> {
    runs(text).flat_map(|(script, run)| {
        let spaced = script == Script::Spaced;
        let pairs = if spaced { Vec::new() } else { pairs(run) };
        spaced.then(|| word(run)).into_iter().chain(pairs.into_iter().map(Cow::Borrowed))
    })
}

#[derive(Clone, Copy, PartialEq)]
enum Script {
    Spaced,
    Unspaced,
}

/// The runs of letters and digits of one kind of script.
fn runs(text: &str) -> impl Iterator<Item = (Script, &str)> {
    let mut rest = text;
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches(|c| script(c).is_none());
        let kind = rest.chars().next().and_then(script)?;
        let end = rest.find(|c| script(c) != Some(kind)).unwrap_or(rest.len());
        let (run, behind) = rest.split_at(end);
        rest = behind;
        Some((kind, run))
    })
}

fn word(run: &str) -> Cow<'_, str> {
    if run.is_ascii() {
        let run = &run[..run.len().min(LONGEST)];
        let lower = !run.bytes().any(|byte| byte.is_ascii_uppercase());
        return if lower { run.into() } else { run.to_ascii_lowercase().into() };
    }
    let mut word = String::with_capacity(run.len().min(LONGEST));
    for c in run.chars().flat_map(char::to_lowercase) {
        if word.len() + c.len_utf8() > LONGEST {
            break;
        }
        word.push(c);
    }
    word.into()
}

fn pairs(run: &str) -> Vec<&str> {
    let ends = run.char_indices().map(|(at, c)| at + c.len_utf8());
    let pairs: Vec<_> = run.char_indices().zip(ends.skip(1)).map(|((start, _), end)| &run[start..end]).collect();
    if pairs.is_empty() { vec![run] } else { pairs }
}

/// The kind of script of a letter or digit; `None` for what stands between words.
fn script(c: char) -> Option<Script> {
    if c.is_ascii() {
        return c.is_ascii_alphanumeric().then_some(Script::Spaced);
    }
    if !c.is_alphanumeric() {
        return None;
    }
    Some(match c {
        // Hangul
        '\u{1100}'..='\u{11FF}' | '\u{3130}'..='\u{318F}' | '\u{A960}'..='\u{A97F}' | '\u{AC00}'..='\u{D7FF}' |
        '\u{FFA0}'..='\u{FFDC}' |
        // Hiragana and Katakana
        '\u{3040}'..='\u{30FF}' | '\u{31F0}'..='\u{31FF}' | '\u{FF66}'..='\u{FF9F}' | '\u{1AFF0}'..='\u{1B16F}' |
        // Han, its iteration marks and numerals included
        '\u{2E80}'..='\u{2FDF}' | '\u{3005}'..='\u{3007}' | '\u{3021}'..='\u{3029}' | '\u{3038}'..='\u{303B}' |
        '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{323AF}' => {
            Script::Unspaced
        }
        _ => Script::Spaced,
    })
}
