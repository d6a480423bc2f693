//! `export kubernetes` and `export tar`: what goes out, and what never does.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use kafka_certgen::keystore::{StoreContent, StoreFile};
use kafka_certgen::pki::{Certificate, read_certificates, read_private_key};
use kafka_certgen::secret::Password;
use zeroize::Zeroizing;

use super::*;

mod archive;
mod layouts;

/// A Secret as its manifest has it.
#[derive(Debug, Default, PartialEq)]
struct Manifest {
    name: String,
    namespace: Option<String>,
    kind: String,
    labels: BTreeMap<String, String>,
    annotations: BTreeMap<String, String>,
    data: BTreeMap<String, Vec<u8>>,
}

impl Manifest {
    /// Reads manifests, line by line as they are written; whether they are YAML, `tests/interop` asks those who know.
    fn all(text: &str) -> Vec<Self> {
        let documents = text.split("---\n").skip(1);
        documents.map(Self::read).collect()
    }

    fn read(text: &str) -> Self {
        let mut manifest = Self::default();
        let mut section = "";
        for line in text.lines() {
            let (key, value) = line.trim_start().split_once(':').unwrap();
            let value = value.trim().trim_matches('"').to_owned();
            match (line.len() - line.trim_start().len(), key) {
                (0, "type") => manifest.kind = value,
                (0, "apiVersion") => assert_eq!(value, "v1"),
                (0, "kind") => assert_eq!(value, "Secret"),
                (2, "name") => manifest.name = value,
                (2, "namespace") => manifest.namespace = Some(value),
                (2, key) if section == "data" => {
                    assert!(manifest.data.insert(key.to_owned(), STANDARD.decode(value).unwrap()).is_none(), "{line}");
                }
                (0 | 2, key) => section = key,
                (4, key) if section == "labels" => drop(manifest.labels.insert(key.to_owned(), value)),
                (4, key) if section == "annotations" => drop(manifest.annotations.insert(key.to_owned(), value)),
                _ => panic!("what is {line}?"),
            }
        }
        manifest
    }

    fn keys(&self) -> Vec<&str> {
        self.data.keys().map(String::as_str).collect()
    }

    #[track_caller]
    fn text(&self, key: &str) -> String {
        String::from_utf8(self.data[key].clone()).unwrap()
    }

    /// Opens a store with a password, and the key in it with the same.
    #[track_caller]
    fn opens(&self, key: &str, password: &str) -> Vec<u8> {
        let store = StoreFile::open(&self.data[key], &a_password(password)).unwrap();
        let entries = store.entries();
        let key = entries.iter().find(|entry| matches!(entry.content, StoreContent::PrivateKey { .. }));
        key.map(|entry| store.private_key(entry.alias, None).unwrap().to_vec()).unwrap_or_default()
    }
}

fn a_password(text: &str) -> Password {
    Password::new(Zeroizing::new(text.to_owned())).unwrap()
}

impl Sandbox {
    pub(super) fn export(&self, arguments: &[&str]) -> Run {
        self.run(&[&["export"], arguments].concat())
    }

    /// Returns the Secrets that go to the standard output.
    #[track_caller]
    fn secrets(&self, arguments: &[&str]) -> Vec<Manifest> {
        Manifest::all(&self.export(&[&["kubernetes"], arguments].concat()).success().stdout)
    }

    fn bytes(&self, path: &str) -> Vec<u8> {
        fs::read(self.path().join(path)).unwrap()
    }

    /// Returns the password of an identity's stores.
    fn store_password(&self, name: &str) -> String {
        self.read(&format!("kafka-certs/{name}/password")).trim_end().to_owned()
    }

    fn mode_of(&self, path: &str) -> u32 {
        fs::metadata(self.path().join(path)).unwrap().permissions().mode() & 0o7777
    }
}

