"""Writes and reads records with kafka-python, on `kafka_config.py` alone."""

import logging
import sys

from kafka import KafkaConsumer, KafkaProducer
from kafka.admin import KafkaAdminClient, NewTopic
from kafka_config import config
from records import SECONDS, arguments, check, written


def main():
    logging.basicConfig(level=logging.WARNING)
    topic, without_certificate = arguments()
    settings = dict(config)
    if without_certificate:
        del settings["ssl_certfile"], settings["ssl_keyfile"]
        settings["bootstrap_timeout_ms"] = 5000
    run(settings, topic)


def run(settings, topic):
    admin = KafkaAdminClient(**settings)
    admin.create_topics([NewTopic(topic, 1, 1)])
    admin.close()

    producer = KafkaProducer(**settings)
    for key, value in written():
        producer.send(topic, key=key, value=value)
    producer.flush(SECONDS)
    producer.close()

    consumer = KafkaConsumer(
        topic, **settings, group_id=topic, auto_offset_reset="earliest", consumer_timeout_ms=SECONDS * 1000
    )
    read = []
    for record in consumer:
        read.append((record.key, record.value))
        if len(read) == len(written()):
            break
    consumer.close()
    check(read)


main()
