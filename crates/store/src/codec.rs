//! Rows of the log: packed records as zstd frames made with the compiled-in dictionary, whose id each frame names. Behind
//! a frame stands a byte with the event's flags.

use std::{cell::RefCell, sync::LazyLock};

use chrono::{DateTime, Utc};
use flightbox_domain::{
    flag::{Flag, Flags},
    glance::{Facet, Glance},
    keys::Keys,
    page::Position,
    record::{LeafHash, Record},
    scope::SELF_SOURCE,
    terms,
};
use flightbox_event::Json;
use zstd::{
    bulk::{Compressor, Decompressor},
    dict::{DecoderDictionary, EncoderDictionary},
};

use crate::{
    StoreError, Stored,
    novelty::Seen,
    packed::{Packed, packed},
    shapes::shape_of,
    tally::Tallied,
    walk::Row,
};

/// Trained on what `examples/sample_records.rs` writes: generated events. See there.
const DICTIONARY: &[u8] = include_bytes!("dictionary");
/// Fast, and with a dictionary within a few percent of the slow levels.
const LEVEL: i32 = 5;
/// A record that takes more than this is packed at a level that is faster still: it finds most of what it repeats in
/// itself.
const LONG: usize = 1 << 10;
/// That level.
const LEVEL_OF_LONG: i32 = 1;
/// What every zstd frame starts with.
const MAGIC: [u8; 4] = zstd::zstd_safe::MAGICNUMBER.to_le_bytes();
/// The bit beside the flags of a row that does not stand at its order time: eight bytes before say how many
/// milliseconds later it stands.
const MOVED: u8 = 1 << 7;
/// No record is larger: an event's parts have limits that add up to less.
const LARGEST: u64 = 4 << 20;

