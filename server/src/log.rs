//! What is logged to stderr: one event is one line, whatever stands in it. Errors quote what others wrote, and nobody
//! may forge a line, or colour one, by what they write.

use std::{io, panic};

use tracing_subscriber::EnvFilter;

/// What is logged where nobody says. The queue's own client would say with every try what is told once.
const USUAL: &str = "warn,async_nats=off";

/// Logs to stderr from now on, panics too.
pub fn start() {
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::try_from_env("FLIGHTBOX_LOG").unwrap_or_else(|_| USUAL.into()))
        .with_ansi(false)
        .with_writer(|| OneLine(io::stderr()))
        .init();
    // The usual hook writes what a panic says as it is, over as many lines as that takes.
    panic::set_hook(Box::new(|panic| {
        let text = panic.payload_as_str().unwrap_or("without a word");
        let at = panic.location().map(ToString::to_string);
        tracing::error!(?text, ?at, "a panic");
    }));
}

/// Writes each event, which comes in one piece, as one line: what is no plain character in it is spelled out.
pub struct OneLine<W>(pub W);

impl<W: io::Write> io::Write for OneLine<W> {
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        self.0.write_all(line(&String::from_utf8_lossy(event)).as_bytes())?;
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

fn line(event: &str) -> String {
    plain(event.strip_suffix('\n').unwrap_or(event)) + "\n"
}

/// A text that stays on its line and moves no terminal's cursor: what is no plain character in it is spelled out.
pub fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len() + 1);
    for c in text.chars() {
        match c {
            // Line and paragraph separators, and what turns the direction of text.
            '\u{2028}' | '\u{2029}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                plain.extend(c.escape_unicode());
            }
            c if c.is_control() && c != '\t' => plain.extend(c.escape_default()),
            c => plain.push(c),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a36_whatever_an_event_says_is_one_line() {
        let forged = "2026 ERROR a path=/x\r\n2026 INFO alice signed in\u{1b}[2K\u{2028}b\u{202e}\u{85}\n";
        let line = line(forged);
        assert_eq!(line.matches(|c: char| c.is_control()).count(), 1, "{line:?}");
        assert!(line.ends_with("\\u{202e}\\u{85}\n") && line.contains("\\r\\n2026 INFO"), "{line}");
        assert_eq!(super::line("plain\twörds\n"), "plain\twörds\n");
    }
}
