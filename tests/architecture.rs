//! The package keeps the shape that it was designed in: imports go one way, only the writer knows the disk, only the binary knows the
//! clock, and the top level holds what it shall and no more.

#![allow(clippy::unwrap_used, reason = "a test fails with a panic, also below its helpers")]

use std::fs;
use std::path::{Path, PathBuf};

/// The modules of the library, from the top down. A module imports from lower layers, and from its own only what is in [`BESIDE`].
const LAYERS: [&[&str]; 5] = [
    &["pipeline"],
    &["verify", "handshake", "diagnosis", "inspect", "output", "bundle", "script", "config", "export"],
    &["keystore", "pki", "kafka"],
    &["spec", "pbe"],
    &["name", "secret", "random"],
];

/// Imports within a layer.
const BESIDE: [(&str, &str); 8] = [
    ("config", "bundle"),
    ("export", "bundle"),
    ("handshake", "diagnosis"),
    ("handshake", "verify"),
    ("output", "bundle"),
    ("script", "bundle"),
    ("secret", "random"),
    ("verify", "bundle"),
];

/// Modules of documentation alone.
const MANUAL: &str = "manual";

/// What a path may not begin with, beside the modules that may all the same.
const DISK: [&str; 3] = ["std::fs", "rustix::fs", "tempfile"];
const MAY_USE_DISK: [&str; 3] = ["output", "verify", "spec::file"];

/// What a path may name in the module that talks to brokers alone.
const SOCKETS: [&str; 6] = ["TcpStream", "TcpListener", "UdpSocket", "ToSocketAddrs", "UnixStream", "UnixListener"];
const MAY_USE_SOCKETS: &str = "handshake::live";

/// What no path in the library may name: time and randomness are arguments.
const AMBIENT: [&str; 5] = ["now_utc", "now_local", "SystemTime", "Instant", "SystemRandom"];

/// What issues and must not be asked whether what was issued is sound.
const ISSUING: [&str; 5] =
    ["CertificateAuthority", "CertificateChain", "CertificateProfile", "LintFault", "NameConstraintError"];

/// What a bundle's own files and folders are called, which who judges one has to know.
const NAMES_OF_A_BUNDLE: [&str; 3] = ["INVENTORY", "RETIRED", "record::RECORD"];

/// What the top level of the package may hold, beside dot files and what git ignores.
const TOP_LEVEL: [&str; 7] = ["Cargo.toml", "Cargo.lock", "src", "tests", "examples", "README.md", "LICENSE"];

#[test]
fn imports_go_one_way_down() {
    assert_eq!(faults_of_library(import_faults), [""; 0]);
}

#[test]
fn the_list_of_modules_is_in_the_order_of_imports() {
    let text = fs::read_to_string(root().join("src/lib.rs")).unwrap();
    let rows: Vec<&str> = text.lines().filter(|line| line.starts_with("//! | [")).collect();
    let place = |module: &str| rows.iter().position(|row| row.contains(&format!("[`{module}`]"))).unwrap();
    for [upper, lower] in LAYERS.windows(2).map(|pair| [pair[0], pair[1]]) {
        for (module, target) in upper.iter().flat_map(|module| lower.iter().map(move |target| (module, target))) {
            assert!(place(module) > place(target), "{module} stands above {target}");
        }
    }
    for (module, target) in BESIDE {
        // Two may share a row.
        assert!(place(module) >= place(target), "{module} stands above {target}");
    }
}

#[test]
fn only_the_writer_knows_the_disk_and_nothing_knows_the_clock() {
    assert_eq!(faults_of_library(ambient_faults), [""; 0]);
}

#[test]
fn only_the_live_handshake_knows_the_network() {
    assert_eq!(faults_of_library(network_faults), [""; 0]);
    let faults = |module: &str, code: &str| network_faults(&Source::new(module, code));
    let code = "use std::net::{IpAddr, TcpStream};";
    assert_eq!(faults("handshake::memory", code), ["handshake::memory uses std::net::TcpStream"]);
    assert_eq!(
        faults("verify", "fn f() { std::net::TcpListener::bind(a) }"),
        ["verify uses std::net::TcpListener::bind"]
    );
    assert_eq!(faults("handshake::live::dial", code), [""; 0]);
    assert_eq!(faults("handshake::lively", code).len(), 1);
    assert_eq!(faults("name", "use std::net::IpAddr;"), [""; 0]);
}

