use super::{Bus, Entry, Put};
use crate::aws::fake::{Answer, Asked, Fake, run};
use crate::aws::{Allow, ConnectOptions, ConnectionKind, ErrorClass, Failure, Reader};
use aws_types::request_id::RequestId;
use serde_json::json;

const OPERATIONS: [(&str, &str); 2] = [("EventBridge", "DescribeEventBus"), ("EventBridge", "PutEvents")];

/// A client that may call all of it as reads: what is tested is what goes over the wire.
fn client(script: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> (Reader, Fake) {
    let fake = Fake::new(script);
    let allow = Allow { read: OPERATIONS.to_vec(), ..Allow::default() };
    let connection = fake.connection(ConnectionKind::Real, ConnectOptions::default(), allow);
    (connection.reader("eu-west-1"), fake)
}

#[test]
fn a_header_names_the_operation_and_the_body_is_its_input() {
    let (reader, fake) = client(|asked| match asked.operation.as_str() {
        "DescribeEventBus" => Answer::ok(r#"{"Name":"n","Arn":"a","Policy":"{}","CreationTime":1.5E9}"#),
        _ => Answer::ok(r#"{"FailedEntryCount":1,"Entries":[{"EventId":"e"},{"ErrorCode":"c","ErrorMessage":"m"}]}"#),
    });
    assert_eq!(run(reader.events().describe_event_bus("n")).unwrap(), Bus { arn: "a".into() });
    let done = run(reader.events().put_events(&json!([{ "Source": "quell" }]))).unwrap();
    let good = Entry { event_id: Some("e".into()), ..Entry::default() };
    let bad = Entry { error_code: Some("c".into()), error_message: Some("m".into()), ..Entry::default() };
    assert_eq!(done.value, Put { failed_entry_count: 1, entries: vec![good, bad] });
    assert_eq!(done.request_id(), Some("req-1"));
    let asked = &fake.asked();
    assert_eq!(
        (asked[0].uri.as_str(), asked[0].body.as_str()),
        ("https://events.eu-west-1.amazonaws.com/", r#"{"Name":"n"}"#)
    );
    assert_eq!(asked[1].body, r#"{"Entries":[{"Source":"quell"}]}"#);
    assert_eq!(asked[1].header("x-amz-target"), Some("AWSEvents.PutEvents"));
    assert_eq!(asked[1].header("content-type"), Some("application/x-amz-json-1.1"));
    assert!(asked[1].authorization.contains("/eu-west-1/events/aws4_request"), "{}", asked[1].authorization);
}

#[test]
fn a_refusal_s_code_stands_in_the_body() {
    for (status, body, class) in [
        (400, r#"{"__type":"ResourceNotFoundException","message":"No."}"#, ErrorClass::NotFound),
        (400, r#"{"__type":"com.amazon.coral#AccessDeniedException","Message":"No."}"#, ErrorClass::Denied),
        (400, r#"{"__type":"ThrottlingException","message":"No."}"#, ErrorClass::Throttled),
        (500, r#"{"__type":"InternalException","message":"No."}"#, ErrorClass::Transient),
    ] {
        let (reader, _) = client(move |_| Answer::Whole(status, "", body.as_bytes().to_vec()));
        let failure = Failure::of(&run(reader.events().describe_event_bus("n")).unwrap_err());
        assert_eq!((failure.class, failure.message), (class, "No.".into()), "{body}");
    }
    for odd in ["", "{}", "[]", "{\"Arn\":1}"] {
        let (reader, _) = client(move |_| Answer::ok(odd));
        assert!(run(reader.events().describe_event_bus("n")).is_err(), "{odd}");
    }
}
