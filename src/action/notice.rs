//! What a hand-over says of the incident and its finding: one JSON document, the same to whoever is told. What is in it
//! was written by others, so every character that hides is escaped; and what is told can't be untold.

use super::fields::{danger, map, plain, refuse, text};
use super::kind::Parameter;
use super::request::{Request, Value as Given, Word};
use crate::problem::Problem;
use quell_core::incident::{Fact, Plan, PlannedRequest, Target};
use quell_core::text::Untrusted;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

/// The fields of every kind that tells of the incident.
pub(super) const SESSION: Parameter =
    Parameter { name: "session", required: true, what: "the session's id: \"{{ session.id }}\"" };
pub(super) const LINK: Parameter =
    Parameter { name: "link", required: false, what: "where to read on: an address that begins with https://" };
pub(super) const TEXT: Parameter = Parameter { name: "text", required: false, what: "words to whoever is told" };

/// What a block gives instead of the document, to what is run and takes an input of its own.
pub(super) const INPUT: Parameter =
    Parameter { name: "input", required: false, what: "its whole input, names with texts; else the incident as JSON" };

/// The danger of what runs something that quell does not know: 3 unless the runbook says less, and never harmless.
pub(super) const KNOWN_DANGER: u8 = 2;
const UNKNOWN_DANGER: u8 = 3;

/// The most characters of a session's id, a link, and the words beside them.
const ID: usize = 128;
const ADDRESS: usize = 1000;
const WORDS: usize = 2000;

/// How it is undone.
pub(super) const UNDO: &str =
    "quell can't undo it: what is told can't be untold. Tell the same people what was wrong about it.";
/// What every plan says of the message.
pub(super) const WRITTEN: &str =
    "The finding's title and resource stand in it, which whoever caused the finding may have worded.";
/// The same of a call that nobody answered.
pub(super) const SILENCE: &str =
    "If AWS does not answer, quell calls it unknown and does not send it again; it can't be looked up afterwards.";

/// The document: the session, the link and the words, and of the finding what names it.
pub(super) fn document(request: &Request) -> Result<Value, Problem> {
    let mut all = Map::from_iter([("source".to_owned(), Value::from("quell"))]);
    for (parameter, most) in [(SESSION, ID), (LINK, ADDRESS), (TEXT, WORDS)] {
        let Some(word) = text(request, parameter.name)? else { continue };
        let value = plain(parameter.name, &word.text, most)?;
        if parameter.name == LINK.name && !value.starts_with("https://") {
            return Err(refuse("link does not begin with https://"));
        }
        all.insert(parameter.name.to_owned(), value.into());
    }
    if let Some(finding) = &request.finding {
        let value = |text: &Untrusted| serde_json::to_value(text).unwrap_or_default();
        let mut said = Map::from_iter([("id".to_owned(), value(&finding.id))]);
        let resource = finding.resource.arn.as_ref().or(finding.resource.id.as_ref());
        let texts = [
            ("type", finding.kind.as_ref()),
            ("title", finding.title.as_ref()),
            ("account", finding.account.as_ref()),
            ("region", finding.region.as_ref()),
            ("resource", resource.or(finding.resource.name.as_ref())),
        ];
        said.extend(texts.into_iter().filter_map(|(name, text)| Some((name.to_owned(), value(text?)))));
        said.extend(severity(request).map(|label| ("severity".to_owned(), label.into())));
        all.insert("finding".to_owned(), Value::Object(said));
    }
    Ok(Value::Object(all))
}

/// The document as text, no longer than that many bytes.
pub(super) fn message(request: &Request, most: usize) -> Result<String, Problem> {
    written(&document(request)?, most)
}

/// What a run is given: the input of the block, else the document.
pub(super) fn input(request: &Request, most: usize) -> Result<String, Problem> {
    match map(request, INPUT.name)? {
        None => message(request, most),
        Some(given) => written(&given.iter().map(|(name, value)| (str::to_owned(name), json(value))).collect(), most),
    }
}

fn json(value: &Given) -> Value {
    let text = |word: &Word| serde_json::to_value(&word.text).unwrap_or_default();
    match value {
        Given::Text(word) => text(word),
        Given::List(words) => words.iter().map(text).collect(),
        Given::Map(map) => map.iter().map(|(name, value)| (str::to_owned(name), json(value))).collect(),
    }
}

/// The least danger of a request that runs what quell does not know.
pub(super) fn unknown(request: &Request) -> u8 {
    if request.danger.is_some() { KNOWN_DANGER } else { UNKNOWN_DANGER }
}

/// What tells a text from any other: the start of its hash.
pub(super) fn fingerprint(text: &Untrusted) -> String {
    let raw = serde_json::to_value(text).unwrap_or_default();
    let hash = Sha256::digest(raw.as_str().unwrap_or_default());
    format!("sha256 {}", hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect::<String>())
}

fn written(value: &Value, most: usize) -> Result<String, Problem> {
    let text = quell_core::text::json::to_string(value);
    let text = text.map_err(|error| refuse(format!("the message can't be written: {error}")))?;
    match text.len() <= most {
        true => Ok(text),
        false => Err(refuse(format!("the message has {} bytes, of {most} at most", text.len()))),
    }
}

/// The finding's severity in a word.
fn severity(request: &Request) -> Option<String> {
    let label = serde_json::to_value(request.finding.as_ref()?.severity.label?).ok()?;
    label.as_str().map(str::to_owned)
}

