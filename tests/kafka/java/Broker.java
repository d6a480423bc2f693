import kafka.Kafka;
import kafka.tools.StorageTool;
import org.apache.kafka.common.Uuid;

/**
 * {@code Broker SERVER.PROPERTIES}: formats the storage of a Kafka node and runs the node, until
 * standard input ends.
 */
final class Broker {
    public static void main(String[] args) {
        StandardInput.endTheProgramWithIt();
        String properties = args[0];
        int formatted = StorageTool.execute(
                new String[] {"format", "--cluster-id", Uuid.randomUuid().toString(), "--config", properties},
                System.out);
        if (formatted != 0) {
            System.exit(formatted);
        }
        Kafka.main(new String[] {properties});
    }
}
