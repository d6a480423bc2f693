//! keytool of JDK 17 and of a newer one reads every store, and goes on with it.

use crate::algorithms::BUNDLES;
use crate::support::bundle::{Bundle, QUICK_KEYS, scratch};
use crate::support::command::{Finished, command};
use crate::support::jdk::Jdk;

const FORMATS: [(&str, &str); 2] = [("jks", "JKS"), ("p12", "PKCS12")];

#[test]
#[ignore = "needs keytool and OpenSSL"]
fn java_17_finds_one_key_with_its_chain_and_the_ca() {
    check_listings(&Jdk::of_17());
}

#[test]
#[ignore = "needs keytool and OpenSSL"]
fn a_newer_java_finds_one_key_with_its_chain_and_the_ca() {
    check_listings(&Jdk::newer());
}

#[test]
#[ignore = "needs keytool and OpenSSL"]
fn java_17_goes_on_with_our_stores() {
    for (extension, _) in FORMATS {
        go_on(&Jdk::of_17(), extension);
    }
}

#[test]
#[ignore = "needs keytool and OpenSSL"]
fn a_newer_java_goes_on_with_our_stores() {
    for (extension, _) in FORMATS {
        go_on(&Jdk::newer(), extension);
    }
}

fn check_listings(jdk: &Jdk) {
    for (algorithm, bundle) in BUNDLES.iter() {
        for (name, side) in [("broker1", "server"), ("app1", "client")] {
            for (extension, store_type) in FORMATS {
                let list = |store: &str| {
                    let store = format!("{name}/kafka.{side}.{store}.{extension}");
                    let listing = list(jdk, bundle, name, &store);
                    assert_eq!(values(&listing, "Keystore type: "), [store_type], "{algorithm} {store}\n{listing}");
                    listing
                };
                assert_entries(&list("keystore"), &[(name, "PrivateKeyEntry"), ("caroot", "trustedCertEntry")]);
                assert_entries(&list("truststore"), &[("caroot", "trustedCertEntry")]);
            }
        }
    }
}

/// Lets keytool ask for another certificate, OpenSSL sign it with our CA key, and keytool import it.
fn go_on(jdk: &Jdk, extension: &str) {
    let folder = scratch();
    let bundle = Bundle::init(&folder.path().join("out"), &[&["--cn", "broker1"], QUICK_KEYS.as_slice()].concat());
    let keystore = format!("broker1/kafka.server.keystore.{extension}");
    let file = |name: &str| folder.path().join(name).display().to_string();
    let (request, reply, ca) = (file("request"), file("reply"), bundle.path("ca/ca-cert").display().to_string());
    let keytool = |arguments: &[&str]| {
        let mut keytool = jdk.keytool();
        keytool.args(arguments).arg("-keystore").arg(bundle.path(&keystore));
        Finished::of(keytool.arg("-storepass:file").arg(bundle.password_file("broker1"))).successfully()
    };

    keytool(&["-certreq", "-alias", "broker1", "-ext", "SAN=DNS:broker1", "-file", &request]);
    let mut sign =
        command("openssl", ["x509", "-req", "-days", "30", "-copy_extensions", "copy", "-in", &request, "-CA", &ca]);
    sign.arg("-CAkey").arg(bundle.path("ca/ca-key")).args(["-out", &reply]);
    let password = bundle.path("ca/ca-key.password");
    Finished::of(sign.arg("-passin").arg(format!("file:{}", password.display()))).successfully();
    keytool(&["-importcert", "-alias", "broker1", "-file", &reply])
        .saying("Certificate reply was installed in keystore");
    keytool(&["-importcert", "-noprompt", "-alias", "another", "-file", &ca]);

    let listing = list(jdk, &bundle, "broker1", &keystore);
    let entries = [("another", "trustedCertEntry"), ("broker1", "PrivateKeyEntry"), ("caroot", "trustedCertEntry")];
    assert_entries(&listing, &entries);
    let mut fingerprint = command("openssl", ["x509", "-noout", "-fingerprint", "-sha256", "-in", &reply]);
    let fingerprint = Finished::of(&mut fingerprint).successfully().stdout;
    let fingerprint = fingerprint.trim().rsplit('=').next().unwrap();
    assert!(values(&listing, "SHA256: ").contains(&fingerprint), "no {fingerprint} in {listing}");
}

fn list(jdk: &Jdk, bundle: &Bundle, name: &str, store: &str) -> String {
    let mut list = jdk.keytool();
    list.args(["-list", "-v", "-keystore"]).arg(bundle.path(store));
    Finished::of(list.arg("-storepass:file").arg(bundle.password_file(name))).successfully().stdout
}

/// Checks which entries a listing has; keys have a chain of two.
fn assert_entries(listing: &str, expected: &[(&str, &str)]) {
    let mut entries: Vec<_> =
        values(listing, "Alias name: ").into_iter().zip(values(listing, "Entry type: ")).collect();
    entries.sort_unstable();
    assert_eq!(entries, expected, "{listing}");
    let keys = expected.iter().filter(|(_, entry)| *entry == "PrivateKeyEntry").count();
    assert_eq!(values(listing, "Certificate chain length: "), vec!["2"; keys], "{listing}");
}

/// Returns what follows a label in each line that has it.
pub(crate) fn values<'l>(listing: &'l str, label: &str) -> Vec<&'l str> {
    listing.lines().filter_map(|line| line.trim_start().strip_prefix(label)).collect()
}
