import io.quarkus.runtime.QuarkusApplication;
import io.quarkus.runtime.annotations.QuarkusMain;
import io.smallrye.common.annotation.Identifier;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.serialization.IntegerDeserializer;
import org.apache.kafka.common.serialization.IntegerSerializer;

/**
 * {@code COUNT}: an application of Quarkus that creates a topic, writes COUNT records to it and reads
 * them back, unless standard input ends before.
 */
@QuarkusMain
public class QuarkusRecords implements QuarkusApplication {
    /** What Quarkus has made of the configuration. */
    @Inject
    @Identifier("default-kafka-broker")
    Map<String, Object> settings;

    @Override
    public int run(String... args) throws Exception {
        Thread watch = new Thread(QuarkusRecords::endWithStandardInput);
        watch.setDaemon(true);
        watch.start();
        int count = Integer.parseInt(args[0]);
        String topic = Uuid.randomUuid().toString();
        Map<String, Object> properties = new HashMap<>(settings);
        properties.put("group.id", topic);
        properties.put("auto.offset.reset", "earliest");
        run(properties, topic, count);
        System.out.printf("%d records read back as written%n", count);
        return 0;
    }

    private static void run(Map<String, Object> properties, String topic, int count) throws Exception {
        try (Admin admin = Admin.create(properties)) {
            admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1))).all().get();
        }
        try (var producer = new KafkaProducer<>(properties, new IntegerSerializer(), new IntegerSerializer())) {
            Future<RecordMetadata> last = null;
            for (int i = 0; i < count; i++) {
                last = producer.send(new ProducerRecord<>(topic, i, -i));
            }
            last.get();
        }
        try (var consumer = new KafkaConsumer<>(properties, new IntegerDeserializer(), new IntegerDeserializer())) {
            consumer.subscribe(List.of(topic));
            long deadline = System.nanoTime() + Duration.ofSeconds(120).toNanos();
            int read = 0;
            while (read < count) {
                if (System.nanoTime() > deadline) {
                    throw new IllegalStateException("only " + read + " of " + count + " records came back");
                }
                for (ConsumerRecord<Integer, Integer> record : consumer.poll(Duration.ofSeconds(1))) {
                    if (record.key() != read || record.value() != -read) {
                        throw new IllegalStateException("record " + read + " came back as " + record);
                    }
                    read++;
                }
            }
        }
    }

    private static void endWithStandardInput() {
        try {
            System.in.transferTo(OutputStream.nullOutputStream());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            Runtime.getRuntime().halt(1);
        }
    }
}
