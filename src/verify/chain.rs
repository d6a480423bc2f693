//! Chains: from a leaf to what is trusted.

// Foreign bytes come in here. Tests may fail with a panic.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::indexing_slicing))]

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};

use super::material::{KeyEntry, Material, Party, Purpose};
use super::{Finding, checks, listed};
use crate::pki::DecodedCertificate;
use crate::pki::decoded::SignatureCheck;
use crate::spec::NodeRole;

checks! {
    MISSING = Error "chain-missing": "a private key without a certificate is of no use in a handshake: Kafka says `No available authentication scheme`";
    ORDER = Warning "chain-order": "each certificate must be followed by its issuer's, as TLS 1.2 demands (RFC 5246 §7.4.2): who does not search finds no way";
    STRANGER = Warning "chain-stranger": "it is sent in every handshake and proves nothing, and some stacks stop at it";
    DUPLICATE = Warning "chain-duplicate": "it is sent twice in every handshake, and proves nothing more";
    BROKEN = Error "chain-signature": "it names an issuer whose key has not signed it, so that every TLS stack refuses it";
    INCOMPLETE = Error "chain-incomplete": "who does not have the intermediate certificate already cannot reach the CA that it trusts";
    NOT_ANCHORED = Error "chain-not-anchored": "Kafka lets a broker connect to itself before it starts, and does not start if the broker's truststore lacks its own CA";
    NOT_TRUSTED = Error "chain-not-trusted": "the other side of the connection refuses a certificate whose CA it does not have";
    SAME_NAME = Warning "leaf-named-as-ca": "subject and issuer are the same name, so that Java and keytool take the certificate for self-signed and its chain ends there";
    SELF_SIGNED = Warning "leaf-self-signed": "every peer needs this very certificate in its truststore, and again at each renewal";
    TOO_LONG = Error "chain-too-long": "Java takes no chain of more than 10 certificates, and other stacks stop searching sooner or later, as this does";
    SERIAL_TWICE = Warning "serial-twice": "issuer and serial number name a certificate: caches and revocation lists confuse two that have the same";
}

/// How many certificates of a chain are looked at.
const MAX_CHAIN: usize = 100;

/// How many signatures are checked for one leaf.
const MAX_SIGNATURES: usize = 200;

/// How many private keys of one keystore have their chains judged. Kafka takes one.
pub(super) const MAX_KEYS: usize = 20;

/// What is done for one leaf at most: stores come from strangers, and each certificate may claim to have issued each.
#[derive(Debug)]
pub(super) struct Work {
    signatures: Cell<usize>,
    /// What has been checked, by the places of the two certificates in memory.
    known: RefCell<HashMap<[*const u8; 2], bool>>,
}

impl Work {
    pub(super) fn new() -> Self {
        Self { signatures: Cell::new(MAX_SIGNATURES), known: RefCell::default() }
    }

    /// Says whether one certificate has issued another; when nothing is left to be done, that it has not.
    ///
    /// A signature that cannot be checked here is taken on trust: other checks tell that its algorithm is no good.
    pub(super) fn has_issued(&self, issuer: &DecodedCertificate, certificate: &DecodedCertificate) -> bool {
        if !issuer.subject.is_same_as(&certificate.issuer) {
            return false;
        }
        let pair = [issuer, certificate].map(|certificate| certificate.as_der().as_ptr());
        if let Some(known) = self.known.borrow().get(&pair) {
            return *known;
        }
        let Some(left) = self.signatures.get().checked_sub(1) else { return false };
        self.signatures.set(left);
        let has_issued = certificate.is_signed_by(issuer) != SignatureCheck::Invalid;
        self.known.borrow_mut().insert(pair, has_issued);
        has_issued
    }

    fn is_spent(&self) -> bool {
        self.signatures.get() == 0
    }
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
    /// To where it was too much work.
    Endless(&'a DecodedCertificate),
}

/// Looks for a path from a leaf through `others` to one of the anchors.
pub(super) fn path<'a>(
    leaf: &'a DecodedCertificate,
    others: &[&'a DecodedCertificate],
    anchors: &[&'a DecodedCertificate],
    work: &Work,
) -> Path<'a> {
    let others = others.get(..MAX_CHAIN).unwrap_or(others);
    let mut path = vec![leaf];
    let mut last = leaf;
    loop {
        if anchors.iter().any(|anchor| anchor.as_der() == last.as_der()) {
            return Path::Anchored(path);
        }
        if let Some(anchor) = anchors.iter().find(|anchor| work.has_issued(anchor, last)) {
            path.push(anchor);
            return Path::Anchored(path);
        }
        let is_new = |other: &&&'a DecodedCertificate| path.iter().all(|seen| seen.as_der() != other.as_der());
        if let Some(next) = others.iter().filter(is_new).find(|other| work.has_issued(other, last)) {
            path.push(next);
            last = next;
        } else if work.has_issued(last, last) {
            return Path::Root(last);
        } else if work.is_spent() {
            return Path::Endless(last);
        } else if others.iter().chain(anchors).any(|other| is_named_as_issuer(other, last)) {
            return Path::Broken(last);
        } else {
            return Path::Open(last);
        }
    }
}

/// Follows a chain that leads to nothing that is trusted.
pub(super) fn linked<'a>(
    leaf: &'a DecodedCertificate,
    others: &[&'a DecodedCertificate],
    work: &Work,
) -> Vec<&'a DecodedCertificate> {
    let others = others.get(..MAX_CHAIN).unwrap_or(others);
    let mut chain = vec![leaf];
    let mut last = leaf;
    while let Some(next) = others
        .iter()
        .find(|other| work.has_issued(other, last) && chain.iter().all(|seen| seen.as_der() != other.as_der()))
    {
        chain.push(next);
        last = next;
    }
    chain
}

