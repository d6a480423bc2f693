//! CAs that do not sign.

use std::fs;
use std::path::{Path, PathBuf};

use super::authority::{GOOD, Root, authority, password_file};
use super::keys::{ALIAS, PASSWORD, key};
use super::refusals::complain;
use super::requests::everyday_request;
use super::{folder, openssl, ours, text};
use crate::support::command::Finished;
use crate::support::threads;

/// How `sign` is told of a CA, and what it must say.
struct Refusal {
    name: String,
    arguments: Vec<String>,
    /// One of these words must be in what is said, in any case.
    because: &'static [&'static str],
}

const NO_CA: &[&str] = &["not a ca", "no ca", "basicconstraints", "ca:true", "ca:false"];
const NO_MATCH: &[&str] = &["match", "belong", "does not fit"];
const PASSWORD_WANTED: &[&str] = &["password"];
const ALGORITHM: &[&str] = &["algorithm", "not supported", "curve", "kind of key", "key type"];

#[test]
#[ignore = "needs keytool, OpenSSL and Go"]
fn a_ca_that_is_not_fit_does_not_sign() {
    let folder = folder("ca refusals");
    let outs = folder.join("out");
    fs::create_dir(&outs).unwrap();
    let password = password_file(&folder, PASSWORD);
    let wrong = password_file(&folder, "wrong-secret");
    let mut refusals = by_their_certificates(&folder);
    refusals.extend(by_their_keys(&folder, &password, &wrong));
    refusals.extend(by_their_stores(&folder, &password, &wrong));
    refusals.extend(by_their_files(&folder));
    let complaints = threads::map(&refusals, |refusal| {
        let out = outs.join(&refusal.name);
        let refused = Finished::of(&mut ours(&refusal.arguments, &everyday_request().file, &out));
        let complaints = complain(&refused, &refusal.arguments, refusal.because);
        complaints.iter().map(|complaint| format!("{}: {complaint}", refusal.name)).collect::<Vec<_>>()
    });
    assert_eq!(complaints.concat(), [""; 0]);
    assert_eq!(fs::read_dir(outs).unwrap().count(), 0);
}

fn refusal(name: &str, arguments: &[&str], because: &'static [&'static str]) -> Refusal {
    Refusal { name: name.to_owned(), arguments: arguments.iter().copied().map(str::to_owned).collect(), because }
}

/// Returns a refusal of a CA in two files.
fn in_files(name: &str, certificate: &Path, key: &Path, because: &'static [&'static str]) -> Refusal {
    Refusal { name: name.to_owned(), arguments: authority(name, certificate, key, None).arguments, because }
}

fn by_their_certificates(folder: &Path) -> Vec<Refusal> {
    let ca_key = key("ec-p256");
    let [constraints, key_usage, key_id] = GOOD;
    let root = Root { key: &ca_key, ..Root::default() };
    let cases: [(&str, &[&str], &'static [&'static str]); 5] = [
        ("no-constraints", &[key_usage, key_id], NO_CA),
        ("no-ca", &["basicConstraints=critical,CA:FALSE", key_usage, key_id], NO_CA),
        ("empty-constraints", &["basicConstraints=critical,DER:3000", key_usage, key_id], NO_CA),
        (
            "only-signs",
            &[constraints, "keyUsage=critical,digitalSignature", key_id],
            &["keycertsign", "key usage", "keyusage"],
        ),
        ("only-crls", &[constraints, "keyUsage=cRLSign", key_id], &["keycertsign", "key usage", "keyusage"]),
    ];
    let mut refusals: Vec<_> = cases
        .iter()
        .map(|(name, extensions, because)| {
            let certificate = Root { extensions, ..root }.make(folder, name);
            in_files(name, &certificate, &ca_key, because)
        })
        .collect();

    let first = folder.join("version-1.crt");
    let request = ["x509", "-req", "-signkey", text(&ca_key), "-in", text(&everyday_request().file), "-out"];
    openssl(request.into_iter().chain([text(&first)]));
    openssl(["x509", "-noout", "-text", "-in", text(&first)]).saying("Version: 1 ");
    refusals.push(in_files("version-1", &first, &ca_key, NO_CA));

    for (name, day, because) in [
        ("expired", "2015-01-01 00:00:00", &["expired", "ended", "no longer valid", "not valid"][..]),
        ("of-the-future", "2045-01-01 00:00:00", &["not yet valid", "begins", "not valid"]),
    ] {
        let certificate = Root { made_on: Some(day), ..root }.make(folder, name);
        refusals.push(in_files(name, &certificate, &ca_key, because));
    }

    let certificate = Root { days: "29", ..root }.make(folder, "ends-before");
    refusals.push(in_files("ends-before", &certificate, &ca_key, &["outlive", "beyond", "longer", "ends", "after"]));
    refusals
}

