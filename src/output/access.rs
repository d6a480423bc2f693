//! Who may do what with a file or folder that takes another's place: who could before, by owner, group, mode and POSIX ACL. Other ACLs and
//! labels are those of the folder that it is in.

use std::fs::{File, Metadata, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};

/// The bits that say who may read and write. Those for programs and folders mean nothing on a store.
const PERMISSIONS: u32 = 0o777;

/// On a folder the others say whose group a new file has, and who may remove what.
const FOLDER_PERMISSIONS: u32 = 0o7777;

/// The access control list of a file or folder, see acl(5).
const LIST: &str = "system.posix_acl_access";

/// The one that a folder gives to what is made in it.
const DEFAULT_LIST: &str = "system.posix_acl_default";

/// Gives an empty file, which is its owner's alone, the owner, group, access control list and mode of an old one, from the narrow to
/// the wide: nobody may do at any moment what the old file would not have let them.
pub(super) fn keep(old: &File, metadata: &Metadata, new: &File) -> io::Result<()> {
    keep_all(old, metadata, new, PERMISSIONS, &[LIST])
}

/// Gives a folder, which is its owner's alone, what an old one has.
pub(super) fn keep_folder(old: &File, new: &File) -> io::Result<()> {
    keep_all(old, &old.metadata()?, new, FOLDER_PERMISSIONS, &[LIST, DEFAULT_LIST])
}

/// Gives a new file in somebody else's folder the owner and the group of that folder, as far as whoever runs may do that: what nobody
/// but root can read is of no use there.
pub(super) fn give(new: &File, folder: &File) -> io::Result<()> {
    let (made, folder) = (new.metadata()?, folder.metadata()?);
    let owner = Some(folder.uid()).filter(|owner| *owner != made.uid());
    let group = Some(folder.gid()).filter(|group| *group != made.gid());
    if owner.is_none() && group.is_none() {
        return Ok(());
    }
    match fchown(new, owner, group) {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Ok(()),
        result => result,
    }
}

fn keep_all(old: &File, metadata: &Metadata, new: &File, bits: u32, lists: &[&str]) -> io::Result<()> {
    let made = new.metadata()?;
    let owner = Some(metadata.uid()).filter(|owner| *owner != made.uid());
    let group = Some(metadata.gid()).filter(|group| *group != made.gid());
    if owner.is_some() || group.is_some() {
        fchown(new, owner, group)?;
    }
    for list in lists {
        keep_list(list, old, new)?;
    }
    let permissions = metadata.mode() & bits;
    if new.metadata()?.mode() & bits != permissions {
        new.set_permissions(Permissions::from_mode(permissions))?;
    }
    // Some file systems accept a change and do nothing.
    let made = new.metadata()?;
    let is_kept = (made.uid(), made.gid(), made.mode() & bits) == (metadata.uid(), metadata.gid(), permissions);
    if is_kept { Ok(()) } else { Err(io::ErrorKind::PermissionDenied.into()) }
}

/// Copies the access control list, or removes the one that the folder has given the new file.
#[cfg(target_os = "linux")]
fn keep_list(name: &str, old: &File, new: &File) -> io::Result<()> {
    use rustix::fs::{XattrFlags, fgetxattr, fremovexattr, fsetxattr};
    use rustix::io::Errno;

    /// What an attribute can hold at most, by xattr(7).
    const MAXIMUM: usize = 64 * 1024;
    let is_none = |error: &Errno| [Errno::NODATA, Errno::OPNOTSUPP].contains(error);

    let mut list = vec![0; MAXIMUM];
    let result = match fgetxattr(old, name, list.as_mut_slice()) {
        Ok(length) => {
            list.truncate(length);
            fsetxattr(new, name, &list, XattrFlags::empty())
        }
        Err(error) if is_none(&error) => fremovexattr(new, name).or_else(|error| match error {
            error if is_none(&error) => Ok(()),
            error => Err(error),
        }),
        Err(error) => Err(error),
    };
    Ok(result?)
}

#[cfg(not(target_os = "linux"))]
#[allow(clippy::unnecessary_wraps, reason = "it can fail on Linux")]
fn keep_list(_name: &str, _old: &File, _new: &File) -> io::Result<()> {
    Ok(())
}
