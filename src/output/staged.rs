//! Files beside their places, and the renames that put them there.

use std::fs::{self, File, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use tempfile::{NamedTempFile, TempPath};

use super::file::{OldFile, Place, is_same};
use super::lock::Folders;
use super::{Inode, OutputError, STAGING_FILE, access, inode, io_error, parent_of};
use crate::bundle::Sensitivity;

/// Files beside their places, synced. They go away if they are not committed.
#[derive(Debug)]
pub struct StagedFiles {
    new: Vec<StagedNew>,
    change: Option<StagedChange>,
    /// Locked until everything is in its place or gone: fields are dropped from the first to the last.
    folders: Folders,
}

impl StagedFiles {
    pub(super) fn new(new: Vec<StagedNew>, change: Option<StagedChange>, folders: Folders) -> Self {
        Self { new, change, folders }
    }

    /// Puts the new files in their places, in their order, then the store, so that it never is without what belongs to it; and syncs the
    /// folders. A run that fails on the way leaves nothing that was not there.
    pub fn commit(mut self) -> Result<(), OutputError> {
        self.put().map_err(|error| match self.take_back() {
            Ok(()) => error,
            Err(path) => OutputError::NotTakenBack { path, source: Box::new(error) },
        })
    }

    pub(super) fn put(&mut self) -> Result<(), OutputError> {
        if let Some(change) = &self.change {
            change.check()?;
        }
        self.new.iter_mut().try_for_each(StagedNew::put)?;
        if let Some(change) = &mut self.change {
            change.put()?;
        }
        self.folders.sync()
    }

    /// Undoes as much as can be undone, and says what cannot.
    pub(super) fn take_back(&mut self) -> Result<(), PathBuf> {
        let change = self.change.as_mut().map_or(Ok(()), StagedChange::take_back);
        let new = self.new.iter_mut().rev().map(StagedNew::take_back);
        let result = new.fold(change, Result::and);
        // The run has failed, and what it says is true of the disk as it is now.
        drop(self.folders.sync());
        result
    }
}

/// A file that shall come to be.
#[derive(Debug)]
pub(super) struct StagedNew {
    path: PathBuf,
    inode: Inode,
    /// Where it is until it is in its place.
    staging: Option<TempPath>,
}

impl StagedNew {
    pub(super) fn write(place: &Place, sensitivity: Sensitivity, contents: &[u8]) -> Result<Self, OutputError> {
        Self::written(place, sensitivity, |path, file| file.write_all(contents).map_err(io_error("write", path)))
    }

    /// Makes a file that is filled piece by piece; what fills it is told where the file is meanwhile.
    pub(super) fn written<E: From<OutputError>>(
        place: &Place,
        sensitivity: Sensitivity,
        fill: impl FnOnce(&Path, &mut File) -> Result<(), E>,
    ) -> Result<Self, E> {
        // Another run may have been here while this one made its keys.
        place.check_free()?;
        let mode = match sensitivity {
            Sensitivity::Public => 0o644,
            Sensitivity::Secret => 0o600,
        };
        let mut written = make(place.folder(), mode)?;
        let path = written.path().to_owned();
        fill(&path, written.as_file_mut())?;
        let metadata = synced(&mut written)?;
        Ok(Self { path: place.path(), inode: inode(&metadata), staging: Some(written.into_temp_path()) })
    }

    pub(super) fn put(&mut self) -> Result<(), OutputError> {
        let Some(staging) = self.staging.take() else { return Ok(()) };
        staging.persist_noclobber(&self.path).map_err(|failed| {
            self.staging = Some(failed.path);
            match failed.error.kind() {
                io::ErrorKind::AlreadyExists => OutputError::FileExists(self.path.clone()),
                _ => io_error("make", &self.path)(failed.error),
            }
        })
    }

    /// Removes the file, unless somebody has put another there meanwhile.
    pub(super) fn take_back(&mut self) -> Result<(), PathBuf> {
        if self.staging.is_some() {
            return Ok(());
        }
        match fs::symlink_metadata(&self.path) {
            Ok(metadata) if inode(&metadata) == self.inode => fs::remove_file(&self.path),
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
        .map_err(|_| self.path.clone())
    }
}

/// A file that shall take another's place.
#[derive(Debug)]
pub(super) struct StagedChange {
    /// The path as it was given, which may be a link.
    named: PathBuf,
    path: PathBuf,
    old: fs::Metadata,
    /// Where the new file is until it is in its place, and then the old one.
    staging: TempPath,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Staged,
    Exchanged,
    /// The old file is gone.
    Replaced,
}

impl StagedChange {
    pub(super) fn write(named: PathBuf, path: PathBuf, old: OldFile, contents: &[u8]) -> Result<Self, OutputError> {
        let mut file = make(parent_of(&path), 0o600)?;
        let OldFile { file: old_file, metadata: old, .. } = old;
        access::keep(&old_file, &old, file.as_file())
            .map_err(|error| OutputError::AccessNotKept(path.clone(), error))?;
        write(&mut file, contents)?;
        let change = Self { named, path, old, staging: file.into_temp_path(), state: State::Staged };
        change.check()?;
        Ok(change)
    }

    /// Looks whether the path still leads to the file that was read.
    fn check(&self) -> Result<(), OutputError> {
        let is_old = |path: &Path, metadata: io::Result<fs::Metadata>| match metadata {
            Ok(metadata) if is_same(&self.old, &metadata) => Ok(()),
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(io_error("look at", path)(error)),
            _ => Err(OutputError::Changed(path.to_owned())),
        };
        is_old(&self.named, fs::metadata(&self.named))?;
        is_old(&self.path, fs::symlink_metadata(&self.path))
    }

    /// Exchanges the old file with the new one, so that it can be looked at once more, and be brought back; or replaces it, where the
    /// file system can do no other.
    pub(super) fn put(&mut self) -> Result<(), OutputError> {
        let error = |path: &Path, error: io::Error| match error.kind() {
            io::ErrorKind::NotFound => OutputError::Changed(path.to_owned()),
            io::ErrorKind::ResourceBusy | io::ErrorKind::CrossesDevices => OutputError::MountedFile(path.to_owned()),
            _ => io_error("replace", path)(error),
        };
        if exchange(&self.staging, &self.path).map_err(|failed| error(&self.path, failed))? {
            self.state = State::Exchanged;
            let replaced = fs::symlink_metadata(&self.staging).map_err(io_error("look at", &self.path))?;
            return if is_same(&self.old, &replaced) { Ok(()) } else { Err(OutputError::Changed(self.path.clone())) };
        }
        self.check()?;
        fs::rename(&self.staging, &self.path).map_err(|failed| error(&self.path, failed))?;
        self.state = State::Replaced;
        Ok(())
    }

    pub(super) fn take_back(&mut self) -> Result<(), PathBuf> {
        match self.state {
            State::Staged => return Ok(()),
            State::Exchanged if matches!(exchange(&self.staging, &self.path), Ok(true)) => {
                self.state = State::Staged;
                return Ok(());
            }
            // What is there is not this run's own work to remove.
            State::Exchanged => self.staging.disable_cleanup(true),
            State::Replaced => {}
        }
        Err(self.path.clone())
    }
}

/// Exchanges two files, and says whether the file system can do that.
#[cfg(any(target_os = "linux", target_os = "macos"))]
fn exchange(one: &Path, other: &Path) -> io::Result<bool> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    use rustix::io::Errno;

    match renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE) {
        Ok(()) => Ok(true),
        Err(error) if [Errno::INVAL, Errno::NOSYS, Errno::NOTSUP, Errno::OPNOTSUPP].contains(&error) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

#[cfg(not(any(target_os = "linux", target_os = "macos")))]
fn exchange(_one: &Path, _other: &Path) -> io::Result<bool> {
    Ok(false)
}

fn make(folder: &Path, mode: u32) -> Result<NamedTempFile, OutputError> {
    let mut builder = tempfile::Builder::new();
    let builder = builder.prefix(STAGING_FILE).permissions(Permissions::from_mode(mode));
    builder.tempfile_in(folder).map_err(io_error("make a file in", folder))
}

fn write(file: &mut NamedTempFile, contents: &[u8]) -> Result<(), OutputError> {
    let path = file.path().to_owned();
    file.as_file_mut().write_all(contents).map_err(io_error("write", &path))?;
    synced(file).map(drop)
}

fn synced(file: &mut NamedTempFile) -> Result<fs::Metadata, OutputError> {
    let path = file.path().to_owned();
    let file = file.as_file_mut();
    file.sync_all().map_err(io_error("sync", &path))?;
    file.metadata().map_err(io_error("look at", &path))
}
