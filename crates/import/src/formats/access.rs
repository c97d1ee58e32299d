//! Access logs of nginx, Apache, Jetty and whatever else writes the common or combined log format.

use flightbox_event::Json;

use crate::{
    fields::{Members, between, quoted, request},
    mapping::{
        Field::*,
        Frame, Mapping,
        Rule::{At, Fixed, If},
    },
};

/// The format.
pub static ACCESS: Mapping = Mapping {
    name: "access",
    title: "Access logs, common or combined",
    described: "https://httpd.apache.org/docs/2.4/logs.html#accesslog",
    notes: "As nginx, Apache and Jetty write them. The outcome follows from the status: 401 and 403 denied, others from \
            400 on failures.",
    frame: Frame::Lines(parse),
    signs: &[],
    inside: &[],
    rows: &[
        (Time, &[At("time")]),
        (Actor, &[At("user"), Fixed("anonymous")]),
        (ActorType, &[If("user", "user"), Fixed("anonymous")]),
        (Action, &[At("method"), Fixed("request")]),
        (Resource, &[At("resource")]),
        (Ip, &[At("client")]),
        (UserAgent, &[At("agent")]),
        (Method, &[At("method")]),
        (Path, &[At("path")]),
        (Status, &[At("status")]),
    ],
};

/// `ADDRESS IDENT USER [TIME] "REQUEST" STATUS BYTES`, then `"REFERER" "AGENT"`, then whatever was added.
fn parse(line: &str) -> Result<Json, &'static str> {
    read(line).ok_or("address, user, [time], \"request\", status and size")
}

fn read(line: &str) -> Option<Json> {
    let mut members = Members::of_line(line);
    let (head, rest) = line.split_once(" [")?;
    let mut head = head.splitn(3, ' ');
    members.text("client", head.next()?);
    members.text("ident", head.next()?);
    members.text("user", head.next()?);
    let (time, rest) = rest.split_once("] ")?;
    members.text("time", time);
    let (line, rest) = quoted(rest)?;
    request(&mut members, line);
    let mut rest = rest.trim_start().splitn(3, ' ');
    let status = rest.next()?;
    status.parse::<u16>().ok()?;
    members.number("status", status);
    members.number("bytes", rest.next()?);
    let mut rest = rest.next().unwrap_or_default().trim();
    for key in ["referer", "agent"] {
        if let Some((value, after)) = quoted(rest) {
            members.text(key, value);
            rest = after.trim_start();
        }
    }
    members.text("rest", rest);
    Some(members.json())
}

/// What stands in brackets at the start, and what follows.
pub(super) fn bracketed(text: &str) -> Option<(&str, &str)> {
    between(text, "[", "]").map(|(inside, rest)| (inside, rest.trim_start()))
}
