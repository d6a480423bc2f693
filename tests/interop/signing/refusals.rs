//! Requests that are not signed, though OpenSSL signs most of them.

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::authority::everyday;
use super::judges::{certificate, request};
use super::keys::{PASSWORD, key};
use super::requests::everyday_request;
use super::{folder, go, openssl, ours, text};
use crate::support::command::{Finished, command};
use crate::support::threads;

/// A request that must not be signed.
struct Refusal {
    request: PathBuf,
    /// One of these words must be in what is said, in any case.
    because: &'static [&'static str],
    /// Whether OpenSSL makes a certificate of it, so that there is nothing else wrong with it.
    openssl_signs: bool,
}

const SIGNATURE: &[&str] = &["signature"];
const ALT_NAME: &[&str] = &["subjectaltname", "alternative name", "host name", "ip address", "asks for a name"];
const SUBJECT: &[&str] = &["subject", "control character", " dn "];
const ALGORITHM: &[&str] = &["algorithm", "not supported", "curve", "kind of key", "ecdsa", "key type"];

#[test]
#[ignore = "needs keytool, OpenSSL and Go"]
fn a_request_that_is_not_proper_is_refused_with_a_hint() {
    let folder = folder("refusals");
    let (requests, outs) = (folder.join("requests"), folder.join("out"));
    fs::create_dir(&requests).unwrap();
    fs::create_dir(&outs).unwrap();
    let mut refusals = of_go(&requests);
    refusals.extend(of_openssl(&requests));
    refusals.extend(changed(&requests));
    let complaints = threads::map(&refusals, |refusal| {
        let name = refusal.request.file_name().unwrap();
        let out = outs.join(name);
        let refused = Finished::of(&mut ours(&everyday().arguments, &refusal.request, &out));
        let mut complaint = complain(&refused, &[text(&refusal.request).to_owned()], refusal.because);
        let mut by_openssl = command("openssl", ["x509", "-req", "-days", "30", "-in", text(&refusal.request), "-out"]);
        by_openssl.arg(folder.join("by openssl").join(name)).args(&everyday().openssl);
        if name.as_bytes().ends_with(b".der") {
            by_openssl.args(["-inform", "DER"]);
        }
        fs::create_dir_all(folder.join("by openssl")).unwrap();
        let by_openssl = Finished::of(&mut by_openssl);
        if by_openssl.status.success() != refusal.openssl_signs {
            complaint.push(format!("what OpenSSL makes of it is unexpected: {by_openssl}"));
        }
        complaint.iter().map(|complaint| format!("{}: {complaint}", name.display())).collect::<Vec<_>>()
    });
    assert_eq!(complaints.concat(), [""; 0]);
    assert_eq!(fs::read_dir(outs).unwrap().count(), 0);
}

/// Returns what is wrong with a refusal. The names of files say what is in them: they are no reason.
pub(super) fn complain(refused: &Finished, files: &[String], because: &[&str]) -> Vec<String> {
    let stderr = &refused.stderr;
    let said = files.iter().fold(stderr.clone(), |said, file| said.replace(file, "FILE")).to_lowercase();
    let checks = [
        (matches!(refused.status.code(), Some(1 | 2)), "the exit status is neither 1 nor 2"),
        (refused.stdout.is_empty(), "something is on stdout"),
        (said.contains("error:"), "there is no error"),
        (said.contains("hint:"), "there is no hint"),
        (!said.contains("panicked"), "it panicked"),
        (because.iter().any(|words| said.contains(words)), "it does not say why"),
        (!stderr.contains(PASSWORD) && !stderr.contains("wrong-secret"), "it says a password"),
        (!stderr.contains("PRIVATE KEY-----"), "it says a key"),
        (!stderr.chars().any(|c| c.is_control() && c != '\n'), "it has control characters"),
    ];
    let complaints = checks.iter().filter(|(holds, _)| !holds);
    complaints.map(|(_, complaint)| format!("{complaint} (because {because:?}): {refused}")).collect()
}

fn of_go(folder: &Path) -> Vec<Refusal> {
    Finished::of(&mut command(go("make_requests.go"), [folder])).successfully();
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let because = |file: &PathBuf| -> Option<(&'static [&'static str], bool)> {
        match file.file_name()?.to_str()?.split('-').next()? {
            "san" => Some((ALT_NAME, true)),
            "cn" | "ou" => Some((SUBJECT, true)),
            "no" => Some((&["subject", "name"], true)),
            "x25519.csr" => Some((ALGORITHM, false)),
            _ => None,
        }
    };
    let refusals: Vec<_> = files
        .iter()
        .filter_map(|file| {
            let (because, openssl_signs) = because(file)?;
            Some(Refusal { request: file.clone(), because, openssl_signs })
        })
        .collect();
    assert_eq!(refusals.len(), 21 + 2 * 6 + 2);
    refusals
}

