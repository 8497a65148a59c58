//! What each fixture says, worked out by hand: a line for a finding and its place, a line for the rest.

use super::{Finding, Resource, Via, read, rfc3339};
use crate::text::Untrusted;
use jiff::Timestamp;

macro_rules! fixture {
    ($name:literal) => {
        include_bytes!(concat!("../../../tests/fixtures/findings/", $name)).as_slice()
    };
}

fn word(text: &Option<Untrusted>) -> String {
    text.as_ref().map_or("-".to_owned(), |text| text.line().into_string())
}

fn resource(r: &Resource) -> String {
    [&r.kind, &r.id, &r.name, &r.arn].map(word).join(" ")
}

fn main_line(f: &Finding) -> String {
    let severity = match (f.severity.label, f.severity.score) {
        (None, None) => "-".to_owned(),
        (label, score) => format!("{} {}", label.map_or("-", |l| l.word()), score.map_or(-1.0, |s| s)),
    };
    let parts = [f.id.line().into_string(), word(&f.kind), severity, word(&f.account), word(&f.region)];
    format!("{} | {}", parts.join(" | "), resource(&f.resource))
}

fn other_line(f: &Finding) -> String {
    let time = |at: Option<Timestamp>| at.map_or("-".to_owned(), rfc3339);
    let who = [&f.actor.ip, &f.actor.country, &f.actor.principal, &f.actor.access_key].map(word).join(" ");
    let when = [f.first_seen, f.last_seen, f.created, f.updated].map(time).join(" ");
    let count = f.count.map_or("-".to_owned(), |count| count.to_string());
    let workflow = f.workflow.map_or("-", |w| w.word());
    format!("{who} | {when} | {count} {} {workflow} {} {}", f.status.word(), word(&f.source), f.via.word())
}

fn all(bytes: &[u8]) -> Vec<Finding> {
    let batch = read(bytes, Via::File);
    assert_eq!(batch.errors, []);
    batch.findings
}

fn check(bytes: &[u8], expected: &[[&str; 2]]) {
    let lines: Vec<[String; 2]> = all(bytes).iter().map(|f| [main_line(f), other_line(f)]).collect();
    for (line, expected) in lines.iter().zip(expected) {
        assert_eq!(line, expected);
    }
    assert_eq!(lines.len(), expected.len());
}

#[test]
fn guardduty_as_the_api_writes_it() {
    let arn = "arn:aws:guardduty:eu-west-1:111122223333:detector/d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0/finding/7ec0ffee0000000000000000000000a1";
    check(
        fixture!("guardduty-api.json"),
        &[
            [
                &format!(
                    "{arn} | CryptoCurrency:EC2/BitcoinTool.B!DNS | HIGH 80 | 111122223333 | eu-west-1 | AWS::EC2::Instance i-0a1b2c3d4e5f60718 pay-worker-3 -"
                ),
                "- - - - | 2026-03-04T02:11:08.000Z 2026-03-04T05:06:07.000Z 2026-03-04T02:20:00.123Z 2026-03-04T05:10:00.456Z | 17 active - guardduty file",
            ],
            [
                "arn:aws:guardduty:us-east-1:444455556666:detector/d1/finding/7ec0ffee0000000000000000000000a2 | UnauthorizedAccess:IAMUser/TorIPCaller | MEDIUM 53 | 444455556666 | us-east-1 | AWS::IAM::AccessKey AKIAEXAMPLE000000001 ci-deploy -",
                "198.51.100.77 Norway ci-deploy AKIAEXAMPLE000000001 | 2026-03-04T00:00:00.000Z 2026-03-04T00:30:00.000Z 2026-03-04T00:31:00.000Z 2026-03-04T00:31:00.000Z | 1 archived - guardduty file",
            ],
        ],
    );
    let findings = all(fixture!("guardduty-api.json"));
    assert_eq!(
        findings[0].description,
        Some("The instance i-0a1b2c3d4e5f60718 asks for a name that miners use.".into())
    );
    assert_eq!(findings[1].description, None);
    let kinds: Vec<String> = findings[1].resources.iter().map(resource).collect();
    let instance = "AWS::EC2::Instance i-0bbbbbbbbbbbbbbbb - -";
    assert_eq!(kinds, ["AWS::IAM::AccessKey AKIAEXAMPLE000000001 ci-deploy -", instance]);
}

