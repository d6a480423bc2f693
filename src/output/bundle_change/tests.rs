use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use sha2::{Digest, Sha256};
use tempfile::TempDir;
use zeroize::Zeroizing;

use super::*;
use crate::output::BundleFolder;

/// A bundle with an identity.
struct Scene(TempDir);

const LONG_AGO: Duration = Duration::from_secs(1_000_000_000);

impl Scene {
    fn new() -> Self {
        let scene = Self(tempfile::tempdir().unwrap());
        fs::create_dir(scene.path("broker1")).unwrap();
        for (name, contents) in [("store", "old"), ("gone", "gone"), ("mine", "mine")] {
            scene.write(&format!("broker1/{name}"), contents);
        }
        scene
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, contents: &str) {
        fs::write(self.path(name), contents).unwrap();
        let file = fs::File::options().write(true).open(self.path(name)).unwrap();
        file.set_modified(SystemTime::UNIX_EPOCH + LONG_AGO).unwrap();
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    fn lock(&self) -> BundleFolder {
        BundleFolder::lock(self.0.path(), &|| panic!("nobody holds the lock")).unwrap()
    }

    /// Everything in the bundle: files with what they hold, folders, and links with where they lead.
    fn listing(&self) -> BTreeMap<String, String> {
        fn walk(folder: &Path, root: &Path, listing: &mut BTreeMap<String, String>) {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                let name = path.strip_prefix(root).unwrap().display().to_string();
                let metadata = fs::symlink_metadata(&path).unwrap();
                let what = if metadata.is_dir() {
                    walk(&path, root, listing);
                    "/".to_owned()
                } else if metadata.is_symlink() {
                    format!("-> {}", fs::read_link(&path).unwrap().display())
                } else if metadata.is_file() {
                    fs::read_to_string(&path).unwrap()
                } else {
                    "special".to_owned()
                };
                listing.insert(name, what);
            }
        }
        let mut listing = BTreeMap::new();
        walk(self.0.path(), self.0.path(), &mut listing);
        listing
    }

