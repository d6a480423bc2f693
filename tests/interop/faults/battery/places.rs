//! Things that are in the way, at every path that is written.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use super::judge::{assert_same, below, names_below, tree};
use super::{Act, Case, tell};
use crate::support::bundle::BINARY;
use crate::support::command::{Finished, command};

/// Puts something at a path; the second is a folder outside of the bundle.
type Plant = fn(&Path, &Path);

const THINGS: [(&str, Plant); 9] = [
    ("a file", |path, _| fs::write(path, "mine").unwrap()),
    ("an empty file", |path, _| fs::write(path, "").unwrap()),
    ("an empty folder", |path, _| fs::create_dir(path).unwrap()),
    ("a folder", |path, _| {
        fs::create_dir(path).unwrap();
        fs::write(path.join("file"), "mine").unwrap();
    }),
    ("a link to nowhere", |path, _| symlink("/nowhere/at/all", path).unwrap()),
    ("a link to a file", |path, outside| symlink(outside.join("file"), path).unwrap()),
    ("a link to a folder", |path, outside| symlink(outside.join("folder"), path).unwrap()),
    ("a FIFO", |path, _| drop(Finished::of(command("mkfifo", ["--mode=600"]).arg(path)).successfully())),
    ("a second name of a file", |path, outside| fs::hard_link(outside.join("file"), path).unwrap()),
];

/// Where things are planted.
const PLACES: [(Case, &[&str]); 4] = [
    (Case::Fresh, &[""]),
    (
        Case::Change,
        &[
            "broker5",
            "broker2/foreign",
            "broker2/kafka.server.keystore.jks",
            "broker2/kafka.server.truststore.pem",
            "broker2/identity.json",
            "broker2/password",
            "broker3/kafka.server.keystore.pem",
            "broker3/server.properties",
            "bundle.json",
            "retired",
            "ca/ca-cert",
            "ca/ca-key",
            "ca/ca-key.password",
            ".kafka-certgen-staging-abc123",
            ".kafka-certgen-staging-file-abc123",
            ".kafka-certgen-replaced-broker2",
            ".kafka-certgen-replaced-broker5",
        ],
    ),
    (Case::Rekey, &["retired", "broker2/foreign", "broker2/cert-signed"]),
    (Case::Prune, &["retired", "broker3/foreign"]),
];

#[test]
#[ignore = "needs strace and root"]
fn battery_what_is_planted_is_not_written_through_and_stops_nothing_for_long() {
    let mut count = 0;
    for (case, places) in PLACES {
        for place in places {
            for (thing, plant) in THINGS {
                check_plant(case, place, thing, plant);
                count += 1;
            }
        }
    }
    tell(&format!("{count} things in the way"));
}

fn check_plant(case: Case, place: &str, thing: &str, plant: Plant) {
    let mut act = Act::new(case);
    let [outside, aside] = ["outside", "aside"].map(|name| act.scene.folder.join(name));
    fs::create_dir_all(outside.join("folder")).unwrap();
    for file in ["file", "folder/file"] {
        fs::write(outside.join(file), "not of the bundle").unwrap();
    }
    let path = if place.is_empty() { act.out() } else { act.out().join(place) };
    let had = path.exists();
    if had {
        fs::rename(&path, &aside).unwrap();
    }
    plant(&path, &outside);
    act.remember();
    let before = tree(&outside);

    // Nothing here takes a minute, unless somebody is waited for who never comes.
    let run = Finished::of(&mut act.scene.run_under(&["timeout", "60"]));
    let what = format!("{thing} at `{place}` and {run}");
    assert!(matches!(run.status.code(), Some(0..=2)), "{what}");
    assert_same(&before, &tree(&outside), &format!("the outside with {what}"));
    let after = tree(&act.out());
    act.judge_keys(&run);
    for name in case.untouched() {
        assert_same(&below(&act.before, name), &below(&after, name), &what);
    }
    if !run.status.success() && !place.contains("-replaced-") {
        assert_same(&below(&act.before, place), &below(&after, place), &what);
    } else if place.ends_with("foreign") || place.contains("-replaced-") {
        // Of a folder, what is in it: it may be in another one of the same name.
        for planted in below(&act.before, place).values().filter(|thing| !thing.is_folder()) {
            assert!(after.values().any(|thing| thing.is_one_with(planted)), "something of it is gone with {what}");
        }
        let is_there = after.keys().any(|path| path.ends_with("/foreign"));
        assert!(is_there || place.contains("-replaced-"), "it is gone with {what}");
    }

    // The next run finds everything out of its way.
    if !run.status.success() {
        remove(&path);
        if place.ends_with("-replaced-broker5") {
            remove(&act.out().join("broker5"));
        }
        if had && !path.exists() {
            fs::rename(&aside, &path).unwrap();
        }
    }
    for extra in [&outside, &aside] {
        remove(extra);
    }
    for hidden in names_below(&act.out()).iter().filter(|name| name.starts_with('.')) {
        assert!(place.starts_with(hidden.as_str()), "`{hidden}` is left with {what}");
        remove(&act.out().join(hidden));
    }
    let next = Finished::of(&mut command(BINARY, case.rest(&act.out())));
    assert!(next.status.success(), "{next}\nafter {what}");
    act.judge_keys(&next);
    act.judge_idle(&run);
    assert_eq!(names_below(&act.scene.folder), ["out"], "{what}");
    assert!(names_below(&act.out()).iter().all(|name| !name.starts_with('.')), "{what}");
}

fn remove(path: &Path) {
    match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_dir() => fs::remove_dir_all(path).unwrap(),
        Ok(_) => fs::remove_file(path).unwrap(),
        Err(_) => {}
    }
}

#[test]
#[ignore = "needs strace and root"]
fn battery_what_somebody_else_has_put_into_a_folder_survives_it() {
    for (case, identity) in
        [(Case::Change, "broker2"), (Case::Change, "broker3"), (Case::Rekey, "broker2"), (Case::Prune, "broker3")]
    {
        let mut act = Act::new(case);
        let folder = act.out().join(identity);
        fs::write(folder.join("foreign"), "mine").unwrap();
        fs::create_dir(folder.join("foreign-folder")).unwrap();
        fs::write(folder.join("foreign-folder/file"), "mine").unwrap();
        symlink("foreign", folder.join("foreign-link")).unwrap();
        act.remember();
        let run = Finished::of(&mut act.scene.run()).successfully();
        act.judge(&run);
        let now = match case {
            Case::Prune => {
                let retired = names_below(&act.out().join("retired"));
                let name = retired.iter().find(|name| name.starts_with(identity)).unwrap();
                PathBuf::from("retired").join(name)
            }
            _ => PathBuf::from(identity),
        };
        let now = tree(&act.out().join(now));
        for name in ["foreign", "foreign-folder/file", "foreign-link"] {
            let (old, new) = (act.before.get(&format!("{identity}/{name}")), now.get(name));
            assert!(old.is_some() && old == new, "{name} is another one after {run}");
        }
        act.judge_next(&run);
    }
}
