//! A serial file beside the CA: whoever signs with OpenSSL keeps it, and we leave it alone.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use x509_parser::prelude::{FromDer, X509Certificate};

use super::authority::{Root, authority};
use super::judges;
use super::keys::key;
use super::requests::everyday_request;
use super::{Authority, folder, ours, text};
use crate::support::command::{Finished, command};
use crate::support::threads;

/// Signs with OpenSSL, which counts in the serial file.
fn sign_with_openssl(authority: &Authority, out: &Path) {
    let mut sign = command("openssl", ["x509", "-req", "-CAcreateserial", "-days", "30", "-in"]);
    sign.arg(&everyday_request().file).args(&authority.openssl).arg("-out").arg(out);
    Finished::of(&mut sign).successfully();
}

/// Makes a CA in files with the script's names, whose folder is new.
fn ca(name: &str) -> (PathBuf, Authority) {
    let folder = folder(name);
    let root = Root { key: &key("ec-p256"), ..Root::default() }.make(&folder, "root");
    let certificate = folder.join("ca-cert");
    fs::rename(root, &certificate).unwrap();
    (folder, authority(name, &certificate, &key("ec-p256"), None))
}

fn serial(certificate: &Path) -> Vec<u8> {
    let der = judges::certificate(certificate);
    X509Certificate::from_der(&der).unwrap().1.raw_serial().to_vec()
}

#[test]
#[ignore = "needs keytool, OpenSSL and Go"]
fn a_serial_file_is_left_alone_and_serials_are_random() {
    let (folder, authority) = ca("serials");
    sign_with_openssl(&authority, &folder.join("first"));
    let serial_file = folder.join("ca-cert.srl");
    let state = || {
        let metadata = fs::metadata(&serial_file).unwrap();
        (fs::read(&serial_file).unwrap(), metadata.modified().unwrap())
    };
    let before = state();
    let files: Vec<_> = (0..50).map(|number| folder.join(format!("{number}.crt"))).collect();
    threads::map(&files, |file| {
        Finished::of(&mut ours(&authority.arguments, &everyday_request().file, file)).successfully()
    });
    assert_eq!(state(), before);

    let serials: HashSet<_> = files.iter().map(|file| serial(file)).collect();
    assert_eq!(serials.len(), files.len());
    for serial in &serials {
        assert!(serial.len() == 17 && serial[0] == 1, "{serial:02x?}");
    }
    // Each of the 128 bits is set in some and not in others: chance fails here once in 2^42 runs.
    for bit in 8..17 * 8 {
        let set = serials.iter().filter(|serial| serial[bit / 8] >> (bit % 8) & 1 == 1).count();
        assert!((1..serials.len()).contains(&set), "bit {bit} is always the same");
    }

    sign_with_openssl(&authority, &folder.join("second"));
    assert_ne!(state().0, before.0, "OpenSSL has not counted on");
    assert!(!serials.contains(&serial(&folder.join("second"))));
}

#[test]
#[ignore = "needs keytool, OpenSSL and Go"]
fn a_broken_serial_file_stops_nothing() {
    let (folder, authority) = ca("broken serials");
    let serial_file = folder.join("ca-cert.srl");
    let many = "F".repeat(1000);
    for (number, content) in ["", "\0\0\0", "not a number\n", "-1\n", &many].iter().enumerate() {
        fs::write(&serial_file, content).unwrap();
        let out = folder.join(number.to_string());
        Finished::of(&mut ours(&authority.arguments, &everyday_request().file, &out)).successfully();
        assert_eq!(fs::read_to_string(&serial_file).unwrap(), *content);
        assert_eq!(serial(&out).len(), 17);
    }
    fs::remove_file(&serial_file).unwrap();
    fs::create_dir(&serial_file).unwrap();
    let out = folder.join("folder");
    Finished::of(&mut ours(&authority.arguments, &everyday_request().file, &out)).successfully();
    assert!(serial_file.is_dir(), "{}", text(&out));
}
