//! An action as plain data: what will be sent to what, what came of it.

use super::event::{FailClass, StepRef};
use super::link::Link;
use super::through::Through;
use super::touch::Writes;
use crate::text::id::{AccountId, Slug, UnitId};
use crate::text::{Id, Untrusted};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Something that was read, by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    pub name: Untrusted,
    pub value: Untrusted,
}

impl Fact {
    pub fn new(name: impl Into<Untrusted>, value: impl Into<Untrusted>) -> Self {
        Self { name: name.into(), value: value.into() }
    }
}

/// What an action acts on. The account is checked against the caller's right before each call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    pub account: Untrusted,
    pub partition: Untrusted,
    pub region: Untrusted,
    /// The resource's id or name.
    pub resource: Untrusted,
    /// The role's session that the calls are made in; none where they are made with the responder's own credentials.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub through: Option<Through>,
}

/// One call that changes something, exactly as it will be sent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlannedRequest {
    /// The service and operation as AWS names them: `iam`, `UpdateAccessKey`; `local` and `exec` for a command.
    pub service: String,
    pub operation: String,
    /// The request's members by the service model's names.
    pub input: serde_json::Value,
}

/// An action before it is approved. Everything that decides what happens is in `plan_hash`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    pub kind: Id<Slug>,
    pub title: Untrusted,
    pub step: Option<StepRef>,
    pub target: Target,
    pub requests: Vec<PlannedRequest>,
    /// What was read while planning; a fact that is material is read again before the call.
    pub facts: Vec<Fact>,
    /// 1 reversible without service impact, 2 reversible with, 3 irreversible or wide.
    pub danger: u8,
    /// What the action destroys, in plain words; empty when nothing.
    pub destroys: Vec<Untrusted>,
    /// What stops working once it has worked, for whom and until when; "nothing" where that is all there is to say.
    /// Empty in plans that were made before quell said it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub breaks: Vec<Untrusted>,
    /// All that it writes. Empty where that is not known, and in plans that were made before quell said it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub writes: Vec<Writes>,
    /// What it does not stop, and other words that must be read before approving.
    pub warnings: Vec<Untrusted>,
    /// How it is undone, or that it can't be.
    pub undo: Untrusted,
    /// What the responder types to approve at danger 2 and 3: the resource id, the access-key id, the finding id,
    /// the command's file name, or for several the count.
    pub confirm: Untrusted,
    pub undo_of: Option<Link>,
    /// Of a step that is done for each of a list: for which value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub each: Option<Untrusted>,
    /// The set it is part of.
    pub set: Option<Untrusted>,
}

impl Plan {
    /// SHA-256 over the plan as JSON: an approval names it, a permit carries it.
    pub fn hash(&self) -> Result<String, serde_json::Error> {
        let json = crate::text::json::to_string(self)?;
        Ok(data_encoding::HEXLOWER.encode(&Sha256::digest(json.as_bytes())))
    }
}

impl Plan {
    /// Whether it is about what `id` names: as its target or account, or in a request.
    pub fn touches(&self, id: &str) -> bool {
        let is = |text: &str| names(text, id);
        let target = [&self.target.account, &self.target.resource];
        target.into_iter().any(|text| is(text.line().as_str()))
            || self.requests.iter().any(|request| any_text(&request.input, &is))
    }
}

/// Whether a text names what `id` names: by itself, as the last part of an ARN or a path, or as an ARN's account. An
/// organizational unit may hold any account.
pub fn names(text: &str, id: &str) -> bool {
    // Of an ARN in the configuration the resource alone may stand in a plan.
    let own = arn_name(id);
    let account = Id::<AccountId>::new(id).is_ok();
    let names_it = |text: &str, id: &str| {
        let ends = text.strip_suffix(id).is_some_and(|rest| rest.is_empty() || rest.ends_with(['/', ':']));
        // An ARN's fifth part is the account.
        let of_account = text.starts_with("arn:") && text.split(':').nth(4) == Some(id);
        // All of a sort: every bucket of an account, whichever those are.
        let all = text.strip_suffix('*').is_some_and(|start| start.starts_with("arn:") && id.starts_with(start));
        ends || of_account || all || arn_name(text) == Some(id)
    };
    // The words of a command may hold it behind a sign of equality, or in a list.
    let parts = || std::iter::once(text).chain(text.split(['=', ',']));
    std::iter::once(id).chain(own).any(|id| parts().any(|part| names_it(part, id)))
        || (account && Id::<UnitId>::new(text).is_ok())
}

