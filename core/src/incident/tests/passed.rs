//! What a decision leads past.

use super::*;

/// Which rows of the book were passed over.
fn passed(pen: &Pen) -> Vec<u32> {
    let passed = pen.incident().passed_over();
    (0..5).filter(|row| passed.has(&step(*row))).map(|row| row as u32).collect()
}

fn choose(pen: &mut Pen, row: usize, to: Option<&str>) {
    let to = to.map(|to| Id::new(to).unwrap());
    pen.act(Intent::Choose { step: step(row), choice: "Go on".into(), why: "seen".into(), to }).unwrap();
}

#[test]
fn what_lies_between_a_decision_and_where_it_leads_is_passed_over_while_it_stands() {
    let ids: Vec<String> = book().outline.iter().map(|line| line.id.to_string()).collect();
    let mut pen = Pen::new();
    choose(&mut pen, 0, Some(&ids[4]));
    assert_eq!(passed(&pen), [1, 2, 3]);
    // What somebody deals with all the same, and what an action waits for, was not.
    pen.act(Intent::Skip { step: step(2), why: "not ours".into() }).unwrap();
    pen.act(Intent::Plan(Box::new(plan(Some(3), "i-1")))).unwrap();
    assert_eq!(passed(&pen), [1]);
    // Decided otherwise, it is open again.
    pen.act(Intent::Untick { step: step(0), why: none() }).unwrap();
    assert_eq!(passed(&pen), [0; 0]);
    choose(&mut pen, 0, None);
    assert_eq!(passed(&pen), [0; 0]);
    // A choice that leads back, to the next, or to a step that is not there passes nothing over.
    for to in [ids[0].as_str(), ids[2].as_str(), "gone"] {
        let mut pen = Pen::new();
        choose(&mut pen, 1, Some(to));
        assert_eq!(passed(&pen), [0; 0], "{to}");
    }
}
