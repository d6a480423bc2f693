"""Writes and reads records with confluent-kafka, on `kafka_config.py` alone."""

import sys
import time

from confluent_kafka import Consumer, KafkaException, Producer
from confluent_kafka.admin import AdminClient, NewTopic
from kafka_config import config
from records import SECONDS, arguments, check, written


def main():
    topic, without_certificate = arguments()
    if without_certificate:
        refused()
    else:
        run(topic)


def run(topic):
    admin = AdminClient(config)
    admin.create_topics([NewTopic(topic, 1, 1)], operation_timeout=SECONDS)[topic].result(SECONDS)

    producer = Producer(config)
    for key, value in written():
        producer.produce(topic, key=key, value=value)
    if producer.flush(SECONDS):
        sys.exit("not all records were written")

    consumer = Consumer({**config, "group.id": topic, "auto.offset.reset": "earliest"})
    consumer.subscribe([topic])
    read = []
    end = time.monotonic() + SECONDS
    while len(read) < len(written()) and time.monotonic() < end:
        for message in consumer.consume(500, timeout=1):
            if message.error():
                raise KafkaException(message.error())
            read.append((message.key(), message.value()))
    consumer.close()
    check(read)


def refused():
    """Prints what is told to somebody who has no certificate."""
    keys = [key for key in config if key.startswith(("ssl.certificate.", "ssl.key.", "ssl.keystore."))]
    if not keys:
        sys.exit("the configuration names no certificate")
    settings = {key: value for key, value in config.items() if key not in keys}
    client = AdminClient({**settings, "error_cb": lambda error: print(error, file=sys.stderr)})
    try:
        client.list_topics(timeout=5)
    except KafkaException as error:
        # What is behind it is handed over here.
        client.poll(1)
        sys.exit(str(error))


main()
