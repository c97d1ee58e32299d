//! `flightbox generate`

use std::io::{self, BufWriter, ErrorKind, Write};

use chrono::{DateTime, Utc};
use flightbox_domain::sample::Plan;

use super::Failure;

/// Prints sample events, one a line.
pub fn generate(events: u64, seed: u64, until: DateTime<Utc>) -> Result<(), Failure> {
    let mut out = BufWriter::new(io::stdout().lock());
    for event in (Plan { until, ..Plan::fixed(events, seed) }).events() {
        match writeln!(out, "{event}") {
            // Whoever reads has seen enough.
            Err(error) if error.kind() == ErrorKind::BrokenPipe => return Ok(()),
            written => written?,
        }
    }
    Ok(out.flush()?)
}
