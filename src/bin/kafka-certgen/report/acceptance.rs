//! Who accepts the identities that `verify` has judged.

use std::fmt::Write;

use kafka_certgen::name::printable;
use kafka_certgen::verify::acceptance::{Acceptance, Answer, Stack};

use super::Terminal;
use super::style;
use super::table::{Cell, Table};
use super::wrap::wrap;

/// The columns: the stack, as a client, as a broker.
const WIDTHS: [usize; 3] = [18, 29, 29];

/// How wide a line may be.
const WIDTH: usize = 80;

/// How many names are shown on the line of those that all accept.
const SHOWN: usize = 20;

/// Writes a table for each identity that somebody refuses, or for each if `all`; the others in a line.
pub(super) fn write(out: &mut String, acceptances: &[Acceptance], all: bool, terminal: &Terminal) {
    let is_shown =
        |acceptance: &&Acceptance| all || acceptance.left_out.is_some() || acceptance.refusals().next().is_some();
    for acceptance in acceptances.iter().filter(is_shown) {
        write_table(out, acceptance, terminal);
    }
    let mut accepted: Vec<String> =
        acceptances.iter().filter(|acceptance| !is_shown(acceptance)).map(|it| printable(&it.identity)).collect();
    accepted.dedup();
    if accepted.is_empty() {
        return;
    }
    let stacks: Vec<&str> = Stack::ALL.iter().map(|stack| stack.name()).collect();
    let more = match accepted.len().checked_sub(SHOWN) {
        Some(more @ 1..) => format!(" and {more} more"),
        _ => String::new(),
    };
    accepted.truncate(SHOWN);
    let text = format!("accepted by {}: {}{more}", stacks.join(", "), accepted.join(", "));
    for (at, line) in wrap(&text, WIDTH - 2).into_iter().enumerate() {
        let _ = writeln!(out, "{}{line}", if at == 0 { "" } else { "  " });
    }
}

fn write_table(out: &mut String, acceptance: &Acceptance, terminal: &Terminal) {
    let colors = terminal.stdout_colors;
    let title = format!("who accepts {}", printable(&acceptance.identity));
    let _ = writeln!(out, "{}", style(&title, "1", colors));
    if let Some(why) = &acceptance.left_out {
        let _ = writeln!(out, "no stack was asked: {}\n", printable(why));
        return;
    }
    if acceptance.by_own_root {
        let _ = writeln!(out, "its own root stands for the truststore of the others: none was named");
    }
    let is_broker = !acceptance.hosts.is_empty();
    if is_broker {
        let hosts = format!("as a broker that clients connect to by {}", printable(&acceptance.hosts.join(", ")));
        let _ = writeln!(out, "{}", wrap(&hosts, WIDTH).join("\n"));
    }
    let widths = if is_broker { WIDTHS.as_slice() } else { &[WIDTHS[0], WIDTHS[1] + WIDTHS[2] + 2] };
    let mut table = Table::new(widths, colors);
    let heading = ["", "as a client of this broker", "as a broker of this client"];
    let columns = |cells: [Cell; 3]| -> Vec<Cell> {
        cells.into_iter().enumerate().filter(|(at, _)| is_broker || *at != 1).map(|(_, cell)| cell).collect()
    };
    table.row(&columns(heading.map(Cell::new)));
    table.rule();
    for row in &acceptance.table.rows {
        let cells = [Cell::new(row.stack.name()), answer(row.as_client.as_ref()), answer(row.as_broker.as_ref())];
        table.row(&columns(cells));
    }
    let _ = writeln!(out, "{}", table.finish());
}

fn answer(answer: Option<&Answer>) -> Cell {
    match answer {
        None => Cell::new("–"),
        Some(Answer::Accepted { .. }) => Cell::new("yes").styled("32"),
        Some(Answer::Refused { message, .. }) => Cell::new(format!("no: {}", printable(message))).styled("31"),
    }
}
