//! The call of `man`.

use kafka_certgen::output::NewFile;

use crate::cli::man::Arguments;
use crate::problem::{Failure, Problem};
use crate::report::man::{Page, pages};

/// A call of `man` that can be carried out.
pub(crate) enum ManCall {
    Print(Page),
    Write(Vec<(NewFile, Page)>),
}

/// Converts the arguments of `man`.
pub(crate) fn man(arguments: &Arguments) -> Result<ManCall, Failure> {
    let mut pages = pages()?;
    if let Some(folder) = &arguments.out {
        let place = |page: Page| match NewFile::new(&folder.join(&page.file)) {
            Ok(file) => Ok((file, page)),
            Err(error) => Err(Problem::of_file(&error)),
        };
        // A folder that is not there, or that holds them already, is one mistake and not one for each page.
        return Ok(ManCall::Write(pages.into_iter().map(place).collect::<Result<_, _>>()?));
    }
    let wanted = arguments.command.join(" ");
    match pages.iter().position(|page| page.is_of(&wanted)) {
        Some(at) => Ok(ManCall::Print(pages.swap_remove(at))),
        None => Err(Problem::no_page(&wanted, pages.iter().map(|page| page.command.as_str())).into()),
    }
}
