//! How an export is written down.

use axum::body::Bytes;
use flightbox_domain::{keys::Keys, seal::Place};
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
    /// The one whose file names end like that.
    pub fn of_extension(extension: &str) -> Option<Self> {
        [Format::Csv, Format::JsonLines, Format::Json].into_iter().find(|format| format.extension() == extension)
    }

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

    /// One event, with what stands in the place of its sealed values; where that is nothing, their kind does.
    pub(super) fn write(self, event: &Stored, opened: Vec<(Place, Json)>, keys: &Keys, out: &mut Vec<u8>) {
        let mut json = match self {
            Format::Csv => event.record.event_to_json(),
            Format::JsonLines | Format::Json => event.to_json(keys),
        };
        // What the API returns has the event's own fields where the event has them.
        opened.into_iter().for_each(|(place, value)| place.put(&mut json, value));
        match self {
            Format::Csv => out.extend(record(cells(event, &json).into_iter())),
            Format::JsonLines => {
                out.extend(json.canonical().into_bytes());
                out.push(b'\n');
            }
            Format::Json => {
                out.extend(b",\n");
                out.extend(json.canonical().into_bytes());
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

    /// What comes last: whether that was all, or why not.
    pub(super) fn tail(self, rows: usize, cut: Option<&str>) -> Vec<u8> {
        match (self, cut) {
            (Format::Csv | Format::JsonLines, None) => Vec::new(),
            (Format::Csv, Some(why)) => format!("# truncated after {rows} rows. {why}\r\n").into_bytes(),
            (Format::JsonLines, Some(why)) => {
                format!("{{\"truncated\":true,\"rows\":{rows},\"message\":\"{why}\"}}\n").into()
            }
            (Format::Json, None) => format!("\n],\"rows\":{rows},\"truncated\":false}}\n").into(),
            (Format::Json, Some(why)) => {
                format!("\n],\"rows\":{rows},\"truncated\":true,\"message\":\"{why}\"}}\n").into()
            }
        }
    }
}

/// The cells of an event, in the order of the columns; what has no column of its own stands in the last, as JSON.
fn cells(stored: &Stored, json: &Json) -> Vec<String> {
    let record = &stored.record;
    let cell = |keys: &[&str]| json.at(keys).map(cell).unwrap_or_default();
    vec![
        stored.seq.to_string(),
        rfc3339(record.occurred_at()),
        rfc3339(record.received_at),
        record.source.clone(),
        cell(&["id"]),
        cell(&["actor", "id"]),
        cell(&["actor", "type"]),
        cell(&["actor", "name"]),
        cell(&["action"]),
        cell(&["resource", "id"]),
        cell(&["resource", "type"]),
        cell(&["outcome"]),
        cell(&["severity"]),
        cell(&["reason"]),
        cell(&["origin", "ip"]),
        cell(&["origin", "country"]),
        cell(&["origin", "user_agent"]),
        cell(&["origin", "session_id"]),
        cell(&["origin", "request_id"]),
        cell(&["http", "method"]),
        cell(&["http", "path"]),
        cell(&["http", "status"]),
        stored.flags.iter().map(|flag| flag.as_str()).collect::<Vec<_>>().join(" "),
        rest(json),
    ]
}

/// A value as a cell: of one that is sealed or erased, that it is.
fn cell(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        Json::Object(members) => members.first().map(|(word, _)| word.clone()).unwrap_or_default(),
        other => other.canonical(),
    }
}

fn rest(json: &Json) -> String {
    let others = [
        ("changes", &["changes"][..]),
        ("details", &["details"]),
        ("sensitive", &["sensitive"]),
        ("actor_email", &["actor", "email"]),
        ("resource_name", &["resource", "name"]),
        ("duration_ms", &["http", "duration_ms"]),
    ];
    let rest: Vec<_> = others.into_iter().filter_map(|(name, keys)| Some((name, json.at(keys)?.clone()))).collect();
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
