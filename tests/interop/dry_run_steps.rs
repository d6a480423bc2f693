//! What the step commands' `--dry-run` prints is run by bash, step by step, and keytool and openssl judge what comes of it.

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use kafka_certgen::name::Alias;
use kafka_certgen::name::dn::DistinguishedName;
use kafka_certgen::script::{self, AuthorityReference, SecretReference, StoreReference};
use kafka_certgen::spec::{CaSpec, CertificateProfile, Days, KeyAlgorithm, KeySpec, StoreFormat};

use crate::support::bundle::scratch;
use crate::support::command::{Finished, command};
use crate::support::jdk::Jdk;

/// The seven steps for one identity, with the words that its files and passwords have.
struct Steps<'a> {
    folder: tempfile::TempDir,
    jdk: Jdk,
    format: StoreFormat,
    key_algorithm: KeyAlgorithm,
    ca_key_algorithm: KeyAlgorithm,
    digest: Option<&'a str>,
    keystore: &'a str,
    truststore: &'a str,
    ca_key: &'a str,
    ca_alias: &'a str,
    store_password: SecretReference,
    key_password: Option<SecretReference>,
    ca_password: SecretReference,
    environment: Vec<(&'a str, &'a str)>,
    /// Request, certificate and reply go through a pipe, and no file.
    piped: bool,
}

impl Default for Steps<'_> {
    fn default() -> Self {
        Self {
            folder: scratch(),
            jdk: Jdk::of_17(),
            format: StoreFormat::Pkcs12,
            key_algorithm: KeyAlgorithm::Rsa2048,
            ca_key_algorithm: KeyAlgorithm::EcP256,
            digest: Some("sha256"),
            keystore: "kafka.server.keystore.jks",
            truststore: "kafka.server.truststore.jks",
            ca_key: "ca-key",
            ca_alias: "CARoot",
            store_password: SecretReference::Made,
            key_password: None,
            ca_password: SecretReference::Made,
            environment: Vec::new(),
            piped: false,
        }
    }
}

