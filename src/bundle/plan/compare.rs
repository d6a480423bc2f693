//! One identity as it is, against the one that is specified.

use std::path::Path;

use time::{Duration, OffsetDateTime};

use super::{Action, Change, ChangedFolder, Found, Obstacle, Reason, ReloadRefusal, Scope, Survey};
use crate::bundle::inventory::typed_name;
use crate::bundle::record::{FileSettings, IdentityRecord};
use crate::kafka::principal::principal;
use crate::kafka::properties;
use crate::pki::Certificate;
use crate::spec::{CertificateProfile, ClusterSpec, KeyAlgorithm, NodeSpec, StoreFormat};

/// A certificate is renewed when a third of its time is left, unless it is said otherwise.
const RENEWAL_SHARE: i32 = 3;

/// What a comparison depends on, beside the two sides of it.
#[derive(Debug, Clone, Copy)]
pub struct Terms<'a> {
    /// The time of the run.
    pub now: OffsetDateTime,
    /// The certificate of the CA that issues, if it is there already.
    pub ca: Option<&'a Certificate>,
    /// The folder of the bundle.
    pub home: &'a Path,
}

impl FileSettings {
    /// Returns the settings of an identity's files.
    pub fn of(spec: &ClusterSpec, node: &NodeSpec, home: &Path) -> Self {
        let formats = spec.formats(node);
        Self {
            formats: formats.to_vec(),
            pem_key: formats.contains(&StoreFormat::Pem).then_some(spec.stores.pem_key),
            ca_alias: spec.stores.ca_alias.as_str().to_owned(),
            client_auth: node.role.is_node().then(|| spec.effective_client_auth()),
            folder: properties::folder(spec.deploy_dir.as_deref(), &home.join(node.name.as_str())),
        }
    }
}

/// Decides what becomes of an identity of a specification; nothing, if it is as it shall be.
pub fn decide(
    spec: &ClusterSpec,
    node: &NodeSpec,
    survey: &Survey,
    terms: &Terms<'_>,
    scope: &Scope,
) -> Result<Option<Change>, Obstacle> {
    if !scope.adds.is_empty() {
        return addition(spec, node, survey, terms);
    }
    let end = terms.end_of(node);
    let change = |action: Action, reasons: Vec<Reason>, until: OffsetDateTime| Change {
        name: node.name.clone(),
        role: node.role,
        action,
        reload: if action == Action::Make { Vec::new() } else { reload_refusals(node, &reasons) },
        reasons,
        until: Some(until),
    };
    let is_named = scope.rekey && !scope.only.is_empty();
    let (record, has_key, found) = match &survey.found {
        Found::Nothing => return Ok(Some(change(Action::Make, vec![Reason::New], end))),
        Found::Foreign => return Err(Obstacle::Foreign(node.name.clone())),
        Found::Whole(record) => (&**record, true, Vec::new()),
        Found::Changed(folder) => match &**folder {
            ChangedFolder { record: Some(record), reasons, has_key, .. } => (record, *has_key, reasons.clone()),
            // A new key is what was asked for, and what is there is kept aside.
            ChangedFolder { record: None, reasons, .. } if is_named => {
                return Ok(Some(change(Action::Rekey, reasons.clone(), end)));
            }
            ChangedFolder { record: None, .. } => return Err(Obstacle::KeyNotReadable(node.name.clone())),
        },
    };
    let mut of_certificate = certificate_reasons(node, record, terms, end);
    let other_key = key_algorithm(node.key_algorithm, record);
    let makes_key = scope.rekey && (is_named || !of_certificate.is_empty() || other_key.is_some());
    match other_key {
        Some(Reason::KeyAlgorithm { from, to }) if !makes_key => {
            return Err(Obstacle::KeyAlgorithm { name: node.name.clone(), from, to });
        }
        other_key => of_certificate.extend(other_key),
    }
    if makes_key && of_certificate.is_empty() {
        of_certificate.push(Reason::NewKey);
    }
    let mut reasons = found;
    reasons.extend(file_reasons(spec, node, record, survey, terms.home));
    let action = match (makes_key, of_certificate.is_empty(), reasons.is_empty()) {
        (true, ..) => Action::Rekey,
        (false, false, _) => Action::Reissue,
        (false, true, false) => Action::Rewrite,
        (false, true, true) => return Ok(None),
    };
    if !has_key && action != Action::Rekey {
        return Err(Obstacle::KeyNotReadable(node.name.clone()));
    }
    let until = if action.signs() { end } else { record.identity.certificate.not_after };
    of_certificate.append(&mut reasons);
    Ok(Some(change(action, of_certificate, until)))
}

