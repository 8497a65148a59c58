//! Plans as the console gets them, on an account that answers by a script.

use super::*;
use crate::action::{Value, Word, allow};
use crate::aws::fake::{Answer, Fake, identity, run};
use crate::aws::{ConnectOptions, ConnectionKind};
use crate::timeline::StateDir;
use quell_core::text::Id;
use std::sync::Mutex as Cell;

/// An account in which nothing has a tag.
fn account() -> Fake {
    Fake::new(|asked| match asked.operation.as_str() {
        "GetCallerIdentity" => identity("111122223333"),
        "DescribeTags" => {
            Answer::ok("<DescribeTagsResponse><requestId>r</requestId><tagSet/></DescribeTagsResponse>".to_owned())
        }
        "CreateTags (dry run)" => Answer::Whole(
            412,
            "",
            b"<Response><Errors><Error><Code>DryRunOperation</Code><Message>ok</Message></Error></Errors></Response>"
                .to_vec(),
        ),
        "GET /v20180820/configuration/publicAccessBlock" => Answer::Whole(
            404,
            "",
            b"<Error><Code>NoSuchPublicAccessBlockConfiguration</Code><Message>no</Message></Error>".to_vec(),
        ),
        "GetUser" => Answer::ok(
            "<GetUserResponse><GetUserResult><User><Path>/</Path><UserName>jo</UserName><UserId>AIDA</UserId><Arn>arn</Arn>\
             <CreateDate>2026-01-01T00:00:00Z</CreateDate></User></GetUserResult></GetUserResponse>",
        ),
        "ListAccessKeys" => Answer::ok(
            "<ListAccessKeysResponse><ListAccessKeysResult><IsTruncated>false</IsTruncated><AccessKeyMetadata><member>\
             <UserName>jo</UserName><AccessKeyId>AKIAIOSFODNN7EXAMPLE</AccessKeyId><Status>Active</Status></member>\
             </AccessKeyMetadata></ListAccessKeysResult></ListAccessKeysResponse>",
        ),
        "GetUserPolicy" => Answer::Whole(
            404,
            "",
            b"<ErrorResponse><Error><Code>NoSuchEntity</Code><Message>no</Message></Error></ErrorResponse>".to_vec(),
        ),
        other => panic!("{other} was not expected"),
    })
}

/// The plan of a tag as the console gets it, where that is never touched.
fn planned(key: &str, never: &[&str]) -> Result<Plan, Problem> {
    plan("ec2-tag", &[("resource", "vol-0c4f1e97ab52d6038"), ("key", key)], never)
}

/// That of a denial of all to a user who has a key.
fn of_user(never: &[&str]) -> Result<Plan, Problem> {
    plan("iam-deny", &[("user", "jo")], never)
}

fn runner(never: &[&str], told: &Arc<Cell<Vec<Message>>>) -> Runner {
    let options = ConnectOptions { never: never.iter().map(|id| (*id).to_owned()).collect(), ..Default::default() };
    let connection = account().connection(ConnectionKind::Simulated, options, allow());
    let (to, folder) = (told.clone(), tempfile::tempdir().unwrap());
    let sessions = Sessions::of(&StateDir::at(folder.path().join("state")));
    let deliver: Deliver = Arc::new(move |message| to.lock().unwrap().push(message));
    Runner::new(connection, Runtime::real(), deliver, sessions)
}

fn plan(kind: &str, fields: &[(&str, &str)], never: &[&str]) -> Result<Plan, Problem> {
    let told: Arc<Cell<Vec<Message>>> = Arc::default();
    let runner = runner(never, &told);
    let fields = fields.iter().map(|(name, text)| ((*name).into(), Value::Text(Word::own(*text)))).collect();
    let request = Request {
        account: Some("111122223333".into()),
        partition: Some("aws".into()),
        region: Some("eu-west-1".into()),
        ..Request::of_kind(Id::new(kind).unwrap(), "Do it".into(), fields)
    };
    run(runner.plan(1, request, &Bearer::new(None, None)));
    let mut told = told.lock().unwrap();
    let Some(Message::Inputs(inputs)) = told.pop() else { panic!("nothing was told") };
    match inputs.into_iter().next_back() {
        Some(Input::Planned { result, .. }) => *result,
        _ => panic!("no plan was told"),
    }
}

#[test]
fn a_plan_says_what_it_writes() {
    let plan = planned("owner", &[]).unwrap();
    let parts: Vec<String> = plan.writes[0].parts.iter().map(|part| part.line().into_string()).collect();
    assert_eq!((plan.writes.len(), parts), (1, vec!["tag owner".to_owned()]));
    assert_eq!(plan.writes[0].resource, "vol-0c4f1e97ab52d6038".into());
}

#[test]
fn what_a_plan_reaches_may_be_what_is_never_touched() {
    assert!(planned("owner", &["i-0c4f1e97ab52d6038"]).is_ok());
    let what = planned("owner", &["vol-0c4f1e97ab52d6038"]).unwrap_err().what;
    assert_eq!(what, "the plan touches vol-0c4f1e97ab52d6038, which never is touched");
    let key = "AKIAIOSFODNN7EXAMPLE";
    assert!(of_user(&["AKIAI44QH8DHBEXAMPLE"]).is_ok());
    let problem = of_user(&[key]).unwrap_err();
    assert_eq!(problem.what, format!("the plan touches {key}, which never is touched"));
}

/// A name alone may be a role's.
#[test]
fn a_plan_for_all_buckets_says_what_may_be_meant_never_to_be_touched() {
    let plan = |never: &[&str]| plan("s3-block-public-account", &[], never);
    let first = |plan: Plan| plan.warnings[0].line().into_string();
    assert!(first(plan(&[]).unwrap()).starts_with("It is about EVERY bucket"));
    let doubt = "The configuration's `never` names lumen-web: if that is a bucket, this is about it too.";
    let words = first(plan(&["lumen-web"]).unwrap());
    assert!(words.starts_with(doubt), "{words}");
    assert!(plan(&["arn:aws:s3:::lumen-web"]).is_err());
}

/// What a look-up told of a plan, in an account where nothing of it stands.
fn looked_up(plan: Plan) -> Found {
    let told: Arc<Cell<Vec<Message>>> = Arc::default();
    let runner = runner(&[], &told);
    let token = Token::new(&Id::new("20260102T030405Z-demo-abcdef").unwrap(), &link());
    run(runner.check(link(), plan, token));
    let Some(Message::Inputs(inputs)) = told.lock().unwrap().pop() else { panic!("nothing was told") };
    match inputs.into_iter().next_back() {
        Some(Input::Checked { found, .. }) => found,
        _ => panic!("nothing was looked up"),
    }
}

fn link() -> Link {
    Link(Id::new("aaaaaaaaaaaaaaaaaaaaaaaaaa").unwrap(), 7)
}

#[test]
fn what_one_call_would_have_set_and_does_not_stand_is_told() {
    for plan in [of_user(&[]).unwrap(), planned("owner", &[]).unwrap()] {
        let found = looked_up(plan);
        assert!(matches!(&found, Found::DoesNotStand(_)), "{found:?}");
    }
    // Of another request nothing is known but what was sent.
    let mut other = of_user(&[]).unwrap();
    other.requests.clear();
    let found = looked_up(other);
    assert!(matches!(&found, Found::CannotTell(_)), "{found:?}");
}
