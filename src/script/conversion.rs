//! A store in another format: what keytool and openssl do, as far as one of them does the same.

use std::path::Path;

use super::commands;
use super::shell::{Text, quote};
use super::steps::{
    StoreReference, file_word, in_subshell, keytool_password, openssl_password, password_file, write_asked,
};
use super::{ASKED_KEY_PASSWORD, ASKED_STORE_PASSWORD, SecretReference};
use crate::name::Alias;
use crate::spec::{Pkcs12Profile, StoreFormat};

/// The environment variable that a new password is expected in, if its source cannot be read again.
const ASKED_NEW_PASSWORD: &str = "KAFKA_CERTGEN_NEW_PASSWORD";

/// What keytool calls the algorithms of the profile for old readers; without them, it writes the ones of the other.
const LEGACY: &str = "-J-Dkeystore.pkcs12.certProtectionAlgorithm=PBEWithSHA1AndDESede \
    -J-Dkeystore.pkcs12.keyProtectionAlgorithm=PBEWithSHA1AndDESede -J-Dkeystore.pkcs12.macAlgorithm=HmacPBESHA1";

/// A store that becomes another one.
#[derive(Debug, Clone, Copy)]
pub struct Conversion<'a> {
    /// The store that is there.
    pub source: StoreReference<'a>,
    /// Its type, where keytool does not find it out by itself.
    pub source_type: Option<&'a str>,
    /// The store that is to come.
    pub out: StoreReference<'a>,
    /// Whom it is for, if it is PKCS#12.
    pub profile: Pkcs12Profile,
}

/// Returns the commands that copy entries into a new store, each under its new alias; `is_key` says which have a key.
pub fn import_store(conversion: &Conversion<'_>, entries: &[(&str, &Alias, bool)]) -> String {
    let Conversion { source, source_type, out, profile } = conversion;
    let mut text = Text::default();
    write_asked(&mut text, "store", source.store_password, ASKED_STORE_PASSWORD);
    if let Some(password) = source.key_password {
        write_asked(&mut text, "key", password, ASKED_KEY_PASSWORD);
    }
    write_asked(&mut text, "new store", out.store_password, ASKED_NEW_PASSWORD);
    let source_password = keytool_password(source.store_password, source.path, ASKED_STORE_PASSWORD);
    let out_password = keytool_password(out.store_password, out.path, ASKED_NEW_PASSWORD);
    let of_key = |reference: Option<&SecretReference>, path: &Path, asked: &str, store: &str| {
        reference.map_or_else(|| store.to_owned(), |password| keytool_password(password, path, asked))
    };
    let source_key = of_key(source.key_password, source.path, ASKED_KEY_PASSWORD, &source_password);
    let out_key = of_key(out.key_password, out.path, ASKED_KEY_PASSWORD, &out_password);
    let is_legacy = out.format == StoreFormat::Pkcs12 && *profile == Pkcs12Profile::Legacy;
    in_subshell(&mut text, |text| {
        text.line("umask 077");
        // keytool reads names and passwords in the character set of the locale.
        text.line("export LC_ALL=C.UTF-8");
        if out.makes_password() {
            text.line(&commands::make_password(&file_word(password_file(out.path))));
        }
        for (from, to, is_key) in entries {
            let kind = source_type.map_or_else(String::new, |kind| format!(" -srcstoretype {kind}"));
            let mut parts = vec!["keytool -importkeystore -noprompt".to_owned()];
            parts.extend(is_legacy.then(|| LEGACY.to_owned()));
            parts.push(format!("-srckeystore {}{kind} -srcstorepass:{source_password}", file_word(source.path)));
            parts.push(format!(
                "-destkeystore {} -deststoretype {} -deststorepass:{out_password}",
                file_word(out.path),
                out.format.kafka_type()
            ));
            let keys = if !is_key {
                String::new()
            } else if out.format == StoreFormat::Jks {
                format!(" -srckeypass:{source_key} -destkeypass:{out_key}")
            } else {
                format!(" -srckeypass:{source_key}")
            };
            parts.push(format!("-srcalias {} -destalias {}{keys}", quote(from), quote(to.as_str())));
            text.command(&parts.iter().map(String::as_str).collect::<Vec<_>>());
        }
    });
    text.into_string()
}

/// A private key and its certificates in files of PEM.
#[derive(Debug, Clone, Copy)]
pub struct KeyAndCertificates<'a> {
    /// The files.
    pub files: &'a [&'a Path],
    /// The password of the key, if it is encrypted.
    pub key_password: Option<&'a SecretReference>,
}

/// Returns the commands that make a PKCS#12 store of a private key with its certificates.
pub fn import_key(
    source: &KeyAndCertificates<'_>,
    out: &StoreReference<'_>,
    profile: Pkcs12Profile,
    alias: &Alias,
) -> String {
    let mut text = Text::default();
    if let Some(password) = source.key_password {
        write_asked(&mut text, "key", password, super::ASKED_CA_PASSWORD);
    }
    let files: Vec<String> = source.files.iter().map(file_word).collect();
    let input = match files.as_slice() {
        [file] => format!("-inkey {file} -in {file}"),
        files => format!("-inkey <(cat {0}) -in <(cat {0})", files.join(" ")),
    };
    let password = source.key_password.zip(source.files.first());
    let password = password.map(|(password, file)| format!(" -passin {}", openssl_password(password, file)));
    let out_password = match out.store_password {
        SecretReference::Asked => format!("env:{ASKED_NEW_PASSWORD}"),
        password => openssl_password(password, out.path),
    };
    write_asked(&mut text, "new store", out.store_password, ASKED_NEW_PASSWORD);
    let algorithms = match profile {
        Pkcs12Profile::Modern => "-keypbe AES-256-CBC -certpbe AES-256-CBC -macalg sha256",
        Pkcs12Profile::Legacy => "-keypbe PBE-SHA1-3DES -certpbe PBE-SHA1-3DES -macalg sha1",
    };
    in_subshell(&mut text, |text| {
        text.line("umask 077");
        if out.makes_password() {
            text.line(&commands::make_password(&file_word(password_file(out.path))));
        }
        text.command(&[
            &format!("openssl pkcs12 -export {input}{}", password.as_deref().unwrap_or_default()),
            &format!("-name {} -out {} -passout {out_password}", quote(alias.as_str()), file_word(out.path)),
            &format!("{algorithms} -iter 10000"),
        ]);
    });
    text.into_string()
}

/// Returns the command that writes a certificate of a store to a file, in PEM or DER.
pub fn export_certificate(source: &StoreReference<'_>, alias: &str, is_pem: bool, file: &Path) -> String {
    let mut text = Text::default();
    write_asked(&mut text, "store", source.store_password, ASKED_STORE_PASSWORD);
    let form = if is_pem { " -rfc" } else { "" };
    let password = keytool_password(source.store_password, source.path, ASKED_STORE_PASSWORD);
    text.command(&[
        &format!("keytool -exportcert{form} -alias {} -file {}", quote(alias), file_word(file)),
        &format!("-keystore {} -storepass:{password}", file_word(source.path)),
    ]);
    text.into_string()
}
