//! How an incident begins, opens runbooks, and turns a step's action block into a request for a plan.

use super::aim::aimed;
use super::each::Each;
use super::set::waits;
use super::update::book_step;
use super::values::{Values, configured};
use crate::action::Request;
use crate::console::core::effect::{Reaction, Reads};
use crate::console::core::model::{Ctx, Model, Planning};
use crate::console::core::prompt::{Field, FieldPurpose, Kind};
use crate::console::core::withhold;
use crate::problem::Problem;
use quell_core::finding::{Compact, Finding};
use quell_core::incident::{Intent, Link, OutlineStep, RunbookOpened, StepRef};
use quell_core::record::Hash;
use quell_core::runbook::each::varies;
use quell_core::runbook::matching::best;
use quell_core::runbook::placeholder;
use quell_core::runbook::template::{fill_command, resolve};
use quell_core::runbook::{ActionSpec, Field as Block, Item, Origin, Runbook};
use quell_core::text::Untrusted;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The first records of a new session: opened, its findings, the runbook that fits.
pub fn begin(model: &mut Model, ctx: &Ctx, out: &mut Reaction) {
    let findings = std::mem::take(&mut model.incident.begin);
    let title = model.incident.title.take().unwrap_or_else(|| "Incident".into());
    let severity = findings.iter().map(|f| f.severity).max_by(by_score).unwrap_or_default();
    let simulated = model.account.mode == crate::console::core::model::Mode::Simulated;
    model.act(Intent::Open { title, severity, drill: false, simulated }, ctx, out);
    for finding in &findings {
        attach(model, finding, ctx, out);
    }
    if model.triage.is_some() {
        return;
    }
    let kind = findings.first().and_then(|f| f.kind.as_ref()).map(|k| k.line().into_string());
    let resource = findings.first().and_then(|f| f.resource.kind.as_ref()).map(|k| k.line().into_string());
    let library = model.library.clone();
    let best = || best(&library, kind.as_deref(), resource.as_deref()).map(|(book, _)| Arc::new(book.clone()));
    if let Some(book) = model.incident.chosen.take().or_else(best) {
        open(model, &book, ctx, out);
        super::update::follow_first(model);
    }
}

fn by_score(a: &quell_core::finding::Severity, b: &quell_core::finding::Severity) -> std::cmp::Ordering {
    a.score.unwrap_or(0.0).total_cmp(&b.score.unwrap_or(0.0))
}

/// Attaches a finding, its full bytes as evidence; a refusal is said.
pub fn attach(model: &mut Model, finding: &Arc<Finding>, ctx: &Ctx, out: &mut Reaction) -> bool {
    let without = match withhold::from_finding(model, finding) {
        Ok(without) => without,
        Err(problem) => {
            model.complain(problem);
            return false;
        }
    };
    let told = without.is_some();
    let (raw, compact) = without.unwrap_or_else(|| (finding.raw.to_vec(), finding.compact()));
    let blob = Hash::of(&raw).to_string();
    let attached = model.act(Intent::Attach { finding: Box::new(compact), blob: Some(blob) }, ctx, out);
    if attached {
        out.blobs.push(raw);
    }
    if told {
        model.say("a credential of yours stood in the finding: it was left out, and kept nowhere");
    }
    attached
}

