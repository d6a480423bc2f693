//! Randomness as an argument, so that a test can fix it.

use std::fmt;

/// The random source has failed; nothing that would have come from it exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RandomError;

impl fmt::Display for RandomError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the system's random source has failed")
    }
}

impl std::error::Error for RandomError {}

/// A source of random bytes for serials, salts and passwords. Keys always come from AWS-LC's own generator.
pub trait Random: Sync {
    /// Fills `out`.
    fn fill(&self, out: &mut [u8]) -> Result<(), RandomError>;
}

/// Returns `N` random bytes.
pub fn bytes<const N: usize>(random: &dyn Random) -> Result<[u8; N], RandomError> {
    let mut out = [0; N];
    random.fill(&mut out)?;
    Ok(out)
}

/// AWS-LC's generator, seeded by the operating system.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    fn fill(&self, out: &mut [u8]) -> Result<(), RandomError> {
        aws_lc_rs::rand::fill(out).map_err(|_| RandomError)
    }
}
