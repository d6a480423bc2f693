//! What shall exist, checked as a whole: a CA, identities, the form of their stores.
//!
//! Single values cannot be wrong here, they were parsed into types; [`ClusterSpec::faults`] finds what is wrong between them,
//! all of it at once.

use std::collections::{HashMap, HashSet};
use std::fmt;

use time::OffsetDateTime;

use crate::name::dn::DistinguishedName;
use crate::name::{Alias, HostError, NodeName, SubjectAltName};
use crate::secret::{Password, PasswordError};

mod certificate;
pub mod cluster_file;
mod named;
mod step;
mod store;

pub use certificate::{CertificateProfile, Days, DaysError, KeyAlgorithm, NodeRole, Validity, ValidityError};
pub use named::UnknownValue;
pub use step::{KeySpec, SigningSpec};
pub use store::{ClientAuth, ExportFormat, Layout, PemKey, Pkcs12Profile, StoreFormat};

/// The alias of the CA's certificate in the script, and the default here.
pub const CA_ALIAS: &str = "CARoot";

/// The CA's common name, unless another is asked for.
pub const CA_COMMON_NAME: &str = "Kafka CA";

/// The CA that signs a bundle's certificates.
#[derive(Debug, Clone)]
pub struct CaSpec {
    /// The subject, and so the issuer of every certificate.
    pub subject: DistinguishedName,
    /// The algorithm of its key.
    pub key_algorithm: KeyAlgorithm,
    /// How long its certificate is valid.
    pub days: Days,
    /// What encrypts its key; one is made if there is none.
    pub password: Option<Password>,
}

impl Default for CaSpec {
    /// Returns `CN=Kafka CA` with an RSA-3072 key, for ten years.
    fn default() -> Self {
        Self {
            subject: DistinguishedName::of_sound_common_name(CA_COMMON_NAME),
            key_algorithm: KeyAlgorithm::CA,
            days: Days::CA,
            password: None,
        }
    }
}

/// Where a cluster's CA comes from.
#[derive(Debug, Clone)]
pub enum CaSource {
    /// It is made with the bundle.
    Made(CaSpec),
    /// It is there already.
    Given,
}

/// A broker, a controller or a client: an identity with a key pair, a certificate and stores of its own.
#[derive(Debug, Clone)]
pub struct NodeSpec {
    /// The name: folder, common name, default alias.
    pub name: NodeName,
    /// What it does.
    pub role: NodeRole,
    /// What its certificate may be used for.
    pub profile: CertificateProfile,
    /// The subject of its certificate.
    pub subject: DistinguishedName,
    /// The names that others reach it by.
    pub alt_names: Vec<SubjectAltName>,
    /// The alias of its key in a store.
    pub alias: Alias,
    /// The algorithm of its key.
    pub key_algorithm: KeyAlgorithm,
    /// How long its certificate is valid.
    pub days: Days,
    /// The formats of its stores, each at most once, if they are not those of the bundle.
    pub formats: Option<Vec<StoreFormat>>,
    /// How many days before its end its certificate is to be renewed; if it is not said, when a third of its time is left.
    pub renew_before: Option<Days>,
}

impl NodeSpec {
    /// Returns an identity with an RSA-2048 key, for a year, whose one alternative name is its own if others can connect to that.
    pub fn new(name: NodeName, role: NodeRole) -> Self {
        Self {
            // A node's name is narrower than a common name may be.
            subject: DistinguishedName::of_sound_common_name(name.as_str()),
            alt_names: name.as_str().parse().into_iter().collect(),
            alias: Alias::from(&name),
            key_algorithm: KeyAlgorithm::NODE,
            days: Days::NODE,
            formats: None,
            renew_before: None,
            profile: role.profile(),
            role,
            name,
        }
    }
}

/// How the stores of a bundle are written.
#[derive(Debug, Clone)]
pub struct StoreSpec {
    /// The formats of identities that have none of their own, each at most once.
    pub formats: Vec<StoreFormat>,
    /// The alias of the CA's certificate.
    pub ca_alias: Alias,
    /// What protects the stores; one is made for each identity if there is none.
    pub store_password: Option<Password>,
    /// What protects the key in a JKS store or an encrypted PEM file, if it is not the store password.
    pub key_password: Option<Password>,
    /// How the key stands in a PEM file.
    pub pem_key: PemKey,
}

