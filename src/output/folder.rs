//! A folder that is there as a whole, or not at all.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rustix::io::Errno;

use super::lock::Folder;
use super::staging::{StagingFolder, TreeWriter};
use super::{OutputError, check_writable, find_folder, io_error, parent_of};
use crate::bundle::{Artifact, Bundle};

#[cfg(test)]
mod tests;

/// A folder that does not exist yet, or is empty, in one that can be written to.
#[derive(Debug)]
pub struct Target {
    parent: PathBuf,
    name: OsString,
}

impl Target {
    /// Looks whether a bundle can be written to `path`. Changes nothing.
    pub fn new(path: &Path) -> Result<Self, OutputError> {
        // A slash at the end would have the system look behind a symbolic link.
        let path: &Path = &path.components().collect::<PathBuf>();
        let metadata = match fs::symlink_metadata(path) {
            Ok(metadata) => Some(metadata),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) if error.kind() == io::ErrorKind::NotADirectory => {
                return Err(OutputError::NotAFolder(parent_of(path).to_owned()));
            }
            Err(error) => return Err(io_error("look at", path)(error)),
        };
        if let Some(metadata) = &metadata {
            check_existing(path, metadata)?;
        }
        let (parent, name) = if metadata.is_some() { existing(path)? } else { absent(path)? };
        check_writable(&parent)?;
        let target = Self { parent, name };
        target.check_file_system(metadata.as_ref())?;
        Ok(target)
    }

    /// Returns the absolute path of the folder.
    pub fn path(&self) -> PathBuf {
        self.parent.join(&self.name)
    }

    /// Makes a staging folder beside the target. The lock of the folder that holds both is held for no longer than that.
    pub fn begin(self) -> Result<Staging, OutputError> {
        let mut parent = Folder::open(&self.parent)?;
        parent.lock()?;
        // What cannot be removed is in nobody's way: this run writes beside it.
        drop(parent.recover());
        // Another run may have been here since the target was looked at.
        self.check_still_free()?;
        let folder = StagingFolder::make(parent.directory())?;
        parent.unlock()?;
        Ok(Staging { target: self, folder, parent, writer: TreeWriter::default() })
    }

    /// Writes a whole bundle beside its target and syncs it, so that nothing is left to do but a rename.
    pub fn stage(self, bundle: &Bundle) -> Result<Staged, OutputError> {
        let mut staging = self.begin()?;
        bundle.artifacts.iter().try_for_each(|artifact| staging.write(artifact))?;
        staging.finish()
    }
}

impl Target {
    /// A rename cannot cross file systems, nor replace the root of one.
    fn check_file_system(&self, existing: Option<&fs::Metadata>) -> Result<(), OutputError> {
        let Some(existing) = existing else { return Ok(()) };
        let parent = fs::metadata(&self.parent).map_err(io_error("look at", &self.parent))?;
        if parent.dev() == existing.dev() { Ok(()) } else { Err(OutputError::MountPoint(self.path())) }
    }

    fn check_still_free(&self) -> Result<(), OutputError> {
        let path = self.path();
        match fs::symlink_metadata(&path) {
            Ok(metadata) => check_existing(&path, &metadata),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(io_error("look at", &path)(error)),
        }
    }
}

/// A bundle that is being written beside its target. It goes away if it is not committed.
///
/// No lock is held meanwhile but that of the staging folder, which says to other runs that it is in use.
#[derive(Debug)]
pub struct Staging {
    target: Target,
    folder: StagingFolder,
    parent: Folder,
    writer: TreeWriter,
}

impl Staging {
    /// Returns the path that the bundle will have.
    pub fn path(&self) -> PathBuf {
        self.target.path()
    }

    /// Writes a file, and makes the folder that it belongs in. The files of one folder had best come one after the other.
    pub fn write(&mut self, artifact: &Artifact) -> Result<(), OutputError> {
        self.writer.write(self.folder.folder(), artifact)
    }

    /// Brings everything to the disk, so that nothing is left to do but a rename.
    pub fn finish(self) -> Result<Staged, OutputError> {
        let Self { target, folder, parent, .. } = self;
        folder.folder().sync_tree()?;
        Ok(Staged { target, folder, parent })
    }
}

/// A bundle beside its target, synced. It goes away if it is not committed.
#[derive(Debug)]
pub struct Staged {
    target: Target,
    folder: StagingFolder,
    /// Open, and locked again for the rename.
    parent: Folder,
}

impl Staged {
    /// Returns the path that the bundle will have.
    pub fn path(&self) -> PathBuf {
        self.target.path()
    }

    /// Puts the bundle in its place and returns its path.
    pub fn commit(mut self) -> Result<PathBuf, OutputError> {
        let path = self.target.path();
        self.parent.lock()?;
        self.target.check_still_free()?;
        let (parent, staging, name) = (self.parent.directory(), self.folder.name(), self.target.name.as_os_str());
        let here = parent.status(staging)?;
        if !here.is_some_and(|here| self.folder.folder().own_status().is_ok_and(|own| own.is_one_with(&here))) {
            return Err(OutputError::Changed(parent.path_of(staging)));
        }
        // An empty folder is replaced; anything else that has come into being meanwhile makes the rename fail.
        parent.rename(staging, parent, name).map_err(|error| match error {
            Errno::NOTEMPTY | Errno::EXIST => OutputError::NotEmpty(path.clone()),
            Errno::NOTDIR => OutputError::NotAFolder(path.clone()),
            error => io_error("put the bundle into", &path)(error.into()),
        })?;
        if let Err(error) = self.parent.sync() {
            // The rename may not survive a crash, so it is not done: back to where the folder removes itself.
            if !parent.rename_to_free(name, parent, staging)? {
                self.folder.leave();
                return Err(OutputError::NotTakenBack { path, source: Box::new(error) });
            }
            return Err(error);
        }
        self.folder.leave();
        Ok(path)
    }
}

fn check_existing(path: &Path, metadata: &fs::Metadata) -> Result<(), OutputError> {
    if metadata.is_symlink() {
        return Err(OutputError::SymbolicLink(path.to_owned()));
    }
    if !metadata.is_dir() {
        return Err(OutputError::NotAFolder(path.to_owned()));
    }
    let mut entries = fs::read_dir(path).map_err(io_error("read", path))?;
    if entries.next().is_some() {
        return Err(OutputError::NotEmpty(path.to_owned()));
    }
    Ok(())
}

/// Splits the path of an existing folder, which may be `.` or end in `..`.
fn existing(path: &Path) -> Result<(PathBuf, OsString), OutputError> {
    let canonical = path.canonicalize().map_err(io_error("look at", path))?;
    let working_folder = std::env::current_dir().and_then(|folder| folder.canonicalize());
    match (canonical.parent(), canonical.file_name()) {
        (Some(parent), Some(name)) if working_folder.map_or(true, |folder| folder != canonical) => {
            Ok((parent.to_owned(), name.to_owned()))
        }
        _ => Err(OutputError::WorkingFolder(path.to_owned())),
    }
}

fn absent(path: &Path) -> Result<(PathBuf, OsString), OutputError> {
    let parent = parent_of(path);
    let name = path.file_name().ok_or_else(|| OutputError::NoParent(parent.to_owned()))?;
    Ok((find_folder(parent)?, name.to_owned()))
}
