//! What Java and Kafka say where a keystore, a truststore or a key cannot be loaded.

use super::messages;

messages! {
    wrapper "store-load-failed":
        says ["Failed to load SSL keystore {path} of type {type}"],
        by [Java, Broker],
        means "a keystore or truststore cannot be loaded, and the line that begins with Caused by says why",
        causes [STORE_PASSWORD_WRONG, STORE_TYPE_WRONG, STORE_MISSING, STORE_DAMAGED],
        source "DefaultSslEngineFactory.FileBasedStore.load";

    wrapper "store-pem-load-failed":
        says ["Failed to load PEM SSL keystore {path}"],
        by [Java, Broker],
        means "a store in PEM cannot be loaded, and the line that begins with Caused by says why",
        causes [PEM_KEY_FORM, PEM_MALFORMED, STORE_MISSING],
        source "DefaultSslEngineFactory.FileBasedPemStore.load";

    message "store-file-missing":
        says ["NoSuchFileException: {path}.jks", "NoSuchFileException: {path}.p12", "NoSuchFileException: {path}.pfx",
            "NoSuchFileException: {path}.pem", "NoSuchFileException: {path}.keystore",
            "NoSuchFileException: {path}.truststore", "FileNotFoundException: {path}.jks (No such file or directory)",
            "FileNotFoundException: {path}.p12 (No such file or directory)",
            "FileNotFoundException: {path}.pfx (No such file or directory)",
            "FileNotFoundException: {path}.pem (No such file or directory)"],
        by [Java, Broker],
        means "a file that the configuration names is not there",
        causes [STORE_MISSING],
        source "java.nio.file.Files.newInputStream, java.io.FileInputStream, as DefaultSslEngineFactory calls them";

    message "store-file-denied":
        says ["AccessDeniedException: {path}.jks", "AccessDeniedException: {path}.p12",
            "AccessDeniedException: {path}.pfx", "AccessDeniedException: {path}.pem",
            "AccessDeniedException: {path}.keystore", "AccessDeniedException: {path}.truststore",
            "FileNotFoundException: {path}.jks (Permission denied)",
            "FileNotFoundException: {path}.p12 (Permission denied)",
            "FileNotFoundException: {path}.pfx (Permission denied)",
            "FileNotFoundException: {path}.pem (Permission denied)"],
        by [Java, Broker],
        means "the process may not read a file that the configuration names",
        causes [STORE_UNREADABLE],
        source "java.nio.file.Files.newInputStream, java.io.FileInputStream, as DefaultSslEngineFactory calls them";

    message "store-file-folder":
        says ["IOException: Is a directory", "FileNotFoundException: {path}.jks (Is a directory)",
            "FileNotFoundException: {path}.p12 (Is a directory)"],
        by [Java, Broker],
        means "the configuration names a folder in place of a file: Docker makes one where the file to be mounted is missing",
        causes [STORE_MISSING, STORE_UNREADABLE],
        source "java.nio.channels.FileChannel.read, java.io.FileInputStream";

    message "store-tampered":
        says ["Keystore was tampered with, or password was incorrect"],
        by [Java, Broker],
        means "the password is not that of the JKS store, or the store was changed",
        causes [STORE_PASSWORD_WRONG, STORE_DAMAGED],
        source "sun.security.provider.JavaKeyStore.engineLoad";

    message "store-password-incorrect":
        says ["keystore password was incorrect", "failed to decrypt safe contents entry"],
        by [Java, Broker],
        means "the password is not that of the PKCS#12 store, or this Java does not know how it is encrypted",
        causes [STORE_PASSWORD_WRONG, STORE_ALGORITHM_UNKNOWN],
        source "sun.security.pkcs12.PKCS12KeyStore.engineLoad";

    message "store-integrity":
        says ["Failed PKCS12 integrity checking"],
        by [Java, Broker],
        means "the password is not that of the PKCS#12 store, or the store was changed",
        causes [STORE_PASSWORD_WRONG, STORE_DAMAGED],
        source "sun.security.pkcs12.PKCS12KeyStore.engineLoad";

    message "store-mac-unknown":
        says ["Algorithm HmacPBESHA256 not available", "Integrity check failed: java.security.NoSuchAlgorithmException"],
        by [Java, Broker],
        means "the PKCS#12 store is checked in a way that is newer than this Java",
        causes [STORE_ALGORITHM_UNKNOWN],
        source "javax.crypto.Mac.getInstance, as sun.security.pkcs12.PKCS12KeyStore calls it; \
                confluentinc/schema-registry#2427";

    message "store-parameters-unknown":
        says ["parseAlgParameters failed: ObjectIdentifier() -- data isn't an object ID (tag = {tag})"],
        by [Java, Broker],
        means "the PKCS#12 store is encrypted in a way that is newer than this Java, one of 8 before 8u301",
        causes [STORE_ALGORITHM_UNKNOWN],
        source "sun.security.pkcs12.PKCS12KeyStore.parseAlgParameters; ibm-messaging/kafka-java-vertx-starter#239";

    message "store-iterations":
        says ["MAC iteration count too large", "PBE iteration count too large"],
        by [Java, Broker],
        means "the PKCS#12 store asks for more iterations than Java is willing to do",
        causes [STORE_ALGORITHM_UNKNOWN],
        source "sun.security.pkcs12.PKCS12KeyStore.engineLoad";

    message "store-format-invalid":
        says ["Invalid keystore format"],
        by [Java, Broker],
        means "the file is no JKS store",
        causes [STORE_TYPE_WRONG, STORE_DAMAGED],
        source "sun.security.provider.JavaKeyStore.engineLoad";

    message "store-not-pkcs12":
        says ["toDerInputStream rejects tag type {tag}", "DerInputStream.getLength(): lengthTag={tag}, too big.",
            "lengthTag={tag}, too big.", "PKCS12 keystore not in version 3 format", "Tag number over 30 is not supported"],
        by [Java, Broker],
        means "the file is no PKCS#12 store",
        causes [STORE_TYPE_WRONG, STORE_DAMAGED],
        source "sun.security.util.DerValue, sun.security.util.DerInputStream, as sun.security.pkcs12.PKCS12KeyStore \
                calls them; measured with kafka-clients 4.3.1";

    message "store-short":
        says ["Short read of DER length", "DerValue.getOctetString, not an Octet String"],
        by [Java, Broker],
        means "the file is no PKCS#12 store, or ends before the store does",
        causes [STORE_DAMAGED, STORE_TYPE_WRONG],
        source "sun.security.util.DerInputStream, sun.security.util.DerValue";

    message "store-type-unknown":
        says ["java.security.KeyStoreException: {type} not found"],
        by [Java, Broker],
        means "Java has no store of that type; PEM must be written in capitals",
        causes [STORE_TYPE_WRONG],
        source "java.security.KeyStore.getInstance; measured with kafka-clients 4.3.1 and the type pem";

    message "key-not-recovered":
        says ["UnrecoverableKeyException: Cannot recover key"],
        by [Java, Broker],
        means "the private key in the JKS store has another password than the one that is tried",
        causes [KEY_PASSWORD_WRONG],
        source "sun.security.provider.KeyProtector.recover; bitnami/charts#21791";

    message "key-padding":
        says ["Get Key failed: Given final block not properly padded"],
        by [Java, Broker],
        means "the private key in the PKCS#12 store has another password than ssl.key.password",
        causes [KEY_PASSWORD_WRONG],
        source "sun.security.pkcs12.PKCS12KeyStore.engineGetKey; measured with kafka-clients 4.3.1";

    wrapper "key-block-padding":
        says ["BadPaddingException: Given final block not properly padded", "Given final block not properly padded. Such issues"],
        by [Java, Broker],
        means "something was decrypted with a wrong password: a key, or a store",
        causes [KEY_PASSWORD_WRONG, PEM_KEY_PASSWORD, STORE_PASSWORD_WRONG],
        source "com.sun.crypto.provider.CipherCore.unpad";

    wrapper "pem-configuration-invalid":
        says ["Invalid PEM keystore configs", "Invalid PEM truststore configs"],
        by [Java, Broker],
        means "key or certificates in PEM cannot be used, and the line that begins with Caused by says why",
        causes [PEM_KEY_FORM, PEM_KEY_ENCRYPTION, PEM_KEY_PASSWORD, PEM_MALFORMED],
        source "DefaultSslEngineFactory.PemStore";

    message "pem-key-not-pkcs8":
        says ["algid parse error, not a sequence"],
        by [Java, Broker],
        means "the private key in PEM is in the form of OpenSSL's old commands, and Kafka reads PKCS#8 alone",
        causes [PEM_KEY_FORM],
        source "sun.security.x509.AlgorithmId.parse; strimzi/strimzi-kafka-operator#12163";

    message "pem-key-encryption-unknown":
        says ["PBES2 SecretKeyFactory not available", "1.2.840.113549.1.5.13 SecretKeyFactory not available"],
        by [Java, Broker],
        means "the private key in PEM is encrypted as OpenSSL 3 does it, which Kafka reads on Java 21 and later",
        causes [PEM_KEY_ENCRYPTION],
        source "javax.crypto.SecretKeyFactory, as DefaultSslEngineFactory.PemStore calls it; netty/netty#13536; \
                measured with Java 11 and 17";

    message "pem-key-plain":
        says ["overrun, bytes = {count}"],
        by [Java, Broker],
        means "ssl.key.password is set, and the private key in PEM is not encrypted",
        causes [PEM_KEY_PASSWORD],
        source "javax.crypto.EncryptedPrivateKeyInfo, as DefaultSslEngineFactory.PemStore calls it; measured with \
                kafka-clients 4.3.1";

    wrapper "pem-key-unreadable":
        says ["Private key could not be loaded"],
        by [Java, Broker],
        means "Kafka has tried the private key in PEM as one of RSA, DSA and EC, and can read it as none",
        causes [PEM_KEY_FORM, PEM_KEY_PASSWORD],
        source "DefaultSslEngineFactory.PemStore.privateKey";

    message "pem-key-encrypted":
        says ["DerValue.getBigIntegerInternal, not expected 48"],
        by [Java, Broker],
        means "the private key in PEM is encrypted, and ssl.key.password is not set",
        causes [PEM_KEY_PASSWORD],
        source "sun.security.util.DerValue.getBigIntegerInternal, as sun.security.pkcs.PKCS8Key calls it; measured \
                with kafka-clients 4.3.1";

    message "pem-key-password-wrong":
        says ["InvalidKeySpecException: Cannot retrieve the PKCS8EncodedKeySpec"],
        by [Java, Broker],
        means "the private key in PEM has another password than ssl.key.password",
        causes [PEM_KEY_PASSWORD],
        source "javax.crypto.EncryptedPrivateKeyInfo.getKeySpec; measured with kafka-clients 4.3.1";

    message "pem-key-kind":
        says ["InvalidKeyException: Invalid RSA private key", "InvalidKeyException: Invalid EC private key"],
        by [Java, Broker],
        means "the private key in PEM is of a kind that Kafka does not read from PEM, such as Ed25519, or is damaged",
        causes [PEM_KEY_FORM],
        source "sun.security.rsa.RSAPrivateCrtKeyImpl, as DefaultSslEngineFactory.PemStore calls it; measured with \
                kafka-clients 4.3.1";

    message "pem-chain-order":
        says ["KeyStoreException: Certificate chain is not valid"],
        by [Java, Broker],
        means "the certificates in PEM do not stand in the order of their issuers, the key's first",
        causes [PEM_MALFORMED],
        source "sun.security.pkcs12.PKCS12KeyStore.engineSetKeyEntry; measured with kafka-clients 4.3.1";

    message "pem-entries-missing":
        says ["No matching {kind} entries in PEM file"],
        by [Java, Broker],
        means "text that should have a key or certificates in PEM has none",
        causes [PEM_MALFORMED, STORE_TYPE_WRONG],
        source "DefaultSslEngineFactory.PemParser.pemEntries";

    message "pem-certificates-missing":
        says ["At least one certificate expected, but none found", "Private key not provided",
            "Expected one private key, but found {count}"],
        by [Java, Broker],
        means "a store in PEM lacks its certificates, or has no private key or several",
        causes [PEM_MALFORMED],
        source "DefaultSslEngineFactory.PemStore";

    message "store-modification-time":
        says ["Modification time of key store could not be obtained: {path}"],
        by [Java, Broker],
        means "a file that the configuration names is not there, or cannot be looked at",
        causes [STORE_MISSING, STORE_UNREADABLE],
        source "DefaultSslEngineFactory.FileBasedStore.lastModifiedMs";

    message "settings-algorithm-unknown":
        says [" SSLContext not available", " TrustManagerFactory not available", " KeyManagerFactory not available",
            "NoSuchProviderException: no such provider: {provider}"],
        by [Java, Broker],
        means "ssl.protocol, ssl.keymanager.algorithm, ssl.trustmanager.algorithm or ssl.provider has a value that Java does not know",
        causes [CONFIGURATION_INVALID],
        source "sun.security.jca.GetInstance.getInstance; measured with kafka-clients 4.3.1";

    message "settings-cipher-suite-unknown":
        says ["Unsupported CipherSuite: {suite}"],
        by [Java, Broker],
        means "ssl.cipher.suites names a cipher suite that Java does not know",
        causes [CONFIGURATION_INVALID],
        source "sun.security.ssl.CipherSuite.validValuesOf; measured with Kafka 4.3.1";

    message "settings-key-incomplete":
        says ["SSL private key is specified, but certificate chain is not specified",
            "SSL certificate chain is specified, but private key is not specified",
            "Both SSL key store location and separate private key are specified",
            "Both SSL trust store location and separate trust certificates are specified"],
        by [Java, Broker],
        means "key and certificates in the properties are not both there, or a file is named as well",
        causes [CONFIGURATION_INCOMPLETE],
        source "DefaultSslEngineFactory.createKeystore and createTruststore";

    message "settings-pem-only":
        says ["SSL private key can be specified only for PEM, but key store type is {type}.",
            "SSL trust store certs can be specified only for PEM, but trust store type is {type}."],
        by [Java, Broker],
        means "keys and certificates stand in the properties, and the type of the store is not PEM",
        causes [STORE_TYPE_WRONG, CONFIGURATION_INCOMPLETE],
        source "DefaultSslEngineFactory.createKeystore and createTruststore";

    message "settings-pem-password":
        says ["SSL key store password cannot be specified with PEM format, only key password may be specified",
            "SSL trust store password cannot be specified for PEM format."],
        by [Java, Broker],
        means "a store in PEM has a password in the settings, and PEM has none",
        causes [CONFIGURATION_INCOMPLETE],
        source "DefaultSslEngineFactory.createKeystore and createTruststore";

    message "settings-store-password":
        says ["SSL key store is specified, but key store password is not specified.",
            "SSL key store is not specified, but key store password is specified.",
            "SSL trust store is not specified, but trust store password is specified."],
        by [Java, Broker],
        means "of a store and its password, one is set and the other is not",
        causes [CONFIGURATION_INCOMPLETE],
        source "DefaultSslEngineFactory.createKeystore and createTruststore";
}
