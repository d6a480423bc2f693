//! Where secrets come from, as users of `openssl -passin` know it.

use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, IsTerminal, Read};
use std::path::PathBuf;

use kafka_certgen::script::SecretReference;
use kafka_certgen::secret::{Password, PasswordError};
use zeroize::Zeroizing;

/// The most that is read of a source: more is no password.
const MAX_BYTES: usize = 4096;

/// A source as it was typed.
#[derive(Clone)]
pub(crate) enum Source {
    Environment(String),
    FileDescriptor(u32),
    File(PathBuf),
    Pass(Zeroizing<String>),
    /// A person at the terminal, who types it twice if nothing would show a mistake.
    Prompt {
        twice: bool,
    },
    StandardInput,
}

/// Why no password came from a source. Never holds what was read.
#[derive(Debug)]
pub(crate) enum SourceError {
    /// A file descriptor could not be opened again, which takes the right to open what it stands for.
    Descriptor(u32, io::Error),
    /// Prompting is forbidden or impossible.
    NoTerminal,
    /// The environment variable is not set or not UTF-8.
    NotInEnvironment(String),
    /// Not a password after all.
    Password(String, PasswordError),
    /// It could not be read.
    Read(String, io::Error),
    /// More than [`MAX_BYTES`].
    TooLong(String),
    /// What was typed twice was not the same.
    Twice,
    /// Not one of the forms of a source. The text itself may be a password, so it is not kept.
    Unknown,
}

impl fmt::Display for SourceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Descriptor(number, error) => {
                write!(f, "the file descriptor {number} cannot be read: {}", reason(error))
            }
            Self::NoTerminal => {
                write!(f, "a password is to be asked for, but there is no terminal, or --batch forbids it")
            }
            Self::NotInEnvironment(name) => write!(f, "the environment variable `{name}` is not set, or is not UTF-8"),
            Self::Password(from, error) => write!(f, "{from} holds no password that can be used: {error}"),
            Self::Read(from, error) => write!(f, "{from} cannot be read: {}", reason(error)),
            Self::TooLong(from) => write!(f, "{from} holds more than {MAX_BYTES} bytes, which is no password"),
            Self::Twice => write!(f, "the two passwords that were typed are not the same"),
            Self::Unknown => write!(f, "a password is given by its source, and this is none"),
        }
    }
}

impl std::error::Error for SourceError {}

/// Returns an I/O error's sentence without its number.
pub(crate) fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or(&text).to_lowercase()
}

impl Source {
    /// Parses `file:PATH`, `env:NAME`, `fd:N`, `stdin`, `prompt` or `pass:VALUE`.
    pub(crate) fn parse(text: &str) -> Result<Self, SourceError> {
        Ok(match text.split_once(':') {
            None if text == "stdin" => Self::StandardInput,
            None if text == "prompt" => Self::Prompt { twice: true },
            Some(("file", path)) if !path.is_empty() => Self::File(path.into()),
            Some(("env", name)) if !name.is_empty() => Self::Environment(name.to_owned()),
            Some(("fd", number)) => Self::FileDescriptor(number.parse().map_err(|_| SourceError::Unknown)?),
            Some(("pass", value)) => Self::Pass(Zeroizing::new(value.to_owned())),
            _ => return Err(SourceError::Unknown),
        })
    }

    /// Returns the source of a password that something which is there has already: who types it wrongly is told so.
    pub(crate) fn known(self) -> Self {
        match self {
            Self::Prompt { .. } => Self::Prompt { twice: false },
            other => other,
        }
    }

    /// Returns where a printed script would take the secret from.
    pub(crate) fn reference(&self) -> SecretReference {
        match self {
            Self::Environment(name) => SecretReference::Environment(name.clone()),
            // What stands for a descriptor or a pipe of this process is gone when the script runs.
            Self::File(_) if self.is_of_process() => SecretReference::Asked,
            Self::File(path) => SecretReference::File(std::path::absolute(path).unwrap_or_else(|_| path.clone())),
            Self::FileDescriptor(_) | Self::Pass(_) | Self::Prompt { .. } | Self::StandardInput => {
                SecretReference::Asked
            }
        }
    }

    /// Says whether reading it asks a person, or takes away what others could read.
    pub(crate) fn is_consumed(&self) -> bool {
        matches!(self, Self::FileDescriptor(_) | Self::Prompt { .. } | Self::StandardInput)
    }

    /// Says whether it can be read only as long as others may look into this process.
    pub(crate) fn is_of_process(&self) -> bool {
        match self {
            Self::FileDescriptor(_) => true,
            Self::File(path) => path.starts_with("/dev") || path.starts_with("/proc"),
            _ => false,
        }
    }

