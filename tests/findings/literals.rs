//! Real findings of the shared samples, three files of each shape: what each says, read from the sample by hand and put
//! as DESIGN's rules for `findings --json` put it. Where the samples have fewer than three of a shape, all stand here.

use super::samples::manifest;
use super::{findings, text};
use crate::shared::shared;
use serde_json::Value;
use std::path::Path;

/// The samples of a shape: a file by the end of its name, then some of its findings, each by its place among them: id,
/// type, severity, account, region, and the resource's kind, id, name and ARN; `-` is null.
const GUARDDUTY_CAMEL: &str = "
kubernetes-findings_exec-in-kube-system.json
  0 arn:aws:guardduty:us-west-1:777888999000:detector/66f001f987e6d5432109876543210/finding/6e5f7g8h9i0j1k2l3m4n5o6p7q8r9s0t | Execution:Kubernetes/ExecInKubeSystemPod | HIGH 78 | 777888999000 | us-west-1 | AWS::EKS::Cluster - - -
events_guardduty_ec2_event.json
  0 arn:aws:guardduty:us-east-1:123456789012:detector/123456789012/finding/16afba5c5c43e07c9e3e5e2e544e95df | Canary:EC2/Stateless.IntegTest | MEDIUM 50 | 123456789012 | us-east-1 | AWS::EC2::Instance i-05746eb48123455e0 ssh-22-open -
events_guardduty_iam_event.json
  0 arn:aws:guardduty:us-east-1:123456789012:detector/123456789012/finding/30bf285e52a1e405084ff6ec28e06e17 | Recon:IAMUser/MaliciousIPCaller.Custom | MEDIUM 50 | 123456789012 | us-east-1 | AWS::IAM::AccessKey GeneratedFindingAccessKeyId GeneratedFindingUserName -
# A number for the account, a text for the severity; then neither ARN nor title.
malformed_invalid-data-types.json
  0 arn:aws:guardduty:us-east-1:123456789012:detector/test/finding/invalid-data-types | Malformed:Test/InvalidDataTypes | MEDIUM 50 | 123456789012 | us-east-1 | AWS::EC2::Instance - - -
malformed_missing-required-fields.json
  0 malformed-missing-fields | Malformed:Test/MissingFields | MEDIUM 50 | 123456789012 | us-east-1 | AWS::EC2::Instance - - -
guardduty_critical_sev_findings.yml.json
  1 arn:aws:guardduty:us-east-1:123456789012:detector/111111bbbbbbbbbb5555555551111111/finding/b174b38d16e34da0a4c66012083bd8f7 | AttackSequence:S3/CompromisedData | CRITICAL 90 | 123456789012 | us-east-1 | - - - -
";

/// The samples have two.
const GUARDDUTY_PASCAL: &str = "
test_aws_guardduty_json_to_stix.py.json
  0 arn:aws:guardduty:us-east-1:12345678910:detector/123abc456def789ghi/finding/123abc456def789ghi123456 | UnauthorizedAccess:EC2/RDPBruteForce | LOW 20 | 12345678910 | us-east-1 | AWS::EC2::Instance i-0bc12345678910 cp4s_proofpoint_development -
  1 arn:aws:guardduty:us-east-1:12345678910:detector/123abc456def789ghi/finding/0011c11111404002875f3ab698ae5b9b | UnauthorizedAccess:S3/TorIPCaller | HIGH 80 | 12345678910 | us-east-1 | AWS::S3::Bucket bucketName bucketName arn:aws:s3:::bucketName
  2 arn:aws:guardduty:us-east-1:10987654321:detector/2ab2e2ee222ed222f3b2ca22acdc24df/finding/12c12dd12dc12bf1ad12121ef1212cb | Stealth:IAMUser/CloudTrailLoggingDisabled | LOW 20 | 10987654321 | us-east-1 | AWS::IAM::AccessKey SSSSSSSSSSSSSSS abc@abc.com -
  3 arn:aws:guardduty:us-east-1:10987654321:detector/1ab1e6ee111ed111f11ca11acdc11df/finding/01fc453c5efe4cfd895a83ee6111111 | CredentialAccess:RDS/MaliciousIPCaller.FailedLogin | MEDIUM 50 | 10987654321 | us-east-1 | AWS::RDS::DBInstance - - -