impl Default for StoreSpec {
    /// Returns JKS and PKCS#12, with the script's alias and a made password for each identity.
    fn default() -> Self {
        Self {
            formats: vec![StoreFormat::Jks, StoreFormat::Pkcs12],
            ca_alias: Alias::ca_root(),
            store_password: None,
            key_password: None,
            pem_key: PemKey::Plain,
        }
    }
}

impl StoreSpec {
    /// Says whether a PEM file with an encrypted key is among these formats.
    pub fn encrypts_pem(&self, formats: &[StoreFormat]) -> bool {
        formats.contains(&StoreFormat::Pem) && self.pem_key != PemKey::Plain
    }
}

/// A whole bundle.
#[derive(Debug, Clone)]
pub struct ClusterSpec {
    /// The CA.
    pub ca: CaSource,
    /// The identities, in the order in which they were named.
    pub nodes: Vec<NodeSpec>,
    /// The stores.
    pub stores: StoreSpec,
    /// Where the files lie in the bundle's folder.
    pub layout: Layout,
    /// What brokers ask of their clients; decided by whether there are any, if it is not said.
    pub client_auth: Option<ClientAuth>,
    /// The folder that the properties name, when the files will live elsewhere.
    pub deploy_dir: Option<String>,
}

impl ClusterSpec {
    /// Returns a bundle of these identities, with the default of everything else.
    pub fn new(nodes: Vec<NodeSpec>) -> Self {
        Self {
            ca: CaSource::Made(CaSpec::default()),
            nodes,
            stores: StoreSpec::default(),
            layout: Layout::Nodes,
            client_auth: None,
            deploy_dir: None,
        }
    }

    /// Returns the same with keys of one algorithm, the CA's included if it is made here. Those of [`KeyAlgorithm::EcP256`] are made
    /// in microseconds, which is what a test wants.
    #[must_use]
    pub fn with_keys(mut self, algorithm: KeyAlgorithm) -> Self {
        if let CaSource::Made(ca) = &mut self.ca {
            ca.key_algorithm = algorithm;
        }
        for node in &mut self.nodes {
            node.key_algorithm = algorithm;
        }
        self
    }

    /// Returns the CA that shall be made, if it is not there already.
    pub fn made_ca(&self) -> Option<&CaSpec> {
        match &self.ca {
            CaSource::Made(ca) => Some(ca),
            CaSource::Given => None,
        }
    }

    /// Returns the formats of an identity's stores.
    pub fn formats<'a>(&'a self, node: &'a NodeSpec) -> &'a [StoreFormat] {
        node.formats.as_deref().unwrap_or(&self.stores.formats)
    }

    /// Returns what brokers ask of their clients: a certificate as soon as the bundle has clients.
    pub fn effective_client_auth(&self) -> ClientAuth {
        let has_clients = self.nodes.iter().any(|node| node.role == NodeRole::Client);
        self.client_auth.unwrap_or(if has_clients { ClientAuth::Required } else { ClientAuth::None })
    }

    /// Returns everything that is wrong between the parts of the specification.
    pub fn faults(&self, now: OffsetDateTime) -> Vec<SpecError> {
        let mut faults = Vec::new();
        if self.nodes.is_empty() {
            faults.push(SpecError::NoNode);
        }
        self.find_collisions(&mut faults);
        if let Some(ca) = self.made_ca() {
            faults.extend(ca.faults(now));
            self.find_validity_faults(ca, &mut faults);
            let namesakes = self.nodes.iter().filter(|node| node.subject.is_same_name(&ca.subject));
            faults.extend(namesakes.map(|node| SpecError::SubjectOfCa(node.name.clone())));
        }
        faults.extend(self.password_faults());
        for node in &self.nodes {
            match node.name.as_str().parse() {
                Err(error) if node.role.is_node() => {
                    faults.push(SpecError::BrokerName(node.name.clone(), error));
                }
                Ok(name) if !node.alt_names.contains(&name) => {
                    faults.push(SpecError::NameNotInCertificate(node.name.clone()));
                }
                _ => {}
            }
            if node.alias == self.stores.ca_alias {
                faults.push(SpecError::AliasOfCa(node.name.clone(), node.alias.clone()));
            }
        }
        let is_unreadable = |node: &NodeSpec| {
            node.key_algorithm == KeyAlgorithm::Ed25519 && self.formats(node).contains(&StoreFormat::Pem)
        };
        if self.nodes.iter().any(is_unreadable) {
            faults.push(SpecError::Ed25519InPem);
        }
        if self.layout == Layout::Script
            && (self.nodes.len() > 1 || self.nodes.iter().any(|n| n.role != NodeRole::Broker))
        {
            faults.push(SpecError::ScriptLayout(self.nodes.len()));
        }
        faults
    }