    /// Reads the password; `what` is what it is for.
    pub(crate) fn read(&self, what: &str, batch: bool) -> Result<Password, SourceError> {
        let (from, text) = match self {
            Self::Environment(name) => {
                let value = std::env::var(name).map_err(|_| SourceError::NotInEnvironment(name.clone()))?;
                (format!("the environment variable `{name}`"), Zeroizing::new(value))
            }
            Self::File(path) => {
                let from = format!("the file `{}`", path.display());
                let text = File::open(path)
                    .map_err(|e| SourceError::Read(from.clone(), e))
                    .and_then(|f| read_all(&from, f))?;
                (from, text)
            }
            Self::FileDescriptor(number) => {
                let from = format!("the file descriptor {number}");
                let file = File::open(format!("/dev/fd/{number}")).map_err(|e| SourceError::Descriptor(*number, e))?;
                let text = read_all(&from, file)?;
                (from, text)
            }
            Self::Pass(value) => ("`pass:`".to_owned(), value.clone()),
            Self::Prompt { twice } => ("what was typed".to_owned(), prompt(what, *twice, batch)?),
            Self::StandardInput => ("the line of the standard input".to_owned(), read_line()?),
        };
        Password::new(text).map_err(|error| SourceError::Password(from, error))
    }
}

/// Reads a file of one line, and takes exactly one LF or CRLF off its end.
fn read_all(from: &str, mut file: impl Read) -> Result<Zeroizing<String>, SourceError> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(MAX_BYTES + 1));
    file.by_ref()
        .take(MAX_BYTES as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(|e| SourceError::Read(from.to_owned(), e))?;
    line(from, bytes)
}

/// Reads the next line of the standard input; what follows stays in its buffer, for the next secret.
fn read_line() -> Result<Zeroizing<String>, SourceError> {
    let from = "the standard input";
    let mut bytes = Zeroizing::new(Vec::with_capacity(MAX_BYTES + 1));
    let mut input = io::stdin().lock();
    input
        .by_ref()
        .take(MAX_BYTES as u64 + 1)
        .read_until(b'\n', &mut bytes)
        .map_err(|e| SourceError::Read(from.to_owned(), e))?;
    line(from, bytes)
}

fn line(from: &str, mut bytes: Zeroizing<Vec<u8>>) -> Result<Zeroizing<String>, SourceError> {
    if bytes.len() > MAX_BYTES {
        return Err(SourceError::TooLong(from.to_owned()));
    }
    if bytes.last() == Some(&b'\n') {
        bytes.pop();
        if bytes.last() == Some(&b'\r') {
            bytes.pop();
        }
    }
    let not_utf8 = || SourceError::Read(from.to_owned(), io::Error::new(io::ErrorKind::InvalidData, "it is not UTF-8"));
    std::str::from_utf8(&bytes).map(|text| Zeroizing::new(text.to_owned())).map_err(|_| not_utf8())
}

fn prompt(what: &str, twice: bool, batch: bool) -> Result<Zeroizing<String>, SourceError> {
    if batch || !io::stdin().is_terminal() {
        return Err(SourceError::NoTerminal);
    }
    let ask = |question: String| {
        rpassword::prompt_password(question)
            .map(Zeroizing::new)
            .map_err(|error| SourceError::Read("the terminal".to_owned(), error))
    };
    let first = ask(format!("{what}: "))?;
    if twice && ask(format!("{what}, once more: "))? != first {
        return Err(SourceError::Twice);
    }
    Ok(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(bytes: &[u8]) -> Result<String, String> {
        read_all("it", bytes).map(|text| text.to_string()).map_err(|error| error.to_string())
    }

    #[test]
    fn exactly_one_line_ending_is_taken_off() {
        assert_eq!(given(b"secret\n").unwrap(), "secret");
        assert_eq!(given(b"secret\r\n").unwrap(), "secret");
        assert_eq!(given(b"secret\n\n").unwrap(), "secret\n");
        assert_eq!(given(b" secret ").unwrap(), " secret ");
        assert_eq!(given(b"").unwrap(), "");
    }

    #[test]
    fn what_is_no_password_is_refused_without_being_shown() {
        assert_eq!(given(&[b'x'; 4097]).unwrap_err(), "it holds more than 4096 bytes, which is no password");
        assert_eq!(given(b"\xff\xfe").unwrap_err(), "it cannot be read: it is not utf-8");
        for text in ["hunter22", "file:", "env:", "fd:x", "fd:-1", "password:hunter22"] {
            let error = Source::parse(text).err().unwrap().to_string();
            assert!(!error.contains("hunter22"), "{error}");
        }
    }
}
