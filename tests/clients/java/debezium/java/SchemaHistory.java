import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.debezium.config.Configuration;
import io.debezium.relational.history.HistoryRecordComparator;
import io.debezium.relational.history.SchemaHistoryListener;
import io.debezium.storage.kafka.history.KafkaSchemaHistory;
import java.io.File;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.ConfigTransformer;
import org.apache.kafka.common.config.provider.DirectoryConfigProvider;

/**
 * {@code SchemaHistory CONNECTOR.JSON COUNT}: what a connector of Debezium does with its schema history.
 * It creates the topic, writes COUNT changes of a schema to it and reads them back, unless standard
 * input ends before.
 */
final class SchemaHistory extends KafkaSchemaHistory {
    public static void main(String[] args) {
        StandardInput.endTheProgramWithIt();
        SchemaHistory history = new SchemaHistory();
        try {
            int count = Integer.parseInt(args[1]);
            history.configure(
                    configuration(args[0]), HistoryRecordComparator.INSTANCE, SchemaHistoryListener.NOOP, true);
            history.start();
            history.initializeStorage();
            history.run(count);
            System.out.printf("%d records read back as written%n", count);
            history.stop();
        } catch (Throwable failure) {
            for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
                System.err.println(cause);
            }
            System.exit(1);
        }
        // Clients that were never closed do not keep it.
        System.exit(0);
    }

    /** The configuration as a Connect worker hands it to the connector: with what its variables stand for. */
    private static Configuration configuration(String file) throws Exception {
        Map<String, String> own = new ObjectMapper().readValue(new File(file), new TypeReference<>() {});
        try (DirectoryConfigProvider directory = new DirectoryConfigProvider()) {
            directory.configure(Map.of());
            ConfigTransformer transformer = new ConfigTransformer(Map.of("directory", directory));
            Map<String, String> config = new HashMap<>(transformer.transform(own).data());
            config.put("schema.history.internal.kafka.topic", Uuid.randomUuid().toString());
            return Configuration.from(config).subset("schema.history.internal.", false);
        }
    }

    private void run(int count) throws Exception {
        Map<String, String> source = Map.of("server", "made-up");
        for (int i = 0; i < count; i++) {
            record(source, Map.of("at", i), "inventory", statement(i));
        }
        List<String> read = new ArrayList<>();
        recoverRecords(record -> read.add(record.document().getString("ddl")));
        if (read.size() != count) {
            throw new IllegalStateException("only " + read.size() + " of " + count + " records came back");
        }
        for (int i = 0; i < count; i++) {
            if (!read.get(i).equals(statement(i))) {
                throw new IllegalStateException("record " + i + " came back as " + read.get(i));
            }
        }
    }

    private static String statement(int i) {
        return "CREATE TABLE t" + i + " (id INT)";
    }
}
