//! What is in an identity's folder, and whether it still is.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io::{self, Read};

use rustix::fs::FileType;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::directory::{Directory, Status};
use super::{OutputError, io_error};

/// No file of a bundle is longer, by far: what is, belongs to somebody else, and is not read.
const MAXIMUM_LENGTH: u64 = 16 << 20;

/// How much is read at once: all of a usual file.
const BUFFER: usize = 8 * 1024;

/// What was in a folder when it was looked at.
#[derive(Debug, Clone)]
pub struct FolderFacts {
    /// The regular files of at most 16 MiB, by name.
    pub files: BTreeMap<String, FileFacts>,
    /// The names of all else: folders, links, larger files, and files whose name is not UTF-8.
    pub others: Vec<String>,
    pub(super) folder: Status,
    other_entries: Vec<(OsString, Status)>,
}

/// What a file held when it was looked at.
#[derive(Debug, Clone)]
pub struct FileFacts {
    /// The SHA-256 of all its bytes.
    pub sha256: [u8; 32],
    /// Its length in bytes.
    pub length: u64,
    status: Status,
}

impl FolderFacts {
    /// Reads everything in a folder. What goes away meanwhile was not there.
    pub(super) fn of(folder: &Directory) -> Result<Self, OutputError> {
        let mut facts = Self {
            files: BTreeMap::new(),
            others: Vec::new(),
            folder: folder.own_status()?,
            other_entries: Vec::new(),
        };
        let mut buffer = Zeroizing::new([0; BUFFER]);
        for entry in folder.entries()? {
            if entry.kind == FileType::RegularFile {
                let Some((mut file, status)) = folder.open_regular(&entry.name)? else { continue };
                let name = entry.name.to_str().filter(|_| status.length <= MAXIMUM_LENGTH);
                if let Some(name) = name {
                    let (sha256, length) = digest(&mut file, status.length, buffer.as_mut_slice())
                        .map_err(io_error("read", &folder.path_of(&entry.name)))?;
                    facts.files.insert(name.to_owned(), FileFacts { sha256, length, status });
                } else {
                    facts.other_entries.push((entry.name, status));
                }
            } else if let Some(status) = folder.status(&entry.name)? {
                facts.other_entries.push((entry.name, status));
            }
        }
        facts.other_entries.sort_by(|(one, _), (other, _)| one.cmp(other));
        facts.others = facts.other_entries.iter().map(|(name, _)| name.to_string_lossy().into_owned()).collect();
        Ok(facts)
    }

    /// Returns everything that was in the folder.
    pub(super) fn entries(&self) -> impl Iterator<Item = (&OsStr, &Status)> {
        let files = self.files.iter().map(|(name, file)| (OsStr::new(name), &file.status));
        files.chain(self.other_entries.iter().map(|(name, status)| (name.as_os_str(), status)))
    }

    pub(super) fn status(&self, name: &OsStr) -> Option<&Status> {
        self.entries().find(|(entry, _)| *entry == name).map(|(_, status)| status)
    }

    /// Says whether a folder is the one that was looked at, and holds what it held. Of a folder in it, only whether it is there.
    pub(super) fn is_true_of(&self, folder: &Directory) -> Result<bool, OutputError> {
        if !self.folder.is_one_with(&folder.own_status()?) {
            return Ok(false);
        }
        let known: BTreeMap<&OsStr, &Status> = self.entries().collect();
        let entries = folder.entries()?;
        if entries.len() != known.len() {
            return Ok(false);
        }
        for entry in entries {
            let is_same = match (known.get(entry.name.as_os_str()), folder.status(&entry.name)?) {
                (Some(known), Some(status)) => status.is_unchanged_from(known),
                _ => false,
            };
            if !is_same {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// Reads a file to its end, or as far as shows that it grows.
fn digest(file: &mut impl Read, expected: u64, buffer: &mut [u8]) -> io::Result<([u8; 32], u64)> {
    let mut digest = Sha256::new();
    let mut length = 0;
    loop {
        let read = match file.read(buffer) {
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        digest.update(buffer.get(..read).unwrap_or_default());
        length += u64::try_from(read).unwrap_or(u64::MAX);
        // A read that leaves room in the buffer has come to the end of a regular file.
        if read == 0 || (length == expected && read < buffer.len()) || length > expected {
            return Ok((digest.finalize().into(), length));
        }
    }
}
