import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.cert.Certificate;
import java.util.Collections;
import java.util.HexFormat;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.net.ssl.SSLEngine;
import kafka.server.KafkaConfig;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.config.internals.BrokerSecurityConfigs;
import org.apache.kafka.common.network.ConnectionMode;
import org.apache.kafka.common.network.ListenerName;
import org.apache.kafka.common.security.auth.SecurityProtocol;
import org.apache.kafka.common.security.auth.SslEngineFactory;
import org.apache.kafka.common.security.ssl.SslFactory;
import org.apache.kafka.common.security.ssl.SslPrincipalMapper;

/**
 * Configures Kafka's TLS from properties files, as clients and nodes do when they start, and makes an
 * engine for a connection.
 *
 * <p>Each line of standard input is {@code NAME, client|node, FILE}, with tabs between. For each line
 * one is printed: {@code case, NAME, refused, WHY} or {@code case, NAME, configured, STORES}.
 */
final class Configurations {
    public static void main(String[] args) throws IOException {
        var cases = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line; (line = cases.readLine()) != null; ) {
            String[] fields = line.split("\t");
            System.out.printf("case\t%s\t%s%n", fields[0], outcome(fields[1], fields[2]));
        }
    }

    private static String outcome(String kind, String file) {
        try {
            Properties properties = new Properties();
            try (InputStream in = new FileInputStream(file)) {
                properties.load(in);
            }
            return "configured\t" + (kind.equals("client") ? client(properties) : node(properties));
        } catch (Exception e) {
            String why = Stream.<Throwable>iterate(e, cause -> cause != null, Throwable::getCause)
                    .map(Throwable::toString)
                    .collect(Collectors.joining(" <- "));
            return "refused\t" + why.replaceAll("[\\r\\n\\t]", " ");
        }
    }

    private static String client(Properties properties) throws Exception {
        properties.putIfAbsent("bootstrap.servers", "localhost:9093");
        AdminClientConfig config = new AdminClientConfig(properties);
        SecurityProtocol protocol = SecurityProtocol.forName(config.getString("security.protocol"));
        if (protocol == SecurityProtocol.SSL || protocol == SecurityProtocol.SASL_SSL) {
            return stores(ConnectionMode.CLIENT, null, false, config.values());
        }
        return "no TLS";
    }

    /** Does what SocketServer does for each listener, with ChannelBuilders and SslChannelBuilder below it. */
    private static String node(Properties properties) throws Exception {
        KafkaConfig config = KafkaConfig.fromProps(properties, false);
        StringBuilder stores = new StringBuilder();
        for (var listener : scala.jdk.javaapi.CollectionConverters.asJava(config.listeners())) {
            SecurityProtocol protocol = listener.securityProtocol();
            if (protocol != SecurityProtocol.SSL && protocol != SecurityProtocol.SASL_SSL) {
                continue;
            }
            ListenerName name = ListenerName.normalised(listener.listener());
            Map<String, Object> values = config.valuesWithPrefixOverride(name.configPrefix());
            SslPrincipalMapper.fromRules((String) values.get(BrokerSecurityConfigs.SSL_PRINCIPAL_MAPPING_RULES_CONFIG));
            boolean asksNobody = protocol == SecurityProtocol.SASL_SSL
                    && !config.originalsWithPrefix(name.configPrefix()).containsKey("ssl.client.auth");
            boolean isInterBroker = name.equals(config.interBrokerListenerName());
            stores.append(name.value()).append(' ');
            stores.append(stores(ConnectionMode.SERVER, asksNobody ? "none" : null, isInterBroker, values)).append(' ');
        }
        return stores.toString().trim();
    }

    private static String stores(ConnectionMode mode, String clientAuth, boolean isVerified, Map<String, ?> values)
            throws Exception {
        try (SslFactory factory = new SslFactory(mode, clientAuth, isVerified)) {
            factory.configure(values);
            SSLEngine engine = factory.createSslEngine("localhost", 9093);
            SslEngineFactory engines = factory.sslEngineFactory();
            String auth = engine.getNeedClientAuth() ? "required" : engine.getWantClientAuth() ? "requested" : "none";
            // A client begins to speak, which shows whether a version of TLS and a cipher suite are left.
            SSLEngine client = engines.createClientSslEngine("localhost", 9093, "https");
            client.beginHandshake();
            client.wrap(ByteBuffer.allocate(0), ByteBuffer.allocate(1 << 17));
            return (mode == ConnectionMode.SERVER ? auth + " " : "")
                    + entries(engines.keystore()) + " " + entries(engines.truststore());
        }
    }

    private static String entries(KeyStore store) throws Exception {
        if (store == null) {
            return "none";
        }
        StringBuilder entries = new StringBuilder("[");
        for (String alias : Collections.list(store.aliases()).stream().sorted().toList()) {
            Certificate[] chain = store.isKeyEntry(alias)
                    ? store.getCertificateChain(alias)
                    : new Certificate[] {store.getCertificate(alias)};
            entries.append(alias).append('=');
            for (Certificate certificate : chain) {
                byte[] hash = MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded());
                entries.append(HexFormat.of().formatHex(hash, 0, 8)).append(',');
            }
        }
        return entries.append(']').toString();
    }
}
