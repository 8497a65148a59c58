//! Every screen at 80x24 and 140x40: in sixteen colours with a layer of style letters, and in ASCII without colour.
//!
//! A style letter stands for a cell: `c r y g b m` the colour, a capital when it is bold, `B` bold without colour,
//! `#` reversed, `!` reversed red, `.` plain text; a space is an empty plain cell.

use super::rig::{COLOUR, MONO, Rig, lines};
use quell::console::core::input::Input;
use quell::problem::Problem;
use quell::source::{Health, SourceEvent, SourceName};
use quell_core::finding::Via;
use quell_core::incident::Timeline;
use quell_core::record::{Verdict, Verification};
use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};

/// Loads what is on disk as the report or the review of the session.
pub fn load(rig: &mut Rig, review: bool) {
    let timeline = Timeline::new(rig.saved.clone());
    let records = rig.saved.len();
    let books = rig.model.session.iter().flat_map(|s| s.books.iter().map(|(l, b)| (l.clone(), b.clone()))).collect();
    let chain = Verification {
        verdict: Verdict::OkUnsigned,
        records,
        writers: 1,
        problems: Vec::new(),
        checkpoints: Vec::new(),
        uncovered: None,
        aside_missing: 0,
        kept: None,
        heads: Vec::new(),
    };
    let session = "20251121T140701Z-test-aaaaaa".into();
    rig.feed(Input::Loaded { session, review, timeline: Box::new(timeline), chain, books });
}

fn letter(cell: &Cell) -> String {
    let bold = cell.modifier.contains(Modifier::BOLD);
    let colour = match cell.fg {
        Color::Cyan => 'c',
        Color::Red => 'r',
        Color::Yellow => 'y',
        Color::Green => 'g',
        Color::Blue => 'b',
        Color::Magenta => 'm',
        _ if bold => 'B',
        _ if cell.symbol() == " " => ' ',
        _ => '.',
    };
    let letter = match (cell.modifier.contains(Modifier::REVERSED), colour) {
        (true, 'r') => '!',
        (true, _) => '#',
        (false, c) if bold => c.to_ascii_uppercase(),
        (false, c) => c,
    };
    letter.to_string()
}

fn symbol(cell: &Cell) -> String {
    cell.symbol().to_owned()
}

fn plain(buf: &Buffer) {
    for cell in &buf.content {
        assert_eq!((cell.fg, cell.bg, cell.underline_color), (Color::Reset, Color::Reset, Color::Reset));
        assert!(cell.symbol().is_ascii(), "{:?}", cell.symbol());
    }
}

/// What the lines of Unicode are in ASCII.
fn ascii(text: &str) -> String {
    text.replace('─', "-").replace('│', "|").replace(['┌', '┐', '└', '┘'], "+")
}

/// Compares a screen with its four pictures.
pub fn picture(name: &str, rig: &mut Rig) {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let _bound = settings.bind_to_scope();
    for (width, height) in [(80, 24), (140, 40)] {
        at(name, rig, width, height);
    }
}

fn at(name: &str, rig: &mut Rig, width: u16, height: u16) {
    let said = (rig.model.toast.clone(), rig.model.trouble.clone());
    rig.resize(width, height);
    (rig.model.toast, rig.model.trouble) = said;
    rig.model.look = COLOUR;
    let colour = rig.buffer();
    let text = lines(&colour, symbol);
    insta::assert_snapshot!(
        format!("{name}_{width}x{height}_colour"),
        format!("{text}{}\n{}", "=".repeat(8), lines(&colour, letter))
    );
    rig.model.look = MONO;
    let mono = rig.buffer();
    plain(&mono);
    let bare = lines(&mono, symbol);
    // Without colour the same words stand in the same places.
    assert_eq!(bare, ascii(&text));
    insta::assert_snapshot!(
        format!("{name}_{width}x{height}_mono"),
        format!("{bare}{}\n{}", "=".repeat(8), lines(&mono, letter))
    );
    rig.model.look = COLOUR;
}

fn health(rig: &mut Rig, via: Via, health: Health) {
    let source = SourceName { via, region: "eu-west-1".into() };
    rig.feed(Input::Source(SourceEvent::Health { source, health }));
}

fn ok() -> Health {
    Health::Ok { as_of: super::fixtures::time("2025-11-21T14:06:12Z") }
}

fn failing() -> Health {
    Health::Failing {
        since: super::fixtures::time("2025-11-21T13:58:00Z"),
        as_of: None,
        problem: Box::new(Problem::aws("securityhub:GetFindings was denied").next("ask for securityhub:GetFindings")),
        next_try: super::fixtures::time("2025-11-21T14:08:00Z"),
    }
}

/// The list: severity as a word, the cursor as a character, what the selected row is, what the sources do.
#[test]
fn findings() {
    let mut rig = Rig::listed();
    health(&mut rig, Via::Guardduty, ok());
    health(&mut rig, Via::Securityhub, Health::NotEnabled);
    rig.keys("j Space");
    picture("findings", &mut rig);
}

