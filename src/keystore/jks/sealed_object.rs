//! Finds the end of a secret key in a JCEKS store: a `SealedObject` in Java's serialization, which has no length of its own.
//!
//! Nothing is made of what is read. What the JDK writes there is an object of classes without methods of their own for writing, with
//! strings and arrays of bytes as its fields; anything else has no end that could be found.

use std::rc::Rc;

use super::reader::Reader;
use super::{JksError, SECRET_KEY};

/// `STREAM_MAGIC` and `STREAM_VERSION` (Java Object Serialization Specification §6.4.2).
const START: [u8; 4] = [0xAC, 0xED, 0, 5];
/// The first of the handles, which are counted from here.
const FIRST_HANDLE: u32 = 0x7E_0000;
/// The most classes and objects within each other.
const MAX_DEPTH: usize = 8;
/// The most things that have a handle: the JDK writes a dozen.
const MAX_HANDLES: usize = 256;
/// The most fields of a class.
const MAX_FIELDS: u16 = 64;
/// The one flag of a class that writes its fields and nothing else.
const SERIALIZABLE: u8 = 2;

const ARRAY: u8 = 0x75;
const CLASS: u8 = 0x72;
const END_OF_BLOCK: u8 = 0x78;
const NULL: u8 = 0x70;
const OBJECT: u8 = 0x73;
const REFERENCE: u8 = 0x71;
const STRING: u8 = 0x74;

/// Reads a serialized object, and says whether its end was found.
pub(super) fn skip(reader: &mut Reader<'_>) -> Result<bool, JksError> {
    if reader.array(SECRET_KEY)? != START {
        return Ok(false);
    }
    match (Stream { reader, handles: Vec::new() }).content(MAX_DEPTH) {
        Ok(()) => Ok(true),
        Err(Stop::Malformed(error)) => Err(error),
        Err(Stop::Unknown) => Ok(false),
    }
}

/// Why an object was not read to its end.
enum Stop {
    /// The file ends before it.
    Malformed(JksError),
    /// It is not what the JDK writes.
    Unknown,
}

impl From<JksError> for Stop {
    fn from(error: JksError) -> Self {
        Self::Malformed(error)
    }
}

/// The description of a class.
struct Class {
    name: Vec<u8>,
    /// The type codes of its fields.
    fields: Vec<u8>,
    parent: Option<Rc<Class>>,
}

struct Stream<'r, 'a> {
    reader: &'r mut Reader<'a>,
    /// What can be referred to: classes, and objects of which no more is known.
    handles: Vec<Option<Rc<Class>>>,
}

impl Stream<'_, '_> {
    fn content(&mut self, depth: usize) -> Result<(), Stop> {
        let depth = deeper(depth)?;
        match self.reader.u8(SECRET_KEY)? {
            NULL => Ok(()),
            REFERENCE => self.reference().map(drop),
            STRING => {
                self.reader.short_bytes(SECRET_KEY)?;
                self.hold(None)
            }
            ARRAY => {
                let class = self.class(depth)?.ok_or(Stop::Unknown)?;
                self.hold(None)?;
                // An array of bytes.
                if class.name != b"[B" {
                    return Err(Stop::Unknown);
                }
                self.reader.long_bytes(SECRET_KEY)?;
                Ok(())
            }
            OBJECT => {
                let class = self.class(depth)?.ok_or(Stop::Unknown)?;
                self.hold(None)?;
                self.fields(&class, depth)
            }
            _ => Err(Stop::Unknown),
        }
    }

    /// Reads the fields of an object, those of its parents first.
    fn fields(&mut self, class: &Class, depth: usize) -> Result<(), Stop> {
        if let Some(parent) = &class.parent {
            self.fields(parent, deeper(depth)?)?;
        }
        for field in &class.fields {
            let length = match field {
                b'B' | b'Z' => 1,
                b'C' | b'S' => 2,
                b'F' | b'I' => 4,
                b'D' | b'J' => 8,
                b'L' | b'[' => {
                    self.content(depth)?;
                    0
                }
                _ => return Err(Stop::Unknown),
            };
            for _ in 0..length {
                self.reader.u8(SECRET_KEY)?;
            }
        }
        Ok(())
    }

    /// Reads the description of a class, or a reference to one.
    fn class(&mut self, depth: usize) -> Result<Option<Rc<Class>>, Stop> {
        let depth = deeper(depth)?;
        match self.reader.u8(SECRET_KEY)? {
            NULL => return Ok(None),
            REFERENCE => return self.reference(),
            CLASS => {}
            _ => return Err(Stop::Unknown),
        }
        let name = self.reader.short_bytes(SECRET_KEY)?.to_vec();
        self.reader.i64(SECRET_KEY)?;
        let place = self.handles.len();
        self.hold(None)?;
        if self.reader.u8(SECRET_KEY)? != SERIALIZABLE {
            return Err(Stop::Unknown);
        }
        let fields = self.field_types(depth)?;
        if self.reader.u8(SECRET_KEY)? != END_OF_BLOCK {
            return Err(Stop::Unknown);
        }
        let class = Rc::new(Class { name, fields, parent: self.class(depth)? });
        if let Some(held) = self.handles.get_mut(place) {
            *held = Some(Rc::clone(&class));
        }
        Ok(Some(class))
    }

    fn field_types(&mut self, depth: usize) -> Result<Vec<u8>, Stop> {
        let count = self.reader.array(SECRET_KEY).map(u16::from_be_bytes)?;
        if count > MAX_FIELDS {
            return Err(Stop::Unknown);
        }
        let mut types = Vec::new();
        for _ in 0..count {
            let kind = self.reader.u8(SECRET_KEY)?;
            self.reader.short_bytes(SECRET_KEY)?;
            if matches!(kind, b'L' | b'[') {
                self.content(depth)?;
            }
            types.push(kind);
        }
        Ok(types)
    }

    fn reference(&mut self) -> Result<Option<Rc<Class>>, Stop> {
        let at = self.reader.u32(SECRET_KEY)?.checked_sub(FIRST_HANDLE).and_then(|at| usize::try_from(at).ok());
        at.and_then(|at| self.handles.get(at)).cloned().ok_or(Stop::Unknown)
    }

    fn hold(&mut self, class: Option<Rc<Class>>) -> Result<(), Stop> {
        if self.handles.len() >= MAX_HANDLES {
            return Err(Stop::Unknown);
        }
        self.handles.push(class);
        Ok(())
    }
}

fn deeper(depth: usize) -> Result<usize, Stop> {
    depth.checked_sub(1).ok_or(Stop::Unknown)
}
