//! What the stacks offer in their hello unless they are configured: what this program does not speak, a client may all the same.
//!
//! The numbers are those of IANA, taken from the hellos that these clients sent: `SSLSocket` of OpenJDK 17.0.15 and 25.0.3, `s_client` of
//! OpenSSL 3.0.22, `ssl.create_default_context` of `CPython` 3.11.7, `tls.connect` of Node 20.20.2, `tls.Dial` of Go 1.26.8, and rustls with
//! aws-lc, which this program is.

use crate::verify::acceptance::Stack;

/// What a client offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Offers {
    /// Cipher suites, those of TLS 1.3 too.
    pub cipher_suites: &'static [u16],
    /// Groups to exchange keys in.
    pub groups: &'static [u16],
}

const JAVA_25: [u16; 30] = [
    0x1302, 0x1301, 0x1303, 0xc02c, 0xc02b, 0xcca9, 0xc030, 0xcca8, 0xc02f, 0x009f, 0xccaa, 0x00a3, 0x009e, 0x00a2,
    0xc024, 0xc028, 0xc023, 0xc027, 0x006b, 0x006a, 0x0067, 0x0040, 0xc00a, 0xc014, 0xc009, 0xc013, 0x0039, 0x0038,
    0x0033, 0x0032,
];

/// Those of Java 25, and those without forward secrecy, which JDK-8245545 has taken away.
const JAVA_17: [u16; 36] = [
    0x1302, 0x1301, 0x1303, 0xc02c, 0xc02b, 0xcca9, 0xc030, 0xcca8, 0xc02f, 0x009f, 0xccaa, 0x00a3, 0x009e, 0x00a2,
    0xc024, 0xc028, 0xc023, 0xc027, 0x006b, 0x006a, 0x0067, 0x0040, 0xc00a, 0xc014, 0xc009, 0xc013, 0x0039, 0x0038,
    0x0033, 0x0032, 0x009d, 0x009c, 0x003d, 0x003c, 0x0035, 0x002f,
];

const OPENSSL: [u16; 30] = [
    0x1302, 0x1303, 0x1301, 0xc02c, 0xc030, 0x009f, 0xcca9, 0xcca8, 0xccaa, 0xc02b, 0xc02f, 0x009e, 0xc024, 0xc028,
    0x006b, 0xc023, 0xc027, 0x0067, 0xc00a, 0xc014, 0x0039, 0xc009, 0xc013, 0x0033, 0x009d, 0x009c, 0x003d, 0x003c,
    0x0035, 0x002f,
];

const PYTHON: [u16; 17] = [
    0x1302, 0x1303, 0x1301, 0xc02c, 0xc030, 0xc02b, 0xc02f, 0xcca9, 0xcca8, 0xc024, 0xc028, 0xc023, 0xc027, 0x009f,
    0x009e, 0x006b, 0x0067,
];

const NODE: [u16; 58] = [
    0x1302, 0x1303, 0x1301, 0xc02f, 0xc02b, 0xc030, 0xc02c, 0x009e, 0xc027, 0x0067, 0xc028, 0x006b, 0x00a3, 0x009f,
    0xcca9, 0xcca8, 0xccaa, 0xc0af, 0xc0ad, 0xc0a3, 0xc09f, 0xc05d, 0xc061, 0xc057, 0xc053, 0x00a2, 0xc0ae, 0xc0ac,
    0xc0a2, 0xc09e, 0xc05c, 0xc060, 0xc056, 0xc052, 0xc024, 0x006a, 0xc023, 0x0040, 0xc00a, 0xc014, 0x0039, 0x0038,
    0xc009, 0xc013, 0x0033, 0x0032, 0x009d, 0xc0a1, 0xc09d, 0xc051, 0x009c, 0xc0a0, 0xc09c, 0xc050, 0x003d, 0x003c,
    0x0035, 0x002f,
];

const GO: [u16; 13] =
    [0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc009, 0xc013, 0xc00a, 0xc014, 0x1301, 0x1302, 0x1303];

const RUSTLS: [u16; 9] = [0x1302, 0x1301, 0x1303, 0xc02c, 0xc02b, 0xcca9, 0xc030, 0xc02f, 0xcca8];

const OF_JAVA: [u16; 10] = [0x001d, 0x0017, 0x0018, 0x0019, 0x001e, 0x0100, 0x0101, 0x0102, 0x0103, 0x0104];
const OF_OPENSSL: [u16; 10] = [0x001d, 0x0017, 0x001e, 0x0019, 0x0018, 0x0100, 0x0101, 0x0102, 0x0103, 0x0104];
const OF_GO: [u16; 7] = [0x11ec, 0x11eb, 0x11ed, 0x001d, 0x0017, 0x0018, 0x0019];
const OF_RUSTLS: [u16; 4] = [0x11ec, 0x001d, 0x0017, 0x0018];

impl Offers {
    pub(super) fn of(stack: Stack) -> Self {
        let (cipher_suites, groups): (&[u16], &[u16]) = match stack {
            Stack::Java17 => (&JAVA_17, &OF_JAVA),
            Stack::JavaNewest => (&JAVA_25, &OF_JAVA),
            Stack::OpenSsl => (&OPENSSL, &OF_OPENSSL),
            Stack::Python => (&PYTHON, &OF_OPENSSL),
            Stack::Node => (&NODE, &OF_OPENSSL),
            Stack::Go => (&GO, &OF_GO),
            Stack::Rustls => (&RUSTLS, &OF_RUSTLS),
        };
        Self { cipher_suites, groups }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::handshake::ends;

    #[test]
    fn rustls_offers_what_this_program_does() {
        let provider = ends::provider();
        let sorted = |mut numbers: Vec<u16>| {
            numbers.sort_unstable();
            numbers
        };
        let suites = provider.cipher_suites.iter().map(|suite| suite.suite().into()).collect();
        let groups = provider.kx_groups.iter().map(|group| group.name().into()).collect();
        let offers = Offers::of(Stack::Rustls);
        assert_eq!(sorted(suites), sorted(offers.cipher_suites.to_vec()));
        assert_eq!(sorted(groups), sorted(offers.groups.to_vec()));
    }

    #[test]
    fn no_number_stands_twice() {
        for stack in Stack::ALL {
            let Offers { cipher_suites, groups } = Offers::of(stack);
            for numbers in [cipher_suites, groups] {
                let distinct: std::collections::BTreeSet<u16> = numbers.iter().copied().collect();
                assert_eq!(distinct.len(), numbers.len(), "{stack:?}");
            }
        }
    }
}
