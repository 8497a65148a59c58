//! What other teams' commands leave open (P11): `<instance-id>`, `${INSTANCE_ID}`, `[BUCKET_NAME]`, `YOUR_ACCOUNT_ID`,
//! `i-xxxx`. Each is a name: of the finding where one is meant, else of a variable.

use super::Step;
use super::template::{Filled, Scan, is_name, is_word, scan, spans};
use crate::text::{Shape, Untrusted};
use std::collections::{BTreeSet, HashMap};

/// A placeholder is no longer than this.
const LONGEST: usize = 48;

/// Tags that stand in commands as what they are.
const TAGS: [&str; 26] = [
    "a", "b", "br", "code", "dd", "div", "dl", "dt", "em", "hr", "i", "img", "kbd", "li", "ol", "p", "pre", "span",
    "strong", "sub", "sup", "table", "td", "th", "tr", "ul",
];

/// Variables that a shell or AWS's tools have by themselves.
const ENVIRONMENT: [&str; 22] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_PROFILE",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "BASHPID",
    "EUID",
    "HOME",
    "HOSTNAME",
    "IFS",
    "LANG",
    "LINENO",
    "OPTARG",
    "OPTIND",
    "PATH",
    "PIPESTATUS",
    "PPID",
    "PWD",
    "RANDOM",
    "REPLY",
    "SHELL",
    "TMPDIR",
    "USER",
];

/// Ids of which the examples are made of x, and what each is the id of.
const IDS: [(&str, &str); 8] = [
    ("i-", "instance_id"),
    ("vol-", "volume_id"),
    ("sg-", "security_group_id"),
    ("vpc-", "vpc_id"),
    ("subnet-", "subnet_id"),
    ("eni-", "network_interface_id"),
    ("snap-", "snapshot_id"),
    ("ami-", "image_id"),
];

/// The account ids of AWS's own examples.
const ACCOUNTS: [&str; 2] = ["111122223333", "123456789012"];

/// Names that mean a field of the finding, and of which resource it must be.
const MEANT: [(&str, &str, Option<&str>); 31] = [
    ("account", "finding.account", None),
    ("account_id", "finding.account", None),
    ("aws_account", "finding.account", None),
    ("aws_account_id", "finding.account", None),
    ("region", "finding.region", None),
    ("aws_region", "finding.region", None),
    ("aws_default_region", "finding.region", None),
    ("finding_arn", "finding.id", None),
    ("finding_type", "finding.type", None),
    ("access_key", "finding.actor.access_key", None),
    ("access_key_id", "finding.actor.access_key", None),
    ("attacker_ip", "finding.actor.ip", None),
    ("ip_address", "finding.actor.ip", None),
    ("malicious_ip", "finding.actor.ip", None),
    ("source_ip", "finding.actor.ip", None),
    ("incident_id", "session.id", None),
    ("responder", "responder.name", None),
    ("responder_name", "responder.name", None),
    ("instance_id", "finding.resource.id", Some("AWS::EC2::Instance")),
    ("ec2_instance_id", "finding.resource.id", Some("AWS::EC2::Instance")),
    ("bucket", "finding.resource.id", Some("AWS::S3::Bucket")),
    ("bucket_name", "finding.resource.id", Some("AWS::S3::Bucket")),
    ("s3_bucket", "finding.resource.id", Some("AWS::S3::Bucket")),
    ("user_name", "finding.resource.name", Some("AWS::IAM::User")),
    ("username", "finding.resource.name", Some("AWS::IAM::User")),
    ("iam_user", "finding.resource.name", Some("AWS::IAM::User")),
    ("role_name", "finding.resource.name", Some("AWS::IAM::Role")),
    ("function_name", "finding.resource.name", Some("AWS::Lambda::Function")),
    ("lambda_function_name", "finding.resource.name", Some("AWS::Lambda::Function")),
    ("cluster_name", "finding.resource.name", Some("AWS::EKS::Cluster")),
    ("db_instance_identifier", "finding.resource.id", Some("AWS::RDS::DBInstance")),
];

/// Something that is left open in a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placeholder<'a> {
    /// Byte offset.
    pub at: usize,
    pub span: &'a str,
    /// In small letters, digits and `_`; empty where it can't be filled in.
    pub key: String,
}

