//! The calls of `export`.

mod store;

pub(crate) use store::{Export, ExportFacts, FileFacts, Origin, Target, store};
