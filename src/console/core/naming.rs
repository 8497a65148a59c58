//! Who the responder is: told by this machine, by AWS once the connection stands, else asked, and said in the log of
//! the open session.

use super::effect::Reaction;
use super::model::{Ctx, Mode, Model};
use super::prompt::{Field, FieldPurpose, Kind};
use quell_core::incident::{ActorFrom, WriterNamed, naming};
use quell_core::text::Untrusted;

/// Takes in a name, unless a better one is known.
pub fn learn(model: &mut Model, named: Option<WriterNamed>, ctx: &Ctx, out: &mut Reaction) {
    let Some(named) = named else { return };
    if model.named.as_ref().is_some_and(|known| known.from <= named.from) {
        return;
    }
    if is_asked(model) {
        model.prompt = None;
    }
    model.me = named.actor.clone();
    model.named = Some(named);
    state(model, ctx, out);
}

/// Says in the open session who this writer is, unless its records say so already.
pub fn state(model: &mut Model, ctx: &Ctx, out: &mut Reaction) {
    let (Some(session), Some(named)) = (&mut model.session, &model.named) else { return };
    if let Some(event) = naming(session.pending(), &session.writer, named) {
        out.entries.extend(session.emit(vec![event], ctx.now, &model.secrets));
    }
}

/// Asks for the name where nothing tells it, once there is a session that it goes into. What the connection may still
/// tell is waited for, and so is the end of another question. Nobody asks who plays with the simulated account.
pub fn ask(model: &mut Model, ctx: &Ctx) {
    let Some(session) = &model.session else { return };
    let settled = match model.account.mode {
        Mode::Simulated => return,
        Mode::File { .. } => true,
        Mode::Real | Mode::Endpoint(_) => model.account.identity.is_some(),
    };
    if !settled || model.named.is_some() || model.prompt.is_some() {
        return;
    }
    let stands = session.pending().who_now(&session.writer);
    let field = Field::new("WHO ARE YOU? Your name in the timeline", FieldPurpose::Responder, &stands, false);
    let hint = "--responder NAME, or responder in the configuration, answers this for good";
    model.ask(Kind::Field(Box::new(field.hinting(hint))), ctx);
}

/// The question was answered; with nothing the user's name stands.
pub fn answered(model: &mut Model, text: &Untrusted, ctx: &Ctx, out: &mut Reaction) {
    let user = || WriterNamed { actor: model.me.clone(), from: ActorFrom::User, detail: None };
    let named = WriterNamed::new(text, ActorFrom::Asked).unwrap_or_else(user);
    learn(model, Some(named), ctx, out);
}

fn is_asked(model: &Model) -> bool {
    let asked = model.prompt.as_ref().map(|p| &p.kind);
    matches!(asked, Some(Kind::Field(field)) if field.purpose == FieldPurpose::Responder)
}
