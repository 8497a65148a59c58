//! The operations of all kinds, as the guard of every SDK client checks them.

use super::kind::{Action, Operations};
use crate::aws::{Allow, Operation};

/// The union of all kinds' lists.
pub fn allow() -> Allow {
    of(super::kinds())
}

/// The union of some kinds' lists. What runs on this machine is no operation of AWS.
pub(super) fn of(kinds: &[&'static dyn Action]) -> Allow {
    let union = |pick: fn(&Operations) -> &'static [Operation]| -> Vec<Operation> {
        let all = kinds.iter().flat_map(|kind| pick(&kind.info().operations).iter().copied());
        let mut all: Vec<Operation> = all.filter(|(service, _)| *service != super::LOCAL).collect();
        all.sort_unstable();
        all.dedup();
        all
    };
    Allow { read: union(|o| o.read), consume: union(|o| o.consume), mutate: union(|o| o.mutate) }
}
