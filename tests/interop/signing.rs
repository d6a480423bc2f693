//! `sign` with requests and CAs of everybody: keytool, OpenSSL, Go, Java; and what it refuses.
//!
//! The same requests and CAs are signed by OpenSSL too, which shows that they are what they are said to be and that the judges find
//! nothing wrong with a sound certificate.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use crate::support::bundle::BINARY;
use crate::support::command::{Finished, command};

mod authorities;
mod authority;
mod ca_refusals;
mod judges;
mod keys;
mod refusals;
mod requests;
mod serials;
mod zoo;

const SOURCES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/interop/signing");

/// Where these tests make their files; it is empty when they start.
static WORKSHOP: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("signing");
    if folder.exists() {
        fs::remove_dir_all(&folder).unwrap();
    }
    fs::create_dir(&folder).unwrap();
    folder
});

/// Makes a folder in the workshop.
fn folder(name: &str) -> PathBuf {
    let folder = WORKSHOP.join(name);
    fs::create_dir(&folder).unwrap();
    folder
}

/// Runs OpenSSL, which must succeed.
fn openssl<'a>(arguments: impl IntoIterator<Item = &'a str>) -> Finished {
    Finished::of(&mut command("openssl", arguments)).successfully()
}

/// Returns a path as an argument.
fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// Builds a Go program that needs nothing but the standard library.
fn go(source: &str) -> PathBuf {
    let program = WORKSHOP.join(source.trim_end_matches(".go"));
    let mut build = command("go", ["build", "-o"]);
    build.arg(&program).arg(Path::new(SOURCES).join(source)).envs([("GO111MODULE", "off"), ("GOTOOLCHAIN", "local")]);
    Finished::of(&mut build).successfully();
    program
}

/// What a certificate is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Profile {
    Broker,
    Controller,
    Client,
}

impl Profile {
    const fn name(self) -> &'static str {
        match self {
            Self::Broker => "broker",
            Self::Controller => "controller",
            Self::Client => "client",
        }
    }

    const fn is_server(self) -> bool {
        !matches!(self, Self::Client)
    }
}

/// A request, and what must come of it.
#[derive(Clone, Debug)]
struct Request {
    name: String,
    file: PathBuf,
    profile: Profile,
    /// The names in the certificate, as `dns:NAME` and `ip:ADDRESS`.
    alt_names: Vec<&'static str>,
    /// What the request asks for and does not get: one of the words of each group must be said, in any case.
    unmet: &'static [&'static [&'static str]],
}

/// A CA, as its owner has it and as judges take it.
#[derive(Debug)]
struct Authority {
    name: String,
    /// How `sign` is told of it.
    arguments: Vec<String>,
    /// How `openssl x509 -req` is told of it.
    openssl: Vec<String>,
    root: PathBuf,
    /// From the issuer of the certificates up to the root, both in PEM; the issuer is the root if there are none.
    intermediates: Vec<PathBuf>,
    /// What `openssl verify -x509_strict` has against the CA itself.
    faults: &'static [&'static str],
}

impl Authority {
    /// Returns the certificate of the one that signs.
    fn issuer(&self) -> &Path {
        self.intermediates.first().unwrap_or(&self.root)
    }
}

/// Whoever signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Signer {
    Ours,
    OpenSsl,
}

impl Signer {
    /// Returns the call that signs `request` into `out`.
    fn call(self, authority: &Authority, request: &Request, out: &Path) -> Command {
        match self {
            Self::Ours => {
                let mut sign = ours(&authority.arguments, &request.file, out);
                sign.args(["--profile", request.profile.name()]);
                sign
            }
            Self::OpenSsl => {
                let extensions = out.with_extension("cnf");
                fs::write(&extensions, sound_extensions(request)).unwrap();
                openssl_sign(authority, &request.file, &extensions, out)
            }
        }
    }
}

/// Returns a call of `sign`.
fn ours(authority: &[String], request: &Path, out: &Path) -> Command {
    let mut sign = command(BINARY, ["sign", "--batch", "--validity", "30", "--in"]);
    sign.arg(request).arg("--out").arg(out).args(authority);
    sign
}

/// Returns a call of OpenSSL that signs with given extensions.
fn openssl_sign(authority: &Authority, request: &Path, extensions: &Path, out: &Path) -> Command {
    let mut sign = command("openssl", ["x509", "-req", "-days", "30", "-extfile", text(extensions), "-out", text(out)]);
    sign.arg("-in").arg(request).args(&authority.openssl);
    if request.extension().is_some_and(|extension| extension == "der") {
        sign.args(["-inform", "DER"]);
    }
    sign
}

/// Returns the extensions that `request` is to get, as OpenSSL is told of them.
fn sound_extensions(request: &Request) -> String {
    let usage = if request.profile.is_server() { "serverAuth,clientAuth" } else { "clientAuth" };
    let mut lines = vec![
        "basicConstraints=critical,CA:FALSE".to_owned(),
        "keyUsage=critical,digitalSignature".to_owned(),
        format!("extendedKeyUsage={usage}"),
        "subjectKeyIdentifier=hash".to_owned(),
        "authorityKeyIdentifier=keyid,issuer".to_owned(),
    ];
    if !request.alt_names.is_empty() {
        let name = |name: &&str| name.replacen("dns:", "DNS:", 1).replacen("ip:", "IP:", 1);
        let alt_names: Vec<_> = request.alt_names.iter().map(name).collect();
        lines.push(format!("subjectAltName={}", alt_names.join(",")));
    }
    lines.join("\n")
}
