//! A folder that is there as a whole, or not at all.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rustix::io::Errno;

use super::lock::Folder;
use super::staging::{StagingFolder, TreeWriter};
use super::{OutputError, check_writable, find_folder, io_error, parent_of};
use crate::bundle::{Artifact, Bundle};

/// A folder that does not exist yet, or is empty, in one that can be written to.
#[derive(Debug)]
pub struct Target {
    parent: PathBuf,
    name: OsString,
}

impl Target {
    /// Looks whether a bundle can be written to `path`. Changes nothing.
    pub fn new(path: &Path) -> Result<Self, OutputError> {
        // A slash at the end would have the system look behind a symbolic link.
        let path: &Path = &path.components().collect::<PathBuf>();
        let metadata = match fs::symlink_metadata(path) {
            Ok(metadata) => Some(metadata),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) if error.kind() == io::ErrorKind::NotADirectory => {
                return Err(OutputError::NotAFolder(parent_of(path).to_owned()));
            }
            Err(error) => return Err(io_error("look at", path)(error)),
        };
        if let Some(metadata) = &metadata {
            check_existing(path, metadata)?;
        }
        let (parent, name) = if metadata.is_some() { existing(path)? } else { absent(path)? };
        check_writable(&parent)?;
        let target = Self { parent, name };
        target.check_file_system(metadata.as_ref())?;
        Ok(target)
    }

    /// Returns the absolute path of the folder.
    pub fn path(&self) -> PathBuf {
        self.parent.join(&self.name)
    }

    /// Makes a staging folder beside the target. The lock of the folder that holds both is held for no longer than that.
    pub fn begin(self) -> Result<Staging, OutputError> {
        let mut parent = Folder::open(&self.parent)?;
        parent.lock()?;
        // What cannot be removed is in nobody's way: this run writes beside it.
        drop(parent.recover());
        // Another run may have been here since the target was looked at.
        self.check_still_free()?;
        let folder = StagingFolder::make(parent.directory())?;
        parent.unlock()?;
        Ok(Staging { target: self, folder, parent, writer: TreeWriter::default() })
    }

    /// Writes a whole bundle beside its target and syncs it, so that nothing is left to do but a rename.
    pub fn stage(self, bundle: &Bundle) -> Result<Staged, OutputError> {
        let mut staging = self.begin()?;
        bundle.artifacts.iter().try_for_each(|artifact| staging.write(artifact))?;
        staging.finish()
    }
}

impl Target {
    /// A rename cannot cross file systems, nor replace the root of one.
    fn check_file_system(&self, existing: Option<&fs::Metadata>) -> Result<(), OutputError> {
        let Some(existing) = existing else { return Ok(()) };
        let parent = fs::metadata(&self.parent).map_err(io_error("look at", &self.parent))?;
        if parent.dev() == existing.dev() { Ok(()) } else { Err(OutputError::MountPoint(self.path())) }
    }

    fn check_still_free(&self) -> Result<(), OutputError> {
        let path = self.path();
        match fs::symlink_metadata(&path) {
            Ok(metadata) => check_existing(&path, &metadata),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(io_error("look at", &path)(error)),
        }
    }
}

/// A bundle that is being written beside its target. It goes away if it is not committed.
///
/// No lock is held meanwhile but that of the staging folder, which says to other runs that it is in use.
#[derive(Debug)]
pub struct Staging {
    target: Target,
    folder: StagingFolder,
    parent: Folder,
    writer: TreeWriter,
}

impl Staging {
    /// Returns the path that the bundle will have.
    pub fn path(&self) -> PathBuf {
        self.target.path()
    }

    /// Writes a file, and makes the folder that it belongs in. The files of one folder had best come one after the other.
    pub fn write(&mut self, artifact: &Artifact) -> Result<(), OutputError> {
        self.writer.write(self.folder.folder(), artifact)
    }

    /// Brings everything to the disk, so that nothing is left to do but a rename.
    pub fn finish(self) -> Result<Staged, OutputError> {
        let Self { target, folder, parent, .. } = self;
        folder.folder().sync_tree()?;
        Ok(Staged { target, folder, parent })
    }
}

/// A bundle beside its target, synced. It goes away if it is not committed.
#[derive(Debug)]
pub struct Staged {
    target: Target,
    folder: StagingFolder,
    /// Open, and locked again for the rename.
    parent: Folder,
}

