//! The JSON schema of the file, of which an editor completes and checks it.

use serde_json::{Map, Value, json};

use super::keys::{CA, FILE, Form, IDENTITY, Key, Section};

/// Where a secret may come from, as a regular expression of ECMA 262.
const SECRET_SOURCE: &str = "^(env:[A-Za-z_][A-Za-z0-9_]*|file:.+|fd:[0-9]+|stdin|prompt)$";

/// The keys of a CA that is made.
const OF_NEW_CA: [&str; 4] = ["cn", "dname", "key_algorithm", "validity"];

/// Returns the JSON schema of the file, in draft 7, the latest that editors know throughout.
///
/// It refuses no file that [`ClusterFile::read`](super::ClusterFile::read) takes, except for numbers and words in quotes where
/// they need none; what goes beyond the form, as names that collide, only that finds.
pub fn schema() -> Value {
    let mut schema = section(&FILE);
    if let Value::Object(schema) = &mut schema {
        schema.insert("$schema".to_owned(), json!("http://json-schema.org/draft-07/schema#"));
        schema.insert("title".to_owned(), json!("Cluster file of kafka-certgen"));
        schema.insert("definitions".to_owned(), json!({ "identity": identity() }));
    }
    schema
}

fn section(section: &Section) -> Value {
    let properties: Map<String, Value> = section.keys.iter().map(|key| (key.name.to_owned(), property(key))).collect();
    let mut schema = json!({
        "description": section.about,
        "type": "object",
        "additionalProperties": false,
        "properties": properties,
    });
    if section.name == CA.name {
        let forbidden: Map<String, Value> = OF_NEW_CA.iter().map(|key| ((*key).to_owned(), json!(false))).collect();
        schema["dependencies"] = json!({ "certificate": ["key"], "key": ["certificate"] });
        schema["if"] = json!({ "required": ["certificate"] });
        schema["then"] = json!({ "properties": forbidden });
        schema["else"] = json!({ "not": { "required": ["cn", "dname"] } });
    }
    schema
}

fn identity() -> Value {
    let mut detailed = section(&IDENTITY);
    detailed["required"] = json!(["name"]);
    json!({
        "description": IDENTITY.about,
        "anyOf": [text(), detailed],
    })
}

/// A name such as `01` is a number to an editor, and a text here.
fn text() -> Value {
    json!({ "type": ["string", "number"] })
}

fn list_of(items: &Value) -> Value {
    json!({ "type": "array", "minItems": 1, "items": items })
}

fn property(key: &Key) -> Value {
    let mut schema = match key.form {
        Form::Choice(words) => json!({ "enum": words }),
        Form::Choices(words) => {
            let word = json!({ "enum": words });
            let mut list = list_of(&word);
            list["uniqueItems"] = json!(true);
            json!({ "anyOf": [list, word] })
        }
        Form::Days => json!({ "type": "integer", "minimum": 1, "maximum": u32::MAX }),
        Form::Identities => json!({ "type": ["array", "null"], "items": { "$ref": "#/definitions/identity" } }),
        Form::Path => json!({ "type": "string", "minLength": 1 }),
        Form::Section(inner) => {
            let mut inner = section(inner);
            inner["type"] = json!(["object", "null"]);
            inner
        }
        Form::Secret => json!({ "type": "string", "pattern": SECRET_SOURCE }),
        Form::Text => text(),
        Form::Texts => json!({ "anyOf": [list_of(&text()), text()] }),
    };
    schema["description"] = json!(key.about);
    if !key.example.is_empty() {
        let example = match key.form {
            Form::Days => key.example.parse::<u32>().map_or(Value::Null, Value::from),
            _ => json!(key.example),
        };
        schema["examples"] = json!([example]);
    }
    schema
}
