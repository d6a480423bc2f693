//! Key derivations with SHA-256, several of them side by side on one core.
//!
//! A derivation hashes the result of its last hash, some thousands of times. Processors with instructions for SHA-256 wait in each
//! of them for the one before, for half of the time; with a second derivation between the steps of the first they do not.

use sha2::block_api::compress256;
use sha2::{Digest, Sha256};
use zeroize::{Zeroize, Zeroizing};

use super::java_characters;

/// In bytes, of SHA-256's blocks.
const BLOCK: usize = 64;
/// In bytes, of its digests.
const DIGEST: usize = 32;

/// A key that comes out of a [`Derivation`].
pub(crate) type DerivedKey = Zeroizing<[u8; DIGEST]>;

/// The state of the hash between two blocks (FIPS 180-4 §6.2).
type State = [u32; 8];

/// The state before the first block (FIPS 180-4 §5.3.3).
const INITIAL: State =
    [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];

/// A key to be derived from a password, or as much of it as one digest has: each step hashes the digest of the step before.
pub(crate) struct Derivation {
    /// What the hash has seen before the digest: nothing, or the two keys of an HMAC in turn.
    starts: [State; 2],
    /// The digest of the last step, with the padding that the hash puts behind it.
    block: [u8; BLOCK],
    /// What each second step is added to, where the result is not that of the last step.
    sum: Option<State>,
    steps_left: u64,
    is_second_step: bool,
}

impl Drop for Derivation {
    fn drop(&mut self) {
        self.starts.zeroize();
        self.block.zeroize();
        self.sum.zeroize();
    }
}

impl Derivation {
    /// PBKDF2 with HMAC-SHA256 (RFC 8018 §5.2), the `index`th block of the key, of which the first is 1.
    pub(crate) fn pbkdf2(password: &[u8], salt: &[u8], iterations: u32, index: u32) -> Self {
        let [inner, outer] = [0x36, 0x5C].map(|pad| hmac_key(password, pad));
        let digest = Sha256::new().chain_update(inner.as_slice()).chain_update(salt).chain_update(index.to_be_bytes());
        let digest = Sha256::new().chain_update(outer.as_slice()).chain_update(digest.finalize()).finalize();
        let starts = [state_after(&inner), state_after(&outer)];
        // Two hashes an iteration, and the first iteration is done.
        let steps_left = u64::from(iterations.saturating_sub(1)).saturating_mul(2);
        Self::new(starts, digest.into(), Some(state_of(&digest.into())), steps_left)
    }

    /// The key of a MAC in PKCS#12 with SHA-256 (RFC 7292 appendix B.2, with 3 as its ID).
    pub(crate) fn pkcs12_mac(password: &str, salt: &[u8], iterations: u32) -> Self {
        let mut hash = Sha256::new_with_prefix([3; BLOCK]);
        for text in [salt, &java_characters(password)] {
            // As often as it takes to fill whole blocks.
            let length = text.len().next_multiple_of(BLOCK);
            let filled: Zeroizing<Vec<u8>> = Zeroizing::new(text.iter().copied().cycle().take(length).collect());
            hash.update(filled.as_slice());
        }
        Self::new([INITIAL; 2], hash.finalize().into(), None, u64::from(iterations.saturating_sub(1)))
    }

    fn new(starts: [State; 2], digest: [u8; DIGEST], sum: Option<State>, steps_left: u64) -> Self {
        // FIPS 180-4 §5.1.1: a one bit, and at the end how many bits were hashed: with an HMAC a block of them was there before.
        let bits: u16 = if sum.is_some() { 768 } else { 256 };
        let padding = [0x80].into_iter().chain([0; 29]).chain(bits.to_be_bytes());
        let mut block = [0; BLOCK];
        for (place, byte) in block.iter_mut().zip(digest.into_iter().chain(padding)) {
            *place = byte;
        }
        Self { starts, block, sum, steps_left, is_second_step: false }
    }

    #[inline]
    fn step(&mut self) {
        let [first, second] = &self.starts;
        let mut state = if self.is_second_step { *second } else { *first };
        compress256(&mut state, std::slice::from_ref(&self.block));
        write_state(&state, &mut self.block);
        if self.is_second_step
            && let Some(sum) = &mut self.sum
        {
            for (sum, word) in sum.iter_mut().zip(state) {
                *sum ^= word;
            }
        }
        self.is_second_step = !self.is_second_step;
    }

    /// Returns the key.
    pub(crate) fn alone(mut self) -> DerivedKey {
        for _ in 0..self.steps_left {
            self.step();
        }
        self.finish()
    }

    fn finish(&self) -> DerivedKey {
        let mut key = Zeroizing::new([0; DIGEST]);
        match &self.sum {
            Some(sum) => write_state(sum, key.as_mut()),
            None => key.iter_mut().zip(&self.block).for_each(|(place, byte)| *place = *byte),
        }
        key
    }
}

