//! A runbook as a CACAO 2.0 playbook. Everything in it is done by people: commands are there to be copied and action
//! blocks to be run by quell, so each is a manual command; a decision is a manual step that sets a variable, and a
//! switch on it. Times come from `reviewed`, so that the same runbook gives the same bytes.

use super::ids;
use crate::runbook::template::{is_name, spans};
use crate::runbook::{ActionSpec, Field, Item, Match, Phase, Runbook, Step, StepKind};
use crate::text::{Shape, Untrusted};
use data_encoding::BASE64;
use jiff::civil::Date;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Why a runbook can't be written as a playbook.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotExported {
    #[error("it has no steps, and a playbook has one at least")]
    NoSteps,
    #[error("it has no `reviewed` date, such as 2026-11-22, and a playbook says when it was made")]
    NoDate,
}

/// Who does a step that names no role.
const ANYBODY: &str = "responders";

/// The playbook of a runbook, as CACAO's JSON.
///
/// # Errors
/// A runbook without steps or without a date in `reviewed`.
pub fn export(book: &Runbook) -> Result<Value, NotExported> {
    if book.steps.is_empty() {
        return Err(NotExported::NoSteps);
    }
    let reviewed = book.reviewed.as_ref().map(|text| text.line().into_string());
    let date: Date = reviewed.and_then(|text| text.trim().parse().ok()).ok_or(NotExported::NoDate)?;
    let mut writer = Writer { book, names: BTreeSet::new(), choices: Map::new(), agents: Map::new() };
    let workflow = writer.workflow();
    let (types, activities) = types(book);
    let name = book.title.line().into_string();
    let when = format!("{date}T00:00:00.000Z");
    let owner = book.owner.as_ref().map_or("quell".to_owned(), |owner| owner.line().into_string());
    let switches = workflow.keys().any(|id| id.starts_with("switch-condition--"));
    let mut out = json!({
        "type": "playbook",
        "spec_version": "cacao-2.0",
        "id": ids::playbook(&name, &types),
        "name": name,
        "description": writer.description(),
        "created_by": ids::object("identity", "", &owner),
        "created": when,
        "modified": when,
        "labels": labels(book),
        "playbook_processing_summary": { "manual_playbook": true, "switch_logic": switches },
        "workflow_start": writer.id("start", "start"),
        "workflow": workflow,
        "agent_definitions": std::mem::take(&mut writer.agents),
    });
    if !types.is_empty() {
        out["playbook_types"] = json!(types);
        out["playbook_activities"] = json!(activities);
    }
    let variables = writer.variables();
    if !variables.is_empty() {
        out["playbook_variables"] = Value::Object(variables);
    }
    Ok(out)
}

/// What the phases of the steps are in CACAO's words: its types and activities.
fn types(book: &Runbook) -> (Vec<&'static str>, Vec<&'static str>) {
    let word = |phase: Phase| {
        Some(match phase {
            Phase::Detect => ("detection", "match-indicator"),
            Phase::Analyze => ("investigation", "analyze-collected-data"),
            Phase::Contain => ("mitigation", "restrict-access"),
            Phase::Eradicate => ("remediation", "eliminate-risk"),
            Phase::Recover => ("remediation", "restore-capabilities"),
            // To have tools at hand prevents nothing, and what is learned afterwards has no word.
            Phase::Prepare | Phase::Post => return None,
        })
    };
    let words: BTreeSet<_> = book.steps.iter().filter_map(|step| step.phase.and_then(word)).collect();
    let types: BTreeSet<_> = words.iter().map(|(kind, _)| *kind).collect();
    (types.into_iter().collect(), words.iter().map(|(_, activity)| *activity).collect())
}

/// What the front matter says that CACAO has no place for.
fn labels(book: &Runbook) -> Vec<String> {
    let version = book.version.as_ref().map(|version| format!("version:{}", version.line()));
    let owner = book.owner.as_ref().map(|owner| format!("owner:{}", owner.line()));
    let matches = book.matches.iter().map(|line| Untrusted::from(Match::text(line)).line().into_string());
    let own = [Some("quell".to_owned()), Some(format!("runbook:{}", book.id)), version, owner];
    own.into_iter().flatten().chain(matches).collect()
}

struct Writer<'b> {
    book: &'b Runbook,
    /// The templates that were met.
    names: BTreeSet<String>,
    /// The variables that decisions set.
    choices: Map<String, Value>,
    agents: Map<String, Value>,
}

