//! Why each step is there, and what happens if it fails.

use kafka_certgen::handshake::{Details, TlsVersion, Transcript};

/// Returns a title and a text for each step, and for what the tracker shows.
pub(super) fn of(transcript: &Transcript) -> Vec<(String, String)> {
    let is_1_2 = transcript.steps.iter().any(|step| {
        matches!(&step.details, Details::Hello(hello) if hello.version.or(hello.offered_versions.first().copied()) == Some(TlsVersion::Tls12))
    });
    let (texts, keys) = if is_1_2 { (TLS_1_2, NO_KEYS) } else { (TLS_1_3, HANDSHAKE_KEYS) };
    let seen = if super::is_live(transcript) { IN_LIVE } else { IN_MEMORY };
    let steps = COMMON.iter().zip(texts).zip(seen).map(|(((title, common), own), seen)| {
        let text = [*common, own, seen].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" ");
        ((*title).to_owned(), text)
    });
    let (title, text) = keys;
    steps.chain([(title.to_owned(), text.to_owned())]).collect()
}

/// Why the tracker shows no keys before step 6 in TLS 1.2.
const NO_KEYS: (&str, &str) = (
    "Why are there no keys before step 6?",
    "In TLS 1.2 there are none before the client's half of the key exchange, which comes after the certificates. Everything up to \
     step 6 is in the clear.",
);

/// Why the tracker shows keys before step 6 in TLS 1.3, and no session keys.
const HANDSHAKE_KEYS: (&str, &str) = (
    "Why are there handshake keys before step 6, and no session keys?",
    "In TLS 1.3 there are keys from step 2 on, which encrypt the certificates and nothing else. No data goes out under them, because \
     at that time nobody has been verified. Where it is taught that keys are generated in step 6, the keys for data are meant.",
);

/// What holds for either version.
const COMMON: [(&str, &str); 9] = [
    (
        "1. Why does the client name a host?",
        "The name in `bootstrap.servers`, and later the one that the broker gives in `advertised.listeners`, is all that the client knows \
         of the broker. Step 4 compares it with the certificate: an advertised name that the certificate does not have fails there, even \
         if the first connection went well.",
    ),
    (
        "2. What do the hellos agree on?",
        "Version, cipher suite and the group of the key exchange: the client offers, the broker chooses. If they have nothing in common \
         the broker answers with an alert, handshake_failure or protocol_version, and Java says `no cipher suites in common` or \
         `The client supported protocol versions … are not accepted`. A plaintext listener answers with nothing at all.",
    ),
    (
        "3. Why does the broker send more than its own certificate?",
        "The client has the root in its truststore and nothing else. What lies between the broker's certificate and the root must be \
         sent along, or the client finds no path: the keystore needs the whole chain under the key's alias.",
    ),
    (
        "4. Why does the client verify the broker's certificate?",
        "Anybody on the way can answer in the broker's place. Three checks rule that out: a CA of the client's truststore has signed the \
         certificate, it is valid today and for the host that was asked for, and a signature made just now proves that who sent it has \
         its private key. If one fails the client sends an alert and closes; no byte of data was sent. Switching the host check off \
         (an empty `ssl.endpoint.identification.algorithm`) lets every holder of a certificate of the same CA pose as a broker.",
    ),
    (
        "5. Why does the client send a certificate?",
        "Only if the broker asks for one: `ssl.client.auth=required` or `requested`. The broker then knows who connects: the subject of the \
         certificate becomes the principal that ACLs name. Without one, and with `requested`, the client is User:ANONYMOUS. The broker \
         looks for no host name here; it wants a CA of its own truststore and, if the certificate has extended key usages, clientAuth. \
         Java, Go and librdkafka from 2.8 on send nothing if none of the CAs that the broker names has signed their certificate.",
    ),
    (
        "6. Why do the session keys come after the certificates?",
        "Each end makes a key pair for this connection alone and sends the public half; both compute the same secret, which is never \
         sent. Whoever records the connection and steals the broker's key later cannot read it. But a key exchange alone does not say \
         with whom: only the certificates and signatures of steps 3 to 5 tie the secret to the two ends, so keys for data count from \
         here.",
    ),
    (
        "7. What makes the channel secure?",
        "Each end sends a Finished message, a MAC over the whole handshake under the new keys. If anybody has changed a byte of it, the \
         offered versions for example, the two do not match and the connection ends with decrypt_error.",
    ),
    (
        "8. What is sent?",
        "A real request of Kafka's protocol, ApiVersions, and an answer to it; both ends decrypted what the other has sent. Each record \
         has a header of 5 bytes and a tag of 16 that shows any change.",
    ),
    (
        "9. Why close_notify?",
        "It says that nothing follows. Without it the other end could not tell a connection that was closed from one that somebody has \
         cut. The keys are forgotten; a new connection makes new ones.",
    ),
];

/// What is so in TLS 1.2, beside [`COMMON`].
const TLS_1_2: [&str; 9] = [
    "",
    "",
    "In TLS 1.2 the certificates are sent in the clear.",
    "In TLS 1.2 the signature is over the broker's half of the key exchange and the random values of both hellos.",
    "In TLS 1.2 the client's certificate is sent in the clear, and the client waits until the broker has accepted it: a refusal is a \
     failed handshake on either side.",
    "In TLS 1.2 the client's half goes out with its certificate, so there could be no keys before.",
    "",
    "",
    "",
];

/// What is so in TLS 1.3, beside [`COMMON`].
const TLS_1_3: [&str; 9] = [
    "",
    "",
    "In TLS 1.3 the certificates are encrypted already, with keys that are good for the handshake alone.",
    "In TLS 1.3 the signature is over the whole handshake up to here.",
    "In TLS 1.3 the client is done when it has sent its own Finished, before the broker has judged its certificate: a client that was \
     refused learns of it at its first read, which Java reports as `Failed to process post-handshake messages` or as a broken \
     connection.",
    "In TLS 1.3 the halves are in the hellos, and the secret is there from step 2 on: handshake keys are derived from it at once and \
     encrypt steps 3 to 5. The keys for data are derived from the same secret and the handshake up to the broker's Finished.",
    "",
    "",
    "",
];

/// What is so where both ends are in memory.
const IN_MEMORY: [&str; 9] = [
    "",
    "",
    "",
    "",
    "Here both ends are in view, so that the refusal stands where it belongs.",
    "",
    "",
    "The answer comes from this program and not from a broker.",
    "",
];

/// What is so where the broker is one that runs.
const IN_LIVE: [&str; 9] = [
    "Each address of the name is tried, as clients do.",
    "Where a broker does not answer it is asked again in other ways, to find out why.",
    "",
    "This program goes on where a client would have broken off, to find what else is wrong; it sends nothing that is secret.",
    "Here the verdict is waited for, so that a refusal stands where it belongs; the reason stands in the broker's log alone.",
    "",
    "",
    "On a listener with SASL nothing else is answered before a client has logged in; on others, Metadata says where the brokers \
     tell their clients to go on to.",
    "",
];
