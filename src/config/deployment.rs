//! For whom a configuration is, and where the files lie that it names.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::net::IpAddr;
use std::path::Path;

use zeroize::Zeroizing;

use super::{Choices, ConfigError, Kind, Network, Party, PasswordReference, Passwords, PrincipalForm, Syntax};
use crate::bundle::inventory::{Identity, Inventory};
use crate::bundle::{keystore_file, truststore_file};
use crate::kafka::properties::{self, names_key_password};
use crate::spec::{NodeRole, PemKey, StoreFormat};

/// The file with the CA's certificate: beside an identity's files where they are deployed, in `ca/` of a bundle.
const CA_CERTIFICATE: &str = "ca-cert";

/// The file with the password of an identity's stores.
pub(super) const PASSWORD: &str = "password";

/// Kinds that put something in for each `${` of a path. Others on their frameworks are told URLs, in which there is none, or escape it.
const BARE_PATHS: [&str; 2] = ["akhq", "kafka-ui"];

/// An identity with the place of its files, the cluster that it belongs to, and how its program is told passwords.
pub struct Deployment<'a> {
    inventory: &'a Inventory,
    identity: Option<&'a Identity>,
    format: StoreFormat,
    folder: String,
    /// Where the CA's certificate is, if not in that folder.
    ca_apart: Option<CaApart>,
    passwords: Passwords,
    reference: PasswordReference,
    network: Network,
    principals: PrincipalForm,
    /// The files that were named so far, by their names.
    named: RefCell<BTreeSet<String>>,
}

/// The CA's certificate where the bundle has it: in a folder of its own.
struct CaApart {
    path: String,
    /// From the folder of the identity's files.
    from_identity: String,
}

impl<'a> Deployment<'a> {
    /// Says where the files of an identity lie for a kind of program; without an identity, those of somebody who has no certificate.
    pub fn new(
        kind: &Kind,
        inventory: &'a Inventory,
        identity: Option<&'a Identity>,
        choices: Choices<'_>,
    ) -> Result<Self, ConfigError> {
        match identity {
            None if matches!(kind.party, Party::Broker | Party::Controller) => {
                return Err(ConfigError::NoIdentity(kind.name));
            }
            Some(Identity { name, role, .. }) if !kind.is_for(*role) => {
                return Err(ConfigError::Role { kind: kind.name, name: name.clone(), role: *role });
            }
            _ => {}
        }
        let format = format(kind, inventory, identity, choices.format)?;
        let ca_certificate = inventory.ca.certificate_file.as_str();
        let made_in = match identity {
            Some(identity) => folder_of(identity).map_or(choices.bundle.to_owned(), |name| choices.bundle.join(name)),
            None if kind.party == Party::Cluster => choices.bundle.to_owned(),
            None => choices.bundle.join(Path::new(ca_certificate).parent().unwrap_or(Path::new(""))),
        };
        // The bundle was made for that folder on each machine, and containers have their files from this one.
        let made_for = inventory.settings.deploy_dir.as_deref().filter(|_| kind.party != Party::Cluster);
        let deploy_dir = choices.deploy_dir.as_deref().or(made_for);
        let is_apart = deploy_dir.is_none() && identity.is_some_and(|identity| folder_of(identity).is_some());
        let ca_apart = is_apart.then(|| CaApart {
            path: choices.bundle.join(ca_certificate).to_string_lossy().into_owned(),
            from_identity: format!("../{ca_certificate}"),
        });
        let deployment = Self {
            inventory,
            identity,
            format,
            folder: properties::folder(deploy_dir, &made_in),
            ca_apart,
            passwords: choices.passwords,
            reference: kind.password,
            network: choices.network,
            principals: choices.principals,
            named: RefCell::default(),
        };
        deployment.check(kind)?;
        Ok(deployment)
    }

