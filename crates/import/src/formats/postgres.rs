//! PostgreSQL's log with pgaudit, in each of the three ways that the server writes it. They make the same events: CSV and
//! plain text become records with the names of the JSON log.

use std::borrow::Cow;

use flightbox_event::Json;

use crate::{
    fields::{Members, csv_fields},
    mapping::{
        Field::{self, *},
        Frame, Mapping, Rule,
        Rule::{At, Fixed, If, Made, Word},
        Sign::Any,
        text_at,
    },
};

const NOTES: &str = "Every entry is kept, pgaudit's and the server's own. The action is pgaudit's command, else what the \
                     message says before its colon, else the severity.";
const DESCRIBED: &str = "https://www.postgresql.org/docs/current/runtime-config-logging.html";

const ROWS: &[(Field, &[Rule])] = &[
    (Id, &[Made(&["session_id", "line_num", "session_line_num"], "session and number of the line in it", id)]),
    (Time, &[At("timestamp"), At("log_time"), At("ts")]),
    (
        Actor,
        &[
            At("user"),
            At("user_name"),
            Made(&["message"], "the message's `user=`", user_of),
            At("backend_type"),
            At("logger"),
            Fixed("postgres"),
        ],
    ),
    (
        ActorType,
        &[
            If("user", "user"),
            If("user_name", "user"),
            Made(&["message"], "`user` where the message names one", user_kind),
            Fixed("service"),
        ],
    ),
    (
        Action,
        &[
            Made(
                &["message", "error_severity"],
                "pgaudit's command; the message up to its colon; the severity",
                action,
            ),
            At("msg"),
        ],
    ),
    (Resource, &[Made(&["message"], "pgaudit's object", object), At("dbname"), At("database_name")]),
    (
        ResourceType,
        &[
            Made(&["message"], "pgaudit's type of object", object_type),
            If("dbname", "database"),
            If("database_name", "database"),
        ],
    ),
    (
        Outcome,
        &[
            Made(
                &["error_severity", "state_code", "sql_state_code", "message"],
                "an error is a failure, one of permission (28…, 42501) denied",
                outcome,
            ),
            Fixed("success"),
        ],
    ),
    (
        Severity,
        &[Word(
            "error_severity",
            &[
                ("NOTICE", "info"),
                ("WARNING", "notice"),
                ("ERROR", "notice"),
                ("FATAL", "warning"),
                ("PANIC", "critical"),
            ],
        )],
    ),
    (Reason, &[Made(&["message", "error_severity"], "the message of a warning or an error", reason)]),
    (Ip, &[Made(&["remote_host", "connection_from", "message"], "the client's host; `[local]` is none", address)]),
    (Port, &[At("remote_port"), Made(&["connection_from"], "the client's port", port)]),
    (Session, &[At("session_id")]),
];

/// The CSV log.
pub static CSV: Mapping = Mapping {
    name: "postgres-csv",
    title: "PostgreSQL and pgaudit, CSV log",
    described: DESCRIBED,
    notes: NOTES,
    frame: Frame::Csv(of_csv),
    signs: &[],
    inside: &[],
    rows: ROWS,
};

/// The JSON log.
pub static JSON: Mapping = Mapping {
    name: "postgres-json",
    title: "PostgreSQL and pgaudit, JSON log",
    described: DESCRIBED,
    notes: NOTES,
    frame: Frame::Json,
    signs: &[
        Any(&["timestamp", "log_time", "ts"]),
        Any(&["error_severity", "level"]),
        Any(&["session_id", "logging_pod", "logger"]),
        Any(&["backend_type", "pid", "process_id", "msg"]),
    ],
    inside: &["record"],
    rows: ROWS,
};

/// The log as text.
pub static STDERR: Mapping = Mapping {
    name: "postgres-stderr",
    title: "PostgreSQL and pgaudit, plain log",
    described: DESCRIBED,
    notes: "With a `log_line_prefix` that begins with `%m [%p]` or `%t [%p]`; of what follows `%u@%d`, `[%l-1]` and \
            `user=`, `db=`, `app=`, `client=`, `session=`, `line=`, `state=`, `backend=` are read. DETAIL, HINT, STATEMENT and the like belong to the \
            entry before them. Otherwise as the CSV log.",
    frame: Frame::Entries(goes_on, of_text),
    signs: &[],
    inside: &[],
    rows: ROWS,
};

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

fn of_csv(fields: Vec<String>) -> Result<Json, &'static str> {
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

fn goes_on(entry: &str, line: &str) -> bool {
    if line.starts_with(['\t', ' ']) {
        return true;
    }
    let process = |line: &str| Some(line.split_once('[')?.1.split_once(']')?.0.to_owned());
    parts(line).is_some_and(|(_, word, _)| MORE.iter().any(|(known, _)| *known == word))
        && process(entry) == process(line)
}

