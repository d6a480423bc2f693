//! A survey of a PKCS#12 store: what opens is read, what does not is counted.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use const_oid::ObjectIdentifier;
use der::asn1::Any;
use x509_cert::spki::AlgorithmIdentifier;
use zeroize::Zeroizing;

use super::content_info::{Sealed, decrypt_contents, read_encrypted_key};
use super::element::Element;
use super::java_view::{JavaView, ViewContent, ViewEntry};
use super::mac_survey::MacSurvey;
use super::safe_bag::{BagKind, SafeBag, read_safe_contents};
use super::{BagAt, Pkcs12Error, Work, content_infos, decrypt_key, read_pfx};
use crate::keystore::survey::{
    ClosedPart, ClosedReason, Integrity, KeyState, MAX_SURVEY, Passwords, Protected, Protection, ReaderLimit,
    StoreSurvey, SurveyContent, SurveyEntry, SurveyError, SurveyFormat, Unseen, UnseenContent,
};
use crate::pbe::{MAX_ITERATIONS, PbeError, Scheme, SchemeOutline};

const CRL_BAG: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.10.1.4");

/// How many bytes are decrypted, by the slowest cipher, in the time of an iteration.
const BYTES_OF_ITERATION: usize = 2;

/// Reads a store.
pub(in crate::keystore) fn survey(bytes: &[u8], passwords: Passwords<'_>) -> Result<StoreSurvey, SurveyError> {
    let (authenticated_safe, mac) = read_pfx(bytes).map_err(|error| explained(bytes, error))?;
    let mut surveyor = Surveyor::new(passwords);
    surveyor.check_mac(mac, authenticated_safe)?;
    surveyor.read_contents(authenticated_safe)?;
    let view = JavaView::of(surveyor.bags())?;
    surveyor.finish(view)
}

/// Says where a file ends too early, if that is why it is malformed.
fn explained(bytes: &[u8], error: Pkcs12Error) -> SurveyError {
    match (&error, declared_length(bytes)) {
        (Pkcs12Error::Malformed(_), Some(expected)) if expected > bytes.len() => {
            SurveyError::CutShort { length: bytes.len(), expected }
        }
        _ => error.into(),
    }
}

/// Returns how long the first element says that it is, with its header.
fn declared_length(bytes: &[u8]) -> Option<usize> {
    let (&first, rest) = bytes.get(1..)?.split_first()?;
    let more = usize::from(first).checked_sub(0x80);
    let (octets, header) = match more {
        None => return usize::from(first).checked_add(2),
        Some(more) if (1..=4).contains(&more) => (rest.get(..more)?, more.checked_add(2)?),
        Some(_) => return None,
    };
    let length = octets.iter().fold(0_u64, |length, octet| length << 8 | u64::from(*octet));
    usize::try_from(length).ok()?.checked_add(header)
}

/// What is known of a store while it is read.
struct Surveyor<'p> {
    passwords: Passwords<'p>,
    work: Work,
    integrity: Integrity,
    /// The MAC was made with another password than the one that was given, or over other bytes.
    is_mismatched: bool,
    /// Something has opened with the password of the store.
    has_opened: bool,
    contents: Vec<Vec<SafeBag>>,
    protections: Vec<Protection>,
    closed: Vec<ClosedPart>,
    limits: Vec<ReaderLimit>,
    /// The same as the limits: each key may have one of its own.
    noted: HashSet<ReaderLimit>,
    certificates: HashMap<BagAt, Arc<[u8]>>,
}

impl<'p> Surveyor<'p> {
    fn new(passwords: Passwords<'p>) -> Self {
        Self {
            passwords,
            work: Work::of(passwords.most_work),
            integrity: Integrity::NoMac,
            is_mismatched: false,
            has_opened: false,
            contents: Vec::new(),
            protections: Vec::new(),
            closed: Vec::new(),
            limits: Vec::new(),
            noted: HashSet::new(),
            certificates: HashMap::new(),
        }
    }

