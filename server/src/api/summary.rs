//! `GET /api/v1/facets` and `GET /api/v1/histogram`: what a search finds, counted.

use std::sync::Arc;

use axum::{
    extract::State,
    http::request::Parts,
    response::{IntoResponse, Response},
};
use flightbox_event::{Json, Outcome, rfc3339};
use flightbox_store::{Basis, FacetCounts, Histogram};

use super::{asked::Asked, count, json};
use crate::{
    App,
    auth::{Client, Reader},
    look,
};

/// About how many bars a histogram has unless more or fewer are asked for.
const DEFAULT_BARS: usize = 60;
/// About the most bars it has.
const MAX_BARS: usize = 400;

/// `GET /api/v1/facets`
pub async fn facets(
    State(app): State<App>,
    reader: Reader,
    client: Client,
    mut parts: Parts,
) -> Result<Response, Response> {
    let asked = Asked::read(&app, &mut parts, reader, &[]).await?;
    let facets = app.store.facets(&asked.search(&app, None, 1)).await;
    let look = |_: Option<&_>| asked.searched(parts.uri.path(), None, None);
    let facets = look::noted(&app, (&client, &asked.reader), facets, look).map_err(IntoResponse::into_response)?;
    Ok(json(&Json::object([("facets", Json::Array(facets.iter().map(facet).collect()))])))
}

/// `GET /api/v1/histogram`
pub async fn histogram(
    State(app): State<App>,
    reader: Reader,
    client: Client,
    mut parts: Parts,
) -> Result<Response, Response> {
    let asked = Asked::read(&app, &mut parts, reader, &["bars"]).await?;
    let bars = asked.number("bars", DEFAULT_BARS, MAX_BARS)? as u32;
    let histogram = app.store.histogram(&asked.search(&app, None, 1), asked.window.zone, bars).await;
    let look =
        |found: Option<&Arc<Histogram>>| asked.searched(parts.uri.path(), None, found.map(|histogram| histogram.total));
    let histogram = look::noted(&app, (&client, &asked.reader), histogram, look);
    let histogram = histogram.map_err(IntoResponse::into_response)?;
    Ok(json(&Json::object([
        ("step", histogram.buckets.step.to_string().into()),
        ("bars", Json::Array(bars_of(&histogram))),
        ("count", count(histogram.total)),
        ("counted_back_to", histogram.counted_back_to.map_or(Json::Null, |time| rfc3339(time).into())),
    ])))
}

fn facet(counts: &FacetCounts) -> Json {
    let value = |(value, count): &(String, u64)| {
        Json::object([("value", value.as_str().into()), ("count", (*count as i64).into())])
    };
    let newest = match counts.basis {
        Basis::All => Json::Null,
        Basis::Newest(newest) => (newest as i64).into(),
    };
    Json::object([
        ("name", counts.facet.name().into()),
        ("values", Json::Array(counts.values.iter().map(value).collect())),
        ("rest", (counts.rest as i64).into()),
        ("among_newest", newest),
    ])
}

fn bars_of(histogram: &Histogram) -> Vec<Json> {
    let bar = |((start, end), counts): ((_, _), &[u64; 4])| {
        let mut members = vec![("start", rfc3339(start).into()), ("end", rfc3339(end).into())];
        members
            .extend(Outcome::ALL.iter().map(|outcome| (outcome.as_str(), (counts[*outcome as usize] as i64).into())));
        Json::object(members)
    };
    histogram.buckets.spans().zip(&histogram.counts).map(bar).collect()
}
