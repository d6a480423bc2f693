//! The table: a row for each stack, as a client of this broker and as a broker of this client.

use serde::Serialize;
use serde::ser::SerializeMap;
use time::OffsetDateTime;

use super::{Answer, Question, Side, Stack, TlsVersion, judge};
use crate::pki::DecodedCertificate;

/// What is presented: as a broker, as a client, or as both.
#[derive(Debug, Clone, Copy)]
pub struct Presented<'a> {
    /// The leaf first, as sent.
    pub sent: &'a [DecodedCertificate],
    /// By what name or address clients connect; nothing, if it is never a broker.
    pub host: Option<&'a str>,
    /// Whether it is ever a client.
    pub is_client: bool,
    /// What the other side trusts.
    pub anchors: &'a [DecodedCertificate],
}

/// Who accepts a chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AcceptanceTable {
    /// One for each stack.
    pub rows: Vec<Row>,
}

/// What one stack does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Row {
    /// Which.
    pub stack: Stack,
    /// As a client of this broker.
    pub as_client: Option<Answer>,
    /// As a broker of this client.
    pub as_broker: Option<Answer>,
}

/// Asks every stack, in TLS 1.3.
pub fn table(presented: &Presented<'_>, at: OffsetDateTime) -> AcceptanceTable {
    let Presented { sent, host, is_client, anchors } = *presented;
    let ask = |stack, side| judge(stack, &Question { sent, anchors, side, tls: TlsVersion::default(), at });
    let rows = Stack::ALL.into_iter().map(|stack| Row {
        stack,
        as_client: host.map(|host| ask(stack, Side::ServerFor { host })),
        as_broker: is_client.then(|| ask(stack, Side::Client)),
    });
    AcceptanceTable { rows: rows.collect() }
}

impl Serialize for Answer {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        match self {
            Self::Accepted { path } => {
                let subjects: Vec<&str> = path.iter().map(|certificate| certificate.subject.text.as_str()).collect();
                map.serialize_entry("accepted", &true)?;
                map.serialize_entry("path", &subjects)?;
            }
            Self::Refused { check, message } => {
                map.serialize_entry("accepted", &false)?;
                map.serialize_entry("check", check)?;
                map.serialize_entry("message", message)?;
            }
        }
        map.end()
    }
}
