mod commands;

use super::ec2_query::{Form, exchange};
use super::host::Host;
use super::{Thin, ec2};
use crate::aws::allow::{Access, Lists};
use crate::aws::calls::CallLog;
use crate::aws::connection::Known;
use crate::aws::fake::{Answer, Asked, Fake, NOW, run};
use crate::aws::guard::Guard;
use crate::aws::load::{StaticAccess, by_hand};
use crate::aws::pin::{Pin, Service};
use crate::aws::{Allow, ConnectOptions, Connection, ConnectionKind, ErrorClass, Failure};
use crate::problem::Place;
use crate::runtime::Runtime;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_types::request_id::RequestId;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

const INSTANCE: &str = "i-0abc12d34e5f67890";
const READS: [(&str, &str); 3] =
    [("EC2", "DescribeInstances"), ("EC2", "DescribeNetworkInterfaces"), ("EC2", "DescribeSecurityGroups")];

fn real(script: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> (Connection, Fake) {
    let fake = Fake::new(script);
    let allow = Allow { read: READS.to_vec(), ..Allow::default() };
    (fake.connection(ConnectionKind::Real, ConnectOptions::default(), allow), fake)
}

fn answer(operation: &str, body: &str) -> Answer {
    let namespace = "http://ec2.amazonaws.com/doc/2016-11-15/";
    Answer::ok(format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{operation}Response xmlns=\"{namespace}\">\n    \
         <requestId>r-in-the-body</requestId>{body}</{operation}Response>"
    ))
}

fn refused(status: u16, code: &str, message: &str) -> Answer {
    let error = format!("<Error><Code>{code}</Code><Message>{message}</Message></Error>");
    let body = format!("<Response><Errors>{error}</Errors><RequestID>r</RequestID></Response>");
    Answer::Whole(status, "", body.into_bytes())
}

const EMPTY: &str = "<networkInterfaceSet/>";

fn list(connection: &Connection, region: &str) -> Result<Vec<ec2::Interface>, Failure> {
    let found = run(connection.reader(region).ec2().describe_network_interfaces(INSTANCE));
    found.map_err(|error| Failure::of(&error))
}

#[test]
fn a_call_is_a_signed_form_to_the_service_in_its_region() {
    let (connection, fake) = real(|asked| answer(&asked.operation, EMPTY));
    assert_eq!(list(&connection, "ap-south-1").unwrap(), []);
    let asked = &fake.asked()[0];
    assert_eq!(asked.uri, "https://ec2.ap-south-1.amazonaws.com/");
    assert_eq!(
        asked.body,
        "Action=DescribeNetworkInterfaces&Version=2016-11-15&Filter.1.Name=attachment.instance-id\
         &Filter.1.Value.1=i-0abc12d34e5f67890&MaxResults=1000"
    );
    assert!(asked.authorization.starts_with("AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20261121/"));
    assert!(asked.authorization.contains("/ap-south-1/ec2/aws4_request"), "{}", asked.authorization);
    let call = &connection.calls().calls()[0];
    assert_eq!((call.service.as_str(), call.operation.as_str()), ("EC2", "DescribeNetworkInterfaces"));
    assert_eq!((call.region.as_str(), call.status, call.writer), ("ap-south-1", Some(200), false));
    assert_eq!(call.request_id.as_ref().map(|id| id.line().into_string()).as_deref(), Some("req-1"));
}

#[test]
fn what_is_on_no_list_is_refused_before_it_is_sent() {
    let (connection, fake) = real(|asked| answer(&asked.operation, "<return>true</return>"));
    let reader = connection.reader("eu-west-1");
    let error = run(reader.ec2().change(&ec2::Change::groups("eni-1", &["sg-1"]))).unwrap_err();
    assert_eq!(Failure::of(&error).class, ErrorClass::Refused);
    let problem = reader.problem("ec2:ModifyNetworkInterfaceAttribute", &error);
    let why = "EC2 ModifyNetworkInterfaceAttribute is not on quell's list of reading operations";
    assert!(problem.what.ends_with(why), "{problem}");
    assert!(fake.operations().is_empty());
    assert_eq!(connection.calls().calls()[0].class.line().as_str(), "refused");
}

/// A client of eu-west-1 whose requests would go to this place.
fn elsewhere(fake: &Fake, place: &str, endpoint: Option<&str>) -> ec2::Client {
    ec2::Client::new(thin(fake, place, endpoint))
}

