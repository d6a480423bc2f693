//! `kafka-certgen completions`.

use std::ffi::OsString;

use clap::{Args, ValueEnum};

use crate::complete;
use crate::problem::Failure;
use crate::report::Terminal;

/// Print the script that lets a shell complete commands, flags and their values.
///
/// Flags and values come from the definitions that the help comes from. The names of brokers and clients come from the bundle that the
/// line names, with --out or --bundle for example, else from ./kafka-certs; only its bundle.json is read. Files are completed by the
/// shell itself. The script calls `kafka-certgen` on each TAB, so that it stays right when the program is replaced.
#[derive(Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The shell
    #[arg(value_name = "SHELL")]
    pub(crate) shell: Shell,
    /// Say which words can stand at this place of a line, from 0 on, instead: what the scripts ask
    #[arg(long, hide = true, value_name = "PLACE", requires = "words")]
    pub(crate) place: Option<usize>,
    /// The words of the line
    #[arg(hide = true, last = true, requires = "place")]
    pub(crate) words: Vec<OsString>,
}

/// A shell that completes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Shell {
    Bash,
    Zsh,
    Fish,
    #[value(alias = "pwsh")]
    Powershell,
}

const EXAMPLES: &str = "\
Examples:
  source <(kafka-certgen completions bash)
  kafka-certgen completions fish | source

For good:
  The folder has to be there: mkdir -p.
  bash        kafka-certgen completions bash > ~/.local/share/bash-completion/completions/kafka-certgen
              or, without the package bash-completion, in ~/.bashrc: source <(kafka-certgen completions bash)
  zsh         kafka-certgen completions zsh > ~/.zfunc/_kafka-certgen
              with these lines in ~/.zshrc: fpath+=~/.zfunc; autoload -Uz compinit; compinit
              or, after compinit: source <(kafka-certgen completions zsh)
  fish        kafka-certgen completions fish > ~/.config/fish/completions/kafka-certgen.fish
  powershell  in the file $PROFILE: kafka-certgen completions powershell | Out-String | Invoke-Expression
  For all users: /usr/share/bash-completion/completions, /usr/share/zsh/site-functions, /usr/share/fish/vendor_completions.d";

/// Runs the command.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    match arguments.place {
        None => Terminal::data(complete::script(arguments.shell).as_bytes()),
        Some(place) => Terminal::data(&complete::answer(arguments.shell, &arguments.words, place)),
    }
}