/// An empty list says why it is empty: nothing read yet, read and none, not enabled, failing.
#[test]
fn findings_empty() {
    let mut rig = Rig::empty();
    picture("findings_connecting", &mut rig);
    health(&mut rig, Via::Guardduty, Health::Loading { pages: 3 });
    picture("findings_loading", &mut rig);
    health(&mut rig, Via::Guardduty, ok());
    picture("findings_none", &mut rig);
    health(&mut rig, Via::Securityhub, Health::NotEnabled);
    picture("findings_not_enabled", &mut rig);
    health(&mut rig, Via::Securityhub, failing());
    picture("findings_failing", &mut rig);
}

/// A filter is shown with what it hides; one that does not read is explained.
#[test]
fn findings_filter() {
    let mut rig = Rig::listed();
    rig.keys("/");
    rig.type_in("sev>=high");
    picture("findings_filter", &mut rig);
}

/// Finding, steps, the step's text and the timeline: stacked at 80, side by side at 140.
#[test]
fn incident() {
    let mut rig = Rig::opened();
    rig.keys("Enter");
    rig.save();
    picture("incident", &mut rig);
}

/// The focused step pane has the room, and its title the star.
#[test]
fn incident_step() {
    let mut rig = Rig::opened();
    rig.keys("Tab");
    picture("incident_step", &mut rig);
}

/// A running action shows its seconds and its progress without a dialog.
#[test]
fn incident_running() {
    let mut rig = confirm(4);
    rig.wait(400);
    rig.type_in("7890");
    rig.keys("Enter");
    rig.settle();
    let action = rig.running().unwrap();
    rig.feed(Input::Progress { action, text: "isolating".into(), done: 2, of: 5 });
    rig.save();
    rig.wait(11_600);
    picture("incident_running", &mut rig);
}

fn confirm(row: usize) -> Rig {
    let mut rig = super::thread::at_step(row);
    rig.keys("Enter");
    rig.settle();
    rig
}

/// An approval shows target, account, what is sent, what it destroys, the undo, and that Cancel is focused.
#[test]
fn confirm_levels() {
    for (row, name) in [(3, "confirm_y"), (4, "confirm_last_four"), (5, "confirm_whole_id")] {
        picture(name, &mut confirm(row));
    }
}

/// With the gesture complete the focus is on Approve.
#[test]
fn confirm_complete() {
    let mut rig = confirm(4);
    rig.wait(400);
    rig.type_in("7890");
    picture("confirm_complete", &mut rig);
}

/// A decision offers the runbook's choices.
#[test]
fn choice() {
    let mut rig = super::thread::at_step(2);
    rig.keys("Enter j");
    picture("choice", &mut rig);
}

/// The note editor takes several lines and says how to save.
#[test]
fn note() {
    let mut rig = Rig::opened();
    rig.keys("a");
    rig.type_in("seen at the bastion");
    rig.keys("C-j");
    rig.type_in("since 14:02");
    picture("note", &mut rig);
}

/// The palette shows name, key and meaning of what fits.
#[test]
fn palette() {
    let mut rig = Rig::opened();
    rig.keys(":");
    rig.type_in("re");
    picture("palette", &mut rig);
}

/// Help is the keymap of this place.
#[test]
fn help() {
    let mut rig = Rig::opened();
    rig.keys("?");
    picture("help", &mut rig);
}

/// Half a sequence shows what may follow.
#[test]
fn which_key() {
    let mut rig = Rig::listed();
    rig.keys("t");
    picture("which_key", &mut rig);
}

/// Sessions, the latest first, open and closed.
#[test]
fn sessions() {
    let mut rig = Rig::listed();
    rig.keys("S");
    rig.feed(Input::Sessions(super::properties::rows()));
    picture("sessions", &mut rig);
}

/// Open sessions are offered at the start; to resume the newest is the first answer.
#[test]
fn sessions_offered() {
    let mut rig = Rig::listed();
    rig.feed(Input::Sessions(super::properties::rows()));
    picture("sessions_offered", &mut rig);
}

/// A past session at a record: the strip, the state there, the records.
#[test]
fn review() {
    let mut rig = worked();
    load(&mut rig, true);
    rig.keys("g g l l l l l l l");
    picture("review", &mut rig);
}

fn worked() -> Rig {
    let mut rig = Rig::opened();
    rig.keys("Enter");
    rig.save();
    rig.model.incident.step = 3;
    rig.keys("Enter");
    rig.settle();
    rig.keys("y Enter");
    rig.settle();
    rig.end(super::rig::succeeded());
    rig.settle();
    rig
}

/// The report is read in the console.
#[test]
fn report() {
    let mut rig = worked();
    load(&mut rig, false);
    picture("report", &mut rig);
}

/// NOT SAVED stands with what happened and what to do, and the step is not done.
#[test]
fn not_saved() {
    let mut rig = Rig::opened();
    rig.keys("Enter");
    rig.refuse();
    picture("not_saved", &mut rig);
}

/// A window that is too small says how large it must be.
#[test]
fn too_small() {
    let mut rig = Rig::opened();
    rig.resize(40, 10);
    let text = rig.screen();
    assert_eq!(text.lines().next(), Some("window too small: 60x15 needed"));
    assert_eq!(text.trim(), "window too small: 60x15 needed");
    rig.resize(8, 1);
    assert_eq!(rig.screen(), "window ~\n");
}
