//! Keys that Kafka does not know, and values that are not what they look like.

use super::{Configuration, Finding, Property, checks};
use crate::kafka::ssl_settings::{KafkaSettings, keys, variable_provider};
use crate::name::printable;

checks! {
    NOT_OF_KAFKA = Error "configuration-not-of-kafka": "without a single setting of Kafka's TLS it is most likely another file than the one that was meant, and nothing in it was judged";
    UNKNOWN = Warning "setting-unknown": "Kafka ignores a key that it does not know, and takes the default";
    DUPLICATE = Warning "setting-duplicate": "of a key that is there twice the last counts, whatever the other says";
    VARIABLE = Warning "setting-from-provider": "the value is known only where Kafka runs, so that what depends on it was not judged";
    NO_PROVIDER = Warning "setting-without-provider": "without config.providers, Kafka takes the text of a variable for the value itself";
    LOST_BACKSLASH = Warning "setting-lost-backslash": "a properties file takes a single backslash away, and the value is another than it looks";
    BLANKS = Warning "setting-blanks": "Kafka takes the blanks around a value off, and a password that has them is another one";
}

/// The prefixes under which a worker has settings of other clients.
const CLIENT_PREFIXES: [&str; 5] = ["producer.", "consumer.", "admin.", "listeners.https.", "admin.listeners.https."];

/// The most keys that are compared with those that Kafka knows.
const MAX_COMPARED: usize = 1000;

pub(super) fn none_of_kafka(configuration: &Configuration<'_>) -> Vec<Finding> {
    let has_tls = configuration.file.iter().any(|property| property.key().contains("ssl."));
    if has_tls || !matches!(configuration.settings, KafkaSettings::Part(_)) {
        return Vec::new();
    }
    let fix = "name a properties file of a broker, a controller or a client";
    vec![Finding::new(&NOT_OF_KAFKA, configuration.name, "it has no setting that Kafka knows", fix)]
}

pub(super) fn unknown(configuration: &Configuration<'_>) -> Vec<Finding> {
    let is_known =
        |key: &str| keys::SSL.iter().chain(&keys::LISTENER).any(|known| *known == key) || key == "security.protocol";
    let unknown = configuration.file.iter().filter_map(|property| {
        let key = bare(property.key());
        Some((property, key)).filter(|_| !is_known(key))
    });
    let findings = unknown.take(MAX_COMPARED.saturating_mul(10)).filter_map(|(property, key)| {
        let near = nearest(key);
        if near.is_none() && !key.starts_with("ssl.") {
            return None;
        }
        let found = format!("Kafka knows no `{}`", property.key());
        let fix = match near {
            Some(near) => format!("write `{}{near}`", printable(prefix(property.key()))),
            None => "take the line out, or look the key up in Kafka's documentation".to_owned(),
        };
        Some(Finding::new(&UNKNOWN, &configuration.at_property(property), found, fix))
    });
    findings.take(MAX_COMPARED).collect()
}

/// Returns what stands before the `ssl.` of a setting of a listener or a worker's client.
fn prefix(key: &str) -> &str {
    key.strip_suffix(bare(key)).unwrap_or_default()
}

fn bare(key: &str) -> &str {
    if let Some(rest) = key.strip_prefix("listener.name.") {
        return rest.split_once('.').map_or(key, |(_, bare)| bare);
    }
    CLIENT_PREFIXES.iter().find_map(|prefix| key.strip_prefix(prefix)).unwrap_or(key)
}

/// Returns the key that was probably meant.
fn nearest(key: &str) -> Option<&'static str> {
    const ELSEWHERE: [(&str, &str); 5] = [
        ("ssl.client.authentication", keys::CLIENT_AUTH),
        ("ssl.keystore.key.password", keys::KEY_PASSWORD),
        ("ssl.ca.location", keys::TRUSTSTORE_LOCATION),
        ("ssl.keystore.certificates", keys::KEYSTORE_CERTIFICATE_CHAIN),
        ("ssl.truststore.certificate.chain", keys::TRUSTSTORE_CERTIFICATES),
    ];
    if let Some((_, meant)) = ELSEWHERE.iter().find(|(written, _)| *written == key) {
        return Some(meant);
    }
    let folded: String = key.to_lowercase().replace(['_', '-'], ".");
    let known = keys::SSL.iter().chain(&keys::LISTENER).chain(&["security.protocol"]);
    let near = known.filter_map(|known| {
        let without_dots = |text: &str| text.replace('.', "");
        if without_dots(&folded) == without_dots(known) {
            return Some((0, *known));
        }
        let distance = distance(folded.as_bytes(), known.as_bytes())?;
        Some((distance, *known))
    });
    near.min().map(|(_, known)| known)
}

