//! Text of attackers in all places that outside text is drawn: it shows and does not act.

use super::fixtures::worst;
use super::rig::{MONO, Rig, untrusted};
use crate::shared::shared;
use quell_core::text::is_hidden;

/// A line of every kind that needs no folder beside the repository.
const OWN: &[&str] = &[
    "\u{1b}[31mred\u{1b}[0m",
    "\u{1b}]52;c;aGk=\u{7}",
    "\u{9b}2J",
    "user\u{202e}nimda",
    "a\u{200b}b\u{2060}c\u{feff}",
    "x\u{7f}\u{0}\u{8}\r\n\ty",
    "e\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}",
    "界界界界界界界界界界界界界界界界界界界界界界界界界界界界界界界界界界界界界界界界界界",
    "\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}",
    "",
];

fn payloads() -> Vec<String> {
    let mut all: Vec<String> = OWN.iter().map(|s| (*s).to_owned()).collect();
    let Some(folder) = shared("payloads") else { return all };
    for file in std::fs::read_dir(folder).unwrap().flatten() {
        let Ok(text) = std::fs::read_to_string(file.path()) else { continue };
        // A line that is no JSON string is taken as it stands; a very long one by its head, for the time it takes.
        all.extend(text.lines().map(|line| {
            let text = serde_json::from_str::<String>(line).unwrap_or_else(|_| line.to_owned());
            text.chars().take(4000).collect()
        }));
    }
    all
}

fn check(rig: &Rig, what: &str, payload: &str) {
    let buf = rig.buffer();
    let hidden = buf.content.iter().flat_map(|cell| cell.symbol().chars()).find(|c| is_hidden(*c));
    assert_eq!(hidden, None, "{what}: {payload:?}");
}

/// Each payload in each field: the list, the incident, a note, the approval, the report.
fn everywhere(payload: &str) {
    let p = || Some(untrusted(payload));
    let mut finding = worst();
    let kind = finding.kind.take();
    finding.title = p();
    finding.resource.id = p();
    finding.resource.name = p();
    finding.account = p();
    finding.region = p();
    finding.source = p();
    finding.actor.ip = p();
    finding.actor.principal = p();
    let mut rig = Rig::empty();
    finding.kind = p();
    rig.arrive(vec![finding.clone()]);
    check(&rig, "type in the list", payload);
    let mut rig = Rig::empty();
    finding.kind = kind;
    rig.arrive(vec![finding]);
    check(&rig, "list", payload);
    rig.keys("Enter");
    rig.settle();
    rig.keys("a");
    rig.paste(payload);
    check(&rig, "note editor", payload);
    rig.keys("Enter");
    rig.save();
    rig.keys("Esc");
    check(&rig, "incident", payload);
    rig.keys("Tab Tab");
    check(&rig, "timeline", payload);
    rig.keys("Tab");
    check(&rig, "finding", payload);
    rig.model.incident.step = 4;
    rig.keys("Enter");
    hostile_plan(&mut rig, payload);
    check(&rig, "approval", payload);
    rig.keys("Esc");
    super::snapshots::load(&mut rig, false);
    check(&rig, "report", payload);
    rig.keys("q");
    super::snapshots::load(&mut rig, true);
    check(&rig, "review", payload);
}

fn hostile_plan(rig: &mut Rig, payload: &str) {
    use quell::console::core::effect::Reads;
    use quell::console::core::input::Input;
    let Some(Reads::Plan { generation, request }) = rig.reads.pop() else { return };
    let mut plan = super::fixtures::plan(&request);
    plan.title = untrusted(payload);
    plan.target.resource = untrusted(payload);
    plan.confirm = untrusted(payload);
    plan.warnings.push(untrusted(payload));
    plan.undo = untrusted(payload);
    plan.facts.push(quell_core::incident::Fact::new(payload, payload));
    for request in &mut plan.requests {
        request.input = serde_json::json!({ payload: [payload] });
    }
    rig.feed(Input::Planned { generation, result: Box::new(Ok(plan)) });
}

#[test]
fn outside_text_shows_and_does_not_act() {
    for payload in payloads() {
        everywhere(&payload);
    }
}

#[test]
fn what_hides_is_shown_as_an_escape() {
    let mut rig = Rig::empty();
    let mut finding = worst();
    finding.resource.id = Some("i-\u{202e}321cba".into());
    rig.arrive(vec![finding]);
    rig.sees("i-\\u{202e}321cba");
}

#[test]
fn in_ascii_our_own_words_are_ascii() {
    let mut rig = Rig::opened();
    rig.model.look = MONO;
    for keys in ["x", "Esc a", "Esc :", "Esc y", "Esc g", "Esc ?", "q m", "Esc R", "S"] {
        rig.keys(keys);
        rig.settle();
        let screen = rig.screen();
        let strange = screen.chars().find(|c| !c.is_ascii());
        assert_eq!(strange, None, "{keys}\n{screen}");
    }
}