#[test]
fn who_judges_shares_nothing_with_who_issues_but_the_decoders() {
    assert_eq!(faults_of_library(issuing_faults), [""; 0]);
    let faults = |module: &str, code: &str| issuing_faults(&Source::new(module, code));
    let code = "use crate::pki::{CertificateAuthority, DecodedCertificate};";
    assert_eq!(faults("verify::chain", code), ["verify::chain uses crate::pki::CertificateAuthority"]);
    assert_eq!(faults("pipeline", code), [""; 0]);
    assert_eq!(faults("verify", "use crate::bundle::Artifact;"), ["verify uses crate::bundle::Artifact"]);
}

#[test]
fn the_top_level_holds_what_it_shall() {
    let ignored = fs::read_to_string(root().join(".gitignore")).unwrap();
    let ignored: Vec<&str> = ignored.lines().filter_map(|line| line.strip_prefix('/')).collect();
    let names = fs::read_dir(root()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let strays: Vec<String> = names
        .filter(|name| {
            !name.starts_with('.') && !TOP_LEVEL.contains(&name.as_str()) && !ignored.contains(&name.as_str())
        })
        .collect();
    assert_eq!(strays, [""; 0]);
}

#[test]
fn an_import_that_goes_up_is_found() {
    let faults = |module: &str, code: &str| import_faults(&Source::new(module, code));
    assert_eq!(faults("name", "use crate::spec::Days;"), ["name imports crate::spec::Days"]);
    assert_eq!(faults("pki::key", "use crate::{name::{Alias, dn}, output};"), ["pki::key imports crate::output"]);
    assert_eq!(
        faults("pki", "fn f() { g(crate::keystore::jks::is_jks(b)) }"),
        ["pki imports crate::keystore::jks::is_jks"]
    );
    assert_eq!(faults("name", "use super::spec::Days;"), ["name imports super::spec::Days"]);
    assert_eq!(faults("pki::key", "use super::super::bundle;"), ["pki::key imports super::super::bundle"]);
    assert_eq!(faults("bundle", "use crate::output::Target;"), ["bundle imports crate::output::Target"]);
    assert_eq!(faults("anything", "use crate::name::Alias;"), ["anything is in no layer"]);
    assert_eq!(faults("spec", "use crate::anything;"), ["spec imports crate::anything"]);
}

#[test]
fn an_import_that_goes_down_is_none() {
    let faults = |module: &str, code: &str| import_faults(&Source::new(module, code));
    assert_eq!(faults("pki::key", "use super::PkiError; use crate::spec::Days; use crate::pki::Certificate;"), [""; 0]);
    assert_eq!(faults("output", "use crate::bundle::Bundle;"), [""; 0]);
    assert_eq!(
        faults("name", "/// See [`crate::pipeline`].\nconst TEXT: &str = \"use crate::pki;\"; // crate::pki"),
        [""; 0]
    );
    assert_eq!(faults("name", "#[cfg(test)] mod tests { use super::*; use crate::pki::KeyPair; }"), [""; 0]);
    assert_eq!(faults("name", "#[cfg(test)] mod tests; use crate::pki::KeyPair;").len(), 1);
    assert_eq!(faults("name", "#[cfg(test)] mod tests { fn f() {} } use crate::pki::KeyPair;").len(), 1);
    let quotes = "'\"'; '\\''; b\"\\\"\"; r#\"\"crate::pki\"#; &'a str; ";
    assert_eq!(faults("name", quotes), [""; 0]);
    assert_eq!(faults("name", &format!("{quotes} use crate::pki;")), ["name imports crate::pki"]);
}

#[test]
fn use_of_the_disk_or_the_clock_is_found() {
    let faults = |module: &str, code: &str| ambient_faults(&Source::new(module, code));
    assert_eq!(faults("pki", "use std::{fmt, fs};"), ["pki uses std::fs"]);
    assert_eq!(faults("pki", "fn f() { std::fs::read(p) }"), ["pki uses std::fs::read"]);
    assert_eq!(faults("output", "use std::fs::File; use tempfile::TempDir;"), [""; 0]);
    assert_eq!(faults("output", "fn f() { OffsetDateTime::now_utc() }"), ["output uses OffsetDateTime::now_utc"]);
    assert_eq!(faults("spec", "use std::time::{Duration, SystemTime};"), ["spec uses std::time::SystemTime"]);
    assert_eq!(faults("pki", "use crate::random::SystemRandom;"), ["pki uses crate::random::SystemRandom"]);
    assert_eq!(faults("pki", "#[cfg(test)] mod tests { use crate::random::SystemRandom; }"), [""; 0]);
    assert_eq!(faults("pki", "use std::fmt; struct Instants;"), [""; 0]);
}

/// A module with the paths that its code names.
struct Source {
    module: String,
    paths: Vec<String>,
}

impl Source {
    fn new(module: &str, code: &str) -> Self {
        Self { module: module.to_owned(), paths: paths(&tokens(code)) }
    }

    fn top_module(&self) -> &str {
        self.module.split("::").next().unwrap()
    }

    /// Returns the module below the root of the crate that a path leads to, unless it stays within this module or leaves the crate.
    fn target<'p>(&self, path: &'p str) -> Option<&'p str> {
        let mut segments = path.split("::").peekable();
        if segments.next_if_eq(&"crate").is_none() {
            for _ in self.module.split("::") {
                segments.next_if_eq(&"super")?;
            }
        }
        segments.next().filter(|target| *target != self.top_module())
    }
}

