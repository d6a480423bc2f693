//! What Java clients of Kafka say, and what is built on them: Connect, Streams, the command-line tools.

use super::messages;

messages! {
    wrapper "client-handshake-failed":
        says ["SslAuthenticationException: SSL handshake failed", "SSL handshake failed",
            "failed authentication due to: SSL handshake failed"],
        by [Java, Broker, Connect, Spring],
        means "the handshake has failed, and the line that begins with Caused by says why",
        causes [BROKER_CA_UNKNOWN, HOST_NOT_IN_CERTIFICATE, CLIENT_CERTIFICATE_REFUSED, CERTIFICATE_EXPIRED],
        source "SslTransportLayer.handshakeFailure; strimzi/strimzi-kafka-operator#4071";

    wrapper "client-post-handshake":
        says ["Failed to process post-handshake messages"],
        by [Java, Connect, Spring],
        means "in TLS 1.3 the broker has refused this client after the client took the handshake for done: the alert beside it says why",
        causes [CLIENT_CERTIFICATE_MISSING, CLIENT_CERTIFICATE_REFUSED, CLIENT_CA_UNKNOWN],
        source "org.apache.kafka.common.network.SslTransportLayer.read; bitnami/containers#44218";

    wrapper "client-terminated-in-authentication":
        says ["Connection to node {node} ({peer}) terminated during authentication."],
        by [Java, Broker, Connect, Spring],
        means "the connection has ended in the handshake without a word, which is what a listener without TLS does",
        causes [LISTENER_WITHOUT_TLS, CONNECTION_CUT, CLIENT_CERTIFICATE_REFUSED],
        source "org.apache.kafka.clients.NetworkClient.processDisconnection; measured with kafka-clients 4.3.1";

    wrapper "client-authentication-failed":
        says ["Connection to node {node} ({peer}) failed authentication due to:"],
        by [Java, Broker, Connect, Spring],
        means "a connection has failed in the handshake of TLS or of SASL",
        causes [BROKER_CA_UNKNOWN, HOST_NOT_IN_CERTIFICATE, CLIENT_CERTIFICATE_REFUSED],
        source "org.apache.kafka.clients.NetworkClient.processDisconnection";

    message "client-not-connected":
        says ["Connection to node {node} ({peer}) could not be established. Node may not be available.",
            "Connection to node {node} ({peer}) could not be established. Broker may not be available."],
        by [Java, Broker, Connect, Spring],
        means "nothing has answered at that address",
        causes [CONNECTION_REFUSED, CONNECTION_TIMED_OUT, ADVERTISED_UNREACHABLE],
        source "org.apache.kafka.clients.NetworkClient.processDisconnection";

    message "client-bootstrap-disconnected":
        says ["Bootstrap broker {peer} (id: {node} rack: {rack}) disconnected", "Bootstrap broker {peer} disconnected"],
        by [Java, Connect, Spring],
        means "the connection was made, and closed before the broker had said anything: most often since it speaks TLS and the client \
               does not",
        causes [CLIENT_WITHOUT_TLS, SASL_EXPECTED, LISTENER_WITHOUT_TLS, CONNECTION_CUT],
        source "NetworkClient.DefaultMetadataUpdater.handleServerDisconnect";

    wrapper "client-node-disconnected":
        says ["Node -1 disconnected.", "Cancelled in-flight API_VERSIONS request with correlation id"],
        by [Java, Connect, Spring],
        means "the first connection to a broker was closed before it was of use",
        causes [CLIENT_WITHOUT_TLS, SASL_EXPECTED, CONNECTION_CUT],
        source "org.apache.kafka.clients.NetworkClient.handleDisconnections and cancelInFlightRequests";

    wrapper "client-heap-space":
        says ["java.lang.OutOfMemoryError: Java heap space"],
        by [Java, Connect, Spring],
        means "a client that says so when it connects speaks without TLS to a listener with it, and takes the alert that comes back \
               for a length of 352518912 octets",
        causes [CLIENT_WITHOUT_TLS],
        source "org.apache.kafka.common.network.NetworkReceive.readFrom; apache/kafka#5940";

    message "client-tls-bytes-as-length":
        says ["org.apache.kafka.common.memory.MemoryPool$1.tryAllocate(",
            "Invalid receive (size = 352518912 larger than {limit})", "Invalid receive (size = 352518400 larger than {limit})"],
        by [Java, Broker],
        means "the first octets of what came back, an alert of TLS, were taken for a length: who prints this speaks without TLS to a \
               listener with it",
        causes [CLIENT_WITHOUT_TLS],
        source "org.apache.kafka.common.network.NetworkReceive.readFrom, RFC 8446 §5.1; measured with kafka-clients \
                4.3.1";

    message "client-on-controller":
        says ["The remote node is not a BROKER that supports the METADATA api",
            "Received request for disabled api with key 3 (METADATA)"],
        by [Java, Broker, Connect, Spring],
        means "the client has come to the listener of a controller, which is not for clients",
        causes [LISTENER_OF_CONTROLLER],
        source "org.apache.kafka.clients.admin.internals.AdminMetadataManager, \
                kafka.network.Processor.parseRequestHeader";

    wrapper "client-timed-out":
        says ["Timed out waiting for a node assignment", "Timed out waiting to send the call",
            "Timeout expired while fetching topic metadata", "not present in metadata after {limit} ms",
            "Timeout of {limit}ms expired before the position for partition",
            "Timeout of {limit}ms expired before successfully committing offsets"],
        by [Java, Connect, Spring],
        means "no broker could be used in time; lines before it say why, if it was TLS",
        causes [CLIENT_WITHOUT_TLS, LISTENER_WITHOUT_TLS, ADVERTISED_UNREACHABLE, CONNECTION_TIMED_OUT, CONNECTION_REFUSED],
        source "org.apache.kafka.clients.admin.KafkaAdminClient, \
                org.apache.kafka.clients.producer.KafkaProducer.waitOnMetadata";

    wrapper "client-not-constructed":
        says ["Failed to create new KafkaAdminClient", "Failed to construct kafka consumer", "Failed to construct kafka producer",
            "Failed to create new NetworkClient"],
        by [Java, Connect, Spring],
        means "a client was not made, most often since a store cannot be loaded; the last line that begins with Caused by says why",
        causes [STORE_MISSING, STORE_PASSWORD_WRONG, CONFIGURATION_INCOMPLETE, CONFIGURATION_INVALID],
        source "org.apache.kafka.clients.admin.KafkaAdminClient.createInternal, org.apache.kafka.clients.ClientUtils";

    message "client-bootstrap-invalid":
        says ["Invalid url in bootstrap.servers: {host}", "Invalid port in bootstrap.servers: {host}",
            "Unknown host in bootstrap.servers: {host}"],
        by [Java, Connect, Spring],
        means "bootstrap.servers is no list of hosts with ports",
        causes [CONFIGURATION_INVALID],
        source "org.apache.kafka.clients.ClientUtils.parseAndValidateAddresses";

    message "client-bootstrap-unresolved":
        says ["Couldn't resolve server {host} from bootstrap.servers", "No resolvable bootstrap urls given in bootstrap.servers"],
        by [Java, Connect, Spring],
        means "a host in bootstrap.servers has no address where the client runs",
        causes [HOST_UNRESOLVED],
        source "org.apache.kafka.clients.ClientUtils.parseAndValidateAddresses";

    message "client-host-unresolved":
        says ["java.net.UnknownHostException: {host}", "Can't resolve address: {host}"],
        by [Java, Broker, Connect, Spring],
        means "a host has no address where this runs, often one that a broker advertises",
        causes [HOST_UNRESOLVED, ADVERTISED_UNREACHABLE],
        source "java.net.InetAddress, org.apache.kafka.common.network.Selector.connect";

    message "client-sasl-mechanism":
        says ["Client SASL mechanism '{mechanism}' not enabled in the server, enabled mechanisms are"],
        by [Java, Connect, Spring],
        means "the listener has SASL, and has refused the mechanism that the client has asked for",
        causes [SASL_MECHANISM_NOT_ENABLED],
        source "SaslClientAuthenticator.handleSaslHandshakeResponse";

    message "client-sasl-on-other-listener":
        says ["Unexpected handshake request with client mechanism {mechanism}, enabled mechanisms are",
            "Invalid SASL mechanism response, server may be expecting a different protocol",
            "Request is not valid given the current SASL state"],
        by [Java, Connect, Spring, Node, Python],
        means "the client begins SASL, and the listener, which has none, has refused it",
        causes [SASL_NOT_EXPECTED],
        source "SaslClientAuthenticator.handleSaslHandshakeResponse, org.apache.kafka.common.protocol.Errors; \
                measured with Kafka 4.3.1";

    message "client-security-protocol-unknown":
        says ["Invalid value {value} for configuration security.protocol"],
        by [Java, Connect, Spring],
        means "security.protocol has a value that Kafka does not know: it is PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL",
        causes [CONFIGURATION_INVALID],
        source "org.apache.kafka.common.config.ConfigDef, org.apache.kafka.clients.CommonClientConfigs";

    message "client-topic-denied":
        says ["TopicAuthorizationException: Not authorized to access topics", "TOPIC_AUTHORIZATION_FAILED",
            "Topic authorization failed for topics"],
        by [Java, Connect, Spring],
        means "TLS has worked, and the broker does not let this principal use a topic",
        causes [PRINCIPAL_UNKNOWN],
        source "org.apache.kafka.common.errors.TopicAuthorizationException, org.apache.kafka.common.protocol.Errors";

    message "client-group-denied":
        says ["GroupAuthorizationException: Not authorized to access group", "GROUP_AUTHORIZATION_FAILED"],
        by [Java, Connect, Spring],
        means "TLS has worked, and the broker does not let this principal use a consumer group",
        causes [PRINCIPAL_UNKNOWN],
        source "org.apache.kafka.common.errors.GroupAuthorizationException";

    message "client-cluster-denied":
        says ["ClusterAuthorizationException", "CLUSTER_AUTHORIZATION_FAILED", "Cluster authorization failed."],
        by [Java, Broker, Connect, Spring],
        means "TLS has worked, and the broker does not let this principal act on the cluster, which brokers must be allowed among each \
               other",
        causes [PRINCIPAL_UNKNOWN],
        source "org.apache.kafka.common.protocol.Errors; strimzi/strimzi-kafka-operator#7427";

    message "client-listener-not-found":
        says ["partitions have leader brokers without a matching listener"],
        by [Java, Connect, Spring],
        means "some brokers do not have the listener that the client has come by, so that it cannot reach their partitions",
        causes [ADVERTISED_UNREACHABLE],
        source "NetworkClient.DefaultMetadataUpdater.handleSuccessfulResponse";

    wrapper "connect-cluster-unreachable":
        says ["Failed to connect to and describe Kafka cluster. Check worker's broker connection and security properties."],
        by [Connect],
        means "the Connect worker has reached no broker in time; lines before it say why",
        causes [CLIENT_WITHOUT_TLS, BROKER_CA_UNKNOWN, CONNECTION_REFUSED, ADVERTISED_UNREACHABLE],
        source "org.apache.kafka.connect.runtime.WorkerConfig.lookupKafkaClusterId";
}
