//! A bundle, and each step to one, said in openssl and keytool: the bash text that `--dry-run` prints.
//!
//! The script for a whole bundle takes the steps of the script that this program replaces, in their order and under their comments, for somebody who has
//! that script open beside it. Whatever was given is quoted, so that bash takes it as it is, and no password is in the text:
//! the script makes it, or takes it from where its [`SecretReference`] says.

use std::path::{Path, PathBuf};

use crate::bundle::record::RECORD;
use crate::bundle::{CaPaths, INVENTORY};
use crate::kafka::properties;
use crate::spec::{CaSpec, ClusterSpec, Days, Layout, NodeRole, StoreFormat};

use commands::CaCommands;
use identity::Identities;
use shell::{Text, quote};

pub use conversion::{Conversion, KeyAndCertificates, export_certificate, import_key, import_store};
pub use steps::{AuthorityReference, RequestReference, StoreReference, ca, certreq, genkey, import, sign};

mod commands;
mod conversion;
mod identity;
mod shell;
mod steps;
mod subject;

/// Where the printed script takes a secret from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretReference {
    /// From nowhere: the script makes it.
    Made,
    /// The only line of a file.
    File(PathBuf),
    /// An environment variable.
    Environment(String),
    /// A source that cannot be read again, as a prompt: the script expects the secret in an environment variable that it names.
    Asked,
}

/// Where the printed script takes each secret from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretReferences {
    /// The password of the stores.
    pub store: SecretReference,
    /// The password of the keys, if the specification has one.
    pub key: SecretReference,
    /// The password of the CA's key.
    pub ca: SecretReference,
}

/// Returns the bash script that makes in `out` what the pipeline would make there.
///
/// `out` is absolute. The specification has no [faults](ClusterSpec::faults), and its passwords are not looked at except for
/// whether there is a separate one for keys.
pub fn init(spec: &ClusterSpec, secrets: &SecretReferences, out: &Path) -> String {
    let script = Script { spec, secrets, out };
    let mut text = Text::default();
    write_header(&mut text);
    script.write_secrets(&mut text);
    script.write_folder(&mut text);
    if let Some(ca) = spec.made_ca() {
        script.write_ca(&mut text, ca);
    }
    for role in NodeRole::ALL {
        if let Some(identities) = Identities::new(&script, *role) {
            identities.write(&mut text);
        }
    }
    script.write_end(&mut text);
    text.into_string()
}

/// What all parts of the script are written from.
struct Script<'a> {
    spec: &'a ClusterSpec,
    secrets: &'a SecretReferences,
    out: &'a Path,
}

/// A secret that the script is given, by the name of the shell variable that holds it.
struct Given<'a> {
    variable: &'static str,
    reference: &'a SecretReference,
    /// The environment variable that is asked for if the source cannot be read again.
    asked: &'static str,
}

const STORE_PASSWORD: &str = "given_store_password";
const KEY_PASSWORD: &str = "given_key_password";
const CA_PASSWORD: &str = "given_ca_password";

const ASKED_STORE_PASSWORD: &str = "KAFKA_CERTGEN_STORE_PASSWORD";
const ASKED_KEY_PASSWORD: &str = "KAFKA_CERTGEN_KEY_PASSWORD";
const ASKED_CA_PASSWORD: &str = "KAFKA_CERTGEN_CA_PASSWORD";

fn write_header(text: &mut Text) {
    text.line("#!/usr/bin/env bash");
    text.comment(
        "The openssl and keytool commands that make what `kafka-certgen init` makes, printed by its --dry-run.",
    );
    text.comment("They need OpenSSL 3.0 and keytool of Java 17, or later ones.");
    text.line("#");
    text.comment(
        "What only kafka-certgen does: its certificates are valid from five minutes ago, for nodes with a slow clock",
    );
    text.comment(&format!(
        "(`openssl x509` begins now, before 3.4), and it writes an inventory, {INVENTORY}, and a record of each identity, {RECORD}."
    ));
    text.blank();
    text.line("set -euo pipefail");
    text.line("umask 077");
    text.comment("keytool reads names and passwords in the character set of the locale.");
    text.line("export LC_ALL=C.UTF-8");
}

