//! Variables that a runbook declares in its front matter: what each is for, what its value must look like, and where it
//! may come from. A value that does not fit its type is none, wherever it came from.

use super::template::{self, Scan, is_name, scan, spans};
use super::yaml::{Entry, Node, Value};
use super::{Field, Item, Level, Step};
use crate::finding::fields;
use crate::text::id::{
    AccessKeyId, AccountId, Arn, BucketName, FunctionName, InstanceId, InterfaceId, Region, RoleName, SecurityGroupId,
    Slug, SnapshotId, UserName,
};
use crate::text::{Grammar, Id, Shape, Untrusted, is_hidden};
use core::net::IpAddr;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What a runbook says of one of its variables.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Variable {
    /// Without `var.`.
    pub name: Box<str>,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<Untrusted>,
    #[serde(rename = "type")]
    pub kind: VariableKind,
    /// The field of the finding that gives it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Box<str>>,
    /// What an action of the runbook has recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<Output>,
    /// What a look-up has told of what the finding names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lookup: Option<OfLookup>,
    /// What it is where nothing else gives it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<Untrusted>,
}

/// A part of what an action's end recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Output {
    /// The step of the action.
    pub step: Id<Slug>,
    /// The name of a fact that it recorded; behind a `/` a JSON pointer into what its undo needs.
    pub name: Box<str>,
}

/// A part of what a look-up tells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfLookup {
    /// Which look-up.
    pub lookup: Box<str>,
    /// What it calls the value.
    pub name: Box<str>,
}

/// What a value must look like. A log of a newer quell may name another one, which is a text here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum VariableKind {
    Account,
    Region,
    Arn,
    InstanceId,
    InterfaceId,
    SecurityGroupId,
    SnapshotId,
    User,
    Role,
    AccessKeyId,
    Bucket,
    Function,
    Ip,
    #[serde(other)]
    Text,
}

/// The types by their words, as a runbook names them.
const KINDS: [(&str, VariableKind); 14] = [
    ("text", VariableKind::Text),
    ("account", VariableKind::Account),
    ("region", VariableKind::Region),
    ("arn", VariableKind::Arn),
    ("instance-id", VariableKind::InstanceId),
    ("interface-id", VariableKind::InterfaceId),
    ("security-group-id", VariableKind::SecurityGroupId),
    ("snapshot-id", VariableKind::SnapshotId),
    ("user", VariableKind::User),
    ("role", VariableKind::Role),
    ("access-key-id", VariableKind::AccessKeyId),
    ("bucket", VariableKind::Bucket),
    ("function", VariableKind::Function),
    ("ip", VariableKind::Ip),
];

/// One line of text of which every character can be seen.
enum Plain {}

impl Grammar for Plain {
    const NAME: &'static str = "one line of text without hidden characters";
    fn fits(text: &str) -> bool {
        !text.is_empty() && !text.chars().any(|c| c.is_control() || is_hidden(c))
    }
}

/// An IPv4 or IPv6 address.
enum Ip {}

impl Grammar for Ip {
    const NAME: &'static str = "an IP address";
    fn fits(text: &str) -> bool {
        text.parse::<IpAddr>().is_ok()
    }
}

/// What a kind is called, and whether a value is one.
type Rule = (&'static str, fn(&Untrusted) -> bool);

fn rule<G: Grammar>() -> Rule {
    (G::NAME, |value| value.parse::<G>().is_ok())
}

impl VariableKind {
    fn rule(self) -> Rule {
        match self {
            Self::Text => rule::<Plain>(),
            Self::Account => rule::<AccountId>(),
            Self::Region => rule::<Region>(),
            Self::Arn => rule::<Arn>(),
            Self::InstanceId => rule::<InstanceId>(),
            Self::InterfaceId => rule::<InterfaceId>(),
            Self::SecurityGroupId => rule::<SecurityGroupId>(),
            Self::SnapshotId => rule::<SnapshotId>(),
            Self::User => rule::<UserName>(),
            Self::Role => rule::<RoleName>(),
            Self::AccessKeyId => rule::<AccessKeyId>(),
            Self::Bucket => rule::<BucketName>(),
            Self::Function => rule::<FunctionName>(),
            Self::Ip => rule::<Ip>(),
        }
    }

    /// What people call it, with its article: "an S3 bucket name".
    pub fn meaning(self) -> &'static str {
        self.rule().0
    }

    /// Whether a value is one.
    pub fn takes(self, value: &Untrusted) -> bool {
        self.rule().1(value)
    }
}

impl Variable {
    /// What a value of it is, and what for: what stands beside the question for it.
    pub fn hint(&self) -> String {
        match &self.about {
            Some(about) => format!("{}: {}", about.line(), self.kind.meaning()),
            None => self.kind.meaning().to_owned(),
        }
    }
}

/// The variables that a step names: in its title and text, its commands, its action.
pub fn named_in(step: &Step) -> BTreeSet<Box<str>> {
    let mut out = BTreeSet::new();
    for text in [&step.title, &step.body].into_iter().chain(&step.commands) {
        let text = text.clean(Shape::Block).into_string();
        out.extend(spans(&text).into_iter().filter_map(|(_, span)| variable(span)).map(Box::from));
    }
    if let Some(spec) = &step.action {
        spec.fields.values().for_each(|field| named_by(field, &mut out));
    }
    out
}

fn named_by(field: &Field, out: &mut BTreeSet<Box<str>>) {
    let of = |item: &Item| match item {
        Item::Template { name, .. } => name.strip_prefix("var.").map(Box::from),
        Item::Text(_) => None,
    };
    match field {
        Field::Item(item) => out.extend(of(item)),
        Field::List(items) => out.extend(items.iter().filter_map(of)),
        Field::Map(map) => map.values().for_each(|field| named_by(field, out)),
    }
}

