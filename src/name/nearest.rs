//! The word that was probably meant.

/// No longer word is compared with others.
const MAX_LENGTH: usize = 64;

/// Returns the one of `known` that differs from `unknown` by a slip of the fingers.
pub fn nearest<'w>(unknown: &str, known: impl Iterator<Item = &'w str>) -> Option<&'w str> {
    if unknown.len() > MAX_LENGTH {
        return None;
    }
    let distances = known.map(|word| (distance(unknown, word), word));
    distances.min().filter(|(distance, word)| *distance <= (word.len() / 3).max(1)).map(|(_, word)| word)
}

/// Returns how many insertions, deletions, replacements and swaps of neighbours lie between two words.
fn distance(one: &str, other: &str) -> usize {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, c) in one.iter().enumerate() {
        let mut next = vec![i + 1];
        for (j, d) in other.iter().enumerate() {
            let mut least = (row[j] + usize::from(c != d)).min(row[j + 1] + 1).min(next[j] + 1);
            if i > 0 && j > 0 && *c == other[j - 1] && one[i - 1] == *d {
                least = least.min(before[j - 1] + 1);
            }
            next.push(least);
        }
        before = std::mem::replace(&mut row, next);
    }
    row.last().copied().unwrap_or_default()
}