fn by_their_keys(folder: &Path, password: &Path, wrong: &Path) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    let root = |name: &str| Root { key: &key(name), ..Root::default() }.make(folder, name);
    for (name, because) in [
        ("rsa-1024", &["1024"][..]),
        ("dsa", ALGORITHM),
        ("ec-secp256k1", ALGORITHM),
        ("ed448", ALGORITHM),
        ("rsa-pss", ALGORITHM),
    ] {
        refusals.push(in_files(name, &root(name), &key(name), because));
    }
    let (certificate, plain) = (root("ec-p256"), key("ec-p256"));
    refusals.push(in_files("another-key", &certificate, &key("ec-p384"), NO_MATCH));
    refusals.push(in_files("another-kind-of-key", &certificate, &key("rsa-2048"), NO_MATCH));
    let same_kind = folder.join("same-kind.key");
    openssl(["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", text(&same_kind)]);
    refusals.push(in_files("another-key-of-that-kind", &certificate, &same_kind, NO_MATCH));

    let source = format!("file:{}", password.display());
    for (name, options) in [
        ("pbes2", &["-v2", "aes-256-cbc"][..]),
        ("pbes1", &["-v1", "PBE-SHA1-3DES"]),
        ("pbes2-der", &["-v2", "aes-256-cbc", "-outform", "DER"]),
    ] {
        let encrypted = folder.join(format!("{name}.key"));
        let encrypt = ["pkcs8", "-topk8", "-in", text(&plain), "-out", text(&encrypted), "-passout", &source];
        openssl(encrypt.into_iter().chain(options.iter().copied()));
        let wrongly = authority(name, &certificate, &encrypted, Some(wrong)).arguments;
        refusals.push(Refusal { name: format!("{name}-wrong"), arguments: wrongly, because: PASSWORD_WANTED });
        refusals.push(in_files(&format!("{name}-without"), &certificate, &encrypted, PASSWORD_WANTED));
    }
    refusals
}

