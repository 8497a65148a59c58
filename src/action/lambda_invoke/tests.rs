use super::super::testing::*;
use super::super::{Action, Report, Request, Value};
use super::LambdaInvoke;
use super::{ended, of};
use crate::aws::fake::Answer;
use crate::aws::lambda::Invoked;
use quell_core::incident::{FailClass, Found, Outcome, Plan};
use serde_json::json;

const FUNCTION: &str = "arn:aws:lambda:eu-west-1:111122223333:function:page";
const READ: &str = "GET /2015-03-31/functions/page/configuration";
const INVOKE: &str = "POST /2015-03-31/functions/page/invocations";

fn configuration(code: &str) -> Answer {
    let found = json!({ "FunctionName": "page", "FunctionArn": FUNCTION, "Timeout": 30, "CodeSha256": code,
        "Role": "arn:aws:iam::111122223333:role/pager", "State": "Active" });
    Answer::ok(found.to_string())
}

fn bench(answer: Answer) -> Bench {
    Bench::new([(READ, vec![configuration("c")]), (INVOKE, vec![answer])])
}

fn ask<const N: usize>(more: [(&str, Value); N]) -> Request {
    let mut request =
        request(&LambdaInvoke, finding("f-1", "i-1"), [("function", own(FUNCTION)), ("session", filled("s"))]);
    request.fields.extend(more.into_iter().map(|(name, value)| (name.into(), value)));
    request
}

fn planned(bench: &Bench) -> Plan {
    bench.plan(&LambdaInvoke, &ask([])).unwrap()
}

#[test]
fn the_plan_says_what_runs_and_how_long_quell_waits() {
    let plan = planned(&bench(Answer::ok("{}")));
    assert_eq!((plan.danger, raw(&plan.confirm).as_str()), (3, "page"));
    let input = &plan.requests[0].input;
    assert_eq!((&input["FunctionName"], &input["InvocationType"]), (&json!("page"), &json!("RequestResponse")));
    assert!(input["Payload"].as_str().unwrap().contains("\"session\":\"s\""));
    let said = raws(&plan.warnings).join("\n");
    assert!(said.contains("quell waits for its end, up to 40 s; after that the outcome is unknown."), "{said}");
    assert!(said.contains("with the permissions of arn:aws:iam::111122223333:role/pager"), "{said}");
    let dry = bench(Answer::ok("")).plan(&LambdaInvoke, &ask([("invocation", own("DryRun"))])).unwrap();
    assert_eq!((dry.danger, dry.warnings.len()), (2, 1));
}

#[test]
fn it_is_run_once_and_what_it_gave_back_is_kept() {
    let bench = bench(Answer::ok("{\"paged\":\"\u{202e}jo\"}"));
    let plan = bench.plan(&LambdaInvoke, &ask([("qualifier", own("$LATEST"))])).unwrap();
    let (outcome, reports) = bench.execute(&LambdaInvoke, &plan);
    let Outcome::Succeeded { outcome: told, undo: None, facts, .. } = &outcome else { panic!("{outcome:?}") };
    assert_eq!(raw(told), "page ran to its end");
    assert_eq!(fact(facts, "answer").as_deref(), Some("{\"paged\":\"\\u{202e}jo\"}"));
    let kept = Report::Output { name: "page.json".into(), bytes: "{\"paged\":\"\u{202e}jo\"}".into() };
    assert!(reports.contains(&kept), "{reports:?}");
    assert_eq!(
        (bench.body(INVOKE), bench.count(INVOKE)),
        (plan.requests[0].input["Payload"].as_str().unwrap().into(), 1)
    );
    let asked = bench.fake.asked();
    let asked = asked.iter().find(|asked| asked.operation == INVOKE).unwrap();
    assert!(asked.uri.ends_with("/2015-03-31/functions/page/invocations?Qualifier=%24LATEST"), "{}", asked.uri);
    assert_eq!(asked.header("x-amz-invocation-type"), Some("RequestResponse"));
    assert_eq!(asked.header("x-amz-log-type"), Some("Tail"));
    assert_eq!((bench.verify(&LambdaInvoke, &plan, &outcome).holds, LambdaInvoke.undo(&plan, &outcome)), (None, None));
}