    fn check_mac(&mut self, mac: Option<Element<'_>>, data: &[u8]) -> Result<(), SurveyError> {
        let Some(mac) = mac else { return Ok(()) };
        let mac = MacSurvey::read(mac)?;
        self.limit(mac.limit());
        self.limit_iterations(&Protected::Whole, mac.iterations);
        self.integrity = self.integrity_by(&mac, data);
        self.is_mismatched = self.integrity == Integrity::NotChecked && self.passwords.store.is_some();
        self.protections.push(Protection { what: Protected::Whole, algorithm: mac.name, iterations: mac.iterations });
        Ok(())
    }

    fn integrity_by(&mut self, mac: &MacSurvey<'_>, data: &[u8]) -> Integrity {
        match mac.work() {
            Err(PbeError::Iterations(count)) if count > 0 => return Integrity::TooMuchWork(count),
            Err(error) => return Integrity::Unsupported(error.to_string()),
            Ok(work) if self.work.spend(work).is_err() => {
                return Integrity::TooMuchWork(mac.iterations.unwrap_or(work));
            }
            Ok(_) => {}
        }
        if !mac.verifies(data, self.passwords.store.unwrap_or_default()) {
            Integrity::NotChecked
        } else if self.passwords.store.is_some() {
            Integrity::Checked
        } else {
            self.passwords.store = Some("");
            Integrity::EmptyPassword
        }
    }

    fn read_contents(&mut self, authenticated_safe: &[u8]) -> Result<(), SurveyError> {
        for info in content_infos(authenticated_safe, &mut self.work)? {
            let bags = match Sealed::read(info)? {
                Sealed::Plain(octets) => read_safe_contents(octets, &mut self.work)?,
                Sealed::Encrypted { algorithm, ciphertext } => match self.decrypt(&algorithm, ciphertext) {
                    Some(plain) => read_safe_contents(&plain, &mut self.work)?,
                    None => Vec::new(),
                },
            };
            self.contents.push(bags);
        }
        Ok(())
    }

    /// Returns what an encrypted list of bags was, or says why it stays closed.
    fn decrypt(&mut self, algorithm: &AlgorithmIdentifier<Any>, ciphertext: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let outline = self.describe(algorithm, Protected::Content);
        let opened = self.opened(algorithm, &outline, ciphertext.len(), self.passwords.store);
        let opened = opened.and_then(|(scheme, password)| {
            decrypt_contents(&scheme, ciphertext, password).map_err(|_| ClosedReason::WrongPassword)
        });
        match opened {
            Ok(plain) => {
                self.has_opened = true;
                Some(plain)
            }
            Err(reason) => {
                let SchemeOutline { name: algorithm, iterations, .. } = outline;
                self.closed.push(ClosedPart { algorithm, iterations, length: ciphertext.len(), reason });
                None
            }
        }
    }

    /// Returns the scheme to decrypt with, and the password, if there is one and the work is done.
    fn opened(
        &mut self,
        algorithm: &AlgorithmIdentifier<Any>,
        outline: &SchemeOutline,
        length: usize,
        password: Option<&'p str>,
    ) -> Result<(Scheme, &'p str), ClosedReason> {
        let scheme = Scheme::from_algorithm(algorithm).map_err(|error| match error {
            PbeError::Iterations(count) if count > 0 => ClosedReason::TooMuchWork(count),
            PbeError::Unsupported(_) => ClosedReason::Unsupported(outline.name.clone()),
            error => ClosedReason::Unsupported(error.to_string()),
        })?;
        let password = password.ok_or(ClosedReason::NoPassword)?;
        let bytes = u64::try_from(length.div_ceil(BYTES_OF_ITERATION)).unwrap_or(u64::MAX);
        match self.work.spend(scheme.work().saturating_add(bytes)) {
            Ok(()) => Ok((scheme, password)),
            Err(_) => Err(ClosedReason::TooMuchWork(scheme.iterations().into())),
        }
    }

    /// Notes how something is encrypted, and who will not decrypt it.
    fn describe(&mut self, algorithm: &AlgorithmIdentifier<Any>, what: Protected) -> SchemeOutline {
        let outline = SchemeOutline::of(algorithm);
        let name = &outline.name;
        self.limit(outline.is_pbes2.then_some(ReaderLimit::OldJava));
        self.limit(outline.needs_openssl_legacy.then(|| ReaderLimit::OpenSslLegacy(name.clone())));
        let unknown = || ReaderLimit::JavaUnknownCipher { what: what.clone(), algorithm: name.clone() };
        self.limit(outline.is_unknown_to_java.then(unknown));
        self.limit((what == Protected::Content).then_some(ReaderLimit::JavaWithoutPassword));
        self.limit_iterations(&what, outline.iterations);
        self.protections.push(Protection { what, algorithm: name.clone(), iterations: outline.iterations });
        outline
    }

