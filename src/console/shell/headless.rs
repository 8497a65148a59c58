//! After the terminal has gone: what was approved is carried to its end without a screen, read back and recorded.

use super::desk::Message;
use super::serve::Shell;
use super::{Signals, terminal};
use crate::console::core::input::Input;
use crate::console::core::model::Model;
use crate::console::core::update::running;
use quell_core::incident::Life;
use std::time::Duration;
use tokio::sync::mpsc::UnboundedReceiver;

/// The longest time that what was approved is waited for.
const MOST: Duration = Duration::from_secs(10 * 60);
/// The longest time that reading back is waited for, once all has ended.
const READ_BACK: Duration = Duration::from_secs(30);

/// Leaves the screen at once and follows what runs to its end. Whoever asks the process to end is heard.
pub(super) async fn finish(
    model: &mut Model,
    shell: &mut Shell,
    messages: &mut UnboundedReceiver<Message>,
    signals: &mut Signals,
) {
    if running(model) == 0 {
        return;
    }
    terminal::restore();
    let latest = shell.runtime.instant() + MOST;
    let mut all_ended = None;
    loop {
        let now = shell.runtime.instant();
        let until = match running(model) {
            0 if !is_unread(model) => return,
            0 => latest.min(*all_ended.get_or_insert(now + READ_BACK)),
            _ => latest,
        };
        if now >= until {
            return;
        }
        let wake = shell.wake.map_or(until, |wake| wake.min(until));
        tokio::select! {
            biased;
            _ = signals.terminate.recv() => return,
            _ = signals.interrupt.recv() => return,
            _ = signals.quit.recv() => return,
            Some(message) = messages.recv() => shell.message(model, message),
            () = shell.runtime.sleep(wake.saturating_duration_since(now)) => shell.take(model, vec![Input::Wake]),
        }
    }
}

/// Whether something of this console has succeeded and was not read back yet.
fn is_unread(model: &Model) -> bool {
    let Some(session) = &model.session else { return false };
    let own = |by: &quell_core::incident::Stamp| by.by == session.writer;
    let mut actions = session.pending().actions.values();
    actions.any(|a| a.life == Life::Succeeded && a.verified.is_none() && a.started.as_ref().is_some_and(own))
}
