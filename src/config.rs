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
mod librdkafka;
mod node;
mod nodes;
mod program;
mod python;
mod redpanda_console;
mod rust;

pub use deployment::{Choices, Deployment, Network, Passwords, PrincipalForm};
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
    /// It replaces `${KAFKA_SSL_PASSWORD}` by what is in its environment.
    Environment,
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
            Self::Environment => "environment, KAFKA_SSL_PASSWORD",
            Self::Program => "file `password`, read by the program",
            Self::PropertiesFile => "the bundle's properties file, imported",
            Self::None => "none: PEM, or --show-passwords",
        }
    }
}

/// JKS and PKCS#12 before PEM, as everything on Kafka's own clients has it.
const JAVA: &[StoreFormat] = &[StoreFormat::Pkcs12, StoreFormat::Jks, StoreFormat::Pem];

/// What has a password for the whole store, which Kafka's images ask for.
const STORES: &[StoreFormat] = &[StoreFormat::Pkcs12, StoreFormat::Jks];

/// PEM before PKCS#12, as everything on OpenSSL has it.
const OPENSSL: &[StoreFormat] = &[StoreFormat::Pem, StoreFormat::Pkcs12];

/// What reads no store.
const PEM: &[StoreFormat] = &[StoreFormat::Pem];

impl Kind {
    /// All kinds: nodes first, then clients.
    pub const ALL: &'static [Self] = &[
        Self {
            name: "broker",
            about: "a broker in KRaft mode",
            party: Party::Broker,
            syntax: Syntax::Properties,
            file: "server.properties",
            formats: JAVA,
            opens_encrypted_pem: true,
            password: PasswordReference::ConfigProvider,
            write: nodes::broker,
        },
        Self {
            name: "controller",
            about: "a controller in KRaft mode",
            party: Party::Controller,
            syntax: Syntax::Properties,
            file: "controller.properties",
            formats: JAVA,
            opens_encrypted_pem: true,
            password: PasswordReference::ConfigProvider,
            write: nodes::controller,
        },
        Self {
            name: "java-client",
            about: "producers, consumers, admin clients, Streams and Kafka's command line tools in Java",
            party: Party::Client,
            syntax: Syntax::Properties,
            file: "client.properties",
            formats: JAVA,
            opens_encrypted_pem: true,
            password: PasswordReference::ConfigProvider,
            write: java::client,
        },
        Self {
            name: "connect",
            about: "a Kafka Connect worker in distributed mode",
            party: Party::Client,
            syntax: Syntax::Properties,
            file: "connect-distributed.properties",
            formats: JAVA,
            opens_encrypted_pem: true,
            password: PasswordReference::ConfigProvider,
            write: connect::worker,
        },
        Self {
            name: "mirrormaker2",
            about: "MirrorMaker 2, which copies a cluster",
            party: Party::Client,
            syntax: Syntax::Properties,
            file: "connect-mirror-maker.properties",
            formats: JAVA,
            opens_encrypted_pem: true,
            password: PasswordReference::ConfigProvider,
            write: connect::mirror_maker,
        },
        Self {
            name: "debezium",
            about: "the schema history of a Debezium connector in a Connect worker",
            party: Party::Client,
            syntax: Syntax::Json,
            file: "debezium.json",
            formats: JAVA,
            opens_encrypted_pem: true,
            password: PasswordReference::ConfigProvider,
            write: connect::debezium,
        },
        Self {
            name: "schema-registry",
            about: "Confluent's Schema Registry",
            party: Party::Client,
            syntax: Syntax::Properties,
            file: "schema-registry.properties",
            formats: JAVA,
            opens_encrypted_pem: true,
            password: PasswordReference::ConfigProvider,
            write: confluent::schema_registry,
        },
        Self {
            name: "rest-proxy",
            about: "Confluent's REST Proxy",
            party: Party::Client,
            syntax: Syntax::Properties,
            file: "kafka-rest.properties",
            formats: JAVA,
            opens_encrypted_pem: true,
            password: PasswordReference::ConfigProvider,
            write: confluent::rest_proxy,
        },
        Self {
            name: "spring-boot",
            about: "Spring Boot from 3.1 on, with an SSL bundle",
            party: Party::Client,
            syntax: Syntax::Yaml,
            file: "application.yaml",
            formats: JAVA,
            opens_encrypted_pem: true,
            password: PasswordReference::PropertiesFile,
            write: frameworks::spring,
        },
        Self {
            name: "spring-boot-classic",
            about: "Spring Boot of any version",
            party: Party::Client,
            syntax: Syntax::Yaml,
            file: "application.yaml",
            formats: JAVA,
            opens_encrypted_pem: true,
            password: PasswordReference::PropertiesFile,
            write: frameworks::spring_classic,
        },
        Self {
            name: "quarkus",
            about: "Quarkus, with its TLS registry",
            party: Party::Client,
            syntax: Syntax::Properties,
            file: "application.properties",
            formats: JAVA,
            opens_encrypted_pem: false,
            password: PasswordReference::PropertiesFile,
            write: frameworks::quarkus,
        },
        Self {
            name: "kcat",
            about: "kcat, with -F or in ~/.config",
            party: Party::Client,
            syntax: Syntax::Plain,
            file: "kcat.conf",
            formats: OPENSSL,
            opens_encrypted_pem: true,
            password: PasswordReference::None,
            write: librdkafka::plain,
        },
        Self {
            name: "librdkafka",
            about: "programs on librdkafka that read its settings from a file",
            party: Party::Client,
            syntax: Syntax::Plain,
            file: "librdkafka.conf",
            formats: OPENSSL,
            opens_encrypted_pem: true,
            password: PasswordReference::None,
            write: librdkafka::plain,
        },
        Self {
            name: "confluent-kafka-python",
            about: "Python: Confluent's confluent-kafka",
            party: Party::Client,
            syntax: Syntax::Python,
            file: "kafka_config.py",
            formats: OPENSSL,
            opens_encrypted_pem: true,
            password: PasswordReference::Program,
            write: python::confluent,
        },
        Self {
            name: "kafka-python",
            about: "Python: kafka-python",
            party: Party::Client,
            syntax: Syntax::Python,
            file: "kafka_config.py",
            formats: PEM,
            opens_encrypted_pem: true,
            password: PasswordReference::Program,
            write: python::kafka_python,
        },
        Self {
            name: "aiokafka",
            about: "Python: aiokafka",
            party: Party::Client,
            syntax: Syntax::Python,
            file: "kafka_config.py",
            formats: PEM,
            opens_encrypted_pem: true,
            password: PasswordReference::Program,
            write: python::aiokafka,
        },
        Self {
            name: "kafkajs",
            about: "Node.js: kafkajs",
            party: Party::Client,
            syntax: Syntax::JavaScript,
            file: "kafka-config.cjs",
            formats: OPENSSL,
            opens_encrypted_pem: true,
            password: PasswordReference::Program,
            write: node::kafkajs,
        },
        Self {
            name: "confluent-kafka-javascript",
            about: "Node.js: Confluent's kafka-javascript",
            party: Party::Client,
            syntax: Syntax::JavaScript,
            file: "kafka-config.cjs",
            formats: OPENSSL,
            opens_encrypted_pem: true,
            password: PasswordReference::Program,
            write: node::confluent,
        },
        Self {
            name: "node-rdkafka",
            about: "Node.js: node-rdkafka",
            party: Party::Client,
            syntax: Syntax::JavaScript,
            file: "kafka-config.cjs",
            formats: OPENSSL,
            opens_encrypted_pem: true,
            password: PasswordReference::Program,
            write: node::rdkafka,
        },
        Self {
            name: "franz-go",
            about: "Go: franz-go, a package of its own",
            party: Party::Client,
            syntax: Syntax::Go,
            file: "kafkatls.go",
            formats: PEM,
            opens_encrypted_pem: false,
            password: PasswordReference::None,
            write: go::franz,
        },
        Self {
            name: "sarama",
            about: "Go: sarama, a package of its own",
            party: Party::Client,
            syntax: Syntax::Go,
            file: "kafkatls.go",
            formats: PEM,
            opens_encrypted_pem: false,
            password: PasswordReference::None,
            write: go::sarama,
        },
        Self {
            name: "rdkafka",
            about: "Rust: rdkafka",
            party: Party::Client,
            syntax: Syntax::Rust,
            file: "kafka_config.rs",
            formats: OPENSSL,
            opens_encrypted_pem: true,
            password: PasswordReference::Program,
            write: rust::rdkafka,
        },
        Self {
            name: "rskafka",
            about: "Rust: rskafka",
            party: Party::Client,
            syntax: Syntax::Rust,
            file: "kafka_config.rs",
            formats: PEM,
            opens_encrypted_pem: false,
            password: PasswordReference::None,
            write: rust::rskafka,
        },
        Self {
            name: "dotnet",
            about: ".NET: Confluent.Kafka, in C#",
            party: Party::Client,
            syntax: Syntax::CSharp,
            file: "KafkaTls.cs",
            formats: OPENSSL,
            opens_encrypted_pem: true,
            password: PasswordReference::Program,
            write: dotnet::confluent,
        },
        Self {
            name: "akhq",
            about: "AKHQ",
            party: Party::Client,
            syntax: Syntax::Yaml,
            file: "application.yml",
            formats: JAVA,
            opens_encrypted_pem: true,
            password: PasswordReference::PropertiesFile,
            write: akhq::application,
        },
        Self {
            name: "kafka-ui",
            about: "Kafka UI, that of kafbat and that of provectus",
            party: Party::Client,
            syntax: Syntax::Yaml,
            file: "kafka-ui.yml",
            formats: JAVA,
            opens_encrypted_pem: true,
            password: PasswordReference::PropertiesFile,
            write: kafka_ui::clusters,
        },
        Self {
            name: "redpanda-console",
            about: "Redpanda Console",
            party: Party::Client,
            syntax: Syntax::Yaml,
            file: "console.yaml",
            formats: &[StoreFormat::Pem],
            opens_encrypted_pem: false,
            password: PasswordReference::None,
            write: redpanda_console::console,
        },
        Self {
            name: "compose-apache-kafka",
            about: "all nodes of the bundle in Docker Compose, on the image apache/kafka",
            party: Party::Cluster,
            syntax: Syntax::Yaml,
            file: "compose.yaml",
            formats: STORES,
            opens_encrypted_pem: false,
            password: PasswordReference::CredentialFile,
            write: compose::apache_kafka,
        },
        Self {
            name: "compose-cp-kafka",
            about: "all nodes of the bundle in Docker Compose, on the image confluentinc/cp-kafka",
            party: Party::Cluster,
            syntax: Syntax::Yaml,
            file: "compose.yaml",
            formats: STORES,
            opens_encrypted_pem: false,
            password: PasswordReference::CredentialFile,
            write: compose::cp_kafka,
        },
    ];

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
    /// No rule makes a plain name of this principal.
    Principal(String),
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
