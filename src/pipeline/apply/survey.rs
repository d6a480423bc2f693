//! What is there of each identity, and what becomes of it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::recover::{Folder, KeyAndCertificate};
use crate::bundle::inventory::{self, Identity};
use crate::bundle::plan::{self, Change, ChangedFolder, Found, Obstacle, Reason, Scope, Survey, Terms};
use crate::bundle::record::{self, FileSettings, IdentityRecord, RECORD};
use crate::bundle::{keystore_file, truststore_file};
use crate::kafka::principal::principal;
use crate::name::NodeName;
use crate::output::{BundleFolder, FolderFacts, OutputError};
use crate::pipeline::certificate_facts;
use crate::pki::Certificate;
use crate::secret::Password;
use crate::spec::{ClusterSpec, NodeSpec, StoreSpec};

/// What was found about an identity, and decided.
pub(super) enum Verdict {
    /// It stays as it is.
    Unchanged(Box<Identity>),
    /// It changes.
    Change(Box<Pending>),
    /// It cannot be changed.
    Obstacle(Obstacle),
}

/// A change, with what is known of the identity as it is.
pub(super) struct Pending {
    pub(super) change: Change,
    /// What is in its folder, if that is there.
    pub(super) facts: Option<FolderFacts>,
    pub(super) record: Option<IdentityRecord>,
    /// Whether files would be replaced that are not as they were made.
    pub(super) holds_changed_files: bool,
    /// Whether stores are added, and everything else stays.
    pub(super) is_addition: bool,
}

/// Looks at identities of one bundle.
pub(super) struct Surveyor<'a> {
    pub(super) bundle: Option<&'a BundleFolder>,
    pub(super) spec: &'a ClusterSpec,
    pub(super) terms: Terms<'a>,
    pub(super) scope: &'a Scope,
}

