"""What users of librdkafka see where TLS fails, through the confluent-kafka wheel.

Each line of standard input is NAME, KIND, ADDRESS, PROPERTIES, with tabs between, and is tried. All that is printed for it stands
between the lines `begin NAME` and `end NAME`.
"""

import logging
import sys

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

SECONDS = 5


def main():
    logging.basicConfig(stream=sys.stdout, format="%(asctime)s %(levelname)s %(message)s")
    for line in sys.stdin:
        name, _kind, address, file = line.rstrip("\n").split("\t")
        print("begin", name, flush=True)
        try:
            ask(address, file)
            print("nothing failed")
        except KafkaException as error:
            print("confluent_kafka." + repr(error))
        print("end", name, flush=True)


def ask(address, file):
    with open(file, encoding="utf-8") as lines:
        settings = dict(line.rstrip("\n").split("=", 1) for line in lines)
    errors = lambda error: print("error_cb:", error)  # noqa: E731
    client = AdminClient({**settings, "bootstrap.servers": address, "error_cb": errors}, logger=logging.getLogger("rdkafka"))
    try:
        client.list_topics(timeout=SECONDS)
    finally:
        # What was logged and told last is handed over here.
        client.poll(0)


main()
