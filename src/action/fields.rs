//! Reading a request's fields: every one known, every required one given, every value by its grammar.

use super::kind::KindInfo;
use super::request::{Request, Value, Word};
use crate::problem::{Problem, clean};
use quell_core::text::id::{AccessKeyId, Arn, BucketName, FunctionName, InstanceId, RoleName, UserName};
use quell_core::text::{Grammar, Id, Untrusted, is_hidden};
use std::collections::BTreeMap;

/// Text in which everything can be seen: no control, bidirectional or invisible character.
#[derive(Debug)]
pub(super) enum Plain {}

impl Grammar for Plain {
    const NAME: &'static str = "text in which every character can be seen";
    fn fits(text: &str) -> bool {
        !text.chars().any(is_hidden)
    }
}

/// The most bytes that an identifier of any grammar has.
const LONGEST: usize = 2048;

/// Refuses fields that the kind does not have, and the lack of those that it needs.
pub(super) fn known(info: &KindInfo, request: &Request) -> Result<(), Problem> {
    if let Some(name) = request.fields.keys().find(|name| !info.parameters.iter().any(|p| p.name == &***name)) {
        let known: Vec<&str> = info.parameters.iter().map(|p| p.name).collect();
        return Err(refuse(format!("{} has no field {}", info.name, clean(name)))
            .next(format!("its fields are {}", known.join(", "))));
    }
    match info.parameters.iter().find(|p| p.required && !request.fields.contains_key(p.name)) {
        Some(missing) => Err(refuse(format!("{} needs the field {}", info.name, missing.name))
            .next(format!("give {}: {}", missing.name, missing.what))),
        None => Ok(()),
    }
}

/// The danger that the plan states: at least the floor, more if the block says so.
pub(super) fn danger(floor: u8, request: &Request) -> Result<u8, Problem> {
    match request.danger {
        None => Ok(floor),
        Some(asked @ 1..=3) => Ok(asked.max(floor)),
        Some(_) => Err(refuse("danger is 1, 2 or 3")),
    }
}

/// A field of one text.
pub(super) fn text<'a>(request: &'a Request, name: &str) -> Result<Option<&'a Word>, Problem> {
    match request.fields.get(name) {
        None => Ok(None),
        Some(Value::Text(word)) => Ok(Some(word)),
        Some(_) => Err(refuse(format!("{name} is not one text"))),
    }
}

/// A field of several texts; one text is a list of one.
pub(super) fn list<'a>(request: &'a Request, name: &str) -> Result<Vec<&'a Word>, Problem> {
    match request.fields.get(name) {
        None => Ok(Vec::new()),
        Some(value) => words(value).ok_or_else(|| refuse(format!("{name} is not a list of texts"))),
    }
}

/// A field of named values.
pub(super) fn map<'a>(request: &'a Request, name: &str) -> Result<Option<&'a BTreeMap<Box<str>, Value>>, Problem> {
    match request.fields.get(name) {
        None => Ok(None),
        Some(Value::Map(map)) => Ok(Some(map)),
        Some(_) => Err(refuse(format!("{name} is not a list of names with values"))),
    }
}

/// A value's texts; none for named values.
pub(super) fn words(value: &Value) -> Option<Vec<&Word>> {
    match value {
        Value::Text(word) => Some(vec![word]),
        Value::List(words) => Some(words.iter().collect()),
        Value::Map(_) => None,
    }
}

/// A text as an identifier of its grammar, else what was wrong with it; nothing is mended.
pub(super) fn id<G: Grammar>(name: &str, text: &Untrusted) -> Result<Id<G>, Problem> {
    text.parse::<G>().map_err(|bad| {
        refuse(format!("{name} is {bad}: {}", shown(text)))
            .meaning("quell acts only on what is exactly named; nothing was mended and nothing was sent")
            .next("look at the finding; a value that was typed is set anew by :variable, another target is chosen by :target")
    })
}

/// Whether a value fits the place in an action block of that kind, by what AWS takes there: `parameters.NAME` is a
/// parameter of an automation. What only its plan can tell is left to the plan.
///
/// # Errors
/// Where no value could be planned that stands there.
pub fn fits(kind: &str, field: &str, value: &Untrusted) -> Result<(), Problem> {
    let named = field.strip_prefix("parameters.").unwrap_or(field);
    let is = match named {
        "instance" | "InstanceId" => is::<InstanceId>,
        "user" => is::<UserName>,
        "role" if kind.starts_with("iam-") => is::<RoleName>,
        "access_key" => is::<AccessKeyId>,
        "bucket" | "BackupS3BucketName" | "S3BucketName" => is::<BucketName>,
        "function" if kind == "lambda-concurrency" => is::<FunctionName>,
        "topic" | "bus" | "state_machine" | "function" | "target_group" | "AutomationAssumeRole" => is::<Arn>,
        _ => is::<Plain>,
    };
    is(named, value)
}

fn is<G: Grammar>(name: &str, value: &Untrusted) -> Result<(), Problem> {
    id::<G>(name, value).map(drop)
}

/// A text of which every character can be seen, and no longer than `most` characters.
pub(super) fn plain(name: &str, text: &Untrusted, most: usize) -> Result<String, Problem> {
    let long = || refuse(format!("{name} is longer than {most} characters"));
    if text.len() > LONGEST {
        return Err(long());
    }
    let plain = id::<Plain>(name, text)?;
    match plain.as_str().chars().count() <= most {
        true => Ok(plain.as_str().to_owned()),
        false => Err(long()),
    }
}

/// Outside text with the very characters that it has: what was there before is put back by these, and shown by none.
pub(super) fn exact(text: &Untrusted) -> String {
    match serde_json::to_value(text) {
        Ok(serde_json::Value::String(text)) => text,
        _ => String::new(),
    }
}

/// An input problem that says that nothing was sent.
pub(super) fn refuse(what: impl Into<String>) -> Problem {
    Problem::input(what).meaning("the action was not planned; nothing was sent")
}

/// A value as a problem shows it: harmless and not endless.
pub(super) fn shown(text: &Untrusted) -> String {
    quell_core::text::cut_end(text.line().as_str(), 80)
}
