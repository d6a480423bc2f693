//! Where folders go that are in use no more: nothing there is ever replaced or removed.

use std::ffi::OsStr;

use super::directory::Directory;
use super::{OutputError, check_name};

/// The folder's name.
const RETIRED: &str = "retired";

/// How many folders of one name there may be.
const MAXIMUM_NUMBER: u32 = 10_000;

/// Moves a folder below `retired`, which is made if it is not there, under a name that is free: NAME, NAME-2, NAME-3. Returns the name.
/// The caller syncs.
pub(super) fn put(from: &Directory, name: &OsStr, root: &Directory, retired_as: &str) -> Result<String, OutputError> {
    check_name(retired_as)?;
    let retired = open(root)?;
    for number in 1..=MAXIMUM_NUMBER {
        let new = if number == 1 { retired_as.to_owned() } else { format!("{retired_as}-{number}") };
        if from.rename_to_free(name, &retired, OsStr::new(&new))? {
            return Ok(new);
        }
    }
    Err(OutputError::FileExists(retired.path_of(OsStr::new(retired_as))))
}

/// Moves a folder back to where it came from.
pub(super) fn take_back(root: &Directory, retired: &str, to: &Directory, name: &OsStr) -> Result<bool, OutputError> {
    open(root)?.rename_to_free(OsStr::new(retired), to, name)
}

/// Brings what was moved to the disk, but for the name of the folder itself, which is in the bundle's.
pub(super) fn sync(root: &Directory) -> Result<(), OutputError> {
    open(root)?.sync()
}

fn open(root: &Directory) -> Result<Directory, OutputError> {
    let name = OsStr::new(RETIRED);
    if let Some(folder) = root.folder(name)? {
        return Ok(folder);
    }
    match root.make_folder(name) {
        // Somebody who takes no lock was faster.
        Err(OutputError::FileExists(path)) => root.folder(name)?.ok_or(OutputError::Changed(path)),
        made => made,
    }
}
