//! The Automation documents of the account: their parameters as the runbook reference lists them.

use super::{Failure, remedies, solution, solution_on};
use std::collections::BTreeMap;

/// An Automation document.
#[derive(Debug)]
pub(super) struct Document {
    pub name: &'static str,
    pub description: &'static str,
    /// Whether AWS owns it.
    pub amazon: bool,
    pub parameters: &'static [Parameter],
}

/// A parameter of a document.
#[derive(Debug)]
pub(super) struct Parameter {
    pub name: &'static str,
    pub list: bool,
    pub default: Option<&'static str>,
    pub rule: Rule,
    pub description: &'static str,
}

/// What a parameter's values must be.
#[derive(Clone, Copy, Debug)]
pub(super) enum Rule {
    Any,
    OneOf(&'static [&'static str]),
    InstanceId,
    Bucket,
    Key,
    Principal,
    Arn,
    Tag,
}

const ACTION: &[&str] = &["Contain", "Restore"];
/// The words of a parameter that is true or false.
pub(super) const FLAG: &[&str] = &["true", "false"];

/// A parameter with one value, which must be given.
pub(super) const fn required(name: &'static str, rule: Rule, description: &'static str) -> Parameter {
    Parameter { name, list: false, default: None, rule, description }
}

/// A parameter with one value, and what it is when not given.
pub(super) const fn optional(
    name: &'static str,
    default: &'static str,
    rule: Rule,
    description: &'static str,
) -> Parameter {
    Parameter { name, list: false, default: Some(default), rule, description }
}

const fn list(name: &'static str, description: &'static str) -> Parameter {
    Parameter { name, list: true, default: Some(""), rule: Rule::Arn, description }
}

/// A list of any texts; one without a default must be given.
pub(super) const fn many(name: &'static str, default: Option<&'static str>, description: &'static str) -> Parameter {
    Parameter { name, list: true, default, rule: Rule::Any, description }
}

/// A document of AWS's own.
pub(super) const fn amazon(
    name: &'static str,
    description: &'static str,
    parameters: &'static [Parameter],
) -> Document {
    Document { name, description, amazon: true, parameters }
}

/// A document that the account has of a solution.
pub(super) const fn solution(
    name: &'static str,
    description: &'static str,
    parameters: &'static [Parameter],
) -> Document {
    Document { name, description, amazon: false, parameters }
}

const DO: Parameter = required("Action", Rule::OneOf(ACTION), "Contain isolates the target, Restore brings it back.");
const DRY_RUN: Parameter = optional("DryRun", "true", Rule::OneOf(FLAG), "Only report what would be done.");
const BACKUP_BUCKET: Parameter = optional("BackupS3BucketName", "", Rule::Bucket, "The bucket of the backup.");
const BACKUP_KEY: Parameter = optional("BackupS3KeyName", "", Rule::Key, "The key of the backup, for Restore.");
const BACKUP_ACCESS: Parameter = list("BackupS3BucketAccess", "Who may read the backup bucket, for Contain.");
const TAG: Parameter = optional("TagIdentifier", "", Rule::Tag, "A tag Key=NAME,Value=VALUE for the target.");
/// The role of an automation that can run as its caller too.
pub(super) const ROLE: Parameter =
    optional("AutomationAssumeRole", "", Rule::Arn, "The role that the automation runs as.");

/// The role of an automation that must have one.
pub(super) const RUNS_AS: Parameter =
    required("AutomationAssumeRole", Rule::Arn, "The role that the automation runs as.");

