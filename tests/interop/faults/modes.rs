//! Who may read what, from its creation on.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::Scene;
use crate::support::command::Finished;

#[test]
#[ignore = "needs strace and root"]
fn modes_are_narrow_from_creation_whatever_the_umask() {
    for umask in ["000", "022", "077", "777"] {
        let scene = Scene::new();
        let log = scene.scratch.path().join("log").into_os_string().into_string().unwrap();
        let shell = format!("umask {umask} && exec \"$@\"");
        let calls = "trace=openat,mkdirat,chmod,fchmod,fchmodat,syncfs,renameat,fsync";
        let wrapper = ["sh", "-c", &shell, "sh", "strace", "-f", "-y", "-o", &log, "-e", calls];
        Finished::of(&mut scene.run_under(&wrapper)).successfully();
        check_modes(&scene.out(), u32::from_str_radix(umask, 8).unwrap());
        check_order(&fs::read_to_string(log).unwrap());
    }
}

/// Checks the modes that a bundle has: what is secret is its owner's alone, and the umask takes only from others.
fn check_modes(out: &Path, umask: u32) {
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o7777;
    let public = ["bundle.json", "ca/ca-cert", "broker1/cert-file", "broker1/cert-signed", "broker1/client.properties"];
    let secret = ["ca/ca-key", "ca/ca-key.password", "broker1/password", "broker1/server.properties"];
    let stores = ["broker1/kafka.server.keystore.jks", "broker1/kafka.server.keystore.pem"];
    for file in public {
        assert_eq!(mode(&out.join(file)), 0o644 & !(umask & 0o077), "{file} under {umask:o}");
    }
    for file in secret.into_iter().chain(stores) {
        assert_eq!(mode(&out.join(file)), 0o600, "{file} under {umask:o}");
    }
    for folder in ["", "ca", "broker1"] {
        assert_eq!(mode(&out.join(folder)), 0o700, "{folder} under {umask:o}");
    }
}

/// Checks the calls of a run: everything is new and never widened; all is synced, then renamed, then the rename is synced.
fn check_order(log: &str) {
    let calls = |name: &str| {
        log.lines()
            .enumerate()
            .filter(move |(_, line)| line.contains(&format!(" {name}(")))
            .map(|(at, line)| (at, line.to_owned()))
            .collect::<Vec<_>>()
    };
    let created: Vec<_> = calls("openat").into_iter().filter(|(_, line)| line.contains("O_CREAT")).collect();
    assert!(created.len() > 10, "{log}");
    for (_, line) in &created {
        assert!(line.contains("O_EXCL") && (line.contains("0600)") || line.contains("0644)")), "{line}");
    }
    let folders = calls("mkdirat");
    assert!(folders.iter().all(|(_, line)| line.contains("0700)")), "{folders:?}");
    for widening in ["chmod", "fchmod", "fchmodat"] {
        assert_eq!(calls(widening), []);
    }
    let [(synced, _)] = calls("syncfs").try_into().unwrap();
    let [(renamed, _)] = calls("renameat").try_into().unwrap();
    let [(done, _)] = calls("fsync").try_into().unwrap();
    assert!(created.iter().all(|(at, _)| *at < synced) && synced < renamed && renamed < done, "{log}");
}
