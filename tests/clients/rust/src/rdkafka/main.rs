//! Writes and reads records with rdkafka, on the module that `config rdkafka` has printed alone.

use std::error::Error;
use std::time::{Duration, Instant};

use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::message::Message;
use rdkafka::producer::{BaseRecord, DefaultProducerContext, Producer, ThreadedProducer};
use rdkafka::{ClientContext, TopicPartitionList};

mod kafka_config;
#[path = "../records.rs"]
mod records;

use records::{COUNT, PATIENCE, arguments, check, written};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let (topic, without_certificate) = arguments();
    if without_certificate { refused() } else { run(&topic).await }
}

async fn run(topic: &str) -> Result<(), Box<dyn Error>> {
    let config = kafka_config::config()?;
    let admin: AdminClient<DefaultClientContext> = config.create()?;
    let created = NewTopic::new(topic, 1, TopicReplication::Fixed(1));
    for outcome in admin.create_topics([&created], &AdminOptions::new()).await? {
        outcome.map_err(|(topic, code)| format!("{topic}: {code}"))?;
    }

    let producer: ThreadedProducer<DefaultProducerContext> = config.create()?;
    for (key, value) in &written() {
        producer.send(BaseRecord::to(topic).key(key).payload(value)).map_err(|(error, _)| error)?;
    }
    producer.flush(PATIENCE)?;

    let consumer: BaseConsumer = config.clone().set("group.id", topic).create()?;
    let mut partitions = TopicPartitionList::new();
    partitions.add_partition_offset(topic, 0, rdkafka::Offset::Beginning)?;
    consumer.assign(&partitions)?;
    let mut read = Vec::new();
    let start = Instant::now();
    while read.len() < COUNT && start.elapsed() < PATIENCE {
        if let Some(message) = consumer.poll(Duration::from_secs(1)) {
            let message = message?;
            let bytes = |bytes: Option<&[u8]>| bytes.unwrap_or_default().to_vec();
            read.push((bytes(message.key()), bytes(message.payload())));
        }
    }
    check(&read)
}

/// Prints what is told to somebody who has no certificate.
fn refused() -> Result<(), Box<dyn Error>> {
    let mut config = kafka_config::config()?;
    let is_own = |key: &&str| ["ssl.certificate.", "ssl.key.", "ssl.keystore."].iter().any(|own| key.starts_with(own));
    let keys: Vec<String> = config.config_map().into_keys().filter(is_own).map(ToOwned::to_owned).collect();
    assert!(!keys.is_empty(), "the configuration has no certificate");
    for key in keys {
        config.remove(&key);
    }
    let consumer: BaseConsumer<Telling> = config.create_with_context(Telling)?;
    let outcome = consumer.fetch_metadata(None, Duration::from_secs(5));
    // What is behind it is handed over here.
    consumer.poll(Duration::from_secs(1));
    outcome?;
    Ok(())
}

struct Telling;

impl ClientContext for Telling {
    fn log(&self, _: RDKafkaLogLevel, _: &str, message: &str) {
        eprintln!("{message}");
    }

    fn error(&self, error: KafkaError, reason: &str) {
        eprintln!("{error}: {reason}");
    }
}

impl rdkafka::consumer::ConsumerContext for Telling {}
