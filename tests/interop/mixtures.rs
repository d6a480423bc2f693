//! The seven steps of the script, each done by the original tool or by our command, in any mixture.
//!
//! A mixture is a word with a letter for each step: O for ours, K for keytool's or openssl's, D for the original's line as a dry run of
//! ours prints it. Mixtures that begin alike share the folders of their beginning, so that all 128 of Os and Ks take 254 steps.

use std::collections::BTreeSet;
use std::env;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::handshakes::{Stores, meet, success};
use crate::keytool::values;
use crate::support::bundle::{BINARY, scratch};
use crate::support::command::{Finished, command};
use crate::support::jdk::Jdk;
use crate::support::threads;

const PASSWORD: &str = "test1234";
const KEY_PASSWORD: &str = "key-test5678";
const HOST: &str = "broker1.example.com";
const SUBJECT: &str = "CN=broker1.example.com";

/// What the lines of the script find in the environment, beside the passwords.
const VARIABLES: [(&str, &str); 5] = [
    // For both certificates, as in the script.
    ("VALIDITY", "365"),
    ("CN", HOST),
    ("CA_CN", "Kafka CA"),
    // Java has both in lower case.
    ("KEYSTORE_ALIAS", "Broker1"),
    ("CA_ALIAS", "CARoot"),
];

const KEYSTORE: &str = "kafka.server.keystore.jks";
const TRUSTSTORE: &str = "kafka.server.truststore.jks";

/// A line of the script, and the same of our users.
struct Step {
    theirs: &'static str,
    ours: &'static str,
}

/// The script, line by line; but the CA has a name of its own (with the node's, Java has a chain of one certificate), and the key a password.
const STEPS: [Step; 7] = [
    Step {
        theirs: "openssl req -new -x509 -keyout ca-key -out ca-cert -days $VALIDITY -passout pass:$PASSWORD \
                 -subj \"/CN=$CA_CN\"",
        ours: "kafka-certgen ca --key ca-key --cert ca-cert --validity $VALIDITY --pass env:PASSWORD \
               --dname \"CN=$CA_CN\"",
    },
    Step {
        theirs: "keytool -genkey -keyalg RSA -keystore kafka.server.keystore.jks -validity $VALIDITY \
                 -storepass $PASSWORD -keypass $KEY_PASSWORD -alias $KEYSTORE_ALIAS -dname CN=$CN",
        ours: "kafka-certgen genkey --keystore kafka.server.keystore.jks --validity $VALIDITY \
               --storepass env:PASSWORD --keypass env:KEY_PASSWORD --alias $KEYSTORE_ALIAS --dname CN=$CN",
    },
    Step {
        theirs: "keytool -keystore kafka.server.truststore.jks -storepass $PASSWORD -alias $CA_ALIAS \
                 -import -file ca-cert -noprompt",
        ours: "kafka-certgen import --keystore kafka.server.truststore.jks --storepass file:../password \
               --alias $CA_ALIAS --file ca-cert --noprompt",
    },
    Step {
        theirs: "keytool -keystore kafka.server.keystore.jks -certreq -file cert-file -alias $KEYSTORE_ALIAS \
                 -storepass $PASSWORD -keypass $KEY_PASSWORD",
        ours: "kafka-certgen certreq --keystore kafka.server.keystore.jks --file cert-file --alias $KEYSTORE_ALIAS \
               --storepass file:../password --keypass file:../key-password",
    },
    Step {
        theirs: "openssl x509 -req -CA ca-cert -CAkey ca-key -in cert-file -out cert-signed -days $VALIDITY \
                 -CAcreateserial -passin pass:$PASSWORD",
        ours: "kafka-certgen sign --ca-cert ca-cert --ca-key ca-key --in cert-file --out cert-signed \
               --validity $VALIDITY --ca-pass file:../password",
    },
    Step {
        theirs: "keytool -keystore kafka.server.keystore.jks -alias $CA_ALIAS -import -file ca-cert \
                 -storepass $PASSWORD -keypass $KEY_PASSWORD -noprompt",
        ours: "kafka-certgen import --keystore kafka.server.keystore.jks --alias $CA_ALIAS --file ca-cert \
               --storepass env:PASSWORD --keypass env:KEY_PASSWORD --noprompt",
    },
    Step {
        theirs: "keytool -keystore kafka.server.keystore.jks -alias $KEYSTORE_ALIAS -import -file cert-signed \
                 -storepass $PASSWORD -keypass $KEY_PASSWORD -noprompt",
        ours: "kafka-certgen import --keystore kafka.server.keystore.jks --alias $KEYSTORE_ALIAS --file cert-signed \
               --storepass env:PASSWORD --keypass env:KEY_PASSWORD --noprompt",
    },
];

