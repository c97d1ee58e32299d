//! `flightbox demo`: a log that somebody has been using, and three people to look at it.

use std::path::PathBuf;

use chrono::Duration;
use flightbox_domain::{
    name::{PersonName, SourceName},
    record::hex,
    role::Role,
    sample::Plan,
};
use flightbox_event::{ActorKind, Event, Json, parse_event};
use flightbox_store::Submitted;

use super::{
    Failure,
    serve::{run, say},
};
use crate::{
    App,
    auth::{enrol, password::NewPassword},
    config::Config,
    ingest::{Form, IngestError, Reader, read},
    journal::By,
    serve::Server,
    system_clock, system_random,
};

/// Enough for a month of a small company's permission system.
const EVENTS: u64 = 6_000;
/// The systems that it would come from.
const SOURCES: [&str; 3] = ["admin-console", "billing-api", "identity"];
/// What one of them sent by mistake, so that there is something in quarantine.
const REFUSED: &str = r#"[{"id":"inv-9301","actor":{"id":"svc-billing","type":"service"},"action":"invoice.send","resource":"/invoices/9301"},
{"id":"inv-9302","actor":{"id":"svc-billing","type":"service"},"actoin":"invoice.send","resource":"/invoices/9302","outcome":"ok"}]"#;
/// Events that are stored at once.
const BATCH: usize = 1_000;

/// Serves a demonstration.
pub async fn demo(data: Option<PathBuf>, config: Config) -> Result<(), Failure> {
    let thrown_away = if data.is_none() { Some(tempfile::tempdir()?) } else { None };
    let folder = data.or_else(|| thrown_away.as_ref().map(|folder| folder.path().to_owned())).unwrap_or_default();
    let server = Server::start(&folder, config, system_clock(), system_random()).await?;
    if server.app().store.facts().await?.events == 0 {
        fill(server.app()).await?;
    }
    for role in Role::ALL {
        let password = admit(server.app(), role).await?;
        say(&format!("{role} {role} {password}"))?;
    }
    run(server).await
}

/// Makes sure that somebody is called as the role, and gives them a new password.
async fn admit(app: &App, role: Role) -> Result<String, Failure> {
    let name: PersonName = role.as_str().parse()?;
    let text = hex(&app.random.bytes::<10>());
    let password = NewPassword::parse(&text, name.as_str(), &app.config.public_url)?;
    // An investigator browses and an admin does, so each has what the one before has.
    let roles = Role::ALL.into_iter().filter(|held| *held == Role::Viewer || *held == role).collect();
    enrol::person_or_password(app, By::Console, &name, password, &roles).await?;
    Ok(text)
}

async fn fill(app: &App) -> Result<(), Failure> {
    let seed = u64::from_le_bytes(app.random.bytes());
    let plan = Plan { events: EVENTS, seed, until: app.clock.now(), span: Duration::days(30) };
    let samples: Vec<Json> = plan.events().collect();
    for batch in samples.chunks(BATCH) {
        let mut prepared = Vec::with_capacity(batch.len());
        for json in batch {
            let event = parse_event(json).map_err(|problems| format!("a sample is no event: {problems:?}"))?;
            let event = personal(event);
            let source: SourceName = source_of(&event.action).parse()?;
            let content = app.store.keys().content(json.to_string().as_bytes());
            // As if each had been sent when it happened.
            let received_at = event.occurred_at.unwrap_or_else(|| app.clock.now()) + Duration::milliseconds(70);
            let submitted = Submitted { event, content, received_at };
            prepared.extend(app.store.prepare(source.as_str(), vec![submitted]).await?);
        }
        app.store.append(prepared).await?;
    }
    for source in SOURCES {
        // Nobody is to send more: the tokens are not kept.
        enrol::source(app, By::Console, &source.parse()?).await?;
    }
    let source: SourceName = source_of("invoice.send").parse()?;
    let reader = Reader { source: &source, keys: app.store.keys(), rules: &app.store.rules(), named: None };
    if let Ok(batch) = read(REFUSED.into(), Form::Json, false, reader)
        && let Err(error) = app.ingest(&source, batch, false).await
        && !matches!(error, IngestError::Invalid(_))
    {
        return Err(error.to_string().into());
    }
    Ok(())
}

/// The event with what its system would tell of the person, which is sealed.
fn personal(mut event: Event) -> Event {
    let about_people = event.action.starts_with("user.") || event.action.starts_with("password.");
    if let Some(name) = event.actor.name.as_deref().filter(|_| about_people && event.actor.kind == ActorKind::User) {
        event.actor.email = Some(format!("{name}@example.com"));
    }
    event
}

/// Which of [`SOURCES`] would have sent it.
fn source_of(action: &str) -> &'static str {
    match action.split('.').next() {
        Some("login" | "logout" | "password") => "identity",
        Some("invoice" | "order") => "billing-api",
        _ => "admin-console",
    }
}
