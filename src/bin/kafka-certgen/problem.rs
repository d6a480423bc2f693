//! What went wrong, with a hint that can be acted on. Only here are errors and flags known together.

use std::path::Path;

use anyhow::Error;
use kafka_certgen::name::dn::{self, DnError};
use kafka_certgen::name::pattern::PatternError;
use kafka_certgen::name::{HostError, NameError, printable};
use kafka_certgen::output::OutputError;
use kafka_certgen::pipeline::{self, Cause};
use kafka_certgen::secret::PasswordError;
use kafka_certgen::spec::{DaysError, SpecError, UnknownValue, ValidityError, WhichPassword};

use crate::report::{quote, quote_path};
use crate::secrets::SourceError;

mod apply;
mod config;
mod diagnose;
mod export;
mod handshake;
mod inspect;
mod steps;
mod verify;

pub(crate) use apply::place_of;

/// The exit status of a run that failed and changed nothing.
pub(crate) const FAILED: u8 = 1;

/// The exit status of a call that was wrong.
pub(crate) const USAGE: u8 = 2;

/// The exit status of a command that has looked, and found faults.
pub(crate) const FAULTS: u8 = 3;

/// The exit status of a run that was asked to stop, as a shell has it for Ctrl-C.
pub(crate) const STOPPED: u8 = 130;

/// One mistake or failure.
pub(crate) struct Problem {
    pub(crate) error: Error,
    pub(crate) hint: Option<String>,
    status: u8,
}

/// Everything that is wrong with a call, the one thing that went wrong in a run, or nothing but faults that were found and shown.
pub(crate) struct Failure(pub(crate) Vec<Problem>);

/// A mistake in the value of a flag: says what can be done about it, with that flag.
pub(crate) trait Mistake: std::error::Error {
    fn hint(&self, flag: &str) -> String;
}

impl Problem {
    /// A mistake in the call.
    pub(crate) fn usage(error: impl Into<Error>, hint: impl Into<String>) -> Self {
        Self { error: error.into(), hint: Some(hint.into()), status: USAGE }
    }

    /// A mistake in the value of a flag.
    pub(crate) fn of_flag(flag: &str, mistake: &impl Mistake) -> Self {
        let hint = mistake.hint(flag);
        Self::usage(anyhow::anyhow!("{flag}: {mistake}"), hint)
    }

    /// A password that does not come from where it shall; the flag says it in the place of whatever has.
    pub(crate) fn of_secret(label: &str, flag: &str, mistake: &impl Mistake) -> Self {
        Self::usage(anyhow::anyhow!("{label}: {mistake}"), mistake.hint(flag))
    }

    fn failed(error: impl Into<Error>, hint: Option<&str>) -> Self {
        Self { error: error.into(), hint: hint.map(str::to_owned), status: FAILED }
    }
}

impl Problem {
    /// A run that was asked to stop, and has.
    pub(crate) fn stopped(text: String) -> Self {
        Self { error: anyhow::anyhow!(text), hint: None, status: STOPPED }
    }

    /// A manual page that is asked for, of a command that is none.
    pub(crate) fn no_page<'a>(name: &str, commands: impl Iterator<Item = &'a str>) -> Self {
        let commands: Vec<&str> = commands.filter(|command| !command.is_empty()).collect();
        Self::usage(
            anyhow::anyhow!("there is no command `{}`", printable(name)),
            format!("use one of {}, or none for the page of the program", commands.join(", ")),
        )
    }

    /// Says whether the run was asked to stop.
    pub(crate) fn is_stop(&self) -> bool {
        self.status == STOPPED
    }
}

/// Returns a path as it is shown, and typed.
fn shown(path: &Path) -> String {
    if path.as_os_str() == "-" {
        return "the standard input".to_owned();
    }
    quote_path(&printable(&path.to_string_lossy()))
}

impl Failure {
    /// Returns the exit status: a wrong call outweighs what the disk would have said. Faults that were found have been shown.
    pub(crate) fn status(&self) -> u8 {
        self.0.iter().map(|problem| problem.status).max().unwrap_or(FAULTS)
    }

    pub(crate) fn from_pipeline(error: pipeline::Error) -> Self {
        Self(match error {
            pipeline::Error::Output(error) => vec![error.into()],
            pipeline::Error::Bundle(error) => vec![Problem::of_bundle(&error)],
            pipeline::Error::NoCaKey => vec![Problem::no_ca_key(None)],
            pipeline::Error::Stopped => vec![Problem::stopped("stopped: nothing was made".to_owned())],
            pipeline::Error::Spec(errors) => errors.into_iter().map(Problem::from).collect(),
            error => {
                let hint = match &error {
                    pipeline::Error::Step(_, _, Cause::Random(_)) => "try again; if it stays so, see `dmesg`",
                    _ => "this should not happen: please report it, with the command line but without any secret",
                };
                vec![Problem::failed(error, Some(hint))]
            }
        })
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self(vec![problem])
    }
}