fn of_openssl(folder: &Path) -> Vec<Refusal> {
    let cases: [(&str, &str, &[&str], &[&str]); 9] = [
        ("rsa-1024", "/CN=broker1", &[], &["1024"]),
        ("rsa-e3", "/CN=broker1", &[], &["exponent"]),
        ("rsa-pss", "/CN=broker1", &[], ALGORITHM),
        ("dsa", "/CN=broker1", &[], ALGORITHM),
        ("ec-secp256k1", "/CN=broker1", &[], ALGORITHM),
        ("ed448", "/CN=broker1", &[], ALGORITHM),
        ("ec-p256", "/CN=broker1", &["-addext", "basicConstraints=critical,CA:TRUE"], CA_ASKED_FOR),
        ("rsa-2048", "/CN=broker1", &["-addext", "basicConstraints=CA:TRUE,pathlen:0"], CA_ASKED_FOR),
        (
            "rsa-2048",
            "/CN=Everyday CA",
            &["-addext", "subjectAltName=DNS:broker1"],
            &["subject", "issuer", "ca's", "name"],
        ),
    ];
    let mut refusals = Vec::new();
    for (number, (key_name, subject, options, because)) in cases.into_iter().enumerate() {
        let request = folder.join(format!("openssl-{number}-{key_name}.csr"));
        let key = key(key_name);
        let make = ["req", "-new", "-key", text(&key), "-subj", subject, "-out", text(&request)];
        openssl(make.into_iter().chain(options.iter().copied()));
        refusals.push(Refusal { request, because, openssl_signs: true });
    }
    refusals
}

const CA_ASKED_FOR: &[&str] = &["ca:true", "basicconstraints", "be a ca", "asks for a ca"];

/// Sound requests with something done to them, and files that are no requests.
fn changed(folder: &Path) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    let mut add = |name: &str, content: &[u8], because: &'static [&'static str], openssl_signs: bool| {
        let request = folder.join(name);
        fs::write(&request, content).unwrap();
        refusals.push(Refusal { request, because, openssl_signs });
    };
    for algorithm in ["rsa-2048", "ec-p256", "ec-p521", "ed25519"] {
        let file = folder.join(format!("sound-{algorithm}"));
        openssl(["req", "-new", "-key", text(&key(algorithm)), "-subj", "/CN=broker1", "-out", text(&file)]);
        let sound = request(&file);
        let mut signature = sound.clone();
        *signature.last_mut().unwrap() ^= 1;
        add(&format!("signature-{algorithm}.der"), &signature, SIGNATURE, false);
        let mut subject = sound.clone();
        let place = sound.windows(7).position(|window| window == b"broker1").unwrap();
        subject[place + 6] ^= 2;
        add(&format!("subject-{algorithm}.der"), &subject, SIGNATURE, false);
    }
    let pem = fs::read(&everyday_request().file).unwrap();
    let der = request(&everyday_request().file);
    add("trailing.der", &[&der[..], b"\0"].concat(), &["follow", "bytes after"], true);
    add("cut.der", &der[..der.len() - 1], &["request", "pkcs#10", "pkcs #10"], false);
    add("two.csr", &pem.repeat(2), &["two", "2 ", "more than one", "several"], true);
    let other = fs::read(key("ec-p256")).unwrap();
    add("key.csr", &other, &["key"], false);
    add("certificate.csr", &fs::read(&everyday().root).unwrap(), &["certificate"], false);
    add("certificate.der", &certificate(&everyday().root), &["request", "pkcs#10"], false);
    add("empty.csr", b"", &["empty", "nothing"], false);
    add("zeros.csr", &[0; 4096], &["request", "pkcs#10"], false);
    add("words.csr", b"this is not a request\n", &["request", "pkcs#10"], false);
    add("half.csr", &pem[..pem.len() / 2], &["request", "pem"], false);
    let broken = String::from_utf8(pem).unwrap().replacen("MI", "M*", 1);
    add("base64.csr", broken.as_bytes(), &["request", "base64", "pem"], false);
    add("large.csr", &vec![b'A'; 64 << 20], &["large", "long", "bytes", "size", "mib"], false);
    let missing = folder.join("missing.csr");
    refusals.push(Refusal {
        request: missing,
        because: &["no such file", "not found", "does not exist"],
        openssl_signs: false,
    });
    refusals
}
