//! The script that `init --dry-run` prints is run by bash, and its bundle is compared with the one that the same call makes.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use kafka_certgen::kafka::principal::principal;
use x509_parser::certificate::X509Certificate;
use x509_parser::pem::Pem;

use crate::support::bundle::{BINARY, QUICK_KEYS, scratch};
use crate::support::command::{Finished, command};

const SECONDS_A_DAY: i64 = 86_400;

/// How long a test may take between two certificates that are made "now".
const TOLERANCE: i64 = 600;

/// A call of `init`, with the environment of the call and of the script.
struct Call<'a> {
    arguments: &'a [&'a str],
    /// The arguments that say the algorithms.
    keys: &'a [&'a str],
    /// The name of the output folder.
    out: &'a str,
    environment: &'a [(&'a str, &'a str)],
    /// What only the script is given, in place of what it cannot read again.
    asked: &'a [(&'a str, &'a str)],
    /// How openssl takes the password of the CA's key, in the bundle's folder.
    ca_pass: &'a str,
    /// How openssl and keytool take a password of keys that is not the store's: after `-passin` and `-keypass`.
    key_pass: Option<[&'a str; 2]>,
}

impl Default for Call<'_> {
    fn default() -> Self {
        Self {
            arguments: &[],
            keys: &QUICK_KEYS,
            out: "kafka-certs",
            environment: &[],
            asked: &[],
            ca_pass: "file:ca/ca-key.password",
            key_pass: None,
        }
    }
}

/// A folder in which `ours/OUT` is the binary's bundle and `script/OUT` the script's.
struct Bundles<'a> {
    call: &'a Call<'a>,
    folder: tempfile::TempDir,
    script: String,
}

impl<'a> Bundles<'a> {
    fn make(call: &'a Call<'a>) -> Self {
        Self::make_with(call, &[])
    }

    /// Makes both, with files that lie beside them.
    fn make_with(call: &'a Call<'a>, files: &[(&str, &str)]) -> Self {
        let folder = scratch();
        for side in ["ours", "script"] {
            fs::create_dir(folder.path().join(side)).unwrap();
            for (name, contents) in files {
                fs::write(folder.path().join(side).join(name), contents).unwrap();
            }
        }
        let mut bundles = Self { call, folder, script: String::new() };
        bundles.init("ours", &[]);
        bundles.script = bundles.init("script", &["--dry-run"]);
        assert!(!bundles.root("script").exists(), "a dry run made something");
        bundles.run_script().successfully();
        bundles
    }

    fn init(&self, side: &str, more: &[&str]) -> String {
        let arguments = [&["init"], self.call.arguments, self.call.keys, &["--out", self.call.out], more].concat();
        Finished::of(&mut self.command(&self.folder.path().join(side), BINARY, &arguments)).successfully().stdout
    }

    fn run_script(&self) -> Finished {
        let file = self.folder.path().join("script.sh");
        fs::write(&file, &self.script).unwrap();
        let mut bash = self.command(&self.folder.path().join("script"), "bash", &[]);
        bash.envs(self.call.asked.iter().copied()).stdin(File::open(&file).unwrap());
        Finished::of(&mut bash)
    }

    /// Returns a command without any locale, which must not matter to the script.
    fn command(&self, folder: &Path, program: &str, arguments: &[&str]) -> Command {
        let mut command = command(program, arguments);
        command.env_clear().env("PATH", std::env::var_os("PATH").unwrap()).current_dir(folder);
        // keytool is done before the optimizing compiler has paid for itself.
        command.env("JAVA_TOOL_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC");
        command.envs(self.call.environment.iter().copied());
        command
    }

    fn root(&self, side: &str) -> PathBuf {
        self.folder.path().join(side).join(self.call.out)
    }

    fn tool(&self, folder: &Path, program: &str, arguments: &[&str]) -> String {
        let mut command = self.command(folder, program, arguments);
        Finished::of(command.env("LC_ALL", "C.UTF-8")).successfully().stdout
    }

    /// Checks that the script's bundle holds what ours holds.
    fn compare(&self) {
        let [ours, script] = ["ours", "script"].map(|side| modes(&self.root(side)));
        let expected: BTreeMap<_, _> =
            ours.into_iter().filter(|(path, _)| path != "bundle.json" && !path.ends_with("/identity.json")).collect();
        assert_eq!(script, expected);
        self.compare_certificates(&expected);
        self.compare_configuration(&expected);
        for path in expected.keys() {
            let name = Path::new(path).file_name().and_then(OsStr::to_str).unwrap();
            for side in ["ours", "script"] {
                let path = self.root(side).join(path);
                match Path::new(name).extension().and_then(OsStr::to_str) {
                    Some("jks" | "p12") => self.check_store(&path),
                    Some("pem") if name.contains(".keystore.") => self.check_pem_keystore(&path),
                    _ if name == "ca-key" => self.check_ca_key(side, &path),
                    _ => {}
                }
            }
        }
    }