/// Decides which stores an identity gets beside those that it has. Its certificate stays, also if it ends today.
fn addition(
    spec: &ClusterSpec,
    node: &NodeSpec,
    survey: &Survey,
    terms: &Terms<'_>,
) -> Result<Option<Change>, Obstacle> {
    let name = || node.name.clone();
    let (record, has_key, found) = match &survey.found {
        Found::Whole(record) => (&**record, true, Vec::new()),
        Found::Changed(folder) => match &**folder {
            ChangedFolder { record: Some(record), reasons, has_key, .. } => (record, *has_key, reasons.clone()),
            ChangedFolder { record: None, reasons, .. } => {
                return Err(Obstacle::Differs { name: name(), reasons: reasons.clone() });
            }
        },
        Found::Nothing | Found::Foreign => {
            return Err(Obstacle::Differs { name: name(), reasons: vec![Reason::NoRecord] });
        }
    };
    let is_wanted = |reason: &Reason| {
        matches!(reason, Reason::FormatAdded { .. } | Reason::FileMissing { .. } | Reason::Folder { .. })
    };
    let is_of_time = |reason: &Reason| matches!(reason, Reason::Expired | Reason::Expires { .. });
    let mut all = certificate_reasons(node, record, terms, terms.end_of(node));
    all.retain(|reason| !is_of_time(reason));
    all.extend(key_algorithm(node.key_algorithm, record));
    all.extend(found);
    all.extend(file_reasons(spec, node, record, survey, terms.home));
    let adds_store = |reason: &Reason| !matches!(reason, Reason::Folder { .. }) && is_wanted(reason);
    if !all.iter().any(adds_store) {
        return Ok(None);
    }
    let adds_pkcs12 =
        !record.settings.formats.contains(&StoreFormat::Pkcs12) && spec.formats(node).contains(&StoreFormat::Pkcs12);
    if survey.other_key_password && adds_pkcs12 {
        return Err(Obstacle::KeyPasswordInPkcs12(name()));
    }
    if survey.other_store_password {
        return Err(Obstacle::StorePassword(name()));
    }
    all.retain(|reason| *reason != Reason::KeyPassword);
    if all.contains(&Reason::NewerCertificate) {
        // Everything else follows from it.
        return Err(Obstacle::Differs { name: name(), reasons: vec![Reason::NewerCertificate] });
    }
    if !all.iter().all(is_wanted) {
        all.retain(|reason| !is_wanted(reason));
        return Err(Obstacle::Differs { name: name(), reasons: all });
    }
    if !has_key {
        return Err(Obstacle::KeyNotReadable(name()));
    }
    let until = Some(record.identity.certificate.not_after);
    Ok(Some(Change { name: name(), role: node.role, action: Action::Rewrite, reasons: all, reload: Vec::new(), until }))
}

impl Terms<'_> {
    /// Returns when a certificate that is issued now ends: with its CA at the latest.
    fn end_of(&self, node: &NodeSpec) -> OffsetDateTime {
        let wanted = self.now.checked_add(Duration::days(node.days.get().into())).unwrap_or(self.now);
        let wanted = wanted.replace_nanosecond(0).unwrap_or(wanted);
        self.ca.map_or(wanted, |ca| wanted.min(ca.validity().not_after))
    }
}

