//! Which addresses of a name are the public internet's: a list of what is not, as IANA's registries of special
//! addresses have it. What stands for an address of the older sort is judged as that.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What an address is if it is not one of the public internet's.
pub(super) fn inner(address: IpAddr) -> Option<&'static str> {
    match address {
        IpAddr::V4(address) => inner4(address),
        IpAddr::V6(address) => inner6(address),
    }
}

fn inner4(address: Ipv4Addr) -> Option<&'static str> {
    match address.octets() {
        [0, ..] => Some("of this network"),
        [10, ..] | [172, 16..=31, ..] | [192, 168, ..] => Some("private"),
        [100, 64..=127, ..] => Some("behind a carrier's NAT"),
        [127, ..] => Some("of this machine"),
        [169, 254, ..] => Some("link-local, where metadata services are"),
        [192, 0, 0 | 2, _] | [192, 88, 99, _] | [198, 18 | 19, ..] | [198, 51, 100, _] | [203, 0, 113, _] => {
            Some("set aside")
        }
        [224..=239, ..] => Some("multicast"),
        [240..=255, ..] => Some("set aside"),
        _ => None,
    }
}

fn inner6(address: Ipv6Addr) -> Option<&'static str> {
    let segments = address.segments();
    let [.., high, low] = segments;
    let [a, b] = high.to_be_bytes();
    let [c, d] = low.to_be_bytes();
    let within = Ipv4Addr::new(a, b, c, d);
    match segments {
        [0, 0, 0, 0, 0, 0xffff, ..] | [0x64, 0xff9b, 0, 0, 0, 0, ..] => inner4(within),
        [0, 0, 0, 0, 0, 0, 0, 0 | 1] => Some("of this machine"),
        [0xfe80..=0xfebf, ..] => Some("link-local"),
        [0xfc00..=0xfdff, ..] => Some("private"),
        [0xff00..=0xffff, ..] => Some("multicast"),
        [0x2001, 0..=0x1ff, ..] | [0x2001, 0xdb8, ..] | [0x2002, ..] | [0x3fff, 0..=0xfff, ..] => Some("set aside"),
        [0x2000..=0x3fff, ..] => None,
        _ => Some("set aside"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_public_internet_and_nothing_else_is_posted_to() {
        for public in [
            "1.1.1.1",
            "52.94.236.248",
            "100.63.255.255",
            "100.128.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "169.253.255.255",
            "192.0.1.1",
            "198.17.255.255",
            "223.255.255.255",
            "2606:4700:4700::1111",
            "2a05:d018::1",
            "2001:200::1",
            "::ffff:1.1.1.1",
            "64:ff9b::1.1.1.1",
        ] {
            assert_eq!(inner(public.parse().unwrap()), None, "{public}");
        }
        for (address, what) in [
            ("0.0.0.0", "of this network"),
            ("0.1.2.3", "of this network"),
            ("10.0.0.1", "private"),
            ("172.16.0.1", "private"),
            ("172.31.255.255", "private"),
            ("192.168.1.1", "private"),
            ("100.64.0.1", "behind a carrier's NAT"),
            ("100.127.255.255", "behind a carrier's NAT"),
            ("127.0.0.1", "of this machine"),
            ("127.255.255.254", "of this machine"),
            ("169.254.169.254", "link-local, where metadata services are"),
            ("169.254.170.2", "link-local, where metadata services are"),
            ("192.0.0.192", "set aside"),
            ("192.0.2.1", "set aside"),
            ("192.88.99.1", "set aside"),
            ("198.18.0.1", "set aside"),
            ("198.19.255.255", "set aside"),
            ("198.51.100.1", "set aside"),
            ("203.0.113.1", "set aside"),
            ("224.0.0.1", "multicast"),
            ("239.255.255.250", "multicast"),
            ("240.0.0.1", "set aside"),
            ("255.255.255.255", "set aside"),
            ("::", "of this machine"),
            ("::1", "of this machine"),
            ("::7f00:1", "set aside"),
            ("::ffff:127.0.0.1", "of this machine"),
            ("::ffff:169.254.169.254", "link-local, where metadata services are"),
            ("::ffff:10.0.0.1", "private"),
            ("64:ff9b::a9fe:a9fe", "link-local, where metadata services are"),
            ("64:ff9b:1::1", "set aside"),
            ("fe80::1", "link-local"),
            ("febf::1", "link-local"),
            ("fec0::1", "set aside"),
            ("fc00::1", "private"),
            ("fd00:ec2::254", "private"),
            ("ff02::1", "multicast"),
            ("2001::1", "set aside"),
            ("2001:db8::1", "set aside"),
            ("2002:7f00:1::", "set aside"),
            ("3fff::1", "set aside"),
            ("100::1", "set aside"),
            ("4000::1", "set aside"),
        ] {
            assert_eq!(inner(address.parse().unwrap()), Some(what), "{address}");
        }
    }
}
