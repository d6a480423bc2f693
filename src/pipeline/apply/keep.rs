//! What an identity that changes keeps: its key unless it gets another, its passwords, and the files that nothing changes in.

use std::collections::BTreeMap;

use super::BundleError;
use super::recover::{Folder, Passwords};
use super::survey::Pending;
use crate::bundle::plan::{Action, Change, Reason};
use crate::bundle::record::{IdentityRecord, RECORD, hexadecimal, is_digest};
use crate::bundle::{Artifact, keystore_file, truststore_file};
use crate::output::{BundleFolder, FolderFacts};
use crate::pipeline::Error;
use crate::pipeline::identity::Kept;
use crate::secret::Password;
use crate::spec::{ClusterSpec, NodeRole, NodeSpec, StoreFormat};

/// The file of a request.
const REQUEST: &str = "cert-file";

/// The file of the password of its stores.
const PASSWORD: &str = "password";

/// The files that name the stores.
const PROPERTIES: [&str; 2] = ["server.properties", "client.properties"];

/// The names of the files of an identity beside its stores.
const FILES: [&str; 6] = [REQUEST, "cert-signed", PASSWORD, PROPERTIES[0], PROPERTIES[1], RECORD];

/// Finds what an identity keeps.
pub(super) fn what_stays(
    node: &NodeSpec,
    pending: &Pending,
    spec: &ClusterSpec,
    bundle: &BundleFolder,
) -> Result<Kept, Error> {
    let Pending { change, facts: Some(facts), record, .. } = pending else { return Ok(Kept::default()) };
    let folder = Folder { bundle, name: &node.name, facts };
    let passwords = folder.passwords(&spec.stores).map_err(Error::Output)?;
    let mut kept = Kept {
        store_password: spec.stores.store_password.clone().filter(|_| !pending.is_addition),
        digests: facts.files.iter().map(|(name, file)| (name.clone(), hexadecimal(&file.sha256))).collect(),
        ..Kept::default()
    };
    if let Some(record) = record {
        kept.files = unchanged_files(node, change, record, facts);
        if change.action != Action::Rekey {
            let found = folder.key_of(&record.identity.certificate.sha256, &passwords).map_err(Error::Output)?;
            let found = found.ok_or_else(|| BundleError::KeyNotReadable(node.name.clone()))?;
            kept.subject = Some(found.certificate.subject_der().to_vec());
            kept.store_password = kept.store_password.or(found.store_password);
            // A key under the password of its store stays under that, whatever it becomes.
            let is_own = |key: &Password| passwords.stores.iter().all(|store| store.expose() != key.expose());
            kept.key_password = spec.stores.key_password.clone().or(found.key_password.filter(is_own));
            kept.key = Some(found.key);
            if change.action == Action::Rewrite {
                (kept.certificate, kept.days) = (Some(found.certificate), Some(record.days));
            }
        }
    }
    if pending.is_addition {
        return left_alone(pending, &folder, &passwords, kept);
    }
    let is_as_made = record.as_ref().is_some_and(|record| is_unchanged(PASSWORD, record, facts));
    if kept.store_password.is_none() && !is_as_made {
        kept.store_password = folder.opening_password(&passwords).map_err(Error::Output)?;
    }
    let beside = passwords.beside.as_ref().map(Password::expose);
    // Stores that stay have to open with the password that the properties name.
    if !is_as_made || kept.store_password.as_ref().is_some_and(|password| Some(password.expose()) != beside) {
        kept.files.clear();
    }
    kept.store_password = kept.store_password.or(passwords.beside);
    Ok(kept)
}

