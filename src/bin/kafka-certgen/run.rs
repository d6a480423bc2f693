//! What the commands for single steps have in common: reading the files of others, and changing a store.

use std::fs::File;
use std::io::{self, BufRead, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};

use kafka_certgen::keystore::StoreFile;
use kafka_certgen::name::Alias;
use kafka_certgen::output::{FileChange, FileContents, NewFile, OutputError};
use kafka_certgen::pipeline::Environment;
use kafka_certgen::random::SystemRandom;
use kafka_certgen::script::{SecretReference, StoreReference};
use kafka_certgen::secret::Password;
use kafka_certgen::spec::StoreFormat;
use time::OffsetDateTime;
use zeroize::Zeroizing;

use crate::cli::Global;
use crate::convert::StoreCall;
use crate::problem::{Failure, Problem};
use crate::report::Terminal;
use crate::report::steps::Facts;

/// The most that is read of a store: far more than the largest truststore in use.
const MAX_STORE: u64 = 16 << 20;

/// The most that is read of a key, a request or certificates.
const MAX_FILE: u64 = 1 << 20;

/// The most that is read of a cluster file.
const MAX_CLUSTER_FILE: u64 = kafka_certgen::spec::cluster_file::MAX_FILE as u64;

/// Says what is allowed but worth a word. From here on there are secrets in memory.
pub(crate) fn begin(terminal: &Terminal, warnings: &[String]) {
    forbid_attaching();
    warn(terminal, warnings);
}

/// Says what is allowed but worth a word.
pub(crate) fn warn(terminal: &Terminal, warnings: &[String]) {
    for warning in warnings {
        terminal.warn(warning);
    }
}

/// The limit on core dumps does not hold where they are piped to a program; this does. It comes after the passwords were read,
/// because it also takes `/dev/fd` away.
pub(crate) fn forbid_attaching() {
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
}

/// What one step runs in.
pub(crate) fn environment(now: OffsetDateTime) -> Environment<'static> {
    Environment::new(now, &SystemRandom)
}

/// A file with something that nobody else shall read.
pub(crate) fn secret(bytes: Zeroizing<Vec<u8>>) -> FileContents {
    FileContents::secret(bytes)
}

/// A file that everybody may read.
pub(crate) fn public(text: impl Into<Vec<u8>>) -> FileContents {
    FileContents::public(text)
}

/// The file of a password that was made: one line.
pub(crate) fn password_file(file: NewFile, password: &Password) -> (NewFile, FileContents) {
    let mut line = Zeroizing::new(Vec::with_capacity(password.expose().len() + 1));
    line.extend_from_slice(password.expose().as_bytes());
    line.push(b'\n');
    (file, secret(line))
}

/// What the disk has said about a single file.
pub(crate) fn output(error: &OutputError) -> Failure {
    Problem::of_file(error).into()
}

/// Returns the path of a file, or nothing for the standard input.
pub(crate) fn named(path: &Path) -> Option<&Path> {
    (path.as_os_str() != "-").then_some(path)
}

/// Reads a file that a flag names, or the standard input.
pub(crate) fn read(flag: &str, path: &Path) -> Result<Zeroizing<Vec<u8>>, Problem> {
    read_of_flag(flag, path, MAX_FILE)
}

fn read_of_flag(flag: &str, path: &Path, limit: u64) -> Result<Zeroizing<Vec<u8>>, Problem> {
    match read_limited(path, limit) {
        Ok(Some(bytes)) => Ok(bytes),
        Ok(None) => Err(Problem::flag_too_large(flag, path, limit)),
        Err(error) => Err(Problem::flag_not_readable(flag, path, &error)),
    }
}

/// Reads a file, or the standard input, unless there is more in it than the limit.
fn read_limited(path: &Path, limit: u64) -> io::Result<Option<Zeroizing<Vec<u8>>>> {
    let enough = limit.saturating_add(1);
    let bytes = match named(path) {
        None => read_whole(io::stdin().lock().take(enough), 0)?,
        Some(path) => {
            let file = open_file(path)?;
            let length = file.metadata()?.len().min(enough);
            read_whole(file.take(enough), usize::try_from(length).unwrap_or_default())?
        }
    };
    let fits = u64::try_from(bytes.len()).is_ok_and(|length| length <= limit);
    Ok(fits.then_some(bytes))
}

