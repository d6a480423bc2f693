import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.util.HexFormat;
import java.util.Properties;
import java.util.stream.Collectors;

/** Loads each line of standard input, a properties file in hexadecimal, and prints its properties in the same way, or why not. */
final class LoadProperties {
    public static void main(String[] args) throws IOException {
        var lines = new BufferedReader(new InputStreamReader(System.in));
        for (String line; (line = lines.readLine()) != null; ) {
            System.out.println(answer(HexFormat.of().parseHex(line)));
        }
    }

    private static String answer(byte[] file) throws IOException {
        Properties properties = new Properties();
        try {
            properties.load(new ByteArrayInputStream(file));
        } catch (IllegalArgumentException e) {
            return e.getMessage();
        }
        return properties.entrySet().stream()
                .map(entry -> hex(entry.getKey()) + "=" + hex(entry.getValue()))
                .sorted()
                .collect(Collectors.joining(" "));
    }

    private static String hex(Object text) {
        return text.toString().chars().mapToObj(unit -> String.format("%04x", unit)).collect(Collectors.joining());
    }
}
