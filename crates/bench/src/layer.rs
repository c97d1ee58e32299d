//! What the middleware adds to a request of somebody else's service.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::Body,
    extract::{ConnectInfo, Path, Request},
    routing::get,
};
use flightbox_layer::{Actor, AuditLayer};
use tower::Service as _;

use crate::{Failure, server::Server, yardstick::percentiles};

/// Requests that are timed together; their events fit into the layer's memory.
const BURST: u32 = 5_000;
/// How often that is done, with the layer and without it in turns.
const TIMES: u32 = 40;

/// Microseconds that a request takes inside of the router, without the layer and with it: medians of bursts. Events go to
/// the server meanwhile, from the same machine.
pub async fn cost(server: &Server) -> Result<(f64, f64), Failure> {
    let (layer, recorder) = AuditLayer::builder(&server.url, &server.ingest)
        .actor(|parts| Some(Actor { id: parts.headers.get("x-user")?.to_str().ok()?.to_owned(), ..Actor::default() }))
        .trusted_proxies(["10.0.0.0/8".parse()?])
        .build()?;
    let plain = Router::new().route("/users/{id}", get(|Path(id): Path<String>| async move { id }));
    let layered = plain.clone().layer(layer);
    let (mut without, mut with) = (Vec::new(), Vec::new());
    for _ in 0..TIMES {
        without.push(burst(plain.clone()).await?);
        with.push(burst(layered.clone()).await?);
        recorder.flush(Duration::from_secs(60)).await?;
    }
    recorder.shutdown(Duration::from_secs(60)).await?;
    let counters = recorder.counters();
    if (counters.sent, counters.dropped) != (u64::from(BURST * TIMES), 0) {
        return Err(format!("not every request was recorded: {counters:?}").into());
    }
    let each = |bursts| percentiles(bursts).0 * 1e3 / f64::from(BURST);
    Ok((each(without), each(with)))
}

async fn burst(mut router: Router) -> Result<Duration, Failure> {
    let requests: Vec<_> = (0..BURST).map(request).collect::<Result<_, _>>()?;
    let started = Instant::now();
    for request in requests {
        router.call(request).await?;
    }
    Ok(started.elapsed())
}

/// As a proxy hands it on.
fn request(n: u32) -> Result<Request, Failure> {
    let mut request = Request::get(format!("/users/{n}?page=2&token=secret"))
        .header("user-agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
        .header("x-forwarded-for", "81.2.69.142, 10.0.0.2")
        .header("x-user", "1042")
        .body(Body::empty())?;
    request.extensions_mut().insert(ConnectInfo(SocketAddr::from(([10, 0, 0, 1], 4711))));
    Ok(request)
}
