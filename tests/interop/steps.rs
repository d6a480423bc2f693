//! What a newcomer makes with our step commands alone, before keytool and OpenSSL as judges: with every key algorithm, in both formats.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use kafka_certgen::spec::KeyAlgorithm;
use time::OffsetDateTime;
use time::macros::format_description;
use x509_parser::pem::Pem;

use crate::handshakes::{Stores, meet};
use crate::keytool::values;
use crate::support::bundle::{BINARY, scratch};
use crate::support::command::{Finished, command};
use crate::support::jdk::Jdk;

const PASSWORD: &str = "store-secret";
const CA_PASSWORD: &str = "ca-secret";

/// As OpenSSL writes it, and as Java does.
const SUBJECT: [&str; 2] = ["CN=broker1,OU=one,OU=two,O=Acme", "CN=broker1, OU=one, OU=two, O=Acme"];

const ALT_NAMES: &str = "--san broker1.example.com --san *.brokers.example.com --san 10.0.0.1 --san 2001:db8::1";

/// How far from now a certificate of a test may begin and end.
const TOLERANCE: i64 = 600;

/// All the steps for a broker and for a client; the stores and their type are named by words in capitals.
const LINES: [&str; 12] = [
    "ca --key ca-key --cert ca-cert --key-alg ALGORITHM --pass env:CA_PASSWORD",
    "genkey --keystore server.EXTENSION --alias Broker1 --dname SUBJECT ALT_NAMES --key-alg ALGORITHM \
     --storepass env:PASSWORD",
    "genkey --keystore client.EXTENSION --alias app1 --cn app1 --profile client --key-alg ALGORITHM \
     --storepass env:PASSWORD",
    "import --truststore truststore.EXTENSION --alias CARoot --file ca-cert --noprompt --storepass env:PASSWORD",
    "certreq --keystore server.EXTENSION --alias Broker1 ALT_NAMES --file server-file --storepass env:PASSWORD",
    "certreq --keystore client.EXTENSION --alias app1 --file client-file --storepass env:PASSWORD",
    "sign --ca-cert ca-cert --ca-key ca-key --ca-pass env:CA_PASSWORD --in server-file --out server-signed",
    "sign --ca-cert ca-cert --ca-key ca-key --ca-pass env:CA_PASSWORD --in client-file --out client-signed \
     --profile client",
    "import --keystore server.EXTENSION --alias CARoot --file ca-cert --noprompt --storepass env:PASSWORD",
    "import --keystore server.EXTENSION --alias Broker1 --file server-signed --storepass env:PASSWORD",
    "import --keystore client.EXTENSION --alias CARoot --file ca-cert --noprompt --storepass env:PASSWORD",
    "import --keystore client.EXTENSION --alias app1 --file client-signed --storepass env:PASSWORD",
];

/// After which of the lines the broker's keystore is kept as `generated.EXTENSION`.
const GENERATED: usize = 2;

/// A folder with what the lines have made.
struct Made {
    algorithm: KeyAlgorithm,
    extension: &'static str,
    folder: PathBuf,
    /// When it was begun and when it was done, as keytool writes a day.
    days: [String; 2],
}

static MADE: LazyLock<Vec<Made>> = LazyLock::new(|| {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("steps");
    if root.exists() {
        fs::remove_dir_all(&root).unwrap();
    }
    fs::create_dir(&root).unwrap();
    let cases = KeyAlgorithm::ALL.iter().flat_map(|algorithm| ["jks", "p12"].map(|extension| (*algorithm, extension)));
    let make = |(algorithm, extension)| Made::make(&root, algorithm, extension);
    cases.map(make).collect()
});

impl Made {
    fn make(root: &Path, algorithm: KeyAlgorithm, extension: &'static str) -> Self {
        let folder = root.join(format!("{algorithm}-{extension}"));
        fs::create_dir(&folder).unwrap();
        let began = today();
        let mut made = Self { algorithm, extension, folder, days: [began.clone(), began] };
        for line in &LINES[..GENERATED] {
            made.certgen(line).successfully();
        }
        fs::copy(made.store("server"), made.store("generated")).unwrap();
        for line in &LINES[GENERATED..] {
            made.certgen(line).successfully();
        }
        made.days[1] = today();
        made
    }

