//! A bundle as a whole: what its inventory says, against what is there.

// Foreign bytes come in here. Tests may fail with a panic.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::indexing_slicing))]

use super::material::{Key, Material, Party};
use super::{Finding, checks};
use crate::bundle::inventory::{Identity, Inventory};
use crate::keystore::KeyState;
use crate::pki::DecodedCertificate;

checks! {
    FILE_MISSING = Error "bundle-file-missing": "the inventory says that the file was made, and who needs it will not find it";
    FILE_EXTRA = Warning "bundle-file-extra": "nobody knows from the inventory what it is for, and whether it may be copied to others";
    FILE_UNREADABLE = Error "bundle-file-unreadable": "who needs the file cannot use it";
    REPLACED = Error "bundle-certificate-replaced": "what was issued and what is used are two things, and a renewal would bring back the other";
    REQUEST_DIFFERS = Warning "bundle-request-differs": "a certificate that is issued for this request does not fit the key in the store";
    CA_KEY_MISMATCH = Error "ca-key-mismatch": "what this key signs is not accepted by those who trust the CA's certificate";
    CA_KEY_PLAIN = Warning "ca-key-unencrypted": "whoever gets to read the file can issue certificates for the whole cluster";
    CA_KEY_PASSWORD = Error "ca-key-password-wrong": "without the CA's key no certificate can be renewed";
}

/// What a bundle has beside its stores.
#[derive(Debug)]
pub struct BundleMaterial {
    /// What it says of itself.
    pub inventory: Inventory,
    /// The CA's certificate, or why it cannot be read.
    pub ca_certificate: Result<DecodedCertificate, String>,
    /// What stands behind it in its file: its issuers, up to the root, if it is an intermediate CA.
    pub ca_chain: Vec<DecodedCertificate>,
    /// The CA's key; none if it is not there.
    pub ca_key: Option<CaKey>,
    /// The single files of the identities.
    pub identities: Vec<IdentityFiles>,
    /// Files of the CA that the inventory names and that are not there.
    pub missing: Vec<String>,
    /// Files that are there and that the inventory does not name.
    pub extra: Vec<String>,
}

/// The file of the CA's key.
#[derive(Debug)]
pub struct CaKey {
    /// What became of it.
    pub key: Key,
    /// Whether it is encrypted.
    pub is_encrypted: bool,
}

/// The single files of an identity.
#[derive(Debug)]
pub struct IdentityFiles {
    /// The identity's name.
    pub name: String,
    /// `cert-signed`: where it is, and what is in it.
    pub certificate: Option<(String, Result<DecodedCertificate, String>)>,
    /// `cert-file`: where it is, and the public key of the request.
    pub request: Option<(String, Result<Vec<u8>, String>)>,
    /// Files that the inventory names and that are not there.
    pub missing: Vec<String>,
}

/// Judges the bundle, but for its identities.
pub(super) fn judge(bundle: &BundleMaterial) -> Vec<Finding> {
    let mut findings: Vec<_> = bundle.missing.iter().map(|path| missing(path)).collect();
    for path in &bundle.extra {
        let fix = "move it out of the bundle's folder";
        findings.push(Finding::new(&FILE_EXTRA, path, "the file is there, and not in the inventory", fix));
    }
    findings.extend(judge_ca(bundle));
    findings
}

fn judge_ca(bundle: &BundleMaterial) -> Vec<Finding> {
    let mut findings = Vec::new();
    let facts = &bundle.inventory.ca;
    let certificate = match &bundle.ca_certificate {
        Ok(certificate) => {
            findings.extend(judge_identity(certificate, &facts.certificate_file, &facts.certificate.sha256));
            Some(certificate)
        }
        // It is missing, and that was said.
        Err(_) if bundle.missing.contains(&facts.certificate_file) => None,
        Err(error) => {
            findings.push(unreadable(&facts.certificate_file, error));
            None
        }
    };
    let Some(CaKey { key, is_encrypted }) = &bundle.ca_key else { return findings };
    let Some(place) = &facts.key_file else { return findings };
    match (key, certificate) {
        (Key::Open { public_key: Some(key) }, Some(certificate)) if !certificate.is_of_public_key(key) => {
            let found = format!("the key is not that of `{}` in {}", certificate.subject.text, facts.certificate_file);
            findings.push(Finding::new(
                &CA_KEY_MISMATCH,
                place,
                found,
                "restore the key from where the bundle was made",
            ));
        }
        (Key::Closed(KeyState::WrongPassword), _) => {
            let found = "its password does not open the CA's key, or the file is damaged";
            findings.push(Finding::new(&CA_KEY_PASSWORD, place, found, "give the right password, or restore the file"));
        }
        (Key::Closed(KeyState::Damaged(_)), _) => findings.push(unreadable(place, "there is no private key in it")),
        _ => {}
    }
    if !is_encrypted {
        let fix = "encrypt it, with `openssl pkcs8 -topk8 -v2 aes256`, and keep it off the brokers";
        findings.push(Finding::new(&CA_KEY_PLAIN, place, "the CA's key is not encrypted", fix));
    }
    findings
}

