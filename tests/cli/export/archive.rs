//! Archives.

use std::io::Read;

use super::*;

/// A file of an archive.
#[derive(Debug, PartialEq)]
pub(super) struct Member {
    pub(super) mode: u32,
    pub(super) contents: Vec<u8>,
}

/// Returns the files of an archive.
pub(super) fn unpacked(bytes: &[u8]) -> BTreeMap<String, Member> {
    let mut files = BTreeMap::new();
    for entry in tar::Archive::new(bytes).entries().unwrap() {
        let mut entry = entry.unwrap();
        let header = entry.header();
        assert_eq!((header.uid().unwrap(), header.gid().unwrap()), (0, 0));
        assert_eq!((header.username().unwrap(), header.groupname().unwrap()), (Some("root"), Some("root")));
        let (mode, is_folder) = (header.mode().unwrap(), header.entry_type().is_dir());
        let path = entry.path().unwrap().to_str().unwrap().to_owned();
        let mut contents = Vec::new();
        entry.read_to_end(&mut contents).unwrap();
        if is_folder {
            assert_eq!((mode, path.ends_with('/')), (0o700, true), "{path}");
        } else {
            assert!(files.insert(path, Member { mode, contents }).is_none());
        }
    }
    files
}

impl Sandbox {
    /// Returns what goes to the standard output.
    #[track_caller]
    pub(super) fn export_bytes(&self, arguments: &[&str]) -> Vec<u8> {
        let output = self.command(&[&["export"], arguments].concat()).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    }
}

#[test]
fn one_identity_lies_flat_with_the_ca_beside_it() {
    let sandbox = Sandbox::new();
    let formats = ["--format", "jks,pkcs12,pem", "--deploy-dir", "/etc/kafka/ssl"];
    sandbox.init(&[&["--cn", "broker1", "--client", "app1", "-q"], &formats[..]].concat()).success();
    for (flag, name) in [("--broker", "broker1"), ("--client", "app1")] {
        let run = sandbox.export(&["tar", flag, name, "--out", &format!("{name}.tar")]).success();
        assert!(run.stdout.contains(&format!("tar xf {name}.tar -C /etc/kafka/ssl")), "{}", run.stdout);
        assert_eq!((run.stderr.as_str(), sandbox.mode_of(&format!("{name}.tar"))), ("", 0o600));
        let files = unpacked(&sandbox.bytes(&format!("{name}.tar")));
        let mut expected = tree(&sandbox.path().join("kafka-certs").join(name));
        expected.retain(|file| file != "identity.json");
        expected.push("ca-cert".to_owned());
        expected.sort();
        assert_eq!(files.keys().cloned().collect::<Vec<_>>(), expected);
        for (file, member) in &files {
            let path = match file.as_str() {
                "ca-cert" => "kafka-certs/ca/ca-cert".to_owned(),
                file => format!("kafka-certs/{name}/{file}"),
            };
            assert_eq!(member.contents, sandbox.bytes(&path), "{file}");
            assert_eq!(member.mode, sandbox.mode_of(&path), "{file}");
        }
    }
}

#[test]
fn a_whole_bundle_is_one_that_can_be_looked_into() {
    let sandbox = Sandbox::new();
    sandbox.init(&["--cn", "broker[1-2]", "--client", "app1", "-q"]).success();
    sandbox.write("kafka-certs/app1/notes.txt", "mine");
    fs::create_dir(sandbox.path().join("kafka-certs/retired")).unwrap();
    sandbox.write("kafka-certs/retired/old", "a key of yesterday");
    let bytes = sandbox.export_bytes(&["tar"]);
    assert_without(&bytes, &secrets_of_ca(&sandbox));
    let files = unpacked(&bytes);
    let mut expected: Vec<String> = tree(&sandbox.path().join("kafka-certs"));
    expected.retain(|file| {
        !sandbox.path().join("kafka-certs").join(file).is_dir()
            && !["ca/ca-key", "ca/ca-key.password", "retired/old", "app1/notes.txt"].contains(&file.as_str())
    });
    assert_eq!(files.keys().cloned().collect::<Vec<_>>(), expected);
    for (file, member) in files.iter().filter(|(file, _)| *file != "bundle.json") {
        let path = format!("kafka-certs/{file}");
        assert_eq!((&member.contents, member.mode), (&sandbox.bytes(&path), sandbox.mode_of(&path)), "{file}");
    }

    tar::Archive::new(bytes.as_slice()).unpack(sandbox.path().join("there")).unwrap();
    sandbox.run(&["verify", "there"]).says(0, &["nothing found", "the CA's key is kept elsewhere"]);
    assert_eq!(sandbox.export_bytes(&["tar", "there"]), bytes, "what comes out goes in");
    assert_eq!(sandbox.export_bytes(&["kubernetes", "there"]), sandbox.export_bytes(&["kubernetes"]));
}

