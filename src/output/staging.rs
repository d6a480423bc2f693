//! Staging folders: what is in one is not there yet, or not any more.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::Write;
use std::path::{Component, Path, PathBuf};

use rustix::fs::{FileType, Mode};

use super::directory::Directory;
use super::{OutputError, STAGING_FOLDER, io_error, lock, recovery};
use crate::bundle::{Artifact, Sensitivity};

/// A staging folder, in use for as long as its lock is held. It goes away with this, but for what would be lost.
#[derive(Debug)]
pub(super) struct StagingFolder {
    parent: Directory,
    name: OsString,
    folder: Directory,
    /// It is somewhere else now, or the next run shall see to it.
    is_left: bool,
}

impl StagingFolder {
    /// Makes one in a folder whose lock is held: without it, another run could take the new folder for an abandoned one.
    pub(super) fn make(parent: &Directory) -> Result<Self, OutputError> {
        let parent = parent.try_clone()?;
        let (name, folder) = parent.make_folder_with(STAGING_FOLDER)?;
        let staging = Self { parent, name, folder, is_left: false };
        // Nobody else knows the folder yet, so that nobody is waited for.
        lock::wait(&staging.folder, &|| ())?;
        Ok(staging)
    }

    pub(super) fn folder(&self) -> &Directory {
        &self.folder
    }

    pub(super) fn name(&self) -> &OsStr {
        &self.name
    }

    /// Leaves the folder as it is.
    pub(super) fn leave(&mut self) {
        self.is_left = true;
    }
}

impl Drop for StagingFolder {
    fn drop(&mut self) {
        if !self.is_left {
            // What stays is in nobody's way: a run can write beside it.
            drop(recovery::clear(&self.parent, &self.name, &self.folder));
        }
    }
}

/// Files that are written into a folder and those below it, which are made as they are needed.
#[derive(Debug, Default)]
pub(super) struct TreeWriter {
    /// The folder that the last file went into: those of one folder come one after the other.
    current: Option<(PathBuf, Directory)>,
}

impl TreeWriter {
    pub(super) fn write(&mut self, root: &Directory, artifact: &Artifact) -> Result<(), OutputError> {
        let (parent, name) = split(artifact.path())?;
        if parent.as_os_str().is_empty() {
            return write_new(root, name, artifact);
        }
        if self.current.as_ref().is_none_or(|(path, _)| path != parent) {
            self.current = Some((parent.to_owned(), open_all(root, parent)?));
        }
        self.current.as_ref().map_or(Ok(()), |(_, folder)| write_new(folder, name, artifact))
    }
}

/// Splits a path that stays below the folder that it begins in.
pub(super) fn split(path: &Path) -> Result<(&Path, &OsStr), OutputError> {
    let is_below = path.components().all(|component| matches!(component, Component::Normal(_)));
    match (path.parent(), path.file_name()) {
        (Some(parent), Some(name)) if is_below => Ok((parent, name)),
        _ => Err(OutputError::BadName(path.to_owned())),
    }
}

fn open_all(root: &Directory, path: &Path) -> Result<Directory, OutputError> {
    let mut folder = root.try_clone()?;
    for name in path {
        folder = match folder.folder(name)? {
            Some(below) => below,
            None => folder.make_folder(name)?,
        };
    }
    Ok(folder)
}

/// Makes a file where nothing is.
pub(super) fn write_new(folder: &Directory, name: &OsStr, artifact: &Artifact) -> Result<(), OutputError> {
    let mode = match artifact.sensitivity() {
        Sensitivity::Public => Mode::RUSR | Mode::WUSR | Mode::RGRP | Mode::ROTH,
        Sensitivity::Secret => Mode::RUSR | Mode::WUSR,
    };
    let file = folder.create(name, mode)?;
    write_contents(&file, folder, name, artifact.contents())
}

pub(super) fn write_contents(
    mut file: &File,
    folder: &Directory,
    name: &OsStr,
    contents: &[u8],
) -> Result<(), OutputError> {
    file.write_all(contents).map_err(io_error("write", &folder.path_of(name)))
}

/// Removes what a folder has at a name, whatever it is.
pub(super) fn remove(folder: &Directory, name: &OsStr) -> Result<(), OutputError> {
    match folder.status(name)? {
        Some(status) if status.kind == FileType::Directory => folder.remove_tree(name),
        Some(_) => folder.remove_file(name),
        None => Ok(()),
    }
}
