import org.apache.kafka.connect.cli.ConnectDistributed;

/** {@code Connect WORKER.PROPERTIES}: a Connect worker, until standard input ends. */
final class Connect {
    public static void main(String[] args) {
        StandardInput.endTheProgramWithIt();
        ConnectDistributed.main(args);
    }
}
