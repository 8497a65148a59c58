//! What a run of a document needs before it is wanted: the document, the parameters that it asks for, the role that it
//! runs under. Values that only an incident has are not looked at.

use super::super::fields::{map, words};
use super::super::preflight::{Need, State, role};
use super::super::request::{Request, Value};
use super::document::{self, DESCRIBE};
use super::parameters::Parameters;
use crate::aws::Reader;
use crate::problem::clean;
use std::collections::BTreeMap;

pub(super) async fn needs(reader: &Reader, request: &Request) -> Vec<Need> {
    let mut all = vec![document(reader, request).await];
    let given = map(request, "parameters").ok().flatten().and_then(|map| map.get("AutomationAssumeRole"));
    if let Some(arn) = given.and_then(|value| Some(words(value)?.first()?.text.clone())).filter(|arn| !arn.is_empty()) {
        all.push(role(reader, &arn).await);
    }
    all
}

async fn document(reader: &Reader, request: &Request) -> Need {
    let (name, version) = match document::named(request) {
        Ok(named) => named,
        Err(problem) => return Need::new("document", State::Missing, problem.what),
    };
    let need = format!("document {}", clean(&name));
    let found = document::ask(reader, &name, version.as_deref()).await;
    match Need::read(need.clone(), found, DESCRIBE, reader) {
        Err(need) => need,
        Ok(document) => match given(request).map(|given| document.check(&given)) {
            Some(Ok(())) => Need::new(need, State::Ok, ""),
            Some(Err(problem)) => Need::new(need, State::Missing, problem.what),
            None => Need::new(need, State::Missing, "parameters is not a list of names with values"),
        },
    }
}

/// The parameters by name, with as many values as are given: what the values are is not known yet.
fn given(request: &Request) -> Option<Parameters> {
    let count = |value: &Value| words(value).map_or(0, |words| words.len());
    let empty = |value: &Value| vec![String::new(); count(value)];
    let named =
        |map: &BTreeMap<Box<str>, Value>| map.iter().map(|(name, value)| (str::to_owned(name), empty(value))).collect();
    Some(map(request, "parameters").ok()?.map(named).unwrap_or_default())
}
