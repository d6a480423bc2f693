//! Where keys and certificates are, as `DefaultSslEngineFactory.createKeystore` and `createTruststore` decide it.

use std::fmt;

use super::{Setting, SettingError, SslSettings, keys};
use crate::name::printable;

/// Where a keystore or a truststore comes from.
#[derive(Debug, Clone, Copy)]
pub enum StoreSource<'a> {
    /// A file for `java.security.KeyStore`.
    File {
        /// The type as it is written, or Kafka's default. Java's names of types know no case, and JKS and PKCS12 are
        /// each read under the name of the other.
        store_type: &'a str,
        /// The path.
        location: Setting<'a>,
        /// The password, without which Java does not check a truststore, and sees none of the certificates of most PKCS#12.
        password: Option<Setting<'a>>,
    },
    /// A file in PEM.
    PemFile {
        /// The path.
        location: Setting<'a>,
    },
    /// PEM in the properties file itself.
    PemInline {
        /// The private key; none in a truststore.
        key: Option<Setting<'a>>,
        /// The certificates.
        certificates: Setting<'a>,
    },
}

/// The type of a store that says nothing about it.
const DEFAULT_TYPE: &str = "JKS";

/// The only name that Kafka's own reader answers to.
const PEM_TYPE: &str = "PEM";

/// Why Kafka refuses what is said about a store, before it looks at the store. The text is Kafka's.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum StoreFault {
    /// A chain in the properties, and no key.
    ChainWithoutKey,
    /// A key in the properties, and no chain.
    KeyWithoutChain,
    /// A key in the properties, and another type than `PEM`, which is foreign text.
    KeyNotPem(String),
    /// A location and a key in the properties.
    LocationAndKey,
    /// A location, and no password.
    LocationWithoutPassword,
    /// A password, and no location.
    PasswordWithoutLocation,
    /// A password for a store in PEM, which has none.
    PasswordWithPem,
    /// Certificates to trust in the properties, and another type than `PEM`, which is foreign text.
    CertificatesNotPem(String),
    /// A location and certificates to trust in the properties.
    LocationAndCertificates,
    /// A password for a truststore, and no location.
    TrustPasswordWithoutLocation,
    /// A password for a truststore in PEM, which has none.
    TrustPasswordWithPem,
    /// The type is known to a config provider alone, so that nothing can be said.
    Unresolved(SettingError),
}

impl fmt::Display for StoreFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ChainWithoutKey => "SSL certificate chain is specified, but private key is not specified",
            Self::KeyWithoutChain => "SSL private key is specified, but certificate chain is not specified.",
            Self::KeyNotPem(kind) => {
                let kind = printable(kind);
                return write!(f, "SSL private key can be specified only for PEM, but key store type is {kind}.");
            }
            Self::LocationAndKey => "Both SSL key store location and separate private key are specified.",
            Self::LocationWithoutPassword => "SSL key store is specified, but key store password is not specified.",
            Self::PasswordWithoutLocation => "SSL key store is not specified, but key store password is specified.",
            Self::PasswordWithPem => {
                "SSL key store password cannot be specified with PEM format, only key password may be specified."
            }
            Self::CertificatesNotPem(kind) => {
                let kind = printable(kind);
                return write!(
                    f,
                    "SSL trust store certs can be specified only for PEM, but trust store type is {kind}."
                );
            }
            Self::LocationAndCertificates => {
                "Both SSL trust store location and separate trust certificates are specified."
            }
            Self::TrustPasswordWithoutLocation => {
                "SSL trust store is not specified, but trust store password is specified."
            }
            Self::TrustPasswordWithPem => "SSL trust store password cannot be specified for PEM format.",
            Self::Unresolved(error) => return error.fmt(f),
        })
    }
}

impl std::error::Error for StoreFault {}

pub(super) fn keystore<'a>(ssl: &SslSettings<'a>) -> Result<Option<StoreSource<'a>>, StoreFault> {
    let store_type = store_type(ssl, keys::KEYSTORE_TYPE)?;
    let (location, password) = (ssl.get(keys::KEYSTORE_LOCATION), ssl.get(keys::KEYSTORE_PASSWORD));
    let is_pem = store_type == PEM_TYPE;
    match (ssl.get(keys::KEYSTORE_KEY), ssl.get(keys::KEYSTORE_CERTIFICATE_CHAIN), location, password) {
        (Some(_), ..) if !is_pem => Err(StoreFault::KeyNotPem(store_type.to_owned())),
        (Some(_), None, ..) => Err(StoreFault::KeyWithoutChain),
        (Some(_), _, Some(_), _) => Err(StoreFault::LocationAndKey),
        (Some(_), _, _, Some(_)) => Err(StoreFault::PasswordWithPem),
        (key @ Some(_), Some(certificates), ..) => Ok(Some(StoreSource::PemInline { key, certificates })),
        (None, Some(_), ..) => Err(StoreFault::ChainWithoutKey),
        (None, None, Some(_), Some(_)) if is_pem => Err(StoreFault::PasswordWithPem),
        (None, None, Some(location), None) if is_pem => Ok(Some(StoreSource::PemFile { location })),
        (None, None, None, Some(_)) => Err(StoreFault::PasswordWithoutLocation),
        (None, None, Some(_), None) => Err(StoreFault::LocationWithoutPassword),
        (None, None, Some(location), password @ Some(_)) => {
            Ok(Some(StoreSource::File { store_type, location, password }))
        }
        (None, None, None, None) => Ok(None),
    }
}

pub(super) fn truststore<'a>(ssl: &SslSettings<'a>) -> Result<Option<StoreSource<'a>>, StoreFault> {
    let store_type = store_type(ssl, keys::TRUSTSTORE_TYPE)?;
    let (location, password) = (ssl.get(keys::TRUSTSTORE_LOCATION), ssl.get(keys::TRUSTSTORE_PASSWORD));
    let is_pem = store_type == PEM_TYPE;
    match (ssl.get(keys::TRUSTSTORE_CERTIFICATES), location, password) {
        (Some(_), ..) if !is_pem => Err(StoreFault::CertificatesNotPem(store_type.to_owned())),
        (Some(_), Some(_), _) => Err(StoreFault::LocationAndCertificates),
        (Some(_), _, Some(_)) => Err(StoreFault::TrustPasswordWithPem),
        (Some(certificates), None, None) => Ok(Some(StoreSource::PemInline { key: None, certificates })),
        (None, Some(_), Some(_)) if is_pem => Err(StoreFault::TrustPasswordWithPem),
        (None, Some(location), None) if is_pem => Ok(Some(StoreSource::PemFile { location })),
        (None, None, Some(_)) => Err(StoreFault::TrustPasswordWithoutLocation),
        (None, Some(location), password) => Ok(Some(StoreSource::File { store_type, location, password })),
        (None, None, None) => Ok(None),
    }
}

fn store_type<'a>(ssl: &SslSettings<'a>, key: &str) -> Result<&'a str, StoreFault> {
    ssl.get(key).map_or(Ok(DEFAULT_TYPE), |setting| setting.resolved()).map_err(StoreFault::Unresolved)
}
