//! A bundle that changes, and whatever can happen meanwhile: kills, failing calls, full disks, things in the way, many runs at once.
//!
//! Each identity's folder is old and whole or new and whole, no key is lost, what a run was not asked to change is not touched, the exit
//! status is honest, and the next run finishes the job and leaves nothing behind.
//!
//! The short form is for every day. The long form takes every system call, every error and many rounds, and prints its figures:
//! `KAFKA_CERTGEN_BATTERY=long cargo test --release --test interop battery -- --ignored --nocapture`

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use tempfile::TempDir;

use super::{Disk, Scene, names};
use crate::support::bundle::{BINARY, scratch};
use crate::support::command::{Finished, command};
use judge::{Keys, Tree, assert_same, keys_of_identities, keys_of_retired, tree};

mod failures;
mod judge;
mod kills;
mod modes;
mod places;
mod race;
mod space;

/// Whether everything is tried, and not only a part of it.
static IS_LONG: LazyLock<bool> = LazyLock::new(|| match std::env::var("KAFKA_CERTGEN_BATTERY").as_deref() {
    Ok("long") => true,
    Ok("short") | Err(_) => false,
    Ok(other) => panic!("KAFKA_CERTGEN_BATTERY is `{other}`, and neither `short` nor `long`"),
});

/// Returns the one or the other number, by the form of the battery.
fn short_or_long<N>(short: N, long: N) -> N {
    if *IS_LONG { long } else { short }
}

/// Prints a figure of the battery.
#[allow(clippy::print_stdout, reason = "whoever runs the battery wants to know what it has done")]
fn tell(figure: &str) {
    println!("battery: {figure}");
}

/// What all files of the battery begin with.
const TERMS: &str = "\
ca: {key_algorithm: ec-p256}
defaults: {key_algorithm: ec-p256, formats: [jks, pem]}
deploy_dir: /etc/kafka/ssl
client_auth: required
";

/// Files that say what there shall be, and a bundle that is as the first of them says.
struct Stock {
    folder: TempDir,
}

impl Stock {
    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

static STOCK: LazyLock<Stock> = LazyLock::new(|| {
    let stock = Stock { folder: scratch() };
    let files = [
        ("old.yaml", "brokers: [broker1, broker2, broker3]\nclients: [app]\n"),
        (
            "new.yaml",
            "brokers:\n- broker1\n- {name: broker2, sans: [extra.example.com]}\n- {name: broker3, alias: kafka}\n- broker5\n\
             clients: [app]\n",
        ),
        ("fewer.yaml", "brokers: [broker1, broker2]\n"),
        ("more.yaml", "brokers: [broker1, broker2, broker3, broker9]\nclients: [app, app9]\n"),
    ];
    for (name, identities) in files {
        fs::write(stock.file(name), format!("{TERMS}{identities}")).unwrap();
    }
    Finished::of(&mut command(BINARY, apply("old.yaml", &stock, &stock.file("bundle")))).successfully();
    stock
});

/// Returns the arguments that bring a bundle to what a file says.
fn apply(file: &str, stock: &Stock, out: &Path) -> Vec<OsString> {
    let mut line: Vec<OsString> = ["apply", "--jobs", "1", "--file"].map(OsString::from).to_vec();
    line.extend([stock.file(file).into(), "--out".into(), out.into()]);
    line
}

/// What a run is asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Case {
    /// To make a bundle.
    Fresh,
    /// To make one identity, to reissue another, and to write the files of a third anew.
    Change,
    /// To give one identity a new key.
    Rekey,
    /// To move two identities aside.
    Prune,
    /// To add two without the file.
    Add,
}

const CASES: [Case; 5] = [Case::Fresh, Case::Change, Case::Rekey, Case::Prune, Case::Add];

