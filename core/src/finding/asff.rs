//! The AWS Security Finding Format: GetFindings of Security Hub CSPM, exports, EventBridge's `detail.findings`.

use super::actor;
use super::arn::Arn;
use super::asff_type::kind;
use super::doc::Node;
use super::kinds::resource;
use super::record::{Bad, Record, account};
use super::source::source;
use super::time::time;
use super::{Actor, Finding, Resource, Severity, Status, Workflow};
use crate::text::Untrusted;

/// Reads one finding.
pub(super) fn read(record: &Record<'_>) -> Result<Finding, Bad> {
    let (id, product) = (record.get("Id")?, record.get("ProductArn")?);
    let (fields, resources) = (record.get("ProductFields")?, record.get("Resources")?);
    let provider = record.get("FindingProviderFields")?;
    let mut finding = record.blank();
    finding.known_by(&[&id]);
    let arns = [&id, &product].map(|node| node.str().and_then(Arn::read));
    finding.placed(account(&record.get("AwsAccountId")?), record.get("Region")?.text(), &arns);
    let name = record.get("ProductName")?;
    finding.source = source(product.str(), name.str().or_else(|| fields.get("aws/securityhub/ProductName").str()));
    finding.kind = kind(record, finding.source.as_ref(), &fields, &provider)?;
    finding.title = record.get("Title")?.text();
    finding.description = record.get("Description")?.text();
    finding.severity = severity(&record.get("Severity")?, provider.get("Severity"));
    finding.resources = resources.items().iter().map(one).collect();
    finding.resource = first_that_matters(&finding).cloned().unwrap_or_default();
    finding.actor = who(record, &resources, &fields)?;
    finding.first_seen = time(&record.get("FirstObservedAt")?);
    finding.last_seen = time(&record.get("LastObservedAt")?);
    finding.created = time(&record.get("CreatedAt")?);
    finding.updated = time(&record.get("UpdatedAt")?);
    finding.count = fields.get("aws/guardduty/service/count").whole();
    if record.get("RecordState")?.str().is_some_and(|state| state.eq_ignore_ascii_case("ARCHIVED")) {
        finding.status = Status::Archived;
    }
    finding.workflow = workflow(&record.get("Workflow")?, &record.get("WorkflowState")?);
    Ok(finding)
}

/// `Severity` may hold a label, a number or both; what the finder said itself stands in the provider's fields.
fn severity(node: &Node<'_>, provider: &Node<'_>) -> Severity {
    let number = node.get("Normalized").number().filter(|n| *n >= 0.0).map(|n| n.min(100.0));
    let words = [node.get("Label"), provider.get("Label"), node.get("Original"), node, provider.get("Original")];
    let word = words.iter().map(|word| Severity::of_word(word)).find(|severity| severity.label.is_some());
    match (word, number) {
        (Some(word), number) => Severity { score: number.or(word.score), ..word },
        (None, Some(number)) => Severity::of_score(number),
        (None, None) => Severity::default(),
    }
}

/// `Workflow.Status`, else the older `WorkflowState`.
fn workflow(node: &Node<'_>, older: &Node<'_>) -> Option<Workflow> {
    match node.get("Status").str().or_else(|| older.str())? {
        "NEW" => Some(Workflow::New),
        "NOTIFIED" | "ASSIGNED" | "IN_PROGRESS" | "DEFERRED" => Some(Workflow::Notified),
        "SUPPRESSED" => Some(Workflow::Suppressed),
        "RESOLVED" => Some(Workflow::Resolved),
        _ => None,
    }
}

fn one(node: &Node<'_>) -> Resource {
    let details = node.get("Details");
    let names = [
        details.at(&["AwsIamAccessKey", "UserName"]),
        details.at(&["AwsIamAccessKey", "PrincipalName"]),
        details.at(&["AwsIamUser", "UserName"]),
        details.at(&["AwsIamRole", "RoleName"]),
        details.at(&["AwsLambdaFunction", "FunctionName"]),
        details.at(&["AwsEksCluster", "Name"]),
        details.at(&["AwsRdsDbInstance", "DBInstanceIdentifier"]),
        details.at(&["AwsEc2SecurityGroup", "GroupName"]),
        details.at(&["Container", "Name"]),
        node.at(&["Tags", "Name"]),
    ];
    resource(node.get("Type").str(), node.get("Id").str(), actor::first_text(&names))
}

/// The first resource, but for GuardDuty's types the one that the type speaks of: a finding about an IAM user may
/// list the instance that used the key first.
fn first_that_matters(finding: &Finding) -> Option<&Resource> {
    const SUBJECTS: [(&str, &str); 5] = [
        (":IAMUser/", "AWS::IAM::AccessKey"),
        (":EC2/", "AWS::EC2::Instance"),
        (":S3/", "AWS::S3::Bucket"),
        (":Lambda/", "AWS::Lambda::Function"),
        (":RDS/", "AWS::RDS::DBInstance"),
    ];
    let kind = finding.kind.as_ref().map(|kind| kind.line().into_string()).unwrap_or_default();
    let subject = SUBJECTS.iter().find(|(part, _)| kind.contains(part)).map(|(_, kind)| Untrusted::from(*kind));
    let matching = finding.resources.iter().find(|r| subject.is_some() && r.kind == subject);
    matching.or(finding.resources.first())
}

/// The far end of the action, and the access key, where the finding is about something that somebody did.
fn who(record: &Record<'_>, resources: &Node<'_>, fields: &Node<'_>) -> Result<Actor, Bad> {
    let field = |end: &str| fields.pairs().iter().find(|(name, _)| name.ends_with(end)).and_then(|(_, v)| v.text());
    let action = record.get("Action")?;
    let far = actor::remote(&action).or(Actor {
        ip: field("/remoteIpDetails/ipAddressV4"),
        country: field("/remoteIpDetails/country/countryName"),
        ..Actor::default()
    });
    let detection = record.get("Detection")?;
    let act = far.ip.is_some() || !action.is_null() || field("/service/action/actionType").is_some();
    let key = match act {
        true => resources.items().iter().find(|r| r.get("Type").str() == Some("AwsIamAccessKey")).map(holder),
        false => None,
    };
    let network = network(&record.get("Network")?);
    Ok(key.unwrap_or_default().or(far).or(network).or(actor::sequence(detection.get("Sequence"))))
}

/// Who holds an access key.
fn holder(node: &Node<'_>) -> Actor {
    let details = node.at(&["Details", "AwsIamAccessKey"]);
    let names = [details.get("UserName"), details.get("PrincipalName"), details.get("PrincipalId")];
    let id = details.get("AccessKeyId").text();
    Actor { principal: actor::first_text(&names), access_key: id.or_else(|| one(node).id), ..Actor::default() }
}

/// The far end of the network block: the source of what came in, the destination of what went out.
fn network(node: &Node<'_>) -> Actor {
    let far = match node.get("Direction").str() {
        Some("OUT") => [node.get("DestinationIpV4"), node.get("DestinationIpV6")],
        _ => [node.get("SourceIpV4"), node.get("SourceIpV6")],
    };
    Actor { ip: actor::first_text(&far), ..Actor::default() }
}
