//! A password that `init` takes opens the stores for every reader of their format; one that it does not take leaves nothing behind.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::bundle::{QUICK_KEYS, init, scratch};
use crate::support::command::{Finished, command};
use crate::support::jdk::Jdk;
use crate::support::threads;

/// Java opens JKS with each of these, and PKCS#12 with none.
const BEYOND_ASCII: [&str; 20] = [
    "passwörd",
    "ÿÿÿÿÿÿ",
    "пароль",
    "κωδικός",
    "秘密の言葉です",
    "كلمة السر",
    "סיסמה!",
    "e\u{301}e\u{301}e\u{301}",
    "🔑🔒🔑🔒🔑🔒",
    "👩‍👩‍👧‍👦 family",
    "\u{feff}password",
    "password\u{fffd}",
    "\u{ffff}\u{fffe}pass",
    "\u{10ffff}password",
    "pass\u{80}word",
    "pass\u{2028}word",
    "\u{a0}password\u{a0}",
    "\u{202e}drowssap",
    "I\u{307}ıİipass",
    "\u{1d11e}clef!",
];

/// What is in a file that `--storepass` names, and for which formats it is a password.
struct Case {
    given: Vec<u8>,
    jks: bool,
    pkcs12: bool,
}

/// A call of `init` with such a file.
struct Call {
    given: PathBuf,
    format: &'static str,
    is_password: bool,
    out: PathBuf,
}

impl Case {
    fn calls(self, folder: &Path, number: usize) -> [Call; 2] {
        let given = folder.join(format!("{number}-given"));
        fs::write(&given, &self.given).unwrap();
        [("jks", self.jks), ("pkcs12", self.pkcs12)].map(|(format, is_password)| {
            let out = folder.join(format!("{number}-{format}"));
            Call { given: given.clone(), format, is_password, out }
        })
    }
}

fn case(given: impl Into<Vec<u8>>, jks: bool, pkcs12: bool) -> Case {
    Case { given: given.into(), jks, pkcs12 }
}

fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for length in (0..=40).chain([63, 64, 65, 127, 128, 129, 255, 256, 257, 511, 512, 513, 999, 1000]) {
        let text: String = ('!'..='~').cycle().take(length).collect();
        cases.push(case(text, length >= 6, length >= 6));
    }
    for c in '\0'..='\u{7f}' {
        let is_line_break = matches!(c, '\r' | '\n');
        let is_printable = (' '..='~').contains(&c);
        cases.push(case(format!("pass{c}word"), c != '\0' && !is_line_break, is_printable));
    }
    // Kafka takes blanks at either end of a setting off.
    for text in [" password", "password ", "\tpassword", "password\t", "\u{b}password", "       "] {
        cases.push(case(text, false, false));
    }
    // Exactly one line ending belongs to the file and not to the password.
    cases.extend(["password\n", "password\r\n"].map(|text| case(text, true, true)));
    let broken = [
        "password\r",
        "password\n\n",
        "password\r\n\r\n",
        "password\n\r\n",
        "\npassword",
        "one\ntwo\n",
        "password\0\n",
    ];
    cases.extend(broken.map(|text| case(text, false, false)));
    cases.extend(
        [b"pass\xffword".as_slice(), b"\xc3\xa4\xc3pass", b"\xed\xa0\x80surrogate"].map(|b| case(b, false, false)),
    );
    cases.extend(BEYOND_ASCII.map(|text| case(text, true, false)));
    cases
}

#[test]
#[ignore = "needs keytool and OpenSSL"]
fn every_reader_opens_what_init_has_taken_and_the_rest_leaves_nothing() {
    let folder = scratch();
    let calls: Vec<Call> =
        cases().into_iter().enumerate().flat_map(|(number, case)| case.calls(folder.path(), number)).collect();
    let runs = threads::map(&calls, |call| run(&call.out, call.format, &["--storepass", &source(&call.given)]));
    for (call, run) in calls.iter().zip(runs) {
        let expected = if call.is_password { 0 } else { 2 };
        assert_eq!(run.status.code(), Some(expected), "{} {run}", fs::read(&call.given).unwrap().escape_ascii());
        assert_eq!(call.out.exists(), call.is_password, "a call that was refused has left something");
    }
    let taken: Vec<Call> = calls.into_iter().filter(|call| call.is_password).collect();
    assert!(taken.len() > 300, "only {} were taken", taken.len());

    let mut stores: Vec<Store> = taken.iter().flat_map(|call| Store::both_of(call.format, &call.out)).collect();
    for jdk in [Jdk::of_17(), Jdk::newer()] {
        for (store, answer) in stores.iter().zip(answers(&jdk, &stores)) {
            assert_eq!(answer, store.expected(), "{jdk:?} {}", store.file.display());
        }
    }
    stores.retain(|store| store.format == "pkcs12");
    threads::map(&stores, |store| {
        let mut open = command("openssl", ["pkcs12", "-noout", "-passin", &source(&store.password), "-in"]);
        Finished::of(open.arg(&store.file)).successfully();
    });
}