impl Case {
    /// Returns the file that says what there is when all is done.
    fn file(self) -> &'static str {
        match self {
            Self::Fresh | Self::Rekey => "old.yaml",
            Self::Change => "new.yaml",
            Self::Prune => "fewer.yaml",
            Self::Add => "more.yaml",
        }
    }

    fn arguments(self, out: &Path) -> Vec<OsString> {
        let plain = apply(self.file(), &STOCK, out);
        let with = |more: &[&str]| plain.iter().cloned().chain(more.iter().map(OsString::from)).collect();
        match self {
            Self::Fresh | Self::Change => plain,
            Self::Rekey => with(&["--rekey", "--only", "broker2"]),
            Self::Prune => with(&["--prune"]),
            Self::Add => {
                let words =
                    ["add", "--jobs", "1", "--cn", "broker9", "--client", "app9", "--key-alg", "ec-p256", "--out"];
                words.into_iter().map(OsString::from).chain([out.into()]).collect()
            }
        }
    }

    /// Returns the arguments of a run that finishes the job, whatever became of the first.
    fn rest(self, out: &Path) -> Vec<OsString> {
        if self == Self::Prune { self.arguments(out) } else { apply(self.file(), &STOCK, out) }
    }

    /// Returns the identities that stay exactly as they are.
    fn untouched(self) -> &'static [&'static str] {
        match self {
            Self::Fresh => &[],
            Self::Change => &["broker1", "app"],
            Self::Rekey => &["broker1", "broker3", "app"],
            Self::Prune => &["broker1", "broker2"],
            Self::Add => &["broker1", "broker2", "broker3", "app"],
        }
    }

    /// Returns the identities that the bundle holds when all is done.
    fn wanted(self) -> &'static [&'static str] {
        match self {
            Self::Fresh | Self::Rekey => &["app", "broker1", "broker2", "broker3"],
            Self::Change => &["app", "broker1", "broker2", "broker3", "broker5"],
            Self::Prune => &["broker1", "broker2"],
            Self::Add => &["app", "app9", "broker1", "broker2", "broker3", "broker9"],
        }
    }
}

/// A scene with a bundle that changes, and what it was before.
struct Act {
    /// The file system of the scene, which goes away before the folder that it is mounted on.
    disk: Option<super::Mount>,
    case: Case,
    scene: Scene,
    before: Tree,
    /// The public keys of the private keys that each identity has.
    keys: Keys,
}

impl Act {
    /// Returns one on a file system in memory: what a kill leaves is the same, and many runs are soon done.
    fn new(case: Case) -> Self {
        let Disk { mount, scene } = Disk::new(Scene::of(|out| case.arguments(out)), "size=64m");
        let mut act = Self::begin(case, scene).unwrap();
        act.disk = Some(mount);
        act
    }

    /// Puts a bundle into a scene; fails if it does not fit.
    fn begin(case: Case, scene: Scene) -> Result<Self, String> {
        if case != Case::Fresh {
            let copied = Finished::of(command("cp", ["-a"]).arg(STOCK.file("bundle")).arg(scene.out()));
            if !copied.status.success() {
                return Err(copied.to_string());
            }
        }
        let mut act = Self { case, scene, before: Tree::new(), keys: Keys::new(), disk: None };
        act.remember();
        Ok(act)
    }

    /// Takes what is there by now for what was there before.
    fn remember(&mut self) {
        self.before = tree(&self.scene.out());
        self.keys = keys_of_identities(&self.scene.out());
    }

    fn out(&self) -> PathBuf {
        self.scene.out()
    }

    fn had(&self, name: &str) -> bool {
        self.before.contains_key(name)
    }

    /// Checks what a run has left, whatever became of it.
    fn judge(&self, run: &Finished) {
        self.judge_keys(run);
        self.judge_folders(run);
        if run.status.success() {
            self.judge_done(run);
        }
    }

    /// Checks that each identity is whole, where it was or where it is while the new one takes its place.
    fn judge_moved(&self, run: &Finished) {
        for name in names(&STOCK.file("bundle")).iter().filter(|name| self.case.wanted().contains(&name.as_str())) {
            let aside = self.out().join(format!(".kafka-certgen-replaced-{name}"));
            let place = self.out().join(name);
            judge::assert_identity(if place.exists() { &place } else { &aside }, run);
        }
    }

