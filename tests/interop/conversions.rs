//! Stores of others in another format, by `export`, in the hands of Java, keytool, OpenSSL, Node and Python.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::foreign_stores::{Authority, Foreign, Listing, PASSWORD, listings};
use crate::lint::PYTHON;
use crate::support::bundle::{BINARY, Bundle, QUICK_KEYS, scratch};
use crate::support::command::{Finished, command};
use crate::support::jdk::Jdk;
use crate::support::threads;

const HANDSHAKES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/interop/PairedHandshakes.java");

/// A format with what else is said of it.
const TARGETS: [(&str, &[&str]); 3] =
    [("JKS", &["jks"]), ("PKCS12", &["pkcs12"]), ("PKCS12", &["pkcs12", "--profile", "legacy"])];

/// A store that was written.
struct Converted<'s> {
    source: &'s Foreign,
    store: Foreign,
    is_legacy: bool,
}

/// Returns a call of `export` on a store under [`PASSWORD`].
fn export(file: &Path, format: &[&str], out: &Path) -> std::process::Command {
    let mut export = command(BINARY, ["export", "--storepass", &format!("pass:{PASSWORD}"), "--keystore"]);
    export.arg(file).arg("--format").args(format).arg("--out").arg(out);
    export
}

fn convert(source: &Foreign, at: usize) -> Converted<'_> {
    let (format, flags) = TARGETS[at];
    let out = source.file.with_extension(format!("out{at}"));
    let mut export = export(&source.file, flags, &out);
    if source.name.contains("PKCS12") {
        // All but the secret key, which is not converted.
        export.args(["--alias", "broker1", "--alias", "caroot", "--alias", "client"]);
    }
    Finished::of(&mut export).successfully();
    let store = Foreign { name: format!("{} to {flags:?}", source.name), file: out, format, is_legacy: false };
    Converted { source, store, is_legacy: at == 2 }
}