#[test]
#[ignore = "needs keytool and OpenSSL"]
fn a_key_in_jks_opens_with_its_own_password_and_no_other() {
    let folder = scratch();
    let store_password = folder.path().join("store");
    fs::write(&store_password, "store-password\n").unwrap();
    let mut stores = Vec::new();
    for (number, key_password) in ["key-password", "  is  trimmed"].iter().chain(&BEYOND_ASCII).enumerate() {
        let file = folder.path().join(format!("{number}-key"));
        fs::write(&file, key_password).unwrap();
        let out = folder.path().join(number.to_string());
        let run = run(&out, "jks", &["--storepass", &source(&store_password), "--keypass", &source(&file)]);
        if key_password.starts_with(' ') {
            assert_eq!(run.status.code(), Some(2), "{run}");
            continue;
        }
        run.successfully();
        let [keystore, _] = Store::both_of("jks", &out);
        stores.push(Store { key_password: file, ..keystore.clone() });
        stores.push(keystore);
    }
    for jdk in [Jdk::of_17(), Jdk::newer()] {
        for (pair, stores) in answers(&jdk, &stores).chunks(2).zip(stores.chunks(2)) {
            assert_eq!(pair[0], stores[0].expected(), "{jdk:?} {}", stores[0].file.display());
            assert!(pair[1].contains("UnrecoverableKeyException"), "the store's password opened the key: {}", pair[1]);
        }
    }
}

#[test]
#[ignore = "needs OpenSSL"]
fn openssl_opens_encrypted_pem_keys() {
    let folder = scratch();
    let ascii = ["secret", "~!@#$%^&*()_+ `-={}|[]\\:\";'<>?,./", &"x".repeat(1000)];
    let is_opened = |key: &Path, password: &Path| {
        let mut open = command("openssl", ["pkey", "-noout", "-check", "-passin", &source(password), "-in"]);
        Finished::of(open.arg(key)).successfully().saying("Key is valid");
    };
    for (number, password) in ascii.iter().enumerate() {
        let file = folder.path().join(format!("{number}-given"));
        fs::write(&file, password).unwrap();
        for how in ["pbes2", "pbes1-3des"] {
            let out = folder.path().join(format!("{number}-{how}"));
            run(&out, "pem", &["--pem-key", how, "--storepass", &source(&file)]).successfully();
            is_opened(&out.join("broker1/kafka.server.keystore.pem"), &out.join("broker1/password"));
        }
    }
    for (number, password) in ascii.iter().chain(&["пароль", "🔑🔒🔑🔒🔑🔒"]).enumerate() {
        let file = folder.path().join(format!("{number}-given"));
        fs::write(&file, password).unwrap();
        let out = folder.path().join(format!("{number}-ca"));
        run(&out, "jks", &["--ca-pass", &source(&file)]).successfully();
        is_opened(&out.join("ca/ca-key"), &file);
    }
}

/// A store, the file with its password, and the one with its key's.
#[derive(Clone)]
struct Store {
    format: &'static str,
    file: PathBuf,
    password: PathBuf,
    key_password: PathBuf,
}

impl Store {
    /// Returns the keystore and the truststore of a broker.
    fn both_of(format: &'static str, out: &Path) -> [Self; 2] {
        let extension = if format == "pkcs12" { "p12" } else { format };
        let password = out.join("broker1/password");
        ["keystore", "truststore"].map(|store| Self {
            format,
            file: out.join(format!("broker1/kafka.server.{store}.{extension}")),
            password: password.clone(),
            key_password: password.clone(),
        })
    }

    /// Returns what `OpenStores` says of it.
    fn expected(&self) -> String {
        let keys = usize::from(self.file.to_string_lossy().contains("keystore"));
        format!("opened, {keys} keys, 1 certificates")
    }
}

/// Lets Java open all stores, and returns what it says of each.
fn answers(jdk: &Jdk, stores: &[Store]) -> Vec<String> {
    let questions = stores.iter().map(|Store { format, file, password, key_password }| {
        format!("{format}\t{}\t{}\t{}\n", file.display(), password.display(), key_password.display())
    });
    jdk.answers(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/interop/OpenStores.java"), questions.collect())
}

fn run(out: &Path, format: &str, arguments: &[&str]) -> Finished {
    let fixed = ["--cn", "broker1", "--format", format];
    Finished::of(&mut init(out, &[&fixed, QUICK_KEYS.as_slice(), arguments].concat()))
}

fn source(file: &Path) -> String {
    format!("file:{}", file.display())
}
