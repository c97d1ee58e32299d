//! Linux's auditd.

use std::{
    borrow::Cow,
    net::{Ipv4Addr, Ipv6Addr},
};

use flightbox_event::Json;

use super::syscalls;
use crate::{
    auditd::Stamp,
    fields::Members,
    mapping::{
        Field::*,
        Frame, Mapping,
        Rule::{At, Fixed, Made},
        at, text_at,
    },
};

/// The format.
pub static AUDITD: Mapping = Mapping {
    name: "auditd",
    title: "Linux auditd",
    described: "https://github.com/linux-audit/audit-documentation/wiki/SPEC-Audit-Event-Enrichment",
    notes: "`audit.log`, raw or enriched. All records of one event (same node, time and serial number) are one event, also \
            where they are mixed with others: 256 events are open at once. Values in hexadecimal are \
            decoded, system calls named on x86_64 and aarch64.",
    frame: Frame::Auditd(parse),
    signs: &[],
    inside: &[],
    rows: &[
        (Id, &[Made(&["node", "time", "serial"], "node, time and serial number", id)]),
        (Time, &[At("time")]),
        (Actor, &[Made(&["data"], "`auid`, who signed in; where nobody did `acct`, else `uid`", actor)]),
        (ActorType, &[Made(&["data"], "`user` where somebody signed in or is named, else `system`", actor_type)]),
        (ActorName, &[At("data.AUID"), At("data.UID")]),
        (Action, &[Made(&["type", "syscall"], "the name of the system call, or the type of the record", action)]),
        (Resource, &[At("resource")]),
        (ResourceType, &[At("resource_type")]),
        (
            Outcome,
            &[
                Made(
                    &["data"],
                    "`success` or `res`; denied for EACCES, EPERM and what AppArmor or SELinux denied",
                    outcome,
                ),
                Fixed("unknown"),
            ],
        ),
        (Reason, &[Made(&["proctitle", "command"], "the command line", command)]),
        (Ip, &[Made(&["data", "socket"], "`addr`; of a connection that came in, its other end", address)]),
        (Session, &[Made(&["data"], "`ses`", session)]),
    ],
};

/// Records that add to another of the same event.
const ADDING: &[&str] = &[
    "PATH",
    "CWD",
    "EXECVE",
    "SOCKADDR",
    "PROCTITLE",
    "EOE",
    "BPRM_FCAPS",
    "MMAP",
    "FD_PAIR",
    "IPC",
    "OBJ_PID",
    "CAPSET",
];
/// Members whose value is hexadecimal where it has no quotes.
const HEX: &[&str] = &["proctitle", "exe", "comm", "cmd", "name", "cwd", "acct", "key", "data", "dir", "path", "ocomm"];
/// What stands for nobody.
const NOBODY: &[&str] = &["4294967295", "-1", "unset", "?"];

/// One event: its lines, and what they say together.
fn parse(event: &str) -> Result<Json, &'static str> {
    read(event).ok_or("type=… msg=audit(time:serial): and members")
}

fn read(event: &str) -> Option<Json> {
    let mut members = Members::of_line(event);
    let (mut data, mut paths, mut types) = (Members::default(), Vec::new(), Vec::new());
    for line in event.split('\n') {
        let stamp = Stamp::of(line)?;
        let (head, rest) = line.split_once("audit(")?;
        let kind = head.split_once("type=")?.1.split(' ').next()?;
        let body = rest.split_once(')')?.1.trim_start_matches(':');
        members.text("node", stamp.node.as_deref().unwrap_or_default());
        members.text("time", &format!("{}.{:03}", stamp.millis / 1000, stamp.millis % 1000));
        members.number("serial", &stamp.serial.to_string());
        types.push(kind);
        let mut pairs = Vec::new();
        pairs_of(body, &mut pairs);
        match kind {
            "PATH" => {
                let mut path = Members::default();
                pairs.iter().for_each(|(key, value, bare)| path.text(key, &decoded(key, value, *bare)));
                paths.push(path.json());
            }
            "EXECVE" => members.text("command", &arguments(&pairs)),
            "PROCTITLE" => {
                pairs.iter().for_each(|(key, value, bare)| members.text(key, &decoded(key, value, *bare)));
            }
            _ => {
                if let Some((_, rest)) = body.split_once("avc:") {
                    data.text("avc", rest.trim_start().split(' ').next().unwrap_or_default());
                }
                pairs.iter().for_each(|(key, value, bare)| data.text(key, &decoded(key, value, *bare)));
            }
        }
    }
    let kind = types.iter().find(|kind| !ADDING.contains(kind)).or(types.first())?;
    members.text("type", kind);
    members.put("types", Json::Array(types.iter().map(|kind| Json::from(*kind)).collect()));
    let number = data.get("syscall").and_then(|number| number.parse().ok());
    let resolved = data.get("SYSCALL").or_else(|| syscalls::name(data.get("arch")?, number?));
    members.text("syscall", resolved.or(data.get("syscall")).unwrap_or_default());
    if let Some((address, port)) = data.get("saddr").and_then(socket) {
        let parts = [("address", address.into()), ("port", port.map_or(Json::Null, |port| i64::from(port).into()))];
        members.put("socket", Json::object(parts));
    }
    let (resource, resource_type) = resource(kind, &data, &paths, &members);
    members.text("resource", &resource);
    members.text("resource_type", if resource.is_empty() { "" } else { resource_type });
    members.put("data", data.json());
    if !paths.is_empty() {
        members.put("paths", Json::Array(paths));
    }
    Some(members.json())
}