    fn limit_iterations(&mut self, what: &Protected, iterations: Option<u64>) {
        let iterations = iterations.filter(|iterations| *iterations > u64::from(MAX_ITERATIONS));
        self.limit(iterations.map(|iterations| ReaderLimit::JavaIterations { what: what.clone(), iterations }));
    }

    fn limit(&mut self, limit: Option<ReaderLimit>) {
        self.limits.extend(limit.filter(|limit| self.noted.insert(limit.clone())));
    }

    fn bags(&self) -> impl Iterator<Item = (BagAt, &SafeBag)> {
        self.contents.iter().enumerate().flat_map(|(contents, bags)| {
            bags.iter().enumerate().map(move |(bag, safe_bag)| (BagAt { contents, bag }, safe_bag))
        })
    }

    fn bag(&self, at: BagAt) -> Option<&SafeBag> {
        self.contents.get(at.contents)?.get(at.bag)
    }

    fn finish(mut self, view: JavaView) -> Result<StoreSurvey, SurveyError> {
        let JavaView { entries, unseen_certificates, unseen_keys, unseen_bags, shadowed } = view;
        let entries: Vec<SurveyEntry> = entries.into_iter().map(|entry| self.entry(entry)).collect();
        let mut unseen: Vec<Unseen> = Vec::new();
        for entry in shadowed {
            let SurveyEntry { alias, content, .. } = self.entry(entry);
            unseen.push(Unseen { alias: Some(alias), content: UnseenContent::Shadowed(content) });
        }
        for at in unseen_certificates.into_iter().chain(unseen_keys).chain(unseen_bags) {
            unseen.extend(self.unseen(at));
        }
        refuse_long_chains(&entries)?;
        self.refuse_wrong_password()?;
        self.conclude(&entries, &unseen);
        Ok(StoreSurvey {
            format: SurveyFormat::Pkcs12,
            integrity: self.integrity,
            protections: self.protections,
            entries,
            unseen,
            closed: self.closed,
            unread_entries: 0,
            limits: self.limits,
        })
    }

    fn entry(&mut self, entry: ViewEntry) -> SurveyEntry {
        let content = match entry.content {
            ViewContent::PrivateKey { key, chain, .. } => SurveyContent::PrivateKey {
                chain: chain.into_iter().map(|at| self.certificate(at)).collect(),
                key: self.key(key, Some(&entry.alias)),
            },
            ViewContent::SecretKey(_) => SurveyContent::SecretKey,
            ViewContent::TrustedCertificate(at) => SurveyContent::TrustedCertificate(self.certificate(at)),
        };
        SurveyEntry { alias: entry.alias, created: entry.created, content }
    }

    /// Returns a certificate, which many chains may share.
    fn certificate(&mut self, at: BagAt) -> Arc<[u8]> {
        if let Some(certificate) = self.certificates.get(&at) {
            return Arc::clone(certificate);
        }
        let certificate: Arc<[u8]> = self.bag(at).and_then(SafeBag::certificate).unwrap_or_default().into();
        self.certificates.insert(at, Arc::clone(&certificate));
        certificate
    }

    fn key(&mut self, at: BagAt, alias: Option<&str>) -> KeyState {
        const KEY: &str = "encrypted key";
        let Some(der) = self.bag(at).and_then(SafeBag::shrouded_key) else { return KeyState::Damaged(KEY) };
        let Ok((algorithm, ciphertext)) = read_encrypted_key(der) else { return KeyState::Damaged(KEY) };
        let ciphertext = ciphertext.to_vec();
        let outline = self.describe(&algorithm, Protected::Key(alias.map(str::to_owned)));
        match self.opened(&algorithm, &outline, ciphertext.len(), self.passwords.key()) {
            Ok((scheme, password)) => {
                let key = decrypt_key(&scheme, &ciphertext, password);
                self.note_key(key.is_ok(), password, alias);
                key.map_or(KeyState::WrongPassword, KeyState::Open)
            }
            Err(ClosedReason::NoPassword) => KeyState::NoPassword,
            Err(ClosedReason::TooMuchWork(iterations)) => KeyState::TooMuchWork(iterations),
            Err(ClosedReason::Unsupported(name)) => KeyState::Unsupported(name),
            Err(ClosedReason::WrongPassword) => KeyState::WrongPassword,
        }
    }

