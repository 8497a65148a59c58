//! Action blocks against what their kinds take. The kinds are no business of this room: they come as a plain table.

use super::Linter;
use crate::runbook::Level;
use crate::runbook::blocks::Code;
use crate::runbook::yaml::{self, Entry, Node, Value};
use crate::text::{Id, id::Slug};

/// What every action block has, whatever its kind.
const COMMON: [&str; 3] = ["kind", "title", "danger"];

/// What lint has to know of a kind of action.
#[derive(Clone, Debug)]
pub struct KindRule {
    pub name: &'static str,
    pub fields: Vec<FieldRule>,
    /// The danger that no block goes below.
    pub danger: u8,
}

/// A field of a kind's action block.
#[derive(Clone, Copy, Debug)]
pub struct FieldRule {
    pub name: &'static str,
    pub required: bool,
}

impl Linter<'_> {
    /// What would be refused only when the step is planned. A block that can't be read was told when it was read.
    pub(super) fn action(&mut self, code: &Code<'_>, at: usize, kinds: &[KindRule]) {
        let Ok(Some(Node { value: Value::Map(entries), .. })) = yaml::read(&code.text) else { return };
        let Some((name, place)) = text(&entries, "kind").filter(|(name, _)| Id::<Slug>::new(name).is_ok()) else {
            return;
        };
        let Some(kind) = kinds.iter().find(|kind| kind.name == name) else {
            let known: Vec<&str> = kinds.iter().map(|kind| kind.name).collect();
            let what = format!("there is no kind of action {name}; the kinds are {}", known.join(", "));
            return self.at(Level::Error, code.source_offset(place), what);
        };
        self.fields(code, at, &entries, kind);
        if let Some((danger, place)) = text(&entries, "danger")
            && danger.parse::<u8>().is_ok_and(|danger| (1..kind.danger).contains(&danger))
        {
            let what = format!(
                "danger {danger} is below that of {name}, which is {}: a runbook can only raise it",
                kind.danger
            );
            self.at(Level::Error, code.source_offset(place), what);
        }
    }

    fn fields(&mut self, code: &Code<'_>, at: usize, entries: &[Entry], kind: &KindRule) {
        let takes = |key: &str| COMMON.contains(&key) || kind.fields.iter().any(|field| field.name == key);
        for Entry { key, at, .. } in entries.iter().filter(|entry| !takes(&entry.key)) {
            let fields: Vec<&str> = kind.fields.iter().map(|field| field.name).collect();
            let what = format!("{} has no field {key}; its fields are {}", kind.name, fields.join(", "));
            self.at(Level::Error, code.source_offset(*at), what);
        }
        let given = |name: &str| {
            let empty = |value: &Value| matches!(value, Value::Text(text) if text.trim().is_empty());
            entries.iter().any(|entry| entry.key == name && !empty(&entry.value.value))
        };
        for field in kind.fields.iter().filter(|field| field.required && !given(field.name)) {
            self.at(Level::Error, at, format!("{} needs the field {}", kind.name, field.name));
        }
    }
}

/// A field of one text, and where it stands.
fn text<'e>(entries: &'e [Entry], name: &str) -> Option<(&'e str, usize)> {
    let entry = entries.iter().find(|entry| entry.key == name)?;
    match &entry.value.value {
        Value::Text(text) => Some((text, entry.value.at)),
        _ => None,
    }
}
