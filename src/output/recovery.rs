//! What runs that were killed have left: old folders come back or go to their rest, staging folders and files are removed.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::Read;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::MetadataExt;

use rustix::fs::{FileType, Mode};

use super::carry::is_carried;
use super::directory::{Directory, Status};
use super::lock::{self, Lock};
use super::{FOLDER_MODE, OutputError, STAGING_FILE, STAGING_FOLDER, io_error, retired, staging};

/// What the name of an old folder begins with while the new one takes its place, where the two cannot be exchanged.
const REPLACED: &str = ".kafka-certgen-replaced-";

/// What the name of a record in a staging folder begins with. No identity's name begins with a dot.
const RECORD: &str = ".record-";

/// A longer record is not read, and the folder is left as it is.
const MAXIMUM_RECORD: u64 = 16 << 20;

/// Returns the name that an old folder has while the new one takes its place.
pub(super) fn replaced_name(name: &OsStr) -> OsString {
    prefixed(REPLACED, name)
}

/// What is known of an old folder that a new one takes the place of. It lies beside the new one before the two are exchanged, so that
/// whoever finds an old folder there later knows that it is one, and what may be removed with it.
#[derive(Debug)]
pub(super) struct OldFolder {
    device: u64,
    inode: u64,
    /// The files that the new folder has in another form, or shall not have.
    replaced: BTreeMap<OsString, Status>,
}

impl OldFolder {
    pub(super) fn new(folder: &Status, replaced: BTreeMap<OsString, Status>) -> Self {
        Self { device: folder.device, inode: folder.inode, replaced }
    }

    pub(super) fn is(&self, folder: &Status) -> bool {
        folder.is_folder() && (folder.device, folder.inode) == (self.device, self.inode)
    }

    /// Writes the record: numbers and names, each with a NUL behind it.
    pub(super) fn write(&self, staging: &Directory, name: &str) -> Result<(), OutputError> {
        let mut text = format!("{}\0{}\0", self.device, self.inode).into_bytes();
        for (name, status) in &self.replaced {
            let Status { device, inode, length, modified, .. } = status;
            text.extend(format!("{device}\0{inode}\0{length}\0{modified}\0").bytes());
            text.extend(name.as_bytes());
            text.push(0);
        }
        let record = record_name(OsStr::new(name));
        let file = staging.create(&record, Mode::RUSR | Mode::WUSR)?;
        staging::write_contents(&file, staging, &record, &text)
    }

    /// Removes the record of a folder that is gone.
    pub(super) fn forget(staging: &Directory, name: &OsStr) -> Result<(), OutputError> {
        staging.remove_file(&record_name(name))
    }

    /// Reads the record, unless it is not whole. Then no folder was exchanged, which is only done after it was.
    fn read(staging: &Directory, record: &OsStr) -> Result<Option<Self>, OutputError> {
        let Some((file, status)) = staging.regular_file(record)? else { return Ok(None) };
        if status.length > MAXIMUM_RECORD {
            return Err(OutputError::TooLarge(staging.path_of(record), MAXIMUM_RECORD));
        }
        let mut text = Vec::new();
        file.take(MAXIMUM_RECORD).read_to_end(&mut text).map_err(io_error("read", &staging.path_of(record)))?;
        Ok(Self::parse(&text))
    }

    fn parse(text: &[u8]) -> Option<Self> {
        let mut parts = text.strip_suffix(&[0])?.split(|byte| *byte == 0);
        let number = |part: &[u8]| std::str::from_utf8(part).ok()?.parse().ok();
        let mut old = Self { device: number(parts.next()?)?, inode: number(parts.next()?)?, replaced: BTreeMap::new() };
        while let Some(device) = parts.next() {
            let status = Status {
                kind: FileType::RegularFile,
                device: number(device)?,
                inode: number(parts.next()?)?,
                length: number(parts.next()?)?,
                modified: number(parts.next()?)?,
            };
            old.replaced.insert(OsString::from_vec(parts.next()?.to_vec()), status);
        }
        Some(old)
    }