impl Writer<'_> {
    fn id(&self, kind: &str, name: &str) -> String {
        ids::object(kind, self.book.id.as_str(), name)
    }

    /// What is read and not done.
    fn description(&mut self) -> String {
        let book = self.book;
        let section =
            |section: &crate::runbook::Section| format!("## {}\n\n{}", section.title.line(), self.words(&section.body));
        book.context.iter().map(section).collect::<Vec<_>>().join("\n\n")
    }

    /// Text with quell's templates as CACAO's variables.
    fn words(&mut self, text: &Untrusted) -> String {
        let text = text.clean(Shape::Block).into_string();
        let mut out = String::new();
        let mut from = 0;
        for (at, span) in spans(&text) {
            let name = span.trim_start_matches('{').trim_end_matches('}').trim();
            if is_name(name) {
                out.push_str(text.get(from..at).unwrap_or_default());
                out.push_str(&self.variable(name));
                from = at + span.len();
            }
        }
        out.push_str(text.get(from..).unwrap_or_default());
        out
    }

    /// A reference to a template's value.
    fn variable(&mut self, name: &str) -> String {
        self.names.insert(name.to_owned());
        format!("{}:value", variable(name))
    }

    fn variables(&mut self) -> Map<String, Value> {
        let book = self.book;
        let mut out = std::mem::take(&mut self.choices);
        for name in &self.names {
            let declared = name.strip_prefix("var.").and_then(|name| book.variables.iter().find(|v| &*v.name == name));
            let about = declared.map_or_else(|| format!("quell's {name}"), |declared| declared.hint());
            let mut what = json!({ "type": "string", "description": about, "external": true });
            if let Some(value) = declared.and_then(|declared| declared.default.as_ref()) {
                what["value"] = json!(value.line().as_str());
            }
            out.insert(variable(name), what);
        }
        out
    }

    /// The group of people that does a step.
    fn agent(&mut self, role: Option<&Untrusted>) -> String {
        let name = role.map_or(ANYBODY.to_owned(), |role| role.line().into_string());
        let id = self.id("group", &name);
        self.agents.insert(id.clone(), json!({ "type": "group", "name": name }));
        id
    }

    /// The steps in their order, between a start and an end.
    fn workflow(&mut self) -> Map<String, Value> {
        let mut out = Map::new();
        let end = self.id("end", "end");
        let steps = &self.book.steps;
        let first: Vec<String> = steps.iter().map(|step| self.id("action", step.id.as_str())).collect();
        let start = json!({ "type": "start", "on_completion": first.first() });
        out.insert(self.id("start", "start"), start);
        out.insert(end.clone(), json!({ "type": "end" }));
        for (at, step) in steps.iter().enumerate() {
            let next = first.get(at + 1).unwrap_or(&end);
            match step.kind {
                StepKind::Decision => self.decision(at, next, &end, &mut out),
                _ => {
                    let action = self.action(step, next);
                    out.extend(first.get(at).map(|id| (id.clone(), action)));
                }
            }
        }
        out
    }

    fn action(&mut self, step: &Step, next: &str) -> Value {
        let mut commands: Vec<Value> =
            step.commands.iter().map(|text| self.words(text)).map(|text| manual(&text, "to be copied")).collect();
        if let Some(spec) = &step.action {
            let text = self.block(spec);
            commands.push(manual(&text, "an action of quell, which plans it and asks before it runs"));
        }
        if commands.is_empty() {
            commands.push(manual(step.title.line().as_str(), "to be done by hand"));
        }
        json!({
            "type": "action",
            "name": format!("{} {}", step.number, step.title.line()),
            "description": self.detail(step),
            "on_completion": next,
            "commands": commands,
            "agent": self.agent(step.role.as_ref()),
        })
    }

    /// What stands in a step's attributes and above it, then its text.
    fn detail(&mut self, step: &Step) -> String {
        let mut facts = vec![format!("Step {} of the runbook", step.id)];
        facts.extend(step.phase.map(|phase| format!("phase {}", phase.word())));
        facts.extend(step.group.iter().map(|group| format!("under {}", group.line())));
        facts.extend(step.target_minutes.map(|minutes| format!("to be done within {minutes} min")));
        facts.extend(step.when.as_ref().map(|when| format!("only when {}", Untrusted::from(when.text()).line())));
        facts.extend(step.each.map(|list| format!("once for each of {}", list.name())));
        facts.extend(step.note_required.then(|| "a note is required".to_owned()));
        facts.extend(step.evidence.as_ref().map(|what| format!("evidence is required: {}", what.line())));
        facts.extend(step.lookup.as_ref().map(|lookup| format!("look-up {lookup}")));
        let body = self.words(&step.body);
        match body.trim().is_empty() {
            true => format!("{}.", facts.join("; ")),
            false => format!("{}.\n\n{body}", facts.join("; ")),
        }
    }

    /// An action block as JSON.
    fn block(&mut self, spec: &ActionSpec) -> String {
        let mut fields = Map::new();
        fields.insert("kind".into(), json!(spec.kind.as_str()));
        fields.insert("title".into(), json!(spec.title.line().as_str()));
        fields.extend(spec.danger.map(|danger| ("danger".to_owned(), json!(danger))));
        for (name, field) in &spec.fields {
            let value = self.field(field);
            fields.insert(Untrusted::from(&**name).line().into_string(), value);
        }
        Value::Object(fields).to_string()
    }

    fn field(&mut self, field: &Field) -> Value {
        match field {
            Field::Item(item) => self.item(item),
            Field::List(items) => items.iter().map(|item| self.item(item)).collect(),
            Field::Map(map) => {
                let pairs =
                    map.iter().map(|(name, field)| (Untrusted::from(&**name).line().into_string(), self.field(field)));
                Value::Object(pairs.collect())
            }
        }
    }

    fn item(&mut self, item: &Item) -> Value {
        match item {
            Item::Text(text) => json!(text.clean(Shape::Block).as_str()),
            Item::Template { name, .. } => json!(self.variable(name)),
        }
    }

    /// A manual step that sets a variable, and a switch on it.
    fn decision(&mut self, at: usize, next: &str, end: &str, out: &mut Map<String, Value>) {
        let book = self.book;
        let Some(step) = book.steps.get(at) else { return };
        let name = format!("__choice_{}__", letters(step.id.as_str()));
        let switch = self.id("switch-condition", step.id.as_str());
        let mut action = self.action(step, &switch);
        // CACAO's own word for what is none of the others: no step is only jumped over.
        let mut cases = Map::from_iter([("default".to_owned(), json!(next))]);
        let (mut told, mut backs) = (Vec::new(), BTreeMap::new());
        for choice in &step.choices {
            let key = unused(&letters(choice.words.line().as_str()), &cases);
            told.push(format!("{key}: {}", choice.words.line()));
            let to = choice.to.as_ref().and_then(|to| book.steps.iter().position(|step| step.id == *to));
            let case = match to {
                None => next.to_owned(),
                Some(to) if to > at => self.id("action", book.steps.get(to).map_or("", |step| step.id.as_str())),
                // A playbook may not go in circles: whoever comes here goes back by hand.
                Some(to) => backs.entry(to).or_insert_with(|| self.back(step, to, next, out)).clone(),
            };
            cases.insert(key, Value::String(case));
        }
        action["commands"] =
            json!([manual(&format!("Set {name} to one of: {}", told.join("; ")), "a decision of a person")]);
        action["out_args"] = json!([name.clone()]);
        out.insert(self.id("action", step.id.as_str()), action);
        let what = format!("what was decided at step {}", step.number);
        let switch_step = json!({
            "type": "switch-condition",
            "name": format!("Go on as decided at step {}", step.number),
            "switch": format!("{name}:value"),
            "cases": cases,
            // Each case leads on to the end of the runbook; after that there is nothing more.
            "on_completion": end,
        });
        out.insert(switch, switch_step);
        self.choices.insert(name, json!({ "type": "string", "description": what }));
    }

    /// A step that says to go back to an earlier one.
    fn back(&mut self, from: &Step, to: usize, next: &str, out: &mut Map<String, Value>) -> String {
        let Some(to) = self.book.steps.get(to) else { return next.to_owned() };
        let id = self.id("action", &format!("{} back to {}", from.id, to.id));
        let text = format!("Go back to step {} and work on from there: {}", to.number, to.title.line());
        let agent = self.agent(from.role.as_ref());
        let step = json!({
            "type": "action",
            "name": format!("Go back to step {}", to.number),
            "on_completion": next,
            "commands": [manual(&text, "to be done by hand")],
            "agent": agent,
        });
        out.insert(id.clone(), step);
        id
    }
}

