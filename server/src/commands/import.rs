//! `flightbox import`

mod progress;
mod told;

use std::{collections::VecDeque, path::PathBuf, sync::Arc};

use clap::builder::PossibleValuesParser;
use flightbox_import::{Clock, FORMATS, Kind, Options, Report, Zone, named};
use tokio::sync::mpsc;

use super::{Data, Failure, order::Owner};
use crate::{
    control::{Order, Reply},
    import::{self, Batch, Input, Place, Step, Stopped, Told, tally::Tally},
    system_clock,
};
use progress::Progress;
use told::Narrator;

/// Batches that are ready while those before them are stored: reading and storing go on at once.
const READY: usize = 1;

/// What `--format` takes.
pub fn format_names() -> PossibleValuesParser {
    PossibleValuesParser::new(std::iter::once("auto").chain(FORMATS.iter().map(|mapping| mapping.name)))
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
    let mut storing = Storing {
        owner: &mut owner,
        source,
        tally: Tally::default(),
        narrator: Narrator::default(),
        on_their_way: VecDeque::new(),
    };
    let mut outcome = Ok(());
    while let Some(one) = told.recv().await {
        outcome = storing.take(one).await;
        storing.narrator.news(&storing.tally);
        progress.tell(storing.tally.stored());
        if outcome.is_err() {
            break;
        }
    }
    // What is on its way is stored, whatever became of what was before it.
    outcome = outcome.and(storing.done().await);
    storing.narrator.news(&storing.tally);
    let Storing { tally, .. } = storing;
    drop(told);
    owner.close().await;
    reading.await?;
    progress.end();
    told::particulars(&tally);
    println!("{}", told::sum_up(&tally));
    outcome?;
    told::verdict(&tally)
}

/// The storing side.
struct Storing<'a> {
    owner: &'a mut Owner,
    source: String,
    tally: Tally,
    narrator: Narrator,
    /// What the next replies are about.
    on_their_way: VecDeque<About>,
}

/// Where the records of a batch stand.
struct About {
    file: Arc<str>,
    places: Vec<Place>,
    unread: Vec<(Place, Kind, String)>,
}

impl Storing<'_> {
    async fn take(&mut self, told: Told) -> Result<(), Failure> {
        match told {
            Told::Step(file, Step::Batch(batch)) => {
                let told = batch.told(&file);
                let Batch { lines, places, unread, unread_places, .. } = batch;
                let order = Order::Import { source: self.source.clone(), lines, unread, places: told };
                self.on_their_way.push_back(About { file, places, unread: unread_places });
                return match self.owner.push(order).await {
                    Ok(None) => Ok(()),
                    reply => self.add(reply),
                };
            }
            Told::Step(_, Step::Begins(format)) => self.tally.begins(format),
            Told::Step(file, Step::Unread(member, error)) => self.tally.broken(&file, &member, error),
            Told::Broken(file, error) => self.tally.broken(&file, "", error),
            Told::Read(report) => self.tally.report = report,
        }
        Ok(())
    }

    /// Waits for what is still on its way.
    async fn done(&mut self) -> Result<(), Failure> {
        let mut outcome = Ok(());
        while !self.on_their_way.is_empty() {
            let reply = self.owner.done().await;
            outcome = outcome.and(self.add(reply));
        }
        outcome
    }

    fn add(&mut self, reply: Result<Option<Reply>, Failure>) -> Result<(), Failure> {
        let about = self.on_their_way.pop_front();
        match (reply?, about) {
            (Some(Reply::Imported(imported)), Some(About { file, places, unread })) => {
                self.tally.add(&file, imported, &places, &unread);
                Ok(())
            }
            _ => Err("the server gave an answer that does not fit".into()),
        }
    }
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
        let name: Arc<str> = file.display().to_string().into();
        let opened = Input::open(&file, now).map_err(|error| Stopped::File(error.into()));
        let done = opened.and_then(|input| {
            progress.watch(&input);
            let options = Options { format, clock: Clock { zone, as_of: input.as_of } };
            import::read(input, &options, &mut report, |step| {
                sender.blocking_send(Told::Step(Arc::clone(&name), step)).map_err(|_| Stopped::Unheard)
            })
        });
        let heard = match done {
            Ok(()) => Ok(()),
            Err(Stopped::File(error)) => sender.blocking_send(Told::Broken(name, error)),
            Err(Stopped::Unheard) => return,
        };
        if heard.is_err() {
            return;
        }
    }
    let _ = sender.blocking_send(Told::Read(report));
}
