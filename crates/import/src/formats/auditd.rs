//! Linux's auditd.

mod pairs;

use std::borrow::Cow;

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
use pairs::{arguments, decoded, pairs_of, socket};

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
