use super::super::testing::*;
use super::super::{Action, Request, Value};
use super::SnsPublish;
use crate::aws::fake::Answer;
use quell_core::incident::{FailClass, Found, Outcome, Plan};
use serde_json::json;

const TOPIC: &str = "arn:aws:sns:eu-west-1:111122223333:on-call";
const GET: &str = "GetTopicAttributes";
const PUBLISH: &str = "Publish";

fn attributes(confirmed: u32, fifo: bool) -> Answer {
    let entry = |key: &str, value: &str| format!("<entry><key>{key}</key><value>{value}</value></entry>");
    let mut all = entry("Owner", "111122223333") + &entry("SubscriptionsConfirmed", &confirmed.to_string());
    all += &entry("SubscriptionsPending", "1");
    if fifo {
        all += &entry("FifoTopic", "true");
    }
    Answer::ok(format!(
        "<GetTopicAttributesResponse><GetTopicAttributesResult><Attributes>{all}</Attributes></GetTopicAttributesResult>\
         <ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></GetTopicAttributesResponse>"
    ))
}

fn published() -> Answer {
    Answer::ok(
        "<PublishResponse><PublishResult><MessageId>m-1</MessageId></PublishResult><ResponseMetadata>\
         <RequestId>r</RequestId></ResponseMetadata></PublishResponse>",
    )
}

fn bench(topics: Vec<Answer>, publish: Answer) -> Bench {
    Bench::new([(GET, topics), (PUBLISH, vec![publish])])
}

fn ask<const N: usize>(more: [(&str, Value); N]) -> Request {
    let mut request = request(&SnsPublish, finding("f-1", "i-1"), [("topic", own(TOPIC)), ("session", filled("s-1"))]);
    request.fields.extend(more.into_iter().map(|(name, value)| (name.into(), value)));
    request
}

fn planned(bench: &Bench) -> Plan {
    bench.plan(&SnsPublish, &ask([])).unwrap()
}

const MESSAGE: &str = "{\"finding\":{\"account\":\"111122223333\",\"id\":\"f-1\",\"region\":\"eu-west-1\",\
                       \"resource\":\"i-1\",\"title\":\"A finding\"},\"session\":\"s-1\",\"source\":\"quell\"}";

