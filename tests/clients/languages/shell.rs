//! kcat, called by a script.

use std::fs;
use std::path::Path;
use std::process::Command;

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/clients/kcat/records.sh");

pub(super) fn kcat(document: &str, folder: &Path) -> Box<dyn Fn() -> Command> {
    fs::write(folder.join("kcat.conf"), document).expect("cannot write a configuration");
    let folder = folder.to_owned();
    Box::new(move || {
        let mut bash = Command::new("bash");
        bash.arg(SCRIPT).current_dir(&folder);
        bash
    })
}
