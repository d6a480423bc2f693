//! The change of a bundle: folders beside those that they shall replace, and the renames that put them there.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};

use rustix::fs::Mode;
use rustix::io::Errno;

use super::bundle_folder::BundleFolder;
use super::carry::{Copies, Way, carry};
use super::directory::{Directory, Status};
use super::recovery::{self, OldFolder, replaced_name};
use super::staging::{StagingFolder, remove, split, write_contents, write_new};
use super::survey::FolderFacts;
use super::{OutputError, access, check_name, io_error, lock, retired};
use crate::bundle::Artifact;

#[cfg(test)]
mod tests;

/// What the name of a copy begins with that shall go below `retired`. No identity's name begins with a dot.
const COPY: &str = ".copy-";

/// What the name of a root file begins with until it is in its place.
const ROOT_FILE: &str = ".file-";

/// A folder of an identity as it shall be.
#[derive(Debug)]
pub struct NewFolder {
    /// The identity's name, which is that of the folder.
    pub name: String,
    /// The files that are made, with paths of the form `NAME/FILE`. One that takes the place of an old file keeps its owner, group, mode
    /// and access control list.
    pub artifacts: Vec<Artifact>,
    /// Those files of the old folder that shall not be in the new one. All else is carried over: the very file, by a hard link.
    pub dropped: Vec<String>,
    /// What was in the folder when it was looked at, or nothing if there was none.
    pub old: Option<FolderFacts>,
    /// The name below `retired` that the old folder's files are kept under, if they shall be.
    pub retire_as: Option<String>,
}

/// A folder below `retired` that a change has put there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retired {
    /// The identity.
    pub name: String,
    /// The name below `retired`. It ends in `-2`, `-3`, … if the one that was asked for was taken.
    pub retired_as: String,
}

/// A change of a bundle, which is locked meanwhile. What was staged and not committed goes away with it.
#[derive(Debug)]
pub struct BundleChange<'b> {
    bundle: &'b BundleFolder,
    staging: StagingFolder,
    staged: Vec<StagedFolder>,
    /// Folders in their places, whose names are not on the disk yet.
    placed: Vec<StagedFolder>,
    committed: Vec<String>,
    retired: Vec<Retired>,
    /// Whether two folders may be exchanged; tests say no.
    may_exchange: bool,
    /// Whether a file may have a second name; tests say no.
    may_link: bool,
}

/// A folder beside its place.
#[derive(Debug)]
struct StagedFolder {
    name: String,
    old: Option<(FolderFacts, OldFolder)>,
    retire_as: Option<String>,
    /// Where the old folder's files are kept by now.
    retired_as: Option<String>,
}

impl StagedFolder {
    fn name(&self) -> &OsStr {
        OsStr::new(&self.name)
    }
}

impl<'b> BundleChange<'b> {
    pub(super) fn new(bundle: &'b BundleFolder, staging: StagingFolder) -> Self {
        Self {
            bundle,
            staging,
            staged: Vec::new(),
            placed: Vec::new(),
            committed: Vec::new(),
            retired: Vec::new(),
            may_exchange: true,
            may_link: true,
        }
    }

    /// Returns the bundle.
    pub fn bundle(&self) -> &BundleFolder {
        self.bundle
    }

    /// Returns the names of all folders that this change has put in their places, also by a commit that failed then.
    pub fn committed(&self) -> &[String] {
        &self.committed
    }

    /// Returns what this change has put below `retired`: what it was asked to, and old folders in which somebody has made something in
    /// the very moment when they were replaced.
    pub fn retired(&self) -> &[Retired] {
        &self.retired
    }

