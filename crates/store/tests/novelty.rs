//! What is new for an actor: flagged as it is stored, found by its flag, remembered beyond a restart.

mod common;

use std::collections::{BTreeSet, HashMap};

use common::{Dice, Fixture, parsed};
use flightbox_domain::{
    flag::{Flag, Flags},
    novelty::{Kind, host},
    page::{Position, Range},
    scope::{Scope, Sources},
};
use flightbox_event::{Event, Outcome};
use flightbox_store::{AppendError, Conflict, Stored};

/// Something that amy does in the first days of November.
fn done(hour: u32, members: &str) -> Event {
    let (day, hour) = (1 + hour / 24, hour % 24);
    let action = if members.contains(r#""action""#) { "" } else { r#""action":"login","# };
    parsed(&format!(r#"{{"actor":"amy",{action}"occurred_at":"2026-11-{day:02}T{hour:02}:00:00Z",{members}}}"#))
}

fn from(hour: u32, ip: &str) -> Event {
    done(hour, &format!(r#""origin":{{"ip":"{ip}","user_agent":"curl/8"}}"#))
}

/// A log that knows amy for two days.
async fn settled() -> Fixture {
    let log = Fixture::open().await;
    log.append("billing", (0..48).map(|hour| from(hour, "10.0.0.1"))).await.unwrap();
    assert_eq!(log.count("flag:*").await, 0);
    log
}

async fn seqs(log: &Fixture, query: &str) -> Vec<i64> {
    log.search(query, 1000).await.iter().map(|event| event.seq).collect()
}

fn only(source: &str) -> Scope {
    Scope::new(Sources::Only([source.to_owned()].into()), false)
}

#[tokio::test]
async fn what_an_actor_never_showed_is_flagged_and_found_by_its_flag() {
    let log = settled().await;
    let odd = r#""action":"user.delete","origin":{"ip":"10.0.0.2","user_agent":"okhttp/5"}"#;
    log.append("billing", [from(48, "10.0.0.1"), done(48, odd), from(49, "10.0.0.2")]).await.unwrap();
    for word in ["first-seen-action", "first-seen-ip", "first-seen-agent", "*"] {
        assert_eq!(seqs(&log, &format!("flag:{word}")).await, [49], "{word}");
        assert_eq!(log.count(&format!("flag:{word}")).await, 1, "{word}");
        assert_eq!(log.count(&format!("-flag:{word}")).await, 50, "{word}");
    }
    assert_eq!(log.count("flag:first-seen-country").await, 0);
    let event = log.store.event(&log.everything(), 49).await.unwrap().unwrap();
    let flags = [Flag::FirstSeenAction, Flag::FirstSeenIp, Flag::FirstSeenAgent];
    assert_eq!(event.flags, flags.into_iter().collect());
    let json = event.to_json(log.store.keys()).to_string();
    assert!(json.contains(r#""flags":["first-seen-action","first-seen-ip","first-seen-agent"]"#), "{json}");
}

#[tokio::test]
async fn within_one_batch_only_the_first_is_new() {
    let log = settled().await;
    log.append("billing", (48..52).map(|hour| from(hour, "10.0.0.2"))).await.unwrap();
    assert_eq!(seqs(&log, "flag:first-seen-ip").await, [48]);
}

#[tokio::test]
async fn a_restart_forgets_nothing() {
    let mut log = settled().await;
    log.append("billing", [from(48, "10.0.0.2")]).await.unwrap();
    log.reopen().await;
    log.append("billing", [from(49, "10.0.0.1"), from(50, "10.0.0.2"), from(51, "10.0.0.3")]).await.unwrap();
    assert_eq!(seqs(&log, "flag:first-seen-ip").await, [51, 48]);
}

#[tokio::test]
async fn retries_and_refused_batches_teach_nothing() {
    let log = settled().await;
    let named = |id: &str, ip: &str, action: &str| {
        done(48, &format!(r#""id":"{id}","action":"{action}","origin":{{"ip":"{ip}"}}"#))
    };
    log.append("billing", [named("1", "10.0.0.2", "login")]).await.unwrap();
    let refused = log.append("billing", [named("2", "10.0.0.3", "login"), named("1", "10.0.0.1", "other")]).await;
    assert!(matches!(refused, Err(AppendError::Conflict(Conflict { index: 1, .. }))));
    let again =
        log.append("billing", [named("1", "10.0.0.2", "login"), named("3", "10.0.0.3", "login")]).await.unwrap();
    assert_eq!(again.duplicates, 1);
    assert_eq!(seqs(&log, "flag:first-seen-ip").await, [49, 48]);
}

#[tokio::test]
async fn each_source_has_actors_of_its_own() {
    let log = settled().await;
    log.append("hr", (0..48).map(|hour| from(hour, "10.0.0.2"))).await.unwrap();
    log.append("hr", [from(48, "10.0.0.1")]).await.unwrap();
    log.append("billing", [from(48, "10.0.0.2")]).await.unwrap();
    assert_eq!(seqs(&log, "flag:first-seen-ip source:hr").await, [96]);
    assert_eq!(seqs(&log, "flag:first-seen-ip source:billing").await, [97]);
}

#[tokio::test]
async fn who_is_new_is_told_within_the_scope_and_the_window() {
    let log = settled().await;
    let first = |actor: &str, day: u32| {
        parsed(&format!(r#"{{"actor":{actor},"action":"x","occurred_at":"2026-11-{day:02}T10:00:00Z"}}"#))
    };
    log.append("billing", [first(r#"{"id":"bob","name":"Bob B"}"#, 9), first(r#""eve""#, 12)]).await.unwrap();
    log.append("hr", [first(r#""hr-bot""#, 10), first(r#""bob""#, 11)]).await.unwrap();
    let window = Range::between("2026-11-08T00:00:00Z".parse().ok(), "2026-11-12T00:00:00Z".parse().ok());
    let new = async |scope: Scope, range, most| {
        let newcomers = log.store.newcomers(&scope, range, most).await.unwrap();
        let told = newcomers.newest.into_iter().map(|new| format!("{} in {}", new.actor.id, new.source));
        (newcomers.count, told.collect::<Vec<_>>())
    };
    assert_eq!(new(only("billing"), window, 9).await, (1, vec!["bob in billing".to_owned()]));
    let all = ["bob in hr", "hr-bot in hr", "bob in billing"].map(str::to_owned);
    assert_eq!(new(log.everything(), window, 9).await, (3, all.to_vec()));
    assert_eq!(new(log.everything(), window, 1).await, (3, all[..1].to_vec()));
    assert_eq!(new(log.everything(), Range::ALL, 0).await, (5, vec![]));
    assert_eq!(new(only("nowhere"), Range::ALL, 9).await, (0, vec![]));
    let newcomers = log.store.newcomers(&only("billing"), window, 9).await.unwrap();
    assert_eq!(newcomers.newest[0].actor.name.as_deref(), Some("Bob B"));
}

#[tokio::test]
async fn an_actor_of_which_addresses_say_nothing_is_said_to_be_one() {
    let log = settled().await;
    assert_eq!(log.store.shows_many(&log.everything(), "amy").await.unwrap(), []);
    log.append("billing", (0..70).map(|n| from(48 + n, &format!("10.1.0.{n}")))).await.unwrap();
    assert_eq!(log.count("flag:first-seen-ip").await, 63);
    let told = log.store.shows_many(&log.everything(), "amy").await.unwrap();
    assert_eq!(told, [("billing".to_owned(), Kind::Address)]);
    assert_eq!(log.store.shows_many(&only("hr"), "amy").await.unwrap(), []);
}

/// The flags of an event as the rules say, from all that was stored before it.
fn naive(event: &Stored, before: &[&Stored]) -> Flags {
    let says = |event: &Stored| !matches!(event.record.event.outcome, Outcome::Failure | Outcome::Denied);
    let same = |other: &&&Stored| {
        other.record.source == event.record.source && other.record.event.actor.id == event.record.event.actor.id
    };
    let before: Vec<_> = before.iter().filter(same).filter(|other| says(other)).collect();
    let day = |event: &Stored| event.position.time().timestamp().div_euclid(86_400);
    let first = before.iter().map(|other| other.position.time()).min();
    let last = before.iter().map(|other| day(other)).max().unwrap_or(0);
    let known_for = first.map(|first| (event.position.time() - first).num_hours()).unwrap_or(0);
    if !says(event) || before.len() < 20 || known_for < 24 || day(event) + 1 < last {
        return Flags::default();
    }
    let value = |event: &Stored, kind| {
        let (event, origin) = (&event.record.event, &event.record.event.origin);
        match kind {
            Kind::Action => Some(event.action.clone()),
            Kind::Address => origin.ip.as_deref().map(host),
            Kind::Country => origin.country.clone(),
            Kind::Agent => origin.user_agent.clone(),
        }
    };
    let new = |kind: &Kind| {
        let known: BTreeSet<_> = before.iter().filter_map(|other| value(other, *kind)).collect();
        value(event, *kind).is_some_and(|value| !known.contains(&value) && (1..kind.most()).contains(&known.len()))
    };
    Kind::ALL.into_iter().filter(new).map(Kind::flag).collect()
}

fn random_event(dice: &mut Dice, hour: i64) -> Event {
    let late = if dice.below(6) == 0 { 24 * dice.below(5) as i64 } else { 0 };
    let time = 1_790_000_000_000 + 3_600_000 * (hour - late);
    let rare = |dice: &mut Dice, many: usize| if dice.below(4) == 0 { dice.below(many) } else { dice.below(2) };
    parsed(&format!(
        r#"{{"id":"{}","actor":"{}","action":"a{}","outcome":"{}","occurred_at":{time},
            "origin":{{"ip":"{}{:x}","country":"{}","user_agent":"{}"}}}}"#,
        dice.below(9_000),
        dice.pick(&["amy", "bob", "eve"]),
        rare(dice, 40),
        dice.pick(&["success", "success", "unknown", "failure", "denied"]),
        dice.pick(&["10.0.0.", "2001:db8::"]),
        rare(dice, 9),
        (b'A' + rare(dice, 25) as u8) as char,
        ["curl", "okhttp", "firefox", "chrome", "wget", "safari", "lynx"][rare(dice, 7)],
    ))
}

#[tokio::test]
async fn whatever_comes_flags_are_those_that_the_rules_give() {
    let mut log = Fixture::open().await;
    let mut dice = Dice(29);
    for batch in 0..60 {
        let source = dice.pick(&["billing", "billing", "hr"]);
        let events: Vec<_> = (0..25).map(|n| random_event(&mut dice, batch * 6 + n / 5)).collect();
        // Some batches repeat an id with other content, and are refused whole.
        let _ = log.append(source, events).await;
        if batch % 10 == 9 {
            log.reopen().await;
        }
    }
    let mut all = log.search("", 2_000).await;
    all.sort_by_key(|event| event.seq);
    let mut flagged: HashMap<Flag, Vec<i64>> = HashMap::new();
    for (at, event) in all.iter().enumerate() {
        let before: Vec<_> = all[..at].iter().collect();
        assert_eq!(event.flags, naive(event, &before), "event {}: {:?}", event.seq, event.record.event);
        event.flags.iter().for_each(|flag| flagged.entry(flag).or_default().push(event.seq));
    }
    assert!(all.len() > 300 && flagged.len() == 4, "{} events, flagged {flagged:?}", all.len());
    for (flag, mut expected) in flagged {
        let mut found = seqs(&log, &format!("flag:{}", flag.as_str())).await;
        found.sort_unstable();
        expected.sort_unstable();
        assert_eq!(found, expected, "{flag:?}");
    }
}

#[tokio::test]
async fn a_source_that_stopped_is_told_to_whoever_may_see_it_and_to_nobody_else() {
    let log = Fixture::open().await;
    let hourly = |until: i64| {
        let start = common::now().timestamp_millis() - 14 * 86_400_000;
        (0..14 * 24 - until).map(move |hour| {
            parsed(&format!(r#"{{"actor":"a","action":"x","occurred_at":{}}}"#, start + hour * 3_600_000 + 60_000))
        })
    };
    log.append("billing", hourly(0)).await.unwrap();
    log.append("hr", hourly(30)).await.unwrap();
    log.append("young", hourly(14 * 24 - 5)).await.unwrap();
    let silent = async |scope: &Scope| log.store.silent_sources(scope, common::now()).await.unwrap();
    let told = silent(&log.everything()).await;
    assert_eq!(told.iter().map(|(source, _)| source.as_str()).collect::<Vec<_>>(), ["hr"]);
    assert_eq!(told[0].1.since.to_string(), "2026-11-21 05:01:00 UTC");
    assert_eq!(told[0].1.longest_pause.num_hours(), 1);
    assert_eq!(silent(&only("billing")).await, []);
    assert_eq!(silent(&only("hr")).await.len(), 1);
    let last = log.store.last_event(&only("hr")).await.unwrap();
    assert_eq!(last, Some(told[0].1.since));
    assert_eq!(log.store.last_event(&only("nowhere")).await.unwrap(), None);
    assert_eq!(Position::start_of(told[0].1.since).time(), told[0].1.since);
}
