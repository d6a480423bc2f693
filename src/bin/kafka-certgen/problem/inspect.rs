//! What went wrong where a file was looked into.

use std::io;
use std::path::Path;

use anyhow::anyhow;
use kafka_certgen::bundle::INVENTORY;
use kafka_certgen::inspect::InspectError;
use kafka_certgen::keystore::SurveyError;
use kafka_certgen::name::printable;
use kafka_certgen::pki::FileError;

use super::{Problem, shown};
use crate::secrets::reason;

impl Problem {
    /// Returns the error in one line.
    pub(crate) fn sentence(&self) -> String {
        format!("{:#}", self.error)
    }

    pub(crate) fn not_readable(path: &Path, error: &io::Error) -> Self {
        let (why, hint) = unreadable(path, error);
        Self::failed(anyhow!("{} cannot be read: {why}", shown(path)), Some(&hint))
    }

    /// A file that a flag names and that cannot be read.
    pub(crate) fn flag_not_readable(flag: &str, path: &Path, error: &io::Error) -> Self {
        let hint = match error.kind() {
            io::ErrorKind::Unsupported => unreadable(path, error).1,
            _ => format!("name a file that you can read with `{flag} FILE`"),
        };
        Self::usage(anyhow!("{flag}: {} cannot be read: {}", quoted(path), unreadable(path, error).0), hint)
    }

    /// A file that a flag names and that is another one.
    pub(crate) fn flag_too_large(flag: &str, path: &Path, limit: u64) -> Self {
        let error = anyhow!("{flag}: {} has more than {limit} bytes", quoted(path));
        Self::usage(error, format!("name the right file with `{flag} FILE`"))
    }

    pub(crate) fn too_large(path: &Path, limit: u64) -> Self {
        let error = anyhow!("{} has more than {limit} bytes", shown(path));
        Self::failed(error, Some("name the right file: no store, certificate or key is as large"))
    }

    /// A file of which nothing can be said.
    pub(crate) fn of_inspection(path: &Path, error: &InspectError) -> Self {
        let file = shown(path);
        let hint = match error {
            InspectError::Empty => {
                "have it made again: a run that was killed, or a full disk, leaves such files".to_owned()
            }
            InspectError::Utf16 => format!("convert it: `iconv -f UTF-16 -t UTF-8 {file}`"),
            InspectError::File(FileError::DerLength) => {
                format!("look at its structure: `openssl asn1parse -inform DER -in {file}`")
            }
            InspectError::File(FileError::TooLarge(_)) | InspectError::TooMany => {
                "split it, and name the parts".to_owned()
            }
            InspectError::Store(SurveyError::Bks) => format!(
                "list it with Bouncy Castle: `keytool -list -keystore {file} -storetype BKS -providerpath bcprov.jar -provider org.bouncycastle.jce.provider.BouncyCastleProvider`"
            ),
            InspectError::Store(SurveyError::NotDer) => format!(
                "write it again: `openssl pkcs12 -in {file} -out all.pem`, and `openssl pkcs12 -export -in all.pem -out new.p12`"
            ),
            InspectError::Store(SurveyError::Changed) => {
                "have it copied again, and take nothing out of this one".to_owned()
            }
            InspectError::Store(SurveyError::TooMany | SurveyError::TooLarge(_)) => {
                "name the right file: no store in use has as many".to_owned()
            }
            InspectError::Store(_) | InspectError::Malformed(_) => {
                "have it copied again: compare `sha256sum` on both sides".to_owned()
            }
            _ => format!("see what it is: `file {file}`"),
        };
        Self::failed(anyhow!("{file}: {error}"), Some(&hint))
    }

    /// A part of a file of which nothing can be said.
    pub(crate) fn of_entry(file: &str, alias: Option<&str>, number: usize, fault: &str) -> Self {
        let entry = alias.map_or_else(|| format!("#{number}"), |alias| format!("`{}`", printable(alias)));
        let hint = "have this part copied again from where it comes from";
        Self::failed(anyhow!("{file}: {entry}: {fault}"), Some(hint))
    }

    /// A password that opens nothing in a file.
    pub(crate) fn of_wrong_password(file: &str, flag: &str, is_for_store: bool) -> Self {
        let what = if is_for_store { "wrong password" } else { "wrong password for its private keys" };
        let error = anyhow!("{file}: {what}, or it is damaged");
        Self::failed(error, Some(&format!("give the right one with `{flag} file:PATH`")))
    }
}

/// Says why a file cannot be read, and what can be done about it.
fn unreadable(path: &Path, error: &io::Error) -> (String, String) {
    let shown = shown(path);
    match error.kind() {
        io::ErrorKind::IsADirectory if path.join(INVENTORY).is_file() => {
            ("it is the folder of a bundle".to_owned(), format!("have it judged: `kafka-certgen verify {shown}`"))
        }
        io::ErrorKind::IsADirectory => ("it is a folder".to_owned(), format!("name its files: {shown}/*")),
        io::ErrorKind::Unsupported => (
            "it is neither a file nor a pipe of this shell".to_owned(),
            format!("let the shell read it: put `<(cat {shown})` in its place"),
        ),
        io::ErrorKind::NotFound => (reason(error), "name a file that is there: `ls`".to_owned()),
        io::ErrorKind::PermissionDenied => {
            (reason(error), format!("run it as somebody who can read it: `ls -l {shown}`"))
        }
        _ => (reason(error), "name another file".to_owned()),
    }
}

/// Returns what a flag names, as it was typed.
fn quoted(path: &Path) -> String {
    if path.as_os_str() == "-" { shown(path) } else { format!("`{}`", printable(&path.to_string_lossy())) }
}