#[test]
fn several_identities_are_a_bundle_of_these() {
    let sandbox = Sandbox::new();
    sandbox.init(&["--cn", "broker[1-3]", "--client", "app1", "-q"]).success();
    let bytes = sandbox.export_bytes(&["tar", "--broker", "broker[1-2]"]);
    tar::Archive::new(bytes.as_slice()).unpack(sandbox.path().join("there")).unwrap();
    let found: Vec<String> =
        tree(&sandbox.path().join("there")).into_iter().filter(|path| !path.contains('/')).collect();
    assert_eq!(found, ["broker1", "broker2", "bundle.json", "ca"]);
    let inventory: serde_json::Value = serde_json::from_str(&sandbox.read("there/bundle.json")).unwrap();
    assert_eq!(inventory["identities"].as_array().unwrap().len(), 2);
    assert!(inventory["ca"].get("key_file").is_none() && inventory["ca"].get("password_file").is_none());
    sandbox.run(&["verify", "there"]).says(0, &["nothing found"]);
}

#[test]
fn the_same_bundle_gives_the_same_bytes() {
    let sandbox = Sandbox::new();
    sandbox.init(&["--cn", "broker[1-2]", "--client", "app1", "-q"]).success();
    let calls: [&[&str]; 3] = [&[], &["--client", "app1"], &["--broker", "broker[1-2]"]];
    let exported = |folder: &str| calls.map(|call| sandbox.export_bytes(&[&["tar", folder], call].concat()));
    let before = exported("kafka-certs");
    // Another place, other dates, other modes, another umask's folders.
    let status = Command::new("cp").args(["-r", "kafka-certs", "copy"]).current_dir(sandbox.path()).status().unwrap();
    assert!(status.success());
    for path in tree(&sandbox.path().join("copy")) {
        let path = sandbox.path().join("copy").join(path);
        let mode = if path.is_dir() { 0o755 } else { 0o640 };
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }
    assert!(exported("copy") == before, "they are not the same");
    sandbox.export(&["tar", "--out", "a.tar", "-q"]).success();
    assert!(sandbox.bytes("a.tar") == before[0], "a file is what the standard output is");
}

#[test]
fn no_inventory_and_no_record_gets_the_cas_key_out() {
    let sandbox = Sandbox::new();
    sandbox.init(&["--cn", "broker1", "-q"]).success();
    let (inventory, record) =
        (sandbox.read("kafka-certs/bundle.json"), sandbox.read("kafka-certs/broker1/identity.json"));
    let certificate = sandbox.read("kafka-certs/ca/ca-cert");
    let secrets = secrets_of_ca(&sandbox);
    let refused = |says: &str| {
        for command in ["tar", "kubernetes"] {
            let run = sandbox.export(&[command]);
            if command == "tar" || !says.contains("none that an identity has") {
                assert!(run.status == 1 && run.stderr.contains(says), "{command}: {}{}", run.status, run.stderr);
            }
            assert_without(run.stdout.as_bytes(), &secrets);
        }
    };
    sandbox.write("kafka-certs/bundle.json", inventory.replace("\"ca/ca-cert\"", "\"ca/ca-key\""));
    refused("`kafka-certs/ca/ca-key` does not hold the certificate of the bundle's CA");
    sandbox.write("kafka-certs/bundle.json", &inventory);

    // A key in the file of the certificate stays there.
    let key = sandbox.read("kafka-certs/ca/ca-key");
    sandbox.write("kafka-certs/ca/ca-cert", format!("{key}{certificate}"));
    for call in [&["tar"][..], &["tar", "--broker", "broker1"], &["kubernetes"]] {
        assert_without(&sandbox.export_bytes(call), &secrets);
    }
    let files = unpacked(&sandbox.export_bytes(&["tar"]));
    assert_eq!(files["ca/ca-cert"].contents, certificate.as_bytes());
    sandbox.write("kafka-certs/ca/ca-cert", &certificate);

    for (from, to) in [("broker1/cert-file", "broker1/ca-key"), ("broker1/cert-file", "ca/ca-key")] {
        sandbox.write("kafka-certs/broker1/ca-key", &key);
        sandbox
            .write("kafka-certs/broker1/identity.json", record.replace(&format!("\"{from}\""), &format!("\"{to}\"")));
        refused(if to.starts_with("ca/") { "it is the record of `broker1`" } else { "none that an identity has" });
    }
}
