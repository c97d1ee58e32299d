//! The terms that a network is made of, or lies in.

use ipnet::IpNet;

use super::{Field, blocks};
use crate::keys::Keys;

/// A network is asked for by at most two to the power of this many blocks, or addresses.
const FEW: u8 = 6;

/// The terms of the blocks or addresses that a network is made of, which prove it; `None` where these are many.
pub fn parts_of(keys: &Keys, network: IpNet) -> Option<Vec<String>> {
    let (wanted, whole) = (network.prefix_len(), network.max_prefix_len());
    let length = blocks(network.addr()).into_iter().chain([whole]).find(|length| *length >= wanted)?;
    if length - wanted > FEW {
        return None;
    }
    let term = |part: IpNet| match length == whole {
        true => Field::Address.term(keys, &part.addr().to_string()).0,
        false => Field::Block.term(keys, &part.to_string()).0,
    };
    Some(network.subnets(length).ok()?.map(term).collect())
}

/// The term of the narrowest block that contains a network, if one does.
pub fn block_around(keys: &Keys, network: IpNet) -> Option<String> {
    let length = blocks(network.addr()).into_iter().filter(|length| *length <= network.prefix_len()).max()?;
    let block = IpNet::new(network.addr(), length).ok()?.trunc();
    Some(Field::Block.term(keys, &block.to_string()).0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_is_few_blocks_or_addresses_or_lies_in_one() {
        let keys = Keys::derive(&[7; 32]);
        let parts = |network: &str| parts_of(&keys, network.parse().unwrap()).map(|parts| parts.len());
        for (network, expected) in [
            ("10.0.0.0/8", Some(1)),
            ("10.0.0.0/9", None),
            ("10.64.0.0/10", Some(64)),
            ("10.1.0.0/16", Some(1)),
            ("10.1.16.0/20", Some(16)),
            ("10.1.2.0/25", None),
            ("10.1.2.64/26", Some(64)),
            ("10.1.2.4/31", Some(2)),
            ("8.0.0.0/6", Some(4)),
            ("0.0.0.0/0", None),
            ("2001:db8::/32", Some(1)),
            ("2001:db8::/46", Some(4)),
            ("2001:db8::/126", Some(4)),
            ("2001:db8::/65", None),
        ] {
            assert_eq!(parts(network), expected, "{network}");
        }
        let around = |network: &str| block_around(&keys, network.parse().unwrap());
        assert_eq!(around("10.128.0.0/9"), Some(Field::Block.term(&keys, "10.0.0.0/8").0));
        assert_eq!(around("0.0.0.0/1"), None);
    }
}