/// Returns how many letters have to be changed, put in or taken out, if it is two at most.
fn distance(one: &[u8], other: &[u8]) -> Option<usize> {
    const MOST: usize = 2;
    if one.len().abs_diff(other.len()) > MOST {
        return None;
    }
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (index, letter) in one.iter().enumerate() {
        let mut left = index + 1;
        let mut diagonal = index;
        for (column, other_letter) in other.iter().enumerate() {
            let above = row.get(column + 1).copied().unwrap_or(usize::MAX - 1);
            let best = (above + 1).min(left + 1).min(diagonal + usize::from(letter != other_letter));
            diagonal = above;
            if let Some(cell) = row.get_mut(column) {
                *cell = left;
            }
            left = best;
        }
        if let Some(cell) = row.last_mut() {
            *cell = left;
        }
    }
    row.last().copied().filter(|distance| *distance <= MOST)
}

pub(super) fn duplicate(configuration: &Configuration<'_>) -> Vec<Finding> {
    let duplicates = of_tls(configuration).filter_map(|property| {
        let earlier = property.earlier_lines().last()?;
        let found = format!("`{}` is also set at line {earlier}, which has no effect", property.key());
        Some(Finding::new(&DUPLICATE, &configuration.at_property(property), found, "take one of the lines out"))
    });
    duplicates.collect()
}

/// Returns the properties that are about TLS, listeners and principals.
fn of_tls<'a>(configuration: &Configuration<'a>) -> impl Iterator<Item = &'a Property> {
    let is_one = |key: &str| key.starts_with("ssl.") || keys::LISTENER.contains(&key) || key == "security.protocol";
    configuration.file.iter().filter(move |property| is_one(bare(property.key())))
}

pub(super) fn variable(configuration: &Configuration<'_>) -> Vec<Finding> {
    let providers = configuration.file.get("config.providers").map(Property::value).unwrap_or_default();
    let is_known = |provider: &str| providers.split(',').any(|known| known.trim() == provider);
    let variables = of_tls(configuration).filter_map(|property| {
        let provider = variable_provider(property.value())?;
        let at = configuration.at_property(property);
        Some(if is_known(provider) {
            let found = format!("`{}` comes from the config provider `{provider}`", property.key());
            Finding::new(&VARIABLE, &at, found, "verify a copy of the file that has the value in its place")
        } else {
            let found =
                format!("`{}` is a variable of `{provider}`, which config.providers does not name", property.key());
            Finding::new(&NO_PROVIDER, &at, found, "name the provider in config.providers, or write the value itself")
        })
    });
    variables.collect()
}

pub(super) fn lost_backslash(configuration: &Configuration<'_>) -> Vec<Finding> {
    let lost = of_tls(configuration).filter(|property| property.has_lost_backslash());
    let findings = lost.map(|property| {
        let found = format!("the value of `{}` has a backslash before a letter that needs none", property.key());
        let fix = "write every backslash twice; in a path of Windows, / does as well";
        Finding::new(&LOST_BACKSLASH, &configuration.at_property(property), found, fix)
    });
    findings.collect()
}

pub(super) fn blanks(configuration: &Configuration<'_>) -> Vec<Finding> {
    const PASSWORDS: [&str; 3] = [keys::KEYSTORE_PASSWORD, keys::KEY_PASSWORD, keys::TRUSTSTORE_PASSWORD];
    let is_blank = |c: char| c <= ' ';
    let passwords = of_tls(configuration).filter(|property| PASSWORDS.contains(&bare(property.key())));
    let blank = passwords.filter(|p| p.value().starts_with(is_blank) || p.value().ends_with(is_blank));
    let findings = blank.map(|property| {
        let found = format!("the value of `{}` begins or ends with a blank", property.key());
        let fix = "take the blank out, and if it belongs to the password, choose another password";
        Finding::new(&BLANKS, &configuration.at_property(property), found, fix)
    });
    findings.collect()
}