static ENCODERS: LazyLock<[EncoderDictionary<'static>; 2]> =
    LazyLock::new(|| [LEVEL, LEVEL_OF_LONG].map(|level| EncoderDictionary::copy(DICTIONARY, level)));
static DECODER: LazyLock<DecoderDictionary<'static>> = LazyLock::new(|| DecoderDictionary::copy(DICTIONARY));

thread_local! {
    static COMPRESSORS: RefCell<[Option<Compressor<'static>>; 2]> = const { RefCell::new([const { None }; 2]) };
    static DECOMPRESSOR: RefCell<Option<Decompressor<'static>>> = const { RefCell::new(None) };
}

/// An event ready to be appended: masked, canonical, hashed, compressed, its terms at hand.
#[derive(Clone, Debug)]
pub struct Prepared {
    pub(crate) id: Option<String>,
    pub(crate) identity: Option<[u8; 16]>,
    pub(crate) content: [u8; 8],
    pub(crate) order_time: DateTime<Utc>,
    pub(crate) received_at: DateTime<Utc>,
    pub(crate) leaf: LeafHash,
    pub(crate) body: Vec<u8>,
    pub(crate) terms: String,
    pub(crate) tallied: Tallied,
    pub(crate) seen: Option<Seen>,
    pub(crate) shape: String,
}

impl Prepared {
    pub(crate) fn new(mut record: Record, content: [u8; 8], keys: &Keys) -> Self {
        // As they will be read back: which terms an event has that is cut at the most it may have must follow from that.
        record.event.details.iter_mut().for_each(Json::sort);
        let packed = packed(&record);
        let glance = Glance::of(&record);
        let tallied = Facet::ALL.iter().filter(|facet| facet.is_tallied());
        Self {
            tallied: tallied.filter_map(|facet| Some((*facet, facet.of(&glance)?.to_owned()))).collect(),
            identity: record.event.id.as_deref().map(|id| keys.producer_id(&record.source, id)),
            content,
            order_time: record.order_time(),
            received_at: record.received_at,
            leaf: record.leaf(keys),
            body: body(&compress(&packed), record.is_skewed().then_some(Flag::ClockSkew).into_iter().collect()),
            seen: Seen::of(&record, keys),
            terms: terms::of(&record, keys),
            shape: shape_of(&record),
            id: record.event.id,
        }
    }

    /// Adds what the log found out about it.
    pub(crate) fn flag(&mut self, flags: Flags) {
        if let Some(bits) = self.body.last_mut() {
            *bits |= flags.bits();
        }
    }

    /// Notes how far from the time it is ordered by it had to be placed, if it had to be.
    pub(crate) fn place(&mut self, position: Position) {
        let late = (position.time() - self.order_time).num_milliseconds();
        if late != 0 {
            let bits = self.body.pop().unwrap_or_default();
            self.body.extend(late.to_le_bytes());
            self.body.push(bits | MOVED);
        }
    }

    /// The source that sent it.
    pub(crate) fn source(&self) -> &str {
        let source = self.tallied.iter().find(|(facet, _)| *facet == Facet::Source);
        source.map_or("", |(_, name)| name)
    }

    /// Whether it belongs to Flightbox's own record.
    pub(crate) fn is_own(&self) -> bool {
        self.source() == SELF_SOURCE
    }

    /// About how much memory it holds while it waits to be written.
    pub(crate) fn weight(&self) -> usize {
        self.body.len() + self.terms.len() + self.shape.len() + size_of::<Self>()
    }
}

fn compress(bytes: &[u8]) -> Vec<u8> {
    let which = usize::from(bytes.len() > LONG);
    COMPRESSORS.with_borrow_mut(|slots| {
        let slot = &mut slots[which];
        if slot.is_none() {
            *slot = Compressor::with_prepared_dictionary(&ENCODERS[which]).ok();
        }
        let frame = slot.as_mut().and_then(|compressor| compressor.compress(bytes).ok());
        // Compression into a growing buffer fails only for want of memory, which aborts before it gets here.
        frame.unwrap_or_default()
    })
}

/// A row's body: the frame without the four bytes that every frame starts with, then the flags.
fn body(frame: &[u8], flags: Flags) -> Vec<u8> {
    let mut body = Vec::with_capacity(frame.len());
    body.extend_from_slice(frame.strip_prefix(&MAGIC).unwrap_or_default());
    body.push(flags.bits());
    body
}

/// What a row's body holds.
struct Unpacked {
    packed: Vec<u8>,
    order: DateTime<Utc>,
    flags: Flags,
}

fn unpack(position: i64, body: &[u8]) -> Result<Unpacked, String> {
    let (bits, mut frame) = body.split_last().ok_or("is empty")?;
    let flags = Flags::from_bits(bits & !MOVED).ok_or("has flags that nothing knows")?;
    let mut order = Position(position).time();
    if bits & MOVED != 0 {
        let (rest, late) = frame.split_last_chunk().ok_or("does not say how far it was moved")?;
        let late = chrono::TimeDelta::try_milliseconds(i64::from_le_bytes(*late));
        order = late.and_then(|late| order.checked_sub_signed(late)).ok_or("was moved beyond all times")?;
        frame = rest;
    }
    Ok(Unpacked { packed: decompress(&[&MAGIC, frame].concat())?, order, flags })
}

fn decompress(frame: &[u8]) -> Result<Vec<u8>, String> {
    let size = match zstd::zstd_safe::get_frame_content_size(frame) {
        Ok(Some(size)) if size <= LARGEST => size as usize,
        _ => return Err("the frame does not say a size that a record can have".to_owned()),
    };
    DECOMPRESSOR.with_borrow_mut(|slot| {
        if slot.is_none() {
            *slot = Decompressor::with_prepared_dictionary(&DECODER).ok();
        }
        let decompressor = slot.as_mut().ok_or("no decompressor")?;
        decompressor.decompress(frame, size).map_err(|error| error.to_string())
    })
}

/// What is wrong with the row of an event.
fn corrupt(seq: i64) -> impl Fn(String) -> StoreError {
    move |why| StoreError::Corrupt { table: "event", row: format!("seq {seq}"), why }
}

/// Reads a stored row back.
pub(crate) fn decode(position: i64, seq: i64, body: &[u8]) -> Result<Stored, StoreError> {
    let corrupt = corrupt(seq);
    let Unpacked { packed, order, flags } = unpack(position, body).map_err(&corrupt)?;
    let record = Packed::read(&packed, order).and_then(Packed::record).map_err(&corrupt)?;
    Ok(Stored { seq, position: Position(position), record, flags })
}

/// Glances at a stored row: reads what facets count, and no more.
pub(crate) fn glance<T>(row: &Row<'_>, look: impl FnOnce(&Glance<'_>) -> T) -> Result<T, StoreError> {
    let corrupt = corrupt(row.seq);
    let Unpacked { packed, order, .. } = unpack(row.position.0, row.body).map_err(&corrupt)?;
    let glance = Packed::read(&packed, order).map(|packed| packed.glance()).map_err(&corrupt)?;
    Ok(look(&glance))
}
