//! Where the queue is, and what it is called there.

use std::{fmt, path::PathBuf, str::FromStr};

use async_nats::{ConnectOptions, ServerAddr};
use clap::Args;
use percent_encoding::percent_decode_str;

/// Which queue events are taken from.
#[derive(Args, Clone, Debug, Default)]
pub struct NatsConfig {
    /// NATS servers of one cluster that events are taken from, separated by commas: nats://USER:PASSWORD@HOST, or tls://
    #[arg(long, env = "FLIGHTBOX_NATS_URL", value_delimiter = ',', hide_env_values = true)]
    pub nats_url: Vec<NatsUrl>,
    /// A credentials file for them, as nsc writes it
    #[arg(long, env = "FLIGHTBOX_NATS_CREDS", requires = "nats_url")]
    pub nats_creds: Option<PathBuf>,
    /// The stream that producers publish to; it is never created here
    #[arg(long, env = "FLIGHTBOX_NATS_STREAM", default_value_t)]
    pub nats_stream: QueueName,
    /// The durable consumer that knows what is stored already; it is created where it is missing
    #[arg(long, env = "FLIGHTBOX_NATS_CONSUMER", default_value_t)]
    pub nats_consumer: QueueName,
    /// Whether every server of the cluster has sync_interval: always, which cannot be seen from here
    #[arg(long, env = "FLIGHTBOX_NATS_SYNCED")]
    pub nats_synced: bool,
}

/// A server, and who Flightbox is there. It shows its host alone.
#[derive(Clone, PartialEq, Eq)]
pub struct NatsUrl {
    server: ServerAddr,
    login: Option<Login>,
}

#[derive(Clone, PartialEq, Eq)]
enum Login {
    Token(String),
    Password(String, String),
}

/// An URL that no server is reached by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected nats://HOST:PORT or tls://HOST:PORT, with USER:PASSWORD@ or TOKEN@ before the host where it asks for it"
)]
pub struct NoServer;

impl FromStr for NatsUrl {
    type Err = NoServer;

    fn from_str(text: &str) -> Result<Self, NoServer> {
        let mut url = text.trim().parse::<ServerAddr>().map_err(|_| NoServer)?.into_inner();
        let decoded = |text: &str| percent_decode_str(text).decode_utf8().map(String::from).map_err(|_| NoServer);
        let login = match (decoded(url.username())?, url.password()) {
            (user, _) if user.is_empty() => None,
            (token, None) => Some(Login::Token(token)),
            (user, Some(password)) => Some(Login::Password(user, decoded(password)?)),
        };
        // The client asks for them apart, and logs the URL.
        if url.set_username("").is_err() || url.set_password(None).is_err() {
            return Err(NoServer);
        }
        let server = ServerAddr::from_url(url).map_err(|_| NoServer)?;
        if !matches!(server.scheme(), "nats" | "tls") || server.host().is_empty() {
            return Err(NoServer);
        }
        Ok(Self { server, login })
    }
}

impl fmt::Debug for NatsUrl {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "NatsUrl({}:{})", self.server.host(), self.server.port())
    }
}

/// A name of a stream or a consumer: what can stand in a subject between two dots.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueName(String);

/// A name that neither can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a name without spaces, dots, slashes, * and >")]
pub struct BadQueueName;

impl QueueName {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for QueueName {
    fn default() -> Self {
        Self("flightbox".to_owned())
    }
}

impl FromStr for QueueName {
    type Err = BadQueueName;

    fn from_str(text: &str) -> Result<Self, BadQueueName> {
        let plain = |c: char| !(c.is_whitespace() || c.is_control() || matches!(c, '.' | '*' | '>' | '/' | '\\'));
        if text.is_empty() || !text.chars().all(plain) { Err(BadQueueName) } else { Ok(Self(text.to_owned())) }
    }
}

impl fmt::Display for QueueName {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(&self.0)
    }
}

impl NatsConfig {
    /// Whether there is a queue at all.
    pub fn is_set(&self) -> bool {
        !self.nats_url.is_empty()
    }

    /// Whether its servers are spoken to over TLS, whatever they ask for.
    pub(super) fn is_encrypted(&self) -> bool {
        self.nats_url.iter().all(|url| url.server.tls_required())
    }

    /// The servers, any of which will do.
    pub(super) fn servers(&self) -> Vec<ServerAddr> {
        self.nats_url.iter().map(|url| url.server.clone()).collect()
    }

    /// How Flightbox says who it is: one login for all of them.
    ///
    /// # Errors
    /// Where the credentials cannot be read.
    pub(super) async fn options(&self) -> std::io::Result<ConnectOptions> {
        let options = ConnectOptions::new().name("flightbox");
        let options = match self.nats_url.iter().find_map(|url| url.login.clone()) {
            Some(Login::Token(token)) => options.token(token),
            Some(Login::Password(user, password)) => options.user_and_password(user, password),
            None => options,
        };
        match &self.nats_creds {
            Some(file) => options.credentials_file(file).await,
            None => Ok(options),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_shows_its_host_and_nothing_of_who_logs_in() {
        let url: NatsUrl = "tls://alice:s%2Fcret@queue.example:4333".parse().unwrap();
        assert_eq!(format!("{url:?}"), "NatsUrl(queue.example:4333)");
        assert!(!format!("{:?}", url.server).contains("cret"));
        assert!(url.login == Some(Login::Password("alice".to_owned(), "s/cret".to_owned())));
        assert!("nats://t0ken@queue".parse::<NatsUrl>().unwrap().login == Some(Login::Token("t0ken".to_owned())));
        assert_eq!("queue".parse::<NatsUrl>().unwrap().server.port(), 4222);
        for bad in ["http://queue", "ws://queue", "nats://", "nats://a b"] {
            assert_eq!(bad.parse::<NatsUrl>(), Err(NoServer), "{bad}");
        }
    }

    #[test]
    fn a_name_stands_between_two_dots() {
        assert_eq!("events_2".parse::<QueueName>().map(|name| name.to_string()), Ok("events_2".to_owned()));
        for bad in ["", "a.b", "a b", "a>", "*", "a/b", "a\n"] {
            assert_eq!(bad.parse::<QueueName>(), Err(BadQueueName), "{bad:?}");
        }
    }
}
