//! Alerts of TLS that Java has received: with each, the other side says that it refuses.

use super::messages;

messages! {
    message "alert-handshake-failure":
        says ["Received fatal alert: handshake_failure"],
        by [Java, Broker],
        means "the other side has refused the handshake: nothing in common, no key of its own, or, by a broker on a newer Java \
               in TLS 1.2, since the client has shown no certificate",
        causes [CLIENT_CERTIFICATE_MISSING, BROKER_KEY_MISSING, CIPHER_SUITE_MISMATCH, PROTOCOL_MISMATCH,
            SIGNATURE_ALGORITHM_MISMATCH],
        source "RFC 8446 §6.2, sun.security.ssl.CertificateMessage; bitnami/containers#43226; measured with OpenJDK 25";

    message "alert-bad-certificate":
        says ["Received fatal alert: bad_certificate"],
        by [Java, Broker],
        means "the other side has refused our certificate; a broker on Java 17 says so too where the client has shown none",
        causes [CLIENT_CERTIFICATE_MISSING, CLIENT_CERTIFICATE_WITHHELD, CLIENT_CERTIFICATE_REFUSED,
            BROKER_CERTIFICATE_REFUSED, HOST_NOT_IN_CERTIFICATE],
        source "RFC 8446 §6.2, sun.security.ssl.CertificateMessage; bitnami/containers#44218; measured with OpenJDK 17";

    message "alert-certificate-unknown":
        says ["Received fatal alert: certificate_unknown"],
        by [Java, Broker],
        means "the other side, mostly Java, has refused our certificate, and says why in its own log alone: in a client's log that \
               is the broker, in a broker's log the client",
        causes [CLIENT_CERTIFICATE_REFUSED, BROKER_CERTIFICATE_REFUSED, CLIENT_CA_UNKNOWN, BROKER_CA_UNKNOWN,
            HOST_NOT_IN_CERTIFICATE, CERTIFICATE_EXPIRED, CLIENT_USAGE_MISSING],
        source "RFC 8446 §6.2, sun.security.ssl.CertificateMessage.getCertificateAlert; measured with OpenJDK 17 and \
                25";

    message "alert-certificate-required":
        says ["Received fatal alert: certificate_required"],
        by [Java],
        means "the broker requires a certificate, and this client has shown none",
        causes [CLIENT_CERTIFICATE_MISSING, CLIENT_CERTIFICATE_WITHHELD],
        source "RFC 8446 §6.2; measured with OpenJDK 25";

    message "alert-unknown-ca":
        says ["Received fatal alert: unknown_ca"],
        by [Java, Broker],
        means "the other side has refused our certificate, since it does not trust the CA; in a broker's log, a client on OpenSSL, \
               Node or rustls has refused the broker",
        causes [BROKER_CA_UNKNOWN, CLIENT_CA_UNKNOWN, INTERMEDIATE_MISSING, CERTIFICATE_SELF_SIGNED],
        source "RFC 8446 §6.2, OpenSSL's ssl_x509err2alert";

    message "alert-certificate-expired":
        says ["Received fatal alert: certificate_expired"],
        by [Java, Broker],
        means "the other side has refused our certificate, since it or a CA above it has expired",
        causes [CERTIFICATE_EXPIRED, STORES_NOT_LOADED_AGAIN],
        source "RFC 8446 §6.2, OpenSSL's ssl_x509err2alert";

    message "alert-certificate-revoked":
        says ["Received fatal alert: certificate_revoked"],
        by [Java, Broker],
        means "the other side has refused our certificate, since its CA has revoked it",
        causes [CERTIFICATE_REVOKED],
        source "RFC 8446 §6.2";

    message "alert-unsupported-certificate":
        says ["Received fatal alert: unsupported_certificate"],
        by [Java, Broker],
        means "the other side has refused our certificate, since it is not for this use, or of a kind that it does not take",
        causes [SERVER_USAGE_MISSING, CLIENT_USAGE_MISSING, CERTIFICATE_WEAK, SIGNATURE_ALGORITHM_MISMATCH],
        source "RFC 8446 §6.2, OpenSSL's ssl_x509err2alert, sun.security.ssl.CertificateMessage.getCertificateAlert";

    message "alert-protocol-version":
        says ["Received fatal alert: protocol_version"],
        by [Java, Broker],
        means "the other side has refused the handshake, since it speaks none of the versions of TLS that we have offered",
        causes [PROTOCOL_MISMATCH],
        source "RFC 8446 §6.2";

    message "alert-insufficient-security":
        says ["Received fatal alert: insufficient_security"],
        by [Java, Broker],
        means "the other side has refused the handshake, since it demands stronger cipher suites than we have offered",
        causes [CIPHER_SUITE_MISMATCH],
        source "RFC 8446 §6.2";

    message "alert-decrypt-error":
        says ["Received fatal alert: decrypt_error"],
        by [Java, Broker],
        means "the other side has refused our proof that we have the private key of our certificate, or a signature in our chain",
        causes [KEY_NOT_OF_CERTIFICATE, CA_REPLACED],
        source "RFC 8446 §6.2";

    message "alert-illegal-parameter":
        says ["Received fatal alert: illegal_parameter"],
        by [Java, Broker],
        means "the other side takes what we have sent for a breach of TLS: a proxy or a faulty TLS stack is on the way",
        causes [STREAM_ALTERED, PROTOCOL_MISMATCH],
        source "RFC 8446 §6.2";

    message "alert-unexpected-message":
        says ["Received fatal alert: unexpected_message"],
        by [Java, Broker],
        means "the other side has received something else than what the handshake calls for: it may not speak TLS as we know it",
        causes [LISTENER_NOT_KAFKA, CONNECTION_CUT],
        source "RFC 8446 §6.2";

    message "alert-internal-error":
        says ["Received fatal alert: internal_error"],
        by [Java, Broker],
        means "the other side has failed in the handshake for a reason of its own, which stands in its log: often it has no usable key \
               or truststore",
        causes [BROKER_KEY_MISSING, TRUSTSTORE_EMPTY],
        source "RFC 8446 §6.2, sun.security.ssl.TransportContext.fatal";

    message "alert-unrecognized-name":
        says ["Received fatal alert: unrecognized_name"],
        by [Java],
        means "what answers has refused the handshake, since it knows no host of the name that we ask for: often a proxy or a router",
        causes [SERVER_NAME_REFUSED],
        source "RFC 6066 §3";

    message "alert-access-denied":
        says ["Received fatal alert: access_denied"],
        by [Java, Broker],
        means "the other side has taken our certificate for valid, and refused us all the same",
        causes [CLIENT_CERTIFICATE_REFUSED],
        source "RFC 8446 §6.2";

    message "alert-record-overflow":
        says ["Received fatal alert: record_overflow", "Received fatal alert: decode_error"],
        by [Java, Broker],
        means "the other side cannot read what we have sent as TLS",
        causes [LISTENER_NOT_KAFKA, STREAM_ALTERED],
        source "RFC 8446 §6.2";

    message "alert-bad-record-mac":
        says ["Received fatal alert: bad_record_mac"],
        by [Java, Broker],
        means "a record of ours has arrived changed at the other side: something on the way alters what is sent",
        causes [STREAM_ALTERED],
        source "RFC 8446 §6.2";

    message "alert-close-notify":
        says ["Received fatal close_notify alert"],
        by [Java, Broker],
        means "the other side has given up the handshake",
        causes [CONNECTION_CUT],
        source "sun.security.ssl.Alert.AlertConsumer";
}
