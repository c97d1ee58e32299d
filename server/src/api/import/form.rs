//! The form that brings files, taken apart as it comes: what is chosen stands before the files that it is about.

use std::{
    error::Error,
    io,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{
    body::{Body, BodyDataStream, Bytes},
    extract::{
        DefaultBodyLimit, FromRequest as _, Multipart, Request,
        multipart::{Field, MultipartError},
    },
    http::{StatusCode, request::Parts},
};
use chrono::{DateTime, Utc};
use flightbox_import::{Clock, Options, Zone, named};
use futures_util::{StreamExt as _, stream};
use tokio::time::{Instant, timeout};

use crate::{api::body, ingest::LARGEST};

/// So many bytes have to come in this time.
const PATIENCE: Duration = Duration::from_secs(60);
const PACE: usize = 64 << 10;
/// The most bytes that may come before something of the form is found in them.
const MOST_HELD: usize = 1 << 20;
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
    fn cut_off(error: MultipartError) -> Self {
        let mut cause: &dyn Error = &error;
        while let Some(further) = cause.source() {
            cause = further;
        }
        let message = format!("The form did not come whole: {cause}.");
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
    /// When it was last written, where that is known.
    pub written: Option<DateTime<Utc>>,
}

impl Chosen {
    /// Takes a field in; a file is handed back.
    pub async fn meet(&mut self, part: &mut Part<'_>) -> Result<Option<File>, Wrong> {
        let name = part.field.name().unwrap_or_default().to_owned();
        match name.as_str() {
            "format" => self.format = part.text().await?,
            "zone" => self.zone = part.text().await?.trim().to_owned(),
            "size" => self.size = part.text().await?.parse().ok(),
            "written" => self.written = part.text().await?.parse().ok().and_then(DateTime::from_timestamp_millis),
            // A browser sends a file without a name where none was chosen.
            "file" => {
                let (size, written) = (self.size.take(), self.written.take());
                let name = part.field.file_name().filter(|name| !name.is_empty());
                return Ok(name.map(|name| File { name: short(name), size, written }));
            }
            _ => {}
        }
        Ok(None)
    }

    /// How a file is to be read that was written then, if that is known.
    pub fn options(&self, written: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Result<Options, Wrong> {
        let format = match self.format.as_str() {
            "" => None,
            name => Some(named(name).ok_or_else(|| Wrong::of("There is no such format. Choose one of those listed."))?),
        };
        let zone = if self.zone.is_empty() { "UTC" } else { &self.zone };
        let zone: Zone = zone
            .parse()
            .map_err(|_| Wrong::of("There is no such time zone. Write one such as UTC, Europe/Berlin or +02:00."))?;
        // A file is not from the future.
        let as_of = written.map_or(now, |written| written.min(now));
        Ok(Options { format, clock: Clock { zone, as_of } })
    }
}

/// A file's name as it is told and recorded.
fn short(name: &str) -> String {
    name.chars().take(200).collect()
}

/// A form as it comes.
pub struct Form {
    parts: Multipart,
    held: Held,
}

/// A field of it.
pub struct Part<'a> {
    field: Field<'a>,
    held: &'a Held,
}

/// How many bytes have come since something of the form was handed out: whoever takes it apart holds them.
#[derive(Clone, Default)]
struct Held(Arc<AtomicUsize>);

impl Form {
    /// The form in a body, each piece of which is counted.
    pub async fn of(parts: &Parts, body: Body, count: impl FnMut(usize) + Send + 'static) -> Result<Self, Wrong> {
        let held = Held::default();
        let mut request = Request::new(arriving(body, held.clone(), count));
        request.headers_mut().clone_from(&parts.headers);
        // Nothing of it is held for longer than a moment.
        DefaultBodyLimit::disable().apply(&mut request);
        let parts = Multipart::from_request(request, &()).await.map_err(|_| Wrong::no_file())?;
        Ok(Self { parts, held })
    }

    /// The next field.
    pub async fn next(&mut self) -> Result<Option<Part<'_>>, Wrong> {
        let field = self.parts.next_field().await.map_err(Wrong::cut_off)?;
        self.held.0.store(0, Ordering::Relaxed);
        Ok(field.map(|field| Part { field, held: &self.held }))
    }

    /// Lets the rest pass by, within bounds: whoever is cut off while sending hears no answer.
    pub async fn pass(mut self) {
        let rest = async {
            let mut passed = 0;
            while let Ok(Some(mut part)) = self.next().await {
                while let Ok(Some(bytes)) = part.chunk().await {
                    passed += bytes.len();
                    if passed > LARGEST {
                        return;
                    }
                }
            }
        };
        let _ = timeout(PATIENCE, rest).await;
    }
}

impl Part<'_> {
    /// The next piece of its value.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, Wrong> {
        let bytes = self.field.chunk().await.map_err(Wrong::cut_off)?;
        self.held.0.store(0, Ordering::Relaxed);
        Ok(bytes)
    }

    async fn text(&mut self) -> Result<String, Wrong> {
        let mut bytes = Vec::new();
        while let Some(chunk) = self.chunk().await? {
            if bytes.len() + chunk.len() > LONGEST {
                return Err(Wrong::of("A field of the form is too long."));
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }
}

/// A body that comes at a pace.
struct Coming {
    body: BodyDataStream,
    /// How long it may still be waited for.
    left: Duration,
    /// What has come since that began.
    came: usize,
}

impl Coming {
    /// The next piece. The time counts in which it is waited for, and not that in which it is stored.
    async fn next(&mut self) -> io::Result<Option<Bytes>> {
        let began = Instant::now();
        let slow = |_| io::Error::new(io::ErrorKind::TimedOut, "less than 64 KiB came in a minute");
        let bytes = timeout(self.left, self.body.next()).await.map_err(slow)?;
        let bytes = bytes.transpose().map_err(io::Error::other)?;
        self.left = self.left.saturating_sub(began.elapsed());
        self.came += bytes.as_ref().map_or(0, Bytes::len);
        if self.came >= PACE {
            (self.left, self.came) = (PATIENCE, 0);
        }
        Ok(bytes)
    }
}

/// A body that ends with an error where too little comes of it, or too much in which nothing of a form is found, each piece
/// of it counted. It hands out a piece at a time: whoever takes a form apart would otherwise hold all that has come.
fn arriving(body: Body, held: Held, mut count: impl FnMut(usize) + Send + 'static) -> Body {
    let coming = Coming { body: body.into_data_stream(), left: PATIENCE, came: 0 };
    let pieces = stream::unfold(Some((coming, held)), |coming| async {
        let (mut coming, held) = coming?;
        tokio::task::yield_now().await;
        match coming.next().await {
            Ok(Some(bytes)) if held.0.fetch_add(bytes.len(), Ordering::Relaxed) + bytes.len() > MOST_HELD => {
                body::pass(Body::from_stream(coming.body)).await;
                Some((Err(io::Error::other("too much of it is no field")), None))
            }
            Ok(bytes) => Some((Ok(bytes?), Some((coming, held)))),
            Err(error) => Some((Err(error), None)),
        }
    });
    Body::from_stream(pieces.inspect(move |piece: &Result<Bytes, io::Error>| {
        if let Ok(bytes) = piece {
            count(bytes.len());
        }
    }))
}
