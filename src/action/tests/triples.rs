//! Ten thousand random triples of credentials, region and finding: nothing that changes anything is signed for another
//! account or region than the plan's, whoever the credentials belong to by then.

use super::super::testing::*;
use super::super::{Action, Request, Value, Word, allow, bound, by_name, reading};
use crate::aws::fake::{Answer, Asked, Fake, NOW, run};
use crate::aws::{Bearer, ConnectOptions, ConnectionKind};
use crate::timeline::Permit;
use quell_core::finding::Compact;
use quell_core::incident::{Outcome, Plan};
use quell_core::text::Untrusted;
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

const TRIPLES: u64 = 10_000;
const ACCOUNTS: [&str; 3] = ["111122223333", "444455556666", "000000000000"];
/// With the region that IAM is signed for in its partition, and the partition.
const REGIONS: [(&str, &str, &str); 5] = [
    ("eu-west-1", "us-east-1", "aws"),
    ("us-east-1", "us-east-1", "aws"),
    ("ap-southeast-2", "us-east-1", "aws"),
    ("us-gov-west-1", "us-gov-west-1", "aws-us-gov"),
    ("cn-north-1", "cn-north-1", "aws-cn"),
];
/// What a finding may say of its account or region that names none.
const HOSTILE: [&str; 5] = ["", "eu-west-1.evil.example", "11112222333", "eu-west-1/../x", "EU-WEST-1\u{202e}"];

/// A sequence of numbers that a seed decides (Knuth's MMIX).
struct Chance(u64);

impl Chance {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) % most as u64) as usize
    }

    fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }
}

/// Whose the credentials are: the account and partition.
type Caller = Arc<Mutex<(&'static str, &'static str)>>;

fn answer(asked: &Asked, caller: &Caller) -> Answer {
    let (account, partition) = *caller.lock().unwrap();
    match asked.operation.as_str() {
        "GetCallerIdentity" => Answer::ok(format!(
            "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:{partition}:iam::{account}:user/responder</Arn>\
             <UserId>AIDAEXAMPLE</UserId><Account>{account}</Account></GetCallerIdentityResult>\
             </GetCallerIdentityResponse>"
        )),
        "GetAccessKeyLastUsed" => Answer::ok(
            "<GetAccessKeyLastUsedResponse><GetAccessKeyLastUsedResult><UserName>deploy</UserName>\
             </GetAccessKeyLastUsedResult></GetAccessKeyLastUsedResponse>",
        ),
        "ListAccessKeys" => Answer::ok(
            "<ListAccessKeysResponse><ListAccessKeysResult><AccessKeyMetadata><member><UserName>deploy</UserName>\
             <AccessKeyId>AKIAIOSFODNN7EXAMPLE</AccessKeyId><Status>Active</Status></member></AccessKeyMetadata>\
             <IsTruncated>false</IsTruncated></ListAccessKeysResult></ListAccessKeysResponse>",
        ),
        "UpdateAccessKey" => Answer::ok("<UpdateAccessKeyResponse/>"),
        "DescribeDocument" => Answer::ok(
            json!({"Document": {"Name": "Org-Contain", "Owner": "111122223333", "DocumentVersion": "4",
                "Status": "Active", "DocumentType": "Automation", "Hash": "h"}})
            .to_string(),
        ),
        "StartAutomationExecution" => Answer::ok(json!({"AutomationExecutionId": "e-1"}).to_string()),
        "GetAutomationExecution" => Answer::ok(
            json!({"AutomationExecution": {"AutomationExecutionId": "e-1", "DocumentName": "Org-Contain",
                "AutomationExecutionStatus": "Success", "StepExecutions": []}})
            .to_string(),
        ),
        "DescribeAutomationStepExecutions" => Answer::ok(json!({"StepExecutions": []}).to_string()),
        other => panic!("{other} was not expected"),
    }
}

fn wanted(kind: &dyn Action, finding: Compact) -> Request {
    match kind.info().name {
        "iam-access-key" => request(kind, finding, [("access_key", own("AKIAIOSFODNN7EXAMPLE"))]),
        _ => {
            let parameters = BTreeMap::new();
            let fields = [("document", Value::Text(Word::own("Org-Contain"))), ("parameters", Value::Map(parameters))];
            request(kind, finding, fields)
        }
    }
}

