//! `flightbox serve`

use std::{
    io::{self, Write},
    path::Path,
};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::oneshot,
};

use super::Failure;
use crate::{config::Config, serve::Server, system_clock, system_random};

/// Serves until SIGINT or SIGTERM.
pub async fn serve(data: &Path, config: Config) -> Result<(), Failure> {
    let server = Server::start(data, config, system_clock(), system_random()).await?;
    if let Some(link) = server.bootstrap().await? {
        say(&format!("setup {link}\n      makes the first admin; it works once, within the hour"))?;
    }
    run(server).await
}

/// Has as many connections as the system lets this process have: each is an open file, of which a process has few unless
/// it asks.
fn open_many_files() {
    let limit = getrlimit(Resource::Nofile);
    if let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit }) {
        tracing::warn!(%error, "few connections are possible at once");
    }
}

/// Says that the server is ready, and runs it until SIGINT or SIGTERM.
pub async fn run(server: Server) -> Result<(), Failure> {
    open_many_files();
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    say(&format!("ready {}", server.url()))?;
    let (tell, told) = oneshot::channel();
    tokio::spawn(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        let _ = tell.send(());
    });
    Ok(server.run_until(told).await?)
}

/// Prints a line at once, also where nobody looks at a terminal.
pub fn say(line: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()
}