static DOCUMENTS: &[Document] = &[
    Document {
        name: "AWSSupport-ContainEC2Instance",
        description: "Isolates an EC2 instance from the network, or brings it back.",
        amazon: true,
        parameters: &[
            ROLE,
            required("InstanceId", Rule::InstanceId, "The instance."),
            DO,
            DRY_RUN,
            optional("CreateAMIBackup", "false", Rule::OneOf(FLAG), "Make an image before."),
            optional("KmsKey", "alias/aws/ebs", Rule::Any, "The key for the encrypted image."),
            BACKUP_BUCKET,
            BACKUP_KEY,
            BACKUP_ACCESS,
            TAG,
            optional("IngressTrafficRules", "{}", Rule::Any, "What may come in all the same."),
            optional("EgressTrafficRules", "{}", Rule::Any, "What may go out all the same."),
        ],
    },
    Document {
        name: "AWSSupport-ContainIAMPrincipal",
        description: "Shuts an IAM user, role or Identity Center user out, or lets it in again.",
        amazon: true,
        parameters: &[
            ROLE,
            required(
                "PrincipalType",
                Rule::OneOf(&["IAM user", "IAM role", "Identity Center user"]),
                "What kind of principal it is.",
            ),
            required("PrincipalName", Rule::Principal, "Its name."),
            DO,
            DRY_RUN,
            optional("ActivateDisabledKeys", "false", Rule::OneOf(FLAG), "Activate keys again on Restore."),
            BACKUP_BUCKET,
            BACKUP_KEY,
            BACKUP_ACCESS,
            TAG,
        ],
    },
    Document {
        name: "AWSSupport-ContainS3Resource",
        description: "Closes a bucket to all but a few principals, or opens it again.",
        amazon: true,
        parameters: &[
            ROLE,
            required("BucketName", Rule::Bucket, "The bucket."),
            DO,
            DRY_RUN,
            optional("BucketKeyName", "", Rule::Key, "One object only."),
            list("BucketRestrictAccess", "Who may still use the bucket, for Contain."),
            BACKUP_BUCKET,
            BACKUP_KEY,
            BACKUP_ACCESS,
            TAG,
        ],
    },
    Document {
        name: "AWSConfigRemediation-ConfigureS3BucketPublicAccessBlock",
        description: "Sets the public access block of a bucket and reads it back.",
        amazon: true,
        // The reference calls four of them Boolean; the model knows String and StringList alone.
        parameters: &[
            RUNS_AS,
            required("BucketName", Rule::Bucket, "The bucket."),
            optional("BlockPublicAcls", "true", Rule::OneOf(FLAG), "Refuse new public ACLs."),
            optional("BlockPublicPolicy", "true", Rule::OneOf(FLAG), "Refuse new public policies."),
            optional("IgnorePublicAcls", "true", Rule::OneOf(FLAG), "Ignore the public ACLs that there are."),
            optional("RestrictPublicBuckets", "true", Rule::OneOf(FLAG), "Let a public policy open nothing."),
        ],
    },
    Document {
        name: "AWSConfigRemediation-DisablePublicAccessToRDSInstance",
        description: "Takes the public address of a database instance away.",
        amazon: true,
        parameters: &[RUNS_AS, required("DbiResourceId", Rule::Any, "The database instance, by its resource id.")],
    },
    Document {
        name: "AWSSupport-CollectEKSInstanceLogs",
        description: "Collects the logs of a node of an EKS cluster, and uploads them if a bucket is named.",
        amazon: true,
        parameters: &[
            ROLE,
            required("EKSInstanceId", Rule::InstanceId, "The node's instance."),
            optional("LogDestination", "", Rule::Bucket, "The bucket for the archive."),
        ],
    },
    Document {
        name: "Custom-ApproveThenStop",
        description: "Asks for an approval, then stops an instance.",
        amazon: false,
        parameters: &[ROLE, required("InstanceId", Rule::InstanceId, "The instance.")],
    },
];

/// The document of that name, or of the ARN that ends in it.
pub(super) fn named(name: &str) -> Option<&'static Document> {
    let name = name.strip_prefix("arn:").and_then(|arn| arn.rsplit_once("document/")).map_or(name, |(_, name)| name);
    let all = [DOCUMENTS, remedies::DOCUMENTS, solution::DOCUMENTS, solution_on::DOCUMENTS];
    all.into_iter().flatten().find(|d| d.name == name)
}

/// The one version that every document here has.
pub(super) const VERSION: &str = "1";

pub(super) fn version_known(version: Option<&str>) -> bool {
    matches!(version, None | Some(VERSION | "$DEFAULT" | "$LATEST"))
}

/// Parameters by name, each with its values.
pub(super) type Values = BTreeMap<String, Vec<String>>;

/// The values that an execution runs with: those given, checked, and the defaults of the others.
pub(super) fn resolve(document: &Document, given: &Values) -> Result<Values, Failure> {
    let wrong = |message: String| Failure::new("InvalidAutomationExecutionParametersException", 400, message);
    let known = |name: &&String| document.parameters.iter().any(|p| p.name == **name);
    if let Some(name) = given.keys().find(|name| !known(name)) {
        return Err(wrong(format!("Parameter \"{name}\" is not defined in document {}.", document.name)));
    }
    let mut values = Values::new();
    for parameter in document.parameters {
        match (given.get(parameter.name), parameter.default) {
            (Some(given), _) => {
                parameter.check(given).map_err(wrong)?;
                values.insert(parameter.name.to_owned(), given.clone());
            }
            (None, Some("")) => {}
            (None, Some(default)) => {
                values.insert(parameter.name.to_owned(), vec![default.to_owned()]);
            }
            (None, None) => {
                return Err(wrong(format!("Missing required parameter: {} in user inputs.", parameter.name)));
            }
        }
    }
    Ok(values)
}

