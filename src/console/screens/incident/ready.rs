//! Whether the actions of the open runbooks can run here: what they need is looked up when a runbook is opened, and what
//! is missing stands before its first step, at each step, and whole in a text.

use super::values::Values;
use crate::action::{BlockNeeds, Need, Site, State};
use crate::console::core::effect::{Reaction, Reads};
use crate::console::core::model::Model;
use crate::problem::Problem;
use quell_core::finding::Compact;
use quell_core::incident::{Link, StepRef};
use quell_core::text::Untrusted;
use std::collections::{BTreeMap, BTreeSet};

/// What is known of a runbook's actions.
#[derive(Debug)]
pub enum Ready {
    /// It is being looked up.
    Asked,
    Known(Vec<BlockNeeds>),
    /// Why nothing is known.
    NotKnown(String),
}

/// Looks up what the actions of the open runbooks need, where that was not done yet and there is somebody to ask.
pub fn look(model: &mut Model, out: &mut Reaction) {
    if !matches!(model.account.identity, Some(Ok(_))) {
        return;
    }
    let Some(session) = &model.session else { return };
    let incident = session.pending();
    for book in incident.runbooks.iter().filter(|book| !book.closed) {
        let Some(runbook) = session.books.get(&book.link) else { continue };
        if model.incident.ready.contains_key(&book.link) || runbook.steps.iter().all(|step| step.action.is_none()) {
            continue;
        }
        let site = |finding: &Compact| {
            let region = finding.region.as_ref()?.line().into_string();
            Some(Site { account: finding.account.clone(), region })
        };
        let mut sites: BTreeSet<Site> = incident.findings.iter().filter_map(|f| site(&f.finding)).collect();
        if sites.is_empty() {
            sites.insert(Site { account: None, region: model.account.region.clone() });
        }
        let typed = incident.variables.iter().map(|(name, v)| (name.line().into_string(), v.value.clone()));
        let mut variables: BTreeMap<String, Untrusted> = model.variables.clone();
        variables.extend(typed);
        let values = Values::of(model, session, incident).within(&book.link);
        let told =
            book.variables.iter().filter_map(|told| Some((told.name.to_string(), values.variable(&told.name)?.0)));
        variables.extend(told);
        model.incident.ready.insert(book.link.clone(), Ready::Asked);
        out.reads.push(Reads::Ready {
            session: session.id.clone(),
            book: book.link.clone(),
            runbook: runbook.clone(),
            sites: sites.into_iter().collect(),
            variables,
        });
    }
}

/// Takes in what was found.
pub fn ready(model: &mut Model, session: &str, book: Link, result: Result<Vec<BlockNeeds>, Problem>) {
    if model.session.as_ref().is_none_or(|open| open.id != session) {
        return;
    }
    let known = match result {
        Ok(blocks) => Ready::Known(blocks),
        Err(problem) => Ready::NotKnown(problem.headline()),
    };
    model.incident.ready.insert(book, known);
}

/// The worst of what is known of a block's needs.
fn worst(block: &BlockNeeds) -> State {
    block.needs.iter().map(|need| need.state).max().unwrap_or(State::Ok)
}

impl Ready {
    /// What stands over the steps where something is missing, or is not known.
    pub fn words(&self) -> Option<String> {
        let blocks = match self {
            Ready::Asked => return None,
            Ready::NotKnown(_) => return Some("not known what actions lack: :ready".to_owned()),
            Ready::Known(blocks) => blocks,
        };
        let steps = |state: Option<State>| {
            let fits = |block: &&BlockNeeds| state.is_none_or(|state| worst(block) == state);
            blocks.iter().filter(fits).map(|block| block.line).collect::<BTreeSet<_>>().len()
        };
        let all = steps(None);
        match (steps(Some(State::Missing)), steps(Some(State::NotKnown))) {
            (0, 0) => None,
            (0, n) => Some(format!("not known for {n} of {all} actions: :ready")),
            (n, _) => Some(format!("MISSING for {n} of {all} actions: :ready")),
        }
    }

    /// What a step's action lacks: what is missing, then what is not known, then what makes it a step for the hand.
    pub fn of_step(&self, step: &StepRef) -> Vec<&Need> {
        let Ready::Known(blocks) = self else { return Vec::new() };
        let id = step.id.as_str();
        let needs = blocks.iter().filter(|block| block.step == id).flat_map(|block| &block.needs);
        let mut lacks: Vec<&Need> = needs.filter(|need| need.state > State::Asked).collect();
        lacks.sort_by(|a, b| (b.state, &a.name, &a.why).cmp(&(a.state, &b.name, &b.why)));
        lacks.dedup();
        lacks
    }
}

/// All of it, as lines of a text.
pub fn lines(model: &Model) -> Vec<String> {
    let mut lines = Vec::new();
    let Some(incident) = model.saved() else { return lines };
    for book in incident.runbooks.iter().filter(|book| !book.closed) {
        lines.push(format!("# {}", book.title.line()));
        match model.incident.ready.get(&book.link) {
            None => lines.push("  nothing was looked up: it has no actions, or there is no connection".to_owned()),
            Some(Ready::Asked) => lines.push("  it is being looked up".to_owned()),
            Some(Ready::NotKnown(why)) => lines.push(format!("  not known: {why}")),
            Some(Ready::Known(blocks)) => {
                let common = common(blocks);
                if !common.is_empty() {
                    lines.push(format!("  all {} actions:", blocks.len()));
                    lines.extend(common.iter().map(|need| said(need)));
                }
                blocks.iter().for_each(|block| of_block(block, &common, &mut lines));
            }
        }
        lines.push(String::new());
    }
    lines.push("What is looked at, and what is not: quell doctor --actions.".to_owned());
    lines
}

/// What every one of several actions lacks or asks for: it is said once.
fn common(blocks: &[BlockNeeds]) -> Vec<&Need> {
    let [first, others @ ..] = blocks else { return Vec::new() };
    if others.is_empty() {
        return Vec::new();
    }
    let lacks = first.needs.iter().filter(|need| need.state != State::Ok);
    lacks.filter(|need| others.iter().all(|block| block.needs.contains(need))).collect()
}

fn said(need: &Need) -> String {
    let word = match need.state {
        State::Missing => "MISSING ",
        State::NotKnown => "not known: ",
        State::ByHand | State::Asked | State::Ok => "",
    };
    format!("    {word}{}: {}", need.name, need.why)
}

fn of_block(block: &BlockNeeds, common: &[&Need], lines: &mut Vec<String>) {
    let BlockNeeds { number, title, kind, account, region, role, needs, .. } = block;
    let word = match worst(block) {
        State::Ok => "ok",
        State::Asked => "asks for a value",
        State::ByHand => "by hand",
        State::NotKnown => "?",
        State::Missing => "MISSING",
    };
    lines.push(format!("  step {number}, {title} ({kind}, {region}): {word}"));
    let role = role.as_ref().map(|role| format!(", as {role}")).unwrap_or_default();
    lines.push(format!("    in {account}{role}"));
    let own = needs.iter().filter(|need| !common.contains(need));
    let mut told: Vec<&Need> = own.filter(|need| need.state != State::Ok || !need.why.is_empty()).collect();
    told.sort_by(|a, b| (b.state, &a.name).cmp(&(a.state, &b.name)));
    lines.extend(told.into_iter().map(said));
}