#[test]
fn guardduty_as_the_command_line_prints_it() {
    check(
        fixture!("guardduty-cli.json"),
        &[
            [
                "arn:aws:guardduty:ap-southeast-2:012345678901:detector/d2/finding/b1 | Policy:S3/BucketAnonymousAccessGranted | HIGH 70 | 012345678901 | ap-southeast-2 | AWS::S3::Bucket customer-exports customer-exports arn:aws:s3:::customer-exports",
                "2001:db8::7 NL AROAEXAMPLE:session ASIAEXAMPLE000000002 | 2026-01-02T03:00:00.000Z 2026-01-02T03:03:00.000Z 2026-01-02T03:04:05.678Z 2026-01-02T03:04:05.678Z | 4 active - guardduty file",
            ],
            [
                "arn:aws:guardduty:eu-central-1:111122223333:detector/d2/finding/b2 | Execution:Kubernetes/ExecInKubeSystemPod | LOW 39 | 111122223333 | eu-central-1 | AWS::EKS::Cluster blue blue arn:aws:eks:eu-central-1:111122223333:cluster/blue",
                "203.0.113.5 - system:serviceaccount:default:builder - | - - - - | - active - guardduty file",
            ],
            [
                "arn:aws:guardduty:us-west-2:444455556666:detector/d3/finding/b3 | Recon:EC2/PortProbeUnprotectedPort | INFORMATIONAL 0 | 444455556666 | us-west-2 | AWS::EC2::Instance i-0cccccccccccccccc - -",
                "192.0.2.9 Peru - - | - - - - | - archived - guardduty file",
            ],
        ],
    );
    let findings = all(fixture!("guardduty-cli.json"));
    let names = |at: usize| findings[at].resources.iter().map(resource).collect::<Vec<_>>();
    assert_eq!(
        names(0),
        [
            "AWS::S3::Bucket customer-exports customer-exports arn:aws:s3:::customer-exports",
            "AWS::IAM::AccessKey ASIAEXAMPLE000000002 - -",
            "AWS::S3::Bucket customer-backup customer-backup arn:aws:s3:::customer-backup",
        ]
    );
    assert_eq!(names(1)[1], "Kubernetes::Pod u-1 kube-system/coredns-1 -");
}

#[test]
fn guardduty_by_eventbridge() {
    check(
        fixture!("guardduty-events.ndjson"),
        &[
            [
                "arn:aws:guardduty:eu-north-1:111122223333:detector/d4/finding/c1 | Impact:EC2/PortSweep | CRITICAL 91 | 111122223333 | eu-north-1 | AWS::EC2::Instance i-0dddddddddddddddd - -",
                "- - - - | - - - - | 2 active - guardduty eventbridge",
            ],
            [
                "c2 | CredentialAccess:IAMUser/AnomalousBehavior | MEDIUM 50 | 777788889999 | sa-east-1 | AWS::IAM::AccessKey AKIAEXAMPLE000000003 root -",
                "- - root AKIAEXAMPLE000000003 | - - - - | - active - guardduty eventbridge",
            ],
            [
                "arn:aws:guardduty:us-east-2:111122223333:detector/d4/finding/c3 | AttackSequence:S3/CompromisedData | CRITICAL 90 | 111122223333 | us-east-2 | AWS::S3::Bucket ledger ledger arn:aws:s3:::ledger",
                "203.0.113.200 Iceland mallory AKIAEXAMPLE000000004 | - - - - | 1 active - guardduty eventbridge",
            ],
        ],
    );
    let findings = all(fixture!("guardduty-events.ndjson"));
    assert_eq!(resource(&findings[2].resources[1]), "AWS::IAM::AccessKey AKIAEXAMPLE000000004 mallory -");
}