    fn compare_certificates(&self, files: &BTreeMap<String, u32>) {
        let is_certificate = |path: &&String| path.ends_with("ca-cert") || path.ends_with("cert-signed");
        let ca = files.keys().find(|path| path.ends_with("ca-cert")).unwrap();
        let [ours_ca, script_ca] = ["ours", "script"].map(|side| Facts::read(&self.root(side).join(ca)));
        let leaves = files.keys().filter(|path| path.ends_with("cert-signed"));
        let ends: Vec<_> = leaves.map(|path| Facts::read(&self.root("ours").join(path)).not_after).collect();
        let has_last_day = ends.contains(&ours_ca.not_after);
        for path in files.keys().filter(is_certificate) {
            let facts = |side: &str| {
                let root = self.root(side);
                self.tool(&root, "openssl", &["verify", "-x509_strict", "-CAfile", ca, path]);
                (self.described(&root, path), Facts::read(&root.join(path)))
            };
            let ((ours, our_facts), (script, script_facts)) = (facts("ours"), facts("script"));
            assert_eq!(script, ours, "{path}");
            assert_eq!(script_facts.principal, our_facts.principal, "{path}");
            assert_eq!(script_facts.serial_length, 17, "{path}");
            // `openssl x509 -days` counts from now, so that the script's CA needs a day more than the last certificate.
            let days_more = i64::from(path == ca && has_last_day);
            let seconds_more = script_facts.not_after - our_facts.not_after - days_more * SECONDS_A_DAY;
            assert!(seconds_more.abs() < TOLERANCE, "{path}: {seconds_more}");
            assert!(
                our_facts.not_after <= ours_ca.not_after && script_facts.not_after <= script_ca.not_after,
                "{path}"
            );
        }
    }

    /// Returns what a certificate and its request say, apart from key, serial and time.
    fn described(&self, root: &Path, path: &str) -> String {
        let extensions = "subjectAltName,basicConstraints,keyUsage,extendedKeyUsage";
        let names = ["-subject", "-issuer", "-nameopt", "RFC2253"];
        let arguments = [&["x509", "-in", path, "-noout", "-ext", extensions], &names[..]].concat();
        let mut text = self.tool(root, "openssl", &arguments);
        let whole = self.tool(root, "openssl", &["x509", "-in", path, "-noout", "-text"]);
        let kinds = ["Version:", "Algorithm:", "Public-Key:", "X509v3", "NIST CURVE:"];
        text.extend(sorted_lines(&whole, |line| kinds.iter().any(|kind| line.contains(kind))));
        if let Some(request) = path.strip_suffix("cert-signed") {
            let request = format!("{request}cert-file");
            let arguments = ["req", "-in", &request, "-noout", "-verify", "-subject", "-nameopt", "RFC2253"];
            text.push_str(&self.tool(root, "openssl", &arguments));
            let whole = self.tool(root, "openssl", &["req", "-in", &request, "-noout", "-text"]);
            text.extend(sorted_lines(&whole, |line| line.contains("DNS:") || line.contains("IP Address:")));
        }
        text
    }

    fn compare_configuration(&self, files: &BTreeMap<String, u32>) {
        for path in files.keys().filter(|path| has_extension(path, "properties")) {
            let [ours, script] = ["ours", "script"].map(|side| self.configuration(side, path));
            assert_eq!(script, ours, "{path}");
            assert!(ours.contains("ssl.truststore.type="), "{path}");
        }
    }

    /// Returns a configuration, with words for what differs from one bundle to the next.
    fn configuration(&self, side: &str, path: &str) -> String {
        let path = self.root(side).join(path);
        let mut text = fs::read_to_string(&path).unwrap();
        if !self.call.arguments.contains(&"--storepass") {
            let password = fs::read_to_string(path.with_file_name("password")).unwrap();
            text = text.replace(password.trim_end(), "PASSWORD");
        }
        let folder = self.folder.path().join(side);
        text = text.replace(folder.to_str().unwrap(), "FOLDER");
        let ca = files_below(&self.root(side)).into_iter().find(|file| file.ends_with("ca-cert")).unwrap();
        text.replace(&fs::read_to_string(self.root(side).join(ca)).unwrap().replace('\n', "\\n"), "CA")
    }