impl From<std::io::Error> for Problem {
    fn from(error: std::io::Error) -> Self {
        let error = anyhow::anyhow!("the result cannot be printed: {}", crate::secrets::reason(&error));
        Self::failed(error, Some("send the standard output somewhere that can hold it; nothing was made"))
    }
}

impl Mistake for NameError {
    fn hint(&self, flag: &str) -> String {
        let is_alias = flag.ends_with("alias");
        match self {
            Self::Empty if is_alias => format!("give a name, as in `{flag} broker1`"),
            Self::Empty => {
                format!("give a name, as in `{flag} {}`", if flag == "--client" { "app1" } else { "broker1" })
            }
            _ if is_alias => format!("use letters, digits, `.` and `-`, as in `{flag} broker1`"),
            Self::InvalidCharacter(_, '*') => "name the host itself, and put the wildcard into `--san`".to_owned(),
            Self::InvalidCharacter(_, ':') => {
                format!("give the name without a port, as in `{flag} broker1`; an IPv6 address goes into `--san`")
            }
            Self::InvalidCharacter(_, c) if !c.is_ascii() => {
                "write an international host name in its ASCII form, which begins with `xn--`".to_owned()
            }
            Self::PathLike(_) => "give the name alone; `--out DIR` says where the files go".to_owned(),
            Self::Reserved(_) => format!("give another name with `{flag}`, and the host's own with `--san`"),
            Self::TooLong { limit, .. } => {
                format!("give a name of {limit} characters or less with `{flag}`, and the long one with `--san`")
            }
            _ => format!("use letters, digits, `.` and `-`, beginning with a letter or a digit: `{flag} broker1`"),
        }
    }
}

impl Mistake for HostError {
    fn hint(&self, flag: &str) -> String {
        match self {
            Self::AddressAsName(address) => format!("give it as an address: `{flag} {address}`"),
            Self::Underscore(name) => {
                format!("give the host a name without it, such as `{}`", name.replace('_', "-"))
            }
            Self::UnspecifiedAddress(_) => "give the address or name that clients connect to".to_owned(),
            Self::Wildcard(_) => format!("write it as in `{flag} '*.example.com'`"),
            Self::NotAnAddress(text) if text.starts_with('[') => {
                format!("write it without brackets: `{flag} {}`", text.trim_matches(['[', ']']))
            }
            Self::NotAnAddress(_) => format!("write it as in `{flag} 10.0.0.1` or `{flag} ::1`"),
            Self::InvalidCharacter(_, c) if !c.is_ascii() => {
                "write an international host name in its ASCII form, which begins with `xn--`".to_owned()
            }
            Self::EmptyLabel(_) => format!("write the name without a dot at its end: `{flag} broker1.example.com`"),
            _ => format!("use letters, digits and hyphens, with dots between: `{flag} broker1.example.com`"),
        }
    }
}

impl Mistake for PatternError {
    fn hint(&self, flag: &str) -> String {
        format!("write a range as in `{flag} 'broker[1-3].example.com'` or `{flag} 'broker1.{{eu,us}}'`")
    }
}

impl Mistake for DnError {
    fn hint(&self, flag: &str) -> String {
        match self {
            _ if flag == "--ca-cn" => "give a name of 64 characters or less, as in `--ca-cn 'Kafka CA'`".to_owned(),
            Self::UnknownType(_) => format!("use one of {}", dn::known_types().collect::<Vec<_>>().join(", ")),
            Self::Country(_) => "use the code of ISO 3166, as in `C=US`".to_owned(),
            Self::Escape(_) => "write a backslash as `\\\\`, a comma in a value as `\\,`".to_owned(),
            _ => format!("write it as in `{flag} 'OU=Kafka,O=Acme\\, Inc.,C=US'`"),
        }
    }
}

impl Mistake for DaysError {
    fn hint(&self, flag: &str) -> String {
        format!("give a number of days, as in `{flag} 365`")
    }
}

impl Mistake for UnknownValue {
    fn hint(&self, _flag: &str) -> String {
        format!("use one of {}", self.known.join(", "))
    }
}

impl Mistake for SourceError {
    fn hint(&self, flag: &str) -> String {
        match self {
            Self::NoTerminal => format!("use `{flag} file:PATH` or `{flag} env:NAME`"),
            Self::NotInEnvironment(name) => format!("export {name}, or use `{flag} file:PATH`"),
            Self::Password(_, PasswordError::Empty) => {
                format!("write the password into it, or leave `{flag}` out to have one made")
            }
            Self::Password(..) => "put the password alone into it, on one line".to_owned(),
            Self::Descriptor(..) => format!("open it for reading by this user, or use `{flag} file:PATH`"),
            Self::Read(..) => {
                format!("name a file that you can read, with the password on its only line: `{flag} file:PATH`")
            }
            Self::TooLong(_) => "put the password alone into it".to_owned(),
            Self::Twice => "try again".to_owned(),
            Self::Unknown => {
                format!("write it as in `{flag} file:PATH`; also env:NAME, fd:N, stdin, prompt, pass:VALUE")
            }
        }
    }
}

