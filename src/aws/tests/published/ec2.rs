//! EC2.

use crate::aws::fake::run;
use crate::aws::{Reader, ec2};
use quell_core::text::Untrusted;

pub(super) fn read(reader: &Reader, operation: &str) -> String {
    let client = reader.ec2();
    // What is not said in these lines is Untrusted, which shows its length and hash alone.
    let shown =
        |texts: Vec<&Untrusted>| texts.iter().map(|text| text.line().into_string()).collect::<Vec<_>>().join(" ");
    match operation {
        "DescribeInstances" => {
            let all = run(client.describe_instances("i")).unwrap();
            let texts = all.iter().flat_map(|i| [Some(&i.id), Some(&i.state), i.vpc.as_ref(), i.profile.as_ref()]);
            let more = all.iter().flat_map(|i| i.interfaces.iter().chain(i.tags.iter().flat_map(|(k, v)| [k, v])));
            shown(texts.flatten().chain(more).collect())
        }
        "DescribeNetworkInterfaces" => {
            let all = run(client.describe_network_interfaces("i")).unwrap();
            let groups = all.iter().flat_map(|one| one.groups.iter().flat_map(|(id, name)| [id, name]));
            let devices: Vec<_> = all.iter().map(|one| (one.device, one.managed)).collect();
            let texts = all.iter().flat_map(|one| [&one.id, &one.vpc]).chain(all.iter().flat_map(|one| &one.public));
            format!("{devices:?} {}", shown(texts.chain(groups).collect()))
        }
        "DescribeRouteTables" => {
            let all = run(client.describe_route_tables("v")).unwrap();
            let routes = all.iter().flat_map(|one| one.routes.iter().flat_map(|route| [&route.to, &route.by]));
            shown(all.iter().flat_map(|one| &one.subnets).chain(routes).collect())
        }
        "DescribeSnapshots" => {
            let all = run(client.describe_snapshots("status", &["completed"])).unwrap();
            shown(
                all.iter()
                    .flat_map(|one| [&one.id, &one.volume, &one.state].into_iter().chain(&one.progress))
                    .collect(),
            )
        }
        "DescribeTags" => shown(run(client.describe_tag("x", "Stack")).unwrap().iter().collect()),
        "DescribeIamInstanceProfileAssociations" => {
            let all = run(client.describe_profile_associations("i")).unwrap();
            shown(all.iter().flat_map(|one| [&one.id, &one.profile, &one.state]).collect())
        }
        changes => {
            let change = match changes {
                "ModifyNetworkInterfaceAttribute" => ec2::Change::groups("eni", &["sg"]),
                "ModifyInstanceAttribute" => ec2::Change::shutdown("i", "stop"),
                "ModifyInstanceMetadataOptions" => ec2::Change::metadata("i", Some("disabled"), None),
                "StartInstances" => ec2::Change::start("i"),
                "StopInstances" => ec2::Change::stop("i", false),
                "CreateTags" => ec2::Change::tag("x", "k", "v"),
                "DeleteTags" => ec2::Change::untag("x", "k"),
                "DisassociateIamInstanceProfile" => ec2::Change::disassociate("a"),
                "AssociateIamInstanceProfile" => ec2::Change::associate("i", "arn"),
                other => panic!("{other}"),
            };
            assert_eq!(change.operation(), changes);
            format!("{:?}", run(client.change(&change)).unwrap())
        }
    }
}
