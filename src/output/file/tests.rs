use std::ffi::OsString;
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::process::Command;
use std::thread;

use rustix::fs::{CWD, Mode};
use tempfile::TempDir;

use super::*;

const LIMIT: u64 = 1000;

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn public(path: &Path, contents: &str) -> (NewFile, FileContents) {
    (NewFile::new(path).unwrap(), FileContents::public(contents))
}

fn secret(path: &Path, contents: &str) -> (NewFile, FileContents) {
    (NewFile::new(path).unwrap(), FileContents::secret(Zeroizing::new(contents.into())))
}

/// Replaces what a file holds.
fn change(path: &Path, contents: &str) -> Result<(), OutputError> {
    FileChange::open(path, LIMIT)?.stage(contents.as_bytes(), vec![])?.commit()
}

fn names(folder: &Path) -> Vec<OsString> {
    let mut names: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    names
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap()
}

fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).unwrap().mode() & 0o7777
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

fn umask() -> u32 {
    let status = read(Path::new("/proc/self/status"));
    let umask = status.lines().find_map(|line| line.strip_prefix("Umask:")).unwrap();
    u32::from_str_radix(umask.trim(), 8).unwrap()
}

#[test]
fn new_files_are_there_after_the_commit_and_not_before() {
    let folder = folder();
    let [key, certificate] = ["ca-key", "ca-cert"].map(|name| folder.path().join(name));
    let staged = StagedFiles::of_new(vec![secret(&key, "key"), public(&certificate, "certificate")]).unwrap();
    assert!(!key.exists() && !certificate.exists());
    staged.commit().unwrap();
    assert_eq!([read(&key), read(&certificate)], ["key", "certificate"]);
    assert_eq!(names(folder.path()), ["ca-cert", "ca-key"]);
}

#[test]
fn new_files_have_their_modes_from_the_first_byte() {
    let folder = folder();
    let [key, certificate, store] = ["ca-key", "ca-cert", "store"].map(|name| folder.path().join(name));
    let files = vec![secret(&key, "key"), public(&certificate, "certificate")];
    let staged = FileChange::open(&store, LIMIT).unwrap().stage(b"store", files).unwrap();
    let mut modes: Vec<_> = names(folder.path()).iter().map(|name| mode(&folder.path().join(name))).collect();
    modes.sort_unstable();
    let public = 0o644 & !umask();
    let mut expected = [0o600 & !umask(), 0o600 & !umask(), public];
    expected.sort_unstable();
    assert_eq!(modes, expected);
    staged.commit().unwrap();
    assert_eq!([mode(&key), mode(&certificate), mode(&store)], [0o600 & !umask(), public, 0o600 & !umask()]);
}

/// The umask is the whole process's, so that other tests would have it too.
#[test]
fn modes_are_right_under_any_umask() {
    let tests = ["new_files_have_their_modes_from_the_first_byte", "a_changed_file_keeps_its_mode"];
    for umask in ["000", "022", "027", "077"] {
        for test in tests {
            let mut run = Command::new("sh");
            run.args(["-c", &format!("umask {umask} && exec \"$@\""), "sh"]).arg(std::env::current_exe().unwrap());
            let (_, module) = module_path!().split_once("::").unwrap();
            let run = run.args(["--exact", &format!("{module}::{test}")]).output().unwrap();
            let said = String::from_utf8_lossy(&run.stdout);
            assert!(run.status.success() && said.contains("1 passed"), "{umask} {said}");
        }
    }
}

#[test]
fn a_changed_file_keeps_its_mode() {
    let folder = folder();
    let store = folder.path().join("store");
    for kept in [0o600, 0o400, 0o640, 0o644, 0o664, 0o666, 0o755] {
        fs::write(&store, "old").unwrap();
        set_mode(&store, kept);
        let staged = FileChange::open(&store, LIMIT).unwrap().stage(b"new", vec![]).unwrap();
        for name in names(folder.path()) {
            assert_eq!(mode(&folder.path().join(name)), kept);
        }
        staged.commit().unwrap();
        assert_eq!((read(&store).as_str(), mode(&store)), ("new", kept));
        assert_eq!(names(folder.path()), ["store"]);
        fs::remove_file(&store).unwrap();
    }
}