# It has neither ARN nor id: the hash of its own bytes stands in.
  4 sha256:921114396a1e6119209f82c0ff82e01ecb7f9bff87df15b04a2c92f5c6df88d1 | PrivilegeEscalation:Runtime/CGroupsReleaseAgentModified | HIGH 80 | - | - | - - - -
cartography__tests_data_aws_guardduty.py.json
  0 arn:aws:guardduty:us-west-2:123456789012:detector/test/finding/sample-finding-1 | UnauthorizedAccess:EC2/MaliciousIPCaller.Custom | HIGH 80 | 123456789012 | us-west-2 | AWS::EC2::Instance i-1234567890abcdef0 - -
  1 arn:aws:guardduty:us-west-2:123456789012:detector/test/finding/sample-finding-2 | Discovery:S3/BucketEnumeration.Unusual | MEDIUM 50 | 123456789012 | us-west-2 | AWS::S3::Bucket sample-test-bucket sample-test-bucket -
  2 arn:aws:guardduty:us-west-2:123456789012:detector/test/finding/sample-finding-3-archived | UnauthorizedAccess:EC2/MaliciousIPCaller.Custom | CRITICAL 90 | 123456789012 | us-west-2 | AWS::EC2::Instance i-archived123456789 - -
";

const GUARDDUTY_EVENTS: &str = "
# The envelope is of another account than its finding.
cwe_iam-duty-event.json
  0 arn:aws:guardduty:us-east-1:883606788610:detector/883606788610/finding/36b01b60fc22bb4edb19d62d9899e953 | UnauthorizedAccess:IAMUser/TorIPCaller | MEDIUM 50 | 883606788610 | us-east-1 | AWS::IAM::AccessKey GeneratedFindingAccessKeyId GeneratedFindingUserName -
samples_Discovery-RDS-Tor-Ip-Caller.json
  0 arn:aws:guardduty:us-east-1:057372331974:detector/12cc51e1c99e833adf5924c71ac591b2/finding/4d45b480b4504647b8096428a2ad4c82 | Discovery:RDS/TorIPCaller | MEDIUM 50 | 057372331974 | us-east-1 | AWS::RDS::DBInstance generatedfindingdbinstanceid generatedfindingdbinstanceid arn:aws:rds:us-east-1:123456789000:db:generatedfindingdbinstanceid
guardduty_network-eventbridge.json
  0 arn:aws:guardduty:us-west-2:123456789012:detector/12abc34d567e8fa901bc2d34eexample/finding/00000000000000000000000000000000 | Backdoor:EC2/C&CActivity.B!DNS | HIGH 87 | 123456789012 | us-west-2 | AWS::EC2::Instance i-0123456789abcdef0 - -
# One event a line.
guardduty-sample-findings-default.txt
  0 arn:aws:guardduty:us-west-2:123456789012:detector/955624e422acc98f6cdb16ab4ab41d23/finding/70b59ed2edb335b9fd22b159aa3234a0 | Stealth:IAMUser/LoggingConfigurationModified | MEDIUM 50 | 123456789012 | us-west-2 | AWS::IAM::AccessKey GeneratedFindingAccessKeyId GeneratedFindingUserName -
  2 arn:aws:guardduty:us-west-2:123456789012:detector/955624e422acc98f6cdb16ab4ab41d23/finding/8eb59ed2edb365934d69edec9ec08f6a | Policy:IAMUser/RootCredentialUsage | LOW 20 | 123456789012 | us-west-2 | AWS::IAM::AccessKey GeneratedFindingAccessKeyId GeneratedFindingUserName -
";