/// What is other in a line for keys on P-256.
const EC_P256: [(&str, &str); 4] = [
    ("openssl req ", "openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 "),
    ("-keyalg RSA", "-keyalg EC"),
    ("kafka-certgen ca ", "kafka-certgen ca --key-alg ec-p256 "),
    ("kafka-certgen genkey ", "kafka-certgen genkey --key-alg ec-p256 "),
];

/// In each three of the steps all eight mixtures of these occur (the first 16, a Hamming code); in the others, one line of the script
/// is replaced.
const SAMPLE: [&str; 23] = [
    "KKKKKKK", "OKKKKOO", "KOKKOKO", "OOKKOOK", "KKOKOOO", "OKOKOKK", "KOOKKOK", "OOOKKKO", "KKKOOOK", "OKKOOKO",
    "KOKOKOO", "OOKOKKK", "KKOOKKO", "OKOOKOK", "KOOOOKK", "OOOOOOO", "OKKKKKK", "KOKKKKK", "KKOKKKK", "KKKOKKK",
    "KKKKOKK", "KKKKKOK", "KKKKKKO",
];

/// What is the same in all mixtures of a test.
struct Setting {
    jdk: Jdk,
    /// None leaves it to the tool that makes a store.
    store_type: Option<&'static str>,
    /// RSA if not.
    is_ec: bool,
    key_password: &'static str,
}

impl Setting {
    fn of(jdk: Jdk) -> Self {
        Self { jdk, store_type: None, is_ec: false, key_password: PASSWORD }
    }

    /// Returns a line of the script, for the step and the letter with which a word ends.
    fn line(&self, word: &str) -> String {
        let Step { theirs, ours } = STEPS[word.len() - 1];
        let mut line = if word.ends_with('K') { theirs.to_owned() } else { ours.to_owned() };
        for (before, with_curve) in EC_P256.iter().filter(|_| self.is_ec) {
            line = line.replace(before, with_curve);
        }
        match self.store_type {
            Some(store_type) if line.starts_with("keytool") => line = format!("{line} -storetype {store_type}"),
            Some(store_type) if [" genkey ", " import "].iter().any(|command| line.contains(command)) => {
                line = format!("{line} --storetype {}", store_type.to_lowercase());
            }
            _ => {}
        }
        if word.ends_with('D') {
            line += " --dry-run >dry-run && cat dry-run >&2 && bash -eu dry-run && rm dry-run";
        }
        line
    }

    /// Returns a command that runs a line in a folder.
    fn command(&self, line: &str, folder: &Path) -> Command {
        let programs = [Path::new(BINARY).parent().unwrap().to_owned(), self.jdk.programs()];
        let path = env::var_os("PATH").unwrap();
        let path = env::join_paths(programs.into_iter().chain(env::split_paths(&path))).unwrap();
        let mut bash = command("bash", ["-c", line]);
        bash.current_dir(folder).env("PATH", path).envs(VARIABLES);
        // keytool is done before the optimizing compiler has paid for itself.
        bash.env("JAVA_TOOL_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC");
        bash.env("PASSWORD", PASSWORD).env("KEY_PASSWORD", self.key_password);
        bash
    }

