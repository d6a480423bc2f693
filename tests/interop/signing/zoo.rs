//! CAs of every kind: their keys, their stores, their names, their places in a chain.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use super::authority::{GOOD, Root, authority, password_file};
use super::keys::{ALIAS, PASSWORD, SOUND, key};
use super::{Authority, folder, openssl, text};
use crate::support::command::Finished;
use crate::support::jdk::Jdk;
use crate::support::threads;

/// OpenSSL's words for what is missing in a CA of somebody who did not think of it. All other judges accept such a CA.
type Faults = &'static [&'static str];
const NO_KEY_USAGE: &[&str] = &["CA cert does not include key usage extension"];
/// OpenSSL itself then leaves the issuer's identifier out of what it signs.
const NO_KEY_ID: &[&str] = &["Missing Subject Key Identifier", "Missing Authority Key Identifier"];
const NOT_CRITICAL: &[&str] = &["Basic Constraints of CA cert not marked critical"];

/// All of them.
pub(super) static AUTHORITIES: LazyLock<Vec<Authority>> = LazyLock::new(|| {
    let folder = folder("zoo");
    let password = password_file(&folder, PASSWORD);
    let parts: [fn(&Path, &Path) -> Vec<Authority>; 7] = [
        of_each_algorithm,
        in_key_files,
        in_stores_of_keytool,
        in_stores_of_openssl,
        with_names,
        with_extensions,
        below_a_root,
    ];
    threads::map(&parts, |part| part(&folder, &password)).into_iter().flatten().collect()
});

fn of_each_algorithm(folder: &Path, _: &Path) -> Vec<Authority> {
    threads::map(&SOUND, |algorithm| {
        let (name, key) = (format!("root-{algorithm}"), key(algorithm));
        let root = Root { key: &key, ..Root::default() }.make(folder, &name);
        authority(&name, &root, &key, None)
    })
}

/// The same two keys in every file format that OpenSSL writes.
fn in_key_files(folder: &Path, password: &Path) -> Vec<Authority> {
    let mut authorities = Vec::new();
    for algorithm in ["rsa-2048", "ec-p256"] {
        let plain = key(algorithm);
        let subject = format!("CN=CA with a key {algorithm}");
        let root = Root { key: &plain, subject: &[&subject], ..Root::default() };
        let root = root.make(folder, &format!("files-{algorithm}"));
        let encrypted = format!("file:{}", password.display());
        let mut add = |name: &str, is_encrypted: bool, command: &[&str]| {
            let name = format!("{algorithm}-{name}");
            let file = folder.join(format!("{name}.key"));
            openssl(command.iter().copied().chain(["-in", text(&plain), "-out", text(&file)]));
            authorities.push(authority(&name, &root, &file, is_encrypted.then_some(password)));
        };
        add("pkcs8-der", false, &["pkcs8", "-topk8", "-nocrypt", "-outform", "DER"]);
        add("traditional", false, &["pkey", "-traditional"]);
        add("traditional-der", false, &["pkey", "-traditional", "-outform", "DER"]);
        for cipher in ["aes-128-cbc", "aes-192-cbc", "aes-256-cbc"] {
            for hash in ["hmacWithSHA1", "hmacWithSHA256", "hmacWithSHA512"] {
                let options = ["pkcs8", "-topk8", "-passout", &encrypted, "-v2", cipher, "-v2prf", hash];
                add(&format!("{cipher}-{hash}"), true, &options);
            }
        }
        let aes = ["pkcs8", "-topk8", "-passout", &encrypted, "-v2", "aes-256-cbc", "-outform", "DER"];
        add("encrypted-der", true, &aes);
        let slow = ["pkcs8", "-topk8", "-passout", &encrypted, "-v2", "aes-256-cbc", "-iter", "600000"];
        add("many-iterations", true, &slow);
        add("3des", true, &["pkcs8", "-topk8", "-passout", &encrypted, "-v1", "PBE-SHA1-3DES"]);
        add("pbes2-3des", true, &["pkcs8", "-topk8", "-passout", &encrypted, "-v2", "des3"]);
    }
    authorities.push(with_ec_parameters(folder));
    authorities.push(of_the_script(folder, password));
    authorities
}

