//! Why an identity changes.

use std::fmt;

use serde::Serialize;

use crate::name::printable;

/// Why an identity changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Reason {
    /// The alias of its key is another one.
    Alias {
        /// The alias that it has.
        from: String,
        /// The alias that it shall have.
        to: String,
    },
    /// The alias of the CA's certificate is another one.
    CaAlias {
        /// The alias that it has.
        from: String,
        /// The alias that it shall have.
        to: String,
    },
    /// Clients are asked for something else.
    ClientAuth {
        /// What is asked for.
        from: &'static str,
        /// What shall be asked for.
        to: &'static str,
    },
    /// Its certificate has ended.
    Expired,
    /// Its certificate ends soon.
    Expires {
        /// The days that are left.
        days: i64,
    },
    /// A file is not as it was made.
    FileChanged {
        /// Its name.
        file: String,
    },
    /// A file is not there.
    FileMissing {
        /// Its name.
        file: String,
    },
    /// Its properties name another folder.
    Folder {
        /// The folder that they name.
        from: String,
        /// The folder that they shall name.
        to: String,
    },
    /// There shall be stores of one more format.
    FormatAdded {
        /// The format.
        format: &'static str,
    },
    /// There shall be no stores of a format any more.
    FormatRemoved {
        /// The format.
        format: &'static str,
    },
    /// Its certificate was issued by another CA.
    Issuer,
    /// Its key is of another algorithm.
    KeyAlgorithm {
        /// The algorithm that it has.
        from: String,
        /// The algorithm that it shall have.
        to: &'static str,
    },
    /// Its key has another password.
    KeyPassword,
    /// It is not there.
    New,
    /// A newer certificate of the same CA is in its keystore.
    NewerCertificate,
    /// A new key was asked for.
    NewKey,
    /// No record says how it was made.
    NoRecord,
    /// The specification does not have it.
    NotWanted,
    /// The key in its PEM file is encrypted otherwise.
    PemKey {
        /// How it is encrypted.
        from: &'static str,
        /// How it shall be encrypted.
        to: &'static str,
    },
    /// Its certificate is for something else.
    Profile {
        /// The profile that it has.
        from: String,
        /// The profile that it shall have.
        to: &'static str,
    },
    /// It does something else.
    Role {
        /// What it does.
        from: &'static str,
        /// What it shall do.
        to: &'static str,
    },
    /// A name is to be in its certificate.
    SanAdded {
        /// The name, with its type.
        name: String,
    },
    /// A name is not to be in its certificate any more.
    SanRemoved {
        /// The name, with its type.
        name: String,
    },
    /// Its stores have another password.
    StorePassword,
    /// Its subject is another one.
    Subject {
        /// The subject that it has.
        from: String,
        /// The subject that it shall have.
        to: String,
    },
    /// Its certificate is valid for another time.
    Validity {
        /// The days that it was asked for.
        from: u32,
        /// The days that it shall be valid for.
        to: u32,
    },
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Alias { from, to } => write!(f, "alias {} → {}", printable(from), printable(to)),
            Self::CaAlias { from, to } => write!(f, "CA alias {} → {}", printable(from), printable(to)),
            Self::ClientAuth { from, to } => write!(f, "ssl.client.auth {from} → {to}"),
            Self::Expired => f.write_str("expired"),
            Self::Expires { days: 0 } => f.write_str("expires today"),
            Self::Expires { days: 1 } => f.write_str("expires in 1 day"),
            Self::Expires { days } => write!(f, "expires in {days} days"),
            Self::FileChanged { file } => write!(f, "{} was changed by hand", printable(file)),
            Self::FileMissing { file } => write!(f, "{} is missing", printable(file)),
            Self::Folder { from, to } => write!(f, "folder {} → {}", printable(from), printable(to)),
            Self::FormatAdded { format } => write!(f, "format {format} added"),
            Self::FormatRemoved { format } => write!(f, "format {format} removed"),
            Self::Issuer => f.write_str("issued by another CA"),
            Self::KeyAlgorithm { from, to } => write!(f, "key {} → {to}", printable(from)),
            Self::KeyPassword => f.write_str("another key password"),
            Self::New => f.write_str("new"),
            Self::NewerCertificate => f.write_str("its keystore has a newer certificate"),
            Self::NewKey => f.write_str("new key"),
            Self::NoRecord => f.write_str("identity.json is missing or cannot be read"),
            Self::NotWanted => f.write_str("not in the file"),
            Self::PemKey { from, to } => write!(f, "key in PEM {from} → {to}"),
            Self::Profile { from, to } => write!(f, "profile {} → {to}", printable(from)),
            Self::Role { from, to } => write!(f, "role {from} → {to}"),
            Self::SanAdded { name } => write!(f, "SAN {} added", printable(name)),
            Self::SanRemoved { name } => write!(f, "SAN {} removed", printable(name)),
            Self::StorePassword => f.write_str("another store password"),
            Self::Subject { from, to } => write!(f, "subject {} → {}", printable(from), printable(to)),
            Self::Validity { from, to } => write!(f, "validity {from} → {to} days"),
        }
    }
}
