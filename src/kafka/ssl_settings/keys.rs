//! The keys that Kafka 4 knows about TLS and listeners (`SslConfigs`, `BrokerSecurityConfigs`, `SocketServerConfigs`).

/// `ssl.keystore.type`
pub const KEYSTORE_TYPE: &str = "ssl.keystore.type";
/// `ssl.keystore.location`
pub const KEYSTORE_LOCATION: &str = "ssl.keystore.location";
/// `ssl.keystore.password`
pub const KEYSTORE_PASSWORD: &str = "ssl.keystore.password";
/// `ssl.keystore.key`
pub const KEYSTORE_KEY: &str = "ssl.keystore.key";
/// `ssl.keystore.certificate.chain`
pub const KEYSTORE_CERTIFICATE_CHAIN: &str = "ssl.keystore.certificate.chain";
/// `ssl.key.password`
pub const KEY_PASSWORD: &str = "ssl.key.password";
/// `ssl.truststore.type`
pub const TRUSTSTORE_TYPE: &str = "ssl.truststore.type";
/// `ssl.truststore.location`
pub const TRUSTSTORE_LOCATION: &str = "ssl.truststore.location";
/// `ssl.truststore.password`
pub const TRUSTSTORE_PASSWORD: &str = "ssl.truststore.password";
/// `ssl.truststore.certificates`
pub const TRUSTSTORE_CERTIFICATES: &str = "ssl.truststore.certificates";
/// `ssl.client.auth`
pub const CLIENT_AUTH: &str = "ssl.client.auth";
/// `ssl.endpoint.identification.algorithm`
pub const ENDPOINT_IDENTIFICATION: &str = "ssl.endpoint.identification.algorithm";
/// `ssl.enabled.protocols`
pub const ENABLED_PROTOCOLS: &str = "ssl.enabled.protocols";
/// `ssl.protocol`
pub const PROTOCOL: &str = "ssl.protocol";
/// `ssl.cipher.suites`
pub const CIPHER_SUITES: &str = "ssl.cipher.suites";
/// `ssl.allow.dn.changes`
pub const ALLOW_DN_CHANGES: &str = "ssl.allow.dn.changes";
/// `ssl.allow.san.changes`
pub const ALLOW_SAN_CHANGES: &str = "ssl.allow.san.changes";
/// `ssl.principal.mapping.rules`
pub const PRINCIPAL_MAPPING_RULES: &str = "ssl.principal.mapping.rules";

/// Every `ssl.*` key of Kafka 4.
pub const SSL: [&str; 23] = [
    ALLOW_DN_CHANGES,
    ALLOW_SAN_CHANGES,
    CIPHER_SUITES,
    CLIENT_AUTH,
    ENABLED_PROTOCOLS,
    ENDPOINT_IDENTIFICATION,
    "ssl.engine.factory.class",
    KEY_PASSWORD,
    "ssl.keymanager.algorithm",
    KEYSTORE_CERTIFICATE_CHAIN,
    KEYSTORE_KEY,
    KEYSTORE_LOCATION,
    KEYSTORE_PASSWORD,
    KEYSTORE_TYPE,
    PRINCIPAL_MAPPING_RULES,
    PROTOCOL,
    "ssl.provider",
    "ssl.secure.random.implementation",
    "ssl.trustmanager.algorithm",
    TRUSTSTORE_CERTIFICATES,
    TRUSTSTORE_LOCATION,
    TRUSTSTORE_PASSWORD,
    TRUSTSTORE_TYPE,
];

/// The settings that are passwords or keys (the type PASSWORD of `ConfigDef`).
pub const SECRET: [&str; 6] = [
    KEY_PASSWORD,
    KEYSTORE_CERTIFICATE_CHAIN,
    KEYSTORE_KEY,
    KEYSTORE_PASSWORD,
    TRUSTSTORE_CERTIFICATES,
    TRUSTSTORE_PASSWORD,
];

/// Every key of Kafka 4 about listeners, roles and who may do what, beside `ssl.*`.
pub const LISTENER: [&str; 12] = [
    "advertised.listeners",
    "authorizer.class.name",
    "controller.listener.names",
    "controller.quorum.bootstrap.servers",
    "controller.quorum.voters",
    "early.start.listeners",
    "inter.broker.listener.name",
    "listener.security.protocol.map",
    "listeners",
    "process.roles",
    "security.inter.broker.protocol",
    "super.users",
];
