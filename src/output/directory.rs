//! Open folders. What is done in one goes by its descriptor and a name, so that nobody who moves things or plants links can lead it elsewhere.

use std::ffi::{OsStr, OsString};
use std::fs::{File, Permissions};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use rustix::fs::{Access, AtFlags, Dir, FileType, Mode, OFlags, Stat};
use rustix::io::{Errno, retry_on_intr};

use super::{FOLDER_MODE, OutputError, io_error};

/// How deep folders may lie in each other. What is deeper is refused, so that it cannot take all descriptors.
const MAXIMUM_DEPTH: usize = 32;

/// How many things a folder that is read as a whole may hold.
const MAXIMUM_ENTRIES: usize = 1 << 20;

/// What tells whether something is still what it was. A rename and a further hard link change none of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Status {
    pub(super) kind: FileType,
    pub(super) device: u64,
    pub(super) inode: u64,
    pub(super) length: u64,
    /// In nanoseconds since 1970, modulo 2^64.
    pub(super) modified: u64,
}

impl Status {
    fn of(stat: &Stat) -> Self {
        let modified = i128::from(stat.st_mtime) * 1_000_000_000 + i128::from(stat.st_mtime_nsec);
        Self {
            kind: FileType::from_raw_mode(stat.st_mode),
            device: number(stat.st_dev),
            inode: number(stat.st_ino),
            length: number(stat.st_size),
            modified: number(modified),
        }
    }

    pub(super) fn of_file(file: &File) -> io::Result<Self> {
        Ok(Self::of(&retry_on_intr(|| rustix::fs::fstat(file))?))
    }

    pub(super) fn is_file(&self) -> bool {
        self.kind == FileType::RegularFile
    }

    pub(super) fn is_folder(&self) -> bool {
        self.kind == FileType::Directory
    }

    /// Says whether both are one thing, whatever it holds.
    pub(super) fn is_one_with(&self, other: &Self) -> bool {
        (self.kind, self.device, self.inode) == (other.kind, other.device, other.inode)
    }

    /// Says whether both are one thing, and one file with what it held.
    pub(super) fn is_unchanged_from(&self, other: &Self) -> bool {
        self.is_one_with(other) && (!self.is_file() || (self.length, self.modified) == (other.length, other.modified))
    }
}

/// The types of these numbers are not the same on all systems.
fn number(number: impl Into<i128>) -> u64 {
    u64::try_from(number.into() & i128::from(u64::MAX)).unwrap_or_default()
}

/// What stands in a folder.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) name: OsString,
    pub(super) kind: FileType,
}

/// An open folder.
#[derive(Debug)]
pub(super) struct Directory {
    file: File,
    path: PathBuf,
}

impl Directory {
    /// Opens the folder that a path leads to.
    pub(super) fn open(path: &Path) -> Result<Self, OutputError> {
        let file = File::open(path).map_err(io_error("open", path))?;
        Ok(Self { file, path: path.to_owned() })
    }

    /// Opens the folder once more; both have one lock.
    pub(super) fn try_clone(&self) -> Result<Self, OutputError> {
        let file = self.file.try_clone().map_err(io_error("open", &self.path))?;
        Ok(Self { file, path: self.path.clone() })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn file(&self) -> &File {
        &self.file
    }

    /// Returns the path of something in it, for messages.
    pub(super) fn path_of(&self, name: &OsStr) -> PathBuf {
        self.path.join(name)
    }

    fn fail(&self, action: &'static str, name: &OsStr, error: impl Into<io::Error>) -> OutputError {
        io_error(action, &self.path_of(name))(error.into())
    }

    /// Returns the status of the folder itself.
    pub(super) fn own_status(&self) -> Result<Status, OutputError> {
        Status::of_file(&self.file).map_err(io_error("look at", &self.path))
    }

    fn stat(&self, name: &OsStr) -> Result<Option<Stat>, OutputError> {
        match retry_on_intr(|| rustix::fs::statat(&self.file, name, AtFlags::SYMLINK_NOFOLLOW)) {
            Ok(stat) => Ok(Some(stat)),
            Err(Errno::NOENT) => Ok(None),
            Err(error) => Err(self.fail("look at", name, error)),
        }
    }

    /// Returns the status of what is at a name, not of what a link leads to.
    pub(super) fn status(&self, name: &OsStr) -> Result<Option<Status>, OutputError> {
        Ok(self.stat(name)?.map(|stat| Status::of(&stat)))
    }

    /// Opens a folder below, if there is one and no link in its place.
    pub(super) fn folder(&self, name: &OsStr) -> Result<Option<Self>, OutputError> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        match retry_on_intr(|| rustix::fs::openat(&self.file, name, flags, Mode::empty())) {
            Ok(file) => Ok(Some(Self { file: file.into(), path: self.path_of(name) })),
            Err(Errno::NOENT) => Ok(None),
            Err(Errno::NOTDIR | Errno::LOOP) => {
                let path = self.path_of(name);
                let is_link = self.status(name)?.is_some_and(|status| status.kind == FileType::Symlink);
                Err(if is_link { OutputError::LinkInside(path) } else { OutputError::NotAFolder(path) })
            }
            Err(error) => Err(self.fail("open", name, error)),
        }
    }

