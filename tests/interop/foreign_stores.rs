//! Stores that keytool and OpenSSL made are changed, and Java, keytool and OpenSSL find in them what was changed and the rest as it was.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use kafka_certgen::keystore::{Entry, EntryContent, EntryKind, PrivateKeyEntry, StoreFile};
use kafka_certgen::random::SystemRandom;
use kafka_certgen::secret::Password;
use time::OffsetDateTime;
use zeroize::Zeroizing;

use crate::support::bundle::scratch;
use crate::support::command::{Finished, command};
use crate::support::jdk::Jdk;
use crate::support::threads;

pub(crate) const PASSWORD: &str = "storepass";

/// A store of another tool.
pub(crate) struct Foreign {
    pub(crate) name: String,
    pub(crate) file: PathBuf,
    /// `JKS` or `PKCS12`.
    pub(crate) format: &'static str,
    /// OpenSSL reads it with `-legacy` only.
    pub(crate) is_legacy: bool,
}

/// Files of a CA and of what it has signed, all made by OpenSSL.
pub(crate) struct Authority<'f>(pub(crate) &'f Path);

impl Authority<'_> {
    pub(crate) fn make(&self) {
        openssl(&format!(
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -days 30 -subj /CN=CA -keyout {} -out {}",
            self.path("ca.key"),
            self.path("ca.pem")
        ));
        openssl(&format!("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out {}", self.path("own.key")));
        self.sign("own", "first");
        openssl(&format!(
            "pkcs8 -topk8 -nocrypt -outform DER -in {} -out {}",
            self.path("own.key"),
            self.path("own.der")
        ));
    }

    pub(crate) fn path(&self, file: &str) -> String {
        self.0.join(file).display().to_string()
    }

    /// Signs `NAME.pem` for `KEY.key`.
    fn sign(&self, key: &str, name: &str) {
        let (csr, out) = (self.path(&format!("{name}.csr")), self.path(&format!("{name}.pem")));
        openssl(&format!("req -new -key {} -subj /CN={name} -out {csr}", self.path(&format!("{key}.key"))));
        self.sign_request(&csr, &out);
    }

    fn sign_request(&self, csr: &str, out: &str) {
        let (ca, ca_key) = (self.path("ca.pem"), self.path("ca.key"));
        openssl(&format!("x509 -req -days 30 -in {csr} -CA {ca} -CAkey {ca_key} -out {out}"));
    }

    /// Returns the DER of a certificate.
    fn certificate(&self, name: &str) -> Vec<u8> {
        let der = self.path(&format!("{name}.crt"));
        openssl(&format!("x509 -outform DER -in {} -out {der}", self.path(&format!("{name}.pem"))));
        fs::read(der).unwrap()
    }

    pub(crate) fn stores_of_openssl(&self) -> Vec<Foreign> {
        let with_key = "-name Broker1";
        let cases = [
            ("modern", with_key),
            ("legacy", "-name Broker1 -legacy"),
            ("nomac", "-name Broker1 -nomac"),
            ("noname", ""),
            ("sha512", "-name Broker1 -macalg sha512"),
            ("sha1", "-name Broker1 -macalg sha1 -certpbe PBE-SHA1-3DES -keypbe PBE-SHA1-3DES"),
            ("aes128", "-name Broker1 -certpbe AES-128-CBC -keypbe AES-128-CBC"),
            ("plain-certificates", "-name Broker1 -certpbe NONE"),
            ("plain", "-name Broker1 -certpbe NONE -keypbe NONE"),
        ];
        let mut stores: Vec<Foreign> = cases
            .into_iter()
            .map(|(name, options)| {
                let file = self.0.join(format!("openssl-{name}.p12"));
                let line = format!(
                    "pkcs12 -export -inkey {} -in {} -certfile {} -passout pass:{PASSWORD} -out {} {options}",
                    self.path("own.key"),
                    self.path("first.pem"),
                    self.path("ca.pem"),
                    file.display()
                );
                openssl(line.trim_end());
                Foreign { name: format!("openssl {name}"), file, format: "PKCS12", is_legacy: name == "legacy" }
            })
            .collect();
        let file = self.0.join("openssl-nokeys.p12");
        let (first, out) = (self.path("first.pem"), file.display().to_string());
        openssl(&format!("pkcs12 -export -nokeys -in {first} -passout pass:{PASSWORD} -out {out}"));
        stores.push(Foreign { name: "openssl nokeys".to_owned(), file, format: "PKCS12", is_legacy: false });
        stores
    }

    /// A key with a chain of two, one that is self-signed, a trusted certificate and, in PKCS#12, a secret key.
    pub(crate) fn store_of_keytool(&self, jdk: &Jdk, release: &str, format: &'static str, options: &[&str]) -> Foreign {
        let is_legacy = options.contains(&"-J-Dkeystore.pkcs12.legacy");
        let name = format!("keytool-{release}-{format}-{}", options.len());
        let file = self.0.join(&name);
        let keytool = |arguments: &str| {
            let mut keytool = jdk.keytool();
            keytool.args(options).args(arguments.split(' ')).arg("-keystore").arg(&file);
            keytool.args(["-storetype", format, "-storepass", PASSWORD]);
            Finished::of(&mut keytool).successfully();
        };
        let (csr, reply) = (self.path(&format!("{name}.csr")), self.path(&format!("{name}.pem")));
        keytool("-genkeypair -alias Broker1 -keyalg RSA -keysize 2048 -dname CN=broker1");
        keytool(&format!("-importcert -noprompt -alias CARoot -file {}", self.path("ca.pem")));
        keytool(&format!("-certreq -alias broker1 -file {csr}"));
        self.sign_request(&csr, &reply);
        keytool(&format!("-importcert -alias broker1 -file {reply}"));
        keytool("-genkeypair -alias Client -keyalg EC -groupname secp256r1 -dname CN=client");
        if format == "PKCS12" {
            keytool("-genseckey -alias secret -keyalg AES -keysize 128");
        }
        Foreign { name, file, format, is_legacy }
    }
}

