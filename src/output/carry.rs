//! What an old folder holds, under a second name in a new one.

use std::ffi::OsStr;
use std::fs::{File, FileTimes};
use std::io;

use rustix::fs::Mode;

use super::directory::{Depth, Directory, Status};
use super::{OutputError, access, io_error};

/// What becomes of a file where it can have no second name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Copies {
    /// It is copied, with who may do what with it.
    Kept,
    /// It is copied, for its owner alone.
    Private,
    /// It is not copied: a folder that is in use must have the very files.
    Refused,
}

/// How things are carried over.
#[derive(Debug, Clone, Copy)]
pub(super) struct Way {
    /// Whether there may be hard links; tests say no.
    pub(super) may_link: bool,
    pub(super) copies: Copies,
}

/// Gives what is at a name in one folder the same name in another, and says whether it is the very thing, and no copy: a file by a
/// hard link, a folder by a new one with the same things in it.
pub(super) fn carry(old: &Directory, name: &OsStr, new: &Directory, way: Way) -> Result<bool, OutputError> {
    carry_below(old, name, new, way, Depth::default())
}

fn carry_below(old: &Directory, name: &OsStr, new: &Directory, way: Way, depth: Depth) -> Result<bool, OutputError> {
    let status = old.status(name)?.ok_or_else(|| OutputError::Changed(old.path_of(name)))?;
    if status.is_folder() {
        let folder = old.folder(name)?.ok_or_else(|| OutputError::Changed(old.path_of(name)))?;
        let depth = depth.below(&folder)?;
        let made = new.make_folder(name)?;
        // A copy would have to be told from a file that somebody else has put there.
        let copies = if way.copies == Copies::Kept { Copies::Refused } else { way.copies };
        for entry in folder.entries()? {
            carry_below(&folder, &entry.name, &made, Way { copies, ..way }, depth)?;
        }
        if copies != Copies::Private {
            access::keep_folder(folder.file(), made.file())
                .map_err(|error| OutputError::AccessNotKept(old.path_of(name), error))?;
        }
        keep_time(folder.file(), made.file()).map_err(io_error("write", made.path()))?;
        return Ok(true);
    }
    if way.may_link && old.link(name, new, name)? {
        return Ok(true);
    }
    if !status.is_file() || way.copies == Copies::Refused {
        return Err(OutputError::NotCarried(old.path_of(name)));
    }
    copy(old, name, new, way.copies)?;
    Ok(false)
}

fn copy(old: &Directory, name: &OsStr, new: &Directory, copies: Copies) -> Result<(), OutputError> {
    let (mut file, before) = old.regular_file(name)?.ok_or_else(|| OutputError::Changed(old.path_of(name)))?;
    let mut made = new.create(name, Mode::RUSR | Mode::WUSR)?;
    if copies == Copies::Kept {
        let keep = || access::keep(&file, &file.metadata()?, &made);
        keep().map_err(|error| OutputError::AccessNotKept(old.path_of(name), error))?;
    }
    let path = new.path_of(name);
    io::copy(&mut file, &mut made).map_err(io_error("write", &path))?;
    keep_time(&file, &made).map_err(io_error("write", &path))?;
    let after = Status::of_file(&file).map_err(io_error("look at", &old.path_of(name)))?;
    if after.is_unchanged_from(&before) { Ok(()) } else { Err(OutputError::Changed(old.path_of(name))) }
}

fn keep_time(old: &File, new: &File) -> io::Result<()> {
    new.set_times(FileTimes::new().set_modified(old.metadata()?.modified()?))
}

/// Says whether what is at a name in an old folder is in a new one too, so that nothing is lost when the old one goes.
pub(super) fn is_carried(old: &Directory, name: &OsStr, new: &Directory) -> Result<bool, OutputError> {
    is_carried_below(old, name, new, Depth::default())
}

fn is_carried_below(old: &Directory, name: &OsStr, new: &Directory, depth: Depth) -> Result<bool, OutputError> {
    let (Some(before), Some(after)) = (old.status(name)?, new.status(name)?) else { return Ok(false) };
    if !before.is_folder() {
        return Ok(before.is_one_with(&after));
    }
    if !after.is_folder() {
        return Ok(false);
    }
    let (Some(old), Some(new)) = (old.folder(name)?, new.folder(name)?) else { return Ok(false) };
    let depth = depth.below(&old)?;
    for entry in old.entries()? {
        if !is_carried_below(&old, &entry.name, &new, depth)? {
            return Ok(false);
        }
    }
    Ok(true)
}
