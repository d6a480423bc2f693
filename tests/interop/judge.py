"""Lets pkilint and python-cryptography judge the certificates of bundles: judge.py ACCEPTED BUNDLE...

What neither ACCEPTED explains is printed, and so is each line of ACCEPTED that explains nothing; then the exit status is 1.
"""

import csv
import datetime
import ipaddress
import json
import pathlib
import re
import sys
import tempfile
from contextlib import redirect_stdout

from cryptography import x509
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError
from pkilint.bin import lint_pkix_cert


def lint(file):
    """Yields what `lint_pkix_cert lint -s WARNING` finds."""
    with tempfile.TemporaryFile("w+") as out:
        with redirect_stdout(out):
            lint_pkix_cert.main(["lint", "-s", "WARNING", "-f", "CSV", str(file)])
        out.seek(0)
        for row in csv.DictReader(out):
            yield f"pkilint {row['code']}", row["message"]


def verifies(verifier, leaf):
    """Returns None if the certificate is good, or else why not."""
    try:
        verifier.verify(leaf, [])
    except VerificationError as error:
        return str(error)


def verify(folder, ca, identity):
    """Yields what speaks against an identity, as a client and as the server that it is or is not."""
    policy = PolicyBuilder().store(Store([load(folder / ca)])).time(datetime.datetime.now())
    leaf = load(certificate_file(folder, identity))
    if error := verifies(policy.build_client_verifier(), leaf):
        yield "cryptography client", error
    for name in filter(None, map(server_name, identity["alt_names"])):
        error = verifies(policy.build_server_verifier(name), leaf)
        if identity["role"] == "broker" and error:
            yield "cryptography server", error
        if identity["role"] == "client" and not error:
            yield "cryptography", f"a client can act as the server {name}"
    stranger = x509.DNSName("stranger.example.org")
    if not verifies(policy.build_server_verifier(stranger), leaf):
        yield "cryptography", "it is good for a name that is not in it"


def server_name(alt_name):
    """Returns a name that `dns:NAME` or `ip:ADDRESS` of the inventory is good for."""
    kind, value = alt_name.split(":", 1)
    if kind == "ip":
        return x509.IPAddress(ipaddress.ip_address(value))
    return x509.DNSName(value.replace("*", "any"))


def certificate_file(folder, identity):
    return folder / next(file for file in identity["files"] if file.endswith("cert-signed"))


def load(file):
    return x509.load_pem_x509_certificate(file.read_bytes())


def findings(folder):
    """Yields a file, who says something about it, and what."""
    inventory = json.loads((folder / "bundle.json").read_text())
    ca = inventory["ca"]["certificate_file"]
    yield from ((folder / ca, *finding) for finding in lint(folder / ca))
    for identity in inventory["identities"]:
        file = certificate_file(folder, identity)
        yield from ((file, *finding) for finding in lint(file))
        yield from ((file, *finding) for finding in verify(folder, ca, identity))


def main(accepted_file, *folders):
    lines = [line for line in pathlib.Path(accepted_file).read_text().splitlines() if not line.startswith("#")]
    accepted = [tuple(part.strip() for part in line.split("|", 2)) for line in lines]
    unexplained, needed = [], set()
    for folder in folders:
        for file, who, what in findings(pathlib.Path(folder)):
            reasons = [line for line in accepted if line[0] == who and re.fullmatch(line[1], what, re.DOTALL)]
            needed.update(reasons)
            if not reasons:
                unexplained.append(f"{file}: {who}: {what}")
    print(*unexplained, sep="\n")
    for line in sorted(set(accepted) - needed):
        print("never needed:", *line[:2])
    return 1 if unexplained or needed != set(accepted) else 0


sys.exit(main(*sys.argv[1:]))