/// Returns what a leaf needs on its way to what is trusted, by DER: of two ways that without what is `refused`, if there is one.
pub(super) fn needed<'a>(
    leaf: &'a DecodedCertificate,
    others: &[&'a DecodedCertificate],
    anchors: &[&'a DecodedCertificate],
    is_refused: impl Fn(&DecodedCertificate) -> bool,
) -> Vec<&'a [u8]> {
    let work = Work::new();
    let good = |list: &[&'a DecodedCertificate]| -> Vec<_> {
        list.iter().copied().filter(|certificate| !is_refused(certificate)).collect()
    };
    let way = match path(leaf, &good(others), &good(anchors), &work) {
        Path::Anchored(way) => way,
        _ => match path(leaf, others, anchors, &work) {
            Path::Anchored(way) => way,
            _ => linked(leaf, others, &work),
        },
    };
    way.into_iter().map(DecodedCertificate::as_der).collect()
}

fn is_named_as_issuer(issuer: &DecodedCertificate, certificate: &DecodedCertificate) -> bool {
    issuer.subject.is_same_as(&certificate.issuer)
        // The certificate itself, whose subject is its issuer's by accident.
        && issuer.as_der() != certificate.as_der()
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
    if entry.chain.len() > MAX_CHAIN {
        let found =
            format!("there are {} certificates in the chain, of which {MAX_CHAIN} are judged", entry.chain.len());
        findings.push(Finding::new(&TOO_LONG, place, found, "import the chain again: the leaf, and the CAs above it"));
    }
    let mut ders = HashSet::new();
    let mut seen: Vec<&DecodedCertificate> = Vec::new();
    for certificate in entry.chain.iter().take(MAX_CHAIN) {
        if ders.insert(certificate.as_der()) {
            seen.push(certificate);
        } else {
            let found = format!("the certificate of `{}` is twice in the chain", certificate.subject.text);
            findings.push(Finding::new(&DUPLICATE, place, found, "import the chain again, each certificate once"));
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
        let names = seen.iter().map(|certificate| format!("`{}`", certificate.subject.text));
        let found = format!("the chain is in the order {}", listed(names, seen.len(), ", "));
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
        for entry in store.keys.iter().take(MAX_KEYS) {
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
    let others: Vec<&DecodedCertificate> = entry.chain.iter().skip(1).take(MAX_CHAIN).collect();
    let work = Work::new();
    relevant(party, trusts).into_iter().find_map(|trust| {
        let anchors = trust.store.anchors();
        // An empty truststore is a finding of its own.
        if anchors.is_empty() {
            return None;
        }
        let is_known =
            |name: &DecodedCertificate| anchors.iter().any(|anchor| anchor.subject.is_same_as(&name.subject));
        judge_path(&path(leaf, &others, &anchors, &work), &place, &trust.store.label, trust.is_of(party), is_known)
            .or_else(|| others.iter().find_map(|other| judge_other(other, &others, &anchors, &place, &work)))
    })
}

/// Judges a certificate in a chain whose leaf is trusted without it: it leads to what is trusted, or to a root, as the leaf does.
fn judge_other(
    other: &DecodedCertificate,
    others: &[&DecodedCertificate],
    anchors: &[&DecodedCertificate],
    place: &str,
    work: &Work,
) -> Option<Finding> {
    let is_led_on = matches!(path(other, others, anchors, work), Path::Anchored(_) | Path::Root(_) | Path::Endless(_));
    let found = format!("`{}` is in the chain, and leads to nothing that is trusted", other.subject.text);
    (!is_led_on).then(|| Finding::new(&STRANGER, place, found, "import the chain again without it"))
}

/// Returns the truststores that a party's certificate must be trusted by: that of a broker by its own, since Kafka lets it connect to
/// itself before it starts. Clients do not connect to each other; where there is no broker, a client's own stands for it.
fn relevant<'t, 'a>(party: &Party, trusts: &'t [Trust<'a>]) -> Vec<&'t Trust<'a>> {
    let is_met = |trust: &&Trust<'_>| {
        if trust.is_of(party) { party.role.is_node() } else { is_pair(party.role, trust.owner.role) }
    };
    let met: Vec<_> = trusts.iter().filter(is_met).collect();
    if met.is_empty() { trusts.iter().filter(|trust| trust.is_of(party)).collect() } else { met }
}

fn is_pair(one: NodeRole, other: NodeRole) -> bool {
    one.is_node() || other.is_node()
}

/// Judges where a path has ended; `is_known` says whether the truststore has a certificate of the same name.
fn judge_path(
    path: &Path<'_>,
    place: &str,
    truststore: &str,
    is_own: bool,
    is_known: impl Fn(&DecodedCertificate) -> bool,
) -> Option<Finding> {
    match path {
        Path::Anchored(_) => None,
        Path::Endless(last) => {
            let subject = &last.subject.text;
            let found = format!("`{subject}` names an issuer that more certificates are called by than are tried");
            let fix = "leave what has not issued it away, in the chain and in the truststore";
            Some(Finding::new(&TOO_LONG, place, found, fix))
        }
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
            let subject = &last.subject.text;
            let found = if is_known(last) {
                format!("the chain ends at `{subject}`, and another certificate of that name is in {truststore}")
            } else {
                format!("the chain ends at `{subject}`, which is not in {truststore}")
            };
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
    let mut seen = HashSet::new();
    let mut trusts = Vec::new();
    for owner in parties {
        for store in owner.truststores.iter().filter(|store| store.is_open() && store.purpose == Purpose::Truststore) {
            if seen.insert((owner.role, store.anchor_set())) {
                trusts.push(Trust { owner, store });
            }
        }
    }
    trusts
}
