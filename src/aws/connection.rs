//! One set of credentials and what they lead to.

use super::BoxFuture;
use super::allow::{Allow, Lists};
use super::arm::{Armed, Refused};
use super::calls::CallLog;
use super::clients::{Base, Clients};
use super::endpoint;
use super::errors::{Failure, Scope};
use super::handed;
use super::identity::Identity;
use super::load::{ConnectOptions, StaticAccess, by_hand, configured};
use super::reader::Reader;
use super::role::{Desk, Handed, other_role};
use super::sent::Sent;
use super::writer::Writer;
use crate::problem::{Problem, clean};
use crate::runtime::Runtime;
use crate::timeline::Permit;
use aws_config::SdkConfig;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use jiff::Timestamp;
use quell_core::incident::{Plan, names};
use quell_core::text::Untrusted;
use quell_core::text::id::{AccountId, BucketName, Id, Partition, Region, WebhookUrl};
use quell_core::text::secret::Secrets;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

/// What stands at the other end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConnectionKind {
    /// AWS.
    Real,
    /// An endpoint that the user configured, for one service at least. It counts as real.
    Endpoint(String),
    /// The account inside this process.
    Simulated,
}

/// One set of credentials: hands out readers, and a writer for each permit.
#[derive(Clone)]
pub struct Connection(pub(super) Arc<Inner>);

pub(super) struct Inner {
    pub(super) options: ConnectOptions,
    kind: ConnectionKind,
    regions: Vec<String>,
    pub(super) runtime: Runtime,
    lists: Arc<Lists>,
    log: CallLog,
    pub(super) known: Known,
    /// The mark by which an [`Armed`] is known as this connection's.
    mark: Arc<()>,
    clients: Mutex<Built>,
    /// What STS gave out for roles.
    handed: Handed,
    webhooks: Arc<BTreeMap<String, Id<WebhookUrl>>>,
}

/// What is built anew when the credentials are.
struct Built {
    sdk: SdkConfig,
    readers: HashMap<String, Reader>,
    /// Readers in sessions of roles, by all that makes them differ.
    sessions: HashMap<String, Reader>,
}

impl Built {
    fn of(sdk: SdkConfig) -> Self {
        Self { sdk, readers: HashMap::new(), sessions: HashMap::new() }
    }
}

/// The identity that was last told, for words and for the check of an armed connection.
#[derive(Clone, Default)]
pub(super) struct Known(Arc<Mutex<Option<Identity>>>);

impl Known {
    /// One that is known from the start.
    pub(super) fn of(identity: &Identity) -> Self {
        let known = Self::default();
        known.set(identity);
        known
    }

    pub(super) fn get(&self) -> Option<Identity> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, identity: &Identity) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(identity.clone());
    }

    pub(super) fn account(&self) -> Option<String> {
        self.get().map(|identity| identity.account.as_str().to_owned())
    }
}

impl Connection {
    /// Connects as the user's AWS configuration says; no call is made yet. Without a region it is an error.
    pub async fn load(options: ConnectOptions, allow: Allow, runtime: Runtime) -> Result<Self, Problem> {
        for region in &options.regions {
            Id::<Region>::new(region).map_err(|bad| Problem::input(format!("--region {}: {bad}", clean(region))))?;
        }
        let sdk = configured(&options, None).await?;
        let kind = endpoint::any(&sdk).map_or(ConnectionKind::Real, ConnectionKind::Endpoint);
        let regions = match options.regions.as_slice() {
            [] => sdk.region().map(|region| vec![region.as_ref().to_owned()]).unwrap_or_default(),
            regions => regions.to_vec(),
        };
        if regions.is_empty() {
            return Err(Problem::input("no AWS region is configured")
                .meaning("quell does not know where to look for findings")
                .next("give --region, set AWS_REGION, or set a region in the profile"));
        }
        Ok(Self::new(sdk, kind, regions, options, allow, runtime))
    }

    /// Connects to an account behind `http`, from values alone: no environment and no network.
    pub fn simulated(http: SharedHttpClient, access: &StaticAccess, allow: Allow, runtime: Runtime) -> Self {
        Self::simulated_with(http, access, allow, runtime, ConnectOptions::default())
    }

    /// The same, with what the configuration says of ids that are never touched and of roles.
    pub fn simulated_with(
        http: SharedHttpClient,
        access: &StaticAccess,
        allow: Allow,
        runtime: Runtime,
        options: ConnectOptions,
    ) -> Self {
        let sdk = by_hand(http, access, &runtime);
        let regions = vec![access.region.clone()];
        Self::new(sdk, ConnectionKind::Simulated, regions, options, allow, runtime)
    }

