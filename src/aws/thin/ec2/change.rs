//! Calls of EC2 that change something. Each is sent once, or only rehearsed, of the very same members.

use super::super::super::SdkError;
use super::super::super::allow::DRY_RUN;
use super::super::ec2_query::{Form, exchange};
use super::super::xml::{Node, Odd};
use super::super::{Answered, ServiceError};
use super::{Client, Snapshot, VERSION, snapshot};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use serde_json::{Value, json};

/// A change, before it is sent.
#[derive(Clone, Debug)]
pub struct Change {
    operation: &'static str,
    /// What a dry run of it is called; none where EC2 has none.
    rehearsal: Option<&'static str>,
    form: Form,
    /// The same by the names of the service model.
    input: Value,
}

macro_rules! change {
    ($operation:literal, $form:expr, $input:expr) => {
        Change { operation: $operation, rehearsal: Some(concat!($operation, " (dry run)")), form: $form, input: $input }
    };
}

impl Change {
    /// Puts exactly these security groups on the interface.
    pub fn groups(interface: &str, groups: &[&str]) -> Self {
        let form = Form::default().with("NetworkInterfaceId", interface);
        let input = json!({ "NetworkInterfaceId": interface, "Groups": groups });
        change!("ModifyNetworkInterfaceAttribute", form.each("SecurityGroupId", groups.iter().copied()), input)
    }

    /// Snapshots of all EBS volumes of an instance, at one moment.
    pub fn snapshots(instance: &str, description: &str, tags: &[(&str, &str)]) -> Self {
        let form = Form::default().with("InstanceSpecification.InstanceId", instance).with("Description", description);
        let mut input = json!({ "InstanceSpecification": { "InstanceId": instance }, "Description": description });
        if tags.is_empty() {
            return change!("CreateSnapshots", form, input);
        }
        let named: Vec<Value> = tags.iter().map(tag).collect();
        input["TagSpecifications"] = json!([{ "ResourceType": "snapshot", "Tags": named }]);
        let form = form.with("TagSpecification.1.ResourceType", "snapshot");
        change!("CreateSnapshots", tagged(form, "TagSpecification.1.Tag", tags), input)
    }

    /// Stops an instance; its memory is kept on its root volume where it hibernates.
    pub fn stop(instance: &str, hibernate: bool) -> Self {
        let (form, input) = instances(instance);
        match hibernate {
            false => change!("StopInstances", form, input),
            true => {
                let input = json!({ "InstanceIds": [instance], "Hibernate": true });
                change!("StopInstances", form.with("Hibernate", "true"), input)
            }
        }
    }

    /// Starts an instance.
    pub fn start(instance: &str) -> Self {
        let (form, input) = instances(instance);
        change!("StartInstances", form, input)
    }

    /// Sets an instance's metadata service; what is not given stays as it is.
    pub fn metadata(instance: &str, endpoint: Option<&str>, tokens: Option<&str>) -> Self {
        let mut form = Form::default().with("InstanceId", instance);
        let mut input = json!({ "InstanceId": instance });
        for (name, value) in [("HttpEndpoint", endpoint), ("HttpTokens", tokens)] {
            if let Some(value) = value {
                form = form.with(name, value);
                input[name] = value.into();
            }
        }
        change!("ModifyInstanceMetadataOptions", form, input)
    }

    /// Sets what a shutdown from inside does to an instance: `stop` or `terminate`.
    pub fn shutdown(instance: &str, behavior: &str) -> Self {
        let form =
            Form::default().with("InstanceId", instance).with("InstanceInitiatedShutdownBehavior.Value", behavior);
        let input = json!({ "InstanceId": instance, "InstanceInitiatedShutdownBehavior": { "Value": behavior } });
        change!("ModifyInstanceAttribute", form, input)
    }

    /// Gives a resource a tag, or another value.
    pub fn tag(resource: &str, key: &str, value: &str) -> Self {
        let form = tagged(Form::default().each("ResourceId", [resource]), "Tag", &[(key, value)]);
        change!("CreateTags", form, json!({ "Resources": [resource], "Tags": [tag(&(key, value))] }))
    }

    /// Takes a tag away, whatever its value.
    pub fn untag(resource: &str, key: &str) -> Self {
        let form = Form::default().each("ResourceId", [resource]).with("Tag.1.Key", key);
        change!("DeleteTags", form, json!({ "Resources": [resource], "Tags": [{ "Key": key }] }))
    }

    /// Gives an instance the instance profile of that ARN.
    pub fn associate(instance: &str, profile: &str) -> Self {
        let form = Form::default().with("InstanceId", instance).with("IamInstanceProfile.Arn", profile);
        let input = json!({ "InstanceId": instance, "IamInstanceProfile": { "Arn": profile } });
        Self { operation: "AssociateIamInstanceProfile", rehearsal: None, form, input }
    }

    /// Takes an instance's profile away, by their association.
    pub fn disassociate(association: &str) -> Self {
        let form = Form::default().with("AssociationId", association);
        let input = json!({ "AssociationId": association });
        Self { operation: "DisassociateIamInstanceProfile", rehearsal: None, form, input }
    }

    /// The operation, as EC2 names it.
    pub fn operation(&self) -> &'static str {
        self.operation
    }
}

fn instances(id: &str) -> (Form, Value) {
    (Form::default().each("InstanceId", [id]), json!({ "InstanceIds": [id] }))
}

fn tag((key, value): &(&str, &str)) -> Value {
    json!({ "Key": key, "Value": value })
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
        self.0.call(exchange(VERSION, change.operation, change.input.clone(), change.form.clone(), done)).await
    }

    /// Takes snapshots; they are of the moment of the call, though their copying goes on.
    pub async fn create_snapshots(&self, change: &Change) -> Result<Answered<Vec<Snapshot>>, SdkError<ServiceError>> {
        let made = |root: &Node| root.list("snapshotSet")?.iter().map(snapshot).collect::<Result<Vec<_>, Odd>>();
        self.0.call(exchange(VERSION, change.operation, change.input.clone(), change.form.clone(), made)).await
    }

    /// Asks whether EC2 would take a change from this caller; nothing is changed. False where it has no dry run of it.
    pub async fn dry_run(&self, change: &Change) -> Result<bool, SdkError<ServiceError>> {
        let Some(rehearsal) = change.rehearsal else { return Ok(false) };
        debug_assert!(rehearsal.ends_with(DRY_RUN));
        let (form, mut input) = (change.form.clone().with("DryRun", "true"), change.input.clone());
        input["DryRun"] = Value::Bool(true);
        let mut exchange = exchange(VERSION, change.operation, input, form, |_| Ok(()));
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