impl Staged {
    /// Returns the path that the bundle will have.
    pub fn path(&self) -> PathBuf {
        self.target.path()
    }

    /// Puts the bundle in its place and returns its path.
    pub fn commit(mut self) -> Result<PathBuf, OutputError> {
        let path = self.target.path();
        self.parent.lock()?;
        self.target.check_still_free()?;
        let (parent, staging, name) = (self.parent.directory(), self.folder.name(), self.target.name.as_os_str());
        let here = parent.status(staging)?;
        if !here.is_some_and(|here| self.folder.folder().own_status().is_ok_and(|own| own.is_one_with(&here))) {
            return Err(OutputError::Changed(parent.path_of(staging)));
        }
        // An empty folder is replaced; anything else that has come into being meanwhile makes the rename fail.
        parent.rename(staging, parent, name).map_err(|error| match error {
            Errno::NOTEMPTY | Errno::EXIST => OutputError::NotEmpty(path.clone()),
            Errno::NOTDIR => OutputError::NotAFolder(path.clone()),
            error => io_error("put the bundle into", &path)(error.into()),
        })?;
        if let Err(error) = self.parent.sync() {
            // The rename may not survive a crash, so it is not done: back to where the folder removes itself.
            if !parent.rename_to_free(name, parent, staging)? {
                self.folder.leave();
                return Err(OutputError::NotTakenBack { path, source: Box::new(error) });
            }
            return Err(error);
        }
        self.folder.leave();
        Ok(path)
    }
}

fn check_existing(path: &Path, metadata: &fs::Metadata) -> Result<(), OutputError> {
    if metadata.is_symlink() {
        return Err(OutputError::SymbolicLink(path.to_owned()));
    }
    if !metadata.is_dir() {
        return Err(OutputError::NotAFolder(path.to_owned()));
    }
    let mut entries = fs::read_dir(path).map_err(io_error("read", path))?;
    if entries.next().is_some() {
        return Err(OutputError::NotEmpty(path.to_owned()));
    }
    Ok(())
}

/// Splits the path of an existing folder, which may be `.` or end in `..`.
fn existing(path: &Path) -> Result<(PathBuf, OsString), OutputError> {
    let canonical = path.canonicalize().map_err(io_error("look at", path))?;
    let working_folder = std::env::current_dir().and_then(|folder| folder.canonicalize());
    match (canonical.parent(), canonical.file_name()) {
        (Some(parent), Some(name)) if working_folder.map_or(true, |folder| folder != canonical) => {
            Ok((parent.to_owned(), name.to_owned()))
        }
        _ => Err(OutputError::WorkingFolder(path.to_owned())),
    }
}

fn absent(path: &Path) -> Result<(PathBuf, OsString), OutputError> {
    let parent = parent_of(path);
    let name = path.file_name().ok_or_else(|| OutputError::NoParent(parent.to_owned()))?;
    Ok((find_folder(parent)?, name.to_owned()))
}

#[cfg(test)]
mod tests {
    use std::thread;
    use std::time::Duration;

    use zeroize::Zeroizing;

    use super::*;

    fn bundle() -> Bundle {
        Bundle {
            artifacts: vec![
                Artifact::public("ca/ca-cert".into(), "certificate"),
                Artifact::secret("ca/ca-key".into(), Zeroizing::new(b"key".to_vec())),
            ],
        }
    }

