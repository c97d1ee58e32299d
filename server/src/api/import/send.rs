//! Files on their way from a form to the log.

use std::sync::Arc;

use axum::{
    body::Body,
    http::{StatusCode, header, request::Parts},
};
use flightbox_import::Options;
use tokio::task::JoinHandle;

use super::{
    Answer, Desk, OWN, Refused,
    form::{Chosen, Form, Wrong},
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
        let turn = match self.turn().await {
            Ok(turn) => turn,
            Err((status, why)) => {
                body::pass(body).await;
                return Err(Refused::Form(status, why.to_owned()));
            }
        };
        let length = parts.headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
        let running = Arc::new(Running::new(self.name.clone(), length));
        let counted = Arc::clone(&running);
        let mut form = Form::of(parts, body, move |bytes| counted.receive(bytes)).await?;
        let mut sending = Sending { desk: self, client, running: &running, turn: Some(turn), begun: None };
        // Dropped before what it guards: whoever reads a file that is cut off finds that it is to stop.
        let _guard = Cancelling(Arc::clone(&running));
        let sent = sending.all(&mut form, chosen).await;
        if sent.is_err() {
            running.cancel();
        }
        let Some((upload, stored)) = sending.begun.take() else {
            // The turn is another's.
            drop(sending);
            form.pass().await;
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
    async fn all(&mut self, form: &mut Form, chosen: &mut Chosen) -> Result<(), Refused> {
        let now = self.desk.app.clock.now();
        loop {
            let part = tokio::select! {
                part = form.next() => part?,
                () = self.over() => return Ok(()),
            };
            let Some(mut part) = part else { return Ok(()) };
            let Some(file) = chosen.meet(&mut part).await? else { continue };
            let options = chosen.options(file.written, now)?;
            if let Some(turn) = self.turn.take() {
                self.begin(turn, options).await?;
            }
            let Some((upload, _)) = &mut self.begun else { return Ok(()) };
            upload.begin(&file.name, options.clock.as_of).await;
            loop {
                let bytes = tokio::select! {
                    bytes = part.chunk() => bytes?,
                    // Nothing more can be stored, or the server stops.
                    () = upload.over() => return Ok(()),
                };
                let Some(bytes) = bytes else { break };
                upload.push(bytes).await;
            }
            upload.end().await;
        }
    }

    /// Waits until nothing more is stored, or the server stops.
    async fn over(&self) {
        match &self.begun {
            Some((upload, _)) => upload.over().await,
            None => {
                let _ = self.desk.app.live.closing().wait_for(|closing| *closing).await;
            }
        }
    }

    /// Begins, which is recorded first.
    async fn begin(&mut self, turn: Turn, options: Options) -> Result<(), Refused> {
        let Desk { app, signed_in, name, .. } = self.desk;
        let on = format!("/sources/{name}");
        let entry = |action| signed_in.entry(app, self.client, action).on(&*on);
        if !app.imports.begin(&signed_in.person.name, self.running) {
            return Err(Refused::Form(StatusCode::TOO_MANY_REQUESTS, OWN.to_owned()));
        }
        let begin = entry(Action::SourceImportBegin);
        let storing = Storing {
            app: (*app).clone(),
            running: Arc::clone(self.running),
            signed_in: (*signed_in).clone(),
            entry: entry(Action::SourceImport),
        };
        // Whoever leaves meanwhile leaves no begin without an end.
        let begun = tokio::spawn(async move {
            begin.commit(&storing.app).await?;
            Ok::<_, Fault>(Upload::start(storing, turn, (options.format, options.clock.zone)))
        });
        self.begun = Some(begun.await.map_err(|error| Fault::Broken(error.to_string()))??);
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
        Some(End::Stopped(_) | End::Failed) => StatusCode::SERVICE_UNAVAILABLE,
    }
}