/// The name of what an ARN is about: its last part, but for what is behind a function's name (a version), a bucket's
/// (an object) and a role's (a session).
fn arn_name(text: &str) -> Option<&str> {
    let rest = text.strip_prefix("arn:")?;
    let parts: Vec<&str> = rest.splitn(5, ':').collect();
    let name = match parts.as_slice() {
        [_, "lambda", _, _, resource] => resource.strip_prefix("function:").and_then(|name| name.split(':').next()),
        [_, "s3", "", "", resource] => resource.split('/').next(),
        [_, "sts", _, _, resource] => resource.strip_prefix("assumed-role/").and_then(|name| name.split('/').next()),
        _ => None,
    };
    name.or_else(|| rest.rsplit(['/', ':']).next()).filter(|name| !name.is_empty())
}

/// Whether a text that stands anywhere in a value is such.
fn any_text(value: &serde_json::Value, is: &dyn Fn(&str) -> bool) -> bool {
    match value {
        serde_json::Value::String(text) => is(text),
        serde_json::Value::Array(items) => items.iter().any(|item| any_text(item, is)),
        serde_json::Value::Object(members) => members.iter().any(|(name, item)| is(name) || any_text(item, is)),
        _ => false,
    }
}

impl PlannedRequest {
    /// The same with these members beside its own.
    #[must_use]
    pub fn with(&self, members: &[(&str, serde_json::Value)]) -> Self {
        let mut request = self.clone();
        if let Some(input) = request.input.as_object_mut() {
            input.extend(members.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
        }
        request
    }

    /// The call as a line for a shell: the AWS command line's own form, or the words of a local command. Nothing in
    /// it can act on a terminal, and nothing but what is sent is in it.
    pub fn command_line(&self, region: &Untrusted) -> Result<String, serde_json::Error> {
        let words: Vec<String> = match self.input.get("argv").and_then(serde_json::Value::as_array) {
            Some(argv) if self.service == "local" => {
                let path = self.input.get("path").and_then(serde_json::Value::as_str);
                let argv = argv.iter().filter_map(serde_json::Value::as_str);
                path.into_iter().chain(argv.skip(usize::from(path.is_some()))).map(clean).collect()
            }
            // Of an address the host alone: the rest of it may be a secret.
            None if self.service == "local" => {
                let text = |name: &str| self.input.get(name).and_then(serde_json::Value::as_str).unwrap_or_default();
                let (body, to) = (clean(text("body")), clean(&format!("https://{}/...", text("host"))));
                let typed = "content-type: application/json".to_owned();
                vec!["curl".to_owned(), "--header".to_owned(), typed, "--data-binary".to_owned(), body, to]
            }
            _ => {
                let json = crate::text::json::to_string(&self.input)?;
                let operation = hyphenated(&self.operation);
                let service = match self.service.as_str() {
                    // Under `s3` the command line has commands of its own, which are none of S3's operations.
                    "s3" => "s3api",
                    "states" => "stepfunctions",
                    "config" => "configservice",
                    service => service,
                };
                let region = region.line();
                let words = ["aws", service, &operation, "--region", region.as_str(), "--cli-input-json", &json];
                // What a function gives back goes to a file, and its payload is taken as it stands.
                let invokes = (service, self.operation.as_str()) == ("lambda", "Invoke");
                let more: &[&str] =
                    if invokes { &["--cli-binary-format", "raw-in-base64-out", "/dev/stdout"] } else { &[] };
                words.iter().chain(more).map(|word| (*word).to_owned()).collect()
            }
        };
        // Quoting fails only on a NUL, which cleaning and JSON both escape.
        Ok(shlex::try_join(words.iter().map(String::as_str)).unwrap_or_default())
    }
}

fn clean(word: &str) -> String {
    Untrusted::from(word).line().into_string()
}

/// An operation as the AWS command line calls it: `StartAutomationExecution` is `start-automation-execution`.
fn hyphenated(operation: &str) -> String {
    let mut name = String::new();
    for c in operation.chars() {
        if c.is_ascii_uppercase() && !name.is_empty() {
            name.push('-');
        }
        name.push(c.to_ascii_lowercase());
    }
    name
}

/// How an action ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    Succeeded {
        /// In plain words.
        outcome: Untrusted,
        request_ids: Vec<Untrusted>,
        /// What an undo needs, as its kind understands it.
        undo: Option<serde_json::Value>,
        facts: Vec<Fact>,
    },
    Failed {
        class: FailClass,
        message: Untrusted,
        request_ids: Vec<Untrusted>,
    },
    /// It failed half-way: what was done until then stands, and can be undone.
    Partly {
        message: Untrusted,
        request_ids: Vec<Untrusted>,
        /// What an undo of that needs.
        undo: Option<serde_json::Value>,
    },
    /// It may have happened: a timeout, a lost connection, an unreadable answer.
    Unknown {
        why: Untrusted,
    },
}

