//! `quell sessions sign`: a checkpoint over all that a session holds, signed by the responder's SSH key.

use super::Io;
use super::visit::Visit;
use crate::problem::{Problem, clean};
use crate::runtime::Runtime;
use crate::timeline::{Draft, SessionDir, Signer, Who};
use quell_core::incident::{CheckpointMade, Incident};
use std::path::Path;

/// The key that signs: what the command line or the configuration names, else the agent's first; there may be none.
pub(super) fn signer(key: Option<&Path>) -> Result<Option<Signer>, Problem> {
    match key {
        Some(path) => Ok(Some(Signer::of_file(path, true))),
        None => Signer::of_agent(),
    }
}

/// Makes, signs and records a checkpoint; without a key it stays unsigned.
pub(super) fn sign(session: &SessionDir, signer: Option<&Signer>, who: &Who, io: &Io) -> Result<String, Problem> {
    let visit = Visit::begin(session, who, io)?;
    let made = visit.end_with("the timeline was signed", |visit| checkpoint(session, signer, visit, io))?;
    let CheckpointMade { file, count, head, signature, .. } = made;
    let signed = match signature {
        Some(_) => "signed",
        None => {
            "chain only, not signed: give --key FILE, set signing_key in the configuration, or load a key into \
                 the SSH agent"
        }
    };
    let place = format!("{}/checkpoints/{}", session.path().to_string_lossy(), file.line());
    Ok(format!("checkpoint {}: {count} records of this writer and all others, head {head}\n{signed}\n", clean(&place)))
}

/// Signs what is about to be given away, where there is a key. Says why it is not signed; it is given away all the same.
pub(super) fn sign_first(session: &SessionDir, key: Option<&Path>, who: &Who, io: &mut Io) {
    let signed = match signer(key) {
        Ok(Some(signer)) => sign(session, Some(&signer), who, io),
        Ok(None) => {
            return io
                .say("chain only, not signed: there is no key (--key FILE, signing_key, or an SSH agent with one)");
        }
        Err(problem) => Err(problem),
    };
    match signed {
        Ok(said) => io.say(said.trim_end()),
        Err(problem) => {
            io.show(&problem);
            io.say("no checkpoint was made of this export; it is written all the same");
        }
    }
}

/// The same for what may be only a look: it signs nothing in a session that is closed, or that is others' alone.
pub(super) fn sign_own_first(session: &SessionDir, key: Option<&Path>, who: &Who, io: &mut Io) -> Result<(), Problem> {
    let incident = Incident::fold(&session.read()?.entries());
    let why = match incident.closed {
        Some(_) => "the session is closed",
        None if incident.writers.values().any(|writer| writer.user == who.user) => {
            sign_first(session, key, who, io);
            return Ok(());
        }
        None => "you have not written in this session",
    };
    io.say(&format!("no checkpoint was made of this export: {why}; `quell sessions sign` makes one"));
    Ok(())
}

fn checkpoint(
    session: &SessionDir,
    signer: Option<&Signer>,
    visit: &mut Visit,
    io: &Io,
) -> Result<CheckpointMade, Problem> {
    let draft = Draft::of(session, visit.writer(), &io.runtime)?;
    let signature = match signer {
        Some(signer) => Some(Runtime::tokio()?.block_on(signer.sign(&draft.text(), &io.runtime))?),
        None => None,
    };
    visit.store(&draft, signature.as_deref())
}
