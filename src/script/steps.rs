//! Single steps: the commands that do with openssl and keytool what one command of this program does.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::Path;

use super::commands::{self, CaCommands, SigningCommands};
use super::shell::{Text, quote};
use super::{ASKED_CA_PASSWORD, ASKED_KEY_PASSWORD, ASKED_STORE_PASSWORD, SecretReference, subject};
use crate::name::dn::DistinguishedName;
use crate::name::{Alias, SubjectAltName};
use crate::spec::{CaSpec, CertificateProfile, KeySpec, StoreFormat};

/// A store as keytool is told of it.
#[derive(Debug, Clone, Copy)]
pub struct StoreReference<'a> {
    /// The file.
    pub path: &'a Path,
    /// JKS or PKCS#12.
    pub format: StoreFormat,
    /// The password of the store. One that is made is in a file whose name has `.password` behind the store's.
    pub store_password: &'a SecretReference,
    /// The password of the key, if it is not the store's. It only matters in JKS.
    pub key_password: Option<&'a SecretReference>,
    /// Whether the file is there already.
    pub exists: bool,
}

/// A CA as openssl is told of it.
#[derive(Debug, Clone, Copy)]
pub struct AuthorityReference<'a> {
    /// The file of the certificate.
    pub certificate: &'a Path,
    /// The file of the key.
    pub key: &'a Path,
    /// The password of the key, if it is encrypted. One that was made is in a file whose name has `.password` behind the key's.
    pub password: Option<&'a SecretReference>,
    /// The digest of its signatures, as `sha256`; none for Ed25519.
    pub digest: Option<&'a str>,
}

/// A request as openssl is told of it.
#[derive(Debug, Clone, Copy)]
pub struct RequestReference<'a> {
    /// The file, or nothing for the standard input.
    pub path: Option<&'a Path>,
    /// Whether it is DER and not PEM.
    pub is_der: bool,
}

/// Returns the commands that make a CA's key and certificate.
pub fn ca(spec: &CaSpec, key: &Path, certificate: &Path, password: &SecretReference) -> String {
    let made = file_word(password_file(key));
    let commands = CaCommands {
        subject: &spec.subject,
        key_algorithm: spec.key_algorithm,
        days: spec.days.get(),
        key: &file_word(key),
        certificate: &file_word(certificate),
        pass: &openssl_password(password, key),
        made_password: (*password == SecretReference::Made).then_some(&*made),
    };
    let mut text = Text::default();
    write_asked(&mut text, "CA's key", password, ASKED_CA_PASSWORD);
    in_subshell(&mut text, |text| {
        text.line("umask 077");
        commands.write(text);
    });
    text.into_string()
}

/// Returns the commands that make a key pair in a store, with a certificate that is signed by itself.
pub fn genkey(spec: &KeySpec, store: &StoreReference<'_>) -> String {
    let KeySpec { alias, subject, alt_names, profile, key_algorithm, days } = spec;
    let usages = commands::key_usages(*profile, key_algorithm.is_rsa()).join(",");
    let purposes = commands::purposes(*profile).join(",");
    // keytool's own choice of a digest differs between versions.
    let signature = if key_algorithm.is_rsa() { " -sigalg SHA256withRSA" } else { "" };
    let mut keytool = Keytool::new(store, alias);
    keytool.part(format!("-genkeypair {}{signature}", commands::genkeypair_options(*key_algorithm)));
    keytool.part(format!("-alias {} -dname {} -validity {days}", quote(alias.as_str()), dname(subject)));
    keytool.part(format!("-ext BC:c=ca:false -ext KU:c={usages} -ext EKU={purposes}{}", extension_option(alt_names)));
    // Without it keytool would ask for the password of a key in JKS.
    let key_password = (store.format == StoreFormat::Jks).then(|| store.key_password.unwrap_or(store.store_password));
    keytool.into_text(key_password)
}