/// The members of a record: `key=value`, `key="value"`, `msg='key=value …'`. Each with whether it stood without quotes.
fn pairs_of<'a>(body: &'a str, pairs: &mut Vec<(&'a str, &'a str, bool)>) {
    let is_key = |byte: char| byte.is_ascii_alphanumeric() || matches!(byte, '_' | '-');
    let mut rest = body;
    while let Some(equals) = rest.find('=') {
        let start = rest[..equals]
            .rfind(|byte| !is_key(byte))
            .map_or(0, |at| at + rest[at..].chars().next().map_or(1, char::len_utf8));
        let (key, value) = (&rest[start..equals], &rest[equals + 1..]);
        let quote = value.chars().next().filter(|first| matches!(first, '"' | '\''));
        let inside =
            quote.and_then(|quote| value[1..].find(quote).map(|end| (quote, &value[1..=end], &value[end + 2..])));
        match inside {
            None if quote == Some('\'') => rest = &value[1..],
            Some(('\'', inner, after)) => {
                pairs_of(inner, pairs);
                rest = after;
            }
            Some((_, inner, after)) => {
                pairs.push((key, inner, false));
                rest = after;
            }
            None => {
                // An enriched record has its names behind a group separator.
                let end =
                    if value.starts_with("(null)") { 6 } else { value.find([' ', '\u{1d}']).unwrap_or(value.len()) };
                let bare = value[..end].trim_end_matches([',', ')', '\'']).trim_start_matches('\'');
                let bare = if value.starts_with('(') { &value[..end] } else { bare };
                pairs.push((key, bare, true));
                rest = &value[end..];
            }
        }
    }
}

/// A value, with its bytes where it is hexadecimal: a null byte separates arguments.
fn decoded<'a>(key: &str, value: &'a str, bare: bool) -> Cow<'a, str> {
    if matches!(value, "?" | "(null)" | "(none)") {
        return Cow::Borrowed("");
    }
    let may_be_hex = bare && HEX.contains(&key);
    match may_be_hex.then(|| bytes_of(value)).flatten() {
        Some(bytes) => Cow::Owned(String::from_utf8_lossy(&bytes).trim_end_matches('\0').replace('\0', " ")),
        None => Cow::Borrowed(value),
    }
}

fn bytes_of(hex: &str) -> Option<Vec<u8>> {
    if hex.is_empty() || !hex.len().is_multiple_of(2) || !hex.is_ascii() {
        return None;
    }
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).ok()).collect()
}

/// The command line of an EXECVE record: its arguments `a0`, `a1` …
fn arguments(pairs: &[(&str, &str, bool)]) -> String {
    let is_argument = |key: &str| {
        key.strip_prefix('a').is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit()) && !rest.is_empty())
    };
    let all = pairs.iter().filter(|(key, ..)| is_argument(key));
    all.map(|(_, value, bare)| decoded(if *bare { "cmd" } else { "" }, value, *bare)).collect::<Vec<_>>().join(" ")
}

/// A socket's address: family, and what the family says. `0200` is IPv4, `0A00` IPv6, `0100` a path.
fn socket(hex: &str) -> Option<(String, Option<u16>)> {
    let bytes = bytes_of(hex)?;
    let port = || Some(u16::from_be_bytes([*bytes.get(2)?, *bytes.get(3)?]));
    match bytes.as_slice() {
        [2, 0, _, _, a, b, c, d, ..] => Some((Ipv4Addr::new(*a, *b, *c, *d).to_string(), port())),
        [10, 0, ..] => {
            let address: [u8; 16] = bytes.get(8..24)?.try_into().ok()?;
            Some((Ipv6Addr::from(address).to_string(), port()))
        }
        [1, 0, path @ ..] => {
            let path = path.split(|byte| *byte == 0).find(|part| !part.is_empty())?;
            Some((String::from_utf8_lossy(path).into_owned(), None))
        }
        _ => None,
    }
}

