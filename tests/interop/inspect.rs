//! What `inspect --json` says of certificates, requests, revocation lists and stores is what OpenSSL and keytool print of them.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;

use crate::foreign_stores::{Authority, Foreign, PASSWORD, openssl};
use crate::keytool::values;
use crate::support::bundle::{BINARY, scratch};
use crate::support::command::{Finished, command};
use crate::support::jdk::Jdk;
use crate::support::threads;

/// Subjects as they are typed for OpenSSL; blanks are underscores in the calls.
const SUBJECTS: [&str; 6] = [
    "/CN=broker1",
    "/C=US/O=Acme,_Inc./OU=Kafka/CN=broker1.example.com",
    "/DC=com/DC=example/CN=a=b_\\+c",
    "/O=Grüße/CN=日本",
    "/CN=#x;<y>\"z\"",
    "/UID=u1/ST=CA/L=SF/CN=long-name-of-a-broker.with.many.labels.example.com",
];

/// A certificate's file with the options that made it: its key, and the lines of its extensions.
const CERTIFICATES: [(&str, &str, &str); 16] = [
    (
        "rsa",
        "rsa:2048",
        "subjectAltName=DNS:broker1,IP:10.0.0.1,IP:2001:db8::1\nextendedKeyUsage=serverAuth,clientAuth",
    ),
    ("rsa-1024", "rsa:1024", "subjectAltName=DNS:broker1"),
    ("rsa-3072", "rsa:3072", "keyUsage=critical,digitalSignature,keyEncipherment"),
    ("p256", "ec:P-256", "subjectAltName=DNS:*.example.com,DNS:broker1\nkeyUsage=digitalSignature"),
    ("p384", "ec:P-384", "extendedKeyUsage=critical,serverAuth,codeSigning,emailProtection,timeStamping,OCSPSigning"),
    ("p521", "ec:P-521", "basicConstraints=critical,CA:FALSE"),
    ("secp256k1", "ec:secp256k1", "subjectAltName=URI:https://example.com/x?y=1,email:root@example.com"),
    ("ed25519", "ed25519", "extendedKeyUsage=clientAuth"),
    ("ed448", "ed448", "keyUsage=critical,digitalSignature,nonRepudiation"),
    ("ca", "ec:P-256", "basicConstraints=critical,CA:TRUE,pathlen:0\nkeyUsage=critical,keyCertSign,cRLSign"),
    ("ca-no-path", "ec:P-256", "basicConstraints=CA:TRUE"),
    ("any", "ec:P-256", "extendedKeyUsage=anyExtendedKeyUsage,1.2.3.4.5"),
    ("agreement", "ec:P-256", "keyUsage=keyAgreement,encipherOnly,dataEncipherment"),
    ("identifiers", "ec:P-256", "subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid:always"),
    ("unknown", "ec:P-256", "1.2.3.4=critical,DER:05:00"),
    ("version-1", "ec:P-256", ""),
];

/// Names of OpenSSL for what RFC 5280 calls otherwise.
const USAGES: [(&str, &str); 16] = [
    ("digitalSignature", "Digital Signature"),
    ("nonRepudiation", "Non Repudiation"),
    ("keyEncipherment", "Key Encipherment"),
    ("dataEncipherment", "Data Encipherment"),
    ("keyAgreement", "Key Agreement"),
    ("keyCertSign", "Certificate Sign"),
    ("cRLSign", "CRL Sign"),
    ("encipherOnly", "Encipher Only"),
    ("decipherOnly", "Decipher Only"),
    ("serverAuth", "TLS Web Server Authentication"),
    ("clientAuth", "TLS Web Client Authentication"),
    ("codeSigning", "Code Signing"),
    ("emailProtection", "E-mail Protection"),
    ("timeStamping", "Time Stamping"),
    ("OCSPSigning", "OCSP Signing"),
    ("anyExtendedKeyUsage", "Any Extended Key Usage"),
];

