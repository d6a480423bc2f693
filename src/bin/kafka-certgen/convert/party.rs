//! One end of a connection: its key with the chain, and what it trusts, out of its stores.

use std::path::{Path, PathBuf};

use kafka_certgen::handshake::{Endpoint, Identity};
use kafka_certgen::keystore::{StoreContent, StoreFile, StoreFileError};
use kafka_certgen::name::printable;
use kafka_certgen::pki::{read_certificates, read_private_key};
use kafka_certgen::secret::Password;
use zeroize::Zeroizing;

use super::Call;
use crate::cli::Global;
use crate::problem::Problem;
use crate::run;
use crate::secrets::Source;

/// The flags that the stores of an end are named by.
pub(crate) struct PartyFlags {
    pub(crate) keystore: &'static str,
    pub(crate) truststore: &'static str,
    pub(crate) alias: &'static str,
    pub(crate) storepass: &'static str,
    pub(crate) truststore_pass: &'static str,
    pub(crate) keypass: &'static str,
}

/// The flags of a broker.
pub(crate) const BROKER: PartyFlags = PartyFlags {
    keystore: "--keystore",
    truststore: "--truststore",
    alias: "--alias",
    storepass: "--storepass",
    truststore_pass: "--truststore-pass",
    keypass: "--keypass",
};

/// The flags of a client.
pub(crate) const CLIENT: PartyFlags = PartyFlags {
    keystore: "--client-keystore",
    truststore: "--client-truststore",
    alias: "--client-alias",
    storepass: "--client-storepass",
    truststore_pass: "--client-truststore-pass",
    keypass: "--client-keypass",
};

/// What is said of an end.
pub(crate) struct PartyStores<'a> {
    pub(crate) name: String,
    pub(crate) keystore: Option<PathBuf>,
    pub(crate) truststore: PathBuf,
    pub(crate) alias: Option<&'a str>,
    pub(crate) storepass: Option<&'a String>,
    pub(crate) truststore_pass: Option<&'a String>,
    pub(crate) keypass: Option<&'a String>,
}

/// The passwords that were given for an end.
struct Given {
    store: Option<Password>,
    trust: Option<Password>,
    key: Option<Password>,
}

impl Call {
    /// Reads what an end has in its stores. What is wrong with them is a problem of the call.
    pub(super) fn endpoint(
        &mut self,
        flags: &PartyFlags,
        stores: &PartyStores<'_>,
        global: &Global,
    ) -> Option<Endpoint> {
        let given = Given {
            store: self.given(flags.storepass, "password of the keystore", stores.storepass, global),
            trust: self.given(flags.truststore_pass, "password of the truststore", stores.truststore_pass, global),
            key: self.given(flags.keypass, "password of the key", stores.keypass, global),
        };
        let identity = match &stores.keystore {
            Some(path) => Some(self.identity(flags, path, stores.alias, &given, global)?),
            None => None,
        };
        let anchors = self.anchors(flags, &stores.truststore, &given, global)?;
        Some(Endpoint { name: stores.name.clone(), identity, anchors })
    }

    fn given(&mut self, flag: &str, what: &str, text: Option<&String>, global: &Global) -> Option<Password> {
        let source = self.source(flag, text).map(Source::known);
        let sound = self.problems.is_empty();
        self.secret(flag, what, source, sound, global).0
    }

    /// Returns the password that was given, or else the one that lies beside the file, or that a person types.
    fn password_of(
        &mut self,
        path: &Path,
        flag: &'static str,
        given: Option<&Password>,
        global: &Global,
    ) -> Option<Password> {
        if let Some(password) = given {
            return Some(password.clone());
        }
        let source = self.source_beside(path, flag, global)?;
        let what = format!("password of {}", printable(&path.to_string_lossy()));
        let sound = self.problems.is_empty();
        self.secret(flag, &what, Some(source), sound, global).0
    }

