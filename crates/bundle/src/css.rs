//! The style sheets, joined into one and made a little smaller.

use anyhow::{Context as _, Result};

use crate::Files;

/// The sheets that the others build on. The others stand for one part of the interface each and
/// don't overlap, so their order, which is that of their names, doesn't matter.
const FIRST: [&str; 2] = ["tokens.css", "main.css"];

/// All sheets as one.
pub(crate) fn join(sheets: &Files) -> Result<String> {
    let first = FIRST.iter().filter_map(|name| sheets.get_key_value(*name));
    let rest = sheets.iter().filter(|(name, _)| !FIRST.contains(&name.as_str()));
    let mut joined = String::new();
    for (name, bytes) in first.chain(rest) {
        let sheet = std::str::from_utf8(bytes).with_context(|| format!("style/{name} isn't UTF-8"))?;
        joined += &minify(sheet);
    }
    Ok(joined)
}

/// Takes out comments and runs of white space, outside of strings. Compression does the rest, so
/// nothing cleverer than that would pay.
pub(crate) fn minify(sheet: &str) -> String {
    let mut small = String::with_capacity(sheet.len());
    let mut characters = sheet.chars().peekable();
    let mut quote = None;
    while let Some(character) = characters.next() {
        match (quote, character) {
            (Some(_), '\\') => {
                small.push(character);
                small.extend(characters.next());
                continue;
            }
            (Some(open), _) if character == open => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(character),
            (None, '/') if characters.peek() == Some(&'*') => {
                characters.next();
                while let Some(skipped) = characters.next() {
                    if skipped == '*' && characters.next_if_eq(&'/').is_some() {
                        break;
                    }
                }
                // As in CSS itself, a comment parts two words.
                push_space(&mut small);
                continue;
            }
            (None, _) if character.is_ascii_whitespace() => {
                push_space(&mut small);
                continue;
            }
            (None, '{' | '}' | ';') if small.ends_with(' ') => {
                small.pop();
            }
            (None, _) => {}
        }
        small.push(character);
    }
    small
}

/// One space, unless what stands before makes it needless.
fn push_space(small: &mut String) {
    if !small.is_empty() && !small.ends_with([' ', '{', '}', ';', ',']) {
        small.push(' ');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_come_after_what_they_build_on() {
        let sheets = ["a.css", "main.css", "tokens.css", "z.css"].map(|name| (name.to_owned(), name.into()));
        assert_eq!(join(&sheets.into()).unwrap(), "tokens.cssmain.cssa.cssz.css");
    }

    #[test]
    fn comments_and_white_space_go() {
        let sheet = "/* why */\na  >  b ,\nc {\n  margin: 0 auto; /* how */\n  top: 0;\n}\n";
        assert_eq!(minify(sheet), "a > b ,c{margin: 0 auto;top: 0;}");
    }

    #[test]
    fn a_comment_parts_words() {
        assert_eq!(minify("margin:1px/**/2px"), "margin:1px 2px");
    }

    #[test]
    fn strings_stay_as_they_are() {
        let sheet = r#"a::after{content:"/*  ;  */ \" { ";}"#;
        assert_eq!(minify(sheet), sheet);
    }

    #[test]
    fn selectors_keep_the_spaces_that_mean_something() {
        assert_eq!(minify("a :hover\n{top:0}"), "a :hover{top:0}");
        assert_eq!(minify("a{width:calc(1px + 2px)}"), "a{width:calc(1px + 2px)}");
    }
}
