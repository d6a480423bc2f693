//! Keys, made by OpenSSL once for all of these tests.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use super::{SOURCES, folder, openssl, text};
use crate::support::threads;

/// Opens the stores with these keys.
pub(super) const PASSWORD: &str = "changeit-1";

/// The alias of a key in its store.
pub(super) const ALIAS: &str = "broker1";

/// Keys that a request may be for.
pub(super) const SOUND: [&str; 8] =
    ["rsa-2048", "rsa-3072", "rsa-4096", "rsa-8192", "ec-p256", "ec-p384", "ec-p521", "ed25519"];

/// Keys that it may not be for.
const UNSOUND: [&str; 6] = ["rsa-1024", "rsa-e3", "rsa-pss", "dsa", "ec-secp256k1", "ed448"];

/// Returns the file of a key: PKCS#8, PEM, not encrypted.
pub(super) fn key(name: &str) -> PathBuf {
    KEYS.join(format!("{name}.pem"))
}

/// Returns a PKCS#12 store with a sound key.
pub(super) fn store(name: &str) -> PathBuf {
    KEYS.join(format!("{name}.p12"))
}

static KEYS: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = folder("keys");
    let names: Vec<_> = SOUND.iter().chain(&UNSOUND).copied().collect();
    threads::map(&names, |name| {
        let file = folder.join(format!("{name}.pem"));
        generate(name, &folder, &file);
        if SOUND.contains(name) {
            let (certificate, store) = (folder.join(format!("{name}.crt")), folder.join(format!("{name}.p12")));
            let (file, certificate) = (text(&file), text(&certificate));
            openssl(["req", "-x509", "-new", "-key", file, "-subj", "/CN=unused", "-out", certificate]);
            let export = ["pkcs12", "-export", "-inkey", file, "-in", certificate, "-name", ALIAS];
            openssl(export.into_iter().chain(["-passout", &format!("pass:{PASSWORD}"), "-out", text(&store)]));
        }
    });
    folder
});

fn generate(name: &str, folder: &Path, file: &Path) {
    if name == "rsa-8192" {
        // Making one takes up to a minute.
        fs::copy(format!("{SOURCES}/rsa-8192.pem"), file).unwrap();
        return;
    }
    let parameters = folder.join("dsa.parameters");
    let options: &[&str] = match name.split_once('-') {
        Some(("rsa", "e3")) => &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_pubexp:3"],
        Some(("rsa", "pss")) => &["-algorithm", "RSA-PSS", "-pkeyopt", "rsa_keygen_bits:2048"],
        Some(("rsa", bits)) => &["-algorithm", "RSA", "-pkeyopt", &format!("rsa_keygen_bits:{bits}")],
        Some((_, curve)) => {
            let curve = curve.replace('p', "P-").replace("secP-", "secp");
            &["-algorithm", "EC", "-pkeyopt", &format!("ec_paramgen_curve:{curve}")]
        }
        None if name == "dsa" => {
            openssl(["dsaparam", "-out", text(&parameters), "2048"]);
            &["-paramfile", text(&parameters)]
        }
        None => &["-algorithm", name],
    };
    openssl(["genpkey", "-out", text(file)].into_iter().chain(options.iter().copied()));
}
