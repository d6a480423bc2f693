//! Certificates, as good or as bad as a case wants them.

use time::{Duration, OffsetDateTime};

use crate::der;
use crate::keys::{Algorithm, Key};

pub(crate) const BASIC_CONSTRAINTS: &str = "2.5.29.19";
pub(crate) const KEY_USAGE: &str = "2.5.29.15";
pub(crate) const EXTENDED_KEY_USAGE: &str = "2.5.29.37";
pub(crate) const ALT_NAME: &str = "2.5.29.17";
pub(crate) const SUBJECT_KEY_ID: &str = "2.5.29.14";
pub(crate) const AUTHORITY_KEY_ID: &str = "2.5.29.35";
pub(crate) const NAME_CONSTRAINTS: &str = "2.5.29.30";

pub(crate) const SERVER_AUTH: &str = "1.3.6.1.5.5.7.3.1";
pub(crate) const CLIENT_AUTH: &str = "1.3.6.1.5.5.7.3.2";
pub(crate) const CODE_SIGNING: &str = "1.3.6.1.5.5.7.3.3";
pub(crate) const ANY_USAGE: &str = "2.5.29.37.0";

/// Bits of keyUsage by their numbers in RFC 5280 §4.2.1.3.
pub(crate) const DIGITAL_SIGNATURE: u32 = 0;
pub(crate) const KEY_ENCIPHERMENT: u32 = 2;
pub(crate) const KEY_AGREEMENT: u32 = 4;
pub(crate) const KEY_CERT_SIGN: u32 = 5;
pub(crate) const CRL_SIGN: u32 = 6;

/// An extension.
#[derive(Clone, Debug)]
pub(crate) struct Extension {
    pub(crate) oid: &'static str,
    pub(crate) critical: bool,
    pub(crate) value: Vec<u8>,
}

impl Extension {
    pub(crate) fn new(oid: &'static str, critical: bool, value: Vec<u8>) -> Self {
        Self { oid, critical, value }
    }

    fn to_der(&self) -> Vec<u8> {
        let critical = if self.critical { der::boolean(true) } else { Vec::new() };
        der::sequence(&[der::oid(self.oid), critical, der::octet_string(&self.value)])
    }
}

pub(crate) fn basic_constraints(ca: bool, path_length: Option<u8>) -> Extension {
    let ca = if ca { der::boolean(true) } else { Vec::new() };
    let path_length = path_length.map_or_else(Vec::new, |length| der::integer(&[length]));
    Extension::new(BASIC_CONSTRAINTS, true, der::sequence(&[ca, path_length]))
}

pub(crate) fn key_usage(bits: &[u32]) -> Extension {
    let octet = bits.iter().fold(0_u8, |octet, bit| octet | 0x80 >> bit);
    let value = der::element(0x03, &[u8::try_from(octet.trailing_zeros().min(7)).unwrap(), octet]);
    Extension::new(KEY_USAGE, true, value)
}

pub(crate) fn extended_key_usage(usages: &[&str]) -> Extension {
    let usages: Vec<_> = usages.iter().map(|usage| der::oid(usage)).collect();
    Extension::new(EXTENDED_KEY_USAGE, false, der::sequence(&usages))
}

/// Returns a `GeneralName` out of `dns:`, `ip:`, `email:`, `uri:` or `dn:`, or an address range out of `range:10.0.0.0/255.0.0.0`.
pub(crate) fn general_name(text: &str) -> Vec<u8> {
    let octets = |address: &str| match address.parse().unwrap() {
        std::net::IpAddr::V4(address) => address.octets().to_vec(),
        std::net::IpAddr::V6(address) => address.octets().to_vec(),
    };
    let (kind, value) = text.split_once(':').unwrap();
    match kind {
        "dns" => der::element(0x82, value.as_bytes()),
        "email" => der::element(0x81, value.as_bytes()),
        "uri" => der::element(0x86, value.as_bytes()),
        "ip" => der::element(0x87, &octets(value)),
        "dn" => der::element(0xA4, &der::name(value)),
        "range" => {
            let (address, mask) = value.split_once('/').unwrap();
            der::element(0x87, &[octets(address), octets(mask)].concat())
        }
        _ => unreachable!("{kind}"),
    }
}

pub(crate) fn alt_names(names: &[&str]) -> Extension {
    let names: Vec<_> = names.iter().map(|name| general_name(name)).collect();
    Extension::new(ALT_NAME, false, der::sequence(&names))
}

pub(crate) fn subject_key_id(identifier: &[u8]) -> Extension {
    Extension::new(SUBJECT_KEY_ID, false, der::octet_string(identifier))
}

pub(crate) fn authority_key_id(identifier: &[u8]) -> Extension {
    Extension::new(AUTHORITY_KEY_ID, false, der::sequence(&[der::element(0x80, identifier)]))
}

pub(crate) fn name_constraints(permitted: &[&str], excluded: &[&str]) -> Extension {
    let subtrees = |tag: u8, bases: &[&str]| {
        let bases: Vec<_> = bases.iter().map(|base| der::sequence(&[general_name(base)])).collect();
        if bases.is_empty() { Vec::new() } else { der::element(tag, &bases.concat()) }
    };
    Extension::new(NAME_CONSTRAINTS, true, der::sequence(&[subtrees(0xA0, permitted), subtrees(0xA1, excluded)]))
}

