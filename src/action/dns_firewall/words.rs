//! What a plan says of what a rule group does in a VPC, and of what it does not stop.

use crate::aws::resolver::Group;
use quell_core::text::Untrusted;

const WIDE: &str = "It holds for EVERY host of the VPC, at once, and not for this one alone: look at what the group blocks \
                    before you approve it.";
const OTHERS: &str = "It filters what goes by the VPC's own resolver: a host that asks another one (DNS over HTTPS, or an \
                      address of the intruder's) is not stopped by it. That is what a security group is for (ec2-isolate).";
const CACHED: &str = "Answers that a host has cached stay there until they run out, and open connections stay open.";

/// What to know before the group is put there, the worst first.
pub(super) fn putting(group: &Group, open: Option<&Untrusted>) -> Vec<String> {
    let mut all = Vec::new();
    match group.rule_count {
        Some(0) => all.push("The rule group has NO rules: it stops nothing.".to_owned()),
        None => all.push("How many rules the group has is not said: without any it stops nothing.".to_owned()),
        Some(_) => {}
    }
    all.extend([WIDE.to_owned(), OTHERS.to_owned(), CACHED.to_owned()]);
    all.push("What its rules do is not read here: one that only alerts, or allows, blocks nothing.".to_owned());
    match open.map(|open| open.line().into_string()).as_deref() {
        Some("ENABLED") => all
            .push("The VPC fails open: while the firewall does not answer, look-ups go through unfiltered.".to_owned()),
        Some("DISABLED") => {
            all.push(
                "The VPC fails closed: while the firewall does not answer, no look-up of the VPC does.".to_owned(),
            );
        }
        _ => {}
    }
    all
}

/// What to know before it is taken out.
pub(super) const TAKING: [&str; 1] =
    ["Every host of the VPC can look up again what the group blocks, the one that was isolated too."];
