//! An end of a connection, out of the stores that were read for it.

// Foreign bytes come in here. Tests may fail with a panic.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::indexing_slicing))]

use std::fmt;

use super::{Endpoint, Identity};
use crate::keystore::{ClosedReason, KeyState, SurveyError};
use crate::name::printable;
use crate::verify::material::{Content, Material, Party, StoredKey};

/// Why stores make no end of a connection. Labels and aliases are foreign texts.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum EndpointError {
    /// A part of a store stayed encrypted.
    Closed {
        /// The store.
        store: String,
        /// Why.
        reason: ClosedReason,
    },
    /// The private key stayed encrypted.
    KeyClosed {
        /// The keystore.
        store: String,
        /// What became of the key.
        state: KeyState,
    },
    /// The private key has no certificate.
    NoCertificate {
        /// The keystore.
        store: String,
        /// The alias of the key; none in PEM.
        alias: Option<String>,
    },
    /// There is no private key under the alias that was asked for, or there are none or several and no alias was.
    NotOneKey {
        /// The keystore.
        store: String,
        /// The aliases of all private keys in it.
        found: Vec<String>,
        /// The alias that was asked for.
        asked: Option<String>,
    },
    /// A store cannot be read.
    Unreadable {
        /// The store.
        store: String,
        /// Why.
        error: SurveyError,
    },
}

impl EndpointError {
    /// Returns the label of the store.
    pub fn store(&self) -> &str {
        match self {
            Self::Closed { store, .. }
            | Self::KeyClosed { store, .. }
            | Self::NoCertificate { store, .. }
            | Self::NotOneKey { store, .. }
            | Self::Unreadable { store, .. } => store,
        }
    }
}

impl fmt::Display for EndpointError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let store = printable(self.store());
        match self {
            Self::Closed { reason, .. } => {
                write!(f, "a part of {store} stays encrypted: ")?;
                match reason {
                    ClosedReason::NoPassword => write!(f, "no password was given"),
                    ClosedReason::TooMuchWork(count) => write!(f, "it asks for {count} iterations"),
                    ClosedReason::Unsupported(how) => write!(f, "{} is not supported", printable(how)),
                    ClosedReason::WrongPassword => write!(f, "it has another password"),
                }
            }
            Self::KeyClosed { state, .. } => {
                write!(f, "the private key in {store} cannot be used: ")?;
                match state {
                    KeyState::Damaged(_) => write!(f, "it has not the form of one"),
                    KeyState::NoPassword => write!(f, "it is encrypted, and no password was given"),
                    KeyState::TooMuchWork(count) => write!(f, "it asks for {count} iterations"),
                    KeyState::Unsupported(how) => f.write_str(&printable(how)),
                    KeyState::Open(_) | KeyState::WrongPassword => write!(f, "wrong password, or it is damaged"),
                }
            }
            Self::NoCertificate { alias: Some(alias), .. } => {
                write!(f, "the key `{}` in {store} has no certificate", printable(alias))
            }
            Self::NoCertificate { alias: None, .. } => write!(f, "the key in {store} has no certificate"),
            Self::NotOneKey { found, asked, .. } => match asked {
                _ if found.is_empty() => write!(f, "{store} has no private key"),
                Some(alias) => write!(f, "{store} has no private key under `{}`", printable(alias)),
                None => write!(f, "{store} has {} private keys", found.len()),
            },
            Self::Unreadable { error, .. } => write!(f, "the store {store} cannot be used: {error}"),
        }
    }
}

impl std::error::Error for EndpointError {}

impl Endpoint {
    /// Returns the end that a party is with the first of its keystores and of its truststores; `alias` is that of its key, if the keystore
    /// has several.
    pub fn of_party(party: &Party, alias: Option<&str>) -> Result<Self, EndpointError> {
        let keystore = party.keystores.first();
        let identity = keystore.map(|store| identity(store, alias)).transpose()?;
        let truststore = party.truststores.first();
        let anchors = truststore.map(|store| anchors(store)).transpose()?;
        Ok(Self { name: party.name.clone(), identity, anchors: anchors.unwrap_or_default() })
    }
}

pub(super) fn identity(store: &Material, alias: Option<&str>) -> Result<Identity, EndpointError> {
    refuse_unreadable(store)?;
    let label = || store.label.clone();
    let keys = store.private_keys();
    // PEM has no aliases, and one key.
    let is_wanted = |key: &&StoredKey<'_>| match (alias, key.alias) {
        (Some(wanted), Some(alias)) => alias.eq_ignore_ascii_case(wanted),
        _ => true,
    };
    let wanted: Vec<_> = keys.iter().filter(is_wanted).collect();
    let [StoredKey { alias, chain, key }] = wanted.as_slice() else {
        let found = keys.iter().filter_map(|key| key.alias).map(str::to_owned).collect();
        refuse_closed(store)?;
        return Err(EndpointError::NotOneKey { store: label(), found, asked: alias.map(str::to_owned) });
    };
    let pkcs8 = match key {
        Ok(pkcs8) => (*pkcs8).clone(),
        Err(state) => return Err(EndpointError::KeyClosed { store: label(), state: (*state).clone() }),
    };
    if chain.is_empty() {
        refuse_closed(store)?;
        return Err(EndpointError::NoCertificate { store: label(), alias: alias.map(str::to_owned) });
    }
    Ok(Identity { chain: chain.iter().map(|der| der.to_vec()).collect(), key: pkcs8 })
}

pub(super) fn anchors(store: &Material) -> Result<Vec<Vec<u8>>, EndpointError> {
    refuse_unreadable(store)?;
    refuse_closed(store)?;
    Ok(store.trusted_by_java().into_iter().map(<[u8]>::to_vec).collect())
}

fn refuse_unreadable(store: &Material) -> Result<(), EndpointError> {
    match &store.content {
        Content::Unreadable(error) => {
            Err(EndpointError::Unreadable { store: store.label.clone(), error: error.clone() })
        }
        Content::Pem(_) | Content::Store(_) => Ok(()),
    }
}

/// Refuses a store with a part that stayed encrypted: what is in it would be missed without a word.
fn refuse_closed(store: &Material) -> Result<(), EndpointError> {
    match store.survey().and_then(|survey| survey.closed().first()) {
        Some(part) => Err(EndpointError::Closed { store: store.label.clone(), reason: part.reason.clone() }),
        None => Ok(()),
    }
}