    pub(super) fn new(
        sdk: SdkConfig,
        kind: ConnectionKind,
        regions: Vec<String>,
        options: ConnectOptions,
        allow: Allow,
        runtime: Runtime,
    ) -> Self {
        let webhooks = Arc::new(options.webhooks.clone());
        Self(Arc::new(Inner {
            webhooks,
            options,
            kind,
            regions,
            runtime,
            lists: Arc::new(Lists::from(allow)),
            log: CallLog::default(),
            known: Known::default(),
            mark: Arc::new(()),
            clients: Mutex::new(Built::of(sdk)),
            handed: Handed::default(),
        }))
    }

    /// What stands at the other end.
    pub fn kind(&self) -> &ConnectionKind {
        &self.0.kind
    }

    /// The region where the connection is at home.
    pub fn region(&self) -> &str {
        self.0.regions.first().map(String::as_str).unwrap_or_default()
    }

    /// The regions to read findings in; at least one.
    pub fn regions(&self) -> &[String] {
        &self.0.regions
    }

    /// The clock, tasks and sleep that the connection was given.
    pub fn runtime(&self) -> &Runtime {
        &self.0.runtime
    }

    /// What must not be kept of the credentials that calls are signed with now, wherever they came from.
    pub async fn secrets(&self) -> Secrets {
        let provider = {
            let built = self.0.clients.lock().unwrap_or_else(PoisonError::into_inner);
            built.sdk.credentials_provider()
        };
        // Whoever knows an address of this sort can post to it.
        let posted = self.0.webhooks.values().map(|url| url.as_str().to_owned());
        Secrets::of(handed::of(provider).await.chain(self.0.handed.secrets()).chain(posted))
    }

    /// The calls that were made over this connection.
    pub fn calls(&self) -> &CallLog {
        &self.0.log
    }

    /// Clients of a region that may only read.
    pub fn reader(&self, region: &str) -> Reader {
        let mut built = self.0.clients.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(reader) = built.readers.get(region) {
            return reader.clone();
        }
        let base = self.base(built.sdk.clone());
        let profile = self.profile().map(Arc::from);
        let reader = Reader::new(Clients::reading(&base, region), self.0.known.clone(), profile);
        built.readers.insert(region.to_owned(), reader.clone());
        reader
    }

    /// Who the caller is, asked of the home region's STS each time.
    pub async fn identity(&self) -> Result<Identity, Problem> {
        self.identity_in(&self.reader(self.region())).await
    }

    async fn identity_in(&self, reader: &Reader) -> Result<Identity, Problem> {
        let operation = "sts:GetCallerIdentity";
        let answer = match reader.sts().get_caller_identity().send().await {
            Ok(answer) => answer,
            Err(error) => return Err(Failure::of(&error).problem(operation, &reader.scope())),
        };
        match Identity::new(answer.account(), answer.arn(), answer.user_id()) {
            Ok(identity) => {
                self.0.known.set(&identity);
                Ok(identity)
            }
            Err(what) => Err(Failure::unreadable(what, None).problem(operation, &reader.scope())),
        }
    }

    /// Reads the AWS configuration again, for credentials that were renewed outside. The simulated account's stay.
    pub async fn renew(&self) {
        if self.0.kind == ConnectionKind::Simulated {
            return;
        }
        let http = self.sdk().http_client();
        // A profile that went away meanwhile leaves what was known.
        let Ok(sdk) = configured(&self.0.options, http).await else { return };
        let mut built = self.0.clients.lock().unwrap_or_else(PoisonError::into_inner);
        *built = Built::of(sdk);
    }

    /// Leave to change something, until nobody was at the keyboard for 30 minutes.
    pub fn arm(&self, now: Timestamp) -> Result<Armed, Refused> {
        if self.0.options.read_only {
            return Err(Refused::ReadOnly);
        }
        let lapses = (self.0.kind != ConnectionKind::Simulated).then_some(now);
        Ok(Armed::new(self.0.mark.clone(), self.0.known.get().as_ref(), lapses))
    }

    /// Whether the configuration lets a plan's target and requests be touched, and what it `reaches` beside them.
    pub fn spares(&self, plan: &Plan, reaches: &[Untrusted]) -> Result<(), Refused> {
        let reached = |id: &str| reaches.iter().any(|one| names(one.line().as_str(), id));
        match self.0.options.never.iter().find(|id| plan.touches(id) || reached(id)) {
            Some(id) => Err(Refused::Never(id.clone())),
            None => Ok(()),
        }
    }

    /// What the configuration names as never touched by a word that may be a bucket's, where all buckets are reached: its
    /// ARN alone would say so.
    pub fn doubted(&self, reaches: &[Untrusted]) -> Vec<&str> {
        let all_buckets = reaches.iter().any(|one| one.line().as_str().ends_with(":s3:::*"));
        let hex = |end: &str| [8, 17].contains(&end.len()) && end.bytes().all(|b| b.is_ascii_hexdigit());
        let is_id = |name: &str| name.parse::<u64>().is_ok() || name.rsplit_once('-').is_some_and(|(_, end)| hex(end));
        let may_be = |name: &&str| all_buckets && Id::<BucketName>::new(name).is_ok() && !is_id(name);
        self.0.options.never.iter().map(String::as_str).filter(may_be).collect()
    }

