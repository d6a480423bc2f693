//! The cases: what is presented, to whom it is said to belong, and what it is anchored in.

mod authorities;
mod chains;
mod combinations;
mod keys;
mod leaves;
mod names;

use std::fs;
use std::path::{Path, PathBuf};

use crate::certificate::{
    CLIENT_AUTH, CRL_SIGN, Ca, DIGITAL_SIGNATURE, Draft, KEY_CERT_SIGN, SERVER_AUTH, alt_names, authority_key_id,
    basic_constraints, extended_key_usage, key_usage, subject_key_id,
};
use crate::keys::{Key, Keys};

/// What most cases connect to.
pub(crate) const HOST: &str = "broker1.example.com";

/// A chain as somebody presents it.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) host: String,
    /// The leaf first, as sent.
    pub(crate) sent: Vec<Vec<u8>>,
    /// The key of the leaf.
    pub(crate) key: Key,
    pub(crate) anchors: Vec<Vec<u8>>,
    pub(crate) is_tls_1_2: bool,
    /// OpenSSL would not load the leaf, even to present it.
    pub(crate) is_raw: bool,
}

impl Case {
    /// Writes what it is made of into a folder, and returns the line that the programs read.
    fn write(&self, folder: &Path) -> String {
        let [chain, anchors] = [(&self.sent, "chain"), (&self.anchors, "anchors")].map(|(certificates, kind)| {
            let file = folder.join(&self.name).with_extension(format!("{kind}.pem"));
            write_certificates(&file, certificates);
            file.display().to_string()
        });
        let tls = if self.is_tls_1_2 { "1.2" } else { "-" };
        [&self.name, &self.host, tls, &chain, &self.key.file.display().to_string(), &anchors].join("\t")
    }
}

/// Writes all cases into a folder, and returns the file that names them.
pub(crate) fn write(cases: &[Case], folder: &Path, name: &str) -> PathBuf {
    let lines: String = cases.iter().map(|case| case.write(folder) + "\n").collect();
    let file = folder.join(name);
    fs::write(&file, lines).unwrap();
    file
}

pub(crate) fn write_certificates(file: &Path, certificates: &[Vec<u8>]) {
    let blocks: Vec<_> = certificates.iter().map(|der| pem::Pem::new("CERTIFICATE", der.clone())).collect();
    fs::write(file, pem::encode_many(&blocks)).unwrap();
}

/// Makes the cases out of one good CA and one good leaf, each with one thing changed.
#[derive(Debug)]
pub(crate) struct Cases {
    pub(crate) keys: Keys,
    made: Vec<Case>,
}

impl Cases {
    pub(crate) fn all(folder: &Path) -> Vec<Case> {
        let mut cases = Self { keys: Keys::new(folder.join("keys")), made: Vec::new() };
        leaves::add(&mut cases);
        names::add(&mut cases);
        keys::add(&mut cases);
        authorities::add(&mut cases);
        chains::add(&mut cases);
        combinations::add(&mut cases);
        cases.made
    }

    /// Returns the CA that most leaves are signed by.
    pub(crate) fn ca(&self) -> Ca {
        Ca::root(self.ca_draft("p256"))
    }

    /// Returns a CA with a key of this kind, as it should be, not signed yet.
    pub(crate) fn ca_draft(&self, kind: &str) -> Draft {
        let key = self.keys.get(&format!("{kind} ca"));
        ca_draft("CN=Kafka CA,O=Acme", &key)
    }

    /// Returns an intermediate as it should be, for a CA to sign.
    pub(crate) fn intermediate_draft(&self, issuer: &Ca) -> Draft {
        let key = self.keys.get("p256 intermediate");
        ca_draft("CN=Kafka Intermediate,O=Acme", &key).with(authority_key_id(&issuer.key.identifier()))
    }

    /// Returns a leaf as it should be, for the CA that most are signed by.
    pub(crate) fn leaf(&self) -> Draft {
        self.leaf_of(&self.ca())
    }

    /// Returns a leaf as it should be, for a CA to sign.
    pub(crate) fn leaf_of(&self, ca: &Ca) -> Draft {
        self.leaf_with("p256", ca)
    }

    /// Returns a leaf with a key of this kind, as it should be otherwise, for a CA to sign.
    pub(crate) fn leaf_with(&self, kind: &str, ca: &Ca) -> Draft {
        let key = self.keys.get(&format!("{kind} leaf"));
        let extensions = vec![
            basic_constraints(false, None),
            key_usage(&[DIGITAL_SIGNATURE]),
            extended_key_usage(&[SERVER_AUTH, CLIENT_AUTH]),
            alt_names(&[&format!("dns:{HOST}")]),
            subject_key_id(&key.identifier()),
            authority_key_id(&ca.key.identifier()),
        ];
        Draft::new(&format!("CN={HOST},O=Acme"), &key, extensions)
    }

    /// Adds a leaf that the usual CA signs.
    pub(crate) fn add_leaf(&mut self, name: &str, leaf: &Draft) -> &mut Case {
        let ca = self.ca();
        self.add(name, leaf, &[], &ca, &[&ca])
    }

    /// Adds a CA that signs itself and a good leaf.
    pub(crate) fn add_ca(&mut self, name: &str, ca: Draft) -> &mut Case {
        let ca = Ca::root(ca);
        let leaf = self.leaf_of(&ca);
        self.add(name, &leaf, &[], &ca, &[&ca])
    }

    /// Adds a leaf that `issuer` signs, sent with other certificates.
    pub(crate) fn add(&mut self, name: &str, leaf: &Draft, others: &[&Ca], issuer: &Ca, anchors: &[&Ca]) -> &mut Case {
        let certificates = |cas: &[&Ca]| cas.iter().map(|ca| ca.certificate.clone()).collect::<Vec<_>>();
        let sent = [vec![issuer.sign(leaf)], certificates(others)].concat();
        self.add_case(name, &leaf.key, sent, certificates(anchors))
    }

    /// Adds certificates as they are, the leaf with `key` first.
    pub(crate) fn add_case(&mut self, name: &str, key: &Key, sent: Vec<Vec<u8>>, anchors: Vec<Vec<u8>>) -> &mut Case {
        assert!(self.made.iter().all(|case| case.name != name), "two cases are called {name}");
        self.made.push(Case {
            name: name.to_owned(),
            host: HOST.to_owned(),
            sent,
            key: key.clone(),
            anchors,
            is_tls_1_2: false,
            is_raw: false,
        });
        self.made.last_mut().unwrap()
    }
}

fn ca_draft(subject: &str, key: &Key) -> Draft {
    let extensions =
        vec![basic_constraints(true, None), key_usage(&[KEY_CERT_SIGN, CRL_SIGN]), subject_key_id(&key.identifier())];
    Draft::new(subject, key, extensions).valid(-2, 3650)
}
