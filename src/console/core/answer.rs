//! What the answers to questions do.

use super::effect::{Reaction, Reads};
use super::model::{Ctx, Model, Screen};
use super::prompt::{Answer, Choice, ChoicePurpose, Field, FieldPurpose, Kind, Prompt};
use super::{approve, drafts, entity, naming, palette, planned, update, withhold};
use crate::console::screens::{approval, findings, incident, search};
use quell_core::incident::{EntityKind, Intent, Resolution, StepRef};
use quell_core::runbook::template::is_name;
use quell_core::text::Untrusted;

/// The milestones of an incident that metrics are made of.
pub const MILESTONES: [&str; 6] = ["detected", "declared", "contained", "eradicated", "recovered", "closed"];
/// What an incident may be closed as.
pub const RESOLUTIONS: [Resolution; 4] =
    [Resolution::TruePositive, Resolution::FalsePositive, Resolution::Benign, Resolution::Duplicate];
/// What may be noted by hand.
pub const ENTITIES: [EntityKind; 7] = [
    EntityKind::Principal,
    EntityKind::Key,
    EntityKind::Host,
    EntityKind::Bucket,
    EntityKind::Account,
    EntityKind::Ip,
    EntityKind::Other,
];

/// Carries out what a prompt answered.
pub fn take(model: &mut Model, answer: Answer, ctx: &Ctx, out: &mut Reaction) {
    match answer {
        Answer::Ignored => return,
        Answer::Stay => edited(model),
        Answer::Cancel => cancel(model, false, ctx, out),
        Answer::Mistyped => cancel(model, true, ctx, out),
        Answer::Text(text) => {
            let (text, told) = withhold::from(model, text);
            given(model, text, ctx, out);
            withhold::tell(model, told);
        }
        Answer::Chosen(index) => chosen(model, index, ctx, out),
        Answer::Turned(turn) => approval::turn(model, turn),
        // Nobody approves what was not on screen, or what can't go ahead; the dialog stays as it is, and says so.
        Answer::Approved { .. } if approval::unread(model) => trouble(model, approval::MORE),
        Answer::Approved { .. } if approval::conflict(model) => trouble(model, approval::CONFLICT),
        Answer::Approved { why, .. } if why.line().as_str().trim().is_empty() && approval::asks_note(model) => {
            trouble(model, approval::NOTE);
        }
        Answer::Approved { gesture, why } => {
            let (why, told) = withhold::from(model, why);
            approve::approved(model, gesture, why, ctx, out);
            withhold::tell(model, told);
        }
    }
    planned::held(model, ctx, out);
    naming::ask(model, ctx);
    out.dirty = true;
}

/// What stands in a question changed: its words are kept; filters and searches follow while it is typed.
pub fn edited(model: &mut Model) {
    drafts::keep(model);
    let Some(Kind::Field(field)) = model.prompt.as_ref().map(|p| &p.kind) else { return };
    let (purpose, text) = (field.purpose.clone(), field.text());
    match purpose {
        FieldPurpose::Filter { .. } => findings::set_filter(model, &text),
        FieldPurpose::Search(begun) => search::set(model, &begun, &text),
        FieldPurpose::Palette => palette::clamp(model),
        _ => {}
    }
}

fn cancel(model: &mut Model, mistyped: bool, ctx: &Ctx, out: &mut Reaction) {
    let Some(prompt) = model.prompt.take() else { return };
    match prompt.kind {
        Kind::Confirm(confirm) => {
            let wrong = mistyped.then(|| confirm.mistyped());
            approve::cancelled(model, *confirm, prompt.draft.is_some(), wrong, ctx, out);
        }
        Kind::Field(field) => match field.purpose {
            FieldPurpose::Filter { before } => findings::set_filter(model, &before),
            FieldPurpose::Search(begun) => search::give_up(model, *begun),
            FieldPurpose::Responder => naming::answered(model, &Untrusted::default(), ctx, out),
            _ if prompt.draft.is_some() => model.say(drafts::KEPT),
            _ => {}
        },
        // The words that led here are kept until this is answered.
        Kind::Choice(Choice { purpose: ChoicePurpose::EntityState(kind, id), .. })
            if drafts::kept(model, FieldPurpose::Entity(kind), |words| id == words.into()).is_some() =>
        {
            model.say(drafts::KEPT);
        }
        Kind::Choice(_) => {}
    }
}

