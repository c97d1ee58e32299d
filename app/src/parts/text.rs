//! Text that producers wrote. It is isolated, so that it cannot turn its surroundings round, and what is invisible in
//! it is marked: a name with a hidden character is not the name it looks like.

use leptos::prelude::*;

/// A stretch of visible text, or one character that would not show.
#[derive(Debug, PartialEq, Eq)]
enum Stretch<'a> {
    Visible(&'a str),
    Hidden(char),
}

/// A producer's text.
#[component]
pub fn Text(
    /// The text as it was sent.
    text: String,
) -> impl IntoView {
    // The renderer would write an empty text as a space.
    if text.is_empty() {
        return ().into_any();
    }
    if !text.chars().any(is_hidden) {
        return view! { <bdi>{text}</bdi> }.into_any();
    }
    let stretches = split(&text).into_iter().map(|stretch| match stretch {
        Stretch::Visible(text) => text.to_owned().into_any(),
        Stretch::Hidden(c) => view! {
            <span class="hidden-char" title=format!("U+{:04X} {}", u32::from(c), name(c))>
                {short(c)}
            </span>
        }
        .into_any(),
    });
    view! { <bdi>{stretches.collect_view()}</bdi> }.into_any()
}

/// The text for where nothing can be marked, such as titles and tooltips: what would not show is named instead.
pub fn revealed(text: &str) -> String {
    let stretches = split(text).into_iter().map(|stretch| match stretch {
        Stretch::Visible(text) => text.to_owned(),
        Stretch::Hidden(c) => format!("[{}]", short(c)),
    });
    stretches.collect()
}

/// The text as what stands inside a `<textarea>`, which the renderer does not escape: it takes any text there for one that
/// ends no element.
pub fn inside_textarea(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

fn split(text: &str) -> Vec<Stretch<'_>> {
    let mut out = Vec::new();
    let mut start = 0;
    for (at, c) in text.char_indices().filter(|(_, c)| is_hidden(*c)) {
        if start < at {
            out.push(Stretch::Visible(&text[start..at]));
        }
        out.push(Stretch::Hidden(c));
        start = at + c.len_utf8();
    }
    if start < text.len() {
        out.push(Stretch::Visible(&text[start..]));
    }
    out
}

/// Control characters, and what Unicode calls default-ignorable and somebody could hide behind.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180F}'
            | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FEFF}'
            | '\u{FFA0}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E0FFF}')
}

fn short(c: char) -> String {
    match c {
        '\n' => "⏎".to_owned(),
        '\t' => "⇥".to_owned(),
        '\u{200B}' => "ZWSP".to_owned(),
        '\u{200C}' => "ZWNJ".to_owned(),
        '\u{200D}' => "ZWJ".to_owned(),
        '\u{200E}' => "LRM".to_owned(),
        '\u{200F}' => "RLM".to_owned(),
        '\u{202A}' => "LRE".to_owned(),
        '\u{202B}' => "RLE".to_owned(),
        '\u{202C}' => "PDF".to_owned(),
        '\u{202D}' => "LRO".to_owned(),
        '\u{202E}' => "RLO".to_owned(),
        '\u{2066}' => "LRI".to_owned(),
        '\u{2067}' => "RLI".to_owned(),
        '\u{2068}' => "FSI".to_owned(),
        '\u{2069}' => "PDI".to_owned(),
        c => format!("U+{:04X}", u32::from(c)),
    }
}

fn name(c: char) -> &'static str {
    match c {
        c if c.is_control() => "a control character",
        '\u{61C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' => {
            "a character that turns the direction of text"
        }
        _ => "an invisible character",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_hides_is_shown() {
        assert_eq!(
            split("a\u{202E}b\u{200B}"),
            [Stretch::Visible("a"), Stretch::Hidden('\u{202E}'), Stretch::Visible("b"), Stretch::Hidden('\u{200B}')]
        );
        assert_eq!(inside_textarea("a</textarea>&lt;"), "a&lt;/textarea>&amp;lt;");
        assert_eq!(split("日志 é"), [Stretch::Visible("日志 é")]);
    }
}
