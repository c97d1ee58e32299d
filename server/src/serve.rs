//! A running server: its data folder, its listener, its control socket.

use std::{
    io,
    net::{SocketAddr, TcpListener},
    path::Path,
    time::Duration,
};

use axum_server::{
    Handle,
    accept::NoDelayAcceptor,
    tls_rustls::{RustlsAcceptor, RustlsConfig},
};
use flightbox_domain::{clock::Clock, random::Random};
use flightbox_store::{OpenError, Store, StoreError};
use tokio::{sync::oneshot, task::JoinHandle};

use crate::{
    App,
    anchors::{Anchors, file::Notes},
    auth,
    config::{Config, PlainText},
    control::Control,
    folder::{Folder, FolderError},
    jobs::Jobs,
    master::{self, MasterError},
    nats::Intake,
    router::router,
    signer::{Signer, SignerError},
};

/// How long requests that are under way at shutdown may take.
const DRAIN: Duration = Duration::from_secs(30);

/// Why a server does not run.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// It would be unsafe.
    #[error(transparent)]
    PlainText(#[from] PlainText),
    /// There is no master key.
    #[error(transparent)]
    Master(#[from] MasterError),
    /// The data folder cannot be had.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The log does not open.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// Nothing can be signed for the log.
    #[error(transparent)]
    Signer(#[from] SignerError),
    /// What was anchored cannot be read.
    #[error("cannot read the file of anchors: {0}")]
    Anchors(io::Error),
    /// The log does not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The address cannot be listened on.
    #[error("cannot listen on {0}: {1}")]
    Listen(SocketAddr, io::Error),
    /// The certificate or its key cannot be used.
    #[error("cannot use the TLS certificate and key: {0}")]
    Tls(io::Error),
    /// The system gives it no threads.
    #[error("cannot start threads: {0}")]
    Threads(io::Error),
    /// The control socket cannot be made.
    #[error("cannot open the control socket: {0}")]
    Control(io::Error),
    /// The listener broke.
    #[error("the listener failed: {0}")]
    Broken(io::Error),
}

/// A server that answers. Dropped without [`Server::stop`], it is as if its process had been killed.
pub struct Server {
    app: App,
    folder: Folder,
    handle: Handle<SocketAddr>,
    listener: JoinHandle<io::Result<()>>,
    control: Control,
    intake: Option<Intake>,
    jobs: Jobs,
}

/// Opens the log of a folder that this process has taken.
pub async fn open(folder: &Folder, config: Config, clock: Clock, random: Random) -> Result<App, ServeError> {
    let masters = master::masters(folder.path(), &config.key, &random)?;
    let store = Store::open(folder.path(), masters.clone(), random.clone()).await?;
    master::settle(folder.path(), &store, masters).await?;
    let notes = Notes::read(&config.anchors.file.path(folder.path())).map_err(ServeError::Anchors)?;
    let origin = config.origin.as_deref();
    let signer = Signer::open(folder.path(), origin, &notes.notes, &store, &random, clock.now()).await?;
    let anchors = Anchors::of(&config.anchors, folder.path(), &notes, &signer.keys());
    let app = App::new(folder.path(), store, (signer, anchors), clock, random, config).map_err(ServeError::Threads)?;
    let store = app.store.clone();
    // Who has read until now did so on threads that do not yield.
    app.aside.run(async move { store.open_readers().await }).await.transpose()?;
    Ok(app)
}

impl Server {
    /// Takes the folder, opens the log and listens; it answers when this returns.
    pub async fn start(folder: &Path, config: Config, clock: Clock, random: Random) -> Result<Self, ServeError> {
        config.check()?;
        let folder = Folder::take(folder)?;
        let failed = |error| ServeError::Listen(config.listen, error);
        let socket = TcpListener::bind(config.listen).map_err(failed)?;
        socket.set_nonblocking(true).map_err(failed)?;
        let config = config.clone().bound_to(socket.local_addr().map_err(failed)?);
        let app = open(&folder, config, clock, random).await?;
        let control = Control::start(app.clone(), folder.path()).map_err(ServeError::Control)?;
        let handle = Handle::new();
        let listener = listen(&app, socket, handle.clone()).await?;
        let intake = Intake::start(&app);
        let jobs = Jobs::start(&app);
        Ok(Self { app, folder, handle, listener, control, intake, jobs })
    }

    /// The application.
    pub fn app(&self) -> &App {
        &self.app
    }

    /// The URL that people reach it by.
    pub fn url(&self) -> &str {
        &self.app.config.public_url
    }

    /// A link to set up the first admin, where nobody can sign in yet.
    pub async fn bootstrap(&self) -> Result<Option<String>, ServeError> {
        Ok(auth::bootstrap(&self.app).await?)
    }

    /// Serves until told to stop, then finishes what is under way.
    pub async fn run_until(self, told: oneshot::Receiver<()>) -> Result<(), ServeError> {
        let _ = told.await;
        self.stop().await
    }

    /// Takes no more requests, finishes those under way, and closes the log.
    pub async fn stop(self) -> Result<(), ServeError> {
        self.app.live.close();
        self.handle.graceful_shutdown(Some(DRAIN));
        let ended = match self.intake {
            Some(intake) => tokio::join!(self.listener, intake.stop(DRAIN)).0,
            None => self.listener.await,
        };
        self.app.imports.close().await;
        self.control.stop().await;
        self.jobs.stop().await;
        // The last events are under a checkpoint whoever looks at the folder meanwhile.
        if let Err(error) = self.app.signer.sign(&self.app.store, self.app.clock.now()).await {
            tracing::error!(%error, "no checkpoint is signed");
        }
        if let Err(error) = self.app.anchors.add(&self.app.signer.last()).await {
            tracing::error!(%error, "the last checkpoint is not anchored");
        }
        self.app.store.close().await;
        drop(self.folder);
        match ended {
            Ok(result) => result.map_err(ServeError::Broken),
            Err(error) => Err(ServeError::Broken(io::Error::other(error))),
        }
    }
}

/// An answer comes in pieces, and none of them waits until the one before has arrived.
async fn listen(
    app: &App,
    socket: TcpListener,
    handle: Handle<SocketAddr>,
) -> Result<JoinHandle<io::Result<()>>, ServeError> {
    let service = router(app.clone()).into_make_service_with_connect_info::<SocketAddr>();
    let failed = |error| ServeError::Listen(app.config.listen, error);
    match app.config.tls_cert.as_ref().zip(app.config.tls_key.as_ref()) {
        None => {
            let server = axum_server::from_tcp(socket).map_err(failed)?.acceptor(NoDelayAcceptor);
            Ok(tokio::spawn(server.handle(handle).serve(service)))
        }
        Some((certificate, key)) => {
            // Already installed where a second server starts in this process.
            let _ = rustls::crypto::ring::default_provider().install_default();
            let tls = RustlsConfig::from_pem_file(certificate, key).await.map_err(ServeError::Tls)?;
            let tls = RustlsAcceptor::new(tls).acceptor(NoDelayAcceptor);
            let server = axum_server::from_tcp(socket).map_err(failed)?.acceptor(tls);
            Ok(tokio::spawn(server.handle(handle).serve(service)))
        }
    }
}
