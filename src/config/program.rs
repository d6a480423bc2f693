//! What configurations that are programs have in common: they can find passwords themselves.

use super::{Deployment, Document};

/// Where a program finds a password.
pub(super) enum Password<'d> {
    /// In the document itself.
    Shown(&'d str),
    /// In this file, alone on a line.
    File(String),
    /// In this variable of its environment.
    Variable(&'static str),
}

/// How a program reads a file and a variable: what stands before the name, and what after it.
pub(super) struct Reading {
    pub(super) file: (&'static str, &'static str),
    pub(super) variable: (&'static str, &'static str),
}

impl Password<'_> {
    /// Writes the expression that is the password.
    pub(super) fn write(&self, document: &mut Document, before: &str, reading: &Reading, after: &str) {
        let (how, name) = match self {
            Self::Shown(password) => return document.entry(before, password, after),
            Self::File(path) => (reading.file, path.as_str()),
            Self::Variable(name) => (reading.variable, *name),
        };
        document.entry(&format!("{before}{}", how.0), name, &format!("{}{after}", how.1));
    }
}

/// Returns where the password of the stores is, if they have one.
pub(super) fn store_password<'d>(deployment: &'d Deployment<'_>) -> Option<Password<'d>> {
    deployment.has_store_password().then(|| match deployment.shown_passwords() {
        Some((store, _)) => Password::Shown(store),
        None => Password::File(deployment.password_file()),
    })
}

/// Returns where the password of the key is, if one has to be said.
pub(super) fn key_password<'d>(deployment: &'d Deployment<'_>) -> Option<Password<'d>> {
    deployment.names_key_password().then(|| match deployment.shown_passwords() {
        Some((_, key)) => Password::Shown(key),
        None if deployment.has_own_key_password() => Password::Variable("KAFKA_SSL_KEY_PASSWORD"),
        None => Password::File(deployment.password_file()),
    })
}