#[test]
#[ignore = "needs OpenSSL"]
fn certificates_and_requests_say_what_openssl_prints() {
    let folder = scratch();
    let authority = Authority(folder.path());
    authority.make();
    let cases: Vec<(usize, &(&str, &str, &str))> = CERTIFICATES.iter().enumerate().collect();
    let made = threads::map(&cases, |(at, case)| make_certificate(folder.path(), *at, case));
    for (request, certificate) in &made {
        check_certificate(certificate);
        check_request(request);
        // The same in DER.
        let der = certificate.with_extension("der");
        openssl(&format!("x509 -in {} -outform DER -out {}", certificate.display(), der.display()));
        assert_eq!(inspect(&der)["entries"][0]["certificates"], inspect(certificate)["entries"][0]["certificates"]);
    }
    check_certificate(Path::new(&authority.path("ca.pem")));
}

/// Makes a request and a certificate for it.
fn make_certificate(folder: &Path, at: usize, (name, key, extensions): &(&str, &str, &str)) -> (PathBuf, PathBuf) {
    let file = |extension: &str| folder.join(format!("case-{name}.{extension}"));
    let subject = SUBJECTS[at % SUBJECTS.len()].replace('_', " ");
    let mut request = command("openssl", ["req", "-new", "-noenc", "-utf8", "-subj", &subject]);
    match key.split_once(':') {
        Some(("ec", curve)) => {
            request.args(["-newkey", "ec", "-pkeyopt", &format!("ec_paramgen_curve:{curve}")]);
        }
        _ => {
            request.args(["-newkey", key]);
        }
    }
    for extension in
        extensions.lines().filter(|line| !line.starts_with("authorityKey") && !line.starts_with("subjectKey"))
    {
        request.args(["-addext", extension]);
    }
    Finished::of(request.arg("-keyout").arg(file("key")).arg("-out").arg(file("csr"))).successfully();
    let mut sign = command("openssl", ["x509", "-req", "-days", "30", "-sha384", "-in"]);
    sign.arg(file("csr")).arg("-CA").arg(folder.join("ca.pem")).arg("-CAkey").arg(folder.join("ca.key"));
    if !extensions.is_empty() {
        fs::write(file("ext"), extensions).unwrap();
        sign.arg("-extfile").arg(file("ext"));
    }
    // A serial number of one octet, one of many, one with the high bit.
    let serials = ["1", "0x80", "0x7f112233445566778899aabbccddeeff00112233"];
    sign.args(["-set_serial", serials[at % serials.len()]]);
    Finished::of(sign.arg("-out").arg(file("pem"))).successfully();
    (file("csr"), file("pem"))
}

/// Runs `inspect --json` and returns what it says of the only file.
fn inspect(file: &Path) -> Value {
    let mut inspect = command(BINARY, ["inspect", "--json"]);
    inspect.args(["--storepass", "env:STOREPASS"]).env("STOREPASS", PASSWORD);
    let output = Finished::of(inspect.arg(file)).successfully().stdout;
    let mut document: Value = serde_json::from_str(&output).unwrap();
    document["files"][0].take()
}

/// Returns what OpenSSL prints of a file, with names and times in one form.
fn printed(kind: &str, file: &Path, more: &[&str]) -> String {
    let mut print = command("openssl", [kind, "-noout", "-text", "-nameopt", "RFC2253,-esc_msb"]);
    Finished::of(print.args(more).arg("-in").arg(file)).successfully().stdout
}

fn check_certificate(file: &Path) {
    let more = ["-serial", "-fingerprint", "-sha256", "-subject", "-issuer", "-dates", "-dateopt", "iso_8601"];
    let text = printed("x509", file, &more);
    let inspection = inspect(file);
    let certificate = &inspection["entries"][0]["certificates"][0];
    let one =
        |label: &str| values(&text, label).last().copied().unwrap_or_else(|| panic!("no {label} in {text}")).to_owned();
    assert_eq!(certificate["sha256"], one("sha256 Fingerprint="), "{text}");
    assert_eq!(certificate["serial"].as_str().unwrap().to_uppercase(), one("serial="), "{text}");
    assert_eq!(certificate["subject"], one("subject="), "{text}");
    assert_eq!(certificate["issuer"], one("issuer="), "{text}");
    assert_eq!(iso(&certificate["not_before"]), one("notBefore="), "{text}");
    assert_eq!(iso(&certificate["not_after"]), one("notAfter="), "{text}");
    assert_eq!(
        format!("{} (0x{})", certificate["version"], certificate["version"].as_u64().unwrap() - 1),
        one("Version: ")
    );
    check_extensions(certificate, &text);
    let extensions = certificate["extensions"].as_array().unwrap();
    let critical = extensions.iter().filter(|extension| extension["critical"] == true).count();
    assert_eq!(critical, text.lines().filter(|line| line.ends_with(": critical")).count(), "{text}");
    for (field, label) in
        [("subject_key_id", "X509v3 Subject Key Identifier"), ("authority_key_id", "X509v3 Authority Key Identifier")]
    {
        let found = certificate[field].as_str().map(str::to_uppercase);
        let printed = below(&text, label).map(|id| id.trim_start_matches("keyid:").replace(':', ""));
        assert_eq!(found, printed, "{text}");
    }
}

