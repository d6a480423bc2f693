//! The `ssl.*` lines of brokers and clients, as `java.util.Properties.load` reads them.
//!
//! Every line that Kafka needs is there, and none whose default will do (`org.apache.kafka.common.config.SslConfigs`): the
//! protocols, the ciphers and the check of host names stay as Kafka has them.

use std::borrow::Cow;
use std::fmt::Write;
use std::path::Path;

use zeroize::Zeroizing;

use crate::secret::Password;
use crate::spec::{ClientAuth, StoreFormat};

/// The stores of an identity, as a configuration names them. `P` is what stands for a password: itself, or a word that is
/// replaced later.
pub struct Stores<'a, P = &'a Password> {
    /// The format of both.
    pub format: StoreFormat,
    /// The path of the keystore.
    pub keystore: &'a str,
    /// The path of the truststore.
    pub truststore: &'a str,
    /// The password of both; Kafka forbids one for PEM.
    pub store_password: P,
    /// The key's password, where [`names_key_password`].
    pub key_password: Option<P>,
}

impl<'a> Stores<'a> {
    fn exposed(&self) -> Stores<'a, &'a str> {
        Stores {
            format: self.format,
            keystore: self.keystore,
            truststore: self.truststore,
            store_password: self.store_password.expose(),
            key_password: self.key_password.map(Password::expose),
        }
    }
}

/// A line of a configuration, its value not escaped yet.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Line<'a> {
    /// `# TEXT`
    Comment(&'static str),
    /// `KEY=VALUE`
    Property(&'static str, &'a str),
}

/// Returns a broker's `server.properties`: the lines that are about TLS.
pub fn server(stores: &Stores<'_>, client_auth: ClientAuth) -> Zeroizing<String> {
    write_lines(&server_lines(&stores.exposed(), client_auth))
}

/// Returns the `client.properties` of a client that has a certificate of its own.
pub fn client(stores: &Stores<'_>) -> Zeroizing<String> {
    write_lines(&client_lines(&stores.exposed()))
}

/// Returns the `client.properties` of clients without a certificate: the CA stands in the file itself, so that nobody needs a
/// broker's truststore or its password.
pub fn anonymous_client(ca_pem: &str, client_auth: ClientAuth) -> Zeroizing<String> {
    write_lines(&anonymous_client_lines(ca_pem, client_auth))
}

/// Returns the lines of [`server`].
pub fn server_lines<'a>(stores: &Stores<'a, &'a str>, client_auth: ClientAuth) -> Vec<Line<'a>> {
    let mut lines = vec![
        Line::Comment("The TLS part of a broker's configuration; made by kafka-certgen."),
        Line::Comment("Listeners, advertised.listeners and listener.security.protocol.map are yours to say."),
    ];
    lines.extend(store_lines(stores));
    lines.push(match client_auth {
        ClientAuth::None => Line::Comment("Clients need no certificate (Kafka's default for ssl.client.auth)."),
        ClientAuth::Required | ClientAuth::Requested => Line::Property("ssl.client.auth", client_auth.name()),
    });
    lines
}

/// Returns the lines of [`client`].
pub fn client_lines<'a>(stores: &Stores<'a, &'a str>) -> Vec<Line<'a>> {
    let mut lines = vec![
        Line::Comment("The TLS part of a client's configuration; made by kafka-certgen."),
        Line::Property("security.protocol", "SSL"),
    ];
    lines.extend(store_lines(stores));
    lines
}

/// Returns the lines of [`anonymous_client`].
pub fn anonymous_client_lines(ca_pem: &str, client_auth: ClientAuth) -> Vec<Line<'_>> {
    let mut lines =
        vec![Line::Comment("What a client without a certificate needs to trust this cluster; made by kafka-certgen.")];
    if client_auth == ClientAuth::Required {
        lines.push(Line::Comment(
            "These brokers ask for a certificate (ssl.client.auth=required): use the client.properties of a client.",
        ));
    }
    lines.extend([
        Line::Property("security.protocol", "SSL"),
        Line::Property("ssl.truststore.type", StoreFormat::Pem.kafka_type()),
        Line::Property("ssl.truststore.certificates", ca_pem),
    ]);
    lines
}

/// Says whether a configuration must name the key's password: Kafka takes the store password for JKS and PKCS#12 unless it is told
/// otherwise, and for PEM a password means that the key is encrypted.
pub fn names_key_password(format: StoreFormat, is_pem_encrypted: bool, is_separate: bool) -> bool {
    match format {
        StoreFormat::Pem => is_pem_encrypted,
        StoreFormat::Jks | StoreFormat::Pkcs12 => is_separate,
    }
}

