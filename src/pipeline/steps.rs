//! The script's steps, each on its own, for those who replace one line at a time.
//!
//! What they read and write is anybody's: a CA of openssl, a store of keytool, a request of another team. They work in memory;
//! [`crate::output`] brings what they give to the disk.

use std::collections::HashSet;
use std::fmt;

use time::{Duration, OffsetDateTime};
use zeroize::Zeroizing;

use super::Environment;
use crate::kafka::principal::principal;
use crate::keystore::{Entry, EntryContent, EntryKind, PrivateKeyEntry, StoreContent, StoreFile, StoreFileError};
use crate::name::dn::DistinguishedName;
use crate::name::{Alias, SubjectAltName, printable};
use crate::pki::{
    Certificate, CertificateAuthority, CertificateChain, CertificateSigningRequest, ChainError, KeyEncryption,
    KeyError, KeyPair, PkiError, SerialNumber, VerifiedRequest, encrypted_key_pem,
};
use crate::random::RandomError;
use crate::secret::Password;
use crate::spec::{CaSpec, Days, KeySpec, SigningSpec, Validity, ValidityError};

/// Why a step was not taken. Nothing was changed.
#[derive(Debug)]
#[non_exhaustive]
pub enum StepError {
    /// The alias has an entry of another kind than the step is for.
    AliasTaken(Alias),
    /// The chain that is to be imported is there already.
    AlreadyThere(Alias),
    /// A certificate chain cannot be built.
    Chain(ChainError),
    /// The private key under an alias is not the one of its certificate.
    KeyMismatch(Alias),
    /// There is no private key under an alias; the aliases that have one.
    NoKey(Alias, Vec<String>),
    /// The chain of a reply ends at a certificate whose issuer, named here, is nowhere.
    NoIssuer(String),
    /// A certificate for a server would name no host.
    NoName,
    /// Not one private key in the store, or more than one; the aliases that have one.
    NotOneKey(Vec<String>),
    /// No certificate of a reply is for the key.
    NotForKey(Alias),
    /// A certificate would outlive its CA, which has fewer days left.
    OutlivesCa {
        /// How many days were asked for.
        days: Days,
        /// When the CA ends.
        ca_end: OffsetDateTime,
        /// How many whole days there are until then.
        left: i64,
    },
    /// A key, a request or a certificate.
    Pki(PkiError),
    /// A private key in a store cannot be used.
    PrivateKey(Alias, KeyError),
    /// The random source.
    Random(RandomError),
    /// A trusted entry holds one certificate, and there are more.
    SeveralCertificates(usize),
    /// A store.
    Store(StoreFileError),
    /// A request has the CA's own name: Java would take the certificate for one that has signed itself.
    SubjectOfCa,
    /// A validity.
    Validity(ValidityError),
}

impl fmt::Display for StepError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AliasTaken(alias) => write!(f, "the alias `{alias}` is taken in this store"),
            Self::AlreadyThere(alias) => write!(f, "the entry `{alias}` has this very chain already"),
            Self::Chain(_) => write!(f, "the certificate chain cannot be built"),
            Self::KeyMismatch(alias) => write!(f, "the key of `{alias}` is not the one in its certificate"),
            Self::NoKey(alias, _) => write!(f, "there is no private key under the alias `{alias}`"),
            Self::NoIssuer(name) => {
                write!(f, "the issuer `{}` of the reply is neither in its file nor in the store", printable(name))
            }
            Self::NoName => {
                write!(f, "the certificate would name no host, and no client would connect to a server that has it")
            }
            Self::NotOneKey(aliases) if aliases.is_empty() => write!(f, "the store has no private key"),
            Self::NotOneKey(aliases) => {
                write!(f, "the store has {} private keys, and it is not said which one is meant", aliases.len())
            }
            Self::NotForKey(alias) => {
                write!(f, "the certificate is not for the key of `{alias}`: their public keys differ")
            }
            Self::OutlivesCa { days, ca_end, .. } => {
                write!(f, "a certificate of {days} days would outlive its CA, which ends on {}", ca_end.date())
            }
            Self::Pki(error) => error.fmt(f),
            Self::PrivateKey(alias, _) => write!(f, "the private key of `{alias}` cannot be used"),
            Self::Random(error) => error.fmt(f),
            Self::SeveralCertificates(count) => {
                write!(f, "there are {count} certificates, and an entry of a trusted certificate holds one")
            }
            Self::Store(error) => error.fmt(f),
            Self::SubjectOfCa => {
                write!(
                    f,
                    "the request has the CA's own name, and Java would take its certificate for a self-signed one"
                )
            }
            Self::Validity(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for StepError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Chain(error) => Some(error),
            Self::Pki(error) => error.source(),
            Self::PrivateKey(_, error) => Some(error),
            Self::Store(error) => error.source(),
            _ => None,
        }
    }
}

