use super::*;
use crate::aws::fake::{NOW, identity, run};
use crate::aws::{Armed, Refused, Writer};
use crate::timeline::Permit;
use jiff::Timestamp;
use quell_core::incident::{FailClass, Link, Outcome, Plan, Target, writer_id};
use quell_core::text::{Id, Untrusted};

fn now() -> Timestamp {
    NOW.parse().unwrap()
}

fn plan(account: &str, region: &str) -> Plan {
    Plan {
        kind: Id::new("iam-key").unwrap(),
        title: Untrusted::from("Deactivate the key"),
        step: None,
        target: Target {
            account: account.into(),
            partition: "aws".into(),
            region: region.into(),
            resource: "AKIAIOSFODNN7EXAMPLE".into(),
            through: None,
        },
        requests: Vec::new(),
        facts: Vec::new(),
        danger: 2,
        destroys: Vec::new(),
        breaks: Vec::new(),
        writes: Vec::new(),
        warnings: Vec::new(),
        undo: Untrusted::from("activate it"),
        confirm: Untrusted::from("AKIAIOSFODNN7EXAMPLE"),
        undo_of: None,
        each: None,
        set: None,
    }
}

fn permit(plan: &Plan) -> Permit {
    Permit::for_test(Link(writer_id(&[7; 16]).unwrap(), 3), &plan.hash().unwrap(), "token-1")
}

fn writer(connection: &Connection, armed: &Armed, plan: &Plan) -> Result<Writer, Refused> {
    run(connection.writer(armed, permit(plan), plan))
}

fn update(writer: &Writer) -> Outcome {
    let call = writer.iam().update_access_key().access_key_id("AKIAIOSFODNN7EXAMPLE");
    match run(call.status(aws_sdk_iam::types::StatusType::Inactive).send()) {
        Ok(_) => panic!("the call succeeded"),
        Err(error) => writer.outcome("iam:UpdateAccessKey", &error),
    }
}

fn class(outcome: &Outcome) -> Option<FailClass> {
    match outcome {
        Outcome::Failed { class, .. } => Some(*class),
        Outcome::Unknown { .. } => None,
        Outcome::Succeeded { .. } | Outcome::Partly { .. } => panic!("succeeded"),
    }
}

#[test]
fn a_writer_is_given_for_the_approved_plan_in_the_right_account() {
    let (connection, fake) = real(|_| Answer::Lost);
    let armed = connection.arm(now()).unwrap();
    let plan = plan("111122223333", "ap-south-1");
    let writer = writer(&connection, &armed, &plan).unwrap();
    assert_eq!(writer.token(), "token-1");
    assert_eq!(writer.action().1, 3);
    assert_eq!(writer.plan_hash(), plan.hash().unwrap());
    // The account is asked of the target's own region.
    assert_eq!(fake.asked()[0].uri, "https://sts.ap-south-1.amazonaws.com/");
    let _ = update(&writer);
    assert_eq!(fake.asked()[1].uri, "https://iam.amazonaws.com/");
}

#[test]
fn another_account_is_refused_before_anything_is_sent() {
    let (connection, fake) = real(|_| Answer::Lost);
    let armed = connection.arm(now()).unwrap();
    let refused = writer(&connection, &armed, &plan("444455556666", "eu-west-1")).err().unwrap();
    assert_eq!(
        refused,
        Refused::OtherAccount { target: "aws 444455556666".to_owned(), caller: "aws 111122223333".to_owned() }
    );
    let mut china = plan("111122223333", "eu-west-1");
    china.target.partition = "aws-cn".into();
    let refused = writer(&connection, &armed, &china).err().unwrap();
    assert!(matches!(refused, Refused::OtherAccount { .. }), "{refused:?}");
    assert_eq!(fake.operations(), ["GetCallerIdentity", "GetCallerIdentity"]);
}

#[test]
fn a_target_that_is_none_is_refused() {
    let (connection, fake) = real(|_| Answer::Lost);
    let armed = connection.arm(now()).unwrap();
    for (account, region) in [("1111", "eu-west-1"), ("111122223333", "global")] {
        let refused = writer(&connection, &armed, &plan(account, region)).err().unwrap();
        assert!(matches!(refused, Refused::BadTarget(_)), "{refused:?}");
    }
    assert!(fake.operations().is_empty());
}

#[test]
fn a_permit_for_another_plan_is_refused() {
    let (connection, fake) = real(|_| Answer::Lost);
    let armed = connection.arm(now()).unwrap();
    let approved = plan("111122223333", "eu-west-1");
    let mut other = approved.clone();
    other.target.resource = "AKIAI44QH8DHBEXAMPLE".into();
    let refused = run(connection.writer(&armed, permit(&approved), &other)).err().unwrap();
    assert_eq!(refused, Refused::OtherPlan);
    assert!(fake.operations().is_empty());
}

