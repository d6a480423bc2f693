//! Files of others: PEM (RFC 7468) with text around it, or one DER structure.
//!
//! The reader is our own because `pem` leaves copies of keys behind, puts lines of them into its errors, gives nothing for a
//! file that ends too early, and refuses a file as a whole for a block that nobody asked for.

// Foreign bytes come in here. Tests may fail with a panic.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::indexing_slicing))]

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use der::asn1::AnyRef;
use der::{Decode, Reader, SliceReader, Tag, TagNumber, Tagged};
use zeroize::Zeroizing;

/// The most bytes that a file of keys, certificates or requests may have.
pub const MAX_FILE: usize = 1024 * 1024;

/// The most characters of a label: `PKCS #7 SIGNED DATA` has 19.
const MAX_LABEL: usize = 40;

const BEGIN: &[u8] = b"-----BEGIN ";
const END: &[u8] = b"-----END ";
const DASHES: &[u8] = b"-----";

/// What a file or a part of it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FileContent {
    /// A certificate.
    Certificate,
    /// Certificates in a PKCS#7 structure.
    Pkcs7,
    /// A certificate request.
    Request,
    /// A private key.
    PrivateKey,
    /// A private key under a password.
    EncryptedPrivateKey,
    /// A public key without a certificate.
    PublicKey,
    /// A certificate revocation list.
    RevocationList,
    /// The parameters of a key.
    Parameters,
    /// A PKCS#12 store.
    Pkcs12,
    /// A JKS or JCEKS store.
    Jks,
    /// Text in UTF-16, as Windows PowerShell writes what a program prints.
    Utf16,
    /// No byte at all.
    Empty,
    /// Anything else.
    Unknown,
}

impl fmt::Display for FileContent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Certificate => "a certificate",
            Self::Pkcs7 => "a PKCS#7 structure",
            Self::Request => "a certificate request",
            Self::PrivateKey => "a private key",
            Self::EncryptedPrivateKey => "an encrypted private key",
            Self::PublicKey => "a public key",
            Self::RevocationList => "a certificate revocation list",
            Self::Parameters => "the parameters of a key",
            Self::Pkcs12 => "a PKCS#12 store",
            Self::Jks => "a JKS store",
            Self::Utf16 => "text in UTF-16",
            Self::Empty => "nothing",
            Self::Unknown => "nothing that is known",
        })
    }
}

/// Why the parts of a file cannot be found. Never holds what is in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum FileError {
    /// It begins as DER, and its length is another than it says: damaged, or BER, or followed by other bytes.
    DerLength,
    /// A PEM block that is not base64.
    NotBase64(FileContent),
    /// More than [`MAX_FILE`] bytes.
    TooLarge(usize),
    /// A PEM block without its end, or with the end of another.
    Truncated(FileContent),
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DerLength => write!(f, "the file begins as DER, and is damaged or has bytes after its end"),
            Self::NotBase64(content) => write!(f, "the PEM of {content} is damaged: it is not base64"),
            Self::TooLarge(length) => write!(f, "the file has {length} bytes, {MAX_FILE} are the most that are read"),
            Self::Truncated(content) => write!(f, "the PEM of {content} has no end line"),
        }
    }
}

impl std::error::Error for FileError {}

/// A part of a file: a PEM block, or all of a DER file. It may hold a key, and does not show itself.
pub(crate) struct Part<'a> {
    /// What it is by its label; of DER, by its structure.
    pub(crate) content: FileContent,
    /// The label of a PEM block.
    pub(crate) label: Option<&'a str>,
    body: &'a [u8],
    /// The text between the block before and this one.
    before: &'a [u8],
}

impl<'a> Part<'a> {
    /// Returns the DER that should be in it.
    pub(crate) fn der(&self) -> Result<Zeroizing<Vec<u8>>, FileError> {
        if self.label.is_none() {
            return Ok(Zeroizing::new(self.body.to_vec()));
        }
        let (_, text) = self.headers_and_text();
        let mut base64 = Zeroizing::new(Vec::with_capacity(text.len()));
        base64.extend(text.iter().filter(|byte| !byte.is_ascii_whitespace()));
        let mut der = Zeroizing::new(vec![0; base64::decoded_len_estimate(base64.len())]);
        let length = STANDARD.decode_slice(base64.as_slice(), &mut der);
        der.truncate(length.map_err(|_| FileError::NotBase64(self.content))?);
        Ok(der)
    }

