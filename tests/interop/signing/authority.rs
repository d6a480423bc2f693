//! CAs made by OpenSSL, and how both signers are told of them.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use super::keys::key;
use super::{Authority, folder, openssl, text};
use crate::support::command::{Finished, command};

/// What a CA certificate says of itself if it is made well.
pub(super) const GOOD: [&str; 3] =
    ["basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign,cRLSign", "subjectKeyIdentifier=hash"];

/// The CA of tests that are not about CAs.
pub(super) fn everyday() -> &'static Authority {
    static EVERYDAY: LazyLock<Authority> = LazyLock::new(|| {
        let folder = folder("everyday");
        let root = Root { key: &key("rsa-3072"), subject: &["CN=Everyday CA"], ..Root::default() };
        let certificate = root.make(&folder, "everyday");
        authority("everyday", &certificate, &key("rsa-3072"), None)
    });
    &EVERYDAY
}

/// Returns a root CA whose certificate and key are in files, as both signers are told of it.
pub(super) fn authority(name: &str, certificate: &Path, key: &Path, password: Option<&Path>) -> Authority {
    let arguments = ["--ca-cert", text(certificate), "--ca-key", text(key)].map(str::to_owned).to_vec();
    let openssl = ["-CA", text(certificate), "-CAkey", text(key)].map(str::to_owned).to_vec();
    let mut authority = Authority {
        name: name.to_owned(),
        arguments,
        openssl,
        root: certificate.to_owned(),
        intermediates: Vec::new(),
        faults: &[],
    };
    if let Some(password) = password {
        let source = format!("file:{}", password.display());
        authority.arguments.extend(["--ca-pass".to_owned(), source.clone()]);
        authority.openssl.extend(["-passin".to_owned(), source]);
    }
    authority
}

/// Writes a password into a file of its own.
pub(super) fn password_file(folder: &Path, password: &str) -> PathBuf {
    let file = folder.join(format!("password {password}"));
    fs::write(&file, format!("{password}\n")).unwrap();
    file
}

/// A root certificate that OpenSSL makes.
#[derive(Clone, Copy)]
pub(super) struct Root<'a> {
    pub(super) key: &'a Path,
    /// Lines of a `distinguished_name` section.
    pub(super) subject: &'a [&'a str],
    /// Lines of an extension section.
    pub(super) extensions: &'a [&'a str],
    /// Which string types are used.
    pub(super) string_mask: &'a str,
    pub(super) days: &'a str,
    /// When it is made, if not now.
    pub(super) made_on: Option<&'a str>,
}

impl Default for Root<'_> {
    fn default() -> Self {
        let subject = &["CN=Somebody's CA"];
        Self { key: Path::new(""), subject, extensions: &GOOD, string_mask: "utf8only", days: "3650", made_on: None }
    }
}

impl Root<'_> {
    /// Makes the certificate and returns its file.
    pub(super) fn make(&self, folder: &Path, name: &str) -> PathBuf {
        let file = folder.join(format!("{name}.crt"));
        let config = self.config(folder, name);
        let mut make = match self.made_on {
            Some(day) => command("faketime", [day, "openssl"]),
            None => command::<&str>("openssl", []),
        };
        make.args(["req", "-x509", "-new", "-days", self.days]).arg("-config").arg(config);
        Finished::of(make.arg("-key").arg(self.key).arg("-out").arg(&file)).successfully();
        file
    }

    /// Makes a certificate that another CA issues, and returns its file.
    pub(super) fn make_below(&self, folder: &Path, name: &str, issuer: &Path, issuer_key: &Path) -> PathBuf {
        let (file, request) = (folder.join(format!("{name}.crt")), folder.join(format!("{name}.csr")));
        let config = self.config(folder, name);
        let config = text(&config);
        openssl(["req", "-new", "-config", config, "-key", text(self.key), "-out", text(&request)]);
        let sign = ["x509", "-req", "-in", text(&request), "-CA", text(issuer), "-CAkey", text(issuer_key)];
        let extensions = ["-extfile", config, "-extensions", "ca", "-days", self.days, "-out", text(&file)];
        openssl(sign.into_iter().chain(extensions));
        file
    }

    fn config(&self, folder: &Path, name: &str) -> PathBuf {
        let file = folder.join(format!("{name}.cnf"));
        let (mask, subject, extensions) = (self.string_mask, self.subject.join("\n"), self.extensions.join("\n"));
        let request = "[req]\nprompt=no\nutf8=yes\ndistinguished_name=dn\nx509_extensions=ca";
        fs::write(&file, format!("{request}\nstring_mask={mask}\n[dn]\n{subject}\n[ca]\n{extensions}\n")).unwrap();
        file
    }
}
