//! An event as the line that leaves the process.

use flightbox_event::{Actor, ActorKind, Event, Json, mask};

/// The longest line that keeps changes and details: a server takes no more of either.
const LONGEST: usize = 256 * 1024;

/// Appends the event as a line of JSON, its secrets masked, each of its texts within what a server takes.
pub(crate) fn push(mut event: Event, out: &mut Vec<u8>) {
    // Before anything is cut: half a token is not known for one.
    mask(&mut event);
    fit(&mut event);
    let mut text = String::with_capacity(512);
    event.push_canonical(&mut text);
    if text.len() > LONGEST {
        let message = format!("changes and details, for the event had {} bytes", text.len());
        event.changes.clear();
        event.sensitive.clear();
        event.details = Some(Json::object([("omitted", message.into())]));
        text.clear();
        event.push_canonical(&mut text);
    }
    text.push('\n');
    out.extend_from_slice(text.as_bytes());
}

/// Nobody known.
pub(crate) fn anonymous() -> Actor {
    Actor { id: "anonymous".to_owned(), kind: ActorKind::Anonymous, ..Actor::default() }
}

/// A client chooses how long its path or user agent is; that must not cost the event.
fn fit(event: &mut Event) {
    if event.actor.id.is_empty() {
        event.actor = anonymous();
    }
    cut(&mut event.action, 128);
    cut(&mut event.actor.id, 256);
    event.resource = event.resource.take().filter(|resource| !resource.id.is_empty());
    if let Some(resource) = &mut event.resource {
        cut(&mut resource.id, 1024);
        cut_some(&mut resource.kind, 128);
        cut_some(&mut resource.name, 256);
    }
    if let Some(http) = &mut event.http {
        cut_some(&mut http.method, 32);
        cut_some(&mut http.path, 2048);
    }
    cut_some(&mut event.actor.name, 256);
    cut_some(&mut event.actor.email, 320);
    cut_some(&mut event.reason, 1024);
    cut_some(&mut event.origin.user_agent, 2048);
    cut_some(&mut event.origin.request_id, 256);
}

fn cut_some(text: &mut Option<String>, most: usize) {
    if let Some(text) = text {
        cut(text, most);
    }
}

/// To so many characters.
fn cut(text: &mut String, most: usize) {
    if text.len() > most
        && let Some((end, _)) = text.char_indices().nth(most)
    {
        text.truncate(end);
    }
}

#[cfg(test)]
mod tests {
    use flightbox_event::{json, parse_event};

    use super::*;
    use crate::Entry;

    fn sent(event: Event) -> (String, Event) {
        let mut line = Vec::new();
        push(event, &mut line);
        let parsed = parse_event(&json::parse(&line).unwrap()).unwrap();
        (String::from_utf8(line).unwrap(), parsed)
    }

    #[test]
    fn no_secret_is_in_the_line() {
        let entry = Entry::new("login")
            .detail("password", "hunter2")
            .detail("note", "it is sk_live_abcdefghijklmnopqrstuv")
            .change("api_key", "old-one", "new-one");
        let (line, _) = sent(entry.event);
        for secret in ["hunter2", "sk_live_", "old-one", "new-one"] {
            assert!(!line.contains(secret), "{line}");
        }
        assert_eq!(line.matches("***").count(), 4);
    }

    #[test]
    fn whatever_a_client_sends_is_an_event_that_a_server_takes() {
        let mut event =
            Entry::new("é".repeat(1_000)).on(format!("/{}", "x".repeat(9_999))).reason("r".repeat(5_000)).event;
        event.origin.user_agent = Some("ü".repeat(9_999));
        event.http = Some(flightbox_event::Http { path: Some("/".repeat(9_999)), ..Default::default() });
        let (_, parsed) = sent(event);
        assert_eq!(parsed.action, "é".repeat(128));
        assert_eq!((parsed.actor.id.as_str(), parsed.actor.kind), ("anonymous", ActorKind::Anonymous));
        assert_eq!(sent(Entry::new("x").on("").event).1.resource, None);
    }

    #[test]
    fn an_event_too_large_to_be_taken_says_what_it_left_out() {
        let (line, parsed) = sent(Entry::new("import").detail("rows", "x".repeat(LONGEST)).change("a", 1, 2).event);
        assert!(line.len() < 1_000);
        let omitted = parsed.details.unwrap().get("omitted").unwrap().as_str().unwrap().to_owned();
        assert!(omitted.starts_with("changes and details, for the event had 262"), "{omitted}");
    }
}