/// Reads to the end. The bytes may be a key: a buffer that is too small is wiped, and not moved.
fn read_whole(mut source: impl Read, expected: usize) -> io::Result<Zeroizing<Vec<u8>>> {
    /// Room that `read_to_end` needs to find the end without making its buffer larger.
    const ROOM: usize = 64;
    let mut bytes = Zeroizing::new(Vec::with_capacity(expected.saturating_add(1 + ROOM)));
    loop {
        let room = bytes.capacity().saturating_sub(bytes.len() + ROOM);
        let read = source.by_ref().take(room as u64).read_to_end(&mut bytes)?;
        if read < room {
            return Ok(bytes);
        }
        let mut larger = Zeroizing::new(Vec::with_capacity(bytes.capacity().saturating_mul(2)));
        larger.extend_from_slice(&bytes);
        bytes = larger;
    }
}

/// Opens a file. A pipe is opened only as `<(…)` of a shell makes it: another one might wait for ever for somebody who writes into it.
pub(crate) fn open_file(path: &Path) -> io::Result<File> {
    let metadata = std::fs::metadata(path)?;
    let is_of_shell = ["/dev/fd", "/dev/stdin", "/proc"].iter().any(|folder| path.starts_with(folder));
    match metadata.is_file() || (is_of_shell && !metadata.is_dir()) {
        true => File::open(path),
        false if metadata.is_dir() => Err(io::ErrorKind::IsADirectory.into()),
        false => Err(io::ErrorKind::Unsupported.into()),
    }
}

/// Reads a cluster file.
pub(crate) fn read_cluster_file(path: &Path) -> Result<Zeroizing<Vec<u8>>, Problem> {
    read_of_flag("--file", path, MAX_CLUSTER_FILE)
}

/// Reads a store, which may also be PEM.
pub(crate) fn read_store(flag: &str, path: &Path) -> Result<Zeroizing<Vec<u8>>, Problem> {
    read_of_flag(flag, path, MAX_STORE)
}

/// Reads any file of somebody, or the standard input.
pub(crate) fn read_any(path: &Path) -> Result<Zeroizing<Vec<u8>>, Problem> {
    match read_limited(path, MAX_STORE) {
        Ok(Some(bytes)) => Ok(bytes),
        Ok(None) => Err(Problem::too_large(path, MAX_STORE)),
        Err(error) => Err(Problem::not_readable(path, &error)),
    }
}

/// Checks that a file is a store, before anybody is asked for its password.
pub(crate) fn check_store(path: &Path) -> Result<(), Problem> {
    if std::fs::metadata(path).is_ok_and(|metadata| !metadata.is_file()) {
        return Err(Problem::of_file(&OutputError::NotAFile(path.to_owned())));
    }
    let bytes = read_store("--keystore", path)?;
    StoreFile::recognise(&bytes).map_err(|error| Problem::of_store(path, "--storepass", error))?;
    Ok(())
}

/// A store that is only read.
pub(crate) struct ReadStore {
    call: StoreCall,
    pub(crate) file: StoreFile,
}

impl ReadStore {
    pub(crate) fn open(call: StoreCall, terminal: &Terminal) -> Result<Self, Failure> {
        let bytes = read_store("--keystore", &call.path)?;
        let file = open(&call, &bytes)?;
        say_found(&call, &file, terminal);
        Ok(Self { call, file })
    }

    pub(crate) fn key_password(&self) -> Option<&Password> {
        self.call.key_password.as_ref()
    }

    pub(crate) fn reference(&self) -> StoreReference<'_> {
        self.call.reference(self.file.format())
    }
}

/// A store that is being changed, or made; its folder is locked until it is written or dropped.
pub(crate) struct OpenStore {
    call: StoreCall,
    change: FileChange,
    pub(crate) file: StoreFile,
    password: Password,
}

impl OpenStore {
    pub(crate) fn open(call: StoreCall, terminal: &Terminal) -> Result<Self, Failure> {
        let change = FileChange::open(&call.path, MAX_STORE).map_err(|error| output(&error))?;
        let (file, password) = match (change.contents(), &call.store_password) {
            // Another run may have made it since the call was looked at.
            (Some(bytes), Some(password)) => (open(&call, bytes)?, password.clone()),
            (None, password) if call.is_new => {
                let password = match password {
                    Some(password) => password.clone(),
                    None => Password::make(&SystemRandom).map_err(Problem::from)?,
                };
                let file = match call.format {
                    StoreFormat::Jks => StoreFile::new_jks(password.clone()),
                    StoreFormat::Pkcs12 | StoreFormat::Pem => StoreFile::new_pkcs12(password.clone()),
                };
                (file, password)
            }
            // It was there when the call was looked at and is not now, or it has a password that is not known.
            _ => return Err(output(&OutputError::Changed(call.path))),
        };
        let call = StoreCall { is_new: change.contents().is_none(), ..call };
        say_found(&call, &file, terminal);
        Ok(Self { call, change, file, password })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.call.path
    }

