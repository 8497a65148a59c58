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
        other => panic!("{other} was not expected"),
    })
}

/// The plan of a tag as the console gets it, where that is never touched.
fn planned(key: &str, never: &[&str]) -> Result<Plan, Problem> {
    let options = ConnectOptions { never: never.iter().map(|id| (*id).to_owned()).collect(), ..Default::default() };
    let connection = account().connection(ConnectionKind::Simulated, options, allow());
    let told: Arc<Cell<Vec<Message>>> = Arc::default();
    let (to, folder) = (told.clone(), tempfile::tempdir().unwrap());
    let sessions = Sessions::of(&StateDir::at(folder.path().join("state")));
    let deliver: Deliver = Arc::new(move |message| to.lock().unwrap().push(message));
    let runner = Runner::new(connection, Runtime::real(), deliver, sessions);
    let own = |text: &str| Value::Text(Word::own(text));
    let fields = [("resource".into(), own("vol-0c4f1e97ab52d6038")), ("key".into(), own(key))].into();
    let request = Request {
        account: Some("111122223333".into()),
        partition: Some("aws".into()),
        region: Some("eu-west-1".into()),
        ..Request::of_kind(Id::new("ec2-tag").unwrap(), "Tag it".into(), fields)
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
