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

/// What no command does.
const fn say(say: &'static str) -> Advice {
    Advice { say, run: "" }
}

/// What a command does.
const fn run(say: &'static str, run: &'static str) -> Advice {
    Advice { say, run }
}

// What is of use in many places.

const SEE_BROKER: Advice = run(
    "see what the broker sends and asks for, step by step",
    "kafka-certgen handshake HOST:PORT --config client.properties",
);
const SEE_BROKER_WITH_PEM: Advice = run(
    "the same with the PEM files of a client that is not Java",
    "kafka-certgen handshake HOST:PORT --ca CA.pem --cert CLIENT.pem --key CLIENT.key",
);
const SEE_CHAIN: Advice =
    run("see the chain as it is sent", "kafka-certgen handshake HOST:PORT --show-chain | kafka-certgen inspect -");
const SEE_LISTENER: Advice =
    run("see what the listener speaks", "kafka-certgen handshake HOST:PORT --config client.properties");
const JUDGE_BROKER: Advice =
    run("judge the broker's settings and stores", "kafka-certgen verify --config server.properties");
const JUDGE_CLIENT: Advice =
    run("judge the client's settings and stores", "kafka-certgen verify --config client.properties");
const SEE_STORE: Advice = run("see what is in the store", "kafka-certgen inspect STORE");
const TRY_PASSWORD: Advice = run("try the password", "kafka-certgen inspect STORE --storepass file:PASSWORD_FILE");
const ASK_BROKER_WHY: Advice = run(
    "let the running broker say why in its log, at DEBUG",
    "kafka-configs.sh --bootstrap-server HOST:PORT --command-config admin.properties --alter --entity-type \
     broker-loggers --entity-name ID --add-config org.apache.kafka.common.network.SslTransportLayer=DEBUG",
);

const REQUEST: Advice = run(
    "make a request with the key that is there",
    "kafka-certgen certreq --keystore KEYSTORE --alias ALIAS --file cert-file",
);
const REQUEST_NAMES: Advice = run(
    "make a request for all the names that clients connect to",
    "kafka-certgen certreq --keystore KEYSTORE --alias ALIAS --san HOST,ADDRESS --file cert-file",
);
const SIGN_BROKER: Advice = run(
    "let the CA sign it, for serverAuth and clientAuth",
    "kafka-certgen sign --ca-cert ca-cert --ca-key ca-key --in cert-file --out cert-signed --profile broker",
);
const SIGN_CLIENT: Advice = run(
    "let the CA sign it, for clientAuth",
    "kafka-certgen sign --ca-cert ca-cert --ca-key ca-key --in cert-file --out cert-signed --profile client",
);
const IMPORT_REPLY: Advice = run(
    "import the reply, with the certificates of CAs that lie between",
    "kafka-certgen import --keystore KEYSTORE --alias ALIAS --file cert-signed",
);
const RELOAD_KEYSTORE: Advice = run(
    "let the running broker load the keystore again, or restart it",
    "kafka-configs.sh --bootstrap-server HOST:PORT --command-config admin.properties --alter --entity-type brokers \
     --entity-name ID --add-config listener.name.LISTENER.ssl.keystore.location=KEYSTORE",
);
const RELOAD_TRUSTSTORE: Advice = run(
    "let the running broker load the truststore again, or restart it",
    "kafka-configs.sh --bootstrap-server HOST:PORT --command-config admin.properties --alter --entity-type brokers \
     --entity-name ID --add-config listener.name.LISTENER.ssl.truststore.location=TRUSTSTORE",
);
const NEW_CA: Advice = run(
    "make a CA as RFC 5280 asks for, and sign with it",
    "kafka-certgen ca --key new-ca-key --cert new-ca-cert --dname 'CN=NEW NAME,O=Acme'",
);

/// Declares causes, and the list of them.
macro_rules! causes {
    ($($name:ident = $code:literal: $what:literal,
        check [$($check:expr),* $(,)?],
        mend [$($mend:expr),* $(,)?],
        checks [$($checks:literal),* $(,)?];)+) => {
        $(
            #[doc = $what]
            pub static $name: Cause =
                Cause { code: $code, what: $what, check: &[$($check),*], mend: &[$($mend),*], checks: &[$($checks),*] };
        )+

        /// All of them.
        pub static ALL: &[&Cause] = &[$(&$name),+];
    };
}

