//! Certificates and certificate requests out of the files of others, in PEM or DER.

// Foreign bytes come in here. Tests may fail with a panic.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::indexing_slicing))]

use std::collections::HashSet;
use std::fmt;

use der::asn1::{AnyRef, ObjectIdentifier};
use der::{Encode, Reader, SliceReader, Tag, TagNumber, Tagged};
use x509_parser::certificate::X509Certificate;
use x509_parser::certification_request::X509CertificationRequest;
use x509_parser::prelude::FromDer;

use super::CertificateSigningRequest;
use super::foreign::{self, FileContent, FileError, Part};

/// The most certificates that a file may have.
pub const MAX_CERTIFICATES: usize = 1000;

/// `id-signedData` (RFC 5652 §5.1).
const SIGNED_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.2");

/// `[0]`, constructed: the content of a `ContentInfo`, the certificates of a `SignedData`.
const CONTEXT_0: Tag = Tag::ContextSpecific { constructed: true, number: TagNumber(0) };

/// Why no certificates or no request could be read. Never holds bytes of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum CertificateFileError {
    /// The file is too large, ends too early or is damaged.
    File(FileError),
    /// A structure that is not what its label or its beginning says.
    Malformed(FileContent),
    /// No certificate; the file holds something else.
    NoCertificate(FileContent),
    /// No request; the file holds something else.
    NoRequest(FileContent),
    /// More than one request.
    SeveralRequests(usize),
    /// More than [`MAX_CERTIFICATES`].
    TooManyCertificates,
}

impl fmt::Display for CertificateFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(error) => error.fmt(f),
            Self::Malformed(content) => write!(f, "what should be {content} is none, or is damaged"),
            Self::NoCertificate(content) => write!(f, "there is no certificate in the file: it holds {content}"),
            Self::NoRequest(content) => write!(f, "there is no certificate request in the file: it holds {content}"),
            Self::SeveralRequests(count) => {
                write!(f, "there are {count} certificate requests in the file, one is allowed")
            }
            Self::TooManyCertificates => {
                write!(f, "there are more than {MAX_CERTIFICATES} certificates in the file")
            }
        }
    }
}

impl std::error::Error for CertificateFileError {}

impl From<FileError> for CertificateFileError {
    fn from(error: FileError) -> Self {
        Self::File(error)
    }
}

/// Reads all certificates in a file, in their order, each once: PEM with anything around it, DER, or PKCS#7 in either.
///
/// Each is the DER of an X.509 certificate, at least one. What else is in a PEM file, as keys, is not looked at.
pub fn read_certificates(file: &[u8]) -> Result<Vec<Vec<u8>>, CertificateFileError> {
    let parts = foreign::parts(file)?;
    let mut certificates = Certificates::default();
    for part in &parts {
        match part.content {
            // Microsoft's CA writes PKCS#7 under CERTIFICATE too.
            FileContent::Certificate | FileContent::Pkcs7 => certificates.add(part)?,
            _ => {}
        }
    }
    if certificates.found.is_empty() {
        return Err(CertificateFileError::NoCertificate(foreign::content_of_file(file, &parts)));
    }
    Ok(certificates.found)
}

/// Reads the one certificate request in a file and returns its DER: PEM with anything around it, or DER.
///
/// Its signature is not checked here.
pub fn read_request_der(file: &[u8]) -> Result<Vec<u8>, CertificateFileError> {
    let parts = foreign::parts(file)?;
    let requests: Vec<&Part<'_>> = parts.iter().filter(|part| part.content == FileContent::Request).collect();
    let request = match requests.as_slice() {
        [request] => request,
        [] => return Err(CertificateFileError::NoRequest(foreign::content_of_file(file, &parts))),
        requests => return Err(CertificateFileError::SeveralRequests(requests.len())),
    };
    let der = request.der()?;
    match X509CertificationRequest::from_der(&der) {
        // x509-parser takes attributes that do not end where they should for none.
        Ok(([], _)) if foreign::content_of_der(&der) == FileContent::Request => Ok(der.to_vec()),
        _ => Err(CertificateFileError::Malformed(FileContent::Request)),
    }
}