/// Returns the command that writes the request of a key in a store, to the standard output if there is no file.
pub fn certreq(
    alias: &Alias,
    store: &StoreReference<'_>,
    subject: Option<&DistinguishedName>,
    alt_names: &[SubjectAltName],
    file: Option<&Path>,
) -> String {
    let mut keytool = Keytool::new(store, alias);
    let file = keytool.file_option(file);
    keytool.part(format!("-certreq -alias {}{file}", quote(alias.as_str())));
    let subject = subject.map_or_else(String::new, |subject| format!(" -dname {}", dname(subject)));
    let wishes = subject + &extension_option(alt_names);
    if !wishes.is_empty() {
        keytool.part(wishes.trim_start().to_owned());
    }
    keytool.into_text(store.given_key_password())
}

/// Returns the commands that sign a request, from the standard input and to the standard output if there are no files.
pub fn sign(
    profile: CertificateProfile,
    key_is_rsa: bool,
    alt_names: &[SubjectAltName],
    days: u32,
    ca: &AuthorityReference<'_>,
    request: RequestReference<'_>,
    out: Option<&Path>,
) -> String {
    let mut extensions = commands::leaf_extensions(profile, &commands::key_usages(profile, key_is_rsa).join(", "));
    if !alt_names.is_empty() {
        extensions.push(format!("subjectAltName = {}", commands::alt_names(alt_names)));
    }
    let pass = ca.password.map(|password| openssl_password(password, ca.key));
    let (file, out) = (request.path.map(file_word), out.map(file_word));
    let commands = SigningCommands {
        ca_certificate: &file_word(ca.certificate),
        ca_key: &file_word(ca.key),
        pass: pass.as_deref(),
        request: file.as_deref(),
        is_der: request.is_der,
        certificate: out.as_deref(),
        days: &days.to_string(),
        digest: ca.digest,
        extensions: &extensions.join("\n"),
    };
    let mut text = Text::default();
    if let Some(password) = ca.password {
        write_asked(&mut text, "CA's key", password, ASKED_CA_PASSWORD);
    }
    in_subshell(&mut text, |text| commands.write(text));
    text.into_string()
}

/// Returns the commands that take a certificate into a store: a trusted one, or the reply for a key. It comes from the standard
/// input if there is no file.
pub fn import(alias: &Alias, store: &StoreReference<'_>, file: Option<&Path>, noprompt: bool) -> String {
    let mut keytool = Keytool::new(store, alias);
    let file = keytool.file_option(file);
    let noprompt = if noprompt { " -noprompt" } else { "" };
    keytool.part(format!("-import -alias {}{file}{noprompt}", quote(alias.as_str())));
    keytool.into_text(store.given_key_password())
}

impl<'a> StoreReference<'a> {
    fn given_key_password(&self) -> Option<&'a SecretReference> {
        self.key_password.filter(|_| self.format == StoreFormat::Jks)
    }

    pub(super) fn makes_password(&self) -> bool {
        !self.exists && *self.store_password == SecretReference::Made
    }
}

/// A keytool command that grows option by option.
struct Keytool<'a> {
    store: &'a StoreReference<'a>,
    /// Whether all that keytool reads in the character set of the locale is ASCII.
    is_ascii: bool,
    parts: Vec<String>,
}

impl<'a> Keytool<'a> {
    fn new(store: &'a StoreReference<'a>, alias: &Alias) -> Self {
        // The passwords of a PKCS#12 store are ASCII.
        let is_ascii = store.path.as_os_str().is_ascii()
            && alias.as_str().is_ascii()
            && (store.format == StoreFormat::Pkcs12 || (store.makes_password() && store.key_password.is_none()));
        Self { store, is_ascii, parts: Vec::new() }
    }

    fn part(&mut self, options: String) {
        self.parts.push(options);
    }

    fn file_option(&mut self, file: Option<&Path>) -> String {
        let Some(file) = file else { return String::new() };
        self.is_ascii &= file.as_os_str().is_ascii();
        format!(" -file {}", file_word(file))
    }