    fn check_store(&self, path: &Path) {
        let (folder, file) = (path.parent().unwrap(), path.file_name().unwrap().to_str().unwrap());
        let list = self.tool(folder, "keytool", &["-list", "-v", "-keystore", file, "-storepass:file", "password"]);
        let count = |text: &str| list.matches(text).count();
        let is_keystore = file.contains(".keystore.");
        assert_eq!(count("Entry type: PrivateKeyEntry"), usize::from(is_keystore), "{}: {list}", path.display());
        assert_eq!(count("Certificate chain length: 2"), usize::from(is_keystore), "{}: {list}", path.display());
        assert_eq!(count("Entry type: trustedCertEntry"), 1, "{}: {list}", path.display());
        assert!(list.contains(if has_extension(file, "jks") { "type: JKS" } else { "type: PKCS12" }), "{list}");
        if !is_keystore {
            return;
        }
        // A new request is signed by the key, and so needs its password.
        let alias = alias_of_key(&list);
        let key_pass = match self.call.key_pass {
            Some([_, keytool]) if has_extension(file, "jks") => keytool.split_once(' ').unwrap(),
            _ => ("-storepass:file", "password"),
        };
        let store = ["-keystore", file, "-storepass:file", "password", "-alias", &alias, key_pass.0, key_pass.1];
        let request = self.folder.path().join("request");
        let request = request.to_str().unwrap();
        self.tool(folder, "keytool", &[&["-certreq", "-file", request], &store[..]].concat());
        let key = self.tool(folder, "openssl", &["req", "-in", request, "-noout", "-pubkey"]);
        assert_eq!(key, self.public_key(folder, "cert-signed"), "{}", path.display());
        if has_extension(file, "p12") {
            let arguments = ["pkcs12", "-in", file, "-passin", "file:password", "-nocerts", "-noenc"];
            assert!(self.tool(folder, "openssl", &arguments).contains("BEGIN PRIVATE KEY"));
        }
    }

    fn check_pem_keystore(&self, path: &Path) {
        let (folder, file) = (path.parent().unwrap(), path.file_name().unwrap().to_str().unwrap());
        let text = fs::read_to_string(path).unwrap();
        let labels: Vec<_> = text.lines().filter(|line| line.starts_with("-----BEGIN")).collect();
        let is_encrypted = self.call.arguments.contains(&"--pem-key");
        let key = if is_encrypted { "-----BEGIN ENCRYPTED PRIVATE KEY-----" } else { "-----BEGIN PRIVATE KEY-----" };
        assert_eq!(labels, [key, "-----BEGIN CERTIFICATE-----", "-----BEGIN CERTIFICATE-----"], "{}", path.display());
        let outside = text.lines().filter(|line| line.contains([' ', ':']) && !line.starts_with("-----")).count();
        assert_eq!(outside, 0, "{}", path.display());
        let pass = self.call.key_pass.map_or("file:password", |[openssl, _]| openssl);
        let public = self.tool(folder, "openssl", &["pkey", "-in", file, "-passin", pass, "-pubout"]);
        assert_eq!(public, self.public_key(folder, "cert-signed"), "{}", path.display());
        assert_eq!(self.public_key(folder, file), public, "the leaf comes first");
    }

