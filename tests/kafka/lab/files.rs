//! Stores, PEM files and the settings that name them.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use kafka_certgen::keystore::{Entry, EntryContent, KeyStore};

use crate::bench::{Bench, PASSWORD, entry, key_entry, password, store};
use crate::certificate::Ca;
use crate::command::Finished;
use crate::keys::{Algorithm, Key};

/// A folder of stores and PEM files.
pub(super) struct Files(Bench);

impl Files {
    pub(super) fn new() -> Self {
        Self(Bench::new())
    }

    pub(super) fn path(&self, file: &str) -> PathBuf {
        self.0.path(file)
    }

    /// Writes a file, and returns its path.
    pub(super) fn write(&self, file: &str, content: impl AsRef<[u8]>) -> String {
        self.0.write(file, content.as_ref());
        self.at(file)
    }

    pub(super) fn read(&self, file: &str) -> String {
        fs::read_to_string(self.path(file)).expect("cannot read a file")
    }

    fn at(&self, file: &str) -> String {
        self.path(file).display().to_string()
    }

    /// Writes a truststore, and returns the lines that name it.
    pub(super) fn trust(&self, name: &str, cas: &[&Ca]) -> String {
        let trusted = cas.iter().enumerate().map(|(at, ca)| trusted(&format!("ca{at}"), ca));
        self.pkcs12("truststore", name, &store(trusted.collect()))
    }

    /// Writes a keystore with a chain, and returns the lines that name it.
    pub(super) fn identity(&self, name: &str, key: &Key, chain: Vec<Vec<u8>>) -> String {
        self.pkcs12("keystore", name, &store(vec![entry("kafka", key_entry(key, chain))]))
    }

    pub(super) fn pkcs12(&self, which: &str, name: &str, content: &KeyStore) -> String {
        let file = format!("{name}.p12");
        self.0.write_pkcs12(&file, content);
        lines(which, "PKCS12", &self.at(&file), Some(PASSWORD))
    }

    pub(super) fn jks(&self, which: &str, name: &str, content: &KeyStore) -> String {
        let file = format!("{name}.jks");
        self.0.write_jks(&file, content);
        lines(which, "JKS", &self.at(&file), Some(PASSWORD))
    }

    /// Runs OpenSSL among the files.
    pub(super) fn openssl(&self, arguments: &[&str]) {
        Finished::of(Command::new("openssl").args(arguments).current_dir(self.path(""))).successfully();
    }

    /// Makes an RSA key of so many bits, which is too few.
    pub(super) fn rsa(&self, bits: u32) -> Key {
        let bits = format!("rsa_keygen_bits:{bits}");
        self.openssl(&["genpkey", "-quiet", "-algorithm", "RSA", "-pkeyopt", &bits, "-out", "rsa.pem"]);
        self.openssl(&["pkcs8", "-topk8", "-nocrypt", "-in", "rsa.pem", "-outform", "DER", "-out", "rsa.key"]);
        self.openssl(&["pkey", "-in", "rsa.pem", "-pubout", "-outform", "DER", "-out", "rsa.public"]);
        let [pkcs8, info] = ["rsa.key", "rsa.public"].map(|file| fs::read(self.path(file)).expect("no key was made"));
        // It signs nothing here.
        Key { info, algorithm: Algorithm::Sound, pkcs8 }
    }

    /// Writes PEM, and returns where.
    pub(super) fn pem(&self, name: &str, label: &str, ders: &[&[u8]]) -> String {
        let text: String = ders.iter().map(|der| pem::encode(&pem::Pem::new(label, *der))).collect();
        self.write(&format!("{name}.pem"), text)
    }
}

pub(super) fn trusted(alias: &str, ca: &Ca) -> Entry {
    entry(alias, EntryContent::TrustedCertificate(ca.certificate.clone()))
}

/// Returns the lines of a store.
pub(super) fn lines(which: &str, kind: &str, location: &str, password: Option<&str>) -> String {
    let password = password.map(|password| format!("ssl.{which}.password={password}\n"));
    format!("ssl.{which}.type={kind}\nssl.{which}.location={location}\n{}", password.unwrap_or_default())
}

/// Returns a store as JKS whose key has a password of its own.
pub(super) fn jks_with_key_password(content: &KeyStore, key_password: &str) -> Vec<u8> {
    let random = kafka_certgen::random::SystemRandom;
    content.to_jks(&password(PASSWORD), &password(key_password), &random).expect("cannot write JKS")
}