    /// Opens a regular file, if there is one; what is something else is refused, and not opened.
    pub(super) fn regular_file(&self, name: &OsStr) -> Result<Option<(File, Status)>, OutputError> {
        match self.status(name)? {
            None => Ok(None),
            Some(status) if status.is_file() => self.open_regular(name),
            Some(_) => Err(OutputError::NotAFile(self.path_of(name))),
        }
    }

    /// Opens what the folder's listing says is a regular file, if it still is there.
    pub(super) fn open_regular(&self, name: &OsStr) -> Result<Option<(File, Status)>, OutputError> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        let file: File = match retry_on_intr(|| rustix::fs::openat(&self.file, name, flags, Mode::empty())) {
            Ok(file) => file.into(),
            Err(Errno::NOENT) => return Ok(None),
            Err(Errno::LOOP) => return Err(OutputError::NotAFile(self.path_of(name))),
            Err(error) => return Err(self.fail("open", name, error)),
        };
        let status = Status::of_file(&file).map_err(|error| self.fail("look at", name, error))?;
        if status.is_file() { Ok(Some((file, status))) } else { Err(OutputError::NotAFile(self.path_of(name))) }
    }

    /// Returns what stands in the folder, in no order.
    pub(super) fn entries(&self) -> Result<Vec<Entry>, OutputError> {
        let fail = |error: Errno| io_error("read", &self.path)(error.into());
        let mut entries = Vec::new();
        for entry in retry_on_intr(|| Dir::read_from(&self.file)).map_err(fail)? {
            let entry = entry.map_err(fail)?;
            let name = OsStr::from_bytes(entry.file_name().to_bytes());
            if name == "." || name == ".." {
                continue;
            }
            if entries.len() == MAXIMUM_ENTRIES {
                return Err(OutputError::TooMany(self.path.clone(), MAXIMUM_ENTRIES));
            }
            let kind = match entry.file_type() {
                // Not every file system says it in the listing.
                FileType::Unknown => match self.status(name)? {
                    Some(status) => status.kind,
                    None => continue,
                },
                kind => kind,
            };
            entries.push(Entry { name: name.to_owned(), kind });
        }
        Ok(entries)
    }

    /// Makes a folder that is its owner's alone, where nothing is.
    pub(super) fn make_folder(&self, name: &OsStr) -> Result<Self, OutputError> {
        retry_on_intr(|| rustix::fs::mkdirat(&self.file, name, Mode::RWXU)).map_err(|error| match error {
            Errno::EXIST => OutputError::FileExists(self.path_of(name)),
            error => self.fail("make", name, error),
        })?;
        self.folder(name)?.ok_or_else(|| OutputError::Changed(self.path_of(name)))
    }

    /// Makes a staging folder that is its owner's alone, with a name that nothing has.
    pub(super) fn make_folder_with(&self, prefix: &str) -> Result<(OsString, Self), OutputError> {
        let make_named = |path: &Path| {
            let name = path.file_name().unwrap_or_default().to_owned();
            retry_on_intr(|| rustix::fs::mkdirat(&self.file, name.as_os_str(), Mode::RWXU))?;
            Ok(name)
        };
        let mut builder = tempfile::Builder::new();
        let made = builder.prefix(prefix).disable_cleanup(true).make_in(&self.path, make_named);
        let (name, _) = made.map_err(io_error("make a folder in", &self.path))?.into_parts();
        let folder = self.folder(&name)?.ok_or_else(|| OutputError::Changed(self.path_of(&name)))?;
        Ok((name, folder))
    }

    /// Makes a file where nothing is.
    pub(super) fn create(&self, name: &OsStr, mode: Mode) -> Result<File, OutputError> {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        match retry_on_intr(|| rustix::fs::openat(&self.file, name, flags, mode)) {
            Ok(file) => Ok(file.into()),
            Err(Errno::EXIST) => Err(OutputError::Twice(self.path_of(name))),
            Err(error) => Err(self.fail("make", name, error)),
        }
    }

    /// Gives what is at a name a second one, and says whether that can be done here.
    pub(super) fn link(&self, name: &OsStr, folder: &Self, new: &OsStr) -> Result<bool, OutputError> {
        match retry_on_intr(|| rustix::fs::linkat(&self.file, name, &folder.file, new, AtFlags::empty())) {
            Ok(()) => Ok(true),
            Err(Errno::PERM | Errno::MLINK | Errno::XDEV) => Ok(false),
            Err(error) if is_unsupported(error) => Ok(false),
            Err(Errno::EXIST) => Err(OutputError::Twice(folder.path_of(new))),
            Err(Errno::NOENT) => Err(OutputError::Changed(self.path_of(name))),
            Err(error) => Err(self.fail("link", name, error)),
        }
    }

    /// Renames what is at a name; see rename(2) for what may be replaced.
    pub(super) fn rename(&self, name: &OsStr, folder: &Self, new: &OsStr) -> Result<(), Errno> {
        retry_on_intr(|| rustix::fs::renameat(&self.file, name, &folder.file, new))
    }

    /// Renames a folder to a name that nothing has, and says whether it was free.
    pub(super) fn rename_to_free(&self, name: &OsStr, folder: &Self, new: &OsStr) -> Result<bool, OutputError> {
        match rename_no_replace(&self.file, name, &folder.file, new) {
            Ok(()) => Ok(true),
            Err(Errno::EXIST | Errno::NOTEMPTY) => Ok(false),
            Err(error) if is_unsupported(error) => {
                if folder.status(new)?.is_some() {
                    return Ok(false);
                }
                // Of a folder, a rename replaces at most an empty one.
                match self.rename(name, folder, new) {
                    Ok(()) => Ok(true),
                    Err(Errno::EXIST | Errno::NOTEMPTY | Errno::NOTDIR) => Ok(false),
                    Err(error) => Err(self.fail("move", name, error)),
                }
            }
            Err(error) => Err(self.fail("move", name, error)),
        }
    }

    /// Exchanges two things, and says whether the file system can do that.
    pub(super) fn exchange(&self, name: &OsStr, folder: &Self, other: &OsStr) -> Result<bool, Errno> {
        match exchange(&self.file, name, &folder.file, other) {
            Ok(()) => Ok(true),
            Err(error) if is_unsupported(error) => Ok(false),
            Err(error) => Err(error),
        }
    }

    pub(super) fn remove_file(&self, name: &OsStr) -> Result<(), OutputError> {
        self.unlink(name, AtFlags::empty())
    }

    pub(super) fn remove_folder(&self, name: &OsStr) -> Result<(), OutputError> {
        self.unlink(name, AtFlags::REMOVEDIR)
    }

    fn unlink(&self, name: &OsStr, flags: AtFlags) -> Result<(), OutputError> {
        match retry_on_intr(|| rustix::fs::unlinkat(&self.file, name, flags)) {
            Ok(()) | Err(Errno::NOENT) => Ok(()),
            Err(error) => Err(self.fail("remove", name, error)),
        }
    }

    /// Removes a folder with everything in it, through no link.
    pub(super) fn remove_tree(&self, name: &OsStr) -> Result<(), OutputError> {
        self.remove_below(name, Depth::default())
    }

    fn remove_below(&self, name: &OsStr, depth: Depth) -> Result<(), OutputError> {
        let Some(folder) = self.folder(name)? else { return Ok(()) };
        let entries = folder.entries()?;
        if !entries.is_empty() && rustix::fs::accessat(&folder.file, ".", Access::WRITE_OK, AtFlags::empty()).is_err() {
            // What somebody has made read-only can be emptied by its owner all the same.
            drop(folder.file.set_permissions(Permissions::from_mode(FOLDER_MODE)));
        }
        for entry in entries {
            match entry.kind {
                FileType::Directory => folder.remove_below(&entry.name, depth.below(&folder)?)?,
                _ => folder.remove_file(&entry.name)?,
            }
        }
        self.remove_folder(name)
    }

    /// Brings the folder's names to the disk.
    pub(super) fn sync(&self) -> Result<(), OutputError> {
        self.file.sync_all().map_err(io_error("sync", &self.path))
    }

    /// Brings everything in the folder to the disk: with one call for the whole file system where that reports errors, which costs one
    /// journal commit instead of one a file; else each file, and each folder after what is in it.
    pub(super) fn sync_tree(&self) -> Result<(), OutputError> {
        if sync_file_system(&self.file).map_err(io_error("sync", &self.path))? {
            Ok(())
        } else {
            self.sync_below(Depth::default())
        }
    }

    fn sync_below(&self, depth: Depth) -> Result<(), OutputError> {
        for entry in self.entries()? {
            if entry.kind == FileType::Directory {
                if let Some(folder) = self.folder(&entry.name)? {
                    folder.sync_below(depth.below(&folder)?)?;
                }
            } else if entry.kind == FileType::RegularFile
                && let Some((file, _)) = self.open_regular(&entry.name)?
            {
                file.sync_all().map_err(|error| self.fail("sync", &entry.name, error))?;
            }
        }
        self.sync()
    }
}