/// Reads the one certificate request in a file, as [`read_request_der`] does. [`CertificateSigningRequest::verify`] comes next.
pub fn read_request(file: &[u8]) -> Result<CertificateSigningRequest, CertificateFileError> {
    read_request_der(file).map(CertificateSigningRequest::from_der)
}

/// What was found so far.
#[derive(Default)]
struct Certificates {
    found: Vec<Vec<u8>>,
    known: HashSet<Vec<u8>>,
}

impl Certificates {
    fn add(&mut self, part: &Part<'_>) -> Result<(), CertificateFileError> {
        let der = part.der()?;
        if let Some(signed_data) = signed_data(&der) {
            let malformed = CertificateFileError::Malformed(FileContent::Pkcs7);
            let set = certificates_of(&signed_data).ok_or(malformed)?;
            return set.iter().try_for_each(|der| self.add_one(der));
        }
        if part.content == FileContent::Pkcs7 {
            return Err(CertificateFileError::Malformed(FileContent::Pkcs7));
        }
        // Behind the certificate OpenSSL writes what it is trusted for (X509_CERT_AUX).
        let is_cut = part.label == Some("TRUSTED CERTIFICATE");
        let der = if is_cut { first_element(&der).unwrap_or_default() } else { &der };
        self.add_one(der)
    }

    fn add_one(&mut self, der: &[u8]) -> Result<(), CertificateFileError> {
        let is_read = matches!(X509Certificate::from_der(der), Ok(([], _)));
        if !is_read || foreign::content_of_der(der) != FileContent::Certificate {
            return Err(CertificateFileError::Malformed(FileContent::Certificate));
        }
        if !self.known.insert(der.to_vec()) {
            return Ok(());
        }
        if self.found.len() >= MAX_CERTIFICATES {
            return Err(CertificateFileError::TooManyCertificates);
        }
        self.found.push(der.to_vec());
        Ok(())
    }
}

/// Returns the elements of the `SignedData` in a `ContentInfo` (RFC 5652 §3).
fn signed_data(der: &[u8]) -> Option<Vec<AnyRef<'_>>> {
    let content_info = foreign::elements(der)?;
    let [content_type, content] = content_info.as_slice() else { return None };
    let content_type: ObjectIdentifier = content_type.decode_as().ok()?;
    (content_type == SIGNED_DATA && content.tag() == CONTEXT_0).then(|| foreign::elements(content.value()))?
}

/// Returns the DER of the X.509 certificates in a `SignedData`: none, if it has no set of them.
fn certificates_of(signed_data: &[AnyRef<'_>]) -> Option<Vec<Vec<u8>>> {
    let Some(set) = signed_data.iter().find(|element| element.tag() == CONTEXT_0) else { return Some(Vec::new()) };
    // The other choices, as attribute certificates, have tags of their own.
    let certificates = foreign::children(set.value())?.into_iter().filter(|choice| choice.tag() == Tag::Sequence);
    certificates.map(|certificate| certificate.to_der().ok()).collect()
}

/// The DER of what a PKCS#7 structure holds.
pub(crate) struct SignedContent {
    pub(crate) certificates: Vec<Vec<u8>>,
    pub(crate) revocation_lists: Vec<Vec<u8>>,
}

/// Returns what is in a PKCS#7 structure; nothing, if it is none.
pub(crate) fn in_signed_data(der: &[u8]) -> Option<SignedContent> {
    const CONTEXT_1: Tag = Tag::ContextSpecific { constructed: true, number: TagNumber(1) };
    let signed_data = signed_data(der)?;
    let certificates = certificates_of(&signed_data)?;
    let revocation_lists = match signed_data.iter().find(|element| element.tag() == CONTEXT_1) {
        Some(set) => foreign::children(set.value())?.iter().filter_map(|list| list.to_der().ok()).collect(),
        None => Vec::new(),
    };
    Some(SignedContent { certificates, revocation_lists })
}

/// Returns the first element of DER, and not what follows it.
pub(crate) fn first_element(der: &[u8]) -> Option<&[u8]> {
    let mut reader = SliceReader::new(der).ok()?;
    reader.tlv_bytes().ok()
}

#[cfg(test)]
mod tests;
