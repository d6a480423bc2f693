//! What went wrong where a store is written in another format.

use std::path::{Path, PathBuf};

use anyhow::anyhow;
use kafka_certgen::export::conversion::{PartError, SelectionError, SourceError, StoreMisfit, Taken};
use kafka_certgen::keystore::{ClosedReason, KeyState, SurveyError};
use kafka_certgen::name::printable;
use kafka_certgen::pki::PrivateKeyError;
use kafka_certgen::spec::{SpecError, WhichPassword};

use super::super::{Problem, shown};
use crate::report::{quote, quote_path};

/// The most aliases that a hint names one by one.
const MOST: usize = 6;

impl Problem {
    pub(crate) fn no_standard_input(flag: &str) -> Self {
        let error = anyhow!("{flag}: a store is not read from the standard input");
        Self::usage(error, format!("name a file with `{flag} FILE`"))
    }

    pub(crate) fn no_standard_output(flag: &str) -> Self {
        let error = anyhow!("{flag}: what is converted is not written to the standard output");
        Self::usage(error, format!("name a file with `{flag} FILE`"))
    }

    /// A file that cannot be converted.
    pub(crate) fn of_source(path: &Path, error: &SourceError) -> Self {
        let file = shown(path);
        let hint = match error {
            SourceError::Chain(_) => {
                "the files have a CA with the name of the issuer and another key: name the one that has signed it"
                    .to_owned()
            }
            SourceError::Closed(ClosedReason::WrongPassword) | SourceError::Key(PrivateKeyError::WrongPassword) => {
                "give the right password with `--keypass file:PATH`".to_owned()
            }
            SourceError::Closed(_) | SourceError::UnreadEntries(_) => format!(
                "let keytool read it: `keytool -importkeystore -srckeystore {file} -destkeystore copy.p12 -deststoretype PKCS12`"
            ),
            SourceError::Key(PrivateKeyError::NoPassword) => {
                "use `--keypass file:PATH` or `--keypass env:NAME`".to_owned()
            }
            SourceError::Key(PrivateKeyError::LegacyEncryption | PrivateKeyError::Encryption(_)) => {
                format!(
                    "convert it first: `openssl pkcs8 -topk8 -in {file} -out key.pem`, and use `--keystore key.pem`"
                )
            }
            SourceError::Key(PrivateKeyError::Format("OpenSSH")) => {
                "copy it, and convert the copy: `ssh-keygen -p -m PKCS8 -f COPY`".to_owned()
            }
            SourceError::Store(SurveyError::WrongPasswordOrDamaged) => {
                "give the right password with `--storepass file:PATH`".to_owned()
            }
            SourceError::StoreAmongOthers => "name it alone, or its keys and certificates in PEM".to_owned(),
            SourceError::Nothing(_) => format!("see what it is: `kafka-certgen inspect {file}`"),
            SourceError::Store(SurveyError::NotDer) => {
                format!("write it again: `openssl pkcs12 -in {file} -out all.pem`, and use `--keystore all.pem`")
            }
            _ => format!("see what is in it: `kafka-certgen inspect {file}`"),
        };
        let error = match error {
            SourceError::Store(error) => anyhow!("{error}"),
            error => anyhow!("{error}"),
        };
        Self::failed(anyhow!("--keystore: {file}: {error}"), Some(&hint))
    }

    /// Entries that cannot be taken out of what is converted.
    pub(crate) fn of_selection(files: &[PathBuf], error: SelectionError) -> Self {
        let hint = match &error {
            SelectionError::Alias(alias, _) => format!("give it another: `--alias {}=NEW`", quote(&printable(alias))),
            SelectionError::Collision(names) => {
                let names: Vec<String> = names.iter().map(|name| quote(&printable(name))).collect();
                let renamed = names.iter().enumerate().map(|(at, name)| match at {
                    0 => format!("--alias {name}"),
                    at => format!("--alias {name}=NEW{at}"),
                });
                format!("name all that you want, with other aliases: `{}`", renamed.collect::<Vec<_>>().join(" "))
            }
            SelectionError::KeyClosed(_, KeyState::NoPassword | KeyState::WrongPassword) => {
                "give its password with `--keypass file:PATH`, or leave it out: name the other entries with `--alias`"
                    .to_owned()
            }
            SelectionError::Certificate(_) | SelectionError::KeyClosed(..) | SelectionError::KeyMismatch(_) => {
                "leave it out: name the other entries with `--alias`".to_owned()
            }
            SelectionError::NoSuchAlias(_, known) if known.is_empty() => "there is nothing to name".to_owned(),
            SelectionError::NoSuchAlias(_, known) => format!("there are: {}", listed(known)),
            SelectionError::Nothing => {
                let file = files.first().map(|file| shown(file)).unwrap_or_default();
                format!("see what is in it: `kafka-certgen inspect {file}`")
            }
            SelectionError::SecretKey(_, others) if others.is_empty() => {
                "name the other entries with `--alias`; keytool copies symmetric keys: `keytool -importkeystore`"
                    .to_owned()
            }
            SelectionError::SecretKey(_, others) if others.len() > MOST => {
                format!("name what you want with `--alias`, out of {}", listed(others))
            }
            SelectionError::SecretKey(_, others) => {
                let flags: Vec<String> =
                    others.iter().map(|alias| format!("--alias {}", quote(&printable(alias)))).collect();
                format!("take the others: `{}`", flags.join(" "))
            }
            SelectionError::Twice(_) => "name it once".to_owned(),
            _ => "see `kafka-certgen export --help`".to_owned(),
        };
        match error {
            SelectionError::NoSuchAlias(..) | SelectionError::Twice(_) => {
                Self::usage(anyhow!("--alias: {error}"), hint)
            }
            error => Self::failed(anyhow!("{error}"), Some(&hint)),
        }
    }

