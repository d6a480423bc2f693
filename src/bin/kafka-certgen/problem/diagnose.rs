//! Why a log could not be read, with its hint.

use std::path::Path;

use anyhow::anyhow;
use kafka_certgen::diagnosis::{Form, MatcherError};
use kafka_certgen::name::printable;

use super::{Problem, shown};

impl Problem {
    /// Nobody has named a file, and at a terminal nothing comes by itself.
    pub(crate) fn nothing_to_read() -> Self {
        Self::usage(
            anyhow!("no log is named"),
            "name one: `kafka-certgen diagnose server.log`; to paste a message, `kafka-certgen diagnose -`, and Ctrl-D at its end",
        )
    }

    /// No message of the catalogue has this code.
    pub(crate) fn unknown_message(code: &str) -> Self {
        let error = anyhow!("--explain: no message has the code `{}`", printable(code));
        Self::usage(error, "see the codes: `kafka-certgen diagnose --list`")
    }

    /// A log that has to be turned into text first.
    pub(crate) fn of_form(path: &Path, form: Form) -> Self {
        let is_named = crate::run::named(path).is_some();
        let (what, unpack) = match form {
            Form::Bzip2 => ("compressed with bzip2", "bzcat"),
            Form::Gzip => ("compressed with gzip", "zcat"),
            Form::Utf16 => ("text in UTF-16", "iconv -f UTF-16 -t UTF-8"),
            Form::Xz => ("compressed with xz", "xzcat"),
            Form::Zip => ("a ZIP archive", "unzip -p"),
            Form::Zstd => ("compressed with zstd", "zstdcat"),
            _ => ("not plain text", "cat"),
        };
        let hint = match (is_named, form) {
            (true, _) => format!("read it so: `{unpack} {} | kafka-certgen diagnose`", shown(path)),
            (false, Form::Zip) => "unpack it, and name its files".to_owned(),
            (false, _) => format!("put this before it: `… | {unpack} | kafka-certgen diagnose`"),
        };
        Self::failed(anyhow!("{} is {what}", shown(path)), Some(&hint))
    }
}

impl From<MatcherError> for Problem {
    fn from(error: MatcherError) -> Self {
        Self::failed(error, Some("this should not happen: please report it"))
    }
}
