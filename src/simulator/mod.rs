//! An AWS account inside the process, behind the SDK's HTTP connector or a loopback port.
//!
//! Written from AWS's documentation and service models alone: it shares no code with the clients that it answers, so
//! that it can't share their mistakes. Its state moves on with the clock that it is given; nothing runs by itself.

mod account;
mod answer;
mod arrivals;
mod autoscaling;
mod call;
mod caller;
mod chance;
mod clock;
mod config;
mod connector;
mod ec2;
mod elb;
mod events;
mod finding;
mod front;
mod gate;
mod guardduty;
mod iam;
mod lambda;
mod page;
mod path;
mod pieces;
mod policy;
mod resolver;
mod s3;
mod s3control;
mod scenario;
mod securityhub;
mod sequence;
mod server;
mod session;
mod sfn;
mod sns;
mod ssm;
mod sso;
mod sts;
#[cfg(test)]
mod testing;
mod wire;
mod world;

pub use scenario::Scenario;
pub use server::serve;

use crate::runtime::Runtime;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use wire::{Now, Request, Response};
use world::World;

/// The highest speed: an hour of the account in a second.
const FASTEST: f64 = 3600.0;

/// A simulated account. Clones are the same account.
#[derive(Clone)]
pub struct Simulator {
    inner: Arc<Inner>,
}

struct Inner {
    runtime: Runtime,
    started: Timestamp,
    speed: f64,
    access: Access,
    variables: BTreeMap<String, String>,
    world: Mutex<World>,
}

/// Who the responder is in the account, and where its data are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    /// The account's twelve digits.
    pub account: String,
    /// The one Region with data.
    pub region: String,
    /// The partition of the account's ARNs.
    pub partition: String,
    /// The access key of the responder's IAM user.
    pub access_key_id: String,
    /// Its secret, which opens nothing.
    pub secret_access_key: String,
    /// The ARN of the responder's IAM user.
    pub user_arn: String,
    /// The ARN of the role that the user may take on.
    pub role_arn: String,
}

impl Simulator {
    /// Starts an account now. Its time runs `speed` times as fast as the runtime's clock, at most 3600 times;
    /// with a speed that is not a number above zero it stands still. The same seed gives the same findings at the same simulated times.
    pub fn new(scenario: Scenario, seed: u64, speed: f64, runtime: Runtime) -> Simulator {
        let started = runtime.now();
        let world = World::new(scenario, seed, started);
        let (scenario, responder) = (&world.scenario, &world.scenario.responder);
        let access = Access {
            account: scenario.account.clone(),
            region: scenario.region.clone(),
            partition: "aws".to_owned(),
            access_key_id: responder.key.clone(),
            secret_access_key: responder.secret.clone(),
            user_arn: world.user_arn(&responder.user),
            role_arn: world.role_arn(&responder.role),
        };
        let variables = scenario.variables.clone();
        let speed = if speed.is_finite() { speed.clamp(0.0, FASTEST) } else { 0.0 };
        Self { inner: Arc::new(Inner { runtime, started, speed, access, variables, world: Mutex::new(world) }) }
    }

    /// The account as the HTTP client of any SDK client.
    pub fn http_client(&self) -> SharedHttpClient {
        connector::client(self.clone())
    }

    /// The responder's identity.
    pub fn access(&self) -> Access {
        self.inner.access.clone()
    }

    /// What the account's team has prepared and would have in its configuration: its bucket, its role.
    pub fn variables(&self) -> BTreeMap<String, String> {
        self.inner.variables.clone()
    }

    /// Answers a request now; the flag says whether the body shall come whole or in pieces.
    fn answer(&self, request: &Request) -> (Response, bool) {
        let now = self.now();
        // A thread that died with the lock has at worst left a request half done, which AWS does too.
        let mut world = self.inner.world.lock().unwrap_or_else(PoisonError::into_inner);
        let response = answer::answer(&mut world, request, now);
        (response, world.answered % 2 == 1)
    }

    fn now(&self) -> Now {
        let real = self.inner.runtime.now();
        let passed = real.duration_since(self.inner.started).as_secs_f64().max(0.0) * self.inner.speed;
        let passed = SignedDuration::try_from_secs_f64(passed).unwrap_or(SignedDuration::ZERO);
        Now { real, simulated: self.inner.started.checked_add(passed).unwrap_or(Timestamp::MAX) }
    }
}

impl std::fmt::Debug for Simulator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Simulator").field("access", &self.inner.access.account).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicI64, Ordering};

    /// A simulator, and how many seconds of its time pass in ten of the machine's.
    fn passed(speed: f64) -> i64 {
        let start: Timestamp = testing::START.parse().unwrap();
        let clock = Arc::new(AtomicI64::new(start.as_second()));
        let reads = clock.clone();
        let now = move || Timestamp::from_second(reads.load(Ordering::Relaxed)).unwrap();
        let simulator = Simulator::new(Scenario::named("quiet").unwrap(), 1, speed, Runtime::new(now, |_| Ok(())));
        clock.fetch_add(10, Ordering::Relaxed);
        assert_eq!(simulator.now().real.as_second(), start.as_second() + 10);
        simulator.now().simulated.as_second() - start.as_second()
    }

    #[test]
    fn the_account_s_time_runs_at_its_speed() {
        for (speed, expected) in
            [(1.0, 10), (60.0, 600), (0.5, 5), (1e30, 36_000), (0.0, 0), (-3.0, 0), (f64::NAN, 0), (f64::INFINITY, 0)]
        {
            assert_eq!(passed(speed), expected, "{speed}");
        }
    }

    #[test]
    fn the_responder_is_named() {
        let runtime = Runtime::new(|| testing::START.parse().unwrap(), |_| Ok(()));
        let access = Simulator::new(Scenario::named("quiet").unwrap(), 1, 1.0, runtime).access();
        assert_eq!((access.account.as_str(), access.region.as_str()), ("444455556666", "eu-central-1"));
        assert_eq!(access.user_arn, "arn:aws:iam::444455556666:user/quell-responder");
        assert_eq!(access.role_arn, "arn:aws:iam::444455556666:role/IncidentResponder");
    }
}
