//! The keyboard, on a thread of its own: what the terminal sends becomes inputs.

use crate::console::core::input::Input;
use crate::console::core::key::Key;
use crate::problem::Problem;
use crate::runtime::Runtime;
use crossterm::event::{Event, KeyEventKind, poll, read};
use quell_core::text::Untrusted;
use rustix::process::{Signal, getpid, kill_process};
use std::collections::BTreeSet;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::mpsc::UnboundedSender;

/// More printable keys than this at once were not typed: a paste from a terminal without bracketed paste.
const BURST: usize = 20;
/// A held key repeats few characters; a paste has many.
const KINDS: usize = 3;

/// So long it is waited for the keyboard's thread to leave the terminal alone.
const LEAVES: Duration = Duration::from_secs(2);

/// Whether the terminal is wanted for another program, and whether it is left alone.
#[derive(Debug, Default)]
struct Hold {
    wanted: bool,
    held: bool,
}

/// The thread that reads the keyboard.
#[derive(Clone, Debug, Default)]
pub struct Keys(Arc<(Mutex<Hold>, Condvar)>);

impl Keys {
    /// Leaves the terminal's keys to another program until [`Keys::resume`].
    ///
    /// # Errors
    /// When the thread does not let go: then it goes on reading.
    pub fn pause(&self) -> Result<(), Problem> {
        let (lock, changed) = &*self.0;
        let mut hold = lock.lock().unwrap_or_else(PoisonError::into_inner);
        hold.wanted = true;
        // The thread waits for a key. A window that changes its size is told it at once, and it has not changed.
        let woken = kill_process(getpid(), Signal::WINCH);
        let (mut hold, _) =
            changed.wait_timeout_while(hold, LEAVES, |hold| !hold.held).unwrap_or_else(PoisonError::into_inner);
        if woken.is_ok() && hold.held {
            return Ok(());
        }
        hold.wanted = false;
        changed.notify_all();
        Err(Problem::local("the keyboard could not be left to another program")
            .meaning("nothing was started")
            .next("press the key again; C-z leaves the terminal to the shell"))
    }

    /// Reads keys again.
    pub fn resume(&self) {
        let (lock, changed) = &*self.0;
        lock.lock().unwrap_or_else(PoisonError::into_inner).wanted = false;
        changed.notify_all();
    }

    /// Waits while another program has the terminal.
    fn yield_to_it(&self) {
        let (lock, changed) = &*self.0;
        let mut hold = lock.lock().unwrap_or_else(PoisonError::into_inner);
        if hold.wanted {
            hold.held = true;
            changed.notify_all();
            hold = changed.wait_while(hold, |hold| hold.wanted).unwrap_or_else(PoisonError::into_inner);
            hold.held = false;
        }
    }
}

/// Reads the terminal until the process ends.
pub fn start(runtime: &Runtime, inputs: UnboundedSender<Vec<Input>>) -> Result<Keys, Problem> {
    let keys = Keys::default();
    let own = keys.clone();
    runtime.thread("keys", move || {
        loop {
            own.yield_to_it();
            let Ok(first) = read() else { return };
            let mut events = vec![first];
            while poll(Duration::ZERO).unwrap_or(false) {
                match read() {
                    Ok(event) => events.push(event),
                    Err(_) => break,
                }
            }
            if inputs.send(inputs_of(events)).is_err() {
                return;
            }
        }
    })?;
    Ok(keys)
}

/// Terminals send the ends of pasted lines as the key that ends a line.
fn pasted(text: &str) -> Untrusted {
    text.replace("\r\n", "\n").replace('\r', "\n").into()
}

/// What one reading of the terminal means.
pub fn inputs_of(events: Vec<Event>) -> Vec<Input> {
    let mut inputs: Vec<Input> = events
        .into_iter()
        .filter_map(|event| match event {
            Event::Key(key) if key.kind != KeyEventKind::Release => Some(Input::Key(key.into())),
            Event::Paste(text) => Some(Input::Paste(pasted(&text))),
            Event::Resize(width, height) => Some(Input::Resize(width, height)),
            _ => None,
        })
        .collect();
    let typed: Vec<char> = inputs.iter().filter_map(|i| if let Input::Key(k) = i { k.typed() } else { None }).collect();
    let kinds: BTreeSet<char> = typed.iter().copied().collect();
    if typed.len() > BURST && kinds.len() > KINDS {
        let text: String = typed.into_iter().collect();
        inputs.retain(|i| !matches!(i, Input::Key(Key { .. })));
        inputs.push(Input::Paste(Untrusted::from(text)));
    }
    inputs
}

#[cfg(test)]
mod tests {
    use super::*;
    use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

    fn keys(text: &str) -> Vec<Event> {
        text.chars().map(|c| Event::Key(KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE))).collect()
    }

    #[test]
    fn pasted_lines_end_as_lines_do() {
        for (sent, kept) in [("a\rb", "a\nb"), ("a\r\nb\r\n", "a\nb\n"), ("a\nb", "a\nb")] {
            assert_eq!(pasted(sent), kept.into());
        }
    }

    #[test]
    fn a_burst_of_many_characters_is_a_paste_and_a_held_key_is_not() {
        assert_eq!(inputs_of(keys(&"j".repeat(50))).len(), 50);
        let pasted = inputs_of(keys("aws iam delete-user --user-name x"));
        assert_eq!(pasted.len(), 1);
        assert!(matches!(pasted.first(), Some(Input::Paste(_))));
        assert_eq!(inputs_of(keys("short text")).len(), 10);
    }
}
