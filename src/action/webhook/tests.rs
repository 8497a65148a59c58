use super::super::testing::*;
use super::super::{Action, Request, Value, allow};
use super::Webhook;
use crate::aws::fake::{Answer, Fake, identity, run};
use crate::aws::{ConnectOptions, ConnectionKind};
use quell_core::incident::{FailClass, Found, Outcome, Plan};
use quell_core::text::Id;
use serde_json::json;
use std::collections::BTreeMap;

const URL: &str = "https://hooks.example.com/T0/secret";
const POST: &str = "POST /T0/secret";
const BODY: &str = "{\"finding\":{\"account\":\"111122223333\",\"id\":\"f-1\",\"region\":\"eu-west-1\",\
                    \"resource\":\"i-1\",\"title\":\"A finding\"},\"session\":\"s-1\",\"source\":\"quell\"}";

fn bench(url: Option<&str>, answer: Answer) -> Bench {
    let fake = Fake::new(move |asked| match asked.operation.as_str() {
        "GetCallerIdentity" => identity(ACCOUNT),
        _ => answer.clone(),
    });
    let webhooks = BTreeMap::from_iter(url.map(|url| ("ops".to_owned(), Id::new(url).unwrap())));
    let options = ConnectOptions { webhooks, ..ConnectOptions::default() };
    let connection = fake.connection(ConnectionKind::Simulated, options, allow());
    let reader = connection.reader(REGION);
    Bench { fake, connection, reader }
}

fn ask<const N: usize>(more: [(&str, Value); N]) -> Request {
    let mut request = request(&Webhook, finding("f-1", "i-1"), [("webhook", own("ops")), ("session", filled("s-1"))]);
    request.fields.extend(more.into_iter().map(|(name, value)| (name.into(), value)));
    request
}

fn planned(bench: &Bench) -> Plan {
    bench.plan(&Webhook, &ask([])).unwrap()
}

#[test]
fn the_plan_says_which_host_is_told_what_and_not_the_whole_address() {
    let bench = bench(Some(URL), Answer::ok("ok"));
    let plan = planned(&bench);
    let request = &plan.requests[0];
    assert_eq!((request.service.as_str(), request.operation.as_str(), plan.danger), ("local", "post", 2));
    // By hand: printf %s https://hooks.example.com/T0/secret | sha256sum
    let address = "sha256 f4df20849ad23816";
    let input = json!({ "webhook": "ops", "host": "hooks.example.com", "address": address, "body": BODY });
    assert_eq!(request.input, input);
    assert_eq!(raw(&plan.confirm), "ops");
    assert!(!serde_json::to_string(&plan).unwrap().contains("/T0/"));
    assert!(raws(&plan.warnings)[0].starts_with("It leaves AWS: hooks.example.com is told"));
    assert!(raw(&plan.undo).contains("what is told can't be untold"));
    assert!(Webhook.tells() && Webhook.stands(&plan).is_none());
    assert_eq!(Webhook.breaks(&plan)[0], "nothing by itself; what the host does with it, quell does not know");
    assert!(bench.fake.asked().is_empty());
}

#[test]
fn it_is_posted_once_without_credentials_and_stands_in_the_call_log() {
    let bench = bench(Some(URL), Answer::ok("whatever it says"));
    let plan = planned(&bench);
    let (outcome, reports) = bench.execute(&Webhook, &plan);
    let Outcome::Succeeded { outcome: told, undo: None, request_ids, facts } = &outcome else { panic!("{outcome:?}") };
    assert_eq!((raw(told).as_str(), reports.len()), ("hooks.example.com took it, with 200", 1));
    assert_eq!((raws(request_ids), fact(facts, "status").as_deref()), (vec!["req-1".to_owned()], Some("200")));
    assert_eq!((bench.count(POST), bench.body(POST).as_str()), (1, BODY));
    let asked = bench.fake.asked();
    let post = asked.iter().find(|asked| asked.operation == POST).unwrap();
    assert_eq!((post.uri.as_str(), post.authorization.as_str()), (URL, ""));
    assert_eq!(post.header("content-type"), Some("application/json"));
    assert_eq!((post.header("x-amz-security-token"), post.header("amz-sdk-invocation-id")), (None, None));
    let calls = bench.connection.calls().calls();
    let call = calls.last().unwrap();
    assert_eq!((call.service.as_str(), call.status, call.date, call.writer), ("webhook", Some(200), None, true));
    let line = call.command.as_deref().unwrap();
    assert!(line.ends_with(" https://hooks.example.com/...") && !line.contains("secret"), "{line}");
    assert!(Webhook.undo(&plan, &outcome).is_none());
    assert!(matches!(bench.check(&Webhook, &plan), Found::CannotTell(_)));
    assert_eq!(bench.verify(&Webhook, &plan, &outcome).holds, None);
}

