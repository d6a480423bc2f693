//! Programs in Go.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::command::Finished;
use crate::prepared::persistently;

const SOURCES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/clients/go");

/// A program with a package that is printed, which is as Go formats it.
pub(super) fn program(name: &str, document: &str, folder: &Path) -> Box<dyn Fn() -> Command> {
    let sources = Path::new(SOURCES);
    let main = format!("{name}/main.go");
    for file in ["go.mod", "go.sum", "records/records.go", &main] {
        let copy = folder.join(file);
        fs::create_dir_all(copy.parent().expect("it is in a folder")).expect("cannot make a folder");
        fs::copy(sources.join(file), copy).expect("cannot copy a program");
    }
    let package = folder.join("kafkatls");
    fs::create_dir(&package).expect("cannot make a folder");
    fs::write(package.join("kafkatls.go"), document).expect("cannot write a configuration");

    let formatted = Finished::of(Command::new("gofmt").arg("-d").arg(&package)).successfully();
    assert_eq!(formatted.stdout, "", "Go formats it in another way");
    persistently(Command::new("go").args(["mod", "download"]).current_dir(folder));
    Finished::of(Command::new("go").args(["vet", "./kafkatls", &format!("./{name}")]).current_dir(folder))
        .successfully();
    let mut build = Command::new("go");
    build.args(["build", "-o", "program", &format!("./{name}")]).current_dir(folder);
    Finished::of(&mut build).successfully();
    let program = folder.join("program");
    Box::new(move || Command::new(&program))
}
