//! What starting an automation needs of IAM: the document, the execution that comes of it, its tag, its role.

use super::super::seal::{Grant, Seal, arn, exact};
use super::{Start, parameters};
use quell_core::incident::Plan;

const OPEN: &str = "no AutomationAssumeRole is given, and the automation acts with the permissions of this session";

impl Start {
    /// Documents of Amazon and shared ones are of other accounts than the target's, or of none.
    pub(super) fn seal(&self, plan: &Plan, tags: bool) -> Seal {
        let role = parameters::single(&self.parameters, "AutomationAssumeRole").filter(|role| !role.is_empty());
        let Some(role) = role else { return Seal::Open(OPEN) };
        let (partition, region) = (plan.target.partition.line(), plan.target.region.line());
        let document = exact(self.short());
        let of = |kind: &str, more: &str| format!("arn:{partition}:ssm:{region}:*:{kind}/{document}{more}");
        let execution = arn(plan, "ssm", "automation-execution/*");
        let on = vec![of("automation-definition", ":*"), of("document", ""), execution.clone()];
        let mut grants = vec![Grant::new("ssm:StartAutomationExecution", on)];
        grants.extend(tags.then(|| Grant::new("ssm:AddTagsToResource", vec![execution])));
        let pass = Grant::new("iam:PassRole", vec![exact(role)]);
        grants.push(pass.when("iam:PassedToService", "ssm.amazonaws.com"));
        Seal::Only(grants)
    }
}
