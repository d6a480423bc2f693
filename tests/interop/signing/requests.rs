//! Requests of keytool, OpenSSL and Go, signed by an everyday CA.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::{LazyLock, Mutex};

use super::authority::everyday;
use super::judges::{Issued, judge};
use super::keys::{ALIAS, PASSWORD, SOUND, key, store};
use super::{Profile, Request, Signer, folder, go, openssl_sign, text};
use crate::support::bundle::BINARY;
use crate::support::command::{Finished, command};
use crate::support::jdk::Jdk;
use crate::support::threads;

/// The name that most requests are for.
const HOST: &str = "broker1.example.com";

/// What most requests ask for, in OpenSSL's notation, and what they get.
const OPENSSL_NAMES: &str =
    "subjectAltName=DNS:broker1.example.com,DNS:*.brokers.example.com,IP:10.0.0.1,IP:2001:db8::1";
const NAMES: [&str; 4] = ["dns:broker1.example.com", "dns:*.brokers.example.com", "ip:10.0.0.1", "ip:2001:db8::1"];

#[test]
#[ignore = "needs keytool, OpenSSL and Go"]
fn a_proper_request_of_anybody_is_signed() {
    assert_signed(Signer::Ours);
}

#[test]
#[ignore = "needs keytool, OpenSSL and Go"]
fn judges_find_nothing_if_openssl_signs_the_same_requests() {
    assert_signed(Signer::OpenSsl);
}

fn assert_signed(signer: Signer) {
    let folder = folder(&format!("requests by {signer:?}"));
    let issued = threads::map(&REQUESTS, |request| {
        let file = folder.join(&request.name);
        let run = Finished::of(&mut signer.call(everyday(), request, &file)).successfully();
        if signer == Signer::Ours {
            assert_says_what_was_not_granted(request, &run);
        }
        Issued { file, request, authority: everyday(), signer }
    });
    assert_eq!(judge(&issued).concat(), [""; 0]);
}

fn assert_says_what_was_not_granted(request: &Request, signed: &Finished) {
    let said = [signed.stdout.as_str(), &signed.stderr].concat().to_lowercase();
    for words in request.unmet {
        assert!(words.iter().any(|word| said.contains(word)), "{}: none of {words:?} in {signed}", request.name);
    }
    assert!(!said.contains("challenge-secret"), "{signed}");
}

/// Without a file the certificate alone is on the standard output, and what is said of it is not.
#[test]
#[ignore = "needs keytool, OpenSSL and Go"]
fn a_certificate_on_the_standard_output_is_good_too() {
    let folder = folder("standard output");
    let request = REQUESTS.iter().find(|request| request.name == "go-p256").unwrap();
    let mut sign = command(BINARY, ["sign", "--batch", "--validity", "30", "--in"]);
    let signed = Finished::of(sign.arg(&request.file).args(&everyday().arguments)).successfully();
    assert!(signed.stdout.starts_with("-----BEGIN CERTIFICATE-----\n"), "{signed}");
    assert!(signed.stderr.contains("ops@example.com") && signed.stderr.contains("spiffe://"), "{signed}");
    let file = folder.join("cert-signed");
    fs::write(&file, &signed.stdout).unwrap();
    let issued = Issued { file, request, authority: everyday(), signer: Signer::Ours };
    assert_eq!(judge(&[issued]).concat(), [""; 0]);
}