#[test]
fn guardduty_of_every_kind_of_resource() {
    let lines: Vec<String> = all(fixture!("guardduty-kinds.json")).iter().map(|f| resource(&f.resource)).collect();
    assert_eq!(
        lines,
        [
            "AWS::ECS::Cluster green green arn:aws:ecs:eu-west-1:111122223333:cluster/green",
            "AWS::Lambda::Function resize resize arn:aws:lambda:eu-west-1:111122223333:function:resize",
            "AWS::RDS::DBInstance orders orders arn:aws:rds:eu-west-1:111122223333:db:orders",
            "AWS::RDS::DBShardGroup shards shards arn:aws:rds:eu-west-1:111122223333:shard-group:s-1",
            "AWS::EC2::Volume vol-1 - arn:aws:ec2:eu-west-1:111122223333:volume/vol-1",
            "AWS::EC2::Snapshot snap-1 - arn:aws:ec2:eu-west-1:111122223333:snapshot/snap-1",
            "AWS::EC2::Image ami-1 - arn:aws:ec2:eu-west-1::image/ami-1",
            "AWS::Container::Container abc nginx -",
            "AWS::S3::Object inbox/a.exe a.exe arn:aws:s3:::inbox/a.exe",
            "AWS::EKS::Cluster - - -",
            "SomethingNew - - -",
            "AWS::IAM::Role admin admin arn:aws:iam::111122223333:role/admin",
            "- - - -",
            "AWS::Lambda::Function shrink shrink -",
        ]
    );
    let database = &all(fixture!("guardduty-kinds.json"))[2];
    assert_eq!(database.actor.principal, Some("app".into()));
}

#[test]
fn asff_as_security_hub_writes_it() {
    check(
        fixture!("asff-get-findings.json"),
        &[
            [
                "arn:aws:securityhub:eu-west-1:111122223333:security-control/S3.8/finding/11111111-2222-3333-4444-555555555501 | S3.8 | HIGH 70 | 111122223333 | eu-west-1 | AWS::S3::Bucket customer-exports customer-exports arn:aws:s3:::customer-exports",
                "- - - - | 2026-02-01T10:00:00.000Z 2026-03-04T05:06:07.123Z 2026-02-01T10:00:00.000Z 2026-03-04T05:06:07.123Z | - active notified securityhub file",
            ],
            [
                "arn:aws:guardduty:eu-west-1:111122223333:detector/d0/finding/7ec0ffee0000000000000000000000a3 | Persistence:IAMUser/NetworkPermissions | MEDIUM 50 | 111122223333 | eu-west-1 | AWS::IAM::AccessKey AKIAEXAMPLE000000005 netops -",
                "198.51.100.8 Chile netops AKIAEXAMPLE000000005 | 2026-03-01T00:00:00.000Z 2200-01-01T00:00:00.000Z 2026-03-01T00:05:00.000Z 2026-03-02T00:05:00.000Z | 6 archived resolved guardduty file",
            ],
            [
                "arn:aws:securityhub:us-east-2:444455556666:subscription/cis-aws-foundations-benchmark/v/1.2.0/4.1/finding/11111111-2222-3333-4444-555555555503 | 4.1 | INFORMATIONAL 0 | 444455556666 | us-east-2 | AWS::EC2::SecurityGroup sg-0eeee bastion arn:aws:ec2:us-east-2:444455556666:security-group/sg-0eeee",
                "- - - - | - - - - | - active resolved securityhub file",
            ],
            [
                "eu-west-1/scan/17 | my-scanner-rule-17 | LOW 39 | 111122223333 | eu-west-1 | AWS::IAM::User deploy deploy arn:aws:iam::111122223333:user/ops/deploy",
                "- - - - | - - - - | - active - default file",
            ],
        ],
    );
}

#[test]
fn asff_as_a_bare_list() {
    check(
        fixture!("asff-array.json"),
        &[
            [
                "arn:aws:inspector2:eu-west-1:111122223333:finding/5501 | Software and Configuration Checks/Vulnerabilities/CVE | CRITICAL 90 | 111122223333 | eu-west-1 | AWS::EC2::Instance i-0ffff build-1 arn:aws:ec2:eu-west-1:111122223333:instance/i-0ffff",
                "- - - - | - - - - | - active suppressed inspector file",
            ],
            [
                "arn:aws:guardduty:us-east-1:444455556666:detector/d7/finding/5502 | DefenseEvasion:IAMUser/AnomalousBehavior | MEDIUM 40 | 444455556666 | us-east-1 | AWS::IAM::AccessKey ASIAEXAMPLE000000006 auditor -",
                "192.0.2.44 Malta auditor ASIAEXAMPLE000000006 | - - - - | - active - guardduty file",
            ],
            [
                "prowler-s3_bucket_public-1 | prowler-s3_bucket_public | - | AWS | eu-west-1 | AWS::IAM::User 111122223333 - -",
                "203.0.113.66 - - - | - - - - | - active - prowler file",
            ],
        ],
    );
}

