//! The keys of the file, with what they hold and what they mean: what is read, what is suggested and what the schema says all
//! come from here.

use crate::name::nearest;
use crate::spec::{CertificateProfile, ClientAuth, KeyAlgorithm, PemKey, StoreFormat};

/// What a key holds.
#[derive(Debug, Clone, Copy)]
pub(super) enum Form {
    /// One of a few words.
    Choice(&'static [&'static str]),
    /// Some of a few words.
    Choices(&'static [&'static str]),
    /// A whole number of days.
    Days,
    /// A list of identities.
    Identities,
    /// A path.
    Path,
    /// A mapping with keys of its own.
    Section(&'static Section),
    /// Where a secret comes from.
    Secret,
    /// A text.
    Text,
    /// A list of texts.
    Texts,
}

/// A key.
#[derive(Debug)]
pub(super) struct Key {
    pub(super) name: &'static str,
    pub(super) form: Form,
    /// What it means, as an editor shows it.
    pub(super) about: &'static str,
    /// An example, as it stands in the file.
    pub(super) example: &'static str,
    /// What somebody may write who does not know its name, in lower case with underscores.
    pub(super) guesses: &'static [&'static str],
}

/// A mapping with the keys that it may have.
#[derive(Debug)]
pub(super) struct Section {
    /// What it is called, as in “in `ca`”; empty for the file itself.
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    pub(super) keys: &'static [Key],
}

impl Section {
    /// Returns the key of this name.
    pub(super) fn key(&self, name: &str) -> Option<(usize, &'static Key)> {
        self.keys.iter().enumerate().find(|(_, key)| key.name == name)
    }
}

/// The file.
pub(super) static FILE: Section = Section {
    name: "",
    about: "A Kafka cluster's certificates, as kafka-certgen makes them.",
    keys: &[
        Key {
            name: "ca",
            form: Form::Section(&CA),
            about: "The CA: a new one, of which everything is optional, or one that exists (`certificate` and `key`).",
            example: "",
            guesses: &["certificate_authority", "authority", "issuer", "root"],
        },
        Key {
            name: "defaults",
            form: Form::Section(&DEFAULTS),
            about: "What holds for all identities that do not say otherwise.",
            example: "",
            guesses: &["default", "common", "all", "globals", "settings"],
        },
        Key {
            name: "stores",
            form: Form::Section(&STORES),
            about: "How keystores and truststores are written.",
            example: "",
            guesses: &["store", "keystore", "keystores", "truststore", "truststores"],
        },
        Key {
            name: "client_auth",
            form: Form::Choice(ClientAuth::NAMES),
            about: "What brokers ask of their clients (`ssl.client.auth`): required as soon as there are clients, unless it is said.",
            example: "required",
            guesses: &["ssl_client_auth", "ssl.client.auth", "mtls"],
        },
        Key {
            name: "deploy_dir",
            form: Form::Path,
            about: "The folder that the properties files name, if an identity's files will live elsewhere than in the bundle.",
            example: "/etc/kafka/ssl",
            guesses: &["deploy", "deploy_folder", "dir", "directory"],
        },
        Key {
            name: "brokers",
            form: Form::Identities,
            about: "The brokers, and nodes that are broker and controller: names that clients can connect to, with ranges.",
            example: "",
            guesses: &["broker", "nodes", "servers", "hosts"],
        },
        Key {
            name: "controllers",
            form: Form::Identities,
            about: "The KRaft controllers that are no brokers.",
            example: "",
            guesses: &["controller", "quorum"],
        },
        Key {
            name: "clients",
            form: Form::Identities,
            about: "The clients that get a certificate.",
            example: "",
            guesses: &["client", "users", "apps", "applications"],
        },
    ],
};