impl From<ChainError> for StepError {
    fn from(error: ChainError) -> Self {
        Self::Chain(error)
    }
}

impl From<der::Error> for StepError {
    fn from(error: der::Error) -> Self {
        Self::Pki(error.into())
    }
}

impl From<PkiError> for StepError {
    fn from(error: PkiError) -> Self {
        Self::Pki(error)
    }
}

impl From<RandomError> for StepError {
    fn from(error: RandomError) -> Self {
        Self::Random(error)
    }
}

impl From<StoreFileError> for StepError {
    fn from(error: StoreFileError) -> Self {
        Self::Store(error)
    }
}

impl From<ValidityError> for StepError {
    fn from(error: ValidityError) -> Self {
        Self::Validity(error)
    }
}

/// Makes a root CA: `openssl req -new -x509`. Its password is made if the specification has none.
pub fn ca(spec: &CaSpec, environment: &Environment<'_>) -> Result<(CertificateAuthority, Password), StepError> {
    ca_of_key(spec, KeyPair::generate(spec.key_algorithm)?, environment)
}

/// Makes a root CA of a key that is there already.
pub(super) fn ca_of_key(
    spec: &CaSpec,
    key: KeyPair,
    environment: &Environment<'_>,
) -> Result<(CertificateAuthority, Password), StepError> {
    let validity = Validity::starting(environment.now, spec.days)?;
    let ca = CertificateAuthority::self_signed(key, &spec.subject.to_der()?, validity, environment.random)?;
    let password = match &spec.password {
        Some(password) => password.clone(),
        None => Password::make(environment.random)?,
    };
    Ok((ca, password))
}

/// Returns the file of a CA's key: PKCS#8 in PEM, encrypted with PBES2.
pub fn ca_key_file(
    ca: &CertificateAuthority,
    password: &Password,
    environment: &Environment<'_>,
) -> Result<Zeroizing<Vec<u8>>, PkiError> {
    let key = KeyEncryption::Pbes2.encrypt(&ca.key().to_pkcs8()?, password, environment.random)?;
    Ok(encrypted_key_pem(&key).into_bytes().into())
}

/// Makes a key pair with a certificate that it signs itself, and adds it to a store: `keytool -genkeypair`.
pub fn genkey(
    spec: &KeySpec,
    store: &mut StoreFile,
    key_password: Option<&Password>,
    environment: &Environment<'_>,
) -> Result<Certificate, StepError> {
    let key = KeyPair::generate(spec.key_algorithm)?;
    let certificate = Certificate::self_signed(
        &key,
        &spec.subject.to_der()?,
        spec.profile,
        &spec.alt_names,
        Validity::starting(environment.now, spec.days)?,
        environment.random,
    )?;
    let entry = PrivateKeyEntry { key: key.to_pkcs8()?, chain: vec![certificate.as_der().to_vec()] };
    let entry = Entry { alias: spec.alias.clone(), created: environment.now, content: EntryContent::PrivateKey(entry) };
    store.add(entry, key_password, environment.random)?;
    Ok(certificate)
}

/// Makes the request of a key in a store: `keytool -certreq`.
///
/// Without a `subject` it is that of the key's certificate, octet by octet; without `alt_names`, those in the certificate.
pub fn certreq(
    store: &StoreFile,
    alias: &Alias,
    key_password: Option<&Password>,
    subject: Option<&DistinguishedName>,
    alt_names: Option<&[SubjectAltName]>,
) -> Result<CertificateSigningRequest, StepError> {
    let (key, chain) = key_and_chain(store, alias, key_password)?;
    let leaf = chain.into_iter().next();
    if leaf.as_ref().is_some_and(|leaf| !leaf.is_of_key(&key)) {
        return Err(StepError::KeyMismatch(alias.clone()));
    }
    let subject = match (subject, &leaf) {
        (Some(subject), _) => subject.to_der()?,
        (None, Some(leaf)) => leaf.subject_der().to_vec(),
        (None, None) => DistinguishedName::default().to_der()?,
    };
    let alt_names = match (alt_names, &leaf) {
        (Some(names), _) => names.to_vec(),
        (None, Some(leaf)) => leaf.alt_names(),
        (None, None) => Vec::new(),
    };
    Ok(CertificateSigningRequest::new(&key, &subject, &alt_names)?)
}

/// A certificate that was issued, and what the request did not get.
#[derive(Debug, Clone)]
pub struct Signed {
    /// The certificate.
    pub certificate: Certificate,
    /// What the request asked for and the profile does not give, as it can be shown.
    pub not_granted: Vec<String>,
    /// Whether the certificate ends earlier than was asked for, because its CA does.
    pub is_shortened: bool,
}

