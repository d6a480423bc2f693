//! What Node.js says, and kafkajs on it; what OpenSSL says stands with OpenSSL.

use super::messages;

messages! {
    message "node-leaf-signature":
        says ["unable to verify the first certificate", "UNABLE_TO_VERIFY_LEAF_SIGNATURE"],
        by [Node],
        means "the client has refused the broker's certificate: it has no certificate of the CA that has issued it",
        causes [BROKER_CA_UNKNOWN, INTERMEDIATE_MISSING, ANCHOR_NOT_ROOT],
        source "OpenSSL crypto/x509/x509_txt.c, X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE; tulios/kafkajs#70";

    message "node-issuer-locally":
        says ["UNABLE_TO_GET_ISSUER_CERT_LOCALLY", "UNABLE_TO_GET_ISSUER_CERT"],
        by [Node],
        means "the client has refused the broker's certificate: the CA above the last one that was sent is not among those it trusts",
        causes [BROKER_CA_UNKNOWN, INTERMEDIATE_MISSING, ANCHOR_NOT_ROOT],
        source "Node.js src/crypto/crypto_common.cc, X509ErrorCode";

    message "node-self-signed-in-chain":
        says ["SELF_SIGNED_CERT_IN_CHAIN"],
        by [Node],
        means "the client has refused the broker's certificate: the broker sends its root CA too, and the client does not trust it",
        causes [BROKER_CA_UNKNOWN],
        source "Node.js src/crypto/crypto_common.cc, X509ErrorCode";

    message "node-host-name":
        says ["Hostname/IP does not match certificate's altnames: Host: {host}. is not in the cert's altnames",
            "Hostname/IP does not match certificate's altnames: Host: {host}. is not cert's CN",
            "Hostname/IP does not match certificate's altnames", "ERR_TLS_CERT_ALTNAME_INVALID"],
        by [Node],
        means "the client has refused the broker's certificate, which lacks the name that the client has connected to",
        causes [HOST_NOT_IN_CERTIFICATE, ALT_NAME_MISSING],
        source "Node.js lib/tls.js, checkServerIdentity; lib/internal/errors.js";

    message "node-host-address":
        says ["Hostname/IP does not match certificate's altnames: IP: {host} is not in the cert's list"],
        by [Node],
        means "the client has refused the broker's certificate, which lacks the address that the client has connected to",
        causes [HOST_NOT_IN_CERTIFICATE, ALT_NAME_MISSING],
        source "Node.js lib/tls.js, checkServerIdentity";

    message "node-no-names":
        says ["Cert does not contain a DNS name"],
        by [Node],
        means "the client has refused the broker's certificate, which names no host at all",
        causes [ALT_NAME_MISSING],
        source "Node.js lib/tls.js, checkServerIdentity";

    message "node-disconnected-before-tls":
        says ["Client network socket disconnected before secure TLS connection was established"],
        by [Node],
        means "the other side has closed the connection in the handshake without a word: a listener without TLS, or a port that leads \
               nowhere",
        causes [LISTENER_WITHOUT_TLS, CONNECTION_CUT, CONNECTION_REFUSED],
        source "Node.js lib/_tls_wrap.js, onConnectEnd; tulios/kafkajs#1158";

    message "node-connection-refused":
        says ["connect ECONNREFUSED {peer}"],
        by [Node],
        means "nothing listens at that address",
        causes [CONNECTION_REFUSED, ADVERTISED_UNREACHABLE],
        source "Node.js lib/net.js, afterConnect";

    message "node-unresolved":
        says ["getaddrinfo ENOTFOUND {host}", "getaddrinfo EAI_AGAIN {host}"],
        by [Node],
        means "the name of the host has no address where the client runs",
        causes [HOST_UNRESOLVED, ADVERTISED_UNREACHABLE],
        source "Node.js lib/dns.js";

    message "node-pkcs12-unsupported":
        says ["Unsupported PKCS12 PFX data"],
        by [Node],
        means "the PKCS#12 store is encrypted with an old algorithm, such as RC2-40, that OpenSSL 3 no longer has at hand",
        causes [STORE_ALGORITHM_UNKNOWN],
        source "Node.js src/crypto/crypto_context.cc, SecureContext::LoadPKCS12; measured with Node.js 20";

    wrapper "kafkajs-connection-error":
        says ["KafkaJSConnectionError: Connection error:", "KafkaJSConnectionError: Failed to connect:",
            "KafkaJSNumberOfRetriesExceeded", "[Connection] Connection error: "],
        by [Node],
        means "kafkajs has not reached a broker, and says why in the same line",
        causes [LISTENER_WITHOUT_TLS, BROKER_CA_UNKNOWN, CONNECTION_REFUSED],
        source "kafkajs src/network/connection.js";

    message "kafkajs-closed":
        says ["KafkaJSConnectionClosedError: Closed connection", "[BrokerPool] Closed connection",
            "KafkaJSNumberOfRetriesExceeded: Closed connection", "KafkaJSConnectionError: Connection closed by the server",
            "KafkaJSConnectionError: Connection timeout"],
        by [Node],
        means "the broker has closed the connection, or not answered: most often since it speaks TLS and the client does not, or wants a \
               certificate and got none",
        causes [CLIENT_WITHOUT_TLS, SASL_EXPECTED, CLIENT_CERTIFICATE_MISSING, CONNECTION_TIMED_OUT],
        source "kafkajs src/network/connection.js; measured with kafkajs 2.2.4";
}
