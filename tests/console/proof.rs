//! A step that asks for evidence: who ticks it is asked for a file first.

use super::fixtures::findings;
use super::rig::Rig;
use quell::console::core::effect::Reads;
use quell::console::core::input::{Blob, Input};
use quell_core::incident::Mark;
use quell_core::runbook::{Origin, parse};

const TEXT: &str = "---\nid: proof\ntitle: Proof\nmatches: [\"*\"]\n---\n\n## Detect\n\n\
    1. Take the memory\n   <!-- step: id=memory evidence=\"memory image\" -->\n\n2. Go on\n";

fn opened() -> Rig {
    let mut rig = Rig::empty();
    rig.model.library = vec![parse("proof", TEXT.as_bytes(), Origin::BuiltIn).unwrap().runbook].into();
    rig.arrive(findings());
    rig.keys("Enter");
    rig.settle();
    rig.resize(140, 40);
    rig
}

/// The file that is asked for, as the shell gives it.
fn give(rig: &mut Rig) {
    let asked = rig.reads.iter().position(|read| matches!(read, Reads::ReadFile { .. })).unwrap();
    let Reads::ReadFile { session, path, step } = rig.reads.remove(asked) else { unreachable!() };
    rig.feed(Input::File { session, step, name: path, result: Ok(Blob::of(b"lime".to_vec())) });
    rig.save();
}

#[test]
fn a_tick_asks_for_the_file_and_counts_once_it_is_attached() {
    let mut rig = opened();
    rig.sees("evidence is required: memory image");
    rig.keys("Enter");
    rig.sees("EVIDENCE this step asks for: memory image. Path of a file");
    rig.keys("Esc Space");
    rig.sees("EVIDENCE this step asks for: memory image. Path of a file");
    assert_eq!(rig.mark(0), Mark::Todo);
    rig.type_in("/tmp/mem.lime");
    rig.keys("Enter");
    give(&mut rig);
    rig.sees("attached: the step can be done now");
    rig.sees("evidence attached: memory image");
    assert_eq!(rig.mark(0), Mark::Todo);
    rig.keys("Enter");
    rig.save();
    assert_eq!(rig.mark(0), Mark::Done);
}

#[test]
fn e_on_the_step_says_what_it_asks_for_until_it_has_it() {
    let mut rig = opened();
    rig.keys("e");
    rig.sees("EVIDENCE this step asks for: memory image. Path of a file");
    rig.type_in("/tmp/mem.lime");
    rig.keys("Enter");
    give(&mut rig);
    rig.keys("e");
    rig.sees("EVIDENCE: path of a file");
    rig.keys("Esc j x");
    rig.type_in("no need");
    rig.keys("Enter");
    rig.save();
    assert_eq!(rig.mark(1), Mark::Skipped);
}