/// Keeps everything but the stores that are added, and the properties if they have to name other stores than before.
fn left_alone(pending: &Pending, folder: &Folder<'_>, passwords: &Passwords, mut kept: Kept) -> Result<Kept, Error> {
    let Pending { change, facts: Some(facts), record: Some(record), .. } = pending else { return Ok(kept) };
    kept.files = record.sha256.clone();
    let (mut formats, mut names_others) = (record.settings.formats.clone(), false);
    for reason in &change.reasons {
        match reason {
            Reason::FileMissing { file } => drop(kept.files.remove(file)),
            Reason::Folder { .. } => names_others = true,
            Reason::FormatAdded { format } => formats.extend(format.parse::<StoreFormat>()),
            _ => {}
        }
    }
    names_others |= StoreFormat::preferred(&formats) != StoreFormat::preferred(&record.settings.formats);
    for file in PROPERTIES.iter().filter(|file| names_others && is_unchanged(file, record, facts)) {
        drop(kept.files.remove(*file));
    }
    if kept.store_password.is_none() {
        kept.store_password = folder.opening_password(passwords).map_err(Error::Output)?;
    }
    kept.store_password = kept.store_password.or_else(|| passwords.stores.first().cloned());
    // A password that is made now has to be somewhere.
    if kept.store_password.is_none() && StoreFormat::preferred(&formats) != StoreFormat::Pem {
        drop(kept.files.remove(PASSWORD));
    }
    Ok(kept)
}

/// Says whether a file is the one that was made.
fn is_unchanged(file: &str, record: &IdentityRecord, facts: &FolderFacts) -> bool {
    let (digest, found) = (record.sha256.get(file), facts.files.get(file));
    digest.zip(found).is_some_and(|(digest, found)| is_digest(&found.sha256, digest))
}

/// Returns the files that are there and were made for the identity: those that are not made again go away. What only has the name of
/// one stays, unless all is kept aside.
pub(super) fn own_files(pending: &Pending) -> Vec<String> {
    let files = pending.facts.iter().flat_map(|facts| facts.files.keys());
    let is_made = |file: &str| pending.holds_changed_files || is_recorded(file, pending);
    files.filter(|file| is_own_file(file) && is_made(file)).cloned().collect()
}

/// Says whether a file that is made takes the place of one that somebody else has put there.
pub(super) fn replaces_foreign(artifacts: &[Artifact], pending: &Pending) -> bool {
    let Some(facts) = &pending.facts else { return false };
    let mut names = artifacts.iter().filter_map(|artifact| artifact.path().file_name()?.to_str());
    names.any(|name| {
        let is_file = facts.files.contains_key(name);
        let is_as_made = || pending.record.as_ref().is_some_and(|record| is_unchanged(name, record, facts));
        facts.others.iter().any(|other| other == name) || is_file && name != RECORD && !is_as_made()
    })
}

fn is_recorded(file: &str, pending: &Pending) -> bool {
    pending.record.as_ref().is_some_and(|record| record.sha256.contains_key(file))
}

/// Says whether a file has a name that only this program gives.
fn is_own_file(name: &str) -> bool {
    let is_store = |role: NodeRole, format: StoreFormat| {
        name == keystore_file(role, format) || name == truststore_file(role, format)
    };
    let is_of = |role: &NodeRole| StoreFormat::ALL.iter().any(|format| is_store(*role, *format));
    FILES.contains(&name) || NodeRole::ALL.iter().any(is_of)
}

/// Returns the stores and the request that stay as they are, because nothing that they were made of changes; with their digests. They have
/// salts, so that they would be other bytes each time.
fn unchanged_files(
    node: &NodeSpec,
    change: &Change,
    record: &IdentityRecord,
    facts: &FolderFacts,
) -> BTreeMap<String, String> {
    let has = |is_one: fn(&Reason) -> bool| change.reasons.iter().any(is_one);
    let keeps_truststores = !has(|reason| {
        matches!(
            reason,
            Reason::CaAlias { .. } | Reason::Issuer | Reason::NoRecord | Reason::Role { .. } | Reason::StorePassword
        )
    });
    let keeps_keystores = keeps_truststores
        && change.action == Action::Rewrite
        && !has(|reason| {
            matches!(
                reason,
                Reason::Alias { .. } | Reason::KeyPassword | Reason::NewerCertificate | Reason::PemKey { .. }
            )
        });
    let mut candidates = Vec::new();
    for format in StoreFormat::ALL {
        candidates.push((keystore_file(node.role, *format), keeps_keystores));
        candidates.push((truststore_file(node.role, *format), keeps_truststores));
    }
    candidates.push((REQUEST.to_owned(), keeps_keystores));
    let mut kept = BTreeMap::new();
    for (file, _) in candidates.into_iter().filter(|(_, is_kept)| *is_kept) {
        if let Some(digest) = record.sha256.get(&file).filter(|_| is_unchanged(&file, record, facts)) {
            drop(kept.insert(file, digest.clone()));
        }
    }
    kept
}