    fn root(&self) -> &'b Directory {
        self.bundle.root()
    }

    /// Writes a folder below the staging folder. One that fails leaves nothing, and the change can go on with others.
    pub fn stage(&mut self, folder: NewFolder) -> Result<(), OutputError> {
        check_name(&folder.name)?;
        let name = OsStr::new(&folder.name);
        if self.staged.iter().any(|staged| staged.name == folder.name) {
            return Err(OutputError::Twice(self.root().path_of(name)));
        }
        // What is left of one that failed.
        self.clear(name)?;
        let name = folder.name.clone();
        let staged = self.write(folder);
        if staged.is_err() {
            // What stays goes away with the staging folder.
            drop(self.clear(OsStr::new(&name)));
        }
        self.staged.push(staged?);
        Ok(())
    }

    fn clear(&self, name: &OsStr) -> Result<(), OutputError> {
        remove(self.staging.folder(), &copy_name(name))?;
        recovery::clear_folder(self.root(), self.staging.folder(), name)
    }

    fn write(&self, folder: NewFolder) -> Result<StagedFolder, OutputError> {
        let NewFolder { name, artifacts, dropped, old, retire_as } = folder;
        if let Some(retire_as) = &retire_as {
            check_name(retire_as)?;
        }
        let staging = self.staging.folder();
        let new = staging.make_folder(OsStr::new(&name))?;
        let Some(facts) = old else {
            artifacts.iter().try_for_each(|artifact| write_new(&new, file_name(artifact, &name)?, artifact))?;
            return Ok(StagedFolder { name, old: None, retire_as: None, retired_as: None });
        };
        let old = self.root().folder(OsStr::new(&name))?;
        let old = old.ok_or_else(|| OutputError::Changed(self.root().path_of(OsStr::new(&name))))?;
        let mut replaced = BTreeMap::new();
        for artifact in &artifacts {
            let file = file_name(artifact, &name)?;
            if let Some(status) = facts.status(file) {
                write_over(&old, &new, file, status, artifact)?;
                replaced.insert(file.to_owned(), *status);
            } else {
                write_beside(&old, &new, file, artifact)?;
            }
        }
        for (file, status) in facts.entries().filter(|(file, _)| !replaced.contains_key(*file)).collect::<Vec<_>>() {
            if dropped.iter().any(|dropped| file == OsStr::new(dropped)) {
                if !status.is_file() {
                    return Err(OutputError::NotAFile(old.path_of(file)));
                }
                replaced.insert(file.to_owned(), *status);
            } else if !carry(&old, file, &new, self.way(Copies::Kept))? {
                replaced.insert(file.to_owned(), *status);
            }
        }
        access::keep_folder(old.file(), new.file())
            .map_err(|error| OutputError::AccessNotKept(old.path().to_owned(), error))?;
        if retire_as.is_some() {
            let copy = staging.make_folder(&copy_name(OsStr::new(&name)))?;
            for (file, _) in facts.entries() {
                carry(&old, file, &copy, self.way(Copies::Private))?;
            }
        }
        let record = OldFolder::new(&facts.folder, replaced);
        record.write(staging, &name)?;
        Ok(StagedFolder { name, old: Some((facts, record)), retire_as, retired_as: None })
    }

    fn way(&self, copies: Copies) -> Way {
        Way { may_link: self.may_link, copies }
    }

    /// Brings what was staged since the last commit to the disk, puts each folder in its place, and returns their names.
    ///
    /// If it fails, the folders that are in their places by then stay, each as a whole, and [`BundleChange::committed`] says which; the
    /// one that failed is given up, and the others are still staged.
    pub fn commit(&mut self) -> Result<Vec<String>, OutputError> {
        if self.staged.is_empty() {
            return Ok(Vec::new());
        }
        let before = self.committed.len();
        self.staging.folder().sync_tree()?;
        let put = self.put();
        let finished = self.finish();
        put?;
        finished?;
        Ok(self.committed.get(before..).unwrap_or_default().to_vec())
    }

    /// Puts all folders in their places, up to one that fails.
    fn put(&mut self) -> Result<(), OutputError> {
        let mut waiting = std::mem::take(&mut self.staged);
        if let Err(error) = self.retire(&mut waiting) {
            self.unretire(&mut waiting);
            self.staged = waiting;
            return Err(error);
        }
        let mut waiting = waiting.into_iter();
        while let Some(folder) = waiting.next() {
            let placed = self.place(&folder);
            if let Err(error) = placed {
                let mut rest: Vec<_> = std::iter::once(folder).chain(waiting).collect();
                // With the new folder in its place, the copy is all that there is of the old one.
                let is_in_place = matches!(error, OutputError::NotTakenBack { .. });
                self.unretire(rest.get_mut(usize::from(is_in_place)..).unwrap_or_default());
                self.staged = rest.split_off(1);
                return Err(error);
            }
            self.committed.push(folder.name.clone());
            self.placed.push(folder);
        }
        Ok(())
    }

    /// Puts the copies of old folders below `retired` and brings them to the disk, before anything is replaced.
    fn retire(&self, folders: &mut [StagedFolder]) -> Result<(), OutputError> {
        let mut is_any = false;
        for folder in folders.iter_mut().filter(|folder| folder.old.is_some()) {
            if let Some(retire_as) = &folder.retire_as {
                let name = retired::put(self.staging.folder(), &copy_name(folder.name()), self.root(), retire_as)?;
                folder.retired_as = Some(name);
                is_any = true;
            }
        }
        if is_any {
            retired::sync(self.root())?;
            self.root().sync()?;
        }
        Ok(())
    }

    /// Takes copies back whose folders were not replaced. One that cannot be taken back is one too many, and nothing is lost.
    fn unretire(&self, folders: &mut [StagedFolder]) {
        for folder in folders {
            if let Some(retired_as) = folder.retired_as.take() {
                drop(retired::take_back(self.root(), &retired_as, self.staging.folder(), &copy_name(folder.name())));
            }
        }
    }

    fn place(&self, folder: &StagedFolder) -> Result<(), OutputError> {
        let (root, staging, name) = (self.root(), self.staging.folder(), folder.name());
        let Some((facts, record)) = &folder.old else {
            return self.place_new(name);
        };
        let changed = || OutputError::Changed(root.path_of(name));
        let old = root.folder(name)?.ok_or_else(changed)?;
        // The steps that change single files hold it.
        lock::wait(&old, &|| ())?;
        let is_old = |status: Option<Status>| status.is_some_and(|status| record.is(&status));
        if !facts.is_true_of(&old)? || !is_old(root.status(name)?) {
            return Err(changed());
        }
        let new = staging.folder(name)?.ok_or_else(changed)?;
        // What the old folder holds is looked at for the last time when nobody finds it by its name any more.
        let is_still_true = |status: Result<Option<Status>, OutputError>| {
            Ok(is_old(status?) && facts.is_true_of(&old)? && record.is_accounted_for(&old, Some(&new))?)
        };
        let failed = |error: Errno| match error {
            Errno::NOENT => changed(),
            Errno::BUSY | Errno::XDEV => OutputError::MountPoint(root.path_of(name)),
            error => io_error("replace", &root.path_of(name))(error.into()),
        };
        if self.may_exchange && staging.exchange(name, root, name).map_err(failed)? {
            return self.judge(folder, is_still_true(staging.status(name)), || {
                staging.exchange(name, root, name).is_ok_and(|is_exchanged| is_exchanged)
            });
        }
        let aside = replaced_name(name);
        if !root.rename_to_free(name, root, &aside)? {
            return Err(OutputError::FileExists(root.path_of(&aside)));
        }
        let bring_back = || matches!(root.rename_to_free(&aside, root, name), Ok(true));
        // A crash shall not find the new folder in its place and the old one nowhere.
        let status = root.sync().and_then(|()| root.status(&aside));
        self.judge(folder, is_still_true(status), bring_back)?;
        self.place_new(name).map_err(|error| {
            if bring_back() {
                return error;
            }
            OutputError::NotTakenBack { path: root.path_of(&aside), source: Box::new(error) }
        })
    }

    /// Puts a folder where nothing is, or an empty folder.
    fn place_new(&self, name: &OsStr) -> Result<(), OutputError> {
        let path = self.root().path_of(name);
        self.staging.folder().rename(name, self.root(), name).map_err(|error| match error {
            Errno::EXIST | Errno::NOTEMPTY | Errno::NOTDIR => OutputError::FileExists(path),
            error => io_error("make", &path)(error.into()),
        })
    }

    /// Brings an old folder back if it was not what it should have been.
    fn judge(
        &self,
        folder: &StagedFolder,
        is_true: Result<bool, OutputError>,
        bring_back: impl FnOnce() -> bool,
    ) -> Result<(), OutputError> {
        let path = || self.root().path_of(folder.name());
        let error = match is_true {
            Ok(true) => return Ok(()),
            Ok(false) => OutputError::Changed(path()),
            Err(error) => error,
        };
        if bring_back() { Err(error) } else { Err(OutputError::NotTakenBack { path: path(), source: Box::new(error) }) }
    }

    /// Brings the renames to the disk, and removes the old folders then.
    fn finish(&mut self) -> Result<(), OutputError> {
        if self.placed.is_empty() {
            return Ok(());
        }
        if let Err(error) = self.root().sync() {
            // A crash may bring the old folders back to their places; the next run sees to them.
            self.staging.leave();
            self.placed.clear();
            return Err(error);
        }
        for folder in std::mem::take(&mut self.placed) {
            if let Some(retired_as) = folder.retired_as.clone() {
                self.retired.push(Retired { name: folder.name.clone(), retired_as });
            }
            // What cannot be removed now is removed with the staging folder, or by the next run.
            if let Ok(Some(retired_as)) = self.discard(&folder) {
                self.retired.push(Retired { name: folder.name, retired_as });
            }
        }
        Ok(())
    }

    fn discard(&self, folder: &StagedFolder) -> Result<Option<String>, OutputError> {
        let (root, staging, name) = (self.root(), self.staging.folder(), folder.name());
        let Some((_, record)) = &folder.old else { return Ok(None) };
        let aside = replaced_name(name);
        if root.status(&aside)?.is_some_and(|status| record.is(&status)) {
            root.rename_to_free(&aside, staging, name)?;
        }
        let retired = record.discard(root, staging, name)?;
        OldFolder::forget(staging, name)?;
        Ok(retired)
    }

    /// Moves an identity's folder below `retired`, as it is. [`BundleChange::retired`] says under which name.
    pub fn move_aside(&mut self, name: &str, old: &FolderFacts, retired_as: &str) -> Result<(), OutputError> {
        check_name(name)?;
        let root = self.root();
        let folder = root.folder(OsStr::new(name))?;
        let changed = || OutputError::Changed(root.path_of(OsStr::new(name)));
        let folder = folder.ok_or_else(changed)?;
        lock::wait(&folder, &|| ())?;
        if !old.is_true_of(&folder)? {
            return Err(changed());
        }
        let retired_as = retired::put(root, OsStr::new(name), root, retired_as)?;
        self.retired.push(Retired { name: name.to_owned(), retired_as });
        retired::sync(root)?;
        root.sync()
    }

    /// Writes a file of the bundle's own folder, in place of one that may be there, whose owner, group, mode and access control list it
    /// keeps.
    pub fn write_root_file(&mut self, artifact: &Artifact) -> Result<(), OutputError> {
        let (root, staging) = (self.root(), self.staging.folder());
        let (parent, name) = split(artifact.path())?;
        if !parent.as_os_str().is_empty() {
            return Err(OutputError::BadName(artifact.path().to_owned()));
        }
        let mut staged = OsString::from(ROOT_FILE);
        staged.push(name);
        // One that could not be put in its place.
        remove(staging, &staged)?;
        match root.regular_file(name)? {
            Some((old, _)) => {
                let new = staging.create(&staged, Mode::RUSR | Mode::WUSR)?;
                let keep = || access::keep(&old, &old.metadata()?, &new);
                keep().map_err(|error| OutputError::AccessNotKept(root.path_of(name), error))?;
                write_contents(&new, staging, &staged, artifact.contents())?;
            }
            None => write_new(staging, &staged, artifact)?,
        }
        let Some((file, _)) = staging.regular_file(&staged)? else {
            return Err(OutputError::Changed(staging.path_of(&staged)));
        };
        file.sync_all().map_err(io_error("sync", &staging.path_of(&staged)))?;
        staging.rename(&staged, root, name).map_err(|error| io_error("replace", &root.path_of(name))(error.into()))?;
        root.sync()
    }
}