const ASFF_GET_FINDINGS: &str = "
awssecurityhub_config_many_findings.json
  0 arn:aws:securityhub:us-east-1:012345678912:subscription/aws-foundational-security-best-practices/v/1.0.0/IAM.5/finding/de861909-2d26-4e45-bd86-19d2ab6ceef1 | IAM.5 | INFORMATIONAL 0 | 012345678912 | us-east-1 | AWS::::Account 012345678912 - -
  1 arn:aws:securityhub:us-east-1:012345678912:subscription/aws-foundational-security-best-practices/v/1.0.0/SSM.2/finding/c3c9b6b4-4f33-4d9c-b81a-646e6c187a99 | SSM.2 | INFORMATIONAL 0 | 012345678912 | us-east-1 | AWS::::Account 012345678912 - -
  2 arn:aws:securityhub:us-east-1:012345678912:subscription/aws-foundational-security-best-practices/v/1.0.0/ELBv2.1/finding/27aa50f4-d793-4e54-8649-4522e876230f | ELBv2.1 | INFORMATIONAL 0 | 012345678912 | us-east-1 | AWS::::Account 012345678912 - -
# A blacked-out account, and an ARN without its `instance/`.
awssecurityhub_inspector_ec2_cve_no_vulnerabilities.json
  0 arn:aws:inspector2:us-east-1:XXXXXXXXXXXX:finding/c830773636319eaf8313475ae5876490 | Software and Configuration Checks/Vulnerabilities/CVE | CRITICAL 90 | XXXXXXXXXXXX | us-east-1 | AWS::EC2::Instance i-11111111111111111 - arn:aws:ec2:us-east-1:XXXXXXXXXXXX:i-11111111111111111
test_security_hub_lambda_update_securityhub.GetFindings_1.json
  0 us-east-2/644160558196/81cc9d38b8f8ebfd260ecc81585b4bc9/9f5932aa97900b5164502f41ae393d23 | sec-hub-lambda | LOW 10 | 644160558196 | us-east-2 | AWS::Lambda::Function check check arn:aws:lambda:us-east-2:644160558196:function:check
awssecurityhub_missing_account_id.json
  0 arn:aws:inspector2:us-east-1:1234567:finding/12344bc | Software and Configuration Checks/Vulnerabilities/CVE | MEDIUM 50 | 1234567 | us-east-1 | AWS::EC2::Instance i-1234xxyy Name:xx-123-yy -
";

const ASFF_ARRAY: &str = "
# Its first resource is the instance; a finding about an IAM user is about the key.
Unusual_Behaviors-User-Persistence_IAMUser-NetworkPermissions.json
  0 arn:aws:guardduty:eu-west-1:123456789012:detector/cab6a714deb3b739eaddacbdfd5ef2f2/finding/d6badb90e557d4bd811488a53ca89895 | Persistence:IAMUser/NetworkPermissions | MEDIUM 50 | 123456789012 | eu-west-1 | AWS::IAM::AccessKey GeneratedFindingAccessKeyId GeneratedFindingUserName -
scans_asff_one_vuln.json
  0 arn:aws:inspector2:eu-west-1:123456789123:finding/e7dd7a6979b7ce39de463533b1e6cd44 | Software and Configuration Checks/Vulnerabilities/CVE | HIGH 70 | 123456789123 | eu-west-1 | AWS::EC2::Instance i-0sdg8sa1k2l3j11m2 MyWebServer arn:aws:ec2:eu-west-1:123456789123:instance/i-0sdg8sa1k2l3j11m2
asff_reverse_mapper_restrictions-test-results.asff.json
  0 rhel7subset/disa_stig-el7/V-71859/finding/48fe70d34e3d6a5f66be5c02d29203464540ee9721dc0c135291711ecdfea577 | arn:aws:securityhub:us-east-2:12345678910:ruleset/set/disa_stig-el7/rule/V-71859 | MEDIUM 40 | 12345678910 | us-east-2 | AWS::::Account 12345678910 - -
  3 rhel7subset/disa_stig-el7 | arn:aws:securityhub:us-east-2:12345678910:ruleset/set/disa_stig-el7 | INFORMATIONAL 0 | 12345678910 | us-east-2 | AWS::::Account 12345678910 - -