/// What a command leaves open, in its order.
pub fn find(text: &str) -> Vec<Placeholder<'_>> {
    let given = assigned(text);
    let mut found: Vec<Placeholder<'_>> = Vec::new();
    let mut from = 0;
    while let Some(rest) = text.get(from..).filter(|rest| !rest.is_empty()) {
        let before = text.get(..from).unwrap_or_default().chars().next_back();
        match here(rest, before).filter(|(span, _)| !is_given(span, from, &given)) {
            Some((span, key)) => {
                found.push(Placeholder { at: from, span, key });
                from += span.len();
            }
            None => from += rest.chars().next().map_or(1, char::len_utf8),
        }
    }
    found
}

/// The placeholder that a text starts with, and its name; `before` is the character in front of it.
fn here(rest: &str, before: Option<char>) -> Option<(&str, String)> {
    match rest.chars().next()? {
        '<' if before != Some('<') => angled(rest),
        '$' if before != Some('\\') => dollar(rest),
        '[' if before.is_none_or(|c| !c.is_alphanumeric() && !"$}_".contains(c)) => bracketed(rest),
        c if c.is_ascii_alphanumeric() && before.is_none_or(|c| !is_part(c)) => bare(rest),
        _ => None,
    }
}

/// Whether a character goes on with a word such as `your-bucket`.
fn is_part(c: char) -> bool {
    c.is_ascii_alphanumeric() || "_-$<{[".contains(c)
}

fn enclosed(rest: &str, end: char) -> Option<(&str, &str)> {
    let inner = rest.get(1..)?;
    let to =
        inner.find([end, '\n']).filter(|to| *to <= LONGEST && inner.get(*to..).is_some_and(|r| r.starts_with(end)))?;
    Some((rest.get(..to + 2)?, inner.get(..to)?))
}

fn angled(rest: &str) -> Option<(&str, String)> {
    let (span, inner) = enclosed(rest, '>')?;
    let word = inner.starts_with(|c: char| c.is_ascii_alphabetic())
        && inner.trim() == inner
        && inner.chars().all(|c| c.is_ascii_alphanumeric() || " _-.".contains(c));
    let tag = TAGS.contains(&inner.to_ascii_lowercase().as_str());
    (word && !tag).then(|| (span, key(inner)))
}

fn dollar(rest: &str) -> Option<(&str, String)> {
    let braced = rest.starts_with("${");
    let name = rest.get(if braced { 2 } else { 1 }..)?;
    let to = name.find(|c: char| !c.is_ascii_uppercase() && !c.is_ascii_digit() && c != '_').unwrap_or(name.len());
    let (name, after) = (name.get(..to)?, name.get(to..)?);
    let ends = if braced { after.starts_with('}') } else { !after.starts_with(|c: char| c.is_ascii_lowercase()) };
    let fits = name.len() >= 3 && name.starts_with(|c: char| c.is_ascii_uppercase()) && name.len() <= LONGEST;
    (ends && fits && !ENVIRONMENT.contains(&name)).then_some(())?;
    Some((rest.get(..name.len() + if braced { 3 } else { 1 })?, key(name)))
}

fn bracketed(rest: &str) -> Option<(&str, String)> {
    let (span, inner) = enclosed(rest, ']')?;
    let name = inner.len() >= 4
        && inner.starts_with(|c: char| c.is_ascii_uppercase())
        && inner.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
    name.then(|| (span, key(inner)))
}

fn bare(rest: &str) -> Option<(&str, String)> {
    let to = rest.find(|c: char| !c.is_ascii_alphanumeric() && !"_-".contains(c)).unwrap_or(rest.len());
    let word = rest.get(..to)?;
    if let Some(todo) = rest.strip_prefix("TODO") {
        let line = rest.lines().next().unwrap_or(rest);
        return todo.starts_with(':').then(|| (line, String::new()));
    }
    if ACCOUNTS.contains(&word) {
        return Some((word, "account_id".to_owned()));
    }
    let of_x = |(start, key): &(&str, &str)| {
        let xs = word.strip_prefix(start)?;
        (xs.len() >= 3 && xs.chars().all(|c| c == 'x' || c == 'X')).then(|| (word, (*key).to_owned()))
    };
    let yours = || {
        let rest = word.strip_prefix("YOUR_").or_else(|| word.strip_prefix("your-"))?;
        (!rest.is_empty() && word.len() <= LONGEST).then(|| (word, key(rest)))
    };
    IDS.iter().find_map(of_x).or_else(yours)
}

