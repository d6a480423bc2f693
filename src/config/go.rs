//! Clients in Go: packages that make a `crypto/tls.Config`, and the client's own configuration with it. Go reads no encrypted key
//! (`crypto/tls.LoadX509KeyPair`), and takes the name of the broker to check from the address that is called.

use super::{Deployment, Document};

/// franz-go (`kgo.DialTLSConfig`).
pub(super) fn franz(deployment: &Deployment<'_>, document: &mut Document) {
    head(deployment, document, "github.com/twmb/franz-go/pkg/kgo");
    document.comment("Options returns what kgo.NewClient needs to connect to them.");
    document.lines(&[
        "func Options() ([]kgo.Opt, error) {",
        "\tconfig, err := TLSConfig()",
        "\tif err != nil {",
        "\t\treturn nil, err",
        "\t}",
        "\treturn []kgo.Opt{kgo.SeedBrokers(Brokers...), kgo.DialTLSConfig(config)}, nil",
        "}",
        "",
    ]);
    tls_config(deployment, document);
}

/// sarama (`sarama.Config.Net.TLS`).
pub(super) fn sarama(deployment: &Deployment<'_>, document: &mut Document) {
    head(deployment, document, "github.com/IBM/sarama");
    document.comment("Config returns what sarama.NewClient takes beside them.");
    document.lines(&[
        "func Config() (*sarama.Config, error) {",
        "\ttlsConfig, err := TLSConfig()",
        "\tif err != nil {",
        "\t\treturn nil, err",
        "\t}",
        "\tconfig := sarama.NewConfig()",
        "\tconfig.Net.TLS.Enable = true",
        "\tconfig.Net.TLS.Config = tlsConfig",
        "\treturn config, nil",
        "}",
        "",
    ]);
    tls_config(deployment, document);
}

fn head(deployment: &Deployment<'_>, document: &mut Document, client: &str) {
    document.line("package kafkatls");
    document.blank();
    document.lines(&["import (", "\t\"crypto/tls\"", "\t\"crypto/x509\"", "\t\"errors\"", "\t\"os\"", ""]);
    document.line(&format!("\t\"{client}\""));
    document.line(")");
    document.blank();
    document.comment("Brokers are the addresses to connect to.");
    document.list("var Brokers = []string{", &deployment.bootstrap_servers(), "}");
    document.blank();
}

fn tls_config(deployment: &Deployment<'_>, document: &mut Document) {
    let keystore = deployment.keystore();
    document.comment("TLSConfig trusts the CA alone, and shows the certificate if there is one.");
    document.line("func TLSConfig() (*tls.Config, error) {");
    document.entry("\tca, err := os.ReadFile(", &deployment.ca_certificate(), ")");
    document.lines(&[
        "\tif err != nil {",
        "\t\treturn nil, err",
        "\t}",
        "\troots := x509.NewCertPool()",
        "\tif !roots.AppendCertsFromPEM(ca) {",
        "\t\treturn nil, errors.New(\"the CA's file has no certificate\")",
        "\t}",
    ]);
    match keystore {
        Some(keystore) => {
            document.line("\t// The certificate with its chain, and the key.");
            document.entry("\tidentity := ", &keystore, "");
            document.lines(&[
                "\tpair, err := tls.LoadX509KeyPair(identity, identity)",
                "\tif err != nil {",
                "\t\treturn nil, err",
                "\t}",
                "\treturn &tls.Config{RootCAs: roots, Certificates: []tls.Certificate{pair}}, nil",
            ]);
        }
        None => document.line("\treturn &tls.Config{RootCAs: roots}, nil"),
    }
    document.line("}");
}
