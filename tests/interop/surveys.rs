//! What a survey says of stores that keytool and OpenSSL made is what keytool and OpenSSL say, and who it says will not read one does not.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use aws_lc_rs::digest::{SHA256, digest};
use kafka_certgen::keystore::{
    Integrity, KeyState, Protected, Protection, ReaderLimit, StoreSurvey, SurveyContent, SurveyEntry,
};
use kafka_certgen::secret::Password;
use zeroize::Zeroizing;

use crate::support::bundle::scratch;
use crate::support::command::{Finished, command};
use crate::support::jdk::Jdk;
use crate::support::threads;

const PASSWORD: &str = "storepass";

/// A store of another tool.
struct Sample {
    name: String,
    file: PathBuf,
    /// What keytool calls its format.
    kind: &'static str,
    password: &'static str,
}

impl Sample {
    fn pkcs12(folder: &Path, name: &str) -> Self {
        let file = folder.join(format!("{name}.p12"));
        Self { name: name.to_owned(), file, kind: "PKCS12", password: PASSWORD }
    }

    fn survey(&self, is_open: bool) -> StoreSurvey {
        let password = Password::new(Zeroizing::new(self.password.to_owned())).ok().filter(|_| is_open);
        let bytes = fs::read(&self.file).unwrap();
        StoreSurvey::read(&bytes, password.as_ref(), None).unwrap_or_else(|error| panic!("{}: {error}", self.name))
    }
}

/// Where a key and the certificates for it are.
struct Workshop<'f>(&'f Path);

