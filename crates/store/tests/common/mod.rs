//! A log in a folder of its own, and events to put into it.

#![allow(dead_code, missing_docs, reason = "each test binary uses its share")]

use std::path::Path;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use flightbox_domain::{
    filter::Filter,
    keys::Master,
    page::{Cursor, Range},
    query::Query,
    random::Random,
    scope::{Scope, Sources},
};
use flightbox_event::{Event, json, parse_event};
use flightbox_store::{AppendError, Appended, Masters, Page, Prepared, Search, Store, Stored, Submitted};
use sqlx::{ConnectOptions, sqlite::SqliteConnectOptions};
use tempfile::TempDir;

pub struct Fixture {
    pub store: Store,
    folder: TempDir,
}

pub fn master() -> Master {
    Master::new([1; 32]).unwrap()
}

pub fn now() -> DateTime<Utc> {
    "2026-11-22T12:00:00Z".parse().unwrap()
}

pub fn random() -> Random {
    let counter = std::sync::atomic::AtomicU64::new(0);
    Random::new(move |bytes| {
        let next = counter.fetch_add(1, std::sync::atomic::Ordering::Relaxed).to_le_bytes();
        bytes.iter_mut().zip(next.iter().cycle()).for_each(|(byte, next)| *byte = *next);
    })
}

/// Bytes that do not repeat from one log to the next, as a server's own.
pub fn system_random() -> Random {
    Random::new(|bytes| getrandom::fill(bytes).unwrap())
}

pub fn parsed(text: &str) -> Event {
    parse_event(&json::parse(text.as_bytes()).unwrap()).unwrap()
}

pub async fn sql(folder: &Path, statement: &'static str) {
    let options = SqliteConnectOptions::new().filename(folder.join("flightbox.db"));
    let mut connection = options.connect().await.unwrap();
    sqlx::query(statement).execute(&mut connection).await.unwrap();
}

impl Fixture {
    pub async fn open() -> Self {
        Self::of(TempDir::new().unwrap()).await
    }

    pub async fn of(folder: TempDir) -> Self {
        let store = Store::open(folder.path(), master().into(), random()).await.unwrap();
        Self { store, folder }
    }

    pub async fn open_with(random: Random) -> Self {
        let folder = TempDir::new().unwrap();
        let store = Store::open(folder.path(), master().into(), random).await.unwrap();
        Self { store, folder }
    }

    pub async fn reopen(&mut self) {
        self.reopen_with(master().into()).await;
    }

    pub async fn reopen_with(&mut self, masters: Masters) {
        self.store.close().await;
        self.store = Store::open(self.folder.path(), masters, random()).await.unwrap();
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub async fn close(self) -> TempDir {
        self.store.close().await;
        self.folder
    }

    /// What a question to the database itself has for an answer.
    pub async fn ask(&self, question: &'static str) -> i64 {
        let options = SqliteConnectOptions::new().filename(self.folder.path().join("flightbox.db"));
        let mut connection = options.connect().await.unwrap();
        sqlx::query_scalar(question).fetch_one(&mut connection).await.unwrap()
    }

    pub async fn prepare(&self, source: &str, events: impl IntoIterator<Item = Event>) -> Vec<Prepared> {
        let submitted = |event: Event| {
            let content = self.store.keys().content(event.to_json().to_string().as_bytes());
            Submitted { event, content, received_at: now() }
        };
        self.store.prepare(source, events.into_iter().map(submitted).collect()).await.unwrap()
    }

    pub async fn append(&self, source: &str, events: impl IntoIterator<Item = Event>) -> Result<Appended, AppendError> {
        self.store.append(self.prepare(source, events).await).await
    }

    pub fn everything(&self) -> Scope {
        Scope::new(Sources::All, true)
    }

    pub fn filter(&self, query: &Query) -> Filter {
        Filter::new(query, self.store.keys(), now(), Tz::UTC)
    }

    pub fn request(&self, query: &Query, range: Range, cursor: Option<Cursor>, limit: usize) -> Search {
        Search { filter: self.filter(query), scope: self.everything(), range, cursor, from_oldest: false, limit }
    }

    pub async fn page(&self, query: &str, cursor: Option<Cursor>, limit: usize) -> Page {
        let query = Query::parse(query).unwrap();
        self.store.search(&self.request(&query, Range::ALL, cursor, limit)).await.unwrap()
    }

    pub async fn search(&self, query: &str, limit: usize) -> Vec<Stored> {
        self.page(query, None, limit).await.events
    }

    pub async fn search_in(&self, scope: &Scope, query: &str) -> Vec<Stored> {
        let query = Query::parse(query).unwrap();
        let search = Search { scope: scope.clone(), ..self.request(&query, Range::ALL, None, 100) };
        self.store.search(&search).await.unwrap().events
    }

    pub async fn count(&self, query: &str) -> u64 {
        let query = Query::parse(query).unwrap();
        let count = self.store.count(&self.request(&query, Range::ALL, None, 50)).await.unwrap();
        assert!(count.exact);
        count.value
    }
}

/// Xorshift: the same events and queries at every run.
pub struct Dice(pub u64);

impl Dice {
    pub fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound as u64) as usize
    }

    pub fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }
}

const ACTORS: &[&str] = &[
    "alice",
    "bob",
    "用户 1",
    "a-very-long-actor-name-that-does-not-fit-into-forty-bytes-1",
    "a-very-long-actor-name-that-does-not-fit-into-forty-bytes-2",
];
const ACTIONS: &[&str] = &["team", "team.member", "team.member.add", "login", "LOGIN"];
const ADDRESSES: &[&str] = &["10.0.0.1", "10.1.0.1", "192.168.1.7", "2001:db8::1", "ec2.amazonaws.com"];
/// More than a prefix may stand for, so that some prefixes are broad.
const SESSIONS: usize = 200;
const OUTCOMES: &[&str] = &["success", "failure", "denied", "unknown"];
const REASONS: &[&str] = &["wrong password", "password wrong", "日志系统", "ticket INC-1"];

