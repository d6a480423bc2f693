//! A whole bundle from nothing.

use std::path::Path;

use zeroize::Zeroizing;

use super::{Cause, Environment, Error, Step, certificate_facts, parallel, steps};
use crate::bundle::inventory::{self, Inventory};
use crate::bundle::{self, Artifact, Bundle, CaPaths, NodePaths};
use crate::kafka::principal::principal;
use crate::kafka::properties;
use crate::keystore::{Entry, EntryContent, KeyStore, PrivateKeyEntry};
use crate::name::NodeName;
use crate::output::{Staged, Target};
use crate::pki::{
    Certificate, CertificateAuthority, CertificateSigningRequest, KeyEncryption, KeyPair, PkiError, certificate_pem,
    certificates_pem, encrypted_key_pem, key_pem, request_pem,
};
use crate::secret::Password;
use crate::spec::{ClusterSpec, KeyAlgorithm, NodeRole, NodeSpec, PemKey, StoreFormat, Validity};

/// A bundle in memory, with its inventory.
#[derive(Debug)]
pub struct Made {
    /// The files.
    pub bundle: Bundle,
    /// What they hold.
    pub inventory: Inventory,
}

/// Makes a bundle from nothing and stages it beside `target`; [`Staged::commit`] puts it there.
pub fn init(spec: &ClusterSpec, target: Target, environment: &Environment<'_>) -> Result<(Staged, Inventory), Error> {
    let made = make(spec, &target.path(), environment)?;
    let staged = target.stage(&made.bundle).map_err(Error::Output)?;
    Ok((staged, made.inventory))
}

/// Makes a bundle in memory. `home` is the folder that it will lie in, which the properties name unless the specification has a
/// deploy folder.
pub fn make(spec: &ClusterSpec, home: &Path, environment: &Environment<'_>) -> Result<Made, Error> {
    let faults = spec.faults(environment.now);
    if !faults.is_empty() {
        return Err(Error::Spec(faults));
    }
    let made = spec.made_ca().cloned().unwrap_or_default();
    let (ca_key, node_keys) = make_keys(spec, made.key_algorithm, environment)?;
    let (ca, ca_password) = steps::ca_of_key(&made, ca_key, environment).map_err(at(Step::Ca, None))?;
    (environment.observe)(Step::Ca, None);
    let run = Run { spec, home, environment, ca_pem: certificate_pem(ca.certificate()), ca };
    let mut artifacts = run.ca_artifacts(&ca_password).map_err(at(Step::Ca, None))?;
    let work = spec.nodes.iter().zip(node_keys).collect();
    let mut identities = Vec::with_capacity(spec.nodes.len());
    for made in parallel::map(work, environment.jobs, |(node, key)| run.make_identity(node, key)) {
        let (files, facts) = made?;
        artifacts.extend(files);
        identities.push(facts);
    }
    let inventory = run.inventory(identities, &ca_password).map_err(at(Step::Configuration, None))?;
    artifacts.push(inventory_artifact(&inventory).map_err(at(Step::Configuration, None))?);
    Ok(Made { bundle: Bundle { artifacts }, inventory })
}

fn at<E: Into<Cause>>(step: Step, node: Option<&NodeName>) -> impl FnOnce(E) -> Error {
    let node = node.cloned();
    move |cause| Error::Step(step, node, cause.into())
}

/// Makes all keys side by side, the CA's first because it is the largest.
fn make_keys(
    spec: &ClusterSpec,
    ca: KeyAlgorithm,
    environment: &Environment<'_>,
) -> Result<(KeyPair, Vec<KeyPair>), Error> {
    let mut work: Vec<(Option<&NodeName>, KeyAlgorithm)> = vec![(None, ca)];
    work.extend(spec.nodes.iter().map(|node| (Some(&node.name), node.key_algorithm)));
    let keys = parallel::map(work, environment.jobs, |(name, algorithm)| {
        let key = KeyPair::generate(algorithm).map_err(at::<PkiError>(Step::Key, name))?;
        (environment.observe)(Step::Key, name);
        Ok(key)
    });
    let mut keys = keys.into_iter().collect::<Result<Vec<_>, _>>()?;
    // There is one result for each piece of work, and the CA's is the first.
    let ca = keys.remove(0);
    Ok((ca, keys))
}