    /// A selection that is no store.
    pub(crate) fn of_misfit(error: StoreMisfit, taken: &[Taken]) -> Self {
        let others = |lacking: &[String]| {
            let others = taken.iter().filter(|taken| !lacking.iter().any(|alias| alias == taken.alias.as_str()));
            others.map(|taken| taken.from.clone()).collect::<Vec<_>>()
        };
        let hint = match &error {
            StoreMisfit::Alias(alias) => format!("give it another: `--alias {}=NEW`", quote(&printable(alias))),
            StoreMisfit::KeyWithoutCertificate(lacking) if others(lacking).is_empty() => {
                "name its certificate too, in PEM: `--keystore key.pem --keystore cert.pem`; or write the key alone: `--format pem --out-key FILE`".to_owned()
            }
            StoreMisfit::KeyWithoutCertificate(lacking) => {
                let flags: Vec<String> =
                    others(lacking).iter().take(MOST).map(|alias| format!("--alias {}", quote(&printable(alias)))).collect();
                format!("take the others: `{}`; or write the key alone: `--format pem --out-key FILE`", flags.join(" "))
            }
            StoreMisfit::OtherChain(alias) => {
                format!("use `--format jks`, or take it alone: `--alias {}`", quote(&printable(alias)))
            }
            _ => "this should not happen: please report it, with the command line but without any secret".to_owned(),
        };
        Self::with_hint(error, hint)
    }

    /// A selection that is not what a file of PEM or DER holds.
    pub(crate) fn of_part(path: &Path, error: PartError, taken: &[Taken]) -> Self {
        let quoted = |alias: &str| {
            let from = taken.iter().find(|taken| taken.alias.as_str() == alias).map_or(alias, |taken| &taken.from);
            quote(&printable(from))
        };
        let hint = match &error {
            PartError::NoCertificate(_) => "write the key alone, with `--out-key FILE`".to_owned(),
            PartError::NoKey => {
                "name an entry with a private key, or write what is trusted: `--out-ca FILE`".to_owned()
            }
            PartError::NoTrusted => "leave `--out-ca` out".to_owned(),
            PartError::SeveralKeys(aliases) => {
                format!(
                    "take one at a time: `--alias {}`",
                    aliases.first().map(|alias| quoted(alias)).unwrap_or_default()
                )
            }
            PartError::SeveralThings(_) if taken.iter().any(|taken| taken.chain_length.is_some()) => {
                "write each to a file of its own, with `--out-cert`, `--out-key` and `--out-ca`, or use `--format pem`"
                    .to_owned()
            }
            PartError::SeveralThings(aliases) => {
                let first = aliases.first().map(|alias| quoted(alias)).unwrap_or_default();
                format!("take one at a time: `--alias {first}`; or use `--format pem`")
            }
            PartError::TrustedBesideKey(_, key) => {
                format!(
                    "write them to a file of their own, with `--out-ca FILE`, or take the key alone: `--alias {}`",
                    quoted(key)
                )
            }
            _ => "this should not happen: please report it, with the command line but without any secret".to_owned(),
        };
        Self::with_hint(
            anyhow::Error::new(error).context(format!("{} cannot be written", quote_path(&path.to_string_lossy()))),
            hint,
        )
    }

    /// A password that the readers of the result cannot use.
    pub(crate) fn of_new_password(fault: SpecError, store_is_kept: bool, key_is_kept: bool) -> Self {
        let hint = match &fault {
            SpecError::Password(WhichPassword::Store, _) | SpecError::PemPassword(WhichPassword::Store, _)
                if store_is_kept =>
            {
                "it is the one that was there; give the result another: `--out-storepass file:PATH`"
            }
            SpecError::Password(WhichPassword::Key, _) | SpecError::PemPassword(WhichPassword::Key, _)
                if key_is_kept =>
            {
                "it is the one that was there; give the result another: `--out-keypass file:PATH`"
            }
            SpecError::Password(WhichPassword::Key, _) | SpecError::PemPassword(WhichPassword::Key, _) => {
                "give another one with `--out-keypass file:PATH`"
            }
            _ => "give another one with `--out-storepass file:PATH`",
        };
        Self::usage(fault, hint)
    }
}

/// Lists aliases, as far as anybody reads them.
fn listed(aliases: &[String]) -> String {
    let shown: Vec<String> = aliases.iter().take(MOST).map(|alias| format!("`{}`", printable(alias))).collect();
    match aliases.len().saturating_sub(MOST) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}
