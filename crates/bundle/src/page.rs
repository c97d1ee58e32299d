//! The page that verifies evidence: markup, style, script and wasm in one file, under a policy that lets in those alone.

use anyhow::{Context as _, Result, ensure};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use sha2::{Digest as _, Sha256};

use crate::{Files, css};

/// What the browser may do beside running the page's own script: compile wasm, show the icon that is none.
const POLICY: &str = "default-src 'none'; connect-src 'none'; base-uri 'none'; form-action 'none'; img-src data:";

/// The page, from its parts, the colours of the dashboard, and what wasm-bindgen made.
pub(crate) fn assemble(page: &Files, sheets: &Files, glue: &str, wasm: &[u8]) -> Result<String> {
    let part = |files: &Files, name: &str| -> Result<String> {
        let bytes = files.get(name).with_context(|| format!("{name} is missing"))?;
        Ok(String::from_utf8(bytes.clone())?)
    };
    let style = css::minify(&(part(sheets, "tokens.css")? + &part(page, "page.css")?));
    let script = format!("const WASM = \"{}\";\n{glue}\n{}", BASE64_STANDARD.encode(wasm), part(page, "page.js")?);
    // Either would end its element, and be another text than the one that is hashed.
    ensure!(
        !script.contains("</") && !script.contains("<!--") && !style.contains("</"),
        "a part would end its element"
    );
    let policy =
        format!("{POLICY}; style-src '{}'; script-src '{}' 'wasm-unsafe-eval'", source(&style), source(&script));
    // The script last: it may contain anything.
    let page = part(page, "page.html")?;
    Ok([("{policy}", policy), ("{style}", style), ("{script}", script)]
        .into_iter()
        .fold(page, |page, (name, text)| page.replacen(name, &text, 1)))
}

/// How a policy names a script or a style by what it says.
fn source(text: &str) -> String {
    format!("sha256-{}", BASE64_STANDARD.encode(Sha256::digest(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(parts: &[(&str, &str)]) -> Files {
        parts.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())).collect()
    }

    #[test]
    fn the_policy_lets_in_what_stands_in_the_page_and_nothing_else() {
        let html = "<meta content=\"{policy}\"><style>{style}</style><script>{script}</script>";
        let page = files(&[("page.html", html), ("page.css", "a { top: 0 }"), ("page.js", "go(\"{style}\");")]);
        let sheets = files(&[("tokens.css", "b { top: 1px }")]);
        let made = assemble(&page, &sheets, "glue();", b"\0asm").unwrap();
        let between = |before: &str, after: &str| made.split_once(before).unwrap().1.split_once(after).unwrap().0;
        let (style, script) = (between("<style>", "</style>"), between("<script>", "</script>"));
        assert_eq!(script, "const WASM = \"AGFzbQ==\";\nglue();\ngo(\"{style}\");");
        let policy = between("content=\"", "\"");
        assert!(policy.contains(&format!("style-src '{}'", source(style))), "{policy}");
        assert!(policy.contains(&format!("script-src '{}' 'wasm-unsafe-eval'", source(script))), "{policy}");
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe-inline"));
        let ends = files(&[("page.html", html), ("page.css", ""), ("page.js", "\"</script>\"")]);
        assert!(assemble(&ends, &sheets, "", b"").is_err());
    }
}
