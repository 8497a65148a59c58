//! An account for the tests: an instance with two interfaces that change as EC2 is told, and calls that fail.

use super::super::super::testing::{ACCOUNT, Bench};
use crate::aws::fake::Answer;
use std::sync::{Arc, Mutex};

pub(super) const INSTANCE: &str = "i-0abc12d34e5f67890";
pub(super) const FIRST: &str = "eni-0aaaaaaaaaaaaaaa1";
pub(super) const SECOND: &str = "eni-0aaaaaaaaaaaaaaa2";
pub(super) const WEB: &str = "sg-0bbbbbbbbbbbbbbb1";
pub(super) const SSH: &str = "sg-0bbbbbbbbbbbbbbb2";
pub(super) const CLOSED: &str = "sg-0ccccccccccccccc1";
pub(super) const NEW: &str =
    "<item><ipProtocol>-1</ipProtocol><ipRanges><item><cidrIp>0.0.0.0/0</cidrIp></item></ipRanges></item>";

/// An interface's id, its groups, and what else EC2 says of it.
pub(super) type Eni = (&'static str, Vec<String>, &'static str);

/// An account that changes as it is told, and fails where a test says.
#[derive(Clone)]
pub(super) struct World(pub(super) Arc<Mutex<Held>>);

pub(super) struct Held {
    pub(super) interfaces: Vec<Eni>,
    pub(super) groups: Vec<(&'static str, &'static str, String)>,
    pub(super) instance: String,
    pub(super) routes: String,
    /// What it says of the interfaces that services have in the VPC.
    pub(super) services: Answer,
    /// Answers to the changes, by their number; what is not here works.
    pub(super) fails: Vec<(usize, Answer, bool)>,
    pub(super) changes: usize,
    /// What a dry run comes to.
    pub(super) dry: Answer,
}

pub(super) fn ids(all: &[&str]) -> Vec<String> {
    all.iter().map(|id| (*id).to_owned()).collect()
}

impl World {
    pub(super) fn new() -> Self {
        let profile =
            "<iamInstanceProfile><arn>arn:aws:iam::111122223333:instance-profile/web</arn></iamInstanceProfile>";
        Self(Arc::new(Mutex::new(Held {
            interfaces: vec![
                (FIRST, ids(&[WEB]), "<association><publicIp>203.0.113.9</publicIp></association>"),
                (SECOND, ids(&[SSH, WEB]), ""),
            ],
            groups: vec![
                (WEB, "web", String::new()),
                (SSH, "ssh", String::new()),
                (CLOSED, "quell-isolation", String::new()),
            ],
            instance: format!("<instanceState><code>16</code><name>running</name></instanceState>{profile}"),
            routes: routes("<natGatewayId>nat-1</natGatewayId>"),
            services: answer("DescribeNetworkInterfaces", "<networkInterfaceSet/>"),
            fails: Vec::new(),
            changes: 0,
            dry: refused(412, "DryRunOperation"),
        })))
    }

    pub(super) fn with(self, change: impl FnOnce(&mut Held)) -> Self {
        change(&mut self.0.lock().unwrap());
        self
    }

    pub(super) fn groups(&self, interface: &str) -> Vec<String> {
        let state = self.0.lock().unwrap();
        state.interfaces.iter().find(|(id, ..)| *id == interface).unwrap().1.clone()
    }

    pub(super) fn bench(&self) -> Bench {
        let world = self.clone();
        Bench::script(move |asked| {
            let mut state = world.0.lock().unwrap();
            let form: Vec<(String, String)> = form_urlencoded::parse(asked.body.as_bytes()).into_owned().collect();
            let member = |name: &str| form.iter().find(|(n, _)| n == name).map(|(_, v)| v.clone()).unwrap_or_default();
            match asked.operation.as_str() {
                "GetCallerIdentity" => crate::aws::fake::identity(ACCOUNT),
                "DescribeInstances" => answer(&asked.operation, &state.described()),
                "DescribeAutoScalingInstances" => Answer::ok(format!(
                    "<{name}Response><{name}Result><AutoScalingInstances><member><InstanceId>{INSTANCE}</InstanceId>\
                     <AutoScalingGroupName>fleet</AutoScalingGroupName><LifecycleState>InService</LifecycleState>\
                     </member></AutoScalingInstances></{name}Result></{name}Response>",
                    name = asked.operation
                )),
                "DescribeNetworkInterfaces" if member("Filter.2.Name") == "interface-type" => {
                    assert_eq!(
                        (member("Filter.1.Name"), member("Filter.1.Value.1")),
                        ("vpc-id".into(), "vpc-1".into())
                    );
                    state.services.clone()
                }
                "DescribeNetworkInterfaces" => answer(&asked.operation, &state.listed()),
                "DescribeRouteTables" => answer(&asked.operation, &state.routes),
                "DescribeSecurityGroups" => {
                    let values: Vec<&String> =
                        form.iter().filter(|(n, _)| n.starts_with("Filter.1.Value.")).map(|(_, v)| v).collect();
                    answer(&asked.operation, &state.grouped(&values))
                }
                _ if member("DryRun") == "true" => state.dry.clone(),
                _ => {
                    state.changes += 1;
                    let n = state.changes;
                    let fail = state.fails.iter().find(|(at, ..)| *at == n).cloned();
                    if fail.as_ref().is_none_or(|(_, _, done)| *done) {
                        let groups =
                            form.iter().filter(|(n, _)| n.starts_with("SecurityGroupId.")).map(|(_, v)| v.clone());
                        let groups: Vec<String> = groups.collect();
                        let id = member("NetworkInterfaceId");
                        state.interfaces.iter_mut().find(|(eni, ..)| *eni == id).unwrap().1 = groups;
                    }
                    fail.map_or_else(|| answer(&asked.operation, "<return>true</return>"), |(_, answer, _)| answer)
                }
            }
        })
    }
}