    fn names(&self, folder: &str) -> Vec<String> {
        let entries = fs::read_dir(self.path(folder)).unwrap();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    fn set_mode(&self, name: &str, mode: u32) {
        fs::set_permissions(self.path(name), fs::Permissions::from_mode(mode)).unwrap();
    }

    fn mode(&self, name: &str) -> u32 {
        fs::symlink_metadata(self.path(name)).unwrap().mode() & 0o7777
    }

    /// The inode and the time that the file was written.
    fn identity(&self, name: &str) -> (u64, i64) {
        let metadata = fs::symlink_metadata(self.path(name)).unwrap();
        (metadata.ino(), metadata.mtime())
    }
}

fn secret(path: &str, contents: &str) -> Artifact {
    Artifact::secret(path.into(), Zeroizing::new(contents.into()))
}

/// A folder with a new store and one file more, and without the one that goes.
fn renewed(bundle: &BundleFolder, name: &str) -> NewFolder {
    NewFolder {
        name: name.to_owned(),
        artifacts: vec![
            secret(&format!("{name}/store"), "new"),
            Artifact::public(format!("{name}/more").into(), "more"),
        ],
        dropped: vec!["gone".to_owned()],
        old: bundle.survey(name).unwrap(),
        retire_as: None,
    }
}

/// Lets a run end as a kill ends it: nothing is cleaned, and no lock remains.
fn kill(mut change: BundleChange<'_>) {
    change.staging.leave();
}

fn both_ways(check: impl Fn(bool)) {
    check(true);
    check(false);
}

#[test]
fn a_folder_takes_the_place_of_an_old_one_and_carries_over_what_is_not_ours() {
    both_ways(|may_exchange| {
        let scene = Scene::new();
        fs::create_dir_all(scene.path("broker1/notes/deep")).unwrap();
        scene.write("broker1/notes/deep/note", "note");
        symlink("nowhere", scene.path("broker1/link")).unwrap();
        let before = ["mine", "notes/deep/note", "link"].map(|name| scene.identity(&format!("broker1/{name}")));
        let mut bundle = scene.lock();
        let folder = renewed(&bundle, "broker1");
        let mut change = bundle.change().unwrap();
        change.may_exchange = may_exchange;
        change.stage(folder).unwrap();
        assert_eq!(scene.read("broker1/store"), "old");
        assert_eq!(change.commit().unwrap(), ["broker1"]);
        assert_eq!(change.committed(), ["broker1"]);
        assert_eq!(change.commit().unwrap(), [""; 0]);
        assert_eq!(change.retired(), []);
        drop(change);
        let after = ["mine", "notes/deep/note", "link"].map(|name| scene.identity(&format!("broker1/{name}")));
        assert_eq!(after, before);
        assert_eq!(before[0].1, 1_000_000_000);
        assert_eq!(scene.names("broker1"), ["link", "mine", "more", "notes", "store"]);
        assert_eq!([scene.read("broker1/store"), scene.read("broker1/more")], ["new", "more"]);
        assert_eq!(scene.names(""), ["broker1"]);
    });
}

#[test]
fn new_folders_come_into_the_bundle_and_replace_nothing() {
    let scene = Scene::new();
    fs::create_dir(scene.path("empty")).unwrap();
    let mut bundle = scene.lock();
    let names = ["broker2", "empty", "taken", "file", "link", "broker3"];
    let folders = names.map(|name| NewFolder { old: None, ..renewed(&bundle, name) });
    let mut change = bundle.change().unwrap();
    for folder in folders {
        change.stage(folder).unwrap();
    }
    fs::create_dir(scene.path("taken")).unwrap();
    scene.write("taken/theirs", "theirs");
    scene.write("file", "theirs");
    symlink("broker1", scene.path("link")).unwrap();
    let mut refused = Vec::new();
    let committed = loop {
        match change.commit() {
            Ok(names) => break names,
            Err(OutputError::FileExists(path)) => refused.push(path.file_name().unwrap().to_owned()),
            Err(error) => panic!("{error}"),
        }
    };
    assert_eq!(refused, ["taken", "file", "link"]);
    assert_eq!(committed, ["broker3"]);
    assert_eq!(change.committed(), ["broker2", "empty", "broker3"]);
    drop(change);
    assert_eq!(scene.names(""), ["broker1", "broker2", "broker3", "empty", "file", "link", "taken"]);
    assert_eq!(scene.names("empty"), ["more", "store"]);
    assert_eq!([scene.mode("empty"), scene.mode("empty/store")], [0o700, 0o600]);
    assert_eq!([scene.read("taken/theirs"), scene.read("file")], ["theirs", "theirs"]);
}

#[test]
fn who_may_do_what_stays_with_folders_and_files() {
    both_ways(|may_exchange| {
        let scene = Scene::new();
        let is_root = rustix::process::geteuid().is_root();
        if is_root {
            std::os::unix::fs::chown(scene.path("broker1"), Some(1000), Some(1001)).unwrap();
            std::os::unix::fs::chown(scene.path("broker1/store"), Some(1002), Some(1003)).unwrap();
        }
        scene.set_mode("broker1", 0o2750);
        scene.set_mode("broker1/store", 0o640);
        let owners = || {
            ["broker1", "broker1/store"].map(|name| {
                let metadata = fs::metadata(scene.path(name)).unwrap();
                (metadata.uid(), metadata.gid(), metadata.mode() & 0o7777)
            })
        };
        let before = owners();
        let mut bundle = scene.lock();
        let folder = renewed(&bundle, "broker1");
        let mut change = bundle.change().unwrap();
        change.may_exchange = may_exchange;
        change.stage(folder).unwrap();
        change.commit().unwrap();
        assert_eq!(owners(), before);
        assert_eq!(before[0].2, 0o2750);
        assert_eq!(scene.read("broker1/store"), "new");
        // What is made in addition is of use to the owner of the folder.
        let added = fs::metadata(scene.path("broker1/more")).unwrap();
        assert_eq!((added.uid(), added.gid()), (before[0].0, before[0].1));
    });
}

/// Two lists as acl(5) keeps them: a user of their own may read, and a folder's default.
#[cfg(target_os = "linux")]
#[test]
fn access_control_lists_stay_with_folders_and_files() {
    use rustix::fs::{XattrFlags, getxattr, setxattr};
    let entry = |tag: u16, permissions: u16, id: u32| {
        [&tag.to_le_bytes()[..], &permissions.to_le_bytes(), &id.to_le_bytes()].concat()
    };
    let none = u32::MAX;
    let entries = [(1, 7, none), (2, 5, 1234), (4, 5, none), (16, 5, none), (32, 0, none)];
    let list: Vec<u8> = 2_u32
        .to_le_bytes()
        .into_iter()
        .chain(entries.into_iter().flat_map(|(tag, permissions, id)| entry(tag, permissions, id)))
        .collect();
    let scene = Scene::new();
    let places = [
        ("broker1", "system.posix_acl_access"),
        ("broker1", "system.posix_acl_default"),
        ("broker1/store", "system.posix_acl_access"),
    ];
    for (path, name) in places {
        setxattr(scene.path(path), name, &list, XattrFlags::empty()).unwrap();
    }
    let mut bundle = scene.lock();
    let folder = renewed(&bundle, "broker1");
    let mut change = bundle.change().unwrap();
    change.stage(folder).unwrap();
    change.commit().unwrap();
    assert_eq!(scene.read("broker1/store"), "new");
    for (path, name) in places {
        let mut kept = vec![0; 1000];
        let length = getxattr(scene.path(path), name, kept.as_mut_slice()).unwrap();
        assert_eq!(kept[..length], list, "{path} {name}");
    }
    assert_eq!(scene.mode("broker1/more") & 0o600, 0o600);
}

#[test]
fn a_folder_that_somebody_has_changed_is_not_replaced_and_the_others_are() {
    type Act = fn(&Scene);
    let changes: [(&str, Act); 9] = [
        ("a file is written", |scene| fs::write(scene.path("broker1/store"), "theirs").unwrap()),
        ("a file of the same length is written", |scene| fs::write(scene.path("broker1/mine"), "four").unwrap()),
        ("a file comes", |scene| scene.write("broker1/theirs", "theirs")),
        ("a file goes", |scene| fs::remove_file(scene.path("broker1/mine")).unwrap()),
        ("a dropped file is written", |scene| fs::write(scene.path("broker1/gone"), "theirs").unwrap()),
        ("a file is replaced", |scene| {
            scene.write("broker1/x", "mine");
            fs::rename(scene.path("broker1/x"), scene.path("broker1/mine")).unwrap();
        }),
        ("a file becomes a link", |scene| {
            fs::remove_file(scene.path("broker1/mine")).unwrap();
            symlink("store", scene.path("broker1/mine")).unwrap();
        }),
        ("the folder goes", |scene| fs::rename(scene.path("broker1"), scene.path("moved")).unwrap()),
        ("the folder becomes a link", |scene| {
            fs::rename(scene.path("broker1"), scene.path("moved")).unwrap();
            symlink("moved", scene.path("broker1")).unwrap();
        }),
    ];
    both_ways(|may_exchange| {
        for (what, act) in changes {
            for is_staged in [true, false] {
                let scene = Scene::new();
                let mut bundle = scene.lock();
                let folder = renewed(&bundle, "broker1");
                let other = NewFolder { old: None, ..renewed(&bundle, "broker2") };
                let mut change = bundle.change().unwrap();
                change.may_exchange = may_exchange;
                let staged = if is_staged {
                    change.stage(folder).unwrap();
                    act(&scene);
                    Ok(())
                } else {
                    act(&scene);
                    change.stage(folder)
                };
                change.stage(other).unwrap();
                let before: BTreeMap<_, _> =
                    scene.listing().into_iter().filter(|(name, _)| !name.starts_with('.')).collect();
                let refused = staged.and_then(|()| change.commit().map(drop)).unwrap_err();
                let is_told = matches!(refused, OutputError::Changed(_) | OutputError::LinkInside(_));
                assert!(is_told, "{what}: {refused}");
                assert_eq!(change.commit().unwrap(), ["broker2"], "{what}");
                if let Ok(Some(facts)) = change.bundle().survey("broker1") {
                    // One that was given up can be staged once more; it is not committed here.
                    let artifacts = vec![secret("broker1/store", "newer")];
                    let again = NewFolder {
                        name: "broker1".to_owned(),
                        artifacts,
                        dropped: Vec::new(),
                        old: Some(facts),
                        retire_as: None,
                    };
                    change.stage(again).unwrap();
                }
                drop(change);
                let mut after = scene.listing();
                after.retain(|name, _| !name.starts_with("broker2"));
                assert_eq!(after, before, "{what}");
            }
        }
    });
}

#[test]
fn what_somebody_does_in_the_last_moment_is_not_lost() {
    both_ways(|may_exchange| {
        let scene = Scene::new();
        let mut bundle = scene.lock();
        let folder = renewed(&bundle, "broker1");
        let mut change = bundle.change().unwrap();
        change.may_exchange = may_exchange;
        change.stage(folder).unwrap();
        // A shell whose working folder this is, or a program that holds the folder open.
        let theirs = Directory::open(&scene.path("broker1")).unwrap();
        change.put().unwrap();
        write_new(&theirs, OsStr::new("theirs"), &secret("theirs", "theirs")).unwrap();
        change.finish().unwrap();
        assert_eq!(change.retired(), [Retired { name: "broker1".into(), retired_as: "broker1".into() }]);
        drop(change);
        assert_eq!(scene.names(""), ["broker1", "retired"]);
        assert_eq!(scene.names("retired/broker1"), ["gone", "mine", "store", "theirs"]);
        assert_eq!([scene.read("broker1/store"), scene.read("retired/broker1/store")], ["new", "old"]);
        assert_eq!(scene.mode("retired"), 0o700);
    });
}

#[test]
fn copies_are_kept_below_retired_and_nothing_there_is_replaced() {
    both_ways(|may_exchange| {
        let scene = Scene::new();
        fs::create_dir(scene.path("broker1/notes")).unwrap();
        scene.write("broker1/notes/note", "note");
        let store = scene.identity("broker1/store");
        let mut bundle = scene.lock();
        for retired_as in ["broker1-then", "broker1-then-2", "broker1-then-3"] {
            let folder = NewFolder { retire_as: Some("broker1-then".to_owned()), ..renewed(&bundle, "broker1") };
            let mut change = bundle.change().unwrap();
            change.may_exchange = may_exchange;
            change.stage(folder).unwrap();
            assert!(!scene.path(&format!("retired/{retired_as}")).exists());
            change.commit().unwrap();
            assert_eq!(change.retired(), [Retired { name: "broker1".into(), retired_as: retired_as.into() }]);
        }
        assert_eq!(scene.names("retired/broker1-then"), ["gone", "mine", "notes", "store"]);
        assert_eq!(scene.read("retired/broker1-then/notes/note"), "note");
        assert_eq!(scene.identity("retired/broker1-then/store"), store);
        assert_eq!(scene.read("retired/broker1-then-2/store"), "new");
        assert_eq!(scene.names("broker1"), ["mine", "more", "notes", "store"]);
        assert_eq!([scene.mode("retired"), scene.mode("retired/broker1-then")], [0o700, 0o700]);
        assert_eq!(scene.names(""), ["broker1", "retired"]);
    });
}

#[test]
fn a_folder_that_is_not_replaced_has_no_copy_below_retired() {
    let scene = Scene::new();
    fs::create_dir(scene.path("broker0")).unwrap();
    let mut bundle = scene.lock();
    let retired = |name: &str| NewFolder { retire_as: Some(format!("{name}-then")), ..renewed(&bundle, name) };
    let folders = [retired("broker0"), retired("broker1")];
    let mut change = bundle.change().unwrap();
    for folder in folders {
        change.stage(folder).unwrap();
    }
    scene.write("broker0/theirs", "theirs");
    assert!(matches!(change.commit(), Err(OutputError::Changed(_))));
    assert_eq!(scene.names("retired"), [""; 0]);
    assert_eq!(change.commit().unwrap(), ["broker1"]);
    drop(change);
    assert_eq!(scene.names("retired"), ["broker1-then"]);
}

#[test]
fn a_folder_is_moved_aside_as_it_is() {
    let scene = Scene::new();
    let before = scene.identity("broker1");
    let mut bundle = scene.lock();
    let facts = bundle.survey("broker1").unwrap().unwrap();
    let mut change = bundle.change().unwrap();
    fs::create_dir_all(scene.path("retired/broker1-then")).unwrap();
    change.move_aside("broker1", &facts, "broker1-then").unwrap();
    assert_eq!(change.retired(), [Retired { name: "broker1".into(), retired_as: "broker1-then-2".into() }]);
    assert!(matches!(change.move_aside("broker1", &facts, "broker1-then"), Err(OutputError::Changed(_))));
    for name in ["", "..", ".hidden", "a/b", "/"] {
        assert!(matches!(
            change.move_aside("broker1", &facts, name),
            Err(OutputError::BadName(_) | OutputError::Changed(_))
        ));
        assert!(matches!(change.move_aside(name, &facts, "x"), Err(OutputError::BadName(_))));
    }
    drop(change);
    assert_eq!(scene.identity("retired/broker1-then-2"), before);
    assert_eq!(scene.names(""), ["retired"]);
    assert_eq!(scene.names("retired/broker1-then"), [""; 0]);
}

#[test]
fn a_folder_that_has_changed_is_not_moved_aside() {
    let scene = Scene::new();
    let mut bundle = scene.lock();
    let facts = bundle.survey("broker1").unwrap().unwrap();
    let mut change = bundle.change().unwrap();
    scene.write("broker1/theirs", "theirs");
    assert!(matches!(change.move_aside("broker1", &facts, "then"), Err(OutputError::Changed(_))));
    drop(change);
    assert_eq!(scene.names(""), ["broker1"]);
}

#[test]
fn a_root_file_is_replaced_and_keeps_who_may_read_it() {
    let scene = Scene::new();
    let mut bundle = scene.lock();
    let mut change = bundle.change().unwrap();
    let artifact = |contents: &str| Artifact::public("bundle.json".into(), contents);
    change.write_root_file(&artifact("one")).unwrap();
    assert_eq!(scene.read("bundle.json"), "one");
    scene.set_mode("bundle.json", 0o640);
    let other = scene.path("other-name");
    fs::hard_link(scene.path("bundle.json"), &other).unwrap();
    change.write_root_file(&artifact("two")).unwrap();
    assert_eq!((scene.read("bundle.json"), scene.mode("bundle.json")), ("two".to_owned(), 0o640));
    assert_eq!(fs::read_to_string(other).unwrap(), "one");
    for path in ["broker1/store", "../x", "/tmp/x", "."] {
        let refused = change.write_root_file(&Artifact::public(path.into(), "x"));
        assert!(matches!(refused, Err(OutputError::BadName(_))), "{path}: {refused:?}");
    }
    drop(change);
    assert_eq!(scene.names(""), ["broker1", "bundle.json", "other-name"]);
}

#[test]
fn nothing_that_somebody_plants_leads_a_run_elsewhere() {
    type Plant = fn(&Path, &Path);
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("file"), "theirs").unwrap();
    let plants: [(&str, Plant); 3] = [
        ("link", |outside, path| symlink(outside, path).unwrap()),
        ("link to a file", |outside, path| symlink(outside.join("file"), path).unwrap()),
        ("FIFO", |_, path| rustix::fs::mkfifoat(rustix::fs::CWD, path, Mode::RUSR | Mode::WUSR).unwrap()),
    ];
    for (what, plant) in plants {
        let scene = Scene::new();
        for name in ["retired", "bundle.json", "broker2"] {
            plant(outside.path(), &scene.path(name));
        }
        let mut bundle = scene.lock();
        let facts = bundle.survey("broker1").unwrap().unwrap();
        assert!(bundle.survey("broker2").is_err(), "{what}");
        assert!(bundle.read(Path::new("bundle.json"), 1000).is_err(), "{what}");
        assert!(bundle.read(Path::new("broker2/file"), 1000).is_err(), "{what}");
        let new = NewFolder { old: None, ..renewed(&bundle, "broker3") };
        let renewed = NewFolder { retire_as: Some("then".to_owned()), ..renewed(&bundle, "broker1") };
        let taken = NewFolder { name: "broker2".to_owned(), artifacts: Vec::new(), old: None, ..new };
        let before = scene.listing();
        let mut change = bundle.change().unwrap();
        assert!(change.move_aside("broker1", &facts, "then").is_err(), "{what}");
        assert!(change.write_root_file(&Artifact::public("bundle.json".into(), "x")).is_err(), "{what}");
        change.stage(renewed).unwrap();
        assert!(change.commit().is_err(), "{what}");
        drop(change);
        let mut change = bundle.change().unwrap();
        change.stage(taken).unwrap();
        assert!(change.commit().is_err(), "{what}");
        drop(change);
        assert_eq!(scene.listing(), before, "{what}");
        assert_eq!(fs::read_to_string(outside.path().join("file")).unwrap(), "theirs");
        assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 1);
    }
}