    fn identity(
        &mut self,
        flags: &PartyFlags,
        path: &Path,
        alias: Option<&str>,
        given: &Given,
        global: &Global,
    ) -> Option<Identity> {
        let bytes = self.store_bytes(flags.keystore, path)?;
        if is_pem(&bytes) {
            return self.pem_identity(flags, path, &bytes, given, global);
        }
        let store = self.open_store(path, flags.storepass, &bytes, given.store.as_ref(), global)?;
        let read = || -> Result<Identity, Problem> {
            let keys: Vec<(&str, Vec<Vec<u8>>)> = private_keys(&store);
            let wanted = keys.iter().filter(|(name, _)| alias.is_none_or(|alias| name.eq_ignore_ascii_case(alias)));
            let [(alias, chain)] = wanted.collect::<Vec<_>>()[..] else {
                let found: Vec<&str> = keys.iter().map(|(name, _)| *name).collect();
                return Err(Problem::not_one_key(path, &found, alias, flags.alias));
            };
            if chain.is_empty() {
                return Err(Problem::key_without_certificate(path, alias));
            }
            let key = store
                .private_key(alias, given.key.as_ref())
                .map_err(|error| Problem::of_key(path, flags.keypass, error))?;
            Ok(Identity { chain: chain.clone(), key })
        };
        read().map_err(|problem| self.problems.push(problem)).ok()
    }

    /// Reads a keystore in PEM as Kafka does: one key and its chain, the leaf first.
    fn pem_identity(
        &mut self,
        flags: &PartyFlags,
        path: &Path,
        bytes: &[u8],
        given: &Given,
        global: &Global,
    ) -> Option<Identity> {
        use kafka_certgen::pki::PrivateKeyError;
        let read = match read_private_key(bytes, None) {
            Err(PrivateKeyError::NoPassword) => {
                let password = given.key.as_ref().or(given.store.as_ref());
                let password = self.password_of(path, flags.keypass, password, global)?;
                read_private_key(bytes, Some(&password))
            }
            read => read,
        };
        let finish = || -> Result<Identity, Problem> {
            let key = read.map_err(|error| Problem::of_pem_key(path, flags.keypass, &error))?.key.to_pkcs8()?;
            let chain = read_certificates(bytes).map_err(|error| Problem::of_input(flags.keystore, path, &error))?;
            Ok(Identity { chain, key })
        };
        finish().map_err(|problem| self.problems.push(problem)).ok()
    }

    fn anchors(&mut self, flags: &PartyFlags, path: &Path, given: &Given, global: &Global) -> Option<Vec<Vec<u8>>> {
        let bytes = self.store_bytes(flags.truststore, path)?;
        if is_pem(&bytes) {
            let read = read_certificates(&bytes).map_err(|error| Problem::of_input(flags.truststore, path, &error));
            return read.map_err(|problem| self.problems.push(problem)).ok();
        }
        let (flag, password) = match (&given.trust, &given.store) {
            (Some(password), _) => (flags.truststore_pass, Some(password)),
            (None, password) => (flags.storepass, password.as_ref()),
        };
        let store = self.open_store(path, flag, &bytes, password, global)?;
        let trusted = store.entries().into_iter().filter_map(|entry| match entry.content {
            StoreContent::TrustedCertificate(der) => Some(der.to_vec()),
            // Java trusts the leaf of a private key too (`sun.security.validator.TrustStoreUtil`).
            StoreContent::PrivateKey { chain } => chain.first().map(|der| der.to_vec()),
            StoreContent::SecretKey => None,
        });
        Some(trusted.collect())
    }

    fn store_bytes(&mut self, flag: &str, path: &Path) -> Option<Zeroizing<Vec<u8>>> {
        run::read_store(flag, path).map_err(|problem| self.problems.push(problem)).ok()
    }

    fn open_store(
        &mut self,
        path: &Path,
        flag: &'static str,
        bytes: &[u8],
        given: Option<&Password>,
        global: &Global,
    ) -> Option<StoreFile> {
        if let Err(error) = StoreFile::recognise(bytes) {
            self.problems.push(Problem::of_store(path, flag, error));
            return None;
        }
        self.beside = None;
        let password = self.password_of(path, flag, given, global)?;
        let opened = StoreFile::open(bytes, &password);
        let beside = self.beside.clone();
        opened
            .map_err(|error| {
                self.problems.push(Problem::of_store(path, flag, error).of_password_in(beside.as_deref()));
            })
            .ok()
    }
}

fn is_pem(bytes: &[u8]) -> bool {
    matches!(StoreFile::recognise(bytes), Err(StoreFileError::Pem))
}

/// Returns the private keys of a store, each with its alias and chain.
fn private_keys(store: &StoreFile) -> Vec<(&str, Vec<Vec<u8>>)> {
    let keys = store.entries().into_iter().filter_map(|entry| match entry.content {
        StoreContent::PrivateKey { chain } => Some((entry.alias, chain.into_iter().map(<[u8]>::to_vec).collect())),
        _ => None,
    });
    keys.collect()
}
