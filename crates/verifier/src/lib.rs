#![doc = include_str!("../README.md")]

use flightbox_domain::{
    evidence::{Check, Compared, Evidence, Held},
    tree::{KeyError, PublicKey},
};
use flightbox_event::Json;
use wasm_bindgen::prelude::{JsError, wasm_bindgen};

/// A file that is being checked.
#[wasm_bindgen]
pub struct Verifier(Check);

#[wasm_bindgen]
impl Verifier {
    /// Believes the keys of this text, which white space parts; where there are none, the one that the file names.
    #[wasm_bindgen(constructor)]
    pub fn new(keys: &str) -> Result<Self, JsError> {
        let keys = keys.split_whitespace().map(PublicKey::parse).collect::<Result<_, KeyError>>()?;
        Ok(Self(Check::new(keys)))
    }

    /// Checks the next bytes; an error says what is wrong, and where.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), JsError> {
        Ok(self.0.push(bytes)?)
    }

    /// What a file says that is whole, as JSON. `saved` is a checkpoint that was kept, or nothing.
    pub fn finish(self, saved: &str) -> Result<String, JsError> {
        let evidence = self.0.finish()?;
        let compared = match saved.trim() {
            "" => Json::Null,
            note => match evidence.compare(format!("{note}\n").as_bytes()) {
                Ok((_, Compared::Same)) => "same".into(),
                Ok((_, Compared::Other)) => "other".into(),
                Ok((_, Compared::Unknown)) => "unknown".into(),
                // The file is whole for all that.
                Err(error) => Json::object([("unreadable", error.to_string().into())]),
            },
        };
        Ok(told(&evidence, compared).canonical())
    }
}

fn told(evidence: &Evidence, compared: Json) -> Json {
    let Evidence { checkpoint, anchors, events, seq, who, when, why, query, from, to, sources, .. } = evidence;
    let number = |number: &u64| number.cast_signed().into();
    let maybe = |time: &Option<String>| time.as_deref().map_or(Json::Null, Json::from);
    Json::object([
        ("events", number(events)),
        ("seq", number(seq)),
        ("who", who.as_str().into()),
        ("when", when.as_str().into()),
        ("why", why.as_str().into()),
        ("query", query.as_str().into()),
        ("from", maybe(from)),
        ("to", maybe(to)),
        ("sources", sources.as_str().into()),
        ("checkpoint", held(checkpoint)),
        ("anchors", Json::Array(anchors.iter().map(held).collect())),
        ("compared", compared),
    ])
}

fn held(held: &Held) -> Json {
    Json::object([
        ("origin", held.checkpoint.origin.as_str().into()),
        ("size", held.checkpoint.size.cast_signed().into()),
        ("signed", held.signed().into()),
        ("key", held.key.to_string().into()),
        ("pinned", held.pinned.into()),
    ])
}
