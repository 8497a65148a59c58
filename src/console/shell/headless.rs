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
    let gone = shell.runtime.instant();
    let mut wait = Wait::default();
    loop {
        let now = shell.runtime.instant();
        let over = now.saturating_duration_since(gone);
        let Some(until) = wait.until(over, running(model) > 0, is_unread(model)) else { return };
        let until = gone + until;
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

/// How long is waited, from when the terminal went.
#[derive(Default)]
struct Wait {
    /// When nothing ran any more.
    all_ended: Option<Duration>,
}

impl Wait {
    /// Until when is waited, so long after the terminal went; `None` for no more.
    fn until(&mut self, over: Duration, runs: bool, unread: bool) -> Option<Duration> {
        let until = match (runs, unread) {
            (true, _) => MOST,
            (false, true) => MOST.min(*self.all_ended.get_or_insert(over) + READ_BACK),
            (false, false) => return None,
        };
        (over < until).then_some(until)
    }
}

/// Whether something of this console has succeeded and was not read back yet.
fn is_unread(model: &Model) -> bool {
    let Some(session) = &model.session else { return false };
    let own = |by| by == &session.writer;
    let mut actions = session.pending().actions.values();
    actions.any(|a| a.life == Life::Succeeded && a.verified.is_none() && a.holder.as_ref().is_some_and(own))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn until(wait: &mut Wait, over: u64, runs: bool, unread: bool) -> Option<u64> {
        wait.until(Duration::from_secs(over), runs, unread).map(|until| until.as_secs())
    }

    #[test]
    fn what_runs_is_waited_for_ten_minutes_and_no_longer() {
        let mut wait = Wait::default();
        assert_eq!(until(&mut wait, 0, true, false), Some(600));
        assert_eq!(until(&mut wait, 599, true, true), Some(600));
        assert_eq!(until(&mut wait, 600, true, true), None);
        assert_eq!(until(&mut wait, 3, false, false), None);
    }

    #[test]
    fn what_has_ended_is_read_back_within_half_a_minute() {
        let mut wait = Wait::default();
        assert_eq!(until(&mut wait, 40, true, true), Some(600));
        assert_eq!(until(&mut wait, 50, false, true), Some(80));
        assert_eq!(until(&mut wait, 79, false, true), Some(80));
        assert_eq!(until(&mut wait, 80, false, true), None);
        // Never beyond the whole.
        assert_eq!(until(&mut Wait::default(), 590, false, true), Some(600));
    }
}