fn given(model: &mut Model, text: Untrusted, ctx: &Ctx, out: &mut Reaction) {
    let Some(Kind::Field(field)) = model.prompt.as_ref().map(|p| p.kind.clone()) else { return };
    let Field { purpose, .. } = *field;
    let intent = match purpose {
        // A filter that does not read stays open beside what is wrong with it.
        FieldPurpose::Filter { .. } if model.findings.trouble.is_some() => return,
        // Nothing looked for: the word that was is still there for n.
        FieldPurpose::Search(begun) if text.is_empty() => {
            model.prompt = None;
            return search::give_up(model, *begun);
        }
        FieldPurpose::Filter { .. } | FieldPurpose::Search(_) | FieldPurpose::Palette => {
            model.prompt = None;
            return;
        }
        FieldPurpose::Note(step) => Intent::Note { text, step },
        FieldPurpose::Tick(step) => Intent::Tick { step, note: Some(text) },
        FieldPurpose::TickEach(step, each) => Intent::TickEach { step, each, note: Some(text) },
        FieldPurpose::Skip(step) => Intent::Skip { step, why: text },
        FieldPurpose::Untick(_) | FieldPurpose::UntickEach(..) if text.is_empty() => return trouble(model, "say why"),
        FieldPurpose::Untick(step) => Intent::Untick { step, why: text },
        FieldPurpose::UntickEach(step, each) => Intent::UntickEach { step, each, why: text },
        FieldPurpose::Because(step, choice) => {
            let to = incident::leads_to(model, &step, &choice);
            Intent::Choose { step, choice, why: text, to }
        }
        FieldPurpose::Reached(name) => match moment(&text) {
            Some(at) => Intent::Milestone { name: name.into(), at },
            None => return trouble(model, "a time such as 2026-11-21 19:30:00Z is needed"),
        },
        FieldPurpose::Summary(resolution) => Intent::Close { resolution, summary: text },
        FieldPurpose::Reopen => Intent::Reopen { why: text },
        FieldPurpose::HandOver => Intent::HandOver { text },
        FieldPurpose::Entity(_) if text.is_empty() => return trouble(model, "there is nothing to save"),
        FieldPurpose::Entity(kind) => return entity::state(model, kind, text, 0, ctx),
        FieldPurpose::Variable { name, step } => return variable(model, name, text, step, ctx, out),
        FieldPurpose::Responder => {
            model.prompt = None;
            return naming::answered(model, &text, ctx, out);
        }
        FieldPurpose::TriageField => {
            if !findings::field(model, text.line().as_str(), ctx, out) {
                trouble(model, "a name, = and a text are needed");
            }
            return;
        }
        FieldPurpose::NewVariable => return new_variable(model, &text, ctx),
        FieldPurpose::Evidence(_) if text.line().as_str().trim().is_empty() => {
            return trouble(model, "there is nothing to attach; Esc, then x skips a step that has none, with a reason");
        }
        FieldPurpose::Evidence(step) => {
            model.prompt = None;
            let session = model.session.as_ref().map(|s| s.id.clone()).unwrap_or_default();
            out.reads.push(Reads::ReadFile { session, path: text, step });
            return;
        }
        FieldPurpose::Move => return incident::go_elsewhere(model, text, out),
        FieldPurpose::Verdict(finding, verdict) => Intent::Verdict { finding, verdict, why: text },
        FieldPurpose::Detach(finding) => Intent::Detach { finding, why: text },
        FieldPurpose::CloseBook(rb) => Intent::CloseBook { rb, why: text },
    };
    let closes = matches!(intent, Intent::CloseBook { .. });
    if model.act(intent, ctx, out) {
        answered(model, out);
        match closes {
            true => incident::book_closed(model, out),
            false => model.incident.follow(),
        }
    } else {
        // The refusal stands beside the field, so that what was typed is not lost.
        let said = model.toast.take();
        trouble(model, &said.unwrap_or_default());
    }
}

/// The open question has its answer in the record that was made last.
fn answered(model: &mut Model, out: &Reaction) {
    let draft = model.prompt.take().and_then(|p| p.draft);
    drafts::used(model, draft, out);
}

fn trouble(model: &mut Model, words: &str) {
    if let Some(prompt) = &mut model.prompt {
        prompt.trouble = Some(words.to_owned());
    }
}

/// A moment as the screens write it, or as RFC 3339 does.
fn moment(text: &Untrusted) -> Option<jiff::Timestamp> {
    text.line().as_str().trim().parse().ok()
}

