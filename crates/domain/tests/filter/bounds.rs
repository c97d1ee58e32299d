//! Whatever the query and the event: what surely matches does, and what matches can.

use std::collections::BTreeSet;

use flightbox_domain::{
    filter::{Filter, Vocabulary},
    flag::Flag,
};

use crate::{
    random::Random,
    sample::{Sample, filter, keys, record},
};

const METHODS: &[&str] = &["GET", "get", "POST", "PROPFIND"];
const STATUSES: &[&str] = &["200", "201", "226", "302", "400", "404", "451", "500"];
const TIMES: &[&str] =
    &["2026-06-15T11:30:00Z", "2026-06-01T00:00:00Z", "2030-01-01T00:00:00Z", "1990-01-01T00:00:00Z"];
const AGENTS: &[&str] = &[
    "curl/8",
    "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
    "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
];

/// An event with any of the fields, each from a few values.
fn event(random: &mut Random) -> String {
    let mut members = vec![
        format!(r#""actor":{{"id":"{}","type":"{}"}}"#, random.pick(&["a", "b"]), random.pick(&["user", "service"])),
        format!(r#""action":"{}""#, random.pick(&["team", "team.member.add", "login"])),
    ];
    let mut some = |random: &mut Random, member: String| {
        if random.below(2) == 0 {
            members.push(member);
        }
    };
    let id = random.pick(&["e1", "e2"]);
    some(random, format!(r#""id":"{id}""#));
    let resource = random.pick(&["/users/1", "/teams/1", "x"]);
    some(random, format!(r#""resource":"{resource}""#));
    let time = random.pick(TIMES);
    some(random, format!(r#""occurred_at":"{time}""#));
    let severity = random.pick(&["info", "warning", "critical"]);
    some(random, format!(r#""severity":"{severity}""#));
    some(random, r#""sensitive":["details.card"]"#.to_owned());
    let origin = object(random, |random| {
        [
            ("ip", quoted(random, &["10.0.0.1", "10.200.0.1", "::1", "host"])),
            ("country", quoted(random, &["DE", "de", "FR"])),
            ("user_agent", quoted(random, AGENTS)),
            ("session_id", quoted(random, &["s1", "s2"])),
            ("request_id", quoted(random, &["r1", "r2"])),
        ]
    });
    some(random, format!(r#""origin":{origin}"#));
    let http = object(random, |random| {
        [
            ("method", quoted(random, METHODS)),
            ("path", quoted(random, &["/", "/admin/users", "/users/admin", "/users"])),
            ("status", random.pick(STATUSES).to_owned()),
            ("duration_ms", random.pick(&["0", "1.5", "1000"]).to_owned()),
        ]
    });
    some(random, format!(r#""http":{http}"#));
    let details = object(random, |random| {
        [
            ("amount", random.pick(&["1", "100", "\"100\"", "[5,200]", "null"]).to_owned()),
            ("user", format!(r#"{{"role":{}}}"#, quoted(random, &["admin", "Admin"]))),
            // More words than an event may have terms.
            ("many", format!("{:?}", (0..[2, 300][random.below(2)]).map(|n| format!("w{n}")).collect::<Vec<_>>())),
            ("zz", quoted(random, &["admin users", "last"])),
        ]
    });
    some(random, format!(r#""details":{details}"#));
    members.join(",")
}

/// Each of the members, or not.
fn object<const N: usize>(
    random: &mut Random,
    members: impl FnOnce(&mut Random) -> [(&'static str, String); N],
) -> String {
    let members = members(random);
    let members: Vec<_> = members.iter().filter(|_| random.below(4) > 0).collect();
    let members: Vec<_> = members.into_iter().map(|(key, value)| format!(r#""{key}":{value}"#)).collect();
    format!("{{{}}}", members.join(","))
}

fn quoted(random: &mut Random, from: &[&str]) -> String {
    format!("{:?}", random.pick(from))
}

fn query(random: &mut Random, depth: usize) -> String {
    if depth > 0 && random.below(2) == 0 {
        let (left, right) = (query(random, depth - 1), query(random, depth - 1));
        return match random.below(3) {
            0 => format!("({left} OR {right})"),
            1 => format!("-({left} {right})"),
            _ => format!("{left} ({right})"),
        };
    }
    const TEXTS: &[(&str, &[&str])] = &[
        ("actor", &["a", "b", "*", "~A", "b*"]),
        ("actor.type", &["user", "service", "system", "*"]),
        ("action", &["team", "team.*", "team.member.*", "login", "lo*"]),
        ("resource", &["/users/1", "/*", "*"]),
        ("resource.type", &["users", "teams", "*"]),
        (
            "ip",
            &[
                "10.0.0.0/8",
                "10.0.0.0/9",
                "10.0.0.0/12",
                "10.0.0.0/30",
                "10.0.0.1",
                "10.2*",
                "::1",
                "::/126",
                "ho*",
                "*",
            ],
        ),
        ("country", &["de", "DE,FR", "d*", "*"]),
        ("agent", &["curl/8", "~firefox", "cu*", "M*", "\"Mozilla/5.0 (X11; Linux x86_64; rv:145\"*", "*"]),
        ("method", &["GET", "post", "propfind", "p*", "*"]),
        ("path", &["/", "/admin/users", "/admin/*", "*"]),
        ("session", &["s1", "s*", "*"]),
        ("request", &["r1", "r1,r2", "r*", "*"]),
        ("severity", &["info", "warning", "notice,critical", "*"]),
        ("created", &["-1h", "2026-06-01", "<2026-06-15", "*"]),
        ("received", &["-1h", "<2026-06-15", "*"]),
        ("sensitive", &["yes", "no", "*"]),
        ("flag", &["clock-skew", "first-seen-ip", "first-seen-action,first-seen-agent", "*"]),
        ("id", &["e1", "*"]),
        ("seq", &["1", ">5", "*"]),
        ("duration", &[">=1.5", "0", "*"]),
        ("@amount", &["100", ">=100", "2..150", "*", "1*"]),
        ("@user.role", &["admin", "~admin", "*"]),
        ("@many", &["w299", "w1", "*"]),
        ("@zz", &["last", "*"]),
    ];
    let (key, values) = TEXTS[random.below(TEXTS.len())];
    match random.below(12) {
        0 => random.pick(&["admin", "w299", "\"admin users\"", "last"]).to_owned(),
        1 | 2 => status(random),
        3 => format!("-{key}:{}", random.pick(values)),
        _ => format!("{key}:{}", random.pick(values)),
    }
}

fn status(random: &mut Random) -> String {
    let (one, other) = (90 + random.below(520), 90 + random.below(520));
    match random.below(7) {
        0 => format!("status:>={one}"),
        1 => format!("status:<{one}"),
        2 => format!("status:{}..{}", one.min(other), one.max(other)),
        3 => format!("-status:{}", random.pick(STATUSES)),
        4 => format!("status:{},>{one}", random.pick(STATUSES)),
        5 => "status:*".to_owned(),
        _ => format!("status:{}", random.pick(STATUSES)),
    }
}

/// The filter with its prefixes as the terms that these records have.
fn expanded(filter: &Filter, records: &[(Sample, String)]) -> Filter {
    let mut vocabulary = Vocabulary::default();
    for prefix in filter.prefixes() {
        let terms = records.iter().flat_map(|(record, _)| &record.terms);
        let terms: BTreeSet<_> = terms.filter(|term| term.starts_with(prefix.stem())).cloned().collect();
        vocabulary.insert(prefix, terms.into_iter().collect());
    }
    filter.expanded(&keys(), &vocabulary)
}

#[test]
fn the_index_never_contradicts_the_record() {
    let mut random = Random(0xb0b);
    let records: Vec<_> = (0..150)
        .map(|at| {
            let members = event(&mut random);
            let flag = Flag::ALL.get(at % 12);
            (flag.into_iter().fold(record(&members), |record, flag| record.flagged(*flag)), members)
        })
        .collect();
    let (mut matched, mut sure, mut impossible) = (0, 0, 0);
    for _ in 0..1_500 {
        let typed = query(&mut random, 3);
        let mut filter = filter(&typed);
        if random.below(2) == 0 {
            filter = expanded(&filter, &records);
        }
        for _ in 0..10 {
            let at = random.below(records.len());
            let (record, members) = &records[at];
            let matches = filter.matches(at as i64, &record.record, record.flags);
            let (can, surely) = record.indexed(&filter);
            assert!(can || !matches, "the index hides {members} from {typed}");
            assert!(!surely || matches, "the index proves {typed} of {members}");
            assert!(can == surely || !filter.is_exact(), "{typed} is exact, but not on {members}");
            matched += usize::from(matches);
            sure += usize::from(surely);
            impossible += usize::from(!can);
        }
    }
    assert!(matched > 2_000 && sure > 1_000 && impossible > 2_000, "{matched}, {sure}, {impossible} show little");
}
