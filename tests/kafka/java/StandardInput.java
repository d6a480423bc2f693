import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;

/**
 * The pipe by which a program knows that its test still runs.
 *
 * <p>The other end is the test's, so that a test that is killed leaves no program behind.
 */
final class StandardInput {
    /** Ends the program as soon as standard input ends. */
    static void endTheProgramWithIt() {
        Thread watch = new Thread(StandardInput::halt, "end-with-stdin");
        watch.setDaemon(true);
        watch.start();
    }

    private static void halt() {
        try {
            System.in.transferTo(OutputStream.nullOutputStream());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            // Not exit(): an orderly shutdown of a broker can take longer than anyone waits here.
            Runtime.getRuntime().halt(1);
        }
    }
}
