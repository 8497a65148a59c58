//! What a runbook can do: one file per kind, each with its parameters, its AWS operations, and how it is planned,
//! executed, checked after an unknown outcome, verified and undone.
//!
//! A plan says everything that decides what happens; the call is made of the plan's own requests, never of
//! anything read later. Mutating calls are sent once. What was read while planning and matters is read again
//! right before the call; if it changed, nothing is sent.

mod allow;
mod asg_standby;
mod calls;
mod command;
mod config_remediation;
mod denial;
mod dns_firewall;
mod ec2_isolate;
mod ec2_metadata;
mod ec2_profile;
mod ec2_shutdown;
mod ec2_snapshot;
mod ec2_stop;
mod ec2_tag;
mod elb_deregister;
mod eventbridge_put_events;
mod facts;
mod fields;
mod follow;
mod guardduty_archive;
mod iam_access_key;
mod iam_console;
mod iam_deny;
mod iam_policy;
mod iam_revoke;
mod iam_trust;
mod identity_center;
mod in_force;
mod instance;
mod kind;
mod kms;
mod lambda_concurrency;
mod lambda_invoke;
mod notice;
mod place;
mod preflight;
mod progress;
mod request;
mod rules;
mod s3_account_block;
mod s3_block_public;
mod s3_policy;
mod seal;
mod securityhub_ticket;
mod securityhub_workflow;
mod setting;
mod sfn_start;
mod sfn_stop;
mod sns_publish;
mod ssm_automation;
mod standing;
mod target;
mod undoing;
mod way;
mod webhook;

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

pub use crate::aws::permission;
pub use allow::allow;
pub use fields::fits;
pub use in_force::{AS_RECORDED, Meeting, PUTS_BACK, Standing, in_force, meeting, to_lift, words, writes};
pub use kind::{Action, Keys, KindInfo, Operations, Parameter};
pub use preflight::{
    BlockNeeds, Caller, KindNeeds, Need, OPERATIONS as PREFLIGHT_OPERATIONS, Preflight, Site, State, preflight, ready,
};
pub use progress::{Progress, ProgressStep, Report};
pub use request::{Request, Value, Word};
pub use rules::rules;
pub use seal::{Grant, Seal, bound, reading};
pub use standing::standing;
pub use undoing::{half, outcome, reverses};

/// The service name of what runs on this machine; no permission of AWS is named so.
pub const LOCAL: &str = "local";

/// Every kind. A kind is a file and a line here.
pub fn kinds() -> &'static [&'static dyn Action] {
    static KINDS: [&dyn Action; 33] = [
        &ssm_automation::SsmAutomation,
        &ssm_automation::SsmSignal,
        &iam_access_key::IamAccessKey,
        &iam_deny::IAM_DENY,
        &iam_revoke::IAM_REVOKE,
        &iam_console::IamConsole,
        &iam_trust::IamRoleTrust,
        &identity_center::IdentityCenter,
        &ec2_isolate::Ec2Isolate,
        &ec2_snapshot::Ec2Snapshot,
        &ec2_shutdown::Ec2Shutdown,
        &ec2_stop::Ec2Stop,
        &ec2_tag::Ec2Tag,
        &ec2_profile::Ec2InstanceProfile,
        &ec2_metadata::Ec2Metadata,
        &asg_standby::AsgStandby,
        &elb_deregister::ElbDeregister,
        &s3_block_public::S3BlockPublic,
        &s3_account_block::S3BlockPublicAccount,
        &s3_policy::S3BucketPolicy,
        &dns_firewall::DnsFirewall,
        &lambda_concurrency::LambdaConcurrency,
        &securityhub_workflow::SecurityhubWorkflow,
        &guardduty_archive::GuarddutyArchive,
        &sns_publish::SnsPublish,
        &eventbridge_put_events::EventbridgePutEvents,
        &sfn_start::SfnStart,
        &sfn_stop::SfnStop,
        &lambda_invoke::LambdaInvoke,
        &config_remediation::ConfigRemediation,
        &securityhub_ticket::SecurityhubTicket,
        &webhook::Webhook,
        &command::Command,
    ];
    &KINDS
}

/// The kind that an action block names.
pub fn by_name(name: &str) -> Option<&'static dyn Action> {
    kinds().iter().copied().find(|kind| kind.info().name == name)
}