    fn check(&self, kind: &Kind) -> Result<(), ConfigError> {
        // What is not Unicode has become U+FFFD. The folder may come out of a bundle's inventory, which anybody can have written.
        if self.folder.is_empty() || self.folder.contains(|c: char| c.is_control() || c == '\u{fffd}') {
            let shown = if self.folder.is_empty() { "/" } else { &self.folder };
            return Err(ConfigError::NoFolder(shown.to_owned()));
        }
        self.check_values(kind)?;
        let is_by_reference = matches!(self.passwords, Passwords::ByReference { .. });
        if self.has_password() && is_by_reference {
            match self.reference {
                PasswordReference::None => {
                    return Err(ConfigError::PasswordInText { kind: kind.name, format: self.format });
                }
                PasswordReference::ConfigProvider if self.folder.contains([':', '}', ',']) => {
                    return Err(ConfigError::Folder(self.folder.clone()));
                }
                // `org.apache.kafka.common.config.internals.AllowedPaths`.
                PasswordReference::ConfigProvider if !self.folder.starts_with('/') => {
                    return Err(ConfigError::RelativeFolder(self.folder.clone()));
                }
                _ => {}
            }
        }
        let is_broker_needed = kind.party == Party::Cluster || self.network.bootstrap_servers.is_empty();
        if is_broker_needed && self.brokers().next().is_none() {
            return Err(ConfigError::NoBroker);
        }
        if kind.party == Party::Cluster {
            let is_odd = |node: &&Identity| node.name.contains('@') || node.name.parse::<IpAddr>().is_ok();
            if let Some(node) = self.brokers().chain(self.controllers()).find(is_odd) {
                return Err(ConfigError::NotAService(node.name.clone()));
            }
        }
        if self.principals == PrincipalForm::CommonName {
            let odd = self.inventory.identities.iter().find(|identity| common_name(&identity.principal).is_none());
            if let Some(identity) = odd {
                return Err(ConfigError::Principal(identity.principal.clone()));
            }
        }
        Ok(())
    }

    /// Refuses values that a program puts something in for, where it knows no escape.
    fn check_values(&self, kind: &Kind) -> Result<(), ConfigError> {
        const PLACEHOLDER: &str = "${";
        if BARE_PATHS.contains(&kind.name) && self.folder.contains(PLACEHOLDER) {
            return Err(ConfigError::Placeholder { kind: kind.name, is_password: false });
        }
        // Spring has an escape since Spring Boot 3.4, and Micronaut none.
        let has_no_escape = kind.password == PasswordReference::PropertiesFile && kind.syntax == Syntax::Yaml;
        let is_odd = |(store, key): (&str, &str)| store.contains(PLACEHOLDER) || key.contains(PLACEHOLDER);
        if has_no_escape && self.has_password() && self.shown_passwords().is_some_and(is_odd) {
            return Err(ConfigError::Placeholder { kind: kind.name, is_password: true });
        }
        Ok(())
    }

