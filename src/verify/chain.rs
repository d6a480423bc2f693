//! Chains: from a leaf to what is trusted.

use std::collections::HashMap;

use super::material::{KeyEntry, Material, Party, Purpose};
use super::{Finding, checks};
use crate::pki::DecodedCertificate;
use crate::pki::decoded::SignatureCheck;
use crate::spec::NodeRole;

checks! {
    MISSING = Error "chain-missing": "a private key without a certificate is of no use in a handshake: Kafka says `No available authentication scheme`";
    ORDER = Error "chain-order": "each certificate must be followed by its issuer's: TLS 1.2 demands it, and old stacks and OpenSSL's clients do not search";
    STRANGER = Warning "chain-stranger": "it is sent in every handshake and proves nothing, and some stacks stop at it";
    DUPLICATE = Warning "chain-duplicate": "it is sent twice in every handshake, and proves nothing more";
    BROKEN = Error "chain-signature": "it names an issuer whose key has not signed it, so that every TLS stack refuses it";
    INCOMPLETE = Error "chain-incomplete": "who does not have the intermediate certificate already cannot reach the CA that it trusts";
    NOT_ANCHORED = Error "chain-not-anchored": "Kafka lets a broker connect to itself before it starts, and does not start if the broker's truststore lacks its own CA";
    NOT_TRUSTED = Error "chain-not-trusted": "the other side of the connection refuses a certificate whose CA it does not have";
    SAME_NAME = Warning "leaf-named-as-ca": "subject and issuer are the same name, so that Java and keytool take the certificate for self-signed and its chain ends there";
    SELF_SIGNED = Warning "leaf-self-signed": "every peer needs this very certificate in its truststore, and again at each renewal";
    SERIAL_TWICE = Error "serial-twice": "issuer and serial number name a certificate: caches and revocation lists confuse two that have the same";
}

