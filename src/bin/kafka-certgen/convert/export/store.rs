//! The call of `export --format`.

use std::path::{Path, PathBuf};

use kafka_certgen::export::conversion::{
    Form, Part, Reader, Remark, Selection, Source, SourceError, SourceFormat, Written,
};
use kafka_certgen::keystore::ReaderLimit;
use kafka_certgen::output::{FileContents, NewFile};
use kafka_certgen::pki::PrivateKeyError;
use kafka_certgen::random::SystemRandom;
use kafka_certgen::script::{self, Conversion, KeyAndCertificates, SecretReference, StoreReference};
use kafka_certgen::secret::Password;
use kafka_certgen::spec::{ExportFormat, PemKey, Pkcs12Profile, StoreFormat, StoreSpec};
use time::OffsetDateTime;
use zeroize::Zeroizing;

use crate::cli::Global;
use crate::cli::export::store::Arguments;
use crate::convert::Call;
use crate::problem::{Failure, Problem};
use crate::run::{self, password_beside, password_path};
use crate::secrets::Source as SecretSource;

/// A conversion that can be carried out.
pub(crate) struct Export {
    pub(crate) target: Target,
    pub(crate) source_format: SourceFormat,
    pub(crate) selection: Selection,
    pub(crate) warnings: Vec<String>,
    sources: Vec<PathBuf>,
    /// The file that a password was found in which nobody has named.
    beside: Option<PathBuf>,
    source_password: Option<Given>,
    source_key_password: Option<Given>,
}

/// What is written.
pub(crate) enum Target {
    Store {
        format: StoreFormat,
        profile: Pkcs12Profile,
        out: PathBuf,
        file: NewFile,
        password: NewPassword,
        /// That of the keys in JKS, if it is not the store's.
        key_password: Option<NewPassword>,
    },
    Parts {
        is_pem: bool,
        pem_key: PemKey,
        files: Vec<(Part, PathBuf, NewFile)>,
        /// That of an encrypted key.
        key_password: Option<NewPassword>,
    },
}

/// A password that was read, and where from.
#[derive(Clone)]
pub(crate) struct Given {
    password: Password,
    reference: SecretReference,
}

/// A password of what is written.
pub(crate) struct NewPassword {
    given: Given,
    pub(crate) origin: Origin,
    /// Where it goes if it is made.
    file: Option<NewFile>,
}

/// Where a password of what is written comes from.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Origin {
    /// A flag.
    Given,
    /// What is converted has it already.
    Kept,
    /// It was made, and is in this file.
    Made(PathBuf),
}

/// What became of a conversion.
pub(crate) struct ExportFacts {
    pub(crate) files: Vec<FileFacts>,
    pub(crate) remarks: Vec<Remark>,
    /// What keytool or openssl would be told, if they can do the same.
    pub(crate) script: Option<String>,
}

/// A file that is written.
pub(crate) struct FileFacts {
    pub(crate) path: PathBuf,
    /// None for a store.
    pub(crate) part: Option<Part>,
    pub(crate) is_secret: bool,
    pub(crate) readers: Vec<Reader>,
    pub(crate) limits: Vec<String>,
}

/// Converts the arguments of `export --format`.
pub(crate) fn store(arguments: &Arguments, global: &Global, now: OffsetDateTime) -> Result<Export, Failure> {
    let mut call = Call::default();
    let format = arguments.format.as_deref().and_then(|text| call.keep("--format", text.parse::<ExportFormat>()));
    let outs = call.outs(arguments, format);
    let settings = format.and_then(|format| call.settings(arguments, format));
    let files = call.source_files(arguments);
    let is_sound = call.problems.is_empty();
    let (Some(files), Some(settings), true) = (files, settings, is_sound) else { return Err(Failure(call.problems)) };
    let read = call.read_source(arguments, &files, global);
    let made = call.target(arguments, settings, outs, read.as_ref(), global);
    let (Some(read), Some(target)) = (read, made) else { return Err(Failure(call.problems)) };
    let Read { source, store_password, key_password } = read;
    let source_format = source.format();
    let selection = match source.select(&arguments.alias, now) {
        Ok(selection) => selection,
        Err(errors) => {
            let problems = errors.into_iter().map(|error| Problem::of_selection(&arguments.keystore, error));
            call.problems.extend(problems);
            return Err(Failure(call.problems));
        }
    };
    if !call.problems.is_empty() {
        return Err(Failure(call.problems));
    }
    Ok(Export {
        target,
        source_format,
        selection,
        warnings: call.warnings,
        sources: arguments.keystore.clone(),
        beside: call.beside,
        source_password: store_password,
        source_key_password: key_password,
    })
}

