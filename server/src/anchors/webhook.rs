//! The webhook: one POST of a signed note, to an address that was looked at and to no other.
//!
//! The host's name is resolved here, each address is looked at, and the connection goes to that very address: a name that
//! means something else a moment later changes nothing. No answer leads anywhere else, and no proxy of the environment is
//! asked.

use std::{collections::BTreeSet, fmt, io, net::SocketAddr, pin::Pin, str::FromStr, sync::Arc, time::Duration};

use axum::{
    body::Body,
    http::{Request, StatusCode, Uri, header, uri::Scheme},
};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::{ClientConfig, RootCertStore, crypto::ring, pki_types::ServerName};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    task::{JoinSet, spawn_blocking},
};
use tokio_rustls::TlsConnector;

use super::address::refused;

/// How long one try may take, from the name to the answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Where notes are sent to. Its path may hold a secret, so that it shows its host alone.
#[derive(Clone, PartialEq, Eq)]
pub struct Target {
    host: String,
    port: u16,
    tls: bool,
    uri: Uri,
}

/// An URL that nothing can be sent to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected http://HOST/PATH or https://HOST/PATH, without a name or password before the host")]
pub struct NoTarget;

impl FromStr for Target {
    type Err = NoTarget;

    fn from_str(text: &str) -> Result<Self, NoTarget> {
        let uri: Uri = text.parse().map_err(|_| NoTarget)?;
        let authority = uri.authority().filter(|authority| !authority.as_str().contains('@')).ok_or(NoTarget)?;
        let tls = match uri.scheme() {
            Some(scheme) if *scheme == Scheme::HTTP => false,
            Some(scheme) if *scheme == Scheme::HTTPS => true,
            _ => return Err(NoTarget),
        };
        let port = authority.port_u16().unwrap_or(if tls { 443 } else { 80 });
        let host = authority.host().trim_matches(['[', ']']).to_ascii_lowercase();
        if host.is_empty() { Err(NoTarget) } else { Ok(Self { host, port, tls, uri }) }
    }
}

impl Target {
    /// The host, which is all that anybody is shown.
    pub fn host(&self) -> &str {
        &self.host
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Target({}:{})", self.host, self.port)
    }
}

/// Why a note did not arrive.
#[derive(Debug, thiserror::Error)]
pub enum Undelivered {
    /// Nobody knows the name.
    #[error("{0} has no address: {1}")]
    Name(String, io::Error),
    /// All its addresses are such that nothing is sent there.
    #[error("{0} is {1}, {2}; if that is meant, name {0} in FLIGHTBOX_ANCHOR_ALLOW")]
    Refused(String, SocketAddr, &'static str),
    /// Nobody answered.
    #[error("no connection: {0}")]
    Connect(io::Error),
    /// The conversation broke off.
    #[error("no answer: {0}")]
    Http(#[from] hyper::Error),
    /// It leads elsewhere.
    #[error("it answered {0} and leads elsewhere, which is not followed")]
    Redirect(StatusCode),
    /// It did not take the note.
    #[error("it answered {0}")]
    Answer(StatusCode),
    /// It took too long.
    #[error("it took longer than {} seconds", PATIENCE.as_secs())]
    TooSlow,
}

/// Tells the addresses of a host.
pub type Resolve = Arc<dyn Fn(String, u16) -> Resolving + Send + Sync>;
type Resolving = Pin<Box<dyn Future<Output = io::Result<Vec<SocketAddr>>> + Send>>;

/// Sends notes.
#[derive(Clone)]
pub struct Webhook {
    target: Target,
    allowed: bool,
    resolve: Resolve,
}

impl Webhook {
    /// To that target, as the system resolves its name.
    pub fn new(target: Target, allowed: &BTreeSet<String>) -> Self {
        Self::resolved_by(target, allowed, Arc::new(|host, port| Box::pin(resolved(host, port))))
    }

    /// The same, with names resolved like that.
    pub fn resolved_by(target: Target, allowed: &BTreeSet<String>, resolve: Resolve) -> Self {
        let allowed = allowed.iter().any(|host| host.trim_matches(['[', ']']).eq_ignore_ascii_case(&target.host));
        Self { target, allowed, resolve }
    }

    /// Where it sends them.
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// Sends one, once.
    pub async fn deliver(&self, note: &str) -> Result<(), Undelivered> {
        match tokio::time::timeout(PATIENCE, self.post(note)).await {
            Ok(Ok(status)) if status.is_success() => Ok(()),
            Ok(Ok(status)) if status.is_redirection() => Err(Undelivered::Redirect(status)),
            Ok(Ok(status)) => Err(Undelivered::Answer(status)),
            Ok(Err(error)) => Err(error),
            Err(_) => Err(Undelivered::TooSlow),
        }
    }

    async fn post(&self, note: &str) -> Result<StatusCode, Undelivered> {
        let stream = self.connect().await?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        // Dropping it closes the connection.
        let mut driven = JoinSet::new();
        driven.spawn(connection);
        let Target { uri, .. } = &self.target;
        let request = Request::post(uri.path_and_query().map_or("/", |path| path.as_str()))
            .header(header::HOST, uri.authority().map_or("", |authority| authority.as_str()))
            .header(header::USER_AGENT, "flightbox")
            .header(header::CONTENT_TYPE, "text/plain; charset=utf-8")
            .body(Body::from(note.to_owned()));
        // All of it was parsed before.
        let request = request.map_err(|error| Undelivered::Connect(io::Error::other(error)))?;
        Ok(sender.send_request(request).await?.status())
    }

    async fn connect(&self) -> Result<Box<dyn Stream>, Undelivered> {
        let Target { host, tls, .. } = &self.target;
        let stream = self.reach().await?;
        if !tls {
            return Ok(Box::new(stream));
        }
        let name = ServerName::try_from(host.clone()).map_err(|error| Undelivered::Connect(io::Error::other(error)))?;
        let authorities = spawn_blocking(authorities).await.unwrap_or_else(|error| Err(io::Error::other(error)));
        let tls = TlsConnector::from(Arc::new(authorities.map_err(Undelivered::Connect)?));
        Ok(Box::new(tls.connect(name, stream).await.map_err(Undelivered::Connect)?))
    }

    /// A connection to the first address that something may be sent to.
    async fn reach(&self) -> Result<TcpStream, Undelivered> {
        let Target { host, port, .. } = &self.target;
        let addresses = (self.resolve)(host.clone(), *port).await;
        let addresses = addresses.map_err(|error| Undelivered::Name(host.clone(), error))?;
        let mut last = Undelivered::Name(host.clone(), io::ErrorKind::NotFound.into());
        for address in addresses {
            last = match refused(address.ip()).filter(|_| !self.allowed) {
                Some(why) => Undelivered::Refused(host.clone(), address, why),
                None => match TcpStream::connect(address).await {
                    Ok(stream) => return Ok(stream),
                    Err(error) => Undelivered::Connect(error),
                },
            };
        }
        Err(last)
    }
}

async fn resolved(host: String, port: u16) -> io::Result<Vec<SocketAddr>> {
    Ok(tokio::net::lookup_host((host.as_str(), port)).await?.collect())
}

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// TLS that believes whom the system does. Read anew each time: a delivery is a rare thing, and authorities change.
fn authorities() -> io::Result<ClientConfig> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        return Err(io::Error::other("the system names no authority whose certificates are believed"));
    }
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let config = config.with_safe_default_protocol_versions().map_err(io::Error::other)?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}