impl Steps<'_> {
    fn path(&self, file: &str) -> std::path::PathBuf {
        self.folder.path().join(file)
    }

    fn spec(&self) -> KeySpec {
        KeySpec {
            alias: "broker1".parse().unwrap(),
            subject: DistinguishedName::parse("CN=broker1,OU=a,OU=It's Zürich,DC=example").unwrap(),
            alt_names: ["broker1", "*.kafka.example.com", "10.0.0.1", "2001:db8::1"]
                .map(|name| name.parse().unwrap())
                .into(),
            profile: CertificateProfile::BROKER,
            key_algorithm: self.key_algorithm,
            days: Days::new(90).unwrap(),
        }
    }

    fn store<'a>(&'a self, path: &'a str, exists: bool) -> StoreReference<'a> {
        StoreReference {
            path: Path::new(path),
            format: self.format,
            store_password: &self.store_password,
            key_password: self.key_password.as_ref(),
            exists,
        }
    }

    /// Returns a command that finds this JDK's keytool, and of the environment no more than the steps' own.
    fn command(&self, program: &str, arguments: &[&str]) -> Command {
        let keytool = self.jdk.keytool();
        let mut path = OsString::from(Path::new(keytool.get_program()).parent().unwrap());
        path.push(":");
        path.push(std::env::var_os("PATH").unwrap());
        let mut command = command(program, arguments);
        command.env_clear().env("PATH", path).current_dir(self.folder.path());
        // keytool is done before the optimizing compiler has paid for itself.
        command.env("JAVA_TOOL_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC");
        command.envs(self.environment.iter().copied());
        command
    }

    fn bash(&self, text: &str) -> Finished {
        Finished::of(&mut self.command("bash", &["-c", text])).successfully()
    }

    fn tool(&self, program: &str, arguments: &[&str]) -> String {
        Finished::of(self.command(program, arguments).env("LC_ALL", "C.UTF-8")).successfully().stdout
    }

    /// Takes all steps, and looks at what each of them has made.
    fn run(&self) {
        self.make_ca();
        let spec = self.spec();
        self.bash(&script::genkey(&spec, &self.store(self.keystore, false)));
        self.check_own_certificate();
        self.sign(&spec);
        let ca_alias: Alias = self.ca_alias.parse().unwrap();
        let ca_certificate = Some(Path::new("ca-cert"));
        self.bash(&script::import(&ca_alias, &self.store(self.keystore, true), ca_certificate, true));
        let reply = Path::new("-cert-signed");
        let import =
            script::import(&spec.alias, &self.store(self.keystore, true), (!self.piped).then_some(reply), false);
        self.bash(&if self.piped { format!("cat ./-cert-signed | {import}") } else { import });
        self.bash(&script::import(&ca_alias, &self.store(self.truststore, false), ca_certificate, true));
        self.check_stores();
    }

    fn make_ca(&self) {
        let spec = CaSpec { key_algorithm: self.ca_key_algorithm, ..CaSpec::default() };
        self.bash(&script::ca(&spec, Path::new(self.ca_key), Path::new("ca-cert"), &self.ca_password));
        assert_eq!(self.mode(self.ca_key), 0o600);
        assert_eq!(self.mode("ca-cert"), 0o644);
        let key = fs::read_to_string(self.path(self.ca_key)).unwrap();
        assert!(key.starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----"));
        self.tool("openssl", &["verify", "-x509_strict", "-CAfile", "ca-cert", "ca-cert"]);
    }

    /// Makes the request, and signs it.
    fn sign(&self, spec: &KeySpec) {
        let store = self.store(self.keystore, true);
        let authority = AuthorityReference {
            certificate: Path::new("ca-cert"),
            key: Path::new(self.ca_key),
            password: Some(&self.ca_password),
            digest: self.digest,
        };
        let [request, certificate] = ["cert-file", "-cert-signed"].map(|file| (!self.piped).then_some(Path::new(file)));
        let certreq = script::certreq(&spec.alias, &store, None, &spec.alt_names, request);
        let is_rsa = spec.key_algorithm.is_rsa();
        let request = script::RequestReference { path: request, is_der: false };
        let sign =
            script::sign(spec.profile, is_rsa, &spec.alt_names, spec.days.get(), &authority, request, certificate);
        if self.piped {
            self.bash(&format!("set -o pipefail\n{{\n{certreq}}} >cert-file\n{{\n{sign}}} <cert-file >./-cert-signed"));
        } else {
            self.bash(&certreq);
            self.bash(&sign);
        }
        let request = self.tool("openssl", &["req", "-in", "cert-file", "-noout", "-verify", "-text"]);
        self.tool("openssl", &["verify", "-x509_strict", "-CAfile", "ca-cert", "./-cert-signed"]);
        let certificate = self.tool("openssl", &["x509", "-in", "./-cert-signed", "-noout", "-text"]);
        let names = "DNS:broker1, DNS:*.kafka.example.com, IP Address:10.0.0.1, IP Address:2001:DB8:0:0:0:0:0:1\n";
        assert!(request.contains(names) && certificate.contains(names), "{request}\n{certificate}");
        self.check_extensions(&certificate);
        let keys = ["req", "x509"].map(|kind| {
            let file = if kind == "req" { "cert-file" } else { "./-cert-signed" };
            self.tool("openssl", &[kind, "-in", file, "-noout", "-pubkey"])
        });
        assert_eq!(keys[0], keys[1]);
        self.tool(
            "openssl",
            &["x509", "-in", "./-cert-signed", "-noout", "-checkend", &(90 * 86_400 - 3600).to_string()],
        );
    }

    fn check_own_certificate(&self) {
        let own = self.keytool(self.keystore, &["-exportcert", "-rfc", "-alias", "broker1"]);
        fs::write(self.path("own-certificate"), own).unwrap();
        let text = self.tool("openssl", &["x509", "-in", "own-certificate", "-noout", "-text"]);
        self.check_extensions(&text);
        if self.key_algorithm.is_rsa() {
            assert!(text.contains("Signature Algorithm: sha256WithRSAEncryption"), "{text}");
        }
        let subject = ["x509", "-in", "own-certificate", "-noout", "-subject", "-nameopt", "RFC2253,utf8,-esc_msb"];
        assert_eq!(self.tool("openssl", &subject).trim(), "subject=CN=broker1,OU=a,OU=It's Zürich,DC=example");
    }

    fn check_extensions(&self, text: &str) {
        let usages =
            if self.key_algorithm.is_rsa() { "Digital Signature, Key Encipherment" } else { "Digital Signature" };
        for (name, value) in [
            ("Basic Constraints: critical", "CA:FALSE"),
            ("Key Usage: critical", usages),
            ("Extended Key Usage:", "TLS Web Server Authentication, TLS Web Client Authentication"),
        ] {
            let mut lines = text.lines().skip_while(|line| !line.contains(&format!("X509v3 {name}"))).skip(1);
            assert_eq!(lines.next().map(str::trim), Some(value), "{text}");
        }
    }

    fn check_stores(&self) {
        let list = self.keytool(self.keystore, &["-list", "-v"]);
        assert_eq!(list.matches("Certificate chain length: 2").count(), 1, "{list}");
        assert_eq!(list.matches("Entry type: trustedCertEntry").count(), 1, "{list}");
        let trusted = self.keytool(self.truststore, &["-list", "-v"]);
        assert_eq!(trusted.matches("Entry type: trustedCertEntry").count(), 1, "{trusted}");
        assert!(trusted.contains(&format!("Alias name: {}\n", self.ca_alias.to_lowercase())), "{trusted}");
        let kind = if self.format == StoreFormat::Jks { "type: JKS" } else { "type: PKCS12" };
        for (store, list) in [(self.keystore, list), (self.truststore, trusted)] {
            assert!(list.contains(kind), "{list}");
            assert_eq!(self.mode(store), 0o600);
        }
    }

    /// Runs keytool on a store with the password of it.
    fn keytool(&self, store: &str, arguments: &[&str]) -> String {
        let made = format!("./{store}.password");
        let (option, value) = match &self.store_password {
            SecretReference::Made => ("-storepass:file", made.as_str()),
            SecretReference::File(path) => ("-storepass:file", path.to_str().unwrap()),
            SecretReference::Environment(name) => ("-storepass:env", name.as_str()),
            SecretReference::Asked => ("-storepass:env", "KAFKA_CERTGEN_STORE_PASSWORD"),
        };
        let store = format!("./{store}");
        self.tool("keytool", &[arguments, &["-keystore", &store, option, value]].concat())
    }

    fn mode(&self, file: &str) -> u32 {
        fs::metadata(self.path(file)).unwrap().permissions().mode() & 0o777
    }
}

