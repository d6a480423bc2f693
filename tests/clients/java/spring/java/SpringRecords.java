import java.time.Duration;
import java.util.List;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.Uuid;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.kafka.core.ConsumerFactory;
import org.springframework.kafka.core.KafkaAdmin;
import org.springframework.kafka.core.KafkaTemplate;

/**
 * {@code SpringRecords COUNT [--PROPERTY=VALUE...]}: an application of Spring Boot that creates a topic,
 * writes COUNT records to it and reads them back, unless standard input ends before.
 */
@EnableAutoConfiguration
class SpringRecords {
    public static void main(String[] args) {
        StandardInput.endTheProgramWithIt();
        int count = Integer.parseInt(args[0]);
        try (ConfigurableApplicationContext context = SpringApplication.run(SpringRecords.class, args)) {
            run(context, Uuid.randomUuid().toString(), count);
            System.out.printf("%d records read back as written%n", count);
        } catch (Throwable failure) {
            for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
                System.err.println(cause);
            }
            System.exit(1);
        }
    }

    /** Uses what Spring has made of the configuration. */
    @SuppressWarnings("unchecked")
    private static void run(ConfigurableApplicationContext context, String topic, int count) throws Exception {
        try (Admin admin = Admin.create(context.getBean(KafkaAdmin.class).getConfigurationProperties())) {
            admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1))).all().get();
        }
        KafkaTemplate<String, String> template = context.getBean(KafkaTemplate.class);
        Future<?> last = null;
        for (int i = 0; i < count; i++) {
            last = template.send(topic, "key " + i, "value " + i);
        }
        last.get();
        ConsumerFactory<String, String> consumers = context.getBean(ConsumerFactory.class);
        try (var consumer = consumers.createConsumer(topic, "reader")) {
            consumer.subscribe(List.of(topic));
            long deadline = System.nanoTime() + Duration.ofSeconds(120).toNanos();
            int read = 0;
            while (read < count) {
                if (System.nanoTime() > deadline) {
                    throw new IllegalStateException("only " + read + " of " + count + " records came back");
                }
                for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofSeconds(1))) {
                    if (!record.key().equals("key " + read) || !record.value().equals("value " + read)) {
                        throw new IllegalStateException("record " + read + " came back as " + record);
                    }
                    read++;
                }
            }
        }
    }
}
