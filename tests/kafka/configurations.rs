//! Properties files, judged by us and by Kafka, and what Kafka's PEM reader makes of them.

use std::fmt::Write;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use kafka_certgen::kafka::pem_store::{PemKeyStore, PemTrustStore};
use kafka_certgen::kafka::properties::escaped;
use kafka_certgen::kafka::properties_file::PropertiesFile;
use kafka_certgen::kafka::ssl_settings::{KafkaSettings, SslSettings, StoreSource};
use kafka_certgen::verify::configuration::{self, Surroundings};
use kafka_certgen::verify::{Finding, Severity};
use sha2::{Digest, Sha256};

use crate::certgen::{Bundle, QUICK_KEYS};
use crate::command::Finished;
use crate::java::Jdk;
use crate::scratch;

mod cases;

/// A properties file, for a `client` or a `node`.
struct Case {
    name: String,
    kind: &'static str,
    text: String,
}

#[test]
#[ignore = "needs Java and Kafka's Maven artifacts"]
fn what_we_refuse_is_what_kafka_refuses() {
    for jdk in [Jdk::usual(), Jdk::newer()] {
        let folder = scratch();
        let cases = cases::all(&Places::make(folder.path()));
        assert!(cases.len() >= 60, "{} cases are not enough", cases.len());
        let answers = ask(&jdk, folder.path(), &cases);
        let mut disagreements = String::new();
        for (case, answer) in cases.iter().zip(answers) {
            if let Err(what) = compare(case, &answer, &jdk) {
                writeln!(disagreements, "{}: {what}\n    Kafka: {answer}", case.name).expect("a String takes all");
            }
        }
        assert!(disagreements.is_empty(), "Java {}\n{disagreements}", jdk.version());
    }
}

fn ask(jdk: &Jdk, folder: &Path, cases: &[Case]) -> Vec<String> {
    let mut lines = String::new();
    for (at, case) in cases.iter().enumerate() {
        let file = folder.join(format!("{at}.properties"));
        fs::write(&file, &case.text).expect("cannot write a properties file");
        writeln!(lines, "{at}\t{}\t{}", case.kind, file.display()).expect("a String takes all");
    }
    let questions = folder.join("questions");
    fs::write(&questions, lines).expect("cannot write the questions");
    let stdin = File::open(&questions).expect("cannot read the questions");
    let said = Finished::reading(&mut jdk.program("Configurations", &[]), stdin).successfully();
    // Kafka's log is among the answers.
    let answers = said.stdout.lines().filter(|line| line.starts_with("case\t"));
    let answers: Vec<String> = answers.filter_map(|line| Some(line.splitn(3, '\t').nth(2)?.to_owned())).collect();
    assert_eq!(answers.len(), cases.len(), "{}", said.stderr);
    answers
}

fn compare(case: &Case, kafka: &str, jdk: &Jdk) -> Result<(), String> {
    let file = PropertiesFile::read(case.text.as_bytes());
    let (outcome, details) = kafka.split_once('\t').ok_or("no answer")?;
    let (errors, stores) = match &file {
        Ok(file) => {
            let settings = KafkaSettings::of(file);
            (errors(file, &settings, jdk), stores(&settings))
        }
        Err(error) => (vec![error.to_string()], Vec::new()),
    };
    match (outcome, errors.as_slice()) {
        ("refused", []) => Err("we find no error".to_owned()),
        ("configured", [_, ..]) => Err(format!("we find {errors:?}")),
        ("configured", []) => match stores.iter().find(|store| !details.contains(store.as_str())) {
            Some(store) => Err(format!("we read {store}")),
            None => Ok(()),
        },
        _ => Ok(()),
    }
}

/// Returns the codes of what must keep Kafka from starting.
fn errors(file: &PropertiesFile, settings: &KafkaSettings<'_>, jdk: &Jdk) -> Vec<String> {
    let mut findings = configuration::judge("it", file, settings, Surroundings::default());
    for ssl in uses(settings) {
        for (source, is_keystore) in [(ssl.keystore(), true), (ssl.truststore(), false)] {
            let Ok(Some(source)) = source else { continue };
            let Some(content) = content(&source) else { continue };
            findings.extend(configuration::judge_store("store", &source, ssl, is_keystore, &content));
        }
    }
    let is_error = |finding: &&Finding| {
        // Before Java 21, this is one.
        finding.check.severity == Severity::Error || (finding.check.code == "pem-key-pbes2" && jdk.version() < 21)
    };
    findings.iter().filter(is_error).map(|finding| format!("{} {}", finding.check.code, finding.found)).collect()
}