/// Only root can give a file away; anybody else has files of their own.
#[test]
fn a_changed_file_keeps_its_owner_and_group() {
    let folder = folder();
    let store = folder.path().join("store");
    fs::write(&store, "old").unwrap();
    let (user, group) = (rustix::process::geteuid(), rustix::process::getegid());
    let kept = if user.is_root() { (65534, 65533) } else { (user.as_raw(), group.as_raw()) };
    chown(&store, Some(kept.0), Some(kept.1)).unwrap();
    set_mode(&store, 0o640);
    change(&store, "new").unwrap();
    let metadata = fs::metadata(&store).unwrap();
    assert_eq!((metadata.uid(), metadata.gid(), mode(&store)), (kept.0, kept.1, 0o640));
    assert_eq!(read(&store), "new");
}

#[cfg(target_os = "linux")]
#[test]
fn a_changed_file_keeps_its_access_control_list_and_gets_none_from_the_folder() {
    use rustix::fs::{XattrFlags, getxattr, setxattr};

    /// Returns a list in the form of Linux: the owner may write, user 65534 has `rights`, the group nothing, all others nothing.
    fn list(rights: u16) -> Vec<u8> {
        let entries: [(u16, u16, u32); 5] =
            [(1, 6, u32::MAX), (2, rights, 65534), (4, 0, u32::MAX), (16, rights, u32::MAX), (32, 0, u32::MAX)];
        let mut list = 2_u32.to_le_bytes().to_vec();
        for (tag, rights, id) in entries {
            list.extend([tag.to_le_bytes(), rights.to_le_bytes()].concat());
            list.extend(id.to_le_bytes());
        }
        list
    }
    const NAME: &str = "system.posix_acl_access";
    let list_of = |path: &Path| {
        let mut list = vec![0; 1000];
        getxattr(path, NAME, list.as_mut_slice()).map(|length| list[..length].to_vec()).ok()
    };
    let folder = folder();
    let [with, without] = ["with", "without"].map(|name| folder.path().join(name));
    for store in [&with, &without] {
        fs::write(store, "old").unwrap();
        set_mode(store, 0o640);
    }
    let is_supported = setxattr(&with, NAME, &list(4), XattrFlags::empty()).is_ok()
        && setxattr(folder.path(), "system.posix_acl_default", &list(6), XattrFlags::empty()).is_ok();
    for store in [&with, &without] {
        change(store, "new").unwrap();
        assert_eq!((read(store).as_str(), mode(store)), ("new", 0o640));
    }
    assert_eq!(list_of(&with), is_supported.then(|| list(4)));
    assert_eq!(list_of(&without), None);
}

#[test]
fn a_file_that_cannot_have_its_owner_is_not_replaced() {
    let folder = folder();
    let store = folder.path().join("store");
    fs::write(&store, "old").unwrap();
    let mut old = FileChange::open(&store, LIMIT).unwrap();
    // Of root, as only root can make it so; whom that does not stop, this being a folder does.
    old.old.as_mut().unwrap().metadata = fs::metadata("/").unwrap();
    let failed = old.stage(b"new", vec![]).unwrap_err();
    assert!(matches!(failed, OutputError::AccessNotKept(..) | OutputError::Changed(_)), "{failed}");
    assert_eq!(read(&store), "old");
    assert_eq!(names(folder.path()), ["store"]);
}

#[test]
fn what_is_there_is_never_overwritten() {
    let folder = folder();
    let file = folder.path().join("file");
    fs::write(&file, "mine").unwrap();
    symlink("file", folder.path().join("link")).unwrap();
    symlink("nowhere", folder.path().join("dangling")).unwrap();
    fs::create_dir(folder.path().join("folder")).unwrap();
    rustix::fs::mkfifoat(CWD, folder.path().join("fifo"), Mode::RUSR).unwrap();
    for name in ["file", "link", "dangling", "folder", "fifo", "folder/../file"] {
        let refused = NewFile::new(&folder.path().join(name));
        assert!(matches!(refused, Err(OutputError::FileExists(_))), "{name}: {refused:?}");
    }
}

#[test]
fn what_comes_into_the_way_between_stage_and_commit_stays() {
    let plants: [fn(&Path); 4] = [
        |path| fs::write(path, "mine").unwrap(),
        |path| fs::create_dir(path).unwrap(),
        |path| symlink("nowhere", path).unwrap(),
        |path| rustix::fs::mkfifoat(CWD, path, Mode::RUSR).unwrap(),
    ];
    for plant in plants {
        let folder = folder();
        let [first, second] = ["first", "second"].map(|name| folder.path().join(name));
        let staged = StagedFiles::of_new(vec![public(&first, "1"), public(&second, "2")]).unwrap();
        plant(&second);
        let before = fs::symlink_metadata(&second).unwrap();
        assert!(matches!(staged.commit(), Err(OutputError::FileExists(path)) if path.ends_with("second")));
        assert_eq!(names(folder.path()), ["second"]);
        let after = fs::symlink_metadata(&second).unwrap();
        assert_eq!((inode(&before), before.mode(), before.len()), (inode(&after), after.mode(), after.len()));
    }
}

