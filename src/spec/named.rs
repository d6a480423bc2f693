//! Settings that have one of a few values, each with a name.

use std::fmt;

/// The value of a setting that is none of those it can have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownValue {
    /// What the setting is for.
    pub what: &'static str,
    /// The value that was given.
    pub value: String,
    /// The values that it can have.
    pub known: &'static [&'static str],
}

impl fmt::Display for UnknownValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is not a {}", crate::name::printable(&self.value), self.what)
    }
}

impl std::error::Error for UnknownValue {}

/// Declares an enum whose values have names.
macro_rules! named {
    ($(#[$attribute:meta])* $name:ident, $what:literal, { $($(#[$variant_attribute:meta])* $variant:ident = $text:literal,)+ }) => {
        $(#[$attribute])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$variant_attribute])* $variant,)+
        }

        impl $name {
            /// All values.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The names of all values.
            pub const NAMES: &'static [&'static str] = &[$($text),+];

            /// Returns the value's name.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)+
                }
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::spec::UnknownValue;

            fn from_str(text: &str) -> Result<Self, $crate::spec::UnknownValue> {
                match text.to_ascii_lowercase().as_str() {
                    $($text => Ok(Self::$variant),)+
                    _ => Err($crate::spec::UnknownValue { what: $what, value: text.to_owned(), known: Self::NAMES }),
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.name())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.name())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str> as serde::Deserialize>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

pub(super) use named;