    /// Returns the name that `openssl pkcs12` writes before a key or a certificate, out of its bag.
    pub(crate) fn friendly_name(&self) -> Option<&'a str> {
        let lines = self.before.split(|byte| *byte == b'\n').filter_map(|line| std::str::from_utf8(line).ok());
        lines.filter_map(|line| line.trim().strip_prefix("friendlyName:")).map(str::trim).next_back()
    }

    /// Says whether it is encrypted as before PKCS#8: `Proc-Type: 4,ENCRYPTED` (RFC 1421 §4.6.1.1).
    pub(super) fn is_encrypted_by_header(&self) -> bool {
        let (headers, _) = self.headers_and_text();
        find(headers, b"ENCRYPTED").is_some()
    }

    /// Returns the cipher of a key that is encrypted as before PKCS#8 (`DEK-Info`, RFC 1421 §4.6.1.3).
    pub(crate) fn header_encryption(&self) -> Option<String> {
        if !self.is_encrypted_by_header() {
            return None;
        }
        let (headers, _) = self.headers_and_text();
        let cipher = split(headers, b"DEK-Info:").map(|(_, after)| after.trim_ascii_start());
        let is_of_name = |byte: &&u8| byte.is_ascii_alphanumeric() || **byte == b'-';
        let name: Vec<u8> = cipher.unwrap_or_default().iter().take(MAX_LABEL).take_while(is_of_name).copied().collect();
        Some(
            String::from_utf8(name)
                .ok()
                .filter(|name| !name.is_empty())
                .unwrap_or_else(|| "a cipher unsaid".to_owned()),
        )
    }

    /// Splits headers, which base64 cannot be taken for, from the text: an empty line is between them.
    fn headers_and_text(&self) -> (&'a [u8], &'a [u8]) {
        if self.label.is_none() || !self.body.contains(&b':') {
            return (&[], self.body);
        }
        let last_header = self.body.iter().rposition(|byte| *byte == b':').unwrap_or(0);
        let is_line_end = |(at, byte): (usize, &u8)| at > last_header && *byte == b'\n';
        let end = self.body.iter().enumerate().position(is_line_end).unwrap_or(self.body.len());
        self.body.split_at(end)
    }
}

/// Returns the parts of a file in their order; none, if it holds nothing that is known.
pub(super) fn parts(file: &[u8]) -> Result<Vec<Part<'_>>, FileError> {
    if file.len() > MAX_FILE {
        return Err(FileError::TooLarge(file.len()));
    }
    if is_der(file) {
        AnyRef::from_der(file).map_err(|_| FileError::DerLength)?;
        return Ok(vec![Part { content: content_of_der(file), label: None, body: file, before: &[] }]);
    }
    let mut parts = Vec::new();
    let mut rest = file;
    while let Some((label, after)) = next_boundary(rest, BEGIN) {
        let content = content_of_label(label);
        let (body, after) = split_end(after, label).ok_or(FileError::Truncated(content))?;
        parts.push(Part { content, label: Some(label), body, before: before(rest, body) });
        rest = after;
    }
    Ok(parts)
}

/// Returns the parts of a file as [`parts`] does, and in their order what is wrong with those that are damaged.
pub(crate) fn readable_parts(file: &[u8]) -> Result<Vec<Result<Part<'_>, FileError>>, FileError> {
    if file.len() > MAX_FILE || is_der(file) {
        return Ok(parts(file)?.into_iter().map(Ok).collect());
    }
    let mut parts = Vec::new();
    let mut rest = file;
    while let Some((label, after)) = next_boundary(rest, BEGIN) {
        let content = content_of_label(label);
        // Only as far as the next block: each byte is looked at once, however many blocks have no end.
        let reach = find(after, BEGIN).unwrap_or(after.len());
        let (block, behind) = after.split_at(reach);
        if let Some((body, _)) = split_end(block, label) {
            parts.push(Ok(Part { content, label: Some(label), body, before: before(rest, body) }));
        } else {
            parts.push(Err(FileError::Truncated(content)));
        }
        rest = behind;
    }
    Ok(parts)
}

/// Returns the part of a text that is before the boundary of a body in it.
fn before<'a>(text: &'a [u8], body: &[u8]) -> &'a [u8] {
    let start = body.as_ptr().addr().saturating_sub(text.as_ptr().addr());
    let head = text.get(..start).unwrap_or_default();
    let boundary = head.windows(BEGIN.len()).rposition(|window| window == BEGIN).unwrap_or(0);
    head.get(..boundary).unwrap_or_default()
}

/// Says what a file is in which nothing else was found.
pub(crate) fn content_of_file(file: &[u8], parts: &[Part<'_>]) -> FileContent {
    match parts.iter().find(|part| part.content != FileContent::Unknown) {
        Some(part) => part.content,
        None if file.is_empty() => FileContent::Empty,
        None if [[0xFE, 0xED, 0xFE, 0xED], [0xCE; 4]].iter().any(|magic| file.starts_with(magic)) => FileContent::Jks,
        None if file.starts_with(&[0xFF, 0xFE]) || file.starts_with(&[0xFE, 0xFF]) => FileContent::Utf16,
        None => FileContent::Unknown,
    }
}

/// Returns the label of the next boundary and what follows it. Text that only looks like one is skipped.
fn next_boundary<'a>(mut text: &'a [u8], start: &[u8]) -> Option<(&'a str, &'a [u8])> {
    loop {
        let (_, after) = split(text, start)?;
        if let Some(found) = label(after) {
            return Some(found);
        }
        text = after;
    }
}

