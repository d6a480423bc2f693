//! What Go's TLS says, and the clients on it: sarama, franz-go, kafka-go.

use super::messages;

messages! {
    message "go-unknown-authority":
        says ["x509: certificate signed by unknown authority"],
        by [Go],
        means "the client has refused the broker's certificate: it does not trust the CA that has issued it",
        causes [BROKER_CA_UNKNOWN, INTERMEDIATE_MISSING, CERTIFICATE_SELF_SIGNED, TRUSTSTORE_NOT_SET],
        source "Go crypto/x509/verify.go, UnknownAuthorityError";

    message "go-authority-replaced":
        says ["x509: certificate signed by unknown authority (possibly because of"],
        by [Go],
        means "the client has refused the broker's certificate: it trusts a CA of that name, with another key",
        causes [CA_REPLACED, BROKER_CA_UNKNOWN],
        source "Go crypto/x509/verify.go, UnknownAuthorityError";

    message "go-common-name":
        says ["x509: certificate relies on legacy Common Name field, use SANs instead"],
        by [Go],
        means "the client has refused the broker's certificate, which has its host in the common name alone",
        causes [ALT_NAME_MISSING],
        source "Go crypto/x509/verify.go, HostnameError";

    message "go-host-name":
        says ["x509: certificate is valid for {names}, not {host}",
            "x509: certificate is valid for {count} names, but none matched {host}",
            "x509: certificate is not valid for any names, but wanted to match {host}"],
        by [Go],
        means "the client has refused the broker's certificate, which lacks the name that the client has connected to",
        causes [HOST_NOT_IN_CERTIFICATE, ALT_NAME_MISSING],
        source "Go crypto/x509/verify.go, HostnameError";

    message "go-host-address":
        says ["x509: cannot validate certificate for {host} because it doesn't contain any IP SANs",
            "x509: certificate is valid for {count} IP SANs, but none matched {host}"],
        by [Go],
        means "the client has refused the broker's certificate, which lacks the address that the client has connected to",
        causes [HOST_NOT_IN_CERTIFICATE, ALT_NAME_MISSING],
        source "Go crypto/x509/verify.go, HostnameError";

    message "go-validity":
        says ["x509: certificate has expired or is not yet valid"],
        by [Go],
        means "the client has refused a certificate that the broker has sent, since today is not among its days",
        causes [CERTIFICATE_EXPIRED, CERTIFICATE_NOT_YET_VALID, STORES_NOT_LOADED_AGAIN],
        source "Go crypto/x509/verify.go, CertificateInvalidError";

    message "go-usage":
        says ["x509: certificate specifies an incompatible key usage"],
        by [Go],
        means "the client has refused the broker's certificate, whose extendedKeyUsage lacks serverAuth",
        causes [SERVER_USAGE_MISSING],
        source "Go crypto/x509/verify.go, CertificateInvalidError";

    message "go-authority-invalid":
        says ["x509: certificate is not authorized to sign other certificates",
            "x509: a root or intermediate certificate is not authorized", "x509: too many intermediates for path length constraint"],
        by [Go],
        means "the client has refused the broker's chain: a certificate in it has issued another and may not",
        causes [CERTIFICATE_AUTHORITY_INVALID],
        source "Go crypto/x509/verify.go, CertificateInvalidError";

    message "go-insecure-algorithm":
        says ["x509: cannot verify signature: insecure algorithm"],
        by [Go],
        means "a certificate is signed with MD5 or SHA-1, which Go refuses",
        causes [CERTIFICATE_WEAK],
        source "Go crypto/x509/x509.go, InsecureAlgorithmError";

    message "go-no-tls":
        says ["tls: first record does not look like a TLS handshake"],
        by [Go],
        means "what the other side has sent is not TLS",
        causes [LISTENER_WITHOUT_TLS, LISTENER_NOT_KAFKA],
        source "Go crypto/tls/conn.go, RecordHeaderError";

    message "go-oversized-record":
        says ["tls: oversized record received with length", "tls: unsupported SSLv2 handshake received"],
        by [Go],
        means "what the other side has sent is not TLS as we know it",
        causes [LISTENER_WITHOUT_TLS, LISTENER_NOT_KAFKA, PROTOCOL_MISMATCH],
        source "Go crypto/tls/conn.go, readRecordOrCCS";

    message "go-server-version":
        says ["tls: server selected unsupported protocol version", "remote error: tls: protocol version not supported",
            "tls: no supported versions satisfy MinVersion and MaxVersion"],
        by [Go],
        means "client and broker have no version of TLS in common",
        causes [PROTOCOL_MISMATCH],
        source "Go crypto/tls/handshake_client.go, alert.go";

    message "go-alert-bad-certificate":
        says ["remote error: tls: bad certificate"],
        by [Go],
        means "the broker has refused the client's certificate, or, on Java 17, the client has shown none",
        causes [CLIENT_CERTIFICATE_MISSING, CLIENT_CERTIFICATE_WITHHELD, CLIENT_CERTIFICATE_REFUSED],
        source "Go crypto/tls/alert.go; measured with a broker on OpenJDK 17";

    message "go-alert-certificate-required":
        says ["remote error: tls: certificate required"],
        by [Go],
        means "the broker requires a certificate, and the client has shown none",
        causes [CLIENT_CERTIFICATE_MISSING, CLIENT_CERTIFICATE_WITHHELD],
        source "Go crypto/tls/alert.go";

    message "go-alert-unknown-certificate":
        says ["remote error: tls: unknown certificate"],
        by [Go],
        means "the broker has refused the client's certificate, and says why in its own log alone",
        causes [CLIENT_CERTIFICATE_REFUSED, CLIENT_CA_UNKNOWN, CERTIFICATE_EXPIRED, CLIENT_USAGE_MISSING],
        source "Go crypto/tls/alert.go";

    message "go-alert-unknown-authority":
        says ["remote error: tls: unknown certificate authority"],
        by [Go],
        means "the other side has refused our certificate, since it does not trust the CA that has issued it",
        causes [CLIENT_CA_UNKNOWN, INTERMEDIATE_MISSING],
        source "Go crypto/tls/alert.go";

    message "go-alert-handshake-failure":
        says ["remote error: tls: handshake failure"],
        by [Go],
        means "the broker has refused the handshake: it has no key to show, nothing in common with the client, or wants a certificate",
        causes [CLIENT_CERTIFICATE_MISSING, BROKER_KEY_MISSING, CIPHER_SUITE_MISMATCH],
        source "Go crypto/tls/alert.go";

    message "go-alert-expired-certificate":
        says ["remote error: tls: expired certificate"],
        by [Go],
        means "the broker has refused the client's certificate, since it or a CA above it has expired",
        causes [CERTIFICATE_EXPIRED, STORES_NOT_LOADED_AGAIN],
        source "Go crypto/tls/alert.go";

    message "go-alert-unsupported-certificate":
        says ["remote error: tls: unsupported certificate"],
        by [Go],
        means "the broker has refused the client's certificate, since it is not for this use, or of a kind that it does not take",
        causes [CLIENT_USAGE_MISSING, CERTIFICATE_WEAK, SIGNATURE_ALGORITHM_MISMATCH],
        source "Go crypto/tls/alert.go";

    message "go-alert-decrypt-error":
        says ["remote error: tls: error decrypting message"],
        by [Go],
        means "the broker has refused the proof that the client has the private key of its certificate",
        causes [KEY_NOT_OF_CERTIFICATE],
        source "Go crypto/tls/alert.go";

    message "go-alert-internal-error":
        says ["remote error: tls: internal error"],
        by [Go],
        means "the broker has failed in the handshake for a reason of its own, which stands in its log",
        causes [BROKER_KEY_MISSING, TRUSTSTORE_EMPTY],
        source "Go crypto/tls/alert.go";

    message "go-alert-unrecognized-name":
        says ["remote error: tls: unrecognized name"],
        by [Go],
        means "what answers has refused the handshake, since it knows no host of the name that the client asks for",
        causes [SERVER_NAME_REFUSED],
        source "Go crypto/tls/alert.go, RFC 6066 §3";

    message "go-alert-other":
        says ["remote error: tls: revoked certificate", "remote error: tls: access denied",
            "remote error: tls: insufficient security level"],
        by [Go],
        means "the broker has refused the client for the reason that the alert names",
        causes [CLIENT_CERTIFICATE_REFUSED, CERTIFICATE_REVOKED, CIPHER_SUITE_MISMATCH],
        source "Go crypto/tls/alert.go, RFC 8446 §6.2";

    message "go-key-mismatch":
        says ["tls: private key does not match public key", "tls: private key type does not match public key type"],
        by [Go],
        means "the private key is not the one that the certificate was issued for",
        causes [KEY_NOT_OF_CERTIFICATE],
        source "Go crypto/tls/tls.go, X509KeyPair";

    message "go-no-pem":
        says ["tls: failed to find any PEM data in", "tls: failed to find \"CERTIFICATE\" PEM block",
            "tls: failed to find PEM block with type ending in \"PRIVATE KEY\"", "tls: failed to parse private key",
            "tls: found a certificate rather than a key", "tls: failed to find certificate PEM data in certificate input"],
        by [Go],
        means "a file that should have a certificate or key in PEM has none that Go reads; it reads no encrypted keys",
        causes [PEM_MALFORMED, PEM_KEY_PASSWORD, STORE_TYPE_WRONG],
        source "Go crypto/tls/tls.go, X509KeyPair";

    message "go-server-name-missing":
        says ["tls: either ServerName or InsecureSkipVerify must be specified in the tls.Config"],
        by [Go],
        means "the client's tls.Config does not say which host it connects to",
        causes [CONFIGURATION_INCOMPLETE],
        source "Go crypto/tls/handshake_client.go";

    message "kafka-go-expects-tls":
        says ["unexpected EOF: broker appears to be expecting TLS"],
        by [Go],
        means "kafka-go speaks without TLS to a listener with it",
        causes [CLIENT_WITHOUT_TLS],
        source "kafka-go protocol/response.go; mostafa/xk6-kafka#265; measured with 0.4.51";

    message "kafka-go-eof":
        says ["kafka.(*Client).{call}: EOF"],
        by [Go],
        means "the other side has closed the connection in the handshake, which is what a listener without TLS does",
        causes [LISTENER_WITHOUT_TLS, CONNECTION_CUT],
        source "kafka-go client.go; measured with 0.4.51";

    message "kafka-go-unexpected-eof":
        says ["kafka.(*Client).{call}: unexpected EOF"],
        by [Go],
        means "the broker has closed the connection at the first request, which is what a listener with SASL does to a client without",
        causes [SASL_EXPECTED, CLIENT_WITHOUT_TLS],
        source "kafka-go client.go; measured with 0.4.51";

    message "sarama-unexpected-eof":
        says ["kafka: client has run out of available brokers to talk to: unexpected EOF"],
        by [Go],
        means "the broker has closed the connection at the first request, which is what a listener with TLS does to a client without, and \
               one with SASL to a client without",
        causes [CLIENT_WITHOUT_TLS, SASL_EXPECTED],
        source "sarama errors.go, ErrOutOfBrokers; IBM/sarama#3037; measured with 1.45.2";

    message "sarama-eof":
        says ["kafka: client has run out of available brokers to talk to: EOF"],
        by [Go],
        means "the other side has closed the connection in the handshake, which is what a listener without TLS does",
        causes [LISTENER_WITHOUT_TLS, CONNECTION_CUT],
        source "sarama errors.go, ErrOutOfBrokers; measured with 1.45.2";

    wrapper "sarama-out-of-brokers":
        says ["kafka: client has run out of available brokers to talk to"],
        by [Go],
        means "sarama has reached no broker; what follows in the line says why",
        causes [CLIENT_WITHOUT_TLS, LISTENER_WITHOUT_TLS, CLIENT_CERTIFICATE_MISSING, CONNECTION_REFUSED],
        source "sarama errors.go, ErrOutOfBrokers; IBM/sarama#3037";

    message "franz-go-tls-unexpected":
        says ["broker closed the connection immediately after a dial", "unable to open connection to broker due to an immediate EOF"],
        by [Go],
        means "the other side has closed the connection in the handshake, which is what a listener without TLS does",
        causes [LISTENER_WITHOUT_TLS, CONNECTION_CUT],
        source "franz-go pkg/kgo/errors.go, ErrFirstReadEOF; pkg/kgo/broker.go";

    message "franz-go-tls-missing":
        says ["broker closed the connection immediately during api versions negotiation",
            "read from broker received EOF during api versions discovery", "appear to be a tls alert record for"],
        by [Go],
        means "franz-go speaks without TLS to a listener with it",
        causes [CLIENT_WITHOUT_TLS, SASL_EXPECTED],
        source "franz-go pkg/kgo/errors.go, ErrFirstReadEOF; pkg/kgo/broker.go; measured with 1.18.1";

    message "franz-go-sasl-missing":
        says ["broker closed the connection immediately after a request was issued", "(is SASL missing?)"],
        by [Go],
        means "the broker has closed the connection at the first request, which is what a listener with SASL does to a client without",
        causes [SASL_EXPECTED],
        source "franz-go pkg/kgo/errors.go, ErrFirstReadEOF; pkg/kgo/broker.go; measured with 1.18.1";

    message "go-connection-refused":
        says ["dial tcp {peer}: connect: connection refused"],
        by [Go],
        means "nothing listens at that address",
        causes [CONNECTION_REFUSED, ADVERTISED_UNREACHABLE],
        source "Go net/dial.go; measured with sarama 1.45.2";

    message "go-connection-timed-out":
        says ["dial tcp {peer}: i/o timeout", "dial tcp {peer}: connect: connection timed out"],
        by [Go],
        means "nothing has answered at that address in time",
        causes [CONNECTION_TIMED_OUT, ADVERTISED_UNREACHABLE],
        source "Go net/dial.go, net/net.go";

    message "go-unresolved":
        says ["dial tcp: lookup {host}: no such host", "dial tcp: lookup {host} on {server}: no such host"],
        by [Go],
        means "the name of the host has no address where the client runs",
        causes [HOST_UNRESOLVED, ADVERTISED_UNREACHABLE],
        source "Go net/net.go, DNSError";
}
