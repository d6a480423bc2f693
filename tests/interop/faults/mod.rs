//! Whatever happens to a run, the bundle is there as a whole or not at all, the exit status says which, and the next run works.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use calls::count;

use crate::support::bundle::{BINARY, Bundle, QUICK_KEYS, scratch};
use crate::support::command::{Finished, command};

mod battery;
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
    /// What the run is asked to do.
    arguments: Vec<OsString>,
}

impl Scene {
    /// Returns one in which `init` makes a bundle.
    fn new() -> Self {
        Self::of(|out| {
            let words = ["init", "--cn", "broker1", "--format", "jks,pem", "--out"].map(OsString::from);
            let quick = QUICK_KEYS.map(OsString::from);
            words.into_iter().chain([out.into()]).chain(quick).collect()
        })
    }

    /// Returns one for a run with the arguments that are made out of the place of its bundle.
    fn of(arguments: impl FnOnce(&Path) -> Vec<OsString>) -> Self {
        let scratch = scratch();
        let folder = scratch.path().join("place");
        fs::create_dir(&folder).unwrap();
        let arguments = arguments(&folder.join("out"));
        Self { folder, scratch, arguments }
    }

    fn out(&self) -> PathBuf {
        self.folder.join("out")
    }

    fn log(&self) -> PathBuf {
        self.scratch.path().join("log")
    }

    /// Returns a run that says what it does.
    fn run(&self) -> Command {
        self.run_under::<&str>(&[])
    }

    /// Returns a run under a program that takes a command line behind its own arguments.
    fn run_under<A: Into<OsString> + Clone>(&self, wrapper: &[A]) -> Command {
        let mut line: Vec<OsString> = wrapper.iter().cloned().map(Into::into).collect();
        line.push(BINARY.into());
        line.extend(self.arguments.iter().cloned());
        command(&line[0], &line[1..])
    }

    /// Runs with something done to a call of this name, by when it is made.
    fn inject(&self, name: &str, what: &str, when: &str) -> Finished {
        let inject = format!("inject={name}:{what}:when={when}");
        let (trace, log) = (format!("trace={name}"), self.log());
        let wrapper = ["strace", "-f", "-o", log.to_str().unwrap(), "-e", &trace, "-e", &inject];
        Finished::of(&mut self.run_under(&wrapper))
    }

    /// Returns which system calls the run makes, and how often.
    fn calls(&self) -> Vec<(String, u32)> {
        count(&self.log(), |wrapper| self.run_under(wrapper))
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

/// A scene on a file system of its own, in memory.
struct Disk {
    mount: Mount,
    scene: Scene,
}

impl Disk {
    fn new(scene: Scene, options: &str) -> Self {
        Self { mount: Mount::new(&scene.folder, options), scene }
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
