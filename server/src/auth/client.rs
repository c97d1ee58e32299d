//! Where a request comes from, as far as it can be known.

use std::{
    convert::Infallible,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
};

use axum::{
    extract::{ConnectInfo, FromRequestParts},
    http::{HeaderMap, header, request::Parts},
};

use flightbox_store::Device;

use crate::App;

/// The longest user agent that is kept, in characters.
const LONGEST_AGENT: usize = 512;

/// Whoever sent a request. Extracting one never fails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// The address of the peer, or, where a trusted proxy stands before us, the one that the proxy saw.
    pub address: IpAddr,
    /// What it says it is.
    pub agent: Option<String>,
}

/// The addresses that one client commands: an IPv4 address, or the /64 that an IPv6 subscriber gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Network(IpAddr);

impl Network {
    /// Of whoever came through a queue, which says nothing of where they are.
    pub const QUEUE: Self = Self(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
}

impl std::fmt::Display for Network {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(out)
    }
}

impl Client {
    /// The network to count this client under.
    pub fn network(&self) -> Network {
        match self.address {
            IpAddr::V4(_) => Network(self.address),
            IpAddr::V6(address) => Network(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into()),
        }
    }

    /// What a session that begins here is told apart by.
    pub fn device(&self) -> Device {
        Device { address: self.address.to_string(), agent: self.agent.clone() }
    }
}

impl FromRequestParts<App> for Client {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        // Only a router that was served without its connections' addresses lacks this; nobody is then trusted.
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        let peer = peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |info| info.0.ip());
        let trusted = |address: IpAddr| app.config.trusted_proxies.iter().any(|net| net.contains(&address));
        let agent = parts.headers.get(header::USER_AGENT).map(|value| String::from_utf8_lossy(value.as_bytes()));
        let agent = agent.map(|agent| agent.chars().take(LONGEST_AGENT).collect::<String>());
        Ok(Self {
            address: seen_by_proxy(peer, &parts.headers, trusted),
            agent: agent.filter(|agent| !agent.is_empty()),
        })
    }
}

/// Walks `X-Forwarded-For` from the right, the end that our own proxies wrote, up to the first address that is none of
/// theirs. What stands left of it was written by who knows whom.
fn seen_by_proxy(peer: IpAddr, headers: &HeaderMap, trusted: impl Fn(IpAddr) -> bool) -> IpAddr {
    let lines: Vec<_> = headers.get_all("x-forwarded-for").iter().map(|value| value.to_str().unwrap_or("?")).collect();
    let mut hops = lines.iter().flat_map(|line| line.split(',')).rev();
    let mut seen = peer.to_canonical();
    while trusted(seen)
        && let Some(before) = hops.next().and_then(parse)
    {
        seen = before;
    }
    seen
}

/// An address as proxies write it, with or without brackets and port.
fn parse(hop: &str) -> Option<IpAddr> {
    let hop = hop.trim();
    let address = hop.parse().or_else(|_| hop.trim_start_matches('[').trim_end_matches(']').parse());
    address
        .or_else(|_| hop.parse::<SocketAddr>().map(|address| address.ip()))
        .ok()
        .map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn seen(peer: &str, lines: &[&'static str]) -> String {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append("x-forwarded-for", HeaderValue::from_static(line));
        }
        let trusted = |address: IpAddr| address.is_loopback() || address.to_string().starts_with("10.");
        seen_by_proxy(peer.parse().unwrap(), &headers, trusted).to_string()
    }

    #[test]
    fn a26_a_stranger_is_who_it_is_whatever_it_says() {
        assert_eq!(seen("203.0.113.9", &["10.0.0.1", "1.2.3.4"]), "203.0.113.9");
        assert_eq!(seen("::ffff:203.0.113.9", &[]), "203.0.113.9");
    }

    #[test]
    fn a_trusted_proxy_is_believed_up_to_the_first_stranger() {
        assert_eq!(seen("127.0.0.1", &[]), "127.0.0.1");
        assert_eq!(seen("127.0.0.1", &["6.6.6.6, 203.0.113.9"]), "203.0.113.9");
        assert_eq!(seen("127.0.0.1", &["6.6.6.6, 203.0.113.9, 10.0.0.2"]), "203.0.113.9");
        assert_eq!(seen("127.0.0.1", &["6.6.6.6", "203.0.113.9", "10.0.0.2"]), "203.0.113.9");
        assert_eq!(seen("::1", &["[2001:db8::1]:4711"]), "2001:db8::1");
        assert_eq!(seen("::1", &["[2001:db8::1]"]), "2001:db8::1");
        assert_eq!(seen("::1", &["203.0.113.9:80"]), "203.0.113.9");
        assert_eq!(seen("127.0.0.1", &["10.0.0.3, 10.0.0.2"]), "10.0.0.3");
    }

    #[test]
    fn what_is_no_address_ends_the_walk() {
        assert_eq!(seen("127.0.0.1", &["203.0.113.9, unknown"]), "127.0.0.1");
        assert_eq!(seen("127.0.0.1", &["203.0.113.9, , 10.0.0.2"]), "10.0.0.2");
    }

    #[test]
    fn an_ipv6_subscriber_counts_once() {
        let network = |address: &str| Client { address: address.parse().unwrap(), agent: None }.network();
        assert_eq!(network("2001:db8:1:2::1"), network("2001:db8:1:2:ffff::"));
        assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
        assert_ne!(network("192.0.2.1"), network("192.0.2.2"));
    }
}
