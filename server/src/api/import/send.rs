//! Files on their way from a form to the log.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::Multipart,
    http::{StatusCode, header, request::Parts},
};
use flightbox_import::Options;
use tokio::task::JoinHandle;

use super::{
    Answer, BUSY, DISABLED, Desk, OWN, Refused,
    form::{Chosen, Wrong, arriving},
    multipart,
};
use crate::{
    api::body,
    auth::Client,
    fault::Fault,
    import::{End, Running, Storing, Turn, Upload},
    journal::Action,
};

impl Desk<'_> {
    /// Imports each file as it comes. Whoever leaves meanwhile cancels it.
    pub(super) async fn import(
        &self,
        client: &Client,
        parts: &Parts,
        body: Body,
        chosen: &mut Chosen,
    ) -> Result<Answer, Refused> {
        let Desk { app, name, .. } = self;
        let turn = match () {
            () if self.source.disabled_at.is_some() => Err((StatusCode::UNPROCESSABLE_ENTITY, DISABLED)),
            () if self.is_importing() => Err((StatusCode::TOO_MANY_REQUESTS, OWN)),
            () => app.imports.turn().await.ok_or((StatusCode::TOO_MANY_REQUESTS, BUSY)),
        };
        let turn = match turn {
            Ok(turn) => turn,
            Err((status, why)) => {
                body::pass(body).await;
                return Err(Refused::Form(status, why.to_owned()));
            }
        };
        let length = parts.headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
        let running = Arc::new(Running::new(name.clone(), length));
        let counted = Arc::clone(&running);
        let mut form = multipart(parts, arriving(body, move |bytes| counted.receive(bytes))).await?;
        let mut sending = Sending { desk: self, client, running: &running, turn: Some(turn), begun: None };
        // Dropped before what it guards: whoever reads a file that is cut off finds that it is to stop.
        let _guard = Cancelling(Arc::clone(&running));
        let sent = sending.all(&mut form, chosen).await;
        if sent.is_err() {
            running.cancel();
        }
        let Some((upload, stored)) = sending.begun.take() else {
            return Err(sent.err().unwrap_or_else(|| Wrong::no_file().into()));
        };
        drop(upload);
        stored.await.map_err(|error| Fault::Broken(error.to_string()))?;
        sent.map(|()| Answer::Ended(status(&running), running))
    }
}

/// Files on their way from a form to the log.
struct Sending<'a> {
    desk: &'a Desk<'a>,
    client: &'a Client,
    running: &'a Arc<Running>,
    /// Until the first file is there.
    turn: Option<Turn>,
    /// Since then.
    begun: Option<(Upload, JoinHandle<()>)>,
}

impl Sending<'_> {
    async fn all(&mut self, form: &mut Multipart, chosen: &mut Chosen) -> Result<(), Refused> {
        let now = self.desk.app.clock.now();
        while let Some(mut field) = form.next_field().await.map_err(Wrong::cut_off)? {
            let Some(file) = chosen.meet(&mut field).await? else { continue };
            let options = chosen.options(&file, now)?;
            if let Some(turn) = self.turn.take() {
                self.begin(turn, options).await?;
            }
            let Some((upload, _)) = &mut self.begun else { break };
            upload.begin(&file.name, options.clock.as_of).await;
            loop {
                let bytes = tokio::select! {
                    bytes = field.chunk() => bytes.map_err(Wrong::cut_off)?,
                    // Nothing more can be stored, or the server stops.
                    () = upload.over() => return Ok(()),
                };
                let Some(bytes) = bytes else { break };
                upload.push(bytes).await;
            }
            upload.end().await;
        }
        Ok(())
    }

    /// Begins, which is recorded first.
    async fn begin(&mut self, turn: Turn, options: Options) -> Result<(), Fault> {
        let Desk { app, signed_in, name, .. } = self.desk;
        let on = format!("/sources/{name}");
        let entry = |action| signed_in.entry(app, self.client, action).on(&*on);
        entry(Action::SourceImportBegin).commit(app).await?;
        let storing =
            Storing { app: (*app).clone(), running: Arc::clone(self.running), entry: entry(Action::SourceImport) };
        app.imports.note(&signed_in.person.name, self.running);
        self.begun = Some(Upload::start(storing, turn, (options.format, options.clock.zone)));
        Ok(())
    }
}

/// Cancels an import that is still under way when its request ends.
struct Cancelling(Arc<Running>);

impl Drop for Cancelling {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

fn status(running: &Running) -> StatusCode {
    let standing = running.standing();
    match standing.end {
        Some(End::Done) if standing.tally.formats.is_empty() => StatusCode::UNPROCESSABLE_ENTITY,
        Some(End::Done) | None => StatusCode::OK,
        Some(End::Cancelled) => StatusCode::BAD_REQUEST,
        Some(End::Stopped(_)) => StatusCode::SERVICE_UNAVAILABLE,
    }
}