/// What the event is about, and what kind of thing that is.
fn resource(kind: &str, data: &Members, paths: &[Json], members: &Members) -> (String, &'static str) {
    let of = |key: &str| data.get(key).unwrap_or_default().to_owned();
    match kind {
        kind if kind.starts_with("ADD_") || kind.starts_with("DEL_") || kind.ends_with("_MGMT") => {
            (data.get("acct").or(data.get("id")).unwrap_or_default().to_owned(), "account")
        }
        "SERVICE_START" | "SERVICE_STOP" => (of("unit"), "service"),
        "NETFILTER_CFG" => (of("table"), "firewall"),
        "CONFIG_CHANGE" => (of("op"), "audit-config"),
        "ANOM_PROMISCUOUS" => (of("dev"), "network-device"),
        "ANOM_ABEND" => (of("comm"), "process"),
        "AVC" | "USER_AVC" => (data.get("name").or(data.get("operation")).unwrap_or_default().to_owned(), "policy"),
        "SYSCALL" => {
            let is_parent = |path: &&Json| text_at(path, "nametype").is_some_and(|kind| kind == "PARENT");
            let path = paths.iter().find(|path| !is_parent(path)).and_then(|path| text_at(path, "name"));
            match (path, members.child("socket", "address")) {
                (Some(path), _) => (path.into_owned(), "file"),
                (None, Some(address)) => (address.to_owned(), "socket"),
                (None, None) => (String::new(), ""),
            }
        }
        kind if kind.starts_with("USER_") || kind.starts_with("CRED_") => match data.get("cmd") {
            Some(cmd) => (cmd.to_owned(), "command"),
            None => (of("terminal"), "user-session"),
        },
        _ => (data.get("unit").or(data.get("exe")).unwrap_or_default().to_owned(), "file"),
    }
}

fn id(record: &Json) -> Option<Cow<'_, str>> {
    let (time, serial) = (text_at(record, "time")?, text_at(record, "serial")?);
    Some(Cow::Owned(match text_at(record, "node") {
        Some(node) => format!("{node}/{time}:{serial}"),
        None => format!("{time}:{serial}"),
    }))
}

fn who<'a>(record: &'a Json, key: &str) -> Option<Cow<'a, str>> {
    text_at(at(record, "data")?, key).filter(|who| !NOBODY.contains(&&**who))
}

fn actor(record: &Json) -> Option<Cow<'_, str>> {
    ["auid", "acct", "uid"].iter().find_map(|key| member(record, key))
}

/// A member by that very name: `UID` is another than `uid`.
fn member<'a>(record: &'a Json, key: &str) -> Option<Cow<'a, str>> {
    let value = record.get("data")?.get(key)?;
    crate::mapping::text(value).filter(|who| !NOBODY.contains(&&**who))
}

fn actor_type(record: &Json) -> Option<Cow<'_, str>> {
    let signed_in = member(record, "auid").is_some() || member(record, "acct").is_some();
    Some(Cow::Borrowed(if signed_in { "user" } else { "system" }))
}

fn action(record: &Json) -> Option<Cow<'_, str>> {
    let kind = text_at(record, "type")?;
    match &*kind {
        "SYSCALL" => text_at(record, "syscall").or(Some(kind)),
        _ => Some(kind),
    }
}

fn outcome(record: &Json) -> Option<Cow<'_, str>> {
    let denied = member(record, "apparmor").is_some_and(|word| word == "DENIED")
        || member(record, "avc").is_some_and(|word| word == "denied");
    let result = member(record, "success").or_else(|| member(record, "res"));
    let refused = member(record, "exit").is_some_and(|exit| matches!(&*exit, "-13" | "-1" | "EACCES" | "EPERM"));
    Some(Cow::Borrowed(match result.as_deref() {
        _ if denied => "denied",
        Some("yes" | "success" | "1") => "success",
        Some("no" | "failed" | "0") if refused => "denied",
        Some("no" | "failed" | "0" | "fail") => "failure",
        _ => return None,
    }))
}

fn command(record: &Json) -> Option<Cow<'_, str>> {
    text_at(record, "command").or_else(|| text_at(record, "proctitle"))
}

fn address(record: &Json) -> Option<Cow<'_, str>> {
    let comes_in =
        text_at(record, "syscall").is_some_and(|name| name.starts_with("accept") || name.starts_with("recv"));
    who(record, "addr").or_else(|| text_at(record, "socket.address").filter(|_| comes_in))
}

fn session(record: &Json) -> Option<Cow<'_, str>> {
    member(record, "ses")
}