fn by_their_stores(folder: &Path, password: &Path, wrong: &Path) -> Vec<Refusal> {
    let (good, bad) = (format!("file:{}", password.display()), format!("file:{}", wrong.display()));
    let ca_key = key("ec-p384");
    let root = Root { key: &ca_key, ..Root::default() }.make(folder, "in-store");
    let (ca, only_certificate) = (folder.join("ca.p12"), folder.join("only-certificate.p12"));
    let export = ["pkcs12", "-export", "-passout", &good, "-in", text(&root)];
    openssl(export.into_iter().chain(["-inkey", text(&ca_key), "-name", ALIAS, "-out", text(&ca)]));
    openssl(export.into_iter().chain(["-nokeys", "-out", text(&only_certificate)]));
    let no_ca = Root { key: &ca_key, extensions: &["basicConstraints=CA:FALSE"], ..Root::default() };
    let (no_ca, leaf) = (no_ca.make(folder, "of-somebody"), folder.join("of-somebody.p12"));
    let export_leaf = ["pkcs12", "-export", "-passout", &good, "-in", text(&no_ca), "-inkey", text(&ca_key)];
    openssl(export_leaf.into_iter().chain(["-name", ALIAS, "-out", text(&leaf)]));
    let usual = ["--ca-pass", &good];
    let with =
        |more: &[&'static str]| -> Vec<String> { [&usual[..], more].concat().iter().map(|&s| s.to_owned()).collect() };
    let mut refusals = vec![
        refusal("store-wrong-password", &["--ca-key", text(&ca), "--ca-pass", &bad], PASSWORD_WANTED),
        refusal("store-without-password", &["--ca-key", text(&ca)], PASSWORD_WANTED),
    ];
    let cases: [(&str, &Path, &[&'static str], &'static [&'static str]); 3] = [
        ("store-another-alias", &ca, &["--ca-alias", "nobody"], &["alias", "nobody"]),
        ("store-without-a-key", &only_certificate, &[], &["key"]),
        ("store-of-somebody", &leaf, &["--ca-alias", ALIAS], NO_CA),
    ];
    for (name, store, more, because) in cases {
        let arguments = ["--ca-key".to_owned(), text(store).to_owned()].into_iter().chain(with(more)).collect();
        refusals.push(Refusal { name: name.to_owned(), arguments, because });
    }
    let another = everyday_request().file.with_extension("crt");
    fs::copy(Root { key: &key("ec-p256"), ..Root::default() }.make(folder, "another"), &another).unwrap();
    refusals.push(refusal(
        "store-with-another-certificate",
        &["--ca-key", text(&ca), "--ca-pass", &good, "--ca-cert", text(&another)],
        NO_MATCH,
    ));
    refusals
}

/// Files that hold something else.
fn by_their_files(folder: &Path) -> Vec<Refusal> {
    let good_key = key("ec-p521");
    let good = Root { key: &good_key, ..Root::default() }.make(folder, "good");
    let write = |name: &str, content: &[u8]| -> PathBuf {
        let file = folder.join(name);
        fs::write(&file, content).unwrap();
        file
    };
    let (key_text, certificate_text) = (fs::read(&good_key).unwrap(), fs::read(&good).unwrap());
    let (empty, zeros) = (write("empty", b""), write("zeros", &[0; 1000]));
    let large = write("large", &vec![b'A'; 64 << 20]);
    let two_keys = write("two keys", &[&key_text[..], &fs::read(key("ec-p256")).unwrap()].concat());
    let missing = folder.join("missing");
    let cut = write("cut.crt", &certificate_text[..certificate_text.len() / 2]);
    let request = &everyday_request().file;
    vec![
        in_files("key-as-certificate", &good_key, &good_key, &["certificate"]),
        in_files("request-as-certificate", request, &good_key, &["certificate"]),
        in_files("certificate-as-key", &good, &good, &["key"]),
        in_files("request-as-key", &good, request, &["key"]),
        in_files("two-keys", &good, &two_keys, &["two", "2 ", "more than one", "several"]),
        in_files("empty-certificate", &empty, &good_key, &["empty", "nothing"]),
        in_files("empty-key", &good, &empty, &["empty", "nothing"]),
        in_files("zeros-as-certificate", &zeros, &good_key, &["certificate"]),
        in_files("zeros-as-key", &good, &zeros, &["key"]),
        in_files("large-certificate", &large, &good_key, &["large", "long", "bytes", "size", "mib"]),
        in_files("large-key", &good, &large, &["large", "long", "bytes", "size", "mib"]),
        in_files("cut-certificate", &cut, &good_key, &["certificate", "pem"]),
        in_files("missing-certificate", &missing, &good_key, &["no such file", "not found", "does not exist"]),
        in_files("missing-key", &good, &missing, &["no such file", "not found", "does not exist"]),
    ]
}