/// The variable that a `{{ … }}` names, without `var.`.
pub(super) fn variable(span: &str) -> Option<&str> {
    match scan(span) {
        Scan::Template(name) if is_name(name) => name.strip_prefix("var."),
        _ => None,
    }
}

/// A variable and where it is declared, as offsets in the file.
pub(super) struct Declared {
    pub at: usize,
    /// Where the step of its action is named.
    pub step_at: usize,
    /// Where its look-up is named.
    pub lookup_at: usize,
    pub variable: Variable,
}

/// What `variables` of the front matter declares, and what is wrong with it.
#[derive(Default)]
pub(super) struct Declarations {
    pub all: Vec<Declared>,
    pub problems: Vec<(Level, usize, String)>,
}

const KEYS: &str = "about, type, from, from-action, from-lookup, output, default";

/// Reads the value of `variables`; `start` is where the front matter starts in the file.
pub(super) fn read(node: Node, start: usize) -> Declarations {
    let mut out = Declarations::default();
    match node.value {
        Value::Map(entries) => entries.into_iter().for_each(|entry| out.declare(entry, start)),
        Value::Text(text) if text.trim().is_empty() => {}
        _ => out.wrong(start + node.at, "variables is a list of names, each with its type below it".into()),
    }
    out
}

impl Declarations {
    fn wrong(&mut self, at: usize, what: String) {
        self.problems.push((Level::Error, at, what));
    }

    fn declare(&mut self, entry: Entry, start: usize) {
        let Entry { key: name, at, value } = entry;
        let at = start + at;
        if !is_name(&format!("var.{name}")) {
            return self.wrong(at, format!("the variable's name {name} is refused: small letters, digits and _"));
        }
        let kind = VariableKind::Text;
        let variable =
            Variable { name: name.into(), about: None, kind, from: None, output: None, lookup: None, default: None };
        let mut found = Declared { at, step_at: at, lookup_at: at, variable };
        match value.value {
            Value::Map(entries) => self.fields(&mut found, entries, start),
            Value::Text(text) if text.trim().is_empty() => {}
            _ => self.wrong(start + value.at, format!("what a variable is stands below its name ({KEYS})")),
        }
        self.all.push(found);
    }

    fn fields(&mut self, found: &mut Declared, entries: Vec<Entry>, start: usize) {
        let (mut step, mut lookup, mut output, mut default) = (None, None, None, None);
        for Entry { key, at, value } in entries {
            let place = start + value.at;
            let Value::Text(text) = value.value else {
                self.wrong(place, format!("{key} is one line of text"));
                continue;
            };
            match key.as_str() {
                "about" => found.variable.about = Some(text.into()),
                "type" => match KINDS.iter().find(|(word, _)| *word == text) {
                    Some((_, kind)) => found.variable.kind = *kind,
                    None => {
                        let known: Vec<&str> = KINDS.iter().map(|(word, _)| *word).collect();
                        self.wrong(place, format!("there is no type {text}; the types are {}", known.join(", ")));
                    }
                },
                "from" => found.variable.from = self.from(&text, place),
                "from-action" => match Id::new(&text) {
                    Ok(id) => (step, found.step_at) = (Some(id), place),
                    Err(_) => self.wrong(place, format!("{text} is no step's id")),
                },
                "from-lookup" => (lookup, found.lookup_at) = (Some(text), place),
                "output" => output = Some((text, place)),
                "default" => default = Some((text, place)),
                _ => {
                    let what = format!("a variable has no {key} ({KEYS})");
                    self.problems.push((Level::Warning, start + at, what));
                }
            }
        }
        self.output(found, step, lookup, output);
        if let Some((text, place)) = default {
            let (value, kind) = (Untrusted::from(text), found.variable.kind);
            match kind.takes(&value) {
                true => found.variable.default = Some(value),
                false => self.wrong(place, format!("the default is not {}", kind.meaning())),
            }
        }
    }

    /// What an action or a look-up tells: both name it by `output`.
    fn output(
        &mut self,
        found: &mut Declared,
        step: Option<Id<Slug>>,
        lookup: Option<String>,
        output: Option<(String, usize)>,
    ) {
        let name = output.as_ref().map(|(name, _)| name.as_str().into());
        match (step, lookup, name) {
            (Some(_), Some(_), _) => {
                self.wrong(found.lookup_at, "a variable is from-action or from-lookup: output is of one".into());
            }
            (Some(step), None, Some(name)) => found.variable.output = Some(Output { step, name }),
            (None, Some(lookup), Some(name)) => {
                found.variable.lookup = Some(OfLookup { lookup: lookup.into(), name });
            }
            (Some(_), None, None) => {
                self.wrong(found.step_at, "from-action needs output: a fact's name or a JSON pointer".into());
            }
            (None, Some(_), None) => {
                self.wrong(found.lookup_at, "from-lookup needs output: what the look-up calls it".into());
            }
            (None, None, Some(_)) => {
                let place = output.map_or(found.at, |(_, place)| place);
                let what = "output needs from-action, the id of a step, or from-lookup, a look-up's name";
                self.wrong(place, what.into());
            }
            (None, None, None) => {}
        }
    }

    fn from(&mut self, text: &str, place: usize) -> Option<Box<str>> {
        match scan(text) {
            Scan::Template(name) if name.starts_with("finding.") && fields::is_known(name) => return Some(name.into()),
            Scan::Template(name) if name.starts_with("finding.") => self.wrong(place, template::unknown(name)),
            _ => {
                let what = "from is one name of the finding, as in \"{{ finding.resource.id }}\"";
                self.wrong(place, what.into());
            }
        }
        None
    }
}

#[cfg(test)]
mod tests;