    /// Returns the type of a store that the letter's tool has made.
    fn type_of_store_made_by(&self, letter: u8) -> &'static str {
        // Ours goes by the ending of the name, keytool by nothing: since Java 9 it makes PKCS#12.
        self.store_type.unwrap_or(if letter == b'K' { "PKCS12" } else { "JKS" })
    }
}

/// What does not work in a mixture, without the passwords.
struct Fault(String);

impl Fault {
    /// The word of how mixtures begin has dots at its end.
    fn new(word: &str, what: fmt::Arguments<'_>) -> Self {
        let text = format!("{word:.<7} {what}");
        Self(text.replace(PASSWORD, "<password>").replace(KEY_PASSWORD, "<key password>"))
    }
}

/// The folders of mixtures and of how they begin, each named by its word.
struct Tree<'s> {
    setting: &'s Setting,
    root: TempDir,
}

impl<'s> Tree<'s> {
    fn new(setting: &'s Setting) -> Self {
        let root = scratch();
        fs::write(root.path().join("password"), format!("{PASSWORD}\n")).unwrap();
        fs::write(root.path().join("key-password"), format!("{}\n", setting.key_password)).unwrap();
        fs::create_dir(root.path().join(START)).unwrap();
        Self { setting, root }
    }

    fn folder(&self, word: &str) -> PathBuf {
        self.root.path().join(if word.is_empty() { START } else { word })
    }

    /// Does the steps of some mixtures, and returns those that got to the end, with what stopped the others.
    fn grow<'w>(&self, mixtures: &[&'w str]) -> (Vec<&'w str>, Vec<Fault>) {
        let (mut reached, mut faults) = (BTreeSet::from([""]), Vec::new());
        for length in 1..=STEPS.len() {
            let words = mixtures.iter().map(|mixture| &mixture[..length]);
            let words: BTreeSet<_> = words.filter(|word| reached.contains(&word[..length - 1])).collect();
            let words: Vec<_> = words.into_iter().collect();
            let outcomes = threads::map(&words, |word| self.take_last_step(word));
            reached.clear();
            for (word, outcome) in words.into_iter().zip(outcomes) {
                match outcome {
                    Ok(()) => drop(reached.insert(word)),
                    Err(fault) => faults.push(fault),
                }
            }
        }
        (reached.into_iter().collect(), faults)
    }

    /// Copies the folder of all steps but the last, and does that one in the copy.
    fn take_last_step(&self, word: &str) -> Result<(), Fault> {
        let index = word.len() - 1;
        let (before, after) = (self.folder(&word[..index]), self.folder(word));
        copy(&before, &after);
        let line = self.setting.line(word);
        let run = Finished::of(&mut self.setting.command(&line, &after));
        if run.status.success() { Ok(()) } else { Err(Fault::new(word, format_args!("{line}\n{run}"))) }
    }

    /// Returns what Java finds wrong with the stores of mixtures that got to the end.
    fn judge(&self, mixtures: &[&str]) -> Vec<Fault> {
        let listed = threads::map(mixtures, |mixture| {
            let letters = mixture.as_bytes();
            let keys = self.listing_fault(mixture, KEYSTORE, &keystore_listing(self.type_of(letters[1])));
            let trusted = self.listing_fault(mixture, TRUSTSTORE, &truststore_listing(self.type_of(letters[2])));
            keys.into_iter().chain(trusted).collect::<Vec<_>>()
        });
        let met = meet(&self.setting.jdk, &mixtures.iter().map(|mixture| self.stores(mixture)).collect::<Vec<_>>());
        let met = mixtures.iter().zip(met).filter_map(|(mixture, said)| {
            // The original leaves the extension out, which Java forgives. Ours must not.
            let names = if mixture.as_bytes()[4] == b'K' { String::new() } else { format!("DNS:{HOST}") };
            let expected = success(SUBJECT, &names);
            (said != expected).then(|| Fault::new(mixture, format_args!("handshake: {said}\nexpected: {expected}")))
        });
        listed.into_iter().flatten().chain(met).collect()
    }

    fn type_of(&self, letter: u8) -> &'static str {
        self.setting.type_of_store_made_by(letter)
    }

    /// Returns what keytool lists of a store if it is not what it should be.
    fn listing_fault(&self, word: &str, store: &str, expected: &[String]) -> Option<Fault> {
        let mut list = self.setting.jdk.keytool();
        list.args(["-list", "-v", "-keystore", store, "-storepass", PASSWORD]).current_dir(self.folder(word));
        let list = Finished::of(&mut list);
        let found = listing(&list.stdout);
        let is_good = list.status.success() && found == expected;
        (!is_good).then(|| Fault::new(word, format_args!("{found:?}, expected {expected:?}: {list}")))
    }

    fn stores(&self, word: &str) -> Stores {
        let folder = self.folder(word);
        Stores {
            // Kafka's default, which opens PKCS#12 as well.
            store_type: self.setting.store_type.unwrap_or("JKS"),
            keystore: folder.join(KEYSTORE),
            truststore: folder.join(TRUSTSTORE),
            password: self.root.path().join("password"),
            key_password: self.root.path().join("key-password"),
            host: HOST,
        }
    }
}

