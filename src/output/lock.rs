//! The locks of folders.

use std::collections::BTreeMap;
use std::fs::{self, File, TryLockError};
use std::path::Path;
use std::thread;
use std::time::Duration;

use super::directory::Directory;
use super::{Inode, OutputError, inode, io_error, recovery};

/// How often a run asks for a lock before it gives up: anybody who can read a folder can hold its lock for ever.
const LOCK_ATTEMPTS: u32 = 6000;

const LOCK_INTERVAL: Duration = Duration::from_millis(20);

/// An open folder; its lock goes away with it, and with the process.
#[derive(Debug)]
pub(super) struct Folder {
    directory: Directory,
    inode: Inode,
    is_locked: bool,
}

impl Folder {
    /// Opens a folder, without its lock.
    pub(super) fn open(path: &Path) -> Result<Self, OutputError> {
        let directory = Directory::open(path)?;
        let inode = inode(&directory.file().metadata().map_err(io_error("look at", path))?);
        Ok(Self { directory, inode, is_locked: false })
    }

    pub(super) fn directory(&self) -> &Directory {
        &self.directory
    }

    /// Takes the lock, unless the file system has none.
    pub(super) fn lock(&mut self) -> Result<(), OutputError> {
        self.lock_saying(&|| ())
    }

    /// Takes the lock, and says once if another run holds it.
    pub(super) fn lock_saying(&mut self, waiting: &dyn Fn()) -> Result<(), OutputError> {
        if self.is_locked {
            return Ok(());
        }
        self.is_locked = wait(&self.directory, waiting)?;
        // Whoever had the lock may have put another folder here.
        let path = self.directory.path();
        let metadata = fs::metadata(path).map_err(io_error("look at", path))?;
        if inode(&metadata) == self.inode { Ok(()) } else { Err(OutputError::Changed(path.to_owned())) }
    }

    pub(super) fn unlock(&mut self) -> Result<(), OutputError> {
        if !self.is_locked {
            return Ok(());
        }
        self.is_locked = false;
        self.directory.file().unlock().map_err(io_error("unlock", self.directory.path()))
    }

    /// Brings back and removes what runs that were killed have left. Without a lock all but the first may be in use.
    pub(super) fn recover(&self) -> Result<(), OutputError> {
        recovery::bring_back(&self.directory)?;
        if self.is_locked {
            recovery::remove_abandoned(&self.directory);
        }
        Ok(())
    }

    /// Brings renames in the folder to the disk.
    pub(super) fn sync(&self) -> Result<(), OutputError> {
        self.directory.sync()
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
            // What cannot be brought back or removed is in nobody's way: a run can write beside it.
            drop(folder.recover());
        }
        Ok(Self(folders))
    }

    /// Brings renames in all of them to the disk.
    pub(super) fn sync(&self) -> Result<(), OutputError> {
        self.0.values().try_for_each(Folder::sync)
    }
}

/// Waits for the lock of a folder, and says whether there is one, which is this run's then. It says once that it waits.
pub(super) fn wait(folder: &Directory, waiting: &dyn Fn()) -> Result<bool, OutputError> {
    for attempt in 0..LOCK_ATTEMPTS {
        match try_lock(folder.file()) {
            Lock::Taken => return Ok(true),
            Lock::None => return Ok(false),
            Lock::Failed(error) => return Err(io_error("lock", folder.path())(error)),
            Lock::Held => {
                if attempt == 0 {
                    waiting();
                }
                thread::sleep(LOCK_INTERVAL);
            }
        }
    }
    Err(OutputError::Locked(folder.path().to_owned()))
}

/// What comes of asking for a lock.
pub(super) enum Lock {
    Taken,
    /// By another run.
    Held,
    /// The file system has no locks for folders.
    None,
    Failed(std::io::Error),
}

pub(super) fn try_lock(folder: &File) -> Lock {
    match folder.try_lock() {
        Ok(()) => Lock::Taken,
        Err(TryLockError::Error(error)) if error.kind() == std::io::ErrorKind::Interrupted => try_lock(folder),
        Err(TryLockError::WouldBlock) => Lock::Held,
        Err(TryLockError::Error(error)) if has_no_locks(&error) => Lock::None,
        Err(TryLockError::Error(error)) => Lock::Failed(error),
    }
}

/// Says whether a file system has no locks for folders at all. NFS says EBADF: it locks only what is open for writing.
fn has_no_locks(error: &std::io::Error) -> bool {
    use rustix::io::Errno;
    let kinds = [Errno::NOSYS, Errno::OPNOTSUPP, Errno::INVAL, Errno::BADF];
    kinds.iter().any(|kind| error.raw_os_error() == Some(kind.raw_os_error()))
}