    /// Returns the inventory of the bundle.
    pub fn inventory(&self) -> &'a Inventory {
        self.inventory
    }

    /// Returns the identity, unless it is somebody without a certificate.
    pub fn identity(&self) -> Option<&'a Identity> {
        self.identity
    }

    /// Returns the format of the stores.
    pub fn format(&self) -> StoreFormat {
        self.format
    }

    /// Returns the folder of the files, without a slash at its end.
    pub fn folder(&self) -> &str {
        &self.folder
    }

    /// Returns hosts, ports and listeners.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// Returns how principals are named.
    pub fn principals(&self) -> PrincipalForm {
        self.principals
    }

    /// Returns the brokers of the bundle, in their order.
    pub fn brokers(&self) -> impl Iterator<Item = &'a Identity> + use<'a> {
        of_role(self.inventory, NodeRole::Broker)
    }

    /// Returns the controllers of the bundle, in their order.
    pub fn controllers(&self) -> impl Iterator<Item = &'a Identity> + use<'a> {
        of_role(self.inventory, NodeRole::Controller)
    }

    /// Returns `HOST:PORT` of the brokers to connect to.
    pub fn bootstrap_servers(&self) -> Vec<String> {
        let named = &self.network.bootstrap_servers;
        if named.is_empty() {
            let port = self.network.broker_port;
            self.brokers().map(|broker| format!("{}:{port}", broker.name)).collect()
        } else {
            named.clone()
        }
    }

    /// Says whether others can connect to it: its certificate is one of a server too.
    pub fn can_serve(&self) -> bool {
        self.identity.is_some_and(Identity::can_serve)
    }

    /// Returns the name that others can reach it by, which its certificate has: its own, if that is one. None if its certificate is not one
    /// of a server.
    pub fn served_name(&self) -> Option<&'a str> {
        let identity = self.identity.filter(|_| self.can_serve())?;
        let of_type =
            |prefix: &'static str| identity.alt_names.iter().filter_map(move |name| name.strip_prefix(prefix));
        let own = of_type("dns:").find(|name| *name == identity.name);
        own.or_else(|| of_type("dns:").find(|name| !name.starts_with('*'))).or_else(|| of_type("ip:").next())
    }

    /// Returns the path of a file, as it is deployed.
    pub fn file(&self, name: &str) -> String {
        self.named.borrow_mut().insert(name.to_owned());
        format!("{}/{name}", self.folder)
    }

    /// Returns the path of the keystore, unless it is somebody without a certificate.
    pub fn keystore(&self) -> Option<String> {
        self.identity.map(|identity| self.file(&keystore_file(identity.role, self.format)))
    }

    /// Returns the path of the truststore. Of somebody without a certificate, the CA's certificate is one, in PEM.
    pub fn truststore(&self) -> String {
        match self.identity {
            Some(identity) => self.file(&truststore_file(identity.role, self.format)),
            None => self.file(CA_CERTIFICATE),
        }
    }

    /// Returns the path of the CA's certificate in PEM: a truststore in that format, or the CA's own file.
    pub fn ca_certificate(&self) -> String {
        match self.identity {
            Some(identity) if formats_of(identity).contains(&StoreFormat::Pem) => {
                self.file(&truststore_file(identity.role, StoreFormat::Pem))
            }
            _ => match &self.ca_apart {
                Some(CaApart { path, from_identity }) => {
                    self.named.borrow_mut().insert(from_identity.clone());
                    path.clone()
                }
                None => self.file(CA_CERTIFICATE),
            },
        }
    }

    /// Returns the path of the file that holds the password of the stores.
    pub fn password_file(&self) -> String {
        self.file(PASSWORD)
    }

    /// Returns the name of that file alone.
    pub fn password_file_name(&self) -> &'static str {
        drop(self.password_file());
        PASSWORD
    }

    /// Says whether the stores have a password: Kafka forbids one for PEM.
    pub fn has_store_password(&self) -> bool {
        self.identity.is_some() && self.format != StoreFormat::Pem
    }

    /// Says whether the key has to be opened with a password that is said: one of its own, or that of an encrypted PEM key.
    pub fn names_key_password(&self) -> bool {
        self.identity.is_some()
            && names_key_password(self.format, is_encrypted_pem(self.inventory), self.has_own_key_password())
    }

    /// Says whether the key's password is another than that of the stores, so that the file `password` does not hold it.
    pub fn has_own_key_password(&self) -> bool {
        match &self.passwords {
            Passwords::ByReference { has_own_key_password } => *has_own_key_password,
            Passwords::OfNodes { have_own_key_passwords, .. } => *have_own_key_passwords,
            Passwords::Shown { key, .. } => key.is_some(),
        }
    }

    /// Says whether the passwords of nodes are known to need no escape in properties.
    pub(super) fn are_passwords_plain(&self) -> bool {
        matches!(self.passwords, Passwords::OfNodes { are_plain: true, .. })
    }

    /// Says whether anything is there that a password opens.
    pub fn has_password(&self) -> bool {
        self.has_store_password() || self.names_key_password()
    }

    /// Returns the passwords, if they are to be shown: the stores', and the key's.
    pub fn shown_passwords(&self) -> Option<(&str, &str)> {
        match &self.passwords {
            Passwords::ByReference { .. } | Passwords::OfNodes { .. } => None,
            Passwords::Shown { store, key } => Some((store.expose(), key.as_ref().unwrap_or(store).expose())),
        }
    }

    /// Returns what stands for the stores' password in a configuration that is text, where they have one.
    pub fn store_password(&self) -> Option<Zeroizing<String>> {
        self.has_store_password().then(|| match self.shown_passwords() {
            Some((store, _)) => Zeroizing::new(store.to_owned()),
            None => Zeroizing::new(self.reference(false)),
        })
    }

    /// Returns what stands for the key's password in a configuration that is text, where it has to be said.
    pub fn key_password(&self) -> Option<Zeroizing<String>> {
        self.names_key_password().then(|| match self.shown_passwords() {
            Some((_, key)) => Zeroizing::new(key.to_owned()),
            None => Zeroizing::new(self.reference(self.has_own_key_password())),
        })
    }

    /// Returns a reference to the password in the file `password`, or to that of a key alone, which stands in the identity's own properties
    /// file and nowhere else.
    fn reference(&self, is_of_key_alone: bool) -> String {
        match self.reference {
            PasswordReference::ConfigProvider if is_of_key_alone => {
                format!("${{file:{}:ssl.key.password}}", self.file(self.properties_file()))
            }
            PasswordReference::ConfigProvider => {
                drop(self.password_file());
                format!("${{directory:{}:{PASSWORD}}}", self.folder)
            }
            PasswordReference::CredentialFile => self.password_file_name().to_owned(),
            PasswordReference::PropertiesFile => {
                drop(self.file(self.properties_file()));
                // It names the stores of the format that is preferred, and of PEM only a key has a password.
                let has_store = self
                    .identity
                    .is_some_and(|identity| StoreFormat::preferred(&formats_of(identity)) != StoreFormat::Pem);
                let of_store = has_store && !is_of_key_alone;
                if of_store { "${ssl.keystore.password}".to_owned() } else { "${ssl.key.password}".to_owned() }
            }
            // Their configurations are no texts with references, or have none.
            PasswordReference::Program | PasswordReference::None => String::new(),
        }
    }

    /// Returns the name of the file that the bundle has for the identity's own settings.
    fn properties_file(&self) -> &'static str {
        match self.identity {
            Some(identity) if identity.role.is_node() => "server.properties",
            _ => "client.properties",
        }
    }

    /// Returns the lines that let Kafka read passwords itself, where it has to.
    ///
    /// What they may read is no more than the folder of the files: who can create a connector in a Connect worker could read any file with
    /// them otherwise.
    pub fn provider_properties(&self) -> Vec<(&'static str, String)> {
        let is_needed = self.reference == PasswordReference::ConfigProvider
            && self.has_password()
            && self.shown_passwords().is_none();
        if !is_needed {
            return Vec::new();
        }
        let uses_file = self.names_key_password() && self.has_own_key_password();
        let uses_directory = self.has_store_password() || !uses_file;
        let names = match (uses_directory, uses_file) {
            (true, true) => "directory,file",
            (true, false) => "directory",
            (false, _) => "file",
        };
        let mut properties = vec![("config.providers", names.to_owned())];
        if uses_directory {
            let class = "org.apache.kafka.common.config.provider.DirectoryConfigProvider";
            properties.push(("config.providers.directory.class", class.to_owned()));
            properties.push(("config.providers.directory.param.allowed.paths", self.folder.clone()));
        }
        if uses_file {
            let class = "org.apache.kafka.common.config.provider.FileConfigProvider";
            properties.push(("config.providers.file.class", class.to_owned()));
            properties.push(("config.providers.file.param.allowed.paths", self.folder.clone()));
        }
        properties
    }

    /// Returns the path of the bundle's properties file, where the passwords are read out of it.
    pub fn imported_file(&self) -> Option<String> {
        let is_needed = self.reference == PasswordReference::PropertiesFile
            && self.has_password()
            && self.shown_passwords().is_none();
        is_needed.then(|| self.file(self.properties_file()))
    }

    /// Returns the `ssl.*` properties of the stores, in Kafka's own names.
    pub fn ssl_properties(&self) -> Vec<(&'static str, Zeroizing<String>)> {
        let text = |text: &str| Zeroizing::new(text.to_owned());
        let mut properties = Vec::new();
        if let Some(keystore) = self.keystore() {
            properties.push(("ssl.keystore.type", text(self.format.kafka_type())));
            properties.push(("ssl.keystore.location", Zeroizing::new(keystore)));
            properties.extend(self.store_password().map(|password| ("ssl.keystore.password", password)));
            properties.extend(self.key_password().map(|password| ("ssl.key.password", password)));
        }
        properties.push(("ssl.truststore.type", text(self.format.kafka_type())));
        properties.push(("ssl.truststore.location", Zeroizing::new(self.truststore())));
        properties.extend(self.store_password().map(|password| ("ssl.truststore.password", password)));
        properties
    }

    /// Returns the names of the files that were named so far, which the program needs.
    pub fn files(&self) -> Vec<String> {
        self.named.borrow().iter().cloned().collect()
    }

    /// Returns an identity's principal without `User:`, in the form that was chosen.
    pub fn principal_of<'i>(&self, identity: &'i Identity) -> &'i str {
        let principal = identity.principal.strip_prefix("User:").unwrap_or(&identity.principal);
        match self.principals {
            PrincipalForm::DistinguishedName => principal,
            PrincipalForm::CommonName => common_name(principal).unwrap_or(principal),
        }
    }

    /// Returns the first lines of a document: what it is, and which files it needs.
    pub(super) fn heading(&self, kind: &Kind) -> Vec<String> {
        let who = match (self.identity, kind.party) {
            (Some(identity), _) => format!(" for {}", identity.name),
            (None, Party::Client) => " for somebody without a certificate".to_owned(),
            (None, _) => String::new(),
        };
        let mut lines = vec![format!("{}{who}: {}; made by kafka-certgen.", kind.name, kind.about)];
        let named = self.named.borrow();
        if !named.is_empty() {
            let files: Vec<&str> = named.iter().map(String::as_str).collect();
            let of = self.identity.and_then(folder_of).map(|name| format!(" of {name}")).unwrap_or_default();
            lines.push(format!("Files{of} in {}: {}.", self.folder, files.join(", ")));
            if self.identity.is_some_and(|identity| folder_of(identity).is_some()) && named.contains(CA_CERTIFICATE) {
                lines.push(format!("{CA_CERTIFICATE} is the CA's: copy it there from ca/ of the bundle."));
            }
        }
        let is_program = self.reference == PasswordReference::Program && self.shown_passwords().is_none();
        if is_program && self.names_key_password() && self.has_own_key_password() {
            lines.push("Its environment has KAFKA_SSL_KEY_PASSWORD, the password of the key.".to_owned());
        }
        lines
    }
}

