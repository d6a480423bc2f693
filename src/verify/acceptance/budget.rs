//! What a model may cost: chains and anchors come from strangers.

use std::cell::Cell;

use super::STEPS;
use crate::pki::decoded::Subtree;

/// How often names are compared with subtrees for one answer: as often as OpenSSL does it, `NAME_CHECK_MAX`.
pub(super) const COMPARISONS: usize = 1 << 20;

/// How many namesakes of an issuer are looked at for one answer.
const CANDIDATES: usize = 5_000;

/// What is left for one answer.
#[derive(Debug)]
pub(super) struct Budget {
    steps: Cell<usize>,
    candidates: Cell<usize>,
    comparisons: Cell<usize>,
}

/// There is nothing left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Spent;

impl Budget {
    pub(super) fn new() -> Self {
        Self::with_comparisons(COMPARISONS)
    }

    pub(super) fn with_comparisons(comparisons: usize) -> Self {
        let [steps, candidates, comparisons] = [STEPS, CANDIDATES, comparisons].map(Cell::new);
        Self { steps, candidates, comparisons }
    }

    /// Says whether there is a step of a search left, and takes it.
    pub(super) fn step(&self) -> bool {
        take(&self.steps)
    }

    /// Says whether one more namesake of an issuer may be looked at, and takes it.
    pub(super) fn candidate(&self) -> bool {
        take(&self.candidates)
    }

    /// Says whether a name is in one of the permitted subtrees of its kind, if there are any; `is_in` says nothing of other kinds.
    pub(super) fn permits(
        &self,
        permitted: &[Subtree],
        is_in: impl Fn(&Subtree) -> Option<bool>,
    ) -> Result<bool, Spent> {
        let mut is_constrained = false;
        for subtree in permitted {
            if !take(&self.comparisons) {
                return Err(Spent);
            }
            match is_in(subtree) {
                Some(true) => return Ok(true),
                is_in => is_constrained |= is_in.is_some(),
            }
        }
        Ok(!is_constrained)
    }

    /// Returns the first of the excluded subtrees that a name is in.
    pub(super) fn excludes<'s>(
        &self,
        excluded: &'s [Subtree],
        is_in: impl Fn(&Subtree) -> Option<bool>,
    ) -> Result<Option<&'s Subtree>, Spent> {
        for subtree in excluded {
            if !take(&self.comparisons) {
                return Err(Spent);
            }
            if is_in(subtree) == Some(true) {
                return Ok(Some(subtree));
            }
        }
        Ok(None)
    }
}

fn take(left: &Cell<usize>) -> bool {
    let count = left.get();
    left.set(count.saturating_sub(1));
    count > 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_comparison_counts_and_the_last_is_the_end() {
        let subtrees: Vec<_> = (0..10).map(|at| Subtree::Dns(at.to_string())).collect();
        let budget = Budget::with_comparisons(25);
        assert_eq!(budget.permits(&subtrees, |_| Some(false)), Ok(false));
        assert_eq!(budget.excludes(&subtrees, |subtree| Some(*subtree == subtrees[4])), Ok(Some(&subtrees[4])));
        assert_eq!(budget.permits(&subtrees, |_| None), Ok(true));
        assert_eq!(budget.excludes(&subtrees, |_| Some(false)), Err(Spent));
    }

    #[test]
    fn a_search_ends() {
        let budget = Budget::new();
        assert_eq!(std::iter::from_fn(|| budget.step().then_some(())).take(STEPS * 2).count(), STEPS);
        assert_eq!(std::iter::from_fn(|| budget.candidate().then_some(())).count(), CANDIDATES);
    }
}
