//! Programs in Rust, in a package of their own.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use super::node::librdkafka;
use crate::command::Finished;
use crate::prepared::persistently;

const SOURCES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/clients/rust");
const BUILT: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/rust-clients");

/// A program with a module that is printed, which the compiler has nothing to say about.
pub(super) fn program(name: &str, document: &str, folder: &Path) -> Box<dyn Fn() -> Command> {
    // All are built at the same place, where the dependencies are built once.
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let (sources, package) = (Path::new(SOURCES), Path::new(BUILT).join("package"));
    let main = format!("src/{name}/main.rs");
    for file in ["Cargo.toml", "Cargo.lock", "src/records.rs", &main] {
        let copy = package.join(file);
        fs::create_dir_all(copy.parent().expect("it is in a folder")).expect("cannot make a folder");
        let text = fs::read(sources.join(file)).expect("cannot read a program");
        fs::write(copy, text).expect("cannot write a program");
    }
    fs::write(package.join(format!("src/{name}/kafka_config.rs")), document).expect("cannot write a configuration");

    persistently(cargo(&package).args(["fetch", "--locked"]));
    let binary = format!("{name}-records");
    let mut build = cargo(&package);
    build.args(["build", "--quiet", "--offline", "--locked", "--bin", &binary]);
    build.env("PKG_CONFIG_PATH", librdkafka().join("lib/pkgconfig"));
    Finished::of(&mut build).successfully();
    let program = folder.join(&binary);
    fs::copy(Path::new(BUILT).join("target/debug").join(&binary), &program).expect("cannot copy a program");
    drop(turn);
    Box::new(move || {
        let mut program = Command::new(&program);
        program.env("LD_LIBRARY_PATH", librdkafka().join("lib"));
        program
    })
}

fn cargo(package: &Path) -> Command {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(package).env("CARGO_TARGET_DIR", Path::new(BUILT).join("target"));
    cargo
}
