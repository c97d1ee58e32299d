//! How an export is written down.

use axum::body::Bytes;
use flightbox_domain::keys::Keys;
use flightbox_event::{Json, rfc3339};
use flightbox_store::Stored;

/// A kind of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// RFC 4180, for spreadsheets: no cell is taken for a formula.
    Csv,
    /// One event a line, as the API writes it.
    JsonLines,
    /// One object with all of them.
    Json,
}

const COLUMNS: [&str; 24] = [
    "seq",
    "time",
    "received_at",
    "source",
    "id",
    "actor",
    "actor_type",
    "actor_name",
    "action",
    "resource",
    "resource_type",
    "outcome",
    "severity",
    "reason",
    "ip",
    "country",
    "user_agent",
    "session_id",
    "request_id",
    "method",
    "path",
    "status",
    "flags",
    "rest",
];

impl Format {
    /// What its file names end with.
    pub fn extension(self) -> &'static str {
        match self {
            Format::Csv => "csv",
            Format::JsonLines => "jsonl",
            Format::Json => "json",
        }
    }

    pub(super) fn content_type(self) -> &'static str {
        match self {
            Format::Csv => "text/csv; charset=utf-8; header=present",
            Format::JsonLines => "application/x-ndjson",
            Format::Json => "application/json",
        }
    }

    /// What comes first.
    pub(super) fn head(self) -> Vec<u8> {
        match self {
            Format::Csv => record(COLUMNS.iter().map(|name| (*name).to_owned())),
            Format::JsonLines => Vec::new(),
            Format::Json => b"{\"events\":[".to_vec(),
        }
    }

    /// One event.
    pub(super) fn write(self, event: &Stored, keys: &Keys, out: &mut Vec<u8>) {
        let json = || event.to_json(keys).canonical();
        match self {
            Format::Csv => out.extend(record(cells(event).into_iter())),
            Format::JsonLines => {
                out.extend(json().into_bytes());
                out.push(b'\n');
            }
            Format::Json => {
                out.extend(b",\n");
                out.extend(json().into_bytes());
            }
        }
    }

    /// Some events behind those before.
    pub(super) fn join(self, mut events: Vec<u8>, first: bool) -> Bytes {
        if self == Format::Json && first {
            events.remove(0);
        }
        events.into()
    }

    /// What comes last: whether that was all.
    pub(super) fn tail(self, rows: usize, whole: bool) -> Vec<u8> {
        let why = "The server could not read on. Export again, or narrow the view.";
        match (self, whole) {
            (Format::Csv | Format::JsonLines, true) => Vec::new(),
            (Format::Csv, false) => format!("# truncated after {rows} rows. {why}\r\n").into_bytes(),
            (Format::JsonLines, false) => {
                format!("{{\"truncated\":true,\"rows\":{rows},\"message\":\"{why}\"}}\n").into()
            }
            (Format::Json, true) => format!("\n],\"rows\":{rows},\"truncated\":false}}\n").into(),
            (Format::Json, false) => format!("\n],\"rows\":{rows},\"truncated\":true,\"message\":\"{why}\"}}\n").into(),
        }
    }
}

/// The cells of an event, in the order of the columns; what has no column of its own stands in the last, as JSON.
fn cells(stored: &Stored) -> Vec<String> {
    let (record, event) = (&stored.record, &stored.record.event);
    let (origin, http, resource) = (&event.origin, event.http.as_ref(), event.resource.as_ref());
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    vec![
        stored.seq.to_string(),
        rfc3339(record.occurred_at()),
        rfc3339(record.received_at),
        record.source.clone(),
        text(event.id.as_deref()),
        event.actor.id.clone(),
        event.actor.kind.to_string(),
        text(event.actor.name.as_deref()),
        event.action.clone(),
        text(resource.map(|resource| resource.id.as_str())),
        text(resource.and_then(|resource| resource.kind.as_deref())),
        event.outcome.to_string(),
        event.severity.to_string(),
        text(event.reason.as_deref()),
        text(origin.ip.as_deref()),
        text(origin.country.as_deref()),
        text(origin.user_agent.as_deref()),
        text(origin.session_id.as_deref()),
        text(origin.request_id.as_deref()),
        text(http.and_then(|http| http.method.as_deref())),
        text(http.and_then(|http| http.path.as_deref())),
        http.and_then(|http| http.status).map(|status| status.to_string()).unwrap_or_default(),
        stored.flags.iter().map(|flag| flag.as_str()).collect::<Vec<_>>().join(" "),
        rest(stored),
    ]
}

fn rest(stored: &Stored) -> String {
    let json = stored.record.event.to_json();
    let http = json.get("http").and_then(|http| http.get("duration_ms"));
    let members = ["changes", "details", "sensitive"].into_iter().map(|key| (key, json.get(key)));
    let members = members.chain([("duration_ms", http)]);
    let rest: Vec<_> = members.filter_map(|(key, value)| Some((key, value?.clone()))).collect();
    if rest.is_empty() { String::new() } else { Json::object(rest).canonical() }
}

/// One line of cells. A cell that a spreadsheet would run as a formula starts with an apostrophe.
fn record(cells: impl Iterator<Item = String>) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    // Writing into memory does not fail.
    let _ = writer.write_record(cells.map(|cell| match cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        true => format!("'{cell}"),
        false => cell,
    }));
    writer.into_inner().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn g1_no_cell_is_a_formula_and_each_is_quoted_where_it_has_to_be() {
        let cells = ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "a,b", "say \"x\"", "two\nlines", "plain", ""];
        let line = String::from_utf8(record(cells.into_iter().map(str::to_owned))).unwrap();
        let expected = "'=1+1,'+1,'-1,'@SUM(A1),'\tx,\"'\rx\",\"a,b\",\"say \"\"x\"\"\",\"two\nlines\",plain,\r\n";
        assert_eq!(line, expected);
    }
}
