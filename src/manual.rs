//! The handbook: no code, only reasons.

#[doc = include_str!("manual/defaults.md")]
pub mod defaults {}

#[doc = include_str!("manual/formats.md")]
pub mod formats {}

#[doc = include_str!("manual/threat_model.md")]
pub mod threat_model {}
