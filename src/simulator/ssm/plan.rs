//! The steps that a document runs for given parameters, with how long each takes (seconds of simulated time).
//!
//! Names and order are those of the runbook reference, as far as it names them.

use super::document::Values;
use super::run::{Status, StepRun};
use crate::simulator::world::World;

/// A step of an execution.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    pub name: &'static str,
    pub action: &'static str,
    pub seconds: i64,
    pub does: Does,
}

/// What a step does when it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Does {
    Nothing,
    Validate,
    FindInstance,
    BackUpInstance,
    OpenInstance,
    IsolateInstance,
    RestoreInstance,
    FindPrincipal,
    BackUpPrincipal,
    DisableKeys,
    DisableConsole,
    DenyPrincipal,
    RestorePrincipal,
    FindBucket,
    /// Looks for the bucket that the backup is kept in, where one is named.
    FindBackupBucket,
    BackUpBucket,
    CloseBucket,
    RestoreBucket,
    BlockPublic,
    ReadBlock,
    FindDatabase,
    CollectLogs,
    UploadLogs,
    /// Writes the report that the document gives out.
    Report,
    /// Waits for an approval.
    Approve,
    StopInstance,
}

const SCRIPT: &str = "aws:executeScript";
const BRANCH: &str = "aws:branch";
const API: &str = "aws:executeAwsApi";
const ASSERT: &str = "aws:assertAwsResourceProperty";
const WAIT: &str = "aws:waitForAwsResourceProperty";
const COMMAND: &str = "aws:runCommand";

const fn step(name: &'static str, action: &'static str, seconds: i64, does: Does) -> Step {
    Step { name, action, seconds, does }
}

/// The value of a parameter that has one.
pub(super) fn value<'a>(values: &'a Values, name: &str) -> Option<&'a str> {
    values.get(name)?.first().map(String::as_str).filter(|v| !v.is_empty())
}

/// The steps of an execution that has not begun, the `n`th of the account.
pub(super) fn runs(world: &World, document: &str, values: &Values, n: u64) -> Vec<StepRun> {
    let run = |(i, step): (usize, Step)| StepRun {
        step,
        id: world.chance.uuid(&format!("step {n}"), i as u64),
        status: Status::Pending,
        started: None,
        ended: None,
        outputs: Values::new(),
        failure: None,
        place: None,
    };
    of(document, values).into_iter().enumerate().map(run).collect()
}

/// The steps of the document for these parameters.
pub(super) fn of(document: &str, values: &Values) -> Vec<Step> {
    let restore = value(values, "Action") == Some("Restore");
    let dry = value(values, "DryRun") == Some("true");
    match document {
        "AWSSupport-ContainEC2Instance" => instance(restore, dry, value(values, "CreateAMIBackup") == Some("true")),
        "AWSSupport-ContainIAMPrincipal" => principal(restore, dry, value(values, "PrincipalType") == Some("IAM user")),
        "AWSSupport-ContainS3Resource" => bucket(restore, dry),
        "AWSConfigRemediation-ConfigureS3BucketPublicAccessBlock" => vec![
            step("PutBucketPublicAccessBlock", API, 4, Does::BlockPublic),
            step("GetBucketPublicAccessBlock", SCRIPT, 6, Does::ReadBlock),
        ],
        "AWSConfigRemediation-DisablePublicAccessToRDSInstance" => vec![
            step("GetDBInstanceIdentifier", API, 3, Does::FindDatabase),
            step("AssertAvailable", ASSERT, 2, Does::Nothing),
            step("DisablePublicAccess", API, 3, Does::Nothing),
            step("WaitForModifying", WAIT, 20, Does::Nothing),
            step("WaitForAvailable", WAIT, 60, Does::Nothing),
            step("AssertNotPublic", ASSERT, 2, Does::Nothing),
        ],
        "AWSSupport-CollectEKSInstanceLogs" => logs(value(values, "LogDestination").is_some()),
        "AWS-TerminateEC2Instance" => {
            // An instance that is gone is one that does not run: there is no more of it here.
            vec![step("terminateInstances", "aws:changeInstanceState", 40, Does::StopInstance)]
        }
        "Custom-ApproveThenStop" => vec![
            step("DescribeTarget", API, 4, Does::FindInstance),
            step("ApproveStop", "aws:approve", 0, Does::Approve),
            step("StopTarget", "aws:changeInstanceState", 25, Does::StopInstance),
            step("ConfirmStopped", ASSERT, 12, Does::Nothing),
        ],
        // The others mend settings that this account does not have: nothing is there to be changed.
        _ => vec![step("Remediation", SCRIPT, 6, Does::Nothing)],
    }
}

