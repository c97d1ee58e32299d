//! `flightbox import`

mod progress;
mod tally;

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use flightbox_import::{Clock, FORMATS, ImportError, Options, Report, Zone, named};
use tokio::sync::mpsc;

use super::{Data, Failure, order::Owner};
use crate::{
    control::{Order, Reply},
    import::{self, Input, Step},
    system_clock,
};
use progress::Progress;
use tally::Tally;

/// Batches that are ready while the one before them is stored: reading and storing go on at once.
const READY: usize = 1;

/// What `--format` takes.
pub fn format_names() -> PossibleValuesParser {
    PossibleValuesParser::new(std::iter::once("auto").chain(FORMATS.iter().map(|mapping| mapping.name)))
}

/// What the reading side tells the storing one.
enum Told {
    Step(PathBuf, Step),
    Broken(PathBuf, ImportError),
    Read(Report),
}

/// Imports files, one after the other, and sums up.
pub async fn import(data: &Data, source: String, format: &str, zone: Zone, files: Vec<PathBuf>) -> Result<(), Failure> {
    let mut owner = Owner::of(data).await?;
    let progress = Progress::over(&files);
    let (sender, mut told) = mpsc::channel(READY);
    let reading = {
        let (format, progress) = (named(format), progress.clone());
        tokio::task::spawn_blocking(move || read(files, format, zone, &progress, &sender))
    };
    let mut tally = Tally::default();
    let mut outcome = Ok(());
    while let Some(one) = told.recv().await {
        match one {
            Told::Step(file, Step::Batch(batch)) => {
                let import::Batch { lines, places, unread, unread_places, .. } = batch;
                let order = Order::Import { source: source.clone(), lines, unread };
                match owner.call(order).await {
                    Ok(Reply::Imported(imported)) => tally.add(&file, imported, &places, &unread_places),
                    Ok(_) => outcome = Err("the server gave an answer that does not fit".into()),
                    Err(error) => outcome = Err(error),
                }
                progress.tell(tally.stored());
            }
            Told::Step(_, Step::Begins(format)) => tally.begins(format),
            Told::Step(file, Step::Unread(member, error)) => tally.broken(&file, &member, &error),
            Told::Broken(file, error) => tally.broken(&file, "", &error),
            Told::Read(report) => tally.read(report),
        }
        if outcome.is_err() {
            break;
        }
    }
    drop(told);
    owner.close().await;
    reading.await?;
    progress.end();
    tally.tell();
    println!("{}", tally.sum_up());
    outcome?;
    tally.verdict()
}

/// Reads the files until nobody listens.
fn read(
    files: Vec<PathBuf>,
    format: Option<&'static flightbox_import::Mapping>,
    zone: Zone,
    progress: &Progress,
    sender: &mpsc::Sender<Told>,
) {
    let now = system_clock().now();
    let mut report = Report::default();
    for file in files {
        let opened = Input::open(&file, now).map_err(|error| Stopped::File(error.into()));
        let done = opened.and_then(|input| {
            progress.watch(&input);
            let options = Options { format, clock: Clock { zone, as_of: input.as_of } };
            import::read(input, &options, &mut report, |step| {
                sender.blocking_send(Told::Step(file.clone(), step)).map_err(|_| Stopped::Unheard)
            })
        });
        let heard = match done {
            Ok(()) => Ok(()),
            Err(Stopped::File(error)) => sender.blocking_send(Told::Broken(file, error)),
            Err(Stopped::Unheard) => return,
        };
        if heard.is_err() {
            return;
        }
    }
    let _ = sender.blocking_send(Told::Read(report));
}

enum Stopped {
    /// This file cannot be read; others can.
    File(ImportError),
    /// The log takes nothing more.
    Unheard,
}

impl From<ImportError> for Stopped {
    fn from(error: ImportError) -> Self {
        Stopped::File(error)
    }
}
