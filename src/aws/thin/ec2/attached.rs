//! What belongs to instances and volumes: snapshots, instance profiles, tags, and whether an instance may be stopped.

use super::super::super::SdkError;
use super::super::ServiceError;
use super::super::ec2_query::{Form, exchange};
use super::super::xml::{Node, Odd};
use super::{Client, VERSION, filtered, said, value};
use quell_core::text::Untrusted;
use serde_json::json;

/// A snapshot of a volume.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    pub id: Untrusted,
    pub volume: Untrusted,
    /// `pending`, `completed`, `error`, …
    pub state: Untrusted,
    /// How much of it is copied: `37%`.
    pub progress: Option<Untrusted>,
    pub encrypted: bool,
}

/// A volume.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Volume {
    pub id: Untrusted,
    /// The ARN of the KMS key, if it is encrypted.
    pub key: Option<Untrusted>,
}

/// That an instance has an instance profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProfileAssociation {
    pub id: Untrusted,
    pub profile: Untrusted,
    /// `associating`, `associated`, `disassociating` or `disassociated`.
    pub state: Untrusted,
}

impl Client {
    /// The account's own snapshots that fit; in a filter's values `*` and `?` stand for anything.
    pub async fn describe_snapshots(
        &self,
        filter: &str,
        values: &[&str],
    ) -> Result<Vec<Snapshot>, SdkError<ServiceError>> {
        let (form, mut input) = filtered(&[(filter, values.to_vec())]);
        input["OwnerIds"] = json!(["self"]);
        self.walk("DescribeSnapshots", (form.each("Owner", ["self"]), input), "snapshotSet", snapshot).await
    }

    /// The volumes that are attached to the instance.
    pub async fn describe_volumes(&self, instance: &str) -> Result<Vec<Volume>, SdkError<ServiceError>> {
        let volume = |node: &Node| {
            let key = node.text("kmsKeyId")?.filter(|key| !key.is_empty()).map(Untrusted::from);
            Ok(Volume { id: node.need("volumeId")?.into(), key })
        };
        self.pages("DescribeVolumes", &[("attachment.instance-id", vec![instance])], "volumeSet", volume).await
    }

    /// The instance profiles that the instance has, or is getting or losing.
    pub async fn describe_profile_associations(
        &self,
        instance: &str,
    ) -> Result<Vec<ProfileAssociation>, SdkError<ServiceError>> {
        let (filters, list) = ([("instance-id", vec![instance])], "iamInstanceProfileAssociationSet");
        self.pages("DescribeIamInstanceProfileAssociations", &filters, list, association).await
    }

    /// The value of a resource's tag, if it has one of that key.
    pub async fn describe_tag(&self, resource: &str, key: &str) -> Result<Option<Untrusted>, SdkError<ServiceError>> {
        // In a filter `*` stands for anything, in a key it is a character; so the key is looked for here.
        let tag = |tag: &Node| Ok((Untrusted::from(tag.text("key")?.unwrap_or_default()), value(tag)?));
        let all = self.pages("DescribeTags", &[("resource-id", vec![resource])], "tagSet", tag).await?;
        Ok(all.into_iter().find(|(known, _)| *known == Untrusted::from(key)).map(|(_, value)| value))
    }

    /// Whether the instance is protected from being stopped.
    pub async fn stop_protection(&self, instance: &str) -> Result<bool, SdkError<ServiceError>> {
        self.attribute(instance, "disableApiStop", |found| found.flag("value")).await
    }

    /// What a shutdown from inside does to the instance: `stop` or `terminate`.
    pub async fn shutdown_behavior(&self, instance: &str) -> Result<Untrusted, SdkError<ServiceError>> {
        self.attribute(instance, "instanceInitiatedShutdownBehavior", |found| Ok(found.need("value")?.into())).await
    }

    async fn attribute<T>(
        &self,
        instance: &str,
        name: &'static str,
        value: fn(&Node) -> Result<T, Odd>,
    ) -> Result<T, SdkError<ServiceError>>
    where
        T: std::fmt::Debug + Send + Sync + 'static,
    {
        let form = Form::default().with("InstanceId", instance).with("Attribute", name);
        let read =
            move |root: &Node| value(root.child(name)?.ok_or_else(|| Odd::new(format!("it does not say {name}")))?);
        let input = json!({ "InstanceId": instance, "Attribute": name });
        Ok(self.0.call(exchange(VERSION, "DescribeInstanceAttribute", input, form, read)).await?.value)
    }
}

/// A snapshot; where it is made, its state bears another name than where it is listed.
pub(super) fn snapshot(node: &Node) -> Result<Snapshot, Odd> {
    let state = match said(node, "status")? {
        Some(state) => state,
        None => node.need("state")?.into(),
    };
    Ok(Snapshot {
        id: node.need("snapshotId")?.into(),
        volume: node.need("volumeId")?.into(),
        state,
        progress: said(node, "progress")?,
        encrypted: node.flag("encrypted")?,
    })
}

fn association(node: &Node) -> Result<ProfileAssociation, Odd> {
    let profile = node.child("iamInstanceProfile")?.ok_or_else(|| Odd::new("an association has no profile"))?;
    Ok(ProfileAssociation {
        id: node.need("associationId")?.into(),
        profile: profile.need("arn")?.into(),
        state: node.need("state")?.into(),
    })
}