    fn check_ca_key(&self, side: &str, path: &Path) {
        assert!(fs::read_to_string(path).unwrap().starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----"));
        let key = path.to_str().unwrap();
        let public =
            self.tool(&self.root(side), "openssl", &["pkey", "-in", key, "-passin", self.call.ca_pass, "-pubout"]);
        assert_eq!(public, self.public_key(path.parent().unwrap(), "ca-cert"), "{side}");
    }

    fn public_key(&self, folder: &Path, certificate: &str) -> String {
        self.tool(folder, "openssl", &["x509", "-in", certificate, "-noout", "-pubkey"])
    }
}

/// What openssl does not print in a form that can be compared.
struct Facts {
    principal: String,
    not_after: i64,
    serial_length: usize,
}

impl Facts {
    fn read(path: &Path) -> Self {
        let pem = fs::read(path).unwrap();
        let pem = Pem::iter_from_buffer(&pem).next().unwrap().unwrap();
        let certificate: X509Certificate<'_> = pem.parse_x509().unwrap();
        Self {
            principal: principal(certificate.subject().as_raw()).unwrap(),
            not_after: certificate.validity().not_after.timestamp(),
            serial_length: certificate.raw_serial().len(),
        }
    }
}

/// Returns the name of the entry in `keytool -list -v` that is a key.
fn alias_of_key(list: &str) -> String {
    let entry = list.split("Alias name: ").find(|entry| entry.contains("PrivateKeyEntry")).unwrap();
    entry.lines().next().unwrap().to_owned()
}

/// Returns lines without what stands before and after them, in an order that does not depend on the extensions'.
fn sorted_lines(text: &str, keep: impl Fn(&str) -> bool) -> Vec<String> {
    let mut lines: Vec<_> = text.lines().filter(|line| keep(line)).map(|line| format!("{}\n", line.trim())).collect();
    lines.sort();
    lines
}

fn has_extension(path: &str, extension: &str) -> bool {
    Path::new(path).extension().is_some_and(|its| its == extension)
}

fn files_below(folder: &Path) -> Vec<String> {
    modes(folder).into_keys().collect()
}

/// Returns every file and folder below `folder` with its mode.
fn modes(folder: &Path) -> BTreeMap<String, u32> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
            let metadata = fs::symlink_metadata(&path).unwrap();
            found.insert(name, metadata.permissions().mode() & 0o777);
            if metadata.is_dir() {
                folders.push(path);
            }
        }
    }
    found
}

#[test]
#[ignore = "needs keytool and OpenSSL"]
fn the_script_makes_what_a_plain_call_makes() {
    let call = Call { arguments: &["--cn", "broker1"], keys: &[], ..Call::default() };
    let bundles = Bundles::make(&call);
    bundles.compare();
    let steps = [
        "# generating CA",
        "# generating server keystore",
        "# generating server truststore and importing CA certificate in it",
        "# exporting server certificate from server keystore",
        "# signing server certificate with CA",
        "# importing CA certificate in server keystore",
        "# importing Signed server certificate in server keystore",
    ];
    let places = steps.map(|step| bundles.script.find(&format!("{step}\n")).unwrap());
    assert!(places.is_sorted(), "{}", bundles.script);

    let before = modes(&bundles.root("script"));
    bundles.run_script().in_vain();
    assert_eq!(modes(&bundles.root("script")), before);
}

#[test]
#[ignore = "needs keytool and OpenSSL"]
fn names_that_mean_something_to_a_shell_are_only_names() {
    let call = Call {
        arguments: &[
            "--cn=broker1.example.com",
            "--san=10.0.0.1",
            "--san=2001:db8::1",
            "--san=*.kafka.example.com",
            "--client=app1",
            "--client=pay_ments@x",
            "--format=jks,pkcs12,pem",
            "--ca-cn=It's $(touch pwned) the `id` \\ CA",
            "--ca-alias=$(touch pwned) rööt",
            "--dname",
            "OU=a\\, \\\"b\\\" $(touch pwned) `id` \\\\ 'q',OU=Zürich \\+ é+UID=u\\\\+STREET=\\#1 a/b,T=Boss,SURNAME=\\ s\\ ,\
             SERIALNUMBER=5,EMAILADDRESS=a@b,DC=example,DC=com,C=US",
        ],
        out: "o u't $(touch pwned) \\ ö;",
        ..Call::default()
    };
    let bundles = Bundles::make(&call);
    bundles.compare();
    let pwned: Vec<_> = files_below(bundles.folder.path()).into_iter().filter(|path| path.ends_with("pwned")).collect();
    assert_eq!(pwned, [""; 0]);
}

#[test]
#[ignore = "needs keytool and OpenSSL"]
fn the_scripts_layout_has_the_scripts_names() {
    let call = Call {
        arguments: &["--cn=broker1", "--layout=script", "--alias=it's $x"],
        ca_pass: "file:ca-key.password",
        ..Call::default()
    };
    let bundles = Bundles::make(&call);
    bundles.compare();
    let files = files_below(&bundles.root("script"));
    for file in
        ["ca-key", "ca-cert", "kafka.server.keystore.jks", "kafka.server.truststore.jks", "cert-file", "cert-signed"]
    {
        assert!(files.iter().any(|name| name == file), "{file}");
    }
}

#[test]
#[ignore = "needs keytool and OpenSSL"]
fn every_key_algorithm_can_be_said() {
    for [key, ca_key] in [
        ["ed25519", "ed25519"],
        ["ec-p384", "ec-p521"],
        ["ec-p521", "ec-p384"],
        ["rsa-3072", "rsa-2048"],
        ["rsa-4096", "rsa-4096"],
    ] {
        let call = Call {
            arguments: &["--cn=broker1", "--client-auth=requested", "--format=jks,pkcs12"],
            keys: &["--key-alg", key, "--ca-key-alg", ca_key],
            ..Call::default()
        };
        Bundles::make(&call).compare();
    }
}

