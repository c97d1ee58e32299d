//! What people and programs look at, as entries of Flightbox's record. They go through the writer's queue without being
//! waited for; where the queue is full, nothing is shown.

use flightbox_app::look::{Ended, Look, Searched, Unrecorded, Witness};
use flightbox_event::{Json, Outcome, rfc3339};
use flightbox_store::{Count, StoreError};

use crate::{
    App,
    auth::{Client, Reader, SignedIn},
    fault::Fault,
    journal::{Action, By, Entry},
};

/// Records whatever somebody with a session looks at in this request.
pub fn witness(app: &App, client: &Client, signed_in: &SignedIn) -> Witness {
    let (app, client, signed_in) = (app.clone(), client.clone(), signed_in.clone());
    Witness::new(move |look, ended| {
        let by = By::Person(signed_in.person.name.clone());
        entry(look, ended, by).from(&client).within(&app, &signed_in.session).note(&app).map_err(|error| {
            tracing::error!(%error, "a page was not shown, for that it is looked at could not be recorded");
            Unrecorded
        })
    })
}

/// Records what a program looks at.
pub fn note(app: &App, client: &Client, reader: &Reader, look: Look, ended: Ended) -> Result<(), Fault> {
    Ok(entry(look, ended, By::Token(reader.name.clone())).from(client).note(app)?)
}

/// What a program looked at, once that is recorded; `look` knows what it was by what was found.
pub fn noted<T>(
    app: &App,
    (client, reader): (&Client, &Reader),
    found: Result<T, StoreError>,
    look: impl FnOnce(Option<&T>) -> Look,
) -> Result<T, Fault> {
    match &found {
        Ok(found) => note(app, client, reader, look(Some(found)), Ended::Shown)?,
        Err(StoreError::TooSlow) => note(app, client, reader, look(None), Ended::TooSlow)?,
        Err(_) => {}
    }
    Ok(found?)
}

fn entry(look: Look, ended: Ended, by: By) -> Entry {
    let entry = Entry::new(Action::Look(look.action()), by).on(look.resource()).named(look.begun());
    let entry = match &look {
        Look::Search(searched) | Look::Live(searched) => entry.with(Json::object(asked(searched))),
        Look::Event(_) | Look::Actor(..) | Look::Resource(..) | Look::Overview => entry,
    };
    match ended.reason() {
        Some(reason) => entry.ended(Outcome::Failure, reason),
        None => entry,
    }
}

/// What was asked, in which window, and how much was found, where that is known.
pub fn asked(searched: &Searched) -> Vec<(&'static str, Json)> {
    let Searched { query, from, to, zone, count, .. } = searched;
    let mut members = vec![("query", query.as_str().into())];
    members.extend(from.map(|from| ("from", rfc3339(from).into())));
    members.extend(to.map(|to| ("to", rfc3339(to).into())));
    members.extend((*zone != Default::default()).then(|| ("zone", zone.name().into())));
    members.extend(count.map(|count| ("count", counted(count))));
    members
}

/// A count as entries tell it.
pub fn counted(count: Count) -> Json {
    Json::object([("value", (count.value as i64).into()), ("exact", count.exact.into())])
}
