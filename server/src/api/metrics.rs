//! `GET /metrics`: figures for whatever watches over the process, in the text format of Prometheus.

use axum::{
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};

use flightbox_app::{integrity::State as Stands, queue::Standing};

use crate::{App, auth::Reader, fault::Fault, integrity::standing};

/// Takes a read token, for how many events there are is nobody else's business; of sources it tells those that the token
/// may read.
pub async fn show(State(app): State<App>, reader: Reader) -> Result<Response, Fault> {
    let cache = app.store.cache_use();
    let figures = [
        ("flightbox_events_total", "Events in the log.", app.store.events().unsigned_abs()),
        ("flightbox_counts_asked_total", "Histograms and facets that were asked for.", cache.asked),
        (
            "flightbox_counts_made_total",
            "Those of them that had to be counted; the rest was remembered.",
            cache.counted,
        ),
    ];
    let known = standing(&app);
    let (checkpoint, found, anchors) = (&known.checkpoint.0, &known.found, &known.anchors);
    let age = (app.clock.now() - checkpoint.signed_at).num_seconds().max(0).unsigned_abs();
    let whole = found.whole.as_ref();
    let undelivered = anchors.delivery.as_ref().is_some_and(|delivery| delivery.failure.is_some());
    let gauges = [
        ("flightbox_checkpoint_size", "Events that the last checkpoint covers.", checkpoint.size),
        ("flightbox_checkpoint_age_seconds", "How long ago the last checkpoint was signed.", age),
        (
            "flightbox_checkpoint_refused",
            "1 where the log is not the one that the last checkpoint was of, so that nothing is signed.",
            u64::from(known.refused.is_some()),
        ),
        (
            "flightbox_damaged",
            "1 where something in the log is not what was recorded.",
            u64::from(known.state() == Stands::Damaged),
        ),
        (
            "flightbox_verified_events",
            "Events that were there when all of them were last looked at and found whole.",
            whole.map_or(0, |whole| whole.events),
        ),
        (
            "flightbox_verified_seconds",
            "When that was, in seconds since 1970; 0 if it never was.",
            whole.map_or(0, |whole| whole.at.timestamp().unsigned_abs()),
        ),
        (
            "flightbox_anchor_size",
            "Events that the newest anchor covers.",
            anchors.newest.as_ref().map_or(0, |newest| newest.size),
        ),
        (
            "flightbox_anchor_failed",
            "1 where the last anchor was not written, or did not arrive at the webhook.",
            u64::from(anchors.failure.is_some() || undelivered),
        ),
    ];
    let figures = figures.map(|figure| ("counter", figure)).into_iter();
    let mut text: String = figures
        .chain(gauges.map(|figure| ("gauge", figure)))
        .chain(app.queue.standing().iter().flat_map(queue))
        .map(|(kind, (name, help, value))| format!("# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value}\n"))
        .collect();
    text.push_str(&of_sources(&app, &reader).await?);
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response())
}

/// What is told of each source. A source's name needs no escape.
async fn of_sources(app: &App, reader: &Reader) -> Result<String, Fault> {
    let sources = app.store.sources(&reader.scope(false)).await?;
    let (received, refused) = (app.store.received().await?, app.store.refused(app.clock.now()).await?);
    let silent = app.silences.all();
    let mut text = String::new();
    let mut gauge = |name: &str, help: &str, value: &dyn Fn(&str) -> u64| {
        text.push_str(&format!("# HELP {name} {help}\n# TYPE {name} gauge\n"));
        for source in &sources {
            text.push_str(&format!("{name}{{source=\"{}\"}} {}\n", source.name, value(&source.name)));
        }
    };
    gauge(
        "flightbox_source_received_seconds",
        "When an event of the source was last received, in seconds since 1970; 0 if none ever was.",
        &|source| received.get(source).map_or(0, |at| at.timestamp().unsigned_abs()),
    );
    gauge(
        "flightbox_source_silent",
        "1 where the source has sent nothing for longer than its habit explains.",
        &|source| u64::from(silent.contains_key(source)),
    );
    gauge("flightbox_source_quarantined", "Refused batches of the source that are kept.", &|source| {
        refused.get(source).map_or(0, |(kept, _)| *kept)
    });
    Ok(text)
}

/// Figures of the queue that events come from, where there is one.
fn queue(queue: &Standing) -> [(&'static str, (&'static str, &'static str, u64)); 7] {
    let last = queue.last.map_or(0, |last| last.timestamp().unsigned_abs());
    [
        ("gauge", ("flightbox_nats_connected", "1 where messages are being taken.", u64::from(queue.connected))),
        ("gauge", ("flightbox_nats_lag_messages", "Messages in the stream that are not stored yet.", queue.waiting)),
        ("gauge", ("flightbox_nats_last_message_seconds", "When one came last, in seconds since 1970.", last)),
        (
            "gauge",
            (
                "flightbox_nats_at_risk",
                "1 where the stream, or the way to it, is not safe.",
                u64::from(!queue.risks.is_empty()),
            ),
        ),
        ("counter", ("flightbox_nats_stored_total", "Messages whose events are all stored.", queue.taken)),
        ("counter", ("flightbox_nats_refused_total", "Messages that went to quarantine.", queue.refused)),
        ("counter", ("flightbox_nats_redelivered_total", "Messages that came again.", queue.redelivered)),
    ]
}