/// Returns the folder that a configuration names: where the files will live, if that is known, or where they are made.
pub fn folder(deploy_dir: Option<&str>, made_in: &Path) -> String {
    let folder = deploy_dir.map_or_else(|| made_in.to_string_lossy(), Cow::Borrowed);
    folder.trim_end_matches('/').to_owned()
}

/// Returns a value so that `Properties.load` reads it back.
pub fn escaped(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    escape_value(value, &mut out);
    out
}

fn store_lines<'a>(stores: &Stores<'a, &'a str>) -> Vec<Line<'a>> {
    let Stores { format, keystore, truststore, store_password, key_password } = *stores;
    let mut lines = vec![
        Line::Property("ssl.keystore.type", format.kafka_type()),
        Line::Property("ssl.keystore.location", keystore),
    ];
    // A PEM store has no password; Kafka refuses to start with one (`DefaultSslEngineFactory.FileBasedPemStore`).
    let has_password = format != StoreFormat::Pem;
    if has_password {
        lines.push(Line::Property("ssl.keystore.password", store_password));
    }
    lines.push(Line::Property("ssl.truststore.type", format.kafka_type()));
    lines.push(Line::Property("ssl.truststore.location", truststore));
    if has_password {
        lines.push(Line::Property("ssl.truststore.password", store_password));
    }
    lines.extend(key_password.map(|password| Line::Property("ssl.key.password", password)));
    lines
}

fn write_lines(lines: &[Line<'_>]) -> Zeroizing<String> {
    let mut out = Zeroizing::new(String::with_capacity(4096));
    for line in lines {
        match line {
            Line::Comment(text) => {
                out.push_str("# ");
                out.push_str(text);
            }
            Line::Property(key, value) => {
                out.push_str(key);
                out.push('=');
                escape_value(value, &mut out);
            }
        }
        out.push('\n');
    }
    out
}

/// Writes a value so that `Properties.load` reads it back: the file is ISO 8859-1, a backslash escapes, and spaces at the
/// start are skipped. A PEM text becomes one logical line, with `\n` where it breaks.
fn escape_value(value: &str, out: &mut String) {
    for (at, c) in value.char_indices() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{c}' => out.push_str("\\f"),
            ' ' if at == 0 => out.push_str("\\ "),
            ' '..='~' => out.push(c),
            _ => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    // Writing to a String cannot fail.
                    let _ = write!(out, "\\u{unit:04X}");
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_survive_properties_load() {
        assert_eq!(escaped("C:\\kafka\\ssl"), "C:\\\\kafka\\\\ssl");
        assert_eq!(escaped("  two spaces "), "\\  two spaces ");
        assert_eq!(escaped("a=b:c#d!e"), "a=b:c#d!e");
        assert_eq!(escaped("pässwörd😀"), "p\\u00E4ssw\\u00F6rd\\uD83D\\uDE00");
        assert_eq!(escaped("one\ntwo\r\tx"), "one\\ntwo\\r\\tx");
    }

    #[test]
    fn a_configuration_names_the_folder_without_its_last_slash() {
        assert_eq!(folder(None, Path::new("/out/broker1/")), "/out/broker1");
        assert_eq!(folder(Some("/etc/kafka//"), Path::new("/out/broker1")), "/etc/kafka");
        assert_eq!(folder(Some("/"), Path::new("/out/broker1")), "");
    }

    #[test]
    fn a_pem_store_has_no_password() {
        let password = Password::new(Zeroizing::new("secret-password".into())).unwrap();
        let stores =
            |format| Stores { format, keystore: "/k", truststore: "/t", store_password: &password, key_password: None };
        let lines = |text: Zeroizing<String>| {
            text.lines().filter(|l| !l.starts_with('#')).map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(
            lines(server(&stores(StoreFormat::Pem), ClientAuth::None)),
            [
                "ssl.keystore.type=PEM",
                "ssl.keystore.location=/k",
                "ssl.truststore.type=PEM",
                "ssl.truststore.location=/t"
            ]
        );
        assert_eq!(
            lines(server(&stores(StoreFormat::Jks), ClientAuth::Required)),
            [
                "ssl.keystore.type=JKS",
                "ssl.keystore.location=/k",
                "ssl.keystore.password=secret-password",
                "ssl.truststore.type=JKS",
                "ssl.truststore.location=/t",
                "ssl.truststore.password=secret-password",
                "ssl.client.auth=required",
            ]
        );
    }
}
