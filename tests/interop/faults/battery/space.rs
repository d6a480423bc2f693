//! Disks that are full, read-only, or closed to whoever runs; files that must not grow.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;

use super::{Act, CASES, Case, Disk, STOCK, Scene, short_or_long, tell};
use crate::faults::battery::judge::{assert_same, tree};
use crate::support::bundle::BINARY;
use crate::support::command::{Finished, command};

const NOBODY: u32 = 65534;

#[test]
#[ignore = "needs strace and root"]
fn battery_a_disk_of_any_size_loses_nothing() {
    for case in CASES {
        let sizes = check_sizes(case, |step| format!("size={}", step * 4096));
        let inodes = check_sizes(case, |step| format!("nr_inodes={step}"));
        tell(&format!("{case:?}: {sizes} sizes of disks and {inodes} numbers of inodes"));
    }
}

/// Lets the disk grow step by step until there is room for what a run makes.
fn check_sizes(case: Case, options: impl Fn(u32) -> String) -> usize {
    let mut tried = 0;
    for step in 1..1000 {
        let Disk { mount, scene } = Disk::new(Scene::of(|out| case.arguments(out)), &options(step));
        let Ok(act) = Act::begin(case, scene) else { continue };
        let run = Finished::of(&mut act.scene.run());
        act.judge(&run);
        tried += 1;
        if run.status.success() {
            assert!(tried > 1, "{case:?} takes no room");
            return tried;
        }
        assert_eq!(run.status.code(), Some(1), "{run}");
        mount.change("remount,size=4m,nr_inodes=2000");
        act.judge_next(&run);
    }
    panic!("{case:?} fits on no disk");
}

#[test]
#[ignore = "needs strace and root"]
fn battery_a_disk_that_cannot_be_written_to_stays_as_it_is() {
    for case in CASES {
        let Disk { mount, scene } = Disk::new(Scene::of(|out| case.arguments(out)), "size=4m");
        let act = Act::begin(case, scene).unwrap();
        mount.change("remount,ro");
        let run = Finished::of(&mut act.scene.run());
        assert_eq!(run.status.code(), Some(1), "{run}");
        assert_same(&act.before, &tree(&act.out()), &run.to_string());
        mount.change("remount,rw");
        act.judge_next(&run);
    }
}

#[test]
#[ignore = "needs strace and root"]
fn battery_a_limit_to_the_size_of_files_loses_nothing() {
    let mut outcomes = [0; 3];
    for case in CASES {
        for limit in (0..=8 * 1024).step_by(short_or_long(512, 64)) {
            let limit = format!("--fsize={limit}");
            // Without the first two words the signal of the limit ends the run.
            for wrapper in [vec!["env", "--ignore-signal=XFSZ", "prlimit", &limit], vec!["prlimit", &limit]] {
                let act = Act::new(case);
                let run = Finished::of(&mut act.scene.run_under(&wrapper));
                act.judge(&run);
                act.judge_next(&run);
                outcomes[run.status.code().map_or(2, |code| usize::from(code != 0))] += 1;
            }
        }
    }
    assert!(outcomes.iter().all(|count| *count > 0), "{outcomes:?} done, failed and killed");
    tell(&format!("a limit to the size of files: {outcomes:?} runs done, failed and killed"));
}

#[test]
#[ignore = "needs strace and root"]
fn battery_a_report_that_cannot_be_written_is_a_failed_run_that_loses_nothing() {
    let full = || File::options().write(true).open("/dev/full").unwrap();
    for case in CASES {
        for arguments in [[].as_slice(), &["--json"], &["--verbose"]] {
            let act = Act::new(case);
            let run = Finished::of(act.scene.run().args(arguments).stdout(full()));
            assert_eq!(run.status.code(), Some(1), "{run}");
            act.judge(&run);
            act.judge_next(&run);
        }
        let act = Act::new(case);
        let run = Finished::of(act.scene.run().arg("--quiet").stdout(full())).successfully();
        act.judge(&run);
    }
}

#[test]
#[ignore = "needs strace and root"]
fn battery_a_bundle_that_its_user_may_not_write_to_stays_as_it_is() {
    // Below the folder for temporary files: `nobody` may not come near the package.
    let folder = tempfile::tempdir().unwrap();
    let open = |path: &Path, mode| fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    open(folder.path(), 0o755);
    let binary = folder.path().join("kafka-certgen");
    fs::copy(BINARY, &binary).unwrap();
    let file = folder.path().join("new.yaml");
    fs::copy(STOCK.file("new.yaml"), &file).unwrap();
    open(&file, 0o644);
    let out = folder.path().join("out");
    let copy = || {
        Finished::of(command("cp", ["-a"]).arg(STOCK.file("bundle")).arg(&out)).successfully();
        Finished::of(command("chown", ["-R", "65534:65534"]).arg(&out)).successfully();
    };
    let run = |arguments: &[&str]| {
        let mut run = command(&binary, ["apply", "--file"]);
        run.arg(&file).arg("--out").arg(&out).args(arguments).uid(NOBODY).gid(NOBODY);
        Finished::of(&mut run)
    };
    // Of the whole, of an identity that shall change, and of one that may not even be looked at.
    for (name, mode) in [("", 0o555), ("broker2", 0o555), ("broker2", 0), ("broker1", 0), ("ca", 0)] {
        copy();
        let before = tree(&out);
        open(&out.join(name), mode);
        let failed = run(&[]);
        open(&out.join(name), 0o700);
        let after = tree(&out);
        assert!(before.keys().all(|path| after.contains_key(path)), "something is gone after {failed}");
        if name.is_empty() {
            assert_eq!(failed.status.code(), Some(1), "{failed}");
            assert_same(&before, &after, &failed.to_string());
        }
        run(&[]).successfully();
        run(&["--check"]).successfully().saying("nothing to do");
        fs::remove_dir_all(&out).unwrap();
    }
    // Somebody else's.
    copy();
    Finished::of(command("chown", ["root"]).arg(&out)).successfully();
    open(&out, 0o755);
    let before = tree(&out);
    let refused = run(&[]);
    assert_eq!(refused.status.code(), Some(1), "{refused}");
    assert_same(&before, &tree(&out), &refused.to_string());
}
