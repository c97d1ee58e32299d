//! Apache's error log.

use flightbox_event::Json;

use super::access::bracketed;
use crate::{
    fields::Members,
    mapping::{
        Field::*,
        Frame, Mapping,
        Rule::{At, Fixed, If, Word},
    },
};

/// Levels as severities, of Apache and nginx.
pub(super) const LEVELS: &[(&str, &str)] = &[
    ("notice", "notice"),
    ("warn", "warning"),
    ("error", "warning"),
    ("crit", "critical"),
    ("alert", "critical"),
    ("emerg", "critical"),
];

/// The format.
pub static APACHE_ERROR: Mapping = Mapping {
    name: "apache-error",
    title: "Apache error log",
    described: "https://httpd.apache.org/docs/2.4/logs.html#errorlog",
    notes: "Apache 2.2 and 2.4. What a client caused is that client's, all else the server's own.",
    frame: Frame::Lines(parse),
    signs: &[],
    inside: &[],
    rows: &[
        (Time, &[At("time")]),
        (Actor, &[If("client", "anonymous"), Fixed("apache")]),
        (ActorType, &[If("client", "anonymous"), Fixed("service")]),
        (Action, &[At("action")]),
        (Resource, &[At("path")]),
        (Outcome, &[At("outcome")]),
        (Severity, &[Word("level", LEVELS)]),
        (Reason, &[At("text")]),
        (Ip, &[At("client")]),
    ],
};

/// `[TIME] [MODULE:LEVEL] [pid N:tid N] CODE [client ADDRESS] TEXT`
fn parse(line: &str) -> Result<Json, &'static str> {
    read(line).ok_or("[time] [module:level] and a message")
}

fn read(line: &str) -> Option<Json> {
    let mut members = Members::of_line(line);
    let (time, rest) = bracketed(line)?;
    if time.len() < 20 {
        return None;
    }
    members.text("time", time);
    let (level, mut rest) = bracketed(rest)?;
    let (module, level) = level.split_once(':').unwrap_or(("", level));
    if !level.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return None;
    }
    members.text("module", module);
    members.text("level", level);
    members.text("action", &if module.is_empty() { level.to_owned() } else { format!("{module}.{level}") });
    if let Some((process, after)) = bracketed(rest).filter(|(inside, _)| inside.starts_with("pid ")) {
        let (pid, tid) = process.split_once(":tid ").unwrap_or((process, ""));
        members.number("pid", pid.trim_start_matches("pid "));
        members.number("tid", tid);
        rest = after;
    }
    let (code, rest) = match rest.split_once("[client ") {
        Some((code, rest)) => {
            let (client, rest) = rest.split_once(']')?;
            members.text("client", client);
            (code.trim(), rest.trim_start())
        }
        None => ("", rest),
    };
    members.text("code", code);
    members.text("text", rest);
    members.text(
        "path",
        rest.rsplit_once(": /").map(|(_, path)| format!("/{}", path.trim())).as_deref().unwrap_or_default(),
    );
    members.text("outcome", outcome(level, &format!("{code} {rest}")));
    Some(members.json())
}

/// How something ended that was logged at a level, of Apache and nginx.
pub(super) fn outcome(level: &str, text: &str) -> &'static str {
    let refused = ["denied", "forbidden", "not allowed", "Unauthorized"].iter().any(|word| text.contains(word));
    match level {
        "error" | "crit" | "alert" | "emerg" if refused => "denied",
        "error" | "crit" | "alert" | "emerg" => "failure",
        _ => "success",
    }
}
