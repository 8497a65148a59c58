//! What holds for every sequence of inputs at every size.

use super::fixtures::finding;
use super::rig::{COLOUR, MONO, Rig, succeeded};
use super::snapshots::load;
use proptest::prelude::*;
use quell::console::core::command::Command;
use quell::console::core::input::{Input, SessionRow};
use quell::console::core::model::Mode;
use quell::problem::Problem;
use quell_core::finding::Label;
use quell_core::incident::{Event, FailClass, NoteAdded, Outcome};
use quell_core::text::is_hidden;
use std::collections::HashMap;

#[derive(Clone, Debug)]
enum Op {
    Key(&'static str),
    /// As the palette gives it, whatever the screen.
    Command(Command),
    Paste(&'static str),
    Resize(u16, u16),
    Wait(u64),
    Wake,
    Attach,
    Save,
    Refuse,
    Answer,
    PlanFails,
    End(u8),
    Foreign,
    Findings(u8),
    Sessions,
    Load(bool),
    Step(usize),
    Arm(bool),
}

const KEYS: &[&str] = &[
    "Enter", "Enter", "Enter", "y", "y", "j", "k", "Space", "a", "x", "u", "e", "m", "R", "q", "Esc", "Tab", "S-Tab",
    ":", "/", "?", "@", "g", "G", "C-d", "C-u", "PgDn", "PgUp", "C-c", "C-l", "C-z", "S", "r", "t", "n", "N", "h", "l",
    "H", "L", "!", "w", "v", "Left", "Right", "Up", "Down", "Home", "End", "Del", "BSpace", "1", "2", "9", "é", "C-j",
    "C-m", "C-y", "C-k", "C-w", "M-x", "F1", "F9", "7", "8", "0", "c", "o", "b",
];
const PASTES: &[&str] =
    &["", "y", "y\r", "7890\n", "a\nb\nc", "\u{1b}[201~y\r", "\u{202e}abc", "long long long long", "界界"];

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        40 => prop::sample::select(KEYS).prop_map(Op::Key),
        6 => prop::sample::select(Command::ALL).prop_map(Op::Command),
        3 => prop::sample::select(PASTES).prop_map(Op::Paste),
        3 => (1u16..170, 1u16..60).prop_map(|(w, h)| Op::Resize(w, h)),
        6 => (0u64..900).prop_map(Op::Wait),
        2 => Just(Op::Wake),
        6 => Just(Op::Attach),
        9 => Just(Op::Save),
        2 => Just(Op::Refuse),
        12 => Just(Op::Answer),
        1 => Just(Op::PlanFails),
        4 => (0u8..3).prop_map(Op::End),
        1 => Just(Op::Foreign),
        2 => (0u8..9).prop_map(Op::Findings),
        1 => Just(Op::Sessions),
        1 => any::<bool>().prop_map(Op::Load),
        4 => (0usize..8).prop_map(Op::Step),
        1 => any::<bool>().prop_map(Op::Arm),
    ]
}

fn carry_out(rig: &mut Rig, op: &Op) -> Vec<Event> {
    let before = rig.unsaved.len();
    match op {
        Op::Key(name) => drop(rig.key(name)),
        Op::Command(command) => drop(rig.feed(Input::Command(*command))),
        Op::Paste(text) => drop(rig.paste(text)),
        Op::Resize(w, h) => rig.resize(*w, *h),
        Op::Wait(ms) => rig.wait(*ms),
        Op::Wake => drop(rig.feed(Input::Wake)),
        Op::Attach => rig.attach(),
        Op::Save => rig.save(),
        Op::Refuse => rig.refuse(),
        Op::Answer => drop(rig.answer()),
        Op::PlanFails => {
            let generation = rig.model.generation;
            let problem = Problem::aws("AccessDenied").meaning("the role may not read it").next("ask for the right");
            rig.feed(Input::Planned { generation, result: Box::new(Err(problem)) });
        }
        Op::End(0) => rig.end(succeeded()),
        Op::End(1) => rig.end(Outcome::Unknown { why: "timeout".into() }),
        Op::End(_) => rig.end(Outcome::Failed {
            class: FailClass::Denied,
            message: "denied\u{202e}".into(),
            request_ids: Vec::new(),
        }),
        Op::Foreign => {
            let mut entry = rig.first('z');
            entry.l = rig.saved.len() as u64;
            let event = NoteAdded { text: "from \u{1b}[31mbob".into(), step: None }.into();
            let note = quell_core::incident::Entry {
                link: quell_core::incident::Link(entry.link.0.clone(), rig.saved.len() as u64 + 1),
                event,
                ..entry.clone()
            };
            let session = rig.model.session.as_ref().map(|s| s.id.clone()).unwrap_or_default();
            let gone = entry.link.0.clone();
            rig.feed(Input::Foreign { session: session.clone(), entries: vec![entry, note], superseded: Vec::new() });
            rig.feed(Input::Gone { session, writers: vec![gone] });
        }
        Op::Findings(n) => {
            let id = format!("9{n}");
            rig.arrive(vec![finding(&id, "Recon:EC2/\u{202e}X", Label::High, f64::from(*n) * 11.0, &format!("i-{n}"))]);
        }
        Op::Sessions => drop(rig.feed(Input::Sessions(rows()))),
        Op::Load(review) => load(rig, *review),
        Op::Step(row) => rig.model.incident.step = *row,
        Op::Arm(on) => {
            let until = rig.now + jiff::SignedDuration::from_secs(2);
            rig.feed(Input::Armed(Ok(on.then_some(until))));
        }
    }
    rig.unsaved.iter().skip(before).map(|e| e.event.clone()).collect()
}

