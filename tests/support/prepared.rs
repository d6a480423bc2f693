//! What programs in other languages are made of: brought and built once, below `target`.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use crate::command::Finished;
use crate::scratch;

/// Returns the folder of that name with what is made of these sources, by this run or by an earlier one.
pub(crate) fn prepared(name: &str, sources: &[&str], prepare: &dyn Fn(&Path)) -> PathBuf {
    // Tests that run at once need the same.
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let mut hasher = DefaultHasher::new();
    sources.hash(&mut hasher);
    let ready = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{:016x}", hasher.finish()));
    if !ready.exists() {
        let folder = scratch();
        prepare(folder.path());
        // This fails if another run was faster, which is as good.
        assert!(fs::rename(folder.path(), &ready).is_ok() || ready.exists(), "cannot rename a folder below target");
    }
    ready
}

/// Returns the Python of an environment with what Python's clients are made of.
pub(crate) fn python() -> PathBuf {
    const REQUIREMENTS: &str = include_str!("../clients/python/requirements.txt");
    let folder = prepared("python", &[REQUIREMENTS], &|folder| {
        Finished::of(Command::new("python3").args(["-m", "venv"]).arg(folder)).successfully();
        let requirements = folder.join("requirements.txt");
        fs::write(&requirements, REQUIREMENTS).expect("cannot write the requirements");
        let mut pip = Command::new(folder.join("bin/python"));
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"]);
        persistently(pip.arg(requirements));
    });
    folder.join("bin/python")
}

/// Runs what asks the network, which may fail, more than once.
pub(crate) fn persistently(command: &mut Command) {
    for pause in [5, 20, 60].map(Duration::from_secs) {
        if Finished::of(command).status.success() {
            return;
        }
        thread::sleep(pause);
    }
    Finished::of(command).successfully();
}
