import java.io.FileInputStream;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/**
 * Java judges the other side, set up as Kafka sets it up: PKIX over a truststore, SunX509 over a keystore, TLS 1.2 and 1.3, a client
 * that checks the host, a server that wants a certificate.
 *
 * <pre>
 * Judge client CASES PORTS
 * Judge server CASES CHAIN KEY
 * </pre>
 *
 * As judge.py does.
 */
public class Judge {
    private static final int MILLISECONDS = 60_000;

    record Question(String name, String host, Path anchors) {}

    public static void main(String[] arguments) throws Exception {
        List<Question> questions = new ArrayList<>();
        for (String line : Files.readAllLines(Path.of(arguments[1]))) {
            String[] fields = line.split("\t");
            questions.add(new Question(fields[0], fields[1], Path.of(fields[5])));
        }
        ExecutorService threads = Executors.newFixedThreadPool(4);
        List<Future<String>> verdicts = new ArrayList<>();
        if (arguments[0].equals("client")) {
            Map<String, Integer> ports = new HashMap<>();
            for (String line : Files.readAllLines(Path.of(arguments[2]))) {
                String[] fields = line.split("\t");
                ports.put(fields[0], Integer.valueOf(fields[1]));
            }
            for (Question question : questions) {
                verdicts.add(threads.submit(() -> judgeServer(question, ports.get(question.name))));
            }
        } else {
            KeyStore own = own(Path.of(arguments[2]), Path.of(arguments[3]));
            for (Question question : questions) {
                ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                listener.setSoTimeout(MILLISECONDS);
                System.out.println(question.name + "\t" + listener.getLocalPort());
                verdicts.add(threads.submit(() -> judgeClient(question, own, listener)));
            }
            System.out.println();
            System.out.flush();
        }
        for (int at = 0; at < questions.size(); at++) {
            System.out.println(questions.get(at).name + "\t" + String.join(" ", verdicts.get(at).get().split("\\s+")));
        }
        System.exit(0);
    }

    private static String judgeServer(Question question, int port) {
        try (Socket plain = new Socket(InetAddress.getLoopbackAddress(), port)) {
            plain.setSoTimeout(MILLISECONDS);
            SSLContext context = context(question, null);
            try (SSLSocket tls = (SSLSocket) context.getSocketFactory().createSocket(plain, question.host, port, true)) {
                SSLParameters parameters = tls.getSSLParameters();
                parameters.setEndpointIdentificationAlgorithm("HTTPS");
                parameters.setProtocols(new String[] {"TLSv1.2", "TLSv1.3"});
                tls.setSSLParameters(parameters);
                tls.startHandshake();
                tls.getOutputStream().write('x');
                return "";
            }
        } catch (Exception refusal) {
            return refusal.getMessage() == null ? refusal.toString() : refusal.getMessage();
        }
    }

    private static String judgeClient(Question question, KeyStore own, ServerSocket listener) {
        try (listener; Socket plain = listener.accept()) {
            plain.setSoTimeout(MILLISECONDS);
            SSLContext context = context(question, own);
            try (SSLSocket tls = (SSLSocket) context.getSocketFactory().createSocket(plain, (InputStream) null, true)) {
                tls.setUseClientMode(false);
                tls.setNeedClientAuth(true);
                tls.setEnabledProtocols(new String[] {"TLSv1.2", "TLSv1.3"});
                tls.startHandshake();
                return "";
            }
        } catch (Exception refusal) {
            return refusal.getMessage() == null ? refusal.toString() : refusal.getMessage();
        }
    }

    private static SSLContext context(Question question, KeyStore own) throws Exception {
        KeyStore anchors = empty();
        for (Certificate anchor : certificates(question.anchors)) {
            anchors.setCertificateEntry("anchor" + anchors.size(), anchor);
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(anchors);
        KeyManagerFactory keys = KeyManagerFactory.getInstance("SunX509");
        keys.init(own == null ? empty() : own, new char[0]);
        SSLContext context = SSLContext.getInstance("TLSv1.3");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }

    private static KeyStore own(Path chain, Path key) throws Exception {
        String pem = Files.readString(key).replaceAll("-----[A-Z ]+-----|\\s", "");
        PKCS8EncodedKeySpec spec = new PKCS8EncodedKeySpec(Base64.getDecoder().decode(pem));
        KeyStore own = empty();
        own.setKeyEntry("own", KeyFactory.getInstance("EC").generatePrivate(spec), new char[0], certificates(chain).toArray(new Certificate[0]));
        return own;
    }

    private static KeyStore empty() throws Exception {
        KeyStore store = KeyStore.getInstance("JKS");
        store.load(null, null);
        return store;
    }

    private static List<Certificate> certificates(Path file) throws Exception {
        try (InputStream pem = new FileInputStream(file.toFile())) {
            return new ArrayList<>(CertificateFactory.getInstance("X.509").generateCertificates(pem));
        }
    }
}