#[test]
#[ignore = "needs keytool and OpenSSL"]
fn every_step_does_what_it_says_with_made_passwords() {
    for format in [StoreFormat::Pkcs12, StoreFormat::Jks] {
        let steps = Steps { format, ..Steps::default() };
        steps.run();
        for file in ["ca-key.password", "kafka.server.keystore.jks.password", "kafka.server.truststore.jks.password"] {
            assert_eq!(steps.mode(file), 0o600, "{file}");
        }
    }
}

#[test]
#[ignore = "needs keytool and OpenSSL"]
fn every_step_takes_names_and_passwords_as_they_are() {
    for (format, password) in
        [(StoreFormat::Pkcs12, "s \\ '\" $(touch pwned) x"), (StoreFormat::Jks, "päss 漢 $(touch pwned)")]
    {
        let steps = Steps {
            format,
            key_algorithm: KeyAlgorithm::EcP256,
            keystore: "-it's $(touch pwned) ö",
            truststore: "file:x",
            ca_key: "-CA:$key",
            ca_alias: "$(touch pwned) rööt",
            store_password: SecretReference::File("store pass".into()),
            key_password: Some(SecretReference::Environment("KEY SECRET".into())),
            ca_password: SecretReference::File("-ca pass".into()),
            environment: vec![("KEY SECRET", "kéy \\ 'x'")],
            ..Steps::default()
        };
        fs::write(steps.path("store pass"), format!("{password}\r\n")).unwrap();
        fs::write(steps.path("-ca pass"), "ca \\ '$(touch pwned)\r\n").unwrap();
        fs::write(steps.path("line"), "ca \\ '$(touch pwned)\n").unwrap();
        steps.run();
        steps.tool("openssl", &["pkey", "-in", "./-CA:$key", "-passin", "file:line", "-noout"]);
        assert!(!steps.path("pwned").exists());
        if format == StoreFormat::Jks {
            let own = ["-certreq", "-alias", "broker1", "-keypass:env", "KEY SECRET"];
            assert!(steps.keytool(steps.keystore, &own).contains("BEGIN NEW CERTIFICATE REQUEST"));
        }
    }
}

#[test]
#[ignore = "needs keytool and OpenSSL"]
fn every_step_works_with_a_newer_java_and_in_a_pipe() {
    for (format, ca_key_algorithm, digest) in
        [(StoreFormat::Pkcs12, KeyAlgorithm::Ed25519, None), (StoreFormat::Jks, KeyAlgorithm::Rsa3072, Some("sha256"))]
    {
        let key_password = (format == StoreFormat::Jks).then_some(SecretReference::Asked);
        let steps = Steps {
            jdk: Jdk::newer(),
            format,
            ca_key_algorithm,
            digest,
            store_password: SecretReference::Asked,
            key_password,
            ca_password: SecretReference::Asked,
            environment: vec![
                ("KAFKA_CERTGEN_STORE_PASSWORD", "store-secret"),
                ("KAFKA_CERTGEN_KEY_PASSWORD", "key-secret"),
                ("KAFKA_CERTGEN_CA_PASSWORD", "ca-secret"),
            ],
            piped: true,
            ..Steps::default()
        };
        steps.run();
    }
}
