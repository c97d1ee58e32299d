//! What of an event is sealed, for its page.

use std::collections::HashMap;

use flightbox_domain::seal::Place;
use flightbox_event::Json;
use flightbox_store::{Store, Stored};

use crate::{
    context::Person,
    look::event_path,
    parts::sealed::{Sealed, SealedNote},
};

/// The sealed values of one event, by where they stand.
#[derive(Default)]
pub struct Seals<'a>(HashMap<&'a Place, Sealed>);

impl<'a> Seals<'a> {
    /// Those of an event.
    pub fn of(stored: &'a Stored, store: &Store) -> Self {
        let seal = |seal: &'a flightbox_domain::seal::Seal| {
            (&seal.place, Sealed { kind: seal.kind.clone(), erased: store.is_erased(seal) })
        };
        Self(stored.record.seals.iter().map(seal).collect())
    }

    /// What stands sealed at a place.
    pub fn at(&self, place: &Place) -> Option<Sealed> {
        self.0.get(place).cloned()
    }

    /// The same, for a field by its pointer.
    pub fn field(&self, pointer: &str) -> Option<Sealed> {
        self.at(&Place::read(pointer))
    }

    /// A value at a place, with the kind of each sealed value inside of it in its place.
    pub fn marked(&self, value: &Json, place: &Place) -> Json {
        if let Some(sealed) = self.at(place) {
            return Json::object([("sealed", sealed.kind.into())]);
        }
        match value {
            Json::Array(items) => {
                let item = |(at, item): (usize, &Json)| self.marked(item, &place.at(&at.to_string()));
                Json::Array(items.iter().enumerate().map(item).collect())
            }
            Json::Object(members) => {
                let member = |(key, value): &(String, Json)| (key.clone(), self.marked(value, &place.at(key)));
                Json::Object(members.iter().map(member).collect())
            }
            scalar => scalar.clone(),
        }
    }

    /// What its reader can do about them; nothing where there are none.
    pub fn note(&self, seq: i64, person: &Person) -> Option<SealedNote> {
        let erased = self.0.values().filter(|sealed| sealed.erased).count();
        let reveal = person.roles.may_reveal().then(|| reveal_path(seq));
        (!self.0.is_empty()).then(|| SealedNote { sealed: self.0.len() - erased, erased, reveal })
    }
}

/// Where an event's sealed values are revealed.
pub fn reveal_path(seq: i64) -> String {
    format!("{}/reveal", event_path(seq))
}

/// Where an actor's sealed values are erased.
pub fn erase_path(actor: &str) -> String {
    let actor = form_urlencoded::Serializer::new(String::new()).append_pair("actor", actor).finish();
    format!("/erase?{actor}")
}
