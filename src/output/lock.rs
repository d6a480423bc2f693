//! The locks of folders, and what runs that were killed have left there.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::{self, File, TryLockError};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use super::{FOLDER_MODE, Inode, OutputError, STAGING_FILE, STAGING_FOLDER, inode, io_error};

/// How often a run asks for a lock before it gives up: anybody who can read a folder can hold its lock for ever.
const LOCK_ATTEMPTS: u32 = 6000;

const LOCK_INTERVAL: Duration = Duration::from_millis(20);

/// An open folder; its lock goes away with it, and with the process.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    file: File,
    inode: Inode,
    is_locked: bool,
}

impl Folder {
    /// Opens a folder, without its lock.
    pub(super) fn open(path: &Path) -> Result<Self, OutputError> {
        let file = File::open(path).map_err(io_error("open", path))?;
        let inode = inode(&file.metadata().map_err(io_error("look at", path))?);
        Ok(Self { path: path.to_owned(), file, inode, is_locked: false })
    }

    /// Takes the lock, unless the file system has none.
    pub(super) fn lock(&mut self) -> Result<(), OutputError> {
        if self.is_locked {
            return Ok(());
        }
        self.is_locked = self.wait()?;
        // Whoever had the lock may have put another folder here.
        let metadata = fs::metadata(&self.path).map_err(io_error("look at", &self.path))?;
        if inode(&metadata) == self.inode { Ok(()) } else { Err(OutputError::Changed(self.path.clone())) }
    }

    fn unlock(&mut self) -> Result<(), OutputError> {
        self.is_locked = false;
        self.file.unlock().map_err(io_error("unlock", &self.path))
    }

    /// Says whether there is a lock, which is this run's then.
    fn wait(&self) -> Result<bool, OutputError> {
        for _ in 0..LOCK_ATTEMPTS {
            match self.file.try_lock() {
                Ok(()) => return Ok(true),
                Err(TryLockError::WouldBlock) => thread::sleep(LOCK_INTERVAL),
                Err(TryLockError::Error(error)) if has_no_locks(&error) => return Ok(false),
                Err(TryLockError::Error(error)) => return Err(io_error("lock", &self.path)(error)),
            }
        }
        Err(OutputError::Locked(self.path.clone()))
    }

    /// Removes the staging folders and files that killed runs of this user have left. Without a lock they may be in use.
    pub(super) fn remove_abandoned(&self) {
        let Ok(entries) = fs::read_dir(&self.path) else { return };
        for entry in entries.flatten().filter(|_| self.is_locked) {
            // They are in nobody's way: a run can write beside them.
            match entry.metadata() {
                Ok(metadata) if is_staging_folder(&entry.file_name(), &metadata) => {
                    drop(fs::remove_dir_all(entry.path()));
                }
                Ok(metadata) if is_staging_file(&entry.file_name(), &metadata) => drop(fs::remove_file(entry.path())),
                _ => {}
            }
        }
    }

    /// Brings renames in the folder to the disk.
    pub(super) fn sync(&self) -> Result<(), OutputError> {
        self.file.sync_all().map_err(io_error("sync", &self.path))
    }
}

/// The folders of a run, each locked once.
#[derive(Debug)]
pub(super) struct Folders(BTreeMap<Inode, Folder>);

impl Folders {
    /// Takes the locks in an order that is the same for all runs, so that no two can wait for each other. It is that of the
    /// inodes, because a folder may have several paths.
    pub(super) fn lock<'p>(
        held: Option<Folder>,
        paths: impl IntoIterator<Item = &'p Path>,
    ) -> Result<Self, OutputError> {
        let mut folders = BTreeMap::new();
        for path in paths {
            let folder = Folder::open(path)?;
            folders.entry(folder.inode).or_insert(folder);
        }
        if let Some(mut held) = held {
            if folders.keys().next().is_some_and(|first| *first < held.inode) {
                held.unlock()?;
            }
            folders.insert(held.inode, held);
        }
        for folder in folders.values_mut() {
            folder.lock()?;
            folder.remove_abandoned();
        }
        Ok(Self(folders))
    }

    /// Brings renames in all of them to the disk.
    pub(super) fn sync(&self) -> Result<(), OutputError> {
        self.0.values().try_for_each(Folder::sync)
    }
}

/// Says whether a file system has no locks for folders at all. NFS says EBADF: it locks only what is open for writing.
fn has_no_locks(error: &std::io::Error) -> bool {
    use rustix::io::Errno;
    let kinds = [Errno::NOSYS, Errno::OPNOTSUPP, Errno::INVAL, Errno::BADF];
    kinds.iter().any(|kind| error.raw_os_error() == Some(kind.raw_os_error()))
}

fn is_staging_folder(name: &OsStr, metadata: &fs::Metadata) -> bool {
    let own = metadata.uid() == rustix::process::geteuid().as_raw();
    metadata.is_dir() && own && metadata.mode() & 0o7777 == FOLDER_MODE && has_staging_name(name, STAGING_FOLDER)
}

/// A staging file has the owner of the file that it shall replace, which for root may be anybody.
fn is_staging_file(name: &OsStr, metadata: &fs::Metadata) -> bool {
    let user = rustix::process::geteuid();
    let own = user.is_root() || metadata.uid() == user.as_raw();
    metadata.is_file() && own && has_staging_name(name, STAGING_FILE)
}

fn has_staging_name(name: &OsStr, prefix: &str) -> bool {
    let suffix = name.to_str().and_then(|name| name.strip_prefix(prefix));
    suffix.is_some_and(|suffix| suffix.len() == 6 && suffix.bytes().all(|b| b.is_ascii_alphanumeric()))
}
