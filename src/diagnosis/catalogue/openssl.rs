//! What librdkafka says, and OpenSSL below it, in librdkafka as in Python, Node.js and others.

use super::messages;

messages! {
    message "librdkafka-broker-unverified":
        says ["broker certificate could not be verified, verify that ssl.ca.location is correctly configured"],
        by [Librdkafka, DotNet],
        means "the client has refused the broker's certificate; librdkafka says the same for an unknown CA, a wrong host name, a wrong \
               usage and an expired certificate",
        causes [BROKER_CA_UNKNOWN, HOST_NOT_IN_CERTIFICATE, CERTIFICATE_EXPIRED, INTERMEDIATE_MISSING, SERVER_USAGE_MISSING,
            CERTIFICATE_WEAK, ANCHOR_NOT_ROOT],
        source "librdkafka rdkafka_ssl.c, rd_kafka_transport_ssl_handshake; confluentinc/librdkafka#4889; measured \
                with 2.16.0";

    message "librdkafka-broker-verify-failed":
        says ["Failed to verify broker certificate: ", "Broker did not provide a certificate"],
        by [Librdkafka, DotNet],
        means "the client has refused the broker's certificate after the handshake",
        causes [BROKER_CA_UNKNOWN, HOST_NOT_IN_CERTIFICATE, CERTIFICATE_EXPIRED],
        source "librdkafka rdkafka_ssl.c, rd_kafka_transport_ssl_verify";

    message "librdkafka-plaintext-listener":
        says ["SSL handshake failed: …: connecting to a PLAINTEXT broker listener?",
            "Disconnected: connecting to a PLAINTEXT broker listener?", "connecting to a PLAINTEXT broker listener?"],
        by [Librdkafka, DotNet],
        means "the other side has closed the connection in the handshake, which is what a listener without TLS does",
        causes [LISTENER_WITHOUT_TLS, CONNECTION_CUT],
        source "librdkafka rdkafka_ssl.c, rd_kafka_transport_ssl_handshake; confluentinc/confluent-kafka-dotnet#1402";

    message "librdkafka-tls-listener":
        says ["might be caused by incorrect security.protocol configuration (connecting to a SSL listener?)"],
        by [Librdkafka, DotNet],
        means "the broker has closed the connection at the first request, which is what a listener with TLS does to a client without",
        causes [CLIENT_WITHOUT_TLS],
        source "librdkafka rdkafka_broker.c, rd_kafka_broker_fail";

    message "librdkafka-closed-at-first-request":
        says ["Disconnected: connection closed by peer: receive 0 after POLLIN (after {duration} in state APIVERSION_QUERY"],
        by [Librdkafka, DotNet],
        means "the broker has closed the connection at the first request, which is what a listener with TLS does to a client without",
        causes [CLIENT_WITHOUT_TLS],
        source "librdkafka rdkafka_transport.c, rd_kafka_transport_io_event; measured with 2.16.0";

    message "librdkafka-closed-in-handshake":
        says ["Disconnected: SSL connection closed by peer (after {duration} in state SSL_HANDSHAKE"],
        by [Librdkafka, DotNet],
        means "the other side has closed the connection in the handshake, which is what a listener without TLS does",
        causes [LISTENER_WITHOUT_TLS, CONNECTION_CUT],
        source "librdkafka rdkafka_ssl.c, rd_kafka_transport_ssl_io_update; measured with 2.16.0";

    message "librdkafka-sasl-not-expected":
        says ["mechanism handshake failed: Broker: Request not valid in current SASL state"],
        by [Librdkafka, DotNet],
        means "the client begins SASL, and the listener, which has none, has refused it",
        causes [SASL_NOT_EXPECTED],
        source "librdkafka rdkafka_broker.c, rd_kafka_broker_handle_SaslHandshake; measured with 2.16.0";

    message "librdkafka-on-controller":
        says ["Metadata request failed: …: Local: Required feature not supported by broker",
            "Failed to get metadata: Local: Required feature not supported by broker"],
        by [Librdkafka, DotNet],
        means "the client has come to the listener of a controller, which is not for clients",
        causes [LISTENER_OF_CONTROLLER],
        source "librdkafka rdkafka_metadata.c; measured with 2.16.0 and Kafka 4.3.1";

    message "librdkafka-sasl-listener":
        says ["verify that security.protocol is correctly configured, broker might require SASL authentication"],
        by [Librdkafka, DotNet],
        means "the broker has closed the connection after its first answer, which is what a listener with SASL does to a client without",
        causes [SASL_EXPECTED],
        source "librdkafka rdkafka_broker.c, rd_kafka_broker_fail";

    message "librdkafka-client-authentication":
        says ["client SSL authentication might be required (see ssl.key.location and ssl.certificate.location"],
        by [Librdkafka, DotNet],
        means "the broker has refused the handshake, as it does where it requires a certificate and the client shows none",
        causes [CLIENT_CERTIFICATE_MISSING, CLIENT_CERTIFICATE_WITHHELD, CLIENT_CERTIFICATE_REFUSED],
        source "librdkafka rdkafka_ssl.c, rd_kafka_transport_ssl_handshake";

    message "librdkafka-no-matching-issuer":
        says ["No matching issuer found in server trusted certificate authorities, not sending any client certificates"],
        by [Librdkafka, DotNet],
        means "the client has a certificate and does not show it, since the broker names no CA that has issued it",
        causes [CLIENT_CERTIFICATE_WITHHELD],
        source "librdkafka rdkafka_ssl.c, rd_kafka_ssl_cert_callback, since 2.8.0; confluentinc/librdkafka#4900";

    wrapper "librdkafka-handshake-failed":
        says ["SSL handshake failed: ", "Disconnected: during SSL connection handshake"],
        by [Librdkafka, DotNet],
        means "the handshake has failed, and what follows in the same line says why",
        causes [BROKER_CA_UNKNOWN, LISTENER_WITHOUT_TLS, CLIENT_CERTIFICATE_REFUSED, CONNECTION_CUT],
        source "librdkafka rdkafka_ssl.c, rd_kafka_transport_ssl_handshake; rdkafka_transport.c";

    message "librdkafka-closed-at-once":
        says ["closed by peer: receive 0 after POLLIN (after 0ms in state UP", "closed by peer: receive 0 after POLLIN (after 1ms in state UP",
            "SSL connection closed by peer (after 0ms in state UP", "SSL connection closed by peer (after 1ms in state UP"],
        by [Librdkafka, DotNet],
        means "the broker has closed the connection after its first answer, which is what a listener with SASL does to a client without",
        causes [SASL_EXPECTED],
        source "librdkafka rdkafka_transport.c, rd_kafka_transport_io_event; measured with 2.16.0";

    wrapper "librdkafka-closed-before-use":
        says ["SSL connection closed by peer (after {duration} in state APIVERSION_QUERY",
            "connection reset by peer (after {duration} in state APIVERSION_QUERY"],
        by [Librdkafka, DotNet],
        means "the broker has closed the connection before it was of use: it has refused the client, and its log says why",
        causes [CLIENT_CERTIFICATE_MISSING, CLIENT_CERTIFICATE_REFUSED, CONNECTION_CUT],
        source "librdkafka rdkafka_ssl.c, rd_kafka_transport_ssl_io_update; rdkafka_transport.c";

    wrapper "librdkafka-transport-error":
        says ["SSL transport error: ", "Local: SSL error"],
        by [Librdkafka, DotNet],
        means "a connection with TLS has failed, and another line says why",
        causes [CONNECTION_CUT],
        source "librdkafka rdkafka_ssl.c, rd_kafka_transport_ssl_io_update; rdkafka.c";

    wrapper "librdkafka-receive-failed":
        says ["Receive failed: SSL transport error", "Receive failed: Disconnected", "Receive failed: error:"],
        by [Librdkafka, DotNet],
        means "in TLS 1.3 the broker judges the client's certificate after the client took the handshake for done: so it says no",
        causes [CLIENT_CERTIFICATE_REFUSED, CLIENT_CERTIFICATE_MISSING, CONNECTION_CUT],
        source "librdkafka rdkafka_transport.c, rd_kafka_transport_io_event";

    wrapper "librdkafka-all-brokers-down":
        says ["Local: All broker connections are down", "brokers are down", "Local: Broker transport failure"],
        by [Librdkafka, DotNet],
        means "no broker could be reached, or all have refused; lines before it say why, if it was TLS",
        causes [CLIENT_WITHOUT_TLS, LISTENER_WITHOUT_TLS, BROKER_CA_UNKNOWN, CONNECTION_REFUSED],
        source "librdkafka rdkafka.c, rd_kafka_err_descs";

    message "librdkafka-connect-failed":
        says ["Connect to {peer} failed: Connection refused"],
        by [Librdkafka, DotNet],
        means "nothing listens at that address",
        causes [CONNECTION_REFUSED, ADVERTISED_UNREACHABLE],
        source "librdkafka rdkafka_transport.c, rd_kafka_transport_connect_done";

    message "librdkafka-setup-timed-out":
        says ["Connection setup timed out in state"],
        by [Librdkafka, DotNet],
        means "the connection was not made, or the handshake not done, in time",
        causes [CONNECTION_TIMED_OUT, ADVERTISED_UNREACHABLE],
        source "librdkafka rdkafka_broker.c";

    message "librdkafka-unresolved":
        says ["Failed to resolve '{host}':"],
        by [Librdkafka, DotNet],
        means "the name of the host has no address where the client runs",
        causes [HOST_UNRESOLVED, ADVERTISED_UNREACHABLE],
        source "librdkafka rdkafka_broker.c, rd_kafka_broker_resolve";

    wrapper "librdkafka-ca-location":
        says ["ssl.ca.location failed: ", "ssl.ca.pem failed: ", "from ssl.ca.pem: not in PEM format?"],
        by [Librdkafka, DotNet],
        means "what the client is told to trust cannot be read: no such file, or no certificates in PEM in it",
        causes [STORE_MISSING, PEM_MALFORMED, STORE_UNREADABLE],
        source "librdkafka rdkafka_ssl.c, rd_kafka_ssl_set_certs";

    wrapper "librdkafka-certificate-location":
        says ["ssl.certificate.location failed: ", "ssl.certificate.pem failed: "],
        by [Librdkafka, DotNet],
        means "the client's certificate cannot be read: no such file, or no certificate in PEM in it",
        causes [STORE_MISSING, PEM_MALFORMED, STORE_UNREADABLE],
        source "librdkafka rdkafka_ssl.c, rd_kafka_ssl_set_certs";

    wrapper "librdkafka-key-location":
        says ["ssl.key.location failed: ", "ssl.key.pem failed: ", "Private key check failed: "],
        by [Librdkafka, DotNet],
        means "the client's private key cannot be read, or is not that of its certificate",
        causes [STORE_MISSING, PEM_KEY_PASSWORD, KEY_NOT_OF_CERTIFICATE, PEM_MALFORMED],
        source "librdkafka rdkafka_ssl.c, rd_kafka_ssl_set_certs";

    wrapper "librdkafka-keystore":
        says ["Failed to parse ssl.keystore.location PKCS#12 file: {path}:", "Error reading ssl.keystore.location PKCS#12 file: {path}:"],
        by [Librdkafka, DotNet],
        means "the client's keystore cannot be opened: a wrong password, an old encryption, or no PKCS#12",
        causes [STORE_PASSWORD_WRONG, STORE_ALGORITHM_UNKNOWN, STORE_TYPE_WRONG, STORE_DAMAGED],
        source "librdkafka rdkafka_ssl.c, rd_kafka_ssl_set_certs; measured with 2.16.0";

    message "openssl-file-missing":
        says ["system library::No such file or directory: calling fopen({path}, r)"],
        by [Librdkafka, Node],
        means "a file that the configuration names is not there",
        causes [STORE_MISSING],
        source "OpenSSL crypto/bio/bss_file.c; measured with librdkafka 2.16.0";

    message "openssl-file-denied":
        says ["system library::Permission denied: calling fopen({path}, r)"],
        by [Librdkafka, Node],
        means "the process may not read a file that the configuration names",
        causes [STORE_UNREADABLE],
        source "OpenSSL crypto/bio/bss_file.c";

    message "librdkafka-key-password":
        says ["Private key requires password but no password configured (ssl.key.password)"],
        by [Librdkafka, DotNet],
        means "the client's private key is encrypted, and ssl.key.password is not set",
        causes [PEM_KEY_PASSWORD],
        source "librdkafka rdkafka_ssl.c, rd_kafka_transport_ssl_passwd_cb";

    message "librdkafka-keystore-password":
        says ["`ssl.keystore.password` is mandatory when `ssl.keystore.location` is set"],
        by [Librdkafka, DotNet],
        means "a PKCS#12 store is named, and its password is not set",
        causes [CONFIGURATION_INCOMPLETE],
        source "librdkafka rdkafka_conf.c, rd_kafka_conf_finalize";

    message "librdkafka-truststore":
        says ["Java TrustStores are not supported, use `ssl.ca.location` and a certificate file instead."],
        by [Librdkafka, DotNet],
        means "ssl.truststore.location is a setting of Java; librdkafka takes CAs in PEM",
        causes [SETTING_OF_ANOTHER_CLIENT],
        source "librdkafka rdkafka_conf.c";

    message "librdkafka-built-without-tls":
        says ["Configuration property \"ssl.{property}\" not supported in this build",
            "Configuration property \"enable.ssl.certificate.verification\" not supported in this build"],
        by [Librdkafka, DotNet],
        means "this librdkafka was built without OpenSSL",
        causes [BUILD_WITHOUT_TLS],
        source "librdkafka rdkafka_conf.c, rd_kafka_anyconf_set_prop";

    message "librdkafka-sasl-without-tls":
        says ["No provider for SASL mechanism {mechanism}: recompile librdkafka with libsasl2 or openssl support"],
        by [Librdkafka, DotNet],
        means "this librdkafka was built without what the mechanism needs: libsasl2 for GSSAPI, OpenSSL for SCRAM",
        causes [BUILD_WITHOUT_TLS],
        source "librdkafka rdkafka_sasl.c, rd_kafka_sasl_select_provider";

    message "librdkafka-protocol-differs":
        says ["parse error: protocol \"{protocol}\" does not match security.protocol setting"],
        by [Librdkafka, DotNet],
        means "a host in bootstrap.servers is written with ssl:// or the like, and security.protocol says otherwise",
        causes [CONFIGURATION_INCOMPLETE],
        source "librdkafka rdkafka_broker.c, rd_kafka_broker_name_parse";

    wrapper "openssl-verify-failed":
        says ["SSL routines:…:certificate verify failed", "certificate verify failed"],
        by [Librdkafka, Python, Node, DotNet],
        means "a client on OpenSSL has refused the broker's certificate; what follows in the line, if it does, says why",
        causes [BROKER_CA_UNKNOWN, HOST_NOT_IN_CERTIFICATE, CERTIFICATE_EXPIRED, INTERMEDIATE_MISSING, SERVER_USAGE_MISSING],
        source "OpenSSL ssl/ssl_err.c, SSL_R_CERTIFICATE_VERIFY_FAILED";

    message "openssl-local-issuer":
        says ["unable to get local issuer certificate", "unable to get issuer certificate"],
        by [Librdkafka, Python, Node, DotNet],
        means "the client has refused the broker's certificate: the CA above the last one that was sent is not among those it trusts",
        causes [BROKER_CA_UNKNOWN, INTERMEDIATE_MISSING, ANCHOR_NOT_ROOT, TRUSTSTORE_NOT_SET],
        source "OpenSSL crypto/x509/x509_txt.c, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY; \
                confluentinc/librdkafka#2253";

    message "openssl-self-signed-in-chain":
        says ["self-signed certificate in certificate chain", "self signed certificate in certificate chain"],
        by [Librdkafka, Python, Node, DotNet],
        means "the client has refused the broker's certificate: the broker sends its root CA too, and the client does not trust it",
        causes [BROKER_CA_UNKNOWN, TRUSTSTORE_NOT_SET],
        source "OpenSSL crypto/x509/x509_txt.c, X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN; confluentinc/librdkafka#1404";

    message "openssl-self-signed":
        says ["certificate verify failed: self-signed certificate (", "certificate verify failed: self signed certificate (",
            "DEPTH_ZERO_SELF_SIGNED_CERT"],
        by [Librdkafka, Python, Node, DotNet],
        means "the client has refused the broker's certificate, which was signed by itself and is not trusted",
        causes [CERTIFICATE_SELF_SIGNED, BROKER_CA_UNKNOWN],
        source "OpenSSL crypto/x509/x509_txt.c, X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT";

    message "openssl-expired":
        says ["certificate has expired", "CERT_HAS_EXPIRED"],
        by [Librdkafka, Python, Node, DotNet],
        means "the client has refused a certificate that the broker has sent, since it has expired",
        causes [CERTIFICATE_EXPIRED, STORES_NOT_LOADED_AGAIN],
        source "OpenSSL crypto/x509/x509_txt.c, X509_V_ERR_CERT_HAS_EXPIRED";

    message "openssl-not-yet-valid":
        says ["certificate is not yet valid", "CERT_NOT_YET_VALID"],
        by [Librdkafka, Python, Node, DotNet],
        means "the client has refused a certificate that the broker has sent, since its days have not begun",
        causes [CERTIFICATE_NOT_YET_VALID],
        source "OpenSSL crypto/x509/x509_txt.c, X509_V_ERR_CERT_NOT_YET_VALID";

    message "openssl-host-name":
        says ["certificate verify failed: Hostname mismatch", "certificate verify failed: hostname mismatch"],
        by [Librdkafka, Python],
        means "the client has refused the broker's certificate, which lacks the name that the client has connected to",
        causes [HOST_NOT_IN_CERTIFICATE, ALT_NAME_MISSING],
        source "OpenSSL crypto/x509/x509_txt.c, X509_V_ERR_HOSTNAME_MISMATCH";

    message "openssl-host-address":
        says ["certificate verify failed: IP address mismatch"],
        by [Librdkafka, Python],
        means "the client has refused the broker's certificate, which lacks the address that the client has connected to",
        causes [HOST_NOT_IN_CERTIFICATE, ALT_NAME_MISSING],
        source "OpenSSL crypto/x509/x509_txt.c, X509_V_ERR_IP_ADDRESS_MISMATCH";

    message "openssl-purpose":
        says ["unsupported certificate purpose", "unsuitable certificate purpose"],
        by [Librdkafka, Python, Node, DotNet],
        means "the client has refused a certificate that the broker has sent, which is not for serverAuth or whose CA is not",
        causes [SERVER_USAGE_MISSING, CERTIFICATE_AUTHORITY_INVALID],
        source "OpenSSL crypto/x509/x509_txt.c, X509_V_ERR_INVALID_PURPOSE";

    message "openssl-invalid-ca":
        says ["invalid CA certificate", "path length constraint exceeded", "permitted subtree violation"],
        by [Librdkafka, Python, Node, DotNet],
        means "the client has refused the broker's chain: a certificate in it has issued another and may not",
        causes [CERTIFICATE_AUTHORITY_INVALID],
        source "OpenSSL crypto/x509/x509_txt.c, X509_V_ERR_INVALID_CA";

    message "openssl-key-too-weak":
        says ["EE certificate key too weak", "CA certificate key too weak", "CA signature digest algorithm too weak",
            "SSL routines:…:ee key too small", "SSL routines:…:ca key too small", "SSL routines:…:ca md too weak", "EE_KEY_TOO_SMALL",
            "CA_MD_TOO_WEAK", "CA_KEY_TOO_SMALL"],
        by [Librdkafka, Python, Node, DotNet],
        means "a key or a signature in a chain is too weak for OpenSSL's security level",
        causes [CERTIFICATE_WEAK],
        source "OpenSSL crypto/x509/x509_txt.c, ssl/ssl_err.c";

    message "openssl-signature-failure":
        says ["certificate signature failure"],
        by [Librdkafka, Python, Node, DotNet],
        means "the client has refused the broker's certificate, which was not signed with the key of the CA that it trusts",
        causes [CA_REPLACED],
        source "OpenSSL crypto/x509/x509_txt.c, X509_V_ERR_CERT_SIGNATURE_FAILURE";

    message "openssl-wrong-version-number":
        says ["SSL routines:…:wrong version number", "WRONG_VERSION_NUMBER", "SSL routines:…:packet length too long",
            "PACKET_LENGTH_TOO_LONG", "SSL routines:…:record layer failure", "SSL routines:…:unknown protocol"],
        by [Librdkafka, Python, Node, DotNet],
        means "what the other side has sent is not TLS",
        causes [LISTENER_WITHOUT_TLS, LISTENER_NOT_KAFKA],
        source "OpenSSL ssl/ssl_err.c, SSL_R_WRONG_VERSION_NUMBER";

    message "openssl-http-request":
        says ["SSL routines:…:http request", "[SSL: HTTP_REQUEST]"],
        by [Librdkafka, Python, Node],
        means "somebody has sent HTTP where TLS was expected",
        causes [LISTENER_NOT_KAFKA],
        source "OpenSSL ssl/ssl_err.c, SSL_R_HTTP_REQUEST";

    message "openssl-unexpected-eof":
        says ["SSL routines:…:unexpected eof while reading", "UNEXPECTED_EOF_WHILE_READING"],
        by [Librdkafka, Python, Node, DotNet],
        means "the other side has closed the connection without ending TLS; in the handshake, that is what a listener without TLS does",
        causes [LISTENER_WITHOUT_TLS, CONNECTION_CUT, CLIENT_CERTIFICATE_REFUSED],
        source "OpenSSL ssl/ssl_err.c, SSL_R_UNEXPECTED_EOF_WHILE_READING";

    message "openssl-alert-bad-certificate":
        says ["alert bad certificate", "ALERT_BAD_CERTIFICATE"],
        by [Librdkafka, Python, Node, DotNet],
        means "the broker has refused the client's certificate, or, on Java 17, the client has shown none",
        causes [CLIENT_CERTIFICATE_MISSING, CLIENT_CERTIFICATE_WITHHELD, CLIENT_CERTIFICATE_REFUSED],
        source "OpenSSL ssl/ssl_err.c, RFC 8446 §6.2; measured with a broker on OpenJDK 17";

    message "openssl-alert-certificate-required":
        says ["alert certificate required", "ALERT_CERTIFICATE_REQUIRED"],
        by [Librdkafka, Python, Node, DotNet],
        means "the broker requires a certificate, and the client has shown none",
        causes [CLIENT_CERTIFICATE_MISSING, CLIENT_CERTIFICATE_WITHHELD],
        source "OpenSSL ssl/ssl_err.c, RFC 8446 §6.2";

    message "openssl-alert-certificate-unknown":
        says ["alert certificate unknown", "ALERT_CERTIFICATE_UNKNOWN"],
        by [Librdkafka, Python, Node, DotNet],
        means "the broker has refused the client's certificate, and says why in its own log alone",
        causes [CLIENT_CERTIFICATE_REFUSED, CLIENT_CA_UNKNOWN, CERTIFICATE_EXPIRED, CLIENT_USAGE_MISSING],
        source "OpenSSL ssl/ssl_err.c, RFC 8446 §6.2; measured with brokers on OpenJDK 17 and 25";

    message "openssl-alert-handshake-failure":
        says ["alert handshake failure", "ALERT_HANDSHAKE_FAILURE"],
        by [Librdkafka, Python, Node, DotNet],
        means "the broker has refused the handshake: it has no key to show, nothing in common with the client, or wants a certificate",
        causes [CLIENT_CERTIFICATE_MISSING, BROKER_KEY_MISSING, CIPHER_SUITE_MISMATCH, PROTOCOL_MISMATCH],
        source "OpenSSL ssl/ssl_err.c, RFC 8446 §6.2";

    message "openssl-alert-unknown-ca":
        says ["alert unknown ca", "ALERT_UNKNOWN_CA"],
        by [Librdkafka, Python, Node, DotNet],
        means "the other side has refused our certificate, since it does not trust the CA that has issued it",
        causes [CLIENT_CA_UNKNOWN, INTERMEDIATE_MISSING],
        source "OpenSSL ssl/ssl_err.c, RFC 8446 §6.2";

    message "openssl-alert-protocol-version":
        says ["alert protocol version", "ALERT_PROTOCOL_VERSION", "SSL routines:…:unsupported protocol", "[SSL: UNSUPPORTED_PROTOCOL]",
            "SSL routines:…:no protocols available"],
        by [Librdkafka, Python, Node, DotNet],
        means "client and broker have no version of TLS in common",
        causes [PROTOCOL_MISMATCH],
        source "OpenSSL ssl/ssl_err.c, RFC 8446 §6.2";

    message "openssl-alert-internal-error":
        says ["alert internal error", "ALERT_INTERNAL_ERROR"],
        by [Librdkafka, Python, Node, DotNet],
        means "the broker has failed in the handshake for a reason of its own, which stands in its log",
        causes [BROKER_KEY_MISSING, TRUSTSTORE_EMPTY],
        source "OpenSSL ssl/ssl_err.c, RFC 8446 §6.2";

    message "openssl-alert-certificate-expired":
        says ["alert certificate expired", "ALERT_CERTIFICATE_EXPIRED"],
        by [Librdkafka, Python, Node, DotNet],
        means "the other side has refused our certificate, since it or a CA above it has expired",
        causes [CERTIFICATE_EXPIRED, STORES_NOT_LOADED_AGAIN],
        source "OpenSSL ssl/ssl_err.c, RFC 8446 §6.2";

    message "openssl-alert-unsupported-certificate":
        says ["alert unsupported certificate", "ALERT_UNSUPPORTED_CERTIFICATE"],
        by [Librdkafka, Python, Node, DotNet],
        means "the other side has refused our certificate, since it is not for this use, or of a kind that it does not take",
        causes [CLIENT_USAGE_MISSING, CERTIFICATE_WEAK, SIGNATURE_ALGORITHM_MISMATCH],
        source "OpenSSL ssl/ssl_err.c, RFC 8446 §6.2";

    message "openssl-alert-decrypt-error":
        says ["alert decrypt error", "ALERT_DECRYPT_ERROR"],
        by [Librdkafka, Python, Node, DotNet],
        means "the other side has refused our proof that we have the private key of our certificate, or a signature in our chain",
        causes [KEY_NOT_OF_CERTIFICATE, CA_REPLACED],
        source "OpenSSL ssl/ssl_err.c, RFC 8446 §6.2";

    message "openssl-alert-unrecognized-name":
        says ["tlsv1 unrecognized name", "TLSV1_UNRECOGNIZED_NAME"],
        by [Librdkafka, Python, Node, DotNet],
        means "what answers has refused the handshake, since it knows no host of the name that we ask for: often a proxy or a router",
        causes [SERVER_NAME_REFUSED],
        source "OpenSSL ssl/ssl_err.c, RFC 6066 §3";

    message "openssl-alert-other":
        says ["alert certificate revoked", "alert access denied", "alert insufficient security"],
        by [Librdkafka, Python, Node, DotNet],
        means "the broker has refused the client for the reason that the alert names",
        causes [CLIENT_CERTIFICATE_REFUSED, CERTIFICATE_REVOKED, CIPHER_SUITE_MISMATCH],
        source "OpenSSL ssl/ssl_err.c, RFC 8446 §6.2";

    message "openssl-no-shared-cipher":
        says ["SSL routines:…:no shared cipher", "NO_SHARED_CIPHER", "SSL routines:…:no suitable signature algorithm",
            "SSL routines:…:no ciphers available"],
        by [Librdkafka, Python, Node],
        means "client and broker have no cipher suite or signature algorithm in common, or who answers has no key",
        causes [CIPHER_SUITE_MISMATCH, BROKER_KEY_MISSING, SIGNATURE_ALGORITHM_MISMATCH],
        source "OpenSSL ssl/ssl_err.c, SSL_R_NO_SHARED_CIPHER";

    message "openssl-unsupported":
        says ["0308010C:digital envelope routines:…:unsupported", "digital envelope routines::unsupported",
            "ERR_OSSL_EVP_UNSUPPORTED", "inner_evp_generic_fetch:unsupported"],
        by [Librdkafka, Python, Node, DotNet],
        means "a PKCS#12 store or a key is encrypted with an old algorithm, such as RC2-40, that OpenSSL 3 no longer has at hand",
        causes [STORE_ALGORITHM_UNKNOWN],
        source "OpenSSL crypto/evp/evp_err.c; confluentinc/confluent-kafka-python#1596";

    message "openssl-mac-verify":
        says ["mac verify failure", "Mac verify error: invalid password?"],
        by [Librdkafka, Python, Node, DotNet],
        means "the password is not that of the PKCS#12 store",
        causes [STORE_PASSWORD_WRONG],
        source "OpenSSL crypto/pkcs12/pk12err.c, PKCS12_R_MAC_VERIFY_FAILURE";

    message "openssl-bad-decrypt":
        says ["routines:…:bad decrypt", "ERR_OSSL_BAD_DECRYPT", "pkcs12 cipherfinal error"],
        by [Librdkafka, Python, Node, DotNet],
        means "a private key or a store has another password than the one that is tried",
        causes [PEM_KEY_PASSWORD, STORE_PASSWORD_WRONG],
        source "OpenSSL providers/common/provider_err.c, PROV_R_BAD_DECRYPT";

    message "openssl-key-values-mismatch":
        says ["key values mismatch", "KEY_VALUES_MISMATCH"],
        by [Librdkafka, Python, Node, DotNet],
        means "the private key is not the one that the certificate was issued for",
        causes [KEY_NOT_OF_CERTIFICATE],
        source "OpenSSL crypto/x509/x509_err.c, X509_R_KEY_VALUES_MISMATCH";

    message "openssl-no-start-line":
        says ["PEM routines:…:no start line", "PEM lib (_ssl.c", "NO_CERTIFICATE_OR_CRL_FOUND", "no certificate or crl found"],
        by [Librdkafka, Python, Node, DotNet],
        means "a file that should have a certificate or key in PEM has none",
        causes [PEM_MALFORMED, STORE_TYPE_WRONG],
        source "OpenSSL crypto/pem/pem_err.c, PEM_R_NO_START_LINE";
}