#[test]
fn paths_lead_where_the_system_says_or_are_refused() {
    let folder = folder();
    fs::create_dir(folder.path().join("a")).unwrap();
    fs::write(folder.path().join("file"), "x").unwrap();
    symlink("a", folder.path().join("link")).unwrap();
    let real = folder.path().canonicalize().unwrap();
    for (path, expected) in
        [("x", "x"), ("./x", "x"), ("a/../x", "x"), ("a//x", "a/x"), ("link/x", "a/x"), ("...", "...")]
    {
        let path = folder.path().join(path);
        assert_eq!(NewFile::new(&path).unwrap().path(), real.join(expected));
        assert_eq!(FileChange::open(&path, LIMIT).unwrap().path(), real.join(expected));
    }
    for path in ["x/", "a/", "x/.", "a/.", "..", "a/..", "link/", "file/", "/", ".", "./", ""] {
        let path = if path.is_empty() { PathBuf::new() } else { folder.path().join(path) };
        assert!(matches!(NewFile::new(&path), Err(OutputError::NoFileName(_))), "{path:?}");
        assert!(matches!(FileChange::open(&path, LIMIT), Err(OutputError::NoFileName(_))), "{path:?}");
    }
    for (path, is_expected) in [
        ("b/x", (|error| matches!(error, OutputError::NoParent(_))) as fn(&OutputError) -> bool),
        ("file/x", |error| matches!(error, OutputError::NotAFolder(_))),
        ("file/x/y", |error| matches!(error, OutputError::NotAFolder(_))),
    ] {
        let path = folder.path().join(path);
        let errors = [NewFile::new(&path).map(drop), FileChange::open(&path, LIMIT).map(drop)];
        assert!(errors.iter().all(|error| is_expected(error.as_ref().unwrap_err())), "{path:?}: {errors:?}");
    }
    assert_eq!(Place::of(Path::new("no-such-file")).unwrap().path().parent(), std::env::current_dir().ok().as_deref());
}

#[test]
fn a_path_that_is_given_twice_is_refused() {
    let folder = folder();
    fs::create_dir(folder.path().join("a")).unwrap();
    let [path, again] = ["x", "a/../x"].map(|name| folder.path().join(name));
    let twice = StagedFiles::of_new(vec![public(&path, "1"), public(&again, "2")]);
    assert!(matches!(twice, Err(OutputError::Twice(_))));
    let twice = FileChange::open(&again, LIMIT).unwrap().stage(b"1", vec![public(&path, "2")]);
    assert!(matches!(twice, Err(OutputError::Twice(_))));
    assert_eq!(names(folder.path()), ["a"]);
}

#[test]
fn a_store_is_read_and_replaced_as_a_whole() {
    let folder = folder();
    let [store, password] = ["store", "password"].map(|name| folder.path().join(name));
    let absent = FileChange::open(&store, LIMIT).unwrap();
    assert_eq!(absent.contents(), None);
    absent.stage(b"one", vec![secret(&password, "p")]).unwrap().commit().unwrap();
    let one = FileChange::open(&store, LIMIT).unwrap();
    assert_eq!(one.contents(), Some(b"one".as_slice()));
    let staged = one.stage(b"two", vec![]).unwrap();
    assert_eq!(read(&store), "one");
    staged.commit().unwrap();
    assert_eq!([read(&store), read(&password)], ["two", "p"]);
    assert_eq!(names(folder.path()), ["password", "store"]);
}

#[test]
fn what_is_not_committed_leaves_nothing() {
    let folder = folder();
    let [store, password] = ["store", "password"].map(|name| folder.path().join(name));
    fs::write(&store, "old").unwrap();
    drop(FileChange::open(&store, LIMIT).unwrap().stage(b"new", vec![secret(&password, "p")]).unwrap());
    assert_eq!(names(folder.path()), ["store"]);
    assert_eq!(read(&store), "old");
}