/// How deep a folder lies below the one that a walk began with.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Depth(usize);

impl Depth {
    pub(super) fn below(self, folder: &Directory) -> Result<Self, OutputError> {
        if self.0 == MAXIMUM_DEPTH {
            return Err(OutputError::TooDeep(folder.path.clone(), MAXIMUM_DEPTH));
        }
        Ok(Self(self.0 + 1))
    }
}

/// Syncs the file system of a folder, and says whether that was possible: before Linux 5.8, syncfs(2) reports no error.
#[cfg(target_os = "linux")]
fn sync_file_system(folder: &File) -> io::Result<bool> {
    let release = rustix::system::uname().release().to_string_lossy().into_owned();
    let mut numbers = release.split(['.', '-']).map_while(|part| part.parse::<u32>().ok());
    if (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)) < (5, 8) {
        return Ok(false);
    }
    retry_on_intr(|| rustix::fs::syncfs(folder))?;
    Ok(true)
}

#[cfg(not(target_os = "linux"))]
#[allow(clippy::unnecessary_wraps, reason = "it can fail on Linux")]
fn sync_file_system(_folder: &File) -> io::Result<bool> {
    Ok(false)
}

/// Says whether a file system cannot do what the flags of a rename ask for.
fn is_unsupported(error: Errno) -> bool {
    [Errno::INVAL, Errno::NOSYS, Errno::NOTSUP, Errno::OPNOTSUPP].contains(&error)
}

