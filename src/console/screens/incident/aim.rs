//! What the runbook's templates speak of, and so what its actions act on: the incident's first finding, or another
//! finding or an entity of the incident that the responder aims them at. Each plan says where its target is from.

use super::update::choose;
use crate::action::LOCAL;
use crate::console::core::model::{Ctx, Model};
use crate::console::core::prompt::ChoicePurpose;
use quell_core::finding::{Actor, Compact, Resource, fields};
use quell_core::incident::{Entity, EntityKind, Incident, Looked, Plan, Provenance, Variable};
use quell_core::text::Untrusted;

/// At what the actions of a session are aimed, other than its first finding.
#[derive(Clone, Debug, PartialEq)]
pub struct Aim {
    pub session: String,
    /// The finding; of an entity, what the first finding says of where, with the entity in the place of its resource and
    /// its actor.
    pub finding: Compact,
    /// It in words.
    pub words: String,
}

/// One thing that actions can be aimed at.
#[derive(Clone, Debug, PartialEq)]
pub enum At {
    /// By its id.
    Finding(Untrusted),
    Entity(EntityKind, Untrusted),
}

/// Asks at what the actions are aimed.
pub(super) fn choose_aim(model: &mut Model, ctx: &Ctx) {
    let Some(session) = &model.session else { return model.say("no incident is open") };
    let incident = session.pending();
    let of_finding = |f: &Compact| (format!("finding {}", named(f)), At::Finding(f.id.clone()));
    let of_entity = |e: &Entity| (entity_words(e), At::Entity(e.kind, e.id.clone()));
    let findings = incident.findings.iter().map(|f| of_finding(&f.finding));
    let (choices, purposes): (Vec<String>, Vec<At>) = findings.chain(incident.entities.iter().map(of_entity)).unzip();
    if choices.len() < 2 {
        return model.say("there is nothing else here to aim at: :entity notes it, :attach brings a finding in");
    }
    choose(
        model,
        ctx,
        "TARGET: what do steps and actions speak of from now on?",
        ChoicePurpose::Aim(purposes),
        choices,
    );
}

pub(super) fn named(finding: &Compact) -> String {
    let kind = finding.kind.as_ref().or(finding.title.as_ref()).unwrap_or(&finding.id).line();
    let word = |text: &Option<Untrusted>| text.as_ref().map(|t| format!(" {}", t.line())).unwrap_or_default();
    format!("{kind}{}{}{}", word(&finding.resource.id), word(&finding.account), word(&finding.region))
}

fn entity_words(entity: &Entity) -> String {
    format!("{} {}, {}", entity.kind.word(), entity.id.line(), provenance(entity.provenance))
}

fn provenance(provenance: Provenance) -> &'static str {
    match provenance {
        Provenance::Finding => "from a finding",
        Provenance::Lookup => "looked up",
        Provenance::Typed => "TYPED",
    }
}

/// Aims the actions of the open session.
pub fn aim(model: &mut Model, at: &At) {
    let Some(session) = &model.session else { return };
    let incident = session.pending();
    let aim = match at {
        At::Finding(id) => {
            let found = incident.findings.iter().position(|f| f.finding.id == *id);
            let Some((place, found)) = found.and_then(|at| Some((at, incident.findings.get(at)?))) else { return };
            let words = format!("finding {}", named(&found.finding));
            (place > 0).then(|| Aim { session: session.id.clone(), finding: found.finding.clone(), words })
        }
        At::Entity(kind, id) => {
            let Some(entity) = incident.entities.iter().find(|e| e.kind == *kind && e.id == *id) else { return };
            let Some(first) = incident.findings.first() else {
                return model.say("without a finding there is no account to act in: give the values by :variable");
            };
            let (finding, words) = (instead(&first.finding, entity), entity_words(entity));
            Some(Aim { session: session.id.clone(), finding, words })
        }
    };
    let said = aim.as_ref().map_or_else(
        || "aimed at the first finding again".to_owned(),
        |aim| format!("steps and actions speak of {} now; :target changes it", aim.words),
    );
    let typed: Vec<String> = typed_values(incident).map(|(name, _)| name.line().into_string()).collect();
    let said = match typed.is_empty() {
        true => said,
        false => format!("{said}; still as they were typed (v): {}", typed.join(", ")),
    };
    model.incident.aim = aim.map(Box::new);
    model.say(said);
}

/// The finding with the entity in the place of its resource and of who did it: nothing of another thing stays beside it.
pub(super) fn instead(finding: &Compact, entity: &Entity) -> Compact {
    let resource = |kind: Option<&str>| Resource {
        kind: kind.map(Untrusted::from),
        id: Some(entity.id.clone()),
        name: None,
        arn: None,
    };
    let mut out = Compact { resource: resource(None), actor: Actor::default(), ..finding.clone() };
    match entity.kind {
        EntityKind::Host => out.resource = resource(Some("AWS::EC2::Instance")),
        EntityKind::Bucket => {
            out.resource = Resource { name: Some(entity.id.clone()), ..resource(Some("AWS::S3::Bucket")) };
        }
        EntityKind::Key => {
            out.resource = resource(Some("AWS::IAM::AccessKey"));
            out.actor.access_key = Some(entity.id.clone());
        }
        EntityKind::Principal => out.actor.principal = Some(entity.id.clone()),
        EntityKind::Ip => {
            (out.resource, out.actor.ip) = (Resource::default(), Some(entity.id.clone()));
        }
        EntityKind::Account => {
            (out.resource, out.account) = (Resource::default(), Some(entity.id.clone()));
        }
        EntityKind::Other => {}
    }
    out
}