fn check_request(file: &Path) {
    let text = printed("req", file, &["-subject", "-verify"]);
    let inspection = inspect(file);
    let request = &inspection["entries"][0]["request"];
    assert_eq!(request["subject"], values(&text, "subject=").last().copied().unwrap(), "{text}");
    // Neither AWS-LC nor Java has these.
    let is_checked =
        !["secp256k1", "Ed448"].iter().any(|name| request["key_algorithm"].as_str().unwrap().contains(name));
    assert_eq!(request["signature"], if is_checked { "valid" } else { "not_checked" }, "{text}");
    check_extensions(request, &text);
}

/// Compares key, names and usages.
fn check_extensions(facts: &Value, text: &str) {
    let list = |label: &str| -> Vec<String> {
        below(text, label).map(|line| line.split(", ").map(str::to_owned).collect()).unwrap_or_default()
    };
    let texts = |field: &str| -> Vec<String> {
        let values = facts[field].as_array();
        values.into_iter().flatten().map(|value| value.as_str().unwrap().to_owned()).collect()
    };
    let usage = |name: &String| {
        USAGES.iter().find(|(ours, _)| ours == name).map_or_else(|| name.clone(), |(_, theirs)| (*theirs).to_owned())
    };
    let names: Vec<String> = texts("alt_names").iter().map(|name| openssl_name(name)).collect();
    assert_eq!(names, list("X509v3 Subject Alternative Name"), "{text}");
    let key_usage: BTreeSet<String> = texts("key_usage").iter().map(usage).collect();
    assert_eq!(key_usage, list("X509v3 Key Usage").into_iter().collect(), "{text}");
    let purposes: BTreeSet<String> = texts("extended_key_usage").iter().map(usage).collect();
    assert_eq!(purposes, list("X509v3 Extended Key Usage").into_iter().collect(), "{text}");
    let constraints = below(text, "X509v3 Basic Constraints");
    assert_eq!(facts["is_ca"].as_bool(), constraints.as_ref().map(|line| line.starts_with("CA:TRUE")), "{text}");
    let path_length = constraints.and_then(|line| Some(line.split_once("pathlen:")?.1.parse::<u64>().unwrap()));
    assert_eq!(facts["path_length"].as_u64(), path_length, "{text}");
    let key = facts["key_algorithm"].as_str().unwrap();
    let algorithm = values(text, "Public Key Algorithm: ")[0];
    let size = values(text, "Public-Key: (").first().map(|size| size.trim_end_matches(" bit)"));
    match algorithm {
        "rsaEncryption" => assert_eq!(key, format!("RSA-{}", size.unwrap())),
        "id-ecPublicKey" => {
            let curve = values(text, "NIST CURVE: ").first().or(values(text, "ASN1 OID: ").first()).copied();
            assert_eq!(key.trim_start_matches("EC "), curve.unwrap(), "{text}");
        }
        other => assert_eq!(key.to_lowercase(), other.to_lowercase()),
    }
}

/// Returns the line below the one that begins with a label.
fn below(text: &str, label: &str) -> Option<String> {
    let mut lines = text.lines().skip_while(|line| !line.trim_start().starts_with(label));
    lines.next()?;
    lines.next().map(|line| line.trim().to_owned())
}