/// Returns the identities of a role, in their order.
fn of_role(inventory: &Inventory, role: NodeRole) -> impl Iterator<Item = &Identity> {
    inventory.identities.iter().filter(move |identity| identity.role == role)
}

/// Returns the formats of an identity's keystores.
pub(super) fn formats_of(identity: &Identity) -> Vec<StoreFormat> {
    let has = |format: &StoreFormat| identity.file(&keystore_file(identity.role, *format)).is_some();
    [StoreFormat::Jks, StoreFormat::Pkcs12, StoreFormat::Pem].into_iter().filter(has).collect()
}

/// Returns the formats in which every node has a keystore.
fn formats_of_all_nodes(inventory: &Inventory) -> Vec<StoreFormat> {
    let mut formats = vec![StoreFormat::Jks, StoreFormat::Pkcs12, StoreFormat::Pem];
    for node in inventory.identities.iter().filter(|identity| identity.role.is_node()) {
        let own = formats_of(node);
        formats.retain(|format| own.contains(format));
    }
    formats
}

/// Returns the folder of an identity in its bundle; none in the script's layout.
pub(super) fn folder_of(identity: &Identity) -> Option<&str> {
    let (folder, _) = identity.files.first()?.split_once('/')?;
    Some(folder)
}

fn is_encrypted_pem(inventory: &Inventory) -> bool {
    inventory.settings.pem_key.is_some_and(|key| key != PemKey::Plain)
}

