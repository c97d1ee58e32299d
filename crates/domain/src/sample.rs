//! Believable events of a permission system, for demonstrations and for load: skewed actors, sessions, refusals,
//! changes of roles. The same seed gives the same events.

mod dice;
mod rhythm;

use chrono::{DateTime, Duration, TimeZone, Utc};
use flightbox_event::Json;

use crate::page::Position;
use dice::Dice;
use rhythm::Rhythm;

/// What a sample looks like.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// How many events.
    pub events: u64,
    /// What everything but the times follows from.
    pub seed: u64,
    /// When the last event happened.
    pub until: DateTime<Utc>,
    /// Over how long they are spread.
    pub span: Duration,
}

impl Plan {
    /// A plan whose times depend on nothing but the code: the 180 days before 1 November 2026.
    pub fn fixed(events: u64, seed: u64) -> Self {
        let until = Utc.with_ymd_and_hms(2026, 11, 1, 0, 0, 0).single().unwrap_or(DateTime::UNIX_EPOCH);
        Self { events, seed, until, span: Duration::days(180) }
    }

    /// The events in the native shape, oldest first.
    pub fn events(self) -> impl Iterator<Item = Json> {
        let mut dice = Dice(self.seed ^ 0x9e37_79b9_7f4a_7c15);
        let actors = (self.events / 50).clamp(KNOWN.len() as u64, MOST_ACTORS);
        let mut rhythm = Rhythm::new(Position::floor(self.until - self.span), self.until);
        (0..self.events).map(move |index| {
            let time = rhythm.time_at((index as f64 + dice.fraction()) / self.events as f64);
            event(&mut dice, self.seed, index, time, actors)
        })
    }
}

const MOST_ACTORS: u64 = 20_000;

/// The busiest actors: id, name, type.
const KNOWN: &[(&str, &str, &str)] = &[
    ("svc_gateway", "api-gateway", "service"),
    ("u_1001", "alice", "user"),
    ("u_1002", "bob", "user"),
    ("svc_deploy", "deploy-bot", "service"),
    ("u_1003", "carol", "user"),
    ("u_1004", "dave", "user"),
    ("u_1005", "erin", "user"),
    ("u_1006", "frank", "user"),
    ("svc_backup", "backup", "system"),
    ("u_1007", "grace", "user"),
    ("u_1008", "heidi", "user"),
    ("u_1009", "ivan", "user"),
    ("u_1010", "judy", "user"),
    ("u_1011", "mallory", "user"),
    ("u_1012", "olivia", "user"),
    ("u_1013", "peggy", "user"),
    ("u_1014", "rupert", "user"),
    ("u_1015", "sybil", "user"),
    ("u_1016", "trent", "user"),
    ("u_1017", "victor", "user"),
    ("u_1018", "walter", "user"),
    ("u_1019", "wendy", "user"),
];

struct Kind {
    action: &'static str,
    weight: u64,
    resource: &'static str,
    method: &'static str,
    /// Failures and refusals in a thousand.
    failures: u64,
    refusals: u64,
}

const fn kind(
    action: &'static str,
    weight: u64,
    resource: &'static str,
    method: &'static str,
    failures: u64,
    refusals: u64,
) -> Kind {
    Kind { action, weight, resource, method, failures, refusals }
}

const KINDS: &[Kind] = &[
    kind("login", 220, "session", "POST", 90, 4),
    kind("logout", 90, "session", "POST", 0, 0),
    kind("permission.check", 120, "projects", "GET", 0, 110),
    kind("invoice.read", 170, "invoices", "GET", 6, 25),
    kind("order.update", 130, "orders", "PATCH", 20, 12),
    kind("project.create", 40, "projects", "POST", 12, 8),
    kind("user.update", 60, "users", "PATCH", 10, 20),
    kind("user.delete", 8, "users", "DELETE", 20, 150),
    kind("role.grant", 12, "roles", "POST", 5, 120),
    kind("role.revoke", 9, "roles", "DELETE", 5, 60),
    kind("secret.read", 16, "secrets", "GET", 4, 180),
    kind("api_key.create", 7, "api_keys", "POST", 4, 40),
    kind("password.change", 14, "users", "POST", 60, 0),
    kind("invoice.export", 10, "invoices", "GET", 8, 70),
];