    /// Says whether nothing is lost when an old folder goes: the new one is there, and all that the old one holds was replaced, or is in
    /// the new one too.
    pub(super) fn is_accounted_for(&self, old: &Directory, new: Option<&Directory>) -> Result<bool, OutputError> {
        let Some(new) = new else { return Ok(false) };
        for entry in old.entries()? {
            let was_replaced = match (self.replaced.get(&entry.name), old.status(&entry.name)?) {
                (Some(known), Some(status)) => status.is_unchanged_from(known),
                _ => false,
            };
            if !was_replaced && !is_carried(old, &entry.name, new)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Removes the old folder from the staging folder; or moves it below `retired`, if there is something in it that would be lost, and
    /// returns its name there.
    pub(super) fn discard(
        &self,
        root: &Directory,
        staging: &Directory,
        name: &OsStr,
    ) -> Result<Option<String>, OutputError> {
        let Some(old) = staging.folder(name)? else { return Ok(None) };
        if self.is_accounted_for(&old, root.folder(name)?.as_ref())? {
            staging.remove_tree(name)?;
            return Ok(None);
        }
        let retired = retired::put(staging, name, root, &name.to_string_lossy())?;
        retired::sync(root)?;
        root.sync()?;
        Ok(Some(retired))
    }
}

fn record_name(name: &OsStr) -> OsString {
    prefixed(RECORD, name)
}

fn prefixed(prefix: &str, name: &OsStr) -> OsString {
    let mut prefixed = OsString::from(prefix);
    prefixed.push(name);
    prefixed
}

fn strip<'n>(name: &'n OsStr, prefix: &str) -> Option<&'n OsStr> {
    name.as_bytes().strip_prefix(prefix.as_bytes()).filter(|rest| !rest.is_empty()).map(OsStr::from_bytes)
}

/// Brings back the old folders whose new ones did not come into their places.
pub(super) fn bring_back(root: &Directory) -> Result<(), OutputError> {
    for entry in root.entries()? {
        if let Some(name) = strip(&entry.name, REPLACED)
            && entry.kind == FileType::Directory
            && root.status(name)?.is_none()
            && root.rename_to_free(&entry.name, root, name)?
        {
            root.sync()?;
        }
    }
    Ok(())
}

/// Removes the staging folders and files that killed runs of this user have left in a folder whose lock is held. What cannot be
/// removed is in nobody's way: a run can write beside it.
pub(super) fn remove_abandoned(root: &Directory) {
    let Ok(entries) = root.entries() else { return };
    // Those whose folder is there in its new form; the others were brought back.
    let replaced: Vec<&OsStr> = entries
        .iter()
        .filter(|entry| entry.kind == FileType::Directory)
        .filter_map(|entry| strip(&entry.name, REPLACED))
        .collect();
    for entry in &entries {
        let Ok(metadata) = fs::symlink_metadata(root.path_of(&entry.name)) else { continue };
        if is_staging_folder(&entry.name, &metadata) {
            drop(remove_staging(root, &entry.name, &replaced));
        } else if is_staging_file(&entry.name, &metadata) {
            drop(root.remove_file(&entry.name));
        }
    }
    for name in replaced {
        let old = replaced_name(name);
        // No record says what may be removed with it.
        if matches!(root.status(&old), Ok(Some(_))) && matches!(root.status(name), Ok(Some(_))) {
            let put = || {
                retired::put(root, &old, root, &name.to_string_lossy())?;
                retired::sync(root)?;
                root.sync()
            };
            drop(put());
        }
    }
}

/// Removes a staging folder, unless a run that is alive has its lock.
fn remove_staging(root: &Directory, name: &OsStr, replaced: &[&OsStr]) -> Result<(), OutputError> {
    let Some(staging) = root.folder(name)? else { return Ok(()) };
    if !matches!(lock::try_lock(staging.file()), Lock::Taken) {
        return Ok(());
    }
    for name in replaced {
        let old = replaced_name(name);
        if let (Some(record), Some(status)) = (OldFolder::read(&staging, &record_name(name))?, root.status(&old)?)
            && record.is(&status)
        {
            root.rename_to_free(&old, &staging, name)?;
        }
    }
    clear(root, name, &staging)
}

/// Removes a staging folder with the new folders in it that came to nothing, and with the old ones that new ones have replaced.
pub(super) fn clear(root: &Directory, name: &OsStr, staging: &Directory) -> Result<(), OutputError> {
    for entry in staging.entries()? {
        if let Some(name) = strip(&entry.name, RECORD) {
            clear_folder(root, staging, name)?;
        }
    }
    root.remove_tree(name)
}

/// Removes a folder from a staging folder, with its record: a new one that came to nothing, or an old one that a new one has replaced.
pub(super) fn clear_folder(root: &Directory, staging: &Directory, name: &OsStr) -> Result<(), OutputError> {
    let record = record_name(name);
    if let (Some(old), Some(status)) = (OldFolder::read(staging, &record)?, staging.status(name)?)
        && old.is(&status)
    {
        // Whoever has put the new folder in its place may not have come that far.
        root.sync()?;
        old.discard(root, staging, name)?;
    }
    staging::remove(staging, name)?;
    // Without its record an old folder could not be told from a new one.
    staging.remove_file(&record)
}

fn is_staging_folder(name: &OsStr, metadata: &fs::Metadata) -> bool {
    let own = metadata.uid() == rustix::process::geteuid().as_raw();
    // In a folder that gives its group to what is made in it, it does so too.
    let is_private = metadata.mode() & 0o5777 == FOLDER_MODE;
    metadata.is_dir() && own && is_private && has_staging_name(name, STAGING_FOLDER)
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
