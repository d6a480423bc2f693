//! Single files: the places of new ones, and the store that a run reads and replaces.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;
use zeroize::Zeroizing;

use super::lock::{Folder, Folders};
use super::staged::{StagedChange, StagedFiles, StagedNew};
use super::{OutputError, check_writable, find_folder, inode, io_error, parent_of};
use crate::bundle::Sensitivity;

#[cfg(test)]
mod tests;

/// A file that does not exist yet, in a folder that can be written to.
#[derive(Debug, Clone)]
pub struct NewFile(Place);

impl NewFile {
    /// Looks whether a file can come to be at `path`. Changes nothing.
    pub fn new(path: &Path) -> Result<Self, OutputError> {
        let place = Place::of(path)?;
        place.check_free()?;
        check_writable(&place.folder)?;
        Ok(Self(place))
    }

    /// Returns the absolute path of the file.
    pub fn path(&self) -> PathBuf {
        self.0.path()
    }
}

/// What a new file holds, and who may read it.
pub struct FileContents {
    bytes: Zeroizing<Vec<u8>>,
    sensitivity: Sensitivity,
}

impl FileContents {
    /// Returns what anybody may read.
    pub fn public(bytes: impl Into<Vec<u8>>) -> Self {
        Self { bytes: Zeroizing::new(bytes.into()), sensitivity: Sensitivity::Public }
    }

    /// Returns what only the owner may read.
    pub fn secret(bytes: Zeroizing<Vec<u8>>) -> Self {
        Self { bytes, sensitivity: Sensitivity::Secret }
    }
}

impl fmt::Debug for FileContents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FileContents({} bytes, {:?})", self.bytes.len(), self.sensitivity)
    }
}

/// A store that a run reads, and then replaces as a whole; or makes, if it is not there yet.
///
/// Nobody else can change it through this type meanwhile: the lock of its folder is held from before it is read. A symbolic link stays,
/// and what it leads to is replaced. A file with several names (hard links) is replaced under this one and stays as it was under the
/// others.
#[derive(Debug)]
pub struct FileChange {
    /// The path as it was given.
    named: PathBuf,
    place: Place,
    folder: Folder,
    old: Option<OldFile>,
}

impl FileChange {
    /// Waits for the lock of the folder and reads the file, if there is one of at most `limit` bytes. Changes nothing.
    pub fn open(path: &Path, limit: u64) -> Result<Self, OutputError> {
        let place = Place::behind(path)?;
        check_writable(&place.folder)?;
        let mut folder = Folder::open(&place.folder)?;
        folder.lock()?;
        // Whoever had the lock may have made a file of the link's target, or led the link elsewhere.
        if Place::behind(path)? != place {
            return Err(OutputError::Changed(path.to_owned()));
        }
        let old = OldFile::read(&place.path(), limit)?;
        Ok(Self { named: path.to_owned(), place, folder, old })
    }

    /// Returns the absolute path of the file, without symbolic links.
    pub fn path(&self) -> PathBuf {
        self.place.path()
    }

    /// Returns what the file holds, or nothing if there is none.
    pub fn contents(&self) -> Option<&[u8]> {
        self.old.as_ref().map(|old| old.contents.as_slice())
    }

    /// Writes what the file shall hold, and new files that belong to it, beside their places and syncs them.
    ///
    /// An existing file keeps its owner, group, mode and access control list; one that is made is its owner's alone.
    pub fn stage(self, contents: &[u8], new_files: Vec<(NewFile, FileContents)>) -> Result<StagedFiles, OutputError> {
        let Self { named, place, folder, old } = self;
        check_distinct(new_files.iter().map(|(file, _)| &file.0).chain([&place]))?;
        let paths = new_files.iter().map(|(file, _)| file.0.folder.as_path());
        let folders = Folders::lock(Some(folder), paths)?;
        let mut new = stage_new(new_files)?;
        let change = old.map(|old| StagedChange::write(named, place.path(), old, contents)).transpose()?;
        if change.is_none() {
            new.push(StagedNew::write(&place, Sensitivity::Secret, contents)?);
        }
        Ok(StagedFiles::new(new, change, folders))
    }
}

impl StagedFiles {
    /// Writes new files beside their places and syncs them.
    pub fn of_new(files: Vec<(NewFile, FileContents)>) -> Result<Self, OutputError> {
        check_distinct(files.iter().map(|(file, _)| &file.0))?;
        let folders = Folders::lock(None, files.iter().map(|(file, _)| file.0.folder.as_path()))?;
        Ok(Self::new(stage_new(files)?, None, folders))
    }

    /// Writes one new file, which only its owner may read, beside its place piece by piece, and syncs it. `fill` gets the file, and its
    /// path for messages; what it cannot do is the error.
    pub fn of_filled<E: From<OutputError>>(
        new: &NewFile,
        fill: impl FnOnce(&Path, &mut File) -> Result<(), E>,
    ) -> Result<Self, E> {
        let folders = Folders::lock(None, std::iter::once(new.0.folder.as_path()))?;
        let staged = StagedNew::written(&new.0, Sensitivity::Secret, fill)?;
        Ok(Self::new(vec![staged], None, folders))
    }
}

