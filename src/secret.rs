//! Passwords, so held that they cannot be printed and are wiped when they go.

use std::fmt;

use zeroize::Zeroizing;

use crate::random::{Random, RandomError};

/// The fewest characters that keytool takes for a store password.
pub const MIN_STORE_PASSWORD: usize = 6;

/// The most bytes that OpenSSL's commands read of a password (`PEM_BUFSIZE` less its end).
pub const MAX_PASSWORD: usize = 1023;

/// Below this many characters a JKS store that is stolen is soon opened: JKS costs one SHA-1 a guess.
pub const SHORT_PASSWORD: usize = 12;

/// The PBKDF2 iterations for a password that was made: the JDK's own count for PKCS#12, and enough for 128 random bits.
pub const ITERATIONS_MADE_PASSWORD: u32 = 10_000;

/// The PBKDF2 iterations for a password that a person chose: what OWASP recommends for PBKDF2-HMAC-SHA256.
pub const ITERATIONS_OWN_PASSWORD: u32 = 600_000;

/// 26 characters of 5 bits each are 130 bits.
const MADE_LENGTH: usize = 26;

/// Letters and digits that no shell, no properties file and no reader takes for something else.
const MADE_ALPHABET: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz023456789";

/// What is wrong with a password. Never holds the password itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum PasswordError {
    /// No character at all.
    Empty,
    /// A carriage return or a line feed.
    LineBreak,
    /// A character that PKCS#12 in Java cannot use: "Password is not ASCII" (`com.sun.crypto.provider.PBEKey`).
    NotAscii,
    /// A NUL, which ends the password for some readers.
    Nul,
    /// More than [`MAX_PASSWORD`] bytes.
    TooLong(usize),
    /// A blank at an end: Kafka trims the values of its settings (`ConfigDef.parseType`).
    Trimmed,
    /// Fewer than [`MIN_STORE_PASSWORD`] characters.
    TooShort(usize),
}

impl fmt::Display for PasswordError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => write!(f, "the password is empty"),
            Self::LineBreak => write!(f, "the password has a line break in it"),
            Self::NotAscii => {
                write!(
                    f,
                    "the password has a character outside printable ASCII, and Java opens no PKCS#12 store with it"
                )
            }
            Self::Nul => write!(f, "the password has a NUL in it"),
            Self::TooLong(length) => {
                write!(f, "the password has {length} bytes, {MAX_PASSWORD} are the most that OpenSSL reads")
            }
            Self::Trimmed => write!(f, "the password begins or ends with a blank, which Kafka takes off"),
            Self::TooShort(length) => {
                write!(f, "the password has {length} characters, {MIN_STORE_PASSWORD} are the least")
            }
        }
    }
}

impl std::error::Error for PasswordError {}

/// A password of a store, a key or a CA key: not empty, without NUL and line breaks.
#[derive(Clone, PartialEq, Eq)]
pub struct Password {
    text: Zeroizing<String>,
    made: bool,
}

impl Password {
    /// Takes a password that a person or a program has given.
    pub fn new(text: Zeroizing<String>) -> Result<Self, PasswordError> {
        if text.is_empty() {
            return Err(PasswordError::Empty);
        }
        if text.contains('\0') {
            return Err(PasswordError::Nul);
        }
        if text.contains(['\r', '\n']) {
            return Err(PasswordError::LineBreak);
        }
        Ok(Self { text, made: false })
    }

    /// Makes a password of 130 random bits, in ASCII letters and digits.
    pub fn make(random: &dyn Random) -> Result<Self, RandomError> {
        let mut bytes = Zeroizing::new([0_u8; MADE_LENGTH]);
        random.fill(bytes.as_mut())?;
        let mut text = Zeroizing::new(String::with_capacity(MADE_LENGTH));
        // 256 is a multiple of 32, so that every character is as likely as any other.
        text.extend(bytes.iter().map(|byte| char::from(MADE_ALPHABET[usize::from(byte % 32)])));
        Ok(Self { text, made: true })
    }

