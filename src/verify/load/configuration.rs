//! A properties file of Kafka, and the stores that it names.

use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::disk::Folder;
use super::{LoadError, read_store, role_by_usage, unopened};
use crate::kafka::properties_file::PropertiesFile;
use crate::kafka::ssl_settings::{KafkaSettings, SslSettings, StoreSource};
use crate::secret::Password;
use crate::spec::NodeRole;
use crate::verify::configuration::Surroundings;
use crate::verify::material::{Case, Configuration, FileKind, Material, Party, PasswordFacts, Purpose};
use crate::verify::pem::PemFile;
use crate::verify::reload::Allowed;

/// The settings with passwords and keys.
const SECRETS: [&str; 3] = ["password", "ssl.keystore.key", "sasl.jaas.config"];

/// Reads a properties file and the stores that it names; `hosts` are what others connect to beside what it advertises.
pub fn configuration(path: &Path, role: Option<NodeRole>, hosts: &[String]) -> Result<Case, LoadError> {
    let mut folder = Folder::of_file(path);
    let bytes = folder.read(path, FileKind::Public)?;
    let file = PropertiesFile::read(&bytes);
    let mut reader =
        Reader { home: path, label: folder.label(path), folder, case: Case::default(), missing: Vec::new() };
    if let Ok(file) = &file {
        if file.iter().any(|property| SECRETS.iter().any(|secret| property.key().ends_with(secret))) {
            reader.folder.is_secret(path);
        }
        for end in ends(file, role, hosts) {
            reader.read_end(end)?;
        }
    }
    let Reader { label, folder, mut case, missing, .. } = reader;
    let surroundings = Surroundings::default();
    let owner = case.parties.first().map(|party| party.name.clone());
    case.configurations.push(Configuration { label, file, surroundings, missing, other_password: None, owner });
    case.files = folder.facts;
    Ok(case)
}

/// A use of TLS, as the file says it.
struct End<'a> {
    name: Option<String>,
    role: Option<NodeRole>,
    hosts: Vec<String>,
    ssl: SslSettings<'a>,
}

fn ends<'a>(file: &'a PropertiesFile, role: Option<NodeRole>, hosts: &[String]) -> Vec<End<'a>> {
    match KafkaSettings::of(file) {
        KafkaSettings::Client(client) => {
            let role = role.or(Some(NodeRole::Client));
            vec![End { name: None, role, hosts: hosts.to_vec(), ssl: client.ssl }]
        }
        KafkaSettings::Part(ssl) => vec![End { name: None, role, hosts: hosts.to_vec(), ssl }],
        KafkaSettings::Node(node) => {
            let own = node.listeners.iter().filter(|listener| listener.protocol.uses_tls());
            own.map(|listener| {
                let advertised = node.hosts(listener).into_iter().flatten().map(str::to_owned);
                End {
                    name: Some(listener.name.clone()),
                    role: Some(NodeRole::Broker),
                    hosts: hosts.iter().cloned().chain(advertised).collect(),
                    ssl: listener.ssl.clone(),
                }
            })
            .collect()
        }
    }
}

struct Reader<'p> {
    home: &'p Path,
    label: String,
    folder: Folder,
    case: Case,
    missing: Vec<(String, String)>,
}

impl Reader<'_> {
    fn read_end(&mut self, end: End<'_>) -> Result<(), LoadError> {
        let ssl = &end.ssl;
        self.case.allowed = Allowed {
            subjects: ssl.allow_dn_changes().unwrap_or(false),
            names: ssl.allow_san_changes().unwrap_or(false),
        };
        let keystore = self.read(ssl, ssl.keystore().ok().flatten(), Purpose::Keystore)?;
        let truststore = self.read(ssl, ssl.truststore().ok().flatten(), Purpose::Truststore)?;
        if keystore.is_none() && truststore.is_none() {
            return Ok(());
        }
        let label = |material: &Option<Material>| material.as_ref().map(|material| material.label.clone());
        let same = self.case.parties.iter_mut().find(|party| {
            party.keystores.first().map(|store| &store.label) == label(&keystore).as_ref()
                && party.truststores.first().map(|store| &store.label) == label(&truststore).as_ref()
        });
        if let Some(party) = same {
            // Another listener with the same stores.
            party.hosts.extend(end.hosts.into_iter().filter(|host| !party.hosts.contains(host)).collect::<Vec<_>>());
            return Ok(());
        }
        let role = end.role.unwrap_or_else(|| {
            let (role, reason) = role_by_usage(keystore.as_ref());
            self.case.assumptions.extend(reason);
            role
        });
        let name = end.name.map_or_else(|| self.label.clone(), |name| format!("{}, listener {name}", self.label));
        self.case.parties.push(Party {
            name,
            role,
            hosts: end.hosts,
            keystores: keystore.into_iter().collect(),
            truststores: truststore.into_iter().collect(),
        });
        Ok(())
    }

    fn read(
        &mut self,
        ssl: &SslSettings<'_>,
        source: Option<StoreSource<'_>>,
        purpose: Purpose,
    ) -> Result<Option<Material>, LoadError> {
        let password = |setting: Option<crate::kafka::ssl_settings::Setting<'_>>| {
            Password::new(Zeroizing::new(setting?.resolved().ok()?.to_owned())).ok()
        };
        let key_password = password(ssl.key_password()).filter(|_| purpose == Purpose::Keystore);
        let (location, store_type, store_password) = match source {
            None => return Ok(None),
            Some(StoreSource::PemInline { key, certificates }) => {
                let text = |setting: crate::kafka::ssl_settings::Setting<'_>| {
                    setting.resolved().unwrap_or_default().to_owned()
                };
                let label = format!("{}, line {}", self.label, certificates.line());
                let key = Zeroizing::new(key.map(text).unwrap_or_default());
                let certificates = text(certificates);
                let pem = PemFile::of_parts(key.as_bytes(), certificates.as_bytes(), purpose, key_password.as_ref());
                return Ok(Some(Material::of_pem(label, purpose, PasswordFacts::default(), pem)));
            }
            Some(StoreSource::PemFile { location }) => (location, "PEM", None),
            Some(StoreSource::File { store_type, location, password: store }) => {
                (location, store_type, password(store))
            }
        };
        let Ok(written) = location.resolved() else { return Ok(None) };
        let path = self.find(written);
        if !path.is_file() {
            self.missing.push((format!("{}, line {}", self.label, location.line()), written.to_owned()));
            return Ok(None);
        }
        let mut material =
            read_store(&mut self.folder, &path, purpose, store_password.as_ref(), key_password.as_ref())?;
        material.declared_type = Some(store_type.to_owned());
        self.case.not_looked_at.extend(unopened(&material));
        Ok(Some(material))
    }

    /// Kafka takes a relative path from where it is started; here it may also be meant from where the file is.
    fn find(&self, written: &str) -> PathBuf {
        let beside = self.home.with_file_name("").join(written);
        let path = PathBuf::from(written);
        if !path.is_file() && beside.is_file() { beside } else { path }
    }
}
