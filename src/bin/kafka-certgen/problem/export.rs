//! Why nothing was exported.

mod bundle;
mod store;
