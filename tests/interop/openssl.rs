//! OpenSSL verifies every certificate, opens every store and key, and goes on with our CA.

use kafka_certgen::spec::KeyAlgorithm;

use crate::algorithms::{ADDRESSES, BUNDLES, HOSTS};
use crate::support::bundle::{Bundle, QUICK_KEYS, scratch};
use crate::support::command::{Finished, command};

#[test]
#[ignore = "needs OpenSSL"]
fn certificates_are_good_for_what_they_are_for_and_nothing_else() {
    for (_, bundle) in BUNDLES.iter() {
        let verify = |name: &str, arguments: &[&str]| {
            let mut verify = command("openssl", ["verify", "-x509_strict", "-CAfile"]);
            verify.arg(bundle.path("ca/ca-cert")).args(arguments).arg(bundle.path(&format!("{name}/cert-signed")));
            Finished::of(&mut verify)
        };
        for host in HOSTS.iter().chain(&["broker1"]) {
            verify("broker1", &["-purpose", "sslserver", "-verify_hostname", host]).successfully();
        }
        for address in ADDRESSES {
            verify("broker1", &["-purpose", "sslserver", "-verify_ip", address]).successfully();
        }
        verify("broker1", &["-purpose", "sslclient"]).successfully();
        verify("app1", &["-purpose", "sslclient"]).successfully();
        verify("broker1", &["-verify_hostname", "broker2"]).in_vain().saying("hostname mismatch");
        verify("broker1", &["-verify_ip", "10.0.0.2"]).in_vain().saying("IP address mismatch");
        verify("app1", &["-purpose", "sslserver"]).in_vain().saying("unsuitable certificate purpose");
        for name in ["broker1", "app1"] {
            let mut request = command("openssl", ["req", "-verify", "-noout", "-in"]);
            let request = Finished::of(request.arg(bundle.path(&format!("{name}/cert-file"))));
            request.successfully().saying("self-signature verify OK");
        }
    }
}

#[test]
#[ignore = "needs OpenSSL"]
fn pkcs12_stores_open_and_are_as_strong_as_javas() {
    for (_, bundle) in BUNDLES.iter() {
        for (name, side) in [("broker1", "server"), ("app1", "client")] {
            for (store, keys, certificates) in [("keystore", 1, 3), ("truststore", 0, 1)] {
                let mut info = command("openssl", ["pkcs12", "-info", "-noout", "-in"]);
                info.arg(bundle.path(&format!("{name}/kafka.{side}.{store}.p12")));
                let info = Finished::of(info.arg("-passin").arg(password(bundle, name))).successfully();
                let cipher = "PBES2, PBKDF2, AES-256-CBC, Iteration 10000, PRF hmacWithSHA256";
                let expected = [
                    ("MAC: sha256, Iteration 10000\n".to_owned(), 1),
                    (format!("PKCS7 Encrypted data: {cipher}\n"), 1),
                    (format!("Shrouded Keybag: {cipher}\n"), keys),
                    ("Certificate bag\n".to_owned(), certificates),
                ];
                for (line, count) in expected {
                    assert_eq!(info.stderr.matches(&line).count(), count, "{line}{info}");
                }
            }
        }
    }
}

#[test]
#[ignore = "needs OpenSSL"]
fn private_keys_belong_to_their_certificates() {
    let folder = scratch();
    for (algorithm, bundle) in BUNDLES.iter() {
        let ca_password = format!("file:{}", bundle.path("ca/ca-key.password").display());
        assert_eq!(public_key(bundle, "pkey", "ca/ca-key", &ca_password), public_key(bundle, "x509", "ca/ca-cert", ""));
        for (name, side) in [("broker1", "server"), ("app1", "client")] {
            let certificate = public_key(bundle, "x509", &format!("{name}/cert-signed"), "");
            let p12 = format!("{name}/kafka.{side}.keystore.p12");
            assert_eq!(public_key_of_p12(bundle, name, &p12), certificate, "{algorithm}");
            if *algorithm != KeyAlgorithm::Ed25519 {
                let pem = format!("{name}/kafka.{side}.keystore.pem");
                assert_eq!(public_key(bundle, "pkey", &pem, ""), certificate, "{algorithm}");
            }
        }
    }
    for (how, label) in
        [("plain", "PRIVATE KEY"), ("pbes2", "ENCRYPTED PRIVATE KEY"), ("pbes1-3des", "ENCRYPTED PRIVATE KEY")]
    {
        let arguments = ["--cn", "broker1", "--format", "pem", "--pem-key", how];
        let bundle = Bundle::init(&folder.path().join(how), &[&arguments, QUICK_KEYS.as_slice()].concat());
        let pem = "broker1/kafka.server.keystore.pem";
        assert!(bundle.read(pem).starts_with(&format!("-----BEGIN {label}-----\n")), "{how}");
        let certificate = public_key(&bundle, "x509", "broker1/cert-signed", "");
        assert_eq!(public_key(&bundle, "pkey", pem, &password(&bundle, "broker1")), certificate, "{how}");
    }
}

#[test]
#[ignore = "needs OpenSSL"]
fn openssl_signs_with_our_ca() {
    let folder = scratch();
    for (algorithm, bundle) in BUNDLES.iter() {
        let certificate = folder.path().join(algorithm.name());
        let mut sign = command("openssl", ["x509", "-req", "-days", "30", "-copy_extensions", "copy", "-in"]);
        sign.arg(bundle.path("broker1/cert-file")).arg("-CA").arg(bundle.path("ca/ca-cert"));
        sign.arg("-CAkey").arg(bundle.path("ca/ca-key")).arg("-out").arg(&certificate);
        let password = bundle.path("ca/ca-key.password");
        Finished::of(sign.arg("-passin").arg(format!("file:{}", password.display()))).successfully();
        let mut verify = command("openssl", ["verify", "-verify_hostname", HOSTS[0], "-CAfile"]);
        Finished::of(verify.arg(bundle.path("ca/ca-cert")).arg(&certificate)).successfully();
    }
}

/// Returns where OpenSSL reads the password of an identity's stores.
fn password(bundle: &Bundle, name: &str) -> String {
    format!("file:{}", bundle.password_file(name))
}

/// Returns the public key of what `openssl pkey` or `openssl x509` reads.
fn public_key(bundle: &Bundle, reader: &str, file: &str, password: &str) -> String {
    let mut read = match reader {
        "x509" => command("openssl", ["x509", "-noout", "-pubkey", "-in"]),
        _ => command("openssl", ["pkey", "-pubout", "-in"]),
    };
    read.arg(bundle.path(file));
    if !password.is_empty() {
        read.args(["-passin", password]);
    }
    Finished::of(&mut read).successfully().saying("BEGIN PUBLIC KEY").stdout
}

/// Returns the public key of the only private key in a PKCS#12 store.
fn public_key_of_p12(bundle: &Bundle, name: &str, store: &str) -> String {
    let mut read = command("openssl", ["pkcs12", "-nocerts", "-nodes", "-passin", &password(bundle, name), "-in"]);
    let key = Finished::of(read.arg(bundle.path(store))).successfully().stdout;
    let folder = scratch();
    std::fs::write(folder.path().join("key"), key).unwrap();
    public_key(&Bundle(folder.path().to_owned()), "pkey", "key", "")
}
