//! Which addresses a webhook is never sent to, unless its host is allowed by name.
//!
//! What stays on this machine or this link, and what tells a cloud machine its own credentials, is nobody's collector. A
//! private network is: whoever sets the URL is whoever runs the server, and a team's own collector stands there.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Where clouds tell their machines what nobody else is to know, beside what is link-local anyway: Azure, Alibaba and
/// Oracle; then Amazon and Google.
const METADATA_V4: [Ipv4Addr; 3] =
    [Ipv4Addr::new(168, 63, 129, 16), Ipv4Addr::new(100, 100, 100, 200), Ipv4Addr::new(192, 0, 0, 192)];
const METADATA_V6: [Ipv6Addr; 2] =
    [Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254), Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254)];

/// What an address is that nothing is sent to; none where something may be.
pub fn refused(address: IpAddr) -> Option<&'static str> {
    match address {
        IpAddr::V4(address) => refused_v4(address),
        IpAddr::V6(address) => refused_v6(address),
    }
}

fn refused_v4(address: Ipv4Addr) -> Option<&'static str> {
    match address.octets() {
        [127, ..] => Some("a loopback address"),
        [0, ..] => Some("no address of a host"),
        [169, 254, ..] => Some("a link-local address"),
        [224..=239, ..] => Some("a multicast address"),
        [240..=255, ..] => Some("a reserved address"),
        _ if METADATA_V4.contains(&address) => Some("a cloud's metadata address"),
        _ => None,
    }
}

fn refused_v6(address: Ipv6Addr) -> Option<&'static str> {
    let [a, b, ..] = address.segments();
    match a {
        _ if address.is_unspecified() => Some("no address of a host"),
        _ if address.is_loopback() => Some("a loopback address"),
        0xfe80..=0xfebf => Some("a link-local address"),
        0xfec0..=0xfeff => Some("a site-local address"),
        0xff00..=0xffff => Some("a multicast address"),
        _ if METADATA_V6.contains(&address) => Some("a cloud's metadata address"),
        0x2001 if b == 0 => Some("a Teredo address"),
        _ => inside(address).and_then(refused_v4),
    }
}

/// The IPv4 address that packets to an IPv6 address end up at, by one of the ways from the one to the other.
fn inside(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let low = |high: u16, low: u16| Ipv4Addr::from(u32::from(high) << 16 | u32::from(low));
    match address.segments() {
        // Mapped, compatible, translated (SIIT), and NAT64 with its two prefixes.
        [0, 0, 0, 0, 0, 0xffff, a, b]
        | [0, 0, 0, 0, 0, 0, a, b]
        | [0, 0, 0, 0, 0xffff, 0, a, b]
        | [0x64, 0xff9b, 0, 0, 0, 0, a, b]
        | [0x64, 0xff9b, 1, _, _, _, a, b]
        // 6to4.
        | [0x2002, a, b, ..]
        // ISATAP.
        | [_, _, _, _, 0 | 0x200, 0x5efe, a, b] => Some(low(a, b)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn g9_what_is_refused_and_what_is_not() {
        let table = [
            ("loopback", "127.0.0.1 127.255.255.254 ::1 ::ffff:127.0.0.1 ::127.0.0.1 64:ff9b::7f00:1 2002:7f00:1::1"),
            ("loopback", "64:ff9b:1::127.0.0.1 ::ffff:0:127.0.0.1 2001:db8::5efe:127.0.0.1 2001:db8::200:5efe:7f00:1"),
            ("no address", "0.0.0.0 0.1.2.3 :: ::ffff:0.0.0.0"),
            ("link-local", "169.254.1.1 fe80::1 febf::1 ::ffff:169.254.0.1"),
            // The metadata service of nearly every cloud.
            ("link-local", "169.254.169.254 ::ffff:169.254.169.254 64:ff9b::a9fe:a9fe 2002:a9fe:a9fe::1"),
            ("metadata", "fd00:ec2::254 fd20:ce::254 168.63.129.16 100.100.100.200 192.0.0.192 ::ffff:168.63.129.16"),
            ("site-local", "fec0::1"),
            ("multicast", "224.0.0.1 239.255.255.255 ff02::1 ::ffff:224.0.0.1"),
            ("reserved", "240.0.0.1 255.255.255.255"),
            ("Teredo", "2001::1 2001:0:4136:e378:8000:63bf:3fff:fdd2"),
        ];
        for (what, addresses) in table {
            for address in addresses.split(' ') {
                let why = refused(address.parse().unwrap());
                assert!(why.is_some_and(|why| why.contains(what)), "{address}: {why:?}");
            }
        }
        let allowed = "10.1.2.3 172.16.0.1 192.168.1.1 fd12:3456::1 fd00:ec2::255 100.64.0.1 1.1.1.1 128.0.0.1 126.0.0.1 \
                       169.253.0.1 169.255.0.1 223.255.255.255 2606:4700::1111 ::ffff:10.0.0.1 64:ff9b::808:808 \
                       2002:808:808::1 2001:db8::1 2001:1::1";
        for address in allowed.split_whitespace() {
            assert_eq!(refused(address.parse().unwrap()), None, "{address}");
        }
    }
}