impl Script<'_> {
    /// Returns the secrets that are given and used, in the order in which they are read.
    fn given(&self) -> Vec<Given<'_>> {
        let SecretReferences { store, key, ca } = self.secrets;
        let mut given = Vec::new();
        if *store != SecretReference::Made {
            given.push(Given { variable: STORE_PASSWORD, reference: store, asked: ASKED_STORE_PASSWORD });
        }
        if self.has_key_password() {
            given.push(Given { variable: KEY_PASSWORD, reference: key, asked: ASKED_KEY_PASSWORD });
        }
        if *ca != SecretReference::Made {
            given.push(Given { variable: CA_PASSWORD, reference: ca, asked: ASKED_CA_PASSWORD });
        }
        given
    }

    /// Says whether keys have a password that is not the store's.
    fn has_key_password(&self) -> bool {
        let stores = &self.spec.stores;
        stores.key_password.as_ref().is_some_and(|key| stores.store_password.as_ref() != Some(key))
    }

    /// Reads every given secret before a variable of the script's own is set: an environment variable could have its name.
    fn write_secrets(&self, text: &mut Text) {
        let given = self.given();
        if given.is_empty() {
            return;
        }
        text.blank();
        text.block(FAIL);
        if given.iter().any(|secret| matches!(secret.reference, SecretReference::File(_))) {
            text.block(FROM_FILE);
        }
        if given.iter().any(|secret| !matches!(secret.reference, SecretReference::File(_))) {
            text.block(FROM_ENVIRONMENT);
        }
        if self.configures_given_password() {
            text.block(PROPERTIES_VALUE);
        }
        for Given { variable, reference, asked } in given {
            text.line(&match reference {
                SecretReference::File(path) => format!("{variable}=$(from_file {})", quote(path)),
                SecretReference::Environment(name) => format!("{variable}=$(from_environment {})", quote(name)),
                SecretReference::Asked | SecretReference::Made => format!("{variable}=$(from_environment {asked})"),
            });
            if variable != STORE_PASSWORD {
                text.line(&format!("export {variable}"));
            }
        }
    }

    fn makes_store_password(&self) -> bool {
        self.secrets.store == SecretReference::Made
    }

    /// Says whether a configuration names the password of the key.
    fn names_key_password(&self) -> bool {
        let stores = &self.spec.stores;
        properties::names_key_password(
            StoreFormat::preferred(&stores.formats),
            stores.encrypts_pem(&stores.formats),
            self.has_key_password(),
        )
    }

    /// Says whether a password that was given stands in a configuration.
    fn configures_given_password(&self) -> bool {
        let names_key_password = self.names_key_password();
        let names_store_password = StoreFormat::preferred(&self.spec.stores.formats) != StoreFormat::Pem
            || (names_key_password && !self.has_key_password());
        (names_store_password && !self.makes_store_password()) || (names_key_password && self.has_key_password())
    }

    fn write_folder(&self, text: &mut Text) {
        text.blank();
        text.line(&format!("OUT={}", quote(self.out)));
        text.line(&format!("CA_ALIAS={}", quote(self.spec.stores.ca_alias.as_str())));
        text.line("mkdir -- \"$OUT\"");
        text.line("trap 'echo \"stopped before the end; remove $OUT before the next run\" >&2' EXIT");
        text.line("cd -- \"$OUT\"");
    }

    fn write_ca(&self, text: &mut Text, ca: &CaSpec) {
        let CaSpec { subject, key_algorithm, .. } = ca;
        let CaPaths { certificate, key, password } = CaPaths::new(self.spec.layout);
        let password = quote(password);
        text.blank();
        text.comment("generating CA");
        if self.spec.layout == Layout::Nodes {
            text.line("mkdir ca");
        }
        let commands = CaCommands {
            subject,
            key_algorithm: *key_algorithm,
            days: self.ca_days(text, ca.days),
            key: &quote(key),
            certificate: &quote(certificate),
            pass: &self.ca_password(""),
            made_password: (self.secrets.ca == SecretReference::Made).then_some(&*password),
        };
        commands.write(text);
    }

    /// Returns the CA's days. `-days` counts from the second in which a command runs, so that a certificate of as many days as the
    /// CA, made after it, would outlive it.
    fn ca_days(&self, text: &mut Text, days: Days) -> u32 {
        if self.spec.nodes.iter().all(|node| node.days < days) {
            return days.get();
        }
        text.comment("-days counts from now: one more than was asked for, or a later certificate would outlive the CA");
        days.get().saturating_add(1)
    }

    /// Returns the argument of openssl that stands for the CA key's password; `root` leads to the bundle's folder.
    fn ca_password(&self, root: &str) -> String {
        match self.secrets.ca {
            SecretReference::Made => format!("file:{root}{}", CaPaths::new(self.spec.layout).password.display()),
            _ => format!("env:{CA_PASSWORD}"),
        }
    }

    fn write_end(&self, text: &mut Text) {
        text.blank();
        text.line("trap - EXIT");
        text.line(match self.spec.layout {
            Layout::Nodes => "echo \"The bundle is in $OUT: the CA in ca, each identity in the folder of its name\"",
            Layout::Script => "echo \"The bundle is in $OUT\"",
        });
    }
}

