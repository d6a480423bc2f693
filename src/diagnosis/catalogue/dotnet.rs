//! What .NET's own TLS says. Confluent.Kafka is librdkafka, and says what that says.

use super::messages;

messages! {
    message "dotnet-name-mismatch":
        says ["The remote certificate is invalid according to the validation procedure: RemoteCertificateNameMismatch"],
        by [DotNet],
        means "the client has refused the broker's certificate, which lacks the name that the client has connected to",
        causes [HOST_NOT_IN_CERTIFICATE, ALT_NAME_MISSING],
        source ".NET System.Net.Security, net_ssl_io_cert_validation with SslPolicyErrors";

    message "dotnet-chain-errors":
        says ["The remote certificate is invalid because of errors in the certificate chain: UntrustedRoot",
            "The remote certificate is invalid because of errors in the certificate chain: PartialChain",
            "The remote certificate is invalid according to the validation procedure: RemoteCertificateChainErrors"],
        by [DotNet],
        means "the client has refused the broker's certificate: it does not trust the CA that has issued it",
        causes [BROKER_CA_UNKNOWN, INTERMEDIATE_MISSING],
        source ".NET System.Net.Security, net_ssl_io_cert_chain_validation with X509ChainStatusFlags";

    message "dotnet-not-time-valid":
        says ["The remote certificate is invalid because of errors in the certificate chain: NotTimeValid"],
        by [DotNet],
        means "the client has refused a certificate that the broker has sent, since today is not among its days",
        causes [CERTIFICATE_EXPIRED, CERTIFICATE_NOT_YET_VALID, STORES_NOT_LOADED_AGAIN],
        source ".NET System.Net.Security, net_ssl_io_cert_chain_validation with X509ChainStatusFlags";

    message "dotnet-invalid":
        says ["The remote certificate is invalid according to the validation procedure",
            "The remote certificate is invalid because of errors in the certificate chain"],
        by [DotNet],
        means "the client has refused the broker's certificate",
        causes [BROKER_CA_UNKNOWN, HOST_NOT_IN_CERTIFICATE, CERTIFICATE_EXPIRED],
        source ".NET System.Net.Security, net_ssl_io_cert_validation";

    message "dotnet-rejected-by-callback":
        says ["The remote certificate was rejected by the provided RemoteCertificateValidationCallback"],
        by [DotNet],
        means "the client's own code has refused the broker's certificate",
        causes [BROKER_CA_UNKNOWN, HOST_NOT_IN_CERTIFICATE],
        source ".NET System.Net.Security, net_ssl_io_cert_custom_validation";

    message "dotnet-corrupted-frame":
        says ["Cannot determine the frame size or a corrupted frame was received"],
        by [DotNet],
        means "what the other side has sent is not TLS",
        causes [LISTENER_WITHOUT_TLS, LISTENER_NOT_KAFKA],
        source ".NET System.Net.Security, net_ssl_io_frame";

    message "dotnet-unexpected-eof":
        says ["Received an unexpected EOF or 0 bytes from the transport stream"],
        by [DotNet],
        means "the other side has closed the connection in the handshake without a word, which is what a listener without TLS does",
        causes [LISTENER_WITHOUT_TLS, CONNECTION_CUT],
        source ".NET System.Net.Security, net_io_eof";
}