#[test]
fn names_that_lead_elsewhere_are_refused() {
    let scene = Scene::new();
    let mut bundle = scene.lock();
    for name in ["", ".", "..", "a/b", "/etc", ".hidden", "a\0b"] {
        assert!(matches!(bundle.survey(name), Err(OutputError::BadName(_))), "{name}");
    }
    for path in ["/etc/passwd", "../x", "", "broker1/../../x"] {
        assert!(matches!(bundle.read(Path::new(path), 10), Err(OutputError::BadName(_))), "{path}");
    }
    let folder = |path: &str| NewFolder {
        name: "broker2".to_owned(),
        artifacts: vec![secret(path, "x")],
        dropped: Vec::new(),
        old: None,
        retire_as: None,
    };
    let mut change = bundle.change().unwrap();
    for path in ["broker1/x", "x", "broker2/a/b", "broker2/../x", "/x"] {
        assert!(matches!(change.stage(folder(path)), Err(OutputError::BadName(_))), "{path}");
    }
    change.stage(folder("broker2/x")).unwrap();
    assert!(matches!(change.stage(folder("broker2/x")), Err(OutputError::Twice(_))));
    assert_eq!(change.commit().unwrap(), ["broker2"]);
}

/// An artifact never takes the place of a folder or a link that somebody has put there.
#[test]
fn what_is_no_file_is_not_replaced_by_one() {
    type Act = fn(&Path);
    let plants: [Act; 2] = [|path| fs::create_dir(path).unwrap(), |path| symlink("mine", path).unwrap()];
    for plant in plants {
        let scene = Scene::new();
        plant(&scene.path("broker1/more"));
        let before = scene.listing();
        let mut bundle = scene.lock();
        let folder = renewed(&bundle, "broker1");
        let mut change = bundle.change().unwrap();
        assert!(matches!(change.stage(folder), Err(OutputError::NotAFile(_))));
        drop(change);
        assert_eq!(scene.listing(), before);
    }
}

