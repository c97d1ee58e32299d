//! The control socket: commands reach the process that owns the data folder. One JSON object a line, one line back.

mod import;
mod order;
mod pipeline;

use std::{
    fs, io,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    net::{
        UnixListener, UnixStream,
        unix::{OwnedReadHalf, OwnedWriteHalf},
    },
    task::{JoinHandle, JoinSet},
};

use crate::App;

pub use order::{Imported, Order, RefusedEvent, Reply, Unread};
use pipeline::AT_ONCE;
pub use pipeline::Pipeline;

/// The longest path that a Unix socket can have on Linux, its end included.
const LONGEST_PATH: usize = 108;

/// The listening side, in the process that serves.
pub struct Control {
    path: PathBuf,
    task: JoinHandle<()>,
}

impl Control {
    /// Listens in the data folder, for its owner alone.
    pub fn start(app: App, folder: &Path) -> io::Result<Self> {
        let path = socket_path(folder);
        if path.as_os_str().len() >= LONGEST_PATH {
            let message =
                format!("{} is too long for a socket; choose a data folder with a shorter path", path.display());
            return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
        }
        // Left by a process that was killed: this one holds the lock.
        let _ = fs::remove_file(&path);
        let listener = UnixListener::bind(&path)?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600))?;
        Ok(Self { task: tokio::spawn(accept(app, listener)), path })
    }

    /// Listens no more.
    pub async fn stop(self) {
        let _ = fs::remove_file(&self.path);
        self.task.abort();
        let _ = self.task.await;
    }
}

async fn accept(app: App, listener: UnixListener) {
    let mut callers = JoinSet::new();
    loop {
        match listener.accept().await {
            Ok((caller, _)) => {
                let app = app.clone();
                callers.spawn(async move {
                    if let Err(error) = answer(app, caller).await {
                        tracing::warn!(%error, "a caller at the control socket was cut off");
                    }
                });
            }
            Err(error) => {
                tracing::error!(%error, "the control socket failed");
                return;
            }
        }
        while callers.try_join_next().is_some() {}
    }
}

async fn answer(app: App, caller: UnixStream) -> io::Result<()> {
    let (read, mut write) = caller.into_split();
    let mut lines = BufReader::new(read).lines();
    let mut pipeline = Pipeline::new(app);
    loop {
        let reply = tokio::select! {
            biased;
            reply = pipeline.done(), if pipeline.is_busy() => reply,
            line = lines.next_line() => match line? {
                Some(line) => match serde_json::from_str::<Order>(&line) {
                    Ok(order) => pipeline.push(order).await,
                    Err(error) => {
                        finish(&mut pipeline, &mut write).await?;
                        Some(Reply::Failed(format!("this server does not know that command: {error}")))
                    }
                },
                None => return finish(&mut pipeline, &mut write).await,
            },
        };
        if let Some(reply) = reply {
            write.write_all(&to_line(&reply)?).await?;
        }
    }
}

/// Answers what is under way.
async fn finish(pipeline: &mut Pipeline, write: &mut OwnedWriteHalf) -> io::Result<()> {
    while let Some(reply) = pipeline.done().await {
        write.write_all(&to_line(&reply)?).await?;
    }
    Ok(())
}

/// The calling side: whoever owns the folder, if anybody does.
pub struct Caller {
    lines: Lines<BufReader<OwnedReadHalf>>,
    write: OwnedWriteHalf,
    /// How many replies are to come.
    to_come: usize,
}

impl Caller {
    /// Reaches the process that owns the folder; `None` if none answers.
    pub async fn reach(folder: &Path) -> Option<Self> {
        let (read, write) = UnixStream::connect(socket_path(folder)).await.ok()?.into_split();
        Some(Self { lines: BufReader::new(read).lines(), write, to_come: 0 })
    }

    /// Has an order carried out there.
    pub async fn call(&mut self, order: &Order) -> io::Result<Reply> {
        self.write.write_all(&to_line(order)?).await?;
        reply(&mut self.lines).await
    }

    /// Has an order carried out there, as [`Pipeline::push`] does.
    pub async fn push(&mut self, order: &Order) -> io::Result<Option<Reply>> {
        let order = to_line(order)?;
        if self.to_come < AT_ONCE {
            self.to_come += 1;
            self.write.write_all(&order).await?;
            return Ok(None);
        }
        // At once: the server may not read on before its reply is read.
        let (sent, before) = tokio::join!(self.write.write_all(&order), reply(&mut self.lines));
        sent?;
        before.map(Some)
    }

    /// Waits for the next reply, if one is to come.
    pub async fn done(&mut self) -> io::Result<Option<Reply>> {
        let Some(left) = self.to_come.checked_sub(1) else { return Ok(None) };
        self.to_come = left;
        reply(&mut self.lines).await.map(Some)
    }
}

async fn reply(lines: &mut Lines<BufReader<OwnedReadHalf>>) -> io::Result<Reply> {
    let line = lines.next_line().await?;
    let line = line.ok_or_else(|| io::Error::new(io::ErrorKind::UnexpectedEof, "the server hung up"))?;
    Ok(serde_json::from_str(&line)?)
}

fn to_line(value: &impl serde::Serialize) -> io::Result<Vec<u8>> {
    let mut line = serde_json::to_vec(value)?;
    line.push(b'\n');
    Ok(line)
}

fn socket_path(folder: &Path) -> PathBuf {
    folder.join("control.sock")
}