#[cfg(any(target_os = "linux", target_os = "macos"))]
fn rename_with(
    flags: rustix::fs::RenameFlags,
    folder: &File,
    name: &OsStr,
    new_folder: &File,
    new: &OsStr,
) -> Result<(), Errno> {
    retry_on_intr(|| rustix::fs::renameat_with(folder, name, new_folder, new, flags))
}

#[cfg(any(target_os = "linux", target_os = "macos"))]
fn rename_no_replace(folder: &File, name: &OsStr, new_folder: &File, new: &OsStr) -> Result<(), Errno> {
    rename_with(rustix::fs::RenameFlags::NOREPLACE, folder, name, new_folder, new)
}

#[cfg(any(target_os = "linux", target_os = "macos"))]
fn exchange(folder: &File, name: &OsStr, new_folder: &File, new: &OsStr) -> Result<(), Errno> {
    rename_with(rustix::fs::RenameFlags::EXCHANGE, folder, name, new_folder, new)
}

#[cfg(not(any(target_os = "linux", target_os = "macos")))]
fn rename_no_replace(_folder: &File, _name: &OsStr, _new_folder: &File, _new: &OsStr) -> Result<(), Errno> {
    Err(Errno::NOSYS)
}

#[cfg(not(any(target_os = "linux", target_os = "macos")))]
fn exchange(_folder: &File, _name: &OsStr, _new_folder: &File, _new: &OsStr) -> Result<(), Errno> {
    Err(Errno::NOSYS)
}
