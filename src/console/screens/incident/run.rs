//! A command of a step is text to be copied. Whoever says so for that step runs it here, by a plan and an approval like
//! any action's: through a shell, since that is what it was written for, with what it leaves open filled in.

use super::plan::{await_trust, filled, placed, trusts};
use super::update::{book_step, choose, selected};
use crate::action::{Request, Value, Word};
use crate::console::core::effect::{Reaction, Reads};
use crate::console::core::model::{Ctx, Model, Planning};
use crate::console::core::prompt::{ChoicePurpose, Field, FieldPurpose, Kind};
use quell_core::incident::StepRef;
use quell_core::text::{Id, Shape, Untrusted};

/// Puts the lines together again, so that each of them is a word of the plan that can be read.
const LINES: &str = r#"eval "$(printf '%s\n' "$@")""#;

/// Asks which of the selected step's commands shall be run.
pub(super) fn choose_run(model: &mut Model, ctx: &Ctx, out: &mut Reaction) {
    let Some(step) = selected(model) else { return model.say("there is no step here") };
    let commands = book_step(model, &step).map(|step| step.commands.clone()).unwrap_or_default();
    if commands.is_empty() {
        return model.say("this step has no command; Enter does the step");
    }
    if model.account.lacks() {
        return model.say(super::plan::NO_ACCOUNT);
    }
    if !trusts(model, &step) {
        return await_trust(model, &step, out);
    }
    let lines = commands.iter().map(|command| filled(model, command).0.line().into_string()).collect();
    let title = "RUN which command on this machine? Its plan comes next";
    choose(model, ctx, title, ChoicePurpose::Run(step, commands), lines);
}

/// Plans the run of a command. One that leaves something open is never run.
pub fn run(model: &mut Model, step: StepRef, command: &Untrusted, ctx: &Ctx, out: &mut Reaction) {
    let (text, open) = filled(model, command);
    if let Some(name) = open.iter().find_map(|name| name.strip_prefix("var.")) {
        let title = format!("VALUE of var.{name}, which the command leaves open");
        let purpose = FieldPurpose::Variable { name: name.to_owned(), step: None };
        let field =
            Field::new(title, purpose, &Untrusted::default(), false).hinting("nothing was run: ! again once it has it");
        return model.ask(Kind::Field(Box::new(field)), ctx);
    }
    if !open.is_empty() {
        return model.say(format!("{} has no value: nothing was run", open.join(", ")));
    }
    let number = model.session.as_ref().and_then(|s| Some(s.pending().step(&step)?.1.number.line().into_string()));
    let title = format!("Run a command of step {}", number.unwrap_or_default());
    let Ok(kind) = Id::new("command") else { return };
    let text = text.clean(Shape::Block).into_string();
    let words = ["bash", "-ec", LINES, "step"].into_iter().chain(text.lines().map(str::trim_end));
    let argv = Value::List(words.map(Word::own).collect());
    let request = Request::of_kind(kind, title.as_str().into(), [("argv".into(), argv)].into());
    let request = Box::new(placed(model, request));
    model.plan(Planning::Command(step), |generation| Reads::Plan { generation, request }, ctx, out);
}