/// `openssl ecparam -genkey` writes a block with the curve first.
fn with_ec_parameters(folder: &Path) -> Authority {
    let key = folder.join("ec-parameters.key");
    openssl(["ecparam", "-name", "secp384r1", "-genkey", "-out", text(&key)]);
    assert!(fs::read_to_string(&key).unwrap().starts_with("-----BEGIN EC PARAMETERS-----\n"));
    let root = Root { key: &key, ..Root::default() }.make(folder, "ec-parameters");
    authority("ec-parameters", &root, &key, None)
}

/// The script's own first step, with the machine's configuration of OpenSSL.
fn of_the_script(folder: &Path, password: &Path) -> Authority {
    let (key, root) = (folder.join("script ca-key"), folder.join("script ca-cert"));
    let source = format!("file:{}", password.display());
    let command = ["req", "-new", "-x509", "-keyout", text(&key), "-out", text(&root), "-days", "365"];
    openssl(command.into_iter().chain(["-passout", &source, "-subj", "/CN=broker1.example.org"]));
    let mut authority = authority("the script's", &root, &key, Some(password));
    authority.faults = NO_KEY_USAGE;
    authority
}

/// Returns a CA that is known to `sign` by its store alone, or by its certificate too.
fn in_store(name: &str, store: &Path, alias: Option<&str>, password: &Path, root: &Path, key: &Path) -> [Authority; 2] {
    let store = ["--ca-key", text(store)].map(str::to_owned);
    let source = ["--ca-pass".to_owned(), format!("file:{}", password.display())];
    let alias = alias.map(|alias| ["--ca-alias".to_owned(), alias.to_owned()]);
    let certificate = ["--ca-cert", text(root)].map(str::to_owned);
    let alone: Vec<_> = store.into_iter().chain(source).chain(alias.into_iter().flatten()).collect();
    let both = alone.iter().cloned().chain(certificate).collect();
    [("alone", alone), ("with its certificate", both)]
        .map(|(how, arguments)| Authority { arguments, ..authority(&format!("{name} {how}"), root, key, None) })
}

fn in_stores_of_keytool(folder: &Path, password: &Path) -> Vec<Authority> {
    let newer = ("keytool", Jdk::newer());
    let java_17 = ("keytool17", Jdk::of_17());
    let usage = "ku:c=keyCertSign,cRLSign";
    let cases: [(_, _, _, _, &[&str], Faults); 5] = [
        (&java_17, "JKS", "RSA", "3072", &["bc:c"], NO_KEY_USAGE),
        (&java_17, "PKCS12", "EC", "256", &["bc=ca:true", usage], NOT_CRITICAL),
        (&newer, "PKCS12", "RSA", "2048", &["bc:c", usage], &[]),
        (&newer, "JKS", "EC", "384", &["bc:c", usage], &[]),
        (&newer, "PKCS12", "Ed25519", "", &["bc:c", usage], &[]),
    ];
    threads::map(&cases, |((tool, jdk), store_type, algorithm, size, extensions, faults)| {
        let name = format!("{tool}-{store_type}-{algorithm}");
        let (store, root, key) =
            (folder.join(&name), folder.join(format!("{name}.crt")), folder.join(format!("{name}.key")));
        let keytool = |arguments: &[&str]| {
            let mut keytool = jdk.keytool();
            keytool.args(arguments).args(["-storepass", PASSWORD, "-keystore"]).arg(&store);
            Finished::of(&mut keytool).successfully()
        };
        let mut make = vec!["-genkeypair", "-alias", "My CA", "-dname", "CN=CA of keytool, OU=one, OU=two, C=DE"];
        make.extend(["-keyalg", algorithm, "-validity", "3650", "-storetype", store_type]);
        make.extend(extensions.iter().flat_map(|extension| ["-ext", *extension]));
        make.extend(if size.is_empty() { vec![] } else { vec!["-keysize", size] });
        keytool(&make);
        keytool(&["-exportcert", "-rfc", "-alias", "My CA", "-file", text(&root)]);
        export_key(jdk, &store, &key);
        in_store(&name, &store, Some("My CA"), password, &root, &key).map(|authority| Authority { faults, ..authority })
    })
    .into_iter()
    .flatten()
    .collect()
}