    /// Notes what a key says of the passwords: one that opens with another than the store's, or does not open with it although it is
    /// proved, has its own.
    fn note_key(&mut self, is_open: bool, password: &str, alias: Option<&str>) {
        let is_of_store = self.passwords.store == Some(password);
        self.has_opened |= is_open && is_of_store;
        let has_own = is_open != is_of_store && self.integrity == Integrity::Checked;
        let limit = || alias.map(|alias| ReaderLimit::OpenSslKeyPassword(alias.to_owned()));
        self.limit(has_own.then(limit).flatten());
    }

    fn unseen(&mut self, at: BagAt) -> Option<Unseen> {
        let bag = self.bag(at)?;
        let alias = bag.friendly_name.clone();
        let content = match bag.kind {
            BagKind::Certificate => UnseenContent::Certificate(self.certificate(at)),
            BagKind::Key => UnseenContent::PlainKey(Zeroizing::new(bag.content().unwrap_or_default().to_vec())),
            BagKind::Other(CRL_BAG) => UnseenContent::Crl,
            BagKind::Other(kind) => UnseenContent::Other(kind.to_string()),
            BagKind::OtherCertificate(kind) => UnseenContent::OtherCertificate(kind.to_string()),
            BagKind::Secret => return None,
            BagKind::ShroudedKey => UnseenContent::KeyWithoutId(self.key(at, alias.as_deref())),
        };
        Some(Unseen { alias, content })
    }

    /// Refuses a password that fits nothing.
    fn refuse_wrong_password(&self) -> Result<(), SurveyError> {
        if self.is_mismatched {
            return Err(if self.has_opened { SurveyError::Changed } else { SurveyError::WrongPasswordOrDamaged });
        }
        let is_closed = self.closed.iter().any(|part| part.reason == ClosedReason::WrongPassword);
        let is_proved = self.has_opened || matches!(self.integrity, Integrity::Checked | Integrity::EmptyPassword);
        if is_closed && !is_proved { Err(SurveyError::WrongPasswordOrDamaged) } else { Ok(()) }
    }

    /// Notes what is known only when all has been read.
    fn conclude(&mut self, entries: &[SurveyEntry], unseen: &[Unseen]) {
        let has_other_password = self.closed.iter().any(|part| part.reason == ClosedReason::WrongPassword);
        self.limit(has_other_password.then_some(ReaderLimit::JavaContentPassword));
        let is_empty = entries.is_empty() && self.closed.is_empty();
        let has_certificate = unseen.iter().any(|unseen| matches!(unseen.content, UnseenContent::Certificate(_)));
        self.limit((is_empty && has_certificate).then_some(ReaderLimit::JavaSeesNothing));
        let is_ascii = |password: &str| password.bytes().all(|byte| (0x20..=0x7E).contains(&byte));
        let is_foreign = self.passwords.store.is_some_and(|password| !is_ascii(password));
        let is_used = self.integrity == Integrity::Checked || self.has_opened;
        self.limit((is_foreign && is_used).then_some(ReaderLimit::Java17Password));
    }
}

/// Many keys may share one chain: whoever looks at each certificate of each chain looks at no more than at a large file.
fn refuse_long_chains(entries: &[SurveyEntry]) -> Result<(), SurveyError> {
    let chains = entries.iter().filter_map(|entry| match &entry.content {
        SurveyContent::PrivateKey { chain, .. } => Some(chain),
        _ => None,
    });
    let total: usize = chains.flatten().map(|certificate| certificate.len()).sum();
    if total > MAX_SURVEY { Err(SurveyError::TooMany) } else { Ok(()) }
}
