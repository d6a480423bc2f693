//! The configuration of everything that is a Kafka node, or connects to one: one document for each kind of program, complete, with the
//! paths of the files as they are deployed, and with passwords by reference.
//!
//! [`Kind::ALL`] is the table of what is known; a [`Deployment`] says for whom, and where the files lie. No password stands in a document
//! unless the deployment was given it to be shown.
//!
//! The kinds are grouped by what writes them alike. Each file names the source of its keys.

use std::fmt;

use zeroize::Zeroizing;

use crate::name::printable;
use crate::spec::{NodeRole, StoreFormat};

mod akhq;
mod choices;
mod compose;
mod confluent;
mod connect;
mod deployment;
mod document;
mod dotnet;
mod frameworks;
mod go;
mod java;
mod kafka_ui;
mod kinds;
mod librdkafka;
mod node;
mod nodes;
mod program;
mod python;
mod redpanda_console;
mod rust;

pub use choices::{Choices, Network, Passwords, PrincipalForm};
pub use deployment::Deployment;
pub use document::{Document, Syntax};

/// A kind of program with a configuration of its own.
pub struct Kind {
    /// What it is called on the command line.
    pub name: &'static str,
    /// What it is for.
    pub about: &'static str,
    /// Who can have it.
    pub party: Party,
    /// The language of its document.
    pub syntax: Syntax,
    /// What the file is mostly called.
    pub file: &'static str,
    /// The formats of stores that it can use, the best first.
    pub formats: &'static [StoreFormat],
    /// Whether it can read a PEM key that is encrypted.
    pub opens_encrypted_pem: bool,
    /// How it is told a password that does not stand in its document.
    pub password: PasswordReference,
    write: fn(&Deployment<'_>, &mut Document),
}

/// Who can have a configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Party {
    /// A broker.
    Broker,
    /// A controller.
    Controller,
    /// Whoever connects to brokers: any identity, or nobody where brokers ask for no certificate.
    Client,
    /// The cluster as a whole, without an identity of its own.
    Cluster,
}

/// How a program is told a password that does not stand in its configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordReference {
    /// Kafka reads the file `password` itself (`org.apache.kafka.common.config.provider.DirectoryConfigProvider`).
    ConfigProvider,
    /// It takes the name of a file that holds the password.
    CredentialFile,
    /// Its configuration is a program, which reads the file `password`.
    Program,
    /// It reads the properties file that the bundle has for the identity, and replaces `${ssl.keystore.password}` by what is in there.
    PropertiesFile,
    /// It has no way but the password itself.
    None,
}

impl PasswordReference {
    /// Returns what is said of it in a list.
    pub const fn about(self) -> &'static str {
        match self {
            Self::ConfigProvider => "file `password`, by Kafka's config provider",
            Self::CredentialFile => "file `password`, by its name",
            Self::Program => "file `password`, read by the program",
            Self::PropertiesFile => "the bundle's properties file, imported",
            Self::None => "none: PEM, or --show-passwords",
        }
    }
}

impl Kind {
    /// The names of all kinds.
    pub const NAMES: &'static [&'static str] = &{
        let mut names = [""; Self::ALL.len()];
        let mut at = 0;
        while at < names.len() {
            names[at] = Self::ALL[at].name;
            at += 1;
        }
        names
    };

    /// Returns the kind of this name.
    pub fn named(name: &str) -> Result<&'static Self, UnknownKind> {
        let found = Self::ALL.iter().find(|kind| kind.name.eq_ignore_ascii_case(name));
        found.ok_or_else(|| UnknownKind(name.to_owned()))
    }

    /// Says whether an identity of this role can have it.
    pub fn is_for(&self, role: NodeRole) -> bool {
        match self.party {
            Party::Broker => role == NodeRole::Broker,
            Party::Controller => role == NodeRole::Controller,
            Party::Client => true,
            Party::Cluster => false,
        }
    }

    /// Writes the configuration.
    pub fn write(&self, deployment: &Deployment<'_>) -> Zeroizing<String> {
        let mut document = Document::new(self.syntax);
        (self.write)(deployment, &mut document);
        document.finish(&deployment.heading(self))
    }
}

impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Kind({})", self.name)
    }
}

/// A kind that there is not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownKind(pub String);

