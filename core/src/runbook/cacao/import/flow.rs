//! The workflow as a graph: every step that is named is there, no way leads in a circle, and the order in which the
//! steps are written, so that each way leads forward.

use super::{MOST, NotImported};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// A step as it stands in the file.
pub(super) type Step = Map<String, Value>;

pub(super) struct Flow<'r> {
    pub steps: BTreeMap<&'r str, &'r Step>,
    pub order: Order<'r>,
}

/// The steps in the order in which they are written.
#[derive(Default)]
pub(super) struct Order<'r> {
    /// From the start on.
    pub main: Vec<&'r str>,
    /// What only the way of failures leads to.
    pub exception: Vec<&'r str>,
    pub loose: Vec<&'r str>,
}

const TYPES: [&str; 8] =
    ["start", "end", "action", "playbook-action", "parallel", "if-condition", "while-condition", "switch-condition"];

/// Whether it is `kind--UUID`, in the letters that may stand in a Markdown comment.
pub(super) fn is_id(id: &str) -> bool {
    let Some((kind, uuid)) = id.split_once("--") else { return false };
    let lengths = uuid.split('-').map(str::len).eq([8, 4, 4, 4, 12]);
    let hex = uuid.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
    let letters = kind.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    lengths && hex && letters && kind.starts_with(|c: char| c.is_ascii_lowercase()) && kind.len() <= 40
}

/// Whether a step is a start or an end: there is nothing to do at them.
pub(super) fn is_edge_of_flow(id: &str) -> bool {
    id.starts_with("end--") || id.starts_with("start--")
}

/// Where a step leads to, with the place of each in it: its branches first, then what follows.
pub(super) fn ways(step: &Step) -> Vec<(String, &str)> {
    let one = |key: &str| step.get(key).and_then(Value::as_str).map(|to| (key.to_owned(), to));
    let mut out: Vec<(String, &str)> = ["on_true", "on_false"].into_iter().filter_map(one).collect();
    let next = step.get("next_steps").and_then(Value::as_array).into_iter().flatten().enumerate();
    out.extend(next.filter_map(|(at, to)| Some((format!("next_steps/{at}"), to.as_str()?))));
    let cases = step.get("cases").and_then(Value::as_object).into_iter().flatten();
    let pointer = |key: &str| format!("cases/{}", key.replace('~', "~0").replace('/', "~1"));
    out.extend(cases.filter_map(|(key, to)| Some((pointer(key), to.as_str()?))));
    out.extend(["on_success", "on_failure", "on_completion"].into_iter().filter_map(one));
    out
}

/// Where a playbook keeps what logs in.
pub(super) const AUTHENTICATION: &str = "authentication_info_definitions";

impl<'r> Flow<'r> {
    pub fn of(root: &'r Map<String, Value>) -> Result<Self, NotImported> {
        let none = || NotImported::at("/workflow", "a playbook has an object of steps here");
        let workflow = root.get("workflow").and_then(Value::as_object).ok_or_else(none)?;
        if workflow.len() > MOST {
            let what = format!("there are {} steps; at most {MOST} are read", workflow.len());
            return Err(NotImported::at("/workflow", what));
        }
        let mut steps = BTreeMap::new();
        for (id, step) in workflow {
            steps.insert(id.as_str(), Self::step(id, step)?);
        }
        let flow = Self { steps, order: Order::default() };
        flow.named(root)?;
        let mut seen = BTreeMap::new();
        let main = flow.walk(root.get("workflow_start").and_then(Value::as_str), &mut seen)?;
        let exception = flow.walk(root.get("workflow_exception").and_then(Value::as_str), &mut seen)?;
        let mut loose = Vec::new();
        let led: BTreeSet<&str> = flow.steps.values().flat_map(|step| ways(step)).map(|(_, to)| to).collect();
        // What nothing leads to first; what is left then lies in a circle, which is told.
        let (firsts, others): (Vec<&str>, Vec<&str>) = flow.steps.keys().copied().partition(|id| !led.contains(id));
        for id in firsts.into_iter().chain(others) {
            loose.extend(flow.walk(Some(id), &mut seen)?);
        }
        if flow.steps.keys().all(|id| is_edge_of_flow(id)) {
            return Err(NotImported::at("/workflow", "there is nothing to do: no step but starts and ends"));
        }
        Ok(Self { order: Order { main, exception, loose }, ..flow })
    }