    fn store(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.{}", self.extension))
    }

    fn store_type(&self) -> &'static str {
        if self.extension == "jks" { "JKS" } else { "PKCS12" }
    }

    /// Runs our binary with the words of a line.
    fn certgen(&self, line: &str) -> Finished {
        let line = line.replace("ALGORITHM", self.algorithm.name()).replace("EXTENSION", self.extension);
        let line = line.replace("SUBJECT", SUBJECT[0]).replace("ALT_NAMES", ALT_NAMES);
        self.run(BINARY, &line)
    }

    fn openssl(&self, line: &str) -> Finished {
        self.run("openssl", line)
    }

    fn run(&self, program: &str, line: &str) -> Finished {
        let mut run = command(program, line.split_whitespace());
        run.current_dir(&self.folder).env("PASSWORD", PASSWORD).env("CA_PASSWORD", CA_PASSWORD);
        Finished::of(&mut run)
    }

    fn list(&self, jdk: &Jdk, store: &str, how: &str) -> String {
        let mut list = jdk.keytool();
        list.args(["-list", how, "-storepass:env", "PASSWORD", "-keystore"]).arg(self.store(store));
        Finished::of(list.env("PASSWORD", PASSWORD).env("TZ", "UTC")).successfully().stdout
    }

    fn read(&self, file: &str) -> String {
        fs::read_to_string(self.folder.join(file)).unwrap()
    }

    /// Returns how Java calls such a key, but for the size of an Ed25519 key, which depends on the version.
    fn key(&self) -> String {
        let name = self.algorithm.name();
        let rsa = name.strip_prefix("rsa-").map(|bits| format!("{bits}-bit RSA key"));
        let ec = name.strip_prefix("ec-p").map(|bits| format!("{bits}-bit EC (secp{bits}r1) key"));
        rsa.or(ec).unwrap_or_else(|| "Ed25519 key".to_owned())
    }
}

fn today() -> String {
    OffsetDateTime::now_utc().format(format_description!("[month repr:short] [day padding:none], [year]")).unwrap()
}

/// Checks that the first certificate of some PEM is valid from now on and for so many days.
fn assert_validity(pem: &str, days: i64) {
    let pem = Pem::iter_from_buffer(pem.as_bytes()).next().unwrap().unwrap();
    let validity = pem.parse_x509().unwrap().validity().clone();
    let (begin, end) = (validity.not_before.timestamp(), validity.not_after.timestamp());
    let made = end - days * 86_400;
    assert!((begin - made).abs() <= TOLERANCE, "{validity:?}");
    assert!((begin - OffsetDateTime::now_utc().unix_timestamp()).abs() < 86_400, "{validity:?}");
}

/// Returns text without what stands before its lines.
fn flush_left(text: &str) -> String {
    text.lines().map(str::trim).flat_map(|line| [line, "\n"]).collect()
}

