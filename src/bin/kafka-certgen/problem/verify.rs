//! Why nothing could be judged, with its hint.

use anyhow::anyhow;
use kafka_certgen::verify::load::LoadError;

use super::{Failure, Problem};
use crate::report::quote_path;

impl Failure {
    /// Faults were found, and shown.
    pub(crate) fn found() -> Self {
        Self(Vec::new())
    }
}

impl Problem {
    /// What a command was to read, and could not.
    pub(crate) fn of_load(command: &str, error: &LoadError) -> Self {
        let hint = match error {
            LoadError::Inventory(path, _) => format!(
                "restore it, or name stores one by one: `kafka-certgen {command} --keystore {}`",
                quote_path(&path.with_file_name("KEYSTORE").to_string_lossy())
            ),
            LoadError::Io(..) => "name a file that is there and that you can read".to_owned(),
            LoadError::NoBundle(_) => format!(
                "name the folder of a bundle, or stores: `kafka-certgen {command} --keystore FILE --truststore FILE`"
            ),
            LoadError::NotAFile(_) | LoadError::TooLarge(_) => "name a keystore or a truststore".to_owned(),
            _ => format!("see `kafka-certgen {command} --help`"),
        };
        let shown = match error {
            LoadError::Io(_, cause) => anyhow!(crate::secrets::reason(cause)).context(error.to_string()),
            LoadError::Inventory(_, cause) => anyhow!(cause.to_string()).context(error.to_string()),
            error => anyhow!(error.to_string()),
        };
        Self::failed(shown, Some(&hint))
    }
}