/// What nobody finds in what is exported: the CA's key, its file and its password.
fn secrets_of_ca(sandbox: &Sandbox) -> Vec<Vec<u8>> {
    let password = sandbox.read("kafka-certs/ca/ca-key.password").trim_end().to_owned();
    let file = sandbox.bytes("kafka-certs/ca/ca-key");
    let key = read_private_key(&file, Some(&a_password(&password))).unwrap().key.to_pkcs8().unwrap();
    let line = String::from_utf8(file).unwrap().lines().nth(1).unwrap().to_owned();
    // The last bytes of PKCS#8 are of the public key.
    vec![password.into_bytes(), line.into_bytes(), key[..70].to_vec(), STANDARD.encode(&key[..69]).into_bytes()]
}

#[track_caller]
fn assert_without(bytes: &[u8], secrets: &[Vec<u8>]) {
    for secret in secrets {
        assert!(!bytes.windows(secret.len()).any(|window| window == secret.as_slice()), "a secret is in it");
    }
}

#[test]
fn lines_that_were_added_to_properties_travel_with_them() {
    let sandbox = Sandbox::new();
    sandbox.init(&["--cn", "broker1", "--client", "app1", "-q"]).success();
    let properties = sandbox.read("kafka-certs/app1/client.properties") + "client.id=mine\n";
    sandbox.write("kafka-certs/app1/client.properties", &properties);
    sandbox.export(&["tar", "--client", "app1", "--out", "app1.tar"]).success();
    assert!(String::from_utf8_lossy(&sandbox.bytes("app1.tar")).contains(&properties));
}

#[test]
fn a_bundle_that_is_not_as_it_was_made_is_not_exported() {
    let sandbox = Sandbox::new();
    sandbox.init(&["--cn", "broker1", "--client", "app1", "-q"]).success();
    let both: [&[&str]; 2] = [&["kubernetes"], &["tar"]];
    let keystore = "kafka-certs/app1/kafka.client.keystore.p12";
    let whole = sandbox.bytes(keystore);
    let cases: [(&str, &dyn Fn(), &str); 4] = [
        (
            "changed",
            &|| sandbox.write(keystore, [whole.as_slice(), b"x"].concat()),
            "`kafka-certs/app1/kafka.client.keystore.p12` is not as it was made",
        ),
        (
            "missing",
            &|| fs::remove_file(sandbox.path().join(keystore)).unwrap(),
            "`kafka-certs/app1/kafka.client.keystore.p12` was made and is not there any more",
        ),
        (
            "a link",
            &|| std::os::unix::fs::symlink("../ca/ca-key", sandbox.path().join(keystore)).unwrap(),
            "kafka-certs/app1/kafka.client.keystore.p12` is not a regular file",
        ),
        (
            "no record",
            &|| {
                fs::remove_file(sandbox.path().join(keystore)).unwrap();
                sandbox.write(keystore, &whole);
                fs::remove_file(sandbox.path().join("kafka-certs/app1/identity.json")).unwrap();
            },
            "the record `kafka-certs/app1/identity.json` is not there",
        ),
    ];
    for (what, change, says) in cases {
        change();
        for command in both {
            let run = sandbox.export(command).says(1, &[says, "hint:"]);
            assert_eq!(run.stdout, "", "{what}");
            assert_eq!(run.stderr.matches("error:").count(), 1, "{what}: {}", run.stderr);
            let place = if command[0] == "tar" { "x.tar" } else { "x" };
            sandbox.export(&[command, &["--out", place]].concat()).says(1, &[says]);
            assert!(!sandbox.path().join(place).exists(), "{what}");
            // The other identity is whole.
            sandbox.export(&[command, &["--broker", "broker1", "--dry-run", "-q"]].concat()).success();
        }
    }
    let leftovers: Vec<String> =
        sandbox.tree().into_iter().filter(|path| path.contains(".kafka-certgen-staging")).collect();
    assert_eq!(leftovers, [""; 0]);
}

