//! Programs in Python.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::prepared;

const SOURCES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/clients/python");

/// A program on a module that is printed.
pub(super) fn program(name: &str, document: &str, folder: &Path) -> Box<dyn Fn() -> Command> {
    fs::write(folder.join("kafka_config.py"), document).expect("cannot write a configuration");
    let (program, folder) = (Path::new(SOURCES).join(name), folder.to_owned());
    Box::new(move || {
        let mut python = Command::new(prepared::python());
        python.arg("-B").arg(&program).env("PYTHONPATH", &folder);
        python
    })
}

/// A program on settings of librdkafka that are printed for no language of its own.
pub(super) fn plain(document: &str, file: &str, folder: &Path) -> Box<dyn Fn() -> Command> {
    let file = folder.join(file);
    fs::write(&file, document).expect("cannot write a configuration");
    let reads = fs::read_to_string(Path::new(SOURCES).join("plain.py")).expect("cannot read a program");
    let program = program("confluent.py", &reads, folder);
    Box::new(move || {
        let mut python = program();
        python.env("KAFKA_CONFIG", &file);
        python
    })
}