";

const ASFF_SINGLE: &str = "
simdata_afsbp-s3.8.json
  0 arn:aws:securityhub:us-east-1:111111111111:subscription/aws-foundational-security-best-practices/v/1.0.0/S3.8/finding/e0182181-9218-420f-bef2-ed09ed230c59 | S3.8 | HIGH 70 | 111111111111 | us-east-1 | AWS::S3::Bucket example example arn:aws:s3:::example
simdata_cis29.json
  0 arn:aws:securityhub:us-east-2:111111111111:subscription/cis-aws-foundations-benchmark/v/1.2.0/2.9/finding/1bc0b404-822a-438d-a031-6c2755960877 | 2.9 | MEDIUM 40 | 111111111111 | us-east-2 | AWS::EC2::VPC vpc-d1a07fba - arn:aws:ec2:us-east-2:111111111111:vpc/vpc-d1a07fba
simdata_pci-iam.8.json
  0 arn:aws:securityhub:us-east-1:111111111111:subscription/pci-dss/v/3.2.1/PCI.IAM.8/finding/47af9ef7-b84a-49ee-afc3-ebab1cd4ebe8 | PCI.IAM.8 | INFORMATIONAL 0 | 111111111111 | us-east-1 | AWS::::Account 111111111111 - -
simdata_cis-111.json
  0 arn:aws:securityhub:us-east-1:111111111111:subscription/cis-aws-foundations-benchmark/v/1.2.0/1.11/finding/0ecc6ed4-e948-4d50-a195-62fea951e935 | 1.11 | LOW 39 | 111111111111 | us-east-1 | AWS::::Account 111111111111 - -
simdata_afsbp-iam.8-nodetails.json
  0 arn:aws:securityhub:us-east-1:111122223333:subscription/aws-foundational-security-best-practices/v/1.0.0/IAM.8/finding/b5f7740e-9302-44f7-a7ba-7e2092946bb0 | IAM.8 | MEDIUM 40 | 111122223333 | us-east-1 | AWS::IAM::User AIDACKCEVSQ6C2EXAMPLE AIDACKCEVSQ6C2EXAMPLE arn:aws:iam::111122223333:user/AIDACKCEVSQ6C2EXAMPLE
";

const ASFF_IMPORTED: &str = "
test_json_data_CIS-1.3.json
  0 arn:aws:securityhub:us-east-1:111111111111:subscription/cis-aws-foundations-benchmark/v/1.2.0/1.3/finding/6e842abe-6cbf-4bc1-aa55-3b2ae63aabd6 | 1.3 | MEDIUM 40 | 111111111111 | us-east-1 | AWS::::Account 111111111111 - -
# The same without a generator: its control stands among the product's fields.
test_json_data_CIS-bad.json
  0 arn:aws:securityhub:us-east-1:111111111111:subscription/cis-aws-foundations-benchmark/v/1.2.0/1.3/finding/6e842abe-6cbf-4bc1-aa55-3b2ae63aabd6 | 1.3 | MEDIUM 40 | 111111111111 | us-east-1 | AWS::::Account 111111111111 - -
test_json_data_afsbp-ec2.7.json
  0 arn:aws:securityhub:us-east-1:111111111111:subscription/aws-foundational-security-best-practices/v/1.0.0/EC2.7/finding/0003b335-cf3f-4f93-a025-6b1a7baced06 | EC2.7 | INFORMATIONAL 0 | 111111111111 | us-east-1 | AWS::::Account 111111111111 - -
";

const ASFF_CUSTOM_ACTION: &str = "
event-securityhub-cloudtrail-finding-action.json
  0 arn:aws:securityhub:us-east-1:644160558196:subscription/cis-aws-foundations-benchmark/v/1.2.0/2.2/finding/c82767be-e5e9-4c4e-a38c-477154ae38a2 | 2.2 | INFORMATIONAL 0 | 644160558196 | us-east-1 | AWS::CloudTrail::Trail skunk-trails skunk-trails arn:aws:cloudtrail:us-east-1:644160558196:trail/skunk-trails
