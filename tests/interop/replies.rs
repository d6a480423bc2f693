//! Certificate replies in every form, imported by keytool into one copy of a store and by us into another: both refuse, or both
//! have the same chain afterwards.

use std::fs;
use std::path::Path;

use crate::support::bundle::{BINARY, scratch};
use crate::support::command::{Finished, command};
use crate::support::jdk::Jdk;

const PASSWORD: &str = "store-secret";

/// A root, an intermediate below it, and a key whose request the intermediate has signed.
struct Scene {
    folder: tempfile::TempDir,
    jdk: Jdk,
}

impl Scene {
    fn new(store_type: &str) -> Self {
        let scene = Self { folder: scratch(), jdk: Jdk::of_17() };
        let ca = "-addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign";
        let key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc";
        scene.openssl(&format!("req -x509 {key} -keyout root.key -out root.pem -days 30 -subj /CN=Root {ca}"));
        let below = "-CA root.pem -CAkey root.key";
        scene.openssl(&format!(
            "req -x509 {key} {below} -keyout inter.key -out inter.pem -days 30 -subj /CN=Inter {ca}"
        ));
        let store = format!("-keystore store -storetype {store_type} -storepass {PASSWORD}");
        scene.keytool(&format!("-genkeypair {store} -keyalg EC -alias broker1 -dname CN=broker1 -keypass {PASSWORD}"));
        scene.keytool(&format!("-certreq {store} -alias broker1 -file request"));
        scene.openssl("x509 -req -in request -CA inter.pem -CAkey inter.key -out leaf.pem -days 10");
        let [root, inter, leaf] = ["root.pem", "inter.pem", "leaf.pem"].map(|file| scene.read(file));
        scene.write("chain.pem", &[&leaf, &inter, &root]);
        scene.write("reversed.pem", &[&root, &inter, &leaf]);
        scene.write("without-root.pem", &[&leaf, &inter]);
        scene.openssl("crl2pkcs7 -nocrl -certfile chain.pem -out chain.p7");
        scene.openssl("crl2pkcs7 -nocrl -certfile without-root.pem -outform DER -out without-root.p7b");
        scene.openssl("x509 -in leaf.pem -outform DER -out leaf.der");
        scene
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn read(&self, file: &str) -> String {
        fs::read_to_string(self.path().join(file)).unwrap()
    }

    fn write(&self, file: &str, parts: &[&String]) {
        fs::write(self.path().join(file), parts.iter().map(|part| part.as_str()).collect::<String>()).unwrap();
    }

    fn openssl(&self, line: &str) {
        Finished::of(command("openssl", line.split_whitespace()).current_dir(self.path())).successfully();
    }

    fn keytool(&self, line: &str) -> Finished {
        self.try_keytool(line).successfully()
    }

    fn try_keytool(&self, line: &str) -> Finished {
        Finished::of(self.jdk.keytool().args(line.split_whitespace()).current_dir(self.path()))
    }

    /// Imports with keytool into `theirs` and with us into `ours`, which are copies of the store with `trusted` in it, and returns
    /// what each then has under the alias: nothing if the import was refused.
    fn import(&self, trusted: &[&str], reply: &str, noprompt: bool) -> [Option<Vec<String>>; 2] {
        for copy in ["theirs", "ours"] {
            fs::copy(self.path().join("store"), self.path().join(copy)).unwrap();
        }
        for certificate in trusted {
            for copy in ["theirs", "ours"] {
                let import = format!("-import -keystore {copy} -storepass {PASSWORD} -noprompt");
                self.keytool(&format!("{import} -alias {certificate} -file {certificate}"));
            }
        }
        let before = fs::read(self.path().join("ours")).unwrap();
        let noprompt = |option: &str| if noprompt { format!(" {option}") } else { String::new() };
        let line = format!("-import -keystore theirs -storepass {PASSWORD} -alias broker1 -file {reply}");
        let theirs = self.try_keytool(&(line + &noprompt("-noprompt")));
        let line = format!("import --batch --keystore ours --storepass env:PASSWORD --alias broker1 --file {reply}");
        let line = line + &noprompt("--noprompt");
        let ours =
            Finished::of(command(BINARY, line.split_whitespace()).env("PASSWORD", PASSWORD).current_dir(self.path()));
        if !ours.status.success() {
            assert!(ours.stderr.contains("hint: "), "{ours}");
            assert_eq!(fs::read(self.path().join("ours")).unwrap(), before, "{ours}");
        }
        // Without a person keytool takes its own question for answered with no, and that is no failure to it.
        let original = self.chain("store");
        [("theirs", theirs.status.success()), ("ours", ours.status.success())]
            .map(|(copy, done)| done.then(|| self.chain(copy)).filter(|chain| *chain != original))
    }

    /// Returns the fingerprints of the chain under the alias.
    fn chain(&self, store: &str) -> Vec<String> {
        let listing = self.keytool(&format!("-list -v -keystore {store} -storepass {PASSWORD} -alias broker1"));
        let lines = listing.stdout.lines().filter_map(|line| line.trim().strip_prefix("SHA256: "));
        lines.map(str::to_owned).collect()
    }
}

#[test]
#[ignore = "needs keytool and OpenSSL"]
fn a_reply_in_any_form_has_the_chain_that_keytool_gives_it() {
    // The trusted certificates, the reply, whether nothing is asked, and how long the chain is; none if both refuse.
    let cases: [(&[&str], &str, bool, Option<usize>); 13] = [
        (&["root.pem"], "chain.pem", false, Some(3)),
        (&["root.pem"], "reversed.pem", false, Some(3)),
        (&["root.pem"], "chain.p7", false, Some(3)),
        (&["root.pem", "inter.pem"], "leaf.pem", false, Some(3)),
        (&["root.pem", "inter.pem"], "leaf.der", false, Some(3)),
        (&[], "chain.pem", true, Some(3)),
        (&[], "chain.p7", true, Some(3)),
        (&[], "without-root.p7b", true, Some(2)),
        (&[], "chain.pem", false, None),
        (&["root.pem"], "leaf.pem", false, None),
        (&["root.pem"], "leaf.pem", true, None),
        (&[], "leaf.pem", true, None),
        (&["root.pem"], "inter.pem", true, None),
    ];
    for store_type in ["JKS", "PKCS12"] {
        let scene = Scene::new(store_type);
        for (trusted, reply, noprompt, length) in cases {
            let [theirs, ours] = scene.import(trusted, reply, noprompt);
            let case = format!("{store_type}, {trusted:?}, {reply}, noprompt {noprompt}");
            assert_eq!(ours.as_ref().map(Vec::len), length, "{case}");
            assert_eq!(ours, theirs, "{case}");
        }
    }
}

#[test]
#[ignore = "needs keytool and OpenSSL"]
fn a_ca_in_the_same_store_is_trusted_as_by_keytool() {
    for store_type in ["JKS", "PKCS12"] {
        let scene = Scene::new(store_type);
        let store = format!("-keystore store -storepass {PASSWORD}");
        scene.keytool(&format!("-genkeypair {store} -keyalg EC -alias ca -dname CN=Own -ext bc:c -keypass {PASSWORD}"));
        scene.keytool(&format!("-gencert {store} -alias ca -infile request -outfile signed"));
        let [theirs, ours] = scene.import(&[], "signed", false);
        assert_eq!(ours.as_ref().map(Vec::len), Some(2), "{store_type}");
        assert_eq!(ours, theirs, "{store_type}");
    }
}
