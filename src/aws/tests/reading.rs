use super::*;
use crate::aws::ErrorClass;
use crate::aws::Failure;
use crate::aws::fake::run;
use crate::problem::Place;
use aws_sdk_iam::types::StatusType;

#[test]
fn a_mutation_from_a_reader_never_reaches_the_connector() {
    let (connection, fake) = real(|_| Answer::ok("<UpdateAccessKeyResponse/>"));
    let reader = connection.reader("eu-west-1");
    let call = reader.iam().update_access_key().access_key_id("AKIAIOSFODNN7EXAMPLE").status(StatusType::Inactive);
    let error = run(call.send()).unwrap_err();
    assert!(matches!(error, crate::aws::SdkError::ConstructionFailure(_)), "{error:?}");
    assert_eq!(Failure::of(&error).class, ErrorClass::Refused);
    let problem = reader.problem("iam:UpdateAccessKey", &error);
    assert!(problem.what.ends_with("IAM UpdateAccessKey is not on quell's list of reading operations"), "{problem}");
    assert_eq!(fake.operations(), Vec::<String>::new());
    assert_eq!(connection.calls().calls()[0].class.line().as_str(), "refused");
}

#[test]
fn what_is_on_no_list_is_refused() {
    let (connection, fake) = real(|_| Answer::ok("{}"));
    let reader = connection.reader("eu-west-1");
    let error = run(reader.guardduty().list_findings().detector_id("d").send()).unwrap_err();
    assert_eq!(Failure::of(&error).class, ErrorClass::Refused);
    assert!(fake.operations().is_empty());
}

#[test]
fn a_call_is_noted_as_the_aws_command_line_would_make_it() {
    let (connection, _) = real(|_| Answer::ok("{}"));
    let reader = connection.reader("eu-west-1");
    let _ = run(reader.guardduty().list_detectors().max_results(5).send());
    let _ = run(reader.iam().list_access_keys().user_name("o'neil \u{202e}").send());
    let _ = run(reader.sts().get_caller_identity().send());
    let commands: Vec<String> = connection.calls().calls().into_iter().filter_map(|call| call.command).collect();
    assert_eq!(
        commands,
        [
            r#"aws guardduty list-detectors --region eu-west-1 --cli-input-json '{"MaxResults":5}'"#,
            r#"aws iam list-access-keys --region eu-west-1 --cli-input-json "{\"UserName\":\"o'neil \\u202e\"}""#,
            "aws sts get-caller-identity --region eu-west-1 --cli-input-json '{}'",
        ]
    );
}

