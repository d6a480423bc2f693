//! A properties file of Kafka, and the stores that it names.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use zeroize::Zeroizing;

use super::disk::Folder;
use super::{LoadError, read_store, role_by_usage, unopened};
use crate::kafka::properties_file::{PropertiesFile, Property};
use crate::kafka::ssl_settings::{Connecting, KafkaSettings, Setting, SslSettings, StoreSource, variable_provider};
use crate::name::printable;
use crate::pbe::KeyOpener;
use crate::secret::Password;
use crate::spec::NodeRole;
use crate::verify::configuration::Surroundings;
use crate::verify::material::{Case, Configuration, FileKind, Material, NotLookedAt, Party, PasswordFacts, Purpose};
use crate::verify::pem::PemFile;
use crate::verify::reload::Allowed;

/// The settings with passwords and keys.
const SECRETS: [&str; 3] = ["password", "ssl.keystore.key", "sasl.jaas.config"];

/// Reads a properties file and the stores that it names; `hosts` are what others connect to beside what it advertises.
pub fn configuration(path: &Path, role: Option<NodeRole>, hosts: &[String]) -> Result<Case, LoadError> {
    read_file(path, |file| ends(file, role, hosts))
}

/// Reads a properties file and those stores alone that its owner connects to brokers with.
pub fn connecting(path: &Path) -> Result<Case, LoadError> {
    read_file(path, |file| {
        let settings = KafkaSettings::of(file);
        let is_node = matches!(settings, KafkaSettings::Node(_));
        let Connecting { listener, ssl, .. } = settings.connecting();
        let role = if is_node { NodeRole::Broker } else { NodeRole::Client };
        vec![End { name: listener, role: Some(role), hosts: Vec::new(), ssl }]
    })
}

fn read_file(path: &Path, ends: impl for<'f> Fn(&'f PropertiesFile) -> Vec<End<'f>>) -> Result<Case, LoadError> {
    let mut folder = Folder::of_files();
    let bytes = folder.read(path, FileKind::Public)?;
    let file = PropertiesFile::read(&bytes);
    if file.as_ref().is_ok_and(|file| file.iter().any(holds_secret)) {
        folder.is_secret(path);
    }
    // What cannot be read stays a variable, and what it stands for is not looked at.
    let file = file.map(|file| file.with_secrets(&mut |secret| folder.read(Path::new(secret), FileKind::Secret).ok()));
    let mut reader = Reader {
        home: path,
        label: folder.label(path),
        folder,
        case: Case::default(),
        missing: Vec::new(),
        read: Vec::new(),
        opener: KeyOpener::default(),
    };
    if let Ok(file) = &file {
        for end in ends(file) {
            reader.read_end(end)?;
        }
    }
    let Reader { label, folder, mut case, missing, .. } = reader;
    let surroundings = Surroundings { are_stores_read: true, ..Surroundings::default() };
    let owner = case.parties.first().map(|party| party.name.clone());
    case.configurations.push(Configuration { label, file, surroundings, missing, other_password: None, owner });
    case.files = folder.facts;
    Ok(case)
}

/// Says whether a secret itself stands in a setting, and not a variable for one. Of a line for JAAS, any part may be the secret.
fn holds_secret(property: &Property) -> bool {
    let Some(secret) = SECRETS.iter().find(|secret| property.key().ends_with(**secret)) else { return false };
    let value = property.value().trim();
    let is_variable_alone = value.starts_with("${") && value.find('}').is_some_and(|end| value.get(end..) == Some("}"));
    variable_provider(value).is_none() || (*secret != "sasl.jaas.config" && !is_variable_alone)
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
    /// What was read, with how: listeners share their stores.
    read: Vec<(Reading, Arc<Material>)>,
    /// Opens the keys that stand in the file.
    opener: KeyOpener,
}

/// The most ways in which a store is read that is named with as many passwords.
const MAX_READINGS: usize = 4;

/// What a store is read as.
#[derive(PartialEq)]
struct Reading {
    place: Place,
    purpose: Purpose,
    store_type: String,
    store_password: Option<Zeroizing<String>>,
    key_password: Option<Zeroizing<String>>,
}

