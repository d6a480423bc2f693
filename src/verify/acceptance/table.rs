//! The table: a row for each stack, as a client of this broker and as a broker of this client.

use serde::Serialize;
use serde::ser::SerializeMap;
use time::OffsetDateTime;

use super::{Answer, Question, Side, Stack, TlsVersion, judge};
use crate::pki::DecodedCertificate;

/// A chain as somebody presents it, and what the other side trusts.
#[derive(Debug, Clone, Copy)]
pub struct Presented<'a> {
    /// The leaf first, as sent.
    pub sent: &'a [DecodedCertificate],
    /// The truststore of those who judge it.
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

/// Asks every stack, in TLS 1.3, of a broker that clients connect to by `host`, and of a client.
pub fn table(
    broker: Option<(&Presented<'_>, &str)>,
    client: Option<&Presented<'_>>,
    at: OffsetDateTime,
) -> AcceptanceTable {
    let ask = |stack, presented: &Presented<'_>, side| {
        let Presented { sent, anchors } = *presented;
        judge(stack, &Question { sent, anchors, side, tls: TlsVersion::default(), at })
    };
    let rows = Stack::ALL.into_iter().map(|stack| Row {
        stack,
        as_client: broker.map(|(presented, host)| ask(stack, presented, Side::ServerFor { host: Some(host) })),
        as_broker: client.map(|presented| ask(stack, presented, Side::Client)),
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

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    fn certificates(pem: &[u8]) -> Vec<DecodedCertificate> {
        let ders = crate::pki::read_certificates(pem).unwrap();
        ders.iter().map(|der| DecodedCertificate::from_der(der).unwrap()).collect()
    }

    #[test]
    fn our_own_certificates_are_accepted_by_all_until_they_expire() {
        let anchors = certificates(include_bytes!("../../../tests/fixtures/golden/rsa/ca-cert"));
        let broker = certificates(include_bytes!("../../../tests/fixtures/golden/rsa/broker.cert-signed"));
        let client = certificates(include_bytes!("../../../tests/fixtures/golden/rsa/client.cert-signed"));
        let [broker, client] = [&broker, &client].map(|sent| Presented { sent, anchors: &anchors });
        let host = match &broker.sent[0].alt_names.as_ref().unwrap().names[0] {
            crate::pki::decoded::AltName::Dns(host) => host.clone(),
            other => panic!("{other:?}"),
        };
        let at = broker.sent[0].not_after;
        let good = table(Some((&broker, &host)), Some(&client), at);
        let answers = |table: AcceptanceTable| table.rows.into_iter().flat_map(|row| [row.as_client, row.as_broker]);
        assert_eq!(good.rows.len(), 7);
        for answer in answers(good) {
            assert!(matches!(&answer, Some(Answer::Accepted { path }) if path.len() == 2), "{answer:?}");
        }
        for answer in answers(table(Some((&broker, &host)), Some(&client), datetime!(9000-01-01 0:00 UTC))) {
            assert!(
                matches!(&answer, Some(Answer::Refused { check: super::super::Reason::Expired, .. })),
                "{answer:?}"
            );
        }
        let stranger = table(Some((&broker, "stranger.example.com")), None, at);
        for row in stranger.rows {
            let is_host = matches!(&row.as_client, Some(Answer::Refused { check: super::super::Reason::HostName, .. }));
            assert!(is_host && row.as_broker.is_none(), "{row:?}");
        }
    }

    /// Every certificate could be the issuer of every other, and none is.
    #[test]
    fn a_hostile_chain_is_given_up_soon() {
        let ca = certificates(include_bytes!("../../../tests/fixtures/golden/rsa/ca-cert")).remove(0);
        let leaf = certificates(include_bytes!("../../../tests/fixtures/golden/rsa/broker.cert-signed")).remove(0);
        let twin = |serial: u32| {
            let mut twin = ca.clone();
            twin.serial = serial.to_be_bytes().to_vec();
            twin.public_key.clone_from(&leaf.public_key);
            twin.public_key.info.extend(serial.to_be_bytes());
            twin
        };
        let twins: Vec<_> = (0..500).map(twin).collect();
        let sent: Vec<_> = std::iter::once(leaf.clone()).chain(twins.iter().take(30).cloned()).collect();
        let presented = Presented { sent: &sent, anchors: &twins };
        let table = table(Some((&presented, "broker1")), Some(&presented), leaf.not_after);
        for row in table.rows {
            let is_refused = |answer: &Option<Answer>| matches!(answer, Some(Answer::Refused { .. }));
            assert!(is_refused(&row.as_client) && is_refused(&row.as_broker), "{row:?}");
        }
    }

    #[test]
    fn the_table_is_data() {
        let table = table(None, Some(&Presented { sent: &[], anchors: &[] }), datetime!(2026-01-01 0:00 UTC));
        let json = serde_json::to_value(&table).unwrap();
        assert_eq!(json["rows"][0]["stack"], "java17");
        assert_eq!(json["rows"][6]["as_broker"]["accepted"], false);
        assert_eq!(json["rows"][0]["as_client"], serde_json::Value::Null);
    }
}
