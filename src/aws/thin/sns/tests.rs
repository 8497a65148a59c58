use super::{Message, Topic};
use crate::aws::fake::{Answer, Asked, Fake, run};
use crate::aws::{Allow, ConnectOptions, ConnectionKind, ErrorClass, Failure, Reader};
use aws_types::request_id::RequestId;
use quell_core::text::{Id, id::Arn};

const OPERATIONS: [(&str, &str); 2] = [("SNS", "GetTopicAttributes"), ("SNS", "Publish")];

/// A client that may call all of it as reads: what is tested is what goes over the wire.
fn client(script: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> (Reader, Fake) {
    let fake = Fake::new(script);
    let allow = Allow { read: OPERATIONS.to_vec(), ..Allow::default() };
    let connection = fake.connection(ConnectionKind::Real, ConnectOptions::default(), allow);
    (connection.reader("eu-west-1"), fake)
}

fn topic() -> Id<Arn> {
    Id::new("arn:aws:sns:eu-west-1:111122223333:on-call").unwrap()
}

fn attributes(entries: &str) -> Answer {
    let namespace = "http://sns.amazonaws.com/doc/2010-03-31/";
    Answer::ok(format!(
        "<GetTopicAttributesResponse xmlns=\"{namespace}\"><GetTopicAttributesResult><Attributes>{entries}</Attributes>\
         </GetTopicAttributesResult><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata>\
         </GetTopicAttributesResponse>"
    ))
}

const OWNER: &str = "<entry><key>Owner</key><value>111122223333</value></entry>";
const COUNTS: &str = "<entry><key>SubscriptionsConfirmed</key><value>3</value></entry><entry>\
                      <key>SubscriptionsPending</key><value>1</value></entry>";

#[test]
fn a_topic_is_read_by_its_attributes() {
    let (reader, fake) = client(|_| attributes(&format!("{OWNER}<entry><key>Policy</key><value/></entry>{COUNTS}")));
    let found = run(reader.sns().get_topic_attributes(&topic())).unwrap();
    assert_eq!(found, Topic { owner: "111122223333".into(), confirmed: 3, pending: 1, fifo: false, key: None });
    let asked = &fake.asked()[0];
    assert_eq!(asked.uri, "https://sns.eu-west-1.amazonaws.com/");
    let arn = "arn%3Aaws%3Asns%3Aeu-west-1%3A111122223333%3Aon-call";
    assert_eq!(asked.body, format!("Action=GetTopicAttributes&Version=2010-03-31&TopicArn={arn}"));
    assert!(asked.authorization.contains("/eu-west-1/sns/aws4_request"), "{}", asked.authorization);
    for odd in [OWNER.to_owned(), COUNTS.to_owned(), OWNER.to_owned() + &COUNTS.replace('3', "-3"), String::new()] {
        let (reader, _) = client(move |_| attributes(&odd));
        let failure = Failure::of(&run(reader.sns().get_topic_attributes(&topic())).unwrap_err());
        assert_eq!(failure.class, ErrorClass::Unreadable);
    }
}

#[test]
fn a_message_is_published_with_what_a_fifo_topic_needs() {
    let answer = "<PublishResponse><PublishResult><MessageId>m-1</MessageId><SequenceNumber>1</SequenceNumber>\
                  </PublishResult><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></PublishResponse>";
    let (reader, fake) = client(move |_| Answer::ok(answer));
    let mut message = Message { topic: topic(), subject: "S".into(), text: "{\"a\":1}".into(), order: None };
    let done = run(reader.sns().publish(&message)).unwrap();
    assert_eq!((done.value.clone(), done.request_id()), ("m-1".into(), Some("req-1")));
    message.order = Some(("g".into(), "t".into()));
    run(reader.sns().publish(&message)).unwrap();
    let plain = "Action=Publish&Version=2010-03-31&TopicArn=arn%3Aaws%3Asns%3Aeu-west-1%3A111122223333%3Aon-call\
                 &Subject=S&Message=%7B%22a%22%3A1%7D";
    let bodies: Vec<String> = fake.asked().into_iter().map(|asked| asked.body).collect();
    assert_eq!(bodies, [plain.to_owned(), format!("{plain}&MessageGroupId=g&MessageDeduplicationId=t")]);
    // The answer to another question is none to this one.
    let failure = Failure::of(&run(reader.sns().get_topic_attributes(&topic())).unwrap_err());
    assert_eq!(failure.class, ErrorClass::Unreadable);
}

#[test]
fn refusals_keep_their_code_and_their_words() {
    for (status, code, class) in [
        (404, "NotFound", ErrorClass::NotFound),
        (403, "AuthorizationError", ErrorClass::Denied),
        (403, "InvalidClientTokenId", ErrorClass::Expired),
        (400, "InvalidParameter", ErrorClass::Validation),
        (500, "InternalError", ErrorClass::Transient),
    ] {
        let error = format!("<Error><Type>Sender</Type><Code>{code}</Code><Message>No.</Message></Error>");
        let body = format!("<ErrorResponse>{error}<RequestId>r</RequestId></ErrorResponse>").into_bytes();
        let (reader, _) = client(move |_| Answer::Whole(status, "", body.clone()));
        let failure = Failure::of(&run(reader.sns().get_topic_attributes(&topic())).unwrap_err());
        assert_eq!((failure.class, failure.code, failure.message), (class, code.into(), "No.".into()));
    }
}