#[test]
fn a_reader_is_pinned_to_its_region() {
    let (connection, fake) = real(|_| Answer::ok(r#"{"detectorIds":[]}"#));
    run(connection.reader("ap-south-1").guardduty().list_detectors().send()).unwrap();
    let asked = fake.asked();
    assert_eq!(asked[0].uri, "https://guardduty.ap-south-1.amazonaws.com/detector");
    assert!(asked[0].authorization.contains("/ap-south-1/guardduty/aws4_request"));
}

#[test]
fn a_call_that_leaves_its_region_is_stopped_before_it_is_sent() {
    let (connection, fake) = real(|_| Answer::ok(r#"{"detectorIds":[]}"#));
    let reader = connection.reader("eu-west-1");
    let elsewhere = aws_sdk_guardduty::config::Builder::new().region(aws_config::Region::new("us-east-1"));
    let call = reader.guardduty().list_detectors().customize().config_override(elsewhere);
    let error = run(call.send()).unwrap_err();
    assert_eq!(Failure::of(&error).class, ErrorClass::Refused);
    assert!(fake.operations().is_empty());
}

#[test]
fn a_region_that_is_a_host_is_stopped() {
    let (connection, fake) = real(|_| Answer::ok(r#"{"detectorIds":[]}"#));
    let reader = connection.reader("evil.example/#");
    assert!(run(reader.guardduty().list_detectors().send()).is_err());
    assert!(fake.operations().is_empty());
}

#[test]
fn a_reader_tries_three_times() {
    let (connection, fake) = real(|_| Answer::refused(500, "InternalServerErrorException", "{}"));
    let error = run(connection.reader("eu-west-1").guardduty().list_detectors().send()).unwrap_err();
    assert_eq!(Failure::of(&error).class, ErrorClass::Transient);
    assert_eq!(fake.operations(), ["GET /detector", "GET /detector", "GET /detector"]);
}

#[test]
fn the_identity_is_asked_and_remembered() {
    let (connection, fake) = real(|_| Answer::Lost);
    assert_eq!(connection.reader("eu-west-1").account(), None);
    let identity = run(connection.identity()).unwrap();
    assert_eq!(identity.account.as_str(), "111122223333");
    assert_eq!(identity.arn.line().as_str(), "arn:aws:iam::111122223333:user/responder");
    assert_eq!(identity.partition, "aws");
    assert_eq!(connection.reader("eu-west-1").account().as_deref(), Some("111122223333"));
    assert_eq!(fake.asked()[0].uri, "https://sts.eu-west-1.amazonaws.com/");
}

#[test]
fn calls_are_logged_without_secrets() {
    let body = r#"{"message":"User: arn:aws:iam::111122223333:user/responder is not authorized to perform: guardduty:ListDetectors on resource: * because no identity-based policy allows the guardduty:ListDetectors action"}"#;
    let (connection, _) = real(move |_| Answer::refused(403, "AccessDeniedException", body));
    let reader = connection.reader("eu-west-1");
    run(connection.identity()).unwrap();
    let error = run(reader.guardduty().list_detectors().send()).unwrap_err();
    let calls = connection.calls().calls();
    assert_eq!(calls.len(), 2);
    assert_eq!((calls[0].service.as_str(), calls[0].operation.as_str()), ("STS", "GetCallerIdentity"));
    assert_eq!((calls[0].status, calls[0].class.line().as_str()), (Some(200), "ok"));
    assert_eq!((calls[1].status, calls[1].class.line().as_str()), (Some(403), "AccessDeniedException"));
    assert_eq!(calls[1].request_id.as_ref().map(|id| id.line().into_string()).as_deref(), Some("req-1"));
    assert_eq!(calls[1].region, "eu-west-1");
    assert!(!format!("{calls:?}").contains("AKIA"));

    let problem = reader.problem("guardduty:ListDetectors", &error);
    assert_eq!(
        problem.what,
        "arn:aws:iam::111122223333:user/responder may not call guardduty:ListDetectors on * \
         (no identity-based policy allows the guardduty:ListDetectors action)"
    );
    let Place::Aws { account, region, operation, request_id } = problem.place else { panic!("no place") };
    assert_eq!((account.as_str(), region.as_str()), ("111122223333", "eu-west-1"));
    assert_eq!((operation.as_str(), request_id.as_str()), ("guardduty:ListDetectors", "req-1"));
}

#[test]
fn words_of_aws_are_shown_harmless() {
    let (connection, _) = real(|_| Answer::refused(400, "BadRequestException", "{\"message\":\"no \\u001b[31mred\"}"));
    let reader = connection.reader("eu-west-1");
    let error = run(reader.guardduty().list_detectors().send()).unwrap_err();
    assert_eq!(reader.problem("x", &error).what, "BadRequestException: no \\u{1b}[31mred");
}

#[test]
fn every_client_carries_its_own_service_s_guard() {
    let fake = Fake::new(|_| Answer::refused(400, "ValidationException", "{}"));
    let allow = Allow {
        read: vec![
            ("GuardDuty", "ListDetectors"),
            ("SecurityHub", "DescribeHub"),
            ("SSM", "ListDocuments"),
            ("IAM", "GetUser"),
        ],
        ..Allow::default()
    };
    let connection = fake.connection(ConnectionKind::Real, ConnectOptions::default(), allow);
    let reader = connection.reader("eu-west-1");
    run(async {
        assert!(reader.guardduty().list_detectors().send().await.is_err());
        assert!(reader.securityhub().describe_hub().send().await.is_err());
        assert!(reader.ssm().list_documents().send().await.is_err());
        assert!(reader.iam().get_user().send().await.is_err());
        assert!(reader.sts().get_caller_identity().send().await.is_err());
    });
    let hosts: Vec<String> = fake.asked().iter().map(|a| a.uri.split('/').nth(2).unwrap().to_owned()).collect();
    let own = |service: &str| format!("{service}.eu-west-1.amazonaws.com");
    assert_eq!(hosts, [own("guardduty"), own("securityhub"), own("ssm"), "iam.amazonaws.com".to_owned(), own("sts")]);
    let services: Vec<String> = connection.calls().calls().into_iter().map(|call| call.service).collect();
    assert_eq!(services, ["GuardDuty", "SecurityHub", "SSM", "IAM", "STS"]);
}
