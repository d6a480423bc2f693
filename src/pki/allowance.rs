//! How much is decoded of one file: nobody's file takes this program's time or memory.

// Foreign bytes come in here. Tests may fail with a panic.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::indexing_slicing))]

/// The most bytes of one certificate, request or list: thousands of names.
const MAX_STRUCTURE: usize = 256 * 1024;

/// The most bytes of all of a file, the copies in chains too.
const MAX_LENGTH: usize = 4 * 1024 * 1024;

/// The most of a file, the copies in chains too.
const MAX_COUNT: usize = 5000;

/// What may still be decoded of the certificates, requests and lists of a file.
#[derive(Debug)]
pub struct Allowance {
    count: usize,
    length: usize,
}

impl Default for Allowance {
    fn default() -> Self {
        Self { count: MAX_COUNT, length: MAX_LENGTH }
    }
}

impl Allowance {
    /// Says whether this one may be decoded, and counts it if it may.
    pub fn take(&mut self, der: &[u8]) -> bool {
        let left = self.count.checked_sub(1).zip(self.length.checked_sub(der.len()));
        match left.filter(|_| der.len() <= MAX_STRUCTURE) {
            Some((count, length)) => {
                *self = Self { count, length };
                true
            }
            None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_a_file_and_their_number_have_a_bound_each() {
        let mut allowance = Allowance::default();
        assert!(!allowance.take(&vec![0; MAX_STRUCTURE + 1]));
        assert!((0..16).all(|_| allowance.take(&vec![0; MAX_STRUCTURE])));
        assert!(!allowance.take(&[0]));
        let mut allowance = Allowance::default();
        assert!((0..MAX_COUNT).all(|_| allowance.take(&[0])));
        assert!(!allowance.take(&[]));
    }
}
