//! Writes packed records into a folder, a file each, for the compression dictionary that records are stored with to
//! learn from:
//!
//! ```text
//! cargo run --release -p flightbox-store --example sample_records samples
//! zstd --train-cover -r samples --maxdict=16KB --dictID=1 -o crates/store/src/dictionary
//! ```
//!
//! They are made of generated events alone: a dictionary holds pieces of what it was trained on, in clear, and outlives
//! every record. A new dictionary is a new format, since frames made with the old one cannot be read with it. Larger
//! ones gain next to nothing on records of a few hundred bytes, and its id is small because each frame names it.

use std::path::PathBuf;

use flightbox_domain::{record::Record, sample::Plan};
use flightbox_event::parse_event;
use flightbox_store::packed;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = PathBuf::from(std::env::args().nth(1).ok_or("which folder?")?);
    std::fs::create_dir_all(&folder)?;
    let events = (1..=8).flat_map(|seed| Plan::fixed(2_000, seed).events());
    for (index, json) in events.enumerate() {
        let event = parse_event(&json).map_err(|problems| format!("{problems:?}"))?;
        let delay = chrono::Duration::milliseconds(index as i64 * 7_919 % 60_000);
        let record = Record {
            received_at: event.occurred_at.ok_or("no time")? + delay,
            source: ["billing-api", "identity", "gateway", "aws-prod"][index % 4].to_owned(),
            rules: 1,
            event,
            seals: Vec::new(),
        };
        std::fs::write(folder.join(format!("{index:05}")), packed(&record))?;
    }
    Ok(())
}
