//! Who may read what, from its creation on, and what comes to the disk before what.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::{Act, CASES, Case};
use crate::faults::battery::judge::names_below;
use crate::support::command::Finished;

/// The files of an identity that everybody may read.
const PUBLIC: [&str; 4] = ["cert-file", "cert-signed", "client.properties", "kafka.server.truststore.pem"];

/// Through which a bundle comes to lie on the disk, and through which its modes change.
const CALLS: &str = "trace=openat,creat,open,mkdir,mkdirat,chmod,fchmod,fchmodat,write,pwrite64,link,linkat,fsync,fdatasync,\
                     syncfs,rename,renameat,renameat2";

#[test]
#[ignore = "needs strace and root"]
fn battery_modes_are_narrow_from_creation_and_all_is_synced_before_it_is_renamed() {
    for case in CASES {
        for umask in ["000", "022", "077", "777"] {
            let act = Act::new(case);
            let log = act.scene.log().into_os_string().into_string().unwrap();
            let shell = format!("umask {umask} && exec \"$@\"");
            let wrapper = ["sh", "-c", &shell, "sh", "strace", "-f", "-y", "-o", &log, "-e", CALLS];
            let run = Finished::of(&mut act.scene.run_under(&wrapper)).successfully();
            let log = fs::read_to_string(log).unwrap();
            check_creation(&log);
            check_order(&log, case);
            check_modes(&act.out(), case, u32::from_str_radix(umask, 8).unwrap());
            act.judge(&run);
            act.judge_next(&run);
        }
    }
}

/// Checks the modes that a bundle has: what is secret is its owner's alone, and the umask takes only from others. What was there keeps its
/// own.
fn check_modes(out: &Path, case: Case, umask: u32) {
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o7777;
    let new: &[&str] = match case {
        Case::Fresh => &["broker1", "app"],
        Case::Change => &["broker5"],
        Case::Rekey | Case::Prune => &[],
        Case::Add => &["broker9", "app9"],
    };
    let mut folders = vec![out.to_owned()];
    folders.extend(case.wanted().iter().map(|name| out.join(name)));
    folders.extend(names_below(&out.join("retired")).iter().map(|name| out.join("retired").join(name)));
    for folder in folders {
        assert_eq!(mode(&folder), 0o700, "{}", folder.display());
    }
    for name in case.wanted() {
        for file in names_below(&out.join(name)) {
            let mode = mode(&out.join(name).join(&file));
            let is_public = PUBLIC.contains(&&*file) || file == "kafka.client.truststore.pem";
            // A client's own configuration has its passwords in it.
            let is_public = is_public && !(name.starts_with("app") && file == "client.properties");
            if !is_public {
                assert_eq!(mode, 0o600, "{name}/{file} under {umask:o}");
            } else if new.contains(name) {
                assert_eq!(mode, 0o644 & !(umask & 0o077), "{name}/{file} under {umask:o}");
            }
        }
    }
}

/// Checks that everything is new when it is written, and as narrow as it shall be.
fn check_creation(log: &str) {
    let created: Vec<&str> = log.lines().filter(|line| line.contains("O_CREAT") || line.contains(" creat(")).collect();
    assert!(!created.is_empty(), "{log}");
    for line in created {
        assert!(line.contains("O_EXCL") && line.contains("O_NOFOLLOW"), "{line}");
        let is_narrow = line.contains(", 0600)");
        let may_be_wide = PUBLIC
            .iter()
            .chain(&["kafka.client.truststore.pem", "ca-cert", "bundle.json"])
            .any(|name| line.contains(&format!("{name}\"")));
        assert!(is_narrow || (may_be_wide && line.contains(", 0644)")), "{line}");
    }
    for line in log.lines().filter(|line| line.contains(" mkdir(") || line.contains(" mkdirat(")) {
        assert!(line.contains(", 0700)"), "{line}");
    }
    for line in log.lines().filter(|line| line.contains("chmod")) {
        // What takes an old file's place gets the old one's mode: no secret's is wide.
        let is_of_public = PUBLIC.iter().chain(&["bundle.json"]).any(|name| line.contains(&format!("{name}>")));
        assert!(
            is_of_public || line.contains(", 0100600)") || line.contains(", 0600)") || line.contains(", 0700)"),
            "{line}"
        );
    }
}

/// Checks that what is renamed was synced, and that each rename is.
fn check_order(log: &str, case: Case) {
    let (mut is_written, mut is_renamed, mut renames) = (false, false, 0);
    let calls = log.lines().filter_map(|line| line.split_once(' ').map(|(_, call)| call.trim_start()));
    for call in calls {
        let name = call.split('(').next().unwrap();
        match name {
            // To the terminal.
            "write" if call.starts_with("write(1<") || call.starts_with("write(2<") => {}
            "write" | "pwrite64" | "link" | "linkat" => is_written = true,
            // Folders that hold others, and what is in them.
            "mkdir" | "mkdirat" if call.contains("\"retired\"") || call.contains("\".kafka-certgen-staging-") => {}
            "mkdir" | "mkdirat" => is_written = true,
            "openat" if call.contains("O_CREAT") => is_written = true,
            "syncfs" => is_written = false,
            "fsync" => (is_written, is_renamed) = (false, false),
            "rename" | "renameat" | "renameat2" => {
                assert!(!is_written, "not everything was synced before {call}\n{log}");
                is_renamed = true;
                renames += 1;
            }
            _ => {}
        }
    }
    assert!(!is_renamed, "the last rename was not synced\n{log}");
    let expected = match case {
        // All in one folder, then each identity and the inventory.
        Case::Fresh => 6,
        Case::Change => 4,
        // The copy, the identity and the inventory; two folders and the inventory; two folders and the inventory.
        Case::Rekey | Case::Prune | Case::Add => 3,
    };
    assert_eq!(renames, expected, "{log}");
}
