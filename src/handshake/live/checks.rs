//! What only a live connection shows, as checks.

use crate::verify::{Check, Severity};

/// Declares checks, and the list of them.
macro_rules! checks {
    ($( $name:ident = $severity:ident $code:literal: $why:literal; )*) => {
        $(
            #[doc = concat!("`", $code, "`: ", $why, ".")]
            pub(super) static $name: Check = Check { code: $code, severity: Severity::$severity, why: $why };
        )*

        /// All of them.
        pub(super) static CHECKS: &[&Check] = &[$(&$name),*];
    };
}

checks! {
    CLIENT_PLAINTEXT = Error "security-protocol-without-tls": "Kafka's clients use TLS if security.protocol is SSL or SASL_SSL, and its default is PLAINTEXT: this client sends everything in the clear, and a listener with TLS does not answer it";
    HOST_UNRESOLVED = Error "host-unresolved": "a client that finds no address for a name connects to nothing: `Couldn't resolve server`";
    PORT_REFUSED = Error "connection-refused": "nothing listens on the port at that address, or a firewall answers for it";
    UNREACHABLE = Error "host-unreachable": "there is no way to the address from this machine";
    TIMED_OUT = Error "connection-timed-out": "a firewall that drops packets, or a machine that is down, is waited for until the client gives up";
    ADDRESS_DEAD = Warning "address-unreachable": "clients try the addresses of a name one after the other, and wait at each that does not answer";
    NO_ANSWER = Error "handshake-unanswered": "who takes a connection and does not answer lets its clients wait until they give up";
    PLAINTEXT = Error "answer-plaintext": "a listener of Kafka's without TLS takes a client's hello for a message that is too large, and closes: `Invalid receive (size = …)`";
    SASL_PLAINTEXT = Error "answer-sasl-plaintext": "a listener with SASL and without TLS takes a client's hello for a message that is too large, and closes";
    HTTP = Error "answer-http": "who speaks HTTP on this port is no broker: `Unrecognized SSL message, plaintext connection?`";
    NOT_TLS = Error "answer-not-tls": "what answers is no TLS: `Unrecognized SSL message, plaintext connection?`";
    CUT = Error "handshake-cut": "who closes without an alert may be a proxy, a firewall, or a listener without TLS: `terminated during authentication`";
    REFUSED = Error "handshake-refused": "the broker has broken off the handshake with an alert, and its log says more";
    FAULTY = Error "handshake-faulty": "no client goes on with a handshake that breaks the rules of TLS";
    LEGACY_TLS = Error "protocol-legacy": "Java has TLS 1.0 and 1.1 disabled in `jdk.tls.disabledAlgorithms`, and other stacks do not have them at all";
    NO_PROTOCOL = Error "protocol-not-common": "without a version of TLS that both have there is no handshake: `Received fatal alert: protocol_version`";
    NO_SUITE = Error "cipher-suite-not-common": "without a cipher suite that both have there is no handshake: `Received fatal alert: handshake_failure`";
    NOT_SPOKEN = Warning "handshake-not-spoken": "the client has what this broker takes, and this program does not: whether they connect was not seen, and so was nothing of the certificates";
    NO_CERTIFICATE = Error "broker-certificate-missing": "a broker without a private key and certificate has nothing to show: `no cipher suites in common`, in TLS 1.3 `No available authentication scheme`";
    NOT_TRUSTED = Error "broker-not-trusted": "the client breaks off the handshake when it has looked at the broker's certificate";
    KEY_FOREIGN = Error "key-not-of-certificate": "who cannot sign with the key of the certificate that it shows is not who it says, or has its files mixed up";
    KEY_UNPROVEN = Warning "key-not-checked": "the broker's key is of a kind or length that this program does not verify signatures with, and other clients may not either";
    CLIENT_NONE = Error "client-certificate-missing": "a broker with ssl.client.auth=required closes the connection to a client without a certificate";
    CLIENT_WITHHELD = Error "client-certificate-withheld": "Java, Go and librdkafka send no certificate where the broker names CAs and none of them is an issuer in the chain";
    CLIENT_REFUSED = Error "client-certificate-refused": "the broker does not take the client's certificate, and says in its own log alone what is wrong with it";
    CLIENT_ANONYMOUS = Warning "client-certificate-not-sent": "the broker takes the client for User:ANONYMOUS, since no certificate was sent when it asked for one";
    ISSUER_NOT_NAMED = Warning "client-issuer-not-named": "Java, Go and librdkafka do not send such a certificate: none of the CAs that the broker names is an issuer in its chain";
    SASL_WANTED = Error "listener-wants-sasl": "a listener with SASL answers nothing but ApiVersions before it, and closes the connection to a client with security.protocol=SSL";
    SASL_UNWANTED = Error "listener-without-sasl": "a listener without SASL refuses a client that begins with it: `Unexpected handshake request with client mechanism …`";
    DATA_CUT = Error "data-not-answered": "TLS works, and a request of Kafka's gets no answer";
    NOT_KAFKA = Error "listener-not-kafka": "TLS works, and what answers is no broker or controller";
    BROKERS_UNKNOWN = Warning "brokers-not-listed": "clients learn where the brokers are from the answer to Metadata, and connect to none without it";
    ADVERTISED_NAME = Error "advertised-host-not-in-certificate": "clients go on to the advertised name, and refuse a broker whose certificate does not have it";
    ADVERTISED_UNRESOLVED = Error "advertised-host-unresolved": "clients go on to the advertised name, and find no address for it";
    ADVERTISED_UNREACHABLE = Error "advertised-unreachable": "clients go on to the advertised address, and nothing answers there";
    ADVERTISED_ANY = Error "advertised-any-address": "0.0.0.0 and :: stand for all addresses of a machine, and nobody else reaches it by them";
    ADVERTISED_LOOPBACK = Error "advertised-loopback": "a client on another machine that is told to connect to localhost connects to itself";
    ADVERTISED_UNDERSCORE = Error "advertised-underscore": "Java takes no host name with an underscore: `Illegal given domain name`";
    ADVERTISED_PORT = Error "advertised-port-invalid": "ports are numbers from 1 to 65535";
    ADVERTISED_TWICE = Error "advertised-twice": "two brokers with one address are one to a client, and half of its requests reach the wrong one";
}
