//! The keyboard, on a thread of its own: what the terminal sends becomes inputs.

use crate::console::core::input::Input;
use crate::console::core::key::Key;
use crate::problem::Problem;
use crate::runtime::Runtime;
use crossterm::event::{Event, KeyEventKind, poll, read};
use quell_core::text::Untrusted;
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::sync::mpsc::UnboundedSender;

/// More printable keys than this at once were not typed: a paste from a terminal without bracketed paste.
const BURST: usize = 20;
/// A held key repeats few characters; a paste has many.
const KINDS: usize = 3;

/// Reads the terminal until the process ends.
pub fn start(runtime: &Runtime, inputs: UnboundedSender<Vec<Input>>) -> Result<(), Problem> {
    runtime.thread("keys", move || {
        while let Ok(first) = read() {
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
    Ok(())
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
