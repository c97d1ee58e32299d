//! Environment and flags, read once into one typed value.

use std::{net::SocketAddr, path::PathBuf};

use clap::Args;
use ipnet::IpNet;

use crate::{anchors::AnchorConfig, master::KeySource, nats::NatsConfig};

/// How the server is set up. Each option is an environment variable, too.
#[derive(Args, Clone, Debug)]
pub struct Config {
    /// Address and port to listen on; port 0 takes any free one
    #[arg(long, env = "FLIGHTBOX_LISTEN", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// The URL that people reach the server by; http://localhost and the port if none is given
    #[arg(long, env = "FLIGHTBOX_PUBLIC_URL", default_value = "")]
    pub public_url: String,
    /// Networks of proxies whose X-Forwarded-For is believed, separated by commas
    #[arg(long, env = "FLIGHTBOX_TRUSTED_PROXIES", value_delimiter = ',')]
    pub trusted_proxies: Vec<IpNet>,
    /// PEM file with the TLS certificate and its chain
    #[arg(long, env = "FLIGHTBOX_TLS_CERT", requires = "tls_key")]
    pub tls_cert: Option<PathBuf>,
    /// PEM file with the TLS certificate's private key
    #[arg(long, env = "FLIGHTBOX_TLS_KEY", requires = "tls_cert")]
    pub tls_key: Option<PathBuf>,
    /// Bytes that the disk must have free for events to be taken; the rest is kept for sessions and their record
    #[arg(long, env = "FLIGHTBOX_LOW_WATER", default_value_t = LOW_WATER)]
    pub low_water: u64,
    /// A second person has to agree before sealed values leave in an export
    #[arg(long, env = "FLIGHTBOX_FOUR_EYES")]
    pub four_eyes: bool,
    /// The name that checkpoints know the log by, fixed at its first start; one is drawn if none is given
    #[arg(long, env = "FLIGHTBOX_ORIGIN")]
    pub origin: Option<String>,
    /// Events a second that are looked at in the background, for whether they are what was recorded
    #[arg(long, env = "FLIGHTBOX_VERIFY_PACE", default_value_t = VERIFY_PACE, value_parser = clap::value_parser!(u32).range(1..))]
    pub verify_pace: u32,
    /// Where checkpoints are anchored
    #[command(flatten)]
    pub anchors: AnchorConfig,
    /// The queue that events are taken from
    #[command(flatten)]
    pub nats: NatsConfig,
    /// Where the master key comes from
    #[arg(skip)]
    pub key: KeySource,
}

/// 256 MiB.
const LOW_WATER: u64 = 256 << 20;
/// A million events in less than nine minutes.
const VERIFY_PACE: u32 = 2_000;

/// A set-up that would put passwords on the wire in clear.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "refusing to serve plain HTTP on {0}, where others could read it: give a TLS certificate and key \
     (FLIGHTBOX_TLS_CERT, FLIGHTBOX_TLS_KEY), or name the proxy that ends TLS (FLIGHTBOX_TRUSTED_PROXIES)"
)]
pub struct PlainText(SocketAddr);

impl Config {
    /// For a command that works on the folder and serves nobody.
    pub fn local() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            public_url: "http://localhost".to_owned(),
            trusted_proxies: Vec::new(),
            tls_cert: None,
            tls_key: None,
            low_water: LOW_WATER,
            four_eyes: false,
            origin: None,
            verify_pace: VERIFY_PACE,
            anchors: AnchorConfig::default(),
            nats: NatsConfig::default(),
            key: KeySource::default(),
        }
    }

    /// Refuses plain HTTP off loopback, unless a proxy before us ends TLS.
    pub fn check(&self) -> Result<(), PlainText> {
        let safe = self.listen.ip().is_loopback() || self.tls_cert.is_some() || !self.trusted_proxies.is_empty();
        if safe { Ok(()) } else { Err(PlainText(self.listen)) }
    }

    /// The same, once it is known which address and port were bound.
    pub fn bound_to(self, listen: SocketAddr) -> Self {
        let scheme = if self.tls_cert.is_some() { "https" } else { "http" };
        let public_url = match self.public_url.trim_end_matches('/') {
            "" => format!("{scheme}://localhost:{}", listen.port()),
            given => given.to_owned(),
        };
        Self { listen, public_url, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(listen: &str) -> Config {
        Config { listen: listen.parse().unwrap(), ..Config::local() }
    }

    #[test]
    fn plain_http_stays_on_loopback_unless_a_proxy_ends_tls() {
        assert!(config("127.0.0.1:80").check().is_ok());
        assert!(config("[::1]:80").check().is_ok());
        assert!(config("0.0.0.0:80").check().is_err());
        let behind = Config { trusted_proxies: vec!["10.0.0.0/8".parse().unwrap()], ..config("0.0.0.0:80") };
        assert!(behind.check().is_ok());
    }
}
