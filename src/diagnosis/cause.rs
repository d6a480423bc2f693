//! What is really wrong where a TLS connection to Kafka fails. Each cause stands at one place, whoever finds it.

/// Something that makes connections fail.
#[derive(Debug, PartialEq, Eq)]
pub struct Cause {
    /// Its code, which stays.
    pub code: &'static str,
    /// What is wrong, in a sentence without its full stop.
    pub what: &'static str,
    /// How to see whether it is so.
    pub check: &'static [Advice],
    /// How to mend it.
    pub mend: &'static [Advice],
    /// The codes of the checks of `verify` and `handshake` that show it.
    pub checks: &'static [&'static str],
}

/// What to do.
#[derive(Debug, PartialEq, Eq)]
pub struct Advice {
    /// What it is, in a sentence without its full stop.
    pub say: &'static str,
    /// A command for it, or nothing; `HOST:PORT` and other words in capitals are to be filled in.
    pub run: &'static str,
}

/// Declares causes, and the list of them.
macro_rules! causes {
    ($($name:ident = $code:literal: $what:literal,
        check [$($check_say:literal $(=> $check_run:literal)?),* $(,)?],
        mend [$($mend_say:literal $(=> $mend_run:literal)?),* $(,)?],
        checks [$($checks:literal),* $(,)?];)+) => {
        $(
            #[doc = $what]
            pub static $name: Cause = Cause {
                code: $code,
                what: $what,
                check: &[$(Advice { say: $check_say, run: concat!($($check_run)?) }),*],
                mend: &[$(Advice { say: $mend_say, run: concat!($($mend_run)?) }),*],
                checks: &[$($checks),*],
            };
        )+

        /// All of them.
        pub static ALL: &[&Cause] = &[$(&$name),+];
    };
}

