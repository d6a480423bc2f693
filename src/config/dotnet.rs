//! Confluent.Kafka for .NET (`Confluent.Kafka.ClientConfig`), whose properties have the names of librdkafka's settings, in its own spelling.

use super::librdkafka::{Value, settings};
use super::program::{Password, Reading};
use super::{Deployment, Document};

const READING: Reading = Reading {
    file: ("File.ReadAllText(", ").TrimEnd('\\r', '\\n')"),
    variable: ("Environment.GetEnvironmentVariable(", ")"),
};

/// A class that makes the configuration.
pub(super) fn confluent(deployment: &Deployment<'_>, document: &mut Document) {
    let settings = settings(deployment);
    document.comment(
        "new ProducerConfig(KafkaTls.Config()), new ConsumerConfig(KafkaTls.Config()) { GroupId = \"my-group\" }",
    );
    document.blank();
    for (_, value) in &settings {
        match value {
            Value::Password(Password::File(_)) => document.line("using System.IO;"),
            Value::Password(Password::Variable(_)) => document.line("using System;"),
            Value::Text(_) | Value::Password(Password::Shown(_)) => {}
        }
    }
    document.line("using Confluent.Kafka;");
    document.blank();
    document.line("public static class KafkaTls");
    document.line("{");
    document.line("    public static ClientConfig Config() => new ClientConfig");
    document.line("    {");
    for (key, value) in settings {
        let name = pascal_case(key);
        match (key, value) {
            // These are of a type of their own, which has the name of the property.
            ("security.protocol" | "ssl.endpoint.identification.algorithm", Value::Text(text)) => {
                document.line(&format!("        {name} = {name}.{},", pascal_case(&text)));
            }
            (_, value) => value.write(document, &format!("        {name} = "), &READING, ","),
        }
    }
    document.line("    };");
    document.line("}");
}

/// The `SslCaLocation` of `ssl.ca.location`.
fn pascal_case(key: &str) -> String {
    let words = key.split('.').map(|word| {
        let (first, rest) = word.split_at(word.len().min(1));
        first.to_ascii_uppercase() + rest
    });
    words.collect()
}
