//! One tag of one EC2 resource: given, or taken away. The undo gives back the value that it had, or takes it away.

use super::calls;
use super::fields::{exact, id, known, plain, refuse, text};
use super::instance;
use super::kind::{KindInfo, Operations, Parameter, Written};
use super::request::{Request, Value, Word};
use super::seal::{self, Seal};
use super::setting::{Draft, Fit, Setting, sent};
use super::target::target;
use crate::aws::ec2::Change;
use crate::aws::{Reader, Writer};
use crate::problem::{Problem, clean};
use quell_core::incident::{Fact, Outcome, Plan, PlannedRequest};
use quell_core::text::id::Ec2ResourceId;
use quell_core::text::{Id, Untrusted};
use serde_json::{Value as Json, json};

/// The kind `ec2-tag`.
pub(super) struct Ec2Tag;

static INFO: KindInfo = KindInfo {
    name: "ec2-tag",
    title: "Tag an EC2 resource, or take a tag away",
    parameters: &[
        Parameter { name: "resource", required: false, what: "the EC2 resource's id; else the finding's instance" },
        Parameter { name: "key", required: true, what: "the tag's key" },
        Parameter { name: "value", required: false, what: "the tag's value; none is an empty one" },
        Parameter { name: "state", required: false, what: "on (the default) or off, which takes the tag away" },
    ],
    operations: Operations {
        read: &[("EC2", "DescribeInstances"), ("EC2", "DescribeTags")],
        consume: &[],
        mutate: &[("EC2", "CreateTags"), ("EC2", "DeleteTags")],
    },
    permissions: &[],
    danger: 1,
    destroys: "",
};

/// EC2's limits (Amazon EC2 User Guide, "Tag restrictions").
const KEY: usize = 128;
const VALUE: usize = 256;

/// The one call of a plan: the value that the tag is to have, or none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Call {
    resource: Id<Ec2ResourceId>,
    key: String,
    value: Option<String>,
}

/// What there is: the tag's key, and its value where it is there.
pub(super) struct Tag {
    key: String,
    value: Option<Untrusted>,
}

impl Call {
    fn request(&self) -> PlannedRequest {
        let resources = json!([self.resource.as_str()]);
        let (operation, tag) = match &self.value {
            Some(value) => ("CreateTags", json!({ "Key": self.key, "Value": value })),
            None => ("DeleteTags", json!({ "Key": self.key })),
        };
        let input = json!({ "Resources": resources, "Tags": [tag] });
        PlannedRequest { service: "ec2".to_owned(), operation: operation.to_owned(), input }
    }

    fn of(plan: &Plan) -> Option<Self> {
        let [request] = plan.requests.as_slice() else { return None };
        let text = |at: &str| request.input.pointer(at)?.as_str();
        let resource = Id::new(text("/Resources/0")?).ok()?;
        let call =
            Self { resource, key: text("/Tags/0/Key")?.to_owned(), value: text("/Tags/0/Value").map(str::to_owned) };
        // What is sent is what stands in the plan, and nothing that was only taken for it.
        (call.request() == *request).then_some(call)
    }

    fn change(&self) -> Change {
        match &self.value {
            Some(value) => Change::tag(self.resource.as_str(), &self.key, value),
            None => Change::untag(self.resource.as_str(), &self.key),
        }
    }
}

const NONE: &str = "not there";
const SOME: &str = "= ";

fn fact_name(key: &str) -> String {
    format!("tag {key}")
}

fn fact(tag: &Tag) -> Fact {
    let value = tag.value.as_ref().map_or_else(|| NONE.to_owned(), |value| format!("{SOME}{}", exact(value)));
    Fact::new(fact_name(&tag.key), value)
}

/// The value that the tag had when it was planned, which was read again right before the call; none inside where it had
/// none.
fn prior(plan: &Plan, key: &str) -> Option<Option<String>> {
    let fact = plan.facts.iter().find(|fact| fact.name == Untrusted::from(fact_name(key)))?;
    let value = exact(&fact.value);
    Some(value.strip_prefix(SOME).map(str::to_owned))
}

/// What there is of the resource itself: EC2 tells the tags of what is not there as none.
struct Seen {
    facts: Vec<Fact>,
    /// What is said of it.
    said: Option<String>,
}

/// Reads the resource where it is an instance. One that EC2 does not describe gets no plan.
async fn seen(reader: &Reader, resource: &Id<Ec2ResourceId>) -> Result<Seen, Problem> {
    let Ok(id) = instance::known(&resource.as_str().into()) else {
        let said = format!("Whether {resource} is there was not read: of what is not there EC2 refuses the call.");
        return Ok(Seen { facts: Vec::new(), said: Some(said) });
    };
    let found = instance::described(reader, &id).await?;
    let said =
        instance::is_gone(&found).then(|| format!("{id} is {}: it is gone within the hour.", found.state.line()));
    Ok(Seen { facts: vec![Fact::new("instance", found.state)], said })
}

