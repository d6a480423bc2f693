//! Programs in JavaScript, and librdkafka, which two of their clients are built with.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::command::Finished;
use crate::prepared::{persistently, prepared};

const SOURCES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/clients/node");
const PACKAGE: &str = include_str!("../node/package.json");
const LOCK: &str = include_str!("../node/package-lock.json");

/// A program on a module that is printed.
pub(super) fn program(name: &str, document: &str, folder: &Path) -> Box<dyn Fn() -> Command> {
    fs::write(folder.join("kafka-config.cjs"), document).expect("cannot write a configuration");
    for file in [name, "records.js"] {
        fs::copy(Path::new(SOURCES).join(file), folder.join(file)).expect("cannot copy a program");
    }
    let (program, clients) = (folder.join(name), clients());
    Box::new(move || {
        let mut node = Command::new("node");
        node.arg(&program).env("NODE_PATH", clients.join("node_modules"));
        node.env("LD_LIBRARY_PATH", librdkafka().join("lib"));
        node
    })
}

/// Where librdkafka was installed.
pub(super) fn librdkafka() -> PathBuf {
    clients().join("librdkafka")
}

/// The folder with all that npm brings, and what is built of it.
///
/// Both clients on librdkafka would download a library that is built, or build their own: one is built for both, of the sources that
/// Confluent's brings, without what nobody calls here.
fn clients() -> PathBuf {
    prepared("node-clients", &[PACKAGE, LOCK], &|folder| {
        fs::write(folder.join("package.json"), PACKAGE).expect("cannot write a package");
        fs::write(folder.join("package-lock.json"), LOCK).expect("cannot write a package");
        persistently(npm(folder).args(["ci", "--no-audit", "--no-fund", "--ignore-scripts"]));

        let prefix = folder.join("librdkafka");
        for script in ["librdkafka", "confluent", "rdkafka"] {
            let mut build = npm(folder);
            build.args(["run", script]).env("PREFIX", &prefix).env("BUILD_LIBRDKAFKA", "0");
            build.env("CPLUS_INCLUDE_PATH", prefix.join("include/librdkafka")).env("LIBRARY_PATH", prefix.join("lib"));
            // What node was built with, where it lies beside it. It would be downloaded else.
            build.envs(headers().map(|home| ("npm_config_nodedir", home)));
            Finished::of(&mut build).successfully();
        }

        // The folder is not yet where it will be.
        let description = prefix.join("lib/pkgconfig/rdkafka.pc");
        let text = fs::read_to_string(&description).expect("librdkafka was not installed");
        let prefix = prefix.to_str().expect("no odd path below target");
        fs::write(&description, text.replace(prefix, "${pcfiledir}/../..")).expect("cannot write a description");
    })
}

fn npm(folder: &Path) -> Command {
    let mut npm = Command::new("npm");
    npm.current_dir(folder);
    npm
}

/// The folder with the node of the path, if its headers are there too.
fn headers() -> Option<PathBuf> {
    let said = Finished::of(Command::new("node").args(["--print", "process.execPath"])).successfully();
    let home = Path::new(said.stdout.trim()).ancestors().nth(2)?.to_owned();
    home.join("include/node/node.h").exists().then_some(home)
}