/// Chooses the format of the stores.
fn format(
    kind: &Kind,
    inventory: &Inventory,
    identity: Option<&Identity>,
    asked: Option<StoreFormat>,
) -> Result<StoreFormat, ConfigError> {
    let has = match identity {
        Some(identity) => formats_of(identity),
        None if kind.party == Party::Cluster => formats_of_all_nodes(inventory),
        None => vec![StoreFormat::Pem],
    };
    let missing =
        |has, takes: &[StoreFormat]| ConfigError::FormatMissing { kind: kind.name, has, takes: takes.to_vec() };
    let is_closed = |format: StoreFormat| {
        format == StoreFormat::Pem && identity.is_some() && is_encrypted_pem(inventory) && !kind.opens_encrypted_pem
    };
    if let Some(format) = asked {
        if !kind.formats.contains(&format) {
            return Err(ConfigError::FormatNotTaken { kind: kind.name, format, takes: kind.formats });
        }
        if !has.contains(&format) {
            return Err(missing(has, &[format]));
        }
        return if is_closed(format) { Err(ConfigError::EncryptedPem(kind.name)) } else { Ok(format) };
    }
    let mut usable = kind.formats.iter().copied().filter(|format| has.contains(format)).peekable();
    if usable.peek().is_none() {
        return Err(missing(has, kind.formats));
    }
    usable.find(|format| !is_closed(*format)).ok_or(ConfigError::EncryptedPem(kind.name))
}

/// Returns the common name of a principal that begins with it and has nothing to be escaped in it.
fn common_name(principal: &str) -> Option<&str> {
    let rest = principal.strip_prefix("User:").unwrap_or(principal).strip_prefix("CN=")?;
    let name = rest.split(',').next()?;
    let is_plain = !name.is_empty() && !name.contains(['\\', '+', '"', '#', ';', '$']);
    is_plain.then_some(name)
}
