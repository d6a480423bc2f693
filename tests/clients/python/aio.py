"""Writes and reads records with aiokafka, on `kafka_config.py` alone."""

import asyncio
import logging
import ssl
import sys

from records import SECONDS, arguments, check, written


async def main():
    topic, without_certificate = arguments()
    # It says no louder why a broker has closed a connection.
    logging.basicConfig(level=logging.DEBUG if without_certificate else logging.WARNING)
    if without_certificate:
        # The configuration loads it itself.
        ssl.SSLContext.load_cert_chain = lambda *_args, **_kwargs: print("no certificate is loaded", file=sys.stderr)
    from kafka_config import config

    await asyncio.wait_for(run(config, topic), SECONDS)


async def run(config, topic):
    from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
    from aiokafka.admin import AIOKafkaAdminClient, NewTopic

    admin = AIOKafkaAdminClient(**config)
    await admin.start()
    await admin.create_topics([NewTopic(topic, 1, 1)])
    await admin.close()

    async with AIOKafkaProducer(**config) as producer:
        for key, value in written():
            await producer.send(topic, key=key, value=value)
        await producer.flush()

    read = []
    async with AIOKafkaConsumer(topic, **config, group_id=topic, auto_offset_reset="earliest") as consumer:
        async for record in consumer:
            read.append((record.key, record.value))
            if len(read) == len(written()):
                break
    check(read)


asyncio.run(main())
