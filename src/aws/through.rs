//! Readers and writers in accounts that are reached through a role.

use super::arm::{Armed, Refused};
use super::clients::{Base, Clients};
use super::connection::{Connection, Known};
use super::identity::Identity;
use super::reader::Reader;
use super::role::{
    Bearer, DEFAULT, NotTaken, Renewing, Session, Source, Want, other_role, role_for, signed_with, take,
};
use crate::problem::Problem;
use aws_config::SdkConfig;
use aws_credential_types::provider::SharedCredentialsProvider;
use quell_core::incident::{Target, Through};
use quell_core::text::id::{AccountId, Arn, SessionName};
use quell_core::text::{Id, Untrusted, json};
use serde_json::Value;
use std::sync::Arc;

/// How long the session of a plan is given for, in seconds: as short as STS gives one.
const PLAN: i32 = 900;
/// How long one is given for that reads, or that an automation lives on: a role that was taken on by a role can have no
/// more.
const LONG: i32 = 3600;

impl Connection {
    /// A reader of what stands in an account and region: in a session of the role that the configuration names for the
    /// account, limited to `policy`; with the responder's own credentials where it names none.
    ///
    /// # Errors
    /// Where the role can't be taken on, or is of another account.
    pub async fn reader_in(
        &self,
        account: Option<&Untrusted>,
        region: &str,
        bearer: &Bearer,
        policy: &Value,
    ) -> Result<Reader, Problem> {
        Ok(self.session_in(account, region, bearer, policy).await?)
    }

    /// The same, and whether it was said to be so or only not known.
    ///
    /// # Errors
    /// Where the role can't be taken on, or is of another account.
    pub async fn session_in(
        &self,
        account: Option<&Untrusted>,
        region: &str,
        bearer: &Bearer,
        policy: &Value,
    ) -> Result<Reader, NotTaken> {
        let account = account.and_then(|account| account.parse::<AccountId>().ok());
        let Some(account) = account.filter(|_| !self.0.options.roles.is_empty()) else {
            return Ok(self.reader(region));
        };
        let own = self.known().await.map_err(|problem| NotTaken { problem, refused: false })?;
        let Some(role) = self.role_for(account.as_str(), &own) else { return Ok(self.reader(region)) };
        self.session(role, &own, (&account, region), bearer, policy).await
    }

    /// The accounts for which the configuration names a role of their own, and where it names a usual one those that it
    /// knows by a name.
    pub fn accounts(&self) -> Vec<Id<AccountId>> {
        let options = &self.0.options;
        let own = options.roles.keys().filter_map(|account| Id::<AccountId>::new(account).ok());
        let usual = options
            .accounts
            .iter()
            .filter(|account| options.roles.contains_key(DEFAULT) && !options.roles.contains_key(account.as_str()));
        own.chain(usual.cloned()).collect()
    }

    /// A reader as whom a plan is carried out, limited to `policy`.
    ///
    /// # Errors
    /// Where the plan's role is not the configuration's any more, or can't be taken on.
    pub async fn reader_of(&self, target: &Target, policy: &Value) -> Result<Reader, Problem> {
        let region = target.region.line().into_string();
        let Some(through) = &target.through else { return Ok(self.reader(&region)) };
        let own = self.known().await?;
        let bearer = planned(through).map_err(Problem::from)?;
        let account = target.account.parse::<AccountId>().map_err(|_| Refused::BadTarget("account is none"))?;
        let role = self.planned_role(&account, through, &own)?;
        Ok(self.session(role, &own, (&account, &region), &bearer, policy).await?)
    }

    /// Each role that the configuration leads to an account by, taken on in a session that is limited to `policy`; of the
    /// usual role's accounts those that the configuration has a name for: others are not known beforehand.
    pub async fn roles(&self, bearer: &Bearer, policy: &Value) -> Vec<(String, Result<Session, NotTaken>)> {
        let mut all = Vec::new();
        for account in self.accounts() {
            let own = match self.known().await {
                Ok(own) => own,
                Err(problem) => {
                    all.push((account.to_string(), Err(NotTaken { problem, refused: false })));
                    continue;
                }
            };
            let Some(role) = self.role_for(account.as_str(), &own) else { continue };
            let reader = self.session(role.clone(), &own, (&account, self.region()), bearer, policy).await;
            all.extend(match reader {
                Ok(reader) => reader.session().map(|session| (role, Ok(session.clone()))),
                Err(not) => Some((role, Err(not))),
            });
        }
        all
    }