# The envelope is of another account than its finding.
event-securityhub-lambda-cross.json
  0 us-east-1/644160558196/356580e4704cf1222cbee13685416652/84a7b9799285262dbf00c7b214463dde | lambda-finding | LOW 6 | 644160558196 | us-east-1 | AWS::Lambda::Function custodian-enterprise-ec2-instances-no-elastic-ip-isolate custodian-enterprise-ec2-instances-no-elastic-ip-isolate arn:aws:lambda:us-east-1:644160558196:function:custodian-enterprise-ec2-instances-no-elastic-ip-isolate
test_data_afsbp_rds1.json
  0 arn:aws:securityhub:eu-west-1:111111111111:subscription/aws-foundational-security-best-practices/v/1.0.0/RDS.1/finding/44329cba-0d82-4e69-a43f-85afccdee69d | RDS.1 | CRITICAL 90 | 111111111111 | eu-west-1 | AWS::RDS::DBSnapshot test-snapshot-mydb-1trr1gfasnyfa - arn:aws:rds:eu-west-1:111111111111:snapshot:test-snapshot-mydb-1trr1gfasnyfa
";

/// The samples have two, and none of Security Hub v2.
const OCSF_PROWLER: &str = "
scans_prowler_example_output_aws.ocsf.json
  0 <finding_uid> | accessanalyzer_enabled | LOW 1 | <account_uid> | <region> | Other <resource_uid> <resource_name> -
  2 <finding_uid> | account_maintain_different_contact_details_to_security_billing_and_operations | MEDIUM 40 | <account_uid> | <region> | AWS::::Account <account_uid> <account_uid> arn:aws:iam::<account_uid>:root
prowler__examples_output_example_output_aws.ocsf.json
  1 <finding_uid> | account_maintain_current_contact_details | MEDIUM 40 | <account_uid> | <region> | AWS::::Account <account_uid> <account_uid> arn:aws:iam::<account_uid>:root
  4 <finding_uid> | account_security_questions_are_registered_in_the_aws_account | MEDIUM 40 | <account_uid> | <region> | AWS::::Account <account_uid> <account_uid> arn:aws:iam::<account_uid>:root
";

/// The samples have two. The first finding's account is another than that of its ARN and of its function.
const INSPECTOR2: &str = "
aws_inspector2_package_vuln_metadata.json
  0 arn:aws:inspector2:us-west-2:123456789012:finding/00000000000000000000000000000001 | PACKAGE_VULNERABILITY | HIGH 70 | 123456789016 | us-west-2 | AWS::Lambda::Function web-user-manager-api-stage-healthCheck-EXAMPLE1ABCD web-user-manager-api-stage-healthCheck-EXAMPLE1ABCD arn:aws:lambda:us-west-2:123456789014:function:web-user-manager-api-stage-healthCheck-EXAMPLE1ABCD:$LATEST
  8 arn:aws:inspector2:us-west-2:123456789012:finding/00000000000000000000000000000009 | PACKAGE_VULNERABILITY | LOW 1 | 123456789012 | us-west-2 | AWS::Lambda::Function web-user-manager-api-stage-healthCheck-EXAMPLE1ABCD web-user-manager-api-stage-healthCheck-EXAMPLE1ABCD arn:aws:lambda:us-west-2:123456789012:function:web-user-manager-api-stage-healthCheck-EXAMPLE1ABCD:$LATEST
  15 arn:aws:inspector2:us-west-2:123456789012:finding/00000000000000000000000000000010 | PACKAGE_VULNERABILITY | CRITICAL 90 | 123456789012 | us-west-2 | AWS::Lambda::Function web-user-manager-api-stage-healthCheck-EXAMPLE1ABCD web-user-manager-api-stage-healthCheck-EXAMPLE1ABCD arn:aws:lambda:us-west-2:123456789012:function:web-user-manager-api-stage-healthCheck-EXAMPLE1ABCD:$LATEST
  18 arn:aws:inspector2:us-west-2:123456789012:finding/00000000000000000000000000000013 | CODE_VULNERABILITY | HIGH 70 | 123456789012 | us-west-2 | AWS::Lambda::Function web-user-manager-api-stage-healthCheck-EXAMPLE1ABCD web-user-manager-api-stage-healthCheck-EXAMPLE1ABCD arn:aws:lambda:us-west-2:123456789012:function:web-user-manager-api-stage-healthCheck-EXAMPLE1ABCD:$LATEST