/// One line that says what it is about, in words of quell's own alone.
pub(super) fn headline(request: &Request, target: &Target) -> String {
    let severity = severity(request).map(|label| format!(" {label}")).unwrap_or_default();
    let of = |text: Option<&Untrusted>, else_: &Untrusted| text.unwrap_or(else_).line().into_string();
    let finding = request.finding.as_ref();
    let account = of(finding.and_then(|f| f.account.as_ref()), &target.account);
    let region = of(finding.and_then(|f| f.region.as_ref()), &target.region);
    let line = format!("Security incident:{severity} in {account}, {region}");
    line.chars().filter(|c| c.is_ascii() && !c.is_ascii_control()).take(100).collect()
}

/// What a plan of such a kind says.
pub(super) struct Words {
    /// The least danger.
    pub danger: u8,
    /// Empty where it destroys nothing.
    pub destroys: &'static str,
    pub warnings: Vec<String>,
    pub undo: &'static str,
}

/// The plan of the one call.
pub(super) fn plan(
    request: &Request,
    target: Target,
    call: PlannedRequest,
    facts: Vec<Fact>,
    words: Words,
) -> Result<Plan, Problem> {
    Ok(Plan {
        kind: request.kind.clone(),
        title: request.title.clone(),
        step: request.step.clone(),
        confirm: target.resource.clone(),
        target,
        requests: vec![call],
        facts,
        danger: danger(words.danger, request)?,
        destroys: (!words.destroys.is_empty()).then(|| words.destroys.into()).into_iter().collect(),
        breaks: Vec::new(),
        writes: Vec::new(),
        warnings: words.warnings.into_iter().map(Untrusted::from).collect(),
        undo: words.undo.into(),
        undo_of: request.undo_of.clone(),
        each: request.each.clone(),
        set: request.set.clone(),
    })
}

/// A member of the plan's one call, which is a text.
pub(super) fn member<'a>(plan: &'a Plan, name: &str) -> Option<&'a str> {
    let [request] = plan.requests.as_slice() else { return None };
    request.input.get(name)?.as_str()
}

#[cfg(test)]
mod tests {
    use super::super::kinds;
    use super::super::testing::*;
    use super::*;

    fn ask<const N: usize>(fields: [(&str, super::super::Value); N]) -> Request {
        let mut finding = finding("arn:aws:guardduty:eu-west-1:111122223333:detector/d/finding/f", "i-1");
        finding.title = Some("Mining\u{202e}\nby \"root\"".into());
        finding.kind = Some("CryptoCurrency:EC2/BitcoinTool.B".into());
        finding.severity.label = Some(quell_core::finding::Label::High);
        request(kinds()[0], finding, fields)
    }

    #[test]
    fn the_document_names_the_incident_and_hides_nothing() {
        let fields = [
            ("session", filled("20260102T030405Z-demo-abcdef")),
            ("link", own("https://chat.example/c/1")),
            ("text", own("Please join.")),
        ];
        assert_eq!(
            message(&ask(fields), 4096).unwrap(),
            "{\"finding\":{\"account\":\"111122223333\",\
             \"id\":\"arn:aws:guardduty:eu-west-1:111122223333:detector/d/finding/f\",\"region\":\"eu-west-1\",\
             \"resource\":\"i-1\",\"severity\":\"HIGH\",\"title\":\"Mining\\u202e\\nby \\\"root\\\"\",\
             \"type\":\"CryptoCurrency:EC2/BitcoinTool.B\"},\"link\":\"https://chat.example/c/1\",\
             \"session\":\"20260102T030405Z-demo-abcdef\",\"source\":\"quell\",\"text\":\"Please join.\"}"
        );
    }

    #[test]
    fn what_is_run_is_given_the_block_s_input_or_the_document() {
        let given = [("Instance", filled("i-1\u{202e}")), ("Tags", Given::List(vec![Word::own("a"), Word::own("b")]))];
        let given = Given::Map(given.into_iter().map(|(name, value)| (name.into(), value)).collect());
        let request = ask([("session", own("s")), ("input", given)]);
        assert_eq!(input(&request, 4096).unwrap(), "{\"Instance\":\"i-1\\u202e\",\"Tags\":[\"a\",\"b\"]}");
        let without = ask([("session", own("s"))]);
        assert_eq!(input(&without, 4096).unwrap(), message(&without, 4096).unwrap());
        assert_eq!((unknown(&without), unknown(&Request { danger: Some(1), ..without.clone() })), (3, 2));
        // By hand: `printf abc | sha256sum`.
        assert_eq!(fingerprint(&"abc".into()), "sha256 ba7816bf8f01cfea");
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let refuse = |request: Request| message(&request, 200).unwrap_err().what;
        let session = || ("session", own("s"));
        let said = refuse(ask([session(), ("link", own("http://chat.example"))]));
        assert_eq!(said, "link does not begin with https://");
        let said = refuse(ask([session(), ("link", own("https://chat.example/\u{202e}"))]));
        assert!(said.starts_with("link is not text in which every character can be seen"), "{said}");
        assert_eq!(refuse(ask([session(), ("text", own(&"x".repeat(2001)))])), "text is longer than 2000 characters");
        assert_eq!(refuse(ask([session()])), "the message has 272 bytes, of 200 at most");
    }
}
