//! `flightbox backup` and `flightbox restore`

use std::path::{self, Path, PathBuf};

use super::{
    Data, Failure,
    order::{is_data_folder, once},
    verify::{self, Against},
};
use crate::{
    backup::{self, Files},
    control::Order,
    folder::Folder,
    journal::{Action, By, Entry},
    serve, system_clock, system_random,
};

/// `flightbox backup`: the server that runs writes the files, or this process.
pub(super) async fn make(data: &Data, log: &Path, keys: Option<&Path>) -> Result<(), Failure> {
    is_data_folder(data)?;
    // A server is in a folder of its own.
    let (log, keys) = (path::absolute(log)?, keys.map(path::absolute).transpose()?);
    once(data, Order::BackUp { log, keys }).await
}

/// `flightbox restore`: what is put back is recorded in it, and then looked through.
pub(super) async fn restore(data: &Data, log: PathBuf, keys: Option<PathBuf>) -> Result<(), Failure> {
    let folder = Folder::take(&data.data)?;
    backup::put_back(&folder, &data.key, &Files { log, keys }).await?;
    let app = serve::open(&folder, data.config(), system_clock(), system_random()).await?;
    let restored = app.store.events();
    let recorded = Entry::new(Action::Restore, By::Console).commit(&app).await;
    app.store.close().await;
    drop((app, folder));
    recorded?;
    println!("restored: {restored} events");
    verify::verify(data, &Against::default()).await
}
