//! How much is looked at in one file: nobody's file takes this program's time or memory.

use time::OffsetDateTime;

use super::InspectError;

/// The most bytes of one certificate or request: thousands of names.
const MAX_STRUCTURE: usize = 256 * 1024;

/// The most bytes of all certificates of a file, the copies in chains too.
const MAX_CERTIFICATES_LENGTH: usize = 4 * 1024 * 1024;

/// The most certificates of a file, the copies in chains too.
const MAX_CERTIFICATES: usize = 5000;

/// The most names, usages and extensions of all certificates of a file.
const MAX_LIST_ITEMS: usize = 100_000;

/// The most iterations that are done for the private keys of a file: about a second.
const MAX_ITERATIONS: u64 = 2_000_000;

/// What is left of it, and the time that everything is seen from.
pub(super) struct Budget {
    pub(super) now: OffsetDateTime,
    certificates: usize,
    length: usize,
    items: usize,
    iterations: u64,
}

impl Budget {
    pub(super) fn new(now: OffsetDateTime) -> Self {
        let (certificates, length) = (MAX_CERTIFICATES, MAX_CERTIFICATES_LENGTH);
        Self { now, certificates, length, items: MAX_LIST_ITEMS, iterations: MAX_ITERATIONS }
    }

    /// Allows for a certificate, request or list to be decoded.
    pub(super) fn decode(&mut self, der: &[u8]) -> Result<(), InspectError> {
        if der.len() > MAX_STRUCTURE {
            return Err(InspectError::TooMany);
        }
        self.certificates = self.certificates.checked_sub(1).ok_or(InspectError::TooMany)?;
        self.length = self.length.checked_sub(der.len()).ok_or(InspectError::TooMany)?;
        Ok(())
    }

    /// Allows for lists of so many items to be kept.
    pub(super) fn keep(&mut self, items: usize) -> Result<(), InspectError> {
        self.items = self.items.checked_sub(items).ok_or(InspectError::TooMany)?;
        Ok(())
    }

    /// Says whether so many iterations can be done.
    pub(super) fn iterate(&mut self, iterations: u32) -> bool {
        match self.iterations.checked_sub(u64::from(iterations)) {
            Some(left) => {
                self.iterations = left;
                true
            }
            None => false,
        }
    }
}