    fn find_collisions(&self, faults: &mut Vec<SpecError>) {
        let mut seen: HashMap<String, &NodeName> = HashMap::new();
        for node in &self.nodes {
            match seen.insert(node.name.folded(), &node.name) {
                Some(earlier) if *earlier == node.name => faults.push(SpecError::Duplicate(node.name.clone())),
                Some(earlier) => faults.push(SpecError::CaseCollision(earlier.clone(), node.name.clone())),
                None => {}
            }
        }
    }

    fn find_validity_faults(&self, ca: &CaSpec, faults: &mut Vec<SpecError>) {
        let mut told = HashSet::new();
        for days in self.nodes.iter().map(|node| node.days).filter(|days| *days > ca.days) {
            if told.insert(days) {
                faults.push(SpecError::OutlivesCa { days, ca_days: ca.days });
            }
        }
    }
}

impl ClusterSpec {
    /// Returns everything that is wrong with the passwords of the stores, in whatever formats the identities have them.
    fn password_faults(&self) -> Vec<SpecError> {
        let mut formats = Vec::new();
        for format in self.nodes.iter().flat_map(|node| self.formats(node)) {
            if !formats.contains(format) {
                formats.push(*format);
            }
        }
        self.stores.password_faults(if formats.is_empty() { &self.stores.formats } else { &formats })
    }
}

impl CaSpec {
    /// Returns everything that is wrong with it, on its own.
    pub fn faults(&self, now: OffsetDateTime) -> Vec<SpecError> {
        let validity = Validity::starting(now, self.days).err().map(SpecError::CaValidity);
        let password = self.password.as_ref().and_then(|password| password.check_length().err());
        validity.into_iter().chain(password.map(|error| SpecError::Password(WhichPassword::Ca, error))).collect()
    }
}

impl StoreSpec {
    /// Returns everything that is wrong with its passwords for stores of these formats.
    pub fn password_faults(&self, formats: &[StoreFormat]) -> Vec<SpecError> {
        let Self { store_password, key_password, .. } = self;
        let mut faults = Vec::new();
        let pkcs12 = formats.contains(&StoreFormat::Pkcs12);
        let pem_encrypted = self.encrypts_pem(formats);
        for (which, password) in [(WhichPassword::Store, store_password), (WhichPassword::Key, key_password)] {
            let Some(password) = password else { continue };
            if let Err(error) = password.check_store() {
                faults.push(SpecError::Password(which, error));
            }
            if pkcs12 && let Err(error) = password.check_pkcs12() {
                faults.push(SpecError::Password(which, error));
            } else if pem_encrypted && let Err(error) = password.check_pkcs12() {
                faults.push(SpecError::PemPassword(which, error));
            }
        }
        if let Some(key_password) = key_password {
            let same = store_password.as_ref().is_some_and(|store| store.expose() == key_password.expose());
            if pkcs12 && !same {
                faults.push(SpecError::KeyPasswordInPkcs12);
            }
            if formats == [StoreFormat::Pem] && !pem_encrypted {
                faults.push(SpecError::KeyPasswordForPlainPem);
            }
        }
        faults
    }
}

/// Which of the passwords of a call is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhichPassword {
    /// The CA key's.
    Ca,
    /// The private key's.
    Key,
    /// The store's.
    Store,
}

impl fmt::Display for WhichPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ca => "the CA key's password",
            Self::Key => "the key password",
            Self::Store => "the store password",
        })
    }
}