/// The CA, whether it is made or exists.
pub(super) static CA: Section = Section {
    name: "ca",
    about: "A CA that is made, or one that exists: then `certificate` and `key` say where, and nothing is said of what it is like.",
    keys: &[
        Key {
            name: "cn",
            form: Form::Text,
            about: "The common name of a new CA: `Kafka CA`, unless it or `dname` is given.",
            example: "Kafka CA",
            guesses: &["name", "common_name"],
        },
        Key {
            name: "dname",
            form: Form::Text,
            about: "The whole distinguished name of a new CA, instead of `cn`.",
            example: "CN=Kafka CA,O=Acme,C=US",
            guesses: &["dn", "subject", "distinguished_name"],
        },
        Key {
            name: "key_algorithm",
            form: Form::Choice(KeyAlgorithm::NAMES),
            about: "The algorithm of a new CA's key: `rsa-3072`, unless it is said.",
            example: "rsa-3072",
            guesses: &["key_alg", "keyalg", "algorithm", "alg"],
        },
        Key {
            name: "validity",
            form: Form::Days,
            about: "For how many days a new CA is valid: 3650, unless it is said.",
            example: "3650",
            guesses: &["days", "valid", "validity_days"],
        },
        Key {
            name: "certificate",
            form: Form::Path,
            about: "The certificate of a CA that exists, with its chain if it is no root; relative to the folder of this file.",
            example: "corp-ca.pem",
            guesses: &["cert", "crt", "ca_cert", "certificate_file"],
        },
        Key {
            name: "key",
            form: Form::Path,
            about: "The private key of a CA that exists; relative to the folder of this file.",
            example: "corp-ca.key",
            guesses: &["private_key", "ca_key", "key_file"],
        },
        Key {
            name: "password",
            form: Form::Secret,
            about: "Where the password of the CA's key comes from. Without it one is made for a new CA, in a file beside the key.",
            example: "env:CA_PASSWORD",
            guesses: &["pass", "passphrase", "ca_pass", "capass", "passin", "secret"],
        },
    ],
};

/// What holds for all identities.
pub(super) static DEFAULTS: Section = Section {
    name: "defaults",
    about: "What holds for all identities that do not say otherwise.",
    keys: &[DNAME, VALIDITY, RENEW_BEFORE, KEY_ALGORITHM, FORMATS],
};

/// How stores are written.
pub(super) static STORES: Section = Section {
    name: "stores",
    about: "How keystores and truststores are written.",
    keys: &[
        Key {
            name: "ca_alias",
            form: Form::Text,
            about: "The alias of the CA's certificate in each store: `CARoot`, unless it is said.",
            example: "CARoot",
            guesses: &["alias", "caalias"],
        },
        Key {
            name: "pem_key",
            form: Form::Choice(PemKey::NAMES),
            about: "How private keys in PEM files are encrypted: `plain`, unless it is said. Kafka reads `pbes2` on Java 21 and later, `pbes1-3des` on Java 11 and later.",
            example: "plain",
            guesses: &["pem", "pemkey", "pem_encryption"],
        },
        Key {
            name: "store_password",
            form: Form::Secret,
            about: "Where the password of all stores comes from. Without it each identity gets one of its own.",
            example: "file:store.password",
            guesses: &["storepass", "password", "pass", "keystore_password", "truststore_password", "secret"],
        },
        Key {
            name: "key_password",
            form: Form::Secret,
            about: "Where the password of the keys in JKS stores and encrypted PEM files comes from: the store's, unless it is said.",
            example: "env:KEY_PASSWORD",
            guesses: &["keypass", "key_pass"],
        },
    ],
};

/// An identity, or several by a range.
pub(super) static IDENTITY: Section = Section {
    name: "an identity",
    about: "An identity, or several by a range in `name`.",
    keys: &[
        Key {
            name: "name",
            form: Form::Text,
            about: "The host name, with ranges: `broker[01-12].{eu,us}.example.com` is 24 identities. It is the common name, the folder and the alias.",
            example: "broker[1-3].example.com",
            guesses: &["host", "hostname", "names", "id"],
        },
        Key {
            name: "sans",
            form: Form::Texts,
            about: "More names and addresses. A range of as many values as there are names is paired with them; a single value goes to all.",
            example: "10.0.0.[1-3]",
            guesses: &["san", "alt_names", "subject_alt_names", "names", "ips", "dns"],
        },
        Key {
            name: "cn",
            form: Form::Text,
            about: "The common name, if it is not the name: one for all, or a range with as many values as there are names.",
            example: "kafka-[1-3]",
            guesses: &["common_name"],
        },
        DNAME,
        VALIDITY,
        RENEW_BEFORE,
        KEY_ALGORITHM,
        FORMATS,
        Key {
            name: "alias",
            form: Form::Text,
            about: "The alias of the key in the stores: one for all, or a range with as many values as there are names. The name in lower case, unless it is said.",
            example: "kafka",
            guesses: &["key_alias", "entry"],
        },
        Key {
            name: "profile",
            form: Form::Choice(CertificateProfile::NAMES),
            about: "What the certificate may be used for, if not for what the list says that it stands in.",
            example: "broker",
            guesses: &["role", "usage", "type", "extended_key_usage"],
        },
    ],
};