/// The folder before the first step.
const START: &str = "start";

fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

/// Returns the lines that matter of what keytool lists, sorted, as it does not say in which order entries come.
fn listing(text: &str) -> Vec<String> {
    let labels =
        ["Keystore type: ", "Alias name: ", "Entry type: ", "Certificate chain length: ", "Owner: ", "Issuer: "];
    let mut lines: Vec<_> =
        labels.iter().flat_map(|label| values(text, label).into_iter().map(move |v| format!("{label}{v}"))).collect();
    lines.sort_unstable();
    lines
}

fn keystore_listing(store_type: &str) -> Vec<String> {
    let broker = "Alias name: broker1\nEntry type: PrivateKeyEntry\nCertificate chain length: 2";
    let leaf = format!("Owner: {SUBJECT}\nIssuer: CN=Kafka CA");
    // The root is in the chain, and beside it.
    let root = "Owner: CN=Kafka CA\nIssuer: CN=Kafka CA";
    listing(&format!("{broker}\n{leaf}\n{root}\n{}", truststore_listing(store_type).join("\n")))
}

fn truststore_listing(store_type: &str) -> Vec<String> {
    let entry = "Alias name: caroot\nEntry type: trustedCertEntry\nOwner: CN=Kafka CA\nIssuer: CN=Kafka CA";
    listing(&format!("Keystore type: {store_type}\n{entry}"))
}

/// Panics with all that does not work in some mixtures.
fn check(setting: &Setting, mixtures: &[&str]) {
    let tree = Tree::new(setting);
    let (reached, mut faults) = tree.grow(mixtures);
    faults.extend(tree.judge(&reached));
    let texts: Vec<_> = faults.into_iter().map(|Fault(text)| text).collect();
    assert!(texts.is_empty(), "{} faults in {} mixtures:\n{}", texts.len(), mixtures.len(), texts.join("\n"));
    assert_eq!(reached.len(), mixtures.len());
}

fn check_sample(jdk: Jdk, store_type: Option<&'static str>) {
    check(&Setting { store_type, ..Setting::of(jdk) }, &SAMPLE);
}

#[test]
#[ignore = "needs keytool and OpenSSL"]
fn every_mixture_of_the_scripts_steps_works() {
    let letter = |mixture: usize, step: usize| if mixture >> step & 1 == 0 { 'K' } else { 'O' };
    let mixtures = (0..1 << STEPS.len()).map(|mixture| (0..STEPS.len()).map(|step| letter(mixture, step)).collect());
    let mixtures: Vec<String> = mixtures.collect();
    check(&Setting::of(Jdk::of_17()), &mixtures.iter().map(String::as_str).collect::<Vec<_>>());
}