    /// Returns the password itself. What takes it keeps it out of messages and wipes its copies.
    pub fn expose(&self) -> &str {
        &self.text
    }

    /// Says whether the password was made here, with at least 128 bits, and not by a person.
    pub fn is_made(&self) -> bool {
        self.made
    }

    /// Says whether a person has chosen it, and so few characters that a stolen JKS store would soon be open.
    pub fn is_short(&self) -> bool {
        !self.made && self.text.chars().count() < SHORT_PASSWORD
    }

    /// Checks that it has six characters or more, as keytool wants, and no more bytes than OpenSSL reads.
    pub fn check_length(&self) -> Result<(), PasswordError> {
        match self.text.chars().count() {
            length if length < MIN_STORE_PASSWORD => Err(PasswordError::TooShort(length)),
            _ if self.text.len() > MAX_PASSWORD => Err(PasswordError::TooLong(self.text.len())),
            _ => Ok(()),
        }
    }

    /// Checks that keytool takes it for a store, and that Kafka reads it from its properties as it is.
    pub fn check_store(&self) -> Result<(), PasswordError> {
        // Java's String.trim: everything up to U+0020 at either end.
        if self.text.starts_with(|c| c <= ' ') || self.text.ends_with(|c| c <= ' ') {
            return Err(PasswordError::Trimmed);
        }
        self.check_length()
    }

    /// Checks that every reader of PKCS#12 can use it: `0x20..=0x7E` only.
    pub fn check_pkcs12(&self) -> Result<(), PasswordError> {
        if self.text.bytes().all(|b| (0x20..=0x7E).contains(&b)) { Ok(()) } else { Err(PasswordError::NotAscii) }
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SystemRandom;

    fn given(text: &str) -> Result<Password, PasswordError> {
        Password::new(Zeroizing::new(text.to_owned()))
    }

    #[test]
    fn a_made_password_is_long_ascii_and_never_the_same() {
        let one = Password::make(&SystemRandom).unwrap();
        let other = Password::make(&SystemRandom).unwrap();
        assert_ne!(one, other);
        assert_eq!(one.expose().len(), 26);
        assert!(one.expose().bytes().all(|b| MADE_ALPHABET.contains(&b)));
        assert!(one.is_made() && !one.is_short());
    }

    #[test]
    fn what_ends_or_splits_a_password_for_some_reader_is_refused() {
        assert_eq!(given(""), Err(PasswordError::Empty));
        assert_eq!(given("a\0b"), Err(PasswordError::Nul));
        assert_eq!(given("secret\r"), Err(PasswordError::LineBreak));
        assert_eq!(given("sec\nret"), Err(PasswordError::LineBreak));
    }

    #[test]
    fn the_limits_are_those_of_keytool_and_of_java() {
        assert_eq!(given("12345").unwrap().check_store(), Err(PasswordError::TooShort(5)));
        assert_eq!(given("123456").unwrap().check_store(), Ok(()));
        assert_eq!(given(&"x".repeat(1023)).unwrap().check_store(), Ok(()));
        assert_eq!(given(&"x".repeat(1024)).unwrap().check_store(), Err(PasswordError::TooLong(1024)));
        assert_eq!(given("пароль").unwrap().check_store(), Ok(()));
        assert_eq!(given("пароль").unwrap().check_pkcs12(), Err(PasswordError::NotAscii));
        assert_eq!(given("tab\tbed").unwrap().check_pkcs12(), Err(PasswordError::NotAscii));
        assert_eq!(given(" ~!@#").unwrap().check_pkcs12(), Ok(()));
        for text in [" secret", "secret ", "secret\t"] {
            assert_eq!(given(text).unwrap().check_store(), Err(PasswordError::Trimmed));
        }
        assert!(given("test1234").unwrap().is_short());
        assert!(!given("test12345678").unwrap().is_short());
    }

    #[test]
    fn a_password_does_not_show_itself() {
        assert_eq!(format!("{:?}", given("hunter22").unwrap()), "Password(…)");
    }
}