/// Each judge, and the comparison with the request, is able to see that something is wrong.
#[test]
#[ignore = "needs keytool, OpenSSL and Go"]
fn judges_see_each_fault() {
    let folder = folder("faults");
    let key_usage = "keyUsage=critical,digitalSignature\n";
    let key_ids = "subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n";
    let constraints = "basicConstraints=critical,CA:FALSE\n";
    let usage = "extendedKeyUsage=serverAuth,clientAuth\n";
    let rest = [key_usage, key_ids, constraints].concat();
    let all_judges = ["openssl", "java 17", "newer java", "go"];
    let cases: [(&str, String, &[&str]); 7] = [
        ("nothing", format!("{rest}{usage}{OPENSSL_NAMES}"), &[]),
        ("no names", format!("{rest}{usage}"), &["openssl", "java 17", "newer java", "go", "it has the names"]),
        (
            "an e-mail address",
            format!("{rest}{usage}{OPENSSL_NAMES},email:a@example.com"),
            &["java 17", "newer java", "go", "it has the names"],
        ),
        ("a client's usage", format!("{rest}{OPENSSL_NAMES}\nextendedKeyUsage=clientAuth"), &all_judges),
        ("a server's usage", format!("{rest}{OPENSSL_NAMES}\nextendedKeyUsage=serverAuth"), &all_judges),
        (
            "a CA",
            format!("{key_usage}{key_ids}{usage}{OPENSSL_NAMES}\nbasicConstraints=critical,CA:TRUE"),
            &["basicConstraints is not as it must be"],
        ),
        (
            "an unknown extension",
            format!("{rest}{usage}{OPENSSL_NAMES}\nnsComment=\"hello\""),
            &["it has an extension"],
        ),
    ];
    let requests: Vec<_> = REQUESTS.iter().filter(|request| request.name == "openssl-ec-p256").collect();
    assert_eq!(requests.len(), 1);
    let mut issued: Vec<_> = cases
        .iter()
        .map(|(name, extensions, _)| {
            let (config, file) = (folder.join(format!("{name}.cnf")), folder.join(name));
            fs::write(&config, extensions).unwrap();
            Finished::of(&mut openssl_sign(everyday(), &requests[0].file, &config, &file)).successfully();
            Issued { file, request: requests[0], authority: everyday(), signer: Signer::OpenSsl }
        })
        .collect();
    let other = REQUESTS.iter().find(|request| request.name == "openssl-rsa-2048").unwrap();
    let (file, signer) = (folder.join("nothing"), Signer::Ours);
    issued.push(Issued { file, request: other, authority: everyday(), signer });
    let another: (_, _, &[&str]) = ("another request", String::new(), &["another public key", "serial number"]);
    for ((name, _, expected), complaints) in cases.iter().chain([&another]).zip(judge(&issued)) {
        for words in *expected {
            assert!(complaints.iter().any(|line| line.contains(words)), "{name}: nobody says {words}: {complaints:?}");
        }
        assert_eq!(complaints.is_empty(), expected.is_empty(), "{name}: {complaints:?}");
    }
}

/// The request of tests that are not about requests.
pub(super) fn everyday_request() -> &'static Request {
    static EVERYDAY: LazyLock<Request> = LazyLock::new(|| {
        let made =
            openssl(&folder("request"), "everyday", "ec-p256", "/CN=broker1.example.com", &["-addext", OPENSSL_NAMES]);
        Finished::of(&mut made.make.lock().unwrap()).successfully();
        made.request
    });
    &EVERYDAY
}

/// A request, and the command that makes it.
struct Made {
    request: Request,
    make: Mutex<Command>,
}