pub fn rows() -> Vec<SessionRow> {
    let row = |id: &str, title: &str, open, records| SessionRow {
        id: id.into(),
        title: title.into(),
        open,
        opened: Some(super::fixtures::time("2025-11-20T09:30:00Z")),
        simulated: true,
        responders: vec!["alice".into(), "bob".into()],
        records,
        accounts: vec!["444455556666".into()],
        findings: vec!["arn:none".into()],
        quiet: false,
        chain: "ok-unsigned".into(),
    };
    vec![
        row("20251120T093000Z-miner-abcdef", "CryptoCurrency:EC2/BitcoinTool.B i-0777aa12bb34cc56d", true, 41),
        row("20251119T093000Z-keys-ghijkl", "Stolen keys of deploy", false, 120),
    ]
}

/// Every started action was approved before, with the hash of its plan, and only once.
fn starts_are_approved(rig: &Rig) {
    let mut planned = HashMap::new();
    let mut approved = HashMap::new();
    for entry in rig.saved.iter().chain(&rig.unsaved) {
        match &entry.event {
            Event::ActionPlanned(d) => drop(planned.insert(entry.link.clone(), d.plan_hash.clone())),
            Event::ActionApproved(d) => {
                assert_eq!(planned.get(&d.action), Some(&d.plan_hash));
                approved.insert(d.action.clone(), d.plan_hash.clone());
            }
            Event::ActionStarted(d) => {
                assert_eq!(approved.remove(&d.action).as_ref(), Some(&d.plan_hash), "started without approval");
            }
            _ => {}
        }
    }
}

fn nothing_hidden_is_drawn(rig: &Rig) {
    let buf = rig.buffer();
    let hidden = buf.content.iter().flat_map(|cell| cell.symbol().chars()).find(|c| is_hidden(*c));
    assert_eq!(hidden, None);
}

fn run(mode: Mode, mono: bool, ops: &[Op]) {
    let mut rig = Rig::of(mode);
    rig.model.look = if mono { MONO } else { COLOUR };
    rig.arrive(super::fixtures::findings());
    for op in ops {
        let events = carry_out(&mut rig, op);
        if let Op::Paste(_) = op {
            assert!(events.is_empty(), "a paste did {events:?}");
        }
        if events.iter().any(|e| e.kind() == Some("action.started")) {
            assert!(matches!(op, Op::Key("Enter")), "{op:?} started an action");
        }
        nothing_hidden_is_drawn(&rig);
    }
    starts_are_approved(&rig);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_panics_and_nothing_starts_unapproved(ops in prop::collection::vec(op(), 1..120), mono: bool) {
        run(Mode::Simulated, mono, &ops);
    }

    #[test]
    fn the_same_on_a_real_account(ops in prop::collection::vec(op(), 1..80)) {
        run(Mode::Real, false, &ops);
    }
}

#[test]
fn the_property_reaches_what_it_speaks_of() {
    use Op::{Answer, Attach, End, Key, Resize, Save, Step, Wait};
    let ops = [
        Key("Enter"),
        Attach,
        Save,
        Step(3),
        Key("Enter"),
        Answer,
        Wait(300),
        Key("y"),
        Key("Enter"),
        Save,
        End(0),
        Save,
    ];
    let mut rig = Rig::listed();
    let mut kinds = Vec::new();
    for op in &ops {
        kinds.extend(carry_out(&mut rig, op).iter().filter_map(Event::kind));
    }
    assert_eq!(kinds.iter().filter(|k| **k == "action.started").count(), 1);
    for (w, h) in [(1, 1), (2, 1), (1, 50), (59, 15), (60, 14), (60, 15), (300, 1), (300, 100)] {
        carry_out(&mut rig, &Resize(w, h));
        nothing_hidden_is_drawn(&rig);
    }
}
