//! The calls of `export`.

mod bundle;
mod store;

pub(crate) use bundle::{Destination, Kubernetes, Tar, kubernetes, tar};
pub(crate) use store::{Export, ExportFacts, FileFacts, Origin, Target, store};