causes! {
    // Trust: who has issued the certificate.

    BROKER_CA_UNKNOWN = "broker-ca-unknown":
        "the client does not trust the CA that has issued the broker's certificate",
        check [SEE_BROKER, SEE_BROKER_WITH_PEM],
        mend [
            run(
                "import that CA's certificate, which whoever runs the broker hands out, into the client's truststore",
                "kafka-certgen import --truststore TRUSTSTORE --alias CARoot --file ca-cert",
            ),
            say("for librdkafka, Python, Node and Go, name it in PEM: ssl.ca.location, ssl_cafile, ssl.ca, RootCAs"),
        ],
        checks ["chain-not-trusted"];

    OWN_CA_UNKNOWN = "own-ca-unknown":
        "the broker's truststore lacks the CA that has issued the broker's own certificate",
        check [JUDGE_BROKER],
        mend [
            run(
                "import its own CA into the broker's truststore, since brokers connect to each other, and first to themselves",
                "kafka-certgen import --truststore TRUSTSTORE --alias CARoot --file ca-cert",
            ),
        ],
        checks ["chain-not-anchored"];

    TRUSTSTORE_NOT_SET = "truststore-not-set":
        "the client names no truststore, and so trusts the public CAs of its system alone",
        check [JUDGE_CLIENT],
        mend [
            say(
                "set ssl.truststore.location, ssl.truststore.type and ssl.truststore.password of the client, or \
                 ssl.ca.location for librdkafka",
            ),
        ],
        checks ["truststore-missing"];

    CLIENT_CA_UNKNOWN = "client-ca-unknown":
        "the broker's truststore lacks the CA that has issued the client's certificate",
        check [SEE_BROKER, ASK_BROKER_WHY],
        mend [
            run(
                "import the client's CA into the broker's truststore",
                "kafka-certgen import --truststore TRUSTSTORE --alias CLIENT_CA --file ca-cert",
            ),
            RELOAD_TRUSTSTORE,
        ],
        checks ["client-issuer-not-named"];

    CA_REPLACED = "ca-replaced":
        "a truststore has a CA with the right name and another key, as after a script made the CA anew",
        check [
            SEE_BROKER,
            run("compare the `sha256` of the CA in both", "kafka-certgen inspect TRUSTSTORE KEYSTORE"),
        ],
        mend [
            say("sign all certificates again with one CA, or trust both until that is done"),
            run(
                "import the CA that has really signed",
                "kafka-certgen import --truststore TRUSTSTORE --alias CARoot2 --file ca-cert",
            ),
        ],
        checks ["chain-signature", "authority-key-differs", "issuer-name-encoded-otherwise"];

    INTERMEDIATE_MISSING = "intermediate-missing":
        "who shows a certificate sends it without that of the CA between it and the root",
        check [SEE_BROKER, run("see which chain the keystore has", "kafka-certgen inspect KEYSTORE")],
        mend [
            run(
                "import the certificate again from a file that has it and those of the CAs above it, in this order",
                "kafka-certgen import --keystore KEYSTORE --alias ALIAS --file CHAIN.pem",
            ),
            RELOAD_KEYSTORE,
        ],
        checks ["chain-incomplete", "chain-order"];

    ANCHOR_NOT_ROOT = "anchor-not-root":
        "the truststore has an intermediate CA and not its root, which OpenSSL and what is built on it go on to",
        check [SEE_BROKER_WITH_PEM, run("see which certificates are trusted", "kafka-certgen inspect TRUSTSTORE")],
        mend [say("give the client the root's certificate too, in the same PEM file")],
        checks ["anchor-intermediate"];

    CERTIFICATE_SELF_SIGNED = "certificate-self-signed":
        "the certificate was signed by itself: a key pair was made, and no CA's reply was imported",
        check [run("see who has issued it", "kafka-certgen inspect KEYSTORE")],
        mend [REQUEST, SIGN_BROKER, IMPORT_REPLY],
        checks ["leaf-self-signed", "leaf-named-as-ca"];

    CERTIFICATE_AUTHORITY_INVALID = "certificate-authority-invalid":
        "a certificate that has issued another is not one of a CA, or may not issue this one",
        check [SEE_BROKER, run("see its constraints and usages", "kafka-certgen inspect -v ca-cert")],
        mend [NEW_CA],
        checks [
            "ca-constraints-missing",
            "ca-cannot-sign",
            "ca-path-length",
            "ca-purpose",
            "name-not-permitted",
            "chain-too-long",
        ];

    CERTIFICATE_NOT_STRICT = "certificate-not-strict":
        "the CA or the certificate lacks what strict verifiers demand: key identifiers, critical basicConstraints, \
         keyUsage",
        check [run("see what is missing", "kafka-certgen verify --keystore KEYSTORE --truststore TRUSTSTORE")],
        mend [
            NEW_CA,
            REQUEST,
            SIGN_BROKER,
            IMPORT_REPLY,
            say("until then, a Python client can take ssl.VERIFY_X509_STRICT out of its context's verify_flags"),
        ],
        checks [
            "authority-key-missing",
            "ca-constraints-not-critical",
            "ca-usage-missing",
            "ca-subject-key-missing",
            "certificate-version",
        ];

    CERTIFICATE_REVOKED = "certificate-revoked":
        "a certificate was revoked by its CA",
        check [run("see the revocation list", "kafka-certgen inspect CRL")],
        mend [say("issue a certificate for a new key"), SIGN_BROKER, IMPORT_REPLY],
        checks [];

    // The certificate: dates, names, usages, strength.

    CERTIFICATE_EXPIRED = "certificate-expired":
        "a certificate has expired: the other side's, or that of a CA above it",
        check [SEE_BROKER, run("see the dates of one's own", "kafka-certgen inspect KEYSTORE TRUSTSTORE")],
        mend [REQUEST, SIGN_BROKER, IMPORT_REPLY, RELOAD_KEYSTORE],
        checks ["certificate-expired", "anchor-out-of-date"];

    STORES_NOT_LOADED_AGAIN = "stores-not-loaded-again":
        "the files are new, and the process goes on with what it has loaded before",
        check [
            SEE_BROKER,
            run("compare with what is in the file", "kafka-certgen inspect KEYSTORE"),
        ],
        mend [RELOAD_KEYSTORE, say("restart clients: those in Java load their stores at the start alone")],
        checks [];

    CERTIFICATE_NOT_YET_VALID = "certificate-not-yet-valid":
        "a certificate is not valid yet, mostly since a clock is wrong or differs from the CA's",
        check [SEE_BROKER, run("compare the time on both machines", "date -u")],
        mend [say("set the clock, or wait until the certificate is valid")],
        checks ["certificate-not-yet-valid"];

    HOST_NOT_IN_CERTIFICATE = "host-not-in-certificate":
        "the name or address that the client connects to is none of those in the broker's certificate",
        check [
            SEE_BROKER,
            run(
                "see the names of every listener that the brokers advertise",
                "kafka-certgen handshake HOST:PORT --config client.properties --all",
            ),
        ],
        mend [
            say("let advertised.listeners and the clients use a name that is in the certificate, or:"),
            REQUEST_NAMES,
            SIGN_BROKER,
            IMPORT_REPLY,
            RELOAD_KEYSTORE,
        ],
        checks [
            "san-host-missing",
            "san-address-as-name",
            "san-trailing-dot",
            "san-wildcard",
            "san-loopback-only",
            "advertised-host-not-in-certificate",
        ];

    ALT_NAME_MISSING = "alt-name-missing":
        "the broker's certificate has its host in the common name alone, and no subject alternative name",
        check [SEE_BROKER],
        mend [REQUEST_NAMES, SIGN_BROKER, IMPORT_REPLY, RELOAD_KEYSTORE],
        checks ["san-missing"];

    HOST_NAME_INVALID = "host-name-invalid":
        "the host has a name that Java takes for none, such as one with an underscore",
        check [
            run(
                "see which names the brokers advertise",
                "kafka-certgen handshake HOST:PORT --config client.properties --all",
            ),
        ],
        mend [
            say(
                "give the host another name, without an underscore, in DNS or in the compose file and in \
                 advertised.listeners",
            ),
            REQUEST_NAMES,
            SIGN_BROKER,
            IMPORT_REPLY,
        ],
        checks ["san-underscore", "advertised-host-underscore", "advertised-underscore"];

    SERVER_USAGE_MISSING = "server-usage-missing":
        "the broker's certificate is not for serverAuth",
        check [SEE_BROKER],
        mend [REQUEST, SIGN_BROKER, IMPORT_REPLY, RELOAD_KEYSTORE],
        checks ["usage-server-missing", "usage-any"];

    CLIENT_USAGE_MISSING = "client-usage-missing":
        "a certificate that is shown to a broker is not for clientAuth; brokers show theirs to each other, and to \
         themselves",
        check [JUDGE_BROKER, JUDGE_CLIENT],
        mend [REQUEST, SIGN_BROKER, IMPORT_REPLY],
        checks ["usage-client-missing"];

    KEY_USAGE_MISSING = "key-usage-missing":
        "the keyUsage of a certificate does not allow digital signatures, without which no handshake of today works",
        check [SEE_BROKER, run("see the usages of one's own", "kafka-certgen inspect KEYSTORE")],
        mend [REQUEST, SIGN_BROKER, IMPORT_REPLY],
        checks ["key-usage-signature"];

    CERTIFICATE_WEAK = "certificate-weak":
        "a certificate is signed with SHA-1 or MD5, or has a short key, and the other side refuses that",
        check [SEE_BROKER, run("see algorithms and key sizes", "kafka-certgen inspect KEYSTORE TRUSTSTORE")],
        mend [
            run(
                "make a new key in a new store",
                "kafka-certgen genkey --keystore NEW_KEYSTORE --alias ALIAS --cn HOST --key-alg rsa-2048",
            ),
            run(
                "make a request with it",
                "kafka-certgen certreq --keystore NEW_KEYSTORE --alias ALIAS --file cert-file",
            ),
            SIGN_BROKER,
            run("import the reply", "kafka-certgen import --keystore NEW_KEYSTORE --alias ALIAS --file cert-signed"),
        ],
        checks ["key-weak", "signature-broken-hash", "signature-short-hash"];

    CERTIFICATE_UNREADABLE = "certificate-unreadable":
        "a certificate breaks the rules of X.509 so far that the other side cannot read or use it",
        check [SEE_CHAIN],
        mend [REQUEST, SIGN_BROKER, IMPORT_REPLY],
        checks [
            "certificate-unreadable",
            "extension-malformed",
            "extension-twice",
            "extension-unknown-critical",
            "san-address-malformed",
            "subject-empty",
        ];

    // Who shows a certificate, and whether the key is there.

    CLIENT_CERTIFICATE_MISSING = "client-certificate-missing":
        "the broker requires a certificate, and the client has none to show",
        check [SEE_BROKER, JUDGE_CLIENT],
        mend [
            say(
                "set ssl.keystore.location, ssl.keystore.type and ssl.keystore.password of the client; for librdkafka \
                 ssl.certificate.location and ssl.key.location",
            ),
            run(
                "a client that has none yet gets its own from the cluster's CA: make a key",
                "kafka-certgen genkey --keystore client.p12 --alias CLIENT --cn CLIENT --profile client",
            ),
            run(
                "make a request with it",
                "kafka-certgen certreq --keystore client.p12 --alias CLIENT --file cert-file",
            ),
            SIGN_CLIENT,
            run("import the reply", "kafka-certgen import --keystore client.p12 --alias CLIENT --file cert-signed"),
        ],
        checks ["client-certificate-missing"];

    CLIENT_CERTIFICATE_WITHHELD = "client-certificate-withheld":
        "the client has a certificate and keeps it to itself, since the broker names no CA that has issued it",
        check [SEE_BROKER],
        mend [
            run(
                "import the client's CA, with exactly its name, into the broker's truststore",
                "kafka-certgen import --truststore TRUSTSTORE --alias CLIENT_CA --file ca-cert",
            ),
            RELOAD_TRUSTSTORE,
        ],
        checks ["client-certificate-withheld"];

    CLIENT_CERTIFICATE_REFUSED = "client-certificate-refused":
        "the broker has refused the client's certificate, for a reason that only the broker's log has",
        check [SEE_BROKER, JUDGE_CLIENT, ASK_BROKER_WHY],
        mend [
            say(
                "mend what these name: most often the broker does not trust the client's CA, the certificate has \
                 expired, or it is not for clientAuth",
            ),
        ],
        checks ["client-certificate-refused"];

    BROKER_CERTIFICATE_REFUSED = "broker-certificate-refused":
        "the client has refused the broker's certificate, for a reason that only the client says",
        check [SEE_BROKER, say("look into the log of the client whose address stands in the broker's line")],
        mend [
            say(
                "mend what these name: most often the client does not trust the broker's CA, or connects to a name \
                 that the certificate lacks",
            ),
        ],
        checks [];

    BROKER_KEY_MISSING = "broker-key-missing":
        "the listener has no private key with a certificate that it could show",
        check [JUDGE_BROKER, run("see what its keystore holds", "kafka-certgen inspect KEYSTORE")],
        mend [
            say(
                "set ssl.keystore.location of the listener to a keystore with a private key and its chain, not to the \
                 truststore",
            ),
            run("make one, if there is none", "kafka-certgen genkey --keystore KEYSTORE --alias ALIAS --cn HOST"),
            REQUEST,
            SIGN_BROKER,
            IMPORT_REPLY,
        ],
        checks [
            "broker-certificate-missing",
            "keystore-without-key",
            "keystore-missing",
            "chain-missing",
            "store-key-unseen",
            "alias-upper-case",
        ];

    KEY_NOT_OF_CERTIFICATE = "key-not-of-certificate":
        "the private key is not the one that the certificate was issued for",
        check [JUDGE_BROKER, run("see, under `pair`, whether they belong together", "kafka-certgen inspect KEYSTORE")],
        mend [
            say("import the certificate into the keystore whose key it was requested for, or:"),
            REQUEST,
            SIGN_BROKER,
            IMPORT_REPLY,
        ],
        checks ["key-not-of-certificate", "key-mismatch", "key-unusable"];

    SIGNATURE_ALGORITHM_MISMATCH = "signature-algorithm-mismatch":
        "one side has no signature algorithm for the other's kind of key, such as Ed25519, P-521 or DSA",
        check [SEE_BROKER, run("see the kind of key", "kafka-certgen inspect KEYSTORE")],
        mend [
            run(
                "make a key of a kind that every TLS stack takes",
                "kafka-certgen genkey --keystore NEW_KEYSTORE --alias ALIAS --cn HOST --key-alg rsa-2048",
            ),
        ],
        checks ["key-algorithm", "key-curve"];

    // The listener: what speaks there, and whether it can be reached.

    LISTENER_WITHOUT_TLS = "listener-without-tls":
        "the client speaks TLS, and the listener does not",
        check [SEE_LISTENER],
        mend [
            say(
                "connect to the port of an SSL or SASL_SSL listener, or make this one such in \
                 listener.security.protocol.map",
            ),
        ],
        checks ["answer-plaintext", "answer-sasl-plaintext", "listener-plaintext"];

    CLIENT_WITHOUT_TLS = "client-without-tls":
        "the listener speaks TLS, and the client does not",
        check [SEE_LISTENER, JUDGE_CLIENT],
        mend [
            say(
                "set security.protocol of the client to SSL or SASL_SSL; in Connect also with the prefixes \
                 `producer.`, `consumer.` and `admin.`",
            ),
            say(
                "for librdkafka security.protocol=ssl, for kafka-python security_protocol='SSL', for kafkajs ssl, for \
                 Go a tls.Config",
            ),
        ],
        checks ["client-without-tls", "security-protocol-without-tls"];

    LISTENER_NOT_KAFKA = "listener-not-kafka":
        "something else than Kafka listens on the port, such as HTTP, or something else than a Kafka client connects \
         to Kafka's",
        check [SEE_LISTENER],
        mend [say("connect to the broker's port; a health check or a scanner must not use it")],
        checks ["answer-http", "answer-not-tls", "listener-not-kafka", "data-not-answered"];

    SASL_EXPECTED = "sasl-expected":
        "the listener expects SASL before anything else, and the client begins without",
        check [SEE_LISTENER],
        mend [
            say(
                "set security.protocol of the client to SASL_SSL, with sasl.mechanism and sasl.jaas.config for a \
                 mechanism that the listener has",
            ),
        ],
        checks ["listener-wants-sasl"];

    SASL_NOT_EXPECTED = "sasl-not-expected":
        "the client begins with SASL, and the listener has none",
        check [SEE_LISTENER],
        mend [say("set security.protocol of the client to SSL, or connect to the port of the SASL_SSL listener")],
        checks ["listener-without-sasl"];

    LISTENER_OF_CONTROLLER = "listener-of-controller":
        "the client has come to the listener of a controller, where no client finds topics",
        check [SEE_LISTENER],
        mend [say("set bootstrap.servers to a listener of a broker; the tools take --bootstrap-controller for this one")],
        checks [];

    CONNECTION_CUT = "connection-cut":
        "the connection is closed in the handshake without a word: by a proxy, a load balancer, a firewall, or a \
         listener without TLS",
        check [SEE_BROKER],
        mend [say("see that what lies between passes TLS on untouched, and that the port is that of a TLS listener")],
        checks ["handshake-cut"];

    CONNECTION_REFUSED = "connection-refused":
        "nothing listens on the port, or only on another address",
        check [SEE_BROKER, run("see on the broker's machine what listens", "ss -ltn")],
        mend [say("start the broker, or see that `listeners` has an address that the client reaches")],
        checks ["connection-refused"];

    CONNECTION_TIMED_OUT = "connection-timed-out":
        "nothing answers, as where a firewall drops what is sent, or the address belongs to nobody",
        check [SEE_BROKER],
        mend [say("open the port between client and broker, or mend the address")],
        checks ["connection-timed-out", "host-unreachable", "handshake-unanswered"];

    HOST_UNRESOLVED = "host-unresolved":
        "the name of the host does not resolve where the client runs",
        check [SEE_BROKER, run("see whether it resolves", "getent hosts HOST")],
        mend [say("mend DNS, bootstrap.servers, or what advertised.listeners says")],
        checks ["host-unresolved"];

    ADVERTISED_UNREACHABLE = "advertised-unreachable":
        "the broker advertises a name or port that the client cannot reach, and clients follow what is advertised",
        check [
            run(
                "see all that is advertised, and whether it can be reached",
                "kafka-certgen handshake HOST:PORT --config client.properties --all",
            ),
        ],
        mend [say("set advertised.listeners to names and ports that clients reach")],
        checks [
            "advertised-host-local",
            "advertised-host-any",
            "advertised-any-address",
            "advertised-host-unresolved",
            "advertised-loopback",
            "advertised-port-invalid",
            "advertised-twice",
            "advertised-unreachable",
        ];

    STREAM_ALTERED = "stream-altered":
        "what is sent arrives changed: by a proxy that meddles with TLS, a fault in the network, or one in a TLS stack",
        check [SEE_BROKER],
        mend [say("let what lies between pass TLS on untouched, and update Java or OpenSSL on both sides")],
        checks [];

    SASL_MECHANISM_NOT_ENABLED = "sasl-mechanism-not-enabled":
        "the listener has SASL, and not the mechanism that the client asks for",
        check [SEE_LISTENER],
        mend [say("set sasl.mechanism of the client to one that the listener has, or add it to sasl.enabled.mechanisms")],
        checks [];

    SERVER_NAME_REFUSED = "server-name-refused":
        "what answers knows no host of the name that the client asks for: often a proxy that sorts by SNI",
        check [SEE_BROKER],
        mend [say("let the proxy know the name, or connect to one that it knows")],
        checks [];

    // What both sides must have in common.

    PROTOCOL_MISMATCH = "protocol-mismatch":
        "client and broker have no version of TLS in common",
        check [SEE_BROKER, JUDGE_BROKER, JUDGE_CLIENT],
        mend [
            say("set ssl.enabled.protocols of both to TLSv1.2,TLSv1.3, or update the side that is too old for that"),
        ],
        checks ["protocol-legacy", "protocol-not-common", "protocol-old", "protocol-none"];

    CIPHER_SUITE_MISMATCH = "cipher-suite-mismatch":
        "client and broker have no cipher suite in common",
        check [SEE_BROKER, JUDGE_BROKER, JUDGE_CLIENT],
        mend [
            say(
                "take ssl.cipher.suites away on both sides, or set what both have and what fits the key: an EC key \
                 needs suites with ECDSA",
            ),
        ],
        checks ["cipher-suite-not-common", "cipher-suite-none", "cipher-suite-without-tls13"];

    // Stores and keys.

    STORE_MISSING = "store-missing":
        "a store or key file is not where the configuration says, as the process sees it",
        check [JUDGE_BROKER, JUDGE_CLIENT],
        mend [say("mend the path, or mount the file; Kafka takes a relative path from where it was started")],
        checks ["store-missing", "store-location-relative", "store-location-damaged", "store-location-empty"];

    STORE_UNREADABLE = "store-unreadable":
        "the process may not read a store or key file, or it is a folder",
        check [run("see its owner and mode", "ls -l STORE")],
        mend [run("give it to the user that the process runs as", "chown USER STORE && chmod 600 STORE")],
        checks ["store-unreadable"];

    STORE_PASSWORD_WRONG = "store-password-wrong":
        "the password of a store is another one",
        check [TRY_PASSWORD],
        mend [
            say(
                "set the password that the store was made with; mind blanks at the end, and backslashes in properties \
                 files",
            ),
        ],
        checks ["store-password-wrong", "properties-password-differs", "setting-lost-backslash"];

    KEY_PASSWORD_WRONG = "key-password-wrong":
        "the private key has another password than ssl.key.password, or than the store's where that is not set",
        check [
            run(
                "try it",
                "kafka-certgen inspect KEYSTORE --storepass file:PASSWORD_FILE --keypass file:KEY_PASSWORD_FILE",
            ),
            JUDGE_BROKER,
        ],
        mend [
            say(
                "set ssl.key.password to the key's; in PKCS#12 the key must have the store's password, and \
                 ssl.key.password be that or not be set",
            ),
        ],
        checks ["key-password-wrong", "key-password-own", "key-password-pkcs12", "key-password-differs"];

    STORE_TYPE_WRONG = "store-type-wrong":
        "a store is of another type than the configuration says",
        check [SEE_STORE],
        mend [say("set ssl.keystore.type and ssl.truststore.type to what it is: JKS, PKCS12 or PEM, in capitals")],
        checks [
            "store-type-differs",
            "store-type-by-name",
            "store-type-case",
            "store-type-unknown",
            "store-type-missing",
            "store-jceks",
        ];

    STORE_DAMAGED = "store-damaged":
        "a file that should be a store is none: empty, cut short, still Base64, or changed by a copy that takes it \
         for text",
        check [
            SEE_STORE,
            run("see how it begins: JKS with feedfeed, PKCS#12 with 30", "head -c 4 STORE | od -An -tx1"),
        ],
        mend [say("copy it again in binary; in Maven exclude it from filtering, in Kubernetes decode it once")],
        checks [];

    STORE_ALGORITHM_UNKNOWN = "store-algorithm-unknown":
        "a store is encrypted or checked in a way that this Java or OpenSSL does not know: too new, or too old",
        check [
            run("see how it is encrypted, and who reads that", "kafka-certgen inspect STORE"),
            run("see the version of Java", "java -version"),
        ],
        mend [
            say("use a Java of 8u301, 11.0.12 or later for new stores"),
            run(
                "write a store anew that is too old for OpenSSL 3",
                "umask 077 && openssl pkcs12 -legacy -in OLD.p12 -nodes -out ALL.pem && openssl pkcs12 -export -in \
                 ALL.pem -out NEW.p12 && rm ALL.pem",
            ),
        ],
        checks ["store-rc2", "store-pbmac1", "store-iterations", "store-java-refuses"];

    TRUSTSTORE_EMPTY = "truststore-empty":
        "a truststore has no certificate that Java takes for trusted: none at all, one without Oracle's mark, or \
         PKCS#12 without its password",
        check [run("see what it holds, and what Java sees of it", "kafka-certgen inspect TRUSTSTORE"), JUDGE_CLIENT],
        mend [
            say("set ssl.truststore.password, without which Java sees nothing in PKCS#12"),
            run(
                "make a truststore with the CA",
                "kafka-certgen import --truststore NEW_TRUSTSTORE --alias CARoot --file ca-cert",
            ),
        ],
        checks ["truststore-empty", "truststore-unmarked", "truststore-password-missing"];

    PEM_KEY_FORM = "pem-key-form":
        "a private key in PEM is not in PKCS#8, which is all that Kafka reads",
        check [run("see what it is", "kafka-certgen inspect KEY")],
        mend [run("convert it", "openssl pkcs8 -topk8 -nocrypt -in KEY -out KEY.pk8")],
        checks ["pem-key-format", "pem-key-kind"];

    PEM_KEY_ENCRYPTION = "pem-key-encryption":
        "a private key in PEM is encrypted in a way that this Java does not read: PBES2 needs 21",
        check [
            run("see how it is encrypted", "kafka-certgen inspect KEY"),
            run("see the version of Java", "java -version"),
        ],
        mend [
            run(
                "leave it in plain, and readable for Kafka alone",
                "openssl pkcs8 -topk8 -nocrypt -in KEY -out KEY.pk8 && chmod 600 KEY.pk8",
            ),
            run(
                "or encrypt it as Java 11 and 17 read it",
                "openssl pkcs8 -topk8 -v1 PBE-SHA1-3DES -in KEY -out KEY.pk8",
            ),
        ],
        checks ["pem-key-pbes2"];

    PEM_KEY_PASSWORD = "pem-key-password":
        "a private key in PEM and its password do not fit: it is plain and one is set, it is encrypted and none is, \
         or it is another one",
        check [run("try it", "kafka-certgen inspect KEY --keypass file:KEY_PASSWORD_FILE")],
        mend [say("set ssl.key.password if the key says ENCRYPTED PRIVATE KEY, and only then")],
        checks ["pem-key-encrypted", "pem-key-not-encrypted", "pem-key-password"];

    PEM_MALFORMED = "pem-malformed":
        "text that should be PEM is none, or lacks what is sought: line ends were lost, the key is missing, or it is \
         another file",
        check [run("see what is in it", "kafka-certgen inspect FILE.pem")],
        mend [
            say(
                "name a file that has it, each block with its own lines; in a properties file write `\\n\\` at the \
                 end of each line",
            ),
        ],
        checks ["pem-refused", "pem-certificates-lost", "pem-chain-order"];

    // Settings.

    CONFIGURATION_INCOMPLETE = "configuration-incomplete":
        "settings that belong together are not all there, or contradict each other",
        check [JUDGE_BROKER, JUDGE_CLIENT],
        mend [say("set what is missing, and leave out what is not of that type of store: PEM has no store password")],
        checks [
            "keystore-password-missing",
            "store-location-missing",
            "store-password-with-pem",
            "store-in-two-places",
            "keystore-half-inline",
            "store-inline-not-pem",
        ];

    CONFIGURATION_INVALID = "configuration-invalid":
        "a setting of TLS has a value that Kafka or Java does not know, or text that cannot be parsed",
        check [JUDGE_BROKER, JUDGE_CLIENT],
        mend [say("set a value that is known: `kafka-certgen verify` names the setting and what it may be")],
        checks [
            "setting-refused",
            "protocol-unknown",
            "ssl-protocol-unknown",
            "client-protocol-unknown",
            "cipher-suite-unknown",
            "endpoint-identification-unknown",
            "mapping-rules-refused",
            "listener-refused",
            "client-auth-unknown",
        ];

    SETTING_OF_ANOTHER_CLIENT = "setting-of-another-client":
        "a setting is one of Java's, and this client takes PEM or PKCS#12 under names of its own",
        check [run("see what is in the store", "kafka-certgen inspect TRUSTSTORE")],
        mend [
            run(
                "write the CA's certificate as PEM",
                "keytool -exportcert -rfc -keystore TRUSTSTORE -alias CARoot -file CA.pem",
            ),
            say("name it in ssl.ca.location, and the client's own in ssl.certificate.location and ssl.key.location"),
        ],
        checks [];

    IMAGE_VARIABLE_MISSING = "image-variable-missing":
        "the image of Kafka wants its stores in certain variables and files as soon as an advertised listener has \
         SSL:// in its address",
        check [run("see what the container has", "docker exec CONTAINER ls -l /etc/kafka/secrets")],
        mend [
            say(
                "set KAFKA_SSL_KEYSTORE_FILENAME, KAFKA_SSL_KEYSTORE_CREDENTIALS and KAFKA_SSL_KEY_CREDENTIALS, and \
                 with client certificates KAFKA_SSL_TRUSTSTORE_FILENAME and KAFKA_SSL_TRUSTSTORE_CREDENTIALS, to \
                 names of files in /etc/kafka/secrets; the credentials hold the password",
            ),
        ],
        checks [];

    BUILD_WITHOUT_TLS = "build-without-tls":
        "the client library was built without TLS",
        check [run("see what librdkafka was built with", "kcat -V")],
        mend [
            say(
                "install a build with OpenSSL: the wheel from PyPI, librdkafka with libssl-dev at build time, for \
                 rust-rdkafka the feature `ssl`",
            ),
        ],
        checks [];

    RELOAD_REFUSED = "reload-refused":
        "new stores differ from the loaded ones in what a running broker does not let change",
        check [run("see what differs", "kafka-certgen verify --keystore NEW_KEYSTORE --against OLD_KEYSTORE")],
        mend [
            say(
                "keep entries, subject and alternative names, adding names only; or allow the change with \
                 ssl.allow.dn.changes and ssl.allow.san.changes",
            ),
            say("for another CA, bring it into every truststore first, and then change the keystores"),
        ],
        checks ["reload-store", "reload-entries", "reload-subject", "reload-names", "reload-trust"];

    // After TLS.

    PRINCIPAL_UNKNOWN = "principal-unknown":
        "TLS works, and the authorizer has no rule for the principal that Kafka makes of the certificate",
        check [run("see the principal that Kafka makes of the certificate", "kafka-certgen inspect KEYSTORE")],
        mend [
            run(
                "allow that principal, letter for letter",
                "kafka-acls.sh --bootstrap-server HOST:PORT --command-config admin.properties --add --allow-principal \
                 'User:PRINCIPAL' --operation All --topic TOPIC",
            ),
            say("or name it in super.users of every node, between semicolons"),
        ],
        checks [
            "super-users-separator",
            "super-users-type",
            "super-users-blank",
            "super-users-escape",
        ];

    CLIENT_ANONYMOUS = "client-anonymous":
        "the listener does not demand a certificate, and takes who shows none for User:ANONYMOUS",
        check [JUDGE_BROKER, SEE_BROKER],
        mend [
            say(
                "set ssl.client.auth=required, for SASL_SSL with the prefix of the listener; who has SASL is known by that \
                 all the same",
            ),
        ],
        checks ["client-auth-none", "client-auth-requested", "client-auth-ignored"];

    MAPPING_RULES_INCOMPLETE = "mapping-rules-incomplete":
        "no rule of ssl.principal.mapping.rules fits the subject of the certificate",
        check [JUDGE_BROKER],
        mend [say("end the rules with DEFAULT, on every broker and controller")],
        checks ["mapping-rules-without-default"];
}
