//! The commands of openssl and keytool that the whole script and single steps have in common.

use super::shell::{Text, quote};
use super::subject;
use crate::name::SubjectAltName;
use crate::name::dn::DistinguishedName;
use crate::secret::{ITERATIONS_MADE_PASSWORD, ITERATIONS_OWN_PASSWORD};
use crate::spec::{CertificateProfile, KeyAlgorithm};

/// PKCS#8 encryption as the CA key and PEM keys have it.
pub(super) const PBES2: &str = "-v2 aes-256-cbc -v2prf hmacWithSHA256";

/// Sets the variable that `-set_serial` takes: 128 random bits below a fixed first octet.
const SERIAL: &str = "serial=01$(openssl rand -hex 16)";

const CA_CONFIGURATION: &str = "\
[req]
distinguished_name = dn
x509_extensions = ca
[dn]
[ca]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid:always
END";

/// How a CA's key and certificate are made. Files and passwords are words for bash.
pub(super) struct CaCommands<'a> {
    pub(super) subject: &'a DistinguishedName,
    pub(super) key_algorithm: KeyAlgorithm,
    pub(super) days: u32,
    pub(super) key: &'a str,
    pub(super) certificate: &'a str,
    /// Where openssl finds the password of the key.
    pub(super) pass: &'a str,
    /// The file that the password is made in, if it is not given.
    pub(super) made_password: Option<&'a str>,
}

impl CaCommands<'_> {
    pub(super) fn write(&self, text: &mut Text) {
        let Self { subject, key_algorithm, days, key, certificate, pass, made_password } = self;
        if let Some(file) = made_password {
            text.line(&make_password(file));
        }
        let iterations = iterations(made_password.is_some());
        text.command(&[
            &format!("openssl genpkey -quiet {}", genpkey_options(*key_algorithm)),
            &format!("| openssl pkcs8 -topk8 {PBES2} -iter {iterations} -passout {pass} -out {key}"),
        ]);
        text.line(SERIAL);
        text.command(&[
            &format!("openssl req -new -x509 -key {key} -passin {pass} -out {certificate} -days {days}"),
            &format!(
                "-set_serial \"0x$serial\"{} -utf8 -subj {} -config /dev/stdin <<'END'",
                digest_option(digest(*key_algorithm)),
                quote(subject::openssl(subject))
            ),
        ]);
        text.block(CA_CONFIGURATION);
        text.line(&format!("chmod 644 {certificate}"));
    }
}

/// How a request is signed. Files and values are words for bash.
pub(super) struct SigningCommands<'a> {
    pub(super) ca_certificate: &'a str,
    pub(super) ca_key: &'a str,
    /// Where openssl finds the password of the CA's key, if that is encrypted.
    pub(super) pass: Option<&'a str>,
    /// The standard input if there is none.
    pub(super) request: Option<&'a str>,
    /// Whether the request is DER and not PEM.
    pub(super) is_der: bool,
    /// The standard output if there is none.
    pub(super) certificate: Option<&'a str>,
    pub(super) days: &'a str,
    pub(super) digest: Option<&'a str>,
    /// The text of a here-document.
    pub(super) extensions: &'a str,
}

impl SigningCommands<'_> {
    pub(super) fn write(&self, text: &mut Text) {
        let Self { ca_certificate, ca_key, request, certificate, days, pass, .. } = *self;
        let option =
            |name: &str, value: Option<&str>| value.map_or_else(String::new, |value| format!(" -{name} {value}"));
        let (input, output, pass) = (option("in", request), option("out", certificate), option("passin", pass));
        let extensions = if request.is_some() { "/dev/stdin <<END" } else { "/dev/fd/3 3<<END" };
        let form = if self.is_der { " -inform DER" } else { "" };
        text.line(SERIAL);
        text.command(&[
            &format!("openssl x509 -req -CA {ca_certificate} -CAkey {ca_key}{form}{input}{output}"),
            &format!("-days {days} -set_serial \"0x$serial\"{pass}{}", digest_option(self.digest)),
            &format!("-extfile {extensions}"),
        ]);
        text.block(self.extensions);
        text.block("END");
    }
}

