//! What Java's TLS and its search for a chain of certificates say, in a broker as in a client.

use super::messages;

messages! {
    message "java-path-building":
        says ["PKIX path building failed", "unable to find valid certification path to requested target"],
        by [Java, Broker],
        means "who prints this has refused the other side's certificate: nothing in its truststore leads to it",
        causes [BROKER_CA_UNKNOWN, CLIENT_CA_UNKNOWN, INTERMEDIATE_MISSING, CERTIFICATE_SELF_SIGNED, TRUSTSTORE_NOT_SET,
            CA_REPLACED],
        source "sun.security.validator.PKIXValidator.doBuild, sun.security.provider.certpath.SunCertPathBuilder";

    wrapper "java-path-validation":
        says ["PKIX path validation failed"],
        by [Java, Broker],
        means "who prints this has found the way to a CA that it trusts, and has refused a certificate on it",
        causes [CERTIFICATE_EXPIRED, CERTIFICATE_NOT_YET_VALID, CERTIFICATE_WEAK],
        source "sun.security.validator.PKIXValidator.doValidate";

    message "java-trust-anchors-other":
        says ["Path does not chain with any of the trust anchors"],
        by [Java, Broker],
        means "who prints this has refused the other side's certificate: its chain ends at none of the trusted CAs",
        causes [BROKER_CA_UNKNOWN, CLIENT_CA_UNKNOWN, CA_REPLACED],
        source "sun.security.provider.certpath.PKIXCertPathValidator.validate";

    message "java-no-trusted-certificate":
        says ["No trusted certificate found"],
        by [Java, Broker],
        means "who prints this has refused the other side's certificate: it trusts neither it nor its issuer",
        causes [BROKER_CA_UNKNOWN, CLIENT_CA_UNKNOWN],
        source "sun.security.validator.ValidatorException.T_NO_TRUST_ANCHOR";

    wrapper "java-validity":
        says ["CertPathValidatorException: validity check failed"],
        by [Java, Broker],
        means "who prints this has refused a certificate of the other side, since today is not among its days",
        causes [CERTIFICATE_EXPIRED, CERTIFICATE_NOT_YET_VALID],
        source "sun.security.provider.certpath.BasicChecker.verifyValidity";

    message "java-certificate-expired":
        says ["CertificateExpiredException: NotAfter"],
        by [Java, Broker],
        means "a certificate is past its last day",
        causes [CERTIFICATE_EXPIRED, STORES_NOT_LOADED_AGAIN],
        source "sun.security.x509.CertificateValidity.valid";

    message "java-certificate-not-yet-valid":
        says ["CertificateNotYetValidException: NotBefore"],
        by [Java, Broker],
        means "a certificate is before its first day, by the clock of who prints this",
        causes [CERTIFICATE_NOT_YET_VALID],
        source "sun.security.x509.CertificateValidity.valid";

    message "java-certificate-signature":
        says ["CertPathValidatorException: signature check failed"],
        by [Java, Broker],
        means "a certificate was not signed with the key of the CA that it names",
        causes [CA_REPLACED],
        source "sun.security.provider.certpath.BasicChecker.verifySignature";

    message "java-issuer-no-ca":
        says [
            "basic constraints check failed: this is not a CA certificate",
            "TrustAnchor with subject \"{subject}\" is not a CA certificate",
        ],
        by [Java, Broker],
        means "a certificate has issued another and does not say CA:TRUE in its basicConstraints",
        causes [CERTIFICATE_AUTHORITY_INVALID],
        source "ConstraintsChecker.checkBasicConstraints, sun.security.validator.PKIXValidator.verifyTrustAnchor";

    message "java-path-length":
        says ["basic constraints check failed: pathLenConstraint violated"],
        by [Java, Broker],
        means "more CAs stand one below the other than the highest of them allows",
        causes [CERTIFICATE_AUTHORITY_INVALID],
        source "ConstraintsChecker.checkBasicConstraints";

    message "java-issuer-key-usage":
        says [
            "CA key usage check failed: keyCertSign bit is not set",
            "does not have keyCertSign bit set in KeyUsage extension",
        ],
        by [Java, Broker],
        means "a CA has signed a certificate that its own keyUsage does not let it sign",
        causes [CERTIFICATE_AUTHORITY_INVALID],
        source "sun.security.provider.certpath.KeyChecker.verifyCAKeyUsage, \
                sun.security.validator.PKIXValidator.verifyTrustAnchor";

    message "java-name-constraints":
        says ["CertPathValidatorException: name constraints check failed"],
        by [Java, Broker],
        means "a CA has signed for a name that it may not sign for",
        causes [CERTIFICATE_AUTHORITY_INVALID],
        source "ConstraintsChecker.verifyNameConstraints";

    message "java-critical-extension":
        says ["unrecognized critical extension(s)", "Certificate contains unsupported critical extensions"],
        by [Java, Broker],
        means "a certificate has an extension that is critical and that Java does not know",
        causes [CERTIFICATE_UNREADABLE],
        source "PKIXMasterCertPathValidator.validate, sun.security.validator.EndEntityChecker.checkRemainingExtensions";

    message "java-certificate-revoked":
        says ["Certificate has been revoked, reason: {reason},"],
        by [Java, Broker],
        means "the CA has revoked a certificate of the other side",
        causes [CERTIFICATE_REVOKED],
        source "java.security.cert.CertificateRevokedException.getMessage";

    message "java-alt-names-missing":
        says ["No subject alternative names present"],
        by [Java, Broker],
        means "the client has connected to an address and refused the broker's certificate, which has no alternative names at all",
        causes [ALT_NAME_MISSING, HOST_NOT_IN_CERTIFICATE],
        source "sun.security.util.HostnameChecker.matchIP";

    message "java-host-name":
        says ["No subject alternative DNS name matching {host} found."],
        by [Java, Broker],
        means "the client has connected to a host and refused the broker's certificate, which lacks that name",
        causes [HOST_NOT_IN_CERTIFICATE],
        source "sun.security.util.HostnameChecker.matchDNS; strimzi/strimzi-kafka-operator#5447";

    message "java-host-common-name":
        says ["No name matching {host} found"],
        by [Java, Broker],
        means "the client has connected to a host and refused the broker's certificate, which has another common name and no \
               alternative names",
        causes [ALT_NAME_MISSING, HOST_NOT_IN_CERTIFICATE],
        source "sun.security.util.HostnameChecker.matchDNS";

    message "java-host-address":
        says ["No subject alternative names matching IP address {host} found"],
        by [Java, Broker],
        means "the client has connected to an address and refused the broker's certificate, which lacks it",
        causes [HOST_NOT_IN_CERTIFICATE],
        source "sun.security.util.HostnameChecker.matchIP";

    message "java-host-malformed":
        says ["Illegal given domain name: {host} (", "Illegal given domain name: {host}"],
        by [Java],
        means "the client has connected to a host whose name Java does not take for one, and so has refused the broker",
        causes [HOST_NAME_INVALID],
        source "sun.security.util.HostnameChecker.matchDNS";

    message "java-server-usage":
        says ["Extended key usage does not permit use for TLS server authentication"],
        by [Java, Broker],
        means "the client has refused the broker's certificate, whose extendedKeyUsage lacks serverAuth",
        causes [SERVER_USAGE_MISSING],
        source "sun.security.validator.EndEntityChecker.checkTLSServer";

    message "java-client-usage":
        says ["Extended key usage does not permit use for TLS client authentication"],
        by [Broker],
        means "a broker has refused a certificate that was shown to it, whose extendedKeyUsage lacks clientAuth",
        causes [CLIENT_USAGE_MISSING],
        source "sun.security.validator.EndEntityChecker.checkTLSClient; bitnami/containers#46945";

    message "java-key-usage":
        says ["KeyUsage does not allow digital signatures", "KeyUsage does not allow key encipherment",
            "KeyUsage does not allow key agreement"],
        by [Java, Broker],
        means "who prints this has refused the other side's certificate, whose keyUsage does not allow what the handshake does with \
               the key",
        causes [KEY_USAGE_MISSING],
        source "sun.security.validator.EndEntityChecker.checkTLSClient and checkTLSServer";

    message "java-algorithm-constraints":
        says ["Algorithm constraints check failed on", "Certificates do not conform to algorithm constraints",
            "Certificate signature algorithm disabled"],
        by [Java, Broker],
        means "who prints this has refused the other side's certificate: jdk.certpath.disabledAlgorithms or \
               jdk.tls.disabledAlgorithms forbids its signature or its key",
        causes [CERTIFICATE_WEAK],
        source "sun.security.provider.certpath.AlgorithmChecker.check, sun.security.ssl.SSLContextImpl";

    message "java-trust-anchors-empty":
        says ["the trustAnchors parameter must be non-empty"],
        by [Java, Broker],
        means "there is nothing in the truststore that Java trusts, so that it refuses everybody",
        causes [TRUSTSTORE_EMPTY],
        source "java.security.cert.PKIXParameters.setTrustAnchors; bitnami/charts#6182";

    message "java-client-chain-empty":
        says ["Empty client certificate chain"],
        by [Broker],
        means "the broker requires a certificate, and the client has shown none",
        causes [CLIENT_CERTIFICATE_MISSING, CLIENT_CERTIFICATE_WITHHELD],
        source "sun.security.ssl.CertificateMessage.T12CertificateConsumer and T13CertificateConsumer";

    message "java-server-chain-empty":
        says ["Empty server certificate chain"],
        by [Java],
        means "the broker has shown no certificate",
        causes [BROKER_KEY_MISSING],
        source "sun.security.ssl.CertificateMessage.T12CertificateConsumer and T13CertificateConsumer";

    message "java-peer-unverified":
        says ["SSLPeerUnverifiedException: peer not authenticated"],
        by [Java, Broker],
        means "the other side has shown no certificate, and one was asked for after the handshake",
        causes [CLIENT_CERTIFICATE_MISSING],
        source "sun.security.ssl.SSLSessionImpl.getPeerCertificates";

    message "java-certificate-unreadable":
        says ["Failed to parse server certificates", "Failed to parse client certificates",
            "Could not parse certificate: "],
        by [Java, Broker],
        means "a certificate was sent or stored that Java cannot read",
        causes [CERTIFICATE_UNREADABLE, PEM_MALFORMED],
        source "sun.security.ssl.CertificateMessage, sun.security.provider.X509Factory.engineGenerateCertificate";

    message "java-proof-of-key":
        says ["Invalid CertificateVerify message: invalid signature", "Invalid CertificateVerify signature",
            "Cannot verify CertificateVerify signature", "Cannot produce CertificateVerify signature"],
        by [Java, Broker],
        means "a certificate was shown, and its private key not proven: key and certificate do not belong together",
        causes [KEY_NOT_OF_CERTIFICATE, SIGNATURE_ALGORITHM_MISMATCH],
        source "sun.security.ssl.CertificateVerify";

    message "java-no-authentication-scheme":
        says ["No available authentication scheme"],
        by [Broker],
        means "in TLS 1.3, the broker has no private key and certificate that the client could accept, and so has refused it",
        causes [BROKER_KEY_MISSING, SIGNATURE_ALGORITHM_MISMATCH],
        source "sun.security.ssl.CertificateMessage.T13CertificateProducer; bitnami/containers#53286";

    message "java-no-cipher-suites":
        says ["no cipher suites in common"],
        by [Broker],
        means "the server has no cipher suite for the client, mostly since it has no private key and certificate to use one with",
        causes [BROKER_KEY_MISSING, CIPHER_SUITE_MISMATCH, SIGNATURE_ALGORITHM_MISMATCH],
        source "sun.security.ssl.ServerHello; confluentinc/kafka-rest#228";

    message "java-signature-algorithms":
        says ["No supported CertificateVerify signature algorithm for", "No supported signature algorithm",
            "Unsupported signature algorithm ("],
        by [Java, Broker],
        means "client and broker have no signature algorithm in common for the key of who shows a certificate",
        causes [SIGNATURE_ALGORITHM_MISMATCH, CERTIFICATE_WEAK],
        source "sun.security.ssl.CertificateVerify, sun.security.ssl.SignatureScheme";

    message "java-protocol-refused-by-server":
        says ["Client requested protocol {version} is not enabled or supported in server context",
            "The client supported protocol versions […] are not accepted by server preferences"],
        by [Broker],
        means "the broker has refused the client, which offers no version of TLS that the broker has enabled",
        causes [PROTOCOL_MISMATCH],
        source "sun.security.ssl.ClientHello.ClientHelloConsumer.negotiateProtocol";

    message "java-protocol-refused-by-client":
        says ["The server selected protocol version {version} is not accepted by client preferences",
            "Server chose {version}, but that protocol version is not enabled or not supported by the client."],
        by [Java, Broker],
        means "the client has refused the broker, which has chosen a version of TLS that the client does not speak",
        causes [PROTOCOL_MISMATCH],
        source "sun.security.ssl.ServerHello.ServerHelloConsumer";

    message "java-no-appropriate-protocol":
        says ["No appropriate protocol (protocol is disabled or cipher suites are inappropriate)"],
        by [Java, Broker],
        means "who prints this has, after jdk.tls.disabledAlgorithms, no version of TLS with a cipher suite left to speak",
        causes [PROTOCOL_MISMATCH, CIPHER_SUITE_MISMATCH],
        source "sun.security.ssl.HandshakeContext";

    message "java-sslv2-hello":
        says ["SSLv2Hello is not enabled", "Unsupported SSL v2.0 ClientHello"],
        by [Broker],
        means "a client has greeted in the way of SSL 2, as Java 6 and scanners do, and the broker has refused it",
        causes [PROTOCOL_MISMATCH],
        source "sun.security.ssl.SSLEngineInputRecord";

    message "java-plaintext-connection":
        says ["Unrecognized SSL message, plaintext connection?", "Unsupported or unrecognized SSL message"],
        by [Java, Broker],
        means "what the other side has sent is not TLS",
        causes [LISTENER_WITHOUT_TLS, CLIENT_WITHOUT_TLS, LISTENER_NOT_KAFKA],
        source "sun.security.ssl.SSLEngineInputRecord and SSLSocketInputRecord; \
                SslTransportLayer.maybeProcessHandshakeFailure";

    message "java-close-notify-in-handshake":
        says ["Received close_notify during handshake"],
        by [Java, Broker],
        means "the other side has ended TLS in the middle of the handshake, without saying why",
        causes [CONNECTION_CUT, BROKER_KEY_MISSING],
        source "sun.security.ssl.Alert.AlertConsumer";

    message "java-handshake-terminated":
        says ["Remote host terminated the handshake", "SSL peer shut down incorrectly",
            "SSL handshake status CLOSED during handshake UNWRAP", "EOF during handshake, handshake status is"],
        by [Java, Broker],
        means "the other side has closed the connection in the middle of the handshake, without a word",
        causes [LISTENER_WITHOUT_TLS, CONNECTION_CUT],
        source "sun.security.ssl.SSLSocketImpl.handleEOF, SSLSocketInputRecord.read; \
                org.apache.kafka.common.network.SslTransportLayer";

    wrapper "java-closed-without-notify":
        says ["closing inbound before receiving peer's close_notify"],
        by [Java, Broker],
        means "the other side has closed the connection without ending TLS; alone, at the end of a connection, it is harmless",
        causes [CONNECTION_CUT],
        source "sun.security.ssl.SSLEngineImpl.closeInbound";

    message "java-record-broken":
        says ["Insufficient buffer remaining for AEAD cipher fragment", "javax.crypto.AEADBadTagException: Tag mismatch",
            "(bad_record_mac)"],
        by [Java, Broker],
        means "a record of TLS has arrived changed: something on the way alters what is sent, or a TLS stack has a fault",
        causes [STREAM_ALTERED],
        source "sun.security.ssl.SSLCipher";

    message "java-server-name-unrecognized":
        says ["Unrecognized server name indication", "handshake alert: unrecognized_name",
            "received handshake warning: unrecognized_name"],
        by [Java, Broker],
        means "the server knows no host of the name that the client has asked for",
        causes [SERVER_NAME_REFUSED],
        source "sun.security.ssl.ServerNameExtension, sun.security.ssl.Alert.AlertConsumer";

    wrapper "java-general-engine-problem":
        says ["General SSLEngine problem"],
        by [Java, Broker],
        means "Java 8 has failed in the handshake, and says why in a line that begins with Caused by",
        causes [BROKER_CA_UNKNOWN, HOST_NOT_IN_CERTIFICATE, CLIENT_CA_UNKNOWN],
        source "sun.security.ssl.Handshaker of Java 8; bitnami/charts#773";
}
