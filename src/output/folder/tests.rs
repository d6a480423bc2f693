use std::fs::DirBuilder;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};

use zeroize::Zeroizing;

use super::*;

fn bundle() -> Bundle {
    Bundle {
        artifacts: vec![
            Artifact::public("ca/ca-cert".into(), "certificate"),
            Artifact::secret("ca/ca-key".into(), Zeroizing::new(b"key".to_vec())),
        ],
    }
}

fn names(folder: &Path) -> Vec<OsString> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name()).collect()
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

#[test]
fn a_bundle_is_there_after_the_commit_and_not_before() {
    let parent = tempfile::tempdir().unwrap();
    let out = parent.path().join("out");
    let staged = Target::new(&out).unwrap().stage(&bundle()).unwrap();
    assert!(!out.exists());
    assert_eq!(staged.commit().unwrap(), out.canonicalize().unwrap());
    assert_eq!(fs::read(out.join("ca/ca-key")).unwrap(), b"key");
    assert_eq!(names(parent.path()), ["out"]);
    assert_eq!([mode(&out), mode(&out.join("ca")), mode(&out.join("ca/ca-key"))], [0o700, 0o700, 0o600]);
    assert_eq!(mode(&out.join("ca/ca-cert")) & 0o600, 0o600);
}

#[test]
fn what_is_not_committed_goes_away() {
    let parent = tempfile::tempdir().unwrap();
    drop(Target::new(&parent.path().join("out")).unwrap().stage(&bundle()).unwrap());
    assert_eq!(names(parent.path()), [""; 0]);
}

#[test]
fn what_a_killed_run_left_is_removed_by_the_next_and_nothing_else() {
    let parent = tempfile::tempdir().unwrap();
    let make = |name: &str, mode: u32| {
        DirBuilder::new().mode(mode).create(parent.path().join(name)).unwrap();
        fs::write(parent.path().join(name).join("file"), "x").unwrap();
    };
    make(".kafka-certgen-staging-Ab12Cd", 0o700);
    make(".kafka-certgen-staging-mine", 0o700);
    make(".kafka-certgen-staging-public", 0o755);
    make(".kafka-certgen-staging-Ab12C.", 0o700);
    Target::new(&parent.path().join("out")).unwrap().stage(&bundle()).unwrap().commit().unwrap();
    let mut left = names(parent.path());
    left.sort();
    let expected =
        [".kafka-certgen-staging-Ab12C.", ".kafka-certgen-staging-mine", ".kafka-certgen-staging-public", "out"];
    assert_eq!(left, expected);
}

/// The first one streams, and holds no lock but that of its staging folder.
#[test]
fn of_two_runs_that_write_at_once_the_one_that_is_done_first_has_the_place() {
    let parent = tempfile::tempdir().unwrap();
    let out = parent.path().join("out");
    let artifacts = bundle().artifacts;
    let mut first = Target::new(&out).unwrap().begin().unwrap();
    first.write(&artifacts[0]).unwrap();
    let second = Target::new(&out).unwrap().stage(&bundle()).unwrap();
    let elsewhere = Target::new(&parent.path().join("elsewhere")).unwrap().stage(&bundle()).unwrap();
    assert_eq!(names(parent.path()).len(), 3, "each has a staging folder, and none is taken for an abandoned one");
    elsewhere.commit().unwrap();
    second.commit().unwrap();
    first.write(&artifacts[1]).unwrap();
    assert!(matches!(first.finish().unwrap().commit(), Err(OutputError::NotEmpty(_))));
    assert!(matches!(Target::new(&out), Err(OutputError::NotEmpty(_))));
    let mut left = names(parent.path());
    left.sort();
    assert_eq!(left, ["elsewhere", "out"]);
    assert_eq!(fs::read(out.join("ca/ca-key")).unwrap(), b"key");
}

#[test]
fn files_stream_into_folders_in_any_order() {
    let parent = tempfile::tempdir().unwrap();
    let out = parent.path().join("out");
    let mut staging = Target::new(&out).unwrap().begin().unwrap();
    for path in ["a/1", "b/1", "a/2", "bundle.json", "c/d/1", "c/1"] {
        staging.write(&Artifact::public(path.into(), path)).unwrap();
    }
    assert!(matches!(staging.write(&Artifact::public("a/2".into(), "")), Err(OutputError::Twice(_))));
    for path in ["/tmp/x", "../x", "a/../x", ""] {
        let refused = staging.write(&Artifact::public(path.into(), "x"));
        assert!(matches!(refused, Err(OutputError::BadName(_))), "{path}: {refused:?}");
    }
    staging.finish().unwrap().commit().unwrap();
    for path in ["a/1", "b/1", "a/2", "bundle.json", "c/d/1", "c/1"] {
        assert_eq!(fs::read_to_string(out.join(path)).unwrap(), path);
    }
    assert_eq!(names(parent.path()), ["out"]);
}

#[test]
fn a_staging_folder_that_somebody_has_replaced_is_not_put_into_the_place() {
    let parent = tempfile::tempdir().unwrap();
    let out = parent.path().join("out");
    let staged = Target::new(&out).unwrap().stage(&bundle()).unwrap();
    let [staging] = names(parent.path()).try_into().unwrap();
    let staging = parent.path().join(staging);
    fs::rename(&staging, parent.path().join("moved")).unwrap();
    fs::create_dir(&staging).unwrap();
    fs::write(staging.join("theirs"), "x").unwrap();
    assert!(matches!(staged.commit(), Err(OutputError::Changed(_))));
    assert!(!out.exists());
}

#[test]
fn an_empty_folder_is_taken_and_one_that_fills_meanwhile_is_not() {
    let parent = tempfile::tempdir().unwrap();
    let out = parent.path().join("out");
    fs::create_dir(&out).unwrap();
    let staged = Target::new(&out).unwrap().stage(&bundle()).unwrap();
    fs::write(out.join("mine"), "x").unwrap();
    assert!(matches!(staged.commit(), Err(OutputError::NotEmpty(_))));
    assert_eq!(names(&out), ["mine"]);
    assert_eq!(names(parent.path()), ["out"]);
    assert!(matches!(Target::new(&out), Err(OutputError::NotEmpty(_))));
    fs::remove_file(out.join("mine")).unwrap();
    Target::new(&out).unwrap().stage(&bundle()).unwrap().commit().unwrap();
    assert!(out.join("ca/ca-cert").exists());
}

#[test]
fn what_is_in_the_way_is_named() {
    let parent = tempfile::tempdir().unwrap();
    let file = parent.path().join("file");
    fs::write(&file, "x").unwrap();
    let link = parent.path().join("link");
    std::os::unix::fs::symlink(parent.path(), &link).unwrap();
    let dangling = parent.path().join("dangling");
    std::os::unix::fs::symlink("nowhere", &dangling).unwrap();
    assert!(matches!(Target::new(&file), Err(OutputError::NotAFolder(_))));
    assert!(matches!(Target::new(&file.join("out")), Err(OutputError::NotAFolder(_))));
    assert!(matches!(Target::new(&link), Err(OutputError::SymbolicLink(_))));
    assert!(matches!(Target::new(&dangling), Err(OutputError::SymbolicLink(_))));
    assert!(matches!(Target::new(&parent.path().join("link/")), Err(OutputError::SymbolicLink(_))));
    assert!(matches!(Target::new(&parent.path().join("a/b")), Err(OutputError::NoParent(_))));
    assert!(matches!(Target::new(Path::new("/")), Err(OutputError::NotEmpty(_))));
    assert!(matches!(Target::new(Path::new("")), Err(OutputError::NoParent(_))));
}
