//! Where on a line of a log secrets may stand.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::indexing_slicing))]

use std::ops::Range;

use aho_corasick::{AhoCorasick, BuildError};

/// What the name of a secret has in it, in any case: `ssl.keystore.password`, `keyStorePassword`, `client_secret`.
const NAMES: [&str; 18] = [
    "password",
    "passwd",
    "passphrase",
    "passcode",
    "pwd",
    "storepass",
    "keypass",
    "secret",
    "token",
    "credential",
    "api_key",
    "apikey",
    "api-key",
    "private_key",
    "user.info",
    "user_info",
    "ssl.keystore.key",
    "ssl.key.pem",
];

/// Names whose value is all that follows on the line: a JAAS configuration has its password anywhere in it.
const WHOLE_LINE: [&str; 3] = ["sasl.jaas.config", "sasl_jaas_config", "authorization"];

/// What stands before a token in a request of HTTP, and the fewest bytes of one: `OAUTHBEARER is` is said too.
const BEARER: &str = "bearer ";
const LEAST_OF_TOKEN: usize = 16;

/// What begins a private key.
const KEY: &str = "PRIVATE KEY-----";

/// What stands between the name of a server and who logs in there, `user:password@`.
const SCHEME: &str = "://";

/// The most bytes that the rest of a name has; a line may be one word without an end.
const MOST_OF_NAME: usize = 128;

/// Finds what looks like a secret.
#[derive(Debug)]
pub(super) struct Secrets {
    names: AhoCorasick,
}

impl Secrets {
    pub(super) fn new() -> Result<Self, BuildError> {
        let names = NAMES.iter().chain(&WHOLE_LINE).chain([&KEY, &SCHEME, &BEARER]);
        Ok(Self { names: AhoCorasick::builder().ascii_case_insensitive(true).build(names)? })
    }

    /// Returns where secrets may stand, in their order; some may overlap. Rather too much than too little.
    pub(super) fn find(&self, line: &[u8]) -> Vec<Range<usize>> {
        let mut found = Vec::new();
        let mut at = 0;
        while let Some(name) = line.get(at..).and_then(|rest| self.names.find(rest)) {
            let begin = at;
            let end = begin.saturating_add(name.end());
            at = end;
            let rest = line.get(end..).unwrap_or_default();
            let kind = name.pattern().as_usize();
            let is_option =
                name.start().checked_sub(1).and_then(|before| line.get(begin..)?.get(before)) == Some(&b'-');
            let range = if kind < NAMES.len() {
                value(rest).or_else(|| if is_option { argument(rest) } else { None })
            } else if kind < NAMES.len().saturating_add(WHOLE_LINE.len()) {
                assigned(rest).map(|start| start..rest.len())
            } else if kind == NAMES.len().saturating_add(WHOLE_LINE.len()) {
                Some(0..memchr::memmem::find(rest, b"-----END").unwrap_or(rest.len()))
            } else if kind == NAMES.len().saturating_add(WHOLE_LINE.len()).saturating_add(1) {
                login(rest)
            } else {
                token(rest)
            };
            if let Some(range) = range.filter(|range| !range.is_empty()) {
                let range = end.saturating_add(range.start)..end.saturating_add(range.end);
                at = range.end;
                found.push(range);
            }
        }
        found
    }
}

/// Returns where what is assigned begins, in what follows a name: behind `=`, `:`, `=>` or `": "`. The rest of a name may lie between,
/// as in `password.file`.
fn assigned(rest: &[u8]) -> Option<usize> {
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"._-".contains(byte);
    let name = rest.iter().take(MOST_OF_NAME).take_while(|byte| is_name(byte)).count();
    let (name_end, behind) = rest.split_at_checked(name)?;
    if ["Exception", "Error"].iter().any(|kind| name_end.ends_with(kind.as_bytes())) {
        // `TopicAuthorizationException: ` has a message behind it.
        return None;
    }
    let gap = behind.iter().take_while(|byte| b" \t\"'\\]".contains(byte)).count();
    let sign = behind.get(gap..)?;
    let signs = sign.iter().take_while(|byte| b"=:>".contains(byte)).count();
    if signs == 0 {
        return None;
    }
    let blanks = sign.get(signs..)?.iter().take_while(|byte| b" \t".contains(byte)).count();
    name.checked_add(gap)?.checked_add(signs)?.checked_add(blanks)
}

/// Returns where the value of an option is, `-storepass VALUE`.
fn argument(rest: &[u8]) -> Option<Range<usize>> {
    let start = rest.iter().take_while(|byte| **byte == b' ').count();
    let length = rest.get(start..)?.iter().take_while(|byte| !byte.is_ascii_whitespace()).count();
    (start > 0).then_some(start..start.checked_add(length)?)
}