/// Writes the only key of a store into a PEM file, for OpenSSL.
fn export_key(jdk: &Jdk, store: &Path, key: &Path) {
    let pkcs12 = store.with_extension("export");
    let mut export = jdk.keytool();
    export.args(["-importkeystore", "-srcstorepass", PASSWORD, "-deststorepass", PASSWORD, "-deststoretype", "PKCS12"]);
    Finished::of(export.arg("-srckeystore").arg(store).arg("-destkeystore").arg(&pkcs12)).successfully();
    let password = format!("pass:{PASSWORD}");
    openssl(["pkcs12", "-nocerts", "-nodes", "-passin", &password, "-in", text(&pkcs12), "-out", text(key)]);
}

fn in_stores_of_openssl(folder: &Path, password: &Path) -> Vec<Authority> {
    let mut authorities = Vec::new();
    for (name, algorithm, options) in [
        ("named", "rsa-2048", &["-name", ALIAS][..]),
        ("nameless", "ec-p256", &[]),
        (
            "old",
            "ec-p384",
            &["-name", ALIAS, "-certpbe", "PBE-SHA1-3DES", "-keypbe", "PBE-SHA1-3DES", "-macalg", "sha1"],
        ),
    ] {
        let (name, key) = (format!("openssl-p12-{name}"), key(algorithm));
        let root = Root { key: &key, ..Root::default() }.make(folder, &name);
        let store = folder.join(format!("{name}.p12"));
        let export = ["pkcs12", "-export", "-inkey", text(&key), "-in", text(&root), "-out", text(&store)];
        let source = format!("file:{}", password.display());
        openssl(export.into_iter().chain(["-passout", &source]).chain(options.iter().copied()));
        let alias = options.first().map(|_| ALIAS);
        let stores = in_store(&name, &store, alias, password, &root, &key);
        authorities.extend(stores.map(|mut authority| {
            authority.openssl =
                ["-CA", text(&root), "-CAkey", text(&store), "-passin", &source].map(str::to_owned).to_vec();
            authority
        }));
    }
    authorities
}

fn with_names(folder: &Path, _: &Path) -> Vec<Authority> {
    let key = key("ec-p256");
    let cases: [(&str, &str, &[&str]); 9] = [
        ("two-ous", "utf8only", &["C=DE", "O=Acme", "0.OU=one", "1.OU=two", "CN=CA"]),
        ("dcs", "utf8only", &["0.DC=com", "1.DC=example", "CN=CA"]),
        ("multi-valued", "utf8only", &["O=Acme", "CN=CA", "+UID=ca1", "+serialNumber=7"]),
        ("utf-8", "utf8only", &["O=Ünïcödé, Inc.", "CN=日本 CA 😀"]),
        ("bmp", "pkix", &["O=Ünïcödé", "CN=日本 CA"]),
        ("t61", "nombstr", &["O=Ünïcödé", "CN=Zürich CA"]),
        ("printable", "pkix", &["O=Acme", "CN=Plain CA"]),
        ("email", "utf8only", &["O=Acme", "CN=CA", "emailAddress=ca@example.com"]),
        ("no-cn", "utf8only", &["C=DE", "O=Acme", "OU=Acme Root"]),
    ];
    let make = |(name, string_mask, subject): &(&str, &str, &[&str])| {
        let name = format!("named-{name}");
        let root = Root { key: &key, subject, string_mask, ..Root::default() }.make(folder, &name);
        assert_has_string_type(&root, string_mask, subject);
        authority(&name, &root, &key, None)
    };
    cases.iter().map(make).collect()
}

/// Checks that the last part of the subject has the string type that the case is about.
fn assert_has_string_type(certificate: &Path, mask: &str, subject: &[&str]) {
    let expected = match mask {
        "utf8only" => return,
        "pkix" if subject.iter().all(|line| line.is_ascii()) => "PRINTABLESTRING",
        "pkix" => "BMPSTRING",
        _ => "T61STRING",
    };
    openssl(["asn1parse", "-in", text(certificate)]).saying(expected);
}

