//! Words that headings, commands and roles are known by, as data. Counts are from 1,450 public playbooks.

/// Headings of sections that are read, not done: the heading is one of these, or starts with one that ends with `*`.
const CONTEXT: &[&str] = &[
    "overview*",
    "introduction*",
    "summary*",
    "executive summary*",
    "objective*",
    "goals",
    "goal",
    "purpose*",
    "scope",
    "out of scope*",
    "background*",
    "points of contact*",
    "point of contact*",
    "contacts",
    "contact*",
    "reference*",
    "resource*",
    "additional resource*",
    "related*",
    "see also*",
    "further reading*",
    "glossary*",
    "definition*",
    "terms",
    "terminology",
    "mitre*",
    "att&ck*",
    "inputs",
    "input",
    "severity*",
    "applicable finding type*",
    "finding types",
    "finding type",
    "disclaimer*",
    "meaning",
    "impact",
    "backlog*",
    "about*",
    "table of contents*",
    "contents",
    "changelog*",
    "change log*",
    "revision history*",
    "version history*",
    "document control*",
    "license*",
    "licence*",
    "security",
    "contributing*",
    "the threat*",
    "threat description*",
    "incident type*",
    "this incident type*",
    "this playbook*",
    "roles and responsibilities*",
    "when to use*",
    "what this means*",
    "resumen*",
    "referencias*",
    "objetivos*",
    "introducción*",
    "übersicht*",
    "referenzen*",
    "références*",
    "概要*",
    "参考*",
];

/// Programs that a line of a fence without language starts with when it is a command.
const COMMANDS: &[&str] = &[
    "aws",
    "az",
    "gcloud",
    "kubectl",
    "oc",
    "helm",
    "docker",
    "podman",
    "curl",
    "wget",
    "ssh",
    "scp",
    "sudo",
    "grep",
    "awk",
    "sed",
    "cat",
    "ls",
    "cd",
    "ps",
    "netstat",
    "ss",
    "dig",
    "nslookup",
    "whois",
    "git",
    "jq",
    "yq",
    "python",
    "python3",
    "pip",
    "npm",
    "terraform",
    "systemctl",
    "journalctl",
    "export",
    "tar",
    "chmod",
    "find",
    "openssl",
    "psql",
    "mysql",
    "redis-cli",
    "quell",
];

/// Words of which one stands in the name of a role.
const ROLES: &[&str] = &[
    "lead",
    "owner",
    "engineer",
    "commander",
    "officer",
    "handler",
    "analyst",
    "responder",
    "team",
    "manager",
    "counsel",
    "legal",
    "scribe",
    "liaison",
    "communications",
    "comms",
    "sme",
    "ciso",
    "soc",
    "ir",
    "admin",
    "administrator",
    "privacy",
    "executive",
    "on-call",
    "oncall",
    "deputy",
    "coordinator",
    "hr",
    "support",
    "dpo",
];

/// A heading without numbering, emphasis and final colon, in lower case.
pub(super) fn bare_heading(title: &str) -> String {
    let lower = title.to_lowercase();
    let (_, rest) = super::heading::numbering(&lower);
    rest.trim_matches(|c: char| !c.is_alphanumeric() && c != '&').to_owned()
}

/// Whether a heading names a section that is read, not done.
pub(super) fn is_context(title: &str) -> bool {
    let bare = bare_heading(title);
    CONTEXT.iter().any(|known| match known.strip_suffix('*') {
        Some(start) => bare.starts_with(start),
        None => bare == *known,
    })
}

/// Whether a line is a command of a program that playbooks use.
pub(super) fn is_command(line: &str) -> bool {
    let mut words = line.split_whitespace();
    words.next().is_some_and(|word| COMMANDS.contains(&word)) && words.next().is_some()
}

/// Whether a text names a role.
pub(super) fn is_role(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    (2..=40).contains(&text.len())
        && text.chars().all(|c| c.is_alphabetic() || " -/&,+".contains(c))
        && lower.split([' ', '/', '&', ',']).any(|word| ROLES.contains(&word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_searchable() {
        assert!(is_context("1.2 Applicable Finding Types:"));
        assert!(is_context("**Out of Scope**"));
        assert!(!is_context("Scope the incident"));
        assert!(!is_context("Impact assessment"));
        assert!(is_command("aws iam list-users"));
        assert!(!is_command("aws"));
        assert!(is_role("IR Lead"));
        assert!(!is_role("INSTANCE_ID"));
    }
}