test_inspector2_finding_query_filter_inspector2.ListFindings_1.json
  0 arn:aws:inspector2:eu-central-1:644160558196:finding/0021da1f466036d829d606136b538ba1 | PACKAGE_VULNERABILITY | MEDIUM 40 | 644160558196 | eu-central-1 | AWS::EC2::Instance i-07b035550fa86717d inspector-test -
  3 arn:aws:inspector2:eu-central-1:644160558196:finding/1fed1ba3de36a591906ad8c4f02e717a | PACKAGE_VULNERABILITY | MEDIUM 40 | 644160558196 | eu-central-1 | AWS::EC2::Instance i-07b035550fa86717d inspector-test -
";

/// A value as it stands in a literal.
fn word(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn facts(f: &Value) -> String {
    let (severity, resource) = (&f["severity"], &f["resource"]);
    let severity = [&severity["label"], &severity["score"]].map(word).join(" ");
    let resource = ["kind", "id", "name", "arn"].map(|key| word(&resource[key])).join(" ");
    [word(&f["id"]), word(&f["type"]), severity, word(&f["account"]), word(&f["region"]), resource].join(" | ")
}

/// What the one file of this name holds.
fn read(folder: &Path, files: &[(String, String, usize)], name: &str) -> Vec<Value> {
    let named: Vec<_> = files.iter().filter(|(file, ..)| file.ends_with(name)).collect();
    let [(file, ..)] = named.as_slice() else { panic!("{name} names {} files", named.len()) };
    let out = text(&findings(&folder.join(file), &["--json"]).stdout);
    out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Holds each file against its literals; all that differ are told at once.
fn check(samples: &str) {
    let Some(folder) = shared("samples") else { return };
    let files = manifest(&folder);
    let mut wrong = Vec::new();
    let (mut name, mut objects) = ("", Vec::new());
    for line in samples.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let Some((at, literal)) = line.strip_prefix("  ").and_then(|line| line.split_once(' ')) else {
            name = line;
            objects = read(&folder, &files, name);
            continue;
        };
        let told = objects.get(at.parse::<usize>().unwrap()).map_or("nothing".to_owned(), facts);
        if told != literal {
            wrong.push(format!("{name} {at}\n  says {told}\n  not  {literal}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn guardduty_in_camel_case() {
    check(GUARDDUTY_CAMEL);
}

#[test]
fn guardduty_in_pascal_case() {
    check(GUARDDUTY_PASCAL);
}

#[test]
fn guardduty_by_eventbridge() {
    check(GUARDDUTY_EVENTS);
}

#[test]
fn asff_of_get_findings() {
    check(ASFF_GET_FINDINGS);
}

#[test]
fn asff_as_an_array() {
    check(ASFF_ARRAY);
}

#[test]
fn asff_alone() {
    check(ASFF_SINGLE);
}

#[test]
fn asff_imported_by_eventbridge() {
    check(ASFF_IMPORTED);
}

#[test]
fn asff_of_a_custom_action_by_eventbridge() {
    check(ASFF_CUSTOM_ACTION);
}

#[test]
fn ocsf_of_prowler() {
    check(OCSF_PROWLER);
}

#[test]
fn inspector2_list_findings() {
    check(INSPECTOR2);
}
