import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
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
 * Lets a server and a client, each with stores of its own, meet over loopback as a Kafka broker and its client would.
 *
 * Reads lines of the server's KEYSTORE and TRUSTSTORE, the client's KEYSTORE or "-" and TRUSTSTORE, HOST, PROTOCOL and "required" or
 * "requested", with tabs between; all stores are PKCS12 under one password, which is the argument. Answers each with a line: what the
 * client says and what the server says, with a tab between. "ok 2" is a success in which the client has sent two certificates.
 */
class PairedHandshakes {
    /** Only what hangs forever takes that long. */
    private static final int PATIENCE_SECONDS = 60;

    public static void main(String[] password) throws Exception {
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        ExecutorService servers = Executors.newSingleThreadExecutor();
        for (String line; (line = lines.readLine()) != null; ) {
            System.out.println(answer(servers, line.split("\t"), password[0].toCharArray()));
        }
        servers.shutdownNow();
    }

    private static String answer(ExecutorService servers, String[] fields, char[] password) throws Exception {
        SSLContext server = context(fields[0], fields[1], password);
        SSLContext client = context(fields[2], fields[3], password);
        InetAddress loopback = InetAddress.getLoopbackAddress();
        try (SSLServerSocket listener = (SSLServerSocket) server.getServerSocketFactory().createServerSocket(0, 1, loopback)) {
            listener.setSoTimeout(PATIENCE_SECONDS * 1000);
            if (fields[6].equals("required")) {
                listener.setNeedClientAuth(true);
            } else {
                listener.setWantClientAuth(true);
            }
            Future<String> served = servers.submit(() -> serve(listener));
            String asked = ask(client, fields[5], fields[4], loopback, listener.getLocalPort());
            return asked + "\t" + served.get(2 * PATIENCE_SECONDS, TimeUnit.SECONDS);
        }
    }

    private static SSLContext context(String keystore, String truststore, char[] password) throws Exception {
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(keystore.equals("-") ? null : load(keystore, password), password);
        TrustManagerFactory trusted = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trusted.init(load(truststore, password));
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trusted.getTrustManagers(), null);
        return context;
    }

    private static KeyStore load(String file, char[] password) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = new FileInputStream(file)) {
            store.load(in, password);
        }
        return store;
    }

    private static String serve(SSLServerSocket listener) {
        try (SSLSocket socket = (SSLSocket) listener.accept()) {
            socket.setSoTimeout(PATIENCE_SECONDS * 1000);
            socket.startHandshake();
            socket.getOutputStream().write(socket.getInputStream().read());
            return "ok";
        } catch (Exception e) {
            return said(e);
        }
    }

    private static String ask(SSLContext context, String protocol, String host, InetAddress address, int port) {
        try (Socket connection = new Socket(address, port);
                SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(connection, host, port, true)) {
            socket.setSoTimeout(PATIENCE_SECONDS * 1000);
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setProtocols(new String[] {protocol});
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            socket.setSSLParameters(parameters);
            socket.startHandshake();
            socket.getOutputStream().write(1);
            socket.getInputStream().read();
            java.security.cert.Certificate[] sent = socket.getSession().getLocalCertificates();
            return "ok " + (sent == null ? 0 : sent.length);
        } catch (Exception e) {
            return said(e);
        }
    }

    /** The message of the error, without the alert that newer JDKs put before it. */
    private static String said(Exception error) {
        return String.valueOf(error.getMessage()).replaceFirst("^\\([a-z_]+\\) ", "").replaceAll("\\s+", " ");
    }
}
