use super::super::by_name;
use super::super::testing::*;
use super::*;
use crate::aws::fake::Answer;
use quell_core::text::json as text;

const ID: &str = "0f4e6c1a-92d3-4b58-8e77-c5a1d0b9e3f2";
const KEY: &str = "arn:aws:kms:eu-west-1:111122223333:key/0f4e6c1a-92d3-4b58-8e77-c5a1d0b9e3f2";

fn target() -> Target {
    Target {
        account: ACCOUNT.into(),
        partition: "aws".into(),
        region: REGION.into(),
        resource: "x".into(),
        through: None,
    }
}

#[test]
fn a_key_is_its_arn_however_it_is_named_and_aws_s_own_is_none() {
    let of = |named: &str| key(&named.into(), &target()).map(|found| found.map(|arn| arn.as_str().to_owned()));
    assert_eq!(of(KEY), Some(Ok(KEY.to_owned())));
    assert_eq!(of(ID), Some(Ok(KEY.to_owned())));
    let far = "arn:aws:kms:eu-west-1:444455556666:key/mrk-1";
    assert_eq!(of(far), Some(Ok(far.to_owned())));
    for own in ["alias/aws/sns", "arn:aws:kms:eu-west-1:111122223333:alias/aws/sns", ""] {
        assert_eq!(of(own), None, "{own}");
    }
    for alias in ["alias/team", "arn:aws:kms:eu-west-1:111122223333:alias/team", "arn:aws:s3:::key/x"] {
        assert_eq!(of(alias), Some(Err(alias.to_owned())), "{alias}");
    }
}

fn topic(key: &str) -> Answer {
    let pairs =
        [("Owner", ACCOUNT), ("SubscriptionsConfirmed", "2"), ("SubscriptionsPending", "0"), ("KmsMasterKeyId", key)];
    let entry = |(name, value): (&str, &str)| format!("<entry><key>{name}</key><value>{value}</value></entry>");
    Answer::ok(format!(
        "<GetTopicAttributesResponse><GetTopicAttributesResult><Attributes>{}</Attributes></GetTopicAttributesResult>\
         <ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></GetTopicAttributesResponse>",
        pairs.map(entry).concat()
    ))
}

fn plan(key: &str) -> Plan {
    let bench = Bench::new([("GetTopicAttributes", vec![topic(key)])]);
    let kind = by_name("sns-publish").unwrap();
    let topic = own("arn:aws:sns:eu-west-1:111122223333:on-call");
    let ask = request(kind, finding("f", "i-1"), [("topic", topic), ("session", own("20260102T030405Z-demo-abcdef"))]);
    bench.plan(kind, &ask).unwrap()
}

/// The statements of the plan's own policy that are about keys.
fn statements(plan: &Plan) -> String {
    let sealed = super::super::seal::statements_of(plan);
    let of_keys = |one: &&serde_json::Value| one["Action"].to_string().contains("kms:");
    let found: Vec<serde_json::Value> = sealed.iter().filter(of_keys).cloned().collect();
    text::to_string(&found).unwrap()
}

#[test]
fn a_plan_says_whose_key_it_uses_and_a_sealed_session_may_use_that_one_by_that_service_alone() {
    let plan = plan(ID);
    assert_eq!(fact(&plan.facts, "KMS key").as_deref(), Some(KEY));
    let words = format!(
        "It lies under the KMS key {KEY}: whoever calls needs kms:Decrypt, kms:GenerateDataKey on it, and its own policy \
         must allow that too."
    );
    assert!(raws(&plan.warnings).contains(&words), "{:?}", raws(&plan.warnings));
    let expected = r#"[{"Action":["kms:Decrypt","kms:GenerateDataKey"],"Condition":{"StringEquals":{"kms:ViaService":"sns.eu-west-1.amazonaws.com"}},"Effect":"Allow","Resource":"arn:aws:kms:eu-west-1:111122223333:key/0f4e6c1a-92d3-4b58-8e77-c5a1d0b9e3f2"}]"#;
    assert_eq!(statements(&plan), expected);
}

#[test]
fn what_is_under_no_customer_s_key_needs_nothing_of_kms_and_an_alias_is_said_not_to_be_read() {
    let own = plan("alias/aws/sns");
    assert_eq!((fact(&own.facts, "KMS key"), statements(&own).as_str()), (None, "[]"));
    let alias = plan("alias/team");
    let said = raws(&alias.warnings).join("\n");
    assert!(said.contains("Which key that name stands for is not read"), "{said}");
    assert!(statements(&alias).contains(r#""Resource":"arn:aws:kms:eu-west-1:111122223333:key/*""#));
}

#[test]
fn a_grant_is_for_aws_s_services_alone() {
    let mut plan = plan(ID);
    plan.target.region = "eu-west-1".into();
    let all = grants(&EBS, &plan);
    let create = all.iter().find(|grant| {
        **grant
            == Grant::new("kms:CreateGrant", vec![KEY.to_owned()])
                .when("kms:ViaService", "ec2.eu-west-1.amazonaws.com")
                .when("kms:GrantIsForAWSResource", "true")
    });
    assert!(create.is_some() && all.len() == 6, "{all:?}");
}