/// Issues a certificate for somebody's request: `openssl x509 -req`.
///
/// The names are those of the specification, or else those that the request asks for, with the common name if that is the name of a
/// host. It begins no earlier and ends no later than its CA: what exceeds the CA by less than a day is
/// left off, as it is when CA and certificate are made one after the other for as many days. `counter` is a serial number that
/// somebody else counts on from.
pub fn sign(
    ca: &CertificateAuthority,
    request: &VerifiedRequest,
    spec: &SigningSpec,
    counter: Option<&SerialNumber>,
    environment: &Environment<'_>,
) -> Result<Signed, StepError> {
    if ca.is_named(request.subject_der()) {
        return Err(StepError::SubjectOfCa);
    }
    let names = spec.alt_names.clone().unwrap_or_else(|| {
        let mut names = request.alt_names().to_vec();
        for host in request.host_names() {
            if !names.contains(&host) {
                names.insert(0, host);
            }
        }
        names
    });
    if names.is_empty() && spec.profile.server_auth {
        return Err(StepError::NoName);
    }
    let of_ca = ca.certificate().validity();
    let wanted = Validity::starting(environment.now, spec.days.unwrap_or(Days::NODE))?;
    if let Some(days) = spec.days.filter(|_| wanted.not_after - of_ca.not_after >= Duration::DAY) {
        let left = (of_ca.not_after - environment.now).whole_days();
        return Err(StepError::OutlivesCa { days, ca_end: of_ca.not_after, left });
    }
    let validity = wanted.limited_to(&of_ca);
    let certificate = ca.sign(request, spec.profile, &names, validity, counter, environment.random)?;
    Ok(Signed {
        not_granted: request.not_granted(&certificate),
        is_shortened: validity.not_after < wanted.not_after,
        certificate,
    })
}

/// What an import would do to a store.
#[derive(Debug, Clone)]
pub enum Import {
    /// The reply to a key's request: the chain that replaces the one that the key has.
    Reply(CertificateChain),
    /// A certificate to trust, under an alias of its own.
    Trusted {
        /// The certificate.
        certificate: Certificate,
        /// Whether the store trusts one that has signed it.
        is_trusted: bool,
        /// The alias under which the store has it already.
        known_as: Option<String>,
    },
}

impl Import {
    /// Finds out what an import of `certificates` under `alias` is, as keytool does: where the alias has a private key it is the
    /// reply to its request, and else a certificate to trust. Changes nothing.
    pub fn plan(
        store: &StoreFile,
        alias: &Alias,
        key_password: Option<&Password>,
        certificates: &[Certificate],
    ) -> Result<Self, StepError> {
        match store.entry(alias.as_str()).map(|entry| entry.content) {
            Some(StoreContent::PrivateKey { chain }) => {
                Self::plan_reply(store, alias, key_password, &chain, certificates)
            }
            Some(_) => Err(StepError::AliasTaken(alias.clone())),
            None => Self::plan_trusted(store, alias, certificates),
        }
    }

    fn plan_reply(
        store: &StoreFile,
        alias: &Alias,
        key_password: Option<&Password>,
        present: &[&[u8]],
        certificates: &[Certificate],
    ) -> Result<Self, StepError> {
        let own = match present.first() {
            Some(der) => Certificate::from_der(der.to_vec())?.public_key_info().to_vec(),
            None => key_and_chain(store, alias, key_password)?.0.public_key_info(),
        };
        let is_for_key = |certificate: &&Certificate| certificate.is_of_public_key(&own);
        let reply = certificates.iter().find(is_for_key).ok_or_else(|| StepError::NotForKey(alias.clone()))?;
        let (trusted, others) = certificates_of(store, alias);
        let others: Vec<Certificate> = certificates.iter().cloned().chain(others).collect();
        let chain = CertificateChain::build(reply.clone(), &others, &trusted)?;
        // A reply of several certificates may end below its root; one that is alone must lead to it, with keytool too.
        let end = chain.certificates().last().filter(|_| certificates.len() == 1);
        if let Some(end) = end.filter(|_| !chain.is_complete() && !chain.is_trusted()) {
            return Err(StepError::NoIssuer(principal(end.issuer_der())?));
        }
        if chain.certificates().iter().map(Certificate::as_der).eq(present.iter().copied()) {
            return Err(StepError::AlreadyThere(alias.clone()));
        }
        Ok(Self::Reply(chain))
    }