/// Returns a time, as `UTCTime` before 2050 and as `GeneralizedTime` from then on (RFC 5280 §4.1.2.5).
pub(crate) fn time(at: OffsetDateTime) -> Vec<u8> {
    let (date, time) = (at.date(), at.time());
    let rest = format!(
        "{:02}{:02}{:02}{:02}{:02}Z",
        u8::from(date.month()),
        date.day(),
        time.hour(),
        time.minute(),
        time.second()
    );
    if (1950..2050).contains(&date.year()) {
        der::element(0x17, format!("{:02}{rest}", date.year() % 100).as_bytes())
    } else {
        der::element(0x18, format!("{:04}{rest}", date.year()).as_bytes())
    }
}

/// A certificate that is not signed yet.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    /// As in the DER: 0 is version 1, and 2 is version 3.
    pub(crate) version: u8,
    pub(crate) serial: Vec<u8>,
    pub(crate) not_before: Vec<u8>,
    pub(crate) not_after: Vec<u8>,
    pub(crate) subject: Vec<u8>,
    pub(crate) key: Key,
    pub(crate) extensions: Vec<Extension>,
    /// What it is signed with, unless with what the signer's key signs with.
    pub(crate) algorithm: Option<Algorithm>,
    /// What the signed part says that it is signed with, if that is something else.
    pub(crate) inner_algorithm: Option<Algorithm>,
    pub(crate) is_signature_broken: bool,
}

impl Draft {
    pub(crate) fn new(subject: &str, key: &Key, extensions: Vec<Extension>) -> Self {
        let now = OffsetDateTime::now_utc();
        let serial = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &[subject.as_bytes(), &key.info].concat());
        Self {
            version: 2,
            serial: [&[1], &serial.as_ref()[..16]].concat(),
            not_before: time(now - Duration::days(1)),
            not_after: time(now + Duration::days(365)),
            subject: der::name(subject),
            key: key.clone(),
            extensions,
            algorithm: None,
            inner_algorithm: None,
            is_signature_broken: false,
        }
    }

    /// Replaces the extension of its kind, or adds one.
    pub(crate) fn with(mut self, extension: Extension) -> Self {
        self.extensions.retain(|one| one.oid != extension.oid);
        self.extensions.push(extension);
        self
    }

    /// Adds an extension, though there may be one of its kind.
    pub(crate) fn with_another(mut self, extension: Extension) -> Self {
        self.extensions.push(extension);
        self
    }

    pub(crate) fn without(mut self, oid: &str) -> Self {
        self.extensions.retain(|one| one.oid != oid);
        self
    }

    /// Sets whether the extension of a kind is critical.
    pub(crate) fn critical(mut self, oid: &str, critical: bool) -> Self {
        self.extensions.iter_mut().filter(|one| one.oid == oid).for_each(|one| one.critical = critical);
        self
    }

    /// Makes another change.
    pub(crate) fn but(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    /// Makes it valid from so many days on, until so many days later than now.
    pub(crate) fn valid(self, from: i64, until: i64) -> Self {
        let now = OffsetDateTime::now_utc();
        self.but(|draft| {
            draft.not_before = time(now + Duration::days(from));
            draft.not_after = time(now + Duration::days(until));
        })
    }

    /// Makes it a version 1, which has no extensions.
    pub(crate) fn version_1(self) -> Self {
        self.but(|draft| {
            draft.version = 0;
            draft.extensions.clear();
        })
    }

    pub(crate) fn signed_with(self, algorithm: Algorithm) -> Self {
        self.but(|draft| draft.algorithm = Some(algorithm))
    }

    /// Signs it, and returns the DER.
    pub(crate) fn sign(&self, issuer: &[u8], key: &Key) -> Vec<u8> {
        let algorithm = self.algorithm.unwrap_or(key.algorithm);
        let version = if self.version == 0 { Vec::new() } else { der::element(0xA0, &der::integer(&[self.version])) };
        let extensions: Vec<_> = self.extensions.iter().map(Extension::to_der).collect();
        let extensions =
            if extensions.is_empty() { Vec::new() } else { der::element(0xA3, &der::sequence(&extensions)) };
        let signed = der::sequence(&[
            version,
            der::integer(&self.serial),
            self.inner_algorithm.unwrap_or(algorithm).identifier(),
            issuer.to_vec(),
            der::sequence(&[self.not_before.clone(), self.not_after.clone()]),
            self.subject.clone(),
            self.key.info.clone(),
            extensions,
        ]);
        let mut signature = key.sign(algorithm, &signed);
        if self.is_signature_broken {
            let last = signature.len() - 1;
            signature[last] ^= 1;
        }
        der::sequence(&[signed, algorithm.identifier(), der::bit_string(&signature)])
    }
}

/// A CA: its certificate, and what it signs with.
#[derive(Clone, Debug)]
pub(crate) struct Ca {
    pub(crate) certificate: Vec<u8>,
    pub(crate) subject: Vec<u8>,
    pub(crate) key: Key,
}

impl Ca {
    /// Signs its own certificate.
    pub(crate) fn root(draft: Draft) -> Self {
        let subject = draft.subject.clone();
        Self { certificate: draft.sign(&subject, &draft.key), subject, key: draft.key }
    }

    /// Is signed by another.
    pub(crate) fn below(draft: Draft, issuer: &Ca) -> Self {
        Self { certificate: issuer.sign(&draft), subject: draft.subject, key: draft.key }
    }

    pub(crate) fn sign(&self, draft: &Draft) -> Vec<u8> {
        draft.sign(&self.subject, &self.key)
    }
}