impl Made {
    fn with_names(mut self, alt_names: &[&'static str]) -> Self {
        self.request.alt_names = alt_names.to_vec();
        self
    }

    fn for_profile(mut self, profile: Profile) -> Self {
        self.request.profile = profile;
        self
    }

    fn without(mut self, unmet: &'static [&'static [&'static str]]) -> Self {
        self.request.unmet = unmet;
        self
    }
}

static REQUESTS: LazyLock<Vec<Request>> = LazyLock::new(|| {
    let folder = folder("requests");
    let mut made = of_keytool(&folder, "keytool17", &Jdk::of_17());
    made.extend(of_keytool(&folder, "keytool", &Jdk::newer()));
    made.extend(subjects_of_keytool(&folder));
    made.extend(of_openssl(&folder));
    made.extend(special_ones_of_openssl(&folder));
    made.extend(subjects_of_openssl(&folder));
    threads::map(&made, |made| Finished::of(&mut made.make.lock().unwrap()).successfully());
    let mut requests: Vec<_> = made.into_iter().map(|made| made.request).collect();
    let wrapped: Vec<_> = requests.iter().filter(|request| request.name == "openssl-ec-p256").flat_map(wrap).collect();
    requests.extend(wrapped);
    requests.extend(of_go(&folder));
    requests
});

fn request(folder: &Path, name: &str) -> Request {
    Request {
        name: name.to_owned(),
        file: folder.join(format!("{name}.csr")),
        profile: Profile::Broker,
        alt_names: NAMES.to_vec(),
        unmet: &[],
    }
}

/// Returns a request that keytool makes.
fn keytool(folder: &Path, jdk: &Jdk, name: &str, key: &str, dname: &str, options: &[&str]) -> Made {
    let request = request(folder, name);
    let mut make = jdk.keytool();
    make.args(["-certreq", "-storepass", PASSWORD, "-alias", ALIAS, "-dname", dname, "-keystore"]);
    make.arg(store(key)).args(options).arg("-file").arg(&request.file);
    Made { request, make: Mutex::new(make) }
}

fn of_keytool(folder: &Path, prefix: &str, jdk: &Jdk) -> Vec<Made> {
    let dname = format!("CN={HOST}, OU=Kafka");
    let san = "san=dns:broker1.example.com,dns:b7.brokers.example.com,ip:10.0.0.1,ip:2001:db8::1";
    let names = ["dns:broker1.example.com", "dns:b7.brokers.example.com", "ip:10.0.0.1", "ip:2001:db8::1"];
    let keytool =
        |name: &str, key, options: &[&str]| keytool(folder, jdk, &format!("{prefix}-{name}"), key, &dname, options);
    let mut made: Vec<_> = SOUND.iter().map(|key| keytool(key, key, &["-ext", san]).with_names(&names)).collect();
    for (key, algorithm) in [
        ("rsa-2048", "SHA384withRSA"),
        ("rsa-2048", "SHA512withRSA"),
        ("rsa-3072", "RSASSA-PSS"),
        ("ec-p256", "SHA512withECDSA"),
        ("ec-p384", "SHA256withECDSA"),
        ("ec-p521", "SHA256withECDSA"),
    ] {
        let name = format!("{key}-{algorithm}");
        made.push(keytool(&name, key, &["-ext", san, "-sigalg", algorithm]).with_names(&names));
    }
    let others = format!("{san},email:ops@example.com,uri:spiffe://example.com/broker1,oid:1.2.3");
    made.push(keytool("other-names", "ec-p256", &["-ext", &others]).with_names(&names).without(&[
        &["ops@example.com"],
        &["spiffe://example.com/broker1"],
        &["1.2.3", "registered", "another kind"],
    ]));
    made.push(keytool("no-names", "rsa-2048", &[]).with_names(&["dns:broker1.example.com"]));
    made.push(
        keytool("name-missing", "ec-p256", &["-ext", "san=ip:10.0.0.1"])
            .with_names(&["dns:broker1.example.com", "ip:10.0.0.1"]),
    );
    made.push(
        keytool("usages", "ec-p256", &["-ext", san, "-ext", "ku=keyCertSign", "-ext", "eku=codeSigning"])
            .with_names(&names)
            .without(&[&["keyusage", "key usage"], &["extendedkeyusage", "extkeyusage", "extended key usage"]]),
    );
    made
}

/// Both JDKs encode a name alike.
fn subjects_of_keytool(folder: &Path) -> Vec<Made> {
    let jdk = Jdk::of_17();
    let keytool = |name: &str, dname| keytool(folder, &jdk, &format!("keytool17-{name}"), "ec-p256", dname, &[]);
    vec![
        keytool("two-ous", "CN=broker1, OU=one, OU=two, O=Acme").with_names(&["dns:broker1"]),
        keytool("dcs", "CN=broker1, DC=example, DC=com").with_names(&["dns:broker1"]),
        keytool("multi-valued", "CN=n1+UID=u1, O=Acme").with_names(&["dns:n1"]),
        keytool("commas", "CN=broker1, O=\"Acme, Inc.\", L=\"a+b=c;<d>\"").with_names(&["dns:broker1"]),
        keytool("utf-8", "CN=Zürich 日本, O=Ünïcödé").for_profile(Profile::Client).with_names(&[]),
        keytool("client", "CN=payments_service").for_profile(Profile::Client).with_names(&[]),
    ]
}

/// Returns a request that OpenSSL makes.
fn openssl(folder: &Path, name: &str, key_name: &str, subject: &str, options: &[&str]) -> Made {
    let request = request(folder, name);
    let mut make = command("openssl", ["req", "-new", "-utf8", "-subj", subject, "-key"]);
    make.arg(key(key_name)).arg("-out").arg(&request.file).args(options);
    Made { request, make: Mutex::new(make) }
}

fn of_openssl(folder: &Path) -> Vec<Made> {
    let subject = format!("/O=Acme/CN={HOST}");
    let openssl = |name: &str, key, options: &[&str]| {
        openssl(folder, &format!("openssl-{name}"), key, &subject, &[&["-addext", OPENSSL_NAMES], options].concat())
    };
    let mut made: Vec<_> = SOUND.iter().map(|key| openssl(key, key, &[])).collect();
    for (key, hash) in [
        ("rsa-2048", "-sha384"),
        ("rsa-2048", "-sha512"),
        ("ec-p256", "-sha512"),
        ("ec-p384", "-sha256"),
        ("ec-p384", "-sha512"),
        ("ec-p521", "-sha256"),
    ] {
        made.push(openssl(&format!("{key}{hash}"), key, &[hash]));
    }
    for hash in ["-sha256", "-sha384", "-sha512"] {
        let pss = ["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:digest", hash];
        made.push(openssl(&format!("pss{hash}"), "rsa-2048", &pss));
    }
    made.push(openssl("controller", "ec-p256", &[]).for_profile(Profile::Controller));
    made.push(openssl("client", "ec-p256", &[]).for_profile(Profile::Client));
    made.push(openssl("new-label", "rsa-2048", &["-newhdr"]));
    made.push(openssl("text-before", "rsa-2048", &["-text"]));
    made.push(openssl("with-client-usage", "rsa-2048", &["-addext", "extendedKeyUsage=clientAuth"]));
    made.push(openssl("no-ca", "rsa-2048", &["-addext", "basicConstraints=critical,CA:FALSE"]));
    let usages = [
        "-addext",
        "keyUsage=critical,keyCertSign,cRLSign",
        "-addext",
        "extendedKeyUsage=codeSigning,anyExtendedKeyUsage",
    ];
    made.push(
        openssl("with-usages", "rsa-2048", &usages)
            .without(&[&["keyusage", "key usage"], &["extendedkeyusage", "extkeyusage", "extended key usage"]]),
    );
    made.push(
        openssl("with-policies", "ec-p256", &["-addext", "certificatePolicies=1.2.3.4", "-addext", "1.2.3.4=DER:0500"])
            .without(&[&["policies", "2.5.29.32"], &["1.2.3.4"]]),
    );
    made
}

fn special_ones_of_openssl(folder: &Path) -> Vec<Made> {
    let subject = format!("/O=Acme/CN={HOST}");
    let file = folder.join("openssl-der.der");
    // The last -out is the one that counts.
    let options = ["-addext", OPENSSL_NAMES, "-outform", "DER", "-out", text(&file)];
    let mut der = openssl(folder, "openssl-der", "ec-p256", &subject, &options);
    der.request.file.clone_from(&file);
    let config = folder.join("challenge.cnf");
    let sections = "[req]\nprompt=no\ndistinguished_name=dn\nattributes=attributes\n[dn]\nCN=broker1\n[attributes]\n";
    fs::write(&config, format!("{sections}challengePassword=challenge-secret\nunstructuredName=Acme")).unwrap();
    let challenge = request(folder, "openssl-challenge");
    let mut make = command("openssl", ["req", "-new", "-config", text(&config), "-key", text(&key("rsa-2048"))]);
    make.arg("-out").arg(&challenge.file);
    vec![der, Made { request: challenge, make: Mutex::new(make) }.with_names(&["dns:broker1"])]
}

fn subjects_of_openssl(folder: &Path) -> Vec<Made> {
    let openssl = |name: &str, subject| openssl(folder, &format!("openssl-{name}"), "ec-p256", subject, &[]);
    vec![
        openssl("dcs", "/DC=com/DC=example/CN=broker1").with_names(&["dns:broker1"]),
        openssl("two-ous", "/O=Acme/OU=one/OU=two/CN=broker1").with_names(&["dns:broker1"]),
        openssl("multi-valued", "/O=Acme/CN=n1+UID=u1").with_names(&["dns:n1"]),
        openssl("slashes", "/O=a\\/b, Inc./CN=broker1").with_names(&["dns:broker1"]),
        openssl("email", "/O=Acme/CN=broker1/emailAddress=ops@example.com").with_names(&["dns:broker1"]),
        openssl("utf-8", "/O=Ünïcödé/CN=Zürich 日本 😀").for_profile(Profile::Client).with_names(&[]),
        openssl("address", "/CN=10.0.0.7").with_names(&["ip:10.0.0.7"]),
        openssl("no-name", "/O=Acme").for_profile(Profile::Client).with_names(&[]),
    ]
}

/// Returns a PEM request as other systems pass it on.
fn wrap(request: &Request) -> Vec<Request> {
    let pem = fs::read_to_string(&request.file).unwrap();
    let lines = pem.replace('\n', "\r\n");
    let indented = format!("From: ops\nSubject: please sign\n\n{pem}\nThanks!\n");
    let one_line = pem.lines().filter(|line| !line.starts_with('-')).collect::<String>();
    let label = "CERTIFICATE REQUEST-----";
    let long = format!("-----BEGIN {label}\n{one_line}\n-----END {label}");
    [("crlf", lines), ("mail", indented), ("one-line", long)]
        .into_iter()
        .map(|(name, text)| {
            let mut wrapped = request.clone();
            wrapped.name = format!("openssl-{name}");
            wrapped.file.set_file_name(format!("openssl-{name}.csr"));
            fs::write(&wrapped.file, text).unwrap();
            wrapped
        })
        .collect()
}

fn of_go(folder: &Path) -> Vec<Request> {
    Finished::of(command(go("make_requests.go"), [folder]).env("LC_ALL", "C")).successfully();
    let mut requests = Vec::new();
    for name in [
        "rsa",
        "p256",
        "p384",
        "p521",
        "ed25519",
        "rsa-sha384",
        "rsa-sha512",
        "rsa-pss-sha256",
        "rsa-pss-sha384",
        "rsa-pss-sha512",
        "p256-sha512",
    ] {
        let mut request = request(folder, &format!("go-{name}"));
        request.unmet = &[&["ops@example.com"], &["spiffe://example.com/broker1"]];
        requests.push(request);
    }
    let mut name_only = request(folder, "go-name-only");
    name_only.alt_names = vec!["dns:broker1"];
    requests.push(name_only);
    requests
}
