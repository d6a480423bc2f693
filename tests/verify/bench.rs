//! Where faults are made: a folder of its own for each, good certificates to spoil, stores, and the verdict of the binary.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;
use std::sync::LazyLock;

use kafka_certgen::keystore::jks::Jks;
use kafka_certgen::keystore::{Entry, EntryContent, KeyStore, PrivateKeyEntry};
use kafka_certgen::random::SystemRandom;
use kafka_certgen::secret::Password;
use tempfile::TempDir;
use time::OffsetDateTime;
use zeroize::Zeroizing;

use crate::certificate::{
    CLIENT_AUTH, CRL_SIGN, Ca, DIGITAL_SIGNATURE, Draft, KEY_CERT_SIGN, SERVER_AUTH, alt_names, authority_key_id,
    basic_constraints, extended_key_usage, key_usage, subject_key_id,
};
use crate::keys::Key;

pub(crate) const PASSWORD: &str = "correct horse battery";
pub(crate) const HOST: &str = "broker1.example.com";

/// A folder in which one thing is wrong.
pub(crate) struct Bench(TempDir);

pub(crate) fn password(text: &str) -> Password {
    Password::new(Zeroizing::new(text.to_owned())).unwrap()
}

/// Returns a fixture of the keystore tests.
pub(crate) fn fixture(name: &str) -> Vec<u8> {
    fs::read(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)).unwrap()
}

/// Returns a CA as it should be, not signed yet.
pub(crate) fn ca_draft(name: &str) -> Draft {
    let key = Key::named(name);
    let extensions =
        vec![basic_constraints(true, None), key_usage(&[KEY_CERT_SIGN, CRL_SIGN]), subject_key_id(&key.identifier())];
    Draft::new(&format!("CN={name}"), &key, extensions).valid(-2, 3650)
}

/// Returns the CA that most leaves are signed by.
pub(crate) fn ca() -> Ca {
    static CA: LazyLock<Ca> = LazyLock::new(|| Ca::root(ca_draft("Kafka CA")));
    CA.clone()
}

/// Returns a broker's certificate as it should be, not signed yet.
pub(crate) fn leaf() -> Draft {
    leaf_of(&ca())
}

pub(crate) fn leaf_of(ca: &Ca) -> Draft {
    leaf_with(&Key::named("broker1"), ca)
}

pub(crate) fn leaf_with(key: &Key, ca: &Ca) -> Draft {
    let extensions = vec![
        basic_constraints(false, None),
        key_usage(&[DIGITAL_SIGNATURE]),
        extended_key_usage(&[SERVER_AUTH, CLIENT_AUTH]),
        alt_names(&[&format!("dns:{HOST}")]),
        subject_key_id(&key.identifier()),
        authority_key_id(&ca.key.identifier()),
    ];
    Draft::new("CN=broker1,O=Acme", key, extensions)
}

/// Returns a store entry.
pub(crate) fn entry(alias: &str, content: EntryContent) -> Entry {
    Entry { alias: alias.parse().unwrap(), created: OffsetDateTime::now_utc(), content }
}

pub(crate) fn key_entry(key: &Key, chain: Vec<Vec<u8>>) -> EntryContent {
    EntryContent::PrivateKey(PrivateKeyEntry { key: key.pkcs8.clone().into(), chain })
}

pub(crate) fn store(entries: Vec<Entry>) -> KeyStore {
    let mut store = KeyStore::new();
    for entry in entries {
        store.add(entry).unwrap();
    }
    store
}

