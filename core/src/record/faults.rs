//! What is wrong with a session, however much that is: a log of bad lines alone must not make memory grow with each of
//! them. Of one segment, and of all else that is told together, a hundred are kept one by one; behind them the first of
//! each kind stands for all of its kind, so that the verdict is the same.

use super::read::LineFault;
use super::verify::{Fault, Verdict};

/// How many are told one by one.
const KEPT: usize = 100;

/// Takes the next fault of a segment.
pub(super) fn keep(faults: &mut Vec<LineFault>, fault: LineFault) {
    take(faults, fault, |fault| (fault.kind, &mut fault.more));
}

/// Of faults as many as are told.
pub fn capped(faults: impl IntoIterator<Item = Fault>) -> Vec<Fault> {
    let mut kept = Vec::new();
    for fault in faults {
        take(&mut kept, (fault, 0), |(fault, more)| (fault.kind, more));
    }
    let said = |(fault, more): (Fault, u64)| Fault { detail: with_more(fault.detail, fault.kind, more), ..fault };
    kept.into_iter().map(said).collect()
}

fn take<T>(kept: &mut Vec<T>, mut new: T, of: fn(&mut T) -> (Verdict, &mut u64)) {
    let kind = of(&mut new).0;
    match kept.iter_mut().skip(KEPT).map(of).find(|(known, _)| *known == kind) {
        Some((_, more)) => *more = more.saturating_add(1),
        None => kept.push(new),
    }
}

/// What is told of a fault that stands for others of its kind, too.
pub(super) fn with_more(detail: String, kind: Verdict, more: u64) -> String {
    match more {
        0 => detail,
        _ => format!("{detail}; and {} more that are {}", thousands(more), kind.as_str()),
    }
}

/// A number with its thousands set apart.
fn thousands(n: u64) -> String {
    let digits = n.to_string();
    let apart = |(at, digit): (usize, char)| {
        let comma = at > 0 && (digits.len() - at).is_multiple_of(3);
        [comma.then_some(','), Some(digit)]
    };
    digits.chars().enumerate().flat_map(apart).flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hundred_are_told_and_of_the_rest_one_of_each_kind() {
        let fault =
            |(at, kind): (u64, Verdict)| Fault { file: "x".into(), line: at, byte: 0, kind, detail: "d".into() };
        let kinds = |n: u64| match n {
            5_000 => Verdict::Fork,
            n if n % 2 == 0 => Verdict::Gap,
            _ => Verdict::Truncated,
        };
        let told = capped((0..10_000).map(|n| fault((n, kinds(n)))));
        let last: Vec<(u64, &str)> = told.iter().skip(99).map(|fault| (fault.line, fault.detail.as_str())).collect();
        let expected = [
            (99, "d"),
            (100, "d; and 4,948 more that are gap"),
            (101, "d; and 4,949 more that are truncated"),
            (5_000, "d"),
        ];
        assert_eq!(last, expected);
        assert_eq!(capped((0..100).map(|n| fault((n, Verdict::Gap)))).len(), 100);
    }

    #[test]
    fn numbers_have_their_thousands_set_apart() {
        let told = [0, 7, 999, 1_000, 12_345, 1_000_000].map(thousands);
        assert_eq!(told, ["0", "7", "999", "1,000", "12,345", "1,000,000"]);
    }
}
