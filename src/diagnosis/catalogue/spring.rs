//! What Spring Boot says before Kafka's client has its turn.

use super::messages;

messages! {
    wrapper "spring-store-not-created":
        says ["Unable to create key store: ", "Unable to create trust store: "],
        by [Spring],
        means "a store of an SSL bundle cannot be made, and the line or those below it say why",
        causes [STORE_MISSING, STORE_PASSWORD_WRONG, PEM_MALFORMED],
        source "org.springframework.boot.ssl.jks.JksSslStoreBundle.createKeyStore, \
                org.springframework.boot.ssl.pem.PemSslStoreBundle.createKeyStore";

    wrapper "spring-store-not-loaded":
        says ["Could not load store from '{path}'"],
        by [Spring],
        means "a store of an SSL bundle is not there, or its password is another one",
        causes [STORE_MISSING, STORE_PASSWORD_WRONG, STORE_TYPE_WRONG],
        source "org.springframework.boot.ssl.jks.JksSslStoreBundle.loadKeyStore";

    message "spring-bundle-unknown":
        says ["SSL bundle name '{bundle}' cannot be found"],
        by [Spring],
        means "spring.kafka.ssl.bundle names a bundle that spring.ssl.bundle does not define",
        causes [CONFIGURATION_INCOMPLETE],
        source "DefaultSslBundleRegistry.getRegistered";

    message "spring-pem-unreadable":
        says ["Error reading certificate or key from file '{path}'", "Missing certificates or unrecognized format",
            "Missing private key or unrecognized format"],
        by [Spring],
        means "a PEM file of an SSL bundle is not there, or has no certificate or key that can be read",
        causes [STORE_MISSING, PEM_MALFORMED],
        source "org.springframework.boot.ssl.pem.PemContent, PemCertificateParser, PemPrivateKeyParser";

    message "spring-bundle-not-reloadable":
        says ["has been updated but may be in use by a technology that doesn't support SSL reloading"],
        by [Spring],
        means "the files of an SSL bundle are new, and Kafka's client goes on with the old ones until it is made again",
        causes [STORES_NOT_LOADED_AGAIN],
        source "org.springframework.boot.ssl.DefaultSslBundleRegistry";

    wrapper "spring-admin-failed":
        says ["Could not configure topics"],
        by [Spring],
        means "KafkaAdmin has reached no broker; what stands below it says why",
        causes [CLIENT_WITHOUT_TLS, BROKER_CA_UNKNOWN, CONNECTION_REFUSED],
        source "org.springframework.kafka.core.KafkaAdmin.initialize";
}