#[test]
#[ignore = "needs keytool, a second JDK and OpenSSL"]
fn mixtures_with_a_newer_java_work() {
    check_sample(Jdk::newer(), None);
}

#[test]
#[ignore = "needs keytool and OpenSSL"]
fn mixtures_in_jks_work() {
    check_sample(Jdk::of_17(), Some("JKS"));
}

#[test]
#[ignore = "needs keytool, a second JDK and OpenSSL"]
fn mixtures_in_jks_with_a_newer_java_work() {
    check_sample(Jdk::newer(), Some("JKS"));
}

#[test]
#[ignore = "needs keytool and OpenSSL"]
fn mixtures_in_pkcs12_work() {
    check_sample(Jdk::of_17(), Some("PKCS12"));
}

#[test]
#[ignore = "needs keytool, a second JDK and OpenSSL"]
fn mixtures_in_pkcs12_with_a_newer_java_work() {
    check_sample(Jdk::newer(), Some("PKCS12"));
}

#[test]
#[ignore = "needs keytool, a second JDK and OpenSSL"]
fn mixtures_with_elliptic_curves_and_a_key_password_of_its_own_work() {
    for jdk in [Jdk::of_17(), Jdk::newer()] {
        check(&Setting { jdk, store_type: Some("JKS"), is_ec: true, key_password: KEY_PASSWORD }, &SAMPLE);
    }
}

#[test]
#[ignore = "needs keytool, a second JDK and OpenSSL"]
fn lines_of_the_originals_that_dry_runs_print_work_among_others() {
    let mixtures = ["DDDDDDD", "DODODOD", "ODODODO", "DKDKDKD", "KDKDKDK"];
    for jdk in [Jdk::of_17(), Jdk::newer()] {
        for store_type in [None, Some("PKCS12")] {
            check(&Setting { store_type, ..Setting::of(jdk.clone()) }, &mixtures);
        }
        check(&Setting { jdk, store_type: Some("JKS"), is_ec: true, key_password: KEY_PASSWORD }, &mixtures);
    }
}

#[test]
fn the_sample_has_all_mixtures_of_each_three_steps_and_each_line_replaced_alone() {
    let all = (0..7).flat_map(|a| (0..a).flat_map(move |b| (0..b).map(move |c| [a, b, c])));
    for steps in all {
        let found: BTreeSet<_> = SAMPLE.iter().map(|mixture| steps.map(|step| mixture.as_bytes()[step])).collect();
        assert_eq!(found.len(), 8, "{steps:?}");
    }
    for step in 0..7 {
        let alone: String = (0..7).map(|other| if other == step { 'O' } else { 'K' }).collect();
        assert!(SAMPLE.contains(&alone.as_str()), "{alone}");
    }
}

#[test]
#[ignore = "needs keytool, a second JDK and OpenSSL"]
fn the_script_itself_works() {
    for jdk in [Jdk::of_17(), Jdk::newer()] {
        for store_type in [None, Some("JKS"), Some("PKCS12")] {
            check(&Setting { store_type, ..Setting::of(jdk.clone()) }, &["KKKKKKK"]);
        }
        let is_ec = true;
        check(&Setting { jdk, store_type: Some("JKS"), is_ec, key_password: KEY_PASSWORD }, &["KKKKKKK"]);
    }
}