/// Runs OpenSSL on arguments without spaces.
pub(crate) fn openssl(arguments: &str) {
    Finished::of(&mut command("openssl", arguments.split(' '))).successfully();
}

#[test]
#[ignore = "needs keytool and OpenSSL"]
fn what_is_not_changed_in_a_store_of_others_stays() {
    let folder = scratch();
    let authority = Authority(folder.path());
    authority.make();
    let jdks = [("17", Jdk::of_17()), ("newer", Jdk::newer())];
    let kinds: [(&'static str, &[&str]); 4] = [
        ("PKCS12", &[]),
        ("PKCS12", &["-J-Dkeystore.pkcs12.legacy"]),
        ("PKCS12", &["-J-Dkeystore.pkcs12.certProtectionAlgorithm=NONE", "-J-Dkeystore.pkcs12.macAlgorithm=NONE"]),
        ("JKS", &[]),
    ];
    let calls: Vec<_> = jdks.iter().flat_map(|jdk| kinds.iter().map(move |kind| (jdk, kind))).collect();
    let mut stores = threads::map(&calls, |((release, jdk), (format, options))| {
        authority.store_of_keytool(jdk, release, format, options)
    });
    stores.extend(authority.stores_of_openssl());

    let before = stores.iter().map(|store| store.file.clone()).collect::<Vec<_>>();
    let changed: Vec<PathBuf> = stores.iter().map(|store| change(&authority, store)).collect();
    for (release, jdk) in &jdks {
        let listed = listings(jdk, &stores, &before);
        for ((store, before), after) in stores.iter().zip(listed).zip(listings(jdk, &stores, &changed)) {
            check(&authority, store, &before, &after, release);
        }
    }
    for (store, changed) in stores.iter().zip(&changed) {
        keytool_goes_on(&jdks[0].1, store, changed);
        keytool_goes_on(&jdks[1].1, store, changed);
        if store.format == "PKCS12" {
            check_encryption(store, changed);
        }
    }
}

/// Replaces the chain of each store's first key, and adds a certificate and a key.
fn change(authority: &Authority<'_>, foreign: &Foreign) -> PathBuf {
    let password = Password::new(Zeroizing::new(PASSWORD.to_owned())).unwrap();
    let bytes = fs::read(&foreign.file).unwrap();
    let mut store = StoreFile::open(&bytes, &password).unwrap_or_else(|error| panic!("{}: {error}", foreign.name));
    assert_eq!(store.to_bytes(&SystemRandom).unwrap(), bytes, "{}", foreign.name);
    let added = "added";
    let keys = store.entries().into_iter().filter(|entry| entry.content.kind() == EntryKind::PrivateKey);
    if let Some(alias) = keys.map(|entry| entry.alias.to_owned()).min() {
        let der = authority.path("replaced.der");
        fs::write(&der, store.private_key(&alias, None).unwrap()).unwrap();
        openssl(&format!("pkey -inform DER -in {der} -out {}", authority.path("replaced.key")));
        authority.sign("replaced", "replaced");
        let chain = vec![authority.certificate("replaced"), authority.certificate("ca")];
        fs::write(foreign.file.with_extension("expected"), chain[0].as_slice()).unwrap();
        store.replace_chain(&alias, chain, &SystemRandom).unwrap();
    }
    let created = OffsetDateTime::now_utc();
    let content = EntryContent::TrustedCertificate(authority.certificate("ca"));
    store.add(Entry { alias: added.parse().unwrap(), created, content }, None, &SystemRandom).unwrap();
    let key = Zeroizing::new(fs::read(authority.path("own.der")).unwrap());
    let chain = vec![authority.certificate("first"), authority.certificate("ca")];
    let content = EntryContent::PrivateKey(PrivateKeyEntry { key, chain });
    store.add(Entry { alias: "added-key".parse().unwrap(), created, content }, None, &SystemRandom).unwrap();
    let changed = foreign.file.with_extension("changed");
    fs::write(&changed, store.to_bytes(&SystemRandom).unwrap()).unwrap();
    changed
}

/// An entry for Java: the kind of its key, its date, the digest of its key, those of its certificates.
pub(crate) type Listing = BTreeMap<String, Vec<String>>;

pub(crate) fn listings(jdk: &Jdk, stores: &[Foreign], files: &[PathBuf]) -> Vec<Listing> {
    let mut java = jdk.java();
    java.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/interop/ListEntries.java"));
    let mut java = java.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = String::new();
    for (store, file) in stores.iter().zip(files) {
        writeln!(lines, "{}\t{}\t{PASSWORD}", store.format, file.display()).unwrap();
    }
    java.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
    let output = String::from_utf8(java.wait_with_output().unwrap().stdout).unwrap();
    let mut listings = vec![Listing::new()];
    for line in output.lines() {
        if line.is_empty() {
            listings.push(Listing::new());
            continue;
        }
        let mut fields = line.split('\t').map(str::to_owned);
        let alias = fields.next().unwrap();
        let fields: Vec<String> = fields.collect();
        assert_eq!(fields.len(), 4, "{line}");
        listings.last_mut().unwrap().insert(alias, fields);
    }
    listings.pop();
    assert_eq!(listings.len(), stores.len());
    listings
}

fn check(authority: &Authority<'_>, store: &Foreign, before: &Listing, after: &Listing, release: &str) {
    let name = format!("{} in Java {release}\n{before:#?}\n{after:#?}", store.name);
    assert_eq!(after.len(), before.len() + 2, "{name}");
    let touched = before.iter().find(|(_, fields)| fields[0].starts_with("PKCS#8")).map(|(alias, _)| alias);
    for (alias, fields) in before {
        if Some(alias) != touched {
            assert_eq!(after.get(alias), Some(fields), "{alias}: {name}");
        }
    }
    let ca = digest(&authority.path("ca.crt"));
    if let Some(alias) = touched {
        let (old, new) = (&before[alias], &after[alias]);
        assert_eq!(old[..3], new[..3], "{name}");
        let leaf = digest(&store.file.with_extension("expected").display().to_string());
        assert_eq!(new[3], format!("{leaf} {ca} "), "{name}");
    }
    assert_eq!(after["added"][3], format!("{ca} "), "{name}");
    let own = [digest(&authority.path("own.der")), digest(&authority.path("first.crt"))];
    assert_eq!(after["added-key"][2], own[0], "{name}");
    assert_eq!(after["added-key"][3], format!("{} {ca} ", own[1]), "{name}");
}

/// Returns the SHA-256 of a file in hexadecimal.
fn digest(file: &str) -> String {
    let output = Finished::of(&mut command("openssl", ["dgst", "-sha256", "-r", file])).successfully().stdout;
    output.split(' ').next().unwrap().to_owned()
}

/// Lets keytool list the store, take an entry out, and list it again.
fn keytool_goes_on(jdk: &Jdk, store: &Foreign, changed: &Path) {
    let copy = changed.with_extension("copy");
    fs::copy(changed, &copy).unwrap();
    let keytool = |arguments: &[&str]| {
        let mut keytool = jdk.keytool();
        keytool.args(arguments).arg("-keystore").arg(&copy);
        Finished::of(keytool.args(["-storetype", store.format, "-storepass", PASSWORD])).successfully().stdout
    };
    let count = |listing: &str, label: &str| listing.matches(label).count();
    let before = keytool(&["-list", "-v"]);
    keytool(&["-delete", "-alias", "added"]);
    let after = keytool(&["-list", "-v"]);
    let entries = count(&before, "Alias name: ");
    assert_eq!(count(&after, "Alias name: "), entries - 1, "{}\n{before}\n{after}", store.name);
    let chains = |listing: &str| {
        let lines = listing.lines().filter(|line| line.starts_with("Certificate chain length: "));
        let mut chains: Vec<String> = lines.map(str::to_owned).collect();
        chains.sort_unstable();
        chains
    };
    assert_eq!(chains(&before), chains(&after), "{}", store.name);
}

/// OpenSSL reads the store, and finds what there was encrypted as it was, with one more key as a new store has it.
fn check_encryption(store: &Foreign, changed: &Path) {
    let info = |file: &Path| {
        let mut info = command("openssl", ["pkcs12", "-info", "-noout", "-passin", &format!("pass:{PASSWORD}"), "-in"]);
        info.arg(file);
        if store.is_legacy {
            info.arg("-legacy");
        }
        let info = Finished::of(&mut info).successfully().stderr;
        // What is printed of a secret key's value has no end of line.
        let starts = ["MAC: ", "PKCS7 Encrypted", "Shrouded Keybag: ", "Key bag", "Secret bag"];
        let found = |line: &str| starts.iter().find_map(|start| line.find(start)).map(|at| line[at..].to_owned());
        let mut lines: Vec<String> = info.lines().filter_map(found).collect();
        lines.sort_unstable();
        lines
    };
    let (mut expected, after) = (info(&store.file), info(changed));
    expected.push("Shrouded Keybag: PBES2, PBKDF2, AES-256-CBC, Iteration 10000, PRF hmacWithSHA256".to_owned());
    expected.sort_unstable();
    assert_eq!(after, expected, "{}", store.name);
}
