//! The layout of cert-manager: what `spec.keystores` of its `Certificate` makes beside `tls.crt`, `tls.key` and `ca.crt`.

use super::secret::Secret;
use super::{ExportError, ObjectName, SecretType};
use crate::export::{Identity, Purpose};
use crate::spec::StoreFormat;

/// What follows the name of an identity in that of the Secret with the password.
pub(super) const PASSWORD_SUFFIX: &str = "-password";

/// The keys of the stores, cert-manager's `JKSSecretKey` and its like.
const STORES: [(Purpose, &str); 2] = [(Purpose::Keystore, "keystore"), (Purpose::Truststore, "truststore")];

/// The key of their password, as `passwordSecretRef` names it.
pub(super) const PASSWORD: [&str; 1] = ["password"];

/// Returns the Secret of an identity, and that of the password which its stores have in common, under each of these keys.
pub(super) fn secrets(
    identity: &Identity,
    [name, password_name]: [ObjectName; 2],
    formats: &[StoreFormat],
    password_keys: &[&str],
) -> Result<Vec<Secret>, ExportError> {
    let own = Some(identity.name.as_str());
    let mut secret = Secret::new(name, own, SecretType::Tls);
    secret.add_tls(identity)?;
    let has_stores = add_stores(&mut secret, identity, formats)?;
    let mut secrets = vec![secret];
    if has_stores {
        let mut password = Secret::new(password_name, own, SecretType::Opaque);
        for key in password_keys {
            password.add_password(*key, &identity.password);
        }
        secrets.push(password);
    }
    Ok(secrets)
}

/// Adds `keystore.jks` and its like, and says whether there are any.
fn add_stores(secret: &mut Secret, identity: &Identity, formats: &[StoreFormat]) -> Result<bool, ExportError> {
    let stores = [StoreFormat::Jks, StoreFormat::Pkcs12].into_iter().filter(|format| formats.contains(format));
    let mut has_stores = false;
    for format in stores {
        for (purpose, key) in STORES {
            let store = identity
                .store(purpose, format, &identity.password)
                .map_err(|error| ExportError::KeyStore(identity.name.to_string(), error))?;
            secret.add_store(format!("{key}.{}", format.extension()), store);
        }
        has_stores = true;
    }
    Ok(has_stores)
}
