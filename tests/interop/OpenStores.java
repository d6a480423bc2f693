import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Collections;

/**
 * Opens stores as Kafka does, and each key in them.
 *
 * Reads lines of TYPE, STORE, the file with its password and the file with its keys' password, with tabs between; answers each with a
 * line: "opened, N keys, N certificates", or why not.
 */
class OpenStores {
    public static void main(String[] none) throws Exception {
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line; (line = lines.readLine()) != null; ) {
            String[] fields = line.split("\t");
            try {
                System.out.println(open(fields[0], fields[1], password(fields[2]), password(fields[3])));
            } catch (Exception e) {
                System.out.println(e);
            }
        }
    }

    private static String open(String type, String file, char[] storePassword, char[] keyPassword) throws Exception {
        KeyStore store = KeyStore.getInstance(type);
        try (InputStream in = new FileInputStream(file)) {
            store.load(in, storePassword);
        }
        int keys = 0;
        int certificates = 0;
        for (String alias : Collections.list(store.aliases())) {
            if (store.isCertificateEntry(alias)) {
                certificates++;
            } else if (store.getKey(alias, keyPassword) != null && store.getCertificateChain(alias).length == 2) {
                keys++;
            }
        }
        return "opened, " + keys + " keys, " + certificates + " certificates";
    }

    /** The only line of a file, as the bundle keeps it. */
    private static char[] password(String file) throws Exception {
        return Files.readString(Path.of(file)).replaceFirst("\n\\z", "").toCharArray();
    }
}
