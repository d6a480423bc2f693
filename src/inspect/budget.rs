//! How much is looked at in one file: nobody's file takes this program's time or memory.

use time::OffsetDateTime;

use super::InspectError;
use crate::pbe::KeyOpener;
use crate::pki::Allowance;

/// The most names, usages and extensions of all certificates of a file.
const MAX_LIST_ITEMS: usize = 100_000;

/// What is left of it, and the time that everything is seen from.
pub(super) struct Budget {
    pub(super) now: OffsetDateTime,
    allowance: Allowance,
    items: usize,
    pub(super) opener: KeyOpener,
}

impl Budget {
    pub(super) fn new(now: OffsetDateTime) -> Self {
        Self { now, allowance: Allowance::default(), items: MAX_LIST_ITEMS, opener: KeyOpener::default() }
    }

    /// Allows for a certificate, request or list to be decoded.
    pub(super) fn decode(&mut self, der: &[u8]) -> Result<(), InspectError> {
        if self.allowance.take(der) { Ok(()) } else { Err(InspectError::TooMany) }
    }

    /// Allows for lists of so many items to be kept.
    pub(super) fn keep(&mut self, items: usize) -> Result<(), InspectError> {
        self.items = self.items.checked_sub(items).ok_or(InspectError::TooMany)?;
        Ok(())
    }
}
