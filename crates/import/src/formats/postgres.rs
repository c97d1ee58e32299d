//! PostgreSQL's log with pgaudit, in each of the three ways that the server writes it. They make the same events: CSV and
//! plain text become records with the names of the JSON log.

mod entries;

use std::borrow::Cow;

use flightbox_event::Json;

use entries::{goes_on, of_csv, of_text};

use crate::{
    fields::csv_fields,
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