fn thin(fake: &Fake, place: &str, endpoint: Option<&str>) -> Thin {
    let runtime = Runtime::new(|| NOW.parse().unwrap(), |_| Ok(()));
    let access = StaticAccess {
        account: "111122223333".to_owned(),
        region: "eu-west-1".to_owned(),
        partition: "aws".to_owned(),
        access_key_id: "AKIAIOSFODNN7EXAMPLE".to_owned(),
        secret: "secret".to_owned(),
    };
    let sdk = by_hand(SharedHttpClient::new(fake.clone()), &access, &runtime);
    let pin = |endpoint: Option<&str>| Pin {
        service: Service::Ec2,
        region: "eu-west-1".to_owned(),
        endpoint: endpoint.map(str::to_owned),
        simulated: false,
    };
    let mutate = vec![("EC2", "StopInstances")];
    let lists = Arc::new(Lists::from(Allow { read: READS.to_vec(), mutate, ..Allow::default() }));
    let (access, log, pinned) = (Access::Read, CallLog::default(), pin(endpoint));
    let guard = Guard { access, lists, pin: pinned, known: Known::default(), log, runtime, sent: None };
    Thin::at(Host::of(&sdk, &pin(Some(place))), &sdk, guard)
}

#[test]
fn a_request_to_another_host_is_stopped_before_it_is_sent() {
    let fake = Fake::new(|asked| answer(&asked.operation, EMPTY));
    for place in [
        "https://ec2.us-east-1.amazonaws.com",
        "http://ec2.eu-west-1.amazonaws.com",
        "https://ec2.eu-west-1.amazonaws.com.evil.example",
        "https://ssm.eu-west-1.amazonaws.com",
    ] {
        let error = run(elsewhere(&fake, place, None).describe_network_interfaces(INSTANCE)).unwrap_err();
        assert_eq!(Failure::of(&error).class, ErrorClass::Refused, "{place}");
    }
    assert!(fake.operations().is_empty());
    let own = elsewhere(&fake, "http://127.0.0.1:5000", Some("http://127.0.0.1:5000"));
    run(own.describe_network_interfaces(INSTANCE)).unwrap();
    assert_eq!(fake.asked()[0].uri, "http://127.0.0.1:5000/");
}

#[test]
fn a_region_that_is_none_is_refused_in_words() {
    let (connection, fake) = real(|asked| answer(&asked.operation, EMPTY));
    let error = list(&connection, "evil.example/#").unwrap_err();
    let problem = error.problem("ec2:DescribeNetworkInterfaces", &connection.reader("x").scope());
    assert!(problem.what.contains("the configured region is not an AWS region"), "{problem}");
    assert!(fake.operations().is_empty());
}

#[test]
fn a_read_is_tried_three_times_and_a_refusal_once() {
    for (first, calls, class) in [
        (refused(503, "RequestLimitExceeded", "Request limit exceeded."), 3, Some(ErrorClass::Throttled)),
        (refused(500, "InternalError", "An internal error has occurred."), 3, Some(ErrorClass::Transient)),
        (Answer::Lost, 3, Some(ErrorClass::Transient)),
        (Answer::ok("<html>a proxy"), 1, Some(ErrorClass::Unreadable)),
        (
            refused(400, "InvalidInstanceID.NotFound", "The instance ID 'i-1' does not exist"),
            1,
            Some(ErrorClass::NotFound),
        ),
        (refused(400, "RequestExpired", "Request has expired."), 1, Some(ErrorClass::Expired)),
        (refused(401, "AuthFailure", "AWS was not able to validate"), 1, Some(ErrorClass::Expired)),
        (answer("DescribeNetworkInterfaces", EMPTY), 1, None),
    ] {
        let (connection, fake) = real(move |_| first.clone());
        let found = list(&connection, "eu-west-1").err().map(|error| error.class);
        assert_eq!((found, fake.operations().len()), (class, calls));
    }
}

