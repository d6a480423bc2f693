"""librdkafka judges brokers, through the library that the confluent-kafka wheel brings along.

    librdkafka.py client CASES PORTS

Prints `name TAB message (OpenSSL's reason)` for each case, without a message if it accepts. The wheel's own interface has neither the callback that maps each host to the loopback interface nor the one that is told OpenSSL's reason, so that the C interface is called.
"""

import ctypes
import ctypes.util
import glob
import os
import sys
import time

import confluent_kafka

SECONDS = 60
ERROR_EVENT = 0x8

pattern = os.path.join(os.path.dirname(confluent_kafka.__file__), "..", "confluent_kafka.libs", "librdkafka*.so*")
rd = ctypes.CDLL(glob.glob(pattern)[0])
libc = ctypes.CDLL(None)
pointer, text, number = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int
for name, result, arguments in [
    ("rd_kafka_conf_new", pointer, []),
    ("rd_kafka_conf_set", number, [pointer, text, text, text, ctypes.c_size_t]),
    ("rd_kafka_conf_set_events", None, [pointer, number]),
    ("rd_kafka_conf_set_resolve_cb", None, [pointer, pointer]),
    ("rd_kafka_conf_set_ssl_cert_verify_cb", number, [pointer, pointer]),
    ("rd_kafka_new", pointer, [number, pointer, text, ctypes.c_size_t]),
    ("rd_kafka_queue_get_main", pointer, [pointer]),
    ("rd_kafka_queue_poll", pointer, [pointer, number]),
    ("rd_kafka_queue_destroy", None, [pointer]),
    ("rd_kafka_event_type", number, [pointer]),
    ("rd_kafka_event_error_string", text, [pointer]),
    ("rd_kafka_event_destroy", None, [pointer]),
    ("rd_kafka_destroy_flags", None, [pointer, number]),
]:
    getattr(rd, name).restype, getattr(rd, name).argtypes = result, arguments
# The wheel's own OpenSSL is hidden. Numbers of reasons do not change.
crypto = ctypes.CDLL(ctypes.util.find_library("crypto"))
crypto.X509_verify_cert_error_string.restype, crypto.X509_verify_cert_error_string.argtypes = text, [ctypes.c_long]
libc.getaddrinfo.argtypes = [text, text, pointer, pointer]
libc.freeaddrinfo.argtypes = [pointer]

reasons = []


@ctypes.CFUNCTYPE(number, text, text, pointer, ctypes.POINTER(pointer), pointer)
def resolve(node, service, hints, result, _opaque):
    if node is None:
        libc.freeaddrinfo(result[0])
        return 0
    return libc.getaddrinfo(b"127.0.0.1", service, hints, result)


@ctypes.CFUNCTYPE(
    number, pointer, text, ctypes.c_int32, ctypes.POINTER(number), number, pointer, ctypes.c_size_t, pointer, ctypes.c_size_t, pointer
)
def judge(_handle, _broker, _id, error, _depth, _certificate, _size, _text, _text_size, _opaque):
    """Notes the reason, and leaves the verdict as it is."""
    if error[0] == 0:
        return 1
    reasons.append(error[0])
    return 0


def main():
    cases = [line.rstrip("\n").split("\t") for line in open(sys.argv[2], encoding="utf-8")]
    ports = dict(line.split() for line in open(sys.argv[3], encoding="utf-8"))
    for name, host, _tls, _chain, _key, anchors in cases:
        reasons.clear()
        message = judge_server(host, ports[name], anchors)
        reason = f" ({crypto.X509_verify_cert_error_string(reasons[0]).decode()})" if reasons else ""
        print(name, " ".join(message.split()) + reason, sep="\t", flush=True)


def judge_server(host, port, anchors):
    problem = ctypes.create_string_buffer(512)
    conf = rd.rd_kafka_conf_new()
    address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    settings = {
        "bootstrap.servers": address,
        "security.protocol": "ssl",
        "ssl.ca.location": anchors,
        "log_level": "0",
        "reconnect.backoff.ms": "600000",
        "reconnect.backoff.max.ms": "600000",
    }
    for key, value in settings.items():
        if rd.rd_kafka_conf_set(conf, key.encode(), value.encode(), problem, len(problem)) != 0:
            return f"cannot set {key}: {problem.value.decode()}"
    rd.rd_kafka_conf_set_events(conf, ERROR_EVENT)
    rd.rd_kafka_conf_set_resolve_cb(conf, resolve)
    rd.rd_kafka_conf_set_ssl_cert_verify_cb(conf, judge)
    handle = rd.rd_kafka_new(0, conf, problem, len(problem))
    if not handle:
        return f"cannot start: {problem.value.decode()}"
    queue = rd.rd_kafka_queue_get_main(handle)
    message = first_error(queue)
    rd.rd_kafka_queue_destroy(queue)
    # Without waiting for what a consumer would still have to do.
    rd.rd_kafka_destroy_flags(handle, 0x4 | 0x8)
    # The other side hangs up once the handshake is over. What ends a handshake is told before that brokers are down.
    return "" if message.endswith("brokers are down") else message


def first_error(queue):
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        event = rd.rd_kafka_queue_poll(queue, 1000)
        if not event:
            continue
        found = (rd.rd_kafka_event_type(event), rd.rd_kafka_event_error_string(event) or b"")
        rd.rd_kafka_event_destroy(event)
        if found[0] == ERROR_EVENT:
            return found[1].decode("utf-8", "replace")
    return "no answer"


main()