/// What a look-up after an unknown outcome found.
#[derive(Clone, Debug, PartialEq)]
pub enum Found {
    /// Surely not sent.
    NotSent,
    /// Still running, by its execution's id.
    Running(Untrusted),
    Ended(Outcome),
    /// What the action was to bring about does not stand, in words; minutes after its start nothing of it can be under
    /// way any more.
    DoesNotStand(Untrusted),
    /// The account can't tell; why.
    CannotTell(Untrusted),
}

/// The name of the fact that says why there was nothing to read back.
pub const NOTHING: &str = "nothing to verify";

/// Whether nothing was changed that could be read back, as after a dry run.
pub fn nothing_to_verify(facts: &[Fact]) -> bool {
    facts.iter().any(|fact| fact.name == Untrusted::from(NOTHING))
}

/// What reading the resource back showed.
#[derive(Clone, Debug, PartialEq)]
pub struct Verified {
    /// `None`: not verified, which the facts explain.
    pub holds: Option<bool>,
    pub facts: Vec<Fact>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(service: &str, operation: &str, input: &str) -> String {
        let input = serde_json::from_str(input).unwrap();
        let request = PlannedRequest { service: service.into(), operation: operation.into(), input };
        request.command_line(&"eu-west-1".into()).unwrap()
    }

    #[test]
    fn a_plan_touches_what_it_names_and_nothing_that_only_looks_like_it() {
        let input =
            r#"{"Parameters":{"InstanceId":["i-0abc"],"Role":["arn:aws:iam::444455556666:role/ops/deploy"]},"N":3}"#;
        let request = PlannedRequest {
            service: "ssm".into(),
            operation: "StartAutomationExecution".into(),
            input: serde_json::from_str(input).unwrap(),
        };
        let plan = Plan { requests: vec![request], ..crate::incident::tests::plan(None, "web/web-3") };
        for id in
            ["i-0abc", "deploy", "arn:aws:iam::444455556666:role/ops/deploy", "444455556666", "111122223333", "web-3"]
        {
            assert!(plan.touches(id), "{id}");
        }
        for id in ["arn:aws:ec2:eu-west-1:111122223333:instance/i-0abc", "arn:aws:iam::444455556666:role/deploy"] {
            assert!(plan.touches(id), "{id}");
        }
        // What a unit holds is not known, so it may be any account, and is nothing else.
        let mut unit = plan.clone();
        unit.requests[0].input = serde_json::json!({"TargetLocations": [{"Accounts": ["ou-1a2b-3c4d5e6f"]}]});
        assert!(unit.touches("777788889999") && !unit.touches("i-0abc") && !plan.touches("777788889999"));
        let argv = serde_json::json!({"argv": ["aws", "--instance-ids=i-0def,i-0123"]});
        let local = PlannedRequest { service: "local".into(), operation: "exec".into(), input: argv };
        let command = Plan { requests: vec![local], ..plan.clone() };
        assert!(command.touches("i-0def") && command.touches("i-0123") && !command.touches("i-012"));
        // Of a function its name, whatever version is called; of a bucket its name, whatever object; of a session its role.
        for (text, id) in [
            ("arn:aws:lambda:eu-west-1:111122223333:function:pay:prod", "pay"),
            ("pay", "arn:aws:lambda:eu-west-1:111122223333:function:pay:prod"),
            ("logs", "arn:aws:s3:::logs/2026/1.gz"),
            ("deploy", "arn:aws:sts::111122223333:assumed-role/deploy/i-0abc"),
            ("arn:aws:s3:::*", "arn:aws:s3:::logs"),
        ] {
            assert!(names(text, id), "{text} {id}");
        }
        for (text, id) in [
            ("prod", "arn:aws:lambda:eu-west-1:111122223333:function:pay:prod"),
            ("1.gz", "arn:aws:s3:::logs/2026/1.gz"),
            ("arn:aws:s3:::*", "logs"),
            ("*", "logs"),
        ] {
            assert!(!names(text, id), "{text} {id}");
        }
        for id in ["i-0ab", "0abc", "ploy", "i-0abcd", "eb-3", "444455556667", "ops", "role"] {
            assert!(!plan.touches(id), "{id}");
        }
    }