    /// Returns the command with what it needs before it.
    fn into_text(mut self, key_password: Option<&SecretReference>) -> String {
        let StoreReference { path, format, store_password, exists, .. } = self.store;
        let kind = if *exists { String::new() } else { format!(" -storetype {}", format.kafka_type()) };
        self.part(format!("-keystore {}{kind}", file_word(path)));
        let store_option = format!("-storepass:{}", keytool_password(store_password, path, ASKED_STORE_PASSWORD));
        let key_option = key_password.map_or_else(String::new, |password| {
            // What is not given of its own is the store's, and asked for by that name.
            let asked = if self.store.key_password.is_some() { ASKED_KEY_PASSWORD } else { ASKED_STORE_PASSWORD };
            format!(" -keypass:{}", keytool_password(password, path, asked))
        });
        self.part(store_option + &key_option);

        let mut text = Text::default();
        write_asked(&mut text, "store", store_password, ASKED_STORE_PASSWORD);
        if let Some(password) = self.store.key_password.and(key_password) {
            write_asked(&mut text, "key", password, ASKED_KEY_PASSWORD);
        }
        if *exists {
            self.write(&mut text);
        } else {
            in_subshell(&mut text, |text| {
                text.line("umask 077");
                if self.store.makes_password() {
                    text.line(&commands::make_password(&file_word(password_file(path))));
                }
                self.write(text);
            });
        }
        text.into_string()
    }

    fn write(&self, text: &mut Text) {
        let locale = if self.is_ascii { "" } else { "LC_ALL=C.UTF-8 " };
        let mut parts: Vec<&str> = self.parts.iter().map(String::as_str).collect();
        let first = format!("{locale}keytool {}", parts.remove(0));
        parts.insert(0, &first);
        text.command(&parts);
    }
}

/// Writes several commands that end with the first which fails, and leave the shell that runs them as it is.
pub(super) fn in_subshell(text: &mut Text, write: impl FnOnce(&mut Text)) {
    text.line("(");
    text.indent(true);
    // A password that is there is not replaced.
    text.line("set -Ceuo pipefail");
    write(text);
    text.indent(false);
    text.line(")");
}

pub(super) fn write_asked(text: &mut Text, what: &str, password: &SecretReference, variable: &str) {
    if *password == SecretReference::Asked {
        text.comment(&format!("The password of the {what} is expected in the environment variable {variable}."));
    }
}

/// Returns the file of a password that is made for another file.
pub(super) fn password_file(path: &Path) -> OsString {
    let mut file = path.as_os_str().to_owned();
    file.push(".password");
    file
}

/// Returns openssl's source for the password of a CA's key. openssl leaves the CR of a CRLF in it, unlike keytool.
pub(super) fn openssl_password(password: &SecretReference, key: &Path) -> String {
    match password {
        SecretReference::Made => format!("file:{}", file_word(password_file(key))),
        SecretReference::File(path) => format!("file:<(tr -d '\\r' <{})", quote(path)),
        SecretReference::Environment(name) => format!("env:{}", quote(name)),
        SecretReference::Asked => format!("env:{ASKED_CA_PASSWORD}"),
    }
}

/// Returns the modifier of keytool's option for a password, and its value.
pub(super) fn keytool_password(password: &SecretReference, store: &Path, asked: &str) -> String {
    match password {
        SecretReference::Made => format!("file {}", file_word(password_file(store))),
        SecretReference::File(path) => format!("file {}", file_word(path)),
        SecretReference::Environment(name) => format!("env {}", quote(name)),
        SecretReference::Asked => format!("env {asked}"),
    }
}

fn dname(subject: &DistinguishedName) -> String {
    quote(subject::keytool(subject))
}

fn extension_option(alt_names: &[SubjectAltName]) -> String {
    if alt_names.is_empty() { String::new() } else { format!(" -ext SAN={}", commands::alt_names(alt_names)) }
}