    /// Clients for the one action that the permit names: the plan must be the approved one, and the caller must be in
    /// its target's account right now. All clients are pinned to the target's region.
    pub fn writer<'a>(
        &'a self,
        armed: &'a Armed,
        permit: Permit,
        plan: &'a Plan,
    ) -> BoxFuture<'a, Result<Writer, Refused>> {
        Box::pin(self.checked_writer(armed, permit, plan))
    }

    async fn checked_writer(&self, armed: &Armed, permit: Permit, plan: &Plan) -> Result<Writer, Refused> {
        if !Arc::ptr_eq(&armed.of, &self.0.mark) || !armed.is_live(self.0.runtime.now()) {
            return Err(Refused::NotArmed);
        }
        if plan.hash().ok().as_deref() != Some(permit.plan_hash()) {
            return Err(Refused::OtherPlan);
        }
        self.spares(plan, &[])?;
        let target = &plan.target;
        let account = target.account.parse::<AccountId>().map_err(|_| Refused::BadTarget("account is none"))?;
        let partition = target.partition.parse::<Partition>().map_err(|_| Refused::BadTarget("partition is none"))?;
        let region = target.region.parse::<Region>().map_err(|_| Refused::BadTarget("region is none"))?;
        let base = match &target.through {
            Some(through) => {
                let (sdk, identity) = self.sealed(armed, target, through).await?;
                Base { known: Known::of(&identity), ..self.base(sdk) }
            }
            None => self.base(self.own(armed, (&partition, &account, &region)).await?),
        };
        let sent = Sent::default();
        let clients = Clients::writing(&base, region.as_str(), sent.clone());
        let scope = Scope {
            account: Some(account.as_str().to_owned()),
            region: region.as_str().to_owned(),
            profile: self.profile(),
        };
        Ok(Writer::new(clients, permit, sent, scope, target.clone()))
    }

    /// The responder's own credentials, once it is sure that they are the armed one's and the target's.
    async fn own(
        &self,
        armed: &Armed,
        (partition, account, region): (&Id<Partition>, &Id<AccountId>, &Id<Region>),
    ) -> Result<SdkConfig, Refused> {
        let caller = self.identity_in(&self.reader(region.as_str())).await.map_err(Refused::NoIdentity)?;
        if let Some(role) = self.role_for(account.as_str(), &caller) {
            return Err(Refused::NoRole(other_role("yourself", Some(&role))));
        }
        if caller.account != *account || caller.partition != partition.as_str() {
            return Err(Refused::OtherAccount {
                target: format!("{partition} {account}"),
                caller: format!("{} {}", caller.partition, caller.account),
            });
        }
        armed.admit(&caller)?;
        Ok(self.sdk())
    }

    /// A reader in a role's session that was built before.
    pub(super) fn built(&self, key: &str) -> Option<Reader> {
        self.0.clients.lock().unwrap_or_else(PoisonError::into_inner).sessions.get(key).cloned()
    }

    /// Whether a session of the role stands that its trust let have no source identity: each refusal is an error in the
    /// account's CloudTrail, and one says enough.
    pub(super) fn is_unnamed(&self, role: &str) -> bool {
        let clients = self.0.clients.lock().unwrap_or_else(PoisonError::into_inner);
        let mut sessions = clients.sessions.values().filter_map(Reader::session);
        sessions.any(|session| session.role == role && session.asked && session.source.is_none())
    }

    /// Keeps a reader in a role's session.
    pub(super) fn keep(&self, key: String, reader: Reader) {
        self.0.clients.lock().unwrap_or_else(PoisonError::into_inner).sessions.insert(key, reader);
    }

    /// What roles are taken on with.
    pub(super) fn desk(&self) -> Desk {
        let (base, handed) = (self.base(self.sdk()), self.0.handed.clone());
        Desk { base, home: self.region().to_owned(), profile: self.profile(), handed }
    }

    fn sdk(&self) -> SdkConfig {
        self.0.clients.lock().unwrap_or_else(PoisonError::into_inner).sdk.clone()
    }

    fn base(&self, sdk: SdkConfig) -> Base {
        Base {
            sdk,
            lists: self.0.lists.clone(),
            known: self.0.known.clone(),
            log: self.0.log.clone(),
            runtime: self.0.runtime.clone(),
            simulated: self.0.kind == ConnectionKind::Simulated,
            webhooks: self.0.webhooks.clone(),
        }
    }

    /// The profile in use; the simulated account has none.
    pub(super) fn profile(&self) -> Option<String> {
        match self.0.kind {
            ConnectionKind::Simulated => None,
            _ => self.0.options.profile.clone().or_else(|| std::env::var("AWS_PROFILE").ok()),
        }
    }
}
