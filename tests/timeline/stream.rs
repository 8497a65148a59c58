//! The verification that reads line by line, held to the one that holds all: what it says is what that says, and it says
//! nothing where that finds anything wrong.

use super::agree::{self, Folder, damaged, put};
use super::forged::{self, files};
use super::forged_by_chance::forged;
use super::*;
use crate::chance::Chance;
use quell::timeline::disk::LocalDisk;
use quell::timeline::{Draft, Evidence};
use quell_core::incident::EvidenceAdded;
use std::collections::BTreeMap;
use std::fs;

/// How many damaged sessions, and how many forged ones.
const DAMAGED: usize = 1500;

/// Whether the session is said to be whole by reading line by line; the answer is that of the full way.
pub fn held(session: &SessionDir, allowed: Option<&Path>) -> bool {
    let full = session.verify(allowed).unwrap().verification();
    let whole = session.whole(allowed, None);
    if let Some(whole) = &whole {
        assert_eq!(*whole, full);
        assert_eq!(full.problems, []);
    }
    assert_eq!(session.verification(allowed, None).unwrap(), full);
    whole.is_some()
}

/// The same of a session's files.
fn held_folder(state: &State, name: &str, folder: &Folder) -> bool {
    let at = state.dir.path().join("one");
    put(&at.join(name), folder);
    let session = state.sessions.find(&at.join(name).to_string_lossy()).unwrap();
    let held = held(&session, None);
    fs::remove_dir_all(&at).unwrap();
    held
}

#[test]
fn what_is_whole_is_said_to_be_whole() {
    let state = state();
    let session = state.begun();
    assert!(held(&session, None));
    // Three writers, of whom one came back; evidence, a mask and a checkpoint.
    let (session, folder) = forged::whole(&self::state());
    assert!(held_folder(&state, session.id().as_str(), &folder));
    // While somebody writes, and sees what others have written.
    let session = state.begun();
    let (mut alice, mut a) = state.attach(&session);
    let mut b = session.attach(&who("bob"), &state.runtime).unwrap();
    let mut bob = Pen::of(&b);
    for round in 0..20 {
        a.log.commit(vec![alice.note("on")]).unwrap();
        bob.l = bob.l.max(alice.l);
        let seen = Some(BTreeMap::from([(alice.link.0.clone(), alice.link.1)]));
        b.log.commit(vec![Entry { seen, ..bob.note("after it") }]).unwrap();
        alice.l = alice.l.max(bob.l);
        assert!(held(&session, None), "{round}");
    }
    // Bound again and again, and named.
    for _ in 0..3 {
        let blob = Evidence::of(&session).put(&mut LocalDisk, b"what was found").unwrap();
        let (name, how) = ("memory.img".into(), "by hand".into());
        let added = alice.event(EvidenceAdded { blob, name, size: 14, how, step: None, run: None });
        a.log.commit(vec![added]).unwrap();
        let made = Draft::of(&session, a.log.writer(), &state.runtime).unwrap().store(&mut LocalDisk, None).unwrap();
        a.log.commit(vec![alice.event(made.made)]).unwrap();
        assert!(held(&session, None));
    }
}

#[test]
fn what_a_crash_has_left_is_not_said_to_be_whole_by_its_lines_alone() {
    let state = state();
    let (session, folder) = agree::whole(&self::state());
    assert!(!held_folder(&state, session.id().as_str(), &folder));
}

#[test]
fn no_damaged_session_is_said_to_be_whole() {
    let state = state();
    let (session, whole) = forged::whole(&self::state());
    let name = session.id().as_str();
    for (change, _) in files() {
        let mut folder = whole.clone();
        change(&mut folder);
        held_folder(&state, name, &folder);
    }
    let mut chance = Chance(20_261_127);
    let mut said = [0; 2];
    for at in 0..2 * DAMAGED {
        let folder = if at % 2 == 0 { damaged(&whole, &mut chance) } else { forged(&whole, &mut chance) };
        said[at % 2] += usize::from(held_folder(&state, name, &folder));
    }
    // Not all that is done is damage: a head may be behind, and what is known of an event may be little.
    assert!(said.iter().all(|whole| (1..DAMAGED / 2).contains(whole)), "{said:?}");
}
