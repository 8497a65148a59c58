//! What the help shows, and what the palette finds, on the smallest usual window.

use super::rig::Rig;

#[test]
fn the_whole_help_can_be_read_in_eighty_columns() {
    let mut rig = Rig::opened();
    rig.keys("?");
    let lines = rig.model.text.lines.clone();
    // A space stands before each line.
    let cut: Vec<&String> = lines.iter().filter(|line| line.chars().count() > 79).collect();
    assert!(cut.is_empty(), "{cut:#?}");
    rig.keys("G");
    rig.sees("[?] unknown outcome: Enter looks up what happened");
    let whole = lines.join(" ").split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(whole.contains("Say what a finding is: true positive, false positive, benign, duplicate"));
}

#[test]
fn review_is_found_where_a_past_session_is_looked_for() {
    for mut rig in [Rig::listed(), Rig::opened()] {
        rig.keys(":");
        rig.type_in("review");
        rig.sees("Review a past session: choose which");
        rig.keys("Enter");
        rig.sees("SESSIONS");
        rig.sees("choose a session; v reviews it record by record");
    }
}

#[test]
fn one_line_more_is_one() {
    let mut rig = Rig::opened();
    for height in 16..40 {
        rig.resize(80, height);
        rig.sees_not("1 more lines");
    }
}
