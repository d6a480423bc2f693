//! What Python's ssl module says, and the clients on it; what OpenSSL says stands with OpenSSL.

use super::messages;

messages! {
    message "python-authority-key-missing":
        says ["Missing Authority Key Identifier"],
        by [Python],
        means "Python 3.13 or later has refused the broker's certificate, which lacks authorityKeyIdentifier",
        causes [CERTIFICATE_NOT_STRICT],
        source "OpenSSL crypto/x509/x509_txt.c, under X509_V_FLAG_X509_STRICT; strimzi/strimzi-kafka-operator#11375";

    message "python-ca-not-strict":
        says ["Basic Constraints of CA cert not marked critical", "CA cert does not include key usage extension",
            "Missing Subject Key Identifier", "Path length given without key usage keyCertSign"],
        by [Python],
        means "Python 3.13 or later has refused the CA, which is not as strict verifiers demand",
        causes [CERTIFICATE_NOT_STRICT],
        source "OpenSSL crypto/x509/x509_txt.c, under X509_V_FLAG_X509_STRICT; sgallagher/sscg#74";

    message "python-eof":
        says ["[SSL: UNEXPECTED_EOF_WHILE_READING] EOF occurred in violation of protocol", "EOF occurred in violation of protocol"],
        by [Python],
        means "the other side has closed the connection in the handshake without a word, which is what a listener without TLS does",
        causes [LISTENER_WITHOUT_TLS, CONNECTION_CUT],
        source "CPython Modules/_ssl.c, fill_and_set_sslerror; measured with kafka-python 3.0.12";

    message "python-handshake-timed-out":
        says ["_ssl.c:{line}: The handshake operation timed out", "SSL handshake is taking longer than"],
        by [Python],
        means "the other side has not answered the ClientHello in time: a listener without TLS may wait for more as well",
        causes [LISTENER_WITHOUT_TLS, CONNECTION_TIMED_OUT],
        source "CPython Modules/_ssl.c, Lib/asyncio/sslproto.py";

    message "python-host-name":
        says ["Hostname mismatch, certificate is not valid for '{host}'.", "hostname '{host}' doesn't match"],
        by [Python],
        means "the client has refused the broker's certificate, which lacks the name that the client has connected to",
        causes [HOST_NOT_IN_CERTIFICATE, ALT_NAME_MISSING],
        source "CPython Modules/_ssl.c, fill_and_set_sslerror; Lib/ssl.py, match_hostname, before 3.7";

    message "python-host-address":
        says ["IP address mismatch, certificate is not valid for '{host}'."],
        by [Python],
        means "the client has refused the broker's certificate, which lacks the address that the client has connected to",
        causes [HOST_NOT_IN_CERTIFICATE, ALT_NAME_MISSING],
        source "CPython Modules/_ssl.c, fill_and_set_sslerror";

    message "python-check-hostname-order":
        says ["Cannot set verify_mode to CERT_NONE when check_hostname is enabled."],
        by [Python],
        means "an SSLContext is told to verify nothing and to check the host name all the same",
        causes [CONFIGURATION_INCOMPLETE],
        source "CPython Modules/_ssl.c, set_verify_mode";

    message "aiokafka-context-missing":
        says ["`ssl_context` is mandatory if security_protocol=='SSL'"],
        by [Python],
        means "aiokafka is told to speak TLS, and was given no SSLContext",
        causes [CONFIGURATION_INCOMPLETE],
        source "aiokafka client.py, AIOKafkaClient.__init__";

    message "aiokafka-closed-at-first-request":
        says ["Unable connect to \"{peer}\": KafkaConnectionError: Connection at"],
        by [Python],
        means "the broker has closed the connection at the first request: it speaks TLS and the client does not, or it wants a \
               certificate and got none",
        causes [CLIENT_WITHOUT_TLS, CLIENT_CERTIFICATE_MISSING, CLIENT_CERTIFICATE_REFUSED],
        source "aiokafka client.py, AIOKafkaClient.bootstrap; measured with aiokafka 0.14.0";

    message "aiokafka-closed-after-first-answer":
        says ["Unable to request metadata from \"{peer}\": KafkaConnectionError: Connection at"],
        by [Python],
        means "the broker has closed the connection after its first answer, which is what a listener with SASL does to a client without",
        causes [SASL_EXPECTED],
        source "aiokafka client.py, AIOKafkaClient.bootstrap; measured with aiokafka 0.14.0";

    message "python-connection-refused":
        says ["[Errno 111] Connect call failed", "[Errno 111] Connection refused"],
        by [Python],
        means "nothing listens at that address",
        causes [CONNECTION_REFUSED, ADVERTISED_UNREACHABLE],
        source "CPython Lib/asyncio/selector_events.py; measured with aiokafka 0.14.0";

    message "python-unresolved":
        says ["[Errno -2] Name or service not known", "[Errno -3] Temporary failure in name resolution"],
        by [Python],
        means "the name of a host has no address where the client runs",
        causes [HOST_UNRESOLVED, ADVERTISED_UNREACHABLE],
        source "glibc's gai_strerror; measured with aiokafka 0.14.0";

    wrapper "aiokafka-unable-to-connect":
        says ["Unable connect to \"{peer}\":", "Unable to bootstrap from ["],
        by [Python],
        means "aiokafka has reached no broker; what follows in the line, or the lines before it, say why",
        causes [CLIENT_WITHOUT_TLS, LISTENER_WITHOUT_TLS, CONNECTION_REFUSED, BROKER_CA_UNKNOWN],
        source "aiokafka client.py, AIOKafkaClient.bootstrap";

    message "kafka-python-tls-bytes-as-length":
        says ["InvalidReceiveError: Invalid frame length: 352518912"],
        by [Python],
        means "the client speaks without TLS to a listener with it, and takes the alert that comes back for a length",
        causes [CLIENT_WITHOUT_TLS],
        source "kafka-python kafka/protocol/parser.py; measured with kafka-python 3.0.12";

    message "kafka-python-refused":
        says ["KafkaConnectionError: 111 ECONNREFUSED"],
        by [Python],
        means "nothing listens at that address",
        causes [CONNECTION_REFUSED, ADVERTISED_UNREACHABLE],
        source "kafka-python kafka/net/inet.py; measured with kafka-python 3.0.12";

    message "kafka-python-unresolved":
        says ["DNS lookup failed for {host}:"],
        by [Python],
        means "the name of the host has no address where the client runs",
        causes [HOST_UNRESOLVED, ADVERTISED_UNREACHABLE],
        source "kafka-python kafka/net/inet.py; measured with kafka-python 3.0.12";

    message "kafka-python-on-controller":
        says ["Did you attempt to connect to a kafka controller (no metadata support)?"],
        by [Python],
        means "the client has come to the listener of a controller, which is not for clients",
        causes [LISTENER_OF_CONTROLLER],
        source "kafka-python kafka/net/manager.py";

    wrapper "kafka-python-bootstrap-failed":
        says ["Bootstrap connection to {node} failed:", "Bootstrap attempt to {node} failed:", "KafkaTimeoutError: Unable to bootstrap from",
            "KafkaConnectionError: socket disconnected", "NoBrokersAvailable"],
        by [Python],
        means "kafka-python has reached no broker; lines before it say why, and one whose socket was disconnected may speak without TLS to a \
               listener with it",
        causes [CLIENT_WITHOUT_TLS, LISTENER_WITHOUT_TLS, BROKER_CA_UNKNOWN, CONNECTION_REFUSED],
        source "kafka-python kafka/net/manager.py, kafka/errors.py";
}
