import java.io.InputStream;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.security.cert.TrustAnchor;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/**
 * Judges certificates with the JDK's PKIX validator and with the trust manager that its TLS uses.
 *
 * Each line of the file that it is given has, with tabs between, a root, intermediates with commas between, and a certificate. It is
 * answered with a line of what speaks against the certificate as a server, as a client, and its names.
 */
class Verify {
    private static final CertificateFactory FACTORY = factory();
    private static final String[] KINDS = {"other", "email", "dns", "x400", "directory", "ediparty", "uri", "ip", "oid"};

    private interface Check {
        void run() throws Exception;
    }

    public static void main(String[] arguments) throws Exception {
        for (String line : Files.readAllLines(Path.of(arguments[0]))) {
            String[] fields = line.split("\t", -1);
            try {
                judge(fields[0], fields[1], fields[2]);
            } catch (Exception e) {
                System.out.println(line(e) + "\t" + line(e) + "\t");
            }
        }
    }

    private static void judge(String rootFile, String intermediates, String leafFile) throws Exception {
        X509Certificate root = read(rootFile);
        List<X509Certificate> path = new ArrayList<>(List.of(read(leafFile)));
        for (String file : intermediates.split(",")) {
            if (!file.isEmpty()) {
                path.add(read(file));
            }
        }
        X509Certificate[] chain = path.toArray(new X509Certificate[0]);
        String key = chain[0].getPublicKey().getAlgorithm();
        X509TrustManager manager = manager(root);
        String server = verdict(() -> {
            validate(root, path);
            manager.checkServerTrusted(chain, key.equals("RSA") ? "ECDHE_RSA" : "ECDHE_ECDSA");
            manager.checkServerTrusted(chain, "UNKNOWN");
        });
        String client = verdict(() -> {
            validate(root, path);
            manager.checkClientTrusted(chain, key);
        });
        System.out.println(server + "\t" + client + "\t" + names(chain[0]));
    }

    private static void validate(X509Certificate root, List<X509Certificate> path) throws Exception {
        PKIXParameters parameters = new PKIXParameters(Set.of(new TrustAnchor(root, null)));
        parameters.setRevocationEnabled(false);
        CertPathValidator.getInstance("PKIX").validate(FACTORY.generateCertPath(path), parameters);
    }

    private static X509TrustManager manager(X509Certificate root) throws Exception {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("caroot", root);
        TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
        factory.init(trusted);
        return (X509TrustManager) factory.getTrustManagers()[0];
    }

    private static String verdict(Check check) {
        try {
            check.run();
            return "good";
        } catch (Exception e) {
            return line(e);
        }
    }

    private static String names(X509Certificate leaf) throws Exception {
        Collection<List<?>> found = leaf.getSubjectAlternativeNames();
        List<String> names = new ArrayList<>();
        for (List<?> name : found == null ? List.<List<?>>of() : found) {
            int kind = (Integer) name.get(0);
            Object value = kind == 7 ? InetAddress.getByName((String) name.get(1)).getHostAddress() : name.get(1);
            names.add(KINDS[kind] + ":" + value);
        }
        return String.join(",", names);
    }

    private static String line(Exception e) {
        return e.toString().replaceAll("\\s+", " ");
    }

    private static X509Certificate read(String file) throws Exception {
        try (InputStream in = Files.newInputStream(Path.of(file))) {
            return (X509Certificate) FACTORY.generateCertificate(in);
        }
    }

    private static CertificateFactory factory() {
        try {
            return CertificateFactory.getInstance("X.509");
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
