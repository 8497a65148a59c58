//! What stops working by AWS's own documents, for whom and until when.

use super::super::calls::{self, Caller};
use super::contain;
use super::known::Known;
use super::parameters::{Parameters, single};

const NOTHING: &str = "nothing that runs";
const ALL_OF_IT: &str = "everything that runs on the instance, for whoever uses it, until it is started again";
const A_WHILE: &str = "everything that runs on the instance, for whoever uses it, until it has started again";
const RULES: &str = "every new connection that only those rules let through";
const RIGHTS: &str = "whatever is done by what those policies alone allow, within seconds";

/// What stops working by a run of a document of Amazon's that quell knows.
pub(super) fn of(known: &Known, parameters: &Parameters) -> String {
    let (name, given) = (known.name, |parameter: &str| single(parameters, parameter));
    if contain::dry(name, parameters) {
        return "nothing: a dry run changes nothing".to_owned();
    }
    let contains = given("Action") == Some("Contain");
    match name {
        contain::EC2 | contain::IAM | contain::S3 if !contains => {
            "nothing that worked while it was contained".to_owned()
        }
        contain::IAM => principal(given("PrincipalType")).to_owned(),
        contain::S3 => bucket(parameters),
        _ => other(name).to_owned(),
    }
}

fn principal(kind: Option<&str>) -> &'static str {
    match kind {
        Some("IAM user") => {
            "everything that the user does: its keys and its sign-in to the console, and every program that runs by them"
        }
        Some("IAM role") => {
            "every workload and person on the role, until they have new credentials: most programs fetch them within minutes \
             to hours, some only when they are started again"
        }
        Some("Identity Center user") => "signing in by Identity Center, for that person, in every account",
        _ => "everything that the principal does, and every program that runs as it",
    }
}

fn bucket(parameters: &Parameters) -> String {
    let object = single(parameters, "ResourceType").is_some_and(|kind| kind.contains("OBJECT"));
    let what = if object { "the objects" } else { "the bucket" };
    // Without them nothing is planned.
    let kept = parameters.get("BucketRestrictAccess").into_iter().flatten();
    let kept: Vec<String> = kept.map(|one| crate::problem::clean(one).into_string()).collect();
    format!(
        "reading, writing and listing {what}, for everybody but {}: deliveries (logs, replication, backups) and the \
         workloads of the account too",
        kept.join(", ")
    )
}

fn other(name: &str) -> &'static str {
    match name {
        contain::EC2 => {
            "every new connection to it and from it: users, load balancers and health checks, SSH, Systems Manager, agents; \
             connections that are open may live on"
        }
        "AWS-StopEC2Instance" => ALL_OF_IT,
        "AWS-TerminateEC2Instance" => "everything that runs on the instance, for good",
        "AWS-RestartEC2Instance" => A_WHILE,
        "AWSSupport-ExecuteEC2Rescue" | "AWSSupport-StartEC2RescueWorkflow" | "AWSSupport-ResetAccess" => A_WHILE,
        "AWS-CreateImage" => "the instance, which restarts, unless NoReboot is true",
        "AWS-ASGEnterStandby" => "what the group's load balancers send to the instance: it goes to the others",
        "AWS-DetachEBSVolume" => "whatever on the instance uses the volume",
        "AWS-AttachIAMToInstance" => "programs that work by the instance profile that was there before",
        "AWS-ReleaseElasticIP" => "whatever reaches something by the address",
        "AWSConfigRemediation-DetachAndDeleteInternetGateway" => {
            "every connection of the VPC with the internet, both ways"
        }
        "AWSConfigRemediation-DisableSubnetAutoAssignPublicIP" => "new instances there that need a public address",
        "AWSConfigRemediation-EnforceEC2InstanceIMDSv2" => {
            "programs on the instance that ask the metadata service without a token, old SDKs among them"
        }
        "AWS-DisablePublicAccessForSecurityGroup"
        | "AWSConfigRemediation-RemoveUnrestrictedSourceIngressRules"
        | "AWSConfigRemediation-RemoveVPCDefaultSecurityGroupRules" => RULES,
        "AWS-DisableS3BucketPublicReadWrite" | "AWSConfigRemediation-ConfigureS3BucketPublicAccessBlock" => {
            "public web sites, downloads and lists out of the bucket"
        }
        "AWSConfigRemediation-ConfigureS3PublicAccessBlock" => {
            "public web sites, downloads and lists out of every bucket of the account, in all its Regions"
        }
        "AWSConfigRemediation-RemovePrincipalStarFromS3BucketPolicy" => "whoever comes in by those statements alone",
        "AWSConfigRemediation-RestrictBucketSSLRequestsOnly" => "clients of the bucket that come without TLS",
        "AWSConfigRemediation-DisablePublicAccessToRDSInstance"
        | "AWSConfigRemediation-DisablePublicAccessToRedshiftCluster" => "clients of the database outside its VPC",
        "AWSConfigRemediation-EnableMinorVersionUpgradeOnRDSDBInstance" => {
            "nothing now; the database, for minutes, in a maintenance window that has a new minor version"
        }
        "AWSConfigRemediation-EnableCloudFrontDefaultRootObject" => {
            "sites that answer the root of the address themselves"
        }
        "AWSConfigRemediation-SetIAMPasswordPolicy" => {
            "sign-in of IAM users whose password is too old for the policy, until they have set a new one"
        }
        "AWSConfigRemediation-RevokeUnusedIAMUserCredentials" => "keys and the password that were not used for so long",
        "AWSConfigRemediation-DetachIAMPolicy"
        | "AWSConfigRemediation-RemoveUserPolicies"
        | "AWSConfigRemediation-ReplaceIAMInlinePolicy"
        | "AWS-DeleteIAMInlinePolicy" => RIGHTS,
        "AWSConfigRemediation-DeleteIAMUser" => "every program and person that works as the user",
        "AWSConfigRemediation-DeleteIAMRole" => "every workload and person that works by the role",
        "AWSConfigRemediation-DeleteAccessKeysFromCodeBuildProject" => "builds of the project that need the keys",
        "AWSConfigRemediation-RotateSecret" => "programs that keep the former value and do not read it anew",
        "AWSConfigRemediation-DeleteSecret" => "programs that read the secret, at once",
        "AWSConfigRemediation-DeleteLambdaFunction" => "every call of the function, and what triggers it",
        "AWSConfigRemediation-MoveLambdaToVPC" => {
            "what the function reaches outside the VPC, where the VPC has no way out"
        }
        _ => NOTHING,
    }
}

/// Whether the caller is among those who keep the bucket, where the run names any.
pub(super) fn keeps(parameters: &Parameters, caller: &Caller) -> Option<String> {
    let kept = parameters.get("BucketRestrictAccess").filter(|kept| !kept.is_empty())?;
    let caller_is = |arn: &String| {
        let (account, name) = (arn.split(':').nth(4), arn.rsplit('/').next().unwrap_or_default());
        let own = caller.arn().line();
        account == own.as_str().split(':').nth(4) && calls::is_own(caller, name)
    };
    Some(match kept.iter().any(caller_is) {
        true => format!("You ({}) are among those who keep the bucket.", caller.arn().line()),
        false => format!(
            "You ({}) are NOT among those who keep the bucket: you lose it too, and so may the automation's own role.",
            caller.arn().line()
        ),
    })
}
