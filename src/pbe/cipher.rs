//! The block ciphers, all in CBC with the padding of PKCS#7.

use aes::{Aes128, Aes192, Aes256};
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockCipherDecrypt, BlockCipherEncrypt, BlockModeDecrypt, BlockModeEncrypt, KeyInit, KeyIvInit};
use des::{TdesEde2, TdesEde3};
use rc2::Rc2;
use zeroize::Zeroizing;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cipher {
    Aes128,
    Aes192,
    Aes256,
    TripleDes,
    TwoKeyTripleDes,
    Rc2With128Bits,
    Rc2With40Bits,
}

impl Cipher {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Aes128 => "AES-128",
            Self::Aes192 => "AES-192",
            Self::Aes256 => "AES-256",
            Self::TripleDes => "3DES",
            Self::TwoKeyTripleDes => "two-key 3DES",
            Self::Rc2With128Bits => "128-bit RC2",
            Self::Rc2With40Bits => "40-bit RC2",
        }
    }

    pub(super) fn is_rc2(self) -> bool {
        matches!(self, Self::Rc2With128Bits | Self::Rc2With40Bits)
    }

    /// Says whether the JDK cannot decrypt it: of PBES2 it knows 128 and 256 bits of AES (`com.sun.crypto.provider.PBES2Parameters`),
    /// and of PBES1 no 3DES with two keys.
    pub(super) fn is_unknown_to_java(self, is_pbes2: bool) -> bool {
        if is_pbes2 { !matches!(self, Self::Aes128 | Self::Aes256) } else { self == Self::TwoKeyTripleDes }
    }

    /// In bytes.
    pub(super) fn key_length(self) -> usize {
        match self {
            Self::Aes128 | Self::TwoKeyTripleDes | Self::Rc2With128Bits => 16,
            Self::Aes192 | Self::TripleDes => 24,
            Self::Aes256 => 32,
            Self::Rc2With40Bits => 5,
        }
    }

    /// In bytes: that of a block.
    pub(super) fn iv_length(self) -> usize {
        match self {
            Self::Aes128 | Self::Aes192 | Self::Aes256 => 16,
            Self::TripleDes | Self::TwoKeyTripleDes | Self::Rc2With128Bits | Self::Rc2With40Bits => 8,
        }
    }

    /// Returns `None` if the key or the IV has another length than the cipher's.
    pub(super) fn encrypt(self, key: &[u8], iv: &[u8], plaintext: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::Aes128 => encrypt::<Aes128>(key, iv, plaintext),
            Self::Aes192 => encrypt::<Aes192>(key, iv, plaintext),
            Self::Aes256 => encrypt::<Aes256>(key, iv, plaintext),
            Self::TripleDes => encrypt::<TdesEde3>(key, iv, plaintext),
            Self::TwoKeyTripleDes => encrypt::<TdesEde2>(key, iv, plaintext),
            Self::Rc2With128Bits | Self::Rc2With40Bits => encrypt::<Rc2>(key, iv, plaintext),
        }
    }

    /// Returns `None` if it was not encrypted with this key.
    pub(super) fn decrypt(self, key: &[u8], iv: &[u8], ciphertext: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        match self {
            Self::Aes128 => decrypt::<Aes128>(key, iv, ciphertext),
            Self::Aes192 => decrypt::<Aes192>(key, iv, ciphertext),
            Self::Aes256 => decrypt::<Aes256>(key, iv, ciphertext),
            Self::TripleDes => decrypt::<TdesEde3>(key, iv, ciphertext),
            Self::TwoKeyTripleDes => decrypt::<TdesEde2>(key, iv, ciphertext),
            Self::Rc2With128Bits | Self::Rc2With40Bits => decrypt::<Rc2>(key, iv, ciphertext),
        }
    }
}

fn encrypt<C: BlockCipherEncrypt + KeyInit>(key: &[u8], iv: &[u8], plaintext: &[u8]) -> Option<Vec<u8>> {
    let cipher = cbc::Encryptor::<C>::new_from_slices(key, iv).ok()?;
    Some(cipher.encrypt_padded_vec::<Pkcs7>(plaintext))
}

fn decrypt<C: BlockCipherDecrypt + KeyInit>(key: &[u8], iv: &[u8], ciphertext: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let cipher = cbc::Decryptor::<C>::new_from_slices(key, iv).ok()?;
    // In place, and in a buffer that is wiped whole.
    let mut buffer = Zeroizing::new(ciphertext.to_vec());
    let length = cipher.decrypt_padded::<Pkcs7>(&mut buffer).ok()?.len();
    buffer.truncate(length);
    Some(buffer)
}
