use super::*;
use crate::aws::class::classify;
use crate::aws::fake::run;
use crate::aws::{ErrorClass, Failure};

#[test]
fn codes_as_the_services_word_them() {
    let cases = [
        // GuardDuty
        (
            "BadRequestException",
            "The request is rejected because the input detectorId is not owned by the current account.",
            400,
            ErrorClass::NotEnabled,
        ),
        (
            "BadRequestException",
            "The request is rejected because the parameter severity is invalid.",
            400,
            ErrorClass::Validation,
        ),
        (
            "BadRequestException",
            "The request is rejected because an invalid or out-of-range value is specified as an input parameter nextToken",
            400,
            ErrorClass::StaleToken,
        ),
        ("InternalServerErrorException", "", 500, ErrorClass::Transient),
        ("TooManyRequestsException", "Rate exceeded", 429, ErrorClass::Throttled),
        // Security Hub
        (
            "InvalidAccessException",
            "Account 111122223333 is not subscribed to AWS Security Hub",
            401,
            ErrorClass::NotEnabled,
        ),
        ("InvalidAccessException", "something else", 401, ErrorClass::Denied),
        ("InvalidInputException", "Invalid NextToken", 400, ErrorClass::StaleToken),
        ("InvalidInputException", "Invalid parameter 'MaxResults'.", 400, ErrorClass::Validation),
        ("LimitExceededException", "", 429, ErrorClass::Throttled),
        ("LimitExceededException", "", 400, ErrorClass::Conflict),
        ("ResourceNotFoundException", "", 404, ErrorClass::NotFound),
        // SSM, with the namespace that the JSON protocol puts before the code
        ("com.amazonaws.ssm#AutomationExecutionLimitExceededException", "", 400, ErrorClass::Conflict),
        ("AutomationDefinitionNotFoundException", "", 400, ErrorClass::NotFound),
        ("ThrottlingException", "Rate exceeded", 400, ErrorClass::Throttled),
        ("AccessDeniedException", "", 400, ErrorClass::Denied),
        // IAM
        ("NoSuchEntity", "The Access Key with id AKIAIOSFODNN7EXAMPLE cannot be found.", 404, ErrorClass::NotFound),
        ("EntityTemporarilyUnmodifiable", "", 409, ErrorClass::Conflict),
        ("Throttling", "Rate exceeded", 400, ErrorClass::Throttled),
        ("AccessDenied", "", 403, ErrorClass::Denied),
        // STS and everywhere
        ("ExpiredToken", "The security token included in the request is expired", 403, ErrorClass::Expired),
        ("ExpiredTokenException", "The security token included in the request is expired", 403, ErrorClass::Expired),
        (
            "UnrecognizedClientException",
            "The security token included in the request is invalid.",
            403,
            ErrorClass::Expired,
        ),
        ("InvalidClientTokenId", "The security token included in the request is invalid.", 403, ErrorClass::Expired),
        (
            "SubscriptionRequiredException",
            "The AWS Access Key Id needs a subscription for the service",
            403,
            ErrorClass::NotEnabled,
        ),
        ("", "", 503, ErrorClass::Transient),
        ("NeverHeardOf", "", 418, ErrorClass::Validation),
    ];
    for (code, message, status, class) in cases {
        assert_eq!(classify(code, message, status), class, "{code} {message}");
    }
}

#[test]
fn expired_credentials_say_how_to_renew_them() {
    let fake = Fake::new(|_| Answer::refused(403, "ExpiredTokenException", "{\"message\":\"expired\"}"));
    let options = ConnectOptions { profile: Some("ir".to_owned()), ..ConnectOptions::default() };
    let connection = fake.connection(ConnectionKind::Real, options, allow());
    let reader = connection.reader("eu-west-1");
    let error = run(reader.guardduty().list_detectors().send()).unwrap_err();
    assert_eq!(Failure::of(&error).class, ErrorClass::Expired);
    let problem = reader.problem("guardduty:ListDetectors", &error);
    assert_eq!(problem.next, "renew them, for SSO with: aws sso login --profile ir --use-device-code");
}

#[test]
fn an_answer_that_is_no_json_is_unreadable() {
    let (connection, _) = real(|_| Answer::ok("{\"detectorIds\":["));
    let error = run(connection.reader("eu-west-1").guardduty().list_detectors().send()).unwrap_err();
    assert_eq!(Failure::of(&error).class, ErrorClass::Unreadable);
    let (connection, _) = real(|_| Answer::Pieces(200, b"{\"detectorIds\":[]}".to_vec(), true));
    let error = run(connection.reader("eu-west-1").guardduty().list_detectors().send()).unwrap_err();
    assert_eq!(Failure::of(&error).class, ErrorClass::Unreadable);
}

#[test]
fn what_is_not_aws_is_not_taken_for_it() {
    let page = "<html>Sign in to the hotel's network</html>";
    for (status, class) in [(403, ErrorClass::Unreadable), (404, ErrorClass::Unreadable), (502, ErrorClass::Transient)]
    {
        let (connection, _) = real(move |_| Answer::refused(status, "", page));
        let error = run(connection.reader("eu-west-1").guardduty().list_detectors().send()).unwrap_err();
        assert_eq!(Failure::of(&error).class, class, "{status}");
    }
    let (connection, _) = real(move |_| Answer::refused(403, "", page));
    let reader = connection.reader("eu-west-1");
    let error = run(reader.guardduty().list_detectors().send()).unwrap_err();
    assert_eq!(reader.problem("x", &error).what, "HTTP 403 without an error code of AWS");
}

#[test]
fn what_breaks_on_the_way_says_how() {
    let (connection, _) = real(|_| Answer::Lost);
    let reader = connection.reader("eu-west-1");
    let error = run(reader.guardduty().list_detectors().send()).unwrap_err();
    assert_eq!(Failure::of(&error).class, ErrorClass::Transient);
    let problem = reader.problem("x", &error);
    assert_eq!(problem.what, "io error: connection reset");
    // Who calls once does not ask again: the words must be true for them too.
    assert_eq!(problem.next, "check the network, then try again");
    let (connection, _) = real(|_| Answer::Hangs);
    let reader = connection.reader("eu-west-1");
    let error = run(reader.guardduty().list_detectors().send()).unwrap_err();
    assert_eq!(reader.problem("x", &error).what, "AWS did not answer in time");
}

#[test]
fn a_region_must_be_one() {
    let options = ConnectOptions { regions: vec!["eu-west-1\u{1b}".to_owned()], ..ConnectOptions::default() };
    let runtime = crate::runtime::Runtime::new(|| jiff::Timestamp::UNIX_EPOCH, |_| Ok(()));
    let problem = run(Connection::load(options, allow(), runtime)).err().unwrap();
    assert_eq!(problem.what, "--region eu-west-1\\u{1b}: not an AWS region");
}
