//! Where a request comes from, as far as it can be known.

use std::net::{IpAddr, SocketAddr};

use axum::{
    extract::ConnectInfo,
    http::{HeaderMap, header, request::Parts},
};
use ipnet::IpNet;

/// Whose word is believed on where a request comes from, and in which header.
#[derive(Clone, Debug, Default)]
pub(crate) struct Proxies {
    pub(crate) trusted: Vec<IpNet>,
    pub(crate) standard: bool,
}

impl Proxies {
    /// The client's address, with its port where it is the peer itself.
    pub(crate) fn client(&self, parts: &Parts) -> (Option<IpAddr>, Option<u16>) {
        let Some(ConnectInfo(peer)) = parts.extensions.get::<ConnectInfo<SocketAddr>>() else { return (None, None) };
        let address = self.seen(peer.ip().to_canonical(), &parts.headers);
        (Some(address), (address == peer.ip().to_canonical()).then_some(peer.port()))
    }

    /// Walks the header from the right, the end that one's own proxies wrote, up to the first address that is none of
    /// theirs. What stands left of it was written by who knows whom.
    fn seen(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let trusted = |address: &IpAddr| self.trusted.iter().any(|network| network.contains(address));
        if !trusted(&peer) {
            return peer;
        }
        let name = if self.standard { header::FORWARDED.as_str() } else { "x-forwarded-for" };
        let lines: Vec<_> = headers.get_all(name).iter().map(|line| line.to_str().unwrap_or("?")).collect();
        let mut hops = lines.iter().flat_map(|line| line.split(',')).rev();
        let mut seen = peer;
        while trusted(&seen)
            && let Some(before) = hops.next().and_then(|hop| if self.standard { named(hop) } else { address(hop) })
        {
            seen = before;
        }
        seen
    }
}

/// The node that an element of `Forwarded` says the request came `for` (RFC 7239, section 4).
fn named(element: &str) -> Option<IpAddr> {
    element.split(';').find_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        name.trim().eq_ignore_ascii_case("for").then(|| address(value.trim().trim_matches('"')))?
    })
}

/// An address as proxies write it, with or without brackets and port.
fn address(hop: &str) -> Option<IpAddr> {
    let hop = hop.trim();
    let bare = hop.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(hop);
    let address = bare.parse().or_else(|_| hop.parse().map(|address: SocketAddr| address.ip()));
    address.ok().map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderName, HeaderValue};

    use super::*;

    fn seen(peer: &str, standard: bool, lines: &[(&'static str, &'static str)]) -> String {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        let trusted = ["10.0.0.0/8", "127.0.0.1/32"].map(|network| network.parse().unwrap()).to_vec();
        Proxies { trusted, standard }.seen(peer.parse().unwrap(), &headers).to_string()
    }

    #[test]
    fn a_stranger_is_who_it_is_whatever_it_says() {
        assert_eq!(seen("203.0.113.9", false, &[("x-forwarded-for", "10.0.0.1")]), "203.0.113.9");
        assert_eq!(seen("203.0.113.9", true, &[("forwarded", "for=10.0.0.1")]), "203.0.113.9");
    }

    #[test]
    fn a_trusted_proxy_is_believed_up_to_the_first_stranger() {
        let lines = [("x-forwarded-for", "6.6.6.6"), ("x-forwarded-for", "203.0.113.9, 10.0.0.2")];
        assert_eq!(seen("127.0.0.1", false, &lines), "203.0.113.9");
        assert_eq!(seen("127.0.0.1", false, &[("x-forwarded-for", "203.0.113.9, unknown")]), "127.0.0.1");
        assert_eq!(seen("127.0.0.1", false, &[]), "127.0.0.1");
        let line = r#"for=6.6.6.6, FOR="[2001:db8::1]:4711";proto=https, for=10.0.0.3"#;
        assert_eq!(seen("10.1.1.1", true, &[("forwarded", line)]), "2001:db8::1");
    }

    #[test]
    fn only_one_header_is_believed() {
        // A proxy that writes one of them lets the other through as the client sent it.
        assert_eq!(seen("127.0.0.1", false, &[("forwarded", "for=6.6.6.6")]), "127.0.0.1");
        assert_eq!(seen("127.0.0.1", true, &[("x-forwarded-for", "6.6.6.6")]), "127.0.0.1");
    }
}
