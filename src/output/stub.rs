#![allow(missing_docs, clippy::all, clippy::pedantic, unused)]
use super::*;
use crate::bundle::{Artifact, Bundle};
use std::collections::BTreeMap;
use zeroize::Zeroizing;
#[derive(Debug)]
pub struct BundleFolder(PathBuf);
pub struct RootEntry {
    pub name: String,
    pub is_folder: bool,
}
#[derive(Debug, Clone)]
pub struct FileFacts {
    pub sha256: [u8; 32],
    pub length: u64,
}
#[derive(Debug, Clone)]
pub struct FolderFacts {
    pub files: BTreeMap<String, FileFacts>,
    pub others: Vec<String>,
}
pub struct NewFolder {
    pub name: String,
    pub artifacts: Vec<Artifact>,
    pub dropped: Vec<String>,
    pub old: Option<FolderFacts>,
    pub retire_as: Option<String>,
}
pub struct BundleChange<'a>(&'a mut BundleFolder);
impl BundleFolder {
    pub fn look(path: &Path) -> Result<Self, OutputError> {
        loop {}
    }
    pub fn lock(path: &Path, waiting: &dyn Fn()) -> Result<Self, OutputError> {
        loop {}
    }
    pub fn path(&self) -> &Path {
        &self.0
    }
    pub fn entries(&self) -> Result<Vec<RootEntry>, OutputError> {
        loop {}
    }
    pub fn read(&self, file: &Path, limit: u64) -> Result<Option<Zeroizing<Vec<u8>>>, OutputError> {
        loop {}
    }
    pub fn survey(&self, folder: &str) -> Result<Option<FolderFacts>, OutputError> {
        loop {}
    }
    pub fn change(&mut self) -> Result<BundleChange<'_>, OutputError> {
        loop {}
    }
}
impl BundleChange<'_> {
    pub fn stage(&mut self, folder: NewFolder) -> Result<(), OutputError> {
        loop {}
    }
    pub fn commit(&mut self) -> Result<(), OutputError> {
        loop {}
    }
    pub fn take_committed(&mut self) -> Vec<String> {
        loop {}
    }
    pub fn move_aside(&mut self, name: &str, old: &FolderFacts, retired_as: &str) -> Result<(), OutputError> {
        loop {}
    }
    pub fn write_root_file(&mut self, artifact: &Artifact) -> Result<(), OutputError> {
        loop {}
    }
}
pub struct Staging;
impl Staging {
    pub fn write(&mut self, a: &Artifact) -> Result<(), OutputError> {
        loop {}
    }
    pub fn finish(self) -> Result<Staged, OutputError> {
        loop {}
    }
}
impl Target {
    pub fn begin(self) -> Result<Staging, OutputError> {
        loop {}
    }
}
