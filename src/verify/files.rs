//! Files and folders: who can read them, who can change them, whose they are.

// Foreign bytes come in here. Tests may fail with a panic.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::indexing_slicing))]

use super::material::{FileFacts, FileKind};
use super::{Finding, checks};

checks! {
    OTHERS_READ = Error "file-others-read": "every user of the machine can read the key or password in it";
    GROUP_READ = Warning "file-group-read": "whoever is in the file's group can read the key or password in it";
    OTHERS_WRITE = Error "file-others-write": "whoever can write it can put another key or another CA into its place";
    LINK = Warning "file-link": "what it leads to has other rights and another life than the folder that it seems to be in";
    OWNER = Warning "file-owner": "its owner can change it, whoever owns the folder";
}

/// Judges a file or a folder.
pub(super) fn judge(file: &FileFacts) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mode = file.mode & 0o7777;
    let mut add = |check, found: String, fix: &str| findings.push(Finding::new(check, &file.label, found, fix));
    let narrower =
        if file.kind == FileKind::Folder { "take the right away: mode 0700" } else { "take the right away: mode 0600" };
    if file.kind == FileKind::Secret && mode & 0o004 != 0 {
        add(&OTHERS_READ, format!("everybody can read it: its mode is {mode:04o}"), narrower);
    } else if file.kind == FileKind::Secret && mode & 0o040 != 0 {
        add(&GROUP_READ, format!("its group can read it: its mode is {mode:04o}"), narrower);
    }
    // In a folder with the sticky bit, such as /tmp, others can add and not replace.
    let is_sticky = file.kind == FileKind::Folder && mode & 0o1000 != 0;
    if mode & 0o022 != 0 && !is_sticky {
        let who = if mode & 0o002 != 0 { "everybody" } else { "its group" };
        let fix = if file.kind == FileKind::Secret { narrower } else { "take the right away: chmod go-w" };
        add(&OTHERS_WRITE, format!("{who} can write it: its mode is {mode:04o}"), fix);
    }
    if let Some(target) = &file.leads_to {
        let found = format!("it is a symbolic link to `{}`", target.display());
        add(&LINK, found, "put the file itself in its place, or name the file that it leads to");
    }
    if file.owner != file.folder_owner {
        let found = format!("it belongs to the user {}, and its folder to the user {}", file.owner, file.folder_owner);
        add(&OWNER, found, "give it to the owner of the folder");
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_belongs_to_the_owner_of_its_folder() {
        let file = FileFacts {
            label: "broker1/password".to_owned(),
            kind: FileKind::Secret,
            mode: 0o100_600,
            owner: 1000,
            folder_owner: 1000,
            leads_to: None,
        };
        assert_eq!(judge(&file), []);
        let codes = |file: &FileFacts| judge(file).iter().map(|finding| finding.check.code).collect::<Vec<_>>();
        assert_eq!(codes(&FileFacts { owner: 1001, ..file.clone() }), ["file-owner"]);
        // Others can add to a folder such as /tmp, and replace nothing in it.
        assert_eq!(judge(&FileFacts { kind: FileKind::Folder, mode: 0o041_777, ..file }), []);
    }
}