#[test]
fn a_denial_says_who_may_not_do_what() {
    let message = "You are not authorized to perform this operation. User: arn:aws:iam::111122223333:user/r is not \
                   authorized to perform: ec2:DescribeNetworkInterfaces because no identity-based policy allows the \
                   ec2:DescribeNetworkInterfaces action. Encoded authorization failure message: 4o7Yq0xwDm2aT";
    let (connection, _) = real(|_| refused(403, "UnauthorizedOperation", message));
    let reader = connection.reader("eu-west-1");
    let problem = list(&connection, "eu-west-1").unwrap_err().problem("ec2:DescribeNetworkInterfaces", &reader.scope());
    assert_eq!(
        problem.what,
        "arn:aws:iam::111122223333:user/r may not call ec2:DescribeNetworkInterfaces (no identity-based policy allows \
         the ec2:DescribeNetworkInterfaces action)"
    );
    let Place::Aws { request_id, .. } = problem.place else { panic!("{problem:?}") };
    assert_eq!(request_id, "req-1");
}

#[test]
fn what_is_cut_off_or_of_another_form_is_never_nothing() {
    let whole = |body: &str| match answer("DescribeNetworkInterfaces", body) {
        Answer::Whole(_, _, bytes) => bytes,
        other => panic!("{other:?}"),
    };
    let one = "<networkInterfaceId>eni-1</networkInterfaceId><vpcId>vpc-1</vpcId>";
    for bytes in [
        Vec::new(),
        whole(EMPTY)[..150].to_vec(),
        whole(""),
        whole("<networkInterfaceSet><item/></networkInterfaceSet>"),
        whole(&format!("<networkInterfaceSet><item>{one}</item></networkInterfaceSet>")),
        whole(&format!("<networkInterfaceSet><other>{one}<groupSet/></other></networkInterfaceSet>")),
        whole(&format!("<networkInterfaceSet><item>{one}{one}<groupSet/></item></networkInterfaceSet>")),
        whole(&format!("<networkInterfaceSet><item>{one}<groupSet>sg-1</groupSet></item></networkInterfaceSet>")),
        whole(&format!(
            "<networkInterfaceSet><item>{one}<requesterManaged>no</requesterManaged><groupSet/></item></networkInterfaceSet>"
        )),
        whole(&"<networkInterfaceSet>".repeat(50_000)),
        whole(EMPTY).into_iter().chain(std::iter::repeat_n(b' ', 17 << 20)).collect(),
        b"<DescribeInstancesResponse><networkInterfaceSet/></DescribeInstancesResponse>".to_vec(),
        b"\x1b[31m<<<{\"not\": an answer".to_vec(),
    ] {
        let (length, sent) = (bytes.len(), bytes.clone());
        let (connection, _) = real(move |_| Answer::ok(sent.clone()));
        let error = list(&connection, "eu-west-1").unwrap_err();
        assert_eq!(error.class, ErrorClass::Unreadable, "{length} bytes");
    }
    let (connection, _) = real(move |_| Answer::Short(200, whole(EMPTY), 4096));
    assert_eq!(list(&connection, "eu-west-1").unwrap_err().class, ErrorClass::Unreadable);
    let (connection, _) = real(move |_| Answer::Pieces(200, b"<DescribeNetworkInterfacesResponse>".to_vec(), true));
    assert!(list(&connection, "eu-west-1").is_err());
}

#[test]
fn pages_are_walked_to_the_end_and_not_for_ever() {
    let count = Arc::new(AtomicUsize::new(0));
    let (connection, fake) = real(move |asked| {
        let n = count.fetch_add(1, Ordering::Relaxed);
        let next = if n == 0 { "<nextToken>a/b+c</nextToken>" } else { "" };
        let item = format!(
            "<item><networkInterfaceId>eni-{n}</networkInterfaceId><vpcId>vpc-1</vpcId><groupSet><item>\
             <groupId>sg-1</groupId></item></groupSet></item>"
        );
        answer(&asked.operation, &format!("<networkInterfaceSet>{item}</networkInterfaceSet>{next}"))
    });
    let found = list(&connection, "eu-west-1").unwrap();
    assert_eq!(found.iter().map(|one| one.id.clone()).collect::<Vec<_>>(), ["eni-0".into(), "eni-1".into()]);
    assert!(fake.asked()[1].body.ends_with("&MaxResults=1000&NextToken=a%2Fb%2Bc"), "{}", fake.asked()[1].body);
    let (connection, fake) = real(|asked| answer(&asked.operation, &format!("{EMPTY}<nextToken>again</nextToken>")));
    let error = list(&connection, "eu-west-1").unwrap_err();
    assert!(error.message.line().as_str().contains("more than 20 pages"), "{error:?}");
    assert_eq!(fake.operations().len(), 20);
}

