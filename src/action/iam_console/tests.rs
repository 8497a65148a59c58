use super::super::Request;
use super::super::testing::*;
use super::{IamConsole, Plan};
use crate::aws::fake::Answer;
use quell_core::incident::{FailClass, Found, Outcome};
use serde_json::json;

fn gone() -> Answer {
    let body = "<ErrorResponse><Error><Type>Sender</Type><Code>NoSuchEntity</Code><Message>no</Message></Error>\
                <RequestId>r</RequestId></ErrorResponse>";
    Answer::Whole(404, "", body.into())
}

fn there(since: &str) -> Answer {
    Answer::ok(format!(
        "<GetLoginProfileResponse><GetLoginProfileResult><LoginProfile><UserName>jo</UserName>\
         <CreateDate>{since}</CreateDate></LoginProfile></GetLoginProfileResult></GetLoginProfileResponse>"
    ))
}

fn bench(profiles: Vec<Answer>) -> Bench {
    let deleted = "<DeleteLoginProfileResponse><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata>\
                   </DeleteLoginProfileResponse>";
    Bench::new([("GetLoginProfile", profiles), ("DeleteLoginProfile", vec![Answer::ok(deleted)])])
}

fn ask() -> Request {
    request(&IamConsole, finding("f-1", "jo"), [("user", filled("jo"))])
}

fn planned(bench: &Bench) -> Plan {
    bench.plan(&IamConsole, &ask()).unwrap()
}

const SINCE: &str = "2026-03-01T10:00:00Z";

#[test]
fn the_password_is_taken_away_once_for_good_and_that_is_said() {
    let bench = bench(vec![there(SINCE), there(SINCE), gone()]);
    let plan = planned(&bench);
    assert_eq!(plan.requests[0].operation, "DeleteLoginProfile");
    assert_eq!(plan.requests[0].input, json!({ "UserName": "jo" }));
    assert_eq!((plan.danger, raw(&plan.confirm).as_str()), (3, "jo"));
    assert_eq!(fact(&plan.facts, "console password").as_deref(), Some("there since 2026-03-01T10:00:00Z"));
    assert!(raw(&plan.undo).starts_with("It can't be undone"));
    let (outcome, _) = bench.execute(&IamConsole, &plan);
    assert!(matches!(outcome, Outcome::Succeeded { undo: None, .. }), "{outcome:?}");
    assert_eq!(bench.count("DeleteLoginProfile"), 1);
    assert_eq!(bench.verify(&IamConsole, &plan, &outcome).holds, Some(true));
    assert!(super::Action::undo(&IamConsole, &plan, &outcome).is_none());
}

#[test]
fn a_password_that_was_made_anew_stops_it() {
    let bench = bench(vec![there(SINCE), there("2026-03-02T10:00:00Z")]);
    let plan = planned(&bench);
    assert_eq!(failure(&bench.execute(&IamConsole, &plan).0).0, FailClass::Conflict);
    assert_eq!(bench.count("DeleteLoginProfile"), 0);
}

#[test]
fn without_a_password_there_is_nothing_to_plan() {
    let problem = bench(vec![gone()]).plan(&IamConsole, &ask()).unwrap_err();
    assert_eq!(problem.what, "jo has no console password");
}

#[test]
fn a_look_up_tells_whether_it_is_gone() {
    let bench = bench(vec![there(SINCE), gone(), there(SINCE)]);
    let plan = planned(&bench);
    assert!(matches!(bench.check(&IamConsole, &plan), Found::Ended(Outcome::Succeeded { .. })));
    assert!(matches!(bench.check(&IamConsole, &plan), Found::CannotTell(_)));
    assert_eq!(
        bench.verify(&IamConsole, &plan, &super::done(&super::user_of(&plan).unwrap(), vec![])).holds,
        Some(false)
    );
}

/// What a finding names of somebody who came by Identity Center is a role's session, by its name or its ARN.
#[test]
fn console_access_by_identity_center_is_named_and_not_looked_for_in_iam() {
    let arn = "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Ops_5d1c8e0f2a7b94c3/ines.duarte";
    for named in ["AWSReservedSSO_Ops_5d1c8e0f2a7b94c3", "AWSReservedSSO_Ops_5d1c8e0f2a7b94c3/ines.duarte", arn] {
        let bench = bench(vec![gone()]);
        let request = request(&IamConsole, finding("f-1", named), [("user", filled(named))]);
        let problem = bench.plan(&IamConsole, &request).unwrap_err();
        assert_eq!(problem.what, format!("{named} is a person's session of IAM Identity Center, and no IAM user"));
        assert!(problem.next.contains("(identity-center-assignment)"), "{}", problem.next);
        assert_eq!(bench.count("GetLoginProfile"), 0);
    }
}
