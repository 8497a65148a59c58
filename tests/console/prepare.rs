//! Getting ready is for before the incident: its steps are folded away until the responder goes there.

use super::fixtures::findings;
use super::rig::{MONO, Rig};
use quell_core::incident::{FailClass, Mark, Outcome};
use quell_core::runbook::{Origin, parse};

const HEAD: &str = "---\nid: ready\ntitle: Ready\nmatches: [\"*\"]\n---\n\n";
const PREPARE: &str = "## Prepare\n\n1. Have a bucket\n2. Know the owner\n\n";

fn opened(text: &str) -> Rig {
    let mut rig = Rig::empty();
    let text = format!("{HEAD}{text}");
    rig.model.library = vec![parse("ready", text.as_bytes(), Origin::BuiltIn).unwrap().runbook].into();
    rig.arrive(findings());
    rig.keys("Enter");
    rig.settle();
    rig.model.look = MONO;
    rig.resize(140, 40);
    rig
}

#[test]
fn getting_ready_is_folded_away_until_the_responder_goes_up_to_it() {
    let mut rig = opened(&format!("{PREPARE}## Detect\n\n1. Look at it\n2. Ask\n"));
    assert_eq!(rig.model.incident.step, 2);
    rig.sees("PREPARE  2 steps, 0 done: go up to open");
    rig.sees("> [ ]  3 Look at it");
    rig.sees("0/4 done");
    assert!(!rig.screen().contains("Know the owner"));
    rig.keys("k");
    rig.sees("> [ ]  2 Know the owner");
    rig.sees("[ ]  1 Have a bucket");
    rig.keys("Enter");
    rig.save();
    // The cursor has gone on, out of it.
    rig.sees("> [ ]  3 Look at it");
    rig.sees("PREPARE  2 steps, 1 done: go up to open");
    // Whoever comes back begins behind it, and with it once there is nothing else to do.
    let first = |rig: &mut Rig| {
        quell::console::screens::incident::follow_first(&mut rig.model);
        rig.model.incident.step
    };
    assert_eq!(first(&mut rig), 2);
    for _ in 0..2 {
        rig.keys("Enter");
        rig.save();
    }
    assert_eq!((rig.mark(2), rig.mark(3)), (Mark::Done, Mark::Done));
    assert_eq!(first(&mut rig), 0);
    rig.sees("> [ ]  1 Have a bucket");
}

#[test]
fn one_step_is_not_told_as_several() {
    opened("## Prepare\n\n1. Have a bucket\n\n## Detect\n\n1. Look at it\n")
        .sees("PREPARE  1 step, 0 done: go up to open");
}

#[test]
fn nothing_is_folded_away_where_there_is_nothing_else() {
    let rig = opened(PREPARE);
    assert_eq!(rig.model.incident.step, 0);
    rig.sees("[ ]  2 Know the owner");
    // Nor where it comes last.
    let rig = opened("## Detect\n\n1. Look at it\n\n## Prepare\n\n1. Have a bucket\n2. Know the owner\n");
    rig.sees("[ ]  3 Know the owner");
}

#[test]
fn a_step_of_getting_ready_that_failed_is_never_folded_away() {
    let action = "3. Contain the instance\n\n   ```action\n   kind: ssm-automation\n   title: Contain the instance\n   \
        danger: 2\n   ```\n\n";
    let mut rig = opened(&format!("{PREPARE}{action}## Detect\n\n1. Look at it\n"));
    rig.sees("PREPARE  3 steps, 0 done: go up to open");
    rig.keys("k Enter");
    rig.settle();
    rig.wait(400);
    rig.keys("PgDn PgDn");
    rig.type_in("7890");
    rig.keys("Enter");
    rig.settle();
    rig.model.incident.step = 3;
    rig.sees("[>]  3 Contain the instance");
    let (class, message) = (FailClass::Denied, "AccessDeniedException".into());
    rig.end(Outcome::Failed { class, message, request_ids: Vec::new() });
    rig.settle();
    assert_eq!(rig.mark(2), Mark::Failed);
    rig.model.incident.step = 3;
    rig.sees("[!]  3 Contain the instance");
}
