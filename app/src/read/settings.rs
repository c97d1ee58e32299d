//! What admins set for everybody, as far as whoever asks may know it.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use flightbox_domain::{
    hold::{Held, Hold},
    retention::{Rules, Term, next_run},
    scope::{SELF_SOURCE, Sources},
};
use flightbox_store::{HoldRow, Part, Plan, Run};

use super::{people::Asker, search::plural, zone};
use crate::{
    context,
    error::AppError,
    look::event_path,
    pages::settings::{
        Setting,
        holds::{Ended, HoldLine, HoldList},
        retention::{Retained, RuleLine, RunLine},
        run::{Going, PartLine},
    },
    parts::held::HeldNote,
    state::{ViewState, actor_path},
};

/// What a form calls the rule for all sources.
const ALL: &str = "*";

/// What can be set, and how it is.
pub async fn list() -> Result<Vec<Setting>, AppError> {
    let asker = Asker::new(context::manager()?, "")?;
    let rules = asker.store.retention_rules().await.map_err(context::unanswered)?;
    let holds = asker.store.holds().await.map_err(context::unanswered)?;
    let holds = holds.iter().filter(|hold| asker.person.sources.touches(&hold.sources)).count();
    let setting = |title: &str, url: &str, about: &str, now: String| Setting {
        title: title.to_owned(),
        url: url.to_owned(),
        about: about.to_owned(),
        now,
    };
    let kept = if rules.keep_everything() { "Everything is kept for good.".to_owned() } else { in_all(rules.all) };
    let standing = match holds {
        0 => "None stands.".to_owned(),
        1 => "1 stands.".to_owned(),
        many => format!("{many} stand."),
    };
    Ok(vec![
        setting("Retention", "/settings/retention", "How long events are kept.", kept),
        setting("Legal holds", "/settings/holds", "What is kept whatever the rules say.", standing),
        setting(
            "Masking and sealing",
            "/settings/rules",
            "What becomes of values as events come in.",
            format!("Version {} is in force.", asker.store.rules().version),
        ),
        setting("Keys", "/settings/keys", "What values are sealed under.", "Changed at the command line.".to_owned()),
    ])
}

fn in_all(term: Term) -> String {
    match term {
        Term::ForGood => "Some sources have a rule; all others are kept for good.".to_owned(),
        days => format!("Kept for {days}, unless a source has a rule of its own."),
    }
}

/// The rules that the asker may set, and the runs.
pub async fn retention(tz: &str) -> Result<Retained, AppError> {
    let asker = Asker::new(context::manager()?, tz)?;
    let rules = asker.store.retention_rules().await.map_err(context::unanswered)?;
    let sees_all = asker.person.sources == Sources::All;
    let mut lines = Vec::new();
    if sees_all {
        lines.push(line(&rules, ALL, "All sources"));
    }
    for source in asker.known_sources().await? {
        lines.push(line(&rules, &source, &source));
    }
    if sees_all {
        lines.push(line(&rules, SELF_SOURCE, "The record of access"));
    }
    let runs = asker.store.retention_runs().await.map_err(context::unanswered)?;
    let changed = asker.store.retention_changed().await.map_err(context::unanswered)?;
    let changed = changed.filter(|_| !rules.keep_everything());
    let next = changed.map(|changed| asker.stamp(next_run(runs.first().map(|run| run.started_at), changed)));
    // What a run did is told of all sources together.
    let runs = if sees_all { runs.into_iter().map(|run| run_line(&asker, run)).collect() } else { Vec::new() };
    let for_all = (!sees_all).then(|| rules.all.to_string());
    Ok(Retained { rules: lines, for_all, next, runs })
}

fn line(rules: &Rules, source: &str, label: &str) -> RuleLine {
    let own = if source == ALL { Some(rules.all) } else { rules.of_source.get(source).copied() };
    let term = if source == ALL { rules.all } else { rules.term(source) };
    let may_follow = ![ALL, SELF_SOURCE].contains(&source);
    let (keep, days) = match own {
        Some(Term::Days(days)) => ("days", days.to_string()),
        Some(Term::ForGood) => ("good", String::new()),
        None => (if may_follow { "all" } else { "good" }, String::new()),
    };
    let kept = match own {
        Some(own) if own < term => format!("{term}: at least as long as anything that it is about"),
        None if may_follow => format!("{term}, as all sources"),
        _ => term.to_string(),
    };
    RuleLine { source: source.to_owned(), label: label.to_owned(), kept, keep: keep.to_owned(), days, may_follow }
}

fn run_line(asker: &Asker, run: Run) -> RunLine {
    let did = match (run.done.events, run.ended_at.is_some()) {
        (0, true) => "Nothing was removed".to_owned(),
        (events, true) => format!("{} removed, {}", plural(events), bytes(run.done.bytes)),
        (events, false) => format!("Under way: {} removed so far", plural(events)),
    };
    RunLine { url: event_path(run.event), at: asker.stamp(run.started_at), did, failure: run.failure }
}

