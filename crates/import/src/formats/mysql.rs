//! MySQL's general query log.

use flightbox_event::Json;

use crate::{
    fields::Members,
    mapping::{
        Field::*,
        Frame, Mapping,
        Rule::{At, Fixed, If},
    },
};

/// The format.
pub static MYSQL: Mapping = Mapping {
    name: "mysql",
    title: "MySQL general query log",
    described: "https://dev.mysql.com/doc/refman/8.4/en/query-log.html",
    notes: "Only the line of a connection says whose it is; the connection's number, by which the others belong to it, is \
            the session.",
    frame: Frame::Entries(goes_on, parse),
    signs: &[],
    inside: &[],
    rows: &[
        (Time, &[At("time")]),
        (Actor, &[At("user"), Fixed("unknown")]),
        (ActorType, &[If("user", "user"), Fixed("anonymous")]),
        (Action, &[At("command")]),
        (Resource, &[At("database")]),
        (ResourceType, &[If("database", "database")]),
        (Outcome, &[At("outcome")]),
        (Reason, &[At("refusal")]),
        (Ip, &[At("host")]),
        (Session, &[At("thread")]),
    ],
};

fn goes_on(_: &str, line: &str) -> bool {
    parse(line).is_err()
}

/// `TIME\tTHREAD COMMAND\tARGUMENT`
fn parse(entry: &str) -> Result<Json, &'static str> {
    read(entry).ok_or("time, number of the connection, command and argument, between tabs")
}

fn read(entry: &str) -> Option<Json> {
    let mut members = Members::of_line(entry);
    let (time, rest) = entry.split_once('\t')?;
    if !time.starts_with(|first: char| first.is_ascii_digit()) || !time.contains(':') {
        return None;
    }
    let (thread, rest) = rest.trim_start().split_once(' ')?;
    thread.parse::<u64>().ok()?;
    let (command, argument) = rest.split_once('\t').unwrap_or((rest, ""));
    members.text("time", time);
    members.number("thread", thread);
    members.text("command", command.trim());
    members.text("argument", argument);
    if command.trim() == "Connect" {
        connect(&mut members, argument);
    }
    Some(members.json())
}

/// `USER@HOST on DATABASE using TCP/IP`, or `Access denied for user 'USER'@'HOST' (using password: YES)`.
fn connect(members: &mut Members, argument: &str) {
    let (who, rest) = match argument.strip_prefix("Access denied for user ") {
        Some(rest) => {
            members.text("outcome", "denied");
            members.text("refusal", argument);
            rest.split_once(" (").unwrap_or((rest, ""))
        }
        None => argument.split_once(" on ").unwrap_or((argument, "")),
    };
    let (user, host) = who.split_once('@').unwrap_or((who, ""));
    members.text("user", user.trim_matches('\''));
    members.text("host", host.trim_matches('\''));
    if members.get("outcome").is_none() {
        members.text("database", rest.split(" using ").next().unwrap_or_default().trim());
    }
}
