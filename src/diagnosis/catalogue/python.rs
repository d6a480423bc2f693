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
        says ["EOF occurred in violation of protocol"],
        by [Python],
        means "the other side has closed the connection in the handshake without a word, which is what a listener without TLS does",
        causes [LISTENER_WITHOUT_TLS, CONNECTION_CUT],
        source "CPython Modules/_ssl.c, fill_and_set_sslerror";

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

    wrapper "aiokafka-unable-to-connect":
        says ["Unable connect to \"{peer}\":", "Unable to bootstrap from ["],
        by [Python],
        means "aiokafka has reached no broker; what follows in the line, or the lines before it, say why",
        causes [CLIENT_WITHOUT_TLS, LISTENER_WITHOUT_TLS, CONNECTION_REFUSED, BROKER_CA_UNKNOWN],
        source "aiokafka client.py, AIOKafkaClient.bootstrap";

    wrapper "kafka-python-bootstrap-failed":
        says ["Bootstrap connection to {node} failed:", "Bootstrap attempt to {node} failed:", "NoBrokersAvailable"],
        by [Python],
        means "kafka-python has reached no broker; lines before it say why",
        causes [CLIENT_WITHOUT_TLS, LISTENER_WITHOUT_TLS, BROKER_CA_UNKNOWN, CONNECTION_REFUSED],
        source "kafka-python kafka/net/manager.py, kafka/errors.py";
}
