//! What brokers and controllers of Kafka say.

use super::messages;

messages! {
    wrapper "broker-authentication-failed":
        says ["Failed authentication with {peer} (channelId={channel}) (SSL handshake failed)",
            "Failed authentication with {peer} (SSL handshake failed)"],
        by [Broker, Java],
        means "the handshake with the other side has failed; a broker says why at DEBUG alone, and the client in its own log",
        causes [BROKER_CERTIFICATE_REFUSED, CLIENT_CERTIFICATE_MISSING, CLIENT_CA_UNKNOWN, CLIENT_WITHOUT_TLS],
        source "org.apache.kafka.common.network.Selector.pollSelectionKeys; measured with Kafka 4.3.1";

    message "broker-tls-on-plaintext":
        says ["Invalid receive (size = 369295616 larger than {limit})", "Invalid receive (size = 369295617 larger than {limit})",
            "Invalid receive (size = 369295618 larger than {limit})", "Invalid receive (size = 369295872 larger than {limit})",
            "Invalid receive (size = 369295873 larger than {limit})", "Invalid receive (size = 369295874 larger than {limit})",
            "Invalid receive (size = 369296128 larger than {limit})", "Invalid receive (size = 369296129 larger than {limit})"],
        by [Broker],
        means "a client has begun TLS on a listener that does not speak it: the size is the first four octets of a ClientHello, \
               16 03 …",
        causes [LISTENER_WITHOUT_TLS],
        source "org.apache.kafka.common.network.NetworkReceive.readFrom, RFC 8446 §5.1; tulios/kafkajs#1643";

    message "broker-http":
        says ["Invalid receive (size = 1195725856 larger than {limit})", "Invalid receive (size = 1347375956 larger than {limit})",
            "Invalid receive (size = 1212498244 larger than {limit})", "Invalid receive (size = 1330664521 larger than {limit})",
            "Invalid receive (size = 1347769376 larger than {limit})", "Invalid receive (size = 1129270862 larger than {limit})"],
        by [Broker],
        means "somebody has sent HTTP to Kafka: the size is `GET `, `POST`, `HEAD`, `OPTI`, `PUT ` or `CONN` read as a number",
        causes [LISTENER_NOT_KAFKA],
        source "org.apache.kafka.common.network.NetworkReceive.readFrom, RFC 9110 §9";

    message "broker-invalid-receive":
        says ["Invalid receive (size = {size} larger than {limit})", "Invalid receive (size = {size})"],
        by [Broker, Java],
        means "what was sent to Kafka begins with no length of a request: the other side speaks TLS, HTTP or something else",
        causes [LISTENER_WITHOUT_TLS, LISTENER_NOT_KAFKA, CLIENT_WITHOUT_TLS],
        source "org.apache.kafka.common.network.NetworkReceive.readFrom; linkedin/Burrow#435";

    wrapper "broker-own-handshake":
        says ["A client SSLEngine created with the provided settings can't connect to a server SSLEngine created with those settings."],
        by [Broker],
        means "before a broker starts it shakes hands with itself, in both roles, and refuses its own certificate: what is said with \
               it says why",
        causes [CLIENT_USAGE_MISSING, BROKER_KEY_MISSING, OWN_CA_UNKNOWN, CERTIFICATE_EXPIRED, TRUSTSTORE_EMPTY],
        source "org.apache.kafka.common.security.ssl.SslFactory.configure; measured with Kafka 4.3.1";

    message "broker-own-ca":
        says ["PKIX path building failed: …unable to find valid certification path to requested target for configuration A client \
               SSLEngine created with the provided settings can't connect to a server SSLEngine created with those settings."],
        by [Broker],
        means "before a broker starts it shakes hands with itself, and it does not trust its own CA",
        causes [OWN_CA_UNKNOWN, INTERMEDIATE_MISSING, CERTIFICATE_SELF_SIGNED, CA_REPLACED],
        source "org.apache.kafka.common.security.ssl.SslFactory.configure; measured with Kafka 4.3.1";

    message "broker-reload-trust":
        says ["Validation of dynamic config update of SSLFactory failed: …PKIX path building failed: …unable to find valid \
               certification path to requested target"],
        by [Broker],
        means "a running broker has refused new stores: those that it has and those that it would get do not trust each other",
        causes [RELOAD_REFUSED],
        source "SslFactory.createNewSslEngineFactory; measured with Kafka 4.3.1";

    message "broker-reload-subject":
        says ["Keystore DistinguishedName does not match:"],
        by [Broker],
        means "a running broker has refused a new keystore, whose certificate has another subject than the one that is loaded",
        causes [RELOAD_REFUSED],
        source "SslFactory.CertificateEntries.ensureCompatible";

    message "broker-reload-names":
        says ["Keystore SubjectAltNames do not match:"],
        by [Broker],
        means "a running broker has refused a new keystore, whose certificate lacks names that the loaded one has",
        causes [RELOAD_REFUSED],
        source "SslFactory.CertificateEntries.ensureCompatible; bitnami/containers#39749";

    message "broker-reload-entries":
        says ["Keystore entries do not match, existing store contains {count} entries, new store contains {new} entries"],
        by [Broker],
        means "a running broker has refused a new keystore, which has not as many certificates as the loaded one",
        causes [RELOAD_REFUSED],
        source "SslFactory.CertificateEntries.ensureCompatible";

    message "broker-reload-store":
        says ["Cannot add SSL keystore to an existing listener for which no keystore was configured.",
            "Cannot remove the SSL keystore from an existing listener for which a keystore was configured.",
            "Cannot add SSL truststore to an existing listener for which no truststore was configured."],
        by [Broker],
        means "a running broker neither gets a store for a listener that had none nor gives one up: that takes a restart",
        causes [RELOAD_REFUSED],
        source "SslFactory.createNewSslEngineFactory";

    wrapper "broker-reload-refused":
        says ["Validation of dynamic config update of SSLFactory failed", "SSL reconfiguration failed due to"],
        by [Broker],
        means "a running broker has refused new stores, and says why in the same line",
        causes [RELOAD_REFUSED, STORE_PASSWORD_WRONG, STORE_MISSING],
        source "SslFactory.validateReconfiguration and reconfigure";

    message "broker-mapping-rules":
        says ["No rules apply to {principal}, rules"],
        by [Broker],
        means "a client's certificate is valid, and no rule of ssl.principal.mapping.rules fits its subject, so that it is turned away",
        causes [MAPPING_RULES_INCOMPLETE],
        source "org.apache.kafka.common.security.ssl.SslPrincipalMapper.getName";

    message "broker-mapping-rules-invalid":
        says ["Invalid rule: `…`, unmatched substring: `", "IllegalArgumentException: Invalid rule: {rule}"],
        by [Broker],
        means "ssl.principal.mapping.rules cannot be parsed",
        causes [CONFIGURATION_INVALID],
        source "org.apache.kafka.common.security.ssl.SslPrincipalMapper.parseRules";

    message "broker-authorizer-denied":
        says ["Principal = User:{principal} is Denied operation ="],
        by [Broker],
        means "TLS has worked, and the authorizer has refused what the client wants to do under this principal",
        causes [PRINCIPAL_UNKNOWN],
        source "StandardAuthorizerData.buildAuditMessage";

    message "broker-anonymous-denied":
        says ["Principal = User:ANONYMOUS is Denied operation ="],
        by [Broker],
        means "the client has shown no certificate, was let in as User:ANONYMOUS, and may not do what it wants to",
        causes [CLIENT_ANONYMOUS, CLIENT_CERTIFICATE_MISSING],
        source "StandardAuthorizerData.buildAuditMessage, \
                org.apache.kafka.common.network.SslTransportLayer.peerPrincipal";

    message "broker-request-before-sasl":
        says ["Unexpected Kafka request of type {type} during SASL handshake."],
        by [Broker],
        means "a client without SASL has come to a listener that demands it, with or without TLS below",
        causes [SASL_EXPECTED],
        source "SaslServerAuthenticator.handleKafkaRequest";

    message "broker-not-a-client":
        says ["Invalid request, potential reasons: kafka client configured with the wrong security protocol"],
        by [Broker],
        means "what has come to a SASL listener is no request of Kafka: a client with another security.protocol, or no client",
        causes [CLIENT_WITHOUT_TLS, SASL_EXPECTED, LISTENER_NOT_KAFKA],
        source "SaslServerAuthenticator.handleKafkaRequest";

    message "broker-sasl-receive-size":
        says ["Failing SASL authentication due to invalid receive size", "Invalid receive (size = {size} larger than 524288)"],
        by [Broker],
        means "what has come to a SASL listener begins with no length of a request: most often TLS, on SASL_PLAINTEXT",
        causes [LISTENER_WITHOUT_TLS, LISTENER_NOT_KAFKA],
        source "SaslServerAuthenticator.authenticate";

    message "broker-client-auth-unknown":
        says ["Unrecognized client authentication configuration {value}.  Falling back to NONE."],
        by [Broker],
        means "ssl.client.auth has a value that Kafka does not know, so that clients are asked for no certificate",
        causes [CONFIGURATION_INVALID],
        source "DefaultSslEngineFactory.createSslClientAuth";

    message "broker-client-auth-ignored":
        says ["Broker configuration '{setting}' is applied only to SSL listeners."],
        by [Broker],
        means "a SASL_SSL listener does not hear ssl.client.auth without its own prefix, and asks for no certificate",
        causes [CONFIGURATION_INCOMPLETE],
        source "ChannelBuilders.channelBuilderConfigs";

    message "broker-listener-protocol":
        says ["No security protocol defined for listener {listener}"],
        by [Broker],
        means "a listener has a name of its own, and listener.security.protocol.map does not say whether it speaks TLS",
        causes [CONFIGURATION_INCOMPLETE],
        source "org.apache.kafka.network.SocketServerConfigs";

    message "broker-common-name-expired":
        says ["Certificate with common name \"{name}\" expired on {date}"],
        by [Broker],
        means "a client has shown a certificate that has expired, and was refused",
        causes [CERTIFICATE_EXPIRED],
        source "CommonNameLoggingTrustManagerFactoryWrapper";
}
