//! One message: from its bytes to what the queue is told of it.

use std::{sync::Arc, time::Duration};

use async_nats::jetstream::{AckKind, Message};
use axum::{
    body::{Body, Bytes},
    http::{
        HeaderMap, HeaderName, HeaderValue,
        header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE},
    },
};
use chrono::{DateTime, Utc};
use flightbox_domain::scope::SELF_SOURCE;
use flightbox_event::Outcome;
use tokio::sync::{Semaphore, watch};

use super::pull::ACK_WAIT;
use crate::{
    App,
    api::ingest::{How, NotTaken, take},
    auth::{Producer, Refusal, client::Network},
    ingest::{Complaint, Form, IngestError, LARGEST},
    journal::{Action, By, Entry},
    quarantine::Rejected,
};

/// What a message may say beside its body. Nothing else of its headers is looked at.
const HEADERS: [HeaderName; 3] = [AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE];
/// Bytes of messages, unpacked, that are read at once.
const ROOM: usize = 128 << 20;
/// How long after a try to store a message the next follows: at first, and at most.
const RETRY: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));
/// How often the queue is told that a message is done with; after that, it delivers it again.
const TELLS: u32 = 3;

/// What messages share.
#[derive(Clone)]
pub(super) struct Desk {
    app: App,
    room: Arc<Semaphore>,
    closing: watch::Receiver<bool>,
}

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// Its events are committed and synced.
    Stored,
    /// It is none that can be taken, now or ever. It is in quarantine.
    Refused,
    /// It could not be stored, and the server stops.
    Left,
}

impl Desk {
    pub(super) fn new(app: App, closing: watch::Receiver<bool>) -> Self {
        Self { app, room: Arc::new(Semaphore::new(ROOM / 1024)), closing }
    }

    /// Stores a message and tells the queue.
    pub(super) async fn settle(self, message: Message) {
        let (name, published, again) = match message.info() {
            Ok(info) => {
                // A stream that lost its end, or was made anew, gives the same numbers to others, but not at the same time.
                let published = info.published.unix_timestamp_nanos();
                (format!("nats:{published}:{}", info.stream_sequence), published, info.delivered > 1)
            }
            Err(error) => return tracing::error!(%error, "a message from NATS is of no stream"),
        };
        let published = DateTime::from_timestamp_nanos(i64::try_from(published).unwrap_or(i64::MAX));
        self.app.queue.came(again, self.app.clock.now());
        let fate = tokio::select! {
            fate = self.store(&message, &name, published) => fate,
            () = hold(&message) => Fate::Left,
        };
        let kind = match fate {
            Fate::Stored => AckKind::Ack,
            Fate::Refused => AckKind::Term,
            Fate::Left => AckKind::Nak(None),
        };
        if fate != Fate::Left {
            self.app.queue.ended(fate == Fate::Stored);
        }
        tell(&message, kind).await;
    }

    /// Tries until it is stored or refused. Whatever keeps it from that ends: nothing behind it would fare better.
    async fn store(&self, message: &Message, name: &str, published: DateTime<Utc>) -> Fate {
        let headers = headers(message);
        let mut closing = self.closing.clone();
        let mut wait = RETRY.0;
        loop {
            match self.try_to(message, &headers, (name, published)).await {
                Ok(fate) => return fate,
                Err(why) => self.app.queue.held(why),
            }
            tokio::select! {
                () = tokio::time::sleep(wait) => wait = (wait * 2).min(RETRY.1),
                _ = closing.wait_for(|closing| *closing) => return Fate::Left,
            }
        }
    }

