//! What the image makes of its environment.

use std::fs;
use std::path::Path;

/// Returns the properties that a broker in the container starts with, where `folder` stands in for the folder of secrets.
pub fn properties(environment: &[(&str, String)], folder: &Path) -> String {
    let property = |(name, value): &(&str, String)| {
        let name = name.strip_prefix("KAFKA_").unwrap_or(name).to_ascii_lowercase().replace('_', ".");
        let file = folder.join(value);
        if let Some(store) = name.strip_suffix(".filename") {
            return (format!("{store}.location"), file.display().to_string());
        }
        match name.strip_suffix(".credentials") {
            Some(store) => {
                (format!("{store}.password"), fs::read_to_string(file).unwrap_or_default().trim_end().to_owned())
            }
            None => (name, value.clone()),
        }
    };
    let properties: Vec<(String, String)> = environment.iter().map(property).collect();
    let lines = properties.iter().map(|(name, value)| format!("{name}={value}"));
    lines.collect::<Vec<_>>().join("\n") + "\n"
}