/// A command for a person. CACAO wants what has quotes or lines in Base64.
fn manual(text: &str, what: &str) -> Value {
    let plain = text.chars().all(|c| c.is_ascii_alphanumeric() || " .,:;-_/()?!".contains(c));
    match plain {
        true => json!({ "type": "manual", "description": what, "command": text }),
        false => json!({ "type": "manual", "description": what, "command_b64": BASE64.encode(text.as_bytes()) }),
    }
}

/// The variable of a template.
fn variable(name: &str) -> String {
    format!("__{}__", letters(name).replace('-', "_"))
}

/// Letters, digits and `_`, as names of variables and cases have them.
fn letters(text: &str) -> String {
    let letters: String =
        text.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' }).collect();
    let word = letters.split('_').filter(|part| !part.is_empty()).collect::<Vec<_>>().join("_");
    let cut: String = word.chars().take(150).collect();
    if cut.is_empty() { "choice".to_owned() } else { cut }
}

fn unused(word: &str, taken: &Map<String, Value>) -> String {
    let numbered = (2..).map(|number| format!("{word}_{number}"));
    std::iter::once(word.to_owned()).chain(numbered).find(|name| !taken.contains_key(name)).unwrap_or_default()
}

#[cfg(test)]
#[path = "export_tests.rs"]
mod tests;