/// How the result shall be.
#[derive(Clone, Copy)]
struct Settings {
    format: ExportFormat,
    profile: Pkcs12Profile,
    pem_key: PemKey,
}

/// A file to write, with the flag that names it.
type Out<'a> = (&'static str, Part, &'a Path, Option<NewFile>);

/// What was read, and with which passwords.
struct Read {
    source: Source,
    store_password: Option<Given>,
    key_password: Option<Given>,
}

impl Call {
    /// Looks at the places of all files to write.
    fn outs<'a>(&mut self, arguments: &'a Arguments, format: Option<ExportFormat>) -> Vec<Out<'a>> {
        let flags = [
            ("--out", Part::All, &arguments.out),
            ("--out-cert", Part::Certificates, &arguments.out_cert),
            ("--out-key", Part::Key, &arguments.out_key),
            ("--out-ca", Part::Trusted, &arguments.out_ca),
        ];
        let named = flags.into_iter().filter_map(|(flag, part, path)| Some((flag, part, path.as_deref()?)));
        let named: Vec<(&str, Part, &Path)> = named.collect();
        let is_store = format.is_some_and(ExportFormat::is_store);
        // With other commands it is the standard output, where no key shall go by accident.
        if let Some((flag, ..)) = named.iter().find(|(.., path)| path.as_os_str() == "-") {
            let error = anyhow::anyhow!("{flag}: `-` would be the standard output, and a store goes into a file");
            self.problems.push(Problem::usage(error, format!("name the file, as in `{flag} ./-`")));
        }
        if let Some((flag, ..)) = named.iter().find(|(_, part, _)| is_store && *part != Part::All) {
            let error = anyhow::anyhow!("{flag}: a store is one file");
            self.problems.push(Problem::usage(error, "name it with `--out FILE`, or use `--format pem`"));
        }
        if named.is_empty() || (is_store && arguments.out.is_none()) {
            let error = anyhow::anyhow!("it is not said which file to write");
            let hint = match format {
                Some(ExportFormat::Pem | ExportFormat::Der) => {
                    "name it with `--out FILE`, or with `--out-cert`, `--out-key` and `--out-ca`"
                }
                _ => "name it with `--out FILE`",
            };
            self.problems.push(Problem::usage(error, hint));
        }
        for (flag, ..) in named.iter().filter(|(.., path)| run::named(path).is_none()) {
            self.problems.push(Problem::no_standard_output(flag));
        }
        named.into_iter().map(|(flag, part, path)| (flag, part, path, self.new_file(path))).collect()
    }

    /// Parses what the format can have.
    fn settings(&mut self, arguments: &Arguments, format: ExportFormat) -> Option<Settings> {
        let before = self.problems.len();
        let profile = arguments.profile.as_ref().map(|text| self.parse("--profile", text, Pkcs12Profile::Modern));
        let pem_key = arguments.pem_key.as_ref().map(|text| self.parse("--pem-key", text, PemKey::Plain));
        let mut refuse = |is_wrong: bool, flag: &str, why: &str, hint: &str| {
            if is_wrong {
                self.problems.push(Problem::usage(anyhow::anyhow!("{flag}: {why}"), hint));
            }
        };
        let is_encrypted = pem_key.is_some_and(|how| how != PemKey::Plain);
        refuse(
            profile.is_some() && format != ExportFormat::Pkcs12,
            "--profile",
            "only PKCS#12 has profiles",
            "leave it out, or use `--format pkcs12`",
        );
        refuse(
            pem_key.is_some() && format != ExportFormat::Pem,
            "--pem-key",
            "it is for PEM alone",
            "leave it out, or use `--format pem`",
        );
        refuse(
            arguments.out_storepass.is_some() && !format.is_store(),
            "--out-storepass",
            "PEM and DER are no stores and have no password",
            "leave it out; for a key under a password, use `--pem-key pbes2` and `--out-keypass`",
        );
        let (why, hint) = match format {
            ExportFormat::Pkcs12 => (
                "a key in PKCS#12 has the password of its store: with another one, neither Java nor Kafka reads it",
                "use `--out-storepass`, or `--format jks`",
            ),
            ExportFormat::Der => {
                ("a key in DER is not encrypted", "leave it out, or use `--format pem --pem-key pbes2`")
            }
            _ => (
                "the key in PEM is not encrypted",
                "use `--pem-key pbes2` (Java 21 and later) or `--pem-key pbes1-3des`",
            ),
        };
        let has_key_password = format == ExportFormat::Jks || (format == ExportFormat::Pem && is_encrypted);
        refuse(arguments.out_keypass.is_some() && !has_key_password, "--out-keypass", why, hint);
        let settings = Settings {
            format,
            profile: profile.unwrap_or(Pkcs12Profile::Modern),
            pem_key: pem_key.unwrap_or(PemKey::Plain),
        };
        (self.problems.len() == before).then_some(settings)
    }

    /// Reads the files that are converted.
    fn source_files(&mut self, arguments: &Arguments) -> Option<Vec<Zeroizing<Vec<u8>>>> {
        let read = |path: &PathBuf| {
            let read = run::named(path).map(|path| run::read_store("--keystore", path));
            read.unwrap_or_else(|| Err(Problem::no_standard_input("--keystore")))
        };
        let files: Vec<Result<Zeroizing<Vec<u8>>, Problem>> = arguments.keystore.iter().map(read).collect();
        let mut sound = Some(Vec::new());
        for file in files {
            match file {
                Ok(file) => sound.iter_mut().for_each(|sound| sound.push(file.clone())),
                Err(problem) => {
                    self.problems.push(problem);
                    sound = None;
                }
            }
        }
        sound
    }

    /// Reads what is in the files, and the passwords for it.
    fn read_source(&mut self, arguments: &Arguments, files: &[Zeroizing<Vec<u8>>], global: &Global) -> Option<Read> {
        let store_source = self.source("--storepass", arguments.storepass.as_ref()).map(SecretSource::known);
        let key_source = self.source("--keypass", arguments.keypass.as_ref()).map(SecretSource::known);
        match (files, arguments.keystore.as_slice()) {
            ([file], [path]) if Source::is_store(file) => self.read_store(path, file, store_source, key_source, global),
            _ => self.read_parts(&arguments.keystore, files, store_source, key_source, global),
        }
    }

    fn read_store(
        &mut self,
        path: &Path,
        file: &[u8],
        store_source: Option<SecretSource>,
        key_source: Option<SecretSource>,
        global: &Global,
    ) -> Option<Read> {
        // What is open needs no password, and whoever has none is not kept from it.
        let is_asked = store_source.is_some() || password_beside(path).is_some() || !Source::is_open(file);
        let store_source = match store_source {
            None if is_asked => self.source_beside(path, "--storepass", global),
            given => given,
        };
        let is_sound = self.problems.is_empty();
        let store_password = self.given("--storepass", "password of the store", store_source, is_sound, global);
        let key_password = self.given("--keypass", "password of the private keys", key_source, is_sound, global);
        if !self.problems.is_empty() {
            return None;
        }
        let of = |given: &Option<Given>| given.as_ref().map(|given| given.password.clone());
        match Source::of_store(file, of(&store_password).as_ref(), of(&key_password).as_ref()) {
            Ok(source) => Some(Read { source, store_password, key_password }),
            Err(error) => {
                self.problems.push(Problem::of_source(path, &error).of_password_in(self.beside.as_deref()));
                None
            }
        }
    }

    fn read_parts(
        &mut self,
        paths: &[PathBuf],
        files: &[Zeroizing<Vec<u8>>],
        store_source: Option<SecretSource>,
        key_source: Option<SecretSource>,
        global: &Global,
    ) -> Option<Read> {
        let files: Vec<&[u8]> = files.iter().map(|file| file.as_slice()).collect();
        let flag = if key_source.is_some() || store_source.is_none() { "--keypass" } else { "--storepass" };
        let given = key_source.or(store_source);
        let path_of = |at: usize| paths.get(at).map_or(Path::new(""), PathBuf::as_path);
        let (at, error) = match Source::of_parts(&files, None) {
            Ok(source) => {
                if given.is_some() {
                    self.warnings.push(format!("{flag}: no key is encrypted, and no password was read"));
                }
                return Some(Read { source, store_password: None, key_password: None });
            }
            Err(failed) => failed,
        };
        if error != SourceError::Key(PrivateKeyError::NoPassword) {
            self.problems.push(Problem::of_source(path_of(at), &error));
            return None;
        }
        let source = given.or_else(|| self.source_beside(path_of(at), "--keypass", global));
        let is_sound = self.problems.is_empty();
        let key_password = self.given(flag, "password of the private key", source, is_sound, global)?;
        match Source::of_parts(&files, Some(&key_password.password)) {
            Ok(source) => Some(Read { source, store_password: None, key_password: Some(key_password) }),
            Err((at, error)) => {
                self.problems.push(Problem::of_source(path_of(at), &error).of_password_in(self.beside.as_deref()));
                None
            }
        }
    }

    fn given(
        &mut self,
        flag: &str,
        what: &str,
        source: Option<SecretSource>,
        is_sound: bool,
        global: &Global,
    ) -> Option<Given> {
        let (password, reference) = self.secret(flag, what, source, is_sound, global);
        Some(Given { password: password?, reference })
    }

    /// Puts the result together, with its passwords.
    fn target(
        &mut self,
        arguments: &Arguments,
        settings: Settings,
        outs: Vec<Out<'_>>,
        read: Option<&Read>,
        global: &Global,
    ) -> Option<Target> {
        let store_source = self.source("--out-storepass", arguments.out_storepass.as_ref());
        let key_source = self.source("--out-keypass", arguments.out_keypass.as_ref());
        let sound = self.problems.is_empty();
        let store = self.given("--out-storepass", "password of the new store", store_source, sound, global);
        let key = self.given("--out-keypass", "new password of the key", key_source, sound, global);
        let read = read?;
        // The password of the key is the one that a store has for it, where it has no other.
        let (of_store, of_key) = (&read.store_password, read.key_password.as_ref().or(read.store_password.as_ref()));
        let Settings { format, profile, pem_key } = settings;
        if format.is_store() {
            let format = if format == ExportFormat::Jks { StoreFormat::Jks } else { StoreFormat::Pkcs12 };
            let (_, _, out, file) = outs.into_iter().next()?;
            let kept = of_store.as_ref().or(of_key);
            let password = self.new_password(store, kept, out)?;
            let key_password = key.map(|given| NewPassword { given, origin: Origin::Given, file: None });
            self.check_passwords(
                StoreSpec { formats: vec![format], ..StoreSpec::default() },
                Some(&password),
                key_password.as_ref(),
            );
            let out = out.to_owned();
            return Some(Target::Store { format, profile, out, file: file?, password, key_password });
        }
        let is_encrypted = format == ExportFormat::Pem && pem_key != PemKey::Plain;
        let of_key_file =
            outs.iter().find(|(_, part, ..)| matches!(part, Part::All | Part::Key)).map(|(_, _, path, _)| *path);
        let key_password = match of_key_file.filter(|_| is_encrypted) {
            Some(path) => Some(self.new_password(key, of_key, path)?),
            None => None,
        };
        let spec = StoreSpec { formats: vec![StoreFormat::Pem], pem_key, ..StoreSpec::default() };
        self.check_passwords(spec, None, key_password.as_ref());
        let files = outs.into_iter().map(|(_, part, path, file)| Some((part, path.to_owned(), file?)));
        let files = files.collect::<Option<Vec<_>>>()?;
        Some(Target::Parts { is_pem: format == ExportFormat::Pem, pem_key, files, key_password })
    }

    /// Returns the password of a file that is written: the one that is given, or that of the source, or one that is made.
    fn new_password(&mut self, given: Option<Given>, kept: Option<&Given>, out: &Path) -> Option<NewPassword> {
        if let Some(given) = given {
            return Some(NewPassword { given, origin: Origin::Given, file: None });
        }
        if let Some(kept) = kept {
            return Some(NewPassword { given: kept.clone(), origin: Origin::Kept, file: None });
        }
        let path = password_path(out);
        let file = self.new_file(&path)?;
        let password = Password::make(&SystemRandom).map_err(|error| self.problems.push(error.into())).ok()?;
        let given = Given { password, reference: SecretReference::Made };
        Some(NewPassword { given, origin: Origin::Made(path), file: Some(file) })
    }

    /// Checks that those who read the result can use its passwords.
    fn check_passwords(&mut self, spec: StoreSpec, store: Option<&NewPassword>, key: Option<&NewPassword>) {
        let password = |new: Option<&NewPassword>| new.map(|new| new.given.password.clone());
        let spec = StoreSpec { store_password: password(store), key_password: password(key), ..spec };
        let is_kept = |new: Option<&NewPassword>| new.is_some_and(|new| new.origin == Origin::Kept);
        let (store_is_kept, key_is_kept) = (is_kept(store), is_kept(key));
        for fault in spec.password_faults(&spec.formats) {
            self.problems.push(Problem::of_new_password(fault, store_is_kept, key_is_kept));
        }
        let is_short = |new: &&NewPassword| new.origin == Origin::Given && new.given.password.is_short();
        if spec.formats == [StoreFormat::Jks] && [store, key].into_iter().flatten().any(|new| is_short(&new)) {
            self.warnings.push(format!(
                "the new password has fewer than {} characters, and a JKS store costs an attacker one SHA-1 a guess",
                kafka_certgen::secret::SHORT_PASSWORD
            ));
        }
    }
}