/// Returns the keys, in the order of the derivations.
pub(crate) fn derive<const N: usize>(mut derivations: [Derivation; N]) -> [DerivedKey; N] {
    loop {
        let mut running: Vec<&mut Derivation> = derivations.iter_mut().filter(|one| one.steps_left > 0).collect();
        let Some(steps) = running.iter().map(|one| one.steps_left).min() else { break };
        for _ in 0..steps {
            for one in &mut running {
                one.step();
            }
        }
        for one in running {
            one.steps_left = one.steps_left.saturating_sub(steps);
        }
    }
    derivations.each_ref().map(Derivation::finish)
}

/// Returns the first block of an HMAC (RFC 2104 §2).
fn hmac_key(password: &[u8], pad: u8) -> Zeroizing<[u8; BLOCK]> {
    let hashed: Zeroizing<[u8; DIGEST]>;
    let key = if password.len() > BLOCK {
        hashed = Zeroizing::new(Sha256::digest(password).into());
        hashed.as_slice()
    } else {
        password
    };
    let mut block = Zeroizing::new([pad; BLOCK]);
    block.iter_mut().zip(key).for_each(|(place, byte)| *place ^= byte);
    block
}

fn state_after(block: &[u8; BLOCK]) -> State {
    let mut state = INITIAL;
    compress256(&mut state, std::slice::from_ref(block));
    state
}

fn state_of(digest: &[u8; DIGEST]) -> State {
    let (words, _) = digest.as_chunks();
    let mut state = State::default();
    for (place, word) in state.iter_mut().zip(words) {
        *place = u32::from_be_bytes(*word);
    }
    state
}

#[inline]
fn write_state(state: &State, out: &mut [u8]) {
    let (words, _) = out.as_chunks_mut();
    for (word, value) in words.iter_mut().zip(state) {
        *word = value.to_be_bytes();
    }
}

/// The derivations of a few lengths against those of the `pbkdf2` and `pkcs12` crates, which hash with the hash's own buffers.
#[cfg(test)]
mod tests {
    use pkcs12::kdf::{Pkcs12KeyType, derive_key};

    use super::*;

    const PASSWORDS: [&str; 4] = ["", "test1234", "kpq9x2m7c4v8b3n6h5g0jy2wzd", "x"];

    fn password(number: usize) -> String {
        // The last is longer than a block.
        PASSWORDS.get(number).map_or_else(|| "longer than a block ".repeat(4), |text| (*text).to_owned())
    }

    fn salt(length: usize) -> Vec<u8> {
        (0..length).map(|at| u8::try_from(at * 7 % 251).unwrap()).collect()
    }

    fn one(derivation: Derivation) -> [u8; DIGEST] {
        *derivation.alone()
    }

    #[test]
    fn pbkdf2_is_that_of_the_crate() {
        for number in 0..=PASSWORDS.len() {
            for (salt, iterations) in [(salt(8), 1), (salt(16), 2), (salt(32), 3), (salt(200), 1000)] {
                let password = password(number);
                let mut key = [0; 2 * DIGEST];
                pbkdf2::pbkdf2_hmac::<Sha256>(password.as_bytes(), &salt, iterations, &mut key);
                let block = |index| one(Derivation::pbkdf2(password.as_bytes(), &salt, iterations, index));
                assert_eq!([block(1), block(2)].concat(), key, "{password} {iterations}");
            }
        }
    }

    #[test]
    fn a_mac_key_is_that_of_the_crate() {
        for number in 0..=PASSWORDS.len() {
            for (salt, iterations) in [(salt(0), 1), (salt(8), 2), (salt(20), 3), (salt(64), 4), (salt(100), 1000)] {
                let password = password(number);
                let rounds = i32::try_from(iterations).unwrap();
                let characters = java_characters(&password);
                let key = derive_key::<Sha256>(&characters, &salt, Pkcs12KeyType::Mac, rounds, DIGEST);
                assert_eq!(one(Derivation::pkcs12_mac(&password, &salt, iterations)).as_slice(), key);
            }
        }
    }

    #[test]
    fn derivations_side_by_side_do_not_disturb_each_other() {
        let make = || {
            let pbkdf2 = |iterations, index| Derivation::pbkdf2(b"test1234", &salt(20), iterations, index);
            let mac = |iterations| Derivation::pkcs12_mac("test1234", &salt(8), iterations);
            [pbkdf2(100, 1), mac(1), pbkdf2(7, 1), mac(100), mac(13), pbkdf2(1, 1), pbkdf2(100, 2)]
        };
        assert_eq!(derive(make()).map(|key| *key), make().map(one));
    }
}
