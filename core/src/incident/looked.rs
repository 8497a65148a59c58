//! What was looked up of the things that an incident is about: the latest answer of each look-up on each of them, what of it
//! may belong to the incident, and the values that runbooks take from it.

use super::{EntityKind, Incident, Link, Looked, LookupMade, Stamp};
use crate::finding::{Compact, fields};
use crate::runbook::variables::OfLookup;
use crate::text::Untrusted;

impl Incident {
    /// The latest answer takes the place of the one before it, and stands last.
    pub(super) fn look(&mut self, link: &Link, made: &LookupMade, stamp: Stamp) {
        let same = |d: &LookupMade| (&d.lookup, &d.subject) == (&made.lookup, &made.subject);
        self.lookups.retain(|known| !same(&known.made));
        self.lookups.push(Looked { link: link.clone(), stamp, made: made.clone() });
    }

    /// What look-ups have told that may belong to the incident and is not noted yet, each once.
    pub fn found(&self) -> Vec<(EntityKind, &Untrusted)> {
        let mut found: Vec<(EntityKind, &Untrusted)> = Vec::new();
        let told = self.lookups.iter().flat_map(|looked| &looked.made.told);
        for (kind, id) in told.filter_map(|told| Some((told.entity?, &told.value))) {
            let noted = self.entities.iter().any(|known| known.kind == kind && known.id == *id);
            if !noted && !found.contains(&(kind, id)) {
                found.push((kind, id));
            }
        }
        found
    }

    /// What a look-up calls by that name, of what the finding names; nothing where it tells several, since nobody can
    /// say which is meant.
    pub(super) fn told(&self, finding: &Compact, of: &OfLookup) -> Option<Untrusted> {
        let name = Untrusted::from(&*of.name);
        let names = |subject: &Untrusted| {
            fields::FIELDS.iter().any(|field| fields::value(finding, field.name).as_ref() == Some(subject))
        };
        let elsewhere = |made: &LookupMade| {
            let other =
                |known: &Option<Untrusted>, of: Option<&Untrusted>| known.as_ref().zip(of).is_some_and(|(a, b)| a != b);
            other(&finding.account, made.account.as_ref()) || other(&finding.region, Some(&made.region))
        };
        let is_of = |looked: &&Looked| {
            looked.made.lookup == Untrusted::from(&*of.lookup)
                && names(&looked.made.subject)
                && !elsewhere(&looked.made)
        };
        let made = &self.lookups.iter().rev().find(is_of)?.made;
        let mut values = made.told.iter().filter(|told| told.name == name).map(|told| &told.value);
        let value = values.next()?;
        values.all(|other| other == value).then(|| value.clone())
    }
}