/// Returns the word for a file as it was named, unless openssl or keytool would take the name for something else: an option, the
/// beginning of a URL, or keytool's `NONE`.
pub(super) fn file_word(path: impl AsRef<OsStr>) -> String {
    let bytes = path.as_ref().as_bytes();
    let first = bytes.split(|b| *b == b'/').next().unwrap_or_default();
    if bytes.starts_with(b"-") || bytes == b"NONE" || first.contains(&b':') {
        return quote(OsString::from_vec([b"./", bytes].concat()));
    }
    quote(path)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::process::Command;

    use super::*;
    use crate::spec::{Days, KeyAlgorithm};

    const MADE: SecretReference = SecretReference::Made;

    fn store<'a>(
        path: &'a str,
        format: StoreFormat,
        password: &'a SecretReference,
        exists: bool,
    ) -> StoreReference<'a> {
        StoreReference { path: Path::new(path), format, store_password: password, key_password: None, exists }
    }

    fn broker() -> KeySpec {
        KeySpec {
            alias: "broker1".parse().unwrap(),
            subject: DistinguishedName::parse("CN=broker1,O=It's").unwrap(),
            alt_names: vec!["broker1".parse().unwrap(), "::1".parse().unwrap()],
            profile: CertificateProfile::BROKER,
            key_algorithm: KeyAlgorithm::Rsa2048,
            days: Days::NODE,
        }
    }

    fn authority(password: Option<&SecretReference>) -> AuthorityReference<'_> {
        let (certificate, key) = (Path::new("ca-cert"), Path::new("ca-key"));
        AuthorityReference { certificate, key, password, digest: Some("sha256") }
    }

    fn alias() -> Alias {
        "broker1".parse().unwrap()
    }

    /// Returns the text if bash can parse it.
    fn parsed(text: String) -> String {
        let checked = Command::new("bash").args(["-n", "-c", &text]).output().unwrap();
        assert!(checked.status.success() && checked.stderr.is_empty(), "{checked:?}\n{text}");
        text
    }

    #[test]
    fn a_key_pair_in_a_new_store_has_our_extensions() {
        let text = parsed(genkey(&broker(), &store("k.p12", StoreFormat::Pkcs12, &MADE, false)));
        assert_eq!(
            text,
            r"(
  set -Ceuo pipefail
  umask 077
  openssl rand -hex 16 >k.p12.password
  keytool -genkeypair -keyalg RSA -keysize 2048 -sigalg SHA256withRSA \
    -alias broker1 -dname 'CN=broker1,O=It'\''s' -validity 365 \
    -ext BC:c=ca:false -ext KU:c=digitalSignature,keyEncipherment -ext EKU=serverAuth,clientAuth -ext SAN=DNS:broker1,IP:::1 \
    -keystore k.p12 -storetype PKCS12 \
    -storepass:file k.p12.password
)
"
        );
    }

    #[test]
    fn only_a_server_with_an_rsa_key_is_sent_enciphered_secrets() {
        let store = store("k.jks", StoreFormat::Jks, &MADE, false);
        let text = |profile, key_algorithm| parsed(genkey(&KeySpec { profile, key_algorithm, ..broker() }, &store));
        let elliptic = text(CertificateProfile::BROKER, KeyAlgorithm::EcP384);
        assert!(
            elliptic.contains("-ext KU:c=digitalSignature -ext EKU=serverAuth,clientAuth ")
                && !elliptic.contains("-sigalg")
        );
        let client = text(CertificateProfile::CLIENT, KeyAlgorithm::Rsa4096);
        assert!(client.contains("-ext KU:c=digitalSignature -ext EKU=clientAuth "), "{client}");
    }

    #[test]
    fn a_key_in_jks_has_a_password_and_one_in_pkcs12_has_none() {
        let key_password = SecretReference::Environment("KEY $x".into());
        let store_password = SecretReference::File("pw".into());
        let with = |format, key_password| {
            let store = StoreReference { key_password, ..store("k", format, &store_password, true) };
            let text = parsed(genkey(&broker(), &store));
            text.lines().last().unwrap().trim_start().to_owned()
        };
        assert_eq!(with(StoreFormat::Pkcs12, Some(&key_password)), "-storepass:file pw");
        assert_eq!(with(StoreFormat::Jks, None), "-storepass:file pw -keypass:file pw");
        assert_eq!(with(StoreFormat::Jks, Some(&key_password)), "-storepass:file pw -keypass:env 'KEY $x'");
    }

    #[test]
    fn a_command_on_a_store_that_is_there_is_one_command() {
        let password = SecretReference::File("pw".into());
        let store = store("k.jks", StoreFormat::Pkcs12, &password, true);
        assert_eq!(
            parsed(certreq(&alias(), &store, None, &broker().alt_names, Some(Path::new("cert-file")))),
            "keytool -certreq -alias broker1 -file cert-file \\\n  -ext SAN=DNS:broker1,IP:::1 \\\n  -keystore k.jks \\\n  \
             -storepass:file pw\n"
        );
        assert_eq!(
            parsed(certreq(&alias(), &store, Some(&broker().subject), &[], None)),
            "keytool -certreq -alias broker1 \\\n  -dname 'CN=broker1,O=It'\\''s' \\\n  -keystore k.jks \\\n  \
             -storepass:file pw\n"
        );
        assert_eq!(
            parsed(import(&Alias::ca_root(), &store, Some(Path::new("ca-cert")), true)),
            "keytool -import -alias caroot -file ca-cert -noprompt \\\n  -keystore k.jks \\\n  -storepass:file pw\n"
        );
        assert_eq!(
            parsed(import(&alias(), &store, None, false)),
            "keytool -import -alias broker1 \\\n  -keystore k.jks \\\n  -storepass:file pw\n"
        );
    }

    #[test]
    fn what_cannot_be_read_again_is_asked_for_by_name() {
        let asked = SecretReference::Asked;
        let jks = store("k.jks", StoreFormat::Jks, &asked, true);
        let text = parsed(genkey(&broker(), &StoreReference { key_password: Some(&asked), ..jks }));
        assert!(text.starts_with(
            "# The password of the store is expected in the environment variable KAFKA_CERTGEN_STORE_PASSWORD.\n\
             # The password of the key is expected in the environment variable KAFKA_CERTGEN_KEY_PASSWORD.\n"
        ));
        assert!(text.contains("-storepass:env KAFKA_CERTGEN_STORE_PASSWORD -keypass:env KAFKA_CERTGEN_KEY_PASSWORD\n"));
        let text = parsed(genkey(&broker(), &jks));
        assert!(text.contains(" -keypass:env KAFKA_CERTGEN_STORE_PASSWORD\n") && text.matches("# ").count() == 1);
        let text = parsed(ca(&CaSpec::default(), Path::new("ca-key"), Path::new("ca-cert"), &asked));
        assert!(text.starts_with("# The password of the CA's key is expected in the environment variable"));
        assert!(text.contains(" -iter 600000 -passout env:KAFKA_CERTGEN_CA_PASSWORD "));
    }

    #[test]
    fn a_ca_is_made_as_in_the_script() {
        let text = parsed(ca(&CaSpec::default(), Path::new("ca-key"), Path::new("ca-cert"), &MADE));
        assert_eq!(
            text,
            r#"(
  set -Ceuo pipefail
  umask 077
  openssl rand -hex 16 >ca-key.password
  openssl genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:3072 \
    | openssl pkcs8 -topk8 -v2 aes-256-cbc -v2prf hmacWithSHA256 -iter 10000 -passout file:ca-key.password -out ca-key
  serial=01$(openssl rand -hex 16)
  openssl req -new -x509 -key ca-key -passin file:ca-key.password -out ca-cert -days 3650 \
    -set_serial "0x$serial" -sha256 -utf8 -subj '/CN=Kafka CA' -config /dev/stdin <<'END'
[req]
distinguished_name = dn
x509_extensions = ca
[dn]
[ca]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid:always
END
  chmod 644 ca-cert
)
"#
        );
    }

    #[test]
    fn a_request_is_signed_by_the_profile() {
        let names = broker().alt_names;
        let (request, out) = (Path::new("cert-file"), Path::new("cert-signed"));
        let ca = authority(Some(&MADE));
        let text = parsed(sign(
            CertificateProfile::BROKER,
            true,
            &names,
            90,
            &ca,
            RequestReference { path: Some(request), is_der: false },
            Some(out),
        ));
        assert_eq!(
            text,
            r#"(
  set -Ceuo pipefail
  serial=01$(openssl rand -hex 16)
  openssl x509 -req -CA ca-cert -CAkey ca-key -in cert-file -out cert-signed \
    -days 90 -set_serial "0x$serial" -passin file:ca-key.password -sha256 \
    -extfile /dev/stdin <<END
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature, keyEncipherment
extendedKeyUsage = serverAuth, clientAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid, issuer
subjectAltName = DNS:broker1,IP:::1
END
)
"#
        );
    }

    #[test]
    fn a_request_on_the_standard_input_stays_there() {
        let ca = AuthorityReference { digest: None, ..authority(None) };
        let text = parsed(sign(
            CertificateProfile::CLIENT,
            true,
            &[],
            365,
            &ca,
            RequestReference { path: None, is_der: false },
            None,
        ));
        assert!(text.contains(" -CA ca-cert -CAkey ca-key \\\n    -days 365 -set_serial \"0x$serial\" \\\n"), "{text}");
        assert!(text.contains("-extfile /dev/fd/3 3<<END\n"));
        assert!(text.contains("\nkeyUsage = critical, digitalSignature\nextendedKeyUsage = clientAuth\n"));
        assert!(!text.contains("subjectAltName") && !text.contains("-passin"));
    }

    #[test]
    fn openssl_sees_no_carriage_return() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("it's $(id)");
        fs::write(&file, "secret \\ x\r\n").unwrap();
        let source = openssl_password(&SecretReference::File(file), Path::new("ca-key"));
        let script = format!("cat {}", source.strip_prefix("file:").unwrap());
        let output = Command::new("bash").args(["-c", &script]).output().unwrap();
        assert_eq!(String::from_utf8(output.stdout).unwrap(), "secret \\ x\n");
    }

    #[test]
    fn a_file_is_never_taken_for_something_else() {
        for (path, word) in [
            ("ca-key", "ca-key"),
            ("../it's here", r"'../it'\''s here'"),
            ("/etc/a:b", "/etc/a:b"),
            ("./a:b", "./a:b"),
            ("-out", "./-out"),
            ("NONE", "./NONE"),
            ("file:x", "./file:x"),
            ("-$x", "'./-$x'"),
        ] {
            assert_eq!(file_word(path), word);
        }
    }

    #[test]
    fn the_locale_is_named_where_it_matters() {
        let password = SecretReference::File("pw".into());
        let names_locale = |path, format, alias: &str, password, file| {
            let store = store(path, format, password, false);
            parsed(import(&alias.parse().unwrap(), &store, Some(Path::new(file)), true))
                .contains("LC_ALL=C.UTF-8 keytool")
        };
        assert!(!names_locale("k", StoreFormat::Pkcs12, "a", &password, "f"));
        assert!(!names_locale("k", StoreFormat::Jks, "a", &MADE, "f"));
        assert!(names_locale("k", StoreFormat::Jks, "a", &password, "f"));
        assert!(names_locale("kö", StoreFormat::Pkcs12, "a", &password, "f"));
        assert!(names_locale("k", StoreFormat::Pkcs12, "ä", &password, "f"));
        assert!(names_locale("k", StoreFormat::Pkcs12, "a", &password, "ф"));
    }
}