/// The region and the host that a request was signed and sent for.
fn place(asked: &Asked) -> (String, String) {
    let scope = asked.authorization.split("Credential=").nth(1).unwrap();
    let region = scope.split('/').nth(2).unwrap().to_owned();
    let host = asked.uri.split("://").nth(1).unwrap().split(['/', '?']).next().unwrap().to_owned();
    (region, host)
}

/// What changes something, of what was asked.
fn changes(fake: &Fake) -> Vec<Asked> {
    let all = fake.asked().into_iter();
    all.filter(|asked| ["UpdateAccessKey", "StartAutomationExecution"].contains(&asked.operation.as_str())).collect()
}

/// Plans as one caller and executes as another; gives the plan, if there was one, and how it ended.
async fn act(
    fake: &Fake,
    caller: &Caller,
    kind: &dyn Action,
    finding: Compact,
    (home, later): (&str, (&'static str, &'static str)),
) -> Option<(Plan, Option<Outcome>)> {
    let options = ConnectOptions { regions: vec![home.to_owned()], ..ConnectOptions::default() };
    let connection = fake.connection(ConnectionKind::Real, options, allow());
    let armed = connection.arm(NOW.parse().unwrap()).unwrap();
    let region = finding.region.as_ref().map(|region| region.line().into_string());
    let reader = connection.reader(region.as_deref().unwrap_or(home));
    let plan = kind.plan(&reader, &wanted(kind, finding)).await.ok()?;
    *caller.lock().unwrap() = later;
    let permit = Permit::for_test(link(7), &plan.hash().unwrap(), token().as_str());
    let Ok(writer) = connection.writer(&armed, permit, &plan).await else { return Some((plan, None)) };
    let reader = connection.reader(plan.target.region.line().as_str());
    let outcome = kind.execute(writer, &reader, &plan, &quick().0).await;
    Some((plan, Some(outcome)))
}

#[test]
fn nothing_is_signed_for_another_account_or_region_than_planned() {
    let mut chance = Chance(20_261_122);
    let (mut sent, mut stopped) = (0, 0);
    run(async {
        for at in 0..TRIPLES {
            let (region, global, partition) = chance.of(&REGIONS);
            let mut about = finding("f-1", "i-0abc12d34e5f67890");
            (about.account, about.region) = (Some(chance.of(&ACCOUNTS).into()), Some(region.into()));
            match chance.below(10) {
                0 => about.account = Some(Untrusted::from(chance.of(&HOSTILE))),
                1 => about.region = Some(Untrusted::from(chance.of(&HOSTILE))),
                2 => about.region = None,
                3 => about.account = None,
                _ => {}
            }
            let whose = |chance: &mut Chance, near: &Compact| match (chance.below(3), &near.account) {
                (0, _) => (chance.of(&ACCOUNTS), chance.of(&["aws", "aws-cn", "aws-us-gov"])),
                (_, account) => {
                    let known = ACCOUNTS.into_iter().find(|known| account.as_ref() == Some(&(*known).into()));
                    (known.unwrap_or(ACCOUNTS[0]), partition)
                }
            };
            let (first, later) = (whose(&mut chance, &about), whose(&mut chance, &about));
            let kind = by_name(chance.of(&["iam-access-key", "ssm-automation"])).unwrap();
            let caller: Caller = Arc::new(Mutex::new(first));
            let seen = caller.clone();
            let fake = Fake::new(move |asked| answer(asked, &seen));
            let home = chance.of(&REGIONS).0;
            let done = act(&fake, &caller, kind, about.clone(), (home, later)).await;
            let changes = changes(&fake);
            assert!(changes.len() <= 1, "triple {at}");
            let Some(change) = changes.first() else {
                stopped += 1;
                // Where all fits it is not stopped.
                let fits = about.account == Some(first.0.into()) && about.region == Some(region.into());
                assert!(!(fits && first == later && first.1 == partition), "triple {at}: {done:?}");
                continue;
            };
            sent += 1;
            let (plan, _) = done.unwrap();
            assert_eq!((&plan.target.account, &plan.target.region), (&later.0.into(), &region.into()), "triple {at}");
            assert_eq!(Some(&plan.target.account), about.account.as_ref(), "triple {at}");
            assert_eq!(plan.target.partition, later.1.into(), "triple {at}");
            let (signed, host) = place(change);
            match kind.info().name {
                "iam-access-key" => {
                    assert_eq!(signed, global, "triple {at}");
                    assert!(host.starts_with("iam."), "triple {at}: {host}");
                }
                _ => {
                    assert_eq!(signed, region, "triple {at}");
                    assert!(host.starts_with(&format!("ssm.{region}.")), "triple {at}: {host}");
                }
            }
        }
    });
    assert_eq!(sent + stopped, TRIPLES);
    assert!(sent > TRIPLES / 10 && stopped > TRIPLES / 10, "{sent} sent, {stopped} stopped");
    println!("figure: triples of credentials, region and finding: {sent} sent where planned, {stopped} stopped");
}