#[test]
fn what_is_staged_and_not_committed_goes_away() {
    let scene = Scene::new();
    let before = scene.listing();
    let mut bundle = scene.lock();
    let folder = NewFolder { retire_as: Some("then".to_owned()), ..renewed(&bundle, "broker1") };
    let mut change = bundle.change().unwrap();
    change.stage(folder).unwrap();
    drop(change);
    assert_eq!(scene.listing(), before);
}

/// A kill before the first rename, and after each.
#[test]
fn what_a_killed_run_has_left_is_brought_to_its_end() {
    both_ways(|may_exchange| {
        for is_placed in [false, true] {
            let scene = Scene::new();
            let mine = scene.identity("broker1/mine");
            let mut bundle = scene.lock();
            let folder = renewed(&bundle, "broker1");
            let new = NewFolder { old: None, ..renewed(&bundle, "broker2") };
            let mut change = bundle.change().unwrap();
            change.may_exchange = may_exchange;
            change.stage(folder).unwrap();
            change.stage(new).unwrap();
            if is_placed {
                change.put().unwrap();
            }
            kill(change);
            drop(bundle);
            assert_eq!(scene.read("broker1/store"), if is_placed { "new" } else { "old" });
            let is_left = scene.names("").iter().any(|name| name.starts_with('.'));
            assert!(is_left, "there is something to bring to its end");
            drop(scene.lock());
            let expected = if is_placed { ["broker1", "broker2"].as_slice() } else { &["broker1"] };
            assert_eq!(scene.names(""), expected);
            let expected = if is_placed { ["mine", "more", "store"] } else { ["gone", "mine", "store"] };
            assert_eq!(scene.names("broker1"), expected);
            assert_eq!(scene.identity("broker1/mine"), mine);
        }
    });
}

