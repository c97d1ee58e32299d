//! What a view finds, counted: its total, its histogram and its facets, made ready to be shown.

use chrono::{DateTime, TimeDelta, Utc};
use flightbox_domain::{
    glance::Facet,
    query::{Key, Qualifier, Query},
};
use flightbox_event::Outcome;
use flightbox_store::{Basis, FacetCounts};
use futures_util::future::try_join;

use super::{
    search::{View, grouped, in_words, plural},
    zone,
};
use crate::{
    context,
    error::AppError,
    pages::events::Summary,
    parts::{
        facets::{FacetList, FacetValue},
        histogram::{Column, Histogram, Part},
    },
    state::Place,
};

/// About how many bars a histogram has.
pub(super) const BARS: u32 = 72;
/// How many values of a facet show at once.
const SHOWN: usize = 6;
/// How many times stand along the axis.
const MARKS: usize = 7;
/// From the bottom up: what needs looking at is on top.
const STACK: [Outcome; 4] = [Outcome::Success, Outcome::Unknown, Outcome::Failure, Outcome::Denied];

impl View {
    /// Everything that is counted for the view, whatever page of it is shown.
    pub async fn summary(&self) -> Result<Summary, AppError> {
        let search = self.search(None, 1);
        let counts = try_join(self.store().histogram(&search, self.window.zone, BARS), self.store().facets(&search));
        let (histogram, facets) = counts.await.map_err(context::unanswered)?;
        // A list of one source need not be told which.
        let told = |facet: &&FacetCounts| facet.facet != Facet::Source || self.state.place == Place::Events;
        let facets = facets.iter().filter(|facet| !facet.values.is_empty()).filter(told);
        Ok(Summary {
            count: in_words(histogram.total),
            facets: facets.map(|facet| self.facet(facet)).collect(),
            histogram: self.bars(&histogram),
        })
    }

    pub(super) fn bars(&self, histogram: &flightbox_store::Histogram) -> Histogram {
        let (zone, now) = (self.window.zone, self.window.now);
        let most = histogram.counts.iter().map(|counts| counts.iter().sum::<u64>()).max().unwrap_or(0);
        let brief = |time: DateTime<Utc>| match histogram.buckets.step.is_days() {
            true => zone::brief_day(time, zone, now),
            false => zone::brief(time, zone, now),
        };
        let column = |((start, end), counts): ((DateTime<Utc>, DateTime<Utc>), &[u64; 4])| Column {
            start: brief(start),
            end: brief(if histogram.buckets.step.is_days() { end - TimeDelta::milliseconds(1) } else { end }),
            url: self.state.after("").with_window(&zone::exact(start), &zone::exact(end)).events(),
            parts: stack(counts, most),
            events: counts.iter().sum(),
        };
        let bars: Vec<_> = histogram.buckets.spans().zip(&histogram.counts).map(column).collect();
        let every = bars.len().div_ceil(MARKS).max(1);
        // The last one needs room for its words.
        let marks = bars.iter().enumerate().step_by(every).filter(|(at, _)| at * 100 < bars.len() * 93);
        Histogram {
            step: histogram.buckets.step.to_string(),
            most: plural(most),
            marks: marks.map(|(at, bar)| (100.0 * at as f64 / bars.len() as f64, bar.start.clone())).collect(),
            counted_back_to: histogram.counted_back_to.map(|time| zone::stamp(time, zone, now)),
            bars,
        }
    }

    fn facet(&self, counts: &FacetCounts) -> FacetList {
        let most = counts.values.first().map_or(1, |(_, count)| *count).max(1);
        let value = |(text, count): &(String, u64)| {
            let qualifier = qualifier(counts.facet, text);
            let on = qualifier.as_ref().is_some_and(|wanted| self.asks_for(wanted));
            let links = qualifier.map(|wanted| self.links().of(&wanted));
            let (only, without) = links.unzip();
            let only = if on { Some(self.without_key(&key_of(counts.facet))) } else { only };
            FacetValue {
                text: text.clone(),
                count: grouped(*count),
                share: *count as f64 / most as f64,
                on,
                only,
                without,
            }
        };
        let (busiest, more) = counts.values.split_at(counts.values.len().min(SHOWN));
        FacetList {
            key: key_of(counts.facet).to_string(),
            label: label(counts.facet).to_owned(),
            busiest: busiest.iter().map(value).collect(),
            more: more.iter().map(value).collect(),
            rest: (counts.rest > 0).then(|| format!("{} with other values", plural(counts.rest))),
            basis: match counts.basis {
                Basis::All => None,
                Basis::Newest(newest) => Some(format!("of the newest {}", grouped(newest))),
            },
        }
    }

    /// Whether the query asks for a value, be it one of several.
    fn asks_for(&self, wanted: &Qualifier) -> bool {
        self.query.terms().iter().any(|term| match term {
            Query::Is(asked) => {
                asked.key == wanted.key && wanted.any_of.iter().all(|value| asked.any_of.contains(value))
            }
            _ => false,
        })
    }

    fn without_key(&self, key: &Key) -> String {
        self.state.with_query(self.links().without_key(key).to_string()).events()
    }
}

/// What asks for a value of a facet; `4xx` is `status:400..499`.
fn qualifier(facet: Facet, text: &str) -> Option<Qualifier> {
    match facet {
        Facet::StatusClass => {
            let digit = text.chars().next()?;
            match Query::parse(&format!("status:{digit}00..{digit}99")) {
                Ok(Query::Is(qualifier)) => Some(qualifier),
                _ => None,
            }
        }
        facet => Qualifier::equals(key_of(facet), text).ok(),
    }
}

/// Each part at least high enough to be seen, and the highest bar as high as there is room.
fn stack(counts: &[u64; 4], most: u64) -> Vec<Part> {
    const LEAST: f64 = 2.5;
    let mut top = 0.0;
    let mut parts = Vec::new();
    for outcome in STACK {
        let count = counts[outcome as usize];
        if count > 0 {
            let height = (100.0 * count as f64 / most.max(1) as f64).max(LEAST);
            top += height;
            parts.push(Part { outcome: outcome.to_string(), count: grouped(count), top, height });
        }
    }
    let over = (top / 100.0).max(1.0);
    parts.iter_mut().for_each(|part| (part.top, part.height) = (part.top / over, part.height / over));
    parts
}

fn key_of(facet: Facet) -> Key {
    match facet {
        Facet::Action => Key::Action,
        Facet::Actor => Key::Actor,
        Facet::ResourceType => Key::ResourceType,
        Facet::Outcome => Key::Outcome,
        Facet::Ip => Key::Ip,
        Facet::Source => Key::Source,
        Facet::Method => Key::Method,
        Facet::StatusClass => Key::Status,
        Facet::Severity => Key::Severity,
    }
}

fn label(facet: Facet) -> &'static str {
    match facet {
        Facet::Action => "Action",
        Facet::Actor => "Actor",
        Facet::ResourceType => "Resource type",
        Facet::Outcome => "Outcome",
        Facet::Ip => "Address",
        Facet::Source => "Source",
        Facet::Method => "Method",
        Facet::StatusClass => "Status",
        Facet::Severity => "Severity",
    }
}