/// Opens a runbook; gives its record where it was taken.
pub(super) fn open(model: &mut Model, book: &Runbook, ctx: &Ctx, out: &mut Reaction) -> Option<Link> {
    if withhold::stands_in(model, book.source.as_bytes()) {
        model.complain(
            Problem::input(format!("a credential of yours stands in the runbook {}", book.id))
                .meaning("a runbook is kept with the session, so it was not opened")
                .next("take it out of the runbook's file, change it, and open the runbook again"),
        );
        return None;
    }
    let outline = book
        .steps
        .iter()
        .map(|s| OutlineStep {
            id: s.id.clone(),
            number: s.number.as_str().into(),
            title: s.title.clone(),
            phase: s.phase,
            depth: s.depth as u32,
            kind: s.kind,
            note_required: s.note_required,
            evidence: s.evidence.clone(),
            target: s.target_minutes,
            when: s.when.clone(),
            each: s.each,
        })
        .collect();
    let bytes = book.source.as_bytes().to_vec();
    let opened = RunbookOpened {
        id: book.id.clone(),
        title: book.title.clone(),
        version: book.version.clone(),
        sha256: book.sha256.clone(),
        outline,
        blob: Some(Hash::of(&bytes).to_string()),
        variables: book.variables.clone(),
        configured: configured(model, book),
    };
    let before = out.entries.len();
    if !model.act(Intent::OpenBook(opened), ctx, out) {
        return None;
    }
    let link = out.entries.get(before).map(|e| e.link.clone())?;
    model.session.as_mut()?.books.insert(link.clone(), Arc::new(book.clone()));
    out.blobs.push(bytes);
    Some(link)
}

/// A step's command with its templates filled and quoted; says what stays open.
pub fn filled(model: &Model, command: &Untrusted) -> (Untrusted, Vec<String>) {
    let step = super::update::selected(model);
    let book = step.as_ref().and_then(|step| model.session.as_ref()?.books.get(&step.rb));
    let each = step.as_ref().and_then(|step| super::each::next(model.session.as_ref()?.pending(), step));
    let lookup = |name: &str| fill(model, &step.as_ref()?.rb, each.as_ref(), name);
    let filled = match book.is_some_and(|book| book.foreign) {
        true => placeholder::fill(command, &lookup),
        false => fill_command(command, &lookup),
    };
    (filled.text, filled.missing.iter().map(ToString::to_string).collect())
}

fn fill(model: &Model, rb: &Link, each: Option<&Each>, name: &str) -> Option<Untrusted> {
    let session = model.session.as_ref()?;
    let tried = model.incident.tried.get(name.strip_prefix("var.").unwrap_or(name));
    let tried = tried.filter(|_| each.is_none() || !varies(name)).cloned();
    tried.or_else(|| Values::of(model, session, session.pending()).within(rb).of_each(each).get(name))
}

/// Where findings are from a file, an account is there only for whoever asks for it.
pub const NO_ACCOUNT: &str =
    "these findings are from a file: :arm connects to the account of your AWS configuration; Space ticks the step";

/// Plans a step's action, of a step with a list for that value of it; a name without a value is asked for first.
pub(super) fn plan_step(
    model: &mut Model,
    step: &StepRef,
    (each, staged): (Option<Untrusted>, bool),
    ctx: &Ctx,
    out: &mut Reaction,
) {
    model.incident.given = 0;
    model.incident.each = each;
    model.incident.stage = staged;
    plan(model, step, ctx, out);
}

/// Goes on with it once a value was given.
pub fn plan_on(model: &mut Model, step: &StepRef, ctx: &Ctx, out: &mut Reaction) {
    model.incident.given += 1;
    plan(model, step, ctx, out);
}

/// Plans it as far as is known, for what it was asked for.
pub(super) fn plan(model: &mut Model, step: &StepRef, ctx: &Ctx, out: &mut Reaction) {
    let Some(spec) = book_step(model, step).and_then(|s| s.action.clone()) else {
        return model.say("the runbook of this step is not at hand; tick it with Space when it is done");
    };
    if !trusts(model, step) {
        return await_trust(model, step, out);
    }
    if model.account.lacks() {
        return model.say(NO_ACCOUNT);
    }
    let each = super::each::planned_for(model, step);
    let missing = resolve(&spec, &|name| fill(model, &step.rb, each.as_ref(), name)).missing;
    if let Some((name, each)) = missing.iter().find(|name| varies(name)).zip(each.as_ref()) {
        return model.say(format!("{} has no {name}: this step can't be planned for it", each.value.line()));
    }
    if let Some(why) = missing.iter().find_map(|name| super::values::waits_for(model, step, name)) {
        return model.say(why);
    }
    if super::look::first(model, step, each.as_ref(), &missing, out) {
        return;
    }
    if let Some(name) = missing.first() {
        let count = (model.incident.given + 1, model.incident.given + missing.len());
        let field = value_field(model, &spec, name, count, step);
        return model.ask(Kind::Field(Box::new(field)), ctx);
    }
    if model.incident.stage && model.incident.each.is_none() && each.is_some() {
        return super::each::stage_open(model, step, ctx, out);
    }
    match request(model, &spec, step, each.as_ref()) {
        Ok(mut request) if model.incident.stage || waits(model, spec.kind.as_str()) => {
            request.set = model.session.as_ref().map(|session| session.pending().open_set());
            let reads = |generation| Reads::Plan { generation, request: Box::new(request) };
            model.plan(Planning::Stage(Some(step.clone())), reads, ctx, out);
        }
        Ok(request) => {
            let reads = |generation| Reads::Plan { generation, request: Box::new(request) };
            model.plan(Planning::Step(step.clone()), reads, ctx, out);
        }
        Err(problem) => model.complain(problem),
    }
}

