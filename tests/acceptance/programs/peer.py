"""The other side of every handshake: presents each chain as it is, and judges nothing.

    peer.py serve CASES             prints `name TAB port` for each case, and serves until its standard input ends
    peer.py connect CASES PORTS     connects to the port of each case in PORTS, with the chain of the case

A line of CASES is `name TAB host TAB version of TLS, or - TAB chain TAB key TAB anchors`, the last three being PEM files.
"""

import concurrent.futures
import socket
import ssl
import sys
import threading

SECONDS = 60


def main():
    role, cases = sys.argv[1], [line.rstrip("\n").split("\t") for line in open(sys.argv[2], encoding="utf-8")]
    if role == "serve":
        serve(cases)
    else:
        ports = dict(line.split() for line in open(sys.argv[3], encoding="utf-8"))
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            for answer in pool.map(lambda case: connect(case, int(ports[case[0]])), cases):
                print(answer, flush=True)


def context(protocol, tls, chain, key):
    context = ssl.SSLContext(protocol)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_ciphers("ALL:@SECLEVEL=0")
    if tls == "1.2":
        context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(chain, key)
    return context


def serve(cases):
    for name, _host, tls, chain, key, _anchors in cases:
        tolerant = context(ssl.PROTOCOL_TLS_SERVER, tls, chain, key)
        listener = socket.create_server(("127.0.0.1", 0), backlog=16)
        print(name, listener.getsockname()[1], sep="\t")
        threading.Thread(target=accept, args=(listener, tolerant), daemon=True).start()
    sys.stdout.flush()
    sys.stdin.read()


def accept(listener, tolerant):
    while True:
        plain, _ = listener.accept()
        threading.Thread(target=answer, args=(plain, tolerant), daemon=True).start()


def answer(plain, tolerant):
    """Waits for a first byte: what judges the certificate has done so by then."""
    plain.settimeout(SECONDS)
    try:
        with tolerant.wrap_socket(plain, server_side=True) as tls:
            tls.recv(1)
    except OSError:
        plain.close()


def connect(case, port):
    name, _host, tls, chain, key, _anchors = case
    try:
        tolerant = context(ssl.PROTOCOL_TLS_CLIENT, tls, chain, key)
        with socket.create_connection(("127.0.0.1", port), SECONDS) as plain:
            with tolerant.wrap_socket(plain, server_hostname="broker1") as tls:
                tls.send(b"x")
                while tls.recv(64):
                    pass
    except OSError as error:
        return f"{name}\t{error}"
    return f"{name}\t"


main()
