//! What an identity that changes keeps: its key unless it gets another, its passwords, and the files that nothing changes in.

use std::collections::BTreeMap;

use super::BundleError;
use super::recover::Folder;
use super::survey::Pending;
use crate::bundle::plan::{Action, Change, Reason};
use crate::bundle::record::{IdentityRecord, RECORD, hexadecimal, is_digest};
use crate::bundle::{keystore_file, truststore_file};
use crate::output::{BundleFolder, FolderFacts};
use crate::pipeline::Error;
use crate::pipeline::identity::Kept;
use crate::spec::{ClusterSpec, NodeRole, NodeSpec, StoreFormat};

/// The file of a request.
const REQUEST: &str = "cert-file";

/// The names of the files of an identity beside its stores.
const FILES: [&str; 6] = [REQUEST, "cert-signed", "password", "server.properties", "client.properties", RECORD];

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
        store_password: spec.stores.store_password.clone(),
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
            kept.key_password = spec.stores.key_password.clone().or(found.key_password);
            kept.key = Some(found.key);
            if change.action == Action::Rewrite {
                (kept.certificate, kept.days) = (Some(found.certificate), Some(record.days));
            }
        }
    }
    kept.store_password = kept.store_password.or(passwords.beside);
    Ok(kept)
}

/// Returns the files that are there and were made for the identity: those that are not made again go away.
pub(super) fn own_files(pending: &Pending) -> Vec<String> {
    let files = pending.facts.iter().flat_map(|facts| facts.files.keys());
    files.filter(|file| is_own_file(file)).cloned().collect()
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
        if let (Some(digest), Some(found)) = (record.sha256.get(&file), facts.files.get(&file))
            && is_digest(&found.sha256, digest)
        {
            drop(kept.insert(file, digest.clone()));
        }
    }
    kept
}
