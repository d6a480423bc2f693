import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/**
 * Lets a server and a client, which have the same stores, meet over loopback: both must show a certificate, and the client checks the
 * server's name as Kafka's clients do.
 *
 * Reads lines of TYPE, KEYSTORE, TRUSTSTORE, the file with their password, the file with the key's password and the server's name, with
 * tabs between; answers each with a line: "client trusts NAME in a chain of N with the names [...]; server trusts NAME ...", or why not.
 */
class MutualHandshakes {
    private static final String[] PROTOCOLS = {"TLSv1.3", "TLSv1.2"};
    /** Only what hangs forever takes that long. */
    private static final int PATIENCE_SECONDS = 60;
    private static final byte[] QUESTION = "a question of the client".getBytes(StandardCharsets.UTF_8);
    private static final byte[] ANSWER = "what the server answers".getBytes(StandardCharsets.UTF_8);

    public static void main(String[] none) throws Exception {
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        ExecutorService servers = Executors.newSingleThreadExecutor();
        for (String line; (line = lines.readLine()) != null; ) {
            System.out.println(answer(servers, line.split("\t")).replaceAll("\\s+", " "));
        }
        servers.shutdownNow();
    }

    private static String answer(ExecutorService servers, String[] fields) {
        String answer = null;
        for (String protocol : PROTOCOLS) {
            try {
                SSLContext context = context(fields[0], fields[1], fields[2], password(fields[3]), password(fields[4]));
                String trusted = handshake(servers, context, protocol, fields[5]);
                if (answer != null && !answer.equals(trusted)) {
                    return protocol + ": " + trusted + ", but before: " + answer;
                }
                answer = trusted;
            } catch (Exception e) {
                return protocol + ": " + chain(e);
            }
        }
        return answer;
    }

    private static SSLContext context(
            String type, String keystore, String truststore, char[] storePassword, char[] keyPassword) throws Exception {
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(load(type, keystore, storePassword), keyPassword);
        TrustManagerFactory trusted = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trusted.init(load(type, truststore, storePassword));
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trusted.getTrustManagers(), null);
        return context;
    }

    private static KeyStore load(String type, String file, char[] password) throws Exception {
        KeyStore store = KeyStore.getInstance(type);
        try (InputStream in = new FileInputStream(file)) {
            store.load(in, password);
        }
        return store;
    }

    /** Returns what each side has found out about the other. */
    private static String handshake(ExecutorService servers, SSLContext context, String protocol, String host) throws Exception {
        InetAddress loopback = InetAddress.getLoopbackAddress();
        try (SSLServerSocket listener =
                (SSLServerSocket) context.getServerSocketFactory().createServerSocket(0, 1, loopback)) {
            listener.setSoTimeout(PATIENCE_SECONDS * 1000);
            listener.setEnabledProtocols(new String[] {protocol});
            listener.setNeedClientAuth(true);
            Future<String> server = servers.submit(() -> serve(listener));
            String client = outcome(() -> ask(context, protocol, host, loopback, listener.getLocalPort()));
            String served = outcome(() -> server.get(2 * PATIENCE_SECONDS, TimeUnit.SECONDS));
            return "client " + client + "; server " + served;
        }
    }

    private static String serve(SSLServerSocket listener) throws Exception {
        try (SSLSocket socket = (SSLSocket) listener.accept()) {
            socket.setSoTimeout(PATIENCE_SECONDS * 1000);
            socket.startHandshake();
            expect(socket, QUESTION);
            socket.getOutputStream().write(ANSWER);
            return peer(socket);
        }
    }

    private static String ask(SSLContext context, String protocol, String host, InetAddress address, int port) throws Exception {
        Socket connection = new Socket(address, port);
        try (SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(connection, host, port, true)) {
            socket.setSoTimeout(PATIENCE_SECONDS * 1000);
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setProtocols(new String[] {protocol});
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            socket.setSSLParameters(parameters);
            socket.startHandshake();
            socket.getOutputStream().write(QUESTION);
            expect(socket, ANSWER);
            return peer(socket);
        }
    }

    private static void expect(Socket socket, byte[] expected) throws IOException {
        byte[] bytes = socket.getInputStream().readNBytes(expected.length);
        if (!Arrays.equals(bytes, expected)) {
            throw new IOException("other bytes arrived: " + bytes.length);
        }
    }

    private static String peer(SSLSocket socket) throws Exception {
        Certificate[] chain = socket.getSession().getPeerCertificates();
        X509Certificate leaf = (X509Certificate) chain[0];
        List<String> names = new ArrayList<>();
        Collection<List<?>> found = leaf.getSubjectAlternativeNames();
        for (List<?> name : found == null ? List.<List<?>>of() : found) {
            names.add((name.get(0).equals(2) ? "DNS" : name.get(0).equals(7) ? "IP" : name.get(0)) + ":" + name.get(1));
        }
        return "trusts " + leaf.getSubjectX500Principal() + " in a chain of " + chain.length + " with the names " + names;
    }

    private static String outcome(Callable<String> side) {
        try {
            return side.call();
        } catch (Exception e) {
            return chain(e);
        }
    }

    /** An error with all its causes: the first of them seldom says what is wrong. */
    private static String chain(Throwable error) {
        StringBuilder text = new StringBuilder("failed");
        for (Throwable cause = error; cause != null; cause = cause.getCause()) {
            text.append(": ").append(cause);
        }
        return text.toString();
    }

    /** The only line of a file, as the bundle keeps it. */
    private static char[] password(String file) throws Exception {
        return Files.readString(Path.of(file)).replaceFirst("\n\\z", "").toCharArray();
    }
}