const DNAME: Key = Key {
    name: "dname",
    form: Form::Text,
    about: "The rest of the distinguished name, after the common name.",
    example: "O=Acme,C=US",
    guesses: &["dn", "subject", "distinguished_name"],
};

const VALIDITY: Key = Key {
    name: "validity",
    form: Form::Days,
    about: "For how many days certificates are valid: 365, or the CA's days if those are fewer, unless it is said.",
    example: "365",
    guesses: &["days", "valid", "validity_days"],
};

const RENEW_BEFORE: Key = Key {
    name: "renew_before",
    form: Form::Days,
    about: "How many days before its end a certificate is reissued: a third of its validity, unless it is said.",
    example: "120",
    guesses: &["renew", "renewal", "renew_days", "reissue_before"],
};

const KEY_ALGORITHM: Key = Key {
    name: "key_algorithm",
    form: Form::Choice(KeyAlgorithm::NAMES),
    about: "The algorithm of the keys: `rsa-2048`, unless it is said.",
    example: "rsa-2048",
    guesses: &["key_alg", "keyalg", "algorithm", "alg"],
};

const FORMATS: Key = Key {
    name: "formats",
    form: Form::Choices(StoreFormat::NAMES),
    about: "The formats of the stores: `jks` and `pkcs12`, unless it is said.",
    example: "pkcs12",
    guesses: &["format", "store_formats", "storetype", "store_type"],
};

/// All sections, the file itself first.
pub(super) static SECTIONS: [&Section; 5] = [&FILE, &DEFAULTS, &STORES, &IDENTITY, &CA];

/// The longest key that something is suggested for, in bytes. Keys of the file are far shorter.
const MAX_SUGGESTED: usize = 40;

/// Something that a person may have meant.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Suggestion {
    /// This key.
    Key(&'static str),
    /// This key, which stands in another section.
    In(&'static str, &'static str),
}

/// Finds the key that `unknown` may stand for in `section`.
pub(super) fn suggest(unknown: &str, section: &Section) -> Option<Suggestion> {
    if unknown.len() > MAX_SUGGESTED {
        return None;
    }
    let unknown = unknown.to_lowercase().replace('-', "_");
    let guessed = |key: &&Key| key.name == unknown || key.guesses.contains(&unknown.as_str());
    if let Some(key) = section.keys.iter().find(guessed) {
        return Some(Suggestion::Key(key.name));
    }
    let elsewhere = SECTIONS.iter().find(|other| other.name != section.name && other.key(&unknown).is_some());
    if let Some((other, (_, key))) = elsewhere.and_then(|other| Some((other, other.key(&unknown)?))) {
        return Some(Suggestion::In(key.name, other.name));
    }
    nearest(&unknown, section.keys.iter().map(|key| key.name)).map(Suggestion::Key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_fingers_is_understood() {
        for (unknown, section, meant) in [
            ("brokes", &FILE, "brokers"),
            ("Brokers", &FILE, "brokers"),
            ("client-auth", &FILE, "client_auth"),
            ("ssl.client.auth", &FILE, "client_auth"),
            ("validty", &DEFAULTS, "validity"),
            ("vlaidity", &DEFAULTS, "validity"),
            ("key_alg", &DEFAULTS, "key_algorithm"),
            ("storepass", &STORES, "store_password"),
            ("store_pasword", &STORES, "store_password"),
            ("san", &IDENTITY, "sans"),
            ("hostname", &IDENTITY, "name"),
        ] {
            assert_eq!(suggest(unknown, section), Some(Suggestion::Key(meant)), "{unknown}");
        }
        assert_eq!(suggest("validity", &FILE), Some(Suggestion::In("validity", "defaults")));
        assert_eq!(suggest("ca_alias", &IDENTITY), Some(Suggestion::In("ca_alias", "stores")));
        assert_eq!(suggest("zookeeper", &FILE), None);
        assert_eq!(suggest(&"brokers".repeat(100), &FILE), None);
    }

    #[test]
    fn no_guess_is_a_key_beside_it() {
        for section in SECTIONS {
            let mut seen: Vec<&str> = section.keys.iter().map(|key| key.name).collect();
            seen.sort_unstable();
            seen.dedup();
            assert_eq!(seen.len(), section.keys.len());
            for key in section.keys {
                assert!(!key.guesses.iter().any(|guess| section.key(guess).is_some()), "{}", key.name);
            }
        }
    }
}
