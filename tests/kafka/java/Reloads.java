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
import java.util.stream.Stream;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.SslConfigs;
import org.apache.kafka.common.config.internals.BrokerSecurityConfigs;
import org.apache.kafka.common.network.ConnectionMode;
import org.apache.kafka.common.security.ssl.SslFactory;

/**
 * Reloads stores as a running broker does on its inter-broker listener.
 *
 * <p>Each line of standard input is {@code NAME, OLD, NEW}, with tabs between; OLD and NEW are
 * properties files. For each line one is printed: {@code case, NAME, accepted} or {@code case, NAME,
 * refused, WHY}.
 */
final class Reloads {
    public static void main(String[] args) throws IOException {
        var cases = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line; (line = cases.readLine()) != null; ) {
            String[] fields = line.split("\t");
            System.out.printf("case\t%s\t%s%n", fields[0], outcome(fields[1], fields[2]));
        }
    }

    private static String outcome(String old, String now) throws IOException {
        try (SslFactory factory = new SslFactory(ConnectionMode.SERVER, null, true)) {
            factory.configure(values(old));
            try {
                factory.validateReconfiguration(values(now));
                factory.reconfigure(values(now));
                return "accepted";
            } catch (Exception e) {
                String why = Stream.<Throwable>iterate(e, cause -> cause != null, Throwable::getCause)
                        .map(Throwable::toString)
                        .collect(Collectors.joining(" <- "));
                return "refused\t" + why.replaceAll("[\\r\\n\\t]", " ");
            }
        }
    }

    private static Map<String, Object> values(String file) throws IOException {
        Properties properties = new Properties();
        try (InputStream in = new FileInputStream(file)) {
            properties.load(in);
        }
        ConfigDef definition = new ConfigDef(BrokerSecurityConfigs.CONFIG_DEF);
        return new HashMap<>(new AbstractConfig(definition, properties, false).values());
    }
}