fn instance(restore: bool, dry: bool, image: bool) -> Vec<Step> {
    let mut steps = vec![
        step("ValidateRequiredInputs", SCRIPT, 3, Does::Validate),
        step("AssertInstanceIsNotTerminated", ASSERT, 3, Does::FindInstance),
        step("GetAutoScalingInstanceInfo", API, 3, Does::Nothing),
        step("CheckBackupS3BucketName", SCRIPT, 6, Does::FindBackupBucket),
        step("BranchOnActionAndMode", BRANCH, 1, Does::Nothing),
    ];
    match (restore, dry) {
        (false, true) => steps.push(step("ReportContain", SCRIPT, 5, Does::Report)),
        (true, true) => steps.push(step("ReportRestore", SCRIPT, 5, Does::Report)),
        (true, false) => steps.push(step("RestoreInstanceConfiguration", SCRIPT, 28, Does::RestoreInstance)),
        (false, false) => {
            steps.extend([
                step("BranchOnAutoScalingGroupMembership", BRANCH, 1, Does::Nothing),
                step("BackupInstanceSecurityGroups", SCRIPT, 8, Does::BackUpInstance),
                step("CreateAllAccessSecurityGroup", SCRIPT, 11, Does::OpenInstance),
                step("CreateContainmentSecurityGroup", SCRIPT, 14, Does::IsolateInstance),
                step("BranchOnCreateAMIBackup", BRANCH, 1, Does::Nothing),
            ]);
            if image {
                steps.push(step("AssertSourceInstanceRootVolumeIsEbs", ASSERT, 2, Does::Nothing));
                steps.push(step("CreateImage", "aws:createImage", 30, Does::Nothing));
            }
            steps.push(step("FinalOutput", SCRIPT, 3, Does::Report));
        }
    }
    steps
}

fn principal(restore: bool, dry: bool, user: bool) -> Vec<Step> {
    let (get, details, key) = match user {
        true => ("GetIAMUser", "GetIAMUserDetails", "UpdateS3KeyForUser"),
        false => ("GetIAMRole", "GetIAMRoleDetails", "UpdateS3KeyForRole"),
    };
    let mut steps = vec![
        step("ValidateRequiredInputs", SCRIPT, 3, Does::Validate),
        step("CheckBackupS3BucketName", SCRIPT, 6, Does::FindBackupBucket),
        step("BranchOnAction", BRANCH, 1, Does::Nothing),
        step("BranchOnPrincipalTypeAndDryRun", BRANCH, 1, Does::Nothing),
        step(get, API, 3, Does::FindPrincipal),
    ];
    match (restore, dry) {
        (false, true) => steps.push(step("ReportContain", SCRIPT, 5, Does::Report)),
        (true, true) => steps.push(step("ReportRestore", SCRIPT, 5, Does::Report)),
        (true, false) => steps.push(step("RestoreIAMPrincipal", SCRIPT, 26, Does::RestorePrincipal)),
        (false, false) => {
            steps.extend([
                step(details, SCRIPT, 9, Does::BackUpPrincipal),
                step(key, "aws:updateVariable", 1, Does::Nothing),
                step("BranchOnIdentityContain", BRANCH, 1, Does::Nothing),
            ]);
            if user {
                steps.extend([
                    step("DisableAccessKeys", SCRIPT, 7, Does::DisableKeys),
                    step("DisableConsoleAccess", SCRIPT, 5, Does::DisableConsole),
                    step("AttachInlineDenyPolicyToUser", SCRIPT, 6, Does::DenyPrincipal),
                ]);
            } else {
                steps.push(step("AttachInlineDenyPolicyToRole", SCRIPT, 14, Does::DenyPrincipal));
            }
            steps.push(step("ContainIAMPrincipal", SCRIPT, 4, Does::Report));
        }
    }
    steps
}

fn bucket(restore: bool, dry: bool) -> Vec<Step> {
    let mut steps = vec![
        step("validateRequiredInputs", SCRIPT, 3, Does::Validate),
        step("assertBucketExists", SCRIPT, 3, Does::FindBucket),
        step("backupBucketPreChecks", SCRIPT, 6, Does::Nothing),
        step("BranchOnActionAndMode", BRANCH, 1, Does::Nothing),
    ];
    match (restore, dry) {
        (false, true) => steps.push(step("ContainS3ResourceDryRun", SCRIPT, 5, Does::Report)),
        (true, true) => steps.push(step("RestoreS3ResourceDryRun", SCRIPT, 5, Does::Report)),
        (true, false) => steps.push(step("RestoreFinalOutput", SCRIPT, 28, Does::RestoreBucket)),
        (false, false) => steps.extend([
            step("backupTargetBucketMetadata", SCRIPT, 10, Does::BackUpBucket),
            step("containBucket", SCRIPT, 18, Does::CloseBucket),
            step("ContainFinalOutput", SCRIPT, 4, Does::Report),
        ]),
    }
    steps
}

fn logs(upload: bool) -> Vec<Step> {
    let mut steps = vec![
        step("AssertInstanceIsLinux", ASSERT, 3, Does::FindInstance),
        step("CollectLogs", COMMAND, 45, Does::CollectLogs),
        step("BranchOnLogDestination", BRANCH, 1, Does::Nothing),
    ];
    if upload {
        steps.push(step("UploadLogs", COMMAND, 15, Does::UploadLogs));
    }
    steps
}