    /// Who the responder is: as it was told last, or asked now.
    async fn known(&self) -> Result<Identity, Problem> {
        match self.0.known.get() {
            Some(own) => Ok(own),
            None => self.identity().await,
        }
    }

    pub(super) fn role_for(&self, account: &str, own: &Identity) -> Option<String> {
        role_for(&self.0.options.roles, account, own)
    }

    /// The plan's role, if it is the one that the configuration names.
    fn planned_role(&self, account: &Id<AccountId>, through: &Through, own: &Identity) -> Result<String, Problem> {
        let planned = through.role.parse::<Arn>().map_err(|_| Refused::BadTarget("role is none"))?;
        let configured = self.role_for(account.as_str(), own);
        match configured.filter(|role| role == planned.as_str()) {
            Some(role) => Ok(role),
            None => Err(other_role(planned.as_str(), self.role_for(account.as_str(), own).as_deref())),
        }
    }

    async fn session(
        &self,
        role: String,
        own: &Identity,
        (account, region): (&Id<AccountId>, &str),
        bearer: &Bearer,
        policy: &Value,
    ) -> Result<Reader, NotTaken> {
        let key = format!("{role} {region} {bearer:?} {}", json::to_string(policy).unwrap_or_default());
        if let Some(reader) = self.built(&key) {
            return Ok(reader);
        }
        let want = Want {
            role: role.clone(),
            session: bearer.session().to_owned(),
            source: match bearer.source().filter(|_| !self.is_unnamed(&role)) {
                Some(name) => Source::Try(name.to_owned()),
                None => Source::Exactly(None),
            },
            policy: Some(policy.clone()),
            seconds: LONG,
            account: account.as_str().to_owned(),
            partition: own.partition.clone(),
            region: region.to_owned(),
        };
        let desk = self.desk();
        let base = desk.base.clone();
        let (renewing, taken) = Renewing::begin(desk, want).await?;
        let sdk = signed_with(&base.sdk, SharedCredentialsProvider::new(renewing));
        let known = Known::of(&taken.identity);
        let clients = Clients::reading(&Base { sdk, known: known.clone(), ..base }, region);
        let session = Session {
            role,
            name: bearer.session().to_owned(),
            source: taken.source,
            asked: bearer.source().is_some(),
            own: own.clone(),
        };
        let profile = self.profile().map(Arc::from);
        let reader = Reader::new(clients, known, profile).within(session);
        self.keep(key, reader.clone());
        Ok(reader)
    }

    /// Credentials for one plan: of a session of its role, limited to the policy that was approved with it, taken on now.
    /// Whose they are was asked of STS.
    pub(super) async fn sealed(
        &self,
        armed: &Armed,
        target: &Target,
        through: &Through,
    ) -> Result<(SdkConfig, Identity), Refused> {
        let own = self.identity().await.map_err(Refused::NoIdentity)?;
        armed.admit(&own)?;
        let account = target.account.parse::<AccountId>().map_err(|_| Refused::BadTarget("account is none"))?;
        let role = self.planned_role(&account, through, &own).map_err(Refused::NoRole)?;
        let bearer = planned(through)?;
        let want = Want {
            role,
            session: bearer.session().to_owned(),
            source: Source::Exactly(bearer.source().map(str::to_owned)),
            seconds: if through.policy.is_some() { PLAN } else { LONG },
            policy: through.policy.clone(),
            account: account.as_str().to_owned(),
            partition: target.partition.line().into_string(),
            region: target.region.line().into_string(),
        };
        let desk = self.desk();
        let taken = take(&desk, &want).await.map_err(|not| Refused::NoRole(not.problem))?;
        Ok((signed_with(&desk.base.sdk, SharedCredentialsProvider::new(taken.credentials)), taken.identity))
    }
}

/// The session's name and the source identity of a plan, by their grammar.
fn planned(through: &Through) -> Result<Bearer, Refused> {
    let bad = |_| Refused::BadTarget("session has no name that STS takes");
    let name = |text: &Untrusted| text.parse::<SessionName>().map_err(bad);
    let source = through.source.as_ref().map(name).transpose()?;
    Ok(Bearer::planned(&name(&through.session)?, source.as_ref()))
}
