//! Route 53 Resolver (API version 2018-04-01): the DNS Firewall's rule groups, and which of them a VPC has.

use super::super::SdkError;
use super::aws_json::{Dialect, exchange};
use super::{Answered, ServiceError, Thin};
use quell_core::text::Untrusted;
use serde::Deserialize;
use serde_json::{Value, json};

#[cfg(test)]
mod tests;

const DIALECT: Dialect = Dialect { prefix: "Route53Resolver", version: "1.1" };
/// The most associations of a page, and the most pages that are read of one VPC.
const PAGE: u32 = 100;
const PAGES: usize = 20;

/// The client of Route 53 Resolver in one region.
pub struct Client(Thin);

/// A rule group.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Group {
    pub name: Option<Untrusted>,
    /// How many rules it has; not said where it is another account's.
    pub rule_count: Option<i64>,
    /// `COMPLETE`, `UPDATING` or `DELETING`.
    pub status: Untrusted,
}

/// A rule group in a VPC.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Association {
    pub id: Untrusted,
    pub firewall_rule_group_id: Untrusted,
    pub vpc_id: Untrusted,
    pub name: Option<Untrusted>,
    /// Its place among the VPC's groups: the lowest is asked first.
    pub priority: i64,
    /// `COMPLETE`, `UPDATING` or `DELETING`.
    pub status: Untrusted,
    pub status_message: Option<Untrusted>,
    pub creator_request_id: Option<Untrusted>,
}

/// What a rule group is put into a VPC with.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    pub group: &'a str,
    pub vpc: &'a str,
    pub priority: u16,
    pub name: &'a str,
    /// Makes the call idempotent.
    pub token: &'a str,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct One {
    firewall_rule_group_association: Association,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Page {
    #[serde(default)]
    firewall_rule_group_associations: Vec<Association>,
    next_token: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Groups {
    firewall_rule_group: Group,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Config {
    firewall_config: Setting,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Setting {
    firewall_fail_open: Untrusted,
}

impl Client {
    pub(in crate::aws) fn new(thin: Thin) -> Self {
        Self(thin)
    }

    /// The rule group of that id.
    pub async fn get_firewall_rule_group(&self, group: &str) -> Result<Group, SdkError<ServiceError>> {
        let input = json!({ "FirewallRuleGroupId": group });
        let found = self.0.call(exchange::<Groups>(DIALECT, "GetFirewallRuleGroup", input)).await?;
        Ok(found.value.firewall_rule_group)
    }

    /// What the VPC does with a look-up while the firewall does not answer: `ENABLED` lets it through.
    pub async fn get_firewall_config(&self, vpc: &str) -> Result<Untrusted, SdkError<ServiceError>> {
        let found = self.0.call(exchange::<Config>(DIALECT, "GetFirewallConfig", json!({ "ResourceId": vpc }))).await?;
        Ok(found.value.firewall_config.firewall_fail_open)
    }

    /// The rule groups that the VPC has; none where there are more pages than are read.
    pub async fn list_firewall_rule_group_associations(
        &self,
        vpc: &str,
    ) -> Result<Option<Vec<Association>>, SdkError<ServiceError>> {
        let (mut all, mut next) = (Vec::new(), None::<String>);
        for _ in 0..PAGES {
            let mut input = json!({ "VpcId": vpc, "MaxResults": PAGE });
            if let (Some(object), Some(token)) = (input.as_object_mut(), next) {
                object.insert("NextToken".to_owned(), Value::from(token));
            }
            let page = self.0.call(exchange::<Page>(DIALECT, "ListFirewallRuleGroupAssociations", input)).await?.value;
            all.extend(page.firewall_rule_group_associations);
            next = page.next_token;
            if next.is_none() {
                return Ok(Some(all));
            }
        }
        Ok(None)
    }

    /// The association of that id.
    pub async fn get_firewall_rule_group_association(&self, id: &str) -> Result<Association, SdkError<ServiceError>> {
        let found = self.0.call(exchange::<One>(DIALECT, "GetFirewallRuleGroupAssociation", of(id))).await?;
        Ok(found.value.firewall_rule_group_association)
    }

    /// Puts a rule group into a VPC; whoever may change the VPC's groups may take it out again.
    pub async fn associate_firewall_rule_group(
        &self,
        wanted: Wanted<'_>,
    ) -> Result<Answered<Association>, SdkError<ServiceError>> {
        let input = json!({
            "CreatorRequestId": wanted.token,
            "FirewallRuleGroupId": wanted.group,
            "MutationProtection": "DISABLED",
            "Name": wanted.name,
            "Priority": wanted.priority,
            "VpcId": wanted.vpc,
        });
        self.one("AssociateFirewallRuleGroup", input).await
    }

    /// Takes it out again.
    pub async fn disassociate_firewall_rule_group(
        &self,
        id: &str,
    ) -> Result<Answered<Association>, SdkError<ServiceError>> {
        self.one("DisassociateFirewallRuleGroup", of(id)).await
    }

    async fn one(
        &self,
        operation: &'static str,
        input: Value,
    ) -> Result<Answered<Association>, SdkError<ServiceError>> {
        let Answered { value, request_id } = self.0.call(exchange::<One>(DIALECT, operation, input)).await?;
        Ok(Answered { value: value.firewall_rule_group_association, request_id })
    }
}

fn of(id: &str) -> Value {
    json!({ "FirewallRuleGroupAssociationId": id })
}
