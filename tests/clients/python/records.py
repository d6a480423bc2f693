"""What the programs here have in common: how they are called, and the records that they write and read back."""

import sys

COUNT = 1000
SECONDS = 60


def written():
    return [(str(i).encode(), str(-i).encode()) for i in range(COUNT)]


def check(records):
    if sorted(records, key=lambda record: int(record[0])) != written():
        sys.exit(f"{len(records)} records came back, and not as they were written")
    print(f"{COUNT} records read back as written")


def arguments():
    """Returns the topic, and whether the client's certificate is to be left out: `PROGRAM TOPIC [without-certificate]`."""
    return sys.argv[1], sys.argv[2:] == ["without-certificate"]
