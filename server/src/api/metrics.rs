//! `GET /metrics`: figures for whatever watches over the process, in the text format of Prometheus.

use axum::{
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};

use crate::{App, auth::Reader};

/// Takes a read token, for how many events there are is nobody else's business.
pub async fn show(State(app): State<App>, _reader: Reader) -> Response {
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
    let signed = app.signer.last();
    let gauges = [
        ("flightbox_checkpoint_size", "Events that the last checkpoint covers.", signed.checkpoint.size),
        (
            "flightbox_checkpoint_refused",
            "1 where the log is not the one that the last checkpoint was of, so that nothing is signed.",
            u64::from(signed.refused),
        ),
    ];
    let figures = figures.map(|figure| ("counter", figure)).into_iter();
    let text: String = figures
        .chain(gauges.map(|figure| ("gauge", figure)))
        .map(|(kind, (name, help, value))| format!("# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value}\n"))
        .collect();
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response()
}