impl Parameter {
    fn check(&self, values: &[String]) -> Result<(), String> {
        if !self.list && values.len() != 1 {
            return Err(format!("Parameter \"{}\" must have exactly one value.", self.name));
        }
        for value in values {
            if let Rule::OneOf(allowed) = self.rule
                && !allowed.contains(&value.as_str())
            {
                return Err(format!(
                    "Parameter \"{}\" has value \"{value}\" not found in [{}].",
                    self.name,
                    allowed.join(", ")
                ));
            }
            if !self.rule.holds(value) {
                let pattern = self.rule.pattern().unwrap_or_default();
                return Err(format!("Parameter \"{}\" has value \"{value}\" not matching \"{pattern}\".", self.name));
            }
        }
        Ok(())
    }
}

impl Rule {
    pub fn allowed(self) -> Option<&'static [&'static str]> {
        if let Self::OneOf(allowed) = self { Some(allowed) } else { None }
    }

    /// The pattern that the reference gives; `holds` is what it means.
    fn pattern(self) -> Option<&'static str> {
        Some(match self {
            Self::Any | Self::OneOf(_) => return None,
            Self::InstanceId => "^i-[a-f0-9]{8,17}$",
            Self::Bucket => "^$|^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$",
            Self::Key => r"^[a-zA-Z0-9\.\-_\\!*'()/]{0,1024}$",
            Self::Principal => r"^[a-zA-Z0-9\.\-_\\!*'()/+=,@]{1,1024}$",
            Self::Arn => r"^$|^arn:(aws|aws-cn|aws-us-gov|aws-iso(-[a-z])?):iam::[0-9]{12}:(role|user)\/[\w+\/=,.@-]+$",
            Self::Tag => {
                r"^$|^[Kk][Ee][Yy]=[\+\-\=\.\_\:\/@a-zA-Z0-9]{1,128},[Vv][Aa][Ll][Uu][Ee]=[\+\-\=\.\_\:\/@a-zA-Z0-9]{0,128}$"
            }
        })
    }

    fn holds(self, value: &str) -> bool {
        let all = |from: usize, to: usize, extra: &str| {
            let fits = value.chars().all(|c| c.is_ascii_alphanumeric() || extra.contains(c));
            fits && (from..=to).contains(&value.len())
        };
        match self {
            Self::Any | Self::OneOf(_) => true,
            Self::InstanceId => value.strip_prefix("i-").is_some_and(|id| {
                let hex = id.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
                hex && (8..=17).contains(&id.len())
            }),
            Self::Bucket => value.is_empty() || all(3, 63, ".-") && value.to_lowercase() == value,
            Self::Key => all(0, 1024, ".-_\\!*'()/"),
            Self::Principal => all(1, 1024, ".-_\\!*'()/+=,@"),
            Self::Arn => value.is_empty() || is_arn(value),
            Self::Tag => value.is_empty() || tag(value).is_some(),
        }
    }
}

/// The ARN of an IAM user or role.
fn is_arn(value: &str) -> bool {
    let parts: Vec<&str> = value.splitn(6, ':').collect();
    let ["arn", partition, "iam", "", account, name] = parts.as_slice() else { return false };
    let principal = name.strip_prefix("role/").or_else(|| name.strip_prefix("user/"));
    let digits = account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit());
    let letters = |n: &str| !n.is_empty() && n.chars().all(|c| c.is_ascii_alphanumeric() || "_+/=,.@-".contains(c));
    partition.starts_with("aws") && digits && principal.is_some_and(letters)
}

/// The name and value of `Key=NAME,Value=VALUE`.
pub(super) fn tag(text: &str) -> Option<(&str, &str)> {
    let (key, value) = text.split_once(',')?;
    let (key_word, name) = key.split_once('=')?;
    let (value_word, value) = value.split_once('=')?;
    let words = key_word.eq_ignore_ascii_case("key") && value_word.eq_ignore_ascii_case("value");
    (words && !name.is_empty() && name.len() <= 128 && value.len() <= 128).then_some((name, value))
}
