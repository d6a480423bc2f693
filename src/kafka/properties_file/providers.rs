//! Secrets that a file names and does not hold, as Kafka's own config providers find them
//! (`org.apache.kafka.common.config.ConfigTransformer`, `DirectoryConfigProvider`, `FileConfigProvider`).

use zeroize::Zeroizing;

use super::{PropertiesFile, Property};

/// A provider that reads files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Provider {
    /// `${name:FOLDER:FILE}` is what is in a file.
    Directory,
    /// `${name:FILE:KEY}` is a property of a properties file.
    File,
}

/// The most secrets that are read for a file: each store of a node has three, and a node some listeners.
const MOST: usize = 64;

impl PropertiesFile {
    /// Puts secrets in the place of the variables that stand for them, where the file names a provider of Kafka that reads files. `read`
    /// returns what is in the file of this path. No other setting is touched: what is shown to anybody came out of this file alone.
    #[must_use]
    pub fn with_secrets(mut self, read: &mut dyn FnMut(&str) -> Option<Zeroizing<Vec<u8>>>) -> Self {
        let mut found = Vec::new();
        for property in self.properties.values().filter(|property| is_secret(property)).take(MOST) {
            if let Some(value) = self.secret(&property.value, read) {
                found.push((property.key.clone(), value));
            }
        }
        for (key, value) in found {
            if let Some(property) = self.properties.get_mut(&key) {
                property.value = value;
            }
        }
        self
    }

    /// Returns what a variable stands for, if the value is one and nothing else.
    fn secret(
        &self,
        value: &str,
        read: &mut dyn FnMut(&str) -> Option<Zeroizing<Vec<u8>>>,
    ) -> Option<Zeroizing<String>> {
        let variable = value.trim().strip_prefix("${")?.strip_suffix('}')?;
        let (name, rest) = variable.split_once(':')?;
        let (path, key) = rest.split_once(':')?;
        if variable.contains(['{', '}']) {
            return None;
        }
        match self.provider(name)? {
            Provider::Directory if !key.contains('/') => {
                let bytes = read(&format!("{path}/{key}"))?;
                // The end of its line is no blank that somebody has typed; Kafka takes it off with all others (`ConfigDef.parseType`).
                Some(Zeroizing::new(std::str::from_utf8(&bytes).ok()?.trim_end_matches(['\r', '\n']).to_owned()))
            }
            Provider::Directory => None,
            Provider::File => {
                let file = Self::read(&read(path)?).ok()?;
                Some(file.get(key)?.value.clone())
            }
        }
    }

    /// Returns which provider has this name.
    fn provider(&self, name: &str) -> Option<Provider> {
        let names = self.get("config.providers")?.value();
        if !names.split(',').any(|other| other.trim() == name) {
            return None;
        }
        match self.get(&format!("config.providers.{name}.class"))?.value().trim() {
            "org.apache.kafka.common.config.provider.DirectoryConfigProvider" => Some(Provider::Directory),
            "org.apache.kafka.common.config.provider.FileConfigProvider" => Some(Provider::File),
            _ => None,
        }
    }
}

/// Says whether a setting is one whose value is shown to nobody.
fn is_secret(property: &Property) -> bool {
    ["password", "ssl.keystore.key"].iter().any(|key| property.key.ends_with(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROVIDERS: &str = "config.providers = directory, f,env
config.providers.directory.class=org.apache.kafka.common.config.provider.DirectoryConfigProvider
config.providers.f.class=org.apache.kafka.common.config.provider.FileConfigProvider
config.providers.env.class=org.apache.kafka.common.config.provider.EnvVarConfigProvider
";

    /// Returns the value of a setting, and which files were read for it.
    fn resolved(key: &str, value: &str) -> (String, Vec<String>) {
        let mut paths = Vec::new();
        let file = PropertiesFile::read(format!("{PROVIDERS}{key}={value}\n").as_bytes()).unwrap();
        let file = file.with_secrets(&mut |path| {
            paths.push(path.to_owned());
            match path {
                "/ssl/password" => Some(Zeroizing::new(b"changeit\n".to_vec())),
                "/ssl/c.properties" => Some(Zeroizing::new(b"ssl.key.password=k\n".to_vec())),
                _ => None,
            }
        });
        (file.get(key).unwrap().value().to_owned(), paths)
    }

    #[test]
    fn a_secret_is_read_where_kafka_reads_it() {
        let key = "listener.name.ssl.ssl.keystore.password";
        assert_eq!(resolved(key, "${directory:/ssl:password}").0, "changeit");
        assert_eq!(resolved("ssl.key.password", "${f:/ssl/c.properties:ssl.key.password}").0, "k");
    }

    #[test]
    fn what_is_no_secret_or_no_providers_stays_as_it_is() {
        for (key, value) in [
            ("ssl.keystore.location", "${directory:/ssl:password}"),
            ("ssl.key.password", "${env:PASSWORD}"),
            ("ssl.key.password", "${vault:/ssl:password}"),
            ("ssl.key.password", "${directory:/ssl:../etc/shadow}"),
            ("ssl.key.password", "x${directory:/ssl:password}"),
            ("ssl.key.password", "${directory:/ssl:${f:a:b}}"),
            ("ssl.key.password", "${directory}"),
        ] {
            assert_eq!(resolved(key, value), (value.to_owned(), Vec::new()), "{key}={value}");
        }
        let missing = "${f:/ssl/c.properties:nothing}";
        assert_eq!(resolved("ssl.key.password", missing).0, missing);
    }
}
