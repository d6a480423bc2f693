//! Writes and reads records with rskafka, on the module that `config rskafka` has printed alone.

use std::collections::BTreeMap;
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use rskafka::BackoffConfig;
use rskafka::client::ClientBuilder;
use rskafka::client::partition::{Compression, UnknownTopicHandling};
use rskafka::record::Record;
use rustls::client::ResolvesClientCert;
use rustls::sign::CertifiedKey;

mod kafka_config;
#[path = "../records.rs"]
mod records;

use records::{COUNT, PATIENCE, arguments, check, written};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let (topic, without_certificate) = arguments();
    tokio::time::timeout(PATIENCE, run(&topic, without_certificate)).await?
}

async fn run(topic: &str, without_certificate: bool) -> Result<(), Box<dyn Error>> {
    let mut tls = kafka_config::tls()?;
    let mut backoff = BackoffConfig::default();
    if without_certificate {
        assert!(tls.client_auth_cert_resolver.has_certs(), "the configuration has no certificate");
        Arc::make_mut(&mut tls).client_auth_cert_resolver = Arc::new(NoCertificate);
        backoff.deadline = Some(Duration::from_secs(1));
    }
    let brokers = kafka_config::BROKERS.iter().map(ToString::to_string).collect();
    let client = ClientBuilder::new(brokers).tls_config(tls).backoff_config(backoff).build().await?;

    client.controller_client()?.create_topic(topic, 1, 1, 30_000).await?;
    let partition = client.partition_client(topic, 0, UnknownTopicHandling::Retry).await?;
    let record = |(key, value)| Record {
        key: Some(key),
        value: Some(value),
        headers: BTreeMap::new(),
        timestamp: chrono::DateTime::UNIX_EPOCH,
    };
    partition.produce(written().into_iter().map(record).collect(), Compression::NoCompression).await?;

    let mut read = Vec::new();
    while read.len() < COUNT {
        let offset = i64::try_from(read.len())?;
        let (fetched, _) = partition.fetch_records(offset, 1..1_000_000, 1_000).await?;
        read.extend(fetched.into_iter().map(|fetched| {
            (fetched.record.key.unwrap_or_default(), fetched.record.value.unwrap_or_default())
        }));
    }
    check(&read)
}

#[derive(Debug)]
struct NoCertificate;

impl ResolvesClientCert for NoCertificate {
    fn resolve(&self, _: &[&[u8]], _: &[rustls::SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        None
    }

    fn has_certs(&self) -> bool {
        false
    }
}