impl Surveyor<'_> {
    /// Looks at one identity, and decides.
    pub(super) fn verdict(&self, node: &NodeSpec) -> Result<Verdict, OutputError> {
        let facts = match self.bundle {
            Some(bundle) => bundle.survey(node.name.as_str())?,
            None => None,
        };
        let survey = match (&facts, self.bundle) {
            (Some(facts), Some(bundle)) => self.survey(node, &Folder { bundle, name: &node.name, facts })?,
            _ => Survey { found: Found::Nothing, other_store_password: false, other_key_password: false },
        };
        Ok(match plan::decide(self.spec, node, &survey, &self.terms, self.scope) {
            Err(obstacle) => Verdict::Obstacle(obstacle),
            Ok(None) => match survey.found {
                Found::Whole(record) => Verdict::Unchanged(Box::new(record.identity)),
                // What is not whole changes.
                Found::Nothing | Found::Changed(_) | Found::Foreign => {
                    Verdict::Obstacle(Obstacle::Foreign(node.name.clone()))
                }
            },
            Ok(Some(change)) => {
                let (record, holds_changed_files) = match survey.found {
                    Found::Whole(record) => (Some(*record), false),
                    Found::Changed(folder) => (folder.record, folder.holds_changed_files),
                    Found::Nothing | Found::Foreign => (None, false),
                };
                let is_addition = self.adds();
                Verdict::Change(Box::new(Pending { change, facts, record, holds_changed_files, is_addition }))
            }
        })
    }

    fn adds(&self) -> bool {
        !self.scope.adds.is_empty()
    }

    fn survey(&self, node: &NodeSpec, folder: &Folder<'_>) -> Result<Survey, OutputError> {
        let found = self.found(node, folder)?;
        let mut survey = Survey { found, other_store_password: false, other_key_password: false };
        let stores = &self.spec.stores;
        if matches!(survey.found, Found::Nothing | Found::Foreign) {
            return Ok(survey);
        }
        if self.adds() {
            let own = folder.passwords(&StoreSpec::default())?;
            let is_other = |wanted: &Password| own.stores.iter().all(|own| own.expose() != wanted.expose());
            // One that nobody remembers may be given, and another one may not.
            survey.other_store_password =
                !own.stores.is_empty() && stores.store_password.as_ref().is_some_and(is_other);
            survey.other_key_password = own.keys.iter().any(is_other);
            return Ok(survey);
        }
        if let Some(wanted) = &stores.store_password {
            let beside = folder.password_beside()?;
            survey.other_store_password = beside.is_none_or(|beside| beside.expose() != wanted.expose());
        }
        if let Some(wanted) = &stores.key_password {
            let passwords = folder.passwords(&StoreSpec::default())?;
            let has = |own: &Password| own.expose() == wanted.expose();
            survey.other_key_password = !passwords.keys.iter().chain(&passwords.stores).any(has);
        }
        Ok(survey)
    }

    fn found(&self, node: &NodeSpec, folder: &Folder<'_>) -> Result<Found, OutputError> {
        let facts = folder.facts;
        if facts.files.is_empty() && facts.others.is_empty() {
            return Ok(Found::Nothing);
        }
        let record = folder.read(RECORD)?.and_then(|json| IdentityRecord::from_json(&json, folder.name).ok());
        let Some(record) = record else { return self.unrecorded(node, folder) };
        let reasons = damages(&record, facts);
        if reasons.is_empty() {
            return Ok(Found::Whole(Box::new(record)));
        }
        if !self.adds() {
            return self.damaged(node, folder, record, reasons);
        }
        let found = self.damaged(node, folder, record.clone(), reasons)?;
        Ok(self.left_alone(found, record))
    }

    /// Where stores are added, a file that somebody has changed or taken away stays so, unless it is one of those stores.
    fn left_alone(&self, found: Found, record: IdentityRecord) -> Found {
        let Found::Changed(mut folder) = found else { return found };
        let role = record.identity.role;
        let is_asked_for = |file: &String| {
            let mut stores = self.scope.adds.iter().flat_map(|f| [keystore_file(role, *f), truststore_file(role, *f)]);
            stores.any(|store| store == *file)
        };
        folder.reasons.retain(|reason| match reason {
            Reason::FileChanged { .. } => false,
            Reason::FileMissing { file } => is_asked_for(file),
            _ => true,
        });
        folder.holds_changed_files = false;
        if folder.reasons.is_empty() && folder.has_key {
            return Found::Whole(Box::new(record));
        }
        Found::Changed(folder)
    }

    /// Finds out what is left of a folder whose files are not those of its record.
    fn damaged(
        &self,
        node: &NodeSpec,
        folder: &Folder<'_>,
        record: IdentityRecord,
        mut reasons: Vec<Reason>,
    ) -> Result<Found, OutputError> {
        let holds_changed_files = reasons.iter().any(|reason| matches!(reason, Reason::FileChanged { .. }));
        let passwords = folder.passwords(&self.spec.stores)?;
        let keys = folder.all_keys(&passwords)?;
        let recorded = &record.identity.certificate;
        // The keystore of somebody else, in the wrong folder, is not taken up.
        let wanted = node.subject.to_der().ok().and_then(|der| principal(&der).ok());
        let is_own = |found: &&KeyAndCertificate| {
            let subject = principal(found.certificate.subject_der()).ok();
            subject.is_some() && (subject.as_ref() == Some(&recorded.subject) || subject == wanted)
        };
        let newer = self.newest(keys.iter().filter(is_own)).filter(|newest| {
            newest.certificate.fingerprint() != recorded.sha256
                && newest.certificate.validity().not_before > recorded.not_before
        });
        let mut has_key = keys.iter().any(|found| found.certificate.fingerprint() == recorded.sha256);
        let mut record = record;
        if let Some(newest) = newer
            && let Some(adopted) =
                self.recovered(node, folder, &newest.certificate, newest.alias.as_deref(), Some(&record))
        {
            reasons.push(Reason::NewerCertificate);
            (record, has_key) = (adopted, true);
        }
        Ok(Found::Changed(Box::new(ChangedFolder { record: Some(record), reasons, has_key, holds_changed_files })))
    }

    /// Finds out what a folder without a record is.
    fn unrecorded(&self, node: &NodeSpec, folder: &Folder<'_>) -> Result<Found, OutputError> {
        if !folder.has_own_files() {
            return Ok(Found::Foreign);
        }
        let passwords = folder.passwords(&self.spec.stores)?;
        let keys = folder.all_keys(&passwords)?;
        let newest = self.newest(keys.iter()).or_else(|| keys.first());
        let record = match newest {
            Some(found) => self.recovered(node, folder, &found.certificate, found.alias.as_deref(), None),
            None => folder.certificate_beside()?.and_then(|beside| self.recovered(node, folder, &beside, None, None)),
        };
        Ok(Found::Changed(Box::new(ChangedFolder {
            record,
            reasons: vec![Reason::NoRecord],
            has_key: newest.is_some(),
            holds_changed_files: true,
        })))
    }

    /// Returns the newest certificate that the bundle's CA has issued.
    fn newest<'k>(&self, keys: impl Iterator<Item = &'k KeyAndCertificate>) -> Option<&'k KeyAndCertificate> {
        let ca = self.terms.ca?;
        let own = keys.filter(|found| found.certificate.check_signature_by(ca).is_ok());
        own.max_by_key(|found| found.certificate.validity().not_before)
    }

    /// Returns the record that an identity with this certificate would have.
    fn recovered(
        &self,
        node: &NodeSpec,
        folder: &Folder<'_>,
        certificate: &Certificate,
        alias: Option<&str>,
        old: Option<&IdentityRecord>,
    ) -> Option<IdentityRecord> {
        let (role, formats) = folder.kinds();
        let role = old.map(|old| old.identity.role).or(role)?;
        let is_own = self.terms.ca.is_some_and(|ca| certificate.check_signature_by(ca).is_ok());
        let validity = certificate.validity();
        let files = folder.facts.files.keys().map(|file| format!("{}/{file}", folder.name)).collect();
        let settings = match old {
            Some(old) => old.settings.clone(),
            // Nobody knows the rest; it is written anew in any case.
            None => FileSettings { formats, ..FileSettings::of(self.spec, node, self.terms.home) },
        };
        Some(IdentityRecord {
            version: record::VERSION,
            identity: Identity {
                name: folder.name.as_str().to_owned(),
                role,
                profile: None,
                principal: format!("User:{}", principal(certificate.subject_der()).ok()?),
                alias: alias.map_or_else(|| folder.name.folded(), str::to_owned),
                alt_names: certificate.alt_names().iter().map(inventory::typed_name).collect(),
                certificate: certificate_facts(certificate).ok()?,
                files,
            },
            issuer: if is_own { self.terms.ca.map(Certificate::fingerprint)? } else { String::new() },
            days: u32::try_from((validity.not_after - validity.not_before).whole_days()).ok()?,
            settings,
            sha256: BTreeMap::default(),
        })
    }
}

