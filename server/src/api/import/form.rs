//! The form that brings files, taken apart as it comes: what is chosen stands before the files that it is about.

use std::{io, time::Duration};

use axum::{
    body::{Body, Bytes},
    extract::multipart::{Field, MultipartError},
    http::StatusCode,
};
use chrono::{DateTime, Utc};
use flightbox_import::{Clock, Options, Zone, named};
use futures_util::{StreamExt as _, stream};

/// How long nothing may come.
const PATIENCE: Duration = Duration::from_secs(60);
/// The longest text of a field, in bytes.
const LONGEST: usize = 1 << 10;

/// What is wrong with a form.
pub struct Wrong {
    /// The status that says so.
    pub status: StatusCode,
    /// A sentence.
    pub message: String,
}

impl Wrong {
    fn of(message: &str) -> Self {
        Self { status: StatusCode::UNPROCESSABLE_ENTITY, message: message.to_owned() }
    }

    /// There is nothing to read.
    pub fn no_file() -> Self {
        Self::of("Choose one file or more.")
    }

    /// It did not come whole.
    pub fn cut_off(error: MultipartError) -> Self {
        let message = format!("The form did not come whole: {}.", error.body_text());
        Self { status: StatusCode::BAD_REQUEST, message }
    }
}

/// What is chosen on the page, and what a browser tells of the file that comes next.
#[derive(Default)]
pub struct Chosen {
    /// The name of a format; empty for what each file tells itself.
    pub format: String,
    /// A zone; empty for UTC.
    pub zone: String,
    size: Option<u64>,
    written: Option<DateTime<Utc>>,
}

/// A file of a form.
pub struct File {
    /// Its name.
    pub name: String,
    /// How long it is, where that is known; what comes of it may be its start.
    pub size: Option<u64>,
    written: Option<DateTime<Utc>>,
}

impl Chosen {
    /// Takes a field in; a file is handed back.
    pub async fn meet(&mut self, field: &mut Field<'_>) -> Result<Option<File>, Wrong> {
        let name = field.name().unwrap_or_default().to_owned();
        match name.as_str() {
            "format" => self.format = text(field).await?,
            "zone" => self.zone = text(field).await?.trim().to_owned(),
            "size" => self.size = text(field).await?.parse().ok(),
            "written" => self.written = text(field).await?.parse().ok().and_then(DateTime::from_timestamp_millis),
            // A browser sends a file without a name where none was chosen.
            "file" => {
                let (size, written) = (self.size.take(), self.written.take());
                let name = field.file_name().filter(|name| !name.is_empty());
                return Ok(name.map(|name| File { name: short(name), size, written }));
            }
            _ => {}
        }
        Ok(None)
    }

    /// How a file is to be read.
    pub fn options(&self, file: &File, now: DateTime<Utc>) -> Result<Options, Wrong> {
        let format = match self.format.as_str() {
            "" => None,
            name => Some(named(name).ok_or_else(|| Wrong::of("There is no such format. Choose one of those listed."))?),
        };
        let zone = if self.zone.is_empty() { "UTC" } else { &self.zone };
        let zone: Zone = zone
            .parse()
            .map_err(|_| Wrong::of("There is no such time zone. Write one such as UTC, Europe/Berlin or +02:00."))?;
        // A file is not from the future.
        let as_of = file.written.map_or(now, |written| written.min(now));
        Ok(Options { format, clock: Clock { zone, as_of } })
    }
}

/// A file's name as it is told and recorded.
fn short(name: &str) -> String {
    name.chars().take(200).collect()
}

async fn text(field: &mut Field<'_>) -> Result<String, Wrong> {
    let mut bytes = Vec::new();
    while let Some(chunk) = field.chunk().await.map_err(Wrong::cut_off)? {
        if bytes.len() + chunk.len() > LONGEST {
            return Err(Wrong::of("A field of the form is too long."));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// A body that ends with an error where nothing comes for a while, each piece of it counted. It hands out a piece at a time:
/// whoever takes a form apart would otherwise hold all that has come.
pub fn arriving(body: Body, mut count: impl FnMut(usize) + Send + 'static) -> Body {
    let pieces = stream::unfold(Some(body.into_data_stream()), |body| async {
        let mut body = body?;
        tokio::task::yield_now().await;
        let silent = |_| io::Error::new(io::ErrorKind::TimedOut, "nothing came for a minute");
        match tokio::time::timeout(PATIENCE, body.next()).await.map_err(silent) {
            Ok(None) => None,
            Ok(Some(Ok(bytes))) => Some((Ok(bytes), Some(body))),
            Ok(Some(Err(error))) => Some((Err(io::Error::other(error)), None)),
            Err(error) => Some((Err(error), None)),
        }
    });
    Body::from_stream(pieces.inspect(move |piece: &Result<Bytes, io::Error>| {
        if let Ok(bytes) = piece {
            count(bytes.len());
        }
    }))
}