fn copy_name(name: &OsStr) -> OsString {
    let mut copy = OsString::from(COPY);
    copy.push(name);
    copy
}

/// Returns the file's name in the identity's folder.
fn file_name<'a>(artifact: &'a Artifact, folder: &str) -> Result<&'a OsStr, OutputError> {
    let (parent, file) = split(artifact.path())?;
    if parent.as_os_str() == folder { Ok(file) } else { Err(OutputError::BadName(artifact.path().to_owned())) }
}

/// Writes a file that the old folder does not have.
fn write_beside(old: &Directory, new: &Directory, name: &OsStr, artifact: &Artifact) -> Result<(), OutputError> {
    write_new(new, name, artifact)?;
    let Some((written, _)) = new.regular_file(name)? else { return Err(OutputError::Changed(new.path_of(name))) };
    access::give(&written, old.file()).map_err(|error| OutputError::AccessNotKept(new.path_of(name), error))
}

/// Writes a file that takes an old one's place, and keeps who may do what with it.
fn write_over(
    old: &Directory,
    new: &Directory,
    name: &OsStr,
    status: &Status,
    artifact: &Artifact,
) -> Result<(), OutputError> {
    if !status.is_file() {
        return Err(OutputError::NotAFile(old.path_of(name)));
    }
    let (old_file, now) = old.regular_file(name)?.ok_or_else(|| OutputError::Changed(old.path_of(name)))?;
    if !now.is_unchanged_from(status) {
        return Err(OutputError::Changed(old.path_of(name)));
    }
    let file = new.create(name, Mode::RUSR | Mode::WUSR)?;
    let keep = || access::keep(&old_file, &old_file.metadata()?, &file);
    keep().map_err(|error| OutputError::AccessNotKept(old.path_of(name), error))?;
    write_contents(&file, new, name, artifact.contents())
}