/// What would go of the sources that the asker may see.
pub async fn would_go() -> Result<Going, AppError> {
    let asker = Asker::new(context::manager()?, "")?;
    let plan = asker.store.plan_retention(asker.now).await.map_err(context::unanswered)?;
    let may_run = asker.person.sources == Sources::All;
    let plan = plan.of(&asker.person.sources);
    let sum = |of: fn(&Part) -> u64| plan.parts.iter().map(of).sum::<u64>();
    let (events, held) = (sum(|part| part.events), sum(|part| part.kept.events));
    let in_words = |events: u64, size: u64| (events > 0).then(|| format!("{}, {}", plural(events), bytes(size)));
    Ok(Going {
        total: in_words(events, sum(|part| part.bytes)),
        held: in_words(held, sum(|part| part.kept.bytes)),
        more: plan.more,
        running: asker.store.is_removing(),
        may_run,
        parts: part_lines(plan),
    })
}

fn part_lines(plan: Plan) -> Vec<PartLine> {
    let line = |part: Part| PartLine {
        month: part.month,
        source: part.source,
        term: part.term.to_string(),
        events: plural(part.events),
        bytes: bytes(part.bytes),
        held: (part.kept.events > 0).then(|| plural(part.kept.events)),
    };
    plan.parts.into_iter().map(line).collect()
}

/// The holds that touch what the asker sees.
pub async fn holds(tz: &str) -> Result<HoldList, AppError> {
    let asker = Asker::new(context::manager()?, tz)?;
    let own = asker.person.sources.clone();
    let line = |row: HoldRow| {
        let HoldRow { hold, lifted } = row;
        let url = match &hold.held {
            Held::Actor(id) => actor_path(id),
            Held::Query(text) => ViewState::default().with_query(text.as_str()).events(),
        };
        HoldLine {
            id: hold.id,
            name: hold.name.to_string(),
            of_actor: matches!(hold.held, Held::Actor(_)),
            what: hold.held.text().to_owned(),
            url,
            seeing: asker.seeing(&hold.sources),
            reason: hold.reason.to_string(),
            may_lift: hold.sources.within(&own),
            since: asker.stamp(hold.since),
            by: hold.by,
            ended: lifted.map(|lifted| Ended { at: asker.stamp(lifted.at), by: lifted.by, reason: lifted.reason }),
        }
    };
    let standing = asker.store.holds().await.map_err(context::unanswered)?;
    let standing = standing.into_iter().map(|hold| HoldRow { hold, lifted: None });
    let lifted = asker.store.lifted_holds().await.map_err(context::unanswered)?;
    let known = |row: &HoldRow| own.touches(&row.hold.sources);
    Ok(HoldList {
        standing: standing.filter(known).map(line).collect(),
        lifted: lifted.into_iter().filter(known).map(line).collect(),
        reach: asker.seeing(&own),
    })
}

/// A hold, for a page of what it holds.
pub fn note(hold: Hold, zone: Tz, now: DateTime<Utc>) -> HeldNote {
    HeldNote {
        name: hold.name.to_string(),
        since: zone::stamp(hold.since, zone, now),
        by: hold.by,
        reason: hold.reason.to_string(),
    }
}

/// A size as people read it.
pub fn bytes(bytes: u64) -> String {
    match bytes {
        0..1_024 => format!("{bytes} bytes"),
        1_024..1_048_576 => format!("{:.1} KiB", bytes as f64 / 1_024.0),
        1_048_576..1_073_741_824 => format!("{:.1} MiB", bytes as f64 / 1_048_576.0),
        _ => format!("{:.1} GiB", bytes as f64 / 1_073_741_824.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_as_people_write_them() {
        for (size, text) in
            [(0, "0 bytes"), (1_023, "1023 bytes"), (1_536, "1.5 KiB"), (5 << 20, "5.0 MiB"), (3 << 30, "3.0 GiB")]
        {
            assert_eq!(bytes(size), text);
        }
    }

    #[test]
    fn a_rule_says_what_it_comes_to() {
        let mut rules = Rules { all: Term::Days(400), ..Rules::default() };
        assert_eq!(line(&rules, "billing", "billing").kept, "400 days, as all sources");
        assert_eq!(line(&rules, "flightbox", "it").kept, "for good");
        rules.of_source.insert("flightbox".to_owned(), Term::Days(500));
        assert_eq!(line(&rules, "flightbox", "it").kept, "500 days");
        rules.of_source.insert("billing".to_owned(), Term::Days(700));
        assert_eq!(line(&rules, "flightbox", "it").kept, "700 days: at least as long as anything that it is about");
    }
}