fn stage_new(files: Vec<(NewFile, FileContents)>) -> Result<Vec<StagedNew>, OutputError> {
    let stage =
        |(file, contents): (NewFile, FileContents)| StagedNew::write(&file.0, contents.sensitivity, &contents.bytes);
    files.into_iter().map(stage).collect()
}

fn check_distinct<'p>(places: impl Iterator<Item = &'p Place>) -> Result<(), OutputError> {
    let mut seen = Vec::new();
    for place in places {
        if seen.contains(&place) {
            return Err(OutputError::Twice(place.path()));
        }
        seen.push(place);
    }
    Ok(())
}

/// A name in a folder that exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    folder: PathBuf,
    name: OsString,
}

impl Place {
    fn of(path: &Path) -> Result<Self, OutputError> {
        let name = file_name(path)?.to_owned();
        Ok(Self { folder: find_folder(parent_of(path))?, name })
    }

    /// Follows symbolic links to a file that exists.
    fn behind(path: &Path) -> Result<Self, OutputError> {
        file_name(path)?;
        match path.canonicalize() {
            Ok(canonical) if canonical.is_dir() => Err(OutputError::NotAFile(path.to_owned())),
            Ok(canonical) => Self::of(&canonical),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let is_link = fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_symlink());
                if is_link { Err(OutputError::DanglingLink(path.to_owned())) } else { Self::of(path) }
            }
            Err(error) if error.kind() == io::ErrorKind::NotADirectory => {
                Err(OutputError::NotAFolder(parent_of(path).to_owned()))
            }
            Err(error) => Err(io_error("look at", path)(error)),
        }
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(super) fn path(&self) -> PathBuf {
        self.folder.join(&self.name)
    }

    /// Looks whether nothing is there, not even a link to nowhere.
    pub(super) fn check_free(&self) -> Result<(), OutputError> {
        let path = self.path();
        match fs::symlink_metadata(&path) {
            Ok(_) => Err(OutputError::FileExists(path)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(io_error("look at", &path)(error)),
        }
    }
}

/// Returns the last part of a path, unless it can only be a folder's.
fn file_name(path: &Path) -> Result<&OsStr, OutputError> {
    let bytes = path.as_os_str().as_bytes();
    let name = path.file_name().filter(|_| !bytes.ends_with(b"/") && !bytes.ends_with(b"/."));
    name.ok_or_else(|| OutputError::NoFileName(path.to_owned()))
}

/// A file as it was read.
pub(super) struct OldFile {
    /// Open for as long as its access control list may be asked for.
    pub(super) file: File,
    pub(super) metadata: fs::Metadata,
    contents: Zeroizing<Vec<u8>>,
}

impl OldFile {
    /// Reads a file with no link in its path.
    fn read(path: &Path, limit: u64) -> Result<Option<Self>, OutputError> {
        // To open a device may be to do something with it, so the kind is asked for first.
        match fs::symlink_metadata(path) {
            Ok(metadata) => check_kind(path, &metadata, limit)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(io_error("look at", path)(error)),
        }
        let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY).bits().cast_signed();
        let opened = OpenOptions::new().read(true).custom_flags(flags).open(path);
        let file = opened.map_err(io_error("open", path))?;
        let metadata = file.metadata().map_err(io_error("look at", path))?;
        check_kind(path, &metadata, limit)?;
        let contents = read_all(&file, metadata.len()).map_err(io_error("read", path))?;
        let old = Self { file, metadata, contents };
        let after = old.file.metadata().map_err(io_error("look at", path))?;
        if is_same(&old.metadata, &after) { Ok(Some(old)) } else { Err(OutputError::Changed(path.to_owned())) }
    }
}

impl fmt::Debug for OldFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OldFile({} bytes)", self.contents.len())
    }
}

fn check_kind(path: &Path, metadata: &fs::Metadata, limit: u64) -> Result<(), OutputError> {
    if !metadata.is_file() {
        return Err(OutputError::NotAFile(path.to_owned()));
    }
    if metadata.len() > limit {
        return Err(OutputError::TooLarge(path.to_owned(), limit));
    }
    Ok(())
}

/// Reads what a file of a known length holds, into a buffer that never moves and so leaves no copy. Of a file that grows meanwhile it
/// reads no more than shows that.
fn read_all(file: &File, length: u64) -> io::Result<Zeroizing<Vec<u8>>> {
    /// Room that `read_to_end` needs to find the end of a file without making its buffer larger.
    const ROOM: usize = 64;
    let capacity = usize::try_from(length).ok().and_then(|length| length.checked_add(ROOM));
    let mut contents = Zeroizing::new(Vec::new());
    contents.try_reserve_exact(capacity.ok_or(io::ErrorKind::FileTooLarge)?)?;
    file.take(length.saturating_add(1)).read_to_end(&mut contents)?;
    Ok(contents)
}

/// Says whether a file is another's equal in all that changes when somebody writes or replaces it. A rename changes none of it.
pub(super) fn is_same(one: &fs::Metadata, other: &fs::Metadata) -> bool {
    let state = |of: &fs::Metadata| (inode(of), of.len(), of.mtime(), of.mtime_nsec());
    one.is_file() && other.is_file() && state(one) == state(other)
}
