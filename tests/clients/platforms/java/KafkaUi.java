import java.io.FileOutputStream;
import java.io.OutputStream;
import java.util.Map;
import java.util.Properties;
import org.springframework.boot.Banner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * {@code KafkaUi CLIENT.PROPERTIES}: writes down what Kafka UI gives to Kafka's clients.
 *
 * <p>Kafka UI is a Spring Boot application, which is told its configuration in the environment. It binds {@code
 * kafka.clusters}, and gives the clients the properties of a cluster, the names of nested ones joined by dots, and
 * its bootstrap servers.
 */
final class KafkaUi {
    /** The part of a cluster that is about its brokers. */
    record Cluster(String name, String bootstrapServers, Map<String, Object> properties) {}

    public static void main(String[] args) throws Exception {
        SpringApplication application = new SpringApplication(KafkaUi.class);
        application.setWebApplicationType(WebApplicationType.NONE);
        application.setBannerMode(Banner.Mode.OFF);
        Properties properties = new Properties();
        try (ConfigurableApplicationContext context = application.run()) {
            Cluster cluster = Binder.get(context.getEnvironment())
                    .bind("kafka.clusters", Bindable.listOf(Cluster.class))
                    .get()
                    .get(0);
            flatten("", cluster.properties(), properties);
            properties.setProperty("bootstrap.servers", cluster.bootstrapServers());
        }
        try (OutputStream out = new FileOutputStream(args[0])) {
            properties.store(out, null);
        }
    }

    private static void flatten(String prefix, Map<?, ?> nested, Properties properties) {
        nested.forEach((key, value) -> {
            if (value instanceof Map<?, ?> deeper) {
                flatten(prefix + key + ".", deeper, properties);
            } else {
                properties.setProperty(prefix + key, value.toString());
            }
        });
    }
}
