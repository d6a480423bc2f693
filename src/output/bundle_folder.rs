//! A bundle that is there.

use std::ffi::OsStr;
use std::io::Read;
use std::path::Path;

use zeroize::Zeroizing;

use super::bundle_change::BundleChange;
use super::directory::Directory;
use super::lock::Folder;
use super::staging::{StagingFolder, split};
use super::survey::FolderFacts;
use super::{OutputError, check_name, check_writable, find_folder, io_error};

/// The folder of a bundle that is there.
///
/// Nothing below it is reached through a symbolic link.
#[derive(Debug)]
pub struct BundleFolder {
    folder: Folder,
    can_change: bool,
}

/// Something that lies in the folder of a bundle.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RootEntry {
    /// Its name. Of one that is not UTF-8, what can be shown of it.
    pub name: String,
    /// Whether it is a folder. A link to one is none.
    pub is_folder: bool,
}

impl BundleFolder {
    /// Opens a bundle to look at it: takes no lock and changes nothing.
    pub fn look(path: &Path) -> Result<Self, OutputError> {
        Ok(Self { folder: Folder::open(&find_folder(path)?)?, can_change: false })
    }

    /// Opens a bundle to change it: waits two minutes at most for the lock of its folder, then brings back and removes what killed runs
    /// have left. `waiting` is called once if another run holds the lock.
    pub fn lock(path: &Path, waiting: &dyn Fn()) -> Result<Self, OutputError> {
        let path = find_folder(path)?;
        check_writable(&path)?;
        let mut folder = Folder::open(&path)?;
        folder.lock_saying(waiting)?;
        folder.recover()?;
        Ok(Self { folder, can_change: true })
    }

    /// Returns the absolute path, without symbolic links.
    pub fn path(&self) -> &Path {
        self.root().path()
    }

    /// Returns what lies in the bundle, in the order of names, but for hidden names.
    pub fn entries(&self) -> Result<Vec<RootEntry>, OutputError> {
        let mut entries: Vec<_> = self
            .root()
            .entries()?
            .into_iter()
            .map(|entry| RootEntry {
                name: entry.name.to_string_lossy().into_owned(),
                is_folder: entry.kind == rustix::fs::FileType::Directory,
            })
            .filter(|entry| !entry.name.starts_with('.'))
            .collect();
        entries.sort();
        Ok(entries)
    }

    /// Reads a regular file of at most `limit` bytes below the bundle's folder, if it is there.
    pub fn read(&self, file: &Path, limit: u64) -> Result<Option<Zeroizing<Vec<u8>>>, OutputError> {
        /// Room that `read_to_end` needs to find the end of a file without making its buffer larger.
        const ROOM: u64 = 64;
        let (parent, name) = split(file)?;
        let mut folder = None;
        for name in parent {
            match folder.as_ref().unwrap_or(self.root()).folder(name)? {
                Some(below) => folder = Some(below),
                None => return Ok(None),
            }
        }
        let folder = folder.as_ref().unwrap_or(self.root());
        let Some((file, status)) = folder.regular_file(name)? else { return Ok(None) };
        let path = folder.path_of(name);
        if status.length > limit {
            return Err(OutputError::TooLarge(path, limit));
        }
        // The buffer never moves, and so leaves no copy. Of a file that grows meanwhile no more is read than shows that.
        let mut contents = Zeroizing::new(Vec::new());
        let read = |contents: &mut Vec<u8>| {
            let capacity = usize::try_from(status.length.saturating_add(ROOM));
            contents.try_reserve_exact(capacity.map_err(|_| std::io::ErrorKind::FileTooLarge)?)?;
            file.take(status.length.saturating_add(1)).read_to_end(contents)
        };
        let length = read(&mut contents).map_err(io_error("read", &path))?;
        if u64::try_from(length).is_ok_and(|length| length == status.length) {
            Ok(Some(contents))
        } else {
            Err(OutputError::Changed(path))
        }
    }

    /// Reads everything in an identity's folder, if there is one. Many threads may do so at once.
    pub fn survey(&self, folder: &str) -> Result<Option<FolderFacts>, OutputError> {
        check_name(folder)?;
        let folder = self.root().folder(OsStr::new(folder))?;
        folder.map(|folder| FolderFacts::of(&folder)).transpose()
    }

    /// Begins a change of a bundle that was opened with [`BundleFolder::lock`]: makes a staging folder in it.
    pub fn change(&mut self) -> Result<BundleChange<'_>, OutputError> {
        if !self.can_change {
            return Err(OutputError::NotLocked(self.path().to_owned()));
        }
        let staging = StagingFolder::make(self.root())?;
        Ok(BundleChange::new(self, staging))
    }

    pub(super) fn root(&self) -> &Directory {
        self.folder.directory()
    }
}