#[test]
#[ignore = "needs keytool and OpenSSL"]
fn pem_keys_are_encrypted_if_asked() {
    for how in ["pbes2", "pbes1-3des"] {
        let call =
            Call { arguments: &["--cn=broker1", "--client=app1", "--format=pem", "--pem-key", how], ..Call::default() };
        Bundles::make(&call).compare();
    }
    let plain = Call { arguments: &["--cn=broker1", "--format=pem"], ..Call::default() };
    Bundles::make(&plain).compare();
}

#[test]
#[ignore = "needs keytool and OpenSSL"]
fn given_passwords_are_taken_from_where_they_were_given() {
    let store = "s \\ ' \" $(touch pwned) `id` !#:= end";
    let call = Call {
        arguments: &["--cn=broker1", "--client=app1", "--storepass", "file:store", "--ca-pass", "env:CA SECRET"],
        environment: &[("CA SECRET", "ca \\ '$(touch pwned)")],
        ca_pass: "env:CA SECRET",
        ..Call::default()
    };
    let bundles = Bundles::make_with(&call, &[("store", &format!("{store}\r\n"))]);
    bundles.compare();
    assert!(!bundles.script.contains(store) && !bundles.script.contains("ca \\ '$"));
    assert!(!bundles.folder.path().join("script/pwned").exists());
    let password = fs::read_to_string(bundles.root("script").join("broker1/password")).unwrap();
    assert_eq!(password, format!("{store}\n"));
}

#[test]
#[ignore = "needs keytool and OpenSSL"]
fn a_key_password_of_its_own_reaches_jks_and_pem() {
    let arguments = &["--cn=broker1", "--client=app1", "--validity=3650", "--keypass=env:KEYPASS"];
    let key_pass = Some(["env:KEYPASS", "-keypass:env KEYPASS"]);
    let environment = &[("KEYPASS", "käy 漢😀 \\ $(id) x")];
    let jks =
        Call { arguments: &[&arguments[..], &["--format=jks"]].concat(), environment, key_pass, ..Call::default() };
    Bundles::make(&jks).compare();

    let environment = &[("KEYPASS", "key \\ $(id) x")];
    let both = [&arguments[..], &["--format=jks,pem", "--pem-key", "pbes2"]].concat();
    Bundles::make(&Call { arguments: &both, environment, key_pass, ..Call::default() }).compare();
    let pem = [&arguments[..], &["--format=pem", "--pem-key", "pbes1-3des"]].concat();
    Bundles::make(&Call { arguments: &pem, environment, key_pass, ..Call::default() }).compare();
}

#[test]
#[ignore = "needs keytool and OpenSSL"]
fn what_cannot_be_read_again_is_expected_in_the_environment() {
    let mut call = Call {
        arguments: &[
            "--cn=broker1",
            "--format=pkcs12",
            "--storepass",
            "pass:store-secret",
            "--ca-pass",
            "pass:ca-secret",
        ],
        environment: &[("CA", "ca-secret")],
        asked: &[("KAFKA_CERTGEN_STORE_PASSWORD", "store-secret"), ("KAFKA_CERTGEN_CA_PASSWORD", "ca-secret")],
        ca_pass: "env:CA",
        ..Call::default()
    };
    let bundles = Bundles::make(&call);
    bundles.compare();
    assert!(!bundles.script.contains("store-secret") && !bundles.script.contains("ca-secret"));

    let script = bundles.script.clone();
    call.asked = &[("KAFKA_CERTGEN_STORE_PASSWORD", "store-secret")];
    let folder = scratch();
    fs::create_dir(folder.path().join("script")).unwrap();
    Bundles { call: &call, folder, script }.run_script().in_vain().saying("KAFKA_CERTGEN_CA_PASSWORD");
}

#[test]
#[ignore = "needs keytool and OpenSSL"]
fn the_configuration_names_the_folder_of_deployment() {
    let call = Call { arguments: &["--cn=broker1", "--deploy-dir", "/etc/käfka $(id)\\x"], ..Call::default() };
    let bundles = Bundles::make(&call);
    bundles.compare();
    let text = bundles.configuration("script", "broker1/server.properties");
    assert!(text.contains("\nssl.keystore.location=/etc/k\\u00E4fka $(id)\\\\x/kafka.server.keystore.p12\n"), "{text}");
}
