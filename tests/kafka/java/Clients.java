import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.internals.BrokerSecurityConfigs;
import org.apache.kafka.common.network.ConnectionMode;
import org.apache.kafka.common.security.ssl.SslFactory;

/**
 * What users of Java see where TLS fails.
 *
 * <p>Each line of standard input is {@code NAME, KIND, ADDRESS, PROPERTIES}, with tabs between, and is
 * tried. All that is printed for it, logs too, stands between the lines {@code begin NAME} and {@code
 * end NAME}.
 */
final class Clients {
    public static void main(String[] args) throws IOException {
        var scenarios = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line; (line = scenarios.readLine()) != null; ) {
            String[] fields = line.split("\t");
            System.out.println("begin " + fields[0]);
            try {
                attempt(fields[1], fields[2], properties(fields[3]));
                System.out.println("nothing failed");
            } catch (Exception e) {
                e.printStackTrace(System.out);
            }
            System.out.println("end " + fields[0]);
        }
    }

    private static void attempt(String kind, String address, Properties properties) throws Exception {
        properties.put(kind.equals("controller") ? "bootstrap.controllers" : "bootstrap.servers", address);
        // Where no answer comes, why is said at once, and again and again.
        properties.put("default.api.timeout.ms", "5000");
        properties.put("request.timeout.ms", "5000");
        switch (kind) {
            case "client", "controller" -> describeCluster(properties);
            case "reload" -> reload(properties);
            case "node" -> startListener(properties);
            default -> throw new IllegalArgumentException(kind);
        }
    }

    private static void describeCluster(Properties properties) throws Exception {
        try (Admin admin = Admin.create(properties)) {
            admin.describeCluster().nodes().get();
        }
    }

    /** Sets what begins with {@code listener.name.} of the broker, which runs. */
    private static void reload(Properties properties) throws Exception {
        var changes = properties.stringPropertyNames().stream()
                .filter(key -> key.startsWith("listener.name."))
                .map(key -> new ConfigEntry(key, properties.getProperty(key)))
                .map(entry -> new AlterConfigOp(entry, AlterConfigOp.OpType.SET))
                .collect(Collectors.toList());
        changes.forEach(change -> properties.remove(change.configEntry().name()));
        try (Admin admin = Admin.create(properties)) {
            var broker = new ConfigResource(ConfigResource.Type.BROKER, "1");
            admin.incrementalAlterConfigs(Map.of(broker, changes)).all().get();
        }
    }

    /** Does what a node does for its inter-broker listener when it starts. */
    private static void startListener(Properties properties) {
        ConfigDef definition = new ConfigDef(BrokerSecurityConfigs.CONFIG_DEF);
        Map<String, Object> values = new HashMap<>(new AbstractConfig(definition, properties, false).values());
        try (SslFactory factory = new SslFactory(ConnectionMode.SERVER, null, true)) {
            factory.configure(values);
        }
    }

    private static Properties properties(String file) throws IOException {
        Properties properties = new Properties();
        try (InputStream in = new FileInputStream(file)) {
            properties.load(in);
        }
        return properties;
    }
}
