//! Changing factors: checked, then granted, then recorded, then done.

use flightbox_domain::{
    record::unhex,
    recovery::{CODES, RecoveryCode},
    step_up::Purpose,
};
use flightbox_event::Json;
use flightbox_store::{AddError, FactorKind, NewFactor};

use super::{
    Asked, Asker, Refused,
    deed::{Deed, TAKEN},
};
use crate::{
    auth::{
        Client,
        factor::{Proof, passkey, totp},
        grant::{look_for_grant, require_grant},
    },
    journal::{Action, Entry},
};

const WRONG_CODE: &str = "That is not the code that this secret has now. Is the device's clock right?";
const WRONG_PASSKEY: &str = "The passkey was not made, or did not check that it is you. Try again.";

impl Asker<'_> {
    /// Does what is asked for. New recovery codes, if there are any.
    pub(super) async fn carry_out(&self, client: &Client, asked: &Asked) -> Result<Option<Vec<String>>, Refused> {
        let deed = Deed::of(&self.held, asked)?;
        let request = deed.request();
        if let Err(demand) = look_for_grant(self.app, self.signed_in, Purpose::Factor, &request).await? {
            return Err(Refused::Unconfirmed(demand));
        }
        let proved = match &deed {
            Deed::Add(FactorKind::Totp, _) => Some(self.prove_app(&deed, asked)?),
            Deed::Add(FactorKind::Passkey, _) => Some((self.prove_passkey(&deed, asked)?, None)),
            Deed::Remove(_) | Deed::Codes => None,
        };
        if let Err(demand) = require_grant(self.app, self.signed_in, Purpose::Factor, &request).await? {
            return Err(Refused::Unconfirmed(demand));
        }
        let (app, person, now) = (self.app, self.signed_in.person.id, self.app.clock.now());
        let entry = self.entry(client, &deed);
        match (&deed, proved) {
            (Deed::Add(kind, name), Some((check, last_step))) => {
                entry.clone().commit(app).await?;
                let codes = if self.held.is_empty() { self.draw_codes() } else { Vec::new() };
                let factor = NewFactor { kind: *kind, name, check: &check, last_step, codes: &codes };
                if let Err(error) = app.store.add_factor(person, factor, now, &app.random).await {
                    entry.undone(app, &error).await;
                    return Err(match error {
                        AddError::Exists => Refused::about_name(TAKEN),
                        error => Refused::Fault(error.into()),
                    });
                }
                Ok((!codes.is_empty()).then(|| codes.iter().map(ToString::to_string).collect()))
            }
            (Deed::Remove(id), _) => {
                let remove = app.store.remove_factor(person, *id);
                let removed = entry.then_if(app, remove, "it was removed meanwhile").await?;
                removed.then_some(None).ok_or(Refused::Missing)
            }
            _ => {
                let codes = self.draw_codes();
                entry.then(app, app.store.replace_codes(person, &codes)).await?;
                Ok(Some(codes.iter().map(ToString::to_string).collect()))
            }
        }
    }

    /// The secret that the page showed, and the step whose code proves that an app has it.
    fn prove_app(&self, deed: &Deed, asked: &Asked) -> Result<(Vec<u8>, Option<i64>), Refused> {
        let sealed = unhex(&asked.sealed).unwrap_or_default();
        let secret = self.app.store.keys().open_factor(&self.bound_to(deed), &sealed).ok();
        let secret: [u8; totp::BYTES] = secret.and_then(|secret| secret.try_into().ok()).ok_or(Refused::Missing)?;
        match totp::step(&secret, &asked.code, self.app.clock.now()) {
            Some(step) => Ok((secret.to_vec(), Some(step))),
            None => Err(Refused::Wrong(Box::new(self.show_secret(deed, secret)?), WRONG_CODE.to_owned())),
        }
    }

    fn prove_passkey(&self, deed: &Deed, asked: &Asked) -> Result<Vec<u8>, Refused> {
        let (ceremony, credential) = (asked.ceremony.clone(), asked.credential.clone());
        let proof = Proof { ceremony, credential, ..Proof::default() };
        match passkey::register(self.app, &self.holder(deed), &proof) {
            Some(check) => Ok(check),
            None => Err(Refused::Wrong(Box::new(self.invite(deed)?), WRONG_PASSKEY.to_owned())),
        }
    }

    fn draw_codes(&self) -> Vec<RecoveryCode> {
        (0..CODES).map(|_| RecoveryCode::draw(&self.app.random)).collect()
    }

    fn entry(&self, client: &Client, deed: &Deed) -> Entry {
        let (action, details) = match deed {
            Deed::Add(kind, name) => (Action::FactorAdd, Some((*kind, name.clone()))),
            Deed::Remove(id) => (Action::FactorRemove, self.find(*id).map(|held| (held.kind, held.name.clone()))),
            Deed::Codes => (Action::FactorCodes, None),
        };
        let path = format!("/people/{}", self.signed_in.person.name);
        let entry = self.signed_in.entry(self.app, client, action).on(path);
        match details {
            Some((kind, name)) => {
                entry.with(Json::object([("kind", kind.as_str().into()), ("name", name.as_str().into())]))
            }
            None => entry,
        }
    }
}
