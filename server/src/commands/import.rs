//! `flightbox import`

use std::{
    io::{IsTerminal, stderr},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use tokio::runtime::Handle;

use super::{Data, Failure, order::Owner};
use crate::{
    control::{Imported, Order, Reply},
    import::{self, Batch, Format, ImportError},
};

/// How many refused records are told of, one by one.
const TOLD: usize = 20;
/// How often progress is told.
const PROGRESS: Duration = Duration::from_millis(500);

#[derive(Default)]
struct Tally {
    imported: usize,
    duplicates: usize,
    refused: usize,
    broken_files: usize,
}

/// Imports files, one after the other, and sums up.
pub async fn import(data: &Data, source: String, format: Format, files: &[PathBuf]) -> Result<(), Failure> {
    let mut owner = Owner::of(data).await?;
    let mut tally = Tally::default();
    let mut outcome = Ok(());
    for file in files {
        match tokio::task::block_in_place(|| one(&mut owner, &source, format, file, &mut tally)) {
            Ok(()) => {}
            Err(Stopped::File(error)) => {
                tally.broken_files += 1;
                eprintln!("{}: {error}", file.display());
            }
            Err(Stopped::Log(error)) => {
                outcome = Err(error);
                break;
            }
        }
    }
    owner.close().await;
    println!("{}", tally.sum_up());
    outcome?;
    match (tally.refused, tally.broken_files) {
        (0, 0) => Ok(()),
        (0, files) => Err(format!("{files} of the files could not be read").into()),
        (records, _) => Err(format!("{records} records were refused; they are kept in quarantine").into()),
    }
}

enum Stopped {
    /// This file cannot be read; others can.
    File(ImportError),
    /// The log takes nothing more.
    Log(Failure),
}

impl From<ImportError> for Stopped {
    fn from(error: ImportError) -> Self {
        Stopped::File(error)
    }
}

fn one(owner: &mut Owner, source: &str, format: Format, file: &Path, tally: &mut Tally) -> Result<(), Stopped> {
    let reader = import::open(file).map_err(ImportError::from)?;
    let mut told = Instant::now();
    import::read(reader, format, |Batch { lines, records }| {
        let order = Order::Import { source: source.to_owned(), lines };
        let reply = Handle::current().block_on(owner.call(order)).map_err(Stopped::Log)?;
        let Reply::Imported(Imported { accepted, duplicates, refused }) = reply else {
            return Err(Stopped::Log("the server gave an answer that does not fit".into()));
        };
        tally.imported += accepted;
        tally.duplicates += duplicates;
        for (index, why) in refused {
            tally.refused += 1;
            if tally.refused <= TOLD {
                let record = records.get(index).copied().unwrap_or_default();
                eprintln!("{}: record {record}: {why}", file.display());
            }
        }
        if told.elapsed() > PROGRESS && stderr().is_terminal() {
            told = Instant::now();
            eprint!("\r{} events", tally.imported + tally.duplicates);
        }
        Ok(())
    })
}

impl Tally {
    fn sum_up(&self) -> String {
        let Self { imported, duplicates, refused, .. } = self;
        let nothing_new = *imported == 0 && *duplicates > 0;
        let note = if nothing_new { "; nothing new: all of it was there before" } else { "" };
        format!("imported {imported}, duplicate {duplicates}, quarantined {refused}{note}")
    }
}
