//! Which words can follow on a command line that is being typed.
//!
//! The scripts of the shells ask with the words as they stand on the line. The answer is a first line that says what can follow, and then
//! the words, each a line, with a tab and what it means behind it where that is known:
//!
//! ```text
//! words            these words
//! files PREFIX     the names of files, behind this part of the word, which the shell completes itself
//! folders PREFIX   the names of folders, likewise
//! ```
//!
//! Whatever is wrong, the answer is that nothing follows: nobody wants to read an error on pressing TAB.

use std::ffi::{OsStr, OsString};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Arg, Command, CommandFactory, ValueHint};
use clap_complete::engine::{self, ArgValueCompleter, CompletionCandidate};
use kafka_certgen::bundle::INVENTORY;
use kafka_certgen::diagnosis::catalogue;
use kafka_certgen::spec::NodeRole;
use kafka_certgen::verify::load;

use crate::cli::Cli;
use crate::cli::completions::Shell;
use crate::cli::values::Values;

mod words;

/// The folder of a bundle that nothing names.
const BUNDLE: &str = "kafka-certs";

/// Stands for whatever the shell finds on the disk; no argument can have a NUL.
const FILES: &str = "\0files";
const FOLDERS: &str = "\0folders";

/// Where a password comes from, as far as that can be typed ahead. `pass:` is left out: it shall not be easy to come by.
const SOURCES: [(&str, &str); 5] = [
    ("file:", "the file's only line"),
    ("env:", "an environment variable"),
    ("fd:", "an open file descriptor"),
    ("stdin", "the next line of the standard input"),
    ("prompt", "asked for at the terminal"),
];

/// Returns the script of a shell.
pub(crate) fn script(shell: Shell) -> &'static str {
    match shell {
        Shell::Bash => include_str!("complete/kafka-certgen.bash"),
        Shell::Zsh => include_str!("complete/_kafka-certgen"),
        Shell::Fish => include_str!("complete/kafka-certgen.fish"),
        Shell::Powershell => include_str!("complete/kafka-certgen.ps1"),
    }
}

/// Returns which words can stand at a place of the line.
pub(crate) fn answer(shell: Shell, line: &[OsString], place: usize) -> Vec<u8> {
    let mut line = words::unquoted(shell, line, place);
    let is_on_line = place > 0 && place <= line.len();
    line.truncate(place.saturating_add(1));
    if place == line.len() {
        // Not every shell hands over an empty word.
        line.push(OsString::new());
    }
    let word = line.last().cloned().unwrap_or_default();
    let mut command = completing(&line);
    let found = if is_on_line { engine::complete(&mut command, line, place, None) } else { Ok(Vec::new()) };
    let candidates = found.unwrap_or_default();
    print(&candidates, &word).into_bytes()
}

fn print(candidates: &[CompletionCandidate], word: &OsStr) -> String {
    let mut text = String::from("words\n");
    // Flags are for those who have begun one, unless there is nothing else.
    let is_flag = |candidate: &CompletionCandidate| candidate.get_value().as_encoded_bytes().starts_with(b"-");
    let only_flags = word.as_encoded_bytes().starts_with(b"-") || candidates.iter().all(is_flag);
    for candidate in candidates {
        // What is not Unicode was typed so, and nothing known begins like it.
        let Some(value) = candidate.get_value().to_str() else { continue };
        for (mark, what) in [(FILES, "files"), (FOLDERS, "folders")] {
            if let Some(prefix) = value.strip_suffix(mark) {
                return format!("{what} {prefix}\n");
            }
        }
        if is_flag(candidate) != only_flags || value.contains(char::is_control) {
            continue;
        }
        let help = candidate.get_help().map(ToString::to_string).unwrap_or_default();
        let help = help.lines().next().unwrap_or_default();
        // Writing to a String cannot fail.
        let _ = match help {
            "" => writeln!(text, "{value}"),
            help => writeln!(text, "{value}\t{}", help.replace('\t', " ")),
        };
    }
    text
}

/// Returns the command line's definition, whose arguments know their values.
fn completing(line: &[OsString]) -> Command {
    let command = Cli::command();
    let commands: Vec<String> = command.get_subcommands().filter(|command| !command.is_hide_set()).map(name).collect();
    let commands = Arc::new(commands);
    command.mut_subcommands(|command| knowing(command, line, &commands))
}

/// Lets the arguments of a command, and of those below it, know their values.
fn knowing(command: Command, line: &[OsString], commands: &Arc<Vec<String>>) -> Command {
    let call = Arc::new(Call { words: line.to_vec(), bundle_flags: bundle_flags(&command) });
    let command = command.mut_subcommands(|below| knowing(below, line, commands));
    let commands = Arc::clone(commands);
    command.mut_args(move |argument| with_values(argument, &call, &commands))
}