fn new_variable(model: &mut Model, name: &Untrusted, ctx: &Ctx) {
    let name = name.line().into_string();
    let name = name.strip_prefix("var.").unwrap_or(&name).to_owned();
    if !is_name(&format!("var.{name}")) {
        return trouble(model, "a name is of small letters, digits and _, as in bucket or ticket_1");
    }
    let purpose = FieldPurpose::Variable { name: name.clone(), step: None };
    let field = Field::new(format!("VALUE of var.{name}"), purpose, &Untrusted::default(), false);
    model.ask(Kind::Field(Box::new(field)), ctx);
}

fn variable(model: &mut Model, name: String, value: Untrusted, step: Option<StepRef>, ctx: &Ctx, out: &mut Reaction) {
    let empty = value.is_empty().then(|| "there is nothing to save".to_owned());
    if let Some(why) = empty.or_else(|| incident::unfit(model, &name, &value)) {
        return trouble(model, &why);
    }
    if let Some(step) = step {
        // It is saved once the plan has taken it; until then it is a draft.
        model.prompt = None;
        model.incident.tried.insert(name, value);
        return incident::plan_on(model, &step, ctx, out);
    }
    let intent = Intent::Variable { name: name.as_str().into(), value, from: "typed".into() };
    if model.act(intent, ctx, out) {
        answered(model, out);
        drafts::spent(
            model,
            FieldPurpose::NewVariable,
            |typed| typed.strip_prefix("var.").unwrap_or(typed) == name,
            out,
        );
    } else {
        let said = model.toast.take();
        trouble(model, &said.unwrap_or_default());
    }
}

fn chosen(model: &mut Model, index: usize, ctx: &Ctx, out: &mut Reaction) {
    let Some(kind) = model.prompt.take().map(|p| p.kind) else { return };
    match kind {
        Kind::Field(field) if field.purpose == FieldPurpose::Palette => {
            model.prompt = Some(Prompt::new(Kind::Field(field), ctx.instant));
            let command = palette::found(model).get(index).map(|b| b.run);
            model.prompt = None;
            match command {
                Some(command) => update::run(model, command, ctx, out),
                None => model.say("no command is called that"),
            }
        }
        Kind::Choice(choice) => choose(model, choice, index, ctx, out),
        _ => {}
    }
}

fn choose(model: &mut Model, choice: Choice, index: usize, ctx: &Ctx, out: &mut Reaction) {
    let words = || choice.choices.get(index).cloned().unwrap_or_default();
    match choice.purpose {
        ChoicePurpose::Decide(step) => decided(model, step, words(), ctx, out),
        ChoicePurpose::EntityState(kind, id) => {
            let Some(state) = entity::STATES.get(index).copied() else { return };
            let provenance = entity::provenance(model, kind, &id);
            if model.act(Intent::Entity { kind, id: id.clone(), provenance, state }, ctx, out) {
                drafts::spent(model, FieldPurpose::Entity(kind), |words| id == words.into(), out);
            }
        }
        ChoicePurpose::Entity(ref all) if index >= ENTITIES.len() => {
            if let Some(one) = all.get(index - ENTITIES.len()) {
                entity::restate(model, one.clone(), ctx);
            }
        }
        ChoicePurpose::LookUp(questions) => {
            if let Some(question) = questions.get(index) {
                incident::look_up(model, question.clone(), out);
            }
        }
        ChoicePurpose::Copy(commands) => {
            if let Some(command) = commands.get(index) {
                incident::copy_command(model, command, out);
            }
        }
        ChoicePurpose::VerdictOf(findings) => {
            if let Some(finding) = findings.get(index) {
                incident::choose_verdict(model, finding.clone(), ctx);
            }
        }
        ChoicePurpose::Evidence(ref session, ref blobs) => match blobs.get(index) {
            Some(Some(blob)) => {
                let (session, blob, name) = (session.clone(), blob.clone(), words());
                out.reads.push(Reads::ReadEvidence { session, blob, name });
            }
            Some(None) => model.say("this piece is masked; a bundle of the session holds its bytes"),
            None => {}
        },
        ChoicePurpose::Variable(names) => incident::ask_declared(model, &names, index, ctx),
        ChoicePurpose::Role(roles) => {
            roles.get(index).into_iter().for_each(|role| incident::take_role(model, role, ctx, out))
        }
        ChoicePurpose::Aim(all) => all.get(index).into_iter().for_each(|at| incident::aim(model, at)),
        ChoicePurpose::Undo(actions) => {
            if let Some(action) = actions.get(index) {
                incident::undo_link(model, action, ctx, out);
            }
        }
        ChoicePurpose::Run(step, commands) => {
            if let Some(command) = commands.get(index) {
                incident::run(model, step, command, ctx, out);
            }
        }
        ChoicePurpose::Each(step, values, by) => incident::do_for(model, &step, values.get(index), by, ctx, out),
        ChoicePurpose::Drift(book) if index == 1 => incident::go_on_with(model, &book, ctx, out),
        ChoicePurpose::Beside(sha256) if index == 1 => incident::open_asked(model, &sha256, ctx, out),
        ChoicePurpose::Drift(_) | ChoicePurpose::Beside(_) => {}
        ChoicePurpose::Lift(standing) => {
            if let Some(one) = standing.get(index) {
                incident::lift(model, one, ctx, out);
            }
        }
        ChoicePurpose::Signal(action) => incident::signal(model, &action, index, ctx, out),
        ChoicePurpose::Close if index == 1 => incident::close_as(model, ctx),
        ChoicePurpose::Close => {}
        ChoicePurpose::Leave if index == 1 => update::end(model, ctx, out),
        ChoicePurpose::Leave => {}
        ChoicePurpose::OpenOf(one) => findings::open_of(model, Some(&one).filter(|_| index == 1), ctx, out),
        ChoicePurpose::Resume => resume(model, index, ctx, out),
        ChoicePurpose::TriageSeverity => findings::severity(model, index, ctx, out),
        ChoicePurpose::TriageFeedback => findings::feedback(model, index, ctx, out),
        purpose => {
            if let Some(field) = asks(purpose, index, ctx) {
                model.ask(Kind::Field(Box::new(field)), ctx);
            }
        }
    }
}