/// One of them, the heavier the likelier.
fn weighted(dice: &mut Dice, kinds: &'static [Kind]) -> &'static Kind {
    let mut left = dice.below(kinds.iter().map(|kind| kind.weight).sum());
    kinds.iter().find(|kind| left.checked_sub(kind.weight).map(|rest| left = rest).is_none()).unwrap_or(&kinds[0])
}

const AGENTS: &[&str] = &[
    "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Safari/605.1.15",
    "curl/8.14.1",
    "python-requests/2.32.5",
    "okhttp/5.1.0",
];
const ROLES: &[&str] = &["viewer", "editor", "auditor", "billing", "admin"];

fn event(dice: &mut Dice, seed: u64, index: u64, time: DateTime<Utc>, actors: u64) -> Json {
    let who = dice.skewed(actors);
    let kind = weighted(dice, KINDS);
    let fate = dice.below(1000);
    let (outcome, status) = match fate {
        fate if fate < kind.refusals => ("denied", 403),
        fate if fate < kind.refusals + kind.failures => ("failure", if kind.action == "login" { 400 } else { 500 }),
        _ => ("success", 200),
    };
    let target = if kind.resource == "session" {
        "/session".to_owned()
    } else {
        format!("/{}/{}", kind.resource, 1 + dice.skewed(40_000))
    };
    let mut members = vec![
        ("id", Json::from(format!("sample-{seed}-{index}"))),
        ("occurred_at", flightbox_event::rfc3339(time).into()),
        ("actor", actor(who)),
        ("action", kind.action.into()),
        ("resource", target.as_str().into()),
        ("outcome", outcome.into()),
        ("origin", origin(dice, who, time)),
        (
            "http",
            Json::object([
                ("method", kind.method.into()),
                ("path", target.as_str().into()),
                ("status", status.into()),
                ("duration_ms", (2 + dice.skewed(900) as i64).into()),
            ]),
        ),
    ];
    match outcome {
        "denied" => members.push(("reason", "permission missing".into())),
        "failure" if kind.action == "login" => members.push(("reason", "wrong password".into())),
        _ => members.extend(changes(dice, kind.action).map(|changes| ("changes", changes))),
    }
    if matches!(kind.action, "user.delete" | "role.grant" | "secret.read") {
        members.push(("severity", if outcome == "denied" { "warning" } else { "notice" }.into()));
        members.push(("details", Json::object([("ticket", format!("INC-{}", 1000 + dice.below(9000)).into())])));
    }
    Json::Object(members.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}

fn actor(who: u64) -> Json {
    match KNOWN.get(who as usize) {
        Some((id, name, kind)) => {
            Json::object([("id", (*id).into()), ("type", (*kind).into()), ("name", (*name).into())])
        }
        None => Json::object([("id", format!("u_{}", 1000 + who).into())]),
    }
}

/// One event in so many comes from elsewhere.
const AWAY: u64 = 1_500;

/// An actor keeps its network, but for once in a while, and its agents, and has one session an hour.
fn origin(dice: &mut Dice, who: u64, time: DateTime<Utc>) -> Json {
    let home = Dice(who).next();
    let ip = match dice.below(AWAY) {
        0 => format!("203.0.113.{}", 1 + dice.below(250)),
        _ => format!("10.{}.{}.{}", home % 200, (home >> 8) % 250, 1 + dice.below(3) + (home >> 16) % 200),
    };
    let agent = AGENTS[((home >> 24) + dice.below(8) / 7) as usize % AGENTS.len()];
    let hour = time.timestamp() as u64 / 3600;
    Json::object([
        ("ip", ip.into()),
        ("user_agent", agent.into()),
        ("session_id", format!("s_{:08x}", Dice(home ^ hour).next() as u32).into()),
        ("request_id", format!("{:016x}", dice.next()).into()),
    ])
}

fn changes(dice: &mut Dice, action: &str) -> Option<Json> {
    let change = |before: Json, after: Json| Json::object([("before", before), ("after", after)]);
    let role = |dice: &mut Dice| Json::from(ROLES[dice.below(ROLES.len() as u64) as usize]);
    match action {
        "role.grant" => Some(Json::object([("role", Json::object([("after", role(dice))]))])),
        "role.revoke" => Some(Json::object([("role", Json::object([("before", role(dice))]))])),
        "user.update" => Some(Json::object([("role", change(role(dice), role(dice)))])),
        "order.update" => {
            let amount = 10 + dice.below(9000) as i64;
            Some(Json::object([("amount", change(amount.into(), (amount + dice.below(400) as i64).into()))]))
        }
        "password.change" => Some(Json::object([("password", change("*".into(), "*".into()))])),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sample_is_a_valid_event_and_the_seed_decides() {
        let events: Vec<_> = Plan::fixed(2_000, 7).events().collect();
        for event in &events {
            flightbox_event::parse_event(event).unwrap_or_else(|problems| panic!("{event}: {problems:#?}"));
        }
        assert_eq!(events, Plan::fixed(2_000, 7).events().collect::<Vec<_>>());
        assert_ne!(events, Plan::fixed(2_000, 8).events().collect::<Vec<_>>());
    }
}
