//! Every action block of the built-in runbooks but the automations, which have a test of their own: planned against the
//! simulated account with what a finding gives and what a responder types.

use super::super::testing::{ACCOUNT, books, finding, raw};
use super::super::{Action, Request, allow, by_name, kinds};
use super::faults::arn;
use crate::aws::fake::run;
use crate::aws::{ConnectOptions, Connection, Reader, StaticAccess};
use crate::problem::Problem;
use crate::runtime::Runtime;
use crate::simulator::{Scenario, Simulator};
use jiff::{SignedDuration, Timestamp};
use quell_core::incident::Plan;
use quell_core::runbook::Step;
use quell_core::text::{Id, Untrusted};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

const MINER: &str = "i-0c4f1e97ab52d6038";
/// One that is in an Auto Scaling group and behind a load balancer.
const SHOP: &str = "i-03b8a7d5e9c1f2460";

/// The account, with a webhook in the configuration; and its variables.
fn account() -> (Reader, BTreeMap<String, String>) {
    // So that no rate of the account's is reached, a second goes by each time somebody looks at the clock.
    let clock = Mutex::new("2026-11-21T10:00:00Z".parse::<Timestamp>().unwrap());
    let tick = move || {
        let mut now = clock.lock().unwrap();
        *now += SignedDuration::from_secs(1);
        *now
    };
    let runtime = Runtime::new(tick, |_| Ok(()));
    let simulator = Simulator::new(Scenario::named("crypto-mining").unwrap(), 1, 1.0, runtime.clone());
    let access = simulator.access();
    let access = StaticAccess {
        account: access.account,
        region: access.region,
        partition: access.partition,
        access_key_id: access.access_key_id,
        secret: access.secret_access_key,
    };
    let webhooks = [("chat".to_owned(), Id::new("https://hooks.example.com/T0/B0").unwrap())].into();
    let options = ConnectOptions { webhooks, ..ConnectOptions::default() };
    let connection = Connection::simulated_with(simulator.http_client(), &access, allow(), runtime, options);
    (connection.reader("eu-west-1"), simulator.variables())
}

/// What is typed, or comes from the finding, where the account does not give it.
fn value(name: &str, kind: &str) -> Option<&'static str> {
    Some(match name {
        "finding.resource.id" if matches!(kind, "asg-standby" | "elb-deregister") => SHOP,
        "finding.resource.id" | "var.instance_id" | "var.node_instance_id" => MINER,
        "finding.resource.name" if kind == "lambda-concurrency" => "nightly-report",
        "finding.resource.name" | "var.bucket" => "lumen-build-artifacts",
        "each" if kind == "iam-access-key" => "AKIAQ7LXN4WKY5RGT2FB",
        "var.function_name" => "nightly-report",
        "finding.actor.access_key" | "var.access_key" | "var.new_key" | "var.smtp_key" => "AKIAQ7LXN4WKY5RGT2FB",
        "var.user_name" => "ci-publisher",
        "var.role_name" | "var.node_role_name" => "build-runner",
        "var.denied_principal" | "var.actor_arn" => "arn:aws:iam::111122223333:user/ci-publisher",
        "var.trust_stranger" => "999988887777",
        "var.config_rule" => "s3-bucket-level-public-access-prohibited",
        "var.infected_snapshot" => "snap-0c4f1e97ab52d6038",
        "var.vpc_id" => "vpc-0b51c7a90e3d64f28",
        "var.incident_webhook" => "chat",
        "var.permission_set" => "arn:aws:sso:::permissionSet/ssoins-7223a1c0de5f4b68/ps-4d2a9c17e08b53f6",
        "var.sso_user_id" => "93f7b2c1d4-0a5e8d62-7b14-4c39-9e60-15a2f8c7d3b4",
        "session.id" => "20260102T030405Z-demo-abcdef",
        _ => return None,
    })
}

/// What the block of a step asks for.
fn asked(step: &Step, variables: &BTreeMap<String, String>, arn: &str) -> Request {
    let spec = step.action.as_ref().unwrap();
    let kind = spec.kind.as_str();
    let fill = |name: &str| {
        let given = || variables.get(name.strip_prefix("var.")?).cloned();
        let found = value(name, kind).map(str::to_owned).or_else(given);
        Some(Untrusted::from(found.unwrap_or_else(|| panic!("{kind}: {name} has no value"))))
    };
    let mut request = Request::from_spec(spec, fill).unwrap();
    let (id, resource) = match kind {
        "securityhub-workflow" | "securityhub-ticket" | "guardduty-archive" => (arn, MINER),
        "config-remediation" => ("f", "lumen-build-artifacts"),
        _ => ("f", MINER),
    };
    let mut finding = finding(id, resource);
    match kind {
        "config-remediation" => finding.resource.kind = Some("AWS::S3::Bucket".into()),
        "lambda-concurrency" => {
            finding.resource.kind = Some("AWS::Lambda::Function".into());
            finding.resource.name = Some("nightly-report".into());
        }
        _ => {}
    }
    request.finding = Some(finding);
    request
}

/// A plan of it, or of each that it stands for.
fn planned(reader: &Reader, kind: &dyn Action, request: &Request) -> Result<Vec<Plan>, Problem> {
    let each = run(kind.each(reader, request))?;
    let all = if each.is_empty() { vec![request.clone()] } else { each };
    all.iter().map(|one| run(kind.plan(reader, one))).collect()
}

#[test]
fn every_block_of_the_built_in_runbooks_is_planned() {
    let ((reader, variables), arn) = (account(), arn());
    let (mut seen, mut used, mut wrong) = (0, BTreeSet::new(), Vec::new());
    for book in books() {
        let blocks = book.steps.iter().filter(|step| step.action.is_some());
        for step in blocks.filter(|step| step.action.as_ref().unwrap().kind.as_str() != "ssm-automation") {
            let kind = by_name(step.action.as_ref().unwrap().kind.as_str()).unwrap();
            let name = format!("{} {}", book.title.line(), step.id);
            let plans = planned(&reader, kind, &asked(step, &variables, &arn));
            let plans = plans.unwrap_or_else(|problem| {
                wrong.push(format!("{name}: {}", problem.headline()));
                Vec::new()
            });
            assert!(
                plans.iter().all(|plan| raw(&plan.target.account) == ACCOUNT && !plan.requests.is_empty()),
                "{name}"
            );
            used.insert(kind.info().name);
            seen += plans.len();
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    assert!(seen > 150, "{seen}");
    // Left over: automations, which are planned elsewhere; what is about a run that somebody has started; and what only
    // a team itself can name.
    let unused: Vec<&str> = kinds().iter().map(|kind| kind.info().name).filter(|name| !used.contains(name)).collect();
    assert_eq!(unused, ["ssm-automation", "ssm-signal", "sfn-stop", "lambda-invoke", "command"]);
}

/// One block for all keys of a user is an action for each.
#[test]
fn all_keys_of_a_user_are_an_action_each() {
    let ((reader, variables), arn) = (account(), arn());
    let books = books();
    let step =
        books.iter().flat_map(|book| &book.steps).find(|step| raw(&step.title).starts_with("Deactivate all keys"));
    let step = step.unwrap();
    let request = asked(step, &variables, &arn);
    let plans = planned(&reader, by_name("iam-access-key").unwrap(), &request).unwrap();
    let keys: Vec<String> = plans.iter().map(|plan| raw(&plan.target.resource)).collect();
    assert_eq!(keys, ["AKIAQ7LXN4WKY5RGT2FB"]);
}
