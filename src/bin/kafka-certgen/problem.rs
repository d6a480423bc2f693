//! What went wrong, with a hint that can be acted on. Only here are errors and flags known together.

use anyhow::Error;
use kafka_certgen::name::dn::{self, DnError};
use kafka_certgen::name::pattern::PatternError;
use kafka_certgen::name::{HostError, NameError};
use kafka_certgen::output::OutputError;
use kafka_certgen::pipeline::{self, Cause};
use kafka_certgen::secret::PasswordError;
use kafka_certgen::spec::{
    DaysError, KeyAlgorithm, SpecError, UnknownKeyAlgorithm, UnknownValue, ValidityError, WhichPassword,
};

use crate::report::quote;
use crate::secrets::SourceError;

/// The exit status of a run that failed and changed nothing.
pub(crate) const FAILED: u8 = 1;

/// The exit status of a call that was wrong.
pub(crate) const USAGE: u8 = 2;

/// One mistake or failure.
pub(crate) struct Problem {
    pub(crate) error: Error,
    pub(crate) hint: Option<String>,
    status: u8,
}

/// Everything that is wrong with a call, or the one thing that went wrong in a run.
pub(crate) struct Failure(pub(crate) Vec<Problem>);

impl Problem {
    /// A mistake in the call.
    pub(crate) fn usage(error: impl Into<Error>, hint: impl Into<String>) -> Self {
        Self { error: error.into(), hint: Some(hint.into()), status: USAGE }
    }

    fn failed(error: impl Into<Error>, hint: Option<&str>) -> Self {
        Self { error: error.into(), hint: hint.map(str::to_owned), status: FAILED }
    }

    /// Says which flag the mistake is in.
    pub(crate) fn of_flag(mut self, flag: &str) -> Self {
        self.error = anyhow::anyhow!("{flag}: {:#}", self.error);
        self
    }
}

impl Failure {
    /// Returns the exit status: a wrong call outweighs what the disk would have said.
    pub(crate) fn status(&self) -> u8 {
        self.0.iter().map(|problem| problem.status).max().unwrap_or(FAILED)
    }

    pub(crate) fn from_pipeline(error: pipeline::Error) -> Self {
        Self(match error {
            pipeline::Error::Output(error) => vec![error.into()],
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

impl From<NameError> for Problem {
    fn from(error: NameError) -> Self {
        let hint = match &error {
            NameError::Empty => "give a host name, as in `--cn broker1`".to_owned(),
            NameError::InvalidCharacter(_, '*') => "name the host itself, and put the wildcard into `--san`".to_owned(),
            NameError::InvalidCharacter(_, c) if !c.is_ascii() => {
                "write an international host name in its ASCII form, which begins with `xn--`".to_owned()
            }
            NameError::InvalidCharacter(_, ':') => "give an IPv6 address with `--san`, and the host a name".to_owned(),
            NameError::PathLike(_) => "give the name alone; `--out DIR` says where the files go".to_owned(),
            NameError::Reserved(_) => "name the host otherwise, and put its real name into `--san`".to_owned(),
            NameError::TooLong { limit, .. } => {
                format!("give a name of {limit} characters or less, and the long one with `--san`")
            }
            _ => "use letters, digits, `.` and `-`, beginning with a letter or a digit: `--cn broker1`".to_owned(),
        };
        Self::usage(error, hint)
    }
}

impl From<HostError> for Problem {
    fn from(error: HostError) -> Self {
        let hint = match &error {
            HostError::AddressAsName(address) => format!("give it as an address: `--san {address}`"),
            HostError::Underscore(name) => {
                format!("give the host a name without it, such as `{}`", name.replace('_', "-"))
            }
            HostError::UnspecifiedAddress(_) => "give the address or name that clients connect to".to_owned(),
            HostError::Wildcard(_) => "write it as in `--san '*.example.com'`".to_owned(),
            HostError::NotAnAddress(text) if text.starts_with('[') => {
                format!("write it without brackets: `--san {}`", text.trim_matches(['[', ']']))
            }
            HostError::NotAnAddress(_) => "write it as in `--san 10.0.0.1` or `--san ::1`".to_owned(),
            HostError::InvalidCharacter(_, c) if !c.is_ascii() => {
                "write an international host name in its ASCII form, which begins with `xn--`".to_owned()
            }
            HostError::EmptyLabel(_) => {
                "write the name without a dot at its end: `--san broker1.example.com`".to_owned()
            }
            _ => "use letters, digits and hyphens, with dots between: `--san broker1.example.com`".to_owned(),
        };
        Self::usage(error, hint)
    }
}

impl From<PatternError> for Problem {
    fn from(error: PatternError) -> Self {
        Self::usage(error, "write a range as in `broker[1-3].example.com` or `broker1.{eu,us}`")
    }
}

impl From<DnError> for Problem {
    fn from(error: DnError) -> Self {
        let hint = match &error {
            DnError::UnknownType(_) => format!("use one of {}", dn::known_types().collect::<Vec<_>>().join(", ")),
            DnError::Country(_) => "use the code of ISO 3166, as in `C=US`".to_owned(),
            DnError::Escape(_) => "write a backslash as `\\\\`, a comma in a value as `\\,`".to_owned(),
            _ => "write it as in `--dname 'OU=Kafka,O=Acme\\, Inc.,C=US'`".to_owned(),
        };
        Self::usage(error, hint)
    }
}

impl From<DaysError> for Problem {
    fn from(error: DaysError) -> Self {
        Self::usage(error, "give a number of days, as in `--validity 365`")
    }
}

impl From<UnknownKeyAlgorithm> for Problem {
    fn from(error: UnknownKeyAlgorithm) -> Self {
        Self::usage(error, format!("use one of {}", KeyAlgorithm::ALL.map(KeyAlgorithm::name).join(", ")))
    }
}

impl From<UnknownValue> for Problem {
    fn from(error: UnknownValue) -> Self {
        let hint = format!("use one of {}", error.known.join(", "));
        Self::usage(error, hint)
    }
}

impl From<SourceError> for Problem {
    fn from(error: SourceError) -> Self {
        let hint = match &error {
            SourceError::NoTerminal => "use `file:PATH` or `env:NAME`",
            SourceError::NotInEnvironment(_) => "export it, or use `file:PATH`",
            SourceError::Password(_, PasswordError::Empty) => {
                "write the password into it, or leave the flag out to have one made"
            }
            SourceError::Password(..) => "put the password alone into it, on one line",
            SourceError::Read(..) => "name a file that you can read, with the password on its only line",
            SourceError::TooLong(_) => "put the password alone into it",
            SourceError::Twice => "try again",
            SourceError::Unknown => "write file:PATH, env:NAME, fd:N, stdin, prompt or pass:VALUE",
        };
        Self::usage(error, hint)
    }
}

impl From<SpecError> for Problem {
    fn from(error: SpecError) -> Self {
        let hint = match &error {
            SpecError::AliasOfCa(..) => "choose another one with `--alias`, or `--ca-alias` for the CA".to_owned(),
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
            OutputError::Io { source, .. } => Some(io_hint(source).to_owned()),
            _ => None,
        };
        let mut problem = Self::failed(readable(&error), None);
        problem.hint = hint;
        problem
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