#[test]
fn nobody_is_armed_for_ever_nor_by_another_connection() {
    let (connection, fake) = real(|_| Answer::Lost);
    let plan = plan("111122223333", "eu-west-1");
    let lapsed = connection.arm(now() - jiff::SignedDuration::from_mins(30)).unwrap();
    assert_eq!(writer(&connection, &lapsed, &plan).err(), Some(Refused::NotArmed));
    let (other, _) = real(|_| Answer::Lost);
    let theirs = other.arm(now()).unwrap();
    assert_eq!(writer(&connection, &theirs, &plan).err(), Some(Refused::NotArmed));
    assert!(fake.operations().is_empty());
}

#[test]
fn read_only_forbids_arming() {
    let fake = Fake::new(|_| Answer::Lost);
    let options = ConnectOptions { read_only: true, ..ConnectOptions::default() };
    let connection = fake.connection(ConnectionKind::Real, options, allow());
    assert_eq!(connection.arm(now()).err(), Some(Refused::ReadOnly));
}

#[test]
fn what_is_never_touched_is_refused_before_anything_is_asked() {
    for (id, refused) in [("111122223333", true), ("i-0fffffffffffffff0", false)] {
        let fake = Fake::new(|_| identity("111122223333"));
        let options = ConnectOptions { never: vec![id.to_owned()], ..ConnectOptions::default() };
        let connection = fake.connection(ConnectionKind::Real, options, allow());
        let armed = connection.arm(now()).unwrap();
        let plan = plan("111122223333", "eu-west-1");
        let result = writer(&connection, &armed, &plan);
        assert_eq!(result.err(), refused.then(|| Refused::Never(id.to_owned())));
        assert_eq!(fake.operations().is_empty(), refused);
        assert_eq!(connection.spares(&plan, &[]).is_err(), refused);
    }
    let said = Refused::Never("i-1\u{1b}[31m".to_owned()).problem();
    assert_eq!(said.what, "the plan touches i-1\\u{1b}[31m, which never is touched");
}

#[test]
fn what_may_be_a_bucket_is_doubted_where_all_are_reached() {
    let never = ["lumen-web", "i-0fffffffffffffff0", "111122223333", "Admin", "arn:aws:s3:::kept", "sg-01234567"];
    let never = never.map(str::to_owned).to_vec();
    let fake = Fake::new(|_| Answer::Lost);
    let options = ConnectOptions { never, ..ConnectOptions::default() };
    let connection = fake.connection(ConnectionKind::Real, options, allow());
    assert_eq!(connection.doubted(&["arn:aws:s3:::*".into()]), ["lumen-web"]);
    assert!(connection.doubted(&["arn:aws:s3:::lumen".into(), "arn:aws:sns:::*".into()]).is_empty());
}

#[test]
fn other_credentials_need_arming_again() {
    let plan = plan("111122223333", "eu-west-1");
    let refused = Refused::OtherPrincipal {
        armed: "arn:aws:iam::111122223333:user/responder".to_owned(),
        caller: "arn:aws:iam::111122223333:user/somebody-else".to_owned(),
    };
    // The caller is known when the connection is armed.
    let connection = renewed_after(1);
    run(connection.identity()).unwrap();
    let armed = connection.arm(now()).unwrap();
    assert_eq!(writer(&connection, &armed, &plan).err(), Some(refused.clone()));
    // It is not: then it holds for the first one that it is used for.
    let connection = renewed_after(2);
    let armed = connection.arm(now()).unwrap();
    assert!(writer(&connection, &armed, &plan).is_ok());
    assert!(writer(&connection, &armed, &plan).is_ok());
    assert_eq!(writer(&connection, &armed, &plan).err(), Some(refused));
}

/// A connection whose caller is somebody else of the same account after so many answers.
fn renewed_after(answers: usize) -> Connection {
    let count = std::sync::atomic::AtomicUsize::new(0);
    let fake = Fake::new(move |_| {
        let Answer::Whole(status, code, body) = identity("111122223333") else { panic!("a whole answer") };
        match count.fetch_add(1, std::sync::atomic::Ordering::Relaxed) < answers {
            true => Answer::Whole(status, code, body),
            false => Answer::ok(String::from_utf8(body).unwrap().replace("user/responder", "user/somebody-else")),
        }
    });
    fake.connection(ConnectionKind::Real, ConnectOptions::default(), allow())
}

#[test]
fn a_writer_tries_once_and_knows_what_it_does_not_know() {
    let cases: [(Answer, Option<FailClass>); 9] = [
        // The connector had the request and nothing came back, or nothing that can be read: it may have happened.
        (Answer::Lost, None),
        (Answer::Hangs, None),
        (Answer::Pieces(200, b"<UpdateAccessKeyResponse>".to_vec(), true), None),
        (Answer::refused(500, "", "<html>oops</html>"), None),
        (Answer::refused(403, "", "<html>the proxy says no</html>"), None),
        // AWS answered: it did not happen.
        (iam_error(403, "AccessDenied"), Some(FailClass::Denied)),
        (iam_error(404, "NoSuchEntity"), Some(FailClass::NotFound)),
        (iam_error(409, "EntityTemporarilyUnmodifiable"), Some(FailClass::Conflict)),
        (iam_error(400, "Throttling"), Some(FailClass::Throttled)),
    ];
    for (answer, expected) in cases {
        let (connection, fake) = real({
            let answer = answer.clone();
            move |_| answer.clone()
        });
        let armed = connection.arm(now()).unwrap();
        let writer = writer(&connection, &armed, &plan("111122223333", "eu-west-1")).unwrap();
        assert!(!writer.sent());
        let outcome = update(&writer);
        assert_eq!(class(&outcome), expected, "{answer:?} {outcome:?}");
        assert!(writer.sent());
        assert_eq!(fake.operations(), ["GetCallerIdentity", "UpdateAccessKey"], "{answer:?}");
    }
}