/// A placeholder's words as a variable's name.
fn key(words: &str) -> String {
    let parts = words.split(|c: char| !c.is_ascii_alphanumeric()).filter(|part| !part.is_empty());
    let name = parts.map(str::to_ascii_lowercase).collect::<Vec<_>>().join("_");
    let short = ["your_", "my_", "the_"].iter().find_map(|start| name.strip_prefix(start)).unwrap_or(&name);
    match short.starts_with(|c: char| c.is_ascii_digit()) {
        true => format!("n_{short}"),
        false => short.to_owned(),
    }
}

/// Where each variable of the shell has its value from: an assignment, a loop, `read`.
fn assigned(text: &str) -> HashMap<&str, usize> {
    let mut found = HashMap::new();
    let mut takes = false;
    let start = text.as_ptr() as usize;
    for word in text.split(|c: char| c.is_whitespace() || ";({|&".contains(c)).filter(|word| !word.is_empty()) {
        let at = word.as_ptr() as usize - start;
        let name = word.split('=').next().unwrap_or(word);
        let named = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if named && (word.contains('=') || takes) {
            found.entry(name).or_insert(at);
        }
        takes = matches!(word, "for" | "read" | "mapfile" | "readarray") || (takes && word.starts_with('-'));
    }
    found
}

fn is_given(span: &str, at: usize, given: &HashMap<&str, usize>) -> bool {
    let name = span.trim_start_matches(['$', '{']).trim_end_matches('}');
    span.starts_with('$') && given.get(name).is_some_and(|from| *from < at)
}

/// What the commands of a step of another team's playbook leave open that no finding says: variables, without `var.`.
pub fn left_to_people(step: &Step) -> BTreeSet<Box<str>> {
    let of_finding = |name: &str| name.starts_with("finding.").then(|| Untrusted::from("x"));
    let missing = step.commands.iter().flat_map(|command| fill(command, &of_finding).missing);
    missing.filter_map(|name| name.strip_prefix("var.").map(Box::from)).collect()
}

/// A command of another team's playbook with what it leaves open replaced, by the finding's fields where they are meant,
/// else by variables. A value stands as it is where no shell could read it as anything else, and in quotes where it is a
/// word of its own; nothing that was put in is read again.
pub fn fill(command: &Untrusted, lookup: &dyn Fn(&str) -> Option<Untrusted>) -> Filled {
    let text = command.clean(Shape::Block).into_string();
    let templates = spans(&text).into_iter().filter_map(|(at, span)| match scan(span) {
        Scan::Template(name) if is_name(name) => Some((at, span, vec![name.to_owned()])),
        _ => None,
    });
    let open = find(&text).into_iter().map(|found| (found.at, found.span, names(&found.key, lookup)));
    let mut all: Vec<(usize, &str, Vec<String>)> = templates.chain(open).collect();
    all.sort_by_key(|(at, ..)| *at);
    let (mut out, mut missing, mut from) = (String::new(), Vec::<Box<str>>::new(), 0);
    for (at, span, names) in all {
        // What stands inside a template is part of it.
        if at < from {
            continue;
        }
        out.push_str(text.get(from..at).unwrap_or_default());
        from = at + span.len();
        match names.iter().find_map(|name| lookup(name)).and_then(|value| put(&value, is_word(&text, at, span))) {
            Some(value) => out.push_str(&value),
            None => {
                out.push_str(span);
                missing.push(names.last().map_or("TODO", String::as_str).into());
            }
        }
    }
    out.push_str(text.get(from..).unwrap_or_default());
    missing.sort();
    missing.dedup();
    Filled { text: out.into(), missing }
}

/// The names that a placeholder stands for, the finding's first.
fn names(key: &str, lookup: &dyn Fn(&str) -> Option<Untrusted>) -> Vec<String> {
    if key.is_empty() {
        return Vec::new();
    }
    let kind = lookup("finding.resource.kind");
    let is = |wanted: &str| kind.as_ref().is_some_and(|kind| *kind == Untrusted::from(wanted));
    let meant = MEANT.iter().filter(|(own, _, of)| *own == key && of.is_none_or(is)).map(|(_, name, _)| *name);
    meant.map(str::to_owned).chain([format!("var.{key}")]).collect()
}

/// A value as it can stand in a command; none where it could be read as something else.
fn put(value: &Untrusted, word: bool) -> Option<String> {
    let line = value.line();
    if Untrusted::from(&line) != *value || line.as_str().is_empty() {
        return None;
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || "._:/@%+=,-".contains(c);
    if line.as_str().chars().all(plain) && !line.as_str().starts_with(['-', '=']) {
        return Some(line.into_string());
    }
    word.then(|| format!("'{}'", line.as_str().replace('\'', "'\\''")))
}

#[cfg(test)]
mod tests;
