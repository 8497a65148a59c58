//! Who has which role in the incident: what a runbook's steps say of roles is for people, and forbids nobody anything.

use super::event::RoleSet;
use super::state::{Incident, Stamp};
use crate::text::Untrusted;
use serde::Serialize;

/// A role that somebody has.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RoleHeld {
    pub role: Untrusted,
    /// The person's name, as their console told it then.
    pub who: Untrusted,
    #[serde(flatten)]
    pub stamp: Stamp,
}

/// One role, however its letters are written.
fn key(role: &Untrusted) -> String {
    role.line().as_str().trim().to_lowercase()
}

impl Incident {
    /// Who has a role, in the order in which they took it.
    pub fn holders<'a>(&'a self, role: &Untrusted) -> impl Iterator<Item = &'a Untrusted> {
        let wanted = key(role);
        self.roles.iter().filter(move |held| key(&held.role) == wanted).map(|held| &held.who)
    }

    /// Who has a role that `me` has not; nobody where nobody has it.
    pub fn others(&self, role: &Untrusted, me: Option<&Untrusted>) -> Vec<&Untrusted> {
        let all: Vec<_> = self.holders(role).collect();
        if all.iter().any(|who| Some(*who) == me) { Vec::new() } else { all }
    }

    pub(super) fn set_role(&mut self, d: &RoleSet, stamp: Stamp) {
        let same = |held: &RoleHeld| key(&held.role) == key(&d.role) && held.who == d.who;
        match (d.on, self.roles.iter().any(same)) {
            (true, false) => self.roles.push(RoleHeld { role: d.role.clone(), who: d.who.clone(), stamp }),
            (false, true) => self.roles.retain(|held| !same(held)),
            _ => {}
        }
    }
}
