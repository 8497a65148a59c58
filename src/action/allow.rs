//! The operations of all kinds, as the guard of every SDK client checks them.

use crate::aws::{Allow, Operation};

/// The union of the kinds' lists. What runs on this machine is no operation of AWS.
pub fn allow() -> Allow {
    let union = |pick: fn(&super::Operations) -> &'static [Operation]| -> Vec<Operation> {
        let all = super::kinds().iter().flat_map(|kind| pick(&kind.info().operations).iter().copied());
        let mut all: Vec<Operation> = all.filter(|(service, _)| *service != super::LOCAL).collect();
        all.sort_unstable();
        all.dedup();
        all
    };
    Allow { read: union(|o| o.read), consume: union(|o| o.consume), mutate: union(|o| o.mutate) }
}
