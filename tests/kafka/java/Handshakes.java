import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Properties;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.SslConfigs;
import org.apache.kafka.common.config.internals.BrokerSecurityConfigs;
import org.apache.kafka.common.network.ConnectionMode;
import org.apache.kafka.common.security.ssl.SslFactory;

/**
 * Shakes hands in memory between a broker's and a client's end of Kafka's TLS, each configured from
 * its own properties file just as Kafka configures it.
 *
 * <p>Each line of standard input is {@code NAME, SERVER.PROPERTIES, CLIENT.PROPERTIES, HOST}, with
 * tabs between; HOST is the name by which the client calls the broker. For each line and protocol
 * version one line is printed: {@code NAME, VERSION, OUTCOME}.
 */
final class Handshakes {
    public static void main(String[] args) throws IOException {
        var cases = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line; (line = cases.readLine()) != null; ) {
            String[] fields = line.split("\t");
            for (String protocol : new String[] {"TLSv1.3", "TLSv1.2"}) {
                String outcome = outcome(protocol, fields[1], fields[2], fields[3]);
                System.out.printf("%s\t%s\t%s%n", fields[0], protocol, outcome);
            }
        }
    }

    private static String outcome(String protocol, String serverFile, String clientFile, String host) {
        try (SslFactory broker = new SslFactory(ConnectionMode.SERVER);
                SslFactory client = new SslFactory(ConnectionMode.CLIENT)) {
            broker.configure(configuration(BrokerSecurityConfigs.CONFIG_DEF, serverFile, protocol).values());
            client.configure(configuration(new ConfigDef().withClientSslSupport(), clientFile, protocol).values());
            End server = new End("broker", broker.createSslEngine("client", 0));
            End caller = new End("client", client.createSslEngine(host, 9093));
            converse(caller, server);
            return "the client met " + caller.peer() + ", the broker met " + server.peer();
        } catch (Exception e) {
            return Stream.<Throwable>iterate(e, cause -> cause != null, Throwable::getCause)
                    .map(Throwable::toString)
                    .collect(Collectors.joining(" <- "));
        }
    }

    private static AbstractConfig configuration(ConfigDef definition, String file, String protocol)
            throws IOException {
        Properties properties = new Properties();
        try (InputStream in = new FileInputStream(file)) {
            properties.load(in);
        }
        properties.put(SslConfigs.SSL_ENABLED_PROTOCOLS_CONFIG, protocol);
        properties.put(SslConfigs.SSL_PROTOCOL_CONFIG, protocol);
        return new AbstractConfig(definition, properties);
    }

    /**
     * Runs both ends until each has read a byte of the other's.
     *
     * <p>A finished handshake would not do: with TLS 1.3 the client's handshake is finished before
     * the broker has judged the client's certificate.
     */
    private static void converse(End client, End server) throws SSLException {
        for (int turn = 0; turn < 100; turn++) {
            client.act(server);
            server.act(client);
            if (client.hasHeard() && server.hasHeard()) {
                return;
            }
        }
        throw new SSLException("neither end has anything left to say");
    }

    /** One end of the connection, with the bytes that are on their way to it. */
    private static final class End {
        private final String name;
        private final SSLEngine engine;
        private final ByteBuffer arriving = ByteBuffer.allocate(1 << 17);
        private final ByteBuffer heard = ByteBuffer.allocate(1 << 17);
        private final ByteBuffer greeting = ByteBuffer.wrap(new byte[] {1});

        End(String name, SSLEngine engine) {
            this.name = name;
            this.engine = engine;
        }

        void act(End peer) throws SSLException {
            try {
                arriving.flip();
                engine.unwrap(arriving, heard);
                arriving.compact();
                for (Runnable task; (task = engine.getDelegatedTask()) != null; ) {
                    task.run();
                }
                if (greeting.hasRemaining()
                        || engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP) {
                    engine.wrap(greeting, peer.arriving);
                }
            } catch (SSLException e) {
                throw new SSLException("refused by the " + name, e);
            }
        }

        boolean hasHeard() {
            return heard.position() > 0;
        }

        String peer() {
            try {
                return engine.getSession().getPeerPrincipal().getName();
            } catch (SSLPeerUnverifiedException e) {
                return "nobody";
            }
        }
    }
}
