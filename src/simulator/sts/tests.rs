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