/// Looks whether a step's runbook is trusted: it may have been a moment ago, beside this console.
pub(super) fn await_trust(model: &mut Model, step: &StepRef, out: &mut Reaction) {
    model.incident.trusting = Some(step.clone());
    out.reads.push(Reads::Trust);
    model.say("looking whether this runbook is trusted");
}

/// Whether the actions of a step's runbook may be planned: its text is what was built in, or what was trusted.
pub(super) fn trusts(model: &Model, step: &StepRef) -> bool {
    let book = model.session.as_ref().and_then(|session| session.books.get(&step.rb));
    book.is_some_and(|book| model.trusted.contains(&book.sha256))
}

/// What may act was looked up; goes on with the step that waited for it, or says why it can't.
pub fn trusted(model: &mut Model, hashes: BTreeSet<String>, problem: Option<Problem>, ctx: &Ctx, out: &mut Reaction) {
    model.trusted = hashes;
    let Some(step) = model.incident.trusting.take() else { return };
    let Some(book) = model.session.as_ref().and_then(|session| session.books.get(&step.rb)).cloned() else { return };
    match problem {
        // What was asked meanwhile is answered first.
        _ if model.prompt.is_some() => {}
        // Of a step without an action it was asked for a command.
        _ if trusts(model, &step) && book_step(model, &step).is_some_and(|step| step.action.is_none()) => {
            model.say("it is trusted now: ! again runs the command");
        }
        _ if trusts(model, &step) => plan(model, &step, ctx, out),
        Some(problem) => model.complain(problem),
        None => {
            let of_file = |other: &&Runbook| other.sha256 == book.sha256;
            let file = model.library.iter().find(of_file).and_then(|other| match &other.origin {
                Origin::User(file) => Some(crate::problem::clean(file).into_string()),
                Origin::BuiltIn => None,
            });
            let evidence = || format!("evidence/{} of the session", book.sha256);
            let file = file.unwrap_or_else(evidence);
            model.complain(
                Problem::input(format!("the runbook {} is to be read only: nobody has trusted its text", book.id))
                    .meaning("whoever can write its file would decide what is sent; nothing was planned")
                    .next(format!("read it, then: quell runbooks trust {file}; then the same key")),
            );
        }
    }
}

/// The request for a step's action, for that value of its list, as it would be planned now.
pub(super) fn again(model: &Model, step: &StepRef, each: Option<&Each>) -> Result<Request, Problem> {
    let gone = || Problem::input("the runbook of this step is not at hand").next("stage it again by hand");
    if !trusts(model, step) {
        return Err(Problem::input("the runbook of this step is trusted no more").next("stage it again by hand"));
    }
    let spec = book_step(model, step).and_then(|step| step.action.clone()).ok_or_else(gone)?;
    request(model, &spec, step, each)
}

fn request(model: &Model, spec: &ActionSpec, step: &StepRef, each: Option<&Each>) -> Result<Request, Problem> {
    let request = Request::from_spec(spec, |name| fill(model, &step.rb, each, name))?;
    let mut request = placed_at(model, request, each.map(|each| each.finding.clone()));
    request.step = Some(step.clone());
    request.each = each.map(|each| each.value.clone());
    Ok(request)
}