#[test]
fn a_link_stays_and_what_it_leads_to_is_replaced() {
    let folder = folder();
    fs::create_dir(folder.path().join("real")).unwrap();
    let real = folder.path().join("real/store");
    fs::write(&real, "old").unwrap();
    let [first, second, dangling] = ["first", "second", "dangling"].map(|name| folder.path().join(name));
    symlink("second", &first).unwrap();
    symlink("real/store", &second).unwrap();
    symlink("real/nowhere", &dangling).unwrap();
    change(&first, "new").unwrap();
    assert!(fs::symlink_metadata(&first).unwrap().is_symlink() && fs::symlink_metadata(&second).unwrap().is_symlink());
    assert_eq!([read(&real), read(&first)], ["new", "new"]);
    assert!(matches!(change(&dangling, "new"), Err(OutputError::DanglingLink(_))));
    assert_eq!(names(&folder.path().join("real")), ["store"]);

    let staged = FileChange::open(&first, LIMIT).unwrap().stage(b"newer", vec![]).unwrap();
    fs::write(folder.path().join("other"), "other").unwrap();
    fs::remove_file(&second).unwrap();
    symlink("other", &second).unwrap();
    assert!(matches!(staged.commit(), Err(OutputError::Changed(_))));
    assert_eq!([read(&real), read(&first)], ["new", "other"]);
}

#[test]
fn another_name_of_a_file_keeps_what_it_had() {
    let folder = folder();
    let [store, other] = ["store", "other"].map(|name| folder.path().join(name));
    fs::write(&store, "old").unwrap();
    fs::hard_link(&store, &other).unwrap();
    change(&store, "new").unwrap();
    assert_eq!([read(&store), read(&other)], ["new", "old"]);
}

#[test]
fn what_is_no_file_or_too_large_is_refused_at_once() {
    let folder = folder();
    let path = |name: &str| folder.path().join(name);
    rustix::fs::mkfifoat(CWD, path("fifo"), Mode::RUSR | Mode::WUSR).unwrap();
    symlink("fifo", path("link-to-fifo")).unwrap();
    fs::create_dir(path("folder")).unwrap();
    symlink("/dev/zero", path("link-to-device")).unwrap();
    let socket = std::os::unix::net::UnixListener::bind(path("socket")).unwrap();
    for name in ["fifo", "link-to-fifo", "folder", "link-to-device", "socket"] {
        let refused = FileChange::open(&path(name), LIMIT);
        // Whoever is not root may not write where devices are.
        let is_device = name == "link-to-device" && matches!(refused, Err(OutputError::NotWritable(..)));
        assert!(is_device || matches!(refused, Err(OutputError::NotAFile(_))), "{name}: {refused:?}");
    }
    drop(socket);
    fs::write(path("full"), [b'x'; 1000]).unwrap();
    assert_eq!(FileChange::open(&path("full"), LIMIT).unwrap().contents().map(<[u8]>::len), Some(1000));
    fs::write(path("large"), [b'x'; 1001]).unwrap();
    assert!(matches!(FileChange::open(&path("large"), LIMIT), Err(OutputError::TooLarge(_, LIMIT))));
    File::create(path("huge")).unwrap().set_len(1 << 40).unwrap();
    assert!(matches!(FileChange::open(&path("huge"), LIMIT), Err(OutputError::TooLarge(_, LIMIT))));
}

#[test]
fn a_store_that_somebody_else_has_changed_is_not_replaced() {
    type Change = fn(&Path);
    let changes: [(&str, Change); 5] = [
        ("theirs", |store| fs::write(store, "theirs").unwrap()),
        ("mine", |store| {
            let file = OpenOptions::new().write(true).open(store).unwrap();
            file.set_modified(std::time::UNIX_EPOCH).unwrap();
        }),
        ("mine", |store| {
            let modified = fs::metadata(store).unwrap().modified().unwrap();
            fs::write(store.with_file_name("theirs"), "mine").unwrap();
            File::options().write(true).open(store.with_file_name("theirs")).unwrap().set_modified(modified).unwrap();
            fs::rename(store.with_file_name("theirs"), store).unwrap();
        }),
        ("", |store| fs::remove_file(store).unwrap()),
        ("mine", |store| {
            fs::rename(store, store.with_file_name("moved")).unwrap();
            symlink("moved", store).unwrap();
        }),
    ];
    for (expected, change) in changes {
        for is_before_stage in [true, false] {
            let folder = folder();
            let [store, password] = ["store", "password"].map(|name| folder.path().join(name));
            fs::write(&store, "mine").unwrap();
            let opened = FileChange::open(&store, LIMIT).unwrap();
            let files = vec![secret(&password, "p")];
            let result = if is_before_stage {
                change(&store);
                opened.stage(b"new", files).map(drop)
            } else {
                let staged = opened.stage(b"new", files).unwrap();
                change(&store);
                staged.commit()
            };
            assert!(matches!(result, Err(OutputError::Changed(_))), "{result:?}");
            assert_eq!(fs::read_to_string(&store).unwrap_or_default(), expected);
            assert!(!password.exists());
            assert!(names(folder.path()).iter().all(|name| name == "store" || name == "moved"), "{folder:?}");
        }
    }
}