/// Triples in which accounts have roles: each takes several calls more.
const IN_ROLES: u64 = 3_000;
/// Accounts with a role of their own in the configuration; the third is reached with the caller's own credentials.
const ROLES: [(&str, &str); 2] = [("444455556666", "Responder"), ("000000000000", "ir/Responder")];

/// Where sessions of roles lead: the account that the role names, unless somebody has moved it.
#[derive(Clone, Default)]
struct Sessions {
    moved: Arc<Mutex<Option<&'static str>>>,
    /// By access key.
    landed: Arc<Mutex<BTreeMap<String, String>>>,
}

impl Sessions {
    fn assume(&self, asked: &Asked) -> Answer {
        let mut landed = self.landed.lock().unwrap();
        let key = format!("ASIA{:016}", landed.len());
        let role = asked.body.split("RoleArn=").nth(1).unwrap().split('&').next().unwrap();
        let account = role.split("iam%3A%3A").nth(1).unwrap().split("%3A").next().unwrap();
        landed.insert(key.clone(), self.moved.lock().unwrap().unwrap_or(account).to_owned());
        Answer::ok(format!(
            "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>{key}</AccessKeyId><SecretAccessKey>s\
             </SecretAccessKey><SessionToken>t</SessionToken><Expiration>2026-11-21T20:30:00Z</Expiration></Credentials>\
             </AssumeRoleResult></AssumeRoleResponse>"
        ))
    }

    /// The account of whoever signed, if it was a session of a role.
    fn of(&self, asked: &Asked) -> Option<String> {
        let key = asked.authorization.split("Credential=").nth(1).unwrap().split('/').next().unwrap();
        self.landed.lock().unwrap().get(key).cloned()
    }

    fn answer(&self, asked: &Asked, caller: &Caller) -> Answer {
        let partition = caller.lock().unwrap().1;
        match (asked.operation.as_str(), self.of(asked)) {
            ("AssumeRole", _) => self.assume(asked),
            ("GetCallerIdentity", Some(account)) => Answer::ok(format!(
                "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:{partition}:sts::{account}:\
                 assumed-role/Responder/quell</Arn><UserId>AROA</UserId><Account>{account}</Account>\
                 </GetCallerIdentityResult></GetCallerIdentityResponse>"
            )),
            _ => answer(asked, caller),
        }
    }
}