    fn step(id: &'r str, step: &'r Value) -> Result<&'r Step, NotImported> {
        // A key that is no identifier may hold anything: it is not repeated.
        let kind = id.split_once("--").map_or("", |(kind, _)| kind);
        if !is_id(id) || !TYPES.contains(&kind) {
            return Err(NotImported::at("/workflow", "a key is no identifier of a step, such as action--12345678-…"));
        }
        let step = step.as_object().filter(|step| step.get("type").and_then(Value::as_str) == Some(kind));
        step.ok_or_else(|| NotImported::at(&format!("/workflow/{id}/type"), format!("the step's name says {kind}")))
    }

    /// Every step, agent, target and authentication that is named is there.
    fn named(&self, root: &'r Map<String, Value>) -> Result<(), NotImported> {
        let gone = |pointer: &str| NotImported::at(pointer, "what is named here is not in the playbook");
        for key in ["workflow_start", "workflow_exception"] {
            match root.get(key) {
                Some(id) if !id.as_str().is_some_and(|id| self.steps.contains_key(id)) => {
                    return Err(gone(&format!("/{key}")));
                }
                _ => {}
            }
        }
        let defined = |id: &str| {
            ["agent_definitions", "target_definitions"]
                .iter()
                .any(|key| root.get(*key).is_some_and(|all| all.get(id).is_some()))
        };
        for key in ["agent_definitions", "target_definitions"] {
            for (id, one) in root.get(key).and_then(Value::as_object).into_iter().flatten() {
                let info = one.get("authentication_info").and_then(Value::as_str);
                let is_there = |info: &str| root.get(AUTHENTICATION).is_some_and(|all| all.get(info).is_some());
                if info.is_some_and(|info| !is_there(info)) {
                    return Err(gone(&format!("/{key}/{id}/authentication_info")));
                }
            }
        }
        for (id, step) in &self.steps {
            for (key, to) in ways(step) {
                if !self.steps.contains_key(to) {
                    return Err(gone(&format!("/workflow/{id}/{key}")));
                }
            }
            let agents = step
                .get("agent")
                .into_iter()
                .chain(step.get("targets").and_then(Value::as_array).into_iter().flatten());
            if !agents.filter_map(Value::as_str).all(defined) {
                return Err(gone(&format!("/workflow/{id}/agent or targets")));
            }
        }
        Ok(())
    }

    /// The steps from one on that were not seen: each before all that it leads to.
    fn walk(&self, from: Option<&'r str>, seen: &mut BTreeMap<&'r str, bool>) -> Result<Vec<&'r str>, NotImported> {
        let mut done = Vec::new();
        let mut stack: Vec<(&'r str, Vec<(String, &'r str)>)> = Vec::new();
        let ways_of = |id: &str| self.steps.get(id).copied().map(ways).unwrap_or_default();
        if let Some(from) = from.filter(|from| !seen.contains_key(from)) {
            seen.insert(from, false);
            stack.push((from, ways_of(from)));
        }
        // The last way first: what follows is done before the branches, and so stands after them.
        while let Some((id, open)) = stack.last_mut() {
            match open.pop() {
                None => {
                    seen.insert(id, true);
                    done.push(*id);
                    stack.pop();
                }
                Some((key, to)) => match seen.get(to) {
                    Some(true) => {}
                    Some(false) => {
                        let what = "the workflow goes in a circle here; only a while-condition may repeat";
                        return Err(NotImported::at(&format!("/workflow/{id}/{key}"), what));
                    }
                    None => {
                        seen.insert(to, false);
                        stack.push((to, ways_of(to)));
                    }
                },
            }
        }
        done.reverse();
        Ok(done)
    }
}