#[test]
fn a_bundle_whose_last_run_was_killed_is_exported_as_it_is() {
    let sandbox = Sandbox::new();
    sandbox
        .write("cluster.yaml", "ca: {key_algorithm: ec-p256}\ndefaults: {key_algorithm: ec-p256}\nclients: [app1]\n");
    sandbox.run(&["apply", "-f", "cluster.yaml", "-q"]).success();
    let before = sandbox.bytes("kafka-certs/bundle.json");
    sandbox.run(&["apply", "-f", "cluster.yaml", "-q", "--rekey", "--only", "app1"]).success();
    let (now, new) = (sandbox.bytes("kafka-certs/bundle.json"), sandbox.read("kafka-certs/app1/cert-signed"));
    assert_ne!(before, now);
    // The folder was put in its place, and the inventory was not written any more.
    sandbox.write("kafka-certs/bundle.json", before);
    assert_eq!(sandbox.secrets(&[])[0].text("tls.crt"), new);
    sandbox.export(&["tar", "--out", "a.tar"]).success();
    let unpacked = archive::unpacked(&sandbox.bytes("a.tar"));
    assert_eq!(
        serde_json::from_slice::<serde_json::Value>(&unpacked["bundle.json"].contents).unwrap()["identities"],
        serde_json::from_slice::<serde_json::Value>(&now).unwrap()["identities"]
    );
}

#[test]
fn identities_are_chosen_by_their_names() {
    let sandbox = Sandbox::new();
    sandbox.init(&["--cn", "b[1-3]", "--client", "app1", "--format", "pem", "-q"]).success();
    let names = |arguments: &[&str]| -> Vec<String> {
        sandbox.secrets(arguments).into_iter().map(|secret| secret.name).collect()
    };
    assert_eq!(names(&[]), ["b1", "b2", "b3", "app1"]);
    assert_eq!(names(&["--client", "APP1", "--broker", "b3", "--broker", "b[2-3]"]), ["b2", "b3", "app1"]);
    for command in ["kubernetes", "tar"] {
        for (arguments, says) in [
            (["--broker", "b4"], ["there is no broker `b4` in kafka-certs", "did you mean `--broker b1`?"]),
            (["--broker", "b[3-4]"], ["there is no broker `b4` in kafka-certs", "did you mean `--broker b1`?"]),
            (["--broker", "zookeeper"], ["there is no broker `zookeeper` in kafka-certs", "there are: b1, b2, b3"]),
            (["--broker", "app1"], ["`app1` is a client", "use `--client app1`"]),
            (["--controller", "x"], ["there is no controller `x` in kafka-certs", "leave `--controller` out"]),
        ] {
            let run = sandbox.export(&[&[command], &arguments[..]].concat()).says(2, &says);
            assert_eq!(run.stdout, "");
        }
        sandbox.export(&[command, "nowhere"]).says(1, &["there is no bundle in `nowhere`", "kafka-certgen init"]);
    }
}

#[test]
fn facts_have_no_secrets_and_a_dry_run_writes_nothing() {
    let sandbox = Sandbox::new();
    sandbox.init(&["--cn", "broker1", "--client", "app1", "--format", "jks,pkcs12,pem", "-q"]).success();
    let before = sandbox.tree();
    let calls: [&[&str]; 4] = [
        &["kubernetes"],
        &["kubernetes", "--layout", "strimzi", "--cluster", "my", "--with-ca-key"],
        &["kubernetes", "--layout", "bitnami"],
        &["tar"],
    ];
    let mut secrets: Vec<Vec<u8>> = ["broker1", "app1"].map(|name| sandbox.store_password(name).into_bytes()).to_vec();
    secrets.extend(["broker1/kafka.server", "app1/kafka.client"].map(|files| {
        let pem = sandbox.read(&format!("kafka-certs/{files}.keystore.pem"));
        pem.lines().nth(1).unwrap().as_bytes().to_vec()
    }));
    secrets.extend(secrets_of_ca(&sandbox));
    for call in calls {
        let text = sandbox.export(&[call, &["--dry-run"]].concat()).says(0, &["would make", "nothing was written"]);
        let json = sandbox.export(&[call, &["--dry-run", "--json"]].concat()).success();
        assert!(json.document()["path"].is_null());
        for run in [&text, &json] {
            assert_without(run.stdout.as_bytes(), &secrets);
            assert_without(run.stderr.as_bytes(), &secrets);
        }
        assert_eq!(sandbox.tree(), before);
        let run = sandbox.export(&[call, &["--json"]].concat()).says(2, &["--json", "--dry-run"]);
        assert_eq!(run.stdout, "");
        let made = sandbox.export(&[call, &["--json", "--out", "made"]].concat()).success();
        assert_without(made.stdout.as_bytes(), &secrets);
        let (made, mut planned) = (made.document(), json.document());
        assert!(made["path"].as_str().unwrap().ends_with("/made"));
        for field in ["path", "next"] {
            planned[field] = made[field].clone();
        }
        assert_eq!(made, planned);
        let made = sandbox.path().join("made");
        if made.is_dir() { fs::remove_dir_all(made).unwrap() } else { fs::remove_file(made).unwrap() }
    }
}

