//! The only writer: a bundle is on the disk as a whole, or not at all.
//!
//! [`Target::new`] looks at the place before any work is done. [`Target::stage`] takes the lock of the folder that will hold the bundle,
//! writes everything into a staging folder there, with the modes that it shall have, and syncs it once. [`Staged::commit`] renames the
//! staging folder, syncs the one that holds it, and lets the lock go. Whatever ends the process before the rename leaves nothing at the
//! target. The staging folder that a killed process leaves is removed by the next run: nobody stages without the lock, so that
//! whoever has it knows that no other staging folder is in use.

use std::ffi::OsStr;
use std::fmt;
use std::fs::{self, File, TryLockError};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

mod folder;

pub use folder::{Staged, Target};

const FOLDER_MODE: u32 = 0o700;

/// What the name of a staging folder begins with; six letters and digits follow.
const STAGING_PREFIX: &str = ".kafka-certgen-staging-";

/// How often a run asks for the lock before it gives up: anybody who can read a folder can hold its lock for ever.
const LOCK_ATTEMPTS: u32 = 1500;

const LOCK_INTERVAL: Duration = Duration::from_millis(20);

/// Why a bundle was not written. Nothing is at the target that was not there before.
#[derive(Debug)]
#[non_exhaustive]
pub enum OutputError {
    /// Another process holds the lock of the folder that would hold the bundle.
    Locked(PathBuf),
    /// A file system of its own is mounted there, which cannot be replaced.
    MountPoint(PathBuf),
    /// The folder holds something.
    NotEmpty(PathBuf),
    /// Something that is not a folder is in the way.
    NotAFolder(PathBuf),
    /// The folder that would hold it does not exist.
    NoParent(PathBuf),
    /// The folder that would hold it cannot be written to.
    NotWritable(PathBuf, io::Error),
    /// A symbolic link is in the way.
    SymbolicLink(PathBuf),
    /// The shell's own working folder cannot be replaced.
    WorkingFolder(PathBuf),
    /// Something could not be done to a file or folder.
    Io {
        /// What could not be done: `write`, `sync`, …
        action: &'static str,
        /// To what.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl fmt::Display for OutputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Locked(path) => {
                write!(f, "another run is writing into the folder `{}` and does not come to an end", path.display())
            }
            Self::MountPoint(path) => write!(f, "the output folder `{}` is a mount point", path.display()),
            Self::NotEmpty(path) => {
                write!(f, "the output folder `{}` holds something, and nothing is ever overwritten", path.display())
            }
            Self::NotAFolder(path) => write!(f, "the output folder `{}` is a file", path.display()),
            Self::NoParent(path) => {
                write!(f, "the folder `{}`, which the output folder shall be in, does not exist", path.display())
            }
            Self::NotWritable(path, _) => write!(f, "the folder `{}` cannot be written to", path.display()),
            Self::SymbolicLink(path) => write!(f, "the output folder `{}` is a symbolic link", path.display()),
            Self::WorkingFolder(path) => {
                write!(
                    f,
                    "the output folder `{}` is the working folder, which cannot be replaced as a whole",
                    path.display()
                )
            }
            Self::Io { action, path, .. } => write!(f, "cannot {action} `{}`", path.display()),
        }
    }
}

impl std::error::Error for OutputError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::NotWritable(_, error) => Some(error),
            Self::Io { source, .. } => Some(source),
            _ => None,
        }
    }
}

fn parent_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Takes the lock that goes away with the process. Says whether the file system has one, or fails if somebody else keeps it.
fn lock(folder: &File) -> Result<bool, ()> {
    for _ in 0..LOCK_ATTEMPTS {
        match folder.try_lock() {
            Ok(()) => return Ok(true),
            Err(TryLockError::WouldBlock) => thread::sleep(LOCK_INTERVAL),
            Err(TryLockError::Error(_)) => return Ok(false),
        }
    }
    Err(())
}

/// Removes the staging folders that killed runs of this user have left.
fn remove_abandoned(parent: &Path) {
    let Ok(entries) = fs::read_dir(parent) else { return };
    for entry in entries.flatten() {
        if is_staging_name(&entry.file_name()) && entry.metadata().is_ok_and(|metadata| is_own_folder(&metadata)) {
            // It is in nobody's way: a bundle can be written beside it.
            drop(fs::remove_dir_all(entry.path()));
        }
    }
}

fn is_staging_name(name: &OsStr) -> bool {
    let suffix = name.to_str().and_then(|name| name.strip_prefix(STAGING_PREFIX));
    suffix.is_some_and(|suffix| suffix.len() == 6 && suffix.bytes().all(|b| b.is_ascii_alphanumeric()))
}

fn is_own_folder(metadata: &fs::Metadata) -> bool {
    let own = metadata.uid() == rustix::process::geteuid().as_raw();
    metadata.is_dir() && own && metadata.mode() & 0o7777 == FOLDER_MODE
}

fn io_error(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> OutputError {
    let path = path.to_owned();
    move |source| OutputError::Io { action, path, source }
}
