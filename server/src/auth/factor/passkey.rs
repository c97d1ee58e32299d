//! Passkeys (WebAuthn). The library checks signatures, origin, challenge, counter, and that the passkey verified its
//! holder; here it is decided who is challenged and what is kept.

use flightbox_app::parts::passkey::Challenge;
use flightbox_domain::name::PersonName;
use flightbox_store::{FactorKind, FactorRow, PersonId};
use serde::Serialize;
use webauthn_rs::prelude::{
    Passkey, PublicKeyCredential, RegisterPublicKeyCredential, Url, Uuid, Webauthn, WebauthnBuilder,
};

use super::{Proof, ceremony::State};
use crate::{App, fault::Fault};

/// Whether there can be passkeys: they belong to a name, and an address is none.
pub fn possible(app: &App) -> bool {
    party(app).is_some()
}

/// Challenges whoever holds one of these passkeys; `None` if none is among the factors, or there can be none here.
pub fn challenge(app: &App, factors: &[FactorRow], holder: &str) -> Option<Challenge> {
    let keys: Vec<Passkey> = passkeys(factors).map(|(_, key)| key).collect();
    if keys.is_empty() {
        return None;
    }
    let (options, state) = party(app)?.start_passkey_authentication(&keys).ok()?;
    Some(begun(app, holder, options.public_key, State::Authentication(state)))
}

/// Challenges a new passkey of a person, who has these factors already.
pub fn invite(app: &App, person: &PersonName, factors: &[FactorRow], holder: &str) -> Option<Challenge> {
    let known = passkeys(factors).map(|(_, key)| key.cred_id().clone()).collect();
    // What the passkey knows its holder by must not change, and tells nothing.
    let handle = Uuid::from_bytes(app.store.keys().step_up(&[b"passkey", person.as_str().as_bytes()]));
    let started = party(app)?.start_passkey_registration(handle, person.as_str(), person.as_str(), Some(known));
    let (options, state) = started.ok()?;
    Some(begun(app, holder, options.public_key, State::Registration(state)))
}

/// The new passkey that answered, as it is to be kept; `None` if it did not, or not so.
pub fn register(app: &App, holder: &str, proof: &Proof) -> Option<Vec<u8>> {
    let State::Registration(state) = app.gate.ceremonies.take(holder, &proof.ceremony, app.clock.now())? else {
        return None;
    };
    let answer: RegisterPublicKeyCredential = serde_json::from_str(&proof.credential).ok()?;
    let key = party(app)?.finish_passkey_registration(&answer, &state).ok()?;
    serde_json::to_vec(&key).ok()
}

/// Whether one of these passkeys answered, and verified its holder. What it is checked against next time is kept.
pub async fn authenticate(
    app: &App,
    person: PersonId,
    factors: &[FactorRow],
    holder: &str,
    proof: &Proof,
) -> Result<bool, Fault> {
    let now = app.clock.now();
    let Some(State::Authentication(state)) = app.gate.ceremonies.take(holder, &proof.ceremony, now) else {
        return Ok(false);
    };
    let Ok(answer) = serde_json::from_str::<PublicKeyCredential>(&proof.credential) else { return Ok(false) };
    let result = party(app).and_then(|party| party.finish_passkey_authentication(&answer, &state).ok());
    let Some(result) = result.filter(|result| result.user_verified()) else { return Ok(false) };
    // Removed while the page was open, it is nobody's any more.
    let used = passkeys(factors).find(|(_, key)| key.cred_id() == result.cred_id());
    let Some((factor, mut key)) = used else { return Ok(false) };
    key.update_credential(&result);
    let check = serde_json::to_vec(&key).map_err(|error| Fault::Broken(error.to_string()))?;
    app.store.use_passkey(person, factor.id, &check, now, &app.random).await?;
    Ok(true)
}

/// The passkeys among factors.
fn passkeys(factors: &[FactorRow]) -> impl Iterator<Item = (&FactorRow, Passkey)> {
    let keys = factors.iter().filter(|factor| factor.kind == FactorKind::Passkey);
    keys.filter_map(|factor| Some((factor, serde_json::from_slice(&factor.check).ok()?)))
}

/// Us, as passkeys know us: by the name that people reach this server under.
fn party(app: &App) -> Option<Webauthn> {
    let url = Url::parse(&app.config.public_url).ok()?;
    let name = url.domain()?;
    WebauthnBuilder::new(name, &url).ok()?.rp_name("Flightbox").build().ok()
}

fn begun(app: &App, holder: &str, options: impl Serialize, state: State) -> Challenge {
    let id = app.gate.ceremonies.begin(holder, state, app.clock.now(), &app.random);
    Challenge { id, options: serde_json::to_string(&options).unwrap_or_default() }
}
