import io.micronaut.context.ApplicationContext;
import java.io.FileOutputStream;
import java.io.OutputStream;
import java.util.Properties;

/**
 * {@code Akhq CLIENT.PROPERTIES}: writes down what AKHQ gives to Kafka's clients.
 *
 * <p>AKHQ is a Micronaut application, which is told its configuration in the environment, and gives them the
 * properties of a connection as they are.
 */
final class Akhq {
    public static void main(String[] args) throws Exception {
        Properties properties = new Properties();
        try (ApplicationContext context = ApplicationContext.run()) {
            context.getProperties("akhq.connections.kafka.properties")
                    .forEach((key, value) -> properties.setProperty(key, value.toString()));
        }
        try (OutputStream out = new FileOutputStream(args[0])) {
            properties.store(out, null);
        }
    }
}
