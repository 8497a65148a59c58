//! Which known name an unknown one was most likely meant to be.

/// The known name that is nearest to an unknown one. A third of it may be wrong: more than that is another name.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let (edits, near) = known.into_iter().map(|known| (distance(name, known), known)).min()?;
    (edits.saturating_mul(3) <= near.len()).then_some(near)
}

/// Edits that lead from one name to another (Levenshtein); long strangers are not compared.
fn distance(from: &str, to: &str) -> usize {
    if from.len() > 64 {
        return usize::MAX / 4;
    }
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (i, a) in from.bytes().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        if let Some(first) = row.first_mut() {
            *first = left;
        }
        for (cell, b) in row.iter_mut().skip(1).zip(to.bytes()) {
            let best = (diagonal + usize::from(a != b)).min(left + 1).min(*cell + 1);
            diagonal = std::mem::replace(cell, best);
            left = best;
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_counted_by_edits() {
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("abc", "abc"), 0);
        assert_eq!(distance("abc", ""), 3);
    }

    #[test]
    fn a_third_of_a_name_may_be_wrong() {
        let known = ["profile", "regions", "keymap"];
        assert_eq!(nearest("region", known), Some("regions"));
        assert_eq!(nearest("porfile", known), Some("profile"));
        assert_eq!(nearest("keys", known), None);
        assert_eq!(nearest(&"x".repeat(65), known), None);
        assert_eq!(nearest("x", []), None);
    }
}