/// What the actions of the open session are aimed at, where it is not its first finding.
pub fn aimed(model: &Model) -> Option<&Aim> {
    let session = model.session.as_ref()?;
    model.incident.aim.as_deref().filter(|aim| aim.session == session.id)
}

fn typed_values(incident: &Incident) -> impl Iterator<Item = (&Untrusted, &Variable)> {
    incident.variables.iter().filter(|(_, variable)| variable.from == Untrusted::from("typed"))
}

/// What a plan says of a value in it that was typed, maybe for what the steps spoke of before.
pub fn typed_for_another(model: &Model, plan: &Plan) -> Option<String> {
    let aim = aimed(model).filter(|_| plan.undo_of.is_none())?;
    let incident = model.session.as_ref()?.pending();
    let sent = serde_json::to_string(&plan.requests).ok()?;
    let stands = |value: &Untrusted| serde_json::to_string(value).is_ok_and(|text| sent.contains(&text));
    let named = typed_values(incident).filter(|(_, variable)| stands(&variable.value));
    let named: Vec<String> =
        named.map(|(name, variable)| format!("{} = {}", name.line(), variable.value.line())).collect();
    (!named.is_empty()).then(|| {
        format!("Typed, and not of what steps are aimed at by itself: {}. Is it of {}?", named.join(", "), aim.words)
    })
}

/// What an undo says of a target that steps are not aimed at.
pub fn elsewhere(model: &Model, plan: &Plan) -> Option<String> {
    let aim = aimed(model)?;
    let names = fields::FIELDS.iter().filter_map(|field| fields::value(&aim.finding, field.name));
    let is = |value: Untrusted| value == plan.target.resource;
    (plan.undo_of.is_some() && !names.into_iter().any(is)).then(|| {
        format!("Steps are aimed at {}: this undoes what was done to {}.", aim.words, plan.target.resource.line())
    })
}

/// Where the target of a plan is from; none of what an undo or this machine's own command acts on.
pub fn origin(model: &Model, plan: &Plan) -> Option<(String, bool)> {
    let incident = model.session.as_ref()?.pending();
    if plan.undo_of.is_some() || plan.requests.iter().all(|request| request.service == LOCAL) {
        return None;
    }
    let resource = &plan.target.resource;
    Some(found_in(incident, resource).or_else(|| looked_up(incident, resource)).unwrap_or_else(|| {
        let (words, typed) = typed_in(model, incident, resource);
        match beside(incident, plan).filter(|_| !typed) {
            Some(words) => (words, false),
            None => (words, typed),
        }
    }))
}

/// The last look-up that told of it.
fn looked_up(incident: &Incident, resource: &Untrusted) -> Option<(String, bool)> {
    let tells = |looked: &&Looked| looked.made.told.iter().any(|told| told.value == *resource);
    let made = &incident.lookups.iter().rev().find(tells)?.made;
    Some((format!("the look-up of {} in AWS; no finding names it", made.subject.line()), false))
}

/// What is sent beside the target and is known: a key that AWS lists of a user is not named by itself.
fn beside(incident: &Incident, plan: &Plan) -> Option<String> {
    let texts = plan.requests.iter().filter_map(|request| request.input.as_object()).flat_map(|input| input.values());
    let mut known = texts.filter_map(|value| {
        let value = Untrusted::from(value.as_str()?);
        let place = [&plan.target.account, &plan.target.region, &plan.target.resource];
        let (from, _) = found_in(incident, &value).filter(|(_, typed)| !typed && !place.contains(&&value))?;
        Some(format!("what AWS has of {}; that is from {from}", value.line()))
    });
    known.next()
}

fn found_in(incident: &Incident, resource: &Untrusted) -> Option<(String, bool)> {
    let wanted = resource.line();
    // An ARN's end is a name or an id of the same.
    let is = |value: Untrusted| {
        value == *resource || value.line().as_str().rsplit(['/', ':']).next() == Some(wanted.as_str())
    };
    let says = |f: &Compact| fields::FIELDS.iter().filter_map(|field| fields::value(f, field.name)).any(&is);
    let count = incident.findings.len();
    let finding = incident.findings.iter().position(|f| says(&f.finding)).map(|at| match count {
        1 => ("the finding".to_owned(), false),
        _ => (format!("finding {} of {count}", at + 1), false),
    });
    let entity = || {
        let entity = incident.entities.iter().find(|e| e.id == *resource)?;
        let typed = entity.provenance == Provenance::Typed;
        Some((format!("an entity of the incident, {}", provenance(entity.provenance)), typed))
    };
    finding.or_else(entity)
}

fn typed_in(model: &Model, incident: &Incident, resource: &Untrusted) -> (String, bool) {
    let typed = incident.variables.values().any(|variable| variable.value == *resource)
        || model.incident.tried.values().any(|value| value == resource);
    match typed {
        true => ("TYPED: no finding and no entity of the incident names it".to_owned(), true),
        false => ("the runbook's text or the configuration; no finding names it".to_owned(), false),
    }
}