const REQUESTS: &[&str] = &[
    r#""http":{"method":"GET","path":"/users","status":200},"severity":"info""#,
    r#""http":{"method":"POST","path":"/users/1","status":201,"duration_ms":12.5},"severity":"warning""#,
    r#""http":{"method":"REPORT","status":451},"details":{"amount":100,"user":{"role":"admin"}}"#,
    r#""http":{"path":"/users/1"},"details":{"amount":[5,"7"]},"sensitive":["details.card"]"#,
    r#""severity":"critical""#,
];

pub fn random_event(dice: &mut Dice) -> Event {
    parsed(&format!(
        r#"{{"actor":"{}","action":"{}","outcome":"{}","resource":"/users/{}","origin":{{"ip":"{}","session_id":"s-{}"}},"reason":"{}","occurred_at":"2026-{:02}-{:02}T12:00:00Z",{}}}"#,
        dice.pick(ACTORS),
        dice.pick(ACTIONS),
        dice.pick(OUTCOMES),
        dice.below(5),
        dice.pick(ADDRESSES),
        dice.below(SESSIONS),
        dice.pick(REASONS),
        1 + dice.below(11),
        1 + dice.below(28),
        dice.pick(REQUESTS),
    ))
}

/// Events of actors that are known by then, many of which show something new.
pub fn remarkable_events(dice: &mut Dice) -> Vec<Event> {
    let start = now().timestamp_millis() - 86_400_000 * 3;
    let event = |n: i64| {
        let new = |dice: &mut Dice, one_in: usize| if dice.below(one_in) == 0 { n } else { 0 };
        parsed(&format!(
            r#"{{"actor":"{}","action":"{}{}","origin":{{"ip":"10.0.{}.1","country":"C{}","user_agent":"{}"}},"occurred_at":{}}}"#,
            dice.pick(&ACTORS[..2]),
            dice.pick(ACTIONS),
            new(dice, 6),
            new(dice, 5),
            new(dice, 9),
            if dice.below(6) == 0 { "x".repeat(n as usize) } else { "curl".to_owned() },
            start + n * 1_800_000,
        ))
    };
    (0..140).map(event).collect()
}

pub fn random_query(dice: &mut Dice) -> String {
    let parts = 1 + dice.below(3);
    let joined: Vec<_> = (0..parts).map(|_| random_part(dice)).collect();
    joined.join(dice.pick(&[" ", " OR "]))
}

fn random_part(dice: &mut Dice) -> String {
    let not = dice.pick(&["", "", "-"]);
    match dice.below(19) {
        0 => format!("{not}actor:\"{}\"", dice.pick(ACTORS)),
        1 => format!("{not}action:{},{}", dice.pick(ACTIONS), dice.pick(ACTIONS)),
        2 => format!("{not}outcome:{}", dice.pick(OUTCOMES)),
        3 => format!(
            "{not}ip:{}",
            dice.pick(&[
                "10.0.0.0/8",
                "10.0.0.0/9",
                "10.0.0.0/12",
                "192.168.1.0/29",
                "10.0.0.1",
                "2001:db8::/32",
                "ec2.amazonaws.com",
                "ec2*",
                "10.*",
            ])
        ),
        4 => format!("{not}resource:/users/{}", dice.below(6)),
        5 => format!("{not}created:{}", dice.pick(&["2026-03-01..2026-06-30", ">=2026-08-01", "2026-05-05", "-100d"])),
        6 => format!("{not}{}", dice.pick(&["password", "\"wrong password\"", "日志", "INC", "alice"])),
        7 => format!(
            "{not}(actor:{} OR {})",
            dice.pick(&["alice", "bo*", "~LI"]),
            dice.pick(&["login", "outcome:denied"])
        ),
        8 => format!("{not}actor:{}", dice.pick(&["*", "al*", "*e", "a*1", "~very"])),
        9 => format!("{not}method:{}", dice.pick(&["get", "POST", "REPORT", "*", "re*"])),
        10 => format!("{not}status:{}", dice.pick(&["200", "201,451", ">=400", "<300", "202..299", "410..460", "*"])),
        11 => format!("{not}severity:{}", dice.pick(&["info", "warning,critical", "*"])),
        12 => {
            let details =
                &["@amount:100", "@amount:>=7", "@user.role:admin", "@amount:*", "sensitive:yes", "duration:>1"];
            format!("{not}{}", dice.pick(details))
        }
        13 => format!("{not}{}", dice.pick(&["path:/users/1", "path:/users*", "seq:>200", "seq:7"])),
        14 | 15 => format!("{not}session:{}", dice.pick(&["s-*", "s-1*", "s-12*", "s-123*", "s-7,s-8*", "t*"])),
        16 => {
            let starts = &[
                "action:te*",
                "action:team.m*",
                "action:team.*",
                "action:L*",
                "resource:/users/*",
                "resource:/users/3*",
                "actor:a-very-long-actor-name*",
                "actor:a-very-long-actor-name-that-does-not-fit-into-forty-bytes-1*",
                "actor:a-very-long-actor-name-that-does-nut*",
            ];
            format!("{not}{}", dice.pick(starts))
        }
        17 => {
            let flags =
                &["clock-skew", "first-seen-ip", "first-seen-action,first-seen-agent", "first-seen-country", "*"];
            format!("{not}flag:{}", dice.pick(flags))
        }
        _ => format!("{not}source:{}", dice.pick(&["billing", "hr", "bil*"])),
    }
}