/// Returns the settings of all that uses TLS when Kafka starts.
fn uses<'s, 'f>(settings: &'s KafkaSettings<'f>) -> Vec<&'s SslSettings<'f>> {
    match settings {
        KafkaSettings::Client(client) if client.security_protocol.as_ref().is_ok_and(|p| p.uses_tls()) => {
            vec![&client.ssl]
        }
        KafkaSettings::Node(node) => node
            .listeners
            .iter()
            .filter(|listener| listener.protocol.uses_tls())
            .map(|listener| &listener.ssl)
            .collect(),
        KafkaSettings::Client(_) | KafkaSettings::Part(_) => Vec::new(),
    }
}

fn content(source: &StoreSource<'_>) -> Option<Vec<u8>> {
    match source {
        StoreSource::File { location, .. } | StoreSource::PemFile { location } => fs::read(location.text()).ok(),
        StoreSource::PemInline { .. } => None,
    }
}

/// Returns the entries of the PEM stores as the program in Java prints them, and what listeners ask their clients for.
fn stores(settings: &KafkaSettings<'_>) -> Vec<String> {
    let mut stores = Vec::new();
    for ssl in uses(settings) {
        let password = ssl.key_password().map(|password| password.text());
        match ssl.keystore() {
            Ok(Some(StoreSource::PemFile { location })) => {
                let file = fs::read(location.text()).expect("cannot read a keystore");
                stores.extend(PemKeyStore::read(&file, &file, password).map(|store| keystore(&store.chain)));
            }
            Ok(Some(StoreSource::PemInline { key: Some(key), certificates })) => {
                let store = PemKeyStore::read(key.text().as_bytes(), certificates.text().as_bytes(), password);
                stores.extend(store.map(|store| keystore(&store.chain)));
            }
            _ => {}
        }
        let truststore_text = match ssl.truststore() {
            Ok(Some(StoreSource::PemFile { location })) => fs::read(location.text()).expect("cannot read a truststore"),
            Ok(Some(StoreSource::PemInline { certificates, .. })) => certificates.text().as_bytes().to_vec(),
            _ => continue,
        };
        stores.extend(PemTrustStore::read(&truststore_text).map(|store| truststore(&store.certificates)));
    }
    if let KafkaSettings::Node(node) = settings {
        let asked = node.listeners.iter().filter(|listener| listener.protocol.uses_tls());
        stores
            .extend(asked.filter_map(|listener| {
                Some(format!("{} {} ", listener.name, listener.ssl.client_auth().ok()?.name()))
            }));
    }
    stores
}

fn keystore(chain: &[Vec<u8>]) -> String {
    format!("[kafka={}]", chain.iter().map(|certificate| fingerprint(certificate)).collect::<String>())
}

fn truststore(certificates: &[Vec<u8>]) -> String {
    let mut entries: Vec<String> = certificates
        .iter()
        .enumerate()
        .map(|(at, certificate)| format!("kafka{at}={}", fingerprint(certificate)))
        .collect();
    entries.sort();
    format!("[{}]", entries.concat())
}

/// The first eight bytes of the hash, and a comma.
fn fingerprint(certificate: &[u8]) -> String {
    let hash = Sha256::digest(certificate);
    hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat() + ","
}

/// Where the stores are that the cases name.
struct Places {
    folder: PathBuf,
    node: PathBuf,
    password: String,
}

impl Places {
    fn make(folder: &Path) -> Self {
        let out = folder.join("kafka-certs");
        let arguments = [&["--cn", "localhost", "--format", "jks,pkcs12,pem"], QUICK_KEYS].concat();
        let (bundle, _) = Bundle::init_of(&out, &arguments);
        let node = bundle.identity("localhost");
        let password = fs::read_to_string(node.join("password")).expect("cannot read the password");
        Self { folder: folder.to_owned(), node, password: password.trim_end().to_owned() }
    }

    /// Returns the path of a file of the node.
    fn of_node(&self, name: &str) -> String {
        self.node.join(name).display().to_string()
    }

    fn pem(&self, name: &str) -> String {
        fs::read_to_string(self.node.join(name)).expect("cannot read PEM")
    }

    /// Writes a file beside the bundle, and returns its path.
    fn write(&self, name: &str, content: &str) -> String {
        let file = self.folder.join(name);
        fs::write(&file, content).expect("cannot write a file");
        file.display().to_string()
    }
}

/// Returns the line that sets a value, whatever is in it.
fn line(key: &str, value: &str) -> String {
    format!("{key}={}\n", escaped(value))
}
