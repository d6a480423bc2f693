import kafka.Kafka;

/** {@code Node SERVER.PROPERTIES}: runs a Kafka node whose storage is formatted, until standard input ends. */
final class Node {
    public static void main(String[] args) {
        StandardInput.endTheProgramWithIt();
        Kafka.main(args);
    }
}