/// Returns a leaf's extensions for openssl, without its alternative names. An issuer without an identifier of its key is named.
pub(super) fn leaf_extensions(profile: CertificateProfile, key_usage: &str) -> Vec<String> {
    vec![
        "basicConstraints = critical, CA:FALSE".to_owned(),
        format!("keyUsage = critical, {key_usage}"),
        format!("extendedKeyUsage = {}", purposes(profile).join(", ")),
        "subjectKeyIdentifier = hash".to_owned(),
        "authorityKeyIdentifier = keyid, issuer".to_owned(),
    ]
}

/// As the certificates of the pipeline have it: only a server with an RSA key is ever sent a secret enciphered to it.
pub(super) fn key_usages(profile: CertificateProfile, is_rsa: bool) -> &'static [&'static str] {
    if is_rsa && profile.server_auth { &["digitalSignature", "keyEncipherment"] } else { &["digitalSignature"] }
}

pub(super) fn purposes(profile: CertificateProfile) -> Vec<&'static str> {
    let purposes = [(profile.server_auth, "serverAuth"), (profile.client_auth, "clientAuth")];
    purposes.into_iter().filter(|(wanted, _)| *wanted).map(|(_, name)| name).collect()
}

/// Returns names in the form that keytool and openssl have in common.
pub(super) fn alt_names(names: &[SubjectAltName]) -> String {
    let name = |name: &SubjectAltName| match name {
        SubjectAltName::Dns(name) => format!("DNS:{name}"),
        SubjectAltName::Ip(address) => format!("IP:{address}"),
    };
    names.iter().map(name).collect::<Vec<_>>().join(",")
}

/// Returns the command that makes a password in a file.
pub(super) fn make_password(file: &str) -> String {
    format!("openssl rand -hex 16 >{file}")
}

/// Returns how often a password is hashed before it encrypts a PKCS#8 key.
pub(super) fn iterations(is_made: bool) -> u32 {
    if is_made { ITERATIONS_MADE_PASSWORD } else { ITERATIONS_OWN_PASSWORD }
}

/// Returns the digest of a CA's signatures; Ed25519 has its own.
pub(super) fn digest(ca_key: KeyAlgorithm) -> Option<&'static str> {
    match ca_key {
        KeyAlgorithm::Rsa2048 | KeyAlgorithm::Rsa3072 | KeyAlgorithm::Rsa4096 | KeyAlgorithm::EcP256 => Some("sha256"),
        KeyAlgorithm::EcP384 => Some("sha384"),
        KeyAlgorithm::EcP521 => Some("sha512"),
        KeyAlgorithm::Ed25519 => None,
    }
}

fn digest_option(digest: Option<&str>) -> String {
    digest.map_or_else(String::new, |digest| format!(" -{digest}"))
}

fn genpkey_options(algorithm: KeyAlgorithm) -> &'static str {
    match algorithm {
        KeyAlgorithm::Rsa2048 => "-algorithm RSA -pkeyopt rsa_keygen_bits:2048",
        KeyAlgorithm::Rsa3072 => "-algorithm RSA -pkeyopt rsa_keygen_bits:3072",
        KeyAlgorithm::Rsa4096 => "-algorithm RSA -pkeyopt rsa_keygen_bits:4096",
        KeyAlgorithm::EcP256 => "-algorithm EC -pkeyopt ec_paramgen_curve:P-256",
        KeyAlgorithm::EcP384 => "-algorithm EC -pkeyopt ec_paramgen_curve:P-384",
        KeyAlgorithm::EcP521 => "-algorithm EC -pkeyopt ec_paramgen_curve:P-521",
        KeyAlgorithm::Ed25519 => "-algorithm ED25519",
    }
}

pub(super) fn genkeypair_options(algorithm: KeyAlgorithm) -> &'static str {
    match algorithm {
        KeyAlgorithm::Rsa2048 => "-keyalg RSA -keysize 2048",
        KeyAlgorithm::Rsa3072 => "-keyalg RSA -keysize 3072",
        KeyAlgorithm::Rsa4096 => "-keyalg RSA -keysize 4096",
        KeyAlgorithm::EcP256 => "-keyalg EC -groupname secp256r1",
        KeyAlgorithm::EcP384 => "-keyalg EC -groupname secp384r1",
        KeyAlgorithm::EcP521 => "-keyalg EC -groupname secp521r1",
        KeyAlgorithm::Ed25519 => "-keyalg Ed25519",
    }
}
