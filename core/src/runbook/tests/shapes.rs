//! Shapes of playbooks that were held against labels made by hand: which lines are steps, and in which phase.

use super::*;

fn titles(text: &str) -> Vec<String> {
    read(text).runbook.steps.iter().map(|step| raw(&step.title)).collect()
}

fn phases(text: &str) -> Vec<Option<Phase>> {
    read(text).runbook.steps.iter().map(|step| step.phase).collect()
}

#[test]
fn a_bullet_that_forbids_or_has_a_condition_is_a_step() {
    let text = "## Talk\n\n- Do not write to them\n- If they call, listen\n- They may be right\n- Overview of it\n";
    assert_eq!(titles(text), ["Do not write to them", "If they call, listen"]);
    assert_eq!(words(&read(text).runbook.steps[1].choices), ["Yes", "No"]);
}

#[test]
fn what_an_image_shows_is_no_order() {
    assert_eq!(titles("## Look\n\n![Open the door](door.png)\n\nThe door is blue.\n"), Vec::<String>::new());
    assert_eq!(titles("## Look\n\n[![Open the door](door.png)](door.html)\n"), Vec::<String>::new());
    assert_eq!(titles("## Look\n\nOpen the door: ![it](door.png)\n"), ["Open the door: it"]);
}

#[test]
fn the_first_paragraph_below_the_title_says_what_the_file_is_about() {
    let text = "# Fire\n\nStop, look and listen!\n\nAssign two people.\n\n## Contain\n\n1. Shut the door\n";
    assert_eq!(titles(text), ["Assign two people.", "Shut the door"]);
    assert_eq!(raw(&read(text).runbook.context[0].body), "Stop, look and listen!");
    // Where there is nothing else to do, it is what is to be done.
    assert_eq!(titles("# Fire\n\nShut the door.\n"), ["Shut the door."]);
    assert_eq!(titles("# Fire\n\nShut the door.\n\n## Doors\n\nThey are blue.\n"), ["Shut the door."]);
}

#[test]
fn what_stands_below_a_question_are_its_answers() {
    let text = "# T\n\n## Severity of it\n\nWords.\n\n### Step 1: Is it burning?\n\n- **YES** → Go to Step 2\n\
                - **NO, but it smells** → stay\n\n### Step 2: Is anybody in?\n\n- If you can, ask\n- If not, shout\n\n\
                ### 2.3 Severity\n\nLow.\n";
    let book = read(text).runbook;
    assert_eq!(titles(text), ["Step 1: Is it burning?", "Step 2: Is anybody in?"]);
    assert_eq!(words(&book.steps[0].choices), ["YES", "NO, but it smells"]);
    assert_eq!(book.steps[0].choices[0].to.as_ref(), Some(&book.steps[1].id));
    assert_eq!(words(&book.steps[1].choices), ["If you can, ask", "If not, shout"]);
    // A step that says that it is one is a step below a section to read too; a number alone is none.
    assert_eq!(raw(&book.steps[0].group[0]), "Severity of it");
    let read: Vec<String> = book.context.iter().map(|section| raw(&section.title)).collect();
    assert_eq!(read, ["Severity of it", "2.3 Severity"]);
}

#[test]
fn goals_named_like_phases_are_read() {
    assert_eq!(
        titles("# T\n\n## Objectives\n\n### Recover\n\n- Return to work\n\n## Recover\n\n- Open it\n"),
        ["Open it"]
    );
}

#[test]
fn a_phase_is_the_tags_the_headings_the_words_or_the_titles() {
    let (contain, recover, post) = (Some(Phase::Contain), Some(Phase::Recover), Some(Phase::Post));
    // Neither heading nor tag: the first words of the step, and what is below it is in the same.
    let text = "## Do\n\n1. Isolate it\n   1. Restore nothing yet\n2. Call home\n3. [RECOVERY] Open it\n   1. Isolate nothing\n";
    assert_eq!(phases(text), [contain, contain, None, recover, recover]);
    // A word beyond the fortieth character names nothing.
    assert_eq!(phases("1. Call all whom you know, and then those who restore it\n"), [None]);
    // What the title names holds for what nothing else places.
    let text = "# After action review\n\n1. Isolate the room\n2. Meet\n\n## Follow-up actions\n\n1. Restore trust\n";
    assert_eq!(phases(text), [contain, post, post]);
}

#[test]
fn a_heading_of_two_phases_is_parted_by_those_below_it() {
    let text = "## Part 4: Eradicate & Recover\n\n1. One\n\n### 4.1 Recovery of data\n\n1. Two\n\n### 4.2 Containment too\n\n1. Three\n";
    assert_eq!(phases(text), [Some(Phase::Eradicate), Some(Phase::Recover), Some(Phase::Eradicate)]);
}
