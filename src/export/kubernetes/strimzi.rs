//! The layout of Strimzi: the CA's Secrets, which its Cluster Operator reads where `generateCertificateAuthority` is false; those of users, and
//! those of listeners.

use zeroize::Zeroizing;

use super::secret::{Secret, key_pem};
use super::{ExportError, ObjectName, SecretType};
use crate::export::identity::public_truststore;
use crate::export::salts::Salts;
use crate::export::{Identity, Origin, Purpose, StoreBytes};
use crate::keystore::KeyStoreError;
use crate::name::Alias;
use crate::pki::{Certificate, certificates_pem};
use crate::secret::Password;
use crate::spec::StoreFormat;

/// What follows the cluster's name in those of the Secrets with the CA's certificate, and of those with its key.
pub(super) const CERTIFICATES: [&str; 2] = ["-cluster-ca-cert", "-clients-ca-cert"];
pub(super) const KEYS: [&str; 2] = ["-cluster-ca", "-clients-ca"];

/// What is said of the CA in its Secrets.
pub(super) struct Authority<'a> {
    /// The cluster, as the label names it.
    pub(super) cluster: &'a ObjectName,
    /// Its certificate and those above it, the root last.
    pub(super) chain: &'a [Certificate],
    /// The alias of the certificate in `ca.p12`.
    pub(super) alias: &'a Alias,
    /// The number that grows when it is renewed.
    pub(super) generation: u32,
    /// Whether there is `ca.p12` beside `ca.crt`.
    pub(super) has_pkcs12: bool,
}

impl Authority<'_> {
    /// Returns a Secret with its certificate: the chain from the CA to its root, in Strimzi's order.
    pub(super) fn certificate(&self, name: ObjectName) -> Result<Secret, ExportError> {
        let mut secret = self.secret(name);
        secret.annotations.push(("strimzi.io/ca-cert-generation", self.generation.to_string()));
        secret.add_text("ca.crt", certificates_pem(&self.chain.iter().collect::<Vec<_>>()));
        if let Some(root) = self.chain.last().filter(|_| self.has_pkcs12) {
            let failed = |error| ExportError::KeyStore("the CA".to_owned(), error);
            let password = public_password(root).map_err(failed)?;
            let contents = public_truststore(self.alias, root, &password).map_err(failed)?;
            secret.add_store("ca.p12", StoreBytes { contents, origin: Origin::Made });
            secret.add("ca.password", Zeroizing::new(password.expose().as_bytes().to_vec()));
        }
        Ok(secret)
    }

    /// Returns a Secret with its key, in PEM and not encrypted.
    pub(super) fn key(&self, name: ObjectName, key: &[u8]) -> Secret {
        let mut secret = self.secret(name);
        secret.annotations.push(("strimzi.io/ca-key-generation", self.generation.to_string()));
        secret.add("ca.key", Zeroizing::new(key.to_vec()));
        secret
    }

    fn secret(&self, name: ObjectName) -> Secret {
        let mut secret = Secret::new(name, None, SecretType::Opaque);
        secret.labels.push(("strimzi.io/kind", "Kafka".to_owned()));
        secret.labels.push(("strimzi.io/cluster", self.cluster.as_str().to_owned()));
        secret
    }
}

/// Returns the Secret of a client. It has none of Strimzi's labels: its User Operator removes what has them and is of no `KafkaUser`.
pub(super) fn user(identity: &Identity, name: ObjectName, formats: &[StoreFormat]) -> Result<Secret, ExportError> {
    let mut secret = Secret::new(name, Some(identity.name.as_str()), SecretType::Opaque);
    secret.add_text("ca.crt", identity.anchor_pem());
    secret.add_text("user.crt", identity.chain_pem());
    secret.add("user.key", key_pem(identity)?);
    if formats.contains(&StoreFormat::Pkcs12) {
        let store = identity
            .store(Purpose::Keystore, StoreFormat::Pkcs12, &identity.password)
            .map_err(|error| ExportError::KeyStore(identity.name.to_string(), error))?;
        secret.add_store("user.p12", store);
        secret.add_password("user.password", &identity.password);
    }
    Ok(secret)
}

/// Returns the Secret of a broker, which a listener names under `brokerCertChainAndKey`.
pub(super) fn listener(identity: &Identity, name: ObjectName) -> Result<Secret, ExportError> {
    let mut secret = Secret::new(name, Some(identity.name.as_str()), SecretType::Tls);
    secret.add_tls(identity)?;
    Ok(secret)
}

/// Returns the password of `ca.p12`. Nothing in that store is a secret and the password lies beside it, so that it may come of the
/// certificate: then the Secret is the same each time.
fn public_password(root: &Certificate) -> Result<Password, KeyStoreError> {
    Password::make(&Salts::new(root.as_der(), &[b"ca.password"])).map_err(KeyStoreError::Random)
}
