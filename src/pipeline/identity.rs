//! One identity: from its specification, and what it has already, to its files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::{Cause, Environment, Error, Step, at, certificate_facts, steps};
use crate::bundle::inventory::{self, Identity};
use crate::bundle::record::{self, FileSettings, IdentityRecord, RECORD};
use crate::bundle::{self, Artifact, NodePaths};
use crate::kafka::principal::principal;
use crate::kafka::properties;
use crate::keystore::{Entry, EntryContent, KeyStore, KeyStoreError, Pkcs12Keys, PrivateKeyEntry};
use crate::pki::{
    Certificate, CertificateAuthority, CertificateSigningRequest, KeyEncryption, KeyPair, PkiError, certificate_pem,
    certificates_pem, encrypted_key_pem, key_pem, request_pem,
};
use crate::secret::Password;
use crate::spec::{ClusterSpec, Layout, NodeRole, NodeSpec, PemKey, StoreFormat, Validity};

/// What the identities of one run have in common.
pub(super) struct Maker<'a> {
    pub(super) spec: &'a ClusterSpec,
    /// The folder that the bundle will lie in.
    pub(super) home: &'a Path,
    pub(super) environment: &'a Environment<'a>,
    pub(super) authority: Authority,
    /// The keys of all PKCS#12 stores, where one password is given for all.
    common_keys: Option<Pkcs12Keys>,
}

/// The CA of a run.
pub(super) struct Authority {
    /// What signs; none where nothing has to be signed.
    signer: Option<CertificateAuthority>,
    /// Its certificate and those above it, the one that is trusted last.
    chain: Vec<Certificate>,
    /// What goes into truststores.
    anchor: Certificate,
    anchor_pem: String,
}

impl Authority {
    /// Takes the chain of a CA, which begins with its certificate, and what signs with it.
    pub(super) fn new(chain: Vec<Certificate>, signer: Option<CertificateAuthority>) -> Option<Self> {
        let anchor = chain.last()?.clone();
        Some(Self { signer, anchor_pem: certificate_pem(&anchor), anchor, chain })
    }

    /// Returns the certificate that issues.
    fn issuer(&self) -> &Certificate {
        self.chain.first().unwrap_or(&self.anchor)
    }
}

/// What an identity has already, and keeps.
#[derive(Default)]
pub(super) struct Kept {
    pub(super) key: Option<KeyPair>,
    pub(super) certificate: Option<Certificate>,
    /// The subject of the certificate that it has, in DER: a broker compares it when it loads a new keystore.
    pub(super) subject: Option<Vec<u8>>,
    pub(super) store_password: Option<Password>,
    pub(super) key_password: Option<Password>,
    /// Files that stay as they are, with their digests: nothing that they were made of has changed.
    pub(super) files: BTreeMap<String, String>,
    /// The digests of all files that are there, so that none is written again with the same bytes.
    pub(super) digests: BTreeMap<String, String>,
    /// The days that the kept certificate was asked for.
    pub(super) days: Option<u32>,
}

/// An identity, made.
pub(super) struct MadeIdentity {
    /// The files that have to be written.
    pub(super) artifacts: Vec<Artifact>,
    pub(super) record: IdentityRecord,
}

/// An identity with everything that was issued to it.
struct Issued<'a> {
    spec: &'a NodeSpec,
    paths: NodePaths,
    key: KeyPair,
    request: CertificateSigningRequest,
    certificate: Certificate,
    store_password: Password,
    key_password: Password,
}

impl<'a> Maker<'a> {
    pub(super) fn new(
        spec: &'a ClusterSpec,
        home: &'a Path,
        environment: &'a Environment<'a>,
        authority: Authority,
    ) -> Result<Self, Error> {
        let has_pkcs12 = spec.nodes.iter().any(|node| spec.formats(node).contains(&StoreFormat::Pkcs12));
        let password = spec.stores.store_password.as_ref().filter(|_| has_pkcs12);
        let common_keys = password.map(|password| Pkcs12Keys::derive(password, environment.random));
        let common_keys = common_keys.transpose().map_err(at(Step::Store, None))?;
        Ok(Self { spec, home, environment, authority, common_keys })
    }

