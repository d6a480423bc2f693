//! Bundles on the disk, made by the binary.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use kafka_certgen::keystore::jks::Jks;
use p12_keystore::Pkcs12Archive;
use tempfile::TempDir;

use super::command::{Finished, command};

pub(crate) const BINARY: &str = env!("CARGO_BIN_EXE_kafka-certgen");

/// For tests that are not about keys: these are made in no time.
pub(crate) const QUICK_KEYS: [&str; 4] = ["--key-alg", "ec-p256", "--ca-key-alg", "ec-p256"];

/// Returns a folder below `target` that goes away with the value.
pub(crate) fn scratch() -> TempDir {
    tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("cannot make a folder below target")
}

/// Returns a call of `init` that makes `out`.
pub(crate) fn init(out: &Path, arguments: &[&str]) -> Command {
    let mut init = command(BINARY, ["init", "--quiet", "--out"]);
    init.arg(out).args(arguments);
    init
}

/// A bundle on the disk.
#[derive(Debug)]
pub(crate) struct Bundle(pub(crate) PathBuf);

impl Bundle {
    /// Makes a bundle.
    pub(crate) fn init(out: &Path, arguments: &[&str]) -> Self {
        Finished::of(&mut init(out, arguments)).successfully();
        Self(out.to_owned())
    }

    /// Returns the full path of a file.
    pub(crate) fn path(&self, file: &str) -> PathBuf {
        self.0.join(file)
    }

    pub(crate) fn read(&self, file: &str) -> String {
        fs::read_to_string(self.path(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
    }

    /// Returns the password of an identity's stores.
    pub(crate) fn password(&self, name: &str) -> String {
        let password = self.read(&format!("{name}/password"));
        password.strip_suffix('\n').expect("the password has no line").to_owned()
    }

    /// Returns the full path of the file with the password of an identity's stores.
    pub(crate) fn password_file(&self, name: &str) -> String {
        self.path(&format!("{name}/password")).display().to_string()
    }

    /// Panics unless all files that the inventory names are there, no others are, and each store opens.
    pub(crate) fn assert_whole(&self) {
        let inventory: serde_json::Value = serde_json::from_str(&self.read("bundle.json")).unwrap();
        let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
        let ca = &inventory["ca"];
        let mut named = BTreeSet::from(["bundle.json".to_owned()]);
        named
            .extend(["certificate_file", "key_file", "password_file"].iter().filter_map(|file| ca.get(file)).map(text));
        let files = inventory["identities"].as_array().unwrap().iter().map(|identity| &identity["files"]);
        named.extend(files.flat_map(|files| files.as_array().unwrap()).map(text));
        assert_eq!(files_below(&self.0), named);
        for file in named {
            let bytes = fs::read(self.path(&file)).unwrap();
            assert!(!bytes.is_empty(), "{file} is empty");
            let name = file.split('/').next().unwrap();
            // Both formats end in a digest, so that no byte is missing.
            match file.rsplit('.').next() {
                Some("jks") => drop(Jks::decode(&bytes, Some(&self.password(name))).unwrap()),
                Some("p12") => drop(Pkcs12Archive::from_pkcs12(&bytes, &self.password(name)).unwrap()),
                _ => {}
            }
        }
    }
}

/// Returns every file below a folder, by its path from there.
fn files_below(folder: &Path) -> BTreeSet<String> {
    let mut files = BTreeSet::new();
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        if entry.file_type().unwrap().is_dir() {
            files.extend(files_below(&entry.path()).into_iter().map(|file| format!("{name}/{file}")));
        } else {
            files.insert(name);
        }
    }
    files
}
