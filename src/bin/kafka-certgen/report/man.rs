//! The manual pages, from the definitions of the command line.

use std::io;

use clap::{Arg, Command, CommandFactory};
use clap_mangen::Man;
use clap_mangen::roff::{Inline, Roff, bold, roman};

use crate::cli::Cli;
use crate::problem::{Failure, Problem};

/// A page.
pub(crate) struct Page {
    /// The command's name, as `export tar`; nothing for the program itself.
    pub(crate) command: String,
    aliases: Vec<String>,
    /// The name of the page's file.
    pub(crate) file: String,
    /// The page, in the language of roff.
    pub(crate) text: Vec<u8>,
}

impl Page {
    /// Says whether it is the page of a command, by one of its names.
    pub(crate) fn is_of(&self, name: &str) -> bool {
        self.command == name || self.aliases.iter().any(|alias| alias == name)
    }
}

/// Returns all pages, that of the program first.
pub(crate) fn pages() -> Result<Vec<Page>, Failure> {
    let mut program = Cli::command().disable_help_subcommand(true);
    program.build();
    let mut commands = Vec::new();
    below(&program, "", &mut commands);
    let names: Vec<String> = commands.iter().map(|(_, command)| title(command)).collect();
    let own = title(&program);
    let mut pages = vec![page(program, String::new(), &[])?];
    for (name, command) in commands {
        let others: Vec<&String> =
            [&own].into_iter().chain(names.iter().filter(|name| **name != title(&command))).collect();
        pages.push(page(command, name, &others)?);
    }
    Ok(pages)
}

/// Collects the commands below one, each with what is typed for it.
fn below(command: &Command, typed: &str, commands: &mut Vec<(String, Command)>) {
    for command in command.get_subcommands().filter(|command| !command.is_hide_set()) {
        let name = format!("{typed}{}", command.get_name());
        commands.push((name.clone(), command.clone()));
        below(command, &format!("{name} "), commands);
    }
}

fn title(command: &Command) -> String {
    command.get_display_name().unwrap_or_else(|| command.get_name()).to_owned()
}

fn page(command: Command, name: String, others: &[&String]) -> Result<Page, Failure> {
    let aliases = command.get_visible_aliases().map(str::to_owned).collect();
    let title = title(&command);
    let text = render(command, &title, others).map_err(Problem::from)?;
    Ok(Page { command: name, aliases, file: format!("{title}.1"), text: text.into_bytes() })
}

fn render(mut command: Command, title: &str, others: &[&String]) -> io::Result<String> {
    // Every flag once more would be in the way of reading.
    let usage = command.render_usage().to_string();
    let usage = usage.trim_start_matches("Usage:").trim().to_owned();
    let extra = command.get_after_long_help().or_else(|| command.get_after_help()).map(ToString::to_string);
    let version = command.get_version().unwrap_or_default().to_owned();
    let headings: Vec<String> =
        command.get_arguments().filter_map(|argument| argument.get_help_heading().map(str::to_owned)).collect();
    let has_subcommands = command.has_subcommands();
    // The first paragraph is what stands behind the name already.
    let long = command.get_long_about().map(ToString::to_string);
    if let Some((_, rest)) = long.as_deref().and_then(|long| long.split_once("\n\n")) {
        command = command.long_about(rest.to_owned());
    }
    let command = command.override_usage(usage).subcommand_help_heading("COMMANDS").mut_args(with_values_in_line);
    let man = Man::new(command);
    let mut text = Vec::new();
    man.render_name_section(&mut text)?;
    man.render_synopsis_section(&mut text)?;
    man.render_description_section(&mut text)?;
    if has_subcommands {
        man.render_subcommands_section(&mut text)?;
    }
    let mut options = Vec::new();
    man.render_options_section(&mut options)?;
    text.extend(below_options(&String::from_utf8_lossy(&options), &headings).into_bytes());
    let mut rest = Roff::new();
    for block in extra.as_deref().unwrap_or_default().split("\n\n").filter(|block| !block.trim().is_empty()) {
        section(&mut rest, block);
    }
    if !others.is_empty() {
        rest.control("SH", ["SEE ALSO"]);
        see_also(&mut rest, others);
    }
    rest.to_writer(&mut text)?;
    let preamble = Roff::new().render();
    let body = String::from_utf8_lossy(&text).replace(&preamble, "");
    // There is no date: the same program has the same pages.
    let head = format!(".TH {} 1 \"\" \"kafka-certgen {version}\" \"kafka-certgen\"", title.to_uppercase());
    Ok(format!("{preamble}{head}\n{body}"))
}

/// Names the values of a flag in its line, as the help does, and not each in a paragraph of its own.
fn with_values_in_line(argument: Arg) -> Arg {
    let values: Vec<String> = argument.get_possible_values().iter().map(|value| value.get_name().to_owned()).collect();
    let help = argument.get_long_help().or_else(|| argument.get_help()).map(ToString::to_string);
    match help {
        Some(help) if !values.is_empty() => argument
            .hide_possible_values(true)
            .help(format!("{help} [possible values: {}]", values.join(", ")))
            .long_help(None::<&str>),
        _ => argument,
    }
}

/// Makes of a section for each heading of the help a part of the section of options.
fn below_options(text: &str, headings: &[String]) -> String {
    let line = |line: &str| {
        let name = line.strip_prefix(".SH ").map(|name| name.trim_matches('"'));
        let heading = name.and_then(|name| headings.iter().find(|heading| heading.to_uppercase() == name));
        heading.map_or_else(|| format!("{line}\n"), |heading| format!(".SS \"{heading}\"\n"))
    };
    text.lines().map(line).collect()
}

/// Writes a paragraph that stands below the flags in the help, `Title: text`, or `Title:` with lines below it that stay as they are.
fn section(roff: &mut Roff, block: &str) {
    let (title, text) = block.split_once(':').unwrap_or(("Notes", block));
    roff.control("SH", [title.to_uppercase().as_str()]);
    let Some(lines) = text.strip_prefix('\n') else {
        roff.text([roman(words(text))]);
        return;
    };
    if title == "Secrets" {
        let cells = lines.lines().flat_map(|line| line.split("  ")).map(str::trim).filter(|cell| !cell.is_empty());
        let cells: Vec<&str> = cells.collect();
        for (name, meaning) in cells.iter().step_by(2).zip(cells.iter().skip(1).step_by(2)) {
            roff.control("TP", []);
            roff.text([bold(*name)]);
            roff.text([roman(*meaning)]);
        }
        return;
    }
    roff.control("nf", []);
    for line in lines.lines() {
        roff.text([roman(line.strip_prefix("  ").unwrap_or(line))]);
    }
    roff.control("fi", []);
}

fn see_also(roff: &mut Roff, pages: &[&String]) {
    let mut names: Vec<Inline> = Vec::new();
    for (at, page) in pages.iter().enumerate() {
        names.extend((at > 0).then(|| roman(", ")));
        names.extend([bold(page.as_str()), roman("(1)")]);
    }
    roff.text(names);
}

/// Returns a text without the line breaks that it has in the help.
fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