impl Bench {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap())
    }

    pub(crate) fn path(&self, file: &str) -> PathBuf {
        self.0.path().join(file)
    }

    pub(crate) fn read(&self, file: &str) -> Vec<u8> {
        fs::read(self.path(file)).unwrap()
    }

    /// Writes a file that its owner alone can read.
    pub(crate) fn write(&self, file: &str, bytes: &[u8]) -> &Self {
        fs::write(self.path(file), bytes).unwrap();
        self.chmod(file, 0o600)
    }

    pub(crate) fn chmod(&self, file: &str, mode: u32) -> &Self {
        fs::set_permissions(self.path(file), fs::Permissions::from_mode(mode)).unwrap();
        self
    }

    /// Writes a JKS store with its password beside it.
    pub(crate) fn write_jks(&self, file: &str, store: &KeyStore) -> &Self {
        let bytes = store.to_jks(&password(PASSWORD), &password(PASSWORD), &SystemRandom).unwrap();
        self.write_store(file, &bytes, PASSWORD)
    }

    /// Writes a PKCS#12 store with its password beside it.
    pub(crate) fn write_pkcs12(&self, file: &str, store: &KeyStore) -> &Self {
        self.write_store(file, &store.to_pkcs12(&password(PASSWORD), &SystemRandom).unwrap(), PASSWORD)
    }

    pub(crate) fn write_store(&self, file: &str, bytes: &[u8], password: &str) -> &Self {
        self.write(file, bytes).write(&format!("{file}.password"), password.as_bytes())
    }

    /// Writes a JKS store as it is, whatever Java would make of it.
    pub(crate) fn write_raw_jks(&self, file: &str, jks: &Jks) -> &Self {
        self.write_store(file, &jks.encode(PASSWORD).unwrap(), PASSWORD)
    }

    /// Writes `k.jks` with a chain, and `t.jks` with what is trusted; returns the flags that name them.
    pub(crate) fn stores(&self, key: &Key, chain: Vec<Vec<u8>>, anchors: &[Vec<u8>]) -> Vec<String> {
        self.write_jks("k.jks", &store(vec![entry("broker1", key_entry(key, chain))]));
        self.trust("t.jks", anchors);
        both("k.jks", "t.jks")
    }

    pub(crate) fn trust(&self, file: &str, anchors: &[Vec<u8>]) -> &Self {
        let trusted = anchors
            .iter()
            .enumerate()
            .map(|(at, der)| entry(&format!("ca{at}"), EntryContent::TrustedCertificate(der.clone())));
        self.write_jks(file, &store(trusted.collect()))
    }

    /// Writes a good pair of stores.
    pub(crate) fn good(&self) -> Vec<String> {
        self.leaf(&leaf())
    }

    /// Writes stores with a leaf that the usual CA has signed.
    pub(crate) fn leaf(&self, leaf: &Draft) -> Vec<String> {
        let ca = ca();
        self.stores(&leaf.key, vec![ca.sign(leaf)], &[ca.certificate])
    }

    /// Writes stores with a good leaf of a CA that is not.
    pub(crate) fn ca(&self, draft: Draft) -> Vec<String> {
        let ca = Ca::root(draft);
        let leaf = leaf_of(&ca);
        self.stores(&leaf.key, vec![ca.sign(&leaf)], &[ca.certificate])
    }

    /// Makes a bundle in `kafka-certs`.
    pub(crate) fn bundle(&self, arguments: &[&str]) -> Vec<String> {
        let mut all = vec!["init", "-q", "--cn", "broker1"];
        for flag in ["--key-alg", "--ca-key-alg"] {
            if !arguments.contains(&flag) {
                all.extend([flag, "ec-p256"]);
            }
        }
        all.extend(arguments);
        let made = self.command(&all).output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        Vec::new()
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kafka-certgen"));
        command.args(arguments).current_dir(self.0.path()).env_clear().stdin(std::process::Stdio::null());
        command
    }

    /// Runs `verify`, and returns the codes of what it finds.
    pub(crate) fn verify(&self, arguments: &[String]) -> BTreeSet<String> {
        let report = self.report(arguments);
        let codes = report["findings"].as_array().unwrap().iter().map(|finding| finding["code"].as_str().unwrap());
        codes.map(str::to_owned).collect()
    }

    /// Runs `verify`, and returns what it says.
    pub(crate) fn report(&self, arguments: &[String]) -> serde_json::Value {
        let arguments: Vec<&str> =
            ["verify", "--json"].into_iter().chain(arguments.iter().map(String::as_str)).collect();
        let output = self.command(&arguments).output().unwrap();
        let shown = format!("{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect(&shown);
        let is_clean = report["findings"].as_array().unwrap().is_empty();
        assert_eq!(output.status.code(), Some(if is_clean { 0 } else { 3 }), "{shown}");
        report
    }
}

pub(crate) fn both(keystore: &str, truststore: &str) -> Vec<String> {
    words(&["--keystore", keystore, "--truststore", truststore])
}

pub(crate) fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

pub(crate) fn with(mut arguments: Vec<String>, more: &[&str]) -> Vec<String> {
    arguments.extend(words(more));
    arguments
}
