//! One step of a playbook as one of a runbook.

use super::flow::{Flow, Step, is_edge_of_flow};
use super::json::pretty;
use super::markdown::{command, fenced, indented, quote, text};
use super::variables::Variables;
use data_encoding::BASE64;
use serde_json::{Map, Value};

/// Characters of a step's name where it is linked to.
const LINKED: usize = 100;

pub(super) struct Steps<'r> {
    pub flow: &'r Flow<'r>,
    pub variables: &'r Variables<'r>,
}

fn word<'s>(step: &'s Step, key: &str) -> &'s str {
    step.get(key).and_then(Value::as_str).unwrap_or_default()
}

impl Steps<'_> {
    /// A step, which `next` is written after; none for a start and an end, where nothing is to do.
    pub fn write(&self, id: &str, next: Option<&str>) -> Option<String> {
        let step = self.flow.steps.get(id).filter(|_| !is_edge_of_flow(id))?;
        let name = self.name(id);
        let kind = word(step, "type");
        // A name that sounds like a question or a condition would make a decision of what is none.
        let title = match kind {
            "if-condition" | "while-condition" | "switch-condition" => format!("Decide: {name}"),
            _ => format!("Do: {name}").trim_end_matches(['?', ' ']).to_owned(),
        };
        let body =
            [quote(word(step, "description")), self.own(step, kind), self.after(step, kind, next), Self::rest(step)];
        Some(format!("1. {title}\n   <!-- step: id={id} -->\n\n{}\n", indented(&body.concat())))
    }

    /// A step's name as Markdown; of one without, what it is.
    fn name(&self, id: &str) -> String {
        let step = self.flow.steps.get(id);
        let name = text(step.map_or("", |step| word(step, "name")));
        let kind = step.map_or("", |step| word(step, "type"));
        if name.is_empty() { format!("{kind} without a name") } else { name }
    }

    /// A link to a step, or what is there instead of one.
    fn to(&self, id: &str) -> String {
        match is_edge_of_flow(id) {
            true => format!("this way ends ({})", text(id)),
            false => {
                let name = self.flow.steps.get(id).map_or("", |step| word(step, "name"));
                let name = text(&name.chars().take(LINKED).collect::<String>());
                // Many links to one long name would be much longer than the playbook.
                let name = if name.is_empty() { self.name(id) } else { name };
                format!("[{name}](#{id})")
            }
        }
    }

    fn way(&self, step: &Step, key: &str) -> Option<String> {
        Some(word(step, key)).filter(|id| !id.is_empty()).map(|id| self.to(id))
    }

    /// What is to do, by the kind of step.
    fn own(&self, step: &Step, kind: &str) -> String {
        match kind {
            "action" => {
                let commands = step.get("commands").and_then(Value::as_array).into_iter().flatten();
                commands.filter_map(Value::as_object).map(|command| self.command(command)).collect()
            }
            "playbook-action" => {
                format!(
                    "Work through another playbook, which quell does not open: {}\n\n",
                    text(word(step, "playbook_id"))
                )
            }
            "parallel" => {
                let ways = step.get("next_steps").and_then(Value::as_array).into_iter().flatten();
                let ways: Vec<String> = ways.filter_map(Value::as_str).map(|id| self.to(id)).collect();
                format!("These ways can be gone at the same time, by several people: {}.\n\n", ways.join(", "))
            }
            "if-condition" | "while-condition" => {
                format!("This is the condition, which you judge:\n\n{}", quote(word(step, "condition")))
            }
            "switch-condition" => format!("This is what you judge:\n\n{}", quote(word(step, "switch"))),
            _ => String::new(),
        }
    }

    /// A command in a fence, and what can't be done with it here.
    fn command(&self, from: &Map<String, Value>) -> String {
        let kind = word(from, "type");
        let mut out = quote(word(from, "description"));
        let Some(code) = code(from) else { return out };
        if kind == "manual" {
            return out + &quote(&code);
        }
        let language = match kind {
            "bash" | "ssh" => "bash",
            "powershell" => "powershell",
            _ => "playbook",
        };
        out += &match kind {
            "bash" | "powershell" => String::new(),
            _ => format!("A command of the kind {}, to be copied:\n\n", text(kind)),
        };
        let (asked, stay) = self.variables.put_in(&code);
        // What the file holds of braces is judged before quell's own come in.
        let (as_it_is, quoted) = command(language, &code);
        out += &match quoted || language == "playbook" {
            true => as_it_is,
            false => fenced(language, &asked),
        };
        if quoted {
            out += "It stands here as a JSON text, since quell would read or change something in it.\n\n";
        }
        if !stay.is_empty() || (language == "playbook" && code.contains("__:value")) {
            out += "Put the values of the playbook's variables in by hand.\n\n";
        }
        out
    }

    /// Where it goes on.
    fn after(&self, step: &Step, kind: &str, next: Option<&str>) -> String {
        let then = self.way(step, "on_completion");
        let ended = then.clone().unwrap_or_else(|| "nothing more is said".into());
        let holds = self.way(step, "on_true").unwrap_or_else(|| ended.clone());
        let mut out = match kind {
            "if-condition" => {
                let not = self.way(step, "on_false").unwrap_or_else(|| ended.clone());
                format!("- True: {holds}\n- False: {not}\n\n")
            }
            "while-condition" => format!("- True: {holds}, and then judge again here\n- False: {ended}\n\n"),
            "switch-condition" => {
                let cases = step.get("cases").and_then(Value::as_object).into_iter().flatten();
                let case = |(key, to): (&String, &Value)| {
                    format!("- Case {}: {}\n", text(key), self.to(to.as_str().unwrap_or_default()))
                };
                let cases: String = cases.map(case).collect();
                format!("{cases}- None of these cases: {ended}\n\n")
            }
            _ => String::new(),
        };
        for (key, words) in [("on_success", "When it has worked"), ("on_failure", "When it has not worked")] {
            out.extend(self.way(step, key).map(|to| format!("{words}: {to}.\n\n")));
        }
        let words =
            if kind == "action" || kind == "playbook-action" { "Then" } else { "When the ways from here have ended" };
        let follows = next.is_some() && next == step.get("on_completion").and_then(Value::as_str);
        out.extend(then.filter(|_| !follows).map(|to| format!("{words}: {to}.\n\n")));
        out
    }

    /// What has no other place, as it stands in the file.
    fn rest(step: &Step) -> String {
        let kind = word(step, "type");
        let mut rest: Map<String, Value> = step
            .iter()
            .filter(|(key, value)| !is_said(kind, key, value))
            .filter(|(key, value)| key.as_str() != "name" || value.as_str().is_none_or(|name| text(name) != name))
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        if let Some(Value::Array(commands)) = rest.get_mut("commands").filter(|_| kind == "action") {
            commands.iter_mut().filter_map(Value::as_object_mut).for_each(shown);
            if commands.iter().all(|command| command.as_object().is_some_and(|command| command.keys().eq(["type"]))) {
                // How many there are, and of which kind, is said by their fences and this.
                let said = |kind: &Value| matches!(kind.as_str(), Some("manual" | "bash" | "powershell"));
                if commands.iter().all(|command| command.get("type").is_some_and(said)) {
                    rest.remove("commands");
                }
            }
        }
        match rest.is_empty() {
            true => String::new(),
            false => format!(
                "What else the playbook says of this step:\n\n{}",
                fenced("json", &pretty(&Value::Object(rest)))
            ),
        }
    }
}