    #[test]
    fn a_call_is_what_the_aws_command_line_takes() {
        assert_eq!(
            line("ssm", "StartAutomationExecution", r#"{"DocumentName":"D"}"#),
            r#"aws ssm start-automation-execution --region eu-west-1 --cli-input-json '{"DocumentName":"D"}'"#
        );
        assert_eq!(
            line("s3", "DeletePublicAccessBlock", r#"{"Bucket":"b"}"#),
            r#"aws s3api delete-public-access-block --region eu-west-1 --cli-input-json '{"Bucket":"b"}'"#
        );
        assert_eq!(
            line("states", "StartExecution", r#"{"name":"n"}"#),
            r#"aws stepfunctions start-execution --region eu-west-1 --cli-input-json '{"name":"n"}'"#
        );
        assert_eq!(
            line("lambda", "Invoke", r#"{"FunctionName":"f"}"#),
            r#"aws lambda invoke --region eu-west-1 --cli-input-json '{"FunctionName":"f"}' --cli-binary-format raw-in-base64-out /dev/stdout"#
        );
        // Whatever is in it, a shell makes the same words of it, and runs none of them.
        let hostile = line("iam", "UpdateAccessKey", r#"{"UserName":"it's \u202e$(id) `id`"}"#);
        let json = r#"{"UserName":"it's \u202e$(id) `id`"}"#;
        let words = ["aws", "iam", "update-access-key", "--region", "eu-west-1", "--cli-input-json", json];
        assert_eq!(shlex::split(&hostile).unwrap(), words);
        assert!(hostile.is_ascii());
    }

    #[test]
    fn what_is_posted_is_a_line_of_curl_without_the_secret_of_its_address() {
        let input = r#"{"webhook":"ops","host":"hooks.example.com","address":"sha256 00","body":"{\"a\":\"it's\"}"}"#;
        let words = ["curl", "--header", "content-type: application/json", "--data-binary", r#"{"a":"it's"}"#];
        let posted = shlex::split(&line("local", "post", input)).unwrap();
        assert_eq!(
            (&posted[..5], posted[5].as_str()),
            (&words.map(str::to_owned)[..], "https://hooks.example.com/...")
        );
    }

    #[test]
    fn a_local_command_is_its_words_with_the_path_that_was_found() {
        let input = r#"{"argv":["block","a b","it's","\u001b[31m"],"path":"/opt/bin/block","timeout":5}"#;
        let local = line("local", "exec", input);
        assert_eq!(shlex::split(&local).unwrap(), ["/opt/bin/block", "a b", "it's", "\\u{1b}[31m"]);
    }
}