/// What a choice asks for next, where it needs words.
fn asks(purpose: ChoicePurpose, index: usize, ctx: &Ctx) -> Option<Field> {
    let none = Untrusted::default();
    Some(match purpose {
        ChoicePurpose::Resolution => {
            let resolution = RESOLUTIONS.get(index).copied()?;
            let title = format!("SUMMARY: closed as {}, because ...", resolution.word());
            Field::new(title, FieldPurpose::Summary(resolution), &none, true)
        }
        ChoicePurpose::Milestone => {
            let name = *MILESTONES.get(index)?;
            let now = ctx.now.strftime("%Y-%m-%d %H:%M:%SZ").to_string();
            Field::new(format!("MILESTONE {name}, reached at"), FieldPurpose::Reached(name), &now.into(), false)
        }
        ChoicePurpose::Entity(_) => {
            let kind = ENTITIES.get(index).copied()?;
            Field::new(format!("ENTITY: which {}?", kind.word()), FieldPurpose::Entity(kind), &none, false)
        }
        ChoicePurpose::Verdict(finding) => {
            let verdict = RESOLUTIONS.get(index).copied()?;
            let title = format!("VERDICT {}, because ...", verdict.word());
            Field::new(title, FieldPurpose::Verdict(finding, verdict), &none, false)
        }
        ChoicePurpose::Detach(findings) => {
            let finding = findings.get(index).cloned()?;
            Field::new("DETACH, because ...", FieldPurpose::Detach(finding), &none, false)
        }
        _ => return None,
    })
}

/// A decision, with its reason where the step asks for a note.
fn decided(model: &mut Model, step: StepRef, chosen: String, ctx: &Ctx, out: &mut Reaction) {
    let asked = model.session.as_ref().and_then(|s| s.pending().step(&step));
    if asked.is_some_and(|(_, outline, _)| outline.note_required) {
        let title = format!("NOTE: {chosen}, because ...");
        let purpose = FieldPurpose::Because(step, chosen.into());
        let field = Field::new(title, purpose, &Untrusted::default(), true);
        return model.ask(Kind::Field(Box::new(field)), ctx);
    }
    let choice: Untrusted = chosen.into();
    let to = incident::leads_to(model, &step, &choice);
    if model.act(Intent::Choose { step, choice, why: Untrusted::default(), to }, ctx, out) {
        model.incident.follow();
    }
}

fn resume(model: &mut Model, index: usize, ctx: &Ctx, out: &mut Reaction) {
    let offered = model.sessions.offered.get(index).cloned();
    if model.sessions.rows.iter().any(|row| Some(&row.id) == offered.as_ref() && !row.open) {
        return model.say("this session was closed meanwhile; S, then v shows it");
    }
    if let Some(session) = offered
        && update::switch(model, Some(&session), ctx, out)
    {
        model.show(Screen::Incident);
    }
}
