//! What images of containers say before Kafka starts.

use super::messages;

messages! {
    message "image-variable-missing":
        says ["KAFKA_SSL_{variable} environment variable not set", "KAFKA_SSL_{variable} is required",
            "dub ensure KAFKA_SSL_{variable}] FAILED"],
        by [Docker],
        means "an advertised listener has SSL:// in its address, and the image was not told where the stores and their passwords are",
        causes [IMAGE_VARIABLE_MISSING],
        source "apache/kafka docker/resources/common-scripts/configure; confluentinc/kafka-images#266";

    message "image-file-missing":
        says ["/etc/kafka/secrets/{path} file does not exist", "dub path /etc/kafka/secrets/{path} exists] FAILED"],
        by [Docker],
        means "a file that a variable of the image names is not mounted in /etc/kafka/secrets",
        causes [STORE_MISSING],
        source "apache/kafka docker/resources/common-scripts/configure; confluentinc/cp-docker-images#662";

    message "image-bitnami-stores":
        says ["In order to configure the TLS encryption for Kafka with JKS certs you must mount your kafka.keystore.jks",
            "In order to configure the TLS encryption for Kafka with PEM certs you must mount your kafka.keystore.pem",
            "In order to configure the SASL_SSL listener for Kafka you must mount your kafka.keystore.jks"],
        by [Docker],
        means "the image of Bitnami has a listener with TLS, and its stores are not mounted under the names that it wants",
        causes [STORE_MISSING],
        source "bitnami/containers bitnami/kafka, libkafka.sh, kafka_validate";
}