fn iam_error(status: u16, code: &str) -> Answer {
    Answer::refused(
        status,
        "",
        format!(
            "<ErrorResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><Error><Type>Sender</Type>\
             <Code>{code}</Code><Message>no</Message></Error><RequestId>r</RequestId></ErrorResponse>"
        ),
    )
}

#[test]
fn what_the_guard_stops_was_surely_not_sent() {
    let (connection, fake) = real(|_| Answer::Lost);
    let armed = connection.arm(now()).unwrap();
    let writer = writer(&connection, &armed, &plan("111122223333", "eu-west-1")).unwrap();
    let _ = update(&writer);
    assert!(writer.sent());
    let error = run(writer.iam().delete_user().user_name("x").send()).unwrap_err();
    assert!(!writer.sent());
    assert_eq!(class(&writer.outcome("iam:DeleteUser", &error)), Some(FailClass::NotSent));
    // Stopped at the last moment, when it is signed for another region.
    let elsewhere = aws_sdk_ssm::config::Builder::new().region(aws_config::Region::new("us-east-1"));
    let call = writer.ssm().start_automation_execution().document_name("AWS-Doc");
    let error = run(call.customize().config_override(elsewhere).send()).unwrap_err();
    assert_eq!(class(&writer.outcome("ssm:StartAutomationExecution", &error)), Some(FailClass::NotSent));
    assert_eq!(fake.operations(), ["GetCallerIdentity", "UpdateAccessKey"]);
}

#[test]
fn the_simulated_connection_is_armed_for_good() {
    let fake = Fake::new(|_| identity("111122223333"));
    let connection = fake.connection(ConnectionKind::Simulated, ConnectOptions::default(), allow());
    let armed = connection.arm(Timestamp::UNIX_EPOCH).unwrap();
    assert_eq!(armed.lapses_at(), None);
    assert!(writer(&connection, &armed, &plan("111122223333", "eu-west-1")).is_ok());
}

#[test]
fn a_write_is_noted_with_the_values_that_were_sent() {
    use aws_sdk_guardduty::types::Feedback;
    use aws_sdk_securityhub::types::{SeverityLabel, SeverityUpdate, WorkflowStatus, WorkflowUpdate};
    let (connection, fake) = real(|_| Answer::ok("{}"));
    let armed = connection.arm(now()).unwrap();
    let writer = writer(&connection, &armed, &plan("111122223333", "eu-west-1")).unwrap();
    let workflow = WorkflowUpdate::builder().status(WorkflowStatus::Notified).build();
    let _ = run(writer.securityhub().batch_update_findings().workflow(workflow).send());
    let severity = SeverityUpdate::builder().label(SeverityLabel::Critical).build();
    let _ = run(writer.securityhub().batch_update_findings().severity(severity).send());
    let feedback = || {
        let call = writer.guardduty().update_findings_feedback().detector_id("d-1").finding_ids("f-1");
        call.feedback(Feedback::Useful)
    };
    let _ = run(feedback().send());
    let _ = run(feedback().comments("it's known").send());
    let _ = run(writer.iam().create_login_profile().user_name("jo").password("hunter2").send());
    let commands: Vec<String> = connection.calls().calls().into_iter().filter_map(|call| call.command).collect();
    assert!(fake.asked().iter().any(|asked| asked.body.contains("hunter2")));
    assert_eq!(
        commands.get(1..).unwrap(),
        [
            "aws securityhub batch-update-findings --region eu-west-1 --cli-input-json '{\"Workflow\":{\"Status\":\"NOTIFIED\"}}'",
            "aws securityhub batch-update-findings --region eu-west-1 --cli-input-json '{\"Severity\":{\"Label\":\"CRITICAL\"}}'",
            "aws guardduty update-findings-feedback --region eu-west-1 --cli-input-json \
             '{\"DetectorId\":\"d-1\",\"Feedback\":\"USEFUL\",\"FindingIds\":[\"f-1\"]}'",
            "aws guardduty update-findings-feedback --region eu-west-1 --cli-input-json \
             \"{\\\"Comments\\\":\\\"it's known\\\",\\\"DetectorId\\\":\\\"d-1\\\",\\\"Feedback\\\":\\\"USEFUL\\\",\\\"FindingIds\\\":[\\\"f-1\\\"]}\"",
            "aws iam create-login-profile --region eu-west-1 --cli-input-json '{\"Password\":\"(hidden)\",\"UserName\":\"jo\"}'",
        ]
    );
}