#[test]
fn a_folder_that_a_killed_run_has_renamed_comes_back() {
    let scene = Scene::new();
    let before = (scene.listing(), scene.identity("broker1"));
    fs::rename(scene.path("broker1"), scene.path(".kafka-certgen-replaced-broker1")).unwrap();
    drop(BundleFolder::look(scene.0.path()).unwrap());
    assert_eq!(scene.names(""), [".kafka-certgen-replaced-broker1"], "to look changes nothing");
    drop(scene.lock());
    assert_eq!((scene.listing(), scene.identity("broker1")), before);
}

#[test]
fn an_old_folder_that_nothing_is_known_of_is_retired() {
    let scene = Scene::new();
    fs::rename(scene.path("broker1"), scene.path(".kafka-certgen-replaced-broker1")).unwrap();
    fs::create_dir(scene.path("broker1")).unwrap();
    drop(scene.lock());
    assert_eq!(scene.names(""), ["broker1", "retired"]);
    assert_eq!(scene.names("broker1"), [""; 0]);
    assert_eq!(scene.read("retired/broker1/store"), "old");
}

/// After a kill, somebody changes what lies in the staging folder, or takes from the new folder what was carried over.
#[test]
fn what_a_killed_run_has_left_is_kept_if_it_would_be_lost() {
    type Act = fn(&Scene, &Path);
    let acts: [(Act, &str); 3] = [
        (|_, old| fs::write(old.join("theirs"), "theirs").unwrap(), "theirs"),
        (|_, old| fs::write(old.join("store"), "changed").unwrap(), "store"),
        (|scene, _| fs::remove_file(scene.path("broker1/mine")).unwrap(), "mine"),
    ];
    both_ways(|may_exchange| {
        for (act, kept) in acts {
            let scene = Scene::new();
            let mut bundle = scene.lock();
            let folder = renewed(&bundle, "broker1");
            let mut change = bundle.change().unwrap();
            change.may_exchange = may_exchange;
            change.stage(folder).unwrap();
            change.put().unwrap();
            let old = if may_exchange {
                change.staging.folder().path().join("broker1")
            } else {
                scene.path(".kafka-certgen-replaced-broker1")
            };
            kill(change);
            drop(bundle);
            act(&scene, &old);
            drop(scene.lock());
            assert_eq!(scene.names(""), ["broker1", "retired"]);
            assert!(scene.path(&format!("retired/broker1/{kept}")).exists(), "{kept}");
            assert_eq!(scene.read("broker1/store"), "new");
        }
    });
}

