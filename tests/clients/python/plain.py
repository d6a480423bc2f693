"""Is `kafka_config.py` for the document that the variable `KAFKA_CONFIG` names: settings of librdkafka, in lines or in C#."""

import json
import os
import re

PROPERTY = re.compile(r"^ {8}(\w+) = (.+),$", re.MULTILINE)


def lines(text):
    return dict(line.split("=", 1) for line in text.splitlines() if line and not line.startswith("#"))


def csharp(text):
    """Reads what Confluent.Kafka's properties are set to: each sets the setting of librdkafka with its name, in another spelling."""
    return {re.sub(r"(?<!^)(?=[A-Z])", ".", name).lower(): value(text) for name, text in PROPERTY.findall(text)}


def value(text):
    if text.startswith('"'):
        # An escape of C# that is printed is one of JSON.
        return json.loads(text)
    _enum, member = text.split(".")
    return member.lower()


with open(os.environ["KAFKA_CONFIG"], encoding="utf-8") as file:
    config = (csharp if file.name.endswith(".cs") else lines)(file.read())