/// Returns where the value is that belongs to a name: in quotes, or up to the next blank or comma.
fn value(rest: &[u8]) -> Option<Range<usize>> {
    let start = assigned(rest)?;
    let text = rest.get(start..)?;
    let slashes = text.iter().take_while(|byte| **byte == b'\\').count();
    let quote = text.get(slashes).copied().filter(|byte| b"\"'".contains(byte));
    let length = match quote {
        Some(quote) => {
            let opening = slashes.checked_add(1)?;
            let closing = closing(text.get(opening..)?, quote, slashes);
            return Some(start.checked_add(opening)?..start.checked_add(opening)?.checked_add(closing)?);
        }
        None => text.iter().take_while(|byte| !byte.is_ascii_whitespace() && !b",;)}&\"".contains(byte)).count(),
    };
    Some(start..start.checked_add(length)?)
}

/// Returns how far a quoted text reaches: up to the same quote with as many backslashes before it.
fn closing(text: &[u8], quote: u8, slashes: usize) -> usize {
    let mut run = 0_usize;
    for (at, byte) in text.iter().enumerate() {
        if *byte == quote && run == slashes {
            return at.saturating_sub(slashes);
        }
        run = if *byte == b'\\' { run.saturating_add(1) } else { 0 };
    }
    text.len()
}

/// Returns where a token is that stands first.
fn token(rest: &[u8]) -> Option<Range<usize>> {
    let is_token = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(byte);
    let length = rest.iter().take_while(|byte| is_token(byte)).count();
    (length >= LEAST_OF_TOKEN).then_some(0..length)
}

/// Returns where the password of `user:password@host` is.
fn login(rest: &[u8]) -> Option<Range<usize>> {
    let place = rest.iter().take_while(|byte| !byte.is_ascii_whitespace() && !b"/\"'".contains(byte)).count();
    let place = rest.get(..place)?;
    let at = memchr::memrchr(b'@', place)?;
    let colon = memchr::memchr(b':', place.get(..at)?)?;
    Some(colon.checked_add(1)?..at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masked(line: &str) -> String {
        let mut out = String::new();
        let mut at = 0;
        for range in Secrets::new().unwrap().find(line.as_bytes()) {
            out += &line[at..range.start];
            out += "*";
            at = range.end;
        }
        out + &line[at..]
    }

    #[test]
    fn values_of_passwords_are_found_however_they_are_written() {
        for (line, expected) in [
            ("ssl.keystore.password=changeit, next=1", "ssl.keystore.password=*, next=1"),
            ("\tssl.key.password = [hidden]", "\tssl.key.password = *"),
            ("-Djavax.net.ssl.keyStorePassword=x -jar", "-Djavax.net.ssl.keyStorePassword=* -jar"),
            (r#"{"password":"a b\"c","x":1}"#, r#"{"password":"*","x":1}"#),
            (r#"{\"sasl.password\":\"a b\",\"x\":1}"#, r#"{\"sasl.password\":\"*\",\"x\":1}"#),
            ("password='it is' then", "password='*' then"),
            ("Passphrase: open sesame", "Passphrase: * sesame"),
            ("sasl.jaas.config=Plain required username=u password=\"p\";", "sasl.jaas.config=*"),
            ("connect to https://u:p%40@host/x", "connect to https://u:*@host/x"),
            ("Authorization: Bearer abc.def", "Authorization: *"),
            ("ssl.keystore.key=-----BEGIN", "ssl.keystore.key=*"),
            (
                "-----BEGIN PRIVATE KEY-----MIIE-----END PRIVATE KEY-----",
                "-----BEGIN PRIVATE KEY-----*-----END PRIVATE KEY-----",
            ),
            ("keytool -storepass changeit -list", "keytool -storepass * -list"),
            ("client_secret => s3 x", "client_secret => * x"),
            ("basic.auth.user.info=bob:s3 x", "basic.auth.user.info=* x"),
            ("db_pwd=s3; x", "db_pwd=*; x"),
            ("sent Bearer eyJhbGciOiJub25lIn0.e30. x", "sent Bearer * x"),
            ("AuthorizationException: password=s3 x", "AuthorizationException: password=* x"),
        ] {
            assert_eq!(masked(line), expected);
        }
    }

    #[test]
    fn a_name_without_an_end_is_none() {
        let name = |length: usize| "password".to_owned() + &"x".repeat(length);
        assert_eq!(masked(&(name(100) + "=1")), name(100) + "=*");
        // Each of these words would be read to the end of the line.
        let line = "password".repeat(1 << 17);
        assert_eq!(masked(&(line.clone() + "=1")), line + "=*");
    }

    #[test]
    fn words_about_passwords_are_none() {
        for line in [
            "Keystore was tampered with, or password was incorrect",
            "SSL key store is specified, but key store password is not specified.",
            "https://host:9093/path@x",
            "token",
            "mechanism OAUTHBEARER is not enabled",
            "TopicAuthorizationException: Not authorized to access topics: [a]",
            "InvalidCredentialError: it is so",
            "",
        ] {
            assert_eq!(masked(line), line);
        }
    }
}