#[test]
fn a_staging_folder_that_is_in_use_is_left_alone() {
    let scene = Scene::new();
    let mut bundle = scene.lock();
    let change = bundle.change().unwrap();
    let name = change.staging.name().to_str().unwrap().to_owned();
    recovery::remove_abandoned(change.root());
    assert_eq!(scene.names(""), [name.as_str(), "broker1"]);
    drop(change);
    assert_eq!(scene.names(""), ["broker1"]);
}

#[test]
fn whoever_looks_changes_nothing_and_waits_for_nobody() {
    let scene = Scene::new();
    let locked = scene.lock();
    let mut seen = BundleFolder::look(scene.0.path()).unwrap();
    assert_eq!(seen.survey("broker1").unwrap().unwrap().files.len(), 3);
    assert!(matches!(seen.change(), Err(OutputError::NotLocked(_))));
    assert!(matches!(BundleFolder::look(&scene.path("nowhere")), Err(OutputError::NoParent(_))));
    assert!(matches!(BundleFolder::look(&scene.path("broker1/store")), Err(OutputError::NotAFolder(_))));
    drop(locked);
}

#[test]
fn a_run_waits_for_the_lock_of_another_and_says_so_once() {
    let scene = Scene::new();
    let locked = std::sync::Mutex::new(Some(scene.lock()));
    let said = std::sync::atomic::AtomicU32::new(0);
    let waiting = || {
        said.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        drop(locked.lock().unwrap().take());
    };
    drop(BundleFolder::lock(scene.0.path(), &waiting).unwrap());
    assert_eq!(said.into_inner(), 1);
}

