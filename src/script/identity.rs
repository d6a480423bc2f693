//! The steps for one identity: a function for each role, and a call of it for each identity.

use std::path::Path;

use super::commands::{self, PBES2, SigningCommands};
use super::shell::{Text, quote};
use super::{KEY_PASSWORD, STORE_PASSWORD, Script, subject};
use crate::bundle::{CaPaths, NodePaths, keystore_file, truststore_file};
use crate::kafka::properties::{self, Line, Stores};
use crate::spec::{KeyAlgorithm, Layout, NodeRole, NodeSpec, PemKey, StoreFormat};

/// The identities of one role, whose steps are the same.
pub(super) struct Identities<'a> {
    script: &'a Script<'a>,
    role: NodeRole,
    nodes: Vec<&'a NodeSpec>,
    files: Files,
}

/// The files of an identity as they are named in its folder, and the CA's as they are found from there.
struct Files {
    ca_certificate: String,
    ca_key: String,
    request: String,
    certificate: String,
    password: String,
    server_properties: String,
    client_properties: String,
    /// Leads from an identity's folder to the bundle's.
    root: &'static str,
}

impl Files {
    fn new(layout: Layout, node: &NodeSpec) -> Self {
        let root = match layout {
            Layout::Nodes => "../",
            Layout::Script => "",
        };
        let ca = CaPaths::new(layout);
        let paths = NodePaths::new(Layout::Script, &node.name, node.role);
        Self {
            ca_certificate: format!("{root}{}", ca.certificate.display()),
            ca_key: format!("{root}{}", ca.key.display()),
            request: name(&paths.request()),
            certificate: name(&paths.certificate()),
            password: name(&paths.password()),
            server_properties: name(&paths.server_properties()),
            client_properties: name(&paths.client_properties()),
            root,
        }
    }
}

fn name(path: &Path) -> String {
    path.display().to_string()
}

/// The keystore that keytool works on.
struct Keystore {
    file: String,
    format: StoreFormat,
    /// The options that say the passwords of the store and of the key.
    passwords: String,
}

impl<'a> Identities<'a> {
    /// Returns nothing if no identity has the role.
    pub(super) fn new(script: &'a Script<'a>, role: NodeRole) -> Option<Self> {
        let nodes: Vec<_> = script.spec.nodes.iter().filter(|node| node.role == role).collect();
        let files = Files::new(script.spec.layout, nodes.first()?);
        Some(Self { script, role, nodes, files })
    }

    pub(super) fn write(&self, text: &mut Text) {
        text.blank();
        text.comment(&format!("All steps for one {}, which the variables before each call describe.", self.role));
        text.line(&format!("{}() (", self.role));
        text.indent(true);
        self.write_folder(text);
        self.write_steps(text);
        self.write_other_formats(text);
        self.write_configuration(text);
        text.indent(false);
        text.line(")");
        for node in &self.nodes {
            self.write_call(text, node);
        }
    }

    fn write_folder(&self, text: &mut Text) {
        if self.script.spec.layout == Layout::Nodes {
            text.line("mkdir \"$NODE\"");
            text.line("cd \"$NODE\"");
        }
        let password = &self.files.password;
        text.line(&if self.script.makes_store_password() {
            commands::make_password(password)
        } else {
            format!("printf '%s\\n' \"${STORE_PASSWORD}\" >{password}")
        });
        text.blank();
    }

    /// Writes the script's steps two to seven.
    fn write_steps(&self, text: &mut Text) {
        let Files { ca_certificate, request, certificate, .. } = &self.files;
        let who = self.role.file_prefix().trim_start_matches("kafka.");
        let Keystore { file, format, passwords } = self.first_keystore();
        let store = format!("-keystore {file} -storetype {}", format.kafka_type());

        text.comment(&format!("generating {who} keystore"));
        text.command(&[
            &format!("keytool -genkeypair \"${{KEY[@]}}\" {store} -validity \"$VALIDITY\""),
            &format!("{passwords} -alias \"$KEYSTORE_ALIAS\" -dname \"$DNAME\""),
        ]);
        text.comment(&format!("generating {who} truststore and importing CA certificate in it"));
        self.write_truststores(text);
        text.comment(&format!("exporting {who} certificate from {who} keystore"));
        text.command(&[
            &format!("keytool {store} -certreq -file {request} -alias \"$KEYSTORE_ALIAS\""),
            &format!("{passwords} {}", self.request_option()),
        ]);
        text.comment(&format!("signing {who} certificate with CA"));
        self.write_signing(text);
        text.comment(&format!("importing CA certificate in {who} keystore"));
        text.command(&[
            &format!("keytool {store} -alias \"$CA_ALIAS\" -import -file {ca_certificate}"),
            &format!("{} -noprompt", self.store_password_option()),
        ]);
        text.comment(&format!("importing Signed {who} certificate in {who} keystore"));
        text.command(&[
            &format!("keytool {store} -alias \"$KEYSTORE_ALIAS\" -import -file {certificate}"),
            &format!("{passwords} -noprompt"),
        ]);
    }

