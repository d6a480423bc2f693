//! How stores are written, and what the configuration beside them says.

use super::named::named;

named! {
    /// The format of keystores and truststores.
    StoreFormat, "store format", {
        /// `JKS`, the JDK's own (`sun.security.provider.JavaKeyStore`).
        Jks = "jks",
        /// `PKCS12` (RFC 7292), with the JDK's parameters.
        Pkcs12 = "pkcs12",
        /// `PEM`, as Kafka reads it since 2.7 (KIP-651).
        Pem = "pem",
    }
}

impl StoreFormat {
    /// Returns the format, of those of an identity's stores, that its properties files name: PKCS#12 before JKS before PEM.
    ///
    /// PKCS#12 is what every JDK since 8u301 and every other reader takes, and the better protected of the two.
    pub fn preferred(formats: &[Self]) -> Self {
        let order = [Self::Pkcs12, Self::Jks, Self::Pem];
        order.into_iter().find(|format| formats.contains(format)).unwrap_or(Self::Pkcs12)
    }

    /// Returns the ending of its files.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Jks => "jks",
            Self::Pkcs12 => "p12",
            Self::Pem => "pem",
        }
    }

    /// Returns the value of `ssl.keystore.type`. Kafka compares `PEM` by its exact letters.
    pub const fn kafka_type(self) -> &'static str {
        match self {
            Self::Jks => "JKS",
            Self::Pkcs12 => "PKCS12",
            Self::Pem => "PEM",
        }
    }
}

named! {
    /// With which algorithms a PKCS#12 store is encrypted and authenticated: by who shall read it.
    Pkcs12Profile, "PKCS#12 profile", {
        /// What the JDK and OpenSSL 3 write: PBES2 with PBKDF2-HMAC-SHA256 and AES-256-CBC, and a MAC of HMAC-SHA256. No JDK before 8u301
        /// and 11.0.12 reads it.
        Modern = "modern",
        /// `pbeWithSHAAnd3-KeyTripleDES-CBC` for keys and certificates (RFC 7292 appendix C), and a MAC of HMAC-SHA1: what old JDKs and
        /// old tools read too. OpenSSL 3 reads it, since it is without the 40-bit RC2 of other old stores.
        Legacy = "legacy",
    }
}

named! {
    /// The form that a store is exported in.
    ExportFormat, "format to export", {
        /// `JKS`, the JDK's own.
        Jks = "jks",
        /// PKCS#12 (RFC 7292).
        Pkcs12 = "pkcs12",
        /// Text: keys in PKCS#8, and certificates.
        Pem = "pem",
        /// One key or one certificate a file, as it is encoded.
        Der = "der",
    }
}

impl ExportFormat {
    /// Says whether it is a store with entries under aliases, and a password.
    pub const fn is_store(self) -> bool {
        matches!(self, Self::Jks | Self::Pkcs12)
    }

    /// Returns its name for a text.
    pub const fn shown(self) -> &'static str {
        match self {
            Self::Jks => "JKS",
            Self::Pkcs12 => "PKCS#12",
            Self::Pem => "PEM",
            Self::Der => "DER",
        }
    }
}

named! {
    /// How a private key stands in a PEM keystore. It is PKCS#8 in any case: Kafka reads nothing else.
    PemKey, "PEM key encryption", {
        /// Not encrypted; the file's mode protects it.
        Plain = "plain",
        /// PBES2 with PBKDF2-HMAC-SHA256 and AES-256-CBC (RFC 8018): Java 21 and later read it in Kafka.
        Pbes2 = "pbes2",
        /// `pbeWithSHAAnd3-KeyTripleDES-CBC` (RFC 7292 appendix C): Java 11 and 17 read it in Kafka too.
        Pbes1 = "pbes1-3des",
    }
}

named! {
    /// Where the files lie in the bundle's folder.
    Layout, "layout", {
        /// One folder for the CA and one for each identity.
        Nodes = "nodes",
        /// One broker's files under exactly the script's names, in one folder.
        Script = "script",
    }
}

named! {
    /// The value of `ssl.client.auth`.
    ClientAuth, "value for client authentication", {
        /// No connection without a certificate.
        Required = "required",
        /// A certificate is asked for; who has none is `User:ANONYMOUS`.
        Requested = "requested",
        /// No certificate is asked for.
        None = "none",
    }
}
