"""CPython's ssl judges the other side.

    judge.py MODE client CASES PORTS    connects to the port of each case in PORTS
    judge.py MODE server CASES CHAIN KEY
        prints `name TAB port` for each case and an empty line, and judges one client at each

MODE is `strict`, which is what `ssl.create_default_context` makes in CPython 3.13 and newer, or `openssl`, which is OpenSSL with its
own defaults. Either prints `name TAB message` for each case, without a message if it accepts.
"""

import concurrent.futures
import socket
import ssl
import sys

SECONDS = 60


def main():
    mode, role, cases = sys.argv[1], sys.argv[2], sys.argv[3]
    cases = [line.rstrip("\n").split("\t") for line in open(cases, encoding="utf-8")]
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        if role == "client":
            ports = dict(line.split() for line in open(sys.argv[4], encoding="utf-8"))
            answers = pool.map(lambda case: judge_server(mode, case, int(ports[case[0]])), cases)
        else:
            listeners = [socket.create_server(("127.0.0.1", 0)) for _ in cases]
            for case, listener in zip(cases, listeners):
                print(case[0], listener.getsockname()[1], sep="\t")
            print(flush=True)
            servers = [(mode, case, listener, sys.argv[4:6]) for case, listener in zip(cases, listeners)]
            answers = pool.map(lambda server: judge_client(*server), servers)
        for case, message in zip(cases, answers):
            print(case[0], " ".join(message.split()), sep="\t", flush=True)


def context(mode, purpose, anchors):
    if mode == "strict":
        context = ssl.create_default_context(purpose, cafile=anchors)
        context.verify_flags |= ssl.VERIFY_X509_STRICT | ssl.VERIFY_X509_PARTIAL_CHAIN
    else:
        client = purpose == ssl.Purpose.SERVER_AUTH
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT if client else ssl.PROTOCOL_TLS_SERVER)
        # The level of OpenSSL's own from 3.2 on, and of Debian's.
        context.set_ciphers("DEFAULT:@SECLEVEL=2")
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(anchors)
    return context


def judge_server(mode, case, port):
    _name, host, _tls, _chain, _key, anchors = case
    try:
        judge = context(mode, ssl.Purpose.SERVER_AUTH, anchors)
        with socket.create_connection(("127.0.0.1", port), SECONDS) as plain:
            with judge.wrap_socket(plain, server_hostname=host) as tls:
                tls.send(b"x")
    except (OSError, ValueError) as error:
        return message_of(error)
    return ""


def judge_client(mode, case, listener, own):
    _name, _host, _tls, _chain, _key, anchors = case
    try:
        judge = context(mode, ssl.Purpose.CLIENT_AUTH, anchors)
        judge.load_cert_chain(*own)
        listener.settimeout(SECONDS)
        plain, _ = listener.accept()
        plain.settimeout(SECONDS)
        with judge.wrap_socket(plain, server_side=True) as tls:
            tls.recv(1)
    except (OSError, ValueError) as error:
        return message_of(error)
    finally:
        listener.close()
    return ""


def message_of(error):
    """Leaves out the place in CPython's source, which differs from build to build."""
    return str(error).split(" (_ssl.c:")[0] or repr(error)


main()
