//! A record's seals as bytes.

use flightbox_domain::seal::{Place, Seal};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
struct Row<'a> {
    place: &'a str,
    kind: &'a str,
    key: i64,
    commitment: [u8; 32],
    lookup: Option<[u8; 8]>,
    sealed: &'a [u8],
}

impl<'a> Row<'a> {
    fn of(seal: &'a Seal) -> Self {
        Self {
            place: seal.place.as_str(),
            kind: &seal.kind,
            key: seal.key,
            commitment: seal.commitment,
            lookup: seal.lookup,
            sealed: &seal.sealed,
        }
    }
}

/// No bytes for no seals.
pub(crate) fn pack(seals: &[Seal]) -> Vec<u8> {
    if seals.is_empty() {
        return Vec::new();
    }
    // Writing to a growing buffer fails only for want of memory, which aborts before it gets here.
    postcard::to_allocvec(&seals.iter().map(Row::of).collect::<Vec<_>>()).unwrap_or_default()
}

/// Reads what [`pack`] wrote.
pub(crate) fn unpack(bytes: &[u8]) -> Result<Vec<Seal>, String> {
    if bytes.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<Row<'_>> =
        postcard::from_bytes(bytes).map_err(|error| format!("has seals that are none: {error}"))?;
    let seal = |row: Row<'_>| Seal {
        place: Place::read(row.place),
        kind: row.kind.to_owned(),
        key: row.key,
        commitment: row.commitment,
        lookup: row.lookup,
        sealed: row.sealed.to_owned(),
    };
    Ok(rows.into_iter().map(seal).collect())
}
