//! Facts of fixtures.
