//! Each look-up against the simulated account, over the same wire; each connection lets through what look-ups list alone.

use super::*;
use crate::aws::fake::{Answer, Fake, identity, run};
use crate::aws::{ConnectOptions, ConnectionKind, StaticAccess};
use crate::runtime::Runtime;
use crate::simulator::{Scenario, Simulator};
use std::collections::BTreeSet;

fn account(scenario: &str) -> Connection {
    let runtime = Runtime::new(|| "2026-11-21T10:00:00Z".parse().unwrap(), |_| Ok(()));
    let simulator = Simulator::new(Scenario::named(scenario).unwrap(), 1, 1.0, runtime.clone());
    let access = simulator.access();
    let access = StaticAccess {
        account: access.account,
        region: access.region,
        partition: access.partition,
        access_key_id: access.access_key_id,
        secret: access.secret_access_key,
    };
    Connection::simulated(simulator.http_client(), &access, allow(), runtime)
}

fn question(lookup: &'static str, subject: &str) -> Question {
    Question { lookup, subject: subject.into(), account: None, region: None, step: None }
}

fn ask(connection: &Connection, question: Question) -> Result<LookupMade, Problem> {
    run(look(connection, question, &Bearer::new(Some("20261121T100000Z-x-aaaaaaaa"), Some(&"alice".into()))))
}

/// Name, value, and what it is.
fn rows(made: &LookupMade) -> Vec<(String, String, Option<EntityKind>)> {
    let row = |told: &Told| (told.name.line().into_string(), told.value.line().into_string(), told.entity);
    made.told.iter().map(row).collect()
}

fn row(name: &str, value: &str) -> (String, String, Option<EntityKind>) {
    (name.into(), value.into(), None)
}

#[test]
fn an_instance_says_where_it_stands_and_as_whom_its_programs_call() {
    let connection = account("crypto-mining");
    let made = ask(&connection, question("ec2-instance", "i-03b8a7d5e9c1f2460")).unwrap();
    assert_eq!(made.lookup, "ec2-instance".into());
    assert_eq!((made.account.clone(), made.region.clone()), (Some("111122223333".into()), "eu-west-1".into()));
    let rows = rows(&made);
    let wanted = [
        row("state", "running"),
        row("type", "m6i.large"),
        ("role".into(), "shop-web".into(), Some(EntityKind::Principal)),
        row("instance profile", "shop-web"),
        row("interface", "eni-01f6c9b4e8d7a2053"),
        row("public address", "203.0.113.91"),
        row("interface", "eni-0bdf5b15929c27060"),
        row("security group", "sg-0e3c5a9d7b1f48620"),
    ];
    for one in &wanted {
        assert!(rows.contains(one), "{one:?} in {rows:?}");
    }
    assert_eq!(rows.iter().filter(|(name, ..)| name == "root volume").count(), 1);
    // Each group is said once, whichever interfaces have it.
    let groups: Vec<&str> = rows.iter().filter(|(name, ..)| name == "security group").map(|(_, id, _)| &**id).collect();
    assert_eq!(groups, ["sg-01a3d85bb43ab988b", "sg-0e3c5a9d7b1f48620"]);
}

#[test]
fn a_key_says_whose_it_is_and_which_others_there_are() {
    let connection = account("stolen-keys");
    let made = ask(&connection, question("iam-access-key", "AKIAR2VDK7MPH6BZN3YC")).unwrap();
    assert_eq!(
        rows(&made),
        [
            ("user".into(), "deploy-bot".into(), Some(EntityKind::Principal)),
            row("status", "Active"),
            row("created", "2026-09-02T16:48:11Z"),
            row("last use", "2026-11-21T09:52:00Z, iam in us-east-1"),
            ("other key".into(), "AKIAR2VDK7MPT4QXE5WL".into(), Some(EntityKind::Key)),
            row("status of the other key", "Active"),
        ]
    );
}

