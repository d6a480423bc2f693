//! Things that are in the way, and outputs that nobody can write to.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::process::CommandExt;
use std::path::Path;

use super::{Scene, names};
use crate::support::bundle::BINARY;
use crate::support::command::{Finished, command};

const NOBODY: u32 = 65534;

/// Puts something at a path.
type Plant = fn(&Path);

#[test]
#[ignore = "needs strace and root"]
fn what_lies_at_the_output_path_stays_as_it_is() {
    let things: [(&str, Plant); 8] = [
        ("a file", |out| fs::write(out, "mine").unwrap()),
        ("an empty file", |out| fs::write(out, "").unwrap()),
        ("a folder that holds something", |out| {
            fs::create_dir(out).unwrap();
            fs::write(out.join("mine"), "mine").unwrap();
        }),
        ("a folder that holds a hidden file", |out| {
            fs::create_dir(out).unwrap();
            fs::write(out.join(".mine"), "mine").unwrap();
        }),
        ("a link to nowhere", |out| symlink("nowhere", out).unwrap()),
        ("a link to a folder", |out| {
            fs::create_dir(out.with_file_name("elsewhere")).unwrap();
            symlink("elsewhere", out).unwrap();
        }),
        ("a second name of a file", |out| {
            fs::write(out.with_file_name("elsewhere"), "mine").unwrap();
            fs::hard_link(out.with_file_name("elsewhere"), out).unwrap();
        }),
        ("a FIFO", |out| drop(Finished::of(command("mkfifo", ["--mode=600"]).arg(out)).successfully())),
    ];
    for (what, plant) in things {
        let scene = Scene::new();
        plant(&scene.out());
        let before = listing(&scene.folder);
        let run = Finished::of(&mut scene.run());
        assert_eq!(run.status.code(), Some(1), "{what}: {run}");
        assert_eq!(listing(&scene.folder), before, "{what}: {run}");
    }
}

#[test]
#[ignore = "needs strace and root"]
fn an_empty_folder_is_taken() {
    let scene = Scene::new();
    fs::create_dir(scene.out()).unwrap();
    let run = Finished::of(&mut scene.run()).successfully();
    scene.judge(&run);
    scene.judge_next(&run);
}

/// Only what a killed run of the same user has left is removed: not what looks like it, and nothing through a link.
#[test]
#[ignore = "needs strace and root"]
fn what_is_not_ours_is_not_removed() {
    let scene = Scene::new();
    let killed = Finished::of(&mut scene.run_under(&["strace", "-o", "/dev/null", "-e", "inject=syncfs:signal=KILL"]));
    let [staging] = names(&scene.folder).try_into().unwrap_or_else(|names| panic!("{names:?} after {killed}"));
    let precious = scene.scratch.path().join("precious");
    fs::create_dir(&precious).unwrap();
    fs::write(precious.join("file"), "mine").unwrap();
    symlink(&precious, scene.folder.join(&staging).join("link")).unwrap();
    let (prefix, random) = staging.split_at(staging.len() - 6);
    let planted = |suffix: &str| scene.folder.join(format!("{prefix}{suffix}"));
    symlink(&precious, planted("linked")).unwrap();
    fs::write(planted("afile1"), "mine").unwrap();
    create_private(&planted("too-long"));
    std::os::unix::fs::chown(create_private(&planted("nobody")), Some(NOBODY), None).unwrap();

    Finished::of(&mut scene.run()).successfully();
    let mut expected = ["linked", "afile1", "too-long", "nobody"].map(|suffix| format!("{prefix}{suffix}")).to_vec();
    expected.push("out".into());
    expected.sort();
    assert_eq!(names(&scene.folder), expected, "besides {random}");
    assert_eq!(names(&precious), ["file"]);
}

#[test]
#[ignore = "needs strace and root"]
fn a_folder_of_somebody_else_stays_as_it_is() {
    // Below the folder for temporary files: `nobody` may not come near the package.
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
    let binary = folder.path().join("kafka-certgen");
    fs::copy(BINARY, &binary).unwrap();
    let place = folder.path().join("place");
    fs::create_dir(&place).unwrap();
    let run_as_nobody = |out: &Path| {
        let mut run = command(
            &binary,
            ["init", "--quiet", "--cn", "broker1", "--key-alg", "ec-p256", "--ca-key-alg", "ec-p256", "--out"],
        );
        Finished::of(run.arg(out).uid(NOBODY).gid(NOBODY))
    };
    for mode in [0o555, 0o755, 0o700, 0o333] {
        fs::set_permissions(&place, Permissions::from_mode(mode)).unwrap();
        let run = run_as_nobody(&place.join("out"));
        if mode != 0o333 {
            assert_eq!(run.status.code(), Some(1), "{mode:o}: {run}");
        }
        assert_eq!(names(&place), [""; 0], "{mode:o}: {run}");
    }
    fs::set_permissions(&place, Permissions::from_mode(0o1777)).unwrap();
    run_as_nobody(&place.join("out")).successfully();
    assert_eq!(names(&place), ["out"]);
}

#[test]
#[ignore = "needs strace and root"]
fn a_report_that_cannot_be_written_is_a_failed_run() {
    let full = || File::options().write(true).open("/dev/full").unwrap();
    for arguments in [[].as_slice(), &["--json"], &["--verbose"]] {
        let scene = Scene::new();
        let run = Finished::of(scene.run().args(arguments).stdout(full()));
        assert_eq!(run.status.code(), Some(1), "{run}");
        scene.judge(&run);
        scene.judge_next(&run);
    }
    let scene = Scene::new();
    Finished::of(scene.run().arg("--quiet").stdout(full())).successfully();
}

/// A warning that nobody can hear stops nothing, and an error says by its status what it cannot say in words.
#[test]
#[ignore = "needs strace and root"]
fn talk_that_cannot_be_written_stops_nothing() {
    let full = || File::options().write(true).open("/dev/full").unwrap();
    let scene = Scene::new();
    let warned =
        Finished::of(scene.run().args(["--verbose", "--storepass", "pass:secret"]).stderr(full())).successfully();
    scene.judge(&warned);
    let refused = Finished::of(scene.run().stderr(full()));
    assert_eq!(refused.status.code(), Some(1), "{refused}");
    let refused = Finished::of(scene.run().args(["--validity", "0"]).stderr(full()));
    assert_eq!(refused.status.code(), Some(2), "{refused}");
}

fn create_private(folder: &Path) -> &Path {
    fs::create_dir(folder).unwrap();
    fs::set_permissions(folder, Permissions::from_mode(0o700)).unwrap();
    folder
}

/// Returns what can be seen of a folder: kinds, modes, sizes, times, names.
fn listing(folder: &Path) -> String {
    Finished::of(command("ls", ["-lAR", "--time-style=full-iso"]).arg(folder)).successfully().stdout
}