/// What is wrong between the parts of a specification.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SpecError {
    /// An identity's key would have the alias of the CA's certificate.
    AliasOfCa(NodeName, Alias),
    /// A broker's name is none that a client could connect to.
    BrokerName(NodeName, HostError),
    /// The CA's own validity cannot be written.
    CaValidity(ValidityError),
    /// Two names differ only in case, which Java and some file systems do not tell apart.
    CaseCollision(NodeName, NodeName),
    /// The same name twice.
    Duplicate(NodeName),
    /// An Ed25519 key in a PEM file: Kafka's reader knows RSA, DSA and EC (`DefaultSslEngineFactory.PemStore`).
    Ed25519InPem,
    /// A key password, and nothing but PEM files with plain keys.
    KeyPasswordForPlainPem,
    /// A key password that is not the store password, with PKCS#12.
    KeyPasswordInPkcs12,
    /// An identity's name is a host's, and not among the names of its certificate.
    NameNotInCertificate(NodeName),
    /// No identity at all.
    NoNode,
    /// A certificate would be valid longer than the CA's.
    OutlivesCa {
        /// The certificate's days.
        days: Days,
        /// The CA's days.
        ca_days: Days,
    },
    /// A password that some reader of the store cannot use.
    Password(WhichPassword, PasswordError),
    /// A password that some reader of an encrypted PEM key cannot use.
    PemPassword(WhichPassword, PasswordError),
    /// The script's layout is for one broker; the number is how many identities there are.
    ScriptLayout(usize),
    /// An identity would have the CA's subject; Java then sees a chain of one certificate.
    SubjectOfCa(NodeName),
}

impl fmt::Display for SpecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AliasOfCa(name, alias) => {
                write!(f, "the key of `{name}` would have the alias `{alias}`, which is the CA certificate's")
            }
            Self::BrokerName(name, error) => write!(f, "a broker cannot be called `{name}`: {error}"),
            Self::CaValidity(error) => write!(f, "the CA's certificate cannot be valid that long: {error}"),
            Self::CaseCollision(one, other) => {
                write!(f, "the names `{one}` and `{other}` differ only in case, and Java does not tell them apart")
            }
            Self::Duplicate(name) => write!(f, "the name `{name}` is given twice"),
            Self::Ed25519InPem => {
                write!(f, "an Ed25519 key cannot go into a PEM file: Kafka's PEM reader knows RSA and EC keys only")
            }
            Self::KeyPasswordForPlainPem => {
                write!(f, "there is a key password, but the key in a PEM file is not encrypted unless you ask for it")
            }
            Self::KeyPasswordInPkcs12 => write!(
                f,
                "a key password other than the store password cannot be used with PKCS#12: neither Java nor Kafka reads such a key"
            ),
            Self::NameNotInCertificate(name) => {
                write!(f, "the certificate of `{name}` would not have that name, and clients could not connect to it")
            }
            Self::NoNode => write!(f, "there is no broker and no client to make anything for"),
            Self::OutlivesCa { days, ca_days } => {
                write!(f, "a certificate of {days} days would outlive its CA, which is valid for {ca_days} days")
            }
            Self::Password(which, error) => write!(f, "{which} cannot be used: {error}"),
            Self::PemPassword(which, error) => write!(f, "{which} cannot be used for a PEM key: {error}"),
            Self::ScriptLayout(count) => {
                write!(
                    f,
                    "the script's layout holds one broker and nothing else, and this call names {count} identities"
                )
            }
            Self::SubjectOfCa(name) => {
                write!(
                    f,
                    "`{name}` would have the same subject as the CA, and Java would then show a chain of one certificate"
                )
            }
        }
    }
}

impl std::error::Error for SpecError {}

#[cfg(test)]
mod tests {
    use time::macros::datetime;
    use zeroize::Zeroizing;

    use super::*;

    fn node(name: &str, role: NodeRole) -> NodeSpec {
        NodeSpec::new(name.parse().unwrap(), role)
    }

    #[test]
    fn a_broker_is_called_what_clients_connect_to() {
        let mut spec = ClusterSpec::new(vec![node("kafka_1", NodeRole::Broker), node("my_app", NodeRole::Client)]);
        let name: NodeName = "kafka_1".parse().unwrap();
        assert_eq!(faults(&spec), [SpecError::BrokerName(name, HostError::Underscore("kafka_1".into()))]);
        spec.nodes[0] = node("kafka-1", NodeRole::Broker);
        assert_eq!(faults(&spec), []);
        spec.nodes[0].alt_names.clear();
        assert_eq!(faults(&spec), [SpecError::NameNotInCertificate("kafka-1".parse().unwrap())]);
    }

