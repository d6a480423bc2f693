//! Properties files of Kafka, together with the stores that they name.

// Foreign bytes come in here. Tests may fail with a panic.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::indexing_slicing))]

use super::configuration;
use super::material::Configuration;
use super::{Finding, checks};
use crate::kafka::ssl_settings::KafkaSettings;

checks! {
    UNREADABLE = Error "properties-unreadable": "Kafka does not start with a configuration that Java cannot read";
    STORE_MISSING = Error "store-missing": "Kafka does not start if a store is not where the configuration says: `Failed to load SSL keystore`";
    OTHER_PASSWORD = Error "properties-password-differs": "Kafka does not start with a password that does not open the store";
}

/// Judges a properties file.
pub(super) fn judge(material: &Configuration) -> Vec<Finding> {
    let file = match &material.file {
        Ok(file) => file,
        Err(error) => {
            let fix = "mend the line, or restore the file";
            return vec![Finding::new(&UNREADABLE, &material.label, error.to_string(), fix)];
        }
    };
    let settings = KafkaSettings::of(file);
    let mut findings = configuration::judge(&material.label, file, &settings, material.surroundings);
    findings.extend(material.missing.iter().map(|(place, path)| {
        let fix = "write the path where the store is, as Kafka sees it";
        Finding::new(&STORE_MISSING, place, format!("there is no file `{path}`"), fix)
    }));
    if let Some(place) = &material.other_password {
        let fix = "write the password that is in the file `password`";
        findings.push(Finding::new(&OTHER_PASSWORD, place, "it is not the password of the store beside it", fix));
    }
    findings
}
