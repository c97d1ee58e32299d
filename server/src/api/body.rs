//! A request's body, unpacked within bounds.

use std::{
    io::{self, Read},
    time::Duration,
};

use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, StatusCode, header},
};
use futures_util::StreamExt as _;

use super::Problem;
use crate::ingest::{Form, LARGEST};

/// How long a body may take to come.
const PATIENCE: Duration = Duration::from_secs(60);

/// How a body is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packing {
    /// Not at all.
    Plain,
    /// With gzip.
    Gzip,
    /// With zstd.
    Zstd,
}

/// How the body's events are written, by its `Content-Type`.
pub fn form(headers: &HeaderMap) -> Result<Form, Problem> {
    let given = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    let essence = given.split(';').next().unwrap_or("").trim().to_ascii_lowercase();
    match essence.as_str() {
        "application/json" => Ok(Form::Json),
        "application/x-ndjson" => Ok(Form::Lines),
        _ => Err(unsupported(format!(
            "Content-Type {given:?} is not supported; send application/json or application/x-ndjson"
        ))),
    }
}

/// How long a body says it is; none may be longer than [`LARGEST`].
pub fn length(headers: &HeaderMap) -> Result<Option<usize>, Problem> {
    let length = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if length.is_some_and(|length| length > LARGEST) { Err(too_large_body()) } else { Ok(length) }
}

/// Reads a body as it comes, in one buffer that is as large as it says it is, and never larger than the largest.
pub async fn read(length: Option<usize>, body: Body) -> Result<Bytes, Problem> {
    // It holds room that others could have.
    tokio::time::timeout(PATIENCE, whole(length, body)).await.unwrap_or_else(|_| {
        let message = format!("The body did not come within {} seconds; send less at once.", PATIENCE.as_secs());
        Err(Problem::new(StatusCode::REQUEST_TIMEOUT, "too_slow", message))
    })
}

async fn whole(length: Option<usize>, body: Body) -> Result<Bytes, Problem> {
    let mut bytes = Vec::with_capacity(length.unwrap_or_default());
    let mut stream = body.into_data_stream();
    while let Some(chunk) = stream.next().await {
        let cut_off = |_| Problem::new(StatusCode::BAD_REQUEST, "cut_off", "The body ended early; send it again.");
        let chunk = chunk.map_err(cut_off)?;
        if bytes.len() + chunk.len() > LARGEST {
            return Err(too_large_body());
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes.into())
}

/// Lets a body pass by, up to the largest and for as long as one may take, and keeps nothing of it. Whoever is cut off
/// while sending hears no answer.
pub async fn pass(body: Body) {
    let (mut passed, mut stream) = (0, body.into_data_stream());
    let all = async {
        while let Some(Ok(chunk)) = stream.next().await
            && passed <= LARGEST
        {
            passed += chunk.len();
        }
    };
    let _ = tokio::time::timeout(PATIENCE, all).await;
}

/// How a body is packed, by its `Content-Encoding`.
pub fn packing(headers: &HeaderMap) -> Result<Packing, Problem> {
    let mut given = headers.get_all(header::CONTENT_ENCODING).iter();
    let (first, more) = (given.next(), given.next().is_some());
    match first.map(|value| value.to_str().unwrap_or("?").trim().to_ascii_lowercase()).as_deref() {
        None | Some("identity" | "") if !more => Ok(Packing::Plain),
        Some("gzip") if !more => Ok(Packing::Gzip),
        Some("zstd") if !more => Ok(Packing::Zstd),
        _ => Err(unsupported("Content-Encoding must be gzip or zstd, one of them and once, or absent".to_owned())),
    }
}

/// Unpacks a body, to at most [`LARGEST`] bytes.
pub fn unpack(packing: Packing, packed: Bytes) -> Result<Bytes, Problem> {
    let unpacked = match packing {
        Packing::Plain => return Ok(packed),
        Packing::Gzip => bounded(flate2::read::MultiGzDecoder::new(&*packed)),
        Packing::Zstd => zstd::Decoder::with_buffer(&*packed).and_then(|mut decoder| {
            // A window larger than the largest body is of no use to an honest sender.
            decoder.window_log_max(LARGEST.ilog2())?;
            bounded(decoder)
        }),
    };
    match unpacked {
        Ok(Some(bytes)) => Ok(bytes.into()),
        Ok(None) => Err(too_large_body()),
        Err(error) => {
            let message = format!("The body cannot be unpacked: {error}.");
            Err(Problem::new(StatusCode::BAD_REQUEST, "bad_encoding", message))
        }
    }
}

/// All there is to read, unless it is too large: then no more than that is ever held.
fn bounded(reader: impl Read) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    reader.take(LARGEST as u64 + 1).read_to_end(&mut bytes)?;
    Ok((bytes.len() <= LARGEST).then_some(bytes))
}

fn unsupported(message: String) -> Problem {
    Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported", message)
}

fn too_large_body() -> Problem {
    let message = format!("A batch has at most {LARGEST} bytes, unpacked; send smaller ones.");
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", message)
}