#[test]
#[ignore = "needs OpenSSL"]
fn a_ca_is_a_root_that_openssl_signs_with() {
    for made in MADE.iter() {
        made.openssl("verify -x509_strict -CAfile ca-cert ca-cert").successfully();
        let text = made.openssl("x509 -in ca-cert -noout -text -nameopt RFC2253").successfully().stdout;
        let text = flush_left(&text);
        for part in [
            "Version: 3 (0x2)\n",
            "Issuer: CN=Kafka CA\n",
            "Subject: CN=Kafka CA\n",
            "X509v3 Basic Constraints: critical\nCA:TRUE\n",
            "X509v3 Key Usage: critical\nCertificate Sign, CRL Sign\n",
        ] {
            assert!(text.contains(part), "no `{part}` in {text}");
        }
        assert_validity(&made.read("ca-cert"), 3650);

        assert!(made.read("ca-key").starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----\n"));
        assert_eq!(fs::metadata(made.folder.join("ca-key")).unwrap().permissions().mode() & 0o777, 0o600);
        let key = made.openssl("pkey -in ca-key -passin env:CA_PASSWORD -pubout").successfully().stdout;
        assert_eq!(key, made.openssl("x509 -in ca-cert -noout -pubkey").successfully().stdout);
        made.openssl("pkey -in ca-key -passin env:PASSWORD -noout").in_vain();
        let folder = scratch();
        let signed = folder.path().join("signed");
        let sign = "x509 -req -in server-file -CA ca-cert -CAkey ca-key -passin env:CA_PASSWORD -days 30 -out";
        made.openssl(&format!("{sign} {}", signed.display())).successfully();
        made.openssl(&format!("verify -CAfile ca-cert {}", signed.display())).successfully();
    }
}

#[test]
#[ignore = "needs keytool and a second JDK"]
fn keytool_lists_a_generated_key_as_one_of_its_own() {
    for jdk in [Jdk::of_17(), Jdk::newer()] {
        for made in MADE.iter() {
            let list = made.list(&jdk, "generated", "-v");
            let has = |label: &str, expected: &str| assert_eq!(values(&list, label), [expected], "{list}");
            has("Keystore type: ", made.store_type());
            has("Alias name: ", "broker1");
            has("Entry type: ", "PrivateKeyEntry");
            has("Certificate chain length: ", "1");
            has("Owner: ", SUBJECT[1]);
            has("Issuer: ", SUBJECT[1]);
            let dates = values(&list, "Creation date: ");
            assert!(matches!(dates[..], [date] if made.days.iter().any(|day| day == date)), "{:?} {list}", made.days);
            let keys = values(&list, "Subject Public Key Algorithm: ");
            assert!(matches!(keys[..], [key] if key.ends_with(&made.key())), "{list}");
            assert_validity(&made.list(&jdk, "generated", "-rfc"), 365);
        }
    }
}

#[test]
#[ignore = "needs keytool, a second JDK and OpenSSL"]
fn a_request_asks_for_what_it_was_told() {
    for made in MADE.iter() {
        let request = made.openssl("req -in server-file -verify -noout -text -nameopt RFC2253").successfully();
        let request = request.saying("self-signature verify OK").saying(&format!("Subject: {}\n", SUBJECT[0]));
        let names = [
            "DNS:broker1.example.com",
            "DNS:*.brokers.example.com",
            "Address:10.0.0.1",
            "Address:2001:DB8:0:0:0:0:0:1",
        ];
        names.into_iter().fold(request, Finished::saying);

        for jdk in [Jdk::of_17(), Jdk::newer()] {
            let mut print = jdk.keytool();
            print.args(["-printcertreq", "-file", "server-file"]).current_dir(&made.folder);
            let print = Finished::of(&mut print).successfully().saying(&format!("Subject: {}\n", SUBJECT[1]));
            let names = ["DNSName: broker1.example.com", "DNSName: *.brokers.example.com", "IPAddress: 10.0.0.1"];
            names.into_iter().fold(print.saying(&made.key()), Finished::saying).saying("2001:db8:0:0:0:0:0:1");
        }
    }
}

#[test]
#[ignore = "needs OpenSSL"]
fn a_signed_certificate_is_good_for_what_it_is_for_and_nothing_else() {
    for made in MADE.iter() {
        let verify = |what: &str| made.openssl(&format!("verify -x509_strict -CAfile ca-cert {what}"));
        for host in ["broker1", "broker1.example.com", "b7.brokers.example.com"] {
            verify(&format!("-purpose sslserver -verify_hostname {host} server-signed")).successfully();
        }
        for address in ["10.0.0.1", "2001:db8::1"] {
            verify(&format!("-purpose sslserver -verify_ip {address} server-signed")).successfully();
        }
        verify("-purpose sslclient server-signed").successfully();
        verify("-purpose sslclient client-signed").successfully();
        verify("-verify_hostname broker2 server-signed").in_vain().saying("hostname mismatch");
        verify("-verify_ip 10.0.0.2 server-signed").in_vain().saying("IP address mismatch");
        verify("-purpose sslserver client-signed").in_vain().saying("unsuitable certificate purpose");
        let subject = made.openssl("x509 -in server-signed -noout -subject -nameopt RFC2253").successfully().stdout;
        assert_eq!(subject.trim(), format!("subject={}", SUBJECT[0]));
        for side in ["server", "client"] {
            let key = |kind: &str| made.openssl(&format!("{kind} -noout -pubkey")).successfully().stdout;
            assert_eq!(key(&format!("x509 -in {side}-signed")), key(&format!("req -in {side}-file")));
            assert_validity(&made.read(&format!("{side}-signed")), 365);
        }
    }
}

#[test]
#[ignore = "needs keytool and a second JDK"]
fn java_works_with_the_stores() {
    for jdk in [Jdk::of_17(), Jdk::newer()] {
        let folder = scratch();
        let password = folder.path().join("password");
        fs::write(&password, PASSWORD).unwrap();
        for made in MADE.iter() {
            assert_entries(made, &jdk, "server", "broker1");
            assert_entries(made, &jdk, "client", "app1");
            let list = made.list(&jdk, "truststore", "-v");
            assert_eq!(values(&list, "Keystore type: "), [made.store_type()], "{list}");
            assert_eq!(values(&list, "Alias name: "), ["caroot"], "{list}");
            assert_eq!(values(&list, "Entry type: "), ["trustedCertEntry"], "{list}");
        }
        let stores = MADE.iter().map(|made| Stores {
            store_type: made.store_type(),
            keystore: made.store("server"),
            truststore: made.store("truststore"),
            password: password.clone(),
            key_password: password.clone(),
            host: "b7.brokers.example.com",
        });
        for (made, said) in MADE.iter().zip(meet(&jdk, &stores.collect::<Vec<_>>())) {
            for side in ["client", "server"] {
                let trusts = format!("{side} trusts {} in a chain of 2 with the names [", SUBJECT[1]);
                assert!(said.contains(&trusts), "{} {}: {said}", made.algorithm, made.extension);
            }
        }
    }
}

/// Checks that a keystore has a key with its chain, and the CA beside it.
fn assert_entries(made: &Made, jdk: &Jdk, store: &str, alias: &str) {
    let list = made.list(jdk, store, "-v");
    let mut entries: Vec<_> = values(&list, "Alias name: ").into_iter().zip(values(&list, "Entry type: ")).collect();
    entries.sort_unstable();
    let mut expected = [(alias, "PrivateKeyEntry"), ("caroot", "trustedCertEntry")];
    expected.sort_unstable();
    assert_eq!(entries, expected, "{list}");
    assert_eq!(values(&list, "Certificate chain length: "), ["2"], "{list}");
    assert_eq!(values(&list, "Keystore type: "), [made.store_type()], "{list}");
}

#[test]
#[ignore = "needs OpenSSL"]
fn requests_and_certificates_go_to_standard_output_unless_a_file_is_named() {
    for made in MADE.iter().filter(|made| made.algorithm == KeyAlgorithm::EcP256) {
        let folder = scratch();
        let [request, signed] = ["request", "signed"].map(|name| folder.path().join(name));
        let certreq = "certreq --keystore server.EXTENSION --alias Broker1 ALT_NAMES --storepass env:PASSWORD";
        fs::write(&request, made.certgen(certreq).successfully().stdout).unwrap();
        made.openssl(&format!("req -verify -noout -in {}", request.display())).successfully();
        let sign = "sign --ca-cert ca-cert --ca-key ca-key --ca-pass env:CA_PASSWORD --in";
        fs::write(&signed, made.certgen(&format!("{sign} {}", request.display())).successfully().stdout).unwrap();
        let verify = "verify -x509_strict -purpose sslserver -verify_hostname broker1 -CAfile ca-cert";
        made.openssl(&format!("{verify} {}", signed.display())).successfully();
        for file in [&request, &signed] {
            let text = fs::read_to_string(file).unwrap();
            assert!(text.starts_with("-----BEGIN ") && text.ends_with("-----\n"), "{text}");
            assert_eq!(text.matches("-----BEGIN ").count(), 1, "{text}");
        }
    }
}