impl Export {
    /// Writes everything in memory, and returns the facts with the files.
    pub(crate) fn write(&self) -> Result<(ExportFacts, Vec<(NewFile, FileContents)>), Failure> {
        let mut facts =
            ExportFacts { files: Vec::new(), remarks: self.selection.remarks().to_vec(), script: self.script() };
        let mut files = Vec::new();
        for made in self.target.passwords() {
            files.extend(made.file.iter().map(|file| run::password_file(file.clone(), &made.given.password)));
        }
        match &self.target {
            Target::Store { format, profile, out, file, password, key_password } => {
                let written = self.write_store(*format, *profile, password, key_password.as_ref())?;
                facts.remarks.extend(written.remarks);
                // The others are said of each reader.
                let is_said = |limit: &&ReaderLimit| matches!(limit, ReaderLimit::OldJava | ReaderLimit::OnlyJava(_));
                let limits = written.limits.iter().filter(|limit| !is_said(limit)).map(ToString::to_string).collect();
                let path = out.clone();
                facts.files.push(FileFacts { path, part: None, is_secret: true, readers: written.readers, limits });
                files.push((file.clone(), run::secret(written.bytes)));
            }
            Target::Parts { files: outs, .. } => {
                let parts: Vec<Part> = outs.iter().map(|(part, ..)| *part).collect();
                for (part, path, file) in outs {
                    let written = self.selection.part(*part, &parts, self.target.form(), &SystemRandom);
                    let written = written.map_err(|error| Problem::of_part(path, error, self.selection.taken()))?;
                    facts.remarks.extend(written.remarks);
                    let contents = if written.is_secret {
                        run::secret(written.bytes)
                    } else {
                        FileContents::public(written.bytes.to_vec())
                    };
                    files.push((file.clone(), contents));
                    facts.files.push(FileFacts {
                        path: path.clone(),
                        part: Some(*part),
                        is_secret: written.is_secret,
                        readers: written.readers,
                        limits: Vec::new(),
                    });
                }
            }
        }
        Ok((facts, files))
    }

