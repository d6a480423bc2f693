//! What `export` writes, in other people's hands: Secrets before the schema of Kubernetes, their stores before keytool and OpenSSL, archives
//! before GNU tar.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::lint::{PYTHON, SOURCES};
use crate::support::bundle::{BINARY, Bundle, QUICK_KEYS, scratch};
use crate::support::command::{Finished, command};
use crate::support::jdk::Jdk;

/// Returns a bundle with everything that the layouts make something of.
fn bundle(folder: &Path, arguments: &[&str]) -> Bundle {
    let all = ["--cn", "broker[1-2].example.com", "--client", "app1", "--client", "Pay_Service"];
    Bundle::init(&folder.join("bundle"), &[&all, QUICK_KEYS.as_slice(), arguments].concat())
}

fn export(bundle: &Bundle, arguments: &[&str]) -> Finished {
    let mut export = command(BINARY, ["export", arguments[0], "--quiet"]);
    Finished::of(export.arg(&bundle.0).args(&arguments[1..])).successfully()
}

/// Lets Python judge files, and returns the folder of what they hold.
fn judged(folder: &Path, files: &[PathBuf]) -> PathBuf {
    let out = tempfile::tempdir_in(folder).unwrap().keep();
    let mut judge = command(PYTHON.as_path(), [format!("{SOURCES}/secrets.py")]);
    let said = Finished::of(judge.arg(&out).args(files)).successfully().stdout;
    assert_eq!(said.matches(": sound\n").count(), fs::read_dir(&out).unwrap().count());
    out
}

/// The stores of Secrets, each with the file of its password and the number of its keys.
#[derive(Default)]
struct Stores(Vec<(PathBuf, PathBuf, usize)>);

impl Stores {
    fn add(&mut self, store: PathBuf, password: &Path, keys: usize) {
        self.0.push((store, password.to_owned(), keys));
    }

    /// Opens all with Java, and each key with the password of its store.
    fn assert_opened(&self, jdk: &Jdk) {
        let question = |(store, password, _): &(PathBuf, PathBuf, usize)| {
            let kind = if store.extension().unwrap() == "jks" { "JKS" } else { "PKCS12" };
            let (store, password) = (store.display(), password.display());
            format!("{kind}\t{store}\t{password}\t{password}\n")
        };
        let questions = self.0.iter().map(question).collect();
        let answers = jdk.answers(&format!("{SOURCES}/OpenStores.java"), questions);
        for ((store, _, keys), answer) in self.0.iter().zip(answers) {
            assert_eq!(answer, format!("opened, {keys} keys, 1 certificates"), "{}", store.display());
        }
    }
}

/// Looks whether keytool lists a store.
fn list_with_keytool(store: &Path, password: &Path) {
    let mut list = Jdk::newer().keytool();
    list.arg("-list").arg("-keystore").arg(store).arg("-storepass:file").arg(password);
    Finished::of(&mut list).successfully().saying("PrivateKeyEntry");
}

/// Returns the private key in a PKCS#12 store or a PEM file, as OpenSSL reads it.
fn key_for_openssl(arguments: &[&str], file: &Path, password: Option<&Path>) -> String {
    let mut openssl = command("openssl", arguments);
    openssl.arg("-in").arg(file);
    if let Some(password) = password {
        openssl.arg("-passin").arg(format!("file:{}", password.display()));
    }
    let text = Finished::of(&mut openssl).successfully().stdout;
    let start = text.find("-----BEGIN PRIVATE KEY-----").unwrap();
    let end = text.find("-----END PRIVATE KEY-----").unwrap();
    text[start..end].to_owned()
}

fn verify(certificate: &Path, ca: &Path) {
    let mut verify = command("openssl", ["verify", "-x509_strict", "-CAfile"]);
    Finished::of(verify.arg(ca).arg(certificate)).successfully();
}

#[test]
#[ignore = "needs Python, pip, OpenSSL and keytool"]
fn secrets_are_kubernetes_and_their_stores_open() {
    let scratch = scratch();
    let folder = scratch.path();
    let mut stores = Stores::default();
    let cases: [&[&str]; 3] =
        [&["--format", "jks,pkcs12"], &["--format", "pem", "--pem-key", "pbes2"], &["--format", "pkcs12"]];
    for (number, formats) in cases.iter().enumerate() {
        let folder = folder.join(number.to_string());
        fs::create_dir(&folder).unwrap();
        let bundle = bundle(&folder, formats);
        cert_manager(&folder, &bundle, &mut stores);
        strimzi(&folder, &bundle, &mut stores);
        bitnami(&folder, &bundle, &mut stores);
    }
    assert_eq!(stores.0.len(), 66);
    stores.assert_opened(&Jdk::of_17());
    stores.assert_opened(&Jdk::newer());
}

