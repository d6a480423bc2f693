//! Files that results are compared with, each with a dump beside it that a person can read.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

const BLESS: &str = "KAFKA_CERTGEN_BLESS";

pub(crate) fn read(path: &str) -> Vec<u8> {
    fs::read(full(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Compares a result with its fixture, or makes it the fixture.
pub(crate) fn check(path: &str, actual: &[u8]) {
    if env::var_os(BLESS).is_some() {
        fs::create_dir_all(full(path).parent().unwrap()).unwrap();
        fs::write(full(path), actual).unwrap();
    }
    assert!(
        read(path) == actual,
        "{path} is not what it was. If it shall be so, say {BLESS}=1 cargo test --test golden, and read what changed in the dumps."
    );
}

/// Compares bytes and their dump.
pub(crate) fn check_binary(path: &str, actual: &[u8]) {
    check(path, actual);
    check(&dump_path(path), hexadecimal(actual).as_bytes());
}

/// Compares a structure in PEM, and makes its dump if it becomes the fixture.
pub(crate) fn check_pem(path: &str, actual: &str) {
    check(path, actual.as_bytes());
    if env::var_os(BLESS).is_some() {
        check(&dump_path(path), dump(path).as_bytes());
    }
}

/// Says what OpenSSL reads in a certificate or a request.
pub(crate) fn dump(path: &str) -> String {
    let command = if path.ends_with("cert-file") { "req" } else { "x509" };
    let output = Command::new("openssl").args([command, "-noout", "-text", "-in"]).arg(full(path)).output().unwrap();
    assert!(output.status.success(), "{path}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

pub(crate) fn dump_path(path: &str) -> String {
    format!("{path}.txt")
}

fn full(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/golden").join(path)
}

/// Writes 16 bytes a line, as xxd does.
fn hexadecimal(bytes: &[u8]) -> String {
    let mut dump = String::new();
    for (line, bytes) in bytes.chunks(16).enumerate() {
        let digits: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let pairs: Vec<String> = digits.chunks(2).map(<[_]>::concat).collect();
        let text: String =
            bytes.iter().map(|byte| if (b' '..=b'~').contains(byte) { char::from(*byte) } else { '.' }).collect();
        writeln!(dump, "{:08x}: {:39}  {text}", line * 16, pairs.join(" ")).unwrap();
    }
    dump
}
