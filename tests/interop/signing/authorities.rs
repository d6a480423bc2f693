//! CAs of the zoo sign, and judges follow the certificate up to their root.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use super::authority::{Root, authority, password_file};
use super::judges::{Issued, judge};
use super::keys::{PASSWORD, key};
use super::requests::everyday_request;
use super::zoo::AUTHORITIES;
use super::{Authority, Signer, folder, openssl, ours, text};
use crate::support::command::{Finished, command};
use crate::support::threads;

#[test]
#[ignore = "needs keytool, OpenSSL and Go"]
fn a_ca_of_anybody_signs() {
    assert_signs(Signer::Ours);
}

#[test]
#[ignore = "needs keytool, OpenSSL and Go"]
fn judges_find_nothing_if_openssl_signs_with_the_same_cas() {
    assert_signs(Signer::OpenSsl);
}

fn assert_signs(signer: Signer) {
    let folder = folder(&format!("authorities by {signer:?}"));
    let issued = threads::map(&AUTHORITIES, |authority| {
        let file = folder.join(&authority.name);
        let run = Finished::of(&mut signer.call(authority, everyday_request(), &file)).successfully();
        assert!(!run.stderr.contains(PASSWORD) && !run.stdout.contains(PASSWORD), "{run}");
        Issued { file, request: everyday_request(), authority, signer }
    });
    assert_eq!(judge(&issued).concat(), [""; 0]);
}

/// A key that OpenSSL has encrypted in PEM's own way is read, or else the hint has the command that converts it.
#[test]
#[ignore = "needs keytool, OpenSSL and Go"]
fn a_traditionally_encrypted_key_is_read_or_can_be_converted_as_the_hint_says() {
    let folder = folder("traditional");
    let password = password_file(&folder, PASSWORD);
    let mut issued = Vec::new();
    let mut authorities = Vec::new();
    for (algorithm, cipher) in [("rsa-2048", "-aes256"), ("rsa-2048", "-des3"), ("ec-p256", "-aes128")] {
        let plain = key(algorithm);
        let name = format!("{algorithm}{cipher}");
        let encrypted = folder.join(format!("{name}.key"));
        let source = format!("file:{}", password.display());
        let convert = ["pkey", "-traditional", "-in", text(&plain), "-out", text(&encrypted), cipher, "-passout"];
        openssl(convert.into_iter().chain([source.as_str()]));
        assert!(fs::read_to_string(&encrypted).unwrap().contains("\nProc-Type: 4,ENCRYPTED\n"));
        let root = Root { key: &plain, ..Root::default() }.make(&folder, &name);
        let mut authority = authority(&name, &root, &encrypted, Some(&password));
        let file = folder.join(format!("{name}.cert-signed"));
        let signed = Finished::of(&mut ours(&authority.arguments, &everyday_request().file, &file));
        if !signed.status.success() {
            assert!(!file.exists(), "{signed}");
            let converted = convert_as_hinted(&signed, &encrypted);
            let place = authority.arguments.iter().position(|argument| argument == text(&encrypted)).unwrap();
            text(&converted).clone_into(&mut authority.arguments[place]);
            Finished::of(&mut ours(&authority.arguments, &everyday_request().file, &file)).successfully();
        }
        authorities.push((authority, file));
    }
    for (authority, file) in &authorities {
        issued.push(Issued { file: file.clone(), request: everyday_request(), authority, signer: Signer::Ours });
    }
    assert_eq!(judge(&issued).concat(), [""; 0]);
}

/// Runs the command of the hint, and returns the file that it writes.
fn convert_as_hinted(refused: &Finished, encrypted: &Path) -> PathBuf {
    const COMMAND: &str = "openssl pkcs8 -topk8";
    let mut hints = refused.stderr.lines().filter_map(|line| line.trim_start().strip_prefix("hint: "));
    let hint = hints.rfind(|hint| hint.contains(COMMAND));
    let hint = hint.unwrap_or_else(|| panic!("no hint says `{COMMAND}`: {refused}"));
    let shell = &hint[hint.find(COMMAND).unwrap()..];
    let shell = shell.split('`').next().unwrap();
    assert!(shell.contains(text(encrypted)), "{shell} does not read the key");
    // Without a terminal OpenSSL asks on its standard input: for the old password, and twice for the new one.
    let folder = encrypted.parent().unwrap();
    let mut convert = command("setsid", ["--wait", "sh", "-c", shell]);
    let mut convert = convert.current_dir(folder).stdin(Stdio::piped()).spawn().unwrap();
    let answers = format!("{PASSWORD}\n{PASSWORD}\n{PASSWORD}\n");
    convert.stdin.take().unwrap().write_all(answers.as_bytes()).unwrap();
    assert!(convert.wait().unwrap().success(), "{shell}");
    let mut words = shell.split_whitespace().skip_while(|word| *word != "-out");
    folder.join(words.nth(1).expect("the command has no -out").trim_matches('\''))
}

/// A leaf does not outlive its CA, and says how long it lives.
#[test]
#[ignore = "needs keytool, OpenSSL and Go"]
fn a_certificate_lives_as_long_as_it_is_asked_to() {
    let folder = folder("validity");
    let root = Root { key: &key("ec-p256"), days: "40", ..Root::default() }.make(&folder, "root");
    let authority: Authority = authority("40 days", &root, &key("ec-p256"), None);
    let days = |days: &str| {
        let file = folder.join(days);
        let mut sign = command(crate::support::bundle::BINARY, ["sign", "--batch", "--validity", days, "--in"]);
        sign.arg(&everyday_request().file).arg("--out").arg(&file).args(&authority.arguments);
        (Finished::of(&mut sign), file)
    };
    for (good, ends_within, lives_beyond) in [("1", "86500", "80000"), ("39", "3370000", "3360000")] {
        let (signed, file) = days(good);
        signed.successfully();
        let ends = |seconds: &str| Finished::of(command("openssl", ["x509", "-checkend", seconds, "-in"]).arg(&file));
        ends(lives_beyond).successfully();
        ends(ends_within).in_vain();
    }
    let (refused, file) = days("41");
    assert!(!file.exists() && refused.status.code() != Some(0), "{refused}");
}
