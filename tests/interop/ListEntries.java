import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.security.Key;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.cert.Certificate;
import java.util.Collections;
import java.util.Date;
import java.util.HexFormat;
import java.util.List;

/**
 * Says what is in stores, and opens each key in them.
 *
 * Reads lines of TYPE, STORE and the password of store and keys, with tabs between; answers each with a line for every entry, in the order
 * of their aliases, and an empty one: ALIAS, its kind, its date if the store has one, the digest of its key, those of its certificates.
 */
class ListEntries {
    public static void main(String[] none) throws Exception {
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line; (line = lines.readLine()) != null; ) {
            String[] fields = line.split("\t");
            try {
                list(fields[0], fields[1], fields[2].toCharArray());
            } catch (Exception e) {
                System.out.println(e);
            }
            System.out.println();
        }
    }

    private static void list(String type, String file, char[] password) throws Exception {
        KeyStore store = load(type, file, password);
        // An entry without a date gets the time of its loading.
        Thread.sleep(5);
        KeyStore again = load(type, file, password);
        List<String> aliases = Collections.list(store.aliases());
        Collections.sort(aliases);
        for (String alias : aliases) {
            Date date = store.getCreationDate(alias);
            String created = date.equals(again.getCreationDate(alias)) ? Long.toString(date.getTime()) : "-";
            Key key = store.isKeyEntry(alias) ? store.getKey(alias, password) : null;
            Certificate[] chain = store.getCertificateChain(alias);
            if (chain == null) {
                Certificate one = store.getCertificate(alias);
                chain = one == null ? new Certificate[0] : new Certificate[] {one};
            }
            StringBuilder line = new StringBuilder(alias);
            line.append('\t').append(key == null ? "trusted" : key.getFormat() + " " + key.getAlgorithm());
            line.append('\t').append(created).append('\t').append(key == null ? "-" : digest(key.getEncoded())).append('\t');
            for (Certificate certificate : chain) {
                line.append(digest(certificate.getEncoded())).append(' ');
            }
            System.out.println(line);
        }
    }

    private static KeyStore load(String type, String file, char[] password) throws Exception {
        KeyStore store = KeyStore.getInstance(type);
        try (InputStream in = new FileInputStream(file)) {
            store.load(in, password);
        }
        return store;
    }

    private static String digest(byte[] bytes) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    }
}