/// The store is looked at for the last time when it has already been exchanged.
#[test]
fn a_store_that_is_changed_in_the_last_moment_is_brought_back() {
    let folder = folder();
    let store = folder.path().join("store");
    fs::write(&store, "old").unwrap();
    let FileChange { named, place, old, .. } = FileChange::open(&store, LIMIT).unwrap();
    let mut staged = StagedChange::write(named, place.path(), old.unwrap(), b"new").unwrap();
    fs::write(&store, "theirs").unwrap();
    assert!(matches!(staged.put(), Err(OutputError::Changed(_))));
    staged.take_back().unwrap();
    drop(staged);
    assert_eq!(read(&store), "theirs");
    assert_eq!(names(folder.path()), ["store"]);
}

#[test]
fn a_run_that_fails_after_the_store_is_in_place_brings_everything_back() {
    let folder = folder();
    let [store, password] = ["store", "password"].map(|name| folder.path().join(name));
    fs::write(&store, "old").unwrap();
    let before = inode(&fs::metadata(&store).unwrap());
    let opened = FileChange::open(&store, LIMIT).unwrap();
    let mut staged = opened.stage(b"new", vec![secret(&password, "p")]).unwrap();
    staged.put().unwrap();
    assert_eq!([read(&store), read(&password)], ["new", "p"]);
    staged.take_back().unwrap();
    drop(staged);
    assert_eq!(read(&store), "old");
    assert_eq!(inode(&fs::metadata(&store).unwrap()), before);
    assert_eq!(names(folder.path()), ["store"]);
}

#[test]
fn a_new_store_that_somebody_else_makes_first_takes_its_password_back() {
    let folder = folder();
    let [store, password] = ["store", "password"].map(|name| folder.path().join(name));
    let opened = FileChange::open(&store, LIMIT).unwrap();
    let staged = opened.stage(b"new", vec![secret(&password, "p")]).unwrap();
    fs::write(&store, "theirs").unwrap();
    assert!(matches!(staged.commit(), Err(OutputError::FileExists(path)) if path.ends_with("store")));
    assert_eq!(read(&store), "theirs");
    assert_eq!(names(folder.path()), ["store"]);
}

#[test]
fn what_somebody_else_has_put_over_a_new_file_is_not_taken_back() {
    let folder = folder();
    let [first, second] = ["first", "second"].map(|name| folder.path().join(name));
    let mut staged = StagedFiles::of_new(vec![public(&first, "1"), public(&second, "2")]).unwrap();
    staged.put().unwrap();
    fs::write(folder.path().join("theirs"), "theirs").unwrap();
    fs::rename(folder.path().join("theirs"), &first).unwrap();
    staged.take_back().unwrap();
    assert_eq!(read(&first), "theirs");
    assert_eq!(names(folder.path()), ["first"]);
}

#[test]
fn threads_that_change_one_file_at_once_lose_nothing() {
    const THREADS: usize = 8;
    const CHANGES: usize = 25;
    let folder = folder();
    let store = folder.path().join("store");
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let store = &store;
            scope.spawn(move || {
                for n in 0..CHANGES {
                    let change = FileChange::open(store, 1 << 20).unwrap();
                    let mut contents = change.contents().unwrap_or_default().to_vec();
                    contents.extend(format!("{thread}.{n}\n").bytes());
                    change.stage(&contents, vec![]).unwrap().commit().unwrap();
                }
            });
        }
    });
    let text = read(&store);
    let mut lines: Vec<_> = text.lines().collect();
    lines.sort_unstable();
    lines.dedup();
    assert_eq!(lines.len(), THREADS * CHANGES);
    assert_eq!(names(folder.path()), ["store"]);
}

