//! A file system that is full, or cannot be written to at all.

use super::{Disk, Scene, names};
use crate::support::command::Finished;

const STEP: usize = 4096;

#[test]
#[ignore = "needs strace and root"]
fn a_disk_of_any_size_holds_a_whole_bundle_or_none() {
    check_sizes(|step| format!("size={}", step * STEP));
}

#[test]
#[ignore = "needs strace and root"]
fn a_disk_with_any_number_of_inodes_holds_a_whole_bundle_or_none() {
    check_sizes(|step| format!("nr_inodes={step}"));
}

#[test]
#[ignore = "needs strace and root"]
fn a_disk_that_cannot_be_written_to_holds_none() {
    let disk = Disk::new(Scene::new(), "ro");
    let run = Finished::of(&mut disk.scene.run());
    assert_eq!(run.status.code(), Some(1), "{run}");
    disk.scene.judge(&run);
    disk.mount.change("remount,rw");
    disk.scene.judge_next(&run);
}

#[test]
#[ignore = "needs strace and root"]
fn a_limit_to_the_size_of_files_leaves_a_whole_bundle_or_none() {
    let mut outcomes = [0; 3];
    for limit in (0..=16 * 1024).step_by(256) {
        let limit = format!("--fsize={limit}");
        // Without the first two words the signal of the limit ends the run.
        for wrapper in [vec!["env", "--ignore-signal=XFSZ", "prlimit", &limit], vec!["prlimit", &limit]] {
            let scene = Scene::new();
            let run = Finished::of(&mut scene.run_under(&wrapper));
            scene.judge(&run);
            scene.judge_next(&run);
            outcomes[run.status.code().map_or(2, |code| usize::from(code != 0))] += 1;
        }
    }
    assert!(outcomes.iter().all(|count| *count > 0), "{outcomes:?} made, failed and killed");
}

/// Lets the disk grow step by step until a bundle fits.
fn check_sizes(options: impl Fn(usize) -> String) {
    for step in 1..200 {
        let disk = Disk::new(Scene::new(), &options(step));
        let run = Finished::of(&mut disk.scene.run());
        disk.scene.judge(&run);
        if run.status.success() {
            assert!(step > 5, "a bundle cannot be that small");
            return;
        }
        assert_eq!(run.status.code(), Some(1), "{run}");
        assert_eq!(names(&disk.scene.folder), [""; 0], "{run}");
        disk.mount.change("remount,size=4m,nr_inodes=1000");
        disk.scene.judge_next(&run);
    }
    panic!("a bundle fits on no disk");
}