#[test]
fn asff_by_eventbridge() {
    check(
        fixture!("asff-events.ndjson"),
        &[
            [
                "arn:aws:securityhub:eu-west-1:111122223333:subscription/aws-foundational-security-best-practices/v/1.0.0/EC2.7/finding/6601 | EC2.7 | MEDIUM 40 | 111122223333 | eu-west-1 | AWS::::Account 111122223333 - -",
                "- - - - | - - - - | - active - securityhub eventbridge",
            ],
            [
                "a/1 | g1 | CRITICAL 95 | 111122223333 | eu-west-1 | - - - -",
                "- - - - | - - - - | - active - y eventbridge",
            ],
            ["a/2 | g2 | - | 444455556666 | eu-west-1 | - - - -", "- - - - | - - - - | - active - y eventbridge"],
        ],
    );
}

#[test]
fn ocsf_by_eventbridge() {
    check(
        fixture!("ocsf-v2-event.json"),
        &[[
            "arn:aws:guardduty:eu-west-1:111122223333:detector/d0/finding/7ec0ffee0000000000000000000000a8 | Execution:Runtime/NewBinaryExecuted | MEDIUM 40 | 111122223333 | eu-west-1 | AWS::EC2::Instance i-0a1b2c3d4e5f60718 pay-worker-3 arn:aws:ec2:eu-west-1:111122223333:instance/i-0a1b2c3d4e5f60718",
            "198.51.100.99 Kenya deploy AKIAEXAMPLE000000007 | 2026-03-04T05:05:00.000Z 2026-03-04T05:06:00.000Z 2026-03-04T05:06:07.250Z 2026-03-04T05:06:40.000Z | 3 active suppressed guardduty eventbridge",
        ]],
    );
}

#[test]
fn ocsf_of_a_security_lake() {
    check(
        fixture!("ocsf-lake.ndjson"),
        &[
            [
                "arn:aws:securityhub:us-west-2:444455556666:subscription/x/finding/7701 | Config.1 | CRITICAL 90 | 444455556666 | us-west-2 | AWS::::Account 444455556666 - -",
                "- - - - | - - 2026-03-04T05:06:07.000Z 2026-03-04T05:06:07.250Z | - active new securityhub file",
            ],
            [
                "arn:aws:guardduty:eu-south-1:777788889999:detector/d9/finding/7702 | Recon:EC2/Portscan | HIGH 70 | 777788889999 | eu-south-1 | AWS::EC2::Instance i-0999 - arn:aws:ec2:eu-south-1:777788889999:instance/i-0999",
                "- - - - | - - 2026-03-04T05:06:07.000Z - | - active resolved guardduty file",
            ],
            [
                "arn:aws:inspector2:us-west-2:444455556666:finding/7703 | Software and Configuration Checks/Vulnerabilities/CVE | - | 444455556666 | us-west-2 | AWS::ECR::ContainerImage app/sha256:aa - arn:aws:ecr:us-west-2:444455556666:repository/app/sha256:aa",
                "203.0.113.9 - - - | - - - - | - archived - inspector file",
            ],
        ],
    );
}

#[test]
fn ocsf_of_prowler_counts_seconds_and_its_texts_are_in_local_time() {
    check(
        fixture!("ocsf-prowler.json"),
        &[[
            "prowler-aws-iam_rotate-111122223333-eu-west-1-deploy | iam_rotate_access_key_90_days | LOW 1 | 111122223333 | eu-west-1 | AWS::IAM::User deploy deploy arn:aws:iam::111122223333:user/deploy",
            "- - - - | - - 2026-03-04T05:06:07.000Z 2026-03-04T05:06:07.000Z | - active new prowler file",
        ]],
    );
}