causes! {
    BROKER_CA_UNKNOWN = "broker-ca-unknown": "the client's truststore lacks the CA that has issued the broker's certificate",
        check ["see which CA the broker's chain leads to" => "kafka-certgen handshake HOST:PORT --config client.properties"],
        mend ["import that CA, from whoever runs the broker, into the client's truststore" => "kafka-certgen import --truststore TRUSTSTORE --alias CARoot --file ca-cert"],
        checks ["chain-not-trusted", "chain-signature"];
    CLIENT_CA_UNKNOWN = "client-ca-unknown": "the broker's truststore lacks the CA that has issued the client's certificate",
        check ["see which CAs the broker names when it asks for a certificate" => "kafka-certgen handshake HOST:PORT --config client.properties"],
        mend ["import the client's CA into the broker's truststore, and let the broker load it again" => "kafka-certgen import --truststore TRUSTSTORE --alias CLIENT_CA --file ca-cert"],
        checks ["client-issuer-not-named"];
    INTERMEDIATE_MISSING = "intermediate-missing": "a chain is sent without the certificate of the CA between the leaf and the root",
        check ["see the chain as it is sent" => "kafka-certgen handshake HOST:PORT --config client.properties"],
        mend ["import the reply of the CA together with its intermediate certificates into the keystore"],
        checks ["chain-incomplete"];
    CERTIFICATE_EXPIRED = "certificate-expired": "a certificate has expired",
        check ["see the dates of what both sides send" => "kafka-certgen handshake HOST:PORT --config client.properties"],
        mend ["issue it again, and let the broker load it again"],
        checks ["certificate-expired", "anchor-out-of-date"];
    CERTIFICATE_NOT_YET_VALID = "certificate-not-yet-valid": "a certificate is not valid yet, or a clock is wrong",
        check ["see the dates of what both sides send" => "kafka-certgen handshake HOST:PORT --config client.properties", "see the time on both machines" => "date -u"],
        mend ["set the clock, or wait"],
        checks ["certificate-not-yet-valid"];
    HOST_NOT_IN_CERTIFICATE = "host-not-in-certificate": "the name or address that the client connects to is none of those in the broker's certificate",
        check ["see the names in the certificate, and what the broker advertises" => "kafka-certgen handshake HOST:PORT --config client.properties"],
        mend ["issue the broker's certificate again with the names that it advertises"],
        checks ["san-host-missing", "san-address-as-name", "san-wildcard", "advertised-host-not-in-certificate"];
    ALT_NAME_MISSING = "alt-name-missing": "the broker's certificate has its host in the common name alone, and no subject alternative name",
        check ["see the names in the certificate" => "kafka-certgen handshake HOST:PORT --config client.properties"],
        mend ["issue it again with alternative names"],
        checks ["san-missing"];
    HOST_NAME_INVALID = "host-name-invalid": "the host has a name that Java takes for none, as one with an underscore",
        check [],
        mend ["give it another name in DNS and in advertised.listeners"],
        checks ["san-underscore", "advertised-underscore"];
    SERVER_USAGE_MISSING = "server-usage-missing": "the broker's certificate is not for serverAuth",
        check ["see the usages in the certificate" => "kafka-certgen handshake HOST:PORT --config client.properties"],
        mend ["issue it again for serverAuth and clientAuth"],
        checks ["usage-server-missing"];
    CLIENT_USAGE_MISSING = "client-usage-missing": "a certificate that is shown to a broker is not for clientAuth; brokers show theirs to each other too",
        check ["see the usages in the certificate" => "kafka-certgen verify --config server.properties"],
        mend ["issue it again for serverAuth and clientAuth"],
        checks ["usage-client-missing"];
    CLIENT_CERTIFICATE_MISSING = "client-certificate-missing": "the broker requires a certificate, and the client has none to send",
        check ["see whether the broker asks for a certificate, and what is sent" => "kafka-certgen handshake HOST:PORT --config client.properties"],
        mend ["set ssl.keystore.location and ssl.keystore.password of the client, or ssl.keystore.certificate.chain and ssl.keystore.key"],
        checks ["client-certificate-missing"];
    CLIENT_CERTIFICATE_WITHHELD = "client-certificate-withheld": "the client has a certificate and keeps it to itself, since the broker names no CA that is in its chain",
        check ["see which CAs the broker names, and who has issued the client's certificate" => "kafka-certgen handshake HOST:PORT --config client.properties"],
        mend ["import the client's CA into the broker's truststore" => "kafka-certgen import --truststore TRUSTSTORE --alias CLIENT_CA --file ca-cert"],
        checks ["client-certificate-withheld"];
    CLIENT_CERTIFICATE_REFUSED = "client-certificate-refused": "the broker has refused the client's certificate, for a reason that stands in the broker's log alone",
        check ["see what is wrong with what the client sends" => "kafka-certgen handshake HOST:PORT --config client.properties", "let the broker say why" => "log4j: org.apache.kafka.common.network.SslTransportLayer=DEBUG"],
        mend ["mend what the broker's log names"],
        checks ["client-certificate-refused"];
    KEY_NOT_OF_CERTIFICATE = "key-not-of-certificate": "who sends a certificate does not have its private key",
        check ["see whether key and certificate belong together" => "kafka-certgen verify --config server.properties"],
        mend ["import the certificate into the keystore whose key it was requested for"],
        checks ["key-not-of-certificate", "key-mismatch"];
    LISTENER_WITHOUT_TLS = "listener-without-tls": "the client speaks TLS, and the listener does not",
        check ["see what the listener speaks" => "kafka-certgen handshake HOST:PORT --config client.properties"],
        mend ["connect to the port of the SSL or SASL_SSL listener, or make this one such in listener.security.protocol.map"],
        checks ["answer-plaintext", "answer-sasl-plaintext"];
    CLIENT_WITHOUT_TLS = "client-without-tls": "the listener speaks TLS, and the client does not",
        check ["see what the listener speaks" => "kafka-certgen handshake HOST:PORT --config client.properties"],
        mend ["set security.protocol of the client to SSL or SASL_SSL"],
        checks ["security-protocol-without-tls"];
    LISTENER_NOT_KAFKA = "listener-not-kafka": "something else than Kafka listens on the port, such as HTTP",
        check ["see what answers" => "kafka-certgen handshake HOST:PORT --config client.properties"],
        mend ["connect to the broker's port"],
        checks ["answer-http", "answer-not-tls", "listener-not-kafka", "data-not-answered"];
    CONNECTION_CUT = "connection-cut": "the connection is closed in the handshake without a word: by a proxy, a firewall, or a listener without TLS",
        check ["see what the other end does" => "kafka-certgen handshake HOST:PORT --config client.properties"],
        mend ["see that what lies between passes TLS on untouched, and that the port is that of a TLS listener"],
        checks ["handshake-cut"];
    CONNECTION_REFUSED = "connection-refused": "nothing listens on the port, or only on another address",
        check ["see whether it can be reached" => "kafka-certgen handshake HOST:PORT --config client.properties"],
        mend ["start the broker, or see that its `listeners` has an address that the client reaches"],
        checks ["connection-refused"];
    CONNECTION_TIMED_OUT = "connection-timed-out": "nothing answers, as where a firewall drops what is sent",
        check ["see whether it can be reached" => "kafka-certgen handshake HOST:PORT --config client.properties"],
        mend ["open the port between client and broker"],
        checks ["connection-timed-out", "host-unreachable", "handshake-unanswered"];
    HOST_UNRESOLVED = "host-unresolved": "the name of the host does not resolve",
        check ["see whether it resolves" => "kafka-certgen handshake HOST:PORT --config client.properties"],
        mend ["mend DNS, or what advertised.listeners says"],
        checks ["host-unresolved"];
    PROTOCOL_MISMATCH = "protocol-mismatch": "client and broker have no version of TLS in common",
        check ["see what the broker speaks" => "kafka-certgen handshake HOST:PORT --config client.properties"],
        mend ["set ssl.enabled.protocols of both to TLSv1.2,TLSv1.3"],
        checks ["protocol-legacy", "protocol-not-common"];
    CIPHER_SUITE_MISMATCH = "cipher-suite-mismatch": "client and broker have no cipher suite in common",
        check ["see what the broker speaks" => "kafka-certgen handshake HOST:PORT --config client.properties"],
        mend ["take ssl.cipher.suites away on both sides, or set what both have"],
        checks ["cipher-suite-not-common"];
    BROKER_KEY_MISSING = "broker-key-missing": "the broker has no private key with a certificate that it could show",
        check ["see what its keystore holds" => "kafka-certgen verify --config server.properties"],
        mend ["set ssl.keystore.location of the listener to a keystore with a private key and its chain"],
        checks ["broker-certificate-missing", "chain-missing"];
    STORE_MISSING = "store-missing": "a store is not where the configuration says",
        check ["see what is named and what is there" => "kafka-certgen verify --config server.properties"],
        mend ["mend the path; Kafka takes a relative one from where it was started"],
        checks [];
    STORE_UNREADABLE = "store-unreadable": "the process may not read a store",
        check ["look at the owner and the mode of the file"],
        mend ["give the file to the user that Kafka runs as, with mode 0600"],
        checks [];
    STORE_PASSWORD_WRONG = "store-password-wrong": "the password of a store is another one",
        check ["try it" => "kafka-certgen inspect STORE --storepass file:PASSWORD_FILE"],
        mend ["set the password that the store was made with; mind blanks and the end of line"],
        checks [];
    KEY_PASSWORD_WRONG = "key-password-wrong": "the password of the private key is another one than ssl.key.password, or than the store's",
        check ["try it" => "kafka-certgen inspect STORE --storepass file:PASSWORD_FILE"],
        mend ["set ssl.key.password; with PKCS#12 it must be the store's"],
        checks [];
    STORE_TYPE_WRONG = "store-type-wrong": "a store is of another type than the configuration says",
        check ["see what it is" => "kafka-certgen inspect STORE"],
        mend ["set ssl.keystore.type and ssl.truststore.type to what it is: JKS, PKCS12 or PEM"],
        checks [];
    STORE_ALGORITHM_UNKNOWN = "store-algorithm-unknown": "a store is encrypted in a way that this Java or OpenSSL does not know",
        check ["see how it is encrypted" => "kafka-certgen inspect STORE -v"],
        mend ["write the store again with algorithms that the reader knows, or use a newer Java or OpenSSL"],
        checks [];
    TRUSTSTORE_EMPTY = "truststore-empty": "a truststore has no certificate that counts as trusted",
        check ["see what it holds" => "kafka-certgen inspect TRUSTSTORE"],
        mend ["import the CA" => "kafka-certgen import --truststore TRUSTSTORE --alias CARoot --file ca-cert"],
        checks ["truststore-empty"];
    PEM_KEY_FORM = "pem-key-form": "a private key in PEM is not in PKCS#8, which is all that Kafka reads",
        check ["see what it is" => "kafka-certgen inspect KEY"],
        mend ["convert it" => "openssl pkcs8 -topk8 -nocrypt -in KEY -out KEY.pk8"],
        checks [];
    PEM_KEY_ENCRYPTION = "pem-key-encryption": "a private key in PEM is encrypted in a way that this Java does not read",
        check ["see how it is encrypted" => "kafka-certgen inspect KEY"],
        mend ["encrypt it with PBES1, or leave it in plain with mode 0600"],
        checks [];
    PEM_MALFORMED = "pem-malformed": "text that should be PEM is none, as where line ends were lost",
        check ["see what is read of it" => "kafka-certgen verify --config client.properties"],
        mend ["write the PEM on one line with `\\n`, or with a backslash at the end of each line"],
        checks [];
    RELOAD_REFUSED = "reload-refused": "new stores differ from the loaded ones in what a running broker does not let change",
        check ["see what differs" => "kafka-certgen verify --keystore NEW --against OLD"],
        mend ["keep subject and alternative names, or allow the change with ssl.allow.dn.changes and ssl.allow.san.changes"],
        checks [];
    CERTIFICATE_NOT_STRICT = "certificate-not-strict": "the CA or the leaf lacks what strict verifiers demand: key identifiers, critical basic constraints",
        check ["see what is missing" => "kafka-certgen verify --keystore KEYSTORE --truststore TRUSTSTORE"],
        mend ["issue the CA and the leaf again as RFC 5280 says"],
        checks [
            "authority-key-missing",
            "ca-constraints-not-critical",
            "ca-usage-missing",
            "ca-subject-key-missing",
            "certificate-version",
        ];
    CERTIFICATE_WEAK = "certificate-weak": "a certificate or its key is too weak for the other side: SHA-1, MD5, a short RSA key",
        check ["see what is weak" => "kafka-certgen handshake HOST:PORT --config client.properties"],
        mend ["issue it again with SHA-256 and an RSA key of 2048 bits or an EC key"],
        checks ["key-weak", "key-algorithm", "key-curve", "signature-broken-hash", "signature-short-hash"];
    CERTIFICATE_UNREADABLE = "certificate-unreadable": "a certificate is none that the other side can read",
        check ["see the chain as it is sent" => "kafka-certgen handshake HOST:PORT --show-chain"],
        mend ["issue it again"],
        checks [
            "certificate-unreadable",
            "extension-malformed",
            "extension-twice",
            "extension-unknown-critical",
            "san-address-malformed",
        ];
    CERTIFICATE_AUTHORITY_INVALID = "certificate-authority-invalid": "a certificate that has issued another is not one of a CA, or its CA may not issue it",
        check ["see which constraint it is" => "kafka-certgen handshake HOST:PORT --config client.properties"],
        mend ["issue the CA's certificate again with critical basic constraints and keyCertSign"],
        checks ["ca-constraints-missing", "ca-cannot-sign", "ca-path-length", "ca-purpose", "name-not-permitted"];
    PRINCIPAL_UNKNOWN = "principal-unknown": "TLS works, and the authorizer does not know the principal that Kafka makes of the certificate",
        check ["see the principal" => "kafka-certgen handshake HOST:PORT --config client.properties"],
        mend ["name that principal, letter for letter, in super.users or in the ACL"],
        checks [];
    SASL_EXPECTED = "sasl-expected": "the listener expects SASL before anything else",
        check ["see what the listener speaks" => "kafka-certgen handshake HOST:PORT --config client.properties"],
        mend ["set security.protocol of the client to SASL_SSL, with a mechanism that the listener has"],
        checks [];
    CONFIGURATION_INCOMPLETE = "configuration-incomplete": "settings of TLS that belong together are not all there, or contradict each other",
        check ["see what is missing" => "kafka-certgen verify --config server.properties"],
        mend ["set what is missing"],
        checks [];
    ADVERTISED_UNREACHABLE = "advertised-unreachable": "the broker advertises a name or port that the client cannot reach",
        check ["see what it advertises" => "kafka-certgen handshake HOST:PORT --config client.properties"],
        mend ["set advertised.listeners to what clients reach"],
        checks [
            "advertised-any-address",
            "advertised-host-unresolved",
            "advertised-loopback",
            "advertised-port-invalid",
            "advertised-twice",
            "advertised-unreachable",
        ];
}
