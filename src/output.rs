//! The only writer: what a run makes is on the disk as a whole, or not at all.
//!
//! A new bundle is a folder that is there as a whole: [`Target::new`] looks at the place before any work is done. [`Target::begin`] makes
//! a staging folder beside it, [`Staging::write`] writes file by file as they are made, with the modes that they shall have,
//! [`Staging::finish`] syncs all at once, and [`Staged::commit`] renames the staging folder and syncs the one that holds it.
//!
//! A bundle that is there changes identity by identity. [`BundleFolder::look`] and [`BundleFolder::lock`] open it, and
//! [`BundleFolder::survey`] says what an identity's folder holds. [`BundleChange::stage`] writes a folder as it shall be into a staging
//! folder in the bundle; all that is not ours is in it too, by hard links. [`BundleChange::commit`] syncs what was staged, exchanges each
//! folder with the old one, syncs the bundle's folder, and removes the old ones. So every identity is old and whole, or new and whole.
//!
//! Single files go the same way. [`NewFile::new`] looks at the place of a file that shall come to be; [`FileChange::open`] takes the lock
//! and reads a store that shall change. [`FileChange::stage`] and [`StagedFiles::of_new`] write each file beside its place and sync it;
//! [`StagedFiles::commit`] renames one after the other, the store last, and takes back what it has put in place if it cannot go on.
//!
//! Whatever ends the process before a rename leaves what was there. What a killed process leaves is removed by the next run that has
//! the lock of the folder: a staging folder if nobody has its own lock, which a run holds for as long as it writes there; a staging
//! file at once, because nobody stages one without the folder's lock. An old folder is only removed if all that it holds was replaced or
//! is in the new one; else it goes below `retired`. Locks bind nobody else. keytool takes none, so that a store which it has changed
//! between reading and commit is not replaced.

use std::fmt;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

mod access;
mod bundle_change;
mod bundle_folder;
mod carry;
mod directory;
mod file;
mod folder;
mod lock;
mod recovery;
mod retired;
mod staged;
mod staging;
mod survey;

pub use bundle_change::{BundleChange, NewFolder, Retired};
pub use bundle_folder::{BundleFolder, RootEntry};
pub use file::{FileChange, FileContents, NewFile};
pub use folder::{Staged, Staging, Target};
pub use staged::StagedFiles;
pub use survey::{FileFacts, FolderFacts};

/// What the name of a staging folder begins with; six letters and digits follow.
const STAGING_FOLDER: &str = ".kafka-certgen-staging-";

/// What the name of a staging file begins with; six letters and digits follow, too few or many for a staging folder's name.
const STAGING_FILE: &str = ".kafka-certgen-staging-file-";

const FOLDER_MODE: u32 = 0o700;

/// The numbers of a file system and of a file in it.
type Inode = (u64, u64);

fn inode(metadata: &fs::Metadata) -> Inode {
    (metadata.dev(), metadata.ino())
}