fn cert_manager(folder: &Path, bundle: &Bundle, stores: &mut Stores) {
    let (out, printed) = (folder.join("cert-manager"), folder.join("printed.yaml"));
    let arguments = ["kubernetes", "--format", "jks,pkcs12", "--namespace", "kafka"];
    export(bundle, &[&arguments[..], &["--out", out.to_str().unwrap()]].concat());
    let files: Vec<PathBuf> = fs::read_dir(&out).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(files.len(), 8);
    let held = judged(folder, &files);
    fs::write(&printed, export(bundle, &arguments).stdout).unwrap();
    let same = judged(folder, &[printed]);
    for name in ["broker1.example.com", "broker2.example.com", "app1", "pay-service"] {
        let (secret, password) = (held.join(name), held.join(format!("{name}-password/password")));
        for store in ["keystore.jks", "keystore.p12"] {
            stores.add(secret.join(store), &password, 1);
            assert_eq!(fs::read(secret.join(store)).unwrap(), fs::read(same.join(name).join(store)).unwrap());
        }
        for store in ["truststore.jks", "truststore.p12"] {
            stores.add(secret.join(store), &password, 0);
        }
        let in_store =
            key_for_openssl(&["pkcs12", "-nodes", "-nocerts"], &secret.join("keystore.p12"), Some(&password));
        assert_eq!(in_store, key_for_openssl(&["pkey"], &secret.join("tls.key"), None));
        verify(&secret.join("tls.crt"), &secret.join("ca.crt"));
    }
}

fn strimzi(folder: &Path, bundle: &Bundle, stores: &mut Stores) {
    let file = folder.join("strimzi.yaml");
    let arguments = ["kubernetes", "--layout", "strimzi", "--cluster", "my-cluster", "--with-ca-key"];
    fs::write(&file, export(bundle, &arguments).stdout).unwrap();
    let held = judged(folder, &[file]);
    let ca = held.join("my-cluster-cluster-ca-cert");
    stores.add(ca.join("ca.p12"), &ca.join("ca.password"), 0);
    for name in ["app1", "pay-service"] {
        let user = held.join(name);
        stores.add(user.join("user.p12"), &user.join("user.password"), 1);
        let in_store = key_for_openssl(
            &["pkcs12", "-nodes", "-nocerts"],
            &user.join("user.p12"),
            Some(&user.join("user.password")),
        );
        assert_eq!(in_store, key_for_openssl(&["pkey"], &user.join("user.key"), None));
        verify(&user.join("user.crt"), &ca.join("ca.crt"));
    }
    verify(&held.join("broker1.example.com/tls.crt"), &ca.join("ca.crt"));
    // The operator signs with OpenSSL.
    let signed = folder.join("signed");
    let mut sign = command("openssl", ["x509", "-req", "-days", "30", "-CAcreateserial", "-in"]);
    sign.arg(bundle.path("app1/cert-file")).arg("-CA").arg(ca.join("ca.crt")).arg("-out").arg(&signed);
    Finished::of(sign.arg("-CAkey").arg(held.join("my-cluster-clients-ca/ca.key"))).successfully();
    verify(&signed, &ca.join("ca.crt"));
}

fn bitnami(folder: &Path, bundle: &Bundle, stores: &mut Stores) {
    for (format, count) in [("jks", 6), ("pem", 3)] {
        let file = folder.join(format!("bitnami-{format}.yaml"));
        fs::write(&file, export(bundle, &["kubernetes", "--layout", "bitnami", "--format", format]).stdout).unwrap();
        let held = judged(folder, &[file]);
        assert_eq!(fs::read_dir(&held).unwrap().count(), count);
        let (tls, passwords) = (held.join("kafka-tls"), held.join("kafka-tls-passwords"));
        for pod in ["kafka-controller-0", "kafka-controller-1"] {
            if format == "jks" {
                let password = passwords.join("keystore-password");
                stores.add(tls.join(format!("{pod}.keystore.jks")), &password, 1);
                list_with_keytool(&tls.join(format!("{pod}.keystore.jks")), &password);
            } else {
                verify(&tls.join(format!("{pod}.crt")), &tls.join("ca.crt"));
                key_for_openssl(&["pkey"], &tls.join(format!("{pod}.key")), None);
            }
        }
        if format == "jks" {
            let password = passwords.join("truststore-password");
            stores.add(tls.join("kafka.truststore.jks"), &password, 0);
        }
    }
}