    async fn try_to(
        &self,
        message: &Message,
        headers: &HeaderMap,
        (name, published): (&str, DateTime<Utc>),
    ) -> Result<Fate, String> {
        // What is packed may be as large as anything.
        let packed = headers.contains_key(CONTENT_ENCODING);
        let bytes = if packed { LARGEST } else { message.payload.len().min(LARGEST) };
        let room = self.room.acquire_many(u32::try_from(bytes / 1024 + 1).unwrap_or(u32::MAX)).await;
        let _room = room.map_err(|error| error.to_string())?;
        let source = match Producer::known(&self.app, headers, published).await.map_err(|error| error.to_string())? {
            Ok(Producer { source }) => source,
            Err(refused) => return self.turn_away(message, refused).await,
        };
        let how = How { partial: false, named: Some(name.to_owned()), address: None };
        let kept = match take(&self.app, &source, how, headers, Body::from(message.payload.clone())).await {
            Ok(_) => return Ok(Fate::Stored),
            Err(NotTaken::Syntax(_) | NotTaken::Refused(IngestError::Invalid(_) | IngestError::Conflict(_))) => Ok(()),
            // A producer that asks is told; this one is not there any more, so the body is kept.
            Err(NotTaken::Unreadable(problem)) => {
                let (code, what) = problem.words();
                self.keep(source.as_str(), code, what, &message.payload).await
            }
            Err(NotTaken::Broken(error)) if error.is_panic() => {
                self.keep(source.as_str(), "internal", "It broke the server that read it.", &message.payload).await
            }
            Err(NotTaken::Broken(error)) => Err(error.to_string()),
            Err(NotTaken::Refused(error)) => Err(error.to_string()),
        };
        kept.map(|()| Fate::Refused)
    }

    /// Refuses a message of nobody who may send it, and records that unless enough of it is being recorded already.
    async fn turn_away(&self, message: &Message, (refusal, by): (Refusal, By)) -> Result<Fate, String> {
        let source = if let By::Source(name) = &by { name.to_string() } else { SELF_SOURCE.to_owned() };
        let what = format!("{}, on the subject {}", refusal.message(), message.subject);
        self.keep(&source, refusal.code(), &what, &message.payload).await?;
        if self.app.gate.is_worth_recording(Network::QUEUE, self.app.clock.now()) {
            let entry = Entry::new(Action::Refuse, by).on(format!("nats:{}", message.subject));
            entry.ended(Outcome::Denied, refusal.code()).commit_or_log(&self.app).await;
        }
        Ok(Fate::Refused)
    }

    /// Keeps a body in quarantine. More than a body can have is cut off.
    async fn keep(&self, source: &str, code: &str, what: &str, body: &Bytes) -> Result<(), String> {
        let complaints = &[Complaint::of_all(code, what.to_owned())];
        let rejected = Rejected { form: Form::Json, address: None, complaints, body: &body[..body.len().min(LARGEST)] };
        let kept = self.app.quarantine(source, &rejected).await;
        kept.map_err(|error| error.to_string())
    }
}

/// A message's headers as a request has them: their names in any case, and JSON where it says nothing else.
fn headers(message: &Message) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let given = message.headers.iter().flat_map(|headers| headers.iter());
    for (name, values) in given {
        let Some(known) = HEADERS.iter().find(|known| known.as_str().eq_ignore_ascii_case(name.as_ref())) else {
            continue;
        };
        for value in values {
            // What no header can say says nothing that is meant here.
            let value = HeaderValue::from_str(value.as_str()).unwrap_or(HeaderValue::from_static("?"));
            headers.append(known, value);
        }
    }
    headers.entry(CONTENT_TYPE).or_insert(HeaderValue::from_static("application/json"));
    headers.insert(CONTENT_LENGTH, message.payload.len().into());
    headers
}

/// Tells the queue again and again that the message is being worked on.
async fn hold(message: &Message) {
    loop {
        tokio::time::sleep(ACK_WAIT / 3).await;
        if let Err(error) = message.ack_with(AckKind::Progress).await {
            tracing::debug!(%error, "NATS was not told that a message is being worked on");
        }
    }
}

/// Tells the queue what became of a message, and waits until it says that it knows. Where it does not, it delivers the
/// message again, and what is stored is recognised. As a request, for the client's own double acknowledgement subscribes
/// anew for each message and takes the word that nobody listens for a confirmation.
async fn tell(message: &Message, kind: AckKind) {
    let Some(reply) = &message.reply else { return };
    for _ in 0..TELLS {
        match message.context.client().request(reply.clone(), kind.into()).await {
            Ok(_) => return,
            Err(error) => tracing::debug!(%error, "NATS did not confirm what it was told of a message"),
        }
    }
}
