//! The STS operations and the front door of the Query protocol, on the pure core.

use crate::simulator::testing::{Bench, between};

const ROLE: &str = "arn%3Aaws%3Aiam%3A%3A111122223333%3Arole%2FIncidentResponder";

fn assume(bench: &mut Bench, extra: &str) -> (u16, String) {
    bench.form("sts", &format!("Action=AssumeRole&Version=2011-06-15&RoleArn={ROLE}&RoleSessionName=inc-42{extra}"))
}

fn become_role(bench: &mut Bench, extra: &str) {
    let (status, xml) = assume(bench, extra);
    assert_eq!(status, 200, "{xml}");
    bench.key = between(&xml, "<AccessKeyId>", "<").to_owned();
    bench.token = Some(between(&xml, "<SessionToken>", "<").to_owned());
}

#[test]
fn the_responder_is_a_user() {
    let mut bench = Bench::new("crypto-mining");
    let (status, xml) = bench.form("sts", "Action=GetCallerIdentity&Version=2011-06-15");
    assert_eq!(status, 200);
    assert!(
        xml.starts_with("<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">"),
        "{xml}"
    );
    assert_eq!(between(&xml, "<Arn>", "</Arn>"), "arn:aws:iam::111122223333:user/quell-responder");
    assert_eq!(between(&xml, "<Account>", "</Account>"), "111122223333");
    assert_eq!(between(&xml, "<RequestId>", "</RequestId>").len(), 36);
}

#[test]
fn an_assumed_role_calls_as_itself_until_it_expires() {
    let mut bench = Bench::new("crypto-mining");
    let (_, xml) = assume(&mut bench, "&DurationSeconds=900");
    assert_eq!(between(&xml, "<Expiration>", "<"), "2026-11-21T10:15:00Z");
    assert!(!xml.contains("PackedPolicySize"), "{xml}");
    become_role(&mut bench, "&DurationSeconds=900");
    assert!(bench.key.starts_with("ASIA") && bench.key.len() == 20, "{}", bench.key);
    let (_, xml) = bench.form("sts", "Action=GetCallerIdentity&Version=2011-06-15");
    let arn = "arn:aws:sts::111122223333:assumed-role/IncidentResponder/inc-42";
    assert_eq!(between(&xml, "<Arn>", "</Arn>"), arn);
    assert_eq!(between(&xml, "<UserId>", "</UserId>"), "AROAQ7LXN4WKDJ3BV6YPF:inc-42");
    bench.wait(900);
    let (status, xml) = bench.form("sts", "Action=GetCallerIdentity&Version=2011-06-15");
    assert_eq!((status, between(&xml, "<Code>", "</Code>")), (403, "ExpiredToken"));
    let (status, code, _) = bench.refused("guardduty", "GET", "/detector", "");
    assert_eq!((status, code.as_str()), (403, "ExpiredTokenException"));
}

#[test]
fn a_session_policy_narrows_the_session() {
    let mut bench = Bench::new("crypto-mining");
    let policy = "&Policy=%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%2C\
                  %22Action%22%3A%22ssm%3A*%22%2C%22Resource%22%3A%22*%22%7D%5D%7D&SourceIdentity=maren";
    let (_, xml) = assume(&mut bench, policy);
    // 88 characters of 4096 are 2.15 per cent, rounded up.
    assert_eq!(between(&xml, "<PackedPolicySize>", "<"), "3");
    assert_eq!(between(&xml, "<SourceIdentity>", "<"), "maren");
    become_role(&mut bench, policy);
    let (status, code, body) = bench.refused("guardduty", "GET", "/detector", "");
    assert_eq!((status, code.as_str()), (403, "AccessDeniedException"));
    let message = "User: arn:aws:sts::111122223333:assumed-role/IncidentResponder/inc-42 is not authorized to perform: \
                   guardduty:ListDetectors on resource: * because no session policy allows the guardduty:ListDetectors action";
    assert!(body.contains(message), "{body}");
    assert_eq!(bench.form("sts", "Action=GetCallerIdentity&Version=2011-06-15").0, 200, "always allowed");
}

#[test]
fn what_assume_role_refuses() {
    let mut bench = Bench::new("crypto-mining");
    for (body, status, code) in [
        ("RoleArn=arn%3Aaws%3Aiam%3A%3A111122223333%3Arole%2FNobody&RoleSessionName=inc", 403, "AccessDenied"),
        ("RoleArn=role&RoleSessionName=inc", 400, "ValidationError"),
        (&*format!("RoleArn={ROLE}"), 400, "ValidationError"),
        (&*format!("RoleArn={ROLE}&RoleSessionName=a%20b"), 400, "ValidationError"),
        (&*format!("RoleArn={ROLE}&RoleSessionName=inc&DurationSeconds=60"), 400, "ValidationError"),
        (&*format!("RoleArn={ROLE}&RoleSessionName=inc&DurationSeconds=7200"), 400, "ValidationError"),
        (&*format!("RoleArn={ROLE}&RoleSessionName=inc&Policy=nonsense"), 400, "MalformedPolicyDocument"),
    ] {
        let (got, xml) = bench.form("sts", &format!("Action=AssumeRole&Version=2011-06-15&{body}"));
        assert_eq!((got, between(&xml, "<Code>", "</Code>")), (status, code), "{body}");
    }
    let (status, xml) = bench.form("sts", "Action=DecodeThis&Version=2011-06-15");
    assert_eq!((status, between(&xml, "<Code>", "</Code>")), (400, "InvalidAction"));
}

#[test]
fn a_source_identity_is_set_where_the_trust_lets_it() {
    let mut bench = Bench::new("crypto-mining");
    let (status, xml) = assume(&mut bench, "&SourceIdentity=jo");
    assert_eq!((status, between(&xml, "<SourceIdentity>", "<")), (200, "jo"));
    let (status, xml) = assume(&mut bench, "&SourceIdentity=j%20o");
    assert_eq!((status, between(&xml, "<Code>", "<")), (400, "ValidationError"));
    let text = "denied = [\"sts:SetSourceIdentity\"]";
    let mut bench = Bench::with("crypto-mining", text);
    let (status, xml) = assume(&mut bench, "&SourceIdentity=jo");
    assert_eq!((status, between(&xml, "<Code>", "<")), (403, "AccessDenied"));
    assert!(xml.contains("is not authorized to perform: sts:SetSourceIdentity on resource: arn:aws:iam::"), "{xml}");
    assert_eq!(assume(&mut bench, "").0, 200);
}

#[test]
fn a_role_that_trusts_a_user_is_not_taken_on_by_a_role() {
    let mut bench = Bench::new("crypto-mining");
    become_role(&mut bench, "");
    let (status, xml) = assume(&mut bench, "");
    assert_eq!((status, between(&xml, "<Code>", "<")), (403, "AccessDenied"));
}

/// What an interface gets is checked with it, and so is the role that an automation is given.
#[test]
fn a_session_policy_is_held_against_all_that_a_call_names() {
    let policy = |statements: &str| {
        let text = format!("{{\"Version\":\"2012-10-17\",\"Statement\":[{statements}]}}");
        format!("&Policy={}", form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>())
    };
    let allow = |action: &str, on: &str| {
        format!("{{\"Effect\":\"Allow\",\"Action\":\"{action}\",\"Resource\":\"arn:aws:{on}\"}}")
    };
    let start = r#"{"DocumentName":"AWSSupport-ContainEC2Instance","Parameters":
        {"AutomationAssumeRole":["arn:aws:iam::111122223333:role/IncidentAutomation"]}}"#;
    let run = |statements: &str| {
        let mut bench = Bench::new("crypto-mining");
        become_role(&mut bench, &policy(statements));
        let target = [("x-amz-target", "AmazonSSM.StartAutomationExecution")];
        let response = bench.send("ssm", "POST", "/", &target, start);
        String::from_utf8(response.body).unwrap()
    };
    let definition =
        allow("ssm:StartAutomationExecution", "ssm:eu-west-1:*:automation-definition/AWSSupport-ContainEC2Instance:*");
    let said = run(&definition);
    assert!(said.contains("because no session policy allows the iam:PassRole action"), "{said}");
    let both = format!("{definition},{}", allow("iam:PassRole", "iam::111122223333:role/IncidentAutomation"));
    assert!(!run(&both).contains("not authorized"), "{}", run(&both));
    let mut bench = Bench::new("crypto-mining");
    let interface = allow("ec2:ModifyNetworkInterfaceAttribute", "ec2:eu-west-1:111122223333:network-interface/*");
    become_role(&mut bench, &policy(&interface));
    let form = "Action=ModifyNetworkInterfaceAttribute&NetworkInterfaceId=eni-00000001&SecurityGroupId.1=sg-00000001";
    let (status, xml) = bench.form("ec2", form);
    assert_eq!(status, 403);
    assert!(xml.contains("security-group/sg-00000001 because no session policy allows"), "{xml}");
}
