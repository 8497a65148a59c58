use crate::simulator::testing::{Bench, between};

const TOPIC: &str = "arn:aws:sns:eu-west-1:111122223333:security-incidents";

#[test]
fn a_topic_tells_whose_it_is_and_a_message_gets_an_id_of_its_own() {
    let mut bench = Bench::new("crypto-mining");
    let (status, xml) = bench.form("sns", &format!("Action=GetTopicAttributes&TopicArn={TOPIC}"));
    let value = |key: &str| between(&xml, &format!("<key>{key}</key><value>"), "</value>").to_owned();
    assert_eq!((status, value("Owner"), value("SubscriptionsConfirmed")), (200, "111122223333".into(), "3".into()));
    let mut publish = || {
        let (status, xml) = bench.form("sns", &format!("Action=Publish&TopicArn={TOPIC}&Message=a&Subject=b"));
        assert_eq!(status, 200, "{xml}");
        between(&xml, "<MessageId>", "</MessageId>").to_owned()
    };
    assert_ne!(publish(), publish());
}

#[test]
fn a_fifo_topic_takes_the_same_message_once() {
    let mut bench = Bench::new("crypto-mining");
    let mut publish = |more: &str| bench.form("sns", &format!("Action=Publish&TopicArn={TOPIC}.fifo&Message=a{more}"));
    assert!(publish("").1.contains("The MessageGroupId parameter is required for FIFO topics"));
    assert!(publish("&MessageGroupId=g").1.contains("MessageDeduplicationId provided explicitly"));
    let id = |xml: &str| between(xml, "<MessageId>", "</MessageId>").to_owned();
    let first = publish("&MessageGroupId=g&MessageDeduplicationId=1").1;
    assert!(first.contains("<SequenceNumber>10000000000000000001</SequenceNumber>"), "{first}");
    assert_eq!(id(&publish("&MessageGroupId=g&MessageDeduplicationId=1").1), id(&first));
    assert_ne!(id(&publish("&MessageGroupId=g&MessageDeduplicationId=2").1), id(&first));
}

#[test]
fn what_is_wrong_is_named_as_sns_names_it() {
    let mut bench = Bench::new("crypto-mining");
    let mut refused = |body: String| {
        let (status, xml) = bench.form("sns", &body);
        (status, between(&xml, "<Code>", "</Code>").to_owned())
    };
    assert_eq!(refused(format!("Action=Publish&TopicArn={TOPIC}s&Message=a")), (404, "NotFound".into()));
    for bad in [format!("TopicArn={TOPIC}"), format!("TopicArn={TOPIC}&Message=a&Subject=%C3%BC"), "TopicArn=x".into()]
    {
        assert_eq!(refused(format!("Action=Publish&{bad}")), (400, "InvalidParameter".into()), "{bad}");
    }
}
