//! Makes the compression dictionary that records are stored with.
//!
//! ```text
//! cargo run --release -p flightbox-store --example train_dictionary > crates/store/src/dictionary
//! ```
//!
//! It learns from generated events alone: a dictionary holds pieces of what it was trained on, in clear, and outlives
//! every record. A new dictionary is a new format, since frames made with the old one cannot be read with it.

use std::io::Write;

use flightbox_domain::{
    record::{RULES, Record, hex},
    sample::Plan,
};
use flightbox_event::parse_event;

/// Larger ones gain next to nothing on records of a few hundred bytes.
const SIZE: usize = 16 * 1024;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let records: Vec<Vec<u8>> = (1..=8)
        .flat_map(|seed| Plan::fixed(4_000, seed).events())
        .enumerate()
        .filter_map(|(index, json)| {
            let event = parse_event(&json).ok()?;
            let record = Record {
                record_id: hex(&(index as u128).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c834).to_be_bytes()),
                received_at: event.occurred_at? + chrono::Duration::milliseconds(index as i64 * 7_919 % 60_000),
                source: ["billing-api", "identity", "gateway", "aws-prod"][index % 4].to_owned(),
                rules: RULES,
                event,
            };
            Some(record.to_bytes())
        })
        .collect();
    std::io::stdout().write_all(&zstd::dict::from_samples(&records, SIZE)?)?;
    Ok(())
}
