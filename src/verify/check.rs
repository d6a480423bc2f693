//! Checks as data.

use std::fmt;

use serde::Serialize;

/// One thing that can be wrong.
#[derive(Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Check {
    /// Its name, which stays: lower case, words with hyphens between, the object first: `leaf-expired`.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// Why it matters, in a sentence without its full stop.
    pub why: &'static str,
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// It works, and somebody will be sorry: soon, with another client, or after a theft.
    Warning,
    /// A broker does not start, a connection fails, or a secret is open to others.
    Error,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}

/// Declares the checks of a module, and `CHECKS`, which lists them.
macro_rules! checks {
    ($( $name:ident = $severity:ident $code:literal: $why:literal; )*) => {
        $(
            #[doc = concat!("`", $code, "`: ", $why, ".")]
            pub(in crate::verify) static $name: $crate::verify::Check =
                $crate::verify::Check { code: $code, severity: $crate::verify::Severity::$severity, why: $why };
        )*

        /// The checks of this module.
        pub(in crate::verify) static CHECKS: &[&$crate::verify::Check] = &[$(&$name),*];
    };
}

pub(super) use checks;
