//! From what was typed to a specification that holds together. Every mistake of a call is found before any of them is
//! reported; nothing is changed here.

use std::str::FromStr;

use crate::problem::{Mistake, Problem};

mod init;

pub(crate) use init::{Init, init};

/// A call while it is converted: what was found so far.
struct Call {
    problems: Vec<Problem>,
    warnings: Vec<String>,
}

impl Call {
    fn keep<T, E: Mistake>(&mut self, flag: &str, result: Result<T, E>) -> Option<T> {
        result.map_err(|mistake| self.problems.push(Problem::of_flag(flag, &mistake))).ok()
    }

    fn value<T, E: Mistake>(&mut self, flag: &str, result: Result<T, E>, default: T) -> T {
        self.keep(flag, result).unwrap_or(default)
    }

    fn parse<T: FromStr<Err: Mistake>>(&mut self, flag: &str, text: &str, default: T) -> T {
        self.value(flag, text.parse(), default)
    }
}
