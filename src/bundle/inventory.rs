//! The inventory of a bundle, `bundle.json`: what was issued to whom and until when. No secret is in it.

use serde::Serialize;
use time::OffsetDateTime;

/// The version of the form; it changes when a reader of the old form would misread the new one.
pub const VERSION: u32 = 1;

/// Everything that a bundle holds.
#[derive(Debug, Clone, Serialize)]
pub struct Inventory {
    /// [`VERSION`].
    pub version: u32,
    /// When the bundle was made.
    #[serde(with = "time::serde::rfc3339")]
    pub created: OffsetDateTime,
    /// How its stores are written.
    pub settings: Settings,
    /// The CA.
    pub ca: Ca,
    /// The identities, in the order in which they were named.
    pub identities: Vec<Identity>,
}

/// How the stores of a bundle are written.
#[derive(Debug, Clone, Serialize)]
pub struct Settings {
    /// `nodes` or `script`.
    pub layout: &'static str,
    /// The formats of the stores.
    pub formats: Vec<&'static str>,
    /// How keys in PEM files are encrypted, where there are any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pem_key: Option<&'static str>,
    /// The alias of the CA's certificate.
    pub ca_alias: String,
    /// The value of `ssl.client.auth`.
    pub client_auth: &'static str,
    /// The folder that the properties name, if it is not the bundle's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deploy_dir: Option<String>,
}

/// The CA and its files.
#[derive(Debug, Clone, Serialize)]
pub struct Ca {
    /// Its certificate.
    pub certificate: CertificateFacts,
    /// The certificate's file.
    pub certificate_file: String,
    /// The key's file.
    pub key_file: String,
    /// The file with the key's password, if one was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password_file: Option<String>,
}

/// An identity and its files.
#[derive(Debug, Clone, Serialize)]
pub struct Identity {
    /// Its name.
    pub name: String,
    /// `broker` or `client`.
    pub role: &'static str,
    /// Its principal, as `super.users` and ACLs name it.
    pub principal: String,
    /// The alias of its key.
    pub alias: String,
    /// The names in its certificate, each with its type: `dns:broker1`, `ip:10.0.0.1`.
    pub alt_names: Vec<String>,
    /// Its certificate.
    pub certificate: CertificateFacts,
    /// Its files, below the bundle's folder.
    pub files: Vec<String>,
}

/// What a listing shows of a certificate.
#[derive(Debug, Clone, Serialize)]
pub struct CertificateFacts {
    /// The subject, in RFC 4514 text.
    pub subject: String,
    /// The serial number, in hexadecimal.
    pub serial: String,
    /// The algorithm of its key.
    pub key_algorithm: String,
    /// The first second of its validity.
    #[serde(with = "time::serde::rfc3339")]
    pub not_before: OffsetDateTime,
    /// The last second of its validity.
    #[serde(with = "time::serde::rfc3339")]
    pub not_after: OffsetDateTime,
    /// The SHA-256 of its DER, as keytool prints it.
    pub sha256: String,
}