/// How far one comes from a leaf.
#[derive(Debug)]
pub(super) enum Path<'a> {
    /// To what is trusted: all certificates, the leaf first, the anchor last.
    Anchored(Vec<&'a DecodedCertificate>),
    /// To a certificate whose issuer is there by name, and has not signed it.
    Broken(&'a DecodedCertificate),
    /// To a root that is not trusted.
    Root(&'a DecodedCertificate),
    /// To a certificate whose issuer is nowhere.
    Open(&'a DecodedCertificate),
}

/// Looks for a path from a leaf through `others` to one of the anchors.
pub(super) fn path<'a>(
    leaf: &'a DecodedCertificate,
    others: &[&'a DecodedCertificate],
    anchors: &[&'a DecodedCertificate],
) -> Path<'a> {
    let mut path = vec![leaf];
    let mut last = leaf;
    loop {
        if anchors.iter().any(|anchor| anchor.as_der() == last.as_der()) {
            return Path::Anchored(path);
        }
        if let Some(anchor) = anchors.iter().find(|anchor| has_issued(anchor, last)) {
            path.push(anchor);
            return Path::Anchored(path);
        }
        let is_new = |other: &&&'a DecodedCertificate| path.iter().all(|seen| seen.as_der() != other.as_der());
        if let Some(next) = others.iter().filter(is_new).find(|other| has_issued(other, last)) {
            path.push(next);
            last = next;
        } else if has_issued(last, last) {
            return Path::Root(last);
        } else if others.iter().chain(anchors).any(|other| is_named_as_issuer(other, last)) {
            return Path::Broken(last);
        } else {
            return Path::Open(last);
        }
    }
}

fn is_named_as_issuer(issuer: &DecodedCertificate, certificate: &DecodedCertificate) -> bool {
    issuer.subject.is_same_as(&certificate.issuer)
        // The certificate itself, whose subject is its issuer's by accident.
        && issuer.as_der() != certificate.as_der()
}

/// A signature that cannot be checked here is taken on trust: other checks tell that its algorithm is no good.
pub(super) fn has_issued(issuer: &DecodedCertificate, certificate: &DecodedCertificate) -> bool {
    issuer.subject.is_same_as(&certificate.issuer) && certificate.is_signed_by(issuer) != SignatureCheck::Invalid
}

/// Says whether subject and issuer are one name, in whatever strings: OpenSSL and keytool write them in other ones.
fn is_self_named(certificate: &DecodedCertificate) -> bool {
    certificate.subject.is_same_as(&certificate.issuer)
}

/// Says whether a certificate is signed with its own key.
pub(super) fn is_self_signed(certificate: &DecodedCertificate) -> bool {
    is_self_named(certificate) && certificate.is_signed_by(certificate) != SignatureCheck::Invalid
}

/// Judges the chains in the keystores of a party, by themselves.
pub(super) fn judge_keystores(party: &Party) -> Vec<Finding> {
    let entries =
        |store: &'_ Material| store.keys.iter().flat_map(|entry| judge_entry(store, entry)).collect::<Vec<_>>();
    party.keystores.iter().filter(|store| store.is_open()).flat_map(|store| entries(store)).collect()
}

fn judge_entry(store: &Material, entry: &KeyEntry) -> Vec<Finding> {
    let place = store.place(entry.alias.as_deref());
    let Some(leaf) = entry.leaf() else {
        let fix = "import the certificate that was issued for its request";
        return vec![Finding::new(&MISSING, &place, "the private key has no certificate", fix)];
    };
    let mut findings = judge_members(entry, &place);
    if is_self_named(leaf) {
        let name = &leaf.subject.text;
        findings.push(if is_self_signed(leaf) {
            let found = format!("the certificate of `{name}` is signed with its own key");
            Finding::new(&SELF_SIGNED, &place, found, "let a CA sign it")
        } else {
            let found = format!("the certificate and its CA have the same name, `{name}`");
            Finding::new(&SAME_NAME, &place, found, "give the CA another name, and issue the certificate again")
        });
    }
    findings
}

/// Judges what is in a chain, and in which order.
fn judge_members(entry: &KeyEntry, place: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    let chain = &entry.chain;
    let mut seen: Vec<&DecodedCertificate> = Vec::new();
    for certificate in chain {
        if seen.iter().any(|other| other.as_der() == certificate.as_der()) {
            let found = format!("the certificate of `{}` is twice in the chain", certificate.subject.text);
            findings.push(Finding::new(&DUPLICATE, place, found, "import the chain again, each certificate once"));
        } else {
            seen.push(certificate);
        }
    }
    let is_linked = |pair: &[&DecodedCertificate]| matches!(pair, [one, next] if is_named_as_issuer(next, one));
    if seen.windows(2).all(is_linked) {
        return findings;
    }
    let is_issuer_of_one =
        |certificate: &DecodedCertificate| seen.iter().any(|other| is_named_as_issuer(certificate, other));
    let strangers: Vec<_> = seen.iter().skip(1).filter(|certificate| !is_issuer_of_one(certificate)).collect();
    for stranger in &strangers {
        let found = format!("`{}` is in the chain, and has issued nothing in it", stranger.subject.text);
        findings.push(Finding::new(&STRANGER, place, found, "import the chain again without it"));
    }
    if strangers.is_empty() {
        let names = seen.iter().map(|certificate| format!("`{}`", certificate.subject.text)).collect::<Vec<_>>();
        let found = format!("the chain is in the order {}", names.join(", "));
        findings.push(Finding::new(&ORDER, place, found, "import the chain again: the leaf first, then each issuer"));
    }
    findings
}

/// A truststore with its certificates, and whose it is.
pub(super) struct Trust<'a> {
    pub(super) owner: &'a Party,
    pub(super) store: &'a Material,
}

impl Trust<'_> {
    /// Says whether a party has a truststore with the same certificates.
    fn is_of(&self, party: &Party) -> bool {
        party.truststores.iter().any(|own| own.anchor_set() == self.store.anchor_set())
    }
}

/// Judges whether the leaves of a party are trusted: by itself, and by those that it connects to.
pub(super) fn judge_trust(party: &Party, trusts: &[Trust<'_>]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for store in party.keystores.iter().filter(|store| store.is_open()) {
        for entry in &store.keys {
            if let Some(leaf) = entry.leaf() {
                findings.extend(judge_leaf(party, store, entry, leaf, trusts));
            }
        }
    }
    findings
}

/// Judges the way of a leaf to each of the truststores that matter; the first that it does not reach is told.
fn judge_leaf(
    party: &Party,
    store: &Material,
    entry: &KeyEntry,
    leaf: &DecodedCertificate,
    trusts: &[Trust<'_>],
) -> Option<Finding> {
    let place = store.place(entry.alias.as_deref());
    let others: Vec<&DecodedCertificate> = entry.chain.iter().skip(1).collect();
    relevant(party, trusts).into_iter().find_map(|trust| {
        let anchors = trust.store.anchors();
        // An empty truststore is a finding of its own.
        if anchors.is_empty() {
            return None;
        }
        judge_path(&path(leaf, &others, &anchors), &place, &trust.store.label, trust.is_of(party))
            .or_else(|| others.iter().find_map(|other| judge_other(other, &others, &anchors, &place)))
    })
}

/// Judges a certificate in a chain whose leaf is trusted without it: it leads to what is trusted, or to a root, as the leaf does.
fn judge_other(
    other: &DecodedCertificate,
    others: &[&DecodedCertificate],
    anchors: &[&DecodedCertificate],
    place: &str,
) -> Option<Finding> {
    let is_led_on = matches!(path(other, others, anchors), Path::Anchored(_) | Path::Root(_));
    let found = format!("`{}` is in the chain, and leads to nothing that is trusted", other.subject.text);
    (!is_led_on).then(|| Finding::new(&STRANGER, place, found, "import the chain again without it"))
}

/// Returns the truststores that a party's certificate must be trusted by: that of a broker by its own, since Kafka lets it connect to
/// itself before it starts. Clients do not connect to each other; where there is no broker, a client's own stands for it.
fn relevant<'t, 'a>(party: &Party, trusts: &'t [Trust<'a>]) -> Vec<&'t Trust<'a>> {
    let is_met = |trust: &&Trust<'_>| {
        if trust.is_of(party) { party.role == NodeRole::Broker } else { is_pair(party.role, trust.owner.role) }
    };
    let met: Vec<_> = trusts.iter().filter(is_met).collect();
    if met.is_empty() { trusts.iter().filter(|trust| trust.is_of(party)).collect() } else { met }
}