/// Why nothing was written. But for [`OutputError::NotTakenBack`], everything is as it was before.
#[derive(Debug)]
#[non_exhaustive]
pub enum OutputError {
    /// The owner, the group or the permissions of the file would not be those that it has now.
    AccessNotKept(PathBuf, io::Error),
    /// The path cannot be that of something below a folder: it is absolute, empty or hidden, or leads out of it.
    BadName(PathBuf),
    /// The file or folder is not the one that was read any more: somebody who takes no lock has changed or replaced it.
    Changed(PathBuf),
    /// A symbolic link that leads nowhere is in the way.
    DanglingLink(PathBuf),
    /// Something is where a new file shall be.
    FileExists(PathBuf),
    /// A symbolic link is where a bundle has a folder.
    LinkInside(PathBuf),
    /// Another process holds the lock of the folder that would hold the output.
    Locked(PathBuf),
    /// Something is mounted on the file alone, as containers do it, so that it cannot be replaced.
    MountedFile(PathBuf),
    /// A file system of its own is mounted there, which cannot be replaced.
    MountPoint(PathBuf),
    /// The folder holds something.
    NotEmpty(PathBuf),
    /// The path does not end in the name of a file.
    NoFileName(PathBuf),
    /// What is there is a folder, a FIFO, a device or a socket.
    NotAFile(PathBuf),
    /// Something that is not a folder is in the way.
    NotAFolder(PathBuf),
    /// What somebody else has put into a folder can neither be linked nor copied into the new one.
    NotCarried(PathBuf),
    /// The bundle was opened to be looked at, and not to be changed.
    NotLocked(PathBuf),
    /// The folder that would hold it does not exist.
    NoParent(PathBuf),
    /// The folder that would hold it cannot be written to.
    NotWritable(PathBuf, io::Error),
    /// What was put in place could not be removed again when the run failed afterwards.
    NotTakenBack {
        /// What is in place.
        path: PathBuf,
        /// Why the run failed.
        source: Box<OutputError>,
    },
    /// A symbolic link is in the way.
    SymbolicLink(PathBuf),
    /// More folders lie in each other than the limit says.
    TooDeep(PathBuf, usize),
    /// The folder holds more things than the limit says.
    TooMany(PathBuf, usize),
    /// The file has more bytes than the limit says.
    TooLarge(PathBuf, u64),
    /// Two of the files of a run have one path.
    Twice(PathBuf),
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
            Self::AccessNotKept(path, _) => {
                write!(f, "the owner, group and permissions of `{}` cannot be kept", path.display())
            }
            Self::BadName(path) => write!(f, "`{}` is not the name of something in a folder", path.display()),
            Self::Changed(path) => write!(f, "somebody else has changed `{}` meanwhile", path.display()),
            Self::DanglingLink(path) => write!(f, "`{}` is a symbolic link that leads nowhere", path.display()),
            Self::FileExists(path) => write!(f, "`{}` exists, and nothing is ever overwritten", path.display()),
            Self::LinkInside(path) => {
                write!(f, "`{}` is a symbolic link, and none is followed inside a bundle", path.display())
            }
            Self::Locked(path) => {
                write!(f, "another run is writing into the folder `{}` and does not come to an end", path.display())
            }
            Self::MountPoint(path) => write!(f, "the output folder `{}` is a mount point", path.display()),
            Self::NotEmpty(path) => {
                write!(f, "the output folder `{}` holds something, and nothing is ever overwritten", path.display())
            }
            Self::MountedFile(path) => {
                write!(f, "`{}` is mounted as a single file, which cannot be replaced", path.display())
            }
            Self::NoFileName(path) => write!(f, "`{}` is not the path of a file", path.display()),
            Self::NotAFile(path) => write!(f, "`{}` is not a regular file", path.display()),
            Self::NotAFolder(path) => write!(f, "`{}` is a file and not a folder", path.display()),
            Self::NotCarried(path) => {
                write!(f, "`{}` can neither be linked nor copied into a new folder", path.display())
            }
            Self::NotLocked(path) => write!(f, "the bundle `{}` was opened to be looked at alone", path.display()),
            Self::NoParent(path) => write!(f, "the folder `{}` does not exist", path.display()),
            Self::NotTakenBack { path, .. } => {
                write!(f, "`{}` was put in place and cannot be taken back", path.display())
            }
            Self::NotWritable(path, _) => write!(f, "the folder `{}` cannot be written to", path.display()),
            Self::SymbolicLink(path) => write!(f, "the output folder `{}` is a symbolic link", path.display()),
            Self::TooDeep(path, limit) => {
                write!(f, "more than {limit} folders lie in each other in `{}`", path.display())
            }
            Self::TooMany(path, limit) => write!(f, "`{}` holds more than {limit} things", path.display()),
            Self::TooLarge(path, limit) => write!(f, "`{}` has more than {limit} bytes", path.display()),
            Self::Twice(path) => write!(f, "two files shall be written to `{}`", path.display()),
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
            Self::AccessNotKept(_, error) | Self::NotWritable(_, error) => Some(error),
            Self::NotTakenBack { source, .. } => Some(source),
            Self::Io { source, .. } => Some(source),
            _ => None,
        }
    }
}

fn parent_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Finds the folder that a new file or folder shall be in.
fn find_folder(path: &Path) -> Result<PathBuf, OutputError> {
    match path.canonicalize() {
        Ok(canonical) if canonical.is_dir() => Ok(canonical),
        Ok(_) => Err(OutputError::NotAFolder(path.to_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(OutputError::NoParent(path.to_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => Err(OutputError::NotAFolder(path.to_owned())),
        Err(error) => Err(io_error("look at", path)(error)),
    }
}

/// Looks whether a name can be that of a folder in a bundle, and nothing else.
fn check_name(name: &str) -> Result<(), OutputError> {
    let is_name = !name.is_empty() && !name.starts_with('.') && !name.contains(['/', '\0']);
    if is_name { Ok(()) } else { Err(OutputError::BadName(PathBuf::from(name))) }
}

/// Looks whether something can be made in a folder, and the folder locked.
fn check_writable(folder: &Path) -> Result<(), OutputError> {
    let access = rustix::fs::Access::READ_OK | rustix::fs::Access::WRITE_OK | rustix::fs::Access::EXEC_OK;
    rustix::fs::access(folder, access).map_err(|error| OutputError::NotWritable(folder.to_owned(), error.into()))
}

fn io_error(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> OutputError {
    let path = path.to_owned();
    move |source| OutputError::Io { action, path, source }
}