#[test]
#[ignore = "needs Python and pip"]
fn the_judge_of_secrets_finds_what_is_wrong() {
    let scratch = scratch();
    let bundle = bundle(scratch.path(), &["--format", "pem"]);
    let sound = export(&bundle, &["kubernetes", "--client", "app1"]).stdout;
    let line = sound.lines().find(|line| line.starts_with("  ca.crt:")).unwrap();
    let cases = [
        (sound.clone(), None),
        (sound.replace("type:", "kinds:"), Some("kinds")),
        (sound.replace("name: \"app1\"", "name: \"App1\""), Some("App1")),
        (sound.replace("\"kafka-certgen\"", "1"), Some("1 is not of type 'string'")),
        (sound.replace(line, "  ca.crt: \"no base64\""), Some("Error")),
        (sound.replace(line, &format!("{line}\n{line}")), Some("twice the same key")),
        (sound.replace("tls.key:", "key:"), Some("AssertionError")),
    ];
    for (number, (text, fault)) in cases.into_iter().enumerate() {
        let file = scratch.path().join(format!("{number}.yaml"));
        fs::write(&file, text).unwrap();
        let mut judge = command(PYTHON.as_path(), [format!("{SOURCES}/secrets.py")]);
        let said = Finished::of(judge.arg(scratch.path().join(format!("held{number}"))).arg(file));
        match fault {
            None => drop(said.successfully().saying("app1: sound")),
            Some(fault) => drop(said.in_vain().saying(fault)),
        }
    }
}

#[test]
#[ignore = "needs GNU tar"]
fn gnu_tar_lists_and_unpacks_archives_with_their_modes() {
    let scratch = scratch();
    let folder = scratch.path();
    let bundle = bundle(folder, &["--format", "jks,pkcs12,pem"]);
    let archive = |name: &str, arguments: &[&str]| -> PathBuf {
        let file = folder.join(name);
        export(&bundle, &[&["tar"], arguments, &["--out", file.to_str().unwrap()]].concat());
        file
    };
    let (one, all) = (archive("one.tar", &["--broker", "broker1.example.com"]), archive("all.tar", &[]));
    let tar = |arguments: &[&str], file: &Path| {
        let mut tar = command("tar", arguments);
        let said = Finished::of(tar.arg(file)).successfully();
        assert_eq!(said.stderr, "");
        said.stdout
    };
    let listed = tar(&["--numeric-owner", "--utc", "-tvf"], &one);
    let lines: Vec<&str> = listed.lines().collect();
    assert_eq!(lines.len(), 12, "{listed}");
    for line in &lines {
        let is_public = ["ca-cert", "cert-file", "cert-signed", "client.properties", "truststore.pem"]
            .iter()
            .any(|name| line.ends_with(name));
        let mode = if is_public { "-rw-r--r-- 0/0 " } else { "-rw------- 0/0 " };
        assert!(line.starts_with(mode), "{line}");
    }

    // The folder that it is unpacked into stays as it is.
    let home = folder.join("ssl");
    fs::create_dir(&home).unwrap();
    fs::set_permissions(&home, fs::Permissions::from_mode(0o751)).unwrap();
    tar(&["-C", home.to_str().unwrap(), "-xpf"], &one);
    assert_eq!(mode(&home), 0o751);
    for file in ["kafka.server.keystore.p12", "kafka.server.truststore.jks", "password", "server.properties"] {
        assert_eq!(mode(&home.join(file)), 0o600, "{file}");
        assert_eq!(
            fs::read(home.join(file)).unwrap(),
            fs::read(bundle.path("broker1.example.com").join(file)).unwrap()
        );
    }
    assert_eq!(mode(&home.join("ca-cert")), 0o644);

    let home = folder.join("all");
    fs::create_dir(&home).unwrap();
    tar(&["-C", home.to_str().unwrap(), "-xpf"], &all);
    assert_eq!((mode(&home.join("app1")), mode(&home.join("ca/ca-cert"))), (0o700, 0o644));
    assert!(!home.join("ca/ca-key").exists());
    Finished::of(command(BINARY, ["verify"]).arg(&home)).successfully();
    let names = tar(&["-tf"], &all);
    let mut sorted: Vec<&str> = names.lines().map(|name| name.trim_end_matches('/')).collect();
    let written = sorted.clone();
    sorted.sort_unstable();
    assert_eq!(written, sorted);
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}