/// Were it not so, all the above could succeed with anything.
#[test]
#[ignore = "needs keytool, a second JDK and OpenSSL"]
fn stores_that_do_not_work_are_seen() {
    for jdk in [Jdk::of_17(), Jdk::newer()] {
        let setting = Setting { store_type: Some("JKS"), key_password: KEY_PASSWORD, ..Setting::of(jdk) };
        let (tree, other) = (Tree::new(&setting), Tree::new(&setting));
        for tree in [&tree, &other] {
            let (reached, faults) = tree.grow(&["KKKKKKK"]);
            assert!(reached == ["KKKKKKK"] && faults.is_empty());
        }
        let good = || tree.stores("KKKKKKK");
        let truncated = tree.root.path().join("truncated");
        let bytes = fs::read(good().keystore).unwrap();
        fs::write(&truncated, &bytes[..bytes.len() - 1]).unwrap();
        let cases = [
            (Stores { truststore: other.stores("KKKKKKK").truststore, ..good() }, "PKIX path"),
            (Stores { keystore: other.stores("KKKKKKK").keystore, ..good() }, "PKIX path"),
            (Stores { keystore: tree.stores("KK").keystore, ..good() }, "PKIX path"),
            (Stores { keystore: tree.stores("KKKKKK").keystore, ..good() }, "PKIX path"),
            (Stores { keystore: good().truststore, ..good() }, "handshake_failure"),
            (Stores { host: "broker2.example.com", ..good() }, "No name matching broker2.example.com"),
            (Stores { key_password: good().password, ..good() }, "UnrecoverableKeyException"),
            (Stores { password: good().key_password, ..good() }, "password was incorrect"),
            (Stores { keystore: truncated, ..good() }, "EOFException"),
            (Stores { keystore: tree.root.path().join("none"), ..good() }, "FileNotFoundException"),
        ];
        let (stores, reasons): (Vec<_>, Vec<_>) = cases.into_iter().unzip();
        for (said, reason) in meet(&setting.jdk, &stores).iter().zip(reasons) {
            assert!(said.contains(reason), "no `{reason}`: {said}");
        }
        assert_eq!(meet(&setting.jdk, &[good()]), [success(SUBJECT, "")]);
        // The name is not in the certificate that the original signed, and ours would have to put it there.
        fs::rename(tree.folder("KKKKKKK"), tree.folder("KKKKOKK")).unwrap();
        let faults: Vec<_> = tree.judge(&["KKKKOKK"]).into_iter().map(|fault| fault.0).collect();
        assert!(matches!(&faults[..], [fault] if fault.starts_with("KKKKOKK handshake: client trusts")), "{faults:?}");
    }
}

#[test]
#[ignore = "needs keytool and OpenSSL"]
fn listings_that_are_not_as_they_should_be_are_seen() {
    let setting = Setting::of(Jdk::of_17());
    let tree = Tree::new(&setting);
    tree.grow(&["KKKKKKK"]);
    let expected = keystore_listing("PKCS12");
    assert!(tree.listing_fault("KKKKKKK", KEYSTORE, &expected).is_none());
    assert!(tree.listing_fault("KKKKKKK", KEYSTORE, &keystore_listing("JKS")).is_some());
    assert!(tree.listing_fault("KKKKKKK", TRUSTSTORE, &expected).is_some());
    assert!(tree.listing_fault("KKKKKKK", "none", &expected).is_some());
    for word in ["KK", "KKKKKK"] {
        let fault = tree.listing_fault(word, KEYSTORE, &expected).unwrap().0;
        assert!(fault.contains("Certificate chain length: 1") && !fault.contains(PASSWORD), "{fault}");
    }
}

#[test]
#[ignore = "needs keytool and OpenSSL"]
fn a_step_that_fails_is_named_without_its_passwords() {
    let setting = Setting::of(Jdk::of_17());
    let tree = Tree::new(&setting);
    let (reached, faults) = tree.grow(&["KKKKKKK"]);
    assert!(reached == ["KKKKKKK"] && faults.is_empty());
    fs::write(tree.folder("KKKK").join("cert-file"), "no request").unwrap();
    fs::remove_dir_all(tree.folder("KKKKK")).unwrap();
    let Fault(fault) = tree.take_last_step("KKKKK").unwrap_err();
    for part in ["KKKKK.. openssl x509 -req ", "-passin pass:$PASSWORD", "exit status: 1", "Unable to load"] {
        assert!(fault.contains(part), "no `{part}` in {fault}");
    }
    assert!(!fault.contains(PASSWORD), "{fault}");
}
