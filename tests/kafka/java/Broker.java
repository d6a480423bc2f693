import java.util.stream.Stream;
import kafka.Kafka;
import kafka.tools.StorageTool;
import org.apache.kafka.common.Uuid;

/**
 * {@code Broker SERVER.PROPERTIES [FLAG...]}: formats the storage of a Kafka node, with these flags,
 * and runs the node, until standard input ends.
 */
final class Broker {
    public static void main(String[] args) {
        StandardInput.endTheProgramWithIt();
        String properties = args[0];
        Stream<String> format =
                Stream.of("format", "--cluster-id", Uuid.randomUuid().toString(), "--config", properties);
        Stream<String> flags = Stream.of(args).skip(1);
        int formatted = StorageTool.execute(Stream.concat(format, flags).toArray(String[]::new), System.out);
        if (formatted != 0) {
            System.exit(formatted);
        }
        Kafka.main(new String[] {properties});
    }
}
