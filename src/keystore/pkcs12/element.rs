//! DER elements as slices of what they were read from, so that they can be written again as they were.

use der::asn1::{AnyRef, ObjectIdentifier};
use der::{Decode, Encode, ErrorKind, Reader as _, SliceReader, Tag, TagNumber};

use super::Pkcs12Error;

/// `[0]`, constructed: an explicit tag.
pub(super) const EXPLICIT_0: Tag = Tag::ContextSpecific { constructed: true, number: TagNumber(0) };
/// `[0]`, primitive: an implicit tag over an `OCTET STRING`.
pub(super) const IMPLICIT_0: Tag = Tag::ContextSpecific { constructed: false, number: TagNumber(0) };

/// An element with its header, and its content.
#[derive(Clone, Copy)]
pub(super) struct Element<'a> {
    /// All of its bytes.
    pub(super) raw: &'a [u8],
    /// The bytes behind its header.
    pub(super) value: &'a [u8],
}

impl<'a> Element<'a> {
    /// Takes bytes that are one element of this tag and no more.
    pub(super) fn only(bytes: &'a [u8], tag: Tag, reading: &'static str) -> Result<Self, Pkcs12Error> {
        let mut elements = Elements::of(bytes, reading)?;
        let element = elements.expect(tag)?;
        elements.finish()?;
        Ok(element)
    }

    /// Returns the elements that it consists of.
    pub(super) fn elements(self, reading: &'static str) -> Result<Elements<'a>, Pkcs12Error> {
        Elements::of(self.value, reading)
    }

    /// Returns the one element of this tag that it consists of.
    pub(super) fn inner(self, tag: Tag, reading: &'static str) -> Result<Self, Pkcs12Error> {
        Self::only(self.value, tag, reading)
    }

    /// Reads the element as a type of its own.
    pub(super) fn decode<T: Decode<'a>>(self, reading: &'static str) -> Result<T, Pkcs12Error> {
        T::from_der(self.raw).map_err(|_| Pkcs12Error::Malformed(reading))
    }
}

/// Elements that follow each other. Each is read as a part of the same thing, which errors name.
#[derive(Clone)]
pub(super) struct Elements<'a> {
    reader: SliceReader<'a>,
    reading: &'static str,
}

impl<'a> Elements<'a> {
    pub(super) fn of(bytes: &'a [u8], reading: &'static str) -> Result<Self, Pkcs12Error> {
        let reader = SliceReader::new(bytes).map_err(|_| Pkcs12Error::Malformed(reading))?;
        Ok(Self { reader, reading })
    }

    /// Reads the next element, unless there is none.
    pub(super) fn next(&mut self) -> Result<Option<(Tag, Element<'a>)>, Pkcs12Error> {
        if self.reader.is_finished() {
            return Ok(None);
        }
        let raw = self.reader.tlv_bytes().map_err(|error| self.error(error))?;
        let any = AnyRef::from_der(raw).map_err(|error| self.error(error))?;
        Ok(Some((der::Tagged::tag(&any), Element { raw, value: any.value() })))
    }

    /// Reads the next element, which has to be of this tag.
    pub(super) fn expect(&mut self, tag: Tag) -> Result<Element<'a>, Pkcs12Error> {
        match self.next()? {
            Some((found, element)) if found == tag => Ok(element),
            _ => Err(Pkcs12Error::Malformed(self.reading)),
        }
    }

    /// Reads the next element, which has to be an object identifier.
    pub(super) fn oid(&mut self) -> Result<ObjectIdentifier, Pkcs12Error> {
        self.expect(Tag::ObjectIdentifier)?.decode(self.reading)
    }

    /// Reads the last element, if there is one; it has to be of this tag.
    pub(super) fn last(mut self, tag: Tag) -> Result<Option<Element<'a>>, Pkcs12Error> {
        if self.reader.is_finished() {
            return Ok(None);
        }
        let element = self.expect(tag)?;
        self.finish()?;
        Ok(Some(element))
    }

    /// Refuses to leave anything unread.
    pub(super) fn finish(self) -> Result<(), Pkcs12Error> {
        self.reader.finish().map_err(|_| Pkcs12Error::Malformed(self.reading))
    }

    fn error(&self, error: der::Error) -> Pkcs12Error {
        match error.kind() {
            ErrorKind::IndefiniteLength => Pkcs12Error::NotDer,
            _ => Pkcs12Error::Malformed(self.reading),
        }
    }
}

/// Returns the DER of an element with these parts as its content.
pub(super) fn element(tag: Tag, parts: &[&[u8]]) -> Result<Vec<u8>, Pkcs12Error> {
    let content = zeroize::Zeroizing::new(parts.concat());
    AnyRef::new(tag, &content).and_then(|any| any.to_der()).map_err(|_| Pkcs12Error::TooLarge)
}

/// Returns the DER of an object identifier.
pub(super) fn oid(oid: ObjectIdentifier) -> Result<Vec<u8>, Pkcs12Error> {
    oid.to_der().map_err(|_| Pkcs12Error::TooLarge)
}
