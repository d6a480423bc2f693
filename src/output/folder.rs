//! A folder that is there as a whole, or not at all.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::lock::Folder;
use super::{FOLDER_MODE, OutputError, STAGING_FOLDER, check_writable, find_folder, io_error, parent_of};
use crate::bundle::{Artifact, Bundle, Sensitivity};

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

    /// Writes the bundle beside its target and syncs it, so that nothing is left to do but a rename.
    pub fn stage(self, bundle: &Bundle) -> Result<Staged, OutputError> {
        let mut parent = Folder::open(&self.parent)?;
        parent.lock()?;
        parent.remove_abandoned();
        // Another run may have been here while this one made its keys.
        if let Ok(metadata) = fs::symlink_metadata(self.path()) {
            check_existing(&self.path(), &metadata)?;
        }
        let folder = tempfile::Builder::new()
            .prefix(STAGING_FOLDER)
            .permissions(fs::Permissions::from_mode(FOLDER_MODE))
            .tempdir_in(&self.parent)
            .map_err(io_error("make a folder in", &self.parent))?;
        for artifact in &bundle.artifacts {
            write(folder.path(), artifact)?;
        }
        sync_all(folder.path(), bundle)?;
        Ok(Staged { target: self, folder, parent })
    }
}

impl Target {
    /// A rename cannot cross file systems, nor replace the root of one.
    fn check_file_system(&self, existing: Option<&fs::Metadata>) -> Result<(), OutputError> {
        let Some(existing) = existing else { return Ok(()) };
        let parent = fs::metadata(&self.parent).map_err(io_error("look at", &self.parent))?;
        if parent.dev() == existing.dev() { Ok(()) } else { Err(OutputError::MountPoint(self.path())) }
    }
}

/// A bundle beside its target, synced. It goes away if it is not committed.
#[derive(Debug)]
pub struct Staged {
    target: Target,
    folder: TempDir,
    /// Open, and locked until the bundle is in its place or gone.
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
        // An empty folder is replaced; anything else that has come into being meanwhile makes the rename fail.
        if let Err(error) = fs::rename(self.folder.path(), &path) {
            return Err(match error.kind() {
                io::ErrorKind::DirectoryNotEmpty | io::ErrorKind::AlreadyExists => OutputError::NotEmpty(path),
                io::ErrorKind::NotADirectory => OutputError::NotAFolder(path),
                _ => io_error("put the bundle into", &path)(error),
            });
        }
        if let Err(error) = self.parent.sync() {
            // The rename may not survive a crash, so it is not done: back to where the folder removes itself.
            fs::rename(&path, self.folder.path()).map_err(io_error("take back", &path))?;
            return Err(error);
        }
        self.folder.disable_cleanup(true);
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

fn write(folder: &Path, artifact: &Artifact) -> Result<(), OutputError> {
    let path = folder.join(artifact.path());
    if let Some(parent) = path.parent().filter(|parent| *parent != folder) {
        match DirBuilder::new().mode(FOLDER_MODE).create(parent) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(io_error("make", parent)(error)),
            _ => {}
        }
    }
    let mode = match artifact.sensitivity() {
        Sensitivity::Public => 0o644,
        Sensitivity::Secret => 0o600,
    };
    let mut file =
        OpenOptions::new().write(true).create_new(true).mode(mode).open(&path).map_err(io_error("make", &path))?;
    file.write_all(artifact.contents()).map_err(io_error("write", &path))
}

/// Brings everything to the disk: with one call for the whole file system where that reports errors, which costs one journal commit
/// instead of one a file; else file by file, then folder by folder.
fn sync_all(folder: &Path, bundle: &Bundle) -> Result<(), OutputError> {
    if sync_file_system(folder)? {
        return Ok(());
    }
    let sync = |path: &Path| File::open(path).and_then(|file| file.sync_all()).map_err(io_error("sync", path));
    let mut folders = BTreeSet::from([folder.to_owned()]);
    for artifact in &bundle.artifacts {
        let path = folder.join(artifact.path());
        sync(&path)?;
        folders.extend(path.parent().map(Path::to_owned));
    }
    folders.iter().rev().try_for_each(|folder| sync(folder))
}

/// Syncs the file system of `folder`, and says whether that was possible: before Linux 5.8, syncfs(2) reports no error.
#[cfg(target_os = "linux")]
fn sync_file_system(folder: &Path) -> Result<bool, OutputError> {
    let release = rustix::system::uname().release().to_string_lossy().into_owned();
    let mut numbers = release.split(['.', '-']).map_while(|part| part.parse::<u32>().ok());
    if (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)) < (5, 8) {
        return Ok(false);
    }
    let sync = || rustix::fs::syncfs(File::open(folder)?).map_err(io::Error::from);
    sync().map_err(io_error("sync", folder))?;
    Ok(true)
}

#[cfg(not(target_os = "linux"))]
fn sync_file_system(_folder: &Path) -> Result<bool, OutputError> {
    Ok(false)
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