/// A request where what the incident is aimed at is, else where the connection is.
pub(super) fn placed(model: &Model, request: Request) -> Request {
    placed_at(model, request, None)
}

/// The same where the value of a list is, if it is for one.
fn placed_at(model: &Model, mut request: Request, of_each: Option<Option<Compact>>) -> Request {
    request.quiet = model.session.as_ref().is_some_and(|session| session.pending().quiet);
    let first = || model.session.as_ref().and_then(|s| s.pending().findings.first()).map(|f| f.finding.clone());
    let finding = of_each.unwrap_or_else(|| aimed(model).map(|aim| aim.finding.clone()).or_else(first));
    let own = model.account.identity.as_ref().and_then(|i| i.as_ref().ok());
    if finding.as_ref().is_none_or(|f| f.account.is_none()) {
        request.account = own.map(|i| i.account.as_str().into());
    }
    if finding.as_ref().is_none_or(|f| f.region.is_none()) {
        request.region = Some(model.account.region.as_str().into());
    }
    request.partition = own.map(|i| i.partition.as_str().into());
    request.finding = finding;
    request
}

/// The question for a value: which of how many, and where it goes in the action block.
fn value_field(model: &Model, spec: &ActionSpec, name: &str, (at, of): (usize, usize), step: &StepRef) -> Field {
    let title = match of {
        1 => format!("VALUE of {name}, which the action needs"),
        _ => format!("VALUE of {name}, {at} of {of} that the action needs"),
    };
    let mut places = Vec::new();
    for (key, field) in &spec.fields {
        put(field, name, key, &mut places);
    }
    let key = name.strip_prefix("var.").unwrap_or(name).to_owned();
    let book = model.session.as_ref().and_then(|session| session.pending().book(&step.rb));
    let what = book.and_then(|book| book.declared(&key)).map_or_else(|| "one text".to_owned(), |told| told.hint());
    let hint = format!("{what}, for {}", places.join(" and "));
    let purpose = FieldPurpose::Variable { name: key, step: Some(step.clone()) };
    Field::new(title, purpose, &Untrusted::default(), false).hinting(hint)
}

/// The places in an action block that a value fills, such as `parameters.AutomationAssumeRole`.
pub(super) fn put(field: &Block, name: &str, path: &str, places: &mut Vec<String>) {
    let is = |item: &Item| matches!(item, Item::Template { name: own, .. } if **own == *name);
    let here = match field {
        Block::Item(item) => is(item),
        Block::List(items) => items.iter().any(is),
        Block::Map(map) => {
            map.iter().for_each(|(key, inner)| put(inner, name, &format!("{path}.{key}"), places));
            false
        }
    };
    if here {
        places.push(crate::problem::clean(path).into_string());
    }
}

/// The reason that an approval starts with: the step it comes from.
pub fn reason(model: &Model, planning: Option<&Planning>) -> Untrusted {
    let title = |step: &StepRef| {
        // What a step asks for in words is not written by quell.
        let (_, line, _) = model.session.as_ref()?.pending().step(step).filter(|(_, line, _)| !line.note_required)?;
        Some(format!("step {} {}", line.number.line(), line.title.line()))
    };
    match planning {
        Some(Planning::Step(step) | Planning::Command(step)) => title(step).unwrap_or_default().into(),
        Some(Planning::Undo(link)) => undo_reason(model, link).into(),
        Some(Planning::Signal(link)) => signal_reason(model, link).into(),
        Some(Planning::Triage(words)) => words.as_str().into(),
        _ => Untrusted::default(),
    }
}

fn signal_reason(model: &Model, link: &Link) -> String {
    let action = model.session.as_ref().and_then(|s| s.pending().actions.get(link));
    action.map(|a| format!("while it runs: {}", a.plan.title.line())).unwrap_or_default()
}

fn undo_reason(model: &Model, link: &Link) -> String {
    let action = model.session.as_ref().and_then(|s| s.pending().actions.get(link));
    action.map(|a| format!("undo of {}", a.plan.title.line())).unwrap_or_default()
}