    fn write_store(
        &self,
        format: StoreFormat,
        profile: Pkcs12Profile,
        password: &NewPassword,
        key_password: Option<&NewPassword>,
    ) -> Result<Written, Failure> {
        let store = &password.given.password;
        let key = key_password.map_or(store, |key| &key.given.password);
        let written = match format {
            StoreFormat::Jks => self.selection.to_jks(store, key, &SystemRandom),
            StoreFormat::Pkcs12 | StoreFormat::Pem => self.selection.to_pkcs12(profile, store, &SystemRandom),
        };
        let mut written = written.map_err(|error| Problem::of_misfit(error, self.selection.taken()))?;
        let old = self.source_key_password.as_ref().or(self.source_password.as_ref());
        if old.is_some_and(|old| old.password.expose() != key.expose()) {
            written.remarks.extend(self.selection.key_password_remark());
        }
        Ok(written)
    }

    /// Returns what keytool or openssl would be told, where one of them can do the same.
    fn script(&self) -> Option<String> {
        let [path] = self.sources.as_slice() else { return self.openssl() };
        let (SourceFormat::Store(format), Some(password)) = (self.source_format, &self.source_password) else {
            return self.openssl();
        };
        if !self.selection.is_of_java() {
            return None;
        }
        let source_type = format.to_string();
        let is_jceks = source_type == "JCEKS";
        let source = StoreReference {
            path,
            format: if source_type == "PKCS#12" { StoreFormat::Pkcs12 } else { StoreFormat::Jks },
            store_password: &password.reference,
            key_password: self.source_key_password.as_ref().map(|given| &given.reference),
            exists: true,
        };
        let taken = self.selection.taken();
        match &self.target {
            Target::Store { profile, .. } => {
                let out = self.target.reference()?;
                let source_type = is_jceks.then_some("JCEKS");
                let conversion = Conversion { source, source_type, out, profile: *profile };
                let entries =
                    taken.iter().map(|taken| (taken.from.as_str(), &taken.alias, taken.chain_length.is_some()));
                Some(script::import_store(&conversion, &entries.collect::<Vec<_>>()))
            }
            Target::Parts { is_pem, files, .. } => match (taken, files.as_slice()) {
                ([only], [(Part::All | Part::Trusted, out, _)]) if only.chain_length.is_none() && !is_jceks => {
                    Some(script::export_certificate(&source, &only.from, *is_pem, out))
                }
                _ => None,
            },
        }
    }

