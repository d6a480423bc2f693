import org.apache.kafka.connect.mirror.MirrorMaker;

/** {@code Mirror MM2.PROPERTIES}: MirrorMaker 2, until standard input ends. */
final class Mirror {
    public static void main(String[] args) {
        StandardInput.endTheProgramWithIt();
        MirrorMaker.main(args);
    }
}