#[test]
fn what_is_not_there_or_of_another_account_is_no_answer() {
    let connection = account("crypto-mining");
    let problem = ask(&connection, question("ec2-instance", "i-00000000000000000")).unwrap_err();
    assert!(problem.what.contains("InvalidInstanceID.NotFound"), "{}", problem.what);
    let problem = ask(&connection, question("ec2-instance", "i-1; reboot")).unwrap_err();
    assert_eq!(problem.what, "i-1; reboot is no instance's id");
    let problem = ask(&connection, question("ec2", "i-00000000000000000")).unwrap_err();
    assert_eq!(problem.what, "quell has no look-up ec2");
    let elsewhere =
        Question { account: Some("444455556666".into()), ..question("ec2-instance", "i-03b8a7d5e9c1f2460") };
    let problem = ask(&connection, elsewhere).unwrap_err();
    assert_eq!(problem.what, "it belongs to account 444455556666, the credentials are for 111122223333");
}

/// A deleted key has no user any more, and a role may not be read: neither is an answer with less in it.
#[test]
fn half_an_answer_is_a_problem() {
    let of = |operation: &'static str, answer: Answer| {
        let fake = Fake::new(move |asked| match asked.operation.as_str() {
            "GetCallerIdentity" => identity("111122223333"),
            of if of == operation => answer.clone(),
            "GetAccessKeyLastUsed" => Answer::ok(
                "<GetAccessKeyLastUsedResponse><GetAccessKeyLastUsedResult><UserName>jo</UserName></GetAccessKeyLastUsedResult></GetAccessKeyLastUsedResponse>",
            ),
            other => panic!("{other} was not expected"),
        });
        let connection = fake.connection(ConnectionKind::Simulated, ConnectOptions::default(), allow());
        ask(&connection, question("iam-access-key", "AKIAIOSFODNN7EXAMPLE")).unwrap_err()
    };
    let nobody =
        Answer::ok("<GetAccessKeyLastUsedResponse><GetAccessKeyLastUsedResult/></GetAccessKeyLastUsedResponse>");
    let problem = of("GetAccessKeyLastUsed", nobody);
    assert_eq!(problem.what, "IAM names no user for AKIAIOSFODNN7EXAMPLE");
    let denied =
        Answer::refused(403, "AccessDenied", "<ErrorResponse><Error><Code>AccessDenied</Code></Error></ErrorResponse>");
    let problem = of("ListAccessKeys", denied);
    assert!(problem.what.contains("AccessDenied"), "{}", problem.what);
}

#[test]
fn each_is_asked_of_ids_that_it_knows() {
    let fits = |name: &str, subject: &str| by_name(name).unwrap().fits(&subject.into());
    assert!(fits("ec2-instance", "i-03b8a7d5e9c1f2460"));
    assert!(!fits("ec2-instance", "arn:aws:ec2:eu-west-1:111122223333:instance/i-03b8a7d5e9c1f2460"));
    assert!(fits("iam-access-key", "AKIAR2VDK7MPH6BZN3YC"));
    assert!(!fits("iam-access-key", "ASIAR2VDK7MPH6BZN3YC"));
    assert!(!fits("iam-access-key", "deploy-bot"));
}

/// What runbooks may take of an answer is what answers hold, and nothing of it can be told apart from nothing else.
#[test]
fn what_they_tell_is_what_they_say_that_they_tell() {
    let mut names = BTreeSet::new();
    for lookup in lookups() {
        let info = lookup.info();
        assert!(names.insert(info.name), "{}", info.name);
        assert_eq!(info.tells.iter().collect::<BTreeSet<_>>().len(), info.tells.len());
        let actions: Vec<String> = info.operations.iter().map(permission).collect();
        assert_eq!(reading(info)["Statement"][0]["Action"], json!(actions));
    }
    for (scenario, lookup, subject) in [
        ("crypto-mining", "ec2-instance", "i-03b8a7d5e9c1f2460"),
        ("crypto-mining", "ec2-instance", "i-0c4f1e97ab52d6038"),
        ("stolen-keys", "iam-access-key", "AKIAR2VDK7MPH6BZN3YC"),
        ("stolen-keys", "iam-access-key", "AKIAR2VDK7MPX5JR6GKD"),
    ] {
        let made = ask(&account(scenario), question(lookup, subject)).unwrap();
        let tells = by_name(lookup).unwrap().info().tells;
        for (name, ..) in rows(&made) {
            assert!(tells.contains(&name.as_str()), "{lookup} tells {name}");
        }
    }
}
