//! The names that a runbook's templates may use, and the values that a finding has for them.

use super::{Compact, Label};
use crate::text::{Untrusted, nearest};

/// A name that stands in `{{ … }}`.
#[derive(Clone, Copy, Debug)]
pub struct FieldDef {
    pub name: &'static str,
    pub kind: FieldKind,
    /// What it stands for, for help and error texts.
    pub meaning: &'static str,
    value: fn(&Compact) -> Option<Untrusted>,
}

/// What a value is; an action's own grammar decides whether it may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldKind {
    Text,
    Account,
    Region,
    Severity,
    Arn,
    Ip,
    AccessKey,
}

/// All fields of a finding, in the order of the help text.
pub const FIELDS: &[FieldDef] = &[
    def("finding.id", FieldKind::Text, "the finding's ARN or id", |f| Some(f.id.clone())),
    def("finding.type", FieldKind::Text, "its type or control id", |f| f.kind.clone()),
    def("finding.account", FieldKind::Account, "the account it lies in", |f| f.account.clone()),
    def("finding.region", FieldKind::Region, "the region it lies in", |f| f.region.clone()),
    def("finding.severity", FieldKind::Severity, "its severity in one word", |f| f.severity.label.map(word)),
    def("finding.title", FieldKind::Text, "its title", |f| f.title.clone()),
    def("finding.resource.kind", FieldKind::Text, "the resource's kind, as CloudFormation names it", |f| {
        f.resource.kind.clone()
    }),
    def("finding.resource.id", FieldKind::Text, "the resource's id", |f| f.resource.id.clone()),
    def("finding.resource.name", FieldKind::Text, "what people call the resource", |f| f.resource.name.clone()),
    def("finding.resource.arn", FieldKind::Arn, "the resource's ARN", |f| f.resource.arn.clone()),
    def("finding.actor.ip", FieldKind::Ip, "the address it came from", |f| f.actor.ip.clone()),
    def("finding.actor.principal", FieldKind::Text, "the user or role that did it", |f| f.actor.principal.clone()),
    def("finding.actor.access_key", FieldKind::AccessKey, "the access key that was used", |f| {
        f.actor.access_key.clone()
    }),
];

/// The names whose values a session has, not a finding.
pub const SESSION_FIELDS: [&str; 2] = ["session.id", "responder.name"];

const fn def(
    name: &'static str,
    kind: FieldKind,
    meaning: &'static str,
    value: fn(&Compact) -> Option<Untrusted>,
) -> FieldDef {
    FieldDef { name, kind, meaning, value }
}

fn word(label: Label) -> Untrusted {
    label.word().into()
}

/// The value that a finding has for a name.
pub fn value(finding: &Compact, name: &str) -> Option<Untrusted> {
    FIELDS.iter().find(|field| field.name == name).and_then(|field| (field.value)(finding))
}

/// Whether a template may use a name: a field of a finding or a session, or `var.NAME`.
pub fn is_known(name: &str) -> bool {
    let variable = || {
        let name = name.strip_prefix("var.")?;
        let word = name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'));
        (word && (1..=64).contains(&name.len())).then_some(())
    };
    FIELDS.iter().any(|field| field.name == name) || SESSION_FIELDS.contains(&name) || variable().is_some()
}

/// The known name that an unknown one was most likely meant to be.
pub fn suggest(name: &str) -> Option<&'static str> {
    let known = FIELDS.iter().map(|field| field.name).chain(SESSION_FIELDS);
    // Without its first part a name is clear.
    let tail = || FIELDS.iter().map(|field| field.name).find(|known| known.strip_prefix("finding.") == Some(name));
    tail().or_else(|| nearest(name, known))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_a_fixed_table() {
        assert!(is_known("finding.resource.id") && is_known("session.id") && is_known("responder.name"));
        assert!(is_known("var.ticket_no") && !is_known("var.") && !is_known("var.a b") && !is_known("var.é"));
        assert!(!is_known("finding.resource") && !is_known("finding.description") && !is_known("Finding.id"));
        assert_eq!(FIELDS.len(), 13);
    }

    #[test]
    fn an_unknown_name_gets_a_suggestion() {
        assert_eq!(suggest("finding.resorce.id"), Some("finding.resource.id"));
        assert_eq!(suggest("resource.arn"), Some("finding.resource.arn"));
        assert_eq!(suggest("finding.acount"), Some("finding.account"));
        assert_eq!(suggest("session.ident"), Some("session.id"));
        assert_eq!(suggest("weather"), None);
        assert_eq!(suggest(&"x".repeat(10_000)), None);
    }
}