impl Workshop<'_> {
    fn path(&self, file: &str) -> String {
        self.0.join(file).display().to_string()
    }

    /// A CA and a certificate of it, by OpenSSL.
    fn furnish(&self) {
        let (ca, ca_key, key, csr) = (self.path("ca.pem"), self.path("ca.key"), self.path("own.key"), self.path("csr"));
        let new = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc";
        openssl(&format!("req -x509 {new} -days 30 -subj /CN=CA -keyout {ca_key} -out {ca}"));
        openssl(&format!("req {new} -subj /CN=own -keyout {key} -out {csr}"));
        openssl(&format!("x509 -req -days 30 -in {csr} -CA {ca} -CAkey {ca_key} -out {}", self.path("own.pem")));
    }

    /// A key with its certificate and the CA's.
    fn export(&self, name: &str, password: &'static str, options: &str) -> Sample {
        let sample = Sample { password, ..Sample::pkcs12(self.0, name) };
        let (key, own, ca) = (self.path("own.key"), self.path("own.pem"), self.path("ca.pem"));
        let line = format!("pkcs12 -export -inkey {key} -in {own} -certfile {ca} -passout pass:{password} {options}");
        let mut export = command("openssl", line.split_whitespace());
        Finished::of(export.arg("-out").arg(&sample.file)).successfully();
        sample
    }

    fn stores_of_openssl(&self) -> Vec<Sample> {
        let cases = [
            ("modern", PASSWORD, "-name Broker1"),
            ("legacy", PASSWORD, "-name Broker1 -legacy"),
            ("descert", PASSWORD, "-name Broker1 -legacy -descert"),
            ("nomac", PASSWORD, "-name Broker1 -nomac"),
            ("noname", PASSWORD, ""),
            ("caname", PASSWORD, "-name One -caname Two"),
            ("sha1", PASSWORD, "-macalg sha1"),
            ("sha384", PASSWORD, "-macalg sha384"),
            ("sha512", PASSWORD, "-macalg sha512"),
            ("aes128", PASSWORD, "-certpbe AES-128-CBC -keypbe AES-128-CBC"),
            ("aes192", PASSWORD, "-certpbe AES-192-CBC -keypbe AES-256-CBC"),
            ("aes192-key", PASSWORD, "-name own -keypbe AES-192-CBC"),
            ("3des", PASSWORD, "-certpbe PBE-SHA1-3DES -keypbe PBE-SHA1-3DES -macalg sha1"),
            ("2des", PASSWORD, "-certpbe PBE-SHA1-2DES -keypbe PBE-SHA1-3DES"),
            ("pbes2-3des", PASSWORD, "-certpbe DES-EDE3-CBC -keypbe AES-256-CBC"),
            ("rc2-128", PASSWORD, "-legacy -certpbe PBE-SHA1-RC2-128 -keypbe PBE-SHA1-3DES"),
            ("rc4", PASSWORD, "-legacy -certpbe PBE-SHA1-RC4-128 -keypbe PBE-SHA1-3DES"),
            ("md5-des", PASSWORD, "-legacy -certpbe PBE-MD5-DES -keypbe PBE-SHA1-3DES"),
            ("plain-certificates", PASSWORD, "-certpbe NONE"),
            ("plain-key", PASSWORD, "-keypbe NONE"),
            ("plain", PASSWORD, "-certpbe NONE -keypbe NONE -nomac"),
            ("iterations", PASSWORD, "-iter 30000"),
            ("iterations-of-mac", PASSWORD, "-certpbe NONE -keypbe NONE -iter 5000001"),
            ("unicode", "pässwörd", ""),
            ("empty", "", "-name own"),
        ];
        let mut samples: Vec<Sample> =
            threads::map(&cases, |(name, password, options)| self.export(name, password, options));
        let nokeys = Sample::pkcs12(self.0, "nokeys");
        let out = nokeys.file.display();
        openssl(&format!("pkcs12 -export -nokeys -in {} -passout pass:{PASSWORD} -out {out}", self.path("ca.pem")));
        samples.push(nokeys);
        let pbmac1 = Sample { password: "1234", ..Sample::pkcs12(self.0, "pbmac1") };
        let vector = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/pkcs12/rfc9579-a1.p12");
        fs::copy(vector, &pbmac1.file).unwrap();
        samples.push(pbmac1);
        samples
    }

    fn store_of_keytool(&self, release: &str, jdk: &Jdk, kind: &'static str, options: &[&str]) -> Sample {
        let name = format!("keytool-{release}-{kind}-{}", options.concat());
        let file = self.0.join(name.replace(['=', ':'], ""));
        let keytool = |arguments: &str| {
            let mut keytool = jdk.keytool();
            keytool.args(options).args(arguments.split(' ')).arg("-keystore").arg(&file);
            Finished::of(keytool.args(["-storetype", kind, "-storepass", PASSWORD])).successfully();
        };
        keytool("-genkeypair -alias Broker1 -keyalg EC -groupname secp256r1 -dname CN=broker1");
        keytool(&format!("-importcert -noprompt -alias CARoot -file {}", self.path("ca.pem")));
        let own = if kind == "PKCS12" { "" } else { " -keypass other-password" };
        keytool(&format!("-genkeypair -alias client -keyalg EC -groupname secp256r1 -dname CN=client{own}"));
        if kind != "JKS" {
            keytool("-genseckey -alias secret -keyalg AES -keysize 128");
        }
        Sample { name, file, kind, password: PASSWORD }
    }

    fn stores_of_keytool(&self, jdks: &[(&'static str, Jdk)]) -> Vec<Sample> {
        let kinds: [(&'static str, &[&str]); 6] = [
            ("PKCS12", &[]),
            ("PKCS12", &["-J-Dkeystore.pkcs12.legacy"]),
            ("PKCS12", &["-J-Dkeystore.pkcs12.certProtectionAlgorithm=NONE", "-J-Dkeystore.pkcs12.macAlgorithm=NONE"]),
            ("PKCS12", &["-J-Dkeystore.pkcs12.macAlgorithm=HmacPBESHA512", "-J-Dkeystore.pkcs12.macIterationCount=7"]),
            ("JKS", &[]),
            ("JCEKS", &["-J-Djdk.jceks.iterationCount=10000"]),
        ];
        let calls: Vec<_> = jdks.iter().flat_map(|jdk| kinds.iter().map(move |kind| (jdk, kind))).collect();
        let mut samples = threads::map(&calls, |((release, jdk), (kind, options))| {
            self.store_of_keytool(release, jdk, kind, options)
        });
        let own_password = Sample::pkcs12(self.0, "own-password");
        let mut java = jdks[0].1.java();
        java.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/interop/OtherKeyPassword.java"));
        Finished::of(java.arg(&samples[0].file).arg(&own_password.file).args([PASSWORD, "other-password"]))
            .successfully();
        samples.push(own_password);
        samples
    }
}

/// Runs OpenSSL on arguments without spaces.
fn openssl(arguments: &str) {
    Finished::of(&mut command("openssl", arguments.split(' '))).successfully();
}

#[test]
#[ignore = "needs keytool and OpenSSL"]
fn a_survey_says_what_keytool_and_openssl_say() {
    let folder = scratch();
    let workshop = Workshop(folder.path());
    workshop.furnish();
    let jdks = [("17", Jdk::of_17()), ("newer", Jdk::newer())];
    let mut samples = workshop.stores_of_keytool(&jdks);
    samples.extend(workshop.stores_of_openssl());
    assert!(samples.len() >= 25);
    threads::map(&samples, |sample| {
        let survey = sample.survey(true);
        keytool_agrees(&jdks[0].1, sample, &survey);
        openssl_agrees(sample, &survey);
    });
    for (release, jdk) in &jdks {
        java_agrees(jdk, release, &samples);
    }
    let own_password = samples.iter().find(|sample| sample.name == "own-password").unwrap();
    let other = Password::new(Zeroizing::new("other-password".to_owned())).unwrap();
    let password = Password::new(Zeroizing::new(PASSWORD.to_owned())).unwrap();
    let bytes = fs::read(&own_password.file).unwrap();
    let survey = StoreSurvey::read(&bytes, Some(&password), Some(&other)).unwrap();
    assert!(matches!(&survey.entries()[0].content, SurveyContent::PrivateKey { key: KeyState::Open(_), .. }));
    assert!(survey.limits().contains(&ReaderLimit::OpenSslKeyPassword("broker1".to_owned())));
}

/// Says whether Java of this release refuses a store with this limit as a whole.
fn is_for_java(limit: &ReaderLimit, release: &str) -> bool {
    match limit {
        ReaderLimit::Java17Password => release == "17",
        ReaderLimit::JavaContentPassword | ReaderLimit::Pbmac1 => true,
        ReaderLimit::JavaIterations { what, .. } | ReaderLimit::JavaUnknownCipher { what, .. } => {
            !matches!(what, Protected::Key(_))
        }
        _ => false,
    }
}

fn keytool_agrees(jdk: &Jdk, sample: &Sample, survey: &StoreSurvey) {
    let keytool = |arguments: &[&str]| {
        let mut keytool = jdk.keytool();
        keytool.args(arguments).arg("-keystore").arg(&sample.file).args(["-storetype", sample.kind, "-storepass"]);
        Finished::of(keytool.arg(sample.password))
    };
    let listed = keytool(&["-list", "-v"]);
    let name = format!("{}\n{survey:#?}\n{listed}", sample.name);
    let is_refused = survey.limits().iter().any(|limit| is_for_java(limit, "17"));
    assert_eq!(listed.status.success(), !is_refused, "{name}");
    if is_refused || has_unknown_cipher(survey) {
        return;
    }
    assert_eq!(listing(&listed.stdout), entry_lines(survey), "{name}");
    assert_eq!(survey.limits().contains(&ReaderLimit::JavaSeesNothing), listed.stdout.contains("contains 0 entries"));
    for limit in survey.limits() {
        if let ReaderLimit::JavaUnknownCipher { what: Protected::Key(Some(alias)), .. } = limit {
            let request = keytool(&["-certreq", "-alias", alias]);
            assert!(!request.status.success(), "{name}\n{request}");
        }
    }
}

/// Says whether a part is closed that Java decrypts, and that is not decrypted here: RC4 and DES.
fn has_unknown_cipher(survey: &StoreSurvey) -> bool {
    survey.closed().iter().any(|part| part.algorithm.ends_with("RC4") || part.algorithm.ends_with("and DES"))
}

/// Returns the entries of `keytool -list -v` as [`entry_line`] has them, by their aliases.
fn listing(output: &str) -> Vec<String> {
    let mut entries: Vec<String> = Vec::new();
    for line in output.lines() {
        if let Some(alias) = line.strip_prefix("Alias name: ") {
            entries.push(alias.to_owned());
        } else if let Some(entry) = entries.last_mut() {
            if let Some(kind) = line.strip_prefix("Entry type: ") {
                write!(entry, " {kind}").unwrap();
            } else if let Some(length) = line.strip_prefix("Certificate chain length: ") {
                write!(entry, " {length}").unwrap();
            } else if let Some(fingerprint) = line.trim().strip_prefix("SHA256: ") {
                write!(entry, " {fingerprint}").unwrap();
            }
        }
    }
    entries.sort();
    entries
}

/// Returns the entries by their aliases.
fn entry_lines(survey: &StoreSurvey) -> Vec<String> {
    let mut lines: Vec<String> = survey.entries().iter().map(entry_line).collect();
    lines.sort();
    lines
}

fn entry_line(entry: &SurveyEntry) -> String {
    let fingerprint = |der: &[u8]| {
        let digest = digest(&SHA256, der);
        digest.as_ref().iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(":")
    };
    let alias = &entry.alias;
    match &entry.content {
        SurveyContent::PrivateKey { chain, .. } => {
            let mut line = format!("{alias} PrivateKeyEntry {}", chain.len());
            for der in chain {
                write!(line, " {}", fingerprint(der)).unwrap();
            }
            line
        }
        SurveyContent::SecretKey => format!("{alias} SecretKeyEntry"),
        SurveyContent::TrustedCertificate(der) => format!("{alias} trustedCertEntry {}", fingerprint(der)),
    }
}

/// Java sees the same entries as a survey does, with the password and without one.
fn java_agrees(jdk: &Jdk, release: &str, samples: &[Sample]) {
    for is_open in [true, false] {
        let mut lines = String::new();
        for Sample { kind, file, password, .. } in samples {
            let password = if is_open { format!("\t{password}") } else { String::new() };
            writeln!(lines, "{kind}\t{}{password}", file.display()).unwrap();
        }
        let answers = jdk.answers(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/interop/ShowEntries.java"), lines);
        for (sample, answer) in samples.iter().zip(answers) {
            let survey = sample.survey(is_open);
            let name = format!("{} in Java {release}: {answer}\n{survey:#?}", sample.name);
            if sample.password.is_empty() {
                // It tries the empty password, as Java does not.
                assert_eq!(*survey.integrity(), Integrity::EmptyPassword, "{name}");
                continue;
            }
            assert!(is_open || *survey.integrity() != Integrity::Checked, "{name}");
            let is_refused = is_open && survey.limits().iter().any(|limit| is_for_java(limit, release));
            // Some release between 17 and 25 has learnt it.
            let may_refuse = survey.limits().contains(&ReaderLimit::Java17Password);
            let has_thrown = answer.contains("Exception");
            assert!(has_thrown == is_refused || may_refuse, "{name}");
            let is_less = is_open && has_unknown_cipher(&survey);
            if !has_thrown && !is_less {
                assert_eq!(answer, entry_lines(&survey).join(";"), "{name}");
            }
        }
    }
}

fn openssl_agrees(sample: &Sample, survey: &StoreSurvey) {
    let pkcs12 = |arguments: &[&str]| {
        let mut pkcs12 = command("openssl", ["pkcs12", "-info", "-noenc", "-out", "/dev/null", "-passin"]);
        pkcs12.arg(format!("pass:{}", sample.password)).args(arguments).arg("-in").arg(&sample.file);
        Finished::of(&mut pkcs12)
    };
    let read = pkcs12(&[]);
    let name = format!("{}\n{survey:#?}\n{read}", sample.name);
    let is_legacy = survey.limits().iter().any(|limit| matches!(limit, ReaderLimit::OpenSslLegacy(_)));
    let is_refused = survey.limits().iter().any(|limit| {
        matches!(limit, ReaderLimit::OnlyJava(_) | ReaderLimit::OpenSslKeyPassword(_) | ReaderLimit::Pbmac1)
    });
    assert_eq!(read.status.success(), !is_legacy && !is_refused, "{name}");
    if is_refused {
        return;
    }
    let read = if is_legacy { pkcs12(&["-legacy"]).successfully() } else { read };
    let starts = ["MAC: ", "PKCS7 Encrypted data: ", "Shrouded Keybag: "];
    // What is printed of a secret key's value has no end of line.
    let found = |line: &str| starts.iter().find_map(|start| line.find(start)).map(|at| line[at..].to_owned());
    let mut lines: Vec<String> = read.stderr.lines().filter_map(found).collect();
    let mut expected: Vec<String> = survey.protections().iter().map(openssl_line).collect();
    lines.sort();
    expected.sort();
    assert_eq!(lines, expected, "{name}");
}

/// Returns what `openssl pkcs12 -info` says of a protection.
fn openssl_line(protection: &Protection) -> String {
    let iterations = protection.iterations.map_or(String::new(), |count| format!(", Iteration {count}"));
    let start = match protection.what {
        Protected::Content => "PKCS7 Encrypted data: ",
        Protected::Key(_) => "Shrouded Keybag: ",
        Protected::Whole => {
            return format!("MAC: {}{iterations}", protection.algorithm.replace("HMAC-", "").to_lowercase());
        }
    };
    let algorithm = protection.algorithm.as_str();
    if let Some((prf, cipher)) =
        algorithm.strip_prefix("PBES2 with PBKDF2-HMAC-").and_then(|rest| rest.split_once(" and "))
    {
        let cipher = cipher.replace("3DES", "DES-EDE3");
        return format!("{start}PBES2, PBKDF2, {cipher}{iterations}, PRF hmacWith{prf}");
    }
    let name = match algorithm {
        "PBES1 with SHA-1 and 3DES" => "pbeWithSHA1And3-KeyTripleDES-CBC",
        "PBES1 with SHA-1 and two-key 3DES" => "pbeWithSHA1And2-KeyTripleDES-CBC",
        "PBES1 with SHA-1 and 40-bit RC2" => "pbeWithSHA1And40BitRC2-CBC",
        "PBES1 with SHA-1 and 128-bit RC2" => "pbeWithSHA1And128BitRC2-CBC",
        "PBES1 with SHA-1 and 128-bit RC4" => "pbeWithSHA1And128BitRC4",
        "PBES1 with MD5 and DES" => "pbeWithMD5AndDES-CBC",
        other => other,
    };
    format!("{start}{name}{iterations}")
}