/// Each thread has the store in one of two folders, and a new file in the other.
#[test]
fn threads_that_need_the_same_folders_in_another_order_wait_for_no_ring() {
    let folder = folder();
    let folders = ["a", "b"].map(|name| folder.path().join(name));
    for folder in &folders {
        fs::create_dir(folder).unwrap();
        fs::write(folder.join("store"), "old").unwrap();
    }
    let changed: usize = thread::scope(|scope| {
        let threads: Vec<_> = [(0, 1), (1, 0), (0, 1), (1, 0)]
            .into_iter()
            .enumerate()
            .map(|(thread, (own, other))| {
                let (own, other) = (&folders[own], &folders[other]);
                scope.spawn(move || {
                    let attempt = |n: usize| {
                        let opened = FileChange::open(&own.join("store"), LIMIT).unwrap();
                        let new = public(&other.join(format!("{thread}.{n}")), "x");
                        let contents = format!("{thread}.{n}");
                        match opened.stage(contents.as_bytes(), vec![new]).and_then(StagedFiles::commit) {
                            Ok(()) => true,
                            // Its lock was given up for the other folder's, and somebody was faster.
                            Err(OutputError::Changed(_)) => false,
                            Err(error) => panic!("{error}"),
                        }
                    };
                    (0..10).filter(|n| attempt(*n)).count()
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    let new = folders.iter().map(|folder| names(folder).len() - 1).sum::<usize>();
    assert_eq!(new, changed);
    assert!(changed > 0);
}

#[test]
fn a_folder_with_two_paths_is_locked_once() {
    let folder = folder();
    fs::create_dir(folder.path().join("a")).unwrap();
    symlink("a", folder.path().join("b")).unwrap();
    let files = vec![public(&folder.path().join("a/x"), "x"), public(&folder.path().join("b/y"), "y")];
    let opened = FileChange::open(&folder.path().join("b/store"), LIMIT).unwrap();
    opened.stage(b"store", files).unwrap().commit().unwrap();
    assert_eq!(names(&folder.path().join("a")), ["store", "x", "y"]);
}

#[test]
fn what_a_killed_run_left_is_removed_by_the_next_and_nothing_else() {
    let folder = folder();
    let path = |name: &str| folder.path().join(name);
    let stays = [
        ".kafka-certgen-staging-Ab12Cd",
        ".kafka-certgen-staging-file-Ab12C.",
        ".kafka-certgen-staging-file-linked",
        ".kafka-certgen-staging-file-mine",
        "store",
    ];
    for name in stays.into_iter().filter(|name| !name.ends_with("linked")).chain([".kafka-certgen-staging-file-Ab12Cd"])
    {
        fs::write(path(name), "x").unwrap();
    }
    symlink("store", path(".kafka-certgen-staging-file-linked")).unwrap();
    fs::create_dir(path(".kafka-certgen-staging-file-folder")).unwrap();
    fs::create_dir(path(".kafka-certgen-staging-Folder")).unwrap();
    set_mode(&path(".kafka-certgen-staging-Folder"), 0o700);
    drop(FileChange::open(&path("store"), LIMIT).unwrap());
    assert!(path(".kafka-certgen-staging-file-Ab12Cd").exists(), "to look changes nothing");
    change(&path("store"), "new").unwrap();
    let mut expected = [stays.as_slice(), &[".kafka-certgen-staging-file-folder"]].concat();
    expected.sort_unstable();
    assert_eq!(names(folder.path()), expected);
}

#[test]
fn a_folder_that_nobody_may_write_to_is_named() {
    let folder = folder();
    set_mode(folder.path(), 0o555);
    let errors =
        [NewFile::new(&folder.path().join("x")).map(drop), FileChange::open(&folder.path().join("x"), LIMIT).map(drop)];
    for result in errors {
        // Root may write everywhere.
        let is_root = rustix::process::geteuid().is_root();
        assert!(matches!(result, Ok(()) if is_root) || matches!(result, Err(OutputError::NotWritable(..)) if !is_root));
    }
    let nowhere = NewFile::new(Path::new("/proc/x"));
    assert!(
        matches!(nowhere, Err(OutputError::NotWritable(..)))
            || nowhere.is_ok_and(|new| { StagedFiles::of_new(vec![(new, FileContents::public("x"))]).is_err() })
    );
}

#[test]
fn nothing_that_a_file_holds_is_printed() {
    let folder = folder();
    let store = folder.path().join("store");
    fs::write(&store, "hunter2").unwrap();
    let opened = FileChange::open(&store, LIMIT).unwrap();
    let contents = FileContents::secret(Zeroizing::new(b"hunter2".to_vec()));
    let printed = format!("{opened:?} {contents:?}");
    let bytes = format!("{:?}", b"hunter2");
    assert!(!printed.contains("hunter2") && !printed.contains(&bytes[1..bytes.len() - 1]), "{printed}");
}