/// What the identities of one run have in common.
struct Run<'a> {
    spec: &'a ClusterSpec,
    home: &'a Path,
    environment: &'a Environment<'a>,
    ca: CertificateAuthority,
    ca_pem: String,
}

/// An identity with everything that was issued to it.
struct IssuedNode<'a> {
    spec: &'a NodeSpec,
    paths: NodePaths,
    key: KeyPair,
    request: CertificateSigningRequest,
    certificate: Certificate,
    store_password: Password,
    key_password: Password,
}

impl Run<'_> {
    fn ca_artifacts(&self, password: &Password) -> Result<Vec<Artifact>, Cause> {
        let paths = CaPaths::new(self.spec.layout);
        let key = steps::ca_key_file(&self.ca, password, self.environment)?;
        let mut artifacts =
            vec![Artifact::public(paths.certificate, self.ca_pem.as_str()), Artifact::secret(paths.key, key)];
        if password.is_made() {
            artifacts.push(password_artifact(paths.password, password));
        }
        Ok(artifacts)
    }

    fn make_identity(&self, node: &NodeSpec, key: KeyPair) -> Result<(Vec<Artifact>, inventory::Identity), Error> {
        let issued = self.issue(node, key)?;
        (self.environment.observe)(Step::Certificate, Some(&node.name));
        let artifacts = self.node_artifacts(&issued)?;
        (self.environment.observe)(Step::Store, Some(&node.name));
        let facts = identity_facts(&issued, &artifacts).map_err(at(Step::Configuration, Some(&node.name)))?;
        Ok((artifacts, facts))
    }

    fn issue<'n>(&self, node: &'n NodeSpec, key: KeyPair) -> Result<IssuedNode<'n>, Error> {
        let name = Some(&node.name);
        let random = self.environment.random;
        let subject = node.subject.to_der().map_err(at(Step::Request, name))?;
        let request =
            CertificateSigningRequest::new(&key, &subject, &node.alt_names).map_err(at(Step::Request, name))?;
        let verified = request.verify().map_err(at(Step::Request, name))?;
        let validity = Validity::starting(self.environment.now, node.days).map_err(at(Step::Certificate, name))?;
        let certificate = self
            .ca
            .sign(&verified, node.profile, &node.alt_names, validity, None, random)
            .map_err(at(Step::Certificate, name))?;
        let stores = &self.spec.stores;
        let store_password = match &stores.store_password {
            Some(password) => password.clone(),
            None => Password::make(random).map_err(at(Step::Password, name))?,
        };
        let key_password = stores.key_password.clone().unwrap_or_else(|| store_password.clone());
        let paths = NodePaths::new(self.spec.layout, &node.name, node.role);
        Ok(IssuedNode { spec: node, paths, key, request, certificate, store_password, key_password })
    }

    fn node_artifacts(&self, issued: &IssuedNode<'_>) -> Result<Vec<Artifact>, Error> {
        let IssuedNode { spec: node, paths, .. } = issued;
        let mut artifacts = Vec::new();
        for format in self.spec.formats(node) {
            artifacts.extend(self.stores(issued, *format).map_err(at(Step::Store, Some(&node.name)))?);
        }
        artifacts.push(Artifact::public(paths.request(), request_pem(&issued.request)));
        artifacts.push(Artifact::public(paths.certificate(), certificate_pem(&issued.certificate)));
        artifacts.push(password_artifact(paths.password(), &issued.store_password));
        artifacts.extend(self.properties(issued));
        Ok(artifacts)
    }

    /// Writes the keystore and the truststore of one format.
    fn stores(&self, issued: &IssuedNode<'_>, format: StoreFormat) -> Result<[Artifact; 2], Cause> {
        let (keystore, truststore) = match format {
            StoreFormat::Pem => (self.pem_keystore(issued)?, Zeroizing::new(self.ca_pem.clone().into_bytes())),
            StoreFormat::Jks => {
                let (store, key, random) = (&issued.store_password, &issued.key_password, self.environment.random);
                (
                    self.keystore(issued)?.to_jks(store, key, random)?.into(),
                    self.truststore()?.to_jks(store, key, random)?.into(),
                )
            }
            StoreFormat::Pkcs12 => {
                let password = &issued.store_password;
                (self.keystore(issued)?.to_pkcs12(password)?.into(), self.truststore()?.to_pkcs12(password)?.into())
            }
        };
        let truststore_path = issued.paths.truststore(format);
        Ok([
            Artifact::secret(issued.paths.keystore(format), keystore),
            match format {
                StoreFormat::Pem => Artifact::public(truststore_path, truststore.to_vec()),
                StoreFormat::Jks | StoreFormat::Pkcs12 => Artifact::secret(truststore_path, truststore),
            },
        ])
    }

    /// The key with its full chain under the identity's alias, and the CA beside it, as the script leaves them.
    fn keystore(&self, issued: &IssuedNode<'_>) -> Result<KeyStore, Cause> {
        let chain = vec![issued.certificate.as_der().to_vec(), self.ca.certificate().as_der().to_vec()];
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
            content: EntryContent::TrustedCertificate(self.ca.certificate().as_der().to_vec()),
        })?;
        Ok(store)
    }

    /// One key and its chain in one file (`DefaultSslEngineFactory.PemStore`).
    fn pem_keystore(&self, issued: &IssuedNode<'_>) -> Result<Zeroizing<Vec<u8>>, Cause> {
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
        let chain = certificates_pem(&[&issued.certificate, self.ca.certificate()]);
        let mut file = Zeroizing::new(Vec::with_capacity(key.len() + chain.len()));
        file.extend_from_slice(&key);
        file.extend_from_slice(chain.as_bytes());
        Ok(file)
    }

    fn properties(&self, issued: &IssuedNode<'_>) -> Vec<Artifact> {
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
                    properties::anonymous_client(&self.ca_pem, client_auth).as_bytes(),
                ),
            ],
            NodeRole::Client => {
                vec![Artifact::secret(issued.paths.client_properties(), secret_text(properties::client(&stores)))]
            }
        }
    }

    fn inventory(&self, identities: Vec<inventory::Identity>, ca_password: &Password) -> Result<Inventory, Cause> {
        let ClusterSpec { stores, layout, deploy_dir, .. } = self.spec;
        let paths = CaPaths::new(*layout);
        Ok(Inventory {
            version: inventory::VERSION,
            created: self.environment.now.replace_nanosecond(0).unwrap_or(self.environment.now),
            settings: inventory::Settings {
                layout: *layout,
                formats: stores.formats.clone(),
                pem_key: stores.formats.contains(&StoreFormat::Pem).then_some(stores.pem_key),
                ca_alias: stores.ca_alias.as_str().to_owned(),
                client_auth: self.spec.effective_client_auth(),
                deploy_dir: deploy_dir.clone(),
            },
            ca: inventory::Ca {
                certificate: certificate_facts(self.ca.certificate())?,
                certificate_file: portable(&paths.certificate),
                key_file: Some(portable(&paths.key)),
                password_file: ca_password.is_made().then(|| portable(&paths.password)),
            },
            identities,
        })
    }
}

