//! Single files: whatever happens to a run, a store is the old one or the new one, nothing that was there is overwritten, and what a
//! failed run has begun is gone.

use std::collections::BTreeMap;
use std::fs::{self, File, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use kafka_certgen::keystore::jks::Jks;
use p12_keystore::Pkcs12Archive;
use tempfile::TempDir;

use super::calls::count;
use super::{Mount, names};
use crate::support::bundle::{BINARY, Bundle, QUICK_KEYS, scratch};
use crate::support::command::{Finished, command};
use crate::support::jdk::Jdk;
use crate::support::threads;

/// The calls through which files come to lie on the disk.
const OF_FILES: [&str; 22] = [
    "access",
    "close",
    "fchmod",
    "fchown",
    "fgetxattr",
    "flock",
    "fremovexattr",
    "fsetxattr",
    "fstat",
    "fsync",
    "getdents64",
    "link",
    "newfstatat",
    "openat",
    "read",
    "readlink",
    "rename",
    "renameat2",
    "statx",
    "unlink",
    "unlinkat",
    "write",
];

const NOBODY: u32 = 65534;

const STAGING: &str = ".kafka-certgen-staging-";

const RUNS: usize = 32;

/// What a case finds: a certificate, a password, and stores that open with it.
static BUNDLE: LazyLock<(TempDir, Bundle)> = LazyLock::new(|| {
    let folder = scratch();
    let arguments = [["--cn", "broker1", "--format", "jks,pkcs12"].as_slice(), &QUICK_KEYS].concat();
    let bundle = Bundle::init(&folder.path().join("out"), &arguments);
    (folder, bundle)
});

/// A step that makes or changes files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Case {
    /// A CA: two files or three, none of which was there.
    Ca,
    /// A key in a store that was not there, with a password that is made for it.
    NewStore,
    /// A certificate in a store that was there.
    Import(&'static str),
}

const CASES: [Case; 4] = [Case::Ca, Case::NewStore, Case::Import("jks"), Case::Import("p12")];

impl Case {
    /// Returns the file that is there last.
    fn last(self) -> String {
        match self {
            Self::Ca => "ca-cert".to_owned(),
            Self::NewStore => "keystore.p12".to_owned(),
            Self::Import(extension) => format!("truststore.{extension}"),
        }
    }

    /// Puts what a run shall find into a folder.
    fn prepare(self, folder: &Path) -> std::io::Result<()> {
        let Self::Import(extension) = self else { return Ok(()) };
        let store = BUNDLE.1.path(&format!("broker1/kafka.server.truststore.{extension}"));
        // What is written to a full disk may come up short without an error before the file is synced.
        fs::write(folder.join(self.last()), fs::read(store)?)?;
        File::open(folder.join(self.last()))?.sync_all()
    }

    fn arguments(self, folder: &Path, alias: &str) -> Vec<String> {
        let path = |name: &str| folder.join(name).display().to_string();
        let quick = ["--key-alg", "ec-p256"].map(str::to_owned);
        let line = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        match self {
            Self::Ca => [line(&["ca", "--key", &path("ca-key"), "--cert", &path("ca-cert")]), quick.to_vec()].concat(),
            Self::NewStore => {
                let words = ["genkey", "--keystore", &path(&self.last()), "--alias", alias, "--cn", "broker1"];
                [line(&words), quick.to_vec()].concat()
            }
            Self::Import(_) => import(&folder.join(self.last()), alias),
        }
    }

    /// Panics unless a store opens, or a certificate is all there.
    fn assert_whole(self, folder: &Path) {
        let bytes = fs::read(folder.join(self.last())).unwrap();
        let password = BUNDLE.1.password("broker1");
        match self {
            Self::Ca => assert!(bytes.ends_with(b"-----END CERTIFICATE-----\n"), "{bytes:?}"),
            Self::NewStore => assert!(bytes.len() > 500, "{bytes:?}"),
            Self::Import("jks") => drop(Jks::decode(&bytes, Some(&password)).unwrap()),
            Self::Import(_) => drop(Pkcs12Archive::from_pkcs12(&bytes, &password).unwrap()),
        }
    }
}

/// Returns the arguments that import a certificate.
fn import(store: &Path, alias: &str) -> Vec<String> {
    let password = format!("file:{}", BUNDLE.1.password_file("broker1"));
    let [store, file] = [store.to_owned(), BUNDLE.1.path("ca/ca-cert")].map(|path| path.display().to_string());
    ["import", "--keystore", &store, "--alias", alias, "--file", &file, "--noprompt", "--storepass", &password]
        .map(str::to_owned)
        .to_vec()
}

/// What lies in a folder, by name.
type Listing = BTreeMap<String, Vec<u8>>;

/// A folder in which a step goes wrong, and the next run has to find its way.
struct Scene {
    case: Case,
    folder: PathBuf,
    scratch: TempDir,
    before: Listing,
}

impl Scene {
    fn new(case: Case) -> Self {
        let scene = Self::empty(case);
        scene.prepared().unwrap()
    }

    fn empty(case: Case) -> Self {
        let scratch = scratch();
        let folder = scratch.path().join("place");
        fs::create_dir(&folder).unwrap();
        Self { case, folder, scratch, before: Listing::new() }
    }

    fn prepared(mut self) -> std::io::Result<Self> {
        self.case.prepare(&self.folder)?;
        self.before = self.listing();
        Ok(self)
    }

    fn log(&self) -> PathBuf {
        self.scratch.path().join("log")
    }

    fn run_under(&self, wrapper: &[&str]) -> Command {
        let mut line: Vec<String> = wrapper.iter().map(|word| (*word).to_owned()).collect();
        line.push(BINARY.to_owned());
        line.extend(self.case.arguments(&self.folder, "first"));
        command(&line[0], &line[1..])
    }

    /// Runs with something done to a call of this name, by when it is made.
    fn inject(&self, name: &str, what: &str, when: &str) -> Finished {
        let inject = format!("inject={name}:{what}:when={when}");
        let (trace, log) = (format!("trace={name}"), self.log());
        let wrapper = ["strace", "-f", "-o", log.to_str().unwrap(), "-e", &trace, "-e", &inject];
        Finished::of(&mut self.run_under(&wrapper))
    }

    fn listing(&self) -> Listing {
        let read = |name: String| (name.clone(), fs::read(self.folder.join(&name)).unwrap());
        names(&self.folder).into_iter().map(read).collect()
    }

    /// Checks that what a run has left is what its exit status says; one that was killed could not say it.
    fn judge(&self, run: &Finished, made: &[String]) {
        let after = self.listing();
        let is_done = after.get(&self.case.last()) != self.before.get(&self.case.last());
        match run.status.code() {
            Some(0) => assert!(is_done, "nothing has changed after {run}"),
            Some(_) => assert_eq!(after, self.before, "something has changed after {run}"),
            None => {}
        }
        if is_done {
            self.case.assert_whole(&self.folder);
            let own: Vec<&String> = after.keys().filter(|name| !name.starts_with(STAGING)).collect();
            assert_eq!(own, made.iter().collect::<Vec<_>>(), "{run}");
            assert!(after.values().all(|bytes| !bytes.is_empty()), "{run}");
        }
    }

    /// Checks that the next run works, unless a killed one has put new files in place, and that nothing else is left.
    fn judge_next(&self, run: &Finished, made: &[String]) {
        let is_new = !matches!(self.case, Case::Import(_));
        let is_begun = made.iter().any(|name| self.folder.join(name).exists());
        let next = Finished::of(&mut command(BINARY, self.case.arguments(&self.folder, "second")));
        if !is_new || !is_begun {
            assert!(next.status.success(), "{run}\n{next}");
            self.case.assert_whole(&self.folder);
            assert_eq!(names(&self.folder), made, "{run}\n{next}");
        } else if !next.status.success() {
            assert_eq!(next.status.code(), Some(1), "{run}\n{next}");
        }
    }
}

/// Returns what lies in the folder when a case has gone well.
fn made(case: Case) -> Vec<String> {
    let scene = Scene::new(case);
    let run = Finished::of(&mut scene.run_under(&[])).successfully();
    let made = names(&scene.folder);
    scene.judge(&run, &made);
    made
}

fn calls(case: Case) -> Vec<(String, u32)> {
    let scene = Scene::new(case);
    let calls = count(&scene.log(), |wrapper| scene.run_under(wrapper));
    assert!(calls.iter().any(|(name, _)| name == "renameat2"), "{calls:?}");
    calls
}

#[test]
#[ignore = "needs strace and root"]
fn a_step_that_is_killed_at_any_call_leaves_the_old_store_or_the_new_one() {
    for case in CASES {
        let made = made(case);
        let calls: Vec<(String, u32)> =
            calls(case).into_iter().flat_map(|(name, count)| (1..=count).map(move |n| (name.clone(), n))).collect();
        let killed = threads::map(&calls, |(name, n)| {
            let scene = Scene::new(case);
            let run = scene.inject(name, "signal=KILL", &n.to_string());
            scene.judge(&run, &made);
            scene.judge_next(&run, &made);
            run.status.code().is_none()
        });
        let killed = killed.into_iter().filter(|was_killed| *was_killed).count();
        assert!(killed > calls.len() * 3 / 4, "{case:?}: only {killed} of {} runs were killed", calls.len());
    }
}

#[test]
#[ignore = "needs strace and root"]
fn a_step_in_which_any_call_fails_leaves_the_old_store_or_the_new_one() {
    for case in CASES {
        let made = made(case);
        let calls = calls(case).into_iter().filter(|(name, _)| OF_FILES.contains(&name.as_str()));
        let failures: Vec<(String, &str, String)> = calls
            .flat_map(|(name, count)| {
                (1..=count).flat_map(move |n| {
                    let name = name.clone();
                    // Once, and from then on: a bad sector, and a full disk.
                    [("EIO", n.to_string()), ("ENOSPC", format!("{n}+"))]
                        .map(|(error, when)| (name.clone(), error, when))
                })
            })
            .collect();
        let failed = threads::map(&failures, |(name, error, when)| {
            let scene = Scene::new(case);
            let run = scene.inject(name, &format!("error={error}"), when);
            assert!(run.status.code().is_some(), "{run}");
            scene.judge(&run, &made);
            scene.judge_next(&run, &made);
            !run.status.success()
        });
        let failed = failed.into_iter().filter(|has_failed| *has_failed).count();
        assert!(failed > failures.len() / 3, "{case:?}: only {failed} of {} runs failed", failures.len());
    }
}

#[test]
#[ignore = "needs strace and root"]
fn a_disk_of_any_size_holds_the_old_store_or_the_new_one() {
    for case in CASES {
        check_sizes(case, |step| format!("size={}", step * 4096));
        check_sizes(case, |step| format!("nr_inodes={step}"));
    }
}

/// Lets the disk grow step by step until there is room for what a step makes.
fn check_sizes(case: Case, options: impl Fn(usize) -> String) {
    let made = made(case);
    for step in 1..100 {
        let scene = Scene::empty(case);
        let mount = Mount::new(&scene.folder, &options(step));
        let Ok(scene) = scene.prepared() else { continue };
        let run = Finished::of(&mut scene.run_under(&[]));
        scene.judge(&run, &made);
        if run.status.success() {
            assert!(step > 1, "{case:?}: nothing is that small");
            return;
        }
        assert_eq!(run.status.code(), Some(1), "{run}");
        mount.change("remount,size=4m,nr_inodes=1000");
        scene.judge_next(&run, &made);
    }
    panic!("{case:?}: the step fits on no disk");
}

#[test]
#[ignore = "needs strace and root"]
fn a_limit_to_the_size_of_files_leaves_the_old_store_or_the_new_one() {
    for case in CASES {
        let made = made(case);
        for limit in (0..=4096).step_by(256) {
            let limit = format!("--fsize={limit}");
            // Without the first two words the signal of the limit ends the run.
            for wrapper in [["env", "--ignore-signal=XFSZ", "prlimit", &limit].as_slice(), &["prlimit", &limit]] {
                let scene = Scene::new(case);
                let run = Finished::of(&mut scene.run_under(wrapper));
                scene.judge(&run, &made);
                scene.judge_next(&run, &made);
            }
        }
    }
}

#[test]
#[ignore = "needs strace and root"]
fn a_report_that_cannot_be_written_changes_nothing() {
    for case in CASES {
        let made = made(case);
        let scene = Scene::new(case);
        let full = File::options().write(true).open("/dev/full").unwrap();
        let run = Finished::of(scene.run_under(&[]).arg("--json").stdout(full));
        assert_eq!(run.status.code(), Some(1), "{run}");
        scene.judge(&run, &made);
        scene.judge_next(&run, &made);
    }
}

#[test]
#[ignore = "needs strace and root"]
fn what_lies_where_new_files_shall_be_stays_as_it_is() {
    for case in [Case::Ca, Case::NewStore] {
        for name in made(case) {
            for is_link in [false, true] {
                let scene = Scene::new(case);
                let path = scene.folder.join(&name);
                if is_link {
                    std::os::unix::fs::symlink("nowhere", &path).unwrap();
                } else {
                    fs::write(&path, "mine").unwrap();
                }
                let run = Finished::of(&mut scene.run_under(&[]));
                assert_eq!(run.status.code(), Some(1), "{run}");
                assert_eq!(names(&scene.folder), [name.as_str()], "{run}");
                assert_eq!(fs::symlink_metadata(&path).unwrap().is_symlink(), is_link, "{run}");
                assert!(is_link || fs::read(&path).unwrap() == b"mine", "{run}");
            }
        }
    }
}

#[test]
#[ignore = "needs strace and root"]
fn a_store_of_somebody_else_stays_as_it_is_or_stays_theirs() {
    // Below the folder for temporary files: `nobody` may not come near the package.
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
    let [binary, place, certificate, password] =
        ["kafka-certgen", "place", "certificate", "password"].map(|name| folder.path().join(name));
    fs::copy(BINARY, &binary).unwrap();
    fs::copy(BUNDLE.1.path("ca/ca-cert"), &certificate).unwrap();
    fs::write(&password, BUNDLE.1.password("broker1")).unwrap();
    for file in [&certificate, &password] {
        fs::set_permissions(file, Permissions::from_mode(0o644)).unwrap();
    }
    fs::create_dir(&place).unwrap();
    let case = Case::Import("p12");
    case.prepare(&place).unwrap();
    let store = place.join(case.last());
    let run_as = |user: u32, alias: &str| {
        let mut run = command(&binary, ["import", "--noprompt", "--alias", alias, "--keystore"]);
        run.arg(&store).arg("--file").arg(&certificate).arg("--storepass").arg(format!("file:{}", password.display()));
        Finished::of(run.uid(user).gid(user))
    };
    let refused = [(0o755, NOBODY), (0o555, NOBODY), (0o1777, 0), (0o777, 0)];
    for (mode, owner) in refused {
        fs::set_permissions(&place, Permissions::from_mode(mode)).unwrap();
        fs::set_permissions(&store, Permissions::from_mode(0o666)).unwrap();
        chown(&store, Some(owner), Some(owner)).unwrap();
        let before = fs::read(&store).unwrap();
        let run = run_as(NOBODY, "refused");
        assert_eq!(run.status.code(), Some(1), "{mode:o}: {run}");
        assert_eq!(fs::read(&store).unwrap(), before, "{mode:o}: {run}");
        assert_eq!(names(&place), [case.last()], "{mode:o}: {run}");
    }
    for (user, mode) in [(0, 0o640), (NOBODY, 0o600), (NOBODY, 0o400)] {
        chown(&store, Some(NOBODY), Some(NOBODY)).unwrap();
        fs::set_permissions(&store, Permissions::from_mode(mode)).unwrap();
        let run = run_as(user, &format!("{user}-{mode}")).successfully();
        let metadata = fs::metadata(&store).unwrap();
        let kept = (metadata.uid(), metadata.gid(), metadata.mode() & 0o7777);
        assert_eq!(kept, (NOBODY, NOBODY, mode), "{run}");
    }
}

#[test]
#[ignore = "needs strace, root and keytool"]
fn of_many_imports_at_once_none_is_lost() {
    for extension in ["jks", "p12"] {
        let folder = scratch();
        let store = folder.path().join(format!("truststore.{extension}"));
        let start = |n: usize| {
            let mut run = command(BINARY, import(&store, &format!("alias{n}")));
            run.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
        };
        let runs: Vec<_> = (0..RUNS).map(start).collect();
        let codes: Vec<_> = runs.into_iter().map(|mut run| run.wait().unwrap().code()).collect();
        assert_eq!(codes, vec![Some(0); RUNS]);
        let mut list = Jdk::of_17().keytool();
        list.args(["-list", "-keystore"]).arg(&store).arg("-storepass:file").arg(BUNDLE.1.password_file("broker1"));
        Finished::of(&mut list).successfully().saying(&format!("contains {RUNS} entries"));
        assert_eq!(names(folder.path()), [format!("truststore.{extension}")]);
    }
}
