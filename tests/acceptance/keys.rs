//! Keys of every kind, and signatures with them, both by OpenSSL: it makes what no library that is kept would.

use std::collections::HashMap;
use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Mutex;

use crate::der;
use crate::support::command::{Finished, command};

/// What a certificate is signed with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Algorithm {
    Rsa(&'static str),
    Pss,
    Ecdsa(&'static str),
    Dsa,
    Ed25519,
    Ed448,
}

impl Algorithm {
    /// Returns the `AlgorithmIdentifier`.
    pub(crate) fn identifier(self) -> Vec<u8> {
        let (oid, parameters) = match self {
            Self::Rsa(hash) => (rsa_oid(hash), der::null()),
            Self::Ecdsa(hash) => (ecdsa_oid(hash), Vec::new()),
            Self::Dsa => ("2.16.840.1.101.3.4.3.2", Vec::new()),
            Self::Ed25519 => ("1.3.101.112", Vec::new()),
            Self::Ed448 => ("1.3.101.113", Vec::new()),
            Self::Pss => ("1.2.840.113549.1.1.10", pss_parameters()),
        };
        der::sequence(&[der::oid(oid), parameters])
    }

    fn hash(self) -> &'static str {
        match self {
            Self::Rsa(hash) | Self::Ecdsa(hash) => hash,
            _ => "sha256",
        }
    }
}

fn rsa_oid(hash: &str) -> &'static str {
    match hash {
        "md5" => "1.2.840.113549.1.1.4",
        "sha1" => "1.2.840.113549.1.1.5",
        "sha224" => "1.2.840.113549.1.1.14",
        "sha384" => "1.2.840.113549.1.1.12",
        "sha512" => "1.2.840.113549.1.1.13",
        _ => "1.2.840.113549.1.1.11",
    }
}

fn ecdsa_oid(hash: &str) -> &'static str {
    match hash {
        "sha1" => "1.2.840.10045.4.1",
        "sha224" => "1.2.840.10045.4.3.1",
        "sha384" => "1.2.840.10045.4.3.3",
        "sha512" => "1.2.840.10045.4.3.4",
        _ => "1.2.840.10045.4.3.2",
    }
}

/// SHA-256 for both, and a salt of 32 octets (RFC 4055 §3.1).
fn pss_parameters() -> Vec<u8> {
    let hash = || der::sequence(&[der::oid("2.16.840.1.101.3.4.2.1"), der::null()]);
    let mask = der::sequence(&[der::oid("1.2.840.113549.1.1.8"), hash()]);
    let salt = der::integer(&[32]);
    der::sequence(&[der::element(0xA0, &hash()), der::element(0xA1, &mask), der::element(0xA2, &salt)])
}

/// A key pair in a file.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    pub(crate) file: PathBuf,
    /// The `SubjectPublicKeyInfo`.
    pub(crate) info: Vec<u8>,
    /// What it signs with unless told otherwise.
    pub(crate) algorithm: Algorithm,
}

impl Key {
    /// Returns the public key alone, of which key identifiers are made.
    pub(crate) fn identifier(&self) -> Vec<u8> {
        aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA1_FOR_LEGACY_USE_ONLY, &self.info).as_ref().to_vec()
    }

    pub(crate) fn sign(&self, algorithm: Algorithm, message: &[u8]) -> Vec<u8> {
        let mut openssl = match algorithm {
            Algorithm::Ed25519 | Algorithm::Ed448 => {
                let file = tempfile::NamedTempFile::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
                fs::write(file.path(), message).unwrap();
                let mut openssl = command("openssl", ["pkeyutl", "-sign", "-rawin", "-inkey"]);
                let output = openssl.arg(&self.file).arg("-in").arg(file.path()).output().unwrap();
                assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
                return output.stdout;
            }
            _ => command("openssl", ["dgst", &format!("-{}", algorithm.hash())]),
        };
        openssl.arg("-sign").arg(&self.file);
        if algorithm == Algorithm::Pss {
            openssl.args(["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:32"]);
        }
        let mut openssl = openssl.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        openssl.stdin.take().unwrap().write_all(message).unwrap();
        let output = openssl.wait_with_output().unwrap();
        assert!(output.status.success(), "{self:?} {algorithm:?}");
        output.stdout
    }
}

/// The keys that were made so far, by what they are called: the kind, and after a space whose it is.
#[derive(Debug)]
pub(crate) struct Keys {
    folder: PathBuf,
    made: Mutex<HashMap<String, Key>>,
}

impl Keys {
    pub(crate) fn new(folder: PathBuf) -> Self {
        fs::create_dir_all(&folder).unwrap();
        Self { folder, made: Mutex::default() }
    }

    /// Returns a key, of which there is one for each name.
    pub(crate) fn get(&self, name: &str) -> Key {
        let mut made = self.made.lock().unwrap();
        made.entry(name.to_owned()).or_insert_with(|| self.make(name)).clone()
    }

    fn make(&self, name: &str) -> Key {
        let kind = name.split(' ').next().unwrap();
        let file = self.folder.join(name.replace(' ', "-")).with_extension("key");
        if kind == "rsa-8192" {
            // It takes minutes to make one.
            let made = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/interop/signing/rsa-8192.pem");
            fs::copy(made, &file).unwrap();
        } else {
            let arguments = arguments(kind, &self.folder);
            Finished::of(command("openssl", ["genpkey", "-out"]).arg(&file).args(arguments)).successfully();
        }
        let output = command("openssl", ["pkey", "-pubout", "-outform", "DER", "-in"]).arg(&file).output().unwrap();
        assert!(output.status.success());
        Key { file, info: output.stdout, algorithm: algorithm(kind) }
    }
}

fn algorithm(kind: &str) -> Algorithm {
    match kind {
        "ed25519" => Algorithm::Ed25519,
        "ed448" => Algorithm::Ed448,
        "dsa" => Algorithm::Dsa,
        "pss" => Algorithm::Pss,
        "p384" => Algorithm::Ecdsa("sha384"),
        "p521" => Algorithm::Ecdsa("sha512"),
        _ if kind.starts_with("rsa-") => Algorithm::Rsa("sha256"),
        _ => Algorithm::Ecdsa("sha256"),
    }
}

/// Returns what `openssl genpkey` is to make.
fn arguments(kind: &str, folder: &std::path::Path) -> Vec<String> {
    let text = match kind {
        "ed25519" => "-algorithm ED25519".to_owned(),
        "ed448" => "-algorithm ED448".to_owned(),
        "pss" => "-algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048".to_owned(),
        "rsa-e3" => "-algorithm RSA -pkeyopt rsa_keygen_bits:2048 -pkeyopt rsa_keygen_pubexp:3".to_owned(),
        "dsa" => {
            let parameters = folder.join("dsa.parameters");
            let options = ["genpkey", "-genparam", "-algorithm", "DSA", "-pkeyopt", "dsa_paramgen_bits:2048", "-out"];
            Finished::of(command("openssl", options).arg(&parameters)).successfully();
            format!("-paramfile {}", parameters.display())
        }
        _ => match kind.strip_prefix("rsa-") {
            Some(bits) => format!("-algorithm RSA -pkeyopt rsa_keygen_bits:{bits}"),
            None => format!("-algorithm EC -pkeyopt ec_paramgen_curve:{}", curve(kind)),
        },
    };
    text.split(' ').map(str::to_owned).collect()
}

fn curve(kind: &str) -> &str {
    match kind {
        "p256" => "P-256",
        "p384" => "P-384",
        "p521" => "P-521",
        "p224" => "secp224r1",
        other => other,
    }
}