/// `import` and the other steps hold the lock of the folder that their store is in.
#[test]
fn a_folder_whose_lock_a_step_holds_is_replaced_after_it_and_then_as_it_is() {
    let scene = Scene::new();
    let mut bundle = scene.lock();
    let folder = renewed(&bundle, "broker1");
    let mut change = bundle.change().unwrap();
    change.stage(folder).unwrap();
    let step = crate::output::FileChange::open(&scene.path("broker1/store"), 1000).unwrap();
    let refused = std::thread::scope(|scope| {
        let commit = scope.spawn(|| change.commit());
        // Whether it waits by now or not, it comes after the step.
        step.stage(b"of the step", Vec::new()).unwrap().commit().unwrap();
        commit.join().unwrap()
    });
    assert!(matches!(refused, Err(OutputError::Changed(_))), "{refused:?}");
    drop(change);
    assert_eq!(scene.read("broker1/store"), "of the step");
    assert_eq!(scene.names(""), ["broker1"]);
}

#[test]
fn a_survey_says_what_is_there() {
    let scene = Scene::new();
    let long = vec![b'x'; 3 * 8192 + 1];
    fs::write(scene.path("broker1/long"), &long).unwrap();
    fs::write(scene.path("broker1/buffer"), &long[..8192]).unwrap();
    fs::write(scene.path("broker1/empty"), "").unwrap();
    fs::File::create(scene.path("broker1/huge")).unwrap().set_len((16 << 20) + 1).unwrap();
    fs::create_dir(scene.path("broker1/folder")).unwrap();
    symlink("/dev/zero", scene.path("broker1/link")).unwrap();
    rustix::fs::mkfifoat(rustix::fs::CWD, scene.path("broker1/fifo"), Mode::RUSR).unwrap();
    let bundle = BundleFolder::look(scene.0.path()).unwrap();
    let facts = bundle.survey("broker1").unwrap().unwrap();
    assert_eq!(facts.others, ["fifo", "folder", "huge", "link"]);
    assert_eq!(facts.files.keys().collect::<Vec<_>>(), ["buffer", "empty", "gone", "long", "mine", "store"]);
    for (name, file) in &facts.files {
        let contents = fs::read(scene.path(&format!("broker1/{name}"))).unwrap();
        assert_eq!(file.sha256, <[u8; 32]>::from(Sha256::digest(&contents)), "{name}");
        assert_eq!(file.length, contents.len() as u64, "{name}");
    }
    assert!(bundle.survey("nowhere").unwrap().is_none());
    scene.write(".hidden", "");
    scene.write("bundle.json", "{}");
    symlink("broker1", scene.path("link")).unwrap();
    let entries = bundle.entries().unwrap();
    let entries: Vec<_> = entries.iter().map(|entry| (entry.name.as_str(), entry.is_folder)).collect();
    assert_eq!(entries, [("broker1", true), ("bundle.json", false), ("link", false)]);
    assert_eq!(bundle.read(Path::new("bundle.json"), 2).unwrap().unwrap().as_slice(), b"{}");
    assert_eq!(bundle.read(Path::new("nowhere"), 2).unwrap(), None);
    assert_eq!(bundle.read(Path::new("nowhere/file"), 2).unwrap(), None);
    assert!(matches!(bundle.read(Path::new("bundle.json"), 1), Err(OutputError::TooLarge(_, 1))));
    assert!(matches!(bundle.read(Path::new("broker1"), 1), Err(OutputError::NotAFile(_))));
    assert!(matches!(bundle.read(Path::new("broker1/fifo"), 1), Err(OutputError::NotAFile(_))));
    assert!(bundle.read(Path::new("link/store"), 100).is_err());
}