const FAIL: &str = r#"fail() {
  echo "$1" >&2
  exit 1
}
"#;

const FROM_FILE: &str = r#"# Prints the line of a password file without its ending, LF or CRLF.
from_file() {
  local line=
  IFS= read -r line <"$1" || [[ -n $line ]] || fail "there is no password in $1"
  printf '%s' "${line%$'\r'}"
}
"#;

const FROM_ENVIRONMENT: &str = r#"from_environment() {
  printenv "$1" || fail "the password is expected in the environment variable $1"
}
"#;

const PROPERTIES_VALUE: &str = r#"# Escapes a value for java.util.Properties: \ and a leading space by \, what is not ASCII by its UTF-16 code units.
properties_value() {
  local rest=$1 out='' character code
  while [[ -n $rest ]]; do
    character=${rest:0:1}
    rest=${rest:1}
    printf -v code %d "'$character"
    if [[ $character == \\ || ($character == ' ' && -z $out) ]]; then
      character=\\$character
    elif ((code > 0xFFFF)); then
      printf -v character '\\u%04X\\u%04X' $((0xD7C0 + (code >> 10))) $((0xDC00 + (code & 0x3FF)))
    elif ((code < 0x20 || code > 0x7E)); then
      printf -v character '\\u%04X' "$code"
    fi
    out+=$character
  done
  printf '%s' "$out"
}
"#;

#[cfg(test)]
mod tests {
    use std::fs;
    use std::process::{Command, Output};

    use zeroize::Zeroizing;

    use super::*;
    use crate::secret::Password;
    use crate::spec::CaSource;
    use crate::spec::{NodeSpec, PemKey};

    const MADE: SecretReferences =
        SecretReferences { store: SecretReference::Made, key: SecretReference::Made, ca: SecretReference::Made };

    fn cluster(names: &[(&str, NodeRole)]) -> ClusterSpec {
        ClusterSpec::new(names.iter().map(|(name, role)| NodeSpec::new(name.parse().unwrap(), *role)).collect())
    }

    fn password(text: &str) -> Password {
        Password::new(Zeroizing::new(text.to_owned())).unwrap()
    }

    fn bash(script: &str) -> Output {
        Command::new("bash").args(["-c", script]).env("LC_ALL", "C.UTF-8").output().unwrap()
    }

    fn script(spec: &ClusterSpec, secrets: &SecretReferences) -> String {
        let script = init(spec, secrets, Path::new("/out"));
        let checked = Command::new("bash").args(["-n", "-c", &script]).output().unwrap();
        assert!(checked.status.success() && checked.stderr.is_empty(), "{checked:?}\n{script}");
        script
    }

    #[test]
    fn there_is_a_function_for_each_role_and_a_call_for_each_identity() {
        let brokers = script(&cluster(&[("broker1", NodeRole::Broker), ("broker2", NodeRole::Broker)]), &MADE);
        assert_eq!(brokers.matches("\nbroker\n").count(), 2);
        assert_eq!(brokers.matches("broker() (").count(), 1);
        assert!(!brokers.contains("client() ("));
        assert!(brokers.contains("\nNODE=broker2\nKEYSTORE_ALIAS=broker2\nDNAME=CN=broker2\nSANS=DNS:broker2\n"));
        let both = script(&cluster(&[("app_1", NodeRole::Client), ("broker1", NodeRole::Broker)]), &MADE);
        assert!(both.contains("\nclient\n") && both.contains("\nbroker\n"));
        assert!(both.contains("${SANS:+subjectAltName = $SANS}"), "a client may have no alternative name");
    }

    #[test]
    fn made_passwords_need_no_functions() {
        let script = script(&cluster(&[("broker1", NodeRole::Broker)]), &MADE);
        for text in ["given_", "fail()", "from_", "properties_value"] {
            assert!(!script.contains(text), "{text}");
        }
    }