    fn plan_trusted(store: &StoreFile, alias: &Alias, certificates: &[Certificate]) -> Result<Self, StepError> {
        let [certificate] = certificates else {
            return Err(StepError::SeveralCertificates(certificates.len()));
        };
        let entries = store.entries();
        let known =
            entries.iter().find(|entry| entry.content == StoreContent::TrustedCertificate(certificate.as_der()));
        let (trusted, others) = certificates_of(store, alias);
        // What cannot be built is not trusted, and no more than that: it may have nothing to do with this store.
        let is_trusted =
            CertificateChain::build(certificate.clone(), &others, &trusted).is_ok_and(|chain| chain.is_trusted());
        let known_as = known.map(|entry| entry.alias.to_owned());
        Ok(Self::Trusted { certificate: certificate.clone(), is_trusted, known_as })
    }

    /// Says whether somebody has to confirm it first: the store does not trust whoever has signed it.
    pub fn needs_confirmation(&self) -> bool {
        match self {
            Self::Reply(chain) => !chain.is_trusted(),
            Self::Trusted { is_trusted, known_as, .. } => !is_trusted || known_as.is_some(),
        }
    }

    /// Returns the certificate itself: of a reply, the leaf's.
    pub fn certificate(&self) -> Option<&Certificate> {
        match self {
            Self::Reply(chain) => chain.certificates().first(),
            Self::Trusted { certificate, .. } => Some(certificate),
        }
    }

    /// Carries it out in memory.
    pub fn apply(&self, store: &mut StoreFile, alias: &Alias, environment: &Environment<'_>) -> Result<(), StepError> {
        match self {
            Self::Reply(chain) => {
                let chain = chain.certificates().iter().map(|certificate| certificate.as_der().to_vec()).collect();
                store.replace_chain(alias.as_str(), chain, environment.random)?;
            }
            Self::Trusted { certificate, .. } => {
                let content = EntryContent::TrustedCertificate(certificate.as_der().to_vec());
                let entry = Entry { alias: alias.clone(), created: environment.now, content };
                store.add(entry, None, environment.random)?;
            }
        }
        Ok(())
    }
}

/// Returns the alias of the only private key of a store.
pub fn only_key(store: &StoreFile) -> Result<Alias, StepError> {
    let aliases = key_aliases(store);
    match aliases.as_slice() {
        [alias] => alias.parse().map_err(|_| StepError::NotOneKey(aliases.clone())),
        _ => Err(StepError::NotOneKey(aliases)),
    }
}

/// Returns a key of a store with the chain of its certificate, as keytool keeps a CA.
pub fn key_and_chain(
    store: &StoreFile,
    alias: &Alias,
    key_password: Option<&Password>,
) -> Result<(KeyPair, Vec<Certificate>), StepError> {
    let entry = store.entry(alias.as_str());
    let Some(StoreContent::PrivateKey { chain }) = entry.map(|entry| entry.content) else {
        return Err(StepError::NoKey(alias.clone(), key_aliases(store)));
    };
    let pkcs8 = store.private_key(alias.as_str(), key_password)?;
    let key = KeyPair::from_pkcs8(&pkcs8).map_err(|error| StepError::PrivateKey(alias.clone(), error))?;
    let chain = chain.into_iter().map(|der| Ok(Certificate::from_der(der.to_vec())?));
    Ok((key, chain.collect::<Result<_, StepError>>()?))
}

fn key_aliases(store: &StoreFile) -> Vec<String> {
    let entries = store.entries();
    let keys = entries.iter().filter(|entry| entry.content.kind() == EntryKind::PrivateKey);
    keys.map(|entry| entry.alias.to_owned()).collect()
}

/// Returns the certificates of a store that can be read, each once: those that it trusts, and those above a key's own. The own
/// certificates of other keys are trusted, as by keytool: a CA may be in the same store.
fn certificates_of(store: &StoreFile, alias: &Alias) -> (Vec<Certificate>, Vec<Certificate>) {
    let entries = store.entries();
    let (mut trusted, mut others) = (HashSet::new(), HashSet::new());
    for entry in &entries {
        match &entry.content {
            StoreContent::TrustedCertificate(der) => drop(trusted.insert(*der)),
            StoreContent::PrivateKey { chain } => {
                if entry.alias.to_lowercase() != alias.as_str() {
                    trusted.extend(chain.first());
                }
                others.extend(chain.iter().skip(1));
            }
            StoreContent::SecretKey => {}
        }
    }
    let read = |ders: HashSet<&[u8]>| {
        let mut ders: Vec<&[u8]> = ders.into_iter().collect();
        ders.sort_unstable();
        ders.into_iter().filter_map(|der| Certificate::from_der(der.to_vec()).ok()).collect()
    };
    (read(trusted), read(others))
}
