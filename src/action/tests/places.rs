//! One document in several accounts, on the simulated organization: a member, and an account that is none.

use super::super::testing::{fact, failure, finding, own, raw, request, token};
use super::super::{Request, Value, Word, by_name};
use super::simulated::{INSTANCE, Live};
use crate::aws::fake::run;
use quell_core::incident::{Found, Outcome};

const BUCKET: &str = "lumen-build-artifacts";

fn wide(accounts: &[&str], max_errors: &str) -> Request {
    let role = own("arn:aws:iam::111122223333:role/IncidentAutomation");
    let parameters = [("BucketName", own(BUCKET)), ("AutomationAssumeRole", role)];
    let fields = [
        ("document", own("AWSConfigRemediation-ConfigureS3BucketPublicAccessBlock")),
        ("parameters", Value::Map(parameters.into_iter().map(|(k, v)| (k.into(), v)).collect())),
        ("accounts", Value::List(accounts.iter().map(|account| Word::own(*account)).collect())),
        ("regions", own("eu-west-1")),
        ("max_errors", own(max_errors)),
    ];
    request(by_name("ssm-automation").unwrap(), finding("f-1", INSTANCE), fields)
}

#[test]
fn a_document_runs_in_each_account_and_is_read_back_where_that_can_be() {
    let kind = by_name("ssm-automation").unwrap();
    let live = Live::new(kind);
    let plan = live.plan(kind, &wide(&["111122223333", "444455556666"], "0"));
    let outcome = live.execute(kind, &plan, 7);
    let Outcome::Succeeded { facts, .. } = &outcome else { panic!("{outcome:?}") };
    for place in ["111122223333 eu-west-1", "444455556666 eu-west-1"] {
        assert_eq!(fact(facts, place).as_deref(), Some("Success"), "{place}");
    }
    let Found::Ended(Outcome::Succeeded { facts: found, .. }) = run(kind.check(&live.reader, &plan, token())) else {
        panic!()
    };
    assert_eq!(found, *facts);
    let verified = run(kind.verify(&live.reader, &plan, &outcome));
    let here = fact(&verified.facts, "111122223333 eu-west-1").unwrap();
    assert!(here.starts_with("Success (") && here.contains("\"BlockPublicAcls\":true"), "{here}");
    let there = fact(&verified.facts, "444455556666 eu-west-1").unwrap();
    assert!(there.starts_with("Success, as it is told here; its own execution "), "{there}");
    assert_eq!(verified.holds, None);
}

#[test]
fn an_account_that_trusts_nobody_here_fails_and_stops_the_rest_or_does_not() {
    let kind = by_name("ssm-automation").unwrap();
    let accounts = ["777788889999", "444455556666"];
    for (max_errors, well, second) in
        [("0", "0 of 2", Some("444455556666 eu-west-1: Cancelled")), ("1", "1 of 2", None)]
    {
        let live = Live::new(kind);
        let plan = live.plan(kind, &wide(&accounts, max_errors));
        let outcome = live.execute(kind, &plan, 7);
        let message = failure(&outcome).1;
        assert!(message.contains(&format!("{well} places ended well; 777788889999 eu-west-1: Failed, ")), "{message}");
        assert!(message.contains("unable to assume the role arn:aws:iam::777788889999:role/AWS-SystemsManager-"));
        assert!(second.is_none_or(|second| message.contains(second)), "{message}");
        assert_eq!(message.ends_with("what it did in the others stands"), max_errors == "1", "{message}");
        assert_eq!(raw(&plan.confirm), "2");
    }
}
