"""Lets kubernetes-validate judge Secrets as PyYAML reads them, and writes out what they hold: secrets.py FOLDER FILE...

Each value goes to FOLDER/SECRET/KEY, decoded. What the schema leaves to the API server (names, keys, sizes, types) is checked as
its documentation says. The first fault ends it.
"""

import base64
import pathlib
import re
import sys

import kubernetes_validate
import yaml

VERSIONS = ["1.28.0", "1.33.0", "1.37.0"]
LABEL = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"
SUBDOMAIN = re.compile(rf"{LABEL}(\.{LABEL})*")
KEY = re.compile(r"[-._a-zA-Z0-9]+")
LABEL_VALUE = re.compile(r"(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?")
TLS = {"tls.crt", "tls.key"}


class Loader(yaml.SafeLoader):
    """PyYAML takes the last of two equal keys, and Kubernetes refuses them."""

    def construct_mapping(self, node, deep=False):
        keys = [key.value for key, _ in node.value]
        assert len(keys) == len(set(keys)), f"twice the same key among {keys}"
        return super().construct_mapping(node, deep)


def judge(secret):
    for version in VERSIONS:
        kubernetes_validate.validate(secret, version, strict=True)
    metadata, data = secret["metadata"], secret["data"]
    assert len(metadata["name"]) <= 253 and SUBDOMAIN.fullmatch(metadata["name"]), metadata["name"]
    assert re.fullmatch(LABEL, metadata.get("namespace", "default")), metadata["namespace"]
    for value in metadata["labels"].values():
        assert len(value) <= 63 and LABEL_VALUE.fullmatch(value), value
    for value in metadata.get("annotations", {}).values():
        assert isinstance(value, str), value
    decoded = {key: base64.b64decode(value, validate=True) for key, value in data.items()}
    assert all(KEY.fullmatch(key) and len(key) <= 253 for key in data), data.keys()
    assert sum(map(len, decoded.values())) <= 1024 * 1024
    assert secret["type"] != "kubernetes.io/tls" or TLS <= data.keys(), data.keys()
    return metadata["name"], decoded


folder = pathlib.Path(sys.argv[1])
for file in sys.argv[2:]:
    for secret in yaml.load_all(pathlib.Path(file).read_text(), Loader):
        name, decoded = judge(secret)
        (folder / name).mkdir(parents=True)
        for key, value in decoded.items():
            (folder / name / key).write_bytes(value)
        print(f"{name}: sound")