/// Whether the text of such a step says what this property of it says.
fn is_said(kind: &str, key: &str, value: &Value) -> bool {
    match key {
        "type" | "description" | "on_success" | "on_failure" | "on_completion" => value.is_string(),
        "on_true" | "condition" => value.is_string() && matches!(kind, "if-condition" | "while-condition"),
        "on_false" => value.is_string() && kind == "if-condition",
        "next_steps" => kind == "parallel" && value.as_array().is_some_and(|all| all.iter().all(Value::is_string)),
        _ => false,
    }
}

/// A command's words: as they are, or from Base64.
fn code(command: &Map<String, Value>) -> Option<String> {
    let plain = command.get("command").and_then(Value::as_str).map(str::to_owned);
    let decoded = || {
        let bytes = BASE64.decode(command.get("command_b64")?.as_str()?.as_bytes()).ok()?;
        String::from_utf8(bytes).ok()
    };
    plain.or_else(decoded)
}

/// Takes out of a command what its fence shows.
fn shown(command: &mut Map<String, Value>) {
    if command.get("command").is_some_and(Value::is_string) {
        command.remove("command");
    } else if code(command).is_some() {
        command.remove("command_b64");
    }
    if command.get("description").is_some_and(Value::is_string) {
        command.remove("description");
    }
}
