//! `/`, `n`, `N` and `y` where there is no list of findings.

use super::rig::Rig;
use quell::console::core::effect::Reads;

#[test]
fn a_step_is_found_by_its_words_and_by_its_text() {
    let mut rig = Rig::opened();
    rig.keys("/");
    rig.type_in("CONTAIN the");
    rig.keys("Enter");
    assert_eq!(rig.model.incident.step, 4);
    rig.keys("/");
    rig.type_in("open connections");
    rig.keys("Enter");
    assert_eq!(rig.model.incident.step, 1);
    rig.keys("/");
    rig.type_in("the");
    rig.keys("Enter");
    let first = rig.model.incident.step;
    rig.keys("n");
    let second = rig.model.incident.step;
    assert!(second != first);
    rig.keys("N");
    assert_eq!(rig.model.incident.step, first);
    rig.keys("/");
    rig.type_in("no such words");
    rig.sees("not found");
}

#[test]
fn a_record_is_found_in_the_timeline_and_in_the_review() {
    let mut rig = Rig::opened();
    rig.keys("a");
    rig.type_in("seen at the bastion");
    rig.keys("Enter");
    rig.save();
    rig.keys("Tab Tab /");
    rig.type_in("opened:");
    rig.keys("Enter");
    // Records: seg.open, session.opened, ...: the second of eight, counted from the end.
    assert_eq!(rig.model.incident.scroll[1], 6);
    super::snapshots::load(&mut rig, true);
    rig.keys("/");
    rig.type_in("seen at");
    rig.keys("Enter g g /");
    rig.type_in("seen at");
    rig.keys("Enter");
    assert_eq!(rig.model.review.as_ref().unwrap().cursor, 7);
    rig.reads.clear();
    rig.keys("y y");
    assert!(matches!(&rig.reads[..], [Reads::Copy(text)] if text.contains("seen at the bastion")), "{:?}", rig.reads);
}

#[test]
fn a_line_of_a_text_is_copied() {
    let mut rig = Rig::opened();
    super::snapshots::load(&mut rig, false);
    rig.reads.clear();
    rig.keys("y y");
    assert!(matches!(&rig.reads[..], [Reads::Copy(text)] if text.starts_with("# Incident report")), "{:?}", rig.reads);
}

#[test]
fn a_key_without_a_meaning_says_so() {
    let mut rig = Rig::opened();
    rig.keys("z");
    rig.sees("z does nothing here; ? shows the keys");
    rig.keys("g z");
    rig.sees("g z does nothing here; ? shows the keys");
}