    fn names(folder: &Path) -> Vec<OsString> {
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name()).collect()
    }

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o7777
    }

    #[test]
    fn a_bundle_is_there_after_the_commit_and_not_before() {
        let parent = tempfile::tempdir().unwrap();
        let out = parent.path().join("out");
        let staged = Target::new(&out).unwrap().stage(&bundle()).unwrap();
        assert!(!out.exists());
        assert_eq!(staged.commit().unwrap(), out.canonicalize().unwrap());
        assert_eq!(fs::read(out.join("ca/ca-key")).unwrap(), b"key");
        assert_eq!(names(parent.path()), ["out"]);
        assert_eq!([mode(&out), mode(&out.join("ca")), mode(&out.join("ca/ca-key"))], [0o700, 0o700, 0o600]);
        assert_eq!(mode(&out.join("ca/ca-cert")) & 0o600, 0o600);
    }

    #[test]
    fn what_is_not_committed_goes_away() {
        let parent = tempfile::tempdir().unwrap();
        drop(Target::new(&parent.path().join("out")).unwrap().stage(&bundle()).unwrap());
        assert_eq!(names(parent.path()), [""; 0]);
    }

    #[test]
    fn what_a_killed_run_left_is_removed_by_the_next_and_nothing_else() {
        let parent = tempfile::tempdir().unwrap();
        let make = |name: &str, mode: u32| {
            DirBuilder::new().mode(mode).create(parent.path().join(name)).unwrap();
            fs::write(parent.path().join(name).join("file"), "x").unwrap();
        };
        make(".kafka-certgen-staging-Ab12Cd", 0o700);
        make(".kafka-certgen-staging-mine", 0o700);
        make(".kafka-certgen-staging-public", 0o755);
        make(".kafka-certgen-staging-Ab12C.", 0o700);
        Target::new(&parent.path().join("out")).unwrap().stage(&bundle()).unwrap().commit().unwrap();
        let mut left = names(parent.path());
        left.sort();
        let expected =
            [".kafka-certgen-staging-Ab12C.", ".kafka-certgen-staging-mine", ".kafka-certgen-staging-public", "out"];
        assert_eq!(left, expected);
    }

    #[test]
    fn a_run_waits_for_the_one_before_it_and_then_finds_its_bundle() {
        let parent = tempfile::tempdir().unwrap();
        let out = parent.path().join("out");
        let first = Target::new(&out).unwrap().stage(&bundle()).unwrap();
        let second = Target::new(&out).unwrap();
        thread::scope(|scope| {
            let second = scope.spawn(|| second.stage(&bundle()).map(drop));
            thread::sleep(Duration::from_millis(100));
            first.commit().unwrap();
            assert!(matches!(second.join().unwrap(), Err(OutputError::NotEmpty(_))));
        });
        assert_eq!(names(parent.path()), ["out"]);
        assert!(out.join("ca/ca-key").exists());
    }

    #[test]
    fn an_empty_folder_is_taken_and_one_that_fills_meanwhile_is_not() {
        let parent = tempfile::tempdir().unwrap();
        let out = parent.path().join("out");
        fs::create_dir(&out).unwrap();
        let staged = Target::new(&out).unwrap().stage(&bundle()).unwrap();
        fs::write(out.join("mine"), "x").unwrap();
        assert!(matches!(staged.commit(), Err(OutputError::NotEmpty(_))));
        assert_eq!(names(&out), ["mine"]);
        assert_eq!(names(parent.path()), ["out"]);
        assert!(matches!(Target::new(&out), Err(OutputError::NotEmpty(_))));
        fs::remove_file(out.join("mine")).unwrap();
        Target::new(&out).unwrap().stage(&bundle()).unwrap().commit().unwrap();
        assert!(out.join("ca/ca-cert").exists());
    }

    #[test]
    fn what_is_in_the_way_is_named() {
        let parent = tempfile::tempdir().unwrap();
        let file = parent.path().join("file");
        fs::write(&file, "x").unwrap();
        let link = parent.path().join("link");
        std::os::unix::fs::symlink(parent.path(), &link).unwrap();
        let dangling = parent.path().join("dangling");
        std::os::unix::fs::symlink("nowhere", &dangling).unwrap();
        assert!(matches!(Target::new(&file), Err(OutputError::NotAFolder(_))));
        assert!(matches!(Target::new(&file.join("out")), Err(OutputError::NotAFolder(_))));
        assert!(matches!(Target::new(&link), Err(OutputError::SymbolicLink(_))));
        assert!(matches!(Target::new(&dangling), Err(OutputError::SymbolicLink(_))));
        assert!(matches!(Target::new(&parent.path().join("link/")), Err(OutputError::SymbolicLink(_))));
        assert!(matches!(Target::new(&parent.path().join("a/b")), Err(OutputError::NoParent(_))));
        assert!(matches!(Target::new(Path::new("/")), Err(OutputError::NotEmpty(_))));
        assert!(matches!(Target::new(Path::new("")), Err(OutputError::NoParent(_))));
    }
}
