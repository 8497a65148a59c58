//! Words of the command line that become part of a record: credentials of the responder are left out of them first, and
//! that is told. The console does the same with what is typed in it.

use super::Io;
use crate::aws::secrets;
use quell_core::text::secret::Secrets;

/// The words without what is known as a credential; `place` is where they stood.
pub(super) fn recorded(words: &str, place: &str, io: &mut Io) -> String {
    without(&secrets::known(), words, place, io)
}

/// The words without these credentials.
pub(super) fn without(known: &Secrets, words: &str, place: &str, io: &mut Io) -> String {
    let (kept, count) = known.withhold_text(words);
    tell(count, place, io);
    kept
}

/// Says that so many were left out, where there were any.
pub(super) fn tell(count: u64, place: &str, io: &mut Io) {
    if count > 0 {
        io.say(&format!("a credential of yours stood in {place}: it was left out, and kept nowhere"));
    }
}
