//! The state of the simulated account, and how it moves on with the clock.
//!
//! Nothing runs by itself: each request brings the time, and all that was due until then happens first, in order.

use super::account::Account;
use super::arrivals::Schedule;
use super::caller::Session;
use super::chance::Chance;
use super::finding::Held;
use super::gate::Gate;
use super::scenario::Scenario;
use super::securityhub::Hub;
use super::ssm::Automations;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// Everything there is.
pub(super) struct World {
    pub scenario: Scenario,
    pub chance: Chance,
    /// When the account was started.
    pub start: Timestamp,
    /// Simulated time up to which everything has happened.
    pub now: Timestamp,
    pub account: Account,
    /// GuardDuty's findings, by id.
    pub findings: BTreeMap<String, Held>,
    pub schedule: Schedule,
    pub hub: Hub,
    pub automations: Automations,
    /// Sessions of assumed roles, by access key.
    pub sessions: BTreeMap<String, Session>,
    pub gate: Gate,
    /// Answers given, which makes request ids differ.
    pub answered: u64,
}

impl World {
    pub fn new(scenario: Scenario, seed: u64, start: Timestamp) -> Self {
        let account = Account::new(&scenario, start);
        let chance = Chance(seed);
        let mut world = Self {
            schedule: Schedule::default(),
            scenario,
            chance,
            start,
            now: start,
            account,
            findings: BTreeMap::new(),
            hub: Hub::default(),
            automations: Automations::default(),
            sessions: BTreeMap::new(),
            gate: Gate::default(),
            answered: 0,
        };
        super::arrivals::begin(&mut world);
        world
    }

    /// Lets everything happen that is due until then; a clock that went back changes nothing.
    pub fn advance(&mut self, to: Timestamp) {
        loop {
            // On a tie the automation goes first: what it changed is what the finding shows.
            let (step, finding) = (self.automations.next_due(), self.schedule.next_due());
            let automation = step.is_some() && finding.is_none_or(|at| step <= Some(at));
            let next = if automation { step } else { finding };
            let Some(at) = next.filter(|at| *at <= to) else { break };
            self.now = self.now.max(at);
            match automation {
                true => super::ssm::happen(self),
                false => super::arrivals::happen(self),
            }
        }
        self.now = self.now.max(to);
        super::arrivals::forget(self);
    }

    pub fn user_arn(&self, name: &str) -> String {
        format!("arn:aws:iam::{}:user/{name}", self.scenario.account)
    }

    pub fn role_arn(&self, name: &str) -> String {
        format!("arn:aws:iam::{}:role/{name}", self.scenario.account)
    }
}
