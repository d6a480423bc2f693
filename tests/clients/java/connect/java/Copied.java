import java.io.FileInputStream;
import java.io.InputStream;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.Future;
import java.util.regex.Pattern;
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
 * {@code Copied CLIENT.PROPERTIES COUNT TOPIC COPY}: creates TOPIC, writes COUNT records to it and waits
 * until somebody else has written them to COPY, unless standard input ends before.
 */
final class Copied {
    public static void main(String[] args) {
        StandardInput.endTheProgramWithIt();
        try {
            int count = Integer.parseInt(args[1]);
            run(configuration(args[0]), args[2], args[3], count);
            System.out.printf("%d records read back as written%n", count);
        } catch (Throwable failure) {
            for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
                System.err.println(cause);
            }
            System.exit(1);
        }
    }

    private static Properties configuration(String file) throws Exception {
        Properties properties = new Properties();
        try (InputStream in = new FileInputStream(file)) {
            properties.load(in);
        }
        properties.put("group.id", Uuid.randomUuid().toString());
        properties.put("auto.offset.reset", "earliest");
        // A topic that is not there yet is looked for again after this time.
        properties.put("metadata.max.age.ms", "1000");
        properties.put("allow.auto.create.topics", "false");
        return properties;
    }

    private static void run(Properties properties, String topic, String copy, int count) throws Exception {
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
            consumer.subscribe(Pattern.compile(Pattern.quote(copy)));
            long deadline = System.nanoTime() + Duration.ofSeconds(180).toNanos();
            int read = 0;
            while (read < count) {
                if (System.nanoTime() > deadline) {
                    throw new IllegalStateException("only " + read + " of " + count + " records came");
                }
                for (ConsumerRecord<Integer, Integer> record : consumer.poll(Duration.ofSeconds(1))) {
                    if (record.key() != read || record.value() != -read) {
                        throw new IllegalStateException("record " + read + " came as " + record);
                    }
                    read++;
                }
            }
        }
    }
}