impl fmt::Display for UnknownKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is no kind of configuration", printable(&self.0))
    }
}

impl std::error::Error for UnknownKind {}

/// Why there is no such configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConfigError {
    /// The key in the identity's PEM keystore is encrypted, and the program cannot read such.
    EncryptedPem(&'static str),
    /// A folder whose path a config provider would take apart.
    Folder(String),
    /// The identity has no store in a format that the program can use.
    FormatMissing {
        /// What it is for.
        kind: &'static str,
        /// The formats that the identity has.
        has: Vec<StoreFormat>,
        /// The format that was asked for, or those that the program can use, the best first.
        takes: Vec<StoreFormat>,
    },
    /// The program cannot use the format that was asked for.
    FormatNotTaken {
        /// What it is for.
        kind: &'static str,
        /// What was asked for.
        format: StoreFormat,
        /// The formats that the program can use, the best first.
        takes: &'static [StoreFormat],
    },
    /// Nobody to connect to: the bundle has no broker, and none was named.
    NoBroker,
    /// A folder that no line of text can name: it is the root, or its path has a control character or is not Unicode.
    NoFolder(String),
    /// It is for an identity, and none was named.
    NoIdentity(&'static str),
    /// A node whose name no container can be found by.
    NotAService(String),
    /// The program has no way to be told a password but in its configuration.
    PasswordInText {
        /// What it is for.
        kind: &'static str,
        /// The format of what the password opens.
        format: StoreFormat,
    },
    /// The program puts something in for a `${` in a value, and nothing that every version of it knows keeps it from that.
    Placeholder {
        /// What it is for.
        kind: &'static str,
        /// Whether it is in a password, and not in the path of the files.
        is_password: bool,
    },
    /// No rule makes a plain name of this principal.
    Principal(String),
    /// A folder whose path is not absolute, which a config provider refuses.
    RelativeFolder(String),
    /// It is for another role than the identity has.
    Role {
        /// What it is for.
        kind: &'static str,
        /// The identity.
        name: String,
        /// Its role.
        role: NodeRole,
    },
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EncryptedPem(kind) => {
                write!(f, "`{kind}` cannot read the key in the PEM keystore, because it is encrypted")
            }
            Self::Folder(path) => write!(
                f,
                "Kafka's config providers take the path `{}` apart, because it has a `:`, a `}}` or a comma",
                printable(path)
            ),
            Self::FormatMissing { kind, has, takes } => {
                write!(f, "`{kind}` needs a store in {}, and there is one in {}", listed(takes), listed(has))
            }
            Self::FormatNotTaken { kind, format, takes } => {
                write!(f, "`{kind}` cannot use {}, it takes {}", format.name(), listed(takes))
            }
            Self::NoBroker => write!(f, "the bundle has no broker that one could connect to"),
            Self::NoFolder(path) => write!(f, "no configuration can name the folder `{}`", printable(path)),
            Self::NoIdentity(kind) => write!(f, "`{kind}` is the configuration of an identity, and none is named"),
            Self::NotAService(name) => {
                write!(
                    f,
                    "the containers of Docker Compose find each other by host names, and `{}` is none",
                    printable(name)
                )
            }
            Self::PasswordInText { kind, .. } => {
                write!(f, "`{kind}` can be told a password only in its configuration itself")
            }
            Self::Principal(principal) => {
                write!(f, "no mapping rule makes a plain name of the principal `{}`", printable(principal))
            }
            Self::RelativeFolder(path) => {
                write!(f, "Kafka's config providers read absolute paths alone, and `{}` is none", printable(path))
            }
            Self::Placeholder { kind, is_password } => {
                let what = if *is_password { "the password" } else { "the path of the files" };
                write!(f, "`{kind}` puts something in for a `${{`, and {what} has one")
            }
            Self::Role { kind, name, role } => {
                write!(f, "`{}` is a {}, and `{kind}` is not for one", printable(name), role.name())
            }
        }
    }
}

impl std::error::Error for ConfigError {}

fn listed(formats: &[StoreFormat]) -> String {
    match formats {
        [] => "none".to_owned(),
        [one] => one.name().to_owned(),
        [rest @ .., last] => {
            let rest: Vec<&str> = rest.iter().map(|format| format.name()).collect();
            format!("{} or {}", rest.join(", "), last.name())
        }
    }
}
