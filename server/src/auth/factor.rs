//! Second factors: codes of authenticator apps, passkeys, and recovery codes for whoever lost both.

pub mod ceremony;
pub mod passkey;
pub mod totp;

use flightbox_domain::{recovery::RecoveryCode, step_up::Method};
use flightbox_store::{FactorKind, FactorRow, PersonId};

use crate::{App, fault::Fault};

/// What somebody sent to prove that they hold a second factor: a code, or what their passkey signed.
#[derive(Clone, Default)]
pub struct Proof {
    /// The code of an authenticator app, or a recovery code.
    pub code: String,
    /// The challenge that a passkey answered.
    pub ceremony: String,
    /// The passkey's answer, in JSON; empty where a code was typed.
    pub credential: String,
}

impl Proof {
    /// Whether it has the shape of a recovery code.
    pub fn is_recovery(&self) -> bool {
        RecoveryCode::parse(&self.code).is_some()
    }
}

/// Whether a passkey answered a challenge that no longer waits: nothing can be told from that, and it is no guess.
pub fn is_late(app: &App, holder: &str, proof: &Proof) -> bool {
    !proof.credential.is_empty() && !app.gate.ceremonies.waits(holder, &proof.ceremony, app.clock.now())
}

/// Which kinds of factors somebody holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Held {
    /// An authenticator app.
    pub totp: bool,
    /// A passkey.
    pub passkey: bool,
}

impl Held {
    /// What these factors are.
    pub fn of(factors: &[FactorRow]) -> Self {
        let any = |kind| factors.iter().any(|factor| factor.kind == kind);
        Self { totp: any(FactorKind::Totp), passkey: any(FactorKind::Passkey) }
    }

    /// Whether there is none.
    pub fn nothing(self) -> bool {
        self == Self::default()
    }
}

/// What a proof shows, if anything. A code is used up by this, whatever it is asked for. `holder` is who was challenged.
pub async fn judge(
    app: &App,
    person: PersonId,
    factors: &[FactorRow],
    holder: &str,
    proof: &Proof,
) -> Result<Option<Method>, Fault> {
    if !proof.credential.is_empty() {
        let right = passkey::authenticate(app, person, factors, holder, proof).await?;
        return Ok(right.then_some(Method::Passkey));
    }
    let now = app.clock.now();
    for factor in factors.iter().filter(|factor| factor.kind == FactorKind::Totp) {
        if let Some(step) = totp::step(&factor.check, &proof.code, now)
            && app.store.use_step(factor.id, step, now).await?
        {
            return Ok(Some(Method::Totp));
        }
    }
    match RecoveryCode::parse(&proof.code) {
        Some(code) if app.store.use_code(person, &code, now).await? => Ok(Some(Method::RecoveryCode)),
        _ => Ok(None),
    }
}