fn is_pair(one: NodeRole, other: NodeRole) -> bool {
    [one, other].contains(&NodeRole::Broker)
}

fn judge_path(path: &Path<'_>, place: &str, truststore: &str, is_own: bool) -> Option<Finding> {
    match path {
        Path::Anchored(_) => None,
        Path::Broken(last) => {
            let (subject, issuer) = (&last.subject.text, &last.issuer.text);
            let found = format!("`{subject}` says that `{issuer}` has issued it, and that key has not signed it");
            Some(Finding::new(&BROKEN, place, found, "issue the certificate again, with the CA that is there"))
        }
        Path::Open(last) => {
            let (subject, issuer) = (&last.subject.text, &last.issuer.text);
            let found =
                format!("the chain ends at `{subject}`, whose issuer `{issuer}` is neither in it nor in {truststore}");
            let fix = "import the issuer's certificate: an intermediate into the key's chain, a CA into the truststore";
            Some(Finding::new(&INCOMPLETE, place, found, fix))
        }
        Path::Root(last) => {
            let check = if is_own { &NOT_ANCHORED } else { &NOT_TRUSTED };
            let found = format!("the chain ends at `{}`, which is not in {truststore}", last.subject.text);
            Some(Finding::new(check, place, found, "import the CA's certificate into that truststore"))
        }
    }
}

/// Judges whether two certificates have the same issuer and serial number.
pub(super) fn judge_serials(certificates: &[(&DecodedCertificate, &str)]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut seen = HashMap::new();
    for (certificate, place) in certificates {
        let name = (certificate.issuer.der.as_slice(), certificate.serial.as_slice());
        let (other, elsewhere) = *seen.entry(name).or_insert((*certificate, *place));
        if other.as_der() != certificate.as_der() {
            let found = format!(
                "serial number {} of `{}` is also that of the certificate of `{}` in {elsewhere}",
                certificate.serial_hex(),
                certificate.issuer.text,
                other.subject.text
            );
            findings.push(Finding::new(&SERIAL_TWICE, place, found, "issue one of them again"));
        }
    }
    findings
}

/// Returns the truststores of all parties, of those with the same certificates one.
pub(super) fn trusts(parties: &[Party]) -> Vec<Trust<'_>> {
    let mut seen: Vec<(NodeRole, Vec<&[u8]>)> = Vec::new();
    let mut trusts = Vec::new();
    for owner in parties {
        for store in owner.truststores.iter().filter(|store| store.is_open() && store.purpose == Purpose::Truststore) {
            let key = (owner.role, store.anchor_set());
            if !seen.contains(&key) {
                seen.push(key);
                trusts.push(Trust { owner, store });
            }
        }
    }
    trusts
}