/// Says whether the bundle was told to give an identity a certificate of a server too, as Connect's workers and registries need.
pub(super) fn is_told_to_serve(bundle: &BundleMaterial, party: &Party) -> bool {
    let identity = bundle.inventory.identities.iter().find(|identity| identity.name == party.name);
    identity.is_some_and(Identity::can_serve)
}

/// Judges what an identity has, against what it was given.
pub(super) fn judge_party(bundle: &BundleMaterial, party: &Party) -> Vec<Finding> {
    let find = |identity: &&Identity| identity.name == party.name;
    let Some(identity) = bundle.inventory.identities.iter().find(find) else { return Vec::new() };
    let mut findings: Vec<_> =
        party.keystores.iter().flat_map(|store| judge_store(store, &identity.certificate.sha256)).collect();
    findings.extend(party.truststores.iter().filter_map(|store| judge_truststore(store, bundle)));
    let Some(files) = bundle.identities.iter().find(|files| files.name == party.name) else { return findings };
    findings.extend(files.missing.iter().map(|path| missing(path)));
    if let Some((place, certificate)) = &files.certificate {
        match certificate {
            Ok(certificate) => findings.extend(judge_identity(certificate, place, &identity.certificate.sha256)),
            Err(error) => findings.push(unreadable(place, error)),
        }
    }
    if let Some((place, request)) = &files.request {
        match request {
            Err(error) => findings.push(unreadable(place, error)),
            Ok(public_key) => {
                let leaf = party.keystores.iter().flat_map(|store| &store.keys).find_map(|entry| entry.leaf());
                if leaf.is_some_and(|leaf| !leaf.is_of_public_key(public_key)) {
                    let found = "the request is for another key than the certificate";
                    let fix = "make the request again, with `kafka-certgen certreq`";
                    findings.push(Finding::new(&REQUEST_DIFFERS, place, found, fix));
                }
            }
        }
    }
    findings
}

/// The CA's certificate is in each truststore, octet by octet, or that of its root if it is an intermediate CA. What stayed closed or is
/// empty is found elsewhere.
fn judge_truststore(store: &Material, bundle: &BundleMaterial) -> Option<Finding> {
    let facts = &bundle.inventory.ca.certificate;
    let root = bundle.ca_chain.last().map(DecodedCertificate::fingerprint);
    let is_there = store.trusted.iter().any(|entry| {
        let fingerprint = entry.certificate.fingerprint();
        fingerprint == facts.sha256 || root.as_ref() == Some(&fingerprint)
    });
    (store.is_open() && !store.trusted.is_empty() && !is_there).then(|| {
        let found = format!("it does not hold the certificate of `{}` that is in the inventory", facts.subject);
        Finding::new(&REPLACED, &store.label, found, "import the CA's certificate into it, or restore the file")
    })
}

fn judge_store(store: &Material, fingerprint: &str) -> Vec<Finding> {
    let leaves = store.keys.iter().filter_map(|entry| Some((entry, entry.leaf()?)));
    leaves.filter_map(|(entry, leaf)| judge_identity(leaf, &store.place(entry.alias.as_deref()), fingerprint)).collect()
}

fn judge_identity(certificate: &DecodedCertificate, place: &str, fingerprint: &str) -> Option<Finding> {
    (certificate.fingerprint() != fingerprint).then(|| {
        let found = format!(
            "the certificate of `{}` with serial number {} is not the one in the inventory",
            certificate.subject.text,
            certificate.serial_hex()
        );
        Finding::new(
            &REPLACED,
            place,
            found,
            "restore the file from where the bundle was made, or make the bundle again",
        )
    })
}

fn missing(path: &str) -> Finding {
    let found = "the inventory names the file, and it is not there";
    Finding::new(&FILE_MISSING, path, found, "restore it from where the bundle was made")
}

fn unreadable(place: &str, error: &str) -> Finding {
    Finding::new(&FILE_UNREADABLE, place, error, "restore the file from where the bundle was made")
}