fn openssl_name(name: &str) -> String {
    match name.split_once(':') {
        Some(("dns", name)) => format!("DNS:{name}"),
        Some(("uri", uri)) => format!("URI:{uri}"),
        Some(("ip", address)) => match address.parse::<std::net::IpAddr>().unwrap() {
            std::net::IpAddr::V4(address) => format!("IP Address:{address}"),
            std::net::IpAddr::V6(address) => {
                format!("IP Address:{}", address.segments().map(|group| format!("{group:X}")).join(":"))
            }
        },
        _ => name.to_owned(),
    }
}

fn time_of(value: &Value) -> OffsetDateTime {
    OffsetDateTime::parse(value.as_str().unwrap(), &Rfc3339).unwrap()
}

/// Returns a time as OpenSSL writes it.
fn iso(value: &Value) -> String {
    time_of(value).format(format_description!("[year]-[month]-[day] [hour]:[minute]:[second]Z")).unwrap()
}

#[test]
#[ignore = "needs OpenSSL"]
fn revocation_lists_say_what_openssl_prints() {
    let folder = scratch();
    let authority = Authority(folder.path());
    authority.make();
    let revoked = |serial: &str| format!("R\t301231235959Z\t260203040506Z\t{serial}\tunknown\t/CN=x\n");
    for (at, serials) in [vec![], vec!["01"], vec!["7F00112233445566", "80AA", "03"]].into_iter().enumerate() {
        fs::write(folder.path().join("index"), serials.iter().copied().map(revoked).collect::<String>()).unwrap();
        fs::write(folder.path().join("number"), "0A1B\n").unwrap();
        let configuration = format!(
            "[ca]\ndefault_ca=d\n[d]\ndatabase={0}/index\ncrlnumber={0}/number\ndefault_md=sha256\ndefault_crl_days=7\ncrl_extensions=e\n[e]\nauthorityKeyIdentifier=keyid\n",
            folder.path().display()
        );
        fs::write(folder.path().join("configuration"), configuration).unwrap();
        let list = folder.path().join(format!("list-{at}.pem"));
        openssl(&format!(
            "ca -gencrl -config {} -cert {} -keyfile {} -out {}",
            authority.path("configuration"),
            authority.path("ca.pem"),
            authority.path("ca.key"),
            list.display()
        ));
        let der = list.with_extension("der");
        openssl(&format!("crl -in {} -outform DER -out {}", list.display(), der.display()));
        let more = ["-issuer", "-lastupdate", "-nextupdate", "-dateopt", "iso_8601"];
        let text = printed("crl", &list, &more);
        let one = |label: &str| values(&text, label).last().copied().unwrap_or_else(|| panic!("no {label} in {text}"));
        for file in [&list, &der] {
            let inspection = inspect(file);
            let facts = &inspection["entries"][0]["revocation_lists"][0];
            assert_eq!(facts["issuer"], one("issuer="), "{text}");
            assert_eq!(iso(&facts["this_update"]), one("lastUpdate="), "{text}");
            assert_eq!(iso(&facts["next_update"]), one("nextUpdate="), "{text}");
            assert_eq!(facts["number"], "0a1b");
            let found: Vec<String> = facts["revoked"]
                .as_array()
                .unwrap()
                .iter()
                .map(|revoked| {
                    format!("{} {}", revoked["serial"].as_str().unwrap().to_uppercase(), iso(&revoked["date"]))
                })
                .collect();
            let dates = ["2026-02-03 04:05:06Z"; 3];
            let printed = values(&text, "Serial Number: ")
                .into_iter()
                .zip(dates)
                .map(|(serial, date)| format!("{serial} {date}"));
            assert_eq!(found, printed.collect::<Vec<_>>(), "{text}");
            assert_eq!(found.len(), serials.len());
        }
    }
}