fn of_text(entry: &str) -> Result<Json, &'static str> {
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

/// pgaudit's fields: type, statement, part, class, command, type of object, object, statement, parameters.
fn audit(record: &Json) -> Option<Vec<String>> {
    let message = record.get("message")?.as_str()?.strip_prefix("AUDIT: ")?;
    Some(csv_fields(message)).filter(|fields| fields.len() >= 7)
}

fn message(record: &Json) -> Option<&str> {
    record.get("message")?.as_str()
}

fn id(record: &Json) -> Option<Cow<'_, str>> {
    let line = text_at(record, "line_num").or_else(|| text_at(record, "session_line_num"))?;
    Some(Cow::Owned(format!("{}-{line}", text_at(record, "session_id")?)))
}

/// `connection received: host=… user=alice database=…`
fn user_of(record: &Json) -> Option<Cow<'_, str>> {
    let message = message(record)?;
    let named = message.split_once(" user=").map(|(_, rest)| rest.split([' ', ',']).next().unwrap_or_default());
    let quoted = || message.split_once("for user \"").and_then(|(_, rest)| rest.split('"').next());
    let is_about = message.starts_with("connection ") || message.starts_with("disconnection");
    named.filter(|_| is_about).or_else(quoted).filter(|user| !user.is_empty()).map(Cow::Borrowed)
}

fn user_kind(record: &Json) -> Option<Cow<'_, str>> {
    user_of(record).map(|_| Cow::Borrowed("user"))
}

fn action(record: &Json) -> Option<Cow<'_, str>> {
    if let Some(fields) = audit(record) {
        return fields.into_iter().nth(4).map(Cow::Owned);
    }
    let severity = text_at(record, "error_severity")?;
    let message = message(record).unwrap_or_default();
    // `duration: 5.345 ms  statement: …`
    let told = match message.strip_prefix("duration: ").and_then(|rest| rest.split_once(" ms  ")) {
        Some((_, rest)) => rest.split([' ', ':']).next(),
        None => message.split_once(':').map(|(told, _)| told),
    };
    let is_plain = |told: &&str| told.len() <= 40 && told.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b' ');
    let told = told.filter(|_| matches!(&*severity, "LOG" | "INFO" | "NOTICE")).filter(is_plain);
    Some(told.map_or_else(|| Cow::Owned(severity.to_ascii_lowercase()), Cow::Borrowed))
}

fn object(record: &Json) -> Option<Cow<'_, str>> {
    audit(record)?.into_iter().nth(6).filter(|name| !name.is_empty()).map(Cow::Owned)
}

fn object_type(record: &Json) -> Option<Cow<'_, str>> {
    let fields = audit(record)?;
    fields.into_iter().nth(5).filter(|kind| !kind.is_empty()).map(Cow::Owned)
}

fn is_error(record: &Json) -> bool {
    text_at(record, "error_severity").is_some_and(|severity| matches!(&*severity, "ERROR" | "FATAL" | "PANIC"))
        || text_at(record, "level").is_some_and(|level| level == "error")
}

fn outcome(record: &Json) -> Option<Cow<'_, str>> {
    if !is_error(record) {
        return None;
    }
    let code = text_at(record, "state_code").or_else(|| text_at(record, "sql_state_code"));
    let by_code = code.is_some_and(|code| code.starts_with("28") || code == "42501");
    let starts = ["permission denied", "password authentication failed", "no pg_hba.conf entry"];
    let by_text = message(record).is_some_and(|text| starts.iter().any(|start| text.starts_with(start)));
    Some(Cow::Borrowed(if by_code || by_text { "denied" } else { "failure" }))
}

fn reason(record: &Json) -> Option<Cow<'_, str>> {
    let is_warning = text_at(record, "error_severity").is_some_and(|severity| severity == "WARNING");
    message(record).filter(|_| is_warning || is_error(record)).map(Cow::Borrowed)
}

fn address(record: &Json) -> Option<Cow<'_, str>> {
    let from = text_at(record, "remote_host").or_else(|| text_at(record, "connection_from"));
    let told = || {
        message(record)?.split_once("host=").map(|(_, rest)| Cow::Borrowed(rest.split(' ').next().unwrap_or_default()))
    };
    let host = from.or_else(told).filter(|host| host != "[local]")?;
    // `192.0.2.7:51234`, and not an address of version 6.
    match host.rsplit_once(':') {
        Some((before, port)) if !before.contains(':') && port.parse::<u16>().is_ok() => {
            Some(Cow::Owned(before.to_owned()))
        }
        _ => Some(host),
    }
}

fn port(record: &Json) -> Option<Cow<'_, str>> {
    let from = text_at(record, "connection_from")?;
    let (_, port) = from.rsplit_once(':')?;
    Some(Cow::Owned(port.to_owned()))
}
