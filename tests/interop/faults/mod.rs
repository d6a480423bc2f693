//! Whatever happens to a run, the bundle is there as a whole or not at all, the exit status says which, and the next run works.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::support::bundle::{BINARY, Bundle, QUICK_KEYS, scratch};
use crate::support::command::{Finished, command};

mod calls;
mod files;
mod modes;
mod places;
mod race;
mod space;

/// A folder in which a run goes wrong, and the next one has to put things right.
struct Scene {
    folder: PathBuf,
    scratch: TempDir,
}

impl Scene {
    fn new() -> Self {
        let scratch = scratch();
        let folder = scratch.path().join("place");
        fs::create_dir(&folder).unwrap();
        Self { folder, scratch }
    }

    fn out(&self) -> PathBuf {
        self.folder.join("out")
    }

    /// Returns a run that says what it does.
    fn run(&self) -> Command {
        self.run_under::<&str>(&[])
    }

    /// Returns a run under a program that takes a command line behind its own arguments.
    fn run_under<A: Into<OsString> + Clone>(&self, wrapper: &[A]) -> Command {
        let mut line: Vec<OsString> = wrapper.iter().cloned().map(Into::into).collect();
        line.extend([BINARY, "init", "--cn", "broker1", "--format", "jks,pem", "--out"].map(OsString::from));
        line.push(self.out().into());
        line.extend(QUICK_KEYS.map(OsString::from));
        command(&line[0], &line[1..])
    }

    /// Checks that what a run has left is whole or nothing, as its exit status says; one that was killed could not say it.
    fn judge(&self, run: &Finished) {
        let is_there = self.out().exists();
        match run.status.code() {
            Some(0) => assert!(is_there, "there is no bundle after {run}"),
            Some(_) => assert!(!is_there, "there is a bundle after {run}"),
            None => {}
        }
        if is_there {
            Bundle(self.out()).assert_whole();
        }
    }

    /// Checks that the next run works, and that nothing is left but a bundle.
    fn judge_next(&self, run: &Finished) {
        let was_there = self.out().exists();
        let next = Finished::of(&mut self.run());
        if was_there {
            assert_eq!(next.status.code(), Some(1), "{run}\n{next}");
            next.saying("holds something");
        } else {
            assert!(next.status.success(), "{run}\n{next}");
        }
        Bundle(self.out()).assert_whole();
        assert_eq!(names(&self.folder), ["out"], "{run}");
    }
}

/// A file system in memory, for as long as a test needs it.
struct Mount(PathBuf);

impl Mount {
    fn new(folder: &Path, options: &str) -> Self {
        let mount = Self(folder.to_owned());
        mount.change(options);
        mount
    }

    /// Mounts it, or with the option `remount` changes it.
    fn change(&self, options: &str) {
        Finished::of(command("mount", ["-t", "tmpfs", "-o", options, "none"]).arg(&self.0)).successfully();
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        // What cannot be unmounted now goes away with the machine.
        drop(command("umount", ["--lazy"]).arg(&self.0).status());
    }
}

/// Returns what lies in a folder.
fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}
