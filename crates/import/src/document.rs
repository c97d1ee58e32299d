//! The mappings as people read them.

use crate::{
    formats::FORMATS,
    mapping::{Mapping, Rule},
};

/// Every mapping as a table, in Markdown. It is made from the tables that are carried out, and says what they do.
pub fn markdown() -> String {
    let mut out = String::from(
        "# What becomes of a record\n\nMade by `flightbox formats` from the tables in `src/formats/`. Of what stands in a \
         row the first that is there counts. The record itself stands whole in `details`.\n",
    );
    for mapping in FORMATS {
        push(&mut out, mapping);
    }
    out
}

fn push(out: &mut String, mapping: &Mapping) {
    let Mapping { name, title, described, notes, rows, inside, .. } = mapping;
    out.push_str(&format!("\n## {title}: `{name}`\n\n{notes}"));
    if !described.is_empty() {
        out.push_str(&format!(" Described at <{described}>."));
    }
    if !inside.is_empty() {
        let names: Vec<_> = inside.iter().map(|name| format!("`{name}`")).collect();
        out.push_str(&format!(" The record may stand in {}.", names.join(" or ")));
    }
    out.push_str("\n\n| event | record |\n|---|---|\n");
    for (field, rules) in *rows {
        let rules: Vec<_> = rules.iter().map(told).collect();
        out.push_str(&format!("| `{}` | {} |\n", field.name(), rules.join("; ").replace('|', "\\|")));
    }
}

fn told(rule: &Rule) -> String {
    match rule {
        Rule::At(path) => format!("`{path}`"),
        Rule::Fixed(value) => format!("`{value}`"),
        Rule::If(path, value) => format!("`{value}` where there is `{path}`"),
        Rule::Word(path, words) => {
            let mut meanings: Vec<(&str, Vec<&str>)> = Vec::new();
            for (word, meaning) in *words {
                match meanings.iter_mut().find(|(known, _)| known == meaning) {
                    Some((_, all)) => all.push(word),
                    None => meanings.push((meaning, vec![word])),
                }
            }
            let meanings: Vec<_> =
                meanings.iter().map(|(meaning, all)| format!("`{meaning}` for {}", all.join(", "))).collect();
            format!("`{path}`: {}", meanings.join(", "))
        }
        Rule::Made(paths, says, _) => {
            let paths: Vec<_> = paths.iter().map(|path| format!("`{path}`")).collect();
            format!("{says} (from {})", paths.join(", "))
        }
    }
}
