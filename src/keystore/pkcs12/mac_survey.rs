//! The MAC of a store of which nothing is expected.

use const_oid::ObjectIdentifier;
use der::Tag;

use super::Pkcs12Error;
use super::element::Element;
use super::mac::{Digest, MacData, PBMAC1, WHOLE};
use super::pbmac1::Pbmac1;
use crate::keystore::survey::ReaderLimit;
use crate::pbe::PbeError;

/// What can be said of a MAC.
pub(super) struct MacSurvey<'a> {
    /// A name to show.
    pub(super) name: String,
    pub(super) iterations: Option<u64>,
    kind: Kind<'a>,
}

enum Kind<'a> {
    Pbmac1 { mac: Pbmac1, value: &'a [u8] },
    Pkcs12(MacData),
    Unreadable(Pkcs12Error, Option<ReaderLimit>),
}

impl<'a> MacSurvey<'a> {
    /// Reads a `MacData`: what has its structure is a MAC, whatever it says.
    pub(super) fn read(mac: Element<'a>) -> Result<Self, Pkcs12Error> {
        let mut parts = mac.elements(WHOLE)?;
        let mut info = parts.expect(Tag::Sequence)?.elements(WHOLE)?;
        let algorithm = info.expect(Tag::Sequence)?;
        let value = info.expect(Tag::OctetString)?.value;
        info.finish()?;
        parts.expect(Tag::OctetString)?;
        let iterations = match parts.last(Tag::Integer)? {
            Some(count) => count.decode(WHOLE).ok(),
            None => Some(1),
        };
        let oid = algorithm.elements(WHOLE)?.oid()?;
        if oid == PBMAC1 { Ok(Self::pbmac1(algorithm, value)) } else { Ok(Self::pkcs12(mac, oid, iterations)) }
    }

    fn pbmac1(algorithm: Element<'_>, value: &'a [u8]) -> Self {
        match Pbmac1::read(algorithm) {
            Ok(mac) => {
                Self { name: mac.name.clone(), iterations: Some(mac.iterations()), kind: Kind::Pbmac1 { mac, value } }
            }
            Err(error) => Self {
                name: "PBMAC1".to_owned(),
                iterations: None,
                kind: Kind::Unreadable(error, Some(ReaderLimit::Pbmac1)),
            },
        }
    }

    fn pkcs12(mac: Element<'_>, oid: ObjectIdentifier, iterations: Option<u64>) -> Self {
        let digest = Digest::of(oid);
        let name =
            digest.as_ref().map_or_else(|_| format!("HMAC with {oid}"), |digest| format!("HMAC-{}", digest.name()));
        let kind = match MacData::read(mac) {
            Ok(mac) => Kind::Pkcs12(mac),
            Err(error) => Kind::Unreadable(error, None),
        };
        Self { name, iterations, kind }
    }

    /// Returns who will not read it.
    pub(super) fn limit(&self) -> Option<ReaderLimit> {
        match &self.kind {
            Kind::Pbmac1 { .. } => Some(ReaderLimit::Pbmac1),
            Kind::Pkcs12(mac) => mac.is_sha2().then_some(ReaderLimit::OldJava),
            Kind::Unreadable(_, limit) => limit.clone(),
        }
    }

    /// Returns how much work it is to check it, or why it cannot be checked.
    pub(super) fn work(&self) -> Result<u64, PbeError> {
        match &self.kind {
            Kind::Pbmac1 { mac, .. } => mac.check().map(|(_, work)| work),
            Kind::Pkcs12(mac) => Ok(mac.work()),
            Kind::Unreadable(Pkcs12Error::Encryption(error), _) => Err(error.clone()),
            Kind::Unreadable(Pkcs12Error::UnsupportedMac(oid), _) => Err(PbeError::Unsupported(format!("with {oid}"))),
            Kind::Unreadable(..) => Err(PbeError::Parameters("its parameters are those of no MAC")),
        }
    }

    /// Says whether this is the MAC of `data` under `password`.
    pub(super) fn verifies(&self, data: &[u8], password: &str) -> bool {
        match &self.kind {
            Kind::Pbmac1 { mac, value } => {
                mac.check().is_ok_and(|(length, _)| mac.verifies(data, value, password, length))
            }
            Kind::Pkcs12(mac) => mac.verifies(data, password),
            Kind::Unreadable(..) => false,
        }
    }
}