    /// Makes what an identity lacks, and all of its files that are not kept.
    pub(super) fn make(&self, node: &NodeSpec, kept: Kept) -> Result<MadeIdentity, Error> {
        let name = Some(&node.name);
        let Kept { key, certificate, subject, store_password, key_password, files, digests, days } = kept;
        let key = match key {
            Some(key) => key,
            None => self.make_key(node)?,
        };
        let issued = self.issue(node, key, certificate, subject, store_password, key_password)?;
        (self.environment.observe)(Step::Certificate, name);
        let artifacts = self.artifacts(&issued, &files)?;
        (self.environment.observe)(Step::Store, name);
        let days = days.unwrap_or(node.days.get());
        self.with_record(&issued, artifacts, files, &digests, days).map_err(at(Step::Configuration, name))
    }

    pub(super) fn make_key(&self, node: &NodeSpec) -> Result<KeyPair, Error> {
        let key = KeyPair::generate(node.key_algorithm).map_err(at::<PkiError>(Step::Key, Some(&node.name)))?;
        (self.environment.observe)(Step::Key, Some(&node.name));
        Ok(key)
    }

    fn issue<'n>(
        &self,
        node: &'n NodeSpec,
        key: KeyPair,
        certificate: Option<Certificate>,
        subject: Option<Vec<u8>>,
        store_password: Option<Password>,
        key_password: Option<Password>,
    ) -> Result<Issued<'n>, Error> {
        let name = Some(&node.name);
        let mut wanted = node.subject.to_der().map_err(at(Step::Request, name))?;
        // The same name may be written in other string types; then the one that a broker has loaded stays.
        if let Some(old) =
            subject.filter(|old| principal(old).is_ok_and(|old| principal(&wanted).is_ok_and(|new| new == old)))
        {
            wanted = old;
        }
        let request =
            CertificateSigningRequest::new(&key, &wanted, &node.alt_names).map_err(at(Step::Request, name))?;
        let certificate = match certificate {
            Some(certificate) => certificate,
            None => self.sign(node, &request)?,
        };
        let store_password = match store_password.or_else(|| self.spec.stores.store_password.clone()) {
            Some(password) => password,
            None => Password::make(self.environment.random).map_err(at(Step::Password, name))?,
        };
        let key_password = key_password.or_else(|| self.spec.stores.key_password.clone());
        let key_password = key_password.unwrap_or_else(|| store_password.clone());
        let paths = NodePaths::new(self.spec.layout, &node.name, node.role);
        Ok(Issued { spec: node, paths, key, request, certificate, store_password, key_password })
    }

    /// Signs a request. A certificate that would outlive a CA that was there before ends with it.
    fn sign(&self, node: &NodeSpec, request: &CertificateSigningRequest) -> Result<Certificate, Error> {
        let name = Some(&node.name);
        let Some(ca) = &self.authority.signer else { return Err(Error::NoCaKey) };
        let verified = request.verify().map_err(at(Step::Request, name))?;
        if ca.is_named(verified.subject_der()) {
            return Err(at(Step::Certificate, name)(steps::StepError::SubjectOfCa));
        }
        let validity = Validity::starting(self.environment.now, node.days).map_err(at(Step::Certificate, name))?;
        let validity = validity.limited_to(&ca.certificate().validity());
        ca.sign(&verified, node.profile, &node.alt_names, validity, None, self.environment.random)
            .map_err(at(Step::Certificate, name))
    }

    /// Returns all files but those that are kept.
    fn artifacts(&self, issued: &Issued<'_>, kept: &BTreeMap<String, String>) -> Result<Vec<Artifact>, Error> {
        let Issued { spec: node, paths, .. } = issued;
        let is_kept = |path: &Path| kept.contains_key(&file_name(path));
        let mut artifacts = Vec::new();
        for format in self.spec.formats(node) {
            let is_made = [paths.keystore(*format), paths.truststore(*format)].map(|path| !is_kept(&path));
            let stores = self.stores(issued, *format, is_made).map_err(at(Step::Store, Some(&node.name)))?;
            artifacts.extend(stores.into_iter().flatten());
        }
        artifacts.push(Artifact::public(paths.request(), request_pem(&issued.request)));
        artifacts.push(Artifact::public(paths.certificate(), certificate_pem(&issued.certificate)));
        artifacts.push(password_artifact(paths.password(), &issued.store_password));
        artifacts.extend(self.properties(issued));
        artifacts.retain(|artifact| !is_kept(artifact.path()));
        Ok(artifacts)
    }

    /// Makes the keystore and the truststore of one format, as far as they are asked for.
    fn stores(
        &self,
        issued: &Issued<'_>,
        format: StoreFormat,
        [has_keystore, has_truststore]: [bool; 2],
    ) -> Result<[Option<Artifact>; 2], Cause> {
        let random = self.environment.random;
        let (store, key) = (&issued.store_password, &issued.key_password);
        let paths = [issued.paths.keystore(format), issued.paths.truststore(format)];
        let own_keys;
        let write: &dyn Fn(&KeyStore) -> Result<Vec<u8>, KeyStoreError> = match format {
            StoreFormat::Pem => {
                let keystore = has_keystore.then(|| self.pem_keystore(issued)).transpose()?;
                let [keystore_path, truststore_path] = paths;
                let truststore = || Artifact::public(truststore_path, self.authority.anchor_pem.as_str());
                return Ok([
                    keystore.map(|keystore| Artifact::secret(keystore_path, keystore)),
                    has_truststore.then(truststore),
                ]);
            }
            StoreFormat::Jks => &|made| made.to_jks(store, key, random),
            StoreFormat::Pkcs12 => {
                let keys = match &self.common_keys {
                    Some(keys) => keys,
                    None if !has_keystore && !has_truststore => return Ok([None, None]),
                    None => {
                        own_keys = Pkcs12Keys::derive(store, random)?;
                        &own_keys
                    }
                };
                &move |made| made.to_pkcs12_with(keys, random)
            }
        };
        let keystore = has_keystore.then(|| Ok::<_, Cause>(write(&self.keystore(issued)?)?)).transpose()?;
        let truststore = has_truststore.then(|| Ok::<_, Cause>(write(&self.truststore()?)?)).transpose()?;
        let [keystore_path, truststore_path] = paths;
        Ok([
            keystore.map(|bytes| Artifact::secret(keystore_path, bytes.into())),
            truststore.map(|bytes| Artifact::secret(truststore_path, bytes.into())),
        ])
    }

    /// The key with its full chain under the identity's alias, and the CA beside it, as the script leaves them.
    fn keystore(&self, issued: &Issued<'_>) -> Result<KeyStore, Cause> {
        let chain = std::iter::once(&issued.certificate).chain(&self.authority.chain);
        let chain = chain.map(|certificate| certificate.as_der().to_vec()).collect();
        let key = PrivateKeyEntry { key: issued.key.to_pkcs8()?, chain };
        let mut store = self.truststore()?;
        let alias = issued.spec.alias.clone();
        store.add(Entry { alias, created: self.environment.now, content: EntryContent::PrivateKey(key) })?;
        Ok(store)
    }

    fn truststore(&self) -> Result<KeyStore, Cause> {
        let mut store = KeyStore::new();
        store.add(Entry {
            alias: self.spec.stores.ca_alias.clone(),
            created: self.environment.now,
            content: EntryContent::TrustedCertificate(self.authority.anchor.as_der().to_vec()),
        })?;
        Ok(store)
    }

    /// One key and its chain in one file (`DefaultSslEngineFactory.PemStore`).
    fn pem_keystore(&self, issued: &Issued<'_>) -> Result<Zeroizing<Vec<u8>>, Cause> {
        let pkcs8 = issued.key.to_pkcs8()?;
        let encrypted = |how: KeyEncryption| -> Result<Zeroizing<Vec<u8>>, PkiError> {
            let key = how.encrypt(&pkcs8, &issued.key_password, self.environment.random)?;
            Ok(encrypted_key_pem(&key).into_bytes().into())
        };
        let key = match self.spec.stores.pem_key {
            PemKey::Plain => key_pem(&pkcs8)?,
            PemKey::Pbes2 => encrypted(KeyEncryption::Pbes2)?,
            PemKey::Pbes1 => encrypted(KeyEncryption::Pbes1TripleDes)?,
        };
        let chain: Vec<&Certificate> = std::iter::once(&issued.certificate).chain(&self.authority.chain).collect();
        let chain = certificates_pem(&chain);
        let mut file = Zeroizing::new(Vec::with_capacity(key.len() + chain.len()));
        file.extend_from_slice(&key);
        file.extend_from_slice(chain.as_bytes());
        Ok(file)
    }

    fn properties(&self, issued: &Issued<'_>) -> Vec<Artifact> {
        let NodeSpec { role, .. } = issued.spec;
        let formats = self.spec.formats(issued.spec);
        let format = StoreFormat::preferred(formats);
        let made_in = self.home.join(issued.paths.folder());
        let folder = properties::folder(self.spec.deploy_dir.as_deref(), &made_in);
        let is_separate = issued.key_password.expose() != issued.store_password.expose();
        let names_key = properties::names_key_password(format, self.spec.stores.encrypts_pem(formats), is_separate);
        let stores = properties::Stores {
            format,
            keystore: &format!("{folder}/{}", bundle::keystore_file(*role, format)),
            truststore: &format!("{folder}/{}", bundle::truststore_file(*role, format)),
            store_password: &issued.store_password,
            key_password: names_key.then_some(&issued.key_password),
        };
        let client_auth = self.spec.effective_client_auth();
        match role {
            NodeRole::Broker | NodeRole::Controller => vec![
                Artifact::secret(
                    issued.paths.server_properties(),
                    secret_text(properties::server(&stores, client_auth)),
                ),
                Artifact::public(
                    issued.paths.client_properties(),
                    properties::anonymous_client(&self.authority.anchor_pem, client_auth).as_bytes(),
                ),
            ],
            NodeRole::Client => {
                vec![Artifact::secret(issued.paths.client_properties(), secret_text(properties::client(&stores)))]
            }
        }
    }

    /// Adds the record, and takes away what is on the disk with the same bytes.
    fn with_record(
        &self,
        issued: &Issued<'_>,
        mut artifacts: Vec<Artifact>,
        kept: BTreeMap<String, String>,
        digests: &BTreeMap<String, String>,
        days: u32,
    ) -> Result<MadeIdentity, Cause> {
        let has_record = self.spec.layout == Layout::Nodes;
        let folder = issued.paths.folder();
        let names = self.file_names(issued);
        let mut sha256 = kept;
        sha256.retain(|name, _| names.contains(name));
        let mut files: Vec<String> = names.iter().map(|name| portable(&folder.join(name))).collect();
        if has_record {
            files.push(portable(&folder.join(RECORD)));
        }
        artifacts.retain(|artifact| {
            let (name, digest) = (file_name(artifact.path()), record::digest(artifact.contents()));
            let is_there = digests.get(&name) == Some(&digest);
            drop(sha256.insert(name, digest));
            !is_there
        });
        let record = IdentityRecord {
            version: record::VERSION,
            identity: identity(issued.spec, &issued.certificate, files)?,
            issuer: self.authority.issuer().fingerprint(),
            days,
            settings: FileSettings::of(self.spec, issued.spec, self.home),
            sha256,
        };
        if has_record {
            let json = record.to_json().map_err(Cause::Inventory)?;
            artifacts.push(Artifact::secret(folder.join(RECORD), json.into()));
        }
        Ok(MadeIdentity { artifacts, record })
    }

    /// Returns the names of all files but the record, in the order in which they are made.
    fn file_names(&self, issued: &Issued<'_>) -> Vec<String> {
        let Issued { spec: node, paths, .. } = issued;
        let stores =
            self.spec.formats(node).iter().flat_map(|format| [paths.keystore(*format), paths.truststore(*format)]);
        let mut files: Vec<PathBuf> = stores.collect();
        files.extend([paths.request(), paths.certificate(), paths.password()]);
        if node.role.is_node() {
            files.push(paths.server_properties());
        }
        files.push(paths.client_properties());
        files.iter().map(|path| file_name(path)).collect()
    }
}

/// Returns what the inventory says of an identity.
fn identity(node: &NodeSpec, certificate: &Certificate, files: Vec<String>) -> Result<Identity, Cause> {
    let NodeSpec { name, role, profile, alias, .. } = node;
    Ok(Identity {
        name: name.as_str().to_owned(),
        role: *role,
        profile: (*profile != role.profile()).then(|| profile.name.to_owned()),
        principal: format!("User:{}", principal(certificate.subject_der())?),
        alias: alias.as_str().to_owned(),
        alt_names: certificate.alt_names().iter().map(inventory::typed_name).collect(),
        certificate: certificate_facts(certificate)?,
        files,
    })
}

fn file_name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// A password stands in its file with one LF, which every reader of such files takes off.
pub(super) fn password_artifact(path: PathBuf, password: &Password) -> Artifact {
    let mut line = Zeroizing::new(String::with_capacity(password.expose().len() + 1));
    line.push_str(password.expose());
    line.push('\n');
    Artifact::secret(path, secret_text(line))
}

fn secret_text(mut text: Zeroizing<String>) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(std::mem::take(&mut *text).into_bytes())
}

/// Names of identities and files are ASCII, so nothing is lost.
pub(super) fn portable(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
