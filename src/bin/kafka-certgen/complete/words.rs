//! Words as they stand on a line, and what the shell will make of them.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use crate::cli::completions::Shell;

/// Returns the words without quotes, where the shell hands them over as they are typed. Nothing is expanded.
pub(super) fn unquoted(shell: Shell, words: &[OsString], place: usize) -> Vec<OsString> {
    let is_raw = |at: usize| match shell {
        Shell::Bash | Shell::Zsh => true,
        // The words before have been read by the shell.
        Shell::Fish => at == place,
        Shell::Powershell => false,
    };
    let words = words.iter().enumerate();
    words.map(|(at, word)| if is_raw(at) { unquote(word) } else { word.clone() }).collect()
}

/// Returns what a word stands for in a shell. The last quote may be missing.
fn unquote(word: &OsStr) -> OsString {
    let mut plain = Vec::new();
    let mut quote = None;
    let mut bytes = word.as_bytes().iter().copied();
    while let Some(byte) = bytes.next() {
        match (quote, byte) {
            (None, b'\'' | b'"') => quote = Some(byte),
            (Some(open), _) if open == byte => quote = None,
            (None | Some(b'"'), b'\\') => plain.extend(bytes.next()),
            _ => plain.push(byte),
        }
    }
    OsString::from_vec(plain)
}

/// Returns a path below the home that a shell would put for `~`.
pub(super) fn at_home(path: &Path) -> PathBuf {
    match (path.strip_prefix("~"), std::env::home_dir()) {
        (Ok(rest), Some(home)) => home.join(rest),
        _ => path.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_are_taken_off_and_nothing_is_run() {
        let plain = |word: &str| unquote(OsStr::new(word)).into_string().unwrap();
        assert_eq!(plain("a"), "a");
        assert_eq!(plain("'my dir'/x"), "my dir/x");
        assert_eq!(plain(r"my\ dir"), "my dir");
        assert_eq!(plain(r#""it's"\'"#), "it's'");
        assert_eq!(plain("'open $(x)"), "open $(x)");
        assert_eq!(plain(r#""a\"b"#), "a\"b");
        assert_eq!(plain("\\"), "");
    }
}