    #[test]
    fn given_passwords_are_not_in_the_text() {
        let mut spec = cluster(&[("broker1", NodeRole::Broker)]);
        spec.stores.formats = vec![StoreFormat::Jks, StoreFormat::Pem];
        spec.stores.pem_key = PemKey::Pbes2;
        spec.stores.store_password = Some(password("store-secret"));
        spec.stores.key_password = Some(password("key-secret"));
        spec.ca = CaSource::Made(CaSpec { password: Some(password("ca-secret")), ..CaSpec::default() });
        let secrets = SecretReferences {
            store: SecretReference::File("/it's here".into()),
            key: SecretReference::Environment("KEY $x".into()),
            ca: SecretReference::Asked,
        };
        let given = script(&spec, &secrets);
        assert!(!given.contains("-secret"));
        assert!(given.contains("\ngiven_store_password=$(from_file '/it'\\''s here')\n"));
        assert!(given.contains("\ngiven_key_password=$(from_environment 'KEY $x')\nexport given_key_password\n"));
        assert!(given.contains("\ngiven_ca_password=$(from_environment KAFKA_CERTGEN_CA_PASSWORD)\n"));
        assert!(given.contains("-passout env:given_ca_password") && given.contains("-passin env:given_ca_password"));

        spec.stores.key_password = Some(password("store-secret"));
        assert!(!script(&spec, &secrets).contains("given_key_password"), "it is the store password");
    }

    #[test]
    fn the_ca_outlives_every_certificate() {
        let mut spec = cluster(&[("broker1", NodeRole::Broker)]);
        assert!(script(&spec, &MADE).contains("-out ca/ca-cert -days 3650 "));
        spec.nodes[0].days = Days::CA;
        assert!(script(&spec, &MADE).contains("-out ca/ca-cert -days 3651 "));
    }

    #[test]
    fn the_scripts_layout_has_no_folders() {
        let mut spec = cluster(&[("broker1", NodeRole::Broker)]);
        spec.layout = Layout::Script;
        let script = script(&spec, &MADE);
        assert!(!script.contains("NODE") && !script.contains("../") && !script.contains("mkdir ca"));
        assert!(script.contains(" -CA ca-cert -CAkey ca-key -in cert-file -out cert-signed "));
        assert!(script.contains("\nLOCATION=/out\n"));
    }

    #[test]
    fn what_is_only_for_openssl_does_not_stay() {
        let mut spec = cluster(&[("broker1", NodeRole::Broker)]);
        let mut with = |formats: &[StoreFormat]| {
            spec.stores.formats = formats.to_vec();
            script(&spec, &MADE)
        };
        assert!(with(&[StoreFormat::Pem]).contains("rm kafka.server.keystore.p12"));
        assert!(with(&[StoreFormat::Jks, StoreFormat::Pem]).contains("rm kafka.server.keystore.p12"));
        assert!(!with(&[StoreFormat::Pem, StoreFormat::Pkcs12]).contains("rm "));
        assert!(!with(&[StoreFormat::Jks]).contains(".p12"));
    }

    #[test]
    fn bash_escapes_values_as_we_do() {
        for value in
            ["plain", "a\\b", "  two  ", "p\u{e4}ss\u{1f600}", "'\"$(id)`#!:=", "\u{d7ff}\u{e000}\u{ffff}\u{10ffff}"]
        {
            let output = bash(&format!("set -euo pipefail\n{PROPERTIES_VALUE}\nproperties_value {}", quote(value)));
            assert_eq!(String::from_utf8(output.stdout).unwrap(), properties::escaped(value));
        }
    }

    #[test]
    fn bash_takes_one_line_ending_off() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("it's");
        let read = || {
            bash(&format!(
                "set -euo pipefail\n{FAIL}\n{FROM_FILE}\nx=$(from_file {})\nprintf '%s|' \"$x\"",
                quote(&file)
            ))
        };
        assert_eq!(read().status.code(), Some(1), "there is no file");
        for contents in [" a\\b ", " a\\b \n", " a\\b \r\n"] {
            fs::write(&file, contents).unwrap();
            assert_eq!(String::from_utf8(read().stdout).unwrap(), " a\\b |");
        }
        fs::write(&file, "").unwrap();
        assert_eq!(read().status.code(), Some(1));
    }
}
