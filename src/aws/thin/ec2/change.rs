//! Calls of EC2 that change something. Each is sent once, or only rehearsed, of the very same members.

use super::super::super::SdkError;
use super::super::super::allow::DRY_RUN;
use super::super::ec2_query::{Form, exchange};
use super::super::xml::{Node, Odd};
use super::super::{Answered, ServiceError};
use super::{Client, Snapshot, VERSION, snapshot};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

/// A change, before it is sent.
#[derive(Clone, Debug)]
pub struct Change {
    operation: &'static str,
    /// What a dry run of it is called; none where EC2 has none.
    rehearsal: Option<&'static str>,
    form: Form,
}

macro_rules! change {
    ($operation:literal, $form:expr) => {
        Change { operation: $operation, rehearsal: Some(concat!($operation, " (dry run)")), form: $form }
    };
}

impl Change {
    /// Puts exactly these security groups on the interface.
    pub fn groups(interface: &str, groups: &[&str]) -> Self {
        let form = Form::default().with("NetworkInterfaceId", interface);
        change!("ModifyNetworkInterfaceAttribute", form.each("SecurityGroupId", groups.iter().copied()))
    }

    /// Snapshots of all EBS volumes of an instance, at one moment.
    pub fn snapshots(instance: &str, description: &str, tags: &[(&str, &str)]) -> Self {
        let form = Form::default().with("InstanceSpecification.InstanceId", instance).with("Description", description);
        let named = (!tags.is_empty()).then_some(("TagSpecification.1.ResourceType", "snapshot"));
        let form = named.into_iter().fold(form, |form, (name, value)| form.with(name, value));
        change!("CreateSnapshots", tagged(form, "TagSpecification.1.Tag", tags))
    }

    /// Stops an instance; its memory is kept on its root volume where it hibernates.
    pub fn stop(instance: &str, hibernate: bool) -> Self {
        let form = Form::default().each("InstanceId", [instance]);
        change!("StopInstances", if hibernate { form.with("Hibernate", "true") } else { form })
    }

    /// Starts an instance.
    pub fn start(instance: &str) -> Self {
        change!("StartInstances", Form::default().each("InstanceId", [instance]))
    }

    /// Gives a resource a tag, or another value.
    pub fn tag(resource: &str, key: &str, value: &str) -> Self {
        change!("CreateTags", tagged(Form::default().each("ResourceId", [resource]), "Tag", &[(key, value)]))
    }

    /// Takes a tag away, whatever its value.
    pub fn untag(resource: &str, key: &str) -> Self {
        change!("DeleteTags", Form::default().each("ResourceId", [resource]).with("Tag.1.Key", key))
    }

    /// Gives an instance the instance profile of that ARN.
    pub fn associate(instance: &str, profile: &str) -> Self {
        let form = Form::default().with("InstanceId", instance).with("IamInstanceProfile.Arn", profile);
        Self { operation: "AssociateIamInstanceProfile", rehearsal: None, form }
    }

    /// Takes an instance's profile away, by their association.
    pub fn disassociate(association: &str) -> Self {
        let form = Form::default().with("AssociationId", association);
        Self { operation: "DisassociateIamInstanceProfile", rehearsal: None, form }
    }

    /// The operation, as EC2 names it.
    pub fn operation(&self) -> &'static str {
        self.operation
    }
}

fn tagged(form: Form, name: &str, tags: &[(&str, &str)]) -> Form {
    let numbered = tags.iter().zip(1..);
    numbered.fold(form, |form, ((key, value), n)| {
        form.with(format!("{name}.{n}.Key"), *key).with(format!("{name}.{n}.Value"), *value)
    })
}

impl Client {
    /// Sends a change.
    pub async fn change(&self, change: &Change) -> Result<Answered<()>, SdkError<ServiceError>> {
        self.0.call(exchange(VERSION, change.operation, change.form.clone(), done)).await
    }

    /// Takes snapshots; they are of the moment of the call, though their copying goes on.
    pub async fn create_snapshots(&self, change: &Change) -> Result<Answered<Vec<Snapshot>>, SdkError<ServiceError>> {
        let made = |root: &Node| root.list("snapshotSet")?.iter().map(snapshot).collect::<Result<Vec<_>, Odd>>();
        self.0.call(exchange(VERSION, change.operation, change.form.clone(), made)).await
    }

    /// Asks whether EC2 would take a change from this caller; nothing is changed. False where it has no dry run of it.
    pub async fn dry_run(&self, change: &Change) -> Result<bool, SdkError<ServiceError>> {
        let Some(rehearsal) = change.rehearsal else { return Ok(false) };
        debug_assert!(rehearsal.ends_with(DRY_RUN));
        let mut exchange = exchange(VERSION, change.operation, change.form.clone().with("DryRun", "true"), |_| Ok(()));
        exchange.operation = rehearsal;
        match self.0.call(exchange).await {
            // It always ends in an error: this one says that the call would have worked.
            Err(error) if error.code() == Some("DryRunOperation") => Ok(true),
            Err(error) => Err(error),
            Ok(_) => Err(SdkError::construction_failure(Odd::new("EC2 did not take it as a dry run"))),
        }
    }
}

/// EC2 says `<return>true</return>`, which its model does not have; anything else there is not what was asked for.
fn done(root: &Node) -> Result<(), Odd> {
    match root.text("return")? {
        None | Some("true") => Ok(()),
        _ => Err(Odd::new("it does not say that it was done")),
    }
}