fn identity_facts(issued: &IssuedNode<'_>, artifacts: &[Artifact]) -> Result<inventory::Identity, Cause> {
    let NodeSpec { name, role, profile, alias, alt_names, .. } = issued.spec;
    Ok(inventory::Identity {
        name: name.as_str().to_owned(),
        role: *role,
        profile: (*profile != role.profile()).then(|| profile.name.to_owned()),
        principal: format!("User:{}", principal(issued.certificate.subject_der())?),
        alias: alias.as_str().to_owned(),
        alt_names: alt_names.iter().map(inventory::typed_name).collect(),
        certificate: certificate_facts(&issued.certificate)?,
        files: artifacts.iter().map(|artifact| portable(artifact.path())).collect(),
    })
}

fn inventory_artifact(inventory: &Inventory) -> Result<Artifact, Cause> {
    let mut json = serde_json::to_vec_pretty(inventory).map_err(Cause::Inventory)?;
    json.push(b'\n');
    Ok(Artifact::public(bundle::INVENTORY.into(), json))
}

/// A password stands in its file with one LF, which every reader of such files takes off.
fn password_artifact(path: std::path::PathBuf, password: &Password) -> Artifact {
    let mut line = Zeroizing::new(String::with_capacity(password.expose().len() + 1));
    line.push_str(password.expose());
    line.push('\n');
    Artifact::secret(path, secret_text(line))
}

fn secret_text(mut text: Zeroizing<String>) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(std::mem::take(&mut *text).into_bytes())
}

/// Names of identities and files are ASCII, so nothing is lost.
fn portable(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