#[test]
fn inspector_in_three_dresses() {
    check(
        fixture!("inspector2-list.json"),
        &[[
            "arn:aws:inspector2:eu-west-1:111122223333:finding/8801 | PACKAGE_VULNERABILITY | MEDIUM 40 | 111122223333 | eu-west-1 | AWS::EC2::Instance i-0a1b2c3d4e5f60718 pay-worker-3 -",
            "- - - - | 2026-03-04T05:06:07.250Z 2026-03-05T05:06:07.500Z - 2026-03-05T05:06:07.500Z | - active - inspector file",
        ]],
    );
    check(
        fixture!("inspector2-event.json"),
        &[[
            "arn:aws:inspector2:eu-west-1:111122223333:finding/8802 | CODE_VULNERABILITY | - | 111122223333 | eu-west-1 | AWS::Lambda::Function resize resize arn:aws:lambda:eu-west-1:111122223333:function:resize:$LATEST",
            "- - - - | 2026-03-04T05:06:07.000Z - - 2026-03-04T05:06:07.742Z | - archived - inspector eventbridge",
        ]],
    );
    check(
        fixture!("inspector2-placebo.json"),
        &[[
            "arn:aws:inspector2:us-east-1:444455556666:finding/8803 | PACKAGE_VULNERABILITY | CRITICAL 90 | 444455556666 | us-east-1 | AWS::ECR::ContainerImage web/sha256:bb - arn:aws:ecr:us-east-1:444455556666:repository/web/sha256:bb",
            "- - - - | 2026-03-04T05:06:07.250Z - - - | - archived - inspector file",
        ]],
    );
}

#[test]
fn a_finding_keeps_its_own_bytes() {
    let file = fixture!("guardduty-events.ndjson");
    let finding = &all(file)[1];
    let own = br#"{"Id":"c2","Type":"CredentialAccess:IAMUser/AnomalousBehavior","Severity":5,"Resource":{"ResourceType":"AccessKey","AccessKeyDetails":{"AccessKeyId":"AKIAEXAMPLE000000003","UserName":"root"}},"Service":{}}"#;
    assert_eq!(finding.raw.as_ref(), own);
    // printf '%s' '{"Id":…}' | sha256sum
    assert_eq!(finding.raw_sha256(), "94ec662a639e5f0934fd43c51c6a3c9115ed03a603bfc4b76dea486e6f62880a");
}

#[test]
fn json_has_all_keys_in_the_order_of_the_contract() {
    let finding = &all(br#"{"id":"x","type":"Test:EC2/A","resource":{},"title":"a\u202eb"}"#)[0];
    let expected = concat!(
        r#"{"id":"x","source":"guardduty","via":"file","type":"Test:EC2/A","title":"a\u202eb","description":null,"#,
        r#""severity":{"label":null,"score":null},"account":null,"region":null,"#,
        r#""resource":{"kind":null,"id":null,"name":null,"arn":null},"resources":[],"#,
        r#""actor":{"ip":null,"country":null,"principal":null,"access_key":null},"#,
        r#""first_seen":null,"last_seen":null,"created":null,"updated":null,"count":null,"status":"active","#,
        r#""workflow":null,"raw_sha256":"761eaccafda26bc3209232b8a26ecc59a8ce50ebc8d7ee6fd0b442db6434fa6f"}"#
    );
    assert_eq!(finding.to_json().unwrap(), expected);
}

#[test]
fn template_fields_have_the_findings_values() {
    let finding = all(fixture!("guardduty-api.json"))[1].compact();
    let value = |name| super::fields::value(&finding, name).map(|v| v.line().into_string());
    assert_eq!(value("finding.type").as_deref(), Some("UnauthorizedAccess:IAMUser/TorIPCaller"));
    assert_eq!(value("finding.account").as_deref(), Some("444455556666"));
    assert_eq!(value("finding.region").as_deref(), Some("us-east-1"));
    assert_eq!(value("finding.severity").as_deref(), Some("MEDIUM"));
    assert_eq!(value("finding.title").as_deref(), Some("ci-deploy called from a Tor exit."));
    assert_eq!(value("finding.resource.kind").as_deref(), Some("AWS::IAM::AccessKey"));
    assert_eq!(value("finding.resource.id").as_deref(), Some("AKIAEXAMPLE000000001"));
    assert_eq!(value("finding.resource.name").as_deref(), Some("ci-deploy"));
    assert_eq!(value("finding.resource.arn"), None);
    assert_eq!(value("finding.actor.ip").as_deref(), Some("198.51.100.77"));
    assert_eq!(value("finding.actor.principal").as_deref(), Some("ci-deploy"));
    assert_eq!(value("finding.actor.access_key").as_deref(), Some("AKIAEXAMPLE000000001"));
    assert!(value("finding.id").is_some_and(|id| id.ends_with("a2")));
    assert_eq!(value("finding.nothing"), None);
}