fn with_extensions(folder: &Path, _: &Path) -> Vec<Authority> {
    let key = key("ec-p256");
    let [constraints, key_usage, key_id] = GOOD;
    let cases: [(&str, &[&str], Faults, &str); 8] = [
        ("no-key-id", &[constraints, key_usage, "subjectKeyIdentifier=none"], NO_KEY_ID, "3650"),
        ("no-key-usage", &[constraints, key_id], NO_KEY_USAGE, "3650"),
        ("not-critical", &["basicConstraints=CA:TRUE", key_usage, key_id], NOT_CRITICAL, "3650"),
        ("own-key-id", &[constraints, key_usage, "subjectKeyIdentifier=0102030405"], &[], "3650"),
        ("path-length-0", &["basicConstraints=critical,CA:TRUE,pathlen:0", key_usage, key_id], &[], "3650"),
        ("beyond-2050", &GOOD, &[], "20000"),
        ("with-more-usages", &[constraints, "keyUsage=critical,keyCertSign,digitalSignature", key_id], &[], "3650"),
        (
            "with-policies",
            &[constraints, key_usage, key_id, "certificatePolicies=1.2.3.4", "nsComment=hello"],
            &[],
            "3650",
        ),
    ];
    let mut authorities: Vec<_> = cases
        .iter()
        .map(|(name, extensions, faults, days)| {
            let name = format!("root-{name}");
            let root = Root { key: &key, extensions, days, ..Root::default() }.make(folder, &name);
            Authority { faults, ..authority(&name, &root, &key, None) }
        })
        .collect();
    authorities.extend(in_other_encodings(folder, &key));
    authorities
}

/// The certificate as text and PEM, and in DER.
fn in_other_encodings(folder: &Path, key: &Path) -> [Authority; 2] {
    let root = Root { key, ..Root::default() }.make(folder, "encoded");
    [("text", &["-text"][..]), ("der", &["-outform", "DER"])].map(|(name, options)| {
        let file = folder.join(format!("encoded.{name}"));
        openssl(["x509", "-in", text(&root), "-out", text(&file)].into_iter().chain(options.iter().copied()));
        let mut authority = authority(&format!("encoded-{name}"), &file, key, None);
        authority.root.clone_from(&root);
        text(&root).clone_into(&mut authority.openssl[1]);
        authority
    })
}

fn below_a_root(folder: &Path, _: &Path) -> Vec<Authority> {
    let (root_key, middle_key, issuing_key) = (key("rsa-2048"), key("ec-p384"), key("ec-p256"));
    let [_, key_usage, key_id] = GOOD;
    let last = ["basicConstraints=critical,CA:TRUE,pathlen:0", key_usage, key_id, "authorityKeyIdentifier=keyid"];
    let below = [&GOOD[..], &["authorityKeyIdentifier=keyid"]].concat();
    let root = Root { key: &root_key, subject: &["CN=The Root"], ..Root::default() }.make(folder, "top");
    let middle = Root { key: &middle_key, subject: &["CN=The Middle"], extensions: &below, ..Root::default() };
    let middle = middle.make_below(folder, "middle", &root, &root_key);
    let direct = Root { key: &issuing_key, subject: &["CN=Issuing CA 1"], extensions: &last, ..Root::default() };
    let direct = direct.make_below(folder, "direct", &root, &root_key);
    let deep = Root { key: &issuing_key, subject: &["CN=Issuing CA 2"], extensions: &last, ..Root::default() };
    let deep = deep.make_below(folder, "deep", &middle, &middle_key);

    let cases: [(&str, &[&PathBuf], &[&PathBuf]); 6] = [
        ("first", &[&direct, &root], &[&direct]),
        ("last", &[&root, &direct], &[&direct]),
        ("alone", &[&direct], &[&direct]),
        ("of-three-first", &[&deep, &middle, &root], &[&deep, &middle]),
        ("of-three-last", &[&root, &middle, &deep], &[&deep, &middle]),
        ("of-three-between", &[&middle, &deep, &root], &[&deep, &middle]),
    ];
    cases
        .iter()
        .map(|(name, file, intermediates)| {
            let name = format!("intermediate-{name}");
            let certificates = folder.join(format!("{name}.pem"));
            fs::write(&certificates, file.iter().map(|part| fs::read_to_string(part).unwrap()).collect::<String>())
                .unwrap();
            let mut authority = authority(&name, &certificates, &issuing_key, None);
            authority.root.clone_from(&root);
            authority.intermediates = intermediates.iter().map(|file| (*file).clone()).collect();
            // OpenSSL takes the first certificate of a file.
            text(intermediates[0]).clone_into(&mut authority.openssl[1]);
            authority
        })
        .collect()
}