#[test]
fn each_way_of_running_has_its_own_answer() {
    let invoked = |status, error: Option<&str>| Invoked {
        status,
        error: error.map(Into::into),
        version: None,
        log: None,
        payload: "{\"errorMessage\":\"no\"}".into(),
    };
    let end = |kind: &str, answer: Invoked| {
        let plan = bench(Answer::ok("{}")).plan(&LambdaInvoke, &ask([("invocation", own(kind))])).unwrap();
        ended(&answer, &of(&plan).unwrap(), Vec::new())
    };
    let (class, message) = failure(&end("RequestResponse", invoked(200, Some("Unhandled"))));
    let said = "page ran and ended in an error of its own (Unhandled): {\"errorMessage\":\"no\"}";
    assert_eq!((class, message.as_str()), (FailClass::Failed, said));
    assert!(matches!(end("Event", invoked(202, None)), Outcome::Succeeded { .. }));
    assert!(matches!(end("DryRun", invoked(204, None)), Outcome::Succeeded { .. }));
    for (kind, status) in [("Event", 200), ("DryRun", 200), ("RequestResponse", 202), ("RequestResponse", 204)] {
        assert!(matches!(end(kind, invoked(status, None)), Outcome::Unknown { .. }), "{kind} {status}");
    }
}

#[test]
fn an_error_is_a_failure_and_silence_is_unknown() {
    for (status, code, class) in [
        (403, "AccessDeniedException", FailClass::Denied),
        (404, "ResourceNotFoundException", FailClass::NotFound),
        (429, "TooManyRequestsException", FailClass::Throttled),
        (400, "InvalidRequestContentException", FailClass::Validation),
        (413, "RequestTooLargeException", FailClass::Validation),
    ] {
        let bench = bench(Answer::refused(status, code, r#"{"message":"No."}"#));
        assert_eq!(failure(&bench.execute(&LambdaInvoke, &planned(&bench)).0).0, class, "{code}");
    }
    let broken = [Answer::refused(500, "ServiceException", "{}"), Answer::refused(502, "EC2UnexpectedException", "{}")];
    for silence in broken.into_iter().chain([Answer::Lost, Answer::Hangs, Answer::ok("<oops/>")]) {
        let bench = bench(silence.clone());
        let plan = planned(&bench);
        let (outcome, _) = bench.execute(&LambdaInvoke, &plan);
        assert!(matches!(outcome, Outcome::Unknown { .. }), "{silence:?}: {outcome:?}");
        assert_eq!(bench.count(INVOKE), 1, "{silence:?}");
        assert!(matches!(bench.check(&LambdaInvoke, &plan), Found::CannotTell(_)));
    }
}

#[test]
fn other_code_stops_it_and_what_is_no_function_is_refused() {
    let changed = Bench::new([(READ, vec![configuration("c"), configuration("d")]), (INVOKE, vec![Answer::ok("{}")])]);
    assert_eq!(failure(&changed.execute(&LambdaInvoke, &planned(&changed)).0).0, FailClass::Conflict);
    assert_eq!(changed.count(INVOKE), 0);
    let bench = bench(Answer::ok("{}"));
    let refuse = |field: &str, value: &str| bench.plan(&LambdaInvoke, &ask([(field, own(value))])).unwrap_err().what;
    assert!(refuse("function", &format!("{FUNCTION}:live")).starts_with("function is another thing's ARN"));
    assert!(refuse("qualifier", "a/b").starts_with("qualifier is not a version or alias of a Lambda function"));
    assert_eq!(refuse("invocation", "Later"), "invocation is RequestResponse or Event or DryRun, not Later");
}