    fn write_signing(&self, text: &mut Text) {
        let Files { ca_certificate, ca_key, request, certificate, root, .. } = &self.files;
        let commands = SigningCommands {
            ca_certificate,
            ca_key,
            pass: Some(&self.script.ca_password(root)),
            request: Some(request),
            is_der: false,
            certificate: Some(certificate),
            days: "\"$VALIDITY\"",
            digest: commands::digest(self.script.spec.made_ca().map_or(KeyAlgorithm::CA, |ca| ca.key_algorithm)),
            extensions: &self.extensions(),
        };
        commands.write(text);
    }

    fn store_password_option(&self) -> String {
        format!("-storepass:file {}", self.files.password)
    }

    /// Returns the keystore that keytool makes the key in; what is in others is copied out of it. It is JKS if that is asked for, as
    /// in the script.
    fn first_keystore(&self) -> Keystore {
        let formats = &self.script.spec.stores.formats;
        let format = if formats.contains(&StoreFormat::Jks) { StoreFormat::Jks } else { StoreFormat::Pkcs12 };
        let store_password = self.store_password_option();
        let passwords = match format {
            // keytool gives a key in PKCS#12 the store's password, and warns about any other.
            StoreFormat::Pkcs12 | StoreFormat::Pem => store_password,
            StoreFormat::Jks if self.script.has_key_password() => {
                format!("{store_password} -keypass:env {KEY_PASSWORD}")
            }
            StoreFormat::Jks => format!("{store_password} -keypass:file {}", self.files.password),
        };
        Keystore { file: keystore_file(self.role, format), format, passwords }
    }

    fn write_truststores(&self, text: &mut Text) {
        let ca_certificate = &self.files.ca_certificate;
        for format in &self.script.spec.stores.formats {
            let file = truststore_file(self.role, *format);
            if *format == StoreFormat::Pem {
                text.line(&format!("cp {ca_certificate} {file}"));
            } else {
                let kind = format.kafka_type();
                text.command(&[
                    &format!("keytool -keystore {file} -storetype {kind} {}", self.store_password_option()),
                    &format!("-alias \"$CA_ALIAS\" -import -file {ca_certificate} -noprompt"),
                ]);
            }
        }
    }