/// Where a store is.
#[derive(PartialEq)]
enum Place {
    File(PathBuf),
    /// In the file itself: the lines of its key and of its certificates.
    Lines(Option<usize>, usize),
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
        let is_same = |one: &[Arc<Material>], other: &Option<Arc<Material>>| match (one.first(), other) {
            (Some(one), Some(other)) => Arc::ptr_eq(one, other),
            (one, other) => one.is_none() && other.is_none(),
        };
        let same = self
            .case
            .parties
            .iter_mut()
            .find(|party| is_same(&party.keystores, &keystore) && is_same(&party.truststores, &truststore));
        if let Some(party) = same {
            // Another listener with the same stores.
            party.hosts.extend(end.hosts.into_iter().filter(|host| !party.hosts.contains(host)).collect::<Vec<_>>());
            return Ok(());
        }
        let role = end.role.unwrap_or_else(|| {
            let (role, reason) = role_by_usage(keystore.as_deref());
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
    ) -> Result<Option<Arc<Material>>, LoadError> {
        let Some(source) = source else { return Ok(None) };
        let key_password = ssl.key_password().filter(|_| purpose == Purpose::Keystore);
        let (place, store_type, store_password) = match source {
            StoreSource::PemInline { key, certificates } => {
                (Ok(Place::Lines(key.map(|key| key.line()), certificates.line())), "PEM", None)
            }
            StoreSource::PemFile { location } => (Err(location), "PEM", None),
            StoreSource::File { store_type, location, password } => (Err(location), store_type, password),
        };
        let place = match place {
            Ok(lines) => lines,
            Err(location) => match self.located(location) {
                Some(path) => Place::File(path),
                None => return Ok(None),
            },
        };
        let is_pem = store_type == "PEM";
        if is_pem && key_password.is_some_and(|setting| setting.resolved().is_err()) {
            self.leave_out(&place, "the key's password is known to a config provider alone");
            return Ok(None);
        }
        let text = |setting: Option<Setting<'_>>| Some(Zeroizing::new(setting?.resolved().ok()?.to_owned()));
        let reading = Reading {
            place,
            purpose,
            store_type: store_type.to_owned(),
            store_password: text(store_password),
            key_password: text(key_password),
        };
        if let Some((_, material)) = self.read.iter().find(|(known, _)| *known == reading) {
            return Ok(Some(Arc::clone(material)));
        }
        if self.read.iter().filter(|(known, _)| known.place == reading.place).count() >= MAX_READINGS {
            self.leave_out(&reading.place, "it is named with more passwords than are tried");
            return Ok(None);
        }
        let Some(material) = self.material(&reading, &source)? else { return Ok(None) };
        self.case.not_looked_at.extend(unopened(&material));
        let material = Arc::new(material);
        self.read.push((reading, Arc::clone(&material)));
        Ok(Some(material))
    }

    fn material(&mut self, reading: &Reading, source: &StoreSource<'_>) -> Result<Option<Material>, LoadError> {
        let password = |text: &Option<Zeroizing<String>>| Password::new(text.clone()?).ok();
        let (store, key) = (password(&reading.store_password), password(&reading.key_password));
        if let StoreSource::PemInline { key: pem_key, certificates } = source {
            let pem_key = pem_key.as_ref().map(Setting::resolved).transpose();
            let (Ok(pem_key), Ok(certificates)) = (pem_key, certificates.resolved()) else {
                self.leave_out(&reading.place, "its PEM is known to a config provider alone");
                return Ok(None);
            };
            let (pem_key, certificates) = (pem_key.unwrap_or_default().as_bytes(), certificates.as_bytes());
            let pem = PemFile::of_parts(pem_key, certificates, reading.purpose, key.as_ref(), &mut self.opener);
            let label = self.shown(&reading.place);
            return Ok(Some(Material::of_pem(label, reading.purpose, PasswordFacts::default(), pem)));
        }
        let Place::File(path) = &reading.place else { return Ok(None) };
        let mut material = read_store(&mut self.folder, path, reading.purpose, store.as_ref(), key.as_ref())?;
        material.declared_type = Some(reading.store_type.clone());
        Ok(Some(material))
    }

    /// Returns where a store is; what is nowhere is noted.
    fn located(&mut self, location: Setting<'_>) -> Option<PathBuf> {
        let written = location.resolved().ok()?;
        let path = self.find(written);
        if path.is_file() {
            return Some(path);
        }
        let missing = (format!("{}, line {}", self.label, location.line()), written.to_owned());
        if !self.missing.contains(&missing) {
            self.missing.push(missing);
        }
        None
    }

    fn shown(&self, place: &Place) -> String {
        match place {
            Place::File(path) => self.folder.label(path),
            Place::Lines(_, line) => format!("{}, line {line}", self.label),
        }
    }

    /// Notes what is not looked at, once.
    fn leave_out(&mut self, place: &Place, why: &str) {
        let left_out = NotLookedAt { object: printable(&self.shown(place)), why: why.to_owned() };
        if !self.case.not_looked_at.contains(&left_out) {
            self.case.not_looked_at.push(left_out);
        }
    }

    /// Kafka takes a relative path from where it is started; here it may also be meant from where the file is.
    fn find(&self, written: &str) -> PathBuf {
        let beside = self.home.with_file_name("").join(written);
        let path = PathBuf::from(written);
        if !path.is_file() && beside.is_file() { beside } else { path }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_with_a_variable_in_it_is_one() {
        let holds = |line: &str| PropertiesFile::read(line.as_bytes()).unwrap().iter().any(holds_secret);
        assert!(!holds("ssl.key.password=${directory:/ssl:password}"));
        assert!(!holds("sasl.jaas.config=a.Module required password=\"${directory:/ssl:password}\";"));
        assert!(!holds("ssl.keystore.location=/ssl/k.p12"));
        assert!(holds("ssl.key.password=changeit"));
        assert!(holds("ssl.key.password=changeit${a:b}"));
        assert!(holds("ssl.key.password=${a:b}changeit${a:c}"));
    }
}