/// Returns which files are not as the record says.
fn damages(record: &IdentityRecord, facts: &FolderFacts) -> Vec<Reason> {
    let mut reasons = Vec::new();
    for (file, digest) in &record.sha256 {
        match facts.files.get(file) {
            None => reasons.push(Reason::FileMissing { file: file.clone() }),
            Some(found) if !record::is_digest(&found.sha256, digest) => {
                reasons.push(Reason::FileChanged { file: file.clone() });
            }
            Some(_) => {}
        }
    }
    let has_no_digest = |file: &String| file != RECORD && !record.sha256.contains_key(file);
    for file in named_files(record).into_iter().filter(has_no_digest) {
        let is_there = facts.files.contains_key(&file);
        reasons.push(if is_there { Reason::FileChanged { file } } else { Reason::FileMissing { file } });
    }
    reasons
}

/// Returns the files that an identity has by its record, whether there are digests of them or not.
fn named_files(record: &IdentityRecord) -> BTreeSet<String> {
    let role = record.identity.role;
    let stores = record.settings.formats.iter();
    let stores = stores.flat_map(|format| [keystore_file(role, *format), truststore_file(role, *format)]);
    let named = record.identity.files.iter().filter_map(|path| path.split('/').next_back());
    stores.chain(named.map(str::to_owned)).collect()
}

/// Returns what an inventory says of identities that are not looked at, out of their records.
pub(super) fn recorded(bundle: &BundleFolder, name: &NodeName) -> Result<Option<Identity>, OutputError> {
    let path = Path::new(name.as_str()).join(RECORD);
    let json = match bundle.read(&path, record::MAX_SIZE as u64) {
        Ok(json) => json,
        // It is not what a run has written, and whatever has that name is in nobody's way.
        Err(OutputError::NotAFile(_) | OutputError::TooLarge(..) | OutputError::SymbolicLink(_)) => None,
        Err(error) => return Err(error),
    };
    Ok(json.and_then(|json| IdentityRecord::from_json(&json, name).ok()).map(|record| record.identity))
}
