import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;

/**
 * Reads lines of TYPE, STORE and, where there is one, the password, with tabs between; answers each with a line of its entries, in the
 * order of their aliases: ALIAS, the kind, for a private key the length of its chain, the fingerprints; or with what went wrong.
 */
class ShowEntries {
    public static void main(String[] none) throws Exception {
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line; (line = lines.readLine()) != null; ) {
            String[] fields = line.split("\t");
            try {
                System.out.println(entries(fields[0], fields[1], fields.length > 2 ? fields[2].toCharArray() : null));
            } catch (Exception e) {
                System.out.println(e.toString().replace('\n', ' '));
            }
        }
    }

    private static String entries(String type, String file, char[] password) throws Exception {
        KeyStore store = KeyStore.getInstance(type);
        try (InputStream in = new FileInputStream(file)) {
            store.load(in, password);
        }
        List<String> entries = new ArrayList<>();
        for (String alias : Collections.list(store.aliases())) {
            entries.add(entry(store, alias));
        }
        Collections.sort(entries);
        return String.join(";", entries);
    }

    private static String entry(KeyStore store, String alias) throws Exception {
        if (store.entryInstanceOf(alias, KeyStore.SecretKeyEntry.class)) {
            return alias + " SecretKeyEntry";
        }
        if (store.isCertificateEntry(alias)) {
            return alias + " trustedCertEntry" + fingerprint(store.getCertificate(alias));
        }
        Certificate[] chain = store.getCertificateChain(alias);
        StringBuilder entry = new StringBuilder(alias + " PrivateKeyEntry " + (chain == null ? 0 : chain.length));
        for (Certificate certificate : chain == null ? new Certificate[0] : chain) {
            entry.append(fingerprint(certificate));
        }
        return entry.toString();
    }

    private static String fingerprint(Certificate certificate) throws Exception {
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded());
        return " " + HexFormat.ofDelimiter(":").withUpperCase().formatHex(digest);
    }
}