#[test]
fn nothing_is_overwritten() {
    let sandbox = Sandbox::new();
    sandbox.init(&["--cn", "broker1", "-q"]).success();
    sandbox.write("x.tar", "mine");
    fs::create_dir(sandbox.path().join("x")).unwrap();
    sandbox.write("x/mine", "mine");
    // A dry run says what would come of it.
    for more in [&[][..], &["--dry-run"]] {
        let says = |call: &[&str], texts: &[&str]| drop(sandbox.export(&[call, more].concat()).says(1, texts));
        says(&["tar", "--out", "x.tar"], &["exists, and nothing is ever overwritten"]);
        says(&["kubernetes", "--out", "x"], &["holds something, and nothing is ever overwritten"]);
        says(&["kubernetes", "--out", "no/x"], &["the folder `no` does not exist", "mkdir -p no"]);
    }
    assert_eq!((sandbox.read("x.tar"), sandbox.read("x/mine")), ("mine".to_owned(), "mine".to_owned()));
}

#[test]
fn a_bundle_of_the_script_is_exported_too() {
    let sandbox = Sandbox::new();
    sandbox.init(&["--cn", "broker1", "--layout", "script", "-q"]).success();
    let secrets = sandbox.secrets(&[]);
    assert_eq!(secrets[0].keys(), ["ca.crt", "keystore.jks", "tls.crt", "tls.key", "truststore.jks"]);
    assert_eq!(secrets[0].data["keystore.jks"], sandbox.bytes("kafka-certs/kafka.server.keystore.jks"));
    let archive = archive::unpacked(&sandbox.export_bytes(&["tar"]));
    let names: Vec<&str> = archive.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "bundle.json",
            "ca-cert",
            "cert-file",
            "cert-signed",
            "client.properties",
            "kafka.server.keystore.jks",
            "kafka.server.truststore.jks",
            "password",
            "server.properties"
        ]
    );
    // Without digests a store is opened before it is taken for what it was.
    sandbox.write("kafka-certs/kafka.server.truststore.jks", "damaged");
    let secrets = sandbox.secrets(&[]);
    assert_eq!(secrets[0].opens("truststore.jks", &secrets[1].text("password")), [0; 0]);
    // What is named twice would be unpacked twice.
    let inventory = sandbox.read("kafka-certs/bundle.json");
    sandbox.write("kafka-certs/bundle.json", inventory.replace("\"cert-file\"", "\"password\""));
    sandbox.refused(&["export", "tar"], 1, &["`password`", "names it twice"]);
    sandbox.write("kafka-certs/bundle.json", &inventory);
    // `apply` refuses this layout, and no hint names it.
    fs::remove_file(sandbox.path().join("kafka-certs/password")).unwrap();
    for command in ["tar", "kubernetes"] {
        let run = sandbox.export(&[command]);
        assert!(run.status == 1 && run.stderr.contains("init --cn broker1 --layout script"), "{}", run.stderr);
    }
}