    /// Checks that each private key is where it was, or below `retired`.
    fn judge_keys(&self, run: &Finished) {
        let (held, retired) = (keys_of_identities(&self.out()), keys_of_retired(&self.out()));
        for (name, keys) in &self.keys {
            let now: BTreeSet<&String> = [held.get(name), retired.get(name)].into_iter().flatten().flatten().collect();
            assert!(keys.iter().all(|key| now.contains(key)), "a key of {name} is lost after {run}");
        }
    }

    /// Checks that each identity is old and whole or new and whole, and that the others and the CA are not touched.
    fn judge_folders(&self, run: &Finished) {
        let out = self.out();
        let after = tree(&out);
        if !after.contains_key("") {
            assert!(!self.had(""), "the bundle is gone after {run}");
            return;
        }
        if self.case == Case::Fresh {
            judge::assert_ca(&out, run);
        }
        for name in self.case.untouched().iter().chain(["ca"].iter().filter(|_| self.case != Case::Fresh)) {
            assert_same(&judge::below(&self.before, name), &judge::below(&after, name), &format!("{name} after {run}"));
        }
        let wanted = self.case.wanted();
        for name in wanted.iter().copied().chain(["app", "broker3"]) {
            let is_there = after.contains_key(name);
            if is_there && judge::below(&self.before, name) == judge::below(&after, name) {
                // It is as it was.
            } else if is_there {
                judge::assert_identity(&out.join(name), run);
            } else if self.had(name) {
                let is_retired =
                    judge::names_below(&out.join("retired")).iter().any(|retired| judge::is_of(retired, name));
                assert!(!wanted.contains(&name) && is_retired, "{name} is gone after {run}");
            }
        }
        for retired in judge::names_below(&out.join("retired")) {
            judge::assert_identity(&out.join("retired").join(&retired), run);
        }
        judge::assert_inventory(&out, run);
        let others = ["ca", "retired", "bundle.json", "app", "broker3"];
        for name in judge::names_below(&out) {
            let is_known = name.starts_with(".kafka-certgen-") || wanted.contains(&&*name) || others.contains(&&*name);
            assert!(is_known, "`{name}` is there after {run}");
        }
    }

    /// Checks that nothing is left to be done after a run that said so.
    fn judge_done(&self, run: &Finished) {
        let mut check = command(BINARY, self.case.rest(&self.out()));
        let check = Finished::of(check.arg("--check"));
        assert!(check.status.success(), "{check}\nafter {run}");
        judge::assert_inventory_names(&self.out(), self.case.wanted(), run);
        if self.case == Case::Rekey {
            let old = self.keys.get("broker2");
            assert_ne!(keys_of_identities(&self.out()).get("broker2"), old, "the old key is in use after {run}");
            assert_eq!(keys_of_retired(&self.out()).get("broker2"), old, "{run}");
        }
    }

    /// Checks that the next run finishes the job, that the one after it finds nothing to do, and that nothing is left behind.
    fn judge_next(&self, run: &Finished) {
        let out = self.out();
        let next = Finished::of(&mut command(BINARY, self.case.rest(&out)));
        assert!(next.status.success(), "{next}\nafter {run}");
        self.judge_keys(&next);
        self.judge_folders(&next);
        let mut expected: BTreeSet<String> = ["bundle.json", "ca"].map(str::to_owned).into();
        expected.extend(self.case.wanted().iter().map(|name| (*name).to_owned()));
        let mut there: BTreeSet<String> = names(&out).into_iter().collect();
        if matches!(self.case, Case::Rekey | Case::Prune) {
            there.remove("retired");
        }
        assert_eq!(there, expected, "{next}\nafter {run}");
        assert_eq!(names(&self.scene.folder), ["out"], "{next}\nafter {run}");
        judge::assert_inventory_names(&out, self.case.wanted(), &next);
        self.judge_idle(run);
    }

    /// Checks that a run finds nothing to do, says so, and does nothing.
    fn judge_idle(&self, run: &Finished) {
        let out = self.out();
        let before = tree(&out);
        let idle = Finished::of(&mut command(BINARY, self.case.rest(&out))).successfully().saying("nothing to do");
        assert_same(&before, &tree(&out), &format!("the bundle after {idle}\nafter {run}"));
    }
}