#[test]
#[ignore = "needs a JDK and OpenSSL"]
fn stores_say_what_keytool_and_openssl_print() {
    let folder = scratch();
    let authority = Authority(folder.path());
    authority.make();
    let jdks = [("17", Jdk::of_17()), ("newer", Jdk::newer())];
    let calls: [(usize, &'static str, &[&str]); 7] = [
        (0, "PKCS12", &[]),
        (0, "PKCS12", &["-J-Dkeystore.pkcs12.legacy"]),
        (0, "PKCS12", &["-J-Dkeystore.pkcs12.certProtectionAlgorithm=NONE", "-J-Dkeystore.pkcs12.macAlgorithm=NONE"]),
        (0, "JKS", &[]),
        (0, "JCEKS", &[]),
        (1, "PKCS12", &[]),
        (1, "JKS", &[]),
    ];
    let mut stores = threads::map(&calls, |(jdk, format, options)| {
        let (release, jdk) = &jdks[*jdk];
        authority.store_of_keytool(jdk, release, format, options)
    });
    stores.extend(authority.stores_of_openssl());
    stores.extend(of_the_script(folder.path(), &jdks[0].1));
    assert!(stores.len() >= 19);
    let found = threads::map(&stores, |store| check_store(&jdks[1].1, store));
    // Two entries or more in each of keytool's, one in most of OpenSSL's.
    assert!(found.iter().sum::<usize>() >= 30, "{found:?}");
    for store in stores.iter().filter(|store| store.format == "PKCS12") {
        check_protection(store);
    }
}

/// Runs the lines of the script that this program replaces.
fn of_the_script(folder: &Path, jdk: &Jdk) -> [Foreign; 2] {
    let path = |file: &str| folder.join(format!("script-{file}"));
    let keytool = |store: &str, arguments: &[&str]| {
        let mut keytool = jdk.keytool();
        keytool.args(["-storepass", PASSWORD, "-keystore"]).arg(path(store)).args(arguments);
        Finished::of(&mut keytool).successfully();
    };
    let shown = |file: &str| path(file).display().to_string();
    let (ca, ca_key, request, reply) = (shown("ca-cert"), shown("ca-key"), shown("cert-file"), shown("cert-signed"));
    openssl(&format!("req -new -x509 -keyout {ca_key} -out {ca} -days 365 -passout pass:{PASSWORD} -subj /CN=broker1"));
    let genkey = ["-genkey", "-keyalg", "RSA", "-validity", "365", "-keypass", PASSWORD, "-alias", "broker1"];
    keytool("keystore.jks", &[genkey.as_slice(), &["-dname", "CN=broker1"]].concat());
    keytool("truststore.jks", &["-alias", "CARoot", "-import", "-file", &ca, "-noprompt"]);
    keytool("keystore.jks", &["-certreq", "-file", &request, "-alias", "broker1", "-keypass", PASSWORD]);
    openssl(&format!(
        "x509 -req -CA {ca} -CAkey {ca_key} -in {request} -out {reply} -days 365 -CAcreateserial -passin pass:{PASSWORD}"
    ));
    keytool("keystore.jks", &["-alias", "CARoot", "-import", "-file", &ca, "-keypass", PASSWORD, "-noprompt"]);
    keytool("keystore.jks", &["-alias", "broker1", "-import", "-file", &reply, "-keypass", PASSWORD, "-noprompt"]);
    for file in ["ca-cert", "cert-signed"] {
        check_certificate(&path(file));
    }
    check_request(&path("cert-file"));
    ["keystore.jks", "truststore.jks"].map(|file| Foreign {
        name: format!("script {file}"),
        file: path(file),
        format: "PKCS12",
        is_legacy: false,
    })
}

/// Compares the entries with what keytool lists, and returns how many there are.
fn check_store(jdk: &Jdk, store: &Foreign) -> usize {
    let mut list = jdk.keytool();
    list.args([
        "-J-Duser.timezone=UTC",
        "-list",
        "-v",
        "-storepass",
        PASSWORD,
        "-storetype",
        store.format,
        "-keystore",
    ]);
    let listing = Finished::of(list.arg(&store.file)).successfully().stdout;
    let inspection = inspect(&store.file);
    assert!(["checked", "no_mac"].contains(&inspection["store"]["integrity"].as_str().unwrap()), "{}", store.name);
    let mut printed: Vec<Vec<String>> = listing.split("Alias name: ").skip(1).map(printed_entry).collect();
    let entries = inspection["entries"].as_array().unwrap().iter().filter(|entry| entry["is_seen_by_java"] == true);
    let mut found: Vec<Vec<String>> = entries.map(found_entry).collect();
    printed.sort();
    found.sort();
    for (found, printed) in found.iter().zip(&mut printed) {
        // If a store does not say when an entry was made, keytool says that it was now.
        if found[1].is_empty() {
            printed[1].clear();
        }
    }
    assert_eq!(found, printed, "{}\n{listing}", store.name);
    let keys = inspection["entries"].as_array().unwrap().iter().filter(|entry| entry["kind"] == "private_key");
    for key in keys.map(|entry| &entry["key"]).filter(|key| key["opening"] == "opened") {
        assert_eq!(key["matches_certificate"], true, "{}: {key}", store.name);
    }
    found.len()
}

/// Returns alias, date, kind, and of each certificate subject, issuer, serial number, dates and fingerprint, as keytool prints them.
fn printed_entry(listing: &str) -> Vec<String> {
    let one = |label: &str| values(listing, label).first().map(|value| (*value).to_owned()).unwrap_or_default();
    let mut entry = vec![listing.lines().next().unwrap().to_owned(), one("Creation date: "), one("Entry type: ")];
    let all =
        ["Owner: ", "Issuer: ", "Serial number: ", "Valid from: ", "SHA256: "].map(|label| values(listing, label));
    for at in 0..all[0].len() {
        entry.extend(all.iter().map(|values| values[at].replace(", ", ",")));
    }
    entry
}

/// Returns the same of an entry in the JSON form.
fn found_entry(entry: &Value) -> Vec<String> {
    let created = entry.get("created").map(|created| {
        time_of(created).format(format_description!("[month repr:short] [day padding:none], [year]")).unwrap()
    });
    let kind = match entry["kind"].as_str().unwrap() {
        "private_key" => "PrivateKeyEntry",
        "secret_key" => "SecretKeyEntry",
        _ => "trustedCertEntry",
    };
    let mut facts = vec![entry["alias"].as_str().unwrap().to_owned(), created.unwrap_or_default(), kind.to_owned()];
    let java = |value: &Value| {
        let form =
            format_description!("[weekday repr:short] [month repr:short] [day] [hour]:[minute]:[second] UTC [year]");
        time_of(value).format(form).unwrap()
    };
    for certificate in entry["certificates"].as_array().into_iter().flatten() {
        let text = |field: &str| certificate[field].as_str().unwrap().to_owned();
        let dates = format!("{} until: {}", java(&certificate["not_before"]), java(&certificate["not_after"]));
        let serial = text("serial").trim_start_matches('0').to_owned();
        facts.extend([text("subject"), text("issuer"), serial, dates, text("sha256")]);
    }
    facts
}

/// Compares how MAC, content and keys are protected with what OpenSSL says.
fn check_protection(store: &Foreign) {
    let mut info = command("openssl", ["pkcs12", "-info", "-noout", "-passin", &format!("pass:{PASSWORD}"), "-in"]);
    info.arg(&store.file);
    if store.is_legacy {
        info.arg("-legacy");
    }
    let info = Finished::of(&mut info).successfully().stderr;
    let labels = [("MAC: ", "store"), ("PKCS7 Encrypted data: ", "content"), ("Shrouded Keybag: ", "key")];
    let line_of = |line: &str| {
        // What is printed of a secret key's value has no end of line.
        let (at, label, what) = labels.iter().find_map(|(label, what)| Some((line.find(label)?, label, what)))?;
        let iterations = line[at + label.len()..].split("Iteration ").nth(1)?;
        let digits: String = iterations.chars().take_while(char::is_ascii_digit).collect();
        Some(format!("{what} {digits}"))
    };
    let mut printed: Vec<String> = info.lines().filter_map(line_of).collect();
    let inspection = inspect(&store.file);
    let protections = inspection["store"]["protections"].as_array().unwrap();
    let mut found: Vec<String> = protections
        .iter()
        .map(|protection| format!("{} {}", protection["what"].as_str().unwrap(), protection["iterations"]))
        .collect();
    printed.sort();
    found.sort();
    assert_eq!(found, printed, "{}\n{info}", store.name);
}