#[test]
fn the_block_may_give_the_whole_document() {
    let bench = bench(Some(URL), Answer::ok(""));
    let input = Value::Map([("text".into(), filled("Look at \u{202e}i-1"))].into());
    let plan = bench.plan(&Webhook, &ask([("input", input)])).unwrap();
    assert_eq!(plan.requests[0].input["body"], "{\"text\":\"Look at \\u202ei-1\"}");
}

#[test]
fn each_answer_is_told_as_what_it_is() {
    let of = |answer: Answer| {
        let bench = bench(Some(URL), answer);
        let outcome = bench.execute(&Webhook, &planned(&bench)).0;
        // Once, whatever comes of it, and nowhere else.
        assert_eq!(bench.count(POST), 1);
        assert_eq!(bench.fake.asked().iter().filter(|asked| asked.authorization.is_empty()).count(), 1);
        outcome
    };
    for (status, class, said) in [
        (
            302,
            FailClass::Other,
            "hooks.example.com answered with 302: it points elsewhere, and quell follows no redirect",
        ),
        (400, FailClass::Validation, "hooks.example.com answered with 400: it does not take such a document"),
        (403, FailClass::Denied, "hooks.example.com answered with 403"),
        (404, FailClass::NotFound, "hooks.example.com answered with 404: look at the address in the configuration"),
        (429, FailClass::Throttled, "hooks.example.com answered with 429"),
    ] {
        assert_eq!(failure(&of(Answer::Whole(status, "", Vec::new()))), (class, said.to_owned()));
    }
    for (answer, said) in [
        (Answer::Whole(503, "", Vec::new()), "hooks.example.com answered with 503; it may have it all the same"),
        (Answer::Lost, "hooks.example.com: the connection ended before an answer came"),
        (Answer::Hangs, "hooks.example.com: it did not answer in time"),
    ] {
        assert_eq!(of(answer), Outcome::Unknown { why: said.into() });
    }
    // A good head is an answer, whatever becomes of what comes behind it.
    for answer in [Answer::Short(200, b"half".to_vec(), 99), Answer::Pieces(200, b"broken off".to_vec(), true)] {
        assert!(matches!(of(answer), Outcome::Succeeded { .. }));
    }
}

#[test]
fn an_address_that_is_not_configured_is_not_posted_to() {
    let none = bench(None, Answer::ok(""));
    let refused = |request: &Request| none.plan(&Webhook, request).unwrap_err().what;
    assert_eq!(refused(&ask([])), "the configuration has no webhook ops");
    assert!(refused(&ask([("webhook", own("https://evil.example/"))])).starts_with("webhook is not a slug"));
    assert!(refused(&ask([("url", own("https://evil.example/"))])).starts_with("webhook has no field url"));
    // What was approved is for the address that was configured then.
    let plan = planned(&bench(Some(URL), Answer::ok("")));
    let (outcome, _) = none.execute(&Webhook, &plan);
    let gone = "nothing was sent: the configuration has no webhook ops any more";
    assert_eq!(failure(&outcome), (FailClass::NotSent, gone.to_owned()));
    let other = bench(Some("https://hooks.example.com/T1"), Answer::ok(""));
    let (class, said) = failure(&other.execute(&Webhook, &plan).0);
    assert_eq!(class, FailClass::Conflict);
    assert!(said.starts_with("nothing was sent: address was sha256 "), "{said}");
    assert!(other.fake.asked().iter().all(|asked| asked.operation == "GetCallerIdentity"));
}

#[test]
fn the_doctor_looks_for_its_name() {
    let state = |bench: &Bench, request: &Request| {
        run(Webhook.needs(&bench.reader, request)).into_iter().map(|need| (need.name, need.state)).collect::<Vec<_>>()
    };
    let there = bench(Some(URL), Answer::ok(""));
    assert_eq!(format!("{:?}", state(&there, &ask([]))), "[(\"webhook ops\", Ok)]");
    assert_eq!(format!("{:?}", state(&bench(None, Answer::ok("")), &ask([]))), "[(\"webhook ops\", Missing)]");
    assert_eq!(state(&there, &ask([("webhook", filled(""))])).len(), 0);
}

#[test]
fn what_is_known_of_the_address_is_kept_out_of_the_record() {
    let bench = bench(Some(URL), Answer::ok(""));
    let secrets = run(bench.connection.secrets());
    let kept = secrets.withhold(format!("curl {URL} -d x").into_bytes()).0;
    assert!(!String::from_utf8(kept).unwrap().contains("/T0/secret"));
}
