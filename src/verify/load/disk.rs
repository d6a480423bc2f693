//! Files and their modes.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::LoadError;
use crate::bundle::RETIRED;
use crate::secret::Password;
use crate::verify::material::{FileFacts, FileKind};

/// The most that is read of a file.
pub(super) const MAX_FILE: u64 = 16 << 20;

/// The most files of a folder that are listed as being too many.
const MAX_OTHERS: usize = 1000;

/// A folder in which files are looked for, and what was found of them.
pub(super) struct Folder {
    /// What paths are shown without.
    root: Option<PathBuf>,
    pub(super) facts: Vec<FileFacts>,
    seen: BTreeSet<PathBuf>,
}

impl Folder {
    /// A bundle's folder: its files are shown by their paths in it.
    pub(super) fn of_bundle(root: &Path) -> Self {
        Self { root: Some(root.to_owned()), facts: Vec::new(), seen: BTreeSet::new() }
    }

    /// Any files: they are shown as they were named.
    pub(super) fn of_files() -> Self {
        Self { root: None, facts: Vec::new(), seen: BTreeSet::new() }
    }

    pub(super) fn label(&self, path: &Path) -> String {
        let root = self.root.as_deref();
        let shown = root.and_then(|root| path.strip_prefix(root).ok()).filter(|shown| !shown.as_os_str().is_empty());
        shown.unwrap_or(path).display().to_string()
    }

    /// Reads a file, and keeps what is to be known of it.
    pub(super) fn read(&mut self, path: &Path, kind: FileKind) -> Result<Zeroizing<Vec<u8>>, LoadError> {
        let fault = |error| LoadError::Io(path.to_owned(), error);
        // Opening a pipe would wait for somebody to write into it.
        if !fs::metadata(path).map_err(fault)?.is_file() {
            return Err(LoadError::NotAFile(path.to_owned()));
        }
        // What is read again is the same file.
        if self.seen.insert(path.to_owned()) {
            self.look_at(path, kind).map_err(fault)?;
        } else if kind == FileKind::Secret {
            self.is_secret(path);
        }
        let mut bytes = Zeroizing::new(Vec::new());
        let file = File::open(path).map_err(fault)?;
        file.take(MAX_FILE.saturating_add(1)).read_to_end(&mut bytes).map_err(fault)?;
        if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > MAX_FILE {
            return Err(LoadError::TooLarge(path.to_owned()));
        }
        Ok(bytes)
    }

    /// Reads a file of the bundle, if it is there.
    pub(super) fn read_if_there(
        &mut self,
        file: &str,
        kind: FileKind,
    ) -> Result<Option<Zeroizing<Vec<u8>>>, LoadError> {
        let path = self.path(file);
        match self.read(&path, kind) {
            Err(LoadError::Io(_, error)) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            result => result.map(Some),
        }
    }

    pub(super) fn path(&self, file: &str) -> PathBuf {
        self.root.as_ref().map_or_else(|| PathBuf::from(file), |root| root.join(file))
    }

    /// Notes that there is a secret in a file that was read.
    pub(super) fn is_secret(&mut self, path: &Path) {
        let label = self.label(path);
        for facts in self.facts.iter_mut().filter(|facts| facts.label == label) {
            facts.kind = FileKind::Secret;
        }
    }

    fn look_at(&mut self, path: &Path, kind: FileKind) -> io::Result<()> {
        let metadata = fs::metadata(path)?;
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let around = if kind == FileKind::Folder { path } else { parent };
        self.facts.push(FileFacts {
            label: self.label(path),
            kind,
            mode: metadata.mode(),
            owner: metadata.uid(),
            folder_owner: fs::metadata(around)?.uid(),
            leads_to: leads_out(path, parent)?,
        });
        Ok(())
    }

    /// Looks at the folders of the files that were read.
    pub(super) fn look_at_folders(&mut self) {
        let folders: BTreeSet<PathBuf> =
            self.seen.iter().filter_map(|file| file.parent()).map(Path::to_path_buf).collect();
        for folder in folders {
            // It was there a moment ago; if it has gone, so have its files, which is said.
            drop(self.look_at(&folder, FileKind::Folder));
        }
    }

    /// Returns the files below the root that were not read. Folders are looked into once, as bundles are made.
    pub(super) fn others(&self) -> Result<Vec<String>, LoadError> {
        let Some(root) = &self.root else { return Ok(Vec::new()) };
        let mut others = Vec::new();
        for path in list(root)? {
            if path.file_name().is_some_and(|name| name == RETIRED) {
                // What was moved aside is nobody's.
                continue;
            }
            if path.is_dir() && !path.is_symlink() {
                others.extend(list(&path)?);
            } else {
                others.push(path);
            }
        }
        others.retain(|path| !self.seen.contains(path));
        others.truncate(MAX_OTHERS);
        let mut others: Vec<_> = others.iter().map(|path| self.label(path)).collect();
        others.sort_unstable();
        Ok(others)
    }
}

/// Returns what is in a folder, but for what is hidden.
fn list(folder: &Path) -> Result<Vec<PathBuf>, LoadError> {
    let fault = |error| LoadError::Io(folder.to_owned(), error);
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(fault)? {
        let entry = entry.map_err(fault)?;
        if !entry.file_name().to_string_lossy().starts_with('.') {
            paths.push(entry.path());
        }
    }
    Ok(paths)
}

/// Returns where a symbolic link leads, if that is out of the folder it is in.
fn leads_out(path: &Path, parent: &Path) -> io::Result<Option<PathBuf>> {
    if !fs::symlink_metadata(path)?.is_symlink() {
        return Ok(None);
    }
    let target = fs::canonicalize(path)?;
    Ok((!target.starts_with(fs::canonicalize(parent)?)).then_some(target))
}

/// Reads the file of a password: one line.
pub(super) fn password(file: &[u8]) -> Option<Password> {
    let line = file.strip_suffix(b"\n").unwrap_or(file);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let text = Zeroizing::new(std::str::from_utf8(line).ok()?.to_owned());
    Password::new(text).ok()
}