fn import_faults(source: &Source) -> Vec<String> {
    let Source { module, paths } = source;
    let layer_of = |module: &str| LAYERS.iter().position(|layer| layer.contains(&module));
    let Some(own) = layer_of(source.top_module()) else { return vec![format!("{module} is in no layer")] };
    let goes_down = |target: &str| {
        layer_of(target).is_some_and(|layer| layer > own || BESIDE.contains(&(source.top_module(), target)))
    };
    let upward = paths.iter().filter(|path| source.target(path).is_some_and(|target| !goes_down(target)));
    upward.map(|path| format!("{module} imports {path}")).collect()
}

fn ambient_faults(source: &Source) -> Vec<String> {
    let Source { module, paths } = source;
    let is_in = |parent: &str| module == parent || module.starts_with(&format!("{parent}::"));
    let may_use_disk = MAY_USE_DISK.into_iter().any(is_in);
    let is_fault = |path: &&String| {
        let uses_disk = DISK.iter().any(|disk| *path == disk || path.starts_with(&format!("{disk}::")));
        (uses_disk && !may_use_disk) || path.split("::").any(|segment| AMBIENT.contains(&segment))
    };
    paths.iter().filter(is_fault).map(|path| format!("{module} uses {path}")).collect()
}

fn network_faults(source: &Source) -> Vec<String> {
    let Source { module, paths } = source;
    if module == MAY_USE_SOCKETS || module.starts_with(&format!("{MAY_USE_SOCKETS}::")) {
        return Vec::new();
    }
    let is_socket = |path: &&String| path.split("::").any(|segment| SOCKETS.contains(&segment));
    paths.iter().filter(is_socket).map(|path| format!("{module} uses {path}")).collect()
}

/// Of a bundle, who judges knows the inventory alone, and the name of its file.
fn issuing_faults(source: &Source) -> Vec<String> {
    let Source { module, paths } = source;
    let is_issuing = |path: &&String| {
        let of_bundle = path.strip_prefix("crate::bundle::");
        path.split("::").any(|segment| ISSUING.contains(&segment))
            || of_bundle.is_some_and(|rest| !NAMES_OF_A_BUNDLE.contains(&rest) && !rest.starts_with("inventory"))
    };
    if source.top_module() != "verify" {
        return Vec::new();
    }
    paths.iter().filter(is_issuing).map(|path| format!("{module} uses {path}")).collect()
}

/// Applies a rule to every module of the library.
fn faults_of_library(rule: fn(&Source) -> Vec<String>) -> Vec<String> {
    let src = root().join("src");
    let mut files = Vec::new();
    collect_files(&src, &mut files);
    files.sort();
    assert!(files.len() > 20, "this is not the library: {files:?}");
    let sources = files.iter().filter_map(|file| {
        let relative = file.strip_prefix(&src).unwrap().with_extension("");
        let module = relative.to_str().unwrap().replace('/', "::");
        let is_judged =
            !["lib", "random", MANUAL].contains(&module.as_str()) && !module.starts_with(&format!("{MANUAL}::"));
        is_judged.then(|| Source::new(&module, &fs::read_to_string(file).unwrap()))
    });
    sources.flat_map(|source| rule(&source)).collect()
}

