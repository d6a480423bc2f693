//! Bundles, made by the binary and by nothing else.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::command::Finished;
use crate::java::Jdk;

pub(crate) const BINARY: &str = env!("CARGO_BIN_EXE_kafka-certgen");

/// What a bundle is for unless a test says otherwise: one broker and one client.
const ONE_OF_EACH: &[&str] = &["--cn", "localhost", "--san", "127.0.0.1", "--client", "app1"];

/// For the tests that are not about keys: these are made in no time.
pub(crate) const QUICK_KEYS: &[&str] = &["--key-alg", "ec-p256", "--ca-key-alg", "ec-p256"];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Jks,
    Pkcs12,
    Pem,
}

impl Format {
    pub(crate) const ALL: [Self; 3] = [Self::Jks, Self::Pkcs12, Self::Pem];

    /// The name that `--format` takes.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Jks => "jks",
            Self::Pkcs12 => "pkcs12",
            Self::Pem => "pem",
        }
    }

    fn extension(self) -> &'static str {
        match self {
            Self::Jks => "jks",
            Self::Pkcs12 => "p12",
            Self::Pem => "pem",
        }
    }
}

/// A bundle on the disk, with a broker `localhost` in it and mostly a client `app1`.
pub(crate) struct Bundle(PathBuf);

impl Bundle {
    /// Makes a bundle for one broker and one client with stores of one format.
    pub(crate) fn init(folder: &Path, format: Format, arguments: &[&str]) -> Self {
        let arguments = [ONE_OF_EACH, &["--format", format.name()], arguments].concat();
        Self::init_of(folder, &arguments).0
    }

    /// Makes a bundle with these arguments alone, and hands it back with what the binary printed.
    pub(crate) fn init_of(folder: &Path, arguments: &[&str]) -> (Self, Finished) {
        let said = init(Command::new(BINARY), folder, arguments).successfully();
        (Self(folder.to_owned()), said)
    }

    /// Makes a bundle for one broker and one client whose certificates have expired, in the only way there is: in
    /// the past.
    pub(crate) fn expired(folder: &Path, format: Format) -> Self {
        let arguments = [ONE_OF_EACH, QUICK_KEYS, &["--format", format.name()]].concat();
        init(in_the_past(BINARY), folder, &arguments).successfully();
        Self(folder.to_owned())
    }

    /// Asks for a bundle that cannot be made, and hands back the answer.
    pub(crate) fn refused(folder: &Path, arguments: &[&str]) -> Finished {
        init(Command::new(BINARY), folder, &[ONE_OF_EACH, arguments].concat())
    }

    /// Returns a bundle that was made in another way than by `init`.
    pub(crate) fn there(folder: &Path) -> Self {
        Self(folder.to_owned())
    }

    /// The folder of an identity.
    pub(crate) fn identity(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// The broker's settings.
    pub(crate) fn server_properties(&self) -> PathBuf {
        self.identity("localhost").join("server.properties")
    }

    /// The settings of `app1`, which has a certificate.
    pub(crate) fn client_properties(&self) -> PathBuf {
        self.identity("app1").join("client.properties")
    }

    /// The settings that the bundle has for clients without a certificate.
    pub(crate) fn anonymous_client_properties(&self) -> PathBuf {
        self.identity("localhost").join("client.properties")
    }

    /// Writes the settings of a client with this bundle's certificate that trusts another bundle's CA.
    pub(crate) fn client_properties_trusting(&self, other: &Self, file: PathBuf) -> PathBuf {
        let (own, others) = (read(&self.client_properties()), read(&other.client_properties()));
        let lines = own.lines().filter(|line| !is_trust(line)).chain(others.lines().filter(|line| is_trust(line)));
        write(file, lines)
    }

    /// Writes the settings of `app1` without its certificate.
    pub(crate) fn client_properties_without_key(&self, file: PathBuf) -> PathBuf {
        let own = read(&self.client_properties());
        write(file, own.lines().filter(|line| !is_key(line)))
    }

    /// Writes the settings of a client that shows a broker's certificate.
    pub(crate) fn client_properties_of_broker(&self, broker: &str, file: PathBuf) -> PathBuf {
        let own = read(&self.identity(broker).join("server.properties"));
        write(file, own.lines().filter(|line| is_key(line) || is_trust(line)).chain(["security.protocol=SSL"]))
    }

    /// Writes the settings of `app1` with a keystore in which its certificate is one of the same CA that has expired.
    ///
    /// The certificate is issued as the script issues one, by OpenSSL with the bundle's CA key.
    pub(crate) fn client_properties_with_expired_certificate(&self, format: Format, folder: &Path) -> PathBuf {
        fs::create_dir(folder).expect("cannot make a folder");
        let (ca, app1) = (self.0.join("ca"), self.identity("app1"));
        let certificate = folder.join("cert-signed");
        let mut openssl = in_the_past("openssl");
        openssl.args(["x509", "-req", "-days", "365", "-copy_extensions", "copy"]);
        openssl.arg("-in").arg(app1.join("cert-file")).arg("-out").arg(&certificate);
        openssl.arg("-CA").arg(ca.join("ca-cert")).arg("-CAkey").arg(ca.join("ca-key"));
        openssl.arg("-passin").arg(format!("file:{}", ca.join("ca-key.password").display()));
        Finished::of(&mut openssl).successfully();

        let name = format!("kafka.client.keystore.{}", format.extension());
        let keystore = folder.join(&name);
        fs::copy(app1.join(&name), &keystore).expect("cannot copy the keystore");
        match format {
            Format::Jks | Format::Pkcs12 => {
                let mut keytool = Jdk::usual().tool("keytool");
                keytool.args(["-importcert", "-noprompt", "-alias", "app1"]).arg("-keystore").arg(&keystore);
                keytool.arg("-storepass:file").arg(app1.join("password")).arg("-file").arg(&certificate);
                Finished::of(&mut keytool).successfully();
            }
            Format::Pem => {
                let (valid, expired) = (read(&app1.join("cert-signed")), read(&certificate));
                let pem = read(&keystore);
                assert!(pem.contains(&valid), "cert-signed is not in the keystore as it is");
                fs::write(&keystore, pem.replace(&valid, &expired)).expect("cannot write the keystore");
            }
        }

        let own = read(&self.client_properties());
        let location = format!("ssl.keystore.location={}", keystore.display());
        let lines = own.lines().filter(|line| !line.starts_with("ssl.keystore.location=")).chain([&*location]);
        write(folder.join("client.properties"), lines)
    }
}

fn init(mut binary: Command, folder: &Path, arguments: &[&str]) -> Finished {
    binary.args(["init", "--out"]).arg(folder).args(arguments);
    Finished::of(&mut binary)
}

/// A command for which it is 400 days ago: more than a node's certificate lives, and less than a CA's.
fn in_the_past(program: &str) -> Command {
    let mut command = Command::new("faketime");
    command.args(["-f", "-400d", program]);
    command
}

/// Whether this line of a properties file is about whom to trust.
fn is_trust(line: &str) -> bool {
    line.starts_with("ssl.truststore.")
}

/// Whether this line of a properties file is about the certificate to show.
fn is_key(line: &str) -> bool {
    line.starts_with("ssl.keystore.") || line.starts_with("ssl.key.")
}

fn read(file: &Path) -> String {
    fs::read_to_string(file).unwrap_or_else(|error| panic!("cannot read {}: {error}", file.display()))
}

fn write<'a>(file: PathBuf, lines: impl Iterator<Item = &'a str>) -> PathBuf {
    fs::write(&file, lines.collect::<Vec<_>>().join("\n")).expect("cannot write settings");
    file
}