impl Held {
    fn described(&self) -> String {
        let item = |(id, ..): &Eni| format!("<item><networkInterfaceId>{id}</networkInterfaceId></item>");
        let all: String = self.interfaces.iter().map(item).collect();
        let rest = &self.instance;
        format!(
            "<reservationSet><item><instancesSet><item><instanceId>{INSTANCE}</instanceId><vpcId>vpc-1</vpcId>{rest}\
             <networkInterfaceSet>{all}</networkInterfaceSet></item></instancesSet></item></reservationSet>"
        )
    }

    fn listed(&self) -> String {
        let group = |id: &String| format!("<item><groupId>{id}</groupId><groupName>name of {id}</groupName></item>");
        let items = self.interfaces.iter().enumerate().map(|(n, (id, groups, more))| {
            let groups: String = groups.iter().map(group).collect();
            let subnet = format!("<subnetId>subnet-{n}</subnetId>");
            let vpc = if more.contains("<vpcId>") { "" } else { "<vpcId>vpc-1</vpcId>" };
            format!(
                "<item><networkInterfaceId>{id}</networkInterfaceId>{vpc}{subnet}<attachment><deviceIndex>{n}</deviceIndex>\
                 </attachment><groupSet>{groups}</groupSet>{more}</item>"
            )
        });
        format!("<networkInterfaceSet>{}</networkInterfaceSet>", items.collect::<String>())
    }

    fn grouped(&self, wanted: &[&String]) -> String {
        let named = |(id, name, _): &&(&str, &str, String)| wanted.iter().any(|one| *one == id || *one == name);
        let items = self.groups.iter().filter(named).map(|(id, name, egress)| {
            format!(
                "<item><groupId>{id}</groupId><groupName>{name}</groupName><vpcId>vpc-1</vpcId><ipPermissions/>\
                 <ipPermissionsEgress>{egress}</ipPermissionsEgress></item>"
            )
        });
        format!("<securityGroupInfo>{}</securityGroupInfo>", items.collect::<String>())
    }
}

pub(super) fn answer(operation: &str, body: &str) -> Answer {
    Answer::ok(format!("<{operation}Response><requestId>r</requestId>{body}</{operation}Response>"))
}

pub(super) fn refused(status: u16, code: &str) -> Answer {
    let body = format!("<Response><Errors><Error><Code>{code}</Code><Message>no</Message></Error></Errors></Response>");
    Answer::Whole(status, "", body.into_bytes())
}

/// The second interface's subnet has a table of its own, with this way out; the main one has the internet's.
pub(super) fn routes(way: &str) -> String {
    let table = |association: &str, way: &str| {
        format!(
            "<item><routeSet><item><destinationCidrBlock>10.0.0.0/16</destinationCidrBlock><gatewayId>local</gatewayId>\
             <state>active</state></item><item><destinationCidrBlock>0.0.0.0/0</destinationCidrBlock>{way}\
             <state>active</state></item><item><destinationIpv6CidrBlock>::/0</destinationIpv6CidrBlock>\
             <gatewayId>igw-gone</gatewayId><state>blackhole</state></item></routeSet>\
             <associationSet><item>{association}</item></associationSet></item>"
        )
    };
    let own = table("<main>false</main><subnetId>subnet-1</subnetId>", way);
    let main = table("<main>true</main>", "<gatewayId>igw-1</gatewayId>");
    format!("<routeTableSet>{own}{main}</routeTableSet>")
}