/// Splits a body from what follows its end line, which comes before the next block begins.
fn split_end<'a>(text: &'a [u8], label: &str) -> Option<(&'a [u8], &'a [u8])> {
    let (body, after) = split(text, END)?;
    let (end, after) = self::label(after)?;
    (end == label && find(body, BEGIN).is_none()).then_some((body, after))
}

/// Splits a label off: `CERTIFICATE-----` as it stands behind `-----BEGIN `.
fn label(text: &[u8]) -> Option<(&str, &[u8])> {
    let window = text.get(..text.len().min(MAX_LABEL.saturating_add(DASHES.len())))?;
    let (label, _) = split(window, DASHES)?;
    let is_label = |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || b" #".contains(byte);
    let is_one = !label.is_empty() && label.iter().all(is_label);
    let after = text.get(label.len().checked_add(DASHES.len())?..)?;
    std::str::from_utf8(label).ok().filter(|_| is_one).map(|label| (label, after))
}

fn split<'a>(text: &'a [u8], separator: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let at = find(text, separator)?;
    Some((text.get(..at)?, text.get(at.checked_add(separator.len())?..)?))
}

fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|window| window == wanted)
}

fn content_of_label(label: &str) -> FileContent {
    match label {
        "CERTIFICATE" | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE" => FileContent::Certificate,
        "PKCS7" | "PKCS #7 SIGNED DATA" | "CMS" => FileContent::Pkcs7,
        "CERTIFICATE REQUEST" | "NEW CERTIFICATE REQUEST" => FileContent::Request,
        "ENCRYPTED PRIVATE KEY" => FileContent::EncryptedPrivateKey,
        label if label.ends_with("PRIVATE KEY") => FileContent::PrivateKey,
        label if label.ends_with("PUBLIC KEY") => FileContent::PublicKey,
        label if label.ends_with("PARAMETERS") => FileContent::Parameters,
        "X509 CRL" => FileContent::RevocationList,
        _ => FileContent::Unknown,
    }
}

/// Says whether a file begins as DER and not as text: with a SEQUENCE that has a long length, or fills the file.
fn is_der(file: &[u8]) -> bool {
    match file {
        [0x30, 0x80..=0xFF, ..] => true,
        [0x30, length, content @ ..] => usize::from(*length) == content.len(),
        _ => false,
    }
}

/// Says what DER is by the tags of its elements.
pub(crate) fn content_of_der(der: &[u8]) -> FileContent {
    const CONTEXT_0: Tag = Tag::ContextSpecific { constructed: true, number: TagNumber(0) };
    let Some(elements) = elements(der) else { return FileContent::Unknown };
    let tags: Vec<Tag> = elements.iter().map(Tagged::tag).collect();
    match tags.as_slice() {
        [Tag::Integer, Tag::Sequence, Tag::OctetString, ..]
        | [Tag::Integer, Tag::OctetString, ..]
        | [Tag::Integer, Tag::Integer, Tag::Integer, ..] => FileContent::PrivateKey,
        [Tag::Sequence, Tag::OctetString] => FileContent::EncryptedPrivateKey,
        [Tag::Sequence, Tag::BitString] | [Tag::Integer, Tag::Integer] => FileContent::PublicKey,
        [Tag::Integer, Tag::Sequence] | [Tag::Integer, Tag::Sequence, Tag::Sequence] => FileContent::Pkcs12,
        [Tag::ObjectIdentifier, CONTEXT_0] => FileContent::Pkcs7,
        [Tag::Sequence, Tag::Sequence, Tag::BitString] => {
            elements.first().map_or(FileContent::Unknown, content_of_signed)
        }
        _ => FileContent::Unknown,
    }
}

/// Tells certificates, requests and revocation lists from each other.
fn content_of_signed(signed: &AnyRef<'_>) -> FileContent {
    let Some(children) = children(signed.value()) else { return FileContent::Unknown };
    let tags: Vec<Tag> = children.iter().map(Tagged::tag).collect();
    match tags.as_slice() {
        [Tag::Integer, Tag::Sequence, Tag::Sequence, last] if last.is_context_specific() => FileContent::Request,
        [Tag::Integer, Tag::Sequence, Tag::Sequence] => FileContent::Request,
        [Tag::Integer, Tag::Sequence, Tag::Sequence, Tag::UtcTime | Tag::GeneralizedTime, ..]
        | [Tag::Sequence, Tag::Sequence, Tag::UtcTime | Tag::GeneralizedTime, ..] => FileContent::RevocationList,
        _ => FileContent::Certificate,
    }
}

/// Returns the elements of a SEQUENCE after which nothing follows.
pub(super) fn elements(der: &[u8]) -> Option<Vec<AnyRef<'_>>> {
    let sequence = AnyRef::from_der(der).ok().filter(|sequence| sequence.tag() == Tag::Sequence)?;
    children(sequence.value())
}

/// Returns the elements that stand one after the other.
pub(super) fn children(der: &[u8]) -> Option<Vec<AnyRef<'_>>> {
    let mut reader = SliceReader::new(der).ok()?;
    let mut children = Vec::new();
    while !reader.is_finished() {
        children.push(AnyRef::decode(&mut reader).ok()?);
    }
    Some(children)
}
