//! The manual pages before those who read such pages: man, groff and mandoc.

use std::fs;

use super::support::bundle::{BINARY, scratch};
use super::support::command::{Finished, command};

/// There is no date in a page, so that the same program has the same pages.
const NO_DATE: &str = "missing date";

#[test]
#[ignore = "needs man, groff and mandoc"]
fn nothing_is_wrong_with_the_pages() {
    let folder = scratch();
    Finished::of(command(BINARY, ["man", "--out"]).arg(folder.path())).successfully();
    let mut pages: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
    pages.sort();
    assert!(pages.len() > 12, "{pages:?}");
    for page in pages {
        let page = page.to_str().unwrap();
        let text = fs::read_to_string(page).unwrap();
        let mut man = command("man", ["--warnings", "-l", page]);
        let shown = Finished::of(man.env("MANWIDTH", "80").env("LC_ALL", "C.UTF-8")).successfully();
        assert_eq!(shown.stderr, "", "{page}");
        let groff = Finished::of(&mut command("groff", ["-ww", "-man", "-k", "-Tutf8", "-z", page])).successfully();
        assert_eq!(groff.stderr, "", "{page}");
        let mandoc = Finished::of(&mut command("mandoc", ["-T", "lint", "-W", "warning", page]));
        let faults: Vec<&str> = mandoc.stdout.lines().filter(|line| !line.contains(NO_DATE)).collect();
        assert_eq!(faults, [""; 0], "{page}");
        // Each example has its line, and not a paragraph.
        for example in text.split(".nf\n").skip(1).flat_map(|part| part.split("\n.fi\n").next().unwrap().lines()) {
            let line = example.replace("\\-", "-").replace("\\\\", "\\").replace("\\*(Aq", "'");
            assert!(shown.stdout.lines().any(|shown| shown.trim() == line.trim()), "{page}: {line}: {shown}");
        }
    }
}