/// Plans as one caller and executes as another, where accounts have roles.
async fn act_in_roles(
    (fake, sessions): (&Fake, &Sessions),
    caller: &Caller,
    kind: &dyn Action,
    finding: Compact,
    (home, later, moved): (&str, (&'static str, &'static str), Option<&'static str>),
) -> Option<Plan> {
    let roles = ROLES.iter().map(|(account, role)| ((*account).to_owned(), (*role).to_owned())).collect();
    let options = ConnectOptions { regions: vec![home.to_owned()], roles, ..ConnectOptions::default() };
    let connection = fake.connection(ConnectionKind::Real, options, allow());
    let region = finding.region.as_ref().map(|region| region.line().into_string());
    let (bearer, reads) = (Bearer::new(None, None), reading(kind));
    let account = finding.account.clone();
    let reader =
        connection.reader_in(account.as_ref(), region.as_deref().unwrap_or(home), &bearer, &reads).await.ok()?;
    let plan = bound(kind, kind.plan(&reader, &wanted(kind, finding)).await.ok()?, &reader).ok()?;
    *caller.lock().unwrap() = later;
    *sessions.moved.lock().unwrap() = moved;
    let armed = connection.arm(NOW.parse().unwrap()).unwrap();
    let permit = Permit::for_test(link(7), &plan.hash().unwrap(), token().as_str());
    let Ok(writer) = connection.writer(&armed, permit, &plan).await else { return Some(plan) };
    let Ok(reader) = connection.reader_of(&plan.target, &reads).await else { return Some(plan) };
    kind.execute(writer, &reader, &plan, &quick().0).await;
    Some(plan)
}

#[test]
fn nothing_is_signed_for_another_account_where_accounts_have_roles() {
    let mut chance = Chance(20_261_123);
    let (mut by_role, mut by_own, mut stopped) = (0, 0, 0);
    run(async {
        for at in 0..IN_ROLES {
            let (region, global, partition) = chance.of(&REGIONS);
            let mut about = finding("f-1", "i-0abc12d34e5f67890");
            (about.account, about.region) = (Some(chance.of(&ACCOUNTS).into()), Some(region.into()));
            match chance.below(12) {
                0 => about.account = Some(Untrusted::from(chance.of(&HOSTILE))),
                1 => about.region = Some(Untrusted::from(chance.of(&HOSTILE))),
                _ => {}
            }
            let whose = |chance: &mut Chance| match chance.below(4) {
                0 => (chance.of(&ACCOUNTS), chance.of(&["aws", "aws-cn", "aws-us-gov"])),
                _ => (ACCOUNTS[0], partition),
            };
            let (first, later) = (whose(&mut chance), whose(&mut chance));
            let moved = (chance.below(4) == 0).then(|| chance.of(&ACCOUNTS));
            let kind = by_name(chance.of(&["iam-access-key", "ssm-automation"])).unwrap();
            let (caller, sessions): (Caller, _) = (Arc::new(Mutex::new(first)), Sessions::default());
            let seen = (caller.clone(), sessions.clone());
            let fake = Fake::new(move |asked| seen.1.answer(asked, &seen.0));
            let home = chance.of(&REGIONS).0;
            // A task that never waits is made to, and here a wait is a timeout.
            tokio::task::yield_now().await;
            let plan = act_in_roles((&fake, &sessions), &caller, kind, about.clone(), (home, later, moved)).await;
            let changes = changes(&fake);
            assert!(changes.len() <= 1, "triple {at}");
            let Some(change) = changes.first() else {
                stopped += 1;
                continue;
            };
            let plan = plan.unwrap();
            let target = plan.target.account.line().into_string();
            let role = ROLES.iter().any(|(account, _)| *account == target);
            // Where a role is named for the account it is the role that acts, and in that account; else the caller.
            let signer = sessions.of(change);
            assert_eq!(signer.is_some(), role, "triple {at}");
            assert_eq!(signer.as_deref().unwrap_or(later.0), target, "triple {at}");
            assert_eq!(plan.target.through.is_some(), role, "triple {at}");
            assert_eq!((about.account.as_ref(), &plan.target.region), (Some(&plan.target.account), &region.into()));
            let (signed, _) = place(change);
            assert_eq!(signed, if kind.info().name == "iam-access-key" { global } else { region }, "triple {at}");
            if role { by_role += 1 } else { by_own += 1 }
        }
    });
    assert!(
        by_role > IN_ROLES / 10 && by_own > IN_ROLES / 20 && stopped > IN_ROLES / 10,
        "{by_role} {by_own} {stopped}"
    );
    println!(
        "figure: triples where accounts have roles: {by_role} sent by a role and {by_own} by the caller, {stopped} stopped"
    );
}
