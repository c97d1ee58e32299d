//! sshd's lines in the system log, and those of what else is logged beside it.

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
pub static SSHD: Mapping = Mapping {
    name: "sshd",
    title: "sshd, in the system log",
    described: "https://man.openbsd.org/sshd",
    notes: "`auth.log` and `secure`, with the old times (`Nov  7 13:31:58`, no year, no zone) or those of RFC 3339. Lines \
            of sudo and of PAM's sessions are taken apart too; any other program's line has the program as its action.",
    frame: Frame::Lines(parse),
    signs: &[],
    inside: &[],
    rows: &[
        (Time, &[At("time")]),
        (Actor, &[At("user"), At("program")]),
        (ActorType, &[If("invalid", "anonymous"), If("user", "user"), Fixed("system")]),
        (Action, &[At("action"), At("program")]),
        (Resource, &[At("command"), At("host")]),
        (ResourceType, &[If("command", "command"), Fixed("host")]),
        (Outcome, &[At("outcome"), Fixed("success")]),
        (Reason, &[At("text")]),
        (Ip, &[At("address")]),
        (Port, &[At("port")]),
        (Session, &[At("pid")]),
    ],
};

/// How messages begin, and what they mean: action and outcome. `{user}`, `{address}`, `{port}` and `{}`, which is
/// anything, stand for a word.
const MESSAGES: &[(&str, &str, &str)] = &[
    ("Accepted {} for {user} from {address} port {port}", "ssh.login", "success"),
    ("Failed {} for invalid user {user} from {address} port {port}", "ssh.login", "failure"),
    ("Failed {} for {user} from {address} port {port}", "ssh.login", "failure"),
    ("Postponed {} for {user} from {address} port {port}", "ssh.login", "unknown"),
    ("Invalid user {user} from {address} port {port}", "ssh.invalid_user", "failure"),
    ("Invalid user {user} from {address}", "ssh.invalid_user", "failure"),
    ("User {user} from {address} not allowed because", "ssh.login", "denied"),
    (
        "error: maximum authentication attempts exceeded for invalid user {user} from {address} port {port}",
        "ssh.login",
        "denied",
    ),
    ("error: maximum authentication attempts exceeded for {user} from {address} port {port}", "ssh.login", "denied"),
    ("Connection from {address} port {port}", "ssh.connect", "success"),
    ("Connection closed by authenticating user {user} {address} port {port}", "ssh.disconnect", "failure"),
    ("Connection closed by invalid user {user} {address} port {port}", "ssh.disconnect", "failure"),
    ("Connection reset by {address} port {port}", "ssh.disconnect", "failure"),
    ("Connection closed by {address} port {port}", "ssh.disconnect", "success"),
    ("Disconnecting invalid user {user} {address} port {port}", "ssh.disconnect", "failure"),
    ("Disconnecting authenticating user {user} {address} port {port}", "ssh.disconnect", "failure"),
    ("Disconnected from user {user} {address} port {port}", "ssh.disconnect", "success"),
    ("Disconnected from authenticating user {user} {address} port {port}", "ssh.disconnect", "failure"),
    ("Disconnected from invalid user {user} {address} port {port}", "ssh.disconnect", "failure"),
    ("Disconnected from {address} port {port}", "ssh.disconnect", "success"),
    ("Received disconnect from {address} port {port}", "ssh.disconnect", "success"),
    ("Server listening on {address} port {port}", "ssh.listen", "success"),
    ("session opened for user {user}", "session.open", "success"),
    ("session closed for user {user}", "session.close", "success"),
    ("authentication failure;", "session.authenticate", "failure"),
];

/// `TIME HOST PROGRAM[PID]: TEXT`
fn parse(line: &str) -> Result<Json, &'static str> {
    read(line).ok_or("time, host, program and a message")
}

fn read(line: &str) -> Option<Json> {
    let mut members = Members::of_line(line);
    let line = match line.strip_prefix('<').and_then(|rest| rest.split_once('>')) {
        Some((priority, rest)) if priority.bytes().all(|byte| byte.is_ascii_digit()) => rest,
        _ => line,
    };
    let is_new = line.starts_with(|first: char| first.is_ascii_digit());
    let (time, rest) = match is_new {
        true => line.split_once(' ')?,
        false => (line.get(..15)?, line.get(15..)?.strip_prefix(' ')?),
    };
    if !time.contains(':')
        || !time.is_ascii()
        || (!is_new && !time.starts_with(|first: char| first.is_ascii_uppercase()))
    {
        return None;
    }
    let (host, rest) = rest.split_once(' ')?;
    let (tag, text) = rest.split_once(": ").or_else(|| rest.strip_suffix(':').map(|tag| (tag, "")))?;
    let (program, pid) = tag.split_once('[').unwrap_or((tag, ""));
    if program.is_empty() || program.contains(' ') {
        return None;
    }
    members.text("time", time);
    members.text("host", host);
    members.text("program", program);
    members.number("pid", pid.trim_end_matches(']'));
    members.text("text", text);
    if program == "sudo" {
        sudo(&mut members, text);
    }
    // `pam_unix(sshd:session): session opened …`
    let text = match text.strip_prefix("pam_").and_then(|rest| rest.split_once("): ")) {
        Some((_, rest)) => rest,
        None => text,
    };
    if members.get("action").is_none() {
        let found = MESSAGES.iter().find_map(|(start, ..)| words(start, text).map(|words| (start, words)));
        if let Some((start, words)) = found {
            let known = MESSAGES.iter().find(|(other, ..)| other == start);
            known.into_iter().for_each(|(_, action, outcome)| {
                members.text("action", action);
                members.text("outcome", outcome);
            });
            words.into_iter().for_each(|(name, word)| members.text(name, word));
            if start.contains("invalid user") || start.starts_with("Invalid user") {
                members.put("invalid", true.into());
            }
        }
    }
    Some(members.json())
}

/// The words that a text has where a pattern names them, if the text starts like the pattern.
fn words<'a>(pattern: &'static str, text: &'a str) -> Option<Vec<(&'static str, &'a str)>> {
    let mut found = Vec::new();
    let (mut pattern, mut text) = (pattern, text);
    while let Some((fixed, rest)) = pattern.split_once('{') {
        let (name, rest) = rest.split_once('}')?;
        text = text.strip_prefix(fixed)?;
        // A word ends where the pattern goes on, or where anything does that is not of a word.
        let end = match rest.split('{').next() {
            Some(next) if !next.is_empty() => text.find(next)?,
            _ => text.find(|next: char| !(next.is_alphanumeric() || "._-:@\\$".contains(next))).unwrap_or(text.len()),
        };
        let word = text[..end].trim_end_matches(':');
        if name != "user" && word.contains(' ') {
            return None;
        }
        if !name.is_empty() {
            found.push((name, word));
        }
        (pattern, text) = (rest, &text[end..]);
    }
    text.starts_with(pattern).then_some(found)
}

/// `alice : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/ls`, with the refusal before `TTY` where there is one.
fn sudo(members: &mut Members, text: &str) {
    let Some((user, rest)) = text.split_once(" : ") else { return };
    let Some((_, command)) = rest.split_once("COMMAND=") else { return };
    members.text("user", user.trim());
    members.text("action", "sudo");
    members.text("command", command);
    let refused = rest.contains("NOT in sudoers") || rest.contains("command not allowed");
    let failed = rest.contains("incorrect password attempt");
    members.text(
        "outcome",
        if refused {
            "denied"
        } else if failed {
            "failure"
        } else {
            "success"
        },
    );
}
