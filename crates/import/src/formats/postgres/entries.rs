//! Entries of the CSV log and of the plain log as records with the names of the JSON log.

use flightbox_event::Json;

use crate::fields::Members;

/// The columns of the CSV log by the names of the JSON log. The fifth is host and port, the twenty-second is where in the
/// server's source.
const COLUMNS: &[&str] = &[
    "timestamp",
    "user",
    "dbname",
    "pid",
    "remote_host",
    "session_id",
    "line_num",
    "ps",
    "session_start",
    "vxid",
    "txid",
    "error_severity",
    "state_code",
    "message",
    "detail",
    "hint",
    "internal_query",
    "internal_position",
    "context",
    "statement",
    "cursor_position",
    "location",
    "application_name",
    "backend_type",
    "leader_pid",
    "query_id",
];
const NUMBERS: &[&str] = &["pid", "line_num", "txid", "internal_position", "cursor_position", "leader_pid", "query_id"];
const SEVERITIES: &[&str] = &["DEBUG", "INFO", "NOTICE", "WARNING", "ERROR", "LOG", "FATAL", "PANIC"];
/// What comes behind an entry, and its name in the JSON log.
const MORE: &[(&str, &str)] = &[
    ("DETAIL", "detail"),
    ("HINT", "hint"),
    ("QUERY", "internal_query"),
    ("CONTEXT", "context"),
    ("STATEMENT", "statement"),
    ("LOCATION", "location"),
];

pub fn of_csv(fields: Vec<String>) -> Result<Json, &'static str> {
    let is_time = fields.first().is_some_and(|time| time.len() >= 19 && time.as_bytes()[4] == b'-');
    let is_severity = fields.get(11).is_some_and(|severity| SEVERITIES.iter().any(|known| severity.starts_with(known)));
    if !is_time || !is_severity || !(22..=26).contains(&fields.len()) {
        return Err("the 22 to 26 columns of PostgreSQL's CSV log");
    }
    let mut members = Members::default();
    for (name, value) in COLUMNS.iter().zip(&fields) {
        match *name {
            "remote_host" => remote(&mut members, value),
            name if NUMBERS.contains(&name) => members.number(name, value),
            name => members.text(name, value),
        }
    }
    Ok(members.json())
}

/// `192.0.2.7:51234`, or a host alone.
fn remote(members: &mut Members, value: &str) {
    let (host, port) = value.rsplit_once(':').filter(|(_, port)| port.parse::<u16>().is_ok()).unwrap_or((value, ""));
    members.text("remote_host", host);
    members.number("remote_port", port);
}

/// What stands before a line's severity, the severity, and the text behind it.
fn parts(line: &str) -> Option<(&str, &str, &str)> {
    let time = line.get(..19)?;
    if time.as_bytes()[4] != b'-' || time.as_bytes()[13] != b':' {
        return None;
    }
    let colon = line.match_indices(":  ").map(|(at, _)| at).next()?;
    let head = &line[..colon];
    let start = head.rfind(|byte: char| !(byte.is_ascii_uppercase() || byte.is_ascii_digit())).map_or(0, |at| at + 1);
    let word = &head[start..];
    let is_known =
        SEVERITIES.iter().any(|known| word.starts_with(known)) || MORE.iter().any(|(known, _)| *known == word);
    is_known.then(|| (head[..start].trim_end(), word, &line[colon + 3..]))
}

pub fn goes_on(entry: &str, line: &str) -> bool {
    if line.starts_with(['\t', ' ']) {
        return true;
    }
    let process = |line: &str| Some(line.split_once('[')?.1.split_once(']')?.0.to_owned());
    parts(line).is_some_and(|(_, word, _)| MORE.iter().any(|(known, _)| *known == word))
        && process(entry) == process(line)
}

pub fn of_text(entry: &str) -> Result<Json, &'static str> {
    read(entry).ok_or("a line that begins with a time and [process], and has a severity")
}

fn read(entry: &str) -> Option<Json> {
    let mut members = Members::default();
    let mut lines = entry.split('\n');
    let first = lines.next()?;
    let (prefix, severity, message) = parts(first)?;
    let (time, rest) = prefix.split_once(" [")?;
    let (pid, rest) = rest.split_once(']')?;
    pid.parse::<u32>().ok()?;
    members.text("timestamp", time);
    members.number("pid", pid);
    prefixed(&mut members, rest.trim_start_matches(':').trim());
    let mut texts = vec![("message", message.to_owned())];
    // A STATEMENT without its entry stands for itself.
    match MORE.iter().any(|(known, _)| *known == severity) {
        true => members.text("error_severity", "LOG"),
        false => members.text("error_severity", severity),
    }
    for line in lines {
        let more =
            parts(line).and_then(|(_, word, text)| Some((MORE.iter().find(|(known, _)| *known == word)?.1, text)));
        match (more, texts.last_mut()) {
            (Some((name, text)), _) => texts.push((name, text.to_owned())),
            (None, Some((_, last))) => {
                last.push('\n');
                last.push_str(line.strip_prefix('\t').unwrap_or(line));
            }
            (None, None) => {}
        }
    }
    texts.into_iter().for_each(|(name, text)| members.text(name, &text));
    Some(members.json())
}

/// Reads what a prefix says behind time and process.
fn prefixed(members: &mut Members, prefix: &str) {
    for word in prefix.split([' ', ',']).filter(|word| !word.is_empty()) {
        if let Some((key, value)) = word.split_once('=') {
            match key {
                "user" => members.text("user", value),
                "db" => members.text("dbname", value),
                "app" => members.text("application_name", value),
                "client" => remote(members, value),
                "session" => members.text("session_id", value),
                "line" => members.number("line_num", value),
                "state" => members.text("state_code", value),
                "backend" => members.text("backend_type", &value.replace('_', " ")),
                _ => members.text("prefix", prefix),
            }
        } else if let Some((user, database)) = word.split_once('@') {
            members.text("user", user);
            members.text("dbname", database);
        } else if let Some(line) = word.strip_prefix('[').and_then(|word| word.strip_suffix("-1]")) {
            members.number("line_num", line);
        } else {
            members.text("prefix", prefix);
        }
    }
}
