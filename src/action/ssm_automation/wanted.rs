//! What is asked for: which document with which parameters, and what a plan of it says in words.

use super::super::fields::{self, known as known_fields, refuse};
use super::super::request::Request;
use super::super::{calls, instance};
use super::document::{self, Document};
use super::known::{Known, UNKNOWN_DANGER, UNKNOWN_FLOOR, known};
use super::locations::Locations;
use super::parameters::{self, Parameters};
use super::{INFO, contain, short};
use crate::problem::Problem;
use quell_core::incident::{PlannedRequest, Target};
use quell_core::text::Untrusted;
use serde_json::json;

/// What is asked for.
pub(super) struct Wanted {
    /// As the call names it: a name, or the ARN of a shared document.
    pub name: String,
    pub version: Option<String>,
    pub parameters: Parameters,
    pub known: Option<&'static Known>,
    pub locations: Option<Locations>,
}

/// What a plan says in words.
pub(super) struct Words {
    pub destroys: Vec<Untrusted>,
    pub warnings: Vec<Untrusted>,
    pub undo: String,
}

impl Wanted {
    pub fn of(request: &Request) -> Result<Self, Problem> {
        known_fields(&INFO, request)?;
        let (name, version) = document::named(request)?;
        let parameters = parameters::given(request)?;
        contain::explicit(short(&name), &parameters)?;
        let locations = Locations::given(request)?;
        if locations.is_some() && contain::is(short(&name)) && !contain::dry(short(&name), &parameters) {
            return Err(refuse(format!("{} is not run in several places at once", short(&name)))
                .meaning(
                    "it writes a backup of its own in each, and Restore takes one: it could not be undone as a whole",
                )
                .next("contain in each account and region by an action of its own; a dry run can go everywhere"));
        }
        Ok(Self { version, parameters, known: known(short(&name)), locations, name })
    }

    /// What the run acts on: the document's own target, else the value that names the finding's resource, else the
    /// document.
    pub fn resource(&self, request: &Request) -> String {
        let own = self.known.and_then(|known| parameters::single(&self.parameters, known.target));
        if let Some(own) = own {
            return own.to_owned();
        }
        let finding = request.finding.as_ref();
        let named = finding.map(|f| [&f.resource.id, &f.resource.name, &f.resource.arn, &f.actor.access_key]);
        let named: Vec<&Untrusted> = named.into_iter().flatten().flatten().collect();
        let values = self.parameters.values().flatten();
        let value = values.into_iter().find(|value| named.contains(&&Untrusted::from(value.as_str())));
        value.cloned().unwrap_or_else(|| self.name.clone())
    }

    /// What quell knows of the document; of a name alone it knows nothing.
    fn knows(&self, document: &Document) -> Option<&'static Known> {
        self.known.filter(|_| document.of_amazon())
    }

    pub fn dry(&self) -> bool {
        contain::dry(short(&self.name), &self.parameters)
    }

    /// What is said where the run shuts out the very principal that quell acts as, or the instance that it runs on.
    pub fn own(&self, caller: &calls::Caller) -> Option<&'static str> {
        let target = self.known.and_then(|known| parameters::single(&self.parameters, known.target));
        let here = |id: &str| instance::is_own(caller, id);
        let host = match self.known {
            // What only reads, or adds, does it no harm.
            Some(known) => known.danger > 1 && target.is_some_and(here),
            None => self.parameters.values().flatten().any(|value| here(value)),
        };
        let name = target.filter(|_| short(&self.name) == contain::IAM);
        match name.is_some_and(|name| calls::is_own(caller, name)) {
            _ if self.dry() => None,
            true => Some(calls::OWN_ACCESS),
            false => host.then_some(instance::OWN),
        }
    }

    pub fn danger(&self, request: &Request, document: &Document, own: bool) -> Result<u8, Problem> {
        let danger = self.danger_in_one(request, document, own)?;
        let harmless = self.knows(document).is_some_and(|known| self.dry() || known.undo.is_empty());
        // What is wide can't be watched, and whom it hits is read by nobody.
        Ok(match (&self.locations, harmless) {
            (None, _) => danger,
            (Some(_), true) => danger.max(2),
            (Some(_), false) => 3,
        })
    }

    fn danger_in_one(&self, request: &Request, document: &Document, own: bool) -> Result<u8, Problem> {
        match self.knows(document) {
            _ if own => fields::danger(3, request),
            Some(_) if self.dry() => fields::danger(1, request),
            // What can't be had again is irreversible, whatever else the run does.
            Some(_) if contain::destroys(short(&self.name), &self.parameters).is_some() => fields::danger(3, request),
            Some(known) => fields::danger(known.danger, request),
            // It is not known what it does: the runbook may say so, but not that it is harmless.
            _ if request.danger.is_none() => Ok(UNKNOWN_DANGER),
            _ => fields::danger(UNKNOWN_FLOOR, request),
        }
    }

    pub fn words(&self, document: &Document, own: Option<&'static str>, target: &Target) -> Words {
        let mut warnings: Vec<Untrusted> = own.into_iter().map(Untrusted::from).collect();
        let (known, name) = (self.knows(document), short(&self.name));
        match known {
            None => warnings.push("quell does not know what this document does: read it before approving.".into()),
            Some(_) => warnings.extend(contain::warnings(name, &self.parameters).into_iter().map(Untrusted::from)),
        }
        if !self.parameters.contains_key("AutomationAssumeRole") && !self.dry() {
            let text =
                "No AutomationAssumeRole is given: the automation acts with the permissions of whoever starts it.";
            warnings.push(text.into());
        }
        warnings.extend(self.locations.as_ref().map(|locations| locations.warning(target).into()));
        let destroys = known.map(|known| contain::destroys(name, &self.parameters).unwrap_or(known.destroys));
        let destroys = destroys.or(Some("what this document destroys, which quell does not know"));
        let undo = known.and_then(|_| contain::undo_words(name, &self.parameters));
        let undo = undo.unwrap_or_else(|| match known.map(|known| known.undo) {
            Some("") => "Nothing to undo: the document only reads.",
            Some(undo) => undo,
            None => "quell can't undo it: act by what the document says.",
        });
        Words {
            destroys: destroys.into_iter().filter(|text| !text.is_empty()).map(Untrusted::from).collect(),
            warnings,
            undo: if self.locations.is_some() { format!("In each place by itself: {undo}") } else { undo.to_owned() },
        }
    }

    /// The one request. Its client token and tag are made of the action's own record, which the plan precedes.
    pub fn start(&self, document: &Document) -> PlannedRequest {
        let mut input = json!({ "DocumentName": self.name, "Parameters": self.parameters, "Mode": "Auto" });
        let version = self.version.as_deref().or_else(|| document.pinned());
        let version = version.map(|version| ("DocumentVersion", json!(version)));
        let locations = self.locations.as_ref().map(|locations| ("TargetLocations", locations.input()));
        let more = version.into_iter().chain(locations).map(|(name, value)| (name.to_owned(), value));
        if let Some(members) = input.as_object_mut() {
            members.extend(more);
        }
        PlannedRequest { service: "ssm".to_owned(), operation: "StartAutomationExecution".to_owned(), input }
    }
}