    /// Returns what openssl would be told to make PKCS#12 of a key and its certificates in PEM.
    fn openssl(&self) -> Option<String> {
        let Target::Store { format: StoreFormat::Pkcs12, profile, .. } = &self.target else { return None };
        let ([only], SourceFormat::Parts) = (self.selection.taken(), self.source_format) else { return None };
        only.chain_length?;
        let files: Vec<&Path> = self.sources.iter().map(PathBuf::as_path).collect();
        let key_password = self.source_key_password.as_ref().map(|given| &given.reference);
        let source = KeyAndCertificates { files: &files, key_password };
        Some(script::import_key(&source, &self.target.reference()?, *profile, &only.alias))
    }

    /// Returns the file with the password of the source, if it was found and is not found in the same way for what is written.
    pub(crate) fn beside(&self) -> Option<&Path> {
        let is_found = |out: &Path| password_beside(out).is_some();
        let beside = self.beside.as_deref();
        beside.filter(|_| !matches!(&self.target, Target::Store { out, .. } if is_found(out)))
    }

    /// Returns the files that are converted.
    pub(crate) fn sources(&self) -> &[PathBuf] {
        &self.sources
    }
}

impl Target {
    /// Returns its passwords, each once.
    fn passwords(&self) -> impl Iterator<Item = &NewPassword> {
        let (store, key) = match self {
            Self::Store { password, key_password, .. } => (Some(password), key_password.as_ref()),
            Self::Parts { key_password, .. } => (None, key_password.as_ref()),
        };
        store.into_iter().chain(key)
    }

    /// Returns the form of files of PEM and DER.
    fn form(&self) -> Form<'_> {
        match self {
            Self::Parts { is_pem: true, pem_key, key_password, .. } => {
                Form::pem(*pem_key, key_password.as_ref().map(|new| &new.given.password))
            }
            _ => Form::Der,
        }
    }

    /// Returns a store as keytool is told of it.
    fn reference(&self) -> Option<StoreReference<'_>> {
        let Self::Store { format, out, password, key_password, .. } = self else { return None };
        Some(StoreReference {
            path: out,
            format: *format,
            store_password: &password.given.reference,
            key_password: key_password.as_ref().map(|new| &new.given.reference),
            exists: false,
        })
    }
}