/// Finds the files of the library: the binary is a crate of its own, and what tests import is theirs.
fn collect_files(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("src/bin") {
            collect_files(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") && !path.ends_with("tests.rs") {
            files.push(path);
        }
    }
}

/// Returns all paths that code names, those in the `{…}` of an import each on its own. Test modules are left out.
fn paths(tokens: &[&str]) -> Vec<String> {
    let mut paths = Vec::new();
    // What the paths of each open `{…}` begin with: nothing, where it is not an import's.
    let mut prefixes = vec![String::new()];
    let mut path = String::new();
    let mut rest = tokens;
    while let [token, after @ ..] = rest {
        rest = after;
        let expects_name = path.is_empty() || path.ends_with("::");
        if (is_name(token) && expects_name) || (*token == "::" && !expects_name) {
            path.push_str(token);
            continue;
        }
        if *token == "{" && path.ends_with("::") {
            prefixes.push(path.clone());
        } else {
            paths.extend(path.strip_suffix("::").or(Some(&path)).filter(|path| path.contains("::")).map(str::to_owned));
            match *token {
                "{" => prefixes.push(String::new()),
                "}" => drop(prefixes.pop()),
                "#" if rest.starts_with(&["[", "cfg", "(", "test", ")", "]"]) => rest = after_item(rest),
                _ => {}
            }
        }
        path = prefixes.last().cloned().unwrap_or_default();
        if is_name(token) {
            path.push_str(token);
        }
    }
    paths
}

/// Returns what follows an item, which ends with its block or with a semicolon.
fn after_item<'t, 'c>(tokens: &'t [&'c str]) -> &'t [&'c str] {
    let mut depth = 0;
    let end = tokens.iter().position(|token| {
        depth += i32::from(*token == "{") - i32::from(*token == "}");
        depth == 0 && matches!(*token, "}" | ";")
    });
    end.map_or(&[], |end| &tokens[end + 1..])
}

/// Splits code into names, `::` and single characters; comments and what stands in quotes are left out.
fn tokens(code: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut rest = code;
    while !rest.is_empty() {
        let name = rest.find(|c: char| !is_name_character(c)).unwrap_or(rest.len());
        let left_out = if rest.starts_with("//") { rest.find('\n').unwrap_or(rest.len()) } else { quoted(rest) };
        let length = match rest.chars().next() {
            _ if left_out > 0 => left_out,
            _ if name > 0 => name,
            _ if rest.starts_with("::") => 2,
            next => next.map_or(0, char::len_utf8),
        };
        let (token, after) = rest.split_at(length);
        if left_out == 0 && !token.trim().is_empty() {
            tokens.push(token);
        }
        rest = after;
    }
    tokens
}

/// Returns the length of the string or character that code begins with, or 0.
fn quoted(code: &str) -> usize {
    let length_of = |start: usize, end: &str| code[start..].find(end).map_or(code.len(), |at| start + at + end.len());
    let raw = code.strip_prefix('b').unwrap_or(code).strip_prefix('r').map(|raw| raw.trim_start_matches('#'));
    if let Some(raw) = raw.filter(|raw| raw.starts_with('"')) {
        let start = code.len() - raw.len();
        return length_of(start + 1, &format!("\"{}", "#".repeat(code[..start].matches('#').count())));
    }
    let mut characters = code.char_indices();
    let quote = characters.next().map(|(_, c)| c);
    match quote {
        // A lifetime has no second quote where a character has it.
        Some('\'') if !code[1..].starts_with('\\') => {
            characters.nth(1).filter(|(_, c)| *c == '\'').map_or(0, |(at, _)| at + 1)
        }
        Some('"' | '\'') => {
            let mut is_escaped = false;
            let end = characters.find(|(_, c)| {
                let is_end = Some(*c) == quote && !is_escaped;
                is_escaped = *c == '\\' && !is_escaped;
                is_end
            });
            end.map_or(code.len(), |(at, _)| at + 1)
        }
        _ => 0,
    }
}

fn is_name(token: &str) -> bool {
    token.starts_with(is_name_character)
}

fn is_name_character(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