    pub(crate) fn is_new(&self) -> bool {
        self.call.is_new
    }

    /// Returns the path of the file that the made password goes into, if one is made.
    pub(crate) fn password_path(&self) -> Option<PathBuf> {
        self.call.password_file.as_ref().map(|_| password_path(&self.call.path))
    }

    pub(crate) fn key_password(&self) -> Option<&Password> {
        self.call.key_password.as_ref()
    }

    pub(crate) fn reference(&self) -> StoreReference<'_> {
        self.call.reference(self.file.format())
    }

    /// Refuses an alias that an entry has already, before any work is done for a new one.
    pub(crate) fn refuse_taken(&self, alias: &Alias) -> Result<(), Failure> {
        match self.file.entry(alias.as_str()) {
            Some(_) => Err(Problem::alias_taken(alias).into()),
            None => Ok(()),
        }
    }

    /// Writes the store and prints the facts: these first, so that a report that could not be written is a failed run that has
    /// changed nothing.
    pub(crate) fn write(self, facts: &Facts, json: bool, global: &Global, terminal: &Terminal) -> Result<(), Failure> {
        let bytes = self.file.to_bytes(&SystemRandom)?;
        let beside = self.call.password_file.map(|file| password_file(file, &self.password));
        let staged = self.change.stage(&bytes, beside.into_iter().collect()).map_err(|error| output(&error))?;
        facts.print(json, global, terminal)?;
        staged.commit().map_err(|error| output(&error))
    }
}

/// Finds the password of something that is there: in the file that was made for it, or in that of its bundle.
pub(crate) fn password_beside(path: &Path) -> Option<PathBuf> {
    let files = [password_path(path), path.with_file_name("password")];
    files.into_iter().find(|file| file.is_file() && file != path)
}

/// Returns where the password of a store or key lies that was made for it.
pub(crate) fn password_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".password");
    name.into()
}

fn open(call: &StoreCall, bytes: &[u8]) -> Result<StoreFile, Failure> {
    // A store that is there has a password, or the call was refused.
    let password = call.store_password.as_ref().ok_or_else(|| Problem::no_password(&call.path, "--storepass"))?;
    let file = StoreFile::open(bytes, password)
        .map_err(|error| Problem::of_store(&call.path, "--storepass", error).of_password_in(call.beside.as_deref()))?;
    match call.asked_format {
        Some(format) if format != file.format() => Err(Problem::other_format(&call.path, format, file.format()).into()),
        _ => Ok(file),
    }
}

/// Says what is in a store that was opened, and what Java will make of it.
fn say_found(call: &StoreCall, file: &StoreFile, terminal: &Terminal) {
    let state = if call.is_new { "new" } else { "opened" };
    let (format, count) = (file.format().kafka_type(), file.entries().len());
    terminal.detail(&format!("{}: {state}, {format}, {count} entries", call.path.display()));
    for remark in file.remarks() {
        terminal.warn(&remark.to_string());
    }
}

impl StoreCall {
    fn reference(&self, format: StoreFormat) -> StoreReference<'_> {
        StoreReference {
            path: &self.path,
            format,
            store_password: &self.store_reference,
            key_password: Some(&self.key_reference).filter(|reference| **reference != SecretReference::Made),
            exists: !self.is_new,
        }
    }
}

/// Says whether there is somebody who could answer a question.
pub(crate) fn can_ask(global: &Global) -> bool {
    !global.batch && io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Asks a question that is answered with yes or no, and no is what counts unless it is yes.
pub(crate) fn ask(question: &str) -> Result<bool, Failure> {
    let mut answer = String::new();
    let mut stderr = io::stderr().lock();
    write!(stderr, "{question} [no]: ").and_then(|()| stderr.flush()).map_err(Problem::from)?;
    io::stdin().lock().take(64).read_line(&mut answer).map_err(Problem::from)?;
    Ok(["y", "yes"].contains(&answer.trim().to_ascii_lowercase().as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_is_whole_and_never_moved() {
        for length in [0, 1, 31, 32, 63, 64, 65, 129, 1000, 100_000] {
            let expected: Vec<u8> = (0..length).map(|at: usize| at.to_le_bytes()[0]).collect();
            let read = read_whole(expected.as_slice(), length).unwrap();
            assert_eq!((read.as_slice(), read.capacity()), (expected.as_slice(), length + 65), "{length}");
            assert_eq!(*read_whole(expected.as_slice(), 0).unwrap(), expected, "{length}");
        }
    }
}
