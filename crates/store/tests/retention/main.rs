//! Retention and legal holds against a real SQLite file.

#[path = "../common/mod.rs"]
mod common;

mod counts;
mod holds;
mod killed;
mod meanwhile;
mod months;
mod proofs;

use chrono::{DateTime, Utc};
use common::{Fixture, parsed};
use flightbox_domain::{page::Range, query::Query, retention::Term};
use flightbox_event::Event;
use flightbox_store::{Plan, Receipt, RuleChange, RunError, Search, Store, Stored, Submitted};

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// Stores events of a source as they were received then.
async fn received(store: &Store, source: &str, when: &str, events: impl IntoIterator<Item = Event>) -> Vec<Receipt> {
    let submitted = |event: Event| {
        let content = store.keys().content(event.to_json().to_string().as_bytes());
        Submitted { event, content, received_at: at(when) }
    };
    let prepared = store.prepare(source, events.into_iter().map(submitted).collect()).await.unwrap();
    store.append(prepared).await.unwrap().receipts
}

fn event(actor: &str, action: &str, when: &str) -> Event {
    parsed(&format!(r#"{{"actor":"{actor}","action":"{action}","occurred_at":"{when}"}}"#))
}

async fn keep(store: &Store, source: &str, days: u32) {
    let change = match source {
        "*" => RuleChange::All(Term::Days(days)),
        source => RuleChange::Source(source.to_owned(), Some(Term::Days(days))),
    };
    store.set_retention(&change, at("2026-11-01T00:00:00Z")).await.unwrap();
}

/// Runs retention as the job does; the plan, and the number of the event that says so.
async fn run_at(store: &Store, now: &str) -> (Plan, i64, Result<(), RunError>) {
    let plan = store.plan_retention(at(now)).await.unwrap();
    let (event, done) = carry_out(store, &plan, now).await;
    (plan, event, done)
}

async fn carry_out(store: &Store, plan: &Plan, now: &str) -> (i64, Result<(), RunError>) {
    let turn = store.retention_turn().unwrap();
    let event = received(store, "flightbox", now, [event("flightbox", "retention.run", now)]).await[0].seq;
    store.begin_run(&turn, event, at(now)).await.unwrap();
    let done = store.carry_out(&turn, plan, event).await;
    store.end_run(event, None, at(now)).await.unwrap();
    (event, done)
}

async fn run(store: &Store, now: &str) -> i64 {
    let (_, event, done) = run_at(store, now).await;
    done.unwrap();
    event
}

/// Everything that is there, Flightbox's own record included, newest first.
async fn everything(log: &Fixture) -> Vec<Stored> {
    let mut all = Vec::new();
    for query in ["", "source:flightbox"] {
        let search = Search { limit: 100_000, ..log.request(&Query::parse(query).unwrap(), Range::ALL, None, 1) };
        all.extend(log.store.search(&search).await.unwrap().events);
    }
    all.sort_by_key(|event| std::cmp::Reverse(event.position));
    all
}