    /// Returns what puts the names into the request, of which there may be none.
    fn request_option(&self) -> &'static str {
        if self.all_have_names() { "-ext \"SAN=$SANS\"" } else { "${SANS:+-ext \"SAN=$SANS\"}" }
    }

    fn all_have_names(&self) -> bool {
        self.nodes.iter().all(|node| !node.alt_names.is_empty())
    }

    fn extensions(&self) -> String {
        let mut extensions = commands::leaf_extensions(self.role.profile(), "$KEY_USAGE");
        let names = if self.all_have_names() { "subjectAltName = $SANS" } else { "${SANS:+subjectAltName = $SANS}" };
        extensions.push(names.to_owned());
        extensions.join("\n")
    }

    /// Writes the keystores that are copies of the first.
    fn write_other_formats(&self, text: &mut Text) {
        let formats = &self.script.spec.stores.formats;
        let keeps_pkcs12 = formats.contains(&StoreFormat::Pkcs12);
        let needs_pem = formats.contains(&StoreFormat::Pem);
        let first = self.first_keystore();
        if first.format == StoreFormat::Jks && (keeps_pkcs12 || needs_pem) {
            self.write_pkcs12_copy(text, &first, keeps_pkcs12);
        }
        if needs_pem {
            self.write_pem_copy(text);
            if !keeps_pkcs12 {
                text.line(&format!("rm {}", keystore_file(self.role, StoreFormat::Pkcs12)));
            }
        }
    }

    /// Copies the first keystore to PKCS#12; if that is only the way to PEM, the key alone.
    fn write_pkcs12_copy(&self, text: &mut Text, first: &Keystore, whole: bool) {
        let password = &self.files.password;
        let file = keystore_file(self.role, StoreFormat::Pkcs12);
        text.blank();
        text.comment(if whole { "the same keystore in PKCS#12" } else { "the key in PKCS#12, which openssl reads" });
        let what = match (whole, self.script.has_key_password()) {
            (true, _) => String::new(),
            (false, false) => " -srcalias \"$KEYSTORE_ALIAS\"".to_owned(),
            (false, true) => format!(" -srcalias \"$KEYSTORE_ALIAS\" -srckeypass:env {KEY_PASSWORD}"),
        };
        text.command(&[
            &format!("keytool -importkeystore -noprompt{what}"),
            &format!("-srckeystore {} -srcstoretype JKS -srcstorepass:file {password}", first.file),
            &format!("-destkeystore {file} -deststoretype PKCS12 -deststorepass:file {password}"),
        ]);
    }

    /// Writes the key and its chain into one file.
    fn write_pem_copy(&self, text: &mut Text) {
        let Files { ca_certificate, certificate, password, .. } = &self.files;
        let pkcs12 = keystore_file(self.role, StoreFormat::Pkcs12);
        let pem = keystore_file(self.role, StoreFormat::Pem);
        text.blank();
        text.comment("the same keystore in PEM");
        text.line("{");
        text.command(&[
            &format!("  openssl pkcs12 -in {pkcs12} -passin file:{password} -nocerts -noenc"),
            &format!("  | openssl pkcs8 -topk8 {}", self.pem_encryption()),
        ]);
        text.line(&format!("  cat {certificate} {ca_certificate}"));
        text.line(&format!("}} >{pem}"));
    }

    fn pem_encryption(&self) -> String {
        let script = self.script;
        let iterations = commands::iterations(!script.has_key_password() && script.makes_store_password());
        let pass = if script.has_key_password() {
            format!("env:{KEY_PASSWORD}")
        } else {
            format!("file:{}", self.files.password)
        };
        match script.spec.stores.pem_key {
            PemKey::Plain => "-nocrypt".to_owned(),
            PemKey::Pbes2 => format!("{PBES2} -iter {iterations} -passout {pass}"),
            PemKey::Pbes1 => format!("-v1 PBE-SHA1-3DES -iter {iterations} -passout {pass}"),
        }
    }

    fn write_configuration(&self, text: &mut Text) {
        let Files { ca_certificate, request, certificate, server_properties, client_properties, .. } = &self.files;
        let spec = self.script.spec;
        let format = StoreFormat::preferred(&spec.stores.formats);
        let names_key_password = self.script.names_key_password();
        let stores = Stores {
            format,
            keystore: &format!("$LOCATION/{}", keystore_file(self.role, format)),
            truststore: &format!("$LOCATION/{}", truststore_file(self.role, format)),
            store_password: "$password",
            key_password: names_key_password.then_some(if self.script.has_key_password() {
                "$key_password"
            } else {
                "$password"
            }),
        };
        let client_auth = spec.effective_client_auth();
        let mut public = vec![request.clone(), certificate.clone()];
        if spec.stores.formats.contains(&StoreFormat::Pem) {
            public.push(truststore_file(self.role, StoreFormat::Pem));
        }

        text.blank();
        text.comment("configuration");
        match self.role {
            NodeRole::Broker | NodeRole::Controller => {
                self.write_properties(text, &properties::server_lines(&stores, client_auth), server_properties);
                text.line(&format!("ca_pem=$(sed 's/$/\\\\n/' {ca_certificate} | tr -d '\\n')"));
                self.write_properties(
                    text,
                    &properties::anonymous_client_lines("$ca_pem", client_auth),
                    client_properties,
                );
                public.push(client_properties.clone());
            }
            NodeRole::Client => self.write_properties(text, &properties::client_lines(&stores), client_properties),
        }
        text.line(&format!("chmod 644 {}", public.join(" ")));
    }

    /// Writes a command that writes `lines`, whose values are words for bash to expand. `printf` is bash's own, so no password
    /// stands in the arguments of a process; here-documents may stand in a file for a moment.
    fn write_properties(&self, text: &mut Text, lines: &[Line<'_>], file: &str) {
        let uses = |word: &str| lines.iter().any(|line| matches!(line, Line::Property(_, value) if *value == word));
        if uses("$password") {
            text.line(&if self.script.makes_store_password() {
                format!("password=$(<{})", self.files.password)
            } else {
                format!("password=$(properties_value \"${STORE_PASSWORD}\")")
            });
        }
        if uses("$key_password") {
            text.line(&format!("key_password=$(properties_value \"${KEY_PASSWORD}\")"));
        }
        text.line("printf '%s\\n' \\");
        for line in lines {
            let word = match line {
                Line::Comment(comment) => format!("# {comment}"),
                Line::Property(key, value) => format!("{key}={value}"),
            };
            text.line(&format!("  \"{word}\" \\"));
        }
        text.line(&format!("  >{file}"));
    }

    fn write_call(&self, text: &mut Text, node: &NodeSpec) {
        let Script { spec, out, .. } = self.script;
        let paths = NodePaths::new(spec.layout, &node.name, node.role);
        let folder = properties::folder(spec.deploy_dir.as_deref(), &out.join(paths.folder()));
        let key_usages = commands::key_usages(self.role.profile(), node.key_algorithm.is_rsa());
        text.blank();
        text.comment(node.name.as_str());
        if spec.layout == Layout::Nodes {
            text.line(&format!("NODE={}", quote(paths.folder())));
        }
        for (variable, value) in [
            ("KEYSTORE_ALIAS", node.alias.as_str()),
            ("DNAME", &subject::keytool(&node.subject)),
            ("SANS", &commands::alt_names(&node.alt_names)),
            ("VALIDITY", &node.days.to_string()),
            ("LOCATION", &properties::escaped(&folder)),
            ("KEY_USAGE", &key_usages.join(", ")),
        ] {
            text.line(&format!("{variable}={}", quote(value)));
        }
        text.line(&format!("KEY=({})", commands::genkeypair_options(node.key_algorithm)));
        text.line(self.role.name());
    }
}