/// Returns why the certificate has to be another one.
fn certificate_reasons(
    node: &NodeSpec,
    record: &IdentityRecord,
    terms: &Terms<'_>,
    end: OffsetDateTime,
) -> Vec<Reason> {
    let mut reasons = Vec::new();
    let identity = &record.identity;
    if terms.ca.is_none_or(|ca| ca.fingerprint() != record.issuer) {
        reasons.push(Reason::Issuer);
    }
    if identity.role != node.role {
        reasons.push(Reason::Role { from: identity.role.name(), to: node.role.name() });
    }
    let profile = identity.profile.as_deref().unwrap_or(identity.role.profile().name);
    if !is_same_profile(profile, node.profile) {
        reasons.push(Reason::Profile { from: profile.to_owned(), to: node.profile.name });
    }
    // A subject that cannot be written is found when it is.
    let subject = node.subject.to_der().and_then(|der| principal(&der)).unwrap_or_default();
    if subject != identity.certificate.subject {
        reasons.push(Reason::Subject { from: identity.certificate.subject.clone(), to: subject });
    }
    let wanted: Vec<String> = node.alt_names.iter().map(typed_name).collect();
    let added = wanted.iter().filter(|name| !identity.alt_names.contains(name));
    reasons.extend(added.map(|name| Reason::SanAdded { name: name.clone() }));
    let removed = identity.alt_names.iter().filter(|name| !wanted.contains(name));
    reasons.extend(removed.map(|name| Reason::SanRemoved { name: name.clone() }));
    if record.days != node.days.get() {
        reasons.push(Reason::Validity { from: record.days, to: node.days.get() });
    }
    reasons.extend(expiry(node, record, terms.now, end));
    reasons
}

fn is_same_profile(name: &str, wanted: CertificateProfile) -> bool {
    let usage = |profile: CertificateProfile| (profile.server_auth, profile.client_auth);
    name.parse().is_ok_and(|profile| usage(profile) == usage(wanted))
}

/// Says whether the certificate ends soon, and a new one would end later.
fn expiry(node: &NodeSpec, record: &IdentityRecord, now: OffsetDateTime, end: OffsetDateTime) -> Option<Reason> {
    let certificate = &record.identity.certificate;
    let left = certificate.not_after - now;
    let lifetime = certificate.not_after - certificate.not_before;
    let due = node.renew_before.map_or(lifetime / RENEWAL_SHARE, |days| Duration::days(days.get().into()));
    if left > due || end <= certificate.not_after {
        return None;
    }
    Some(if left.is_positive() { Reason::Expires { days: left.whole_days() } } else { Reason::Expired })
}

fn key_algorithm(wanted: KeyAlgorithm, record: &IdentityRecord) -> Option<Reason> {
    let from = &record.identity.certificate.key_algorithm;
    (from != wanted.name()).then(|| Reason::KeyAlgorithm { from: from.clone(), to: wanted.name() })
}

/// Returns why the files have to be other ones, although the certificate stays.
fn file_reasons(
    spec: &ClusterSpec,
    node: &NodeSpec,
    record: &IdentityRecord,
    survey: &Survey,
    home: &Path,
) -> Vec<Reason> {
    let mut reasons = Vec::new();
    let (old, new) = (&record.settings, FileSettings::of(spec, node, home));
    let added = new.formats.iter().filter(|format| !old.formats.contains(format));
    reasons.extend(added.map(|format| Reason::FormatAdded { format: format.name() }));
    let removed = old.formats.iter().filter(|format| !new.formats.contains(format));
    reasons.extend(removed.map(|format| Reason::FormatRemoved { format: format.name() }));
    if let (Some(from), Some(to)) = (old.pem_key, new.pem_key)
        && from != to
    {
        reasons.push(Reason::PemKey { from: from.name(), to: to.name() });
    }
    if record.identity.alias != node.alias.as_str() {
        reasons.push(Reason::Alias { from: record.identity.alias.clone(), to: node.alias.as_str().to_owned() });
    }
    if old.ca_alias != new.ca_alias {
        reasons.push(Reason::CaAlias { from: old.ca_alias.clone(), to: new.ca_alias });
    }
    if let (Some(from), Some(to)) = (old.client_auth, new.client_auth)
        && from != to
    {
        reasons.push(Reason::ClientAuth { from: from.name(), to: to.name() });
    }
    if old.folder != new.folder {
        reasons.push(Reason::Folder { from: old.folder.clone(), to: new.folder });
    }
    if survey.other_store_password {
        reasons.push(Reason::StorePassword);
    }
    if survey.other_key_password {
        reasons.push(Reason::KeyPassword);
    }
    reasons
}

fn reload_refusals(node: &NodeSpec, reasons: &[Reason]) -> Vec<ReloadRefusal> {
    let mut refusals = Vec::new();
    if node.role.is_node() {
        if reasons.iter().any(|reason| matches!(reason, Reason::Subject { .. })) {
            refusals.push(ReloadRefusal::Subject);
        }
        if reasons.iter().any(|reason| matches!(reason, Reason::SanRemoved { .. })) {
            refusals.push(ReloadRefusal::AltNames);
        }
    }
    refusals
}
