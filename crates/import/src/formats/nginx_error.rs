//! nginx's error log.

use flightbox_event::Json;

use super::apache_error::{LEVELS, outcome};
use crate::{
    fields::{Members, quoted, request},
    mapping::{
        Field::*,
        Frame, Mapping,
        Rule::{At, Fixed, If, Word},
    },
};

/// The format.
pub static NGINX_ERROR: Mapping = Mapping {
    name: "nginx-error",
    title: "nginx error log",
    described: "https://nginx.org/en/docs/ngx_core_module.html#error_log",
    notes: "What a client caused is that client's, all else the server's own.",
    frame: Frame::Lines(parse),
    signs: &[],
    inside: &[],
    rows: &[
        (Time, &[At("time")]),
        (Actor, &[If("client", "anonymous"), Fixed("nginx")]),
        (ActorType, &[If("client", "anonymous"), Fixed("service")]),
        (Action, &[At("method"), At("level")]),
        (Resource, &[At("resource"), At("host")]),
        (Outcome, &[At("outcome")]),
        (Severity, &[Word("level", LEVELS)]),
        (Reason, &[At("text")]),
        (Ip, &[At("client")]),
        (Method, &[At("method")]),
        (Path, &[At("path")]),
    ],
};

/// `TIME [LEVEL] PID#TID: *CONNECTION TEXT, client: …, server: …, request: "…", host: "…"`
fn parse(line: &str) -> Result<Json, &'static str> {
    read(line).ok_or("time, [level], process and a message")
}

fn read(line: &str) -> Option<Json> {
    let mut members = Members::of_line(line);
    let (time, rest) = line.split_once(" [")?;
    let is_time =
        time.len() == 19 && time.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'/' | b':' | b' '));
    let (level, rest) = rest.split_once("] ")?;
    let (process, mut rest) = rest.split_once(": ")?;
    let (pid, tid) = process.split_once('#').filter(|_| is_time)?;
    members.text("time", time);
    members.text("level", level);
    members.number("pid", pid);
    members.number("tid", tid);
    if let Some((connection, after)) = rest.strip_prefix('*').and_then(|rest| rest.split_once(' ')) {
        members.number("connection", connection);
        rest = after;
    }
    let (text, tail) = rest.split_once(", client: ").unwrap_or((rest, ""));
    members.text("text", text);
    members.text("outcome", outcome(level, text));
    let (client, mut tail) = tail.split_once(", ").unwrap_or((tail, ""));
    members.text("client", client);
    while let Some((key, after)) = tail.split_once(": ") {
        let (value, after) = match quoted(after) {
            Some((value, after)) => (value, after.strip_prefix(", ").unwrap_or(after)),
            None => after.split_once(", ").unwrap_or((after, "")),
        };
        match key {
            "request" => request(&mut members, value),
            _ => members.text(key, value),
        }
        tail = after;
    }
    Some(members.json())
}