#[test]
fn a_large_foreign_file_is_carried_over_unread() {
    let scene = Scene::new();
    fs::File::create(scene.path("broker1/huge")).unwrap().set_len(1 << 40).unwrap();
    let before = scene.identity("broker1/huge");
    let mut bundle = scene.lock();
    let folder = renewed(&bundle, "broker1");
    let mut change = bundle.change().unwrap();
    change.stage(folder).unwrap();
    change.commit().unwrap();
    assert_eq!(scene.identity("broker1/huge"), before);
}

#[test]
fn where_there_are_no_links_files_are_copied_with_all_they_have() {
    both_ways(|may_exchange| {
        let scene = Scene::new();
        scene.set_mode("broker1/mine", 0o640);
        let mut bundle = scene.lock();
        let folder = NewFolder { retire_as: Some("then".to_owned()), ..renewed(&bundle, "broker1") };
        let mut change = bundle.change().unwrap();
        change.may_exchange = may_exchange;
        change.may_link = false;
        change.stage(folder).unwrap();
        change.commit().unwrap();
        drop(change);
        assert_eq!(scene.names(""), ["broker1", "retired"]);
        assert_eq!(scene.names("broker1"), ["mine", "more", "store"]);
        assert_eq!((scene.read("broker1/mine"), scene.mode("broker1/mine")), ("mine".to_owned(), 0o640));
        assert_eq!(scene.identity("broker1/mine").1, 1_000_000_000);
        assert_eq!(scene.names("retired/then"), ["gone", "mine", "store"]);
        assert_eq!((scene.read("retired/then/store"), scene.mode("retired/then/mine")), ("old".to_owned(), 0o600));
    });
}

#[test]
fn what_can_neither_be_linked_nor_copied_stays_where_it_is() {
    type Act = fn(&Path);
    let plants: [Act; 2] = [
        |path| symlink("mine", path).unwrap(),
        |path| {
            fs::create_dir(path).unwrap();
            fs::write(path.join("note"), "note").unwrap();
        },
    ];
    for plant in plants {
        let scene = Scene::new();
        plant(&scene.path("broker1/theirs"));
        let before = scene.listing();
        let mut bundle = scene.lock();
        let folder = renewed(&bundle, "broker1");
        let mut change = bundle.change().unwrap();
        change.may_link = false;
        assert!(matches!(change.stage(folder), Err(OutputError::NotCarried(_))));
        assert_eq!(change.commit().unwrap(), [""; 0]);
        drop(change);
        assert_eq!(scene.listing(), before);
    }
}

#[test]
fn folders_that_lie_in_each_other_too_deep_are_refused() {
    let scene = Scene::new();
    let deep = scene.path("broker1").join("d/".repeat(40));
    fs::create_dir_all(&deep).unwrap();
    let before = scene.listing();
    let mut bundle = scene.lock();
    let folder = renewed(&bundle, "broker1");
    let mut change = bundle.change().unwrap();
    assert!(matches!(change.stage(folder), Err(OutputError::TooDeep(..))));
    drop(change);
    assert_eq!(scene.listing(), before);
}