/// What is asked for. An undo's words are its own, so that what a value was is put back whatever it holds.
fn wanted(request: &Request) -> Result<Call, Problem> {
    let resource = match text(request, "resource")? {
        Some(word) => id("resource", &word.text)?,
        None => instance::known(&Untrusted::from(instance::named(request, "tagged")?.as_str()))?,
    };
    let need = |name: &str| text(request, name)?.ok_or_else(|| refuse(format!("ec2-tag needs the field {name}")));
    let key = plain("key", &need("key")?.text, KEY)?;
    if key.is_empty() || key.to_ascii_lowercase().starts_with("aws:") {
        return Err(refuse(format!("key is {}: it can't be empty, and aws: is AWS's own", clean(&key))));
    }
    let on = match text(request, "state")?.map(|word| word.text.line().into_string()).as_deref() {
        None | Some("on") => true,
        Some("off") => false,
        Some(_) => return Err(refuse("state is on or off")),
    };
    let value = match text(request, "value")? {
        Some(_) if !on => return Err(refuse("with state off a tag has no value")),
        Some(word) if request.undo_of.is_some() && !word.filled => Some(exact(&word.text)),
        Some(word) => Some(plain("value", &word.text, VALUE)?),
        None => on.then(String::new),
    };
    Ok(Call { resource, key, value })
}

impl Setting for Ec2Tag {
    type Call = Call;
    type State = Tag;

    fn info(&self) -> &'static KindInfo {
        &INFO
    }

    async fn planned(&self, reader: &Reader, request: &Request) -> Result<Plan, Problem> {
        known(&INFO, request)?;
        let call = wanted(request)?;
        let target = target(request, call.resource.as_str())?;
        calls::caller(reader, &target).await?;
        let seen = seen(reader, &call.resource).await?;
        let now = self.now(reader, &call).await?;
        if self.fit(&call, &now) == Fit::As {
            let fact = fact(&now);
            return Err(refuse(format!(
                "{} has it so already: {} {}",
                call.resource,
                fact.name.line(),
                fact.value.line()
            ))
            .next("there is nothing to do"));
        }
        let (dry, refused) = instance::dry_run(reader, &[call.change()]).await;
        let mut warnings: Vec<String> = refused.into_iter().chain(seen.said).collect();
        warnings.extend(
            [
                "It stops nobody. Everybody who can read the account sees it, an intruder too.",
                "A tag can decide more than it seems: policies may allow or deny by it, and backup, patching, cost and \
                 clean-up jobs may pick resources by it. Look who reads this key.",
                "Whoever may tag can take it away again or give it to something else: trust no tag.",
            ]
            .map(str::to_owned),
        );
        let undo = match &now.value {
            Some(_) => "Give it back the value that it has now.".to_owned(),
            None => "Take the tag away again.".to_owned(),
        };
        let (call, facts) = (call.request(), [fact(&now), dry].into_iter().chain(seen.facts).collect());
        Draft { target, call, facts, danger: INFO.danger, destroys: Vec::new(), warnings, undo }.plan(request)
    }

    fn call(&self, plan: &Plan) -> Option<Call> {
        Call::of(plan)
    }

    async fn now(&self, reader: &Reader, call: &Call) -> Result<Tag, Problem> {
        let value = reader.ec2().describe_tag(call.resource.as_str(), &call.key).await;
        let value = value.map_err(|error| calls::problem(&error, reader, "ec2:DescribeTags"))?;
        Ok(Tag { key: call.key.clone(), value })
    }

    fn facts(&self, state: &Tag) -> Vec<Fact> {
        vec![fact(state)]
    }

    fn fit(&self, call: &Call, state: &Tag) -> Fit {
        Fit::is(call.value.as_deref().map(Untrusted::from) == state.value)
    }

    async fn send(&self, writer: &Writer, call: &Call) -> Result<Vec<Untrusted>, Outcome> {
        let change = call.change();
        sent(writer, &format!("ec2:{}", change.operation()), writer.ec2().change(&change).await)
    }

    fn seal(&self, plan: &Plan) -> Seal {
        // Images and snapshots have no account in their ARNs, and what stands before the id is told by it.
        let (partition, region) = (plan.target.partition.line(), plan.target.region.line());
        let tagged = |id: &str| format!("arn:{partition}:ec2:{region}:*:*/{}", seal::exact(id));
        Seal::each(plan, |request| {
            let resources = request.input.get("Resources").and_then(Json::as_array).into_iter().flatten();
            resources.filter_map(Json::as_str).map(tagged).collect()
        })
    }

    fn breaks(&self, _plan: &Plan, _call: &Call) -> Vec<String> {
        vec!["nothing by itself; what goes by this tag acts on it: permissions, backups, schedules, scaling".to_owned()]
    }

    fn done(&self, plan: &Plan, call: &Call) -> (String, Option<Json>) {
        let words = match call.value {
            Some(_) => format!("{} has the tag {}", call.resource, clean(&call.key)),
            None => format!("{} has no tag {} any more", call.resource, clean(&call.key)),
        };
        (words, prior(plan, &call.key).map(|value| json!({ "Key": call.key, "Value": value })))
    }

    fn undoing(&self, plan: &Plan, undo: &Json) -> Option<Request> {
        let own = |text: Untrusted| Value::Text(Word::own(text));
        let key = own(undo.get("Key")?.as_str()?.into());
        let resource = own(plan.target.resource.clone());
        let rest = match undo.get("Value")?.as_str() {
            Some(value) => ("value", own(value.into())),
            None => ("state", own("off".into())),
        };
        Some(Request::undoing(plan, [("resource", resource), ("key", key), rest]))
    }

    fn writes(&self, plan: &Plan) -> Written {
        // Another tag of the same resource is nothing that it writes.
        let key = self.call(plan).map(|call| fact_name(&call.key)).unwrap_or_default();
        Written::parts(INFO.name, plan, |name| name == key)
    }

    fn tells(&self) -> bool {
        true
    }
}