fn name(command: &Command) -> String {
    command.get_name().to_owned()
}

/// Returns the flags by which a command is told the folder of a bundle. With another default, `--out` is the folder of something else.
fn bundle_flags(command: &Command) -> Vec<String> {
    let names_bundle = |argument: &&Arg| {
        argument.get_long() == Some("bundle") || argument.get_default_values().iter().any(|value| value == BUNDLE)
    };
    let flags = command.get_arguments().filter(names_bundle).filter_map(Arg::get_long);
    flags.map(|flag| format!("--{flag}")).collect()
}

fn with_values(argument: Arg, call: &Arc<Call>, commands: &Arc<Vec<String>>) -> Arg {
    if let Some(values) = argument.get::<Values>().copied() {
        let (call, commands) = (Arc::clone(call), Arc::clone(commands));
        return argument.add(ArgValueCompleter::new(move |typed: &OsStr| match values {
            Values::Commands => beginning_with(typed, commands.to_vec()),
            Values::Identities(role) => beginning_with(typed, identities(&call.bundle(), role)),
            Values::Messages => {
                beginning_with(typed, catalogue::entries().map(|entry| entry.code.to_owned()).collect())
            }
        }));
    }
    let is_source = argument.get_value_names().is_some_and(|names| names.iter().any(|name| name == "SOURCE"));
    if is_source {
        return argument.add(ArgValueCompleter::new(sources));
    }
    let of_disk = match argument.get_value_hint() {
        ValueHint::DirPath => FOLDERS,
        ValueHint::AnyPath | ValueHint::FilePath => {
            let is_folder =
                argument.get_value_names().is_some_and(|names| names.iter().any(|name| name.as_str() == "DIR"));
            if is_folder { FOLDERS } else { FILES }
        }
        _ => return argument,
    };
    // What begins with a hyphen is a flag, where both can stand.
    let is_path = |typed: &OsStr| !typed.as_encoded_bytes().starts_with(b"-");
    argument.add(ArgValueCompleter::new(move |typed: &OsStr| {
        is_path(typed).then(|| CompletionCandidate::new(of_disk)).into_iter().collect::<Vec<_>>()
    }))
}

fn beginning_with(typed: &OsStr, values: Vec<String>) -> Vec<CompletionCandidate> {
    let is_begun = |value: &String| value.as_bytes().starts_with(typed.as_encoded_bytes());
    values.into_iter().filter(is_begun).map(CompletionCandidate::new).collect()
}

/// Returns where a password may come from. Of the environment, names are told and never values.
fn sources(typed: &OsStr) -> Vec<CompletionCandidate> {
    if typed.as_encoded_bytes().starts_with(b"file:") {
        return vec![CompletionCandidate::new(format!("file:{FILES}"))];
    }
    if typed.as_encoded_bytes().starts_with(b"env:") {
        let names = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
        let mut names: Vec<String> = names.map(|name| format!("env:{name}")).collect();
        names.sort_unstable();
        return beginning_with(typed, names);
    }
    let begun = SOURCES.iter().filter(|(source, _)| source.as_bytes().starts_with(typed.as_encoded_bytes()));
    begun.map(|(source, what)| CompletionCandidate::new(*source).help(Some((*what).into()))).collect()
}

/// Returns the names in a bundle: nothing, if there is none that can be read.
fn identities(folder: &Path, role: Option<NodeRole>) -> Vec<String> {
    let Ok(inventory) = load::inventory(folder) else { return Vec::new() };
    let identities = inventory.identities.into_iter();
    identities.filter(|identity| role.is_none_or(|role| identity.role == role)).map(|identity| identity.name).collect()
}

/// A call that is being typed.
struct Call {
    /// From the program to what is being typed.
    words: Vec<OsString>,
    bundle_flags: Vec<String>,
}

impl Call {
    /// Returns the folder of the bundle: the one that a flag names, the last of them, else one that stands in the line on its own.
    fn bundle(&self) -> PathBuf {
        let mut named = None;
        let mut alone = None;
        let words = self.words.get(1..self.words.len().saturating_sub(1)).unwrap_or_default();
        for (at, word) in words.iter().enumerate() {
            let Some(text) = word.to_str() else { continue };
            for flag in &self.bundle_flags {
                match text.strip_prefix(flag.as_str()) {
                    Some("") => named = words.get(at.saturating_add(1)).map(PathBuf::from).or(named),
                    Some(value) => named = value.strip_prefix('=').map(PathBuf::from).or(named),
                    None => {}
                }
            }
            let is_bundle = || words::at_home(Path::new(word)).join(INVENTORY).is_file();
            if alone.is_none() && !text.starts_with('-') && is_bundle() {
                alone = Some(PathBuf::from(word));
            }
        }
        named.or(alone).map_or_else(|| BUNDLE.into(), |folder| words::at_home(&folder))
    }
}