#[test]
fn the_plan_says_whom_it_tells_and_that_it_can_not_be_untold() {
    let plan = planned(&bench(vec![attributes(3, false)], published()));
    let request = &plan.requests[0];
    assert_eq!((request.service.as_str(), request.operation.as_str(), plan.danger), ("sns", "Publish", 2));
    let subject = "Security incident: in 111122223333, eu-west-1";
    assert_eq!(request.input, json!({ "TopicArn": TOPIC, "Subject": subject, "Message": MESSAGE }));
    assert_eq!((raw(&plan.confirm).as_str(), raw(&plan.target.account).as_str()), ("on-call", ACCOUNT));
    assert_eq!(fact(&plan.facts, "subscriptions").as_deref(), Some("3 confirmed, 1 not yet"));
    assert_eq!(fact(&plan.facts, "owner").as_deref(), Some(ACCOUNT));
    assert!(raw(&plan.undo).contains("what is told can't be untold"));
    let said = raws(&plan.warnings).join("\n");
    for words in [
        "It tells all 3 subscriptions of the topic; who they are is not read.",
        "which whoever caused the finding may have worded",
        "SNS says that it took the message, and not whether it came.",
        "it can't be looked up afterwards",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
    let nobody = planned(&bench(vec![attributes(0, false)], published()));
    assert_eq!(raws(&nobody.warnings)[0], "NOBODY is subscribed to the topic: nobody is told.");
    assert!(SnsPublish.tells() && SnsPublish.stands(&plan).is_none());
}

#[test]
fn it_is_published_once_and_not_undone() {
    let bench = bench(vec![attributes(3, false)], published());
    let plan = planned(&bench);
    let (outcome, reports) = bench.execute(&SnsPublish, &plan);
    let Outcome::Succeeded { outcome: told, undo: None, request_ids, facts } = &outcome else { panic!("{outcome:?}") };
    assert_eq!((raw(told).as_str(), reports.len()), ("SNS took the message as m-1", 1));
    assert_eq!((raws(request_ids), fact(facts, "message").as_deref()), (vec!["req-1".to_owned()], Some("m-1")));
    let body = bench.body(PUBLISH);
    let form: Vec<(String, String)> = form_urlencoded::parse(body.as_bytes()).into_owned().collect();
    let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let subject = "Security incident: in 111122223333, eu-west-1";
    assert_eq!(
        form,
        [
            ("Action", "Publish"),
            ("Version", "2010-03-31"),
            ("TopicArn", TOPIC),
            ("Subject", subject),
            ("Message", MESSAGE)
        ]
    );
    assert_eq!((bench.count(PUBLISH), SnsPublish.undo(&plan, &outcome)), (1, None));
    assert_eq!(bench.verify(&SnsPublish, &plan, &outcome).holds, None);
}

#[test]
fn a_fifo_topic_is_given_a_group_and_the_action_s_token() {
    let bench = bench(vec![attributes(3, true)], published());
    let plan = planned(&bench);
    assert_eq!(plan.requests[0].input["MessageGroupId"], "quell");
    bench.execute(&SnsPublish, &plan);
    let end = format!("&MessageGroupId=quell&MessageDeduplicationId={TOKEN}");
    assert!(bench.body(PUBLISH).ends_with(&end), "{}", bench.body(PUBLISH));
    let named = bench.plan(&SnsPublish, &ask([("group", own("incidents"))])).unwrap();
    assert_eq!(named.requests[0].input["MessageGroupId"], "incidents");
}

#[test]
fn who_is_told_is_read_again_before_the_call() {
    let bench = bench(vec![attributes(3, false), attributes(4, false)], published());
    let (class, message) = failure(&bench.execute(&SnsPublish, &planned(&bench)).0);
    let was = "nothing was sent: subscriptions was 3 confirmed, 1 not yet, is now 4 confirmed, 1 not yet; plan the \
               action again";
    assert_eq!((class, message.as_str(), bench.count(PUBLISH)), (FailClass::Conflict, was, 0));
}

#[test]
fn an_error_is_a_failure_and_silence_is_unknown_for_good() {
    let refused = |code: &str| {
        let error = format!("<Error><Type>Sender</Type><Code>{code}</Code><Message>No.</Message></Error>");
        format!("<ErrorResponse>{error}<RequestId>r</RequestId></ErrorResponse>").into_bytes()
    };
    for (status, code, class) in [
        (403, "AuthorizationError", FailClass::Denied),
        (404, "NotFound", FailClass::NotFound),
        (400, "InvalidParameter", FailClass::Validation),
        (400, "Throttling", FailClass::Throttled),
    ] {
        let bench = bench(vec![attributes(3, false)], Answer::Whole(status, "", refused(code)));
        assert_eq!(failure(&bench.execute(&SnsPublish, &planned(&bench)).0).0, class, "{code}");
    }
    let broken = Answer::Whole(500, "", refused("InternalError"));
    for silence in [Answer::Lost, Answer::Hangs, broken, Answer::ok("<PublishResponse/>")] {
        let bench = bench(vec![attributes(3, false)], silence.clone());
        let plan = planned(&bench);
        let (outcome, _) = bench.execute(&SnsPublish, &plan);
        assert!(matches!(outcome, Outcome::Unknown { .. }), "{silence:?}: {outcome:?}");
        assert_eq!(bench.count(PUBLISH), 1, "{silence:?}");
        assert!(matches!(bench.check(&SnsPublish, &plan), Found::CannotTell(_)));
    }
}

#[test]
fn what_is_not_exactly_a_topic_of_the_account_and_the_region_is_refused() {
    let bench = bench(vec![attributes(3, false)], published());
    let refuse = |request: &Request| bench.plan(&SnsPublish, request).unwrap_err().what;
    let at = |arn: &str| ask([("topic", own(arn))]);
    assert!(refuse(&at("on-call")).starts_with("topic is not an ARN"), "{}", refuse(&at("on-call")));
    assert_eq!(
        refuse(&at("arn:aws:sns:eu-west-1:444455556666:on-call")),
        "the target is in account 444455556666, the credentials are for 111122223333"
    );
    let far = at("arn:aws:sns:us-east-1:111122223333:on-call");
    assert_eq!(refuse(&far), "the target is in us-east-1, quell was to read in eu-west-1");
    assert_eq!(SnsPublish.place(&far), Some(("111122223333".into(), "us-east-1".into())));
    assert_eq!(refuse(&ask([("group", own("g"))])), "group is for FIFO topics, and the topic is none");
    assert_eq!(refuse(&ask([("subject", own(" x"))])), "subject is not of ASCII, or begins with a space");
    assert_eq!(refuse(&ask([("subject", filled("ünlucky"))])), "subject is not of ASCII, or begins with a space");
    assert_eq!(bench.count(PUBLISH), 0);
}
