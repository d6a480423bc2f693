//! A broker that runs, and what `apply` makes of its keystore meanwhile.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::broker::{Broker, tail};
use crate::certgen::{BINARY, Bundle};
use crate::command::Finished;
use crate::java::{Jdk, SHORT_LIVED, SOURCES};
use crate::scratch;

const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// A cluster with one broker that runs here.
struct Cluster {
    folder: TempDir,
}

impl Cluster {
    fn new() -> Self {
        Self { folder: scratch() }
    }

    fn path(&self, file: &str) -> PathBuf {
        self.folder.path().join(file)
    }

    fn bundle(&self) -> Bundle {
        Bundle::there(&self.path("certs"))
    }

    /// Applies a file in which the broker has these names beside its own.
    fn apply(&self, names: &str, arguments: &[&str]) -> Finished {
        let text = format!(
            "ca: {{ key_algorithm: ec-p256 }}\ndefaults: {{ key_algorithm: ec-p256, formats: [pkcs12] }}\n\
             brokers:\n  - name: localhost\n    sans: [127.0.0.1{names}]\nclients: [app1]\n"
        );
        fs::write(self.path("cluster.yaml"), text).expect("cannot write the file");
        let mut apply = Command::new(BINARY);
        apply.arg("apply").arg("-f").arg(self.path("cluster.yaml")).arg("--out").arg(self.path("certs"));
        Finished::of(apply.args(arguments)).successfully()
    }

    /// Tells the broker to load its keystore again, and returns what its administrator reads.
    fn reload(&self, broker: &Broker) -> String {
        let keystore = self.path("certs/localhost/kafka.server.keystore.p12");
        let own = fs::read_to_string(self.bundle().client_properties()).expect("cannot read settings");
        let settings = format!("{own}\nlistener.name.ssl.ssl.keystore.location={}\n", keystore.display());
        fs::write(self.path("admin.properties"), settings).expect("cannot write settings");
        let questions = format!("r\treload\t{}\t{}\n", broker.at("localhost"), self.path("admin.properties").display());
        fs::write(self.path("questions"), questions).expect("cannot write the question");
        let hosts = format!("-Djdk.net.hosts.file={SOURCES}/hosts");
        let mut admin = Jdk::usual().program("Clients", &[SHORT_LIVED, &hosts]);
        let stdin = File::open(self.path("questions")).expect("cannot read the question");
        Finished::reading(&mut admin, stdin).successfully().stdout
    }

    /// Waits until the broker shows the certificate that was issued last: it loads its keystore some time after it has answered.
    fn shows_what_was_issued(&self, broker: &Broker) {
        let start = Instant::now();
        loop {
            let [shown, issued] = self.shown_and_issued(broker);
            if shown == issued {
                return;
            }
            assert!(start.elapsed() < LONGEST_WAIT, "the broker still shows\n{shown}");
            thread::sleep(Duration::from_millis(200));
        }
    }

    /// Returns the certificate that the broker shows, and the one that was issued last; both in PEM.
    fn shown_and_issued(&self, broker: &Broker) -> [String; 2] {
        let mut openssl = Command::new("openssl");
        openssl.args(["s_client", "-showcerts", "-connect", &broker.at("127.0.0.1")]);
        let said = Finished::reading(&mut openssl, Stdio::null()).stdout;
        let issued = fs::read_to_string(self.path("certs/localhost/cert-signed")).expect("there is no certificate");
        [first_certificate(&said), first_certificate(&issued)]
    }
}

fn first_certificate(text: &str) -> String {
    const END: &str = "-----END CERTIFICATE-----";
    let start = text.find("-----BEGIN CERTIFICATE-----").unwrap_or_else(|| panic!("no certificate in\n{text}"));
    let end = text[start..].find(END).expect("a certificate that does not end");
    text[start..start + end].replace("\r\n", "\n")
}

fn key_of(certificate: &Path) -> String {
    let mut openssl = Command::new("openssl");
    openssl.args(["x509", "-noout", "-pubkey", "-in"]).arg(certificate);
    Finished::of(&mut openssl).successfully().stdout
}

#[test]
#[ignore = "needs Java, OpenSSL and Kafka's Maven artifacts"]
fn a_running_broker_takes_what_apply_says_that_it_takes() {
    let cluster = Cluster::new();
    cluster.apply(", kafka.internal", &[]);
    let broker =
        Broker::start(&cluster.bundle()).unwrap_or_else(|log| panic!("the broker did not start:\n{}", tail(&log)));
    let certificate = cluster.path("certs/localhost/cert-signed");
    let first_key = key_of(&certificate);

    // One name more: the same key, and no word about a restart.
    let said = cluster.apply(", kafka.internal, kafka.eu", &[]);
    assert!(said.stdout.contains("SAN dns:kafka.eu added"), "{}", said.stdout);
    assert!(!said.stdout.contains("ssl.allow"), "{}", said.stdout);
    assert_eq!(key_of(&certificate), first_key);
    let [shown, issued] = cluster.shown_and_issued(&broker);
    assert_ne!(shown, issued);
    let answer = cluster.reload(&broker);
    assert!(answer.contains("nothing failed"), "{answer}");
    cluster.shows_what_was_issued(&broker);

    // A new key.
    cluster.apply(", kafka.internal, kafka.eu", &["--rekey", "--only", "localhost"]);
    assert_ne!(key_of(&certificate), first_key);
    let answer = cluster.reload(&broker);
    assert!(answer.contains("nothing failed"), "{answer}");
    cluster.shows_what_was_issued(&broker);

    // One name less, which is said to be refused, and is.
    let said = cluster.apply(", kafka.internal", &[]);
    assert!(said.stdout.contains("ssl.allow.san.changes"), "{}", said.stdout);
    let before = broker.log_length();
    // Where the path is the one that it has, only the broker's log says so.
    cluster.reload(&broker);
    let refusal = "Keystore SubjectAltNames do not match";
    let log = broker.log_until(refusal, before);
    assert!(log.contains(refusal), "{}", tail(&log));
    let [shown, issued] = cluster.shown_and_issued(&broker);
    assert_ne!(shown, issued);
}