impl From<SpecError> for Problem {
    fn from(error: SpecError) -> Self {
        let hint = match &error {
            SpecError::AliasOfCa(..) => "choose another one with `--alias`, or `--ca-alias` for the CA".to_owned(),
            SpecError::BrokerName(_, error) => error.hint("--cn"),
            SpecError::CaseCollision(..) => "give one of them another name".to_owned(),
            SpecError::CaValidity(ValidityError::BeforeEpoch) => "set the clock: `date`".to_owned(),
            SpecError::CaValidity(_) => "use `--ca-validity 3650`".to_owned(),
            SpecError::Duplicate(_) => "name it once".to_owned(),
            SpecError::Ed25519InPem => "use `--key-alg ec-p256`, or `--format pkcs12`".to_owned(),
            SpecError::KeyPasswordForPlainPem => {
                "use `--pem-key pbes2` (Java 21 and later), or leave `--keypass` out".to_owned()
            }
            SpecError::KeyPasswordInPkcs12 => "use `--format jks`, or leave `--keypass` out".to_owned(),
            SpecError::NoNode => "name a broker: `kafka-certgen init --cn broker1`".to_owned(),
            SpecError::OutlivesCa { days, ca_days } => {
                format!("use `--validity {ca_days}` or less, or `--ca-validity {days}` or more")
            }
            SpecError::Password(which, _) | SpecError::PemPassword(which, _) => {
                let flag = match which {
                    WhichPassword::Ca => "--ca-pass",
                    WhichPassword::Key => "--keypass",
                    WhichPassword::Store => "--storepass",
                };
                format!("give another one, or leave `{flag}` out to have one made")
            }
            SpecError::ScriptLayout(_) => "name one broker with `--cn`, or use `--layout nodes`".to_owned(),
            SpecError::SubjectOfCa(_) => "give the CA another name with `--ca-cn`".to_owned(),
            _ => "see `kafka-certgen init --help`".to_owned(),
        };
        Self::usage(error, hint)
    }
}

impl From<OutputError> for Problem {
    fn from(error: OutputError) -> Self {
        let hint = match &error {
            OutputError::NotEmpty(_) | OutputError::NotAFolder(_) | OutputError::SymbolicLink(_) => {
                Some("name another folder with `--out DIR`, or move this one away".to_owned())
            }
            OutputError::Locked(_) => Some("wait for it, or name a folder elsewhere with `--out DIR`".to_owned()),
            OutputError::MountPoint(path) => {
                Some(format!("name a folder in it: `--out {}`", quote(&path.join("kafka-certs").to_string_lossy())))
            }
            OutputError::NoParent(path) => Some(format!("make it: `mkdir -p {}`", quote(&path.to_string_lossy()))),
            OutputError::NotWritable(..) => Some("name a folder that you can write to with `--out DIR`".to_owned()),
            OutputError::WorkingFolder(_) => Some("name a folder below it: `--out kafka-certs`".to_owned()),
            OutputError::Changed(_) => Some("run it again: it starts from what is there by then".to_owned()),
            OutputError::LinkInside(path) => Some(format!(
                "put what it leads to in its place, or remove it: `rm {}`",
                quote(&path.to_string_lossy())
            )),
            OutputError::NotCarried(path) | OutputError::NotAFile(path) | OutputError::TooLarge(path, _) => {
                Some(format!("move {} out of the bundle, and run it again", quote(&path.to_string_lossy())))
            }
            OutputError::TooDeep(path, _) | OutputError::TooMany(path, _) => {
                Some(format!("move what does not belong there out of {}", quote(&path.to_string_lossy())))
            }
            OutputError::Io { source, .. } => Some(io_hint(source).to_owned()),
            _ => None,
        };
        let mut problem = Self::failed(readable(&error), None);
        problem.hint = hint;
        problem
    }
}

/// Says what can be done where a single file could not be written.
fn io_reason(error: &std::io::Error) -> &'static str {
    use std::io::ErrorKind;
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => "make room, and run it again",
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => "name a file that you can write to",
        _ => "name a file elsewhere",
    }
}

fn io_hint(error: &std::io::Error) -> &'static str {
    use std::io::ErrorKind;
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => "make room, or name a folder elsewhere with `--out DIR`",
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
            "name a folder that you can write to with `--out DIR`"
        }
        _ => "name a folder elsewhere with `--out DIR`",
    }
}

/// Replaces the system's error below an [`OutputError`] by its sentence.
fn readable(error: &OutputError) -> Error {
    let cause = match error {
        OutputError::Io { source, .. } | OutputError::NotWritable(_, source) => Some(crate::secrets::reason(source)),
        _ => None,
    };
    match cause {
        Some(cause) => anyhow::anyhow!(cause).context(error.to_string()),
        None => anyhow::anyhow!(error.to_string()),
    }
}