#[test]
fn the_change_of_groups_says_each_and_gives_its_request_id() {
    let fake = Fake::new(|asked| answer(&asked.operation, "<return>true</return>"));
    let allow = Allow { read: vec![("EC2", "ModifyNetworkInterfaceAttribute")], ..Allow::default() };
    let connection = fake.connection(ConnectionKind::Real, ConnectOptions::default(), allow);
    let reader = connection.reader("eu-west-1");
    let done = run(reader.ec2().change(&ec2::Change::groups("eni-1", &["sg-1", "sg-2"]))).unwrap();
    assert_eq!(done.request_id(), Some("req-1"));
    assert_eq!(
        fake.asked()[0].body,
        "Action=ModifyNetworkInterfaceAttribute&Version=2016-11-15&NetworkInterfaceId=eni-1&SecurityGroupId.1=sg-1\
         &SecurityGroupId.2=sg-2"
    );
    let fake = Fake::new(|asked| answer(&asked.operation, "<return>false</return>"));
    let allow = Allow { read: vec![("EC2", "ModifyNetworkInterfaceAttribute")], ..Allow::default() };
    let other = fake.connection(ConnectionKind::Real, ConnectOptions::default(), allow).reader("eu-west-1");
    let error = run(other.ec2().change(&ec2::Change::groups("eni-1", &["sg-1"]))).unwrap_err();
    assert_eq!(Failure::of(&error).class, ErrorClass::Unreadable);
}

#[test]
fn a_dry_run_is_a_read_of_what_may_be_changed_and_says_that_it_is_one() {
    let ask = |answer: Answer, change: &ec2::Change| {
        let fake = Fake::new(move |_| answer.clone());
        let allow = Allow { mutate: vec![("EC2", "StopInstances")], ..Allow::default() };
        let connection = fake.connection(ConnectionKind::Real, ConnectOptions::default(), allow);
        let answer = run(connection.reader("eu-west-1").ec2().dry_run(change));
        (answer.map_err(|error| Failure::of(&error).class), fake.asked())
    };
    let stop = ec2::Change::stop(INSTANCE, false);
    let (answer, asked) = ask(refused(412, "DryRunOperation", "it would have worked"), &stop);
    assert_eq!(answer, Ok(true));
    assert!(asked[0].body.ends_with("&InstanceId.1=i-0abc12d34e5f67890&DryRun=true"), "{}", asked[0].body);
    let (answer, _) = ask(refused(403, "UnauthorizedOperation", "no"), &stop);
    assert_eq!(answer, Err(ErrorClass::Denied));
    // An answer that is none of the two says that nobody looked at the member.
    let (answer, asked) = ask(answer_of("StopInstances"), &stop);
    assert!(answer.is_err() && asked.len() == 1);
    // What may not be changed may not be rehearsed, and what has no dry run is not asked for.
    let (answer, asked) = ask(refused(412, "DryRunOperation", ""), &ec2::Change::start(INSTANCE));
    assert_eq!((answer, asked.len()), (Err(ErrorClass::Refused), 0));
    let (answer, asked) = ask(refused(412, "DryRunOperation", ""), &ec2::Change::disassociate("iip-assoc-1"));
    assert_eq!((answer, asked.len()), (Ok(false), 0));
}

/// Whatever it is called: a request that does not say that it is a dry run leaves no client of a reader.
#[test]
fn what_is_only_called_a_dry_run_is_stopped_before_it_is_sent() {
    let fake = Fake::new(|_| answer_of("StopInstances"));
    let client = thin(&fake, "https://ec2.eu-west-1.amazonaws.com", None);
    for members in [&[][..], &[("DryRun", "false")], &[("DryRun", "true"), ("DryRun", "false")]] {
        let form = members.iter().fold(Form::default(), |form, (name, value)| form.with(*name, *value));
        let mut exchange = exchange("2016-11-15", "StopInstances", serde_json::json!({}), form, |_| Ok(()));
        exchange.operation = "StopInstances (dry run)";
        let error = run(client.call(exchange)).unwrap_err();
        assert_eq!(Failure::of(&error).class, ErrorClass::Refused);
    }
    assert!(fake.asked().is_empty());
}

fn answer_of(operation: &str) -> Answer {
    answer(operation, "<instancesSet/>")
}
