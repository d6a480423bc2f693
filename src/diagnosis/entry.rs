//! One message of the catalogue.

use std::fmt;

use serde::Serialize;

use super::Cause;

/// A message that is printed where TLS fails.
#[derive(Debug)]
pub struct Entry {
    /// Its code, which stays.
    pub code: &'static str,
    /// The words by which it is known, each as it is printed: `{name}` stands for what varies and is kept under that name, `…` for
    /// what varies and is not. All of it stands on one line, and any of them will do.
    pub patterns: &'static [&'static str],
    /// Who prints it.
    pub printers: &'static [Printer],
    /// Whether it says only that something has failed, and another line says what.
    pub is_wrapper: bool,
    /// What it means, in a sentence without its full stop.
    pub meaning: &'static str,
    /// What is likely to be behind it, the likeliest first.
    pub causes: &'static [&'static Cause],
    /// Where the words come from: a class with its method, a file of the source, a measurement.
    pub source: &'static str,
}

/// Who prints a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Printer {
    /// A broker or a controller.
    Broker,
    /// Kafka Connect.
    Connect,
    /// A .NET client, which is librdkafka with a wrapper, or .NET's own TLS.
    DotNet,
    /// An image of a container.
    Docker,
    /// A Go client.
    Go,
    /// A client of kafka-clients, and what is built on it.
    Java,
    /// librdkafka and what is built on it.
    Librdkafka,
    /// A client on Node.js.
    Node,
    /// A Python client.
    Python,
    /// A Spring application.
    Spring,
}

impl fmt::Display for Printer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Broker => "brokers and controllers",
            Self::Connect => "Kafka Connect",
            Self::DotNet => ".NET",
            Self::Docker => "container images",
            Self::Go => "Go",
            Self::Java => "Java clients",
            Self::Librdkafka => "librdkafka",
            Self::Node => "Node.js",
            Self::Python => "Python",
            Self::Spring => "Spring",
        })
    }
}
