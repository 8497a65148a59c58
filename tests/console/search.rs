//! `/`, `n`, `N` and `y` where there is no list of findings.

use super::rig::Rig;
use quell::console::core::effect::Reads;
use quell::console::core::input::Input;

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

/// The first step speaks of the instance, and the fifth is called after it.
#[test]
fn a_step_that_is_called_so_goes_before_one_that_speaks_of_it() {
    let mut rig = Rig::opened();
    rig.keys("/");
    rig.type_in("instance");
    rig.keys("Enter");
    assert_eq!(rig.model.incident.step, 4);
    rig.keys("n");
    assert_eq!(rig.model.incident.step, 0);
    rig.keys("N");
    assert_eq!(rig.model.incident.step, 4);
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

#[test]
fn a_search_that_is_given_up_goes_back_to_where_it_began() {
    let mut rig = Rig::opened();
    rig.keys("j /");
    rig.type_in("contain");
    assert_eq!(rig.model.incident.step, 4);
    rig.sees("Enter stay there  Esc back to where it began");
    rig.keys("Esc");
    assert_eq!(rig.model.incident.step, 1);
    // The timeline is read from its end; the finding's pane searches it too.
    rig.keys("Tab Tab Tab /");
    rig.type_in("opened:");
    assert!(rig.model.incident.scroll[1] > 0);
    rig.keys("Esc");
    rig.sees("FINDING*");
    assert_eq!(rig.model.incident.scroll, [0, 0, 0]);
    rig.keys("? j j /");
    rig.type_in("actions for 30");
    assert!(rig.model.text.top > 2);
    rig.keys("C-c");
    assert_eq!((rig.model.text.top, rig.model.text.hit), (2, None));
    rig.keys("/");
    rig.type_in("actions for 30");
    rig.keys("Enter");
    assert!(rig.model.text.top > 2);
    rig.sees("Allow actions for 30 minutes");
    rig.keys("q S");
    rig.feed(Input::Sessions(super::properties::rows()));
    rig.keys("/");
    rig.type_in("stolen");
    assert_eq!(rig.model.sessions.selected, 1);
    rig.keys("Esc");
    assert_eq!(rig.model.sessions.selected, 0);
    super::snapshots::load(&mut rig, true);
    rig.keys("h /");
    rig.type_in("opened:");
    assert_eq!(rig.model.review.as_ref().unwrap().cursor, 1);
    rig.keys("Esc");
    assert_eq!(rig.model.review.as_ref().unwrap().cursor, 5);
}

#[test]
fn a_word_that_gets_longer_or_shorter_is_looked_for_from_where_the_search_began() {
    let mut rig = Rig::opened();
    rig.keys("/");
    rig.type_in("delete");
    assert_eq!(rig.model.incident.step, 5);
    rig.keys("C-u");
    assert_eq!(rig.model.incident.step, 0, "nothing is looked for");
    rig.type_in("record");
    assert_eq!(rig.model.incident.step, 1);
}

#[test]
fn each_screen_and_pane_keeps_its_own_word() {
    let mut rig = Rig::opened();
    let none = "nothing is searched here yet; / searches";
    rig.keys("/");
    rig.type_in("contain");
    rig.keys("Enter Tab Tab n");
    rig.sees(none);
    rig.keys("/");
    rig.type_in("suspected");
    rig.keys("Enter n");
    rig.sees("match ");
    rig.keys("? n");
    rig.sees(none);
    rig.keys("/");
    rig.type_in("step");
    rig.keys("Enter n");
    rig.sees_not(none);
    rig.keys("q S");
    rig.feed(Input::Sessions(super::properties::rows()));
    rig.keys("n");
    rig.sees(none);
    assert_eq!(rig.model.sessions.selected, 0);
    rig.keys("q");
    // Back in the steps the first word is still there, and Esc and Enter on nothing leave it.
    rig.keys("S-Tab S-Tab / x Esc / Enter g g n");
    assert_eq!(rig.model.incident.step, 4);
}
