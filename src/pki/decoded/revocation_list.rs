//! Certificate revocation lists (RFC 5280 §5), as they are.

use time::OffsetDateTime;
use x509_parser::extensions::ParsedExtension;
use x509_parser::prelude::FromDer;
use x509_parser::revocation_list::CertificateRevocationList;

use super::{DecodedName, SignatureKind};
use crate::pki::PkiError;

/// A certificate revocation list with what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DecodedRevocationList {
    /// 1 or 2, as a person counts.
    pub version: u32,
    /// Who has signed it.
    pub issuer: DecodedName,
    /// When it was made.
    pub this_update: OffsetDateTime,
    /// When the next one is due, if it says so.
    pub next_update: Option<OffsetDateTime>,
    /// How it was signed.
    pub signature: SignatureKind,
    /// The octets of `cRLNumber`, if it has one.
    pub number: Option<Vec<u8>>,
    /// The identifier of the issuer's key, if it says so.
    pub authority_key_id: Option<Vec<u8>>,
    /// The revoked certificates, in their order.
    pub revoked: Vec<Revoked>,
}

/// A revoked certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Revoked {
    /// The octets of its serial number.
    pub serial: Vec<u8>,
    /// Since when.
    pub date: OffsetDateTime,
}

impl DecodedRevocationList {
    /// Reads the DER of a list, with nothing behind it. It fails only for what is none.
    pub fn from_der(der: &[u8]) -> Result<Self, PkiError> {
        let Ok(([], list)) = CertificateRevocationList::from_der(der) else {
            return Err(PkiError::NotARevocationList);
        };
        let time = |seconds| OffsetDateTime::from_unix_timestamp(seconds).map_err(|_| PkiError::NotARevocationList);
        let mut number = None;
        let mut authority_key_id = None;
        for extension in list.extensions() {
            match extension.parsed_extension() {
                ParsedExtension::CRLNumber(value) => number = Some(value.to_bytes_be()),
                ParsedExtension::AuthorityKeyIdentifier(id) => {
                    authority_key_id = id.key_identifier.as_ref().map(|id| id.0.to_vec());
                }
                _ => {}
            }
        }
        let revoked = list.iter_revoked_certificates().map(|revoked| {
            Ok(Revoked { serial: revoked.raw_serial().to_vec(), date: time(revoked.revocation_date.timestamp())? })
        });
        Ok(Self {
            version: list.version().map_or(1, |version| version.0.saturating_add(1)),
            issuer: DecodedName::of(list.issuer()),
            this_update: time(list.last_update().timestamp())?,
            next_update: list.next_update().map(|next| time(next.timestamp())).transpose()?,
            signature: SignatureKind::of(&list.signature_algorithm),
            number,
            authority_key_id,
            revoked: revoked.collect::<Result<_, PkiError>>()?,
        })
    }
}