#[test]
#[ignore = "needs keytool, a second JDK and OpenSSL"]
fn stores_of_others_are_in_every_format_what_they_were() {
    let folder = scratch();
    let authority = Authority(folder.path());
    authority.make();
    let jdks = [("17", Jdk::of_17()), ("newer", Jdk::newer())];
    let kinds: [(&'static str, &[&str]); 3] =
        [("PKCS12", &[]), ("PKCS12", &["-J-Dkeystore.pkcs12.legacy"]), ("JKS", &[])];
    let calls: Vec<_> = jdks.iter().flat_map(|jdk| kinds.iter().map(move |kind| (jdk, kind))).collect();
    let mut sources = threads::map(&calls, |((release, jdk), (format, options))| {
        authority.store_of_keytool(jdk, release, format, options)
    });
    sources.extend(authority.stores_of_openssl());
    let calls: Vec<(&Foreign, usize)> =
        sources.iter().flat_map(|source| (0..TARGETS.len()).map(move |at| (source, at))).collect();
    let converted = threads::map(&calls, |(source, at)| convert(source, *at));
    assert!(converted.len() >= 45);

    for (release, jdk) in &jdks {
        let list = |stores: Vec<&Foreign>| {
            let stores: Vec<Foreign> = stores.into_iter().map(copy).collect();
            let files: Vec<PathBuf> = stores.iter().map(|store| store.file.clone()).collect();
            listings(jdk, &stores, &files)
        };
        let before = list(converted.iter().map(|converted| converted.source).collect());
        let after = list(converted.iter().map(|converted| &converted.store).collect());
        // Java does not see in every store of OpenSSL what is in it, and in all of them is the same.
        let modern = sources.iter().position(|source| source.name == "openssl modern").unwrap();
        let modern = before[modern * TARGETS.len()].clone();
        for ((converted, before), after) in converted.iter().zip(before).zip(after) {
            let expected = if converted.source.name.starts_with("openssl") { &modern } else { &before };
            check(converted, expected, &after, release);
        }
    }
    let numbered: Vec<(usize, &Converted<'_>)> = converted.iter().enumerate().collect();
    threads::map(&numbered, |(at, converted)| {
        // Both have listed each; either takes half of them further.
        keytool_takes_it(&jdks[at % jdks.len()].1, converted);
        openssl_takes_it(converted);
    });
}

fn copy(store: &Foreign) -> Foreign {
    let Foreign { name, file, format, is_legacy } = store;
    Foreign { name: name.clone(), file: file.clone(), format, is_legacy: *is_legacy }
}

/// Compares what Java finds in a store and in what has become of it.
fn check(converted: &Converted<'_>, before: &Listing, after: &Listing, release: &str) {
    let Converted { source, store, .. } = converted;
    let name = format!("{} in Java {release}\n{before:#?}\n{after:#?}", store.name);
    if source.name == "openssl nokeys" {
        // Java sees nothing in the old one.
        assert!(after.len() == 1 && after.values().all(|fields| fields[0] == "trusted"), "{name}");
        return;
    }
    let is_kept = |fields: &&Vec<String>| !fields[0].starts_with("RAW");
    assert_eq!(after.len(), before.values().filter(is_kept).count(), "{name}");
    // Without a name Java counts, and one that is counted is a name as good as any other.
    let has_name = source.name != "openssl noname";
    for (alias, fields) in before.iter().filter(|(_, fields)| is_kept(fields)) {
        let found = if has_name { &after[alias] } else { after.values().next().unwrap() };
        let [kind, date, key, certificates] = fields.as_slice() else { panic!("{name}") };
        assert_eq!((&found[0], &found[3]), (kind, certificates), "{alias}: {name}");
        assert_eq!(&found[2], key, "{alias}: {name}");
        let keeps_date = store.format == "JKS" || kind != "trusted";
        if date != "-" && keeps_date {
            assert_eq!(&found[1], date, "{alias}: {name}");
        }
    }
}

/// keytool lists it, and takes all of it into a store of its own.
fn keytool_takes_it(jdk: &Jdk, converted: &Converted<'_>) {
    let Converted { store, .. } = converted;
    let listed = |file: &Path, format: &str| {
        let mut keytool = jdk.keytool();
        keytool.args(["-list", "-v", "-storepass", PASSWORD, "-storetype", format, "-keystore"]).arg(file);
        Finished::of(&mut keytool).successfully().stdout
    };
    let lines = |listing: &str| {
        let starts = ["Alias name: ", "Entry type: ", "Certificate chain length: ", "\t SHA256: "];
        let mut lines: Vec<String> = listing
            .lines()
            .filter(|line| starts.iter().any(|start| line.starts_with(start)))
            .map(str::to_owned)
            .collect();
        lines.sort();
        lines
    };
    let release = jdk.programs().display().to_string().replace('/', "");
    let imported = store.file.with_extension(format!("{release}{}", store.file.extension().unwrap().display()));
    let mut keytool = jdk.keytool();
    keytool.args(["-importkeystore", "-noprompt", "-deststoretype", "PKCS12", "-srcstoretype", store.format]);
    keytool.args(["-srcstorepass", PASSWORD, "-deststorepass", PASSWORD, "-srckeystore"]).arg(&store.file);
    Finished::of(keytool.arg("-destkeystore").arg(&imported)).successfully();
    let (before, after) = (listed(&store.file, store.format), listed(&imported, "PKCS12"));
    assert!(!lines(&before).is_empty(), "{}\n{before}", store.name);
    assert_eq!(lines(&before), lines(&after), "{}", store.name);
}

/// OpenSSL 3 reads either profile without its legacy provider, and finds what belongs to it.
fn openssl_takes_it(converted: &Converted<'_>) {
    let Converted { store, is_legacy, .. } = converted;
    if store.format != "PKCS12" {
        return;
    }
    let mut info = command("openssl", ["pkcs12", "-info", "-noenc", "-passin", &format!("pass:{PASSWORD}"), "-in"]);
    let info = Finished::of(info.arg(&store.file)).successfully();
    let algorithms: Vec<&str> = info
        .stderr
        .lines()
        .filter_map(|line| {
            ["MAC: ", "PKCS7 Encrypted data: ", "Shrouded Keybag: "].iter().find_map(|start| line.strip_prefix(start))
        })
        .collect();
    assert!(algorithms.len() >= 2, "{info}");
    let expected: &[&str] = if *is_legacy {
        &["sha1, Iteration 10000", "pbeWithSHA1And3-KeyTripleDES-CBC, Iteration 10000"]
    } else {
        &["sha256, Iteration 10000", "PBES2, PBKDF2, AES-256-CBC, Iteration 10000, PRF hmacWithSHA256"]
    };
    assert!(algorithms.iter().all(|algorithm| expected.contains(algorithm)), "{algorithms:?}");
}

/// A bundle whose stores are all converted.
struct Workshop {
    folder: tempfile::TempDir,
    bundle: Bundle,
}

impl Workshop {
    fn new() -> Self {
        let folder = scratch();
        let password = format!("pass:{PASSWORD}");
        let names = ["--cn", "broker1", "--client", "app1", "--storepass", &password];
        let bundle = Bundle::init(&folder.path().join("bundle"), &[&names, QUICK_KEYS.as_slice()].concat());
        Self { folder, bundle }
    }

    /// Runs `export` in the folder, and returns the facts.
    fn export(&self, arguments: &[&str]) -> Value {
        let mut export = command(BINARY, ["export", "--json"]);
        let facts = Finished::of(export.args(arguments).current_dir(self.folder.path())).successfully().stdout;
        serde_json::from_str(&facts).unwrap()
    }

    fn path(&self, file: &str) -> PathBuf {
        self.folder.path().join(file)
    }

    fn read(&self, file: &str) -> String {
        fs::read_to_string(self.path(file)).unwrap()
    }
}

#[test]
#[ignore = "needs two JDKs"]
fn brokers_and_clients_meet_with_what_was_converted() {
    let workshop = Workshop::new();
    for (owner, file) in [("broker1", "server"), ("app1", "client")] {
        let store = |kind: &str, ending: &str| format!("bundle/{owner}/kafka.{file}.{kind}.{ending}");
        // Through PEM, where a password is made, and through JKS.
        let parts = ["--out-cert", &format!("{owner}.crt"), "--out-key", &format!("{owner}.key")];
        workshop.export(&[&["--keystore", &store("keystore", "p12"), "--format", "pem"], parts.as_slice()].concat());
        let pem = ["--keystore", &format!("{owner}.key"), "--keystore", &format!("{owner}.crt")];
        let out =
            ["--format", "pkcs12", "--out", &format!("{owner}.p12"), "--out-storepass", &format!("pass:{PASSWORD}")];
        workshop.export(&[pem.as_slice(), &out].concat());
        let trust = ["--truststore", &store("truststore", "jks"), "--format", "pkcs12"];
        workshop.export(&[trust.as_slice(), &["--profile", "legacy", "--out", &format!("{owner}.trust")]].concat());
    }
    let file = |name: &str| workshop.path(name).display().to_string();
    let [broker, broker_trust, client, client_trust] =
        ["broker1.p12", "broker1.trust", "app1.p12", "app1.trust"].map(file);
    for jdk in [Jdk::of_17(), Jdk::newer()] {
        let question = format!("{broker}\t{broker_trust}\t{client}\t{client_trust}\tbroker1\tTLSv1.3\trequired\n");
        assert_eq!(jdk.answers_with(HANDSHAKES, &[PASSWORD], question), ["ok 2\tok"]);
    }
}

#[test]
#[ignore = "needs OpenSSL, Node and Python"]
fn openssl_node_and_python_read_what_is_said_to_be_for_them() {
    let workshop = Workshop::new();
    let keystore = "bundle/broker1/kafka.server.keystore.jks";
    let certificate = workshop.bundle.path("broker1/cert-signed");
    let public_key =
        Finished::of(command("openssl", ["x509", "-noout", "-pubkey", "-in"]).arg(&certificate)).successfully();
    for profile in ["modern", "legacy"] {
        let out = format!("{profile}.p12");
        let facts =
            workshop.export(&["--keystore", keystore, "--format", "pkcs12", "--profile", profile, "--out", &out]);
        for program in ["OpenSSL 3", "Node", "Python"] {
            let readers = facts["files"][0]["readers"].as_array().unwrap();
            assert!(readers.iter().any(|reader| reader["program"] == program && reader["reads"] == true), "{facts:#}");
        }
        let file = workshop.path(&out).display().to_string();
        let node = "require('tls').createSecureContext({pfx: require('fs').readFileSync(process.argv[1]), passphrase: process.argv[2]})";
        Finished::of(&mut command("node", ["-e", node, &file, PASSWORD])).successfully();
        let python = "import sys; from cryptography.hazmat.primitives.serialization import pkcs12\n\
            read = pkcs12.load_pkcs12(open(sys.argv[1], 'rb').read(), sys.argv[2].encode())\n\
            print(read.key is not None, read.cert.certificate.subject.rfc4514_string(), len(read.additional_certs))";
        let read = Finished::of(&mut command(PYTHON.as_path(), ["-c", python, &file, PASSWORD])).successfully();
        // The CA as what is trusted, and in the chain.
        assert_eq!(read.stdout.trim(), "True CN=broker1 2");
    }
    for how in ["plain", "pbes2", "pbes1-3des"] {
        let (cert, key) = (format!("{how}.crt"), format!("{how}.key"));
        let parts = [
            "--format",
            "pem",
            "--pem-key",
            how,
            "--out-cert",
            &cert,
            "--out-key",
            &key,
            "--out-ca",
            &format!("{how}.ca"),
        ];
        workshop.export(&[&["--keystore", keystore], parts.as_slice()].concat());
        let mut pkey = command("openssl", ["pkey", "-pubout", "-passin", &format!("pass:{PASSWORD}"), "-in"]);
        let pkey = Finished::of(pkey.arg(workshop.path(&key))).successfully();
        assert_eq!(pkey.stdout, public_key.stdout, "{how}");
        let mut verify = command("openssl", ["verify", "-x509_strict", "-verify_hostname", "broker1", "-CAfile"]);
        Finished::of(verify.arg(workshop.path(&format!("{how}.ca"))).arg(workshop.path(&cert))).successfully();
        let python = "import ssl, sys; context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)\n\
            context.load_cert_chain(sys.argv[1], sys.argv[2], sys.argv[3]); context.load_verify_locations(sys.argv[4])";
        let mut load = command("python3", ["-c", python]);
        load.args([workshop.path(&cert), workshop.path(&key)]).arg(PASSWORD).arg(workshop.path(&format!("{how}.ca")));
        Finished::of(&mut load).successfully();
        let node = "const [cert, key, ca] = process.argv.slice(1, 4).map((file) => require('fs').readFileSync(file));\n\
            require('tls').createSecureContext({cert, key, ca, passphrase: process.argv[4]})";
        let mut load = command("node", ["-e", node]);
        load.args([workshop.path(&cert), workshop.path(&key), workshop.path(&format!("{how}.ca"))]).arg(PASSWORD);
        Finished::of(&mut load).successfully();
    }
    let trust = ["--truststore", "bundle/broker1/kafka.server.truststore.p12", "--format", "der", "--out", "ca.der"];
    workshop.export(&trust);
    let fingerprint = |arguments: &[&str], file: &Path| {
        let mut x509 = command("openssl", ["x509", "-noout", "-fingerprint", "-sha256"]);
        Finished::of(x509.args(arguments).arg("-in").arg(file)).successfully().stdout
    };
    let ca = workshop.bundle.path("ca/ca-cert");
    assert_eq!(fingerprint(&["-inform", "DER"], &workshop.path("ca.der")), fingerprint(&[], &ca));
}

#[test]
#[ignore = "needs keytool, a second JDK and OpenSSL"]
fn what_a_dry_run_prints_does_the_same() {
    for jdk in [Jdk::of_17(), Jdk::newer()] {
        let workshop = Workshop::new();
        let [jks, p12] = ["jks", "p12"].map(|ending| format!("bundle/broker1/kafka.server.keystore.{ending}"));
        workshop.export(&["--keystore", &p12, "--format", "pem", "--out-cert", "c", "--out-key", "k"]);
        fs::write(workshop.path("new"), format!("{PASSWORD}\n")).unwrap();
        let new = ["--out-storepass", "file:new"];
        let calls: [(&str, Vec<&str>); 6] = [
            ("PKCS12", vec!["--keystore", &jks, "--format", "pkcs12"]),
            (
                "PKCS12",
                vec!["--keystore", &p12, "--format", "pkcs12", "--profile", "legacy", "--alias", "broker1=it's"],
            ),
            ("JKS", vec!["--keystore", &p12, "--format", "jks"]),
            ("PKCS12", [&["--keystore", "k", "--keystore", "c", "--format", "pkcs12"], &new[..]].concat()),
            (
                "PKCS12",
                [&["--keystore", "k", "--keystore", "c", "--format", "pkcs12", "--profile", "legacy"], &new[..]]
                    .concat(),
            ),
            ("JKS", [&["--keystore", &jks, "--format", "jks", "--alias", "caroot"], &new[..]].concat()),
        ];
        let mut stores = Vec::new();
        for (at, (format, call)) in calls.iter().enumerate() {
            let (ours, theirs) = (format!("ours{at}"), format!("theirs{at}"));
            workshop.export(&[call.as_slice(), &["--out", &ours]].concat());
            let facts = workshop.export(&[call.as_slice(), &["--out", &theirs, "--dry-run"]].concat());
            let script = facts["script"].as_str().unwrap();
            assert!(!workshop.path(&theirs).exists(), "{script}");
            let mut bash = command("bash", ["-euc", script]);
            let path = std::env::join_paths(
                [jdk.programs()].into_iter().chain(std::env::split_paths(&std::env::var_os("PATH").unwrap())),
            );
            Finished::of(bash.current_dir(workshop.folder.path()).env("PATH", path.unwrap())).successfully();
            for file in [ours, theirs] {
                let file = workshop.path(&file);
                stores.push(Foreign { name: file.display().to_string(), file, format, is_legacy: false });
            }
        }
        let files: Vec<PathBuf> = stores.iter().map(|store| store.file.clone()).collect();
        let undated = |listing: &Listing| {
            let mut listing = listing.clone();
            for fields in listing.values_mut() {
                fields[1].clear();
            }
            listing
        };
        for (pair, listings) in stores.chunks(2).zip(listings(&jdk, &stores, &files).chunks(2)) {
            let [ours, theirs] = listings else { panic!("{}", pair[0].name) };
            assert!(!ours.is_empty(), "{}", pair[0].name);
            assert_eq!(undated(ours), undated(theirs), "{}", pair[0].name);
        }
        // A certificate of a store, in either form.
        for (format, out) in [("pem", "ca.pem"), ("der", "ca.der")] {
            let call = ["--keystore", &jks, "--alias", "caroot", "--format", format, "--out", out];
            let script =
                workshop.export(&[call.as_slice(), &["--dry-run"]].concat())["script"].as_str().unwrap().to_owned();
            let mut bash = command("bash", ["-euc", &script.replace(out, &format!("theirs.{format}"))]);
            let path = std::env::join_paths(
                [jdk.programs()].into_iter().chain(std::env::split_paths(&std::env::var_os("PATH").unwrap())),
            );
            Finished::of(bash.current_dir(workshop.folder.path()).env("PATH", path.unwrap())).successfully();
            workshop.export(&call);
            assert!(fs::read(workshop.path(out)).unwrap().len() > 300);
        }
        assert_eq!(fs::read(workshop.path("ca.der")).unwrap(), fs::read(workshop.path("theirs.der")).unwrap());
        let body = |file: &str| workshop.read(file).lines().filter(|line| line.len() > 60).collect::<String>();
        assert!(!body("theirs.pem").is_empty());
    }
}