    fn faults(spec: &ClusterSpec) -> Vec<SpecError> {
        spec.faults(datetime!(2026-11-21 12:00 UTC))
    }

    fn password(text: &str) -> Password {
        Password::new(Zeroizing::new(text.to_owned())).unwrap()
    }

    #[test]
    fn a_sound_cluster_has_no_fault() {
        assert_eq!(
            faults(&ClusterSpec::new(vec![node("broker1", NodeRole::Broker), node("app1", NodeRole::Client)])),
            []
        );
    }

    #[test]
    fn clients_make_brokers_ask_for_certificates() {
        let without = ClusterSpec::new(vec![node("broker1", NodeRole::Broker)]);
        let with = ClusterSpec::new(vec![node("broker1", NodeRole::Broker), node("app1", NodeRole::Client)]);
        assert_eq!(without.effective_client_auth(), ClientAuth::None);
        assert_eq!(with.effective_client_auth(), ClientAuth::Required);
        assert_eq!(
            ClusterSpec { client_auth: Some(ClientAuth::Requested), ..with }.effective_client_auth(),
            ClientAuth::Requested
        );
    }

    #[test]
    fn all_faults_are_found_at_once() {
        let mut spec = ClusterSpec::new(vec![
            node("broker1", NodeRole::Broker),
            node("Broker1", NodeRole::Broker),
            node("caroot", NodeRole::Client),
            node("app", NodeRole::Client),
            node("app", NodeRole::Client),
        ]);
        spec.ca = CaSource::Made(CaSpec { days: Days::new(10).unwrap(), ..CaSpec::default() });
        spec.nodes[3].subject = DistinguishedName::parse("CN=KAFKA ca").unwrap();
        spec.nodes[3].key_algorithm = KeyAlgorithm::Ed25519;
        spec.stores.formats.push(StoreFormat::Pem);
        spec.stores.store_password = Some(password("пароль"));
        spec.stores.key_password = Some(password("short"));
        spec.layout = Layout::Script;
        let name = |name: &str| name.parse::<NodeName>().unwrap();
        let expected = [
            SpecError::CaseCollision(name("broker1"), name("Broker1")),
            SpecError::Duplicate(name("app")),
            SpecError::OutlivesCa { days: Days::new(365).unwrap(), ca_days: Days::new(10).unwrap() },
            SpecError::SubjectOfCa(name("app")),
            SpecError::Password(WhichPassword::Store, PasswordError::NotAscii),
            SpecError::Password(WhichPassword::Key, PasswordError::TooShort(5)),
            SpecError::KeyPasswordInPkcs12,
            SpecError::AliasOfCa(name("caroot"), "CARoot".parse().unwrap()),
            SpecError::Ed25519InPem,
            SpecError::ScriptLayout(5),
        ];
        assert_eq!(faults(&spec), expected);
        assert_eq!(faults(&ClusterSpec::new(Vec::new())), [SpecError::NoNode]);
    }

    #[test]
    fn a_key_password_is_for_jks() {
        let mut spec = ClusterSpec::new(vec![node("broker1", NodeRole::Broker)]);
        spec.stores.store_password = Some(password("store-password"));
        spec.stores.key_password = Some(password("key-password"));
        assert_eq!(faults(&spec), [SpecError::KeyPasswordInPkcs12]);
        spec.stores.formats = vec![StoreFormat::Jks];
        assert_eq!(faults(&spec), []);
        spec.stores.formats = vec![StoreFormat::Pem];
        assert_eq!(faults(&spec), [SpecError::KeyPasswordForPlainPem]);
        spec.stores.pem_key = PemKey::Pbes2;
        assert_eq!(faults(&spec), []);
        spec.stores.formats = vec![StoreFormat::Pkcs12];
        spec.stores.key_password = Some(password("store-password"));
        assert_eq!(faults(&spec), []);
    }

    #[test]
    fn a_validity_ends_before_the_year_10000() {
        let mut spec = ClusterSpec::new(vec![node("broker1", NodeRole::Broker)]);
        spec.ca = CaSource::Made(CaSpec { days: Days::new(3_000_000).unwrap(), ..CaSpec::default() });
        assert_eq!(faults(&spec), [SpecError::CaValidity(ValidityError::BeyondYear9999)]);
    }
}
